"""Planes that files of a kind have and one lacks: told, for it may end between two HDUs."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from skyframe_gui.files.fits.headers import card_int, card_text
from skyframe_gui.files.fits.io import N_HDUS
from skyframe_gui.files.fits.layouts.base import role_of

if TYPE_CHECKING:
    from skyframe_gui.files.fits.io import FitsFile
    from skyframe_gui.files.fits.layouts.base import Detector, Found


def with_notes(file: FitsFile, found: Found) -> Found:
    """Return what was found in a file with a sentence on each detector that lacks a plane."""
    # One of our own that lacks an HDU was refused when it was opened.
    if found.kind != "exposure" or N_HDUS in file.primary.keywords:
        return found
    announced = card_int(file.primary.header, "NEXTEND")
    short = announced is not None and announced >= len(file.hdus)
    usual = {plane for one in found.detectors for plane in _has(one)}
    cubes = tuple(
        f"HDU {hdu.index} ({hdu.name}) has {len(hdu.axes)} axes and was left out: only planes are "
        "used."
        for hdu in file.hdus
        if hdu.is_image and not hdu.is_plane and len(hdu.axes) > 2
        if role_of(hdu) in ("mask", "variance", "weight", "error")
    )
    detectors = []
    for one in found.detectors:
        typed = card_text(one.image.header, "EXTTYPE").upper() == "IMAGE"
        expected = usual | ({"mask", "variance"} if typed else set()) | _expected_of_sci(one)
        lacks = [what for what in ("mask", "variance") if what in expected - _has(one)]
        why = ""
        if lacks:
            why = f"It has no {' and no '.join(lacks)}, which files of its kind have"
        elif short and role_of(one.image) == "image" and not _has(one):
            why = f"Its header announces {announced} extensions, {len(file.hdus) - 1} are there"
        if why:
            one = replace(one, notes=(*one.notes, f"{why}; the file may be cut short."))
        detectors.append(replace(one, notes=(*one.notes, *cubes)) if cubes else one)
    return replace(found, detectors=tuple(detectors))


def _expected_of_sci(detector: Detector) -> set[str]:
    """Return what follows an extension SCI: ERR and DQ, or the weight of a coadd alone."""
    has = _has(detector)
    if not re.match(r"SCI(?![A-Z])", detector.image.name) or detector.image.index == 0:
        return set()
    if not has:
        return {"mask", "variance"}
    return {"mask"} if detector.variance_role == "error" and "variance" in has else set()


def _has(detector: Detector) -> set[str]:
    """Return which planes a detector has beside its image."""
    has = {"mask"} if detector.masks else set()
    return has if detector.variance is None else has | {"variance"}
