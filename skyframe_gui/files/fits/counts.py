"""Pixel values that are not counts above zero: stretched by an asinh, or with a bias added."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.files.fits.headers import card_number

if TYPE_CHECKING:
    from astropy.io.fits import Header
    from numpy.typing import NDArray

_ROWS = 256
_STRETCH = math.log(10) / 2.5


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How to make counts of stored values.

    Attributes
    ----------
    soften : float
        Softening of an asinh that the values were stretched with; 0 for none.
    offset : float
        Where that asinh was zero.
    bias : float
        What was added to the counts.
    notes : tuple of str
        What is done, a sentence each.
    """

    soften: float = 0.0
    offset: float = 0.0
    bias: float = 0.0
    notes: tuple[str, ...] = ()

    def undo(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return counts; works in the memory of ``pixels`` [H, W] where it can be written."""
        if not self.notes:
            return pixels
        counts = pixels if pixels.flags.writeable else pixels.copy()
        with np.errstate(all="ignore"):
            for top in range(0, counts.shape[0], _ROWS):
                strip = counts[top : top + _ROWS].astype(np.float64)
                if self.soften:
                    strip = self.offset + 2 * self.soften * np.sinh(strip * _STRETCH)
                counts[top : top + _ROWS] = strip - self.bias
        return counts


def counts_of(header: Header, own: bool = False) -> Counts:
    """Return how to make counts of an image's values, as its header tells.

    Pan-STARRS stores BOFFSET + 2 BSOFTEN sinh(x ln 10 / 2.5) as x. SDSS adds SOFTBIAS to all
    pixels. PEDESTAL is what was added (PixInsight), or, below 0, what is to be added to get back to
    zero (SBIG, MaxIm DL): in both its size has to be taken off.

    Parameters
    ----------
    header : Header
        Merged header of the exposure.
    own : bool
        Of a variance: it may be stretched, but a bias has none.
    """
    soften = card_number(header, "BSOFTEN") or 0.0
    offset = card_number(header, "BOFFSET") or 0.0
    soften = soften if soften > 0 else 0.0
    notes = []
    if soften:
        notes.append(
            f"Values: stored with an asinh (BSOFTEN {soften:g}, BOFFSET {offset:g}), undone."
        )
    bias = 0.0
    for keyword in () if own else ("SOFTBIAS", "PEDESTAL"):
        added = abs(card_number(header, keyword) or 0.0)
        if added:
            bias += added
            notes.append(f"Values: {keyword} {added:g} is not sky and was taken off.")
    return Counts(soften=soften, offset=offset, bias=bias, notes=tuple(notes))
