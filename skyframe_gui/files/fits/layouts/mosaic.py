"""Mosaics: every image of the file is a detector."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.files.fits.headers import card_text
from skyframe_gui.files.fits.layouts.base import (
    Detector,
    Found,
    detector_names,
    detector_planes,
    role_of,
)

if TYPE_CHECKING:
    from skyframe_gui.files.fits.io import FitsFile


def recognise(file: FitsFile) -> Found | None:
    """Take any file of several planes, without those that describe an image."""
    every = detector_planes(file)
    planes = [hdu for hdu in every if role_of(hdu) in (None, "image")]
    if len(every) < 2 or not planes:
        return None
    # A mosaic of masks alone still shows how its camera is laid out, so it is read, with a word.
    product = card_text(file.primary.header, "PRODTYPE").lower()
    notes: tuple[str, ...] = ()
    if "mask" in product:
        notes = (f"The header calls this file a {product}, not an image.",)
    lost = [hdu.name for hdu in every if role_of(hdu) in ("mask", "variance", "weight", "error")]
    if lost:
        notes += (f"Nothing tells of which image {', '.join(lost)} are; they were left out.",)
    detectors = tuple(
        Detector(image=hdu, notes=notes, name=name)
        for hdu, name in zip(planes, detector_names(planes), strict=True)
    )
    return Found("exposure", "mosaic", detectors)
