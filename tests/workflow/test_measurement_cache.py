"""What was measured is kept: read once, the same bits again, and nothing that could be wrong."""

from __future__ import annotations

import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits
from blanked import blank
from nights import make_night
from test_cli import run, run_json

from skyframe_gui.engine import SkyFrameError, SkyMeasurementConfig
from skyframe_gui.files import ExposureSource, write_exposure
from skyframe_gui.simulate import Camera, simulate_night, table_of
from skyframe_gui.workflow import cache as caches
from skyframe_gui.workflow.build import build_sky_frames
from skyframe_gui.workflow.cache import Cache
from skyframe_gui.workflow.night import measure_night
from skyframe_gui.workflow.options import Normalise
from skyframe_gui.workflow.outputs import load_sky_frames

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nights import Night

    from skyframe_gui.workflow.build import BuildResult

CONFIG = SkyMeasurementConfig()
OTHER_FIT = SkyMeasurementConfig(skyRej=2.0, skyIter=1)


@pytest.fixture
def files(night: Night, tmp_path: Path) -> list[str]:
    """Files that a test may change."""
    folder = tmp_path / "night"
    shutil.copytree(night.folder, folder)
    return [str(folder / Path(path).name) for path in night.paths]


@pytest.fixture
def kept(tmp_path: Path) -> Cache:
    return Cache.at(tmp_path / "kept")


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    counted: Counter[str] = Counter()
    real = ExposureSource.read

    def read(source: ExposureSource, *args: Any, **more: Any) -> Any:
        counted[source.path.name] += 1
        return real(source, *args, **more)

    monkeypatch.setattr(ExposureSource, "read", read)
    return counted


def bits(result: BuildResult) -> list[bytes]:
    return [
        array.tobytes()
        for one in result.sky_frames
        for grid in (one.sky_frame.grid, *one.grids)
        for array in (grid.values, grid.errors, grid.mask, grid.n_good, grid.n_clipped)
    ]


def entries(kept: Cache) -> list[Path]:
    """Return those of the bins."""
    return sorted((kept.folder / "bins").rglob("*.npz"))


def test_a_second_build_reads_nothing_and_has_the_same_bits(
    files: list[str], kept: Cache, reads: Counter[str]
) -> None:
    plain = build_sky_frames(files, CONFIG)
    assert set(reads.values()) == {1}
    first = build_sky_frames(files, CONFIG, cache=kept)
    assert set(reads.values()) == {2}
    again = build_sky_frames(files, CONFIG, cache=kept)
    # How grids are normalised and made an image of needs no pixel either.
    level = build_sky_frames(files, CONFIG, normalise=Normalise.LEVEL, cache=kept)
    assert set(reads.values()) == {2}
    assert bits(first) == bits(plain)
    assert bits(again) == bits(plain)
    assert bits(level) == bits(build_sky_frames(files, CONFIG, normalise=Normalise.LEVEL))
    assert again.notes == plain.notes


def test_a_night_reads_what_a_build_has_not_and_each_file_once(
    night: Night, files: list[str], kept: Cache, reads: Counter[str], tmp_path: Path
) -> None:
    run_json("build", *night.paths, "-o", tmp_path / "sky")
    frames = load_sky_frames(sorted((tmp_path / "sky").glob("*.fits")))
    folder = Path(files[0]).parent
    everything = [*files, *(str(folder / Path(path).name) for path in night.science)]
    reads.clear()
    plain = measure_night(everything, frames, CONFIG)
    assert set(reads.values()) == {1}  # bins and samples of one reading
    reads.clear()
    first = measure_night(everything, frames, CONFIG, cache=kept)
    assert set(reads.values()) == {1}
    reads.clear()
    again = measure_night(everything, frames, CONFIG, cache=kept)
    other = measure_night(everything, frames, OTHER_FIT, cache=kept)
    assert not reads
    assert again.rows == first.rows == plain.rows
    assert other.rows == measure_night(everything, frames, OTHER_FIT).rows
    assert other.rows != plain.rows
    reads.clear()
    # Another statistic of the sample boxes needs the pixels, the bins are there.
    n_bins = len(list((kept.folder / "bins").rglob("*.npz")))
    samples = SkyMeasurementConfig.model_validate({"stats": {"statistic": "MEDIAN"}})
    changed = measure_night(everything, frames, samples, cache=kept)
    assert set(reads.values()) == {1}
    assert len(list((kept.folder / "bins").rglob("*.npz"))) == n_bins
    assert changed.rows == measure_night(everything, frames, samples).rows


def test_another_sky_frame_is_another_set_of_samples(
    night: Night, files: list[str], kept: Cache, tmp_path: Path
) -> None:
    run_json("build", *night.paths, "-o", tmp_path / "all")
    run_json("build", *night.paths[:4], "-o", tmp_path / "few")
    rows = []
    for name in ("all", "few"):
        frames = load_sky_frames(sorted((tmp_path / name).glob("*.fits")))
        found = measure_night(files[-2:], frames, CONFIG, cache=kept)
        assert found.rows == measure_night(files[-2:], frames, CONFIG).rows
        rows.append(found.rows)
    assert rows[0] != rows[1]


