"""The numbers of LSST's makeStatistics, measureBackground and averageBackgrounds."""

from __future__ import annotations

import json

import numpy as np
import pytest
from golden import PLANES, assert_statistics_equal, config_of, golden

from skyframe_gui.engine import (
    BinGrid,
    Exposure,
    SkyFrameError,
    average_backgrounds,
    compute_statistic,
    measure_background,
)

G1, G2, G4 = (
    golden(n) for n in ("g1_makeStatistics", "g2_measureBackground", "g4_averageBackgrounds")
)
PROPERTIES = json.loads(str(G1["props"]))


@pytest.mark.parametrize("statistic", ["MEAN", "MEDIAN", "MEANCLIP"])
@pytest.mark.parametrize("index", range(len(G1.cases)))
def test_statistic_of_a_set_of_pixels(index: int, statistic: str) -> None:
    case = G1.cases[index]
    if not case["nanSafe"] and np.isnan(G1["img_" + case["base"]]).any():
        # The original lets NaN through when told to; ours never does, so it must only not crash.
        assert compute_statistic(G1["img_" + case["base"]], statistic=statistic).n_good >= 0
        return
    n_iter = case["nIter"]
    mask = G1["mask_" + case["base"]] if case["hasMask"] else None
    ours = compute_statistic(
        G1["img_" + case["base"]], mask, case["andMask"], statistic, case["clip"], n_iter
    )
    column = PROPERTIES.index(statistic)
    assert_statistics_equal(ours.value, G1["value"][index, column])
    assert_statistics_equal(ours.error, G1["error"][index, column])
    assert ours.n_good == G1["value"][index, PROPERTIES.index("NPOINT")]
    if np.isnan(ours.value):
        assert ours.n_used == 0
    elif statistic == "MEANCLIP" and n_iter > 0:
        assert ours.n_good - ours.n_used == case["NCLIPPED"]


@pytest.mark.parametrize("index", range(len(G2.cases)))
def test_bin_grid_of_an_exposure(index: int) -> None:
    case = G2.cases[index]
    exposure = Exposure(G2["img_" + case["base"]], G2["mask_" + case["base"]])
    config = config_of(case).background
    if case["exception"]:
        with pytest.raises(SkyFrameError, match="NONE"):
            measure_background(exposure, config)
        return
    grid = measure_background(exposure, config)
    assert_statistics_equal(grid.values, G2[f"c{index:02d}_image"])
    assert_statistics_equal(grid.errors, G2[f"c{index:02d}_variance"])
    np.testing.assert_array_equal(grid.mask, G2[f"c{index:02d}_mask"])
    layout = case["layout"]
    np.testing.assert_array_equal(grid.x_centers, layout["xcen"])
    np.testing.assert_array_equal(grid.y_centers, layout["ycen"])
    np.testing.assert_array_equal(grid.x_edges[:-1], layout["xorig"])
    np.testing.assert_array_equal(np.diff(grid.y_edges), layout["ysize"])
    bits = PLANES.bits(config.mask)
    good = np.isfinite(exposure.image) & (exposure.mask & bits == 0)
    assert grid.n_good.sum() == good.sum()


@pytest.mark.parametrize("index", range(len(G4.cases)), ids=lambda i: G4.cases[i]["name"])
def test_average_of_grids(index: int) -> None:
    case = G4.cases[index]
    width, height = case["dims"]
    bbox = (0, 0, width - 1, height - 1)
    planes = [G4[f"c{index:02d}_in_{name}"].ravel() for name in ("image", "mask", "variance")]
    bounds = np.cumsum([0] + [ny * nx for ny, nx in case["shapes"]])
    grids = [
        BinGrid.from_values(
            planes[0][a:b].reshape(shape),
            bbox,
            errors=planes[2][a:b].reshape(shape),
            mask=planes[1][a:b].reshape(shape),
        )
        for shape, a, b in zip(case["shapes"], bounds[:-1], bounds[1:], strict=True)
    ]
    if case["exception"]:
        with pytest.raises(SkyFrameError, match="Grid 2"):
            average_backgrounds(grids)
        return
    if not np.isfinite(planes[0]).any():
        with pytest.raises(SkyFrameError, match="finite"):
            average_backgrounds(grids)
        return
    sky_frame = average_backgrounds(grids)
    assert_statistics_equal(sky_frame.grid.values, G4[f"c{index:02d}_image"])
    assert_statistics_equal(sky_frame.variance, G4[f"c{index:02d}_variance"])
    np.testing.assert_array_equal(sky_frame.mask, G4[f"c{index:02d}_mask"])
    raw = G4[f"c{index:02d}_rawstack"]
    np.testing.assert_array_equal(sky_frame.filled, np.isnan(raw))
    used = sky_frame.grid.n_good - sky_frame.n_clipped
    np.testing.assert_array_equal(sky_frame.n_used, used)
    np.testing.assert_array_equal(sky_frame.clipped.sum(axis=0), sky_frame.n_clipped)
    for grid, before in zip(grids, bounds[:-1], strict=True):
        np.testing.assert_array_equal(
            grid.mask.ravel(), planes[1][before : before + grid.mask.size]
        )
