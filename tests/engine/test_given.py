"""In a notebook whatever holds an image is measured as the exposure that it is."""

from __future__ import annotations

import numpy as np
import pytest
from astropy import units as u
from astropy.nddata import (
    CCDData,
    InverseVariance,
    NDData,
    StdDevUncertainty,
    UnknownUncertainty,
    VarianceUncertainty,
)
from astropy.wcs import WCS

from skyframe_gui.engine import (
    BackgroundConfig,
    BackgroundModel,
    BinGrid,
    Exposure,
    MaskPlanes,
    SkyFrameError,
    SkyMeasurementConfig,
    as_exposure,
    fill_objects,
    find_objects,
    mean_of_model,
    measure_background,
    measure_residual,
    measure_scale,
    subtract_sky_frame,
)

RNG = np.random.default_rng(2)
IMAGE = RNG.normal(500, 5, (64, 96)).astype(np.float32)
BAD = RNG.random(IMAGE.shape) < 0.1
BITS = MaskPlanes.LSST_DEFAULT.bits(["BAD"])
PLAIN = Exposure(IMAGE, np.where(BAD, BITS, 0).astype(np.int32))
MODEL = BackgroundModel(
    BinGrid.from_values(RNG.normal(50, 2, (4, 6)).astype(np.float32), (0, 0, 95, 63)),
    "NATURAL_SPLINE",
)
BINS = BackgroundConfig(xBinSize=16, yBinSize=16)
CONFIG = SkyMeasurementConfig()

HANDED_OVER = {
    "CCDData": CCDData(IMAGE, mask=BAD, unit="electron"),
    "NDData": NDData(IMAGE, mask=BAD.astype(np.int16) * 7),
    "a masked array": np.ma.MaskedArray(IMAGE, BAD),
    "a masked array of float64": np.ma.MaskedArray(IMAGE.astype(np.float64), BAD),
}
WORK = {
    "bins": lambda one: measure_background(one, BINS).values,
    "samples": lambda one: measure_scale(one, MODEL, CONFIG).image,
    "residual": lambda one: measure_residual(one, MODEL, 2.0, BINS).values,
    "mean of the model": lambda one: mean_of_model(one, MODEL, BINS),
    "subtracted": lambda one: subtract_sky_frame(one, MODEL, 2.0).image,
    "objects": lambda one: find_objects(one).mask,
    "filled": lambda one: fill_objects(one, ["BAD"], interpolate=False).image,
}


@pytest.mark.parametrize("work", WORK)
@pytest.mark.parametrize("kind", HANDED_OVER)
def test_it_is_measured_as_the_exposure(kind: str, work: str) -> None:
    np.testing.assert_array_equal(WORK[work](HANDED_OVER[kind]), WORK[work](PLAIN))


def test_arrays_quantities_and_lists_have_no_mask() -> None:
    for one in (IMAGE, IMAGE * u.electron, IMAGE.tolist()):
        made = as_exposure(one)
        np.testing.assert_array_equal(made.image, IMAGE)
        assert not made.has_mask
        assert not made.has_variance
    assert np.shares_memory(as_exposure(IMAGE).image, IMAGE)


def test_an_exposure_is_itself() -> None:
    assert as_exposure(PLAIN) is PLAIN


@pytest.mark.parametrize(
    ("uncertainty", "variance"),
    [
        (StdDevUncertainty(np.full(IMAGE.shape, 3.0)), 9.0),
        (VarianceUncertainty(np.full(IMAGE.shape, 3.0)), 3.0),
        (InverseVariance(np.full(IMAGE.shape, 4.0)), 0.25),
        (InverseVariance(np.zeros(IMAGE.shape)), np.inf),
    ],
)
def test_an_uncertainty_becomes_the_variance(uncertainty, variance) -> None:
    made = as_exposure(CCDData(IMAGE, unit="adu", uncertainty=uncertainty))
    assert made.has_variance
    np.testing.assert_array_equal(made.variance, np.full(IMAGE.shape, variance, np.float32))


def test_header_and_coordinates_are_carried_along() -> None:
    wcs = WCS(naxis=2)
    made = as_exposure(CCDData(IMAGE, unit="adu", meta={"EXPID": 7}, wcs=wcs), "exposure 7")
    assert made.header["EXPID"] == 7
    assert made.wcs is wcs
    assert made.name == "exposure 7"


def test_an_uncertainty_without_a_variance_is_refused_by_its_kind() -> None:
    given = CCDData(IMAGE, unit="adu", uncertainty=UnknownUncertainty(np.ones(IMAGE.shape)))
    with pytest.raises(SkyFrameError, match=r"The image has an uncertainty of the kind 'unknown'"):
        as_exposure(given)


@pytest.mark.parametrize("given", [np.zeros(5), np.zeros((2, 3, 4)), np.zeros((0, 4)), ["a"], 3])
def test_what_is_no_image_is_a_sentence(given) -> None:
    with pytest.raises(SkyFrameError):
        measure_background(given, BINS)
