"""The numbers of LSST's backgrounds with a Chebyshev approximation."""

from __future__ import annotations

import numpy as np
import pytest
from golden import PLANES, assert_statistics_equal, assert_within, exposure_of, golden, ulp_of

from skyframe_gui.engine import (
    BackgroundList,
    BackgroundModel,
    BinGrid,
    ChebyshevModel,
    SkyFrameError,
)
from skyframe_gui.engine.bins import bin_edges
from skyframe_gui.engine.chebyshev import reduced_order
from skyframe_gui.engine.statistics import box_statistics

G9 = golden("g9_chebyshev")


def _cases(what: str) -> list[dict]:
    return [case for case in G9.cases if case["what"] == what]


def _key(case: dict) -> str:
    return str(case["key"])


@pytest.mark.parametrize("case", _cases("chebyshev member"), ids=_key)
def test_polynomial_of_a_grid(case: dict) -> None:
    key, x0, y0 = case["key"], case["x0"], case["y0"]
    bbox = (x0, y0, x0 + case["width"] - 1, y0 + case["height"] - 1)
    grid = BinGrid.from_values(G9[f"{key}g"], bbox, errors=G9[f"{key}v"])
    if "raises" in case or case["underdetermined"]:
        with pytest.raises(SkyFrameError):
            ChebyshevModel(grid, case["order"], case["weighting"]).image()
        return
    model = ChebyshevModel(grid, case["order"], case["weighting"])
    assert model.bbox == bbox
    sy, sx = case["step"]
    image, theirs = model.image(), G9[f"{key}o"]
    finite = grid.values[np.isfinite(grid.values)]
    assert_within(image[::sy, ::sx], theirs, 8, "Chebyshev member", ulp_of(finite, theirs))
    part = (3, 2, case["width"] - 4, case["height"] - 5)
    np.testing.assert_array_equal(model.image(part), image[2:-5, 3:-4])
    inverted = BinGrid.from_values(-grid.values, bbox, errors=grid.errors)
    np.testing.assert_array_equal(model.with_grid(inverted).image(), -image)


@pytest.mark.parametrize("case", _cases("list"), ids=_key)
def test_sum_of_members_with_and_without_approximation(case: dict) -> None:
    key = case["key"]
    bbox = (0, 0, case["width"] - 1, case["height"] - 1)
    members: list = []
    for j, (style, order, weighting) in enumerate(case["members"]):
        grid = BinGrid.from_values(G9[f"{key}g{j}"], bbox, errors=G9[f"{key}v{j}"])
        fitted = style == "CHEBYSHEV"
        members.append(
            ChebyshevModel(grid, order, weighting) if fitted else BackgroundModel(grid, style)
        )
    sy, sx = case["step"]
    total, theirs = BackgroundList(members).image()[::sy, ::sx], G9[f"{key}o"]
    unit = ulp_of(theirs, *(m.grid.values for m in members))
    assert_within(total, theirs, 8, "list with Chebyshev members", unit)


@pytest.mark.parametrize("case", _cases("SubtractBackgroundTask"), ids=_key)
def test_background_measured_with_a_reduced_order(case: dict) -> None:
    key = case["key"]
    exposure = exposure_of(G9, "sub", "0")
    size = case["binSize"]
    edges = [bin_edges(n, -(-n // size)) for n in (exposure.width, exposure.height)]
    bits = PLANES.bits(case["ignoredPixelMask"])
    found = box_statistics(exposure.image, exposure.mask, bits, *edges, "MEANCLIP")
    assert_statistics_equal(found.value.astype(np.float32), G9[f"{key}g"])
    assert_statistics_equal(found.error.astype(np.float32), G9[f"{key}v"])
    grid = BinGrid.from_values(found.value, exposure.bbox, errors=found.error)
    _, _, approximation, order, _, weighting = case["member"]
    sy, sx = case["step"]
    unit = ulp_of(grid.values)
    if approximation == -1:
        image = BackgroundModel(grid, case["algorithm"]).image()
    else:
        assert reduced_order(grid.values.shape, case["approxOrderX"]) == order
        image = ChebyshevModel(grid, order, weighting).image()
    rest = (exposure.image - image)[::sy, ::sx]
    assert_within(rest, G9[f"{key}o"], 8, "background measured and fitted", unit)


def test_order_that_is_none() -> None:
    grid = BinGrid.from_values(np.ones((4, 4)), (0, 0, 39, 39))
    for order in (-1, 1.5, True):
        with pytest.raises(SkyFrameError, match="order of 0 or more"):
            ChebyshevModel(grid, order, False)  # type: ignore[arg-type]
