"""Memory of large arrays is used again, and never while somebody still looks at it."""

from __future__ import annotations

import numpy as np
import pytest

from skyframe_gui.engine import (
    BackgroundModel,
    BinGrid,
    Exposure,
    Samples,
    SkyMeasurementConfig,
    solve_scales,
    subtract_sky_frame,
)
from skyframe_gui.engine.buffers import Buffers


def address(array: np.ndarray) -> int:
    return int(array.__array_interface__["data"][0])


def test_an_array_that_is_let_go_comes_again() -> None:
    give = Buffers(4, 1 << 20).give
    first = give((30, 40))
    where = address(first)
    other = give((30, 40))
    assert address(other) != where
    del first
    assert address(give((40, 30))) == where


def test_a_view_of_a_part_holds_the_whole() -> None:
    give = Buffers(4, 1 << 20).give
    first = give((30, 40))
    where, corner = address(first), first[3:5, 7:].view(np.int32)
    corner.flags.writeable = False
    del first
    assert address(give((30, 40))) != where
    del corner
    assert address(give((30, 40))) == where


def test_few_are_kept_and_idle_ones_give_way() -> None:
    give = Buffers(4, 1 << 20).give
    held = [give((10, n)) for n in range(1, 12)]
    places = [address(array) for array in held]
    assert len(set(places)) == len(places)
    held.clear()
    small = give((3, 3))
    again = [address(give((10, n))) for n in range(1, 4)]
    assert again == places[:3]
    where = address(small)
    del small
    assert address(give((3, 3))) == where


def test_none_is_kept_that_is_too_large() -> None:
    buffers = Buffers(4, 1000)
    large = buffers.give((20, 20))
    small = buffers.give((5, 5))
    where = address(small)
    del large, small
    buffers.give((20, 20))
    assert address(buffers.give((5, 5))) == where


def test_subtracted_exposures_do_not_share_their_memory() -> None:
    rng = np.random.default_rng(3)
    grid = rng.normal(10, 1, (6, 5)).astype(np.float32)
    model = BackgroundModel(BinGrid.from_values(grid, (0, 0, 59, 69)), "AKIMA_SPLINE")
    sky = model.image()
    exposures = [Exposure(rng.normal(0, 1, (70, 60)).astype(np.float32)) for _ in range(7)]
    results = [subtract_sky_frame(one, model, 0.3) for one in exposures]
    for one, result in zip(exposures, results, strict=True):
        np.testing.assert_array_equal(result.image, one.image - np.float32(0.3) * sky)


@pytest.mark.parametrize("sky", [5.0, -5.0])
def test_a_slope_that_one_sample_alone_tells(sky: float) -> None:
    """The others have a sky of 0, and memory that was used before must not count for them."""
    config = SkyMeasurementConfig(skyIter=0)
    for _ in range(20):
        np.full(3, 1e9)  # what the next array of this size may hold
        solution = solve_scales([Samples([10.0, 1.0, 2.0], [sky, 0.0, 0.0])], config)
        assert solution.scale == 10.0 / sky
