"""What a layout finds in a file, and how planes are told apart and put together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from skyframe_gui.files.fits.hdu import FileFault
from skyframe_gui.files.fits.headers import card_int, card_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from skyframe_gui.files.fits.hdu import Hdu
    from skyframe_gui.files.fits.io import FitsFile

Role = Literal["image", "mask", "variance", "weight", "error"]

ROLES: dict[str, Role] = {
    "IMAGE": "image",
    "SCI": "image",
    "SCIENCE": "image",
    "MASK": "mask",
    "MSK": "mask",
    "DQ": "mask",
    "BPM": "mask",
    "VARIANCE": "variance",
    "VAR": "variance",
    "WEIGHT": "weight",
    "WGT": "weight",
    "WHT": "weight",
    "IVAR": "weight",
    "ERR": "error",
    "ERROR": "error",
    "UNCERT": "error",
}
# Look-up tables of coordinate systems are images by their form only.
NOT_A_DETECTOR = re.compile(r"WCSDVARR|D2IMARR|WCSCORR|HDRLET|WCS-TAB|THUMB\w*|PREVIEW")


@dataclass(frozen=True, kw_only=True)
class Detector:
    """The planes of one detector."""

    image: Hdu
    mask: Hdu | None = None
    variance: Hdu | None = None
    """The plane that the variance comes from."""
    variance_role: Role = "variance"
    """What that plane holds."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """What a file is."""

    kind: str
    """"exposure", or what else it is, as the user would call it."""
    layout: str
    detectors: tuple[Detector, ...] = ()
    refusal: str = ""
    """Where it is no exposure: what it is and what to give instead, without the file's name."""


def role_of(hdu: Hdu) -> Role | None:
    """Tell what a plane is for by its EXTTYPE, DES_EXT or EXTNAME; None where none says."""
    for keyword in ("EXTTYPE", "DES_EXT", "EXTNAME"):
        role = ROLES.get(card_text(hdu.header, keyword).upper())
        if role is None:
            continue
        if role == "error" and card_text(hdu.header, "UTYPE"):
            kinds: dict[str, Role] = {"VARIANCE": "variance", "INVERSEVARIANCE": "weight"}
            return kinds.get(card_text(hdu.header, "UTYPE").upper(), "error")
        return role
    return None


def detector_planes(file: FitsFile) -> tuple[Hdu, ...]:
    """Return the file's planes that can belong to a detector."""
    return tuple(hdu for hdu in file.planes if not NOT_A_DETECTOR.fullmatch(hdu.name))


def group(planes: Iterable[tuple[Hdu, Role]]) -> tuple[Detector, ...]:
    """Put planes together: by EXTVER where that tells images apart, else each to the image before.

    Raises
    ------
    SkyFrameError
        The planes of a detector differ in size.
    """
    roled = tuple(planes)
    images = [hdu for hdu, role in roled if role == "image"]
    versions = [card_int(hdu.header, "EXTVER") for hdu in images]
    by_version = len(set(versions)) == len(images) > 1 and None not in versions
    parts: dict[int, dict[Role, Hdu]] = {hdu.index: {"image": hdu} for hdu in images}
    latest = images[0].index if images else None
    for hdu, role in roled:
        if role == "image":
            latest = hdu.index
            continue
        owner = latest
        if by_version:
            version = card_int(hdu.header, "EXTVER")
            owner = images[versions.index(version)].index if version in versions else None
        if owner is not None:
            parts[owner].setdefault(role, hdu)
    return tuple(_detector(part) for part in parts.values())


def _detector(part: dict[Role, Hdu]) -> Detector:
    order: tuple[Role, ...] = ("variance", "weight", "error")
    role = next((role for role in order if role in part), order[0])
    return detector(part["image"], part.get("mask"), part.get(role), role)


def detector(
    image: Hdu, mask: Hdu | None, variance: Hdu | None, role: Role = "variance"
) -> Detector:
    """Return the planes as one detector, after checking that they are of one size.

    Raises
    ------
    SkyFrameError
        They are not.
    """
    for name, plane in (("mask", mask), (role, variance)):
        if plane is not None and plane.shape != image.shape:
            raise FileFault(
                plane.path,
                f"the {name} (HDU {plane.index}) is {plane.shape[1]} x {plane.shape[0]} pixels "
                f"but its image is {image.shape[1]} x {image.shape[0]}; they must be alike.",
            )
    return Detector(image=image, mask=mask, variance=variance, variance_role=role)