def test_over_the_focal_plane_both_measurements_are_kept(
    tmp_path: Path, kept: Cache, reads: Counter[str]
) -> None:
    camera = Camera(n_detectors=2, width=200, height=180, seed=6, stars=40)
    table = tmp_path / "camera.json"
    table.write_text(table_of(camera, 150.0), encoding="utf-8")
    paths = []
    for exposure in simulate_night(camera, 3, 2, gradient=20.0):
        paths.append(str(tmp_path / f"v{exposure.visit}-d{exposure.detector}.fits"))
        write_exposure(paths[-1], exposure)
    how = {"normalise": Normalise.FOCAL_PLANE, "camera": str(table)}
    plain = build_sky_frames(paths, CONFIG, **how)
    first = build_sky_frames(paths, CONFIG, cache=kept, **how)
    reads.clear()
    again = build_sky_frames(paths, CONFIG, cache=kept, **how)
    assert not reads
    assert bits(again) == bits(first) == bits(plain)
    shutil.rmtree(kept.folder / "bins-without-background")  # as of a run that was stopped between
    half = build_sky_frames(paths, CONFIG, cache=kept, **how)
    assert set(reads.values()) == {1}
    assert bits(half) == bits(plain)


def test_a_run_that_was_killed_goes_on_where_it_was(night: Night, tmp_path: Path) -> None:
    camera = Camera(n_detectors=2, width=900, height=800, seed=5)
    folder = tmp_path / "large"
    folder.mkdir()
    large = make_night(folder, camera)
    plain = run_json("build", *large.paths, "-o", tmp_path / "plain")
    cache = tmp_path / "kept"
    words = ["build", *large.paths, "-o", str(tmp_path / "out"), "--cache", str(cache)]
    process = subprocess.Popen([sys.executable, "-m", "skyframe_gui", *words, "--quiet"])
    end = time.monotonic() + 120
    while len(list((cache / "bins").rglob("*.npz"))) < 2:
        assert process.poll() is None, "it came to its end before it was killed"
        assert time.monotonic() < end
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not list((tmp_path / "out").glob("*.fits"))
    done = len(list((cache / "bins").rglob("*.npz")))
    # Whatever was measured may not be read again: its pixels are not there any more.
    wiped = 0
    for path in large.paths:
        alone = run("build", path, "-o", tmp_path / "x", "--overwrite", "--cache", cache, "--quiet")
        if len(list((cache / "bins").rglob("*.npz"))) == done:
            blank(path)
            wiped += 1
        assert alone.returncode == 0
        done = len(list((cache / "bins").rglob("*.npz")))
    assert 2 <= wiped < len(large.paths)
    assert run("build", *words[1:], "--quiet").returncode == 0
    for frame in plain["sky_frames"]:
        ours = tmp_path / "out" / Path(frame["path"]).name
        assert ours.read_bytes() == Path(frame["path"]).read_bytes()


def test_a_changed_file_is_measured_anew(
    files: list[str], kept: Cache, reads: Counter[str]
) -> None:
    before = build_sky_frames(files, CONFIG, cache=kept)
    shutil.copy(files[4], files[0])
    reads.clear()
    after = build_sky_frames(files, CONFIG, cache=kept)
    assert dict(reads) == {Path(files[0]).name: 1}
    assert bits(after) != bits(before)
    assert bits(after) == bits(build_sky_frames(files, CONFIG))
    assert len(entries(kept)) == len(files)  # the old one is replaced


def test_checksums_find_what_size_and_time_hide(
    files: list[str], tmp_path: Path, reads: Counter[str]
) -> None:
    by_time, by_sum = (Cache.at(tmp_path / name, name == "b") for name in "ab")
    for one in (by_time, by_sum):
        build_sky_frames(files, CONFIG, cache=one)
    reads.clear()
    blank(files[0])
    build_sky_frames(files, CONFIG, cache=by_time)
    assert not reads
    build_sky_frames(files, CONFIG, cache=by_sum)
    assert dict(reads) == {Path(files[0]).name: 1}


def test_a_mask_in_another_file_counts_too(
    tmp_path: Path, kept: Cache, reads: Counter[str]
) -> None:

    pixels = np.random.default_rng(1).normal(500, 3, (64, 64)).astype(np.float32)
    image = tmp_path / "c4d_150110_053718_ooi_z_ls9.fits"
    mask = tmp_path / "c4d_150110_053718_ood_z_ls9.fits"
    header = fits.Header({"INSTRUME": "DECam", "CCDNUM": 3, "EXPNUM": 7, "FILTER": "z"})
    fits.writeto(image, pixels, header)
    fits.writeto(mask, np.zeros((64, 64), np.int32), header)
    first = build_sky_frames([str(image)], CONFIG, cache=kept)
    fits.writeto(mask, np.ones((64, 64), np.int32) * (np.arange(64) < 30), header, overwrite=True)
    reads.clear()
    second = build_sky_frames([str(image)], CONFIG, cache=kept)
    assert sum(reads.values()) == 1
    assert bits(first) != bits(second)


