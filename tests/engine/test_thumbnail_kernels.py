"""Blocks of an exposure, and blocks laid down on a screen, against what numpy says."""

from __future__ import annotations

import numpy as np
import pytest

from skyframe_gui.engine.kernels import thumbnails
from skyframe_gui.engine.kernels.thumbnails import NO_MASK, NO_MODEL, OUTSIDE

RNG = np.random.default_rng(5)
BOX = np.array([0, 0, 12, 10], np.int64)


def blocks_of(
    image: np.ndarray, mask: np.ndarray, bits: int, block: int
) -> tuple[np.ndarray, np.ndarray]:
    shape = tuple(-(-size // block) for size in image.shape)
    means, good = np.empty(shape, np.float32), np.empty(shape, np.uint8)
    thumbnails.block_means(image, mask, np.int32(bits), block, means, good)
    return means, good


@pytest.mark.parametrize("shape", [(8, 12), (9, 13), (3, 2)])
@pytest.mark.parametrize("masked", [False, True])
def test_blocks_have_the_means_of_their_good_pixels(shape: tuple[int, int], masked: bool) -> None:
    image = RNG.normal(100, 10, shape).astype(np.float32)
    image[RNG.random(shape) < 0.2] = np.nan
    mask = RNG.integers(0, 4, shape).astype(np.int32) if masked else NO_MASK
    means, good = blocks_of(image, mask, 2, 4)
    fine = np.isfinite(image) & ((mask & 2) == 0 if masked else True)
    for j, i in np.ndindex(means.shape):
        part = np.s_[4 * j : 4 * j + 4, 4 * i : 4 * i + 4]
        some = image[part][fine[part]]
        assert means[j, i] == pytest.approx(float(some.mean()), rel=1e-5)
        assert abs(good[j, i] / 255 - fine[part].mean()) < 1 / 255


def test_a_block_without_a_good_pixel_shows_what_is_masked_and_one_without_any_is_nothing() -> None:
    image = np.full((4, 12), 7, np.float32)
    image[:, 8:] = np.nan
    mask = np.zeros((4, 12), np.int32)
    mask[:, :8] = 1
    mask[0, 0] = 0
    image[0, 0] = 5
    means, good = blocks_of(image, mask, 1, 4)
    assert means[0].tolist()[:2] == [5, 7]
    assert np.isnan(means[0, 2])
    assert good[0].tolist() == [16, 0, 0]


def laid(
    values: np.ndarray, place: list[float], covered: int, model: np.ndarray = NO_MODEL
) -> tuple[np.ndarray, np.ndarray]:
    out = np.full((10, 12), OUTSIDE, np.float32)
    sky = np.zeros((10, 12), np.float32)
    ends = [float(values.shape[1]), float(values.shape[0])]
    thumbnails.lay_down(values, model, np.array(place + ends), BOX, covered, out, sky)
    return out, sky


def test_enlarged_each_block_covers_its_pixels_and_nothing_beside_them() -> None:
    values = np.arange(6, dtype=np.float32).reshape(2, 3)
    values[1, 1] = np.nan
    # Three pixels of the picture for one; the first is at column 2, row 1.
    out, sky = laid(values, [1 / 3, 0, 0, 1 / 3, (0.5 - 2) / 3, (0.5 - 1) / 3], 1, 10 * values)
    wanted = np.full((10, 12), np.inf, np.float32)
    wanted[1:7, 2:11] = np.repeat(np.repeat(values, 3, axis=0), 3, axis=1)
    np.testing.assert_array_equal(out, wanted)
    seen = np.isfinite(wanted)
    np.testing.assert_array_equal(sky[seen], 10 * wanted[seen])


def test_made_smaller_a_pixel_has_the_mean_of_what_it_covers() -> None:
    values = RNG.normal(0, 1, (30, 36)).astype(np.float32)
    values[4, 5] = np.nan
    out, _ = laid(values, [3.0, 0, 0, 3.0, 1.5, 1.5], 3)
    wanted = np.nanmean(values.reshape(10, 3, 12, 3), axis=(1, 3))
    np.testing.assert_allclose(out, wanted, rtol=1e-5, atol=1e-6)


def test_a_turned_detector_is_turned() -> None:
    values = RNG.normal(0, 1, (10, 10)).astype(np.float32)
    # x of the thumbnail runs up the picture, y to its left.
    out, sky = laid(values, [0, -1.0, -1.0, 0, 9.5, 9.5], 1, values)
    for y in range(10):
        for x in range(10):
            assert out[y, x] == values[9 - x, 9 - y] == sky[y, x]
    assert np.isinf(out[:, 10:]).all()
    # A little turned it is nearly what it is straight.
    straight, _ = laid(values, [1.0, 0, 0, 1.0, 0.5, 0.5], 1)
    nearly, _ = laid(values, [1.0, 1e-9, -1e-9, 1.0, 0.5, 0.5], 1)
    np.testing.assert_array_equal(straight, nearly)
    small, _ = laid(values, [2.0, 0, 0, 2.0, 1.0, 1.0], 2)
    alike, _ = laid(values, [2.0, 1e-9, -1e-9, 2.0, 1.0, 1.0], 2)
    np.testing.assert_allclose(small, alike, rtol=1e-5)


def test_colours_run_from_limit_to_limit_and_tell_nothing_from_no_value() -> None:
    lut = np.arange(4, dtype=np.uint32) + 100
    lut.flags.writeable = False
    values = np.array([[-9, 0.1, 1.1, 2.1, 3.1, 99, np.nan, np.inf]], np.float32)
    out = np.empty((1, 8), np.uint32)
    zeros, ones = np.zeros_like(values), np.ones_like(values)
    low, high = np.float32(0), np.float32(4)
    thumbnails.colour(values, zeros, np.float32(1), low, high, lut, np.uint32(7), out)
    assert out[0].tolist() == [100, 100, 101, 102, 103, 103, 7, 0]
    thumbnails.colour(values, ones, np.float32(-1), low, high, lut, np.uint32(7), out)
    assert out[0].tolist() == [100, 101, 102, 103, 103, 103, 7, 0]
