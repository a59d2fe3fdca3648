"""What the panes are given: pyramids, limits, and that results never move what is looked at."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from skyframe_gui.app.model import display_limits
from skyframe_gui.app.model.limits import limits_of, with_first_limits
from skyframe_gui.app.model.looks import presets_of, with_look
from skyframe_gui.app.model.results import Results
from skyframe_gui.app.model.shown import Pyramid, Shown
from skyframe_gui.app.model.state import State
from skyframe_gui.app.model.view import Frame, View
from skyframe_gui.app.work.pyramids import image_pyramid, mask_pyramid, masked_pyramid, prepare
from skyframe_gui.engine import BackgroundConfig, Exposure, measure_background

RNG = np.random.default_rng(2)


def sky(shape: tuple[int, int] = (200, 240)) -> Exposure:
    image = RNG.normal(1000, 10, shape).astype(np.float32)
    image[0, 0] = np.nan
    mask = np.zeros(shape, np.int32)
    mask[:50] = 1 << 5
    image[:50] += 5000
    return Exposure(image, mask, detector="1")


def shown(exposure: Exposure, key: str = "a", **changes: Any) -> Shown:
    grid = measure_background(exposure, BackgroundConfig(xBinSize=40, yBinSize=40))
    image = image_pyramid(exposure.image)
    measured = display_limits.measure(exposure, ("DETECTED",), grid, None, image)
    made = Shown(
        key=key,
        width=exposure.width,
        height=exposure.height,
        xy0=(0, 0),
        exposure=exposure,
        image=image,
        grid=grid,
        model=image,
        own=True,
        limits=measured.limits,
        histograms=measured.histograms,
        quantiles=measured.quantiles,
        level=measured.level,
    )
    return replace(made, **changes)


def test_a_pyramid_ends_where_it_is_as_small_as_a_thumbnail() -> None:
    pyramid = image_pyramid(np.ones((500, 300), np.float32))
    shapes = [level.shape for level in pyramid.levels]
    assert shapes == [(500, 300), (250, 150), (125, 75), (63, 38)]
    assert not any(level.flags.writeable for level in pyramid.levels)


@pytest.mark.parametrize(
    ("per_pixel", "level"), [(0.1, 0), (1.0, 0), (1.99, 0), (2.0, 1), (5.0, 2), (1000.0, 3)]
)
def test_the_level_still_has_a_pixel_for_each_screen_pixel(per_pixel: float, level: int) -> None:
    pyramid = image_pyramid(np.ones((500, 300), np.float32))
    array, found = pyramid.level(per_pixel)
    assert found == level
    assert array is pyramid.levels[level]


def test_a_level_that_was_dropped_is_replaced_by_the_next() -> None:
    pyramid = Pyramid(image_pyramid(np.ones((500, 300), np.float32)).levels[2:], first=2)
    array, level = pyramid.level(1.0)
    assert (level, array.shape) == (2, (125, 75))


def test_masked_pixels_stay_in_the_smallest_level() -> None:
    mask = np.zeros((300, 300), np.int32)
    mask[299, 299] = 4
    assert mask_pyramid(mask).levels[-1][-1, -1] == 4
    masked = masked_pyramid(mask, 4)
    assert masked.first == 1
    assert masked.levels[0][-1, -1] == 63


def test_the_residuals_limits_are_those_of_the_unmasked_sky() -> None:
    measured = display_limits.measure(
        exposure := sky(), ("DETECTED",), None, None, image_pyramid(exposure.image)
    )
    low, high = measured.limits["subtracted"]["3 \N{GREEK SMALL LETTER SIGMA}"]
    assert low == -high
    assert high == pytest.approx(30, rel=0.1)
    assert measured.level == pytest.approx(1000, abs=1)


@pytest.mark.parametrize("values", [np.full((80, 80), 7.0), np.full((80, 80), np.nan)])
def test_an_image_of_one_value_or_none_has_limits_that_are_apart(values: np.ndarray) -> None:
    exposure = Exposure(values.astype(np.float32))
    measured = display_limits.measure(exposure, (), None, None, image_pyramid(exposure.image))
    for layer in ("exposure", "subtracted", "model"):
        assert tuple(measured.limits[layer]) == presets_of(layer)
        for low, high in measured.limits[layer].values():
            assert low < high


def test_a_new_result_for_the_same_exposure_moves_no_limits() -> None:
    first = shown(sky())
    frames = (Frame(1, 2, 3),) * 6
    view = with_first_limits(View(frames=frames), None, first)
    later = replace(first, limits=shown(sky((120, 130))).limits)
    assert later.limits["exposure"] != first.limits["exposure"]
    assert with_first_limits(view, first, later) is view


def test_another_exposure_is_measured_by_the_preset_and_keeps_the_frame() -> None:
    frames = (Frame(1, 2, 3),) * 6
    first, other = shown(sky()), shown(sky(), key="b")
    view = with_first_limits(View(frames=frames), None, first)
    looks = with_look(State().looks, "exposure", preset="min-max")
    for one, new in ((first, view), (other, with_first_limits(view, first, other))):
        state = State(view=new, looks=looks, results=Results(shown=one))
        assert limits_of(state, "exposure") == one.limits["exposure"]["min-max"]
        assert new.frames == frames


def test_another_sky_frame_is_measured_and_the_exposure_is_not() -> None:
    first = shown(sky())
    view = with_first_limits(View(), None, first)
    built = SimpleNamespace(name="another sky frame")
    later = replace(first, sky_frame=built, limits=shown(sky((120, 130))).limits)
    new = with_first_limits(view, first, later)
    assert new.measured["exposure"] == first.limits["exposure"]
    assert new.measured["grid"] == later.limits["grid"] != first.limits["grid"]
    assert new.measured["model"] == later.limits["model"]


def test_an_exposure_of_another_size_is_shown_whole() -> None:
    view = View(frames=(Frame(1, 2, 3),) * 6)
    new = with_first_limits(view, shown(sky()), shown(sky((100, 100)), key="b"))
    assert new.frames == (None,) * 6


def test_a_film_moves_no_view_whatever_the_size_of_its_pictures() -> None:
    view = View(frames=(Frame(1, 2, 3),) * 6, film="playing")
    new = with_first_limits(view, shown(sky()), shown(sky((100, 100)), key="b"))
    assert new.frames == view.frames


def test_the_window_finds_every_kernel_compiled() -> None:
    from skyframe_gui.engine.kernels import blending, display

    prepare()
    kernels = (
        display.paint,
        blending.blend_masked,
        blending.blend_masked_pixels,
        blending.overlay_planes,
    )
    before = [len(kernel.signatures) for kernel in kernels]
    prepare()
    assert all(before)
    assert before == [len(kernel.signatures) for kernel in kernels]
