"""One reading of an exposure leaves all that is asked for later, and little of it on disk."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from skyframe_gui.engine import Exposure, SkyMeasurementConfig, measure_background
from skyframe_gui.engine.thumbnail import thumbnail_of
from skyframe_gui.files import ExposureSource, locks, scan, write_exposure
from skyframe_gui.simulate import Camera, simulate_night, table_of
from skyframe_gui.workflow import between, focal_plane
from skyframe_gui.workflow.build import build_sky_frames
from skyframe_gui.workflow.cache import Cache, Product, Shelf
from skyframe_gui.workflow.look import kept_look, kept_thumbnail, look_at
from skyframe_gui.workflow.options import MaskObjects, Normalise, with_objects_masked
from skyframe_gui.workflow.reading import arrays_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nights import Night

CONFIG = SkyMeasurementConfig()
PLANES = CONFIG.stats.mask


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    counted: Counter[str] = Counter()
    real = ExposureSource.read

    def read(source: ExposureSource, *args: Any, **more: Any) -> Any:
        counted[source.path.name] += 1
        return real(source, *args, **more)

    monkeypatch.setattr(ExposureSource, "read", read)
    return counted


def large_exposure() -> Exposure:
    """One of 2048 x 4176 pixels with noise and objects of several sizes in its mask."""
    rng = np.random.default_rng(5)
    image = rng.normal(1000, 34, (4176, 2048)).astype(np.float32)
    mask = np.zeros(image.shape, np.int32)
    for x, y, side in rng.integers((0, 0, 4), (2048, 4176, 60), (1500, 3)):
        mask[y : y + side, x : x + side] = 1
    return Exposure(image, mask, planes={"DETECTED": 0})


def entry_sizes(cache: Cache) -> dict[str, list[int]]:
    sizes: dict[str, list[int]] = {}
    for path in cache.folder.rglob("*.npz"):
        sizes.setdefault(path.parent.parent.name, []).append(path.stat().st_size)
    return sizes


def test_bins_of_a_large_detector_take_less_than_60_kb(night: Night, tmp_path: Path) -> None:
    grid = measure_background(large_exposure(), CONFIG.background)
    assert grid.values.shape == (131, 64)
    kept = Cache.at(tmp_path / "kept")
    shelf = Shelf(kept, scan(night.paths[0])[0])
    shelf.put("bins", {}, Product(arrays_of(grid), ()))
    (sizes,) = entry_sizes(kept).values()
    assert max(sizes) < 60_000
    found = shelf.get("bins", {})
    assert found is not None
    for name, array in arrays_of(grid).items():
        assert found.arrays[name].dtype == array.dtype
        assert found.arrays[name].tobytes() == array.tobytes()


def test_a_build_leaves_thumbnails_for_the_focal_plane(
    night: Night, tmp_path: Path, reads: Counter[str]
) -> None:
    kept = Cache.at(tmp_path / "kept")
    build_sky_frames(night.paths, CONFIG, mask_objects=MaskObjects.ALWAYS, cache=kept)
    assert set(reads.values()) == {1}
    assert max(size for sizes in entry_sizes(kept).values() for size in sizes) < 60_000
    reads.clear()
    for path in night.paths[:2]:
        (source,) = scan(path)
        shelf = Shelf(kept, source)
        look = kept_look(shelf, source, PLANES)
        other = kept_thumbnail(shelf, source, PLANES, MaskObjects.ALWAYS)
        assert look is not None
        assert look.thumbnail is not None
        assert other is not None
        assert not reads
        exposure = source.read()
        reads.clear()
        same = look_at(exposure, PLANES)
        assert look[1:] == same[1:]
        found = with_objects_masked(exposure, MaskObjects.ALWAYS, None)
        for one, exact in (
            (look.thumbnail, thumbnail_of(exposure, PLANES)),
            (other, thumbnail_of(found, PLANES)),
        ):
            assert one.means.tobytes() == exact.means.tobytes()
            assert one.good.tobytes() == exact.good.tobytes()
            assert one.block == exact.block
        assert not np.array_equal(other.good, look.thumbnail.good)
        # The planes that are left out are part of what it is.
        assert kept_look(shelf, source, ("BAD",)) is None


@pytest.fixture
def over_plane(tmp_path: Path) -> dict[str, Any]:
    camera = Camera(n_detectors=2, width=200, height=180, seed=6, stars=40)
    table = tmp_path / "camera.json"
    table.write_text(table_of(camera, 150.0), encoding="utf-8")
    paths = []
    for exposure in simulate_night(camera, 3, 2, gradient=20.0, mask_objects=True):
        paths.append(str(tmp_path / f"v{exposure.visit}-d{exposure.detector}.fits"))
        write_exposure(paths[-1], exposure)
    return {"paths": paths, "normalise": Normalise.FOCAL_PLANE, "camera": str(table)}


@pytest.mark.parametrize("room", [0, 200 * 180 * 4 + 200 * 180 // 8])
def test_over_the_focal_plane_what_memory_does_not_hold_goes_to_the_cache(
    over_plane: dict[str, Any],
    tmp_path: Path,
    reads: Counter[str],
    monkeypatch: pytest.MonkeyPatch,
    room: int,
) -> None:
    paths = over_plane.pop("paths")
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=usage.total))
    plain = build_sky_frames(paths, CONFIG, **over_plane)
    assert set(reads.values()) == {1}
    monkeypatch.setattr(focal_plane, "KEPT_BYTES", room)
    reads.clear()
    twice = build_sky_frames(paths, CONFIG, **over_plane)
    assert max(reads.values()) == 2
    reads.clear()
    kept = Cache.at(tmp_path / "kept")
    once = build_sky_frames(paths, CONFIG, cache=kept, **over_plane)
    assert set(reads.values()) == {1}
    assert list((kept.folder / between.FOLDER).iterdir()) == []
    for result in (twice, once):
        for one, same in zip(result.sky_frames, plain.sky_frames, strict=True):
            assert one.sky_frame.grid.values.tobytes() == same.sky_frame.grid.values.tobytes()
            assert one.sky_frame.grid.n_good.tobytes() == same.sky_frame.grid.n_good.tobytes()
    # A look at each is there, too, from the one reading.
    assert len(entry_sizes(kept)["look"]) == len(paths)


def test_a_disk_that_is_nearly_full_is_left_alone(
    over_plane: dict[str, Any],
    tmp_path: Path,
    reads: Counter[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    paths = over_plane.pop("paths")
    monkeypatch.setattr(focal_plane, "KEPT_BYTES", 0)
    usage = shutil.disk_usage(tmp_path)._replace(free=1)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    kept = Cache.at(tmp_path / "kept")
    build_sky_frames(paths, CONFIG, cache=kept, **over_plane)
    assert set(reads.values()) == {2}


def test_what_a_killed_process_has_left_between_is_taken_away(tmp_path: Path) -> None:
    kept = Cache.at(tmp_path / "kept")
    dead, alive = (kept.folder / between.FOLDER / name for name in ("dead", "alive"))
    for folder in (dead, alive):
        folder.mkdir(parents=True)
        (folder / "lock").touch()
        (folder / "image").write_bytes(b"x")
    descriptor = os.open(alive / "lock", os.O_RDWR)
    try:
        assert locks.lock(descriptor)
        with between.folder_between(kept, PLANES) as disk:
            assert disk is not None
            assert disk.folder.is_dir()
            assert (dead.exists(), alive.exists()) == (False, True)
        assert not disk.folder.exists()
    finally:
        os.close(descriptor)
