"""FITS files without a two-dimensional image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.files.fits.headers import card_value
from skyframe_gui.files.fits.layouts.base import Found

if TYPE_CHECKING:
    from skyframe_gui.files.fits.io import FitsFile


def recognise(file: FitsFile) -> Found | None:
    """Say what the file holds instead of an image."""
    if file.planes:
        return None
    if card_value(file.primary.header, "GROUPS") is True and file.primary.axes[:1] == (0,):
        return _refuse("random groups", "this file holds random groups (radio data)")
    arrays = [hdu for hdu in file.hdus if hdu.is_image]
    if arrays and len(arrays[0].axes) == 1:
        return _refuse("spectrum", "its data have one dimension only")
    if arrays:
        axes = " x ".join(str(length) for length in arrays[0].axes)
        return _refuse("cube", f"its data are a cube ({axes})")
    if any(hdu.xtension in ("BINTABLE", "TABLE", "A3DTABLE") for hdu in file.hdus[1:]):
        return _refuse("table", "it holds tables but no image")
    return _refuse("header only", "it holds headers but no image")


def _refuse(kind: str, what: str) -> Found:
    return Found(kind, "none", refusal=f"{what}; a two-dimensional image is needed")
