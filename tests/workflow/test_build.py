"""A night into sky frames: the same numbers as by hand, and no file lost for another's fault."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from skyframe_gui.engine import (
    Cancelled,
    Exposure,
    SkyFrameError,
    SkyMeasurementConfig,
    Watch,
    average_backgrounds,
    measure_background,
)
from skyframe_gui.files import ExposureSource, read_exposures, write_exposure
from skyframe_gui.workflow.build import NothingBuiltError, build_sky_frames
from skyframe_gui.workflow.options import MaskObjects, Normalise

if TYPE_CHECKING:
    from nights import Night

CONFIG = SkyMeasurementConfig()


def by_hand(paths: list[str]) -> np.ndarray:
    exposures = [exposure for path in paths for exposure in read_exposures(path)]
    grids = [measure_background(exposure, CONFIG.background) for exposure in exposures]
    return average_backgrounds(grids).grid.values


def test_a_night_gives_one_sky_frame_a_detector_with_the_numbers_of_the_engine(
    night: Night,
) -> None:
    result = build_sky_frames(night.paths, CONFIG)
    assert [built.detector for built in result.sky_frames] == ["1", "2"]
    assert not result.failed
    for built in result.sky_frames:
        own = [path for path in night.paths if f"-d{built.detector}" in path]
        np.testing.assert_array_equal(built.sky_frame.grid.values, by_hand(own))
        assert [str(source.path) for source in built.sources] == own
        assert len(built.levels) == len(built.grids) == len(own)


@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_any_executor_gives_the_same_sky_frames(night: Night, kind: str) -> None:
    expected = build_sky_frames(night.paths, CONFIG)
    pool = (
        ThreadPoolExecutor(3)
        if kind == "threads"
        else ProcessPoolExecutor(1, mp_context=get_context("spawn"))
    )
    with pool:
        result = build_sky_frames(night.paths, CONFIG, executor=pool)
    for one, other in zip(expected.sky_frames, result.sky_frames, strict=True):
        np.testing.assert_array_equal(one.sky_frame.grid.values, other.sky_frame.grid.values)


def test_bad_files_are_left_out_and_named(night: Night, tmp_path: Path) -> None:
    cut = tmp_path / "cut.fits"
    cut.write_bytes(Path(night.paths[0]).read_bytes()[:100_000])
    missing = tmp_path / "missing.fits"
    small = tmp_path / "small.fits"
    write_exposure(small, Exposure(np.ones((50, 60), np.float32), detector="1"))
    masked = tmp_path / "masked.fits"
    (first,) = read_exposures(night.paths[0])
    write_exposure(masked, first.with_planes(mask=np.full(first.image.shape, 1, np.int32)))
    fits.setval(masked, "DATE-OBS", value="2024-03-01T01:02:03")
    odd = [str(path) for path in (cut, missing, small, masked)]
    result = build_sky_frames([*odd, *night.paths], CONFIG, mask_objects=MaskObjects.NEVER)
    failed = {Path(failure.path).name: failure.why for failure in result.failed}
    assert set(failed) == {"cut.fits", "missing.fits", "small.fits", "masked.fits"}
    assert "60 x 50" in failed["small.fits"] or result.sky_frames[0].detector == ""
    assert "no good pixel" in failed["masked.fits"]
    clean = build_sky_frames(night.paths, CONFIG)
    by_detector = {built.detector: built.sky_frame for built in result.sky_frames}
    for built in clean.sky_frames:
        np.testing.assert_array_equal(
            by_detector[built.detector].grid.values, built.sky_frame.grid.values
        )


def test_nothing_but_bad_files_is_an_error_that_says_why_of_each(tmp_path: Path) -> None:
    paths = [tmp_path / "a.fits", tmp_path / "b.fits"]
    paths[1].write_bytes(b"")
    with pytest.raises(NothingBuiltError, match="None of the 2 files") as caught:
        build_sky_frames(paths, CONFIG)
    assert [Path(failure.path).name for failure in caught.value.failed] == ["a.fits", "b.fits"]
    with pytest.raises(SkyFrameError, match="at least one"):
        build_sky_frames([], CONFIG)


def test_the_style_none_is_refused_before_any_file_is_read(tmp_path: Path) -> None:
    config = SkyMeasurementConfig.model_validate({"background": {"algorithm": "NONE"}})
    with pytest.raises(SkyFrameError, match="NONE"):
        build_sky_frames([tmp_path / "not-there.fits"], config)


def test_normalised_exposures_have_the_level_one(night: Night) -> None:
    own = [path for path in night.paths if "-d1" in path]
    (built,) = build_sky_frames(own, CONFIG, normalise=Normalise.LEVEL).sky_frames
    for grid, level in zip(built.grids, built.levels, strict=True):
        assert np.median(grid.values) == pytest.approx(1, rel=1e-6)
        assert level == pytest.approx(1000, rel=0.2)
    (plain,) = build_sky_frames(own, CONFIG).sky_frames
    assert plain.levels == built.levels
    assert np.median(plain.sky_frame.grid.values) == pytest.approx(np.median(built.levels), rel=0.1)


def test_an_exposure_with_a_level_of_zero_cannot_be_normalised(tmp_path: Path) -> None:
    path = tmp_path / "dark.fits"
    write_exposure(path, Exposure(np.zeros((64, 64), np.float32)))
    with pytest.raises(NothingBuiltError, match="sky level of 0"):
        build_sky_frames([path], CONFIG, normalise=Normalise.LEVEL)


def test_objects_are_masked_only_where_the_file_brings_no_mask_of_them(
    night: Night, tmp_path: Path
) -> None:
    one = night.visit[0].exposure
    bare = tmp_path / "bare.fits"
    write_exposure(bare, Exposure(one.image, header=one.header, detector="1", visit="1"))
    values = {
        how: build_sky_frames([bare], CONFIG, mask_objects=how).sky_frames[0].sky_frame.grid.values
        for how in MaskObjects
    }
    np.testing.assert_array_equal(values[MaskObjects.AUTO], values[MaskObjects.ALWAYS])
    assert values[MaskObjects.NEVER].mean() > values[MaskObjects.AUTO].mean()
    auto, never = (
        build_sky_frames(night.science[:1], CONFIG, mask_objects=how).sky_frames[0].sky_frame
        for how in (MaskObjects.AUTO, MaskObjects.NEVER)
    )
    np.testing.assert_array_equal(auto.grid.values, never.grid.values)


def test_at_most_one_exposure_per_worker_is_in_memory(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    from skyframe_gui.workflow import reading

    lock, alive, most = threading.Lock(), [0], [0]
    read, measure = ExposureSource.read, measure_background

    def counted_read(source: ExposureSource) -> Exposure:
        with lock:
            alive[0] += 1
            most[0] = max(most[0], alive[0])
        return read(source)

    def counted_measure(*args: object, **more: object) -> object:
        try:
            return measure(*args, **more)  # type: ignore[arg-type]
        finally:
            with lock:
                alive[0] -= 1

    monkeypatch.setattr(ExposureSource, "read", counted_read)
    monkeypatch.setattr(reading, "measure_background", counted_measure)
    with ThreadPoolExecutor(2) as pool:
        build_sky_frames(night.paths, CONFIG, executor=pool, mask_objects=MaskObjects.NEVER)
    assert 1 <= most[0] <= 2


def test_a_cancel_stops_the_build_and_drops_what_was_waiting(night: Night) -> None:
    steps: list[str] = []

    def on_step(done: int, total: int, label: str) -> None:
        steps.append(label)
        if label == "Binning exposures" and done >= 2:
            watch.cancel()

    watch = Watch(on_step=on_step)
    with pytest.raises(Cancelled):
        build_sky_frames(night.paths, CONFIG, watch=watch)
    assert steps[0] == "Reading headers"


def test_a_fault_of_the_program_is_not_taken_for_a_bad_file(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(source: ExposureSource) -> Exposure:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(ExposureSource, "read", broken)
    with pytest.raises(ZeroDivisionError):
        build_sky_frames(night.paths, CONFIG)


def test_an_exposure_that_memory_has_no_room_for_is_left_out_with_advice(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    true_read = ExposureSource.read

    def too_large(source: ExposureSource) -> Exposure:
        if str(source.path) == night.paths[0]:
            raise MemoryError
        return true_read(source)

    monkeypatch.setattr(ExposureSource, "read", too_large)
    result = build_sky_frames(night.paths, CONFIG)
    assert [(one.path, one.why) for one in result.failed] == [
        (night.paths[0], "There is not enough memory for this exposure; use fewer workers.")
    ]
    assert sum(len(one.sources) for one in result.sky_frames) == len(night.paths) - 1
