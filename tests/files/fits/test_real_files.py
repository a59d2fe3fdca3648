"""Pieces of real files of six cameras and pipelines."""

from __future__ import annotations

import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from fits_samples import DATA

from skyframe_gui.engine import SkyFrameError
from skyframe_gui.files import kind_of, read_exposures, scan


def test_a_hyper_suprime_cam_calexp_of_2014():
    (exposure,) = read_exposures(DATA / "hsc_calexp_2014.fits.gz")
    assert (exposure.visit, exposure.detector) == ("14770", "27")
    assert exposure.bbox == (820, 660, 867, 691)
    assert len(exposure.planes) == 14
    assert exposure.planes["NO_DATA"] == 10
    assert set(np.unique(exposure.mask)) == {0, 1 << exposure.planes["DETECTED"]}
    ra, dec = exposure.wcs.pixel_to_world_values(0, 0)
    assert (round(float(ra), 2), round(float(dec), 2)) == (10.18, 40.96)
    assert exposure.header["EXPTIME"] == 90
    assert exposure.header["EXTTYPE"] == "IMAGE"


def test_a_hyper_suprime_cam_calexp_of_2024():
    (source,) = scan(DATA / "hsc_calexp_2024.fits.gz")
    assert (source.visit, source.detector, source.filter) == ("904010", "4", "HSC-I")
    assert (source.width, source.height, source.exposure_time) == (64, 32, 30.0)
    assert source.date.startswith("2013-11-02T06:00:4")
    assert source.planes["VIGNETTED"] == 9
    exposure = source.read()
    assert exposure.mask.any()
    assert (exposure.variance > 0).all()


def test_an_lsst_exposure_in_the_first_layout():
    (exposure,) = read_exposures(DATA / "exposure-version-0.fits.gz")
    assert (exposure.visit, exposure.detector) == ("12345", "detector 1")
    assert (exposure.mask != 0).sum() == 1


def test_a_mask_that_astropy_would_read_as_floats():
    (exposure,) = read_exposures(DATA / "afw_mask_as_float_var0.fits.gz")
    assert exposure.mask.dtype == np.int32
    assert not exposure.mask.any()
    assert exposure.has_variance
    assert exposure.planes["NO_DATA"] == 8


def test_decam_in_three_files():
    (exposure,) = read_exposures(DATA / "c4d_150110_053718_ooi_z_ls9.S4.fits.gz")
    assert (exposure.visit, exposure.detector) == ("396388", "28")
    saturated, bleed = (1 << exposure.planes[name] for name in ("SAT", "BLEED"))
    assert ((exposure.mask & saturated) != 0).sum() == 1056
    assert ((exposure.mask & bleed) != 0).sum() == 432
    np.testing.assert_array_equal(np.isinf(exposure.variance), exposure.mask != 0)
    assert float(np.median(exposure.image)) == pytest.approx(3048.1484, rel=1e-6)


def test_des_in_one_file():
    (exposure,) = read_exposures(DATA / "DECam_00149774_40.fits.fz")
    assert (exposure.visit, exposure.detector) == ("149774", "40")
    assert exposure.wcs.has_celestial, "RADECSYS is outdated, which Astropy warns of"
    empty = (exposure.mask & exposure.planes.bits(["NO_DATA"])) != 0
    assert empty.sum() == 202
    good = exposure.mask == 0
    assert 0 < good.sum() < good.size
    assert np.isfinite(exposure.variance[good]).all()


def test_hubble_with_two_chips():
    first, second = read_exposures(DATA / "hst_wfc3_flc.fits.gz")
    assert (first.detector, second.detector) == ("2", "1")
    assert first.visit == second.visit == "ib4606c6q"
    assert (first.mask & first.planes.bits(["HOT"])).astype(bool).sum() == 1
    assert first.xy0 == (0, 0), "CRVAL1A is a right ascension there"
    assert first.wcs.has_celestial


def test_nan_in_a_compressed_float_image():
    (exposure,) = read_exposures(DATA / "compressed_with_nan.fits")
    assert np.isnan(exposure.image).sum() == 1


def test_a_raw_lsstcam_file_is_refused_as_raw():
    path = DATA / "lsstcam_raw_det098.fits.gz"
    assert kind_of(path) == "raw"
    with pytest.raises(SkyFrameError, match=r"raw file .2 amplifier segments"):
        read_exposures(path)


def test_reading_in_threads_gives_the_same_and_leaves_the_warning_filters_alone():
    paths = [
        path for path in sorted(DATA.iterdir()) if "_ooi_" in path.name or "hsc_calexp" in path.name
    ]
    alone = [read_exposures(path)[0] for path in paths]
    filters = list(warnings.filters)
    start = threading.Barrier(4)

    def read(place: int) -> np.ndarray:
        if place < 4:
            start.wait(timeout=30)
        return read_exposures(paths[place % len(paths)])[0].image

    with ThreadPoolExecutor(4) as pool:
        images = list(pool.map(read, range(24)))
    for place, image in enumerate(images):
        np.testing.assert_array_equal(image, alone[place % len(paths)].image)
    assert warnings.filters == filters
