"""Where north and east are at a pixel, how long a pixel is there, and round lengths to show it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

ARCSEC = math.degrees(1.0) * 3600
ROUND = (10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 18_000, 36_000)
"""Arcseconds from 10 on; below, and for pixels, 1, 2 and 5 times a power of ten."""
LEAST = 1e-3
"""Arcseconds or pixels: nothing shorter is worth a name."""


class Direction(NamedTuple):
    """A direction in pixels of length 1: x to the right, y up."""

    x: float
    y: float


@dataclass(frozen=True, kw_only=True)
class SkyAxes:
    """How the sky lies on an image at one of its pixels.

    Attributes
    ----------
    north, east : Direction
        The way in which the latitude, and the longitude, grows.
    names : (str, str)
        Of both: "N" and "E", or those of the system that the coordinates are in.
    arcsec : float
        Length of a pixel along x, in arcseconds.
    """

    north: Direction
    east: Direction
    names: tuple[str, str]
    arcsec: float


def sky_axes(wcs: Any, x: float, y: float) -> SkyAxes | None:
    """Return how the sky lies at a pixel; None where it has no coordinates.

    The steps from half a pixel before to half a pixel behind are projected on the plane that
    touches the sphere there, so that neither the pole nor the end of the circle at 360° is special.

    Parameters
    ----------
    wcs : astropy.wcs.WCS or None
    x, y : float
        Of the array; pixel centres are whole numbers.
    """
    if wcs is None:
        return None
    import numpy as np

    h = 0.5
    try:
        found = np.asarray(
            wcs.pixel_to_world_values([x, x - h, x + h, x, x], [y, y, y, y - h, y + h]), np.float64
        )
    except Exception:  # wcslib raises what it likes where coordinates cannot be
        return None
    first = int(getattr(wcs.wcs, "lng", 0))
    if first not in (0, 1) or len(found) != 2:
        return None  # coordinates of something else than the sky
    longitude, latitude = np.radians(found[first]), np.radians(found[1 - first])
    if not np.isfinite(found).all():
        return None
    (sin_a, cos_a), (sin_d, cos_d) = (
        (math.sin(one), math.cos(one)) for one in (longitude[0], latitude[0])
    )
    around = np.cos(latitude)
    places = np.stack([around * np.cos(longitude), around * np.sin(longitude), np.sin(latitude)])
    steps = np.stack([places[:, 2] - places[:, 1], places[:, 4] - places[:, 3]], axis=1)
    east, north = (-sin_a, cos_a, 0.0), (-sin_d * cos_a, -sin_d * sin_a, cos_d)
    (a, b), (c, d) = np.array([east, north]) @ steps  # what a step in x, in y does to both
    turn = a * d - b * c
    if not turn:
        return None
    kind = str(wcs.wcs.ctype[first])
    names = ("N", "E") if kind.startswith("RA") else ("lat", "lon")
    return SkyAxes(
        north=_direction(-b / turn, a / turn),
        east=_direction(d / turn, -c / turn),
        names=("b", "l") if kind.startswith("GLON") else names,
        arcsec=math.hypot(a, c) * ARCSEC,
    )


def _direction(x: float, y: float) -> Direction:
    length = math.hypot(x, y)
    return Direction(float(x / length), float(y / length))


def round_length(most: float, of_sky: bool) -> tuple[float, str]:
    """Return the longest round length that is not longer than ``most``, and how it is written.

    Parameters
    ----------
    most : float
        In arcseconds, or in pixels where it is not ``of_sky``.
    of_sky : bool
    """
    most = max(most, LEAST)
    power = 10.0 ** math.floor(math.log10(most) + 1e-9)
    length = max(factor * power for factor in (1, 2, 5) if factor * power <= most * (1 + 1e-9))
    if not of_sky:
        return length, f"{length:.6g} px"
    if most >= ROUND[0]:
        length = max(one for one in ROUND if one <= most)
    if length <= 60:
        return length, f"{length:.6g}\N{DOUBLE PRIME}"
    if length < 3600:
        return length, f"{length / 60:.6g}\N{PRIME}"
    return length, f"{length / 3600:.6g}°"
