"""When an exposure began, as headers write it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.io.fits import Header
from fits_samples import save

from skyframe_gui.files import scan
from skyframe_gui.files.fits.dates import read_date
from skyframe_gui.files.fits.metadata import read_metadata


def date_of(cards):
    return read_metadata(Header(cards), Path("a.fits")).date.removesuffix(".000000")


@pytest.mark.parametrize(
    ("cards", "date"),
    [
        ({"DATE-OBS": "2016-12-31T23:59:60"}, "2017-01-01T00:00:00"),
        ({"DATE-OBS": "2016-12-31T23:59:60.500"}, "2017-01-01T00:00:00.500000"),
        ({"DATE-OBS": "2024-01-01T03:00:37", "TIMESYS": "TAI"}, "2024-01-01T03:00:00"),
        ({"DATE-OBS": "2024-01-01T03:00:18", "TIMESYS": "GPS"}, "2024-01-01T03:00:00"),
        ({"DATE-OBS": "2024-01-01T03:00:00", "TIMESYS": "UTC"}, "2024-01-01T03:00:00"),
        ({"MJD-OBS": 57032.5, "TIMESYS": "TAI"}, "2015-01-10T11:59:25.000"),
    ],
)
def test_leap_seconds_and_other_clocks_come_out_as_utc(cards, date):
    assert date_of(cards) == date


DAY = {"DATE-OBS": "2024-01-02"}


@pytest.mark.parametrize(
    ("cards", "date"),
    [
        (DAY | {"MJD-OBS": 60311.125}, "2024-01-02T03:00:00.000"),
        (DAY | {"MJD-OBS": 60311.125, "TIME-OBS": "03:00:01"}, "2024-01-02T03:00:01"),
        (DAY | {"MJD-OBS": 60311}, "2024-01-02T00:00:00"),
        *((DAY | {key: "03:00:01"}, "2024-01-02T03:00:01")
          for key in ("UT", "UTC", "UTC-OBS", "UTSTART", "UT-TIME")),
        (DAY | {"UT": "3:00:01.5"}, "2024-01-02T03:00:01.500000"),
        (DAY | {"UT": 3.125}, "2024-01-02T03:07:30"),
        (DAY | {"UT": "nonsense"}, "2024-01-02T00:00:00"),
        (DAY | {"TAIHMS": "03:00:37.00", "TIMESYS": "TAI"}, "2024-01-02T03:00:00"),
        (DAY | {"TAIHMS": "03:00:37.00", "UTC": "03:00:01"}, "2024-01-02T03:00:01"),
        ({"DATE-OBS": "02/01/99", "UT": "3:00:01"}, "1999-01-02T03:00:01"),
        ({"DATE-OBS": "2024-01-02T24:00:00"}, "2024-01-03T00:00:00"),
        ({"DATE_OBS": "2024-01-02T03:00:00"}, "2024-01-02T03:00:00"),
    ],
)  # fmt: skip
def test_a_day_without_a_time_is_joined_by_what_tells_the_time(cards, date):
    assert date_of(cards) == date


OLD = {"DATE-OBS": "31/12/99"}


@pytest.mark.parametrize(
    ("cards", "date"),
    [
        (OLD, "1999-12-31T00:00:00"),
        *((OLD | {key: "3:04:05.5"}, "1999-12-31T03:04:05.500000")
          for key in ("TIME-OBS", "UT", "UTSTART", "UT-STR", "UTCSTART", "EXPSTART", "UT-OBS")),
        # A start before the middle, which some cameras write beside it.
        (OLD | {"UT": "03:10:00", "UTSTART": "03:04:05"}, "1999-12-31T03:04:05"),
        (OLD | {"EXPSTART": 51543.125}, "1999-12-31T03:00:00.000"),
        ({"EXPSTART": 51543.125}, "1999-12-31T03:00:00.000"),
        ({"DATE-OBS": "31/12/99 03:04:05"}, "1999-12-31T03:04:05"),
        ({"DATE-OBS": "31/12/1999"}, "1999-12-31T00:00:00"),
        ({"DATE-OBS": "31/12/1999", "UT": "03:04:05"}, "1999-12-31T03:04:05"),
        ({"DATE-OBS": "31/12/1999T3:04:05"}, "1999-12-31T03:04:05"),
        ({"DATE-OBS": "31-12-1999"}, "1999-12-31T00:00:00"),
        ({"DATE-OBS": "31.12.99"}, "1999-12-31T00:00:00"),
        ({"DATE-OBS": "12/31/1999"}, "1999-12-31T00:00:00"),
        ({"DATE-OBS": "12/31/99"}, "1999-12-31T00:00:00"),
        ({"DATE-OBS": "99/12/31"}, "1999-12-31T00:00:00"),
        ({"DATE-OBS": "05/05/1999"}, "1999-05-05T00:00:00"),
        ({"DATE-OBS": "2020/01/02"}, "2020-01-02T00:00:00"),
        ({"DATE-OBS": "2020/1/2", "UTSTART": "03:04:05"}, "2020-01-02T03:04:05"),
        ({"DATE-OBS": "2020/01/02 03:04:05"}, "2020-01-02T03:04:05"),
        ({"DATE-OBS": "20200102", "UT": "03:04:05"}, "2020-01-02T03:04:05"),
        ({"DATE-OBS": "2-Jan-2020", "UT": "03:04:05"}, "2020-01-02T03:04:05"),
        # Which of the two it is a Julian date tells.
        ({"DATE-OBS": "02/01/1999", "MJD-OBS": 51180.125}, "1999-01-02T03:00:00.000"),
        ({"DATE-OBS": "01/02/1999", "MJD-OBS": 51180.125}, "1999-01-02T03:00:00.000"),
        ({"DATE-OBS": "01/02/1999", "UT": "03:00:01", "MJD-OBS": 51180}, "1999-01-02T03:00:01"),
        ({"DATE-OBS": "01/02/03", "MJD-OBS": 52671.125}, "2003-02-01T03:00:00.000"),
        ({"DATE-OBS": "01/02/03", "DATE-BEG": "2003-02-01T03:00:00"}, "2003-02-01T03:00:00"),
    ],
)  # fmt: skip
def test_days_are_read_as_they_are_written(cards, date):
    assert date_of(cards) == date
    assert not read_metadata(Header(cards), Path("a.fits")).date_note


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("02/01/1999", ("1999-01-02 or 1999-02-01", "no Julian date")),
        ("02-01-99", ("1999-01-02 or 1999-02-01",)),
        ("01/02/03", ("no date that can be told",)),
        ("02/01/24", ("no date that can be told",)),
        ("2020/31/12", ("no date that can be told",)),
        ("31/31/1999", ("no date that can be told",)),
    ],
)
def test_a_day_that_may_be_another_is_left_out_with_a_sentence(tmp_path, text, words):
    date, note = read_date(Header({"DATE-OBS": text, "UT": "03:04:05"}))
    assert not date
    assert all(word in note for word in (*words, f"DATE-OBS = '{text}'"))
    image = fits.PrimaryHDU(np.zeros((8, 8), np.float32))
    image.header["DATE-OBS"] = text
    (source,) = scan(save(tmp_path / "a.fits", fits.HDUList([image])))
    assert (source.date, source.night) == ("", "")
    assert note in source.notes
    assert note in source.cautions
