"""Visit, detector, filter, date and origin, from whatever headers and file names tell."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from astropy.io.fits import Header

from skyframe_gui.files.fits.metadata import read_metadata, read_origin


def metadata(name="a.fits", hdu_header=None, **cards):
    header = Header()
    header.update({key.replace("_", "-"): value for key, value in cards.items()})
    return read_metadata(header, Path(name), hdu_header)


def test_nothing_is_invented():
    found = metadata()
    assert (found.visit, found.detector, found.filter, found.date) == ("", "", "", "")
    assert found.exposure_time is None


@pytest.mark.parametrize(
    ("cards", "visit"),
    [
        ({"EXPNUM": 396388}, "396388"),
        ({"VISIT": 12.0}, "12"),
        ({"EXPID": "77"}, "77"),
        ({"OBSID": "kp4m.20040901T021650"}, "kp4m.20040901T021650"),
        ({"OBSID": "guest-12/19-08:00:11e"}, ""),
        ({"OBSID": "two words"}, ""),
        ({"EXPNUM": "notSet", "VISIT": 3}, "3"),
    ],
)
def test_the_visit_is_a_name_that_can_be_part_of_a_file_name(cards, visit):
    assert metadata(**cards).visit == visit


@pytest.mark.parametrize(
    ("cards", "detector"),
    [
        ({"CCDNUM": 28, "DETECTOR": "S3-214_124750-21-3"}, "28"),
        ({"DETECTOR": "notSet", "DET_ID": 27}, "27"),
        ({"EXTNAME": "SCI", "CCDCHIP": 2, "DETECTOR": "UVIS"}, "2"),
        ({"EXTNAME": "WIN1.CHIP1.OUT1"}, "WIN1.CHIP1.OUT1"),
        ({"EXTNAME": "IMAGE"}, ""),
        ({"DETNAME": "R:2,2 S:1,1"}, "R:2,2 S:1,1"),
    ],
)
def test_the_detector_is_the_cameras_own_name_for_it(cards, detector):
    assert metadata(**cards).detector == detector


def test_the_detector_named_by_the_images_own_hdu_wins():
    assert metadata(hdu_header=Header({"EXTNAME": "ccd7"}), DETECTOR="whole camera").detector == (
        "ccd7"
    )


@pytest.mark.parametrize(
    ("name", "visit", "detector"),
    [
        ("c4d_150110_053718_ooi_z_ls9.S4.fits", "c4d_150110_053718", ""),
        ("DECam_00149774_40.fits.fz", "149774", "40"),
        ("calexp-v903334-det050.fits", "903334", "50"),
        ("visit_1234_ccd07.fits", "1234", "7"),
        ("raw_R22_S11.fits", "", "R22_S11"),
        ("detail_of_2025.fits", "", ""),
    ],
)
def test_the_file_name_helps_where_headers_say_nothing(name, visit, detector):
    found = metadata(name)
    assert (found.visit, found.detector) == (visit, detector)


@pytest.mark.parametrize(
    ("cards", "date"),
    [
        ({"DATE_OBS": "2015-01-10T05:33:59.870551"}, "2015-01-10T05:33:59.870551"),
        ({"DATE_OBS": "2011-02-19", "TIME_OBS": "00:40:14"}, "2011-02-19T00:40:14"),
        ({"DATE_OBS": "2017-12-19T18:33:43.317-0700"}, "2017-12-20T01:33:43.317000"),
        ({"DATE_OBS": "26/10/92"}, "1992-10-26T00:00:00"),
        ({"DATE_OBS": "nonsense", "MJD_OBS": 57032.5}, "2015-01-10T12:00:00.000"),
        ({"MJD_OBS": 0.0}, ""),
        ({"MJD_OBS": 1e300}, ""),
    ],
)
def test_dates_come_out_as_utc(cards, date):
    assert metadata(**cards).date == date


@pytest.mark.parametrize(
    ("cards", "seconds"),
    [({"EXPTIME": 30}, 30.0), ({"EXPOSURE": "12.5"}, 12.5), ({"EXPTIME": -1}, None)],
)
def test_exposure_times_are_seconds_or_nothing(cards, seconds):
    assert metadata(**cards).exposure_time == seconds


def test_a_known_camera_is_translated_and_gaps_are_filled_without_a_word(caplog, capfd):
    decam = {"INSTRUME": "DECam", "TELESCOP": "CTIO 4.0-m telescope", "EXPNUM": 396388}
    with caplog.at_level(logging.INFO, logger="root"):
        found = metadata(**decam, CCDNUM=28, FILTER="z DECam SDSS c0004 9260.0 1520.0")
        empty = metadata(**decam)
    assert (found.visit, found.detector, found.instrument) == ("396388", "28", "DECam")
    assert empty.detector == ""
    assert not caplog.records
    assert capfd.readouterr() == ("", "")


def test_a_known_telescope_without_an_instrument_is_translated_too():
    sdss = {"ORIGIN": "SDSS", "CCDMODE": "DRIFT", "TELESCOP": "2.5m", "CAMCOL": 4}
    found = metadata(**sdss, RUN=1033, FILTER="r", EXPTIME=53.9, FRAME=12)
    assert (found.instrument, found.filter) == ("Imager on SDSS 2.5m", "r")


LINEAR = {"CTYPE1A": "LINEAR", "CTYPE2A": "LINEAR", "CUNIT1A": "PIXEL", "CUNIT2A": "pixel"}


@pytest.mark.parametrize(
    ("cards", "origin"),
    [
        ({}, (0, 0)),
        ({"LTV1": -720, "LTV2": -460.0}, (720, 460)),
        ({"LTV1": 5, "LTV2": 0}, (-5, 0)),
        ({"CRVAL1A": 720, "CRVAL2A": 460}, (720, 460)),
        ({"CRVAL1A": 720.0, "CRVAL2A": 460.0, "CRPIX1A": 1, "CRPIX2A": 1, **LINEAR}, (720, 460)),
        ({"CRVAL1A": 720, "CRVAL2A": 460, "CRPIX1A": 11, "CRPIX2A": 1, **LINEAR}, (710, 460)),
        ({"LTV1": -1, "LTV2": -2, "CRVAL1A": 720, "CRVAL2A": 460}, (1, 2)),
        ({"CRVAL1A": 137.86, "CRVAL2A": -64.9, "CTYPE1A": "RA---TAN-SIP"}, (0, 0)),
        ({"CRVAL1A": 2003.0, "CRVAL2A": 523.0, "CTYPE1A": "Seg_X", "CTYPE2A": "Seg_Y"}, (0, 0)),
        ({"CRVAL1A": 720, "CRVAL2A": 460, "CDELT1A": 2.0, **LINEAR}, (0, 0)),
        ({"LTV1": -1, "LTV2": -1, "LTM1_1": 0.5, "LTM2_2": 0.5}, (0, 0)),
    ],
)
def test_the_origin_follows_ltv_and_then_the_pixel_coordinates(cards, origin):
    header = Header()
    header.update(cards)
    assert read_origin(header)[0] == origin


def test_an_origin_between_pixels_is_noted():
    xy0, note = read_origin(Header({"LTV1": -0.5, "LTV2": 0}))
    assert xy0 == (0, 0)
    assert "whole pixels" in note
