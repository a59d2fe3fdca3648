"""Masks and weights in a file of their own, which belong to an exposure in another file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from skyframe_gui.files.fits.headers import card_text
from skyframe_gui.files.fits.layouts import decam
from skyframe_gui.files.fits.layouts.base import Found, detector_planes, role_of

if TYPE_CHECKING:
    from skyframe_gui.files.fits.io import FitsFile

_PRODUCTS = {"dqmask": "mask", "mask": "mask", "wtmap": "weight", "weight": "weight"}


def recognise(file: FitsFile) -> Found | None:
    """Recognise them by their name, their PRODTYPE, or because every plane says what it is."""
    part = decam.part_of(file.path)
    if part is not None and part in "dw":
        image = decam.sibling_name(file.path, "i")
        kind = "mask" if part == "d" else "weight"
        return _refuse(kind, f"give {image}; its mask and weight are found beside it")
    planes = detector_planes(file)
    product = card_text(file.primary.header, "PRODTYPE").lower()
    if part is None and product in _PRODUCTS and len(planes) == 1:
        return _refuse(_PRODUCTS[product])
    roles = {role_of(hdu) for hdu in planes}
    named = all(any(re.match("MP_.", key) for key in hdu.keywords) for hdu in planes)
    if roles == {"mask"} or (named and "image" not in roles):
        return _refuse("mask")
    if roles and roles <= {"variance", "weight", "error"}:
        return _refuse("weight")
    return None


def _refuse(kind: str, hint: str = "give the file with the image") -> Found:
    what = "a mask" if kind == "mask" else "a weight or variance"
    return Found(kind, "companion", refusal=f"this is {what} without its image; {hint}")
