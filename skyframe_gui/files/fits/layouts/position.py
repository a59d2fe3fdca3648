"""Image, mask and weight in one file without names: told apart by place and number type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.files.fits.layouts.base import Found, detector, detector_planes

if TYPE_CHECKING:
    from skyframe_gui.files.fits.io import FitsFile


def recognise(file: FitsFile) -> Found | None:
    """Recognise floats, integers, floats of one size that have no names of their own."""
    planes = detector_planes(file)
    if len(planes) != 3 or len({hdu.name for hdu in planes}) > 1:
        return None
    image, mask, weight = planes
    if image.bitpix > 0 or mask.bitpix < 0 or weight.bitpix > 0:
        return None
    if not image.shape == mask.shape == weight.shape:
        return None
    found = detector(image, (mask,), weight, "weight")
    return Found("exposure", "image, mask and weight by place", (found,))
