"""Sky frames: LSST exposures whose pixels are bins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.files.fits.layouts.base import Found

if TYPE_CHECKING:
    from skyframe_gui.files.fits.io import FitsFile


def recognise(file: FitsFile) -> Found | None:
    """Recognise a sky frame by the detector's box, plain or as HIERARCH, in any of its headers."""
    if any({"BOX.MINX", "BOX.MAXX"} & hdu.keywords for hdu in file.hdus):
        return Found(
            "sky frame",
            "sky-frame",
            refusal="this is a sky frame, not an exposure; give it where sky frames are asked for",
        )
    return None
