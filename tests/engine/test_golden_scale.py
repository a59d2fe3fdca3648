"""The numbers of LSST's measureScale, solveScales and subtractSkyFrame, and all together."""

from __future__ import annotations

import numpy as np
import pytest
from golden import assert_images_equal, assert_statistics_equal, config_of, golden

from skyframe_gui.engine import (
    BackgroundModel,
    BinGrid,
    Exposure,
    Samples,
    SkyFrameError,
    SkyMeasurementConfig,
    average_backgrounds,
    measure_background,
    measure_scale,
    solve_scales,
    subtract_sky_frame,
)

G5A, G5B = golden("g5a_measureScale"), golden("g5b_solveScales")
G5C, G6 = golden("g5c_subtractSkyFrame"), golden("g6_endToEnd")


def model_of(values: np.ndarray, shape: tuple[int, ...], algorithm: str) -> BackgroundModel:
    return BackgroundModel(
        BinGrid.from_values(values, (0, 0, shape[1] - 1, shape[0] - 1)), algorithm
    )


@pytest.mark.parametrize("index", range(len(G5A.cases)))
def test_samples_of_an_exposure(index: int) -> None:
    case = G5A.cases[index]
    base, config = case["base"], config_of(case)
    exposure = Exposure(G5A["img_" + base], G5A["mask_" + base])
    if config.background.algorithm == "NONE":
        with pytest.raises(SkyFrameError):
            model_of(G5A["sky_" + base], exposure.image.shape, "NONE")
        return
    model = model_of(
        G5A["sky_" + base], exposure.image.shape, config.background.algorithm or "NONE"
    )
    samples = measure_scale(exposure, model, config)
    assert_statistics_equal(samples.image, G5A[f"c{index:02d}_imageSamples"])
    assert_statistics_equal(samples.sky, G5A[f"c{index:02d}_skySamples"])
    assert samples.boxes.shape == (len(samples), 4)
    assert ((samples.good_fraction == 0) == np.isnan(samples.image)).all()


@pytest.mark.parametrize("index", range(len(G5B.cases)), ids=lambda i: G5B.cases[i]["name"])
def test_scale_of_a_visit(index: int) -> None:
    case = G5B.cases[index]
    samples = [
        Samples(G5B[f"c{index:02d}_i{k}"], G5B[f"c{index:02d}_s{k}"]) for k in range(case["nDet"])
    ]
    if case["exception"]:
        with pytest.raises(SkyFrameError) as caught:
            solve_scales(samples, config_of(case))
        history = caught.value.solution  # type: ignore[attr-defined]
        assert history.n_used == 0
        assert not (history.rejected_at == -1).any()
        assert len(history.iterations) <= config_of(case).skyIter
        return
    solution = solve_scales(samples, config_of(case))
    scale = float(G5B[f"c{index:02d}_scale"])
    assert solution.scale == pytest.approx(scale, rel=1e-9, abs=0)
    kept = G5B[f"c{index:02d}_finalmask"].astype(bool).ravel()
    np.testing.assert_array_equal(solution.rejected_at == -1, kept)


@pytest.mark.parametrize("index", range(len(G5C.cases)))
def test_subtraction(index: int) -> None:
    case = G5C.cases[index]
    grid = G5C[f"c{index}_sky_image"]
    exposure = Exposure(G5C[f"c{index}_in_image"], G5C[f"c{index}_in_mask"])
    model = model_of(grid, exposure.image.shape, case["algorithm"])
    assert_images_equal(model.image(), G5C[f"c{index}_skyfull"], grid)
    result = subtract_sky_frame(exposure, model, case["scale"])
    assert_images_equal(
        result.image, G5C[f"c{index}_out_image"], np.append(grid.ravel(), exposure.image.ravel())
    )
    np.testing.assert_array_equal(result.mask, exposure.mask)


def test_a_night_of_three_detectors_and_the_visits_it_corrects() -> None:
    config = SkyMeasurementConfig.model_validate(G6.cases)
    y0, y1, x0, x1 = G6["nan_box_e0"]
    exposures = {}
    for e in range(6):
        for d in range(3):
            image = G6[f"e{e}d{d}_img_i2"].astype(np.float32)
            if e == 0:
                image[y0:y1, x0:x1] = np.nan
            exposures[e, d] = Exposure(image, G6[f"e{e}d{d}_mask_i2"].astype(np.int32))
    models = []
    for d in range(3):
        grids = [measure_background(exposures[e, d], config.background) for e in range(6)]
        for e, grid in enumerate(grids):
            assert_statistics_equal(grid.values, G6[f"e{e}d{d}_stats"])
            assert_statistics_equal(grid.errors, G6[f"e{e}d{d}_statsvar"])
        sky_frame = average_backgrounds(grids, config.background.algorithm or "")
        assert_statistics_equal(sky_frame.grid.values, G6[f"d{d}_sky_image"])
        assert_statistics_equal(sky_frame.variance, G6[f"d{d}_sky_variance"])
        np.testing.assert_array_equal(sky_frame.mask, G6[f"d{d}_sky_mask"])
        model = sky_frame.model()
        image = model.image()
        values = sky_frame.grid.values
        assert_images_equal(image[::4, ::4], G6[f"d{d}_skyfull_s4"], values)
        border = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
        assert_images_equal(border, G6[f"d{d}_skyfull_edges"], values)
        models.append(model)
    for e in range(6):
        samples = [measure_scale(exposures[e, d], models[d], config) for d in range(3)]
        for d in range(3):
            assert_statistics_equal(samples[d].image, G6[f"e{e}_imageSamples"][d])
            assert_statistics_equal(samples[d].sky, G6[f"e{e}_skySamples"][d])
        solution = solve_scales(samples, config)
        assert solution.scale == pytest.approx(float(G6["scales"][e]), rel=1e-9)
        for d in range(3):
            image = subtract_sky_frame(exposures[e, d], models[d], solution.scale).image
            everything = np.append(exposures[e, d].image[::8, ::8], image[::8, ::8])
            assert_images_equal(image[::8, ::8], G6[f"e{e}d{d}_sub_s8"], everything)
            seen = image[np.isfinite(image)].astype(np.float64)
            sums = [seen.sum(), np.square(seen).sum()]
            np.testing.assert_allclose(sums, G6[f"e{e}d{d}_sub_moments"], rtol=1e-6)
