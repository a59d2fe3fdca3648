"""The numbers of LSST's getImageF and of its one-dimensional interpolation."""

from __future__ import annotations

import numpy as np
import pytest
from golden import assert_images_equal, golden

from skyframe_gui.engine import BackgroundModel, BinGrid, SkyFrameError, styles

G3, G3B = golden("g3_getImage"), golden("g3b_interpolate1d")
RULE = "REDUCE_INTERP_ORDER"
IMAGES = [c for c in G3.cases if c.get("undersample", RULE) == RULE]


@pytest.mark.parametrize(
    "case", IMAGES, ids=lambda c: f"{c['nx']}x{c['ny']}-{c['pattern']}-{c['style']}"
)
def test_image_of_a_grid(case: dict) -> None:
    values = G3[case["stats"]]
    grid = BinGrid.from_values(values, (0, 0, case["width"] - 1, case["height"] - 1))
    if case["exception"] or np.isinf(values).any():
        with pytest.raises(SkyFrameError):
            BackgroundModel(grid, case["style"]).image()
        return
    model = BackgroundModel(grid, case["style"])
    assert model.style_as_used == case["asUsed"].replace("CUBIC_SPLINE", "NATURAL_SPLINE")
    assert_images_equal(model.image(), G3[case["out"]], values)


@pytest.mark.parametrize("index", range(len(G3B.cases)))
def test_curve_through_nodes(index: int) -> None:
    case = G3B.cases[index]
    k = case["k"]
    style = styles.get(case["style"])
    if case["exception"]:
        assert case["n"] < style.MIN_POINTS
        if case["n"]:
            fallback = styles.fitting(case["style"], case["n"])
            assert case["n"] >= fallback.MIN_POINTS
        return
    x, y, at = (G3B[f"{name}{k}"].astype(np.float64) for name in ("x", "y", "xi"))
    (result,) = (a for key, a in G3B.arrays.items() if key.endswith(f"i{k}") and key != f"xi{k}")
    curve = style.pieces(x, y[np.newaxis])
    piece = np.searchsorted(curve.breaks, at, side="right")
    t = at - curve.starts[piece]
    c0, c1, c2, c3 = curve.coefficients[0, piece].T
    np.testing.assert_allclose(
        c0 + t * (c1 + t * (c2 + t * c3)), result, rtol=1e-12, atol=1e-12 * np.abs(result).max()
    )
