"""Residual maps that this program has written: bins with the box of a detector, but no sky."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.files.fits.headers import card_text
from skyframe_gui.files.fits.layouts.base import Found

if TYPE_CHECKING:
    from skyframe_gui.files.fits.io import FitsFile

KIND = "residual map"
"""What a file is called, and its OBSTYPE card."""


def recognise(file: FitsFile) -> Found | None:
    """Recognise a residual map by its OBSTYPE; it has a sky frame's box, too."""
    if is_residual_map(file):
        return Found(
            KIND,
            "residual-map",
            refusal="this is a residual map, not an exposure; open the exposure it was made of",
        )
    return None


def is_residual_map(file: FitsFile) -> bool:
    """Whether a file says that it is a residual map."""
    return card_text(file.primary.header, "OBSTYPE") == KIND
