"""The residual map is what the bins say of the subtracted exposure, whatever is asked of it."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyframe_gui.engine import (
    BackgroundConfig,
    BackgroundModel,
    BinGrid,
    Cancelled,
    Exposure,
    SkyFrameError,
    Watch,
    mean_of_model,
    measure_background,
    measure_residual,
    subtract_sky_frame,
)

WIDTH, HEIGHT = 150, 110
STATISTICS = ("MEAN", "MEDIAN", "MEANCLIP")


def config_of(statistic: str = "MEANCLIP", x: int = 25, y: int = 30) -> BackgroundConfig:
    return BackgroundConfig(statistic=statistic, xBinSize=x, yBinSize=y)


def model_of(seed: int = 0) -> BackgroundModel:
    values = np.random.default_rng(seed).normal(1.0, 0.05, (4, 5)).astype(np.float32)
    return BackgroundModel(BinGrid.from_values(values, (0, 0, WIDTH - 1, HEIGHT - 1)), "LINEAR")


def exposure_of(seed: int = 0, scale: float = 900.0) -> Exposure:
    """Sky with noise, a masked stripe over whole bins, and some pixels that are not finite."""
    rng = np.random.default_rng(seed)
    image = scale * model_of(seed).image(None) + rng.normal(0, 20, (HEIGHT, WIDTH))
    image = image.astype(np.float32)
    mask = np.zeros(image.shape, np.int32)
    mask[:, 50:75] = 1 << 5  # DETECTED: two columns of bins of 25
    image[40:44, 100:104] = np.nan
    image[50, 3] = np.inf
    return Exposure(image, mask)


def same(one: BinGrid, other: BinGrid) -> bool:
    return all(
        np.array_equal(getattr(one, field.name), getattr(other, field.name), equal_nan=True)
        if isinstance(getattr(one, field.name), np.ndarray)
        else getattr(one, field.name) == getattr(other, field.name)
        for field in fields(BinGrid)
    )


@given(
    st.integers(0, 99),
    st.floats(-2000, 2000, allow_nan=False),
    st.sampled_from(STATISTICS),
    st.integers(3, 60),
    st.integers(3, 60),
)
def test_it_is_to_the_bit_the_bins_of_the_subtracted_exposure(
    seed: int, scale: float, statistic: str, x: int, y: int
) -> None:
    exposure, model, config = exposure_of(seed), model_of(seed), config_of(statistic, x, y)
    wanted = measure_background(subtract_sky_frame(exposure, model, scale), config)
    assert same(measure_residual(exposure, model, scale, config), wanted)
    image = model.image(None)
    assert same(measure_residual(exposure, image, scale, config, threads=1), wanted)


@given(st.integers(0, 20), st.floats(-300, 300), st.sampled_from(STATISTICS))
def test_more_sky_in_exposure_and_scale_alike_changes_nothing(
    seed: int, more: float, statistic: str
) -> None:
    exposure, model, config = exposure_of(seed), model_of(seed), config_of(statistic)
    brighter = exposure.with_planes(image=exposure.image + np.float32(more) * model.image(None))
    one = measure_residual(exposure, model, 900.0, config)
    other = measure_residual(brighter, model, 900.0 + more, config)
    # A pixel on the very limit of a clip may change sides by rounding: far less than an error.
    near = np.abs(one.values - other.values) <= 2e-3 + 0.05 * np.nan_to_num(one.errors, nan=1.0)
    assert (near | np.isnan(one.values)).all()
    assert (np.isnan(one.values) == np.isnan(other.values)).all()


def test_bins_without_a_good_pixel_have_no_value_and_all_others_have_one() -> None:
    found = measure_residual(exposure_of(), model_of(), 900.0, config_of())
    empty = found.n_good == 0
    assert empty[:, 2].all()
    assert empty.sum() == found.values.shape[0]
    assert (np.isnan(found.values) == empty).all()
    assert (np.isnan(mean_of_model(exposure_of(), model_of(), config_of())) == empty).all()


@pytest.mark.parametrize("statistic", STATISTICS)
@pytest.mark.parametrize("change", [-9.0, -3.0, 0.5, 9.0])
def test_a_mean_falls_by_the_models_mean_when_the_scale_grows(
    statistic: str, change: float
) -> None:
    exposure, model, config = exposure_of(), model_of(), config_of(statistic)
    before = measure_residual(exposure, model, 900.0, config)
    after = measure_residual(exposure, model, 900.0 + change, config)
    linear = before.values - change * mean_of_model(exposure, model, config)
    good = np.isfinite(before.values)
    off = np.abs(linear - after.values)[good]
    if statistic == "MEAN":
        assert off.max() < 1e-3  # of values about 1000 in float32
    else:
        assert (off / before.errors[good]).max() < 0.3
        assert np.median(off / before.errors[good]) < 0.05


def test_it_can_be_cancelled_and_leaves_its_inputs_alone() -> None:
    exposure, model = exposure_of(), model_of()
    image, mask = exposure.image.copy(), exposure.mask.copy()
    measure_residual(exposure, model, 900.0, config_of())
    mean_of_model(exposure, model, config_of())
    assert np.array_equal(exposure.image, image, equal_nan=True)
    assert np.array_equal(exposure.mask, mask)
    watch = Watch()
    watch.cancel()
    with pytest.raises(Cancelled):
        measure_residual(exposure, model, 900.0, config_of(), watch)
    with pytest.raises(Cancelled):
        mean_of_model(exposure, model.image(None), config_of(), watch)


def test_an_exposure_outside_of_the_model_is_refused() -> None:
    exposure = exposure_of()
    moved = Exposure(exposure.image, exposure.mask, xy0=(40, 0))
    with pytest.raises(SkyFrameError):
        measure_residual(moved, model_of(), 900.0, config_of())
