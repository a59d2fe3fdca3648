"""Filter, detector, binning, place and night, as cameras and archives write them."""

from __future__ import annotations

from pathlib import Path

import pytest
from astropy.io.fits import Header

from skyframe_gui.files.fits import conventions
from skyframe_gui.files.fits.metadata import read_metadata, read_origin


@pytest.mark.parametrize(
    ("cards", "band"),
    [
        ({"FILTER": "r"}, "r"),
        ({"FILTER": "  r   SDSS "}, "r SDSS"),
        ({"FILTER1": "open", "FILTER2": "r"}, "r"),
        ({"FILTER1": "CLEAR1L", "FILTER2": "F814W"}, "F814W"),
        ({"FILTER1": "F606W", "FILTER2": "POL0V"}, "F606W+POL0V"),
        ({"FILTER1": "open1-6", "FILTER2": "r_G0326"}, "r_G0326"),
        ({"FILTER1": "i_G0302", "FILTER2": "open2-8"}, "i_G0302"),
        ({"FILTER": "OPEN", "FILTER1": "g", "FILTER2": "none"}, "g"),
        ({"FILTER": "Clear"}, "Clear"),
        ({"FILTER": "NONE"}, ""),
        (
            {"HIERARCH ESO INS FILT1 NAME": "OPEN", "HIERARCH ESO INS FILT2 NAME": "r_SDSS"},
            "r_SDSS",
        ),
        ({"HIERARCH FPA.FILTER": "i.00000"}, "i.00000"),
        ({"HIERARCH FPA.FILTERID": "i.00000"}, "i.00000"),
        ({"FILTER01": "W-J-V"}, "W-J-V"),
        ({"TELESCOP": "JWST", "FILTER": "CLEAR", "PUPIL": "F090W"}, "F090W"),
        ({"TELESCOP": "JWST", "FILTER": "F444W", "PUPIL": "F470N"}, "F444W+F470N"),
        ({"WFFBAND": "Stromgren y"}, "Stromgren y"),
        ({"ALFLTNM": "open", "FAFLTNM": "V_Bes"}, "V_Bes"),
        ({"FILTER": "Empty 3", "BAND": "z"}, "z"),
        ({"FILTER": "Kp + clear"}, "Kp"),
        ({"FILTER": "clear + Kp"}, "Kp"),
        ({"FILTER": "open + H"}, "H"),
        ({"FILTER": "CLEAR + F150LP"}, "F150LP"),
        ({"FILTER": "clear1/r"}, "r"),
        ({"FILTER": "r / (open)"}, "r"),
        ({"FILTER": "open, Br_Gamma, clear"}, "Br_Gamma"),
        ({"FILTER": "PK50_1.5 + H"}, "H+PK50_1.5"),
        ({"FILTER": "H + PK50_1.5"}, "H+PK50_1.5"),
        ({"FILTER": "H+PK50_1.5"}, "H+PK50_1.5"),
        ({"FILTER1": "POL0V", "FILTER2": "F606W"}, "F606W+POL0V"),
        ({"FILTER1": "CLEAR1L", "FILTER2": "CLEAR2S", "FILTER": "F606W"}, "F606W"),
        ({"FILTER1": "F555W", "FILTER2": "CLEAR2S"}, "F555W"),
        ({"FILTER": "F606W"}, "F606W"),
        ({"FILTNAM1": "F606W", "FILTNAM2": " "}, "F606W"),
        ({"TELESCOP": "JWST", "FILTER": "F200W", "PUPIL": "CLEAR"}, "F200W"),
        ({"TELESCOP": "JWST", "FILTER": "F277W", "PUPIL": "CLEARP"}, "F277W"),
        ({"TELESCOP": "JWST", "FILTER": "F770W", "PUPIL": "N/A"}, "F770W"),
        ({"FILTER": "None", "FILTER1": "N/A", "FILTER2": "r"}, "r"),
        ({"FILTER1": "empty", "FILTER2": "Open1", "FILTER3": "blank", "FILTER4": "Ks"}, "Ks"),
        ({"FWINAME": "clear", "FWONAME": "Lp"}, "Lp"),
        ({"DWFILNAM": "BAL12"}, "BAL12"),
        # Marks that are part of a name.
        ({"FILTER01": "W-S-R+"}, "W-S-R+"),
        ({"FILTER": "W-S-R+ + clear"}, "W-S-R+"),
        ({"FILTER": "H2 1-0 S(1)"}, "H2 1-0 S(1)"),
        ({"FILTER": "OIII/6000"}, "OIII/6000"),
        ({"FILTER": "clearance"}, "clearance"),
        ({}, ""),
    ],
)
def test_the_filter_is_what_is_in_the_beam(cards, band):
    made = Header()
    made.update(cards)
    assert conventions.read_filter(made) == band


@pytest.mark.parametrize(
    ("cards", "detector"),
    [
        ({"CCDID": 5, "QID": 1}, "5-1"),
        ({"CAMERA": 1, "CCD": 4}, "1-4"),
        ({"CHIP": 7}, "7"),
        ({"HIERARCH ESO DET CHIP NO": 3}, "3"),
        ({"CCDID": 5}, "5"),
        ({"CAMCOL": 4, "RUN": 1234}, "4"),
        ({"CAMNUM": 2}, "2"),
    ],
)
def test_two_cards_may_name_a_detector(cards, detector):
    made = Header()
    made.update(cards)
    assert conventions.read_detector(made, None) == detector


