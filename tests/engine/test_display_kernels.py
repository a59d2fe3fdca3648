"""The kernels that paint, against what numpy says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from skyframe_gui.engine.kernels import blending, display, halving

RNG = np.random.default_rng(5)
GREY = (np.arange(256, dtype=np.uint32) * 0x010101) | np.uint32(0xFF000000)
NOTHING_COLOUR = np.uint32(0xFF112233)


def blocks(image: np.ndarray) -> np.ndarray:
    """2 x 2 blocks [h, w, 4], padded with NaN where the size is odd."""
    height, width = image.shape
    padded = np.full((height + height % 2, width + width % 2), np.nan)
    padded[:height, :width] = image
    h, w = padded.shape[0] // 2, padded.shape[1] // 2
    return padded.reshape(h, 2, w, 2).transpose(0, 2, 1, 3).reshape(h, w, 4)


@pytest.mark.filterwarnings("ignore:Mean of empty slice")
@pytest.mark.parametrize("shape", [(8, 10), (7, 9), (1, 5), (6, 1)])
def test_halving_means_the_finite_pixels_only(shape: tuple[int, int]) -> None:
    image = RNG.normal(100, 10, shape).astype(np.float32)
    image[RNG.random(shape) < 0.3] = np.nan
    image[0, 0] = np.inf
    out = np.empty(((shape[0] + 1) // 2, (shape[1] + 1) // 2), np.float32)
    halving.halve(image, out)
    wanted = np.nanmean(blocks(np.where(np.isfinite(image), image, np.nan)), axis=2)
    np.testing.assert_allclose(out, wanted, rtol=1e-6)


@pytest.mark.parametrize("shape", [(8, 10), (7, 9), (5, 1)])
def test_no_masked_pixel_is_lost_when_a_mask_is_halved(shape: tuple[int, int]) -> None:
    mask = (RNG.random(shape) < 0.2).astype(np.int32) << RNG.integers(0, 5, shape)
    out = np.empty(((shape[0] + 1) // 2, (shape[1] + 1) // 2), np.int32)
    halving.halve_planes(mask, out)
    for j, i in np.ndindex(out.shape):
        part = mask[2 * j : 2 * j + 2, 2 * i : 2 * i + 2]
        assert out[j, i] == np.bitwise_or.reduce(part.ravel())


def test_the_veil_counts_how_much_of_a_block_is_masked() -> None:
    mask = np.zeros((4, 4), np.int32)
    mask[0, 0] = 2
    mask[2:, 2:] = 6
    mask[0, 2] = 1
    part = np.empty((2, 2), np.uint8)
    halving.masked_part(mask, np.int32(2), part)
    assert part.tolist() == [[63, 0], [0, 255]]
    smaller = np.empty((1, 1), np.uint8)
    halving.halve_part(part, smaller)
    assert smaller[0, 0] == round((63 + 255) / 4)


def ranges(edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    start, stop = np.floor(edges[:-1]), np.ceil(edges[1:])
    ends = np.stack([1 - (edges[:-1] - start), 1 - (stop - edges[1:])], axis=1)
    return np.stack([start, stop], axis=1).astype(np.int64), ends.astype(np.float32)


def weights(found: np.ndarray, ends: np.ndarray, size: int) -> np.ndarray:
    made = np.zeros((len(found), size))
    for k, (start, stop) in enumerate(found):
        made[k, start:stop] = 1
        if stop - start > 1:
            made[k, start], made[k, stop - 1] = ends[k]
    return made


@pytest.mark.parametrize("factor", [1.0, 1.3, 2.0, 3.7])
@pytest.mark.parametrize("subtracts", [False, True])
def test_a_screen_pixel_is_the_mean_of_what_it_covers(factor: float, subtracts: bool) -> None:
    image = RNG.normal(100, 20, (40, 37)).astype(np.float32)
    image[RNG.random(image.shape) < 0.05] = np.nan
    image[10:20, 5:15] = np.nan
    model = RNG.normal(1, 0.1, image.shape).astype(np.float32) if subtracts else display.NOTHING
    columns, column_ends = ranges(np.linspace(0, 37, int(37 / factor) + 1))
    rows, row_ends = ranges(np.linspace(0, 40, int(40 / factor) + 1))
    out = np.zeros((len(rows), len(columns)), np.uint32)
    low, high = 0.0, 200.0
    scale = np.float32(50)
    args = (columns, column_ends, rows, row_ends, np.float32(low), np.float32(high))
    display.paint(image, model, scale, *args, GREY, NOTHING_COLOUR, out)

    values = image - scale * model if subtracts else image
    good = np.isfinite(values)
    across, down = weights(columns, column_ends, 37), weights(rows, row_ends, 40)
    whole = down @ good @ across.T
    with np.errstate(invalid="ignore"):
        mean = (down @ np.where(good, values, 0) @ across.T) / whole
    empty = whole == 0
    assert empty.any()
    assert (out[empty] == NOTHING_COLOUR).all()
    place = np.clip((mean - low) / (high - low) * 256, 0, 255)
    shown = (out & 255).astype(float)
    assert np.abs(shown - np.floor(place))[~empty].max() <= 1  # float32 on a step's edge


def test_values_beyond_the_limits_take_the_first_and_the_last_colour() -> None:
    image = np.array([[-1e9, -1.0, 0.0, 0.999, 1.0, 1e9]], np.float32)
    columns = np.array([[i, i + 1] for i in range(6)])
    ends = np.ones((6, 2), np.float32)
    out = np.zeros((1, 6), np.uint32)
    args: Any = (columns, ends, columns[:1], ends[:1], np.float32(0), np.float32(1))
    display.paint(image, display.NOTHING, np.float32(0), *args, GREY, NOTHING_COLOUR, out)
    assert (out & 255).tolist() == [[0, 0, 0, 255, 255, 255]]


def test_a_screen_pixel_beside_the_image_stays_empty() -> None:
    image = np.full((2, 2), 0.5, np.float32)
    columns = np.array([[0, 0], [0, 1], [1, 2], [0, 0]])
    ends = np.ones((4, 2), np.float32)
    out = np.full((4, 4), 7, np.uint32)
    args: Any = (columns, ends, columns, ends, np.float32(0), np.float32(1))
    display.paint(image, display.NOTHING, np.float32(0), *args, GREY, NOTHING_COLOUR, out)
    assert (out[0] == 0).all()
    assert (out[:, 0] == 0).all()
    assert (out[1:3, 1:3] == GREY[128]).all()


def one_to_one(n: int) -> np.ndarray:
    return np.array([[i, i + 1] for i in range(n)])


def test_the_veil_blends_by_how_much_is_masked() -> None:
    part = np.array([[0, 255, 128]], np.uint8)
    out = np.full((1, 3), 0xFF000000, np.uint32)
    blending.blend_masked(part, one_to_one(3), one_to_one(1), np.uint32(0xFFC86432), 128, out)
    assert out[0, 0] == 0xFF000000
    assert out[0, 1] == 0xFF643219
    assert abs(int(out[0, 2] >> 16 & 255) - 50) <= 1


def test_the_full_veil_hides_masked_pixels_and_no_others() -> None:
    mask = np.array([[1, 2, 3, 4]], np.int32)
    out = np.full((1, 4), 0xFF000000, np.uint32)
    args = (one_to_one(4), one_to_one(1), np.uint32(0xFF808080), 256, out)
    blending.blend_masked_pixels(mask, np.int32(2), *args)
    assert out.tolist() == [[0xFF000000, 0xFF808080, 0xFF808080, 0xFF000000]]


def test_the_first_plane_that_is_set_gives_its_colour() -> None:
    mask = np.array([[0, 1, 2, 3, 4]], np.int32)
    bits = np.array([2, 1], np.int32)
    colours = np.array([0xFFFF0000, 0xFF00FF00], np.uint32)
    out = np.full((1, 5), 0xFF000000, np.uint32)
    blending.overlay_planes(mask, one_to_one(5), one_to_one(1), bits, colours, 256, out)
    red, green, black = 0xFFFF0000, 0xFF00FF00, 0xFF000000
    assert out.tolist() == [[black, green, red, red, black]]


def test_a_plane_in_the_highest_bit_is_drawn() -> None:
    mask = np.array([[-(1 << 31)]], np.int32)
    out = np.full((1, 1), 0xFF000000, np.uint32)
    bits, colours = np.array([-(1 << 31)], np.int32), np.array([0xFFFFFFFF], np.uint32)
    blending.overlay_planes(mask, one_to_one(1), one_to_one(1), bits, colours, 256, out)
    assert out[0, 0] == 0xFFFFFFFF
