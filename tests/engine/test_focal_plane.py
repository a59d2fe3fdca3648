"""What a user can give to the focal plane that cannot be used, and what is said of it."""

from __future__ import annotations

import re

import numpy as np
import pytest
from pydantic import ValidationError

from skyframe_gui.engine import (
    Camera,
    Cancelled,
    Detector,
    Exposure,
    FocalPlaneBackgroundConfig,
    SkyFrameError,
    Watch,
    measure_focal_plane,
)

MM = (0.01, 0.0, 0.0, 0.01, 0.0, 0.0)
PAIR = Camera("pair", (Detector("left", 40, 60, MM), Detector("right", 40, 60, (*MM[:4], 0.5, 0))))
CONFIG = FocalPlaneBackgroundConfig(xSize=0.2, ySize=0.2, pixelSize=0.01, binning=10)


def _flat(value: float = 7.0, shape: tuple[int, int] = (60, 40)) -> Exposure:
    return Exposure(np.full(shape, value, np.float32), name="flat")


@pytest.mark.parametrize("size", [0, -3, 2.5, float("nan"), True])
def test_detector_of_no_size(size: float) -> None:
    with pytest.raises(SkyFrameError, match="whole number of pixels"):
        Detector("one", size, 10, MM)  # type: ignore[arg-type]
    with pytest.raises(SkyFrameError, match="height"):
        Detector("one", 10, size, MM)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "affine", [(0, 0, 0, 0, 1, 1), (1, 2, 2, 4, 0, 0), (np.nan, 0, 0, 1, 0, 0), (1, 0, 0, 1, 0)]
)
def test_detector_nowhere(affine: tuple) -> None:
    with pytest.raises(SkyFrameError, match="six finite numbers"):
        Detector("one", 10, 10, affine)


def test_camera_without_or_with_equal_detectors() -> None:
    with pytest.raises(SkyFrameError, match="needs at least one"):
        Camera("none", ())
    with pytest.raises(SkyFrameError, match="two detectors with the name left"):
        Camera("twins", (PAIR["left"], PAIR["left"]))


def test_unknown_detector_is_answered_with_the_known() -> None:
    with pytest.raises(SkyFrameError, match=re.escape("no detector S9; it has left, right")):
        measure_focal_plane(_flat(), "S9", PAIR, CONFIG)
    background = measure_focal_plane(_flat(), "left", PAIR, CONFIG)
    with pytest.raises(SkyFrameError, match="no detector S9"):
        background.model("S9")


def test_exposure_of_another_size() -> None:
    with pytest.raises(SkyFrameError, match=r"flat has 40 x 59 pixels.*left of pair has 40 x 60"):
        measure_focal_plane(_flat(shape=(59, 40)), "left", PAIR, CONFIG)


@pytest.mark.parametrize("field", ["xSize", "ySize", "pixelSize", "smoothScale"])
@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
def test_lengths_that_are_none(field: str, value: float) -> None:
    with pytest.raises(ValidationError, match=field):
        FocalPlaneBackgroundConfig.model_validate({"xSize": 1.0, "ySize": 1.0, field: value})


def test_superpixels_in_the_wrong_unit() -> None:
    tiny = CONFIG.model_copy(update={"xSize": 1e-5, "ySize": 1e-5})
    with pytest.raises(SkyFrameError, match="units of the camera's table"):
        measure_focal_plane(_flat(), "left", PAIR, tiny)


def test_merging_another_size_of_superpixels() -> None:
    ours = measure_focal_plane(_flat(), "left", PAIR, CONFIG)
    other = CONFIG.model_copy(update={"xSize": 0.21})
    theirs = measure_focal_plane(_flat(), "left", PAIR, other)
    with pytest.raises(SkyFrameError, match=r"of 0\.2 x 0\.2 .* and of 0\.21 x 0\.2 "):
        ours + theirs
    alone = measure_focal_plane(_flat(), "left", Camera("one", (PAIR["left"],)), CONFIG)
    with pytest.raises(SkyFrameError, match="cannot be merged"):
        ours + alone


def test_merged_has_the_settings_of_the_first() -> None:
    first = measure_focal_plane(_flat(), "left", PAIR, CONFIG)
    second = measure_focal_plane(
        _flat(), "right", PAIR, CONFIG.model_copy(update={"minFrac": 0.7, "binning": 20})
    )
    assert (first + second).config == first.config
    assert (second + first).grid("left").values.shape == (3, 2)


def test_count_that_no_superpixel_reaches() -> None:
    strict = CONFIG.model_copy(update={"minFrac": 1.2})
    background = measure_focal_plane(_flat(), "left", PAIR, strict)
    with pytest.raises(SkyFrameError, match=r"has the 480 good pixels that minFrac = 1\.2 asks"):
        background.superpixels()


def test_nothing_good_anywhere() -> None:
    background = measure_focal_plane(_flat(np.nan), "left", PAIR, CONFIG)
    with pytest.raises(SkyFrameError, match="No pixel of the focal plane is good"):
        _ = background.level


def test_detector_that_is_not_measured_gets_a_background() -> None:
    background = measure_focal_plane(_flat(), "left", PAIR, CONFIG)
    image = background.model("right").image()
    assert image.shape == (60, 40)
    np.testing.assert_allclose(image, 7.0, rtol=1e-6)


def test_threads_and_inputs() -> None:
    rng = np.random.default_rng(5)
    detector = Detector("wide", 1500, 1400, MM)
    exposure = Exposure(rng.normal(900, 12, (1400, 1500)).astype(np.float32))
    before = exposure.image.copy()
    camera = Camera("wide", (detector,))
    one = measure_focal_plane(exposure, "wide", camera, CONFIG, threads=1)
    two = measure_focal_plane(exposure, "wide", camera, CONFIG, threads=2)
    np.testing.assert_array_equal(one.sums, two.sums)
    np.testing.assert_array_equal(exposure.image, before)
    assert not one.sums.flags.writeable
    assert not one.superpixels().flags.writeable


def test_work_that_is_not_wanted_stops() -> None:
    watch = Watch()
    watch.cancel()
    with pytest.raises(Cancelled):
        measure_focal_plane(_flat(), "left", PAIR, CONFIG, watch)
