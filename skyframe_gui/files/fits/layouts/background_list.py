"""LSST's lists of backgrounds (calexpBackground, skyCorr): three HDUs of bins a member."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.files.fits.layouts.base import Found

if TYPE_CHECKING:
    from skyframe_gui.files.fits.io import FitsFile


def recognise(file: FitsFile) -> Found | None:
    """Recognise the list by the size of the background that each member brings."""
    if any({"BKGD_WIDTH", "BKGD_X0", "INTERPSTYLE"} & hdu.keywords for hdu in file.hdus):
        return Found(
            "background list",
            "background-list",
            refusal="this is a list of backgrounds, not an exposure; give the exposure itself",
        )
    return None
