"""The numbers of LSST's helpers that fill, smooth and average the focal plane."""

from __future__ import annotations

import numpy as np
import pytest
from golden import assert_within, golden, ulp_of

from skyframe_gui.engine import SkyFrameError
from skyframe_gui.engine.filling import curve_at, fill_bad, robust_mean, smooth

G8 = golden("g8_helpers")


def _cases(what: str) -> list[dict]:
    return [case for case in G8.cases if case["what"] == what]


def _key(case: dict) -> str:
    return str(case["key"])


@pytest.mark.parametrize("case", _cases("interpolateBadPixels"), ids=_key)
def test_holes_filled(case: dict) -> None:
    key = case["key"]
    grid, bad = G8[f"{key}a"], G8[f"{key}bad"]
    if "raises" in case:
        with pytest.raises(SkyFrameError):
            fill_bad(grid, bad, case["style"])
        return
    before = grid.copy()
    filled = fill_bad(grid, bad, case["style"])
    np.testing.assert_array_equal(grid, before)
    assert filled.dtype == np.float32
    assert_within(filled, G8[f"{key}o"], 4, "holes filled", ulp_of(grid, G8[f"{key}o"]))


@pytest.mark.parametrize("case", _cases("interpolate1D"), ids=_key)
def test_curve_at_positions(case: dict) -> None:
    key = case["key"]
    curve = curve_at(case["style"], G8[f"{key}x"], G8[f"{key}y"], G8[f"{key}xi"])
    theirs = G8[f"{key}o"]
    largest = max(float(np.nanmax(np.abs(theirs), initial=0.0)), 1.0)
    assert_within(curve, theirs, 1e-12, "curve in one dimension", largest)


@pytest.mark.parametrize("case", _cases("smoothArray"), ids=_key)
def test_smoothed(case: dict) -> None:
    key = case["key"]
    result = smooth(G8[f"{key}a"], G8[f"{key}bad"], case["sigma"])
    assert str(result.dtype) == case["dtype"]
    assert_within(result, G8[f"{key}o"], 4, "smoothed", ulp_of(G8[f"{key}a"], G8[f"{key}o"]))


@pytest.mark.parametrize("case", _cases("robustMean"), ids=_key)
def test_mean_of_what_is_near_the_median(case: dict) -> None:
    values = G8[f"{case['key']}a"]
    mean = robust_mean(values, case["rej"])
    assert_within(mean, case["value"], 1e-12, "robust mean", float(np.abs(values).max()))
