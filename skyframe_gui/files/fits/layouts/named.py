"""Planes that say in EXTNAME or DES_EXT what they are: SCI / ERR / DQ, DES, CCDData."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.files.fits.layouts.base import (
    Found,
    Role,
    detector_planes,
    group,
    owner_by_name,
    role_of,
)

if TYPE_CHECKING:
    from skyframe_gui.files.fits.hdu import Hdu
    from skyframe_gui.files.fits.io import FitsFile


def recognise(file: FitsFile) -> Found | None:
    """Recognise an image that has at least a mask, a weight or an error beside it."""
    planes = detector_planes(file)
    known: list[tuple[Hdu, Role]] = []
    unnamed: list[Hdu] = []
    for hdu in planes:
        role = role_of(hdu)
        if role is None:
            unnamed.append(hdu)
        else:
            known.append((hdu, role))
    roles = {role for _, role in known}
    if not roles - {"image"}:
        return None
    if "image" not in roles:
        # The usual place of an image without a name: before the planes that describe it.
        described = [hdu for hdu, role in known if role != "other"]
        if not unnamed or (
            len(unnamed) > 1
            and not _alternate(planes, unnamed)
            and owner_by_name(unnamed, described) is None
        ):
            return None
        known.extend((hdu, "image") for hdu in unnamed)
        known.sort(key=lambda one: one[0].index)
    return Found("exposure", "image, mask and variance by name", group(known))


def _alternate(planes: tuple[Hdu, ...], unnamed: list[Hdu]) -> bool:
    """Whether each plane without a role is followed by planes of the same roles."""
    runs: list[list[Role]] = []
    for hdu in planes:
        role = role_of(hdu)
        if hdu in unnamed:
            runs.append([])
        elif not runs or role is None:
            return False
        else:
            runs[-1].append(role)
    return all(run == runs[0] for run in runs)