@pytest.mark.parametrize("how", ["cut", "flipped", "empty", "text", "pickle"])
def test_a_damaged_entry_is_said_and_measured_anew(
    files: list[str], kept: Cache, reads: Counter[str], how: str
) -> None:
    before = build_sky_frames(files, CONFIG, cache=kept)
    entry = entries(kept)[0]
    data = bytearray(entry.read_bytes())
    if how == "cut":
        data = data[: len(data) // 2]
    elif how == "flipped":
        data[len(data) // 3] ^= 0xFF
    elif how == "empty":
        data = bytearray()
    elif how == "text":
        data = bytearray(b"no archive")
    entry.write_bytes(bytes(data))
    if how == "pickle":
        with open(entry, "wb") as file:
            np.savez(file, about=np.array([Trap()], dtype=object))
    reads.clear()
    after = build_sky_frames(files, CONFIG, cache=kept)
    assert len(reads) == 1
    assert bits(after) == bits(before)
    (note,) = (one for one in after.notes if "damaged" in one)
    assert note.startswith(next(iter(reads)))
    reads.clear()
    again = build_sky_frames(files, CONFIG, cache=kept)
    assert not reads
    assert not any("damaged" in one for one in again.notes)


class Trap:
    """Ends the tests where it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os._exit, (3,)


def test_what_another_version_has_kept_is_said_and_measured_anew(
    files: list[str], kept: Cache, reads: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(caches, "engine_version", lambda: "older")
        build_sky_frames(files[:2], CONFIG, cache=kept)
    with monkeypatch.context() as patch:
        patch.setattr(caches, "FORMAT", 0)
        build_sky_frames(files[2:4], CONFIG, cache=kept)
    reads.clear()
    found = build_sky_frames(files, CONFIG, cache=kept)
    assert set(reads.values()) == {1}
    (told,) = (note for note in found.notes if "another version" in note)
    assert str(kept.folder) in told
    assert {Path(path).name for path in files[:4]} <= set(reads)
    assert bits(found) == bits(build_sky_frames(files, CONFIG))


def test_the_version_follows_the_code_of_the_engine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package = tmp_path / "package"
    root = Path(caches.__file__).parent.parent
    for part in ("engine", "files/fits"):
        shutil.copytree(root / part, package / part)
    on_sky = shutil.copy(root / "files" / "sky_masks.py", package / "files")
    monkeypatch.setattr(caches, "__file__", str(package / "workflow" / "cache.py"))
    ours = caches.engine_version.__wrapped__()
    assert ours == caches.engine_version()
    seen = {ours}
    for number, path in enumerate((package / "engine" / "kernels" / "boxes.py", on_sky)):
        with open(path, "a", encoding="utf-8") as file:
            file.write("# changed\n")
        seen.add(caches.engine_version.__wrapped__())
        assert len(seen) == number + 2


def test_a_file_that_changes_while_it_is_read_is_not_kept(
    files: list[str], kept: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = ExposureSource.read

    def read(source: ExposureSource, *args: Any, **more: Any) -> Any:
        found = real(source, *args, **more)
        os.utime(source.path)
        return found

    monkeypatch.setattr(ExposureSource, "read", read)
    build_sky_frames(files, CONFIG, cache=kept)
    assert list(kept.folder.rglob("*.npz")) == []


def test_a_cache_that_cannot_be_written_is_said_once_and_nothing_fails(
    files: list[str], kept: Cache
) -> None:
    (kept.folder / "bins").write_text("no folder")
    found = build_sky_frames(files, CONFIG, cache=kept)
    assert bits(found) == bits(build_sky_frames(files, CONFIG))
    assert len([note for note in set(found.notes) if "cannot be kept" in note]) == 1


def test_the_folder_is_one_of_its_own(tmp_path: Path, night: Night) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "letter.txt").write_text("Dear")
    with pytest.raises(SkyFrameError, match="a folder of its own"):
        Cache.at(tmp_path / "taken")
    assert Cache.at(tmp_path / "new") == Cache.at(tmp_path / "new")
    done = run("night", night.folder, "--cache", tmp_path / "taken")
    assert (done.returncode, "a folder of its own" in done.stderr) == (2, True)
    assert run("night", night.folder, "--checksums").returncode == 2


def test_a_cache_goes_to_other_processes_wherever_they_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    sent = pickle.loads(pickle.dumps(Cache.at(Path("here"))))
    assert sent.folder == tmp_path / "here"


def test_two_runs_at_once_keep_what_either_measures(files: list[str], kept: Cache) -> None:
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda _: build_sky_frames(files, CONFIG, cache=kept), range(2)))
    assert bits(results[0]) == bits(results[1])
    assert len(entries(kept)) == len(files)
    assert not list(kept.folder.rglob("*.part"))
