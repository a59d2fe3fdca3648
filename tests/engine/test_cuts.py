"""Profiles and regions agree with the plainest way to write them down."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skyframe_gui.engine import SkyFrameError, compute_statistic
from skyframe_gui.engine.cuts import BandProfile, measure_profile, measure_region

HEIGHT, WIDTH = 70, 90
Ends = tuple[float, float, float, float]
CUTS: tuple[tuple[Ends, float, float], ...] = (
    ((5, 10, 80, 10), 1, 1),
    ((80, 10, 5, 10), 4, 3),
    ((12, 3, 12, 66), 5, 4),
    ((3, 4, 77, 60), 1, 1),
    ((70.3, 61.2, 8.9, 12.7), 9.5, 6),
    ((-20, 30, 120, 45), 12, 7),
    ((10, 80, 60, -30), 6, 5),
    ((40, 20, 40.4, 20.2), 3, 1),
)


@pytest.fixture(scope="module")
def planes() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(7)
    image = rng.normal(1000, 30, (HEIGHT, WIDTH)).astype(np.float32)
    image[20:24, 30:60] = np.nan
    mask = (rng.random(image.shape) < 0.2).astype(np.int32) * 4 | 1
    model = rng.normal(900, 5, image.shape).astype(np.float32)
    return image, mask, model


def plainly(
    image: np.ndarray, good: np.ndarray, ends: Ends, width: float, step: float
) -> tuple[list[int], list[int], list[float]]:
    """Return pixels, good ones and means of each step, asking every pixel of the image."""
    x0, y0, x1, y1 = ends
    length = math.hypot(x1 - x0, y1 - y0)
    cosine, sine = (x1 - x0) / length, (y1 - y0) / length
    half = max(width, abs(cosine) + abs(sine) + 1e-9) / 2
    n = max(round((length + 1) / step), 1)
    values: list[list[float]] = [[] for _ in range(n)]
    pixels = [0] * n
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            along = (x - x0) * cosine + (y - y0) * sine
            across = (y - y0) * cosine - (x - x0) * sine
            if -0.5 <= along < length + 0.5 and -half < across <= half:
                k = min(int((along + 0.5) / step), n - 1)
                pixels[k] += 1
                if good[y, x]:
                    values[k].append(float(image[y, x]))
    means = [float(np.mean(one)) if one else math.nan for one in values]
    return pixels, [len(one) for one in values], means


@pytest.mark.parametrize(("ends", "width", "step"), CUTS)
def test_every_step_has_the_pixels_whose_centres_lie_in_it(
    planes: tuple[np.ndarray, np.ndarray, np.ndarray], ends: Ends, width: float, step: float
) -> None:
    image, mask, model = planes
    found = measure_profile(image, mask, 4, ends, width, step, [model])
    good = ((mask & 4) == 0) & np.isfinite(image)
    pixels, n_good, means = plainly(image, good, ends, width, step)
    assert_array_equal(found.n_pixels, pixels)
    assert_array_equal(found.n_good, n_good)
    assert sum(n_good) < sum(pixels)
    assert_allclose(found.image, means, rtol=1e-12)
    assert_allclose(found.models[0], plainly(model, good, ends, width, step)[2], rtol=1e-12)


def plane(ends: Ends, width: float, step: float) -> tuple[BandProfile, np.ndarray]:
    y, x = np.mgrid[0:200, 0:300]
    image = (3.0 + 0.25 * x - 0.5 * y).astype(np.float32)
    found = measure_profile(image, None, 0, ends, width, step)
    return found, 3.0 + 0.25 * found.x - 0.5 * found.y


def test_the_profile_of_a_plane_is_the_plane_at_the_middle_of_each_step() -> None:
    for ends, width, step in (
        ((10.0, 50.0, 290.0, 50.0), 1.0, 1.0),
        ((40.0, 190.0, 40.0, 5.0), 21.0, 2.0),
    ):
        found, expected = plane(ends, width, step)
        assert_allclose(found.image, expected, atol=1e-9)
    found, expected = plane((20.0, 20.0, 270.0, 180.0), 25.0, 16.0)
    assert_allclose(found.image, expected, atol=0.1)


@pytest.mark.parametrize("turn", range(0, 360, 7))
def test_a_line_in_any_direction_has_no_holes(turn: int) -> None:
    dx, dy = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    ends = (50 - 40 * dx, 50 - 40 * dy, 50 + 40 * dx, 50 + 40 * dy)
    found = measure_profile(np.ones((101, 101)), None, 0, ends)
    assert found.n_pixels.min() >= 1
    assert len(found.along) == 81
    assert_allclose(found.image, 1.0)


def test_the_subtracted_profile_is_that_of_the_subtracted_image(
    planes: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    image, mask, model = planes
    cut: Ends = (3, 5, 80, 60)
    both = measure_profile(image, mask, 4, cut, 8, 4, [model])
    less = measure_profile(image - np.float32(1.1) * model, mask, 4, cut, 8, 4)
    assert_allclose(both.image - 1.1 * both.models[0], less.image, atol=1e-4)


def test_a_cut_beside_the_image_has_no_pixel_and_no_mean() -> None:
    found = measure_profile(np.ones((20, 20)), None, 0, (30.0, 30.0, 60.0, 40.0), 5, 2)
    assert not found.n_pixels.any()
    assert np.isnan(found.image).all()


def test_what_cannot_be_measured_is_refused() -> None:
    image = np.ones((20, 20))
    for ends, width, step in (
        ((3.0, 3.0, 3.0, 3.0), 1.0, 1.0),
        ((3.0, 3.0, 9.0, 3.0), 0.0, 1.0),
        ((3.0, 3.0, 9.0, 3.0), 1.0, -2.0),
        ((3.0, math.nan, 9.0, 3.0), 1.0, 1.0),
        ((0.0, 0.0, 1e9, 0.0), 1.0, 1.0),
    ):
        with pytest.raises(SkyFrameError, match="cut"):
            measure_profile(image, None, 0, ends, width, step)
    with pytest.raises(SkyFrameError, match=r"model .* alike"):
        measure_profile(image, None, 0, (0, 0, 9, 9), models=[np.ones((3, 3))])
    with pytest.raises(SkyFrameError, match=r"mask .* alike"):
        measure_region(image, np.ones((3, 3), int), 1, (0, 0, 9, 9))


@pytest.mark.parametrize("box", [(10, 12, 60, 50), (60, 50, 10, 12), (-5, 40, 200, 300)])
@pytest.mark.parametrize("shape", ["box", "circle"])
def test_the_numbers_of_a_region_are_those_of_its_good_pixels(
    planes: tuple[np.ndarray, np.ndarray, np.ndarray], box: Ends, shape: str
) -> None:
    image, mask, model = planes
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    left, right = sorted((box[0], box[2]))
    low, high = sorted((box[1], box[3]))
    inside = (x >= left) & (x <= right) & (y >= low) & (y <= high)
    if shape == "circle":
        across = (x - (left + right) / 2) / ((right - left) / 2)
        up = (y - (low + high) / 2) / ((high - low) / 2)
        inside = across**2 + up**2 <= 1
    found = measure_region(image, mask, 4, box, shape, [(model, 1.1)])  # type: ignore[arg-type]
    good = inside & ((mask & 4) == 0) & np.isfinite(image)
    taken = np.float32(1.1) * model
    assert len(found) == 3
    for one, layer in zip(found, (image, taken, image - taken), strict=True):
        pixels = layer[good]
        assert (one.n_pixels, one.n_good) == (inside.sum(), good.sum())
        assert one.masked == pytest.approx(1 - good.sum() / inside.sum())
        assert one.mean == pytest.approx(np.mean(pixels, dtype=np.float64), abs=1e-6)
        assert one.error == pytest.approx(
            np.std(pixels, ddof=1, dtype=np.float64) / math.sqrt(good.sum()), rel=1e-9
        )
        assert one.median == pytest.approx(np.median(pixels), abs=1e-3)
        clipped = compute_statistic(pixels, statistic="MEANCLIP")
        assert one.clipped_mean == clipped.value
        assert one.sigma == pytest.approx(clipped.error * math.sqrt(clipped.n_used))


def test_clipping_takes_outliers_out_of_sigma() -> None:
    image = np.random.default_rng(1).normal(0, 5, (100, 100))
    image[::10, ::10] = 1e5
    (found,) = measure_region(image, None, 0, (0, 0, 99, 99))
    assert found.sigma == pytest.approx(5, rel=0.05)
    assert found.mean > 500


def test_a_region_without_a_pixel_has_no_numbers() -> None:
    (found,) = measure_region(np.ones((20, 20)), None, 0, (40, 40, 50, 50))
    assert (found.n_pixels, found.n_good) == (0, 0)
    assert math.isnan(found.mean)
    assert math.isnan(found.masked)
