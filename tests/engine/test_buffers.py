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
    buffers,
    solve_scales,
    subtract_sky_frame,
)
from skyframe_gui.engine.buffers import recycled


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buffers, "_kept", [])


def address(array: np.ndarray) -> int:
    return int(array.__array_interface__["data"][0])


def test_an_array_that_is_let_go_comes_again() -> None:
    first = recycled((30, 40))
    where = address(first)
    other = recycled((30, 40))
    assert address(other) != where
    del first
    assert address(recycled((40, 30))) == where


def test_a_view_of_a_part_holds_the_whole() -> None:
    first = recycled((30, 40))
    where, corner = address(first), first[3:5, 7:].view()
    corner.flags.writeable = False
    del first
    assert address(recycled((30, 40))) != where
    del corner
    assert address(recycled((30, 40))) == where


def test_few_are_kept_and_none_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    held = [recycled((10, n)) for n in range(1, 12)]
    assert len(buffers._kept) == buffers.MOST_KEPT
    held.clear()
    recycled((3, 3))
    assert any(array.size == 9 for array in buffers._kept), "idle ones give way"
    monkeypatch.setattr(buffers, "MOST_BYTES", 1000)
    buffers._kept.clear()
    recycled((20, 20))
    assert buffers._kept == []


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
