"""LSST exposures, from the first afw files to the newest: image, mask and variance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.files.fits.headers import card_text
from skyframe_gui.files.fits.layouts.base import Found, Role, detector_planes, group, role_of

if TYPE_CHECKING:
    from skyframe_gui.files.fits.hdu import Hdu
    from skyframe_gui.files.fits.io import FitsFile


def recognise(file: FitsFile) -> Found | None:
    """Recognise them by EXTTYPE, or by a mask that names its planes in MP_ cards."""
    planes = detector_planes(file)
    typed = any(card_text(hdu.header, "EXTTYPE") for hdu in planes)
    masks = [hdu for hdu in planes if any(key.startswith("MP_") for key in hdu.keywords)]
    if not typed and not masks:
        return None
    detectors = group(_roles(planes, masks))
    return Found("exposure", "LSST exposure", detectors) if detectors else None


def _roles(planes: tuple[Hdu, ...], masks: list[Hdu]) -> list[tuple[Hdu, Role]]:
    """Name the planes; those without a name by their place around the mask."""
    roles: list[tuple[Hdu, Role]] = []
    for place, hdu in enumerate(planes):
        role = role_of(hdu)
        if hdu in masks:
            role = "mask"
        elif role is None and place + 1 < len(planes) and planes[place + 1] in masks:
            role = "image"
        elif role is None and place > 0 and planes[place - 1] in masks:
            role = "variance"
        if role is not None:
            roles.append((hdu, role))
    return roles