@pytest.mark.parametrize(
    ("cards", "binning"),
    [
        ({"CCDSUM": "2 2"}, (2, 2)),
        ({"CCDSUM": "1 4"}, (1, 4)),
        ({"CCDSUM": "(2, 2)"}, (2, 2)),
        ({"CCDSUM": "[2,4]"}, (2, 4)),
        ({"CCDSUM": "2.0 3.0"}, (2, 3)),
        ({"BINNING": "2x2"}, (2, 2)),
        ({"BINNING": 3}, (3, 3)),
        ({"XBINNING": 2, "YBINNING": 1}, (2, 1)),
        ({"HIERARCH ESO DET WIN1 BINX": 2, "HIERARCH ESO DET WIN1 BINY": 2}, (2, 2)),
        ({"LTM1_1": 0.5, "LTM2_2": 0.5}, (2, 2)),
        ({"CCDSUM": "0 0"}, (1, 1)),
        ({"CCDSUM": "nonsense"}, (1, 1)),
        ({}, (1, 1)),
    ],
)
def test_the_binning_is_read_in_every_spelling(cards, binning):
    made = Header()
    made.update(cards)
    assert conventions.read_binning(made) == binning


@pytest.mark.parametrize(
    ("cards", "size", "binning", "origin"),
    [
        ({"CCDSEC": "[65:128,33:96]"}, (64, 64), (1, 1), (64, 32)),
        ({"CCDSEC": "[128:65,65:128]"}, (64, 64), (1, 1), (64, 64)),
        ({"CCDSEC": "[65:128,65:128]"}, (32, 32), (2, 2), (32, 32)),
        ({"CCDSEC": "[33:64,33:64]"}, (32, 32), (2, 2), (32, 32)),
        ({"CCDSEC": "[1:1024,1:4096]"}, (2048, 4096), (1, 1), (0, 0)),
        ({"CCDSEC": "[65:128,65:128]", "LTV1": 0, "LTV2": 0}, (64, 64), (1, 1), (64, 64)),
        ({"CCDSEC": "[65:128,65:128]", "LTV1": -7, "LTV2": 0}, (64, 64), (1, 1), (7, 0)),
        # IRAF's block average of 2 x 2 pixels, of all of the detector and from pixel 65 on.
        ({"LTV1": 0.25, "LTV2": 0.25, "LTM1_1": 0.5, "LTM2_2": 0.5}, (64, 64), (2, 2), (0, 0)),
        ({"LTV1": -31.75, "LTV2": 0.25, "LTM1_1": 0.5, "LTM2_2": 0.5}, (32, 64), (2, 2), (32, 0)),
    ],
)
def test_a_window_begins_where_its_section_says(cards, size, binning, origin):
    made = Header()
    made.update(cards)
    assert read_origin(made, size, binning) == (origin, "")


def metadata(cards=None, /, **words):
    made = Header()
    made.update({key.replace("_", "-"): value for key, value in words.items()} | (cards or {}))
    return read_metadata(made, Path("a.fits"))


JWST = {
    "TELESCOP": "JWST", "VISIT": "001", "VISIT_ID": "01234001001", "VISITGRP": "02", "SEQ_ID": "1",
    "ACT_ID": "01", "EXPOSURE": "00003",
}  # fmt: skip


def test_an_exposure_of_jwst_is_not_the_whole_visit():
    assert metadata(JWST).visit == "jw01234001001_02101_00003"
    assert metadata(JWST | {"EXPOSURE": "00004"}).visit != metadata(JWST).visit
    assert metadata({"TELESCOP": "JWST", "VISIT": "001"}).visit == ""
    name = Path("jw01234001001_02101_00003_nrca1_cal.fits")
    assert read_metadata(Header({"TELESCOP": "JWST", "VISIT": "001"}), name).visit == (
        metadata(JWST).visit
    )


def test_the_night_is_the_headers_own_or_that_of_its_noon():
    assert metadata(DATE_OBS="2024-01-02T03:00:00").night == "2024-01-01"
    assert metadata(DATE_OBS="2024-01-02T03:00:00", DAY_OBS="20240102").night == "2024-01-02"
    assert metadata(DATE_OBS="2024-01-02T13:00:00", SITELONG=-155.5).night == "2024-01-01"


@pytest.mark.parametrize(
    ("cards", "seconds"),
    [
        ({"EXPOSURE": 100.0}, 100.0),
        ({"EXPOSURE": "00002"}, None),
        ({"EXPOSURE": "2", "EFFEXPTM": 311.4}, 311.4),
        ({"EXPOSURE": 2, "XPOSURE": 311.4}, 311.4),
        ({"EXPTIME": "53.9", "EXPOSURE": 7}, 53.9),
        ({"EXPTIME": -1.0}, None),
    ],
)
def test_the_number_of_an_exposure_is_not_its_seconds(cards, seconds):
    assert metadata(cards).exposure_time == seconds
