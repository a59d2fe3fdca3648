"""A plain image, in the primary HDU or in an extension."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.files.fits.layouts.base import (
    Detector,
    Found,
    detector_names,
    detector_planes,
)

if TYPE_CHECKING:
    from skyframe_gui.files.fits.io import FitsFile


def recognise(file: FitsFile) -> Found | None:
    """Take the one image of the file."""
    planes = detector_planes(file)
    if len(planes) != 1:
        return None
    detector = Detector(image=planes[0], name=detector_names(planes)[0])
    return Found("exposure", "single image", (detector,))
