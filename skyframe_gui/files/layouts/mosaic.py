"""Mosaics: every image of the file is a detector."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.files.layouts.base import Detector, Found, detector_planes

if TYPE_CHECKING:
    from skyframe_gui.files.fits_io import FitsFile


def recognise(file: FitsFile) -> Found | None:
    """Take any file with more than one image."""
    planes = detector_planes(file)
    if len(planes) < 2:
        return None
    return Found("exposure", "mosaic", tuple(Detector(hdu) for hdu in planes))
