"""North, east and the length of a pixel are what astropy's spheres and distortions say."""

from __future__ import annotations

import numpy as np
import pytest
from astropy import units
from astropy.wcs import WCS, Sip

from skyframe_gui.app.model.sky_axes import round_length, sky_axes

ARCSEC = 1 / 3600


def made(
    turn: float = 0.0,
    mirrored: bool = False,
    at: tuple[float, float] = (150.0, 2.0),
    distorted: bool = False,
    system: tuple[str, str] = ("RA--", "DEC-"),
) -> WCS:
    """Return coordinates with 0.2 arcseconds a pixel, turned by so many degrees."""
    wcs = WCS(naxis=2)
    end = "TAN-SIP" if distorted else "TAN"
    wcs.wcs.ctype = [f"{one}-{end}" for one in system]
    wcs.wcs.crval, wcs.wcs.crpix = at, [512.5, 512.5]
    cos, sin = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    hand = 1 if mirrored else -1
    wcs.wcs.cd = 0.2 * ARCSEC * np.array([[hand * cos, -hand * sin], [sin, cos]])
    if distorted:
        a, b = np.zeros((4, 4)), np.zeros((4, 4))
        a[2, 0], b[0, 2], a[1, 1], b[3, 0] = 4e-5, -3e-5, 2e-5, 1e-8
        wcs.sip = Sip(a, b, None, None, [512.5, 512.5])
    wcs.wcs.set()
    return wcs


SKIES = {
    "north is up": made(),
    "turned": made(37.0),
    "upside down and mirrored": made(171.0, mirrored=True),
    "distorted": made(-64.0, distorted=True),
    "near the pole": made(20.0, at=(40.0, 89.99)),
    "at the end of the circle": made(5.0, at=(0.0, -30.0)),
    "galactic": made(12.0, system=("GLON", "GLAT")),
    "latitude first": made(30.0, system=("DEC-", "RA--"), at=(2.0, 150.0)),
}


@pytest.mark.parametrize("name", SKIES)
@pytest.mark.parametrize("at", [(500.0, 700.0), (30.0, 990.0)])
def test_arrows_point_where_a_step_on_the_sky_leads(name: str, at: tuple[float, float]) -> None:
    wcs = SKIES[name]
    found = sky_axes(wcs, *at)
    assert found is not None
    here = wcs.pixel_to_world(*at)
    for angle, arrow in ((0, found.north), (90, found.east)):
        there = here.directional_offset_by(angle * units.deg, 0.02 * units.arcsec)
        x, y = wcs.world_to_pixel(there)
        step = np.array([x - at[0], y - at[1]])
        assert arrow == pytest.approx(tuple(step / np.hypot(*step)), abs=2e-4)
    before, after = (wcs.pixel_to_world(at[0] + by, at[1]) for by in (-0.5, 0.5))
    assert found.arcsec == pytest.approx(before.separation(after).arcsec, rel=1e-5)


def test_it_says_which_way_the_hands_lie_and_in_which_system() -> None:
    def hand(wcs: WCS) -> float:
        axes = sky_axes(wcs, 500, 500)
        assert axes is not None
        return axes.north.x * axes.east.y - axes.north.y * axes.east.x

    assert hand(SKIES["turned"]) == pytest.approx(1)  # east is left of north, as on the sky
    assert hand(SKIES["upside down and mirrored"]) == pytest.approx(-1)
    names = [sky_axes(SKIES[name], 500, 500).names for name in ("turned", "galactic")]
    assert names == [("N", "E"), ("b", "l")]


def test_what_has_no_coordinates_has_no_arrows() -> None:
    assert sky_axes(None, 3, 4) is None
    spectrum = WCS(naxis=2)
    spectrum.wcs.ctype = ["FREQ", "STOKES"]
    assert sky_axes(spectrum, 3, 4) is None
    all_sky = WCS(naxis=2)
    all_sky.wcs.ctype = ["RA---AIT", "DEC--AIT"]
    all_sky.wcs.cdelt, all_sky.wcs.crpix = [-0.5, 0.5], [360, 180]
    assert sky_axes(all_sky, 1.0, 1.0) is None  # beside the oval
    three = WCS(naxis=3)  # has a third axis, which no pixel of an image tells
    assert sky_axes(three, 1.0, 1.0) is None


@pytest.mark.parametrize(
    ("most", "length", "text"),
    [
        (0.34, 0.2, "0.2″"),
        (9.99, 5, "5″"),
        (10, 10, "10″"),
        (29, 20, "20″"),
        (59.9, 30, "30″"),
        (60, 60, "60″"),
        (299, 120, "2\N{PRIME}"),
        (1799, 1200, "20\N{PRIME}"),
        (1e4, 7200, "2°"),
    ],
)
def test_lengths_are_round(most: float, length: float, text: str) -> None:
    assert round_length(most, of_sky=True) == (pytest.approx(length), text)


def test_without_coordinates_they_are_pixels() -> None:
    assert round_length(730.0, of_sky=False) == (500, "500 px")
    assert round_length(0.05, of_sky=False) == (pytest.approx(0.05), "0.05 px")
