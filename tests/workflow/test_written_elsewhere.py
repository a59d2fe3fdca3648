"""Subtracting and correcting with a cache, and by tasks that go to other processes: same bytes."""

from __future__ import annotations

import pickle
from collections import Counter
from concurrent.futures import Executor, Future
from typing import TYPE_CHECKING, Any

import pytest
from corrections import write_case
from test_cli import run_json

from skyframe_gui.engine import SkyFrameError, SkyMeasurementConfig
from skyframe_gui.files import ExposureSource
from skyframe_gui.files.config.correction import read_correction
from skyframe_gui.workflow.cache import Cache
from skyframe_gui.workflow.correct import correct_visits
from skyframe_gui.workflow.jobs import WorkersError
from skyframe_gui.workflow.outputs import CarriedFrame, load_sky_frames
from skyframe_gui.workflow.subtract import subtract_visits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from nights import Night

CONFIG = SkyMeasurementConfig()


class ByPickle(Executor):
    """Does at once what another process would be sent, and notes how much that is."""

    def __init__(self, lost_after: int | None = None) -> None:
        self.sizes: list[int] = []
        self._left = lost_after

    def submit(self, function: Callable[..., Any], /, *args: Any, **more: Any) -> Future[Any]:
        if self._left is not None:
            if self._left == 0:
                raise WorkersError("They are gone.")
            self._left -= 1
        sent = pickle.dumps((function, args, more))
        self.sizes.append(len(sent))
        future: Future[Any] = Future()
        function, args, more = pickle.loads(sent)
        try:
            future.set_result(pickle.loads(pickle.dumps(function(*args, **more))))
        except BaseException as error:
            future.set_exception(error)
        return future


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    counted: Counter[str] = Counter()
    real = ExposureSource.read

    def read(source: ExposureSource, *args: Any, **more: Any) -> Any:
        counted[source.path.name] += 1
        return real(source, *args, **more)

    monkeypatch.setattr(ExposureSource, "read", read)
    return counted


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.fixture(scope="module")
def sky(night: Night, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("sky")
    run_json("build", *night.paths, "-o", folder)
    return sorted(folder.glob("*.fits"))


def test_what_is_sampled_is_kept_and_the_subtracted_files_are_the_same(
    night: Night, sky: list[Path], tmp_path: Path, reads: Counter[str]
) -> None:
    def subtract(name: str, **more: Any) -> Any:
        reads.clear()
        return subtract_visits(
            night.science, load_sky_frames(sky), CONFIG, tmp_path / name,
            background_list=True, **more,
        )  # fmt: skip

    plain = subtract("plain")
    assert set(reads.values()) == {2}  # sampled, and subtracted from
    kept, pickled = Cache.at(tmp_path / "kept"), ByPickle()
    subtract("first", cache=kept)
    assert set(reads.values()) == {2}
    again = subtract("again", cache=kept)
    assert set(reads.values()) == {1}
    subtract("there", cache=kept, executor=pickled)
    assert again.notes == plain.notes
    whole = contents(tmp_path / "plain")
    assert len(whole) == 2 * len(night.science) + 1
    for name in ("first", "again", "there"):
        assert contents(tmp_path / name) == whole
    assert max(pickled.sizes) < 50_000


def test_workers_that_are_lost_end_a_subtraction_and_leave_whole_visits(
    night: Night, sky: list[Path], tmp_path: Path
) -> None:
    n = len(night.science)
    lost = ByPickle(lost_after=3 * n - 1)  # headers, samples, and one of two files is written
    with pytest.raises(WorkersError):
        subtract_visits(
            night.science, load_sky_frames(sky), CONFIG, tmp_path / "out", executor=lost
        )
    assert contents(tmp_path / "out") == {}


def test_a_sky_frame_that_changes_meanwhile_is_a_sentence(
    night: Night, sky: list[Path], tmp_path: Path
) -> None:
    (frame, *_) = load_sky_frames(sky)
    other = tmp_path / "sky.fits"
    other.write_bytes(sky[0].read_bytes())
    carried = CarriedFrame(str(other), frame.sha256, frame.sky_frame)
    there = pickle.loads(pickle.dumps(carried)).sky_frame()
    assert there.grid.values.tobytes() == frame.sky_frame.grid.values.tobytes()
    # What passes through a process that does not see the file does no harm there.
    gone = pickle.loads(pickle.dumps(CarriedFrame(str(tmp_path / "x.fits"), "0", there)))
    with pytest.raises(SkyFrameError, match="No such file"):
        pickle.loads(pickle.dumps(gone)).sky_frame()
    changed = pickle.loads(pickle.dumps(CarriedFrame(str(other), "0" * 64, there)))
    with pytest.raises(SkyFrameError, match="holds another sky frame"):
        changed.sky_frame()


@pytest.mark.parametrize("k", [0, 3, 9])
def test_what_a_correction_measures_is_kept_and_its_files_are_the_same(
    k: int, tmp_path: Path, reads: Counter[str]
) -> None:
    visit = write_case(k, tmp_path)
    changes = read_correction(None, list(visit.settings))

    def correct(name: str, **more: Any) -> Any:
        reads.clear()
        return correct_visits(
            visit.exposures, load_sky_frames(visit.sky), changes, tmp_path / name,
            background_lists=visit.lists, camera=str(visit.camera), **more,
        )  # fmt: skip

    plain = correct("plain")
    n_stages = max(reads.values())
    assert n_stages > 2
    kept, pickled = Cache.at(tmp_path / "kept"), ByPickle()
    first = correct("first", cache=kept)
    assert set(reads.values()) == {n_stages}
    again = correct("again", cache=kept)
    assert set(reads.values()) == {1}  # for its pixels, which are written
    there = correct("there", executor=pickled, cache=kept)
    assert set(reads.values()) == {1}  # what went by another process is found, too
    alone = correct("alone", executor=pickled)
    whole = contents(tmp_path / "plain")
    assert len(whole) >= 2 * len(visit.exposures)
    for name in ("first", "again", "there", "alone"):
        assert contents(tmp_path / name) == whole
    for one in (first, again, there, alone):
        assert one.notes == plain.notes
        assert one.failed == plain.failed == ()
    assert max(pickled.sizes) < 50_000


def test_a_correction_that_was_tried_otherwise_measures_only_what_is_another(
    tmp_path: Path, reads: Counter[str]
) -> None:
    visit = write_case(0, tmp_path)
    kept = Cache.at(tmp_path / "kept")

    def correct(name: str, *settings: str, cache: Cache | None = kept) -> None:
        reads.clear()
        correct_visits(
            visit.exposures, load_sky_frames(visit.sky),
            read_correction(None, [*visit.settings, *settings]), tmp_path / name,
            background_lists=visit.lists, camera=str(visit.camera), cache=cache,
        )  # fmt: skip

    correct("first")
    correct("fit", "sky.skyRej=2")  # another scale: what lies under it is measured anew
    before = dict(reads)
    correct("plain", "sky.skyRej=2", cache=None)
    assert contents(tmp_path / "fit") == contents(tmp_path / "plain")
    assert max(before.values()) < max(reads.values())


def test_an_exposure_that_cannot_be_read_is_left_out_by_either_way(tmp_path: Path) -> None:
    visit = write_case(0, tmp_path)
    cut = visit.exposures[0]
    cut.write_bytes(cut.read_bytes()[:-4000])
    found = [
        correct_visits(
            visit.exposures, load_sky_frames(visit.sky), read_correction(None, [*visit.settings]),
            tmp_path / name, background_lists=visit.lists, camera=str(visit.camera), **more,
        )
        for name, more in (("plain", {}), ("kept", {"cache": Cache.at(tmp_path / "cache")}))
    ]  # fmt: skip
    assert found[0].failed == found[1].failed != ()
    assert contents(tmp_path / "plain") == contents(tmp_path / "kept")
