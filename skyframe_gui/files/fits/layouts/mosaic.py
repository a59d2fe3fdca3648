"""Mosaics: every image of the file is a detector."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.files.fits.headers import card_text
from skyframe_gui.files.fits.layouts.base import Detector, Found, detector_planes

if TYPE_CHECKING:
    from skyframe_gui.files.fits.io import FitsFile


def recognise(file: FitsFile) -> Found | None:
    """Take any file with more than one image."""
    planes = detector_planes(file)
    if len(planes) < 2:
        return None
    # A mosaic of masks alone still shows how its camera is laid out, so it is read, with a word.
    product = card_text(file.primary.header, "PRODTYPE").lower()
    notes = (f"The header calls this file a {product}, not an image.",) if "mask" in product else ()
    detectors = tuple(Detector(image=hdu, notes=notes) for hdu in planes)
    return Found("exposure", "mosaic", detectors)
