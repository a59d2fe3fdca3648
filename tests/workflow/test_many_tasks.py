"""A night of any size: few tasks are handed out at a time, and each of them is small."""

from __future__ import annotations

import pickle
import threading
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from skyframe_gui.engine import BinGrid, SkyFrameError, SkyMeasurementConfig, average_backgrounds
from skyframe_gui.engine.camera import Camera, Detector
from skyframe_gui.files import scan, write_exposure, write_sky_frame
from skyframe_gui.simulate import Camera as SimulatedCamera
from skyframe_gui.simulate import simulate_exposure
from skyframe_gui.workflow import focal_plane, jobs
from skyframe_gui.workflow.jobs import run_all
from skyframe_gui.workflow.measuring import MeasuringTask
from skyframe_gui.workflow.options import MaskObjects
from skyframe_gui.workflow.outputs import load_sky_frames
from skyframe_gui.workflow.sampling import SamplingTask, sample_exposure, sampling_tasks
from skyframe_gui.workflow.sky_level import Rest

if TYPE_CHECKING:
    from pathlib import Path

    from skyframe_gui.engine import Watch
    from skyframe_gui.files import ExposureSource

MOST = 50_000
"""Bytes of a task: a scheduler holds those of a whole night."""
CONFIG = SkyMeasurementConfig()


class Counting(Executor):
    """Hands out to threads, and counts what is there at a time."""

    def __init__(self, workers: int | None = None) -> None:
        self._pool = ThreadPoolExecutor(2)
        if workers is not None:
            self._max_workers = workers
        self._lock = threading.Lock()
        self.held = self.most = self.total = 0

    def submit(self, function: Any, /, *args: Any, **more: Any) -> Future[Any]:
        with self._lock:
            self.held += 1
            self.total += 1
            self.most = max(self.most, self.held)
        future = self._pool.submit(function, *args, **more)
        future.add_done_callback(self._gone)
        return future

    def _gone(self, _: Future[Any]) -> None:
        with self._lock:
            self.held -= 1


def double(one: int, watch: Watch | None) -> int:
    return 2 * one


@pytest.mark.parametrize("n_workers", [1, 3])
def test_no_more_is_handed_out_than_keeps_the_workers_busy(n_workers: int) -> None:
    pool = Counting(n_workers)
    found = run_all(pool, double, range(2000), None, "Double")
    assert [one.value for one in found] == list(range(0, 4000, 2))
    assert pool.total == 2000
    assert n_workers < pool.most <= jobs.AHEAD * n_workers


def test_a_cluster_that_does_not_tell_its_size_is_kept_busy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jobs, "UNKNOWN", 100)
    pool = Counting()
    end = time.monotonic() + 30

    def wait(one: int, watch: Watch | None) -> int:
        while pool.most < 100 and time.monotonic() < end:
            time.sleep(0.001)
        return one

    assert [one.value for one in run_all(pool, wait, range(500), None, "Wait")] == list(range(500))
    assert pool.most == 100


def test_what_was_not_handed_out_is_never_begun_after_a_fault() -> None:
    begun: list[int] = []

    def work(one: int, watch: Watch | None) -> int:
        begun.append(one)
        raise ZeroDivisionError

    with ThreadPoolExecutor(1) as pool, pytest.raises(ZeroDivisionError):
        run_all(pool, work, range(1000), None, "Work")
    assert len(begun) <= jobs.AHEAD


def test_the_progress_counts_what_is_finished() -> None:
    from skyframe_gui.engine import Watch

    steps: list[tuple[int, int]] = []
    watch = Watch(lambda done, total, _: steps.append((done, total)))
    with ThreadPoolExecutor(2) as pool:
        run_all(pool, double, range(100), watch, "Double")
    assert steps[0] == (0, 100)
    assert steps[-1] == (100, 100)
    assert steps == sorted(steps)


def sky_frame_of(folder: Path, n: int, detector: str) -> Path:
    """Write a sky frame of n x n bins over 4096 x 4096 pixels, of many exposures."""
    rng = np.random.default_rng(n)
    grids = [BinGrid.from_values(rng.normal(9, 1, (n, n)), (0, 0, 4095, 4095)) for _ in range(15)]
    path = folder / f"sky-{n}.fits"
    write_sky_frame(path, average_backgrounds(grids), detector=detector)
    return path


@pytest.fixture
def source(tmp_path: Path) -> ExposureSource:
    camera = SimulatedCamera(n_detectors=1, width=64, height=64, seed=1)
    write_exposure(tmp_path / "one.fits", simulate_exposure(camera, 1, 1).exposure)
    (found,) = scan(tmp_path / "one.fits")
    return replace(found, width=4096, height=4096)


def task_of(source: ExposureSource, path: Path, named: bool = True) -> SamplingTask:
    (loaded,) = load_sky_frames([path])
    files = {id(loaded.sky_frame): loaded.path} if named else {}
    (task,) = sampling_tasks([source], [loaded.sky_frame], files)
    assert isinstance(task, SamplingTask)
    return task


@pytest.mark.parametrize("n", [32, 64, 128, 256])
def test_a_task_is_small_whatever_its_sky_frame(
    source: ExposureSource, tmp_path: Path, n: int
) -> None:
    path = sky_frame_of(tmp_path, n, source.detector)
    task = task_of(source, path)
    sent = pickle.dumps(MeasuringTask(task.source, task.sky))
    assert len(sent) <= MOST
    assert len(pickle.dumps(CONFIG)) <= 5000
    back = pickle.loads(sent)
    box = (1000, 2000, 1100, 2050)
    ours, theirs = task.sky.model().image(box), back.sky.model().image(box)
    assert ours.tobytes() == theirs.tobytes()
    assert back.sky.digest == task.sky.digest
    again = pickle.loads(pickle.dumps(back))  # a scheduler hands it on
    assert again.sky.model().image(box).tobytes() == ours.tobytes()


def test_a_sky_frame_that_is_another_one_there_is_said(
    source: ExposureSource, tmp_path: Path
) -> None:
    path = sky_frame_of(tmp_path, 128, source.detector)
    sent = pickle.dumps(task_of(source, path))
    whole = pickle.dumps(task_of(source, path, named=False))
    assert len(whole) > MOST  # nobody knows of a file, so it goes along
    path.unlink()
    sky_frame_of(tmp_path, 127, source.detector).rename(path)
    with pytest.raises(SkyFrameError, match=r"sky-128\.fits holds another sky frame"):
        pickle.loads(sent).sky.model()
    assert pickle.loads(whole).sky.model().width == 4096
    path.unlink()
    with pytest.raises(SkyFrameError, match=r"sky-128\.fits"):
        sample_exposure(pickle.loads(sent), None, config=CONFIG, mask_objects=MaskObjects.NEVER)


def test_tasks_over_a_focal_plane_of_189_detectors_are_small(source: ExposureSource) -> None:
    places = [(42.0 * (n // 15), 42.0 * (n % 15)) for n in range(189)]
    detectors = [
        Detector(f"D{n}", 4096, 4004, (0.01, 0, 0, 0.01, *place)) for n, place in enumerate(places)
    ]
    camera = Camera("Wide", tuple(detectors))
    corners = focal_plane.corners_of(camera)
    around = focal_plane.around(camera, detectors[90].name, corners)
    part = focal_plane._Part(source, detectors[90].name, around)
    assert len(pickle.dumps(part)) <= MOST
    rest = Rest(source, np.zeros((64, 64), np.float32), 1.0, ())
    assert len(pickle.dumps(rest)) <= MOST
