"""Colours of rounds and of fractions: steps of a ramp that is even to the eye."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtGui import QColor

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.ui.theme import Palette

# sRGB with its D65 white, as of IEC 61966-2-1.
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = TO_XYZ.sum(axis=1)
FROM_XYZ = np.linalg.inv(TO_XYZ)
KNEE = 6 / 29
LEVELS = 5
"""Steps of the good-pixel fraction in size or colour."""


def round_colours(palette: Palette, n: int) -> tuple[str, ...]:
    """Return one colour a round: the palette's own for up to three, else steps between them."""
    if n <= len(palette.rounds):
        return palette.rounds[: max(n, 0)]
    return ramp(palette.rounds, n)


def fraction_colours(palette: Palette) -> tuple[str, ...]:
    """Return the colours of good-pixel fractions, from none to all."""
    return ramp((palette.warning, palette.accent), LEVELS)


@cache
def ramp(stops: tuple[str, ...], n: int) -> tuple[str, ...]:
    """Return ``n`` colours from the first stop to the last, evenly spaced in CIE Lab."""
    lab = np.array([_to_lab(QColor(stop)) for stop in stops])
    places = np.linspace(0, len(stops) - 1, n)
    mixed = np.stack(
        [np.interp(places, np.arange(len(stops)), lab[:, axis]) for axis in range(3)], axis=1
    )
    return tuple(_from_lab(one) for one in mixed)


def with_alpha(colour: str, alpha: float) -> QColor:
    """Return a colour that lets something through."""
    made = QColor(colour)
    made.setAlphaF(alpha)
    return made


def _to_lab(colour: QColor) -> NDArray[np.float64]:
    rgb = np.array([colour.redF(), colour.greenF(), colour.blueF()])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    part = TO_XYZ @ linear / WHITE
    f = np.where(part > KNEE**3, np.cbrt(part), part / (3 * KNEE**2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def _from_lab(lab: NDArray[np.float64]) -> str:
    middle = (lab[0] + 16) / 116
    f = np.array([middle + lab[1] / 500, middle, middle - lab[2] / 200])
    part = np.where(f > KNEE, f**3, 3 * KNEE**2 * (f - 4 / 29))
    linear = np.clip(FROM_XYZ @ (part * WHITE), 0, 1)
    rgb = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    red, green, blue = (round(float(one) * 255) for one in rgb)
    return f"#{red:02x}{green:02x}{blue:02x}"
