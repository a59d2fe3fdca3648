"""Airmass and Moon of an exposure, against what almanacs have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from skyframe_gui.files import scan
from skyframe_gui.files.fits.conditions import Conditions, read_conditions

if TYPE_CHECKING:
    from pathlib import Path


def conditions(folder: Path, **cards: object) -> Conditions:
    header = fits.Header([(key.replace("_", "-"), value) for key, value in cards.items()])
    path = folder / "one.fits"
    fits.writeto(path, np.ones((8, 8), np.float32), header, overwrite=True)
    (source,) = scan(path)
    return read_conditions(source)


MAZATLAN = {"SITELONG": -106.42, "SITELAT": 23.25, "SITEELEV": 10.0}


def test_at_a_total_eclipse_the_moon_is_new_and_stands_before_the_sun(tmp_path: Path) -> None:
    # 2024-04-08 at 18:09 UT over Mazatlan: the Sun stood 69 degrees high, at 1h 11m +7d 36m
    # of that day, a third of a degree from the coordinates of 2000.
    found = conditions(
        tmp_path,
        DATE_OBS="2024-04-08T18:08:30",
        EXPTIME=60.0,
        RA="01:11:28",
        DEC="+07:36:00",
        **MAZATLAN,
    )
    assert found.moon_phase == pytest.approx(0, abs=1e-4)
    assert found.moon_separation == pytest.approx(0, abs=0.4)
    assert found.moon_altitude == pytest.approx(69.3, abs=0.5)
    assert found.airmass == pytest.approx(1 / np.sin(np.deg2rad(69.3)), abs=0.01)


def test_a_full_moon_stands_opposite_of_the_sun(tmp_path: Path) -> None:
    # A total lunar eclipse, 2025-03-14 at 06:59 UT; the Sun was at 23h 38m -2d 25m.
    found = conditions(
        tmp_path, DATE_OBS="2025-03-14T06:59:00", EXPTIME=0.0, RA=354.5, DEC=-2.4, AIRMASS=1.25
    )
    assert found.moon_phase == pytest.approx(1, abs=1e-3)
    assert found.moon_separation == pytest.approx(179.7, abs=0.6)
    assert found.airmass == 1.25
    assert found.moon_altitude is None  # nobody knows where the telescope stands


def test_what_headers_do_not_tell_is_left_out(tmp_path: Path) -> None:
    assert conditions(tmp_path, AIRMASS=1.5) == Conditions(airmass=1.5)
    # A day is no moment.
    assert conditions(tmp_path, DATE_OBS="2024-04-08", RA=10.0, DEC=5.0) == Conditions()
    # An airmass below 1 is none, and a declination beyond the pole no place.
    found = conditions(tmp_path, DATE_OBS="2024-04-08T18:00:00", RA=10.0, DEC=95.0, AIRMASS=0.0)
    assert (found.airmass, found.moon_separation) == (None, None)
    assert found.moon_phase is not None


def test_without_a_place_the_image_s_own_coordinates_tell_where_it_points(tmp_path: Path) -> None:
    sky = {"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": 354.5, "CRVAL2": -2.4}
    found = conditions(tmp_path, DATE_OBS="2025-03-14T06:59:00", **sky)
    assert found.moon_separation == pytest.approx(179.7, abs=0.6)


def test_texts_are_hours_and_degrees_also_south_of_the_equator(tmp_path: Path) -> None:
    when = {"DATE_OBS": "2025-03-14T06:59:00"}
    in_text = conditions(tmp_path, RA="23 38 00", DEC="-00 24 00", **when)
    in_degrees = conditions(tmp_path, RA=354.5, DEC=-0.4, **when)
    assert in_text.moon_separation == pytest.approx(in_degrees.moon_separation, abs=1e-6)
    north = conditions(tmp_path, RA="23 38 00", DEC="00 24 00", **when)
    assert abs(north.moon_separation - in_text.moon_separation) > 0.1


def test_a_far_date_needs_no_file_from_elsewhere(tmp_path: Path) -> None:
    found = conditions(tmp_path, DATE_OBS="2060-01-01T01:00:00", RA=10.0, DEC=5.0, **MAZATLAN)
    assert found.moon_altitude is not None
    assert found.airmass is None or found.airmass >= 1
