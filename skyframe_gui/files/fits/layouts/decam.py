"""NOIRLab's community pipelines: image (ooi), mask (ood) and weight (oow) in three files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from skyframe_gui.files.fits.hdu import FETCH, FileFault
from skyframe_gui.files.fits.io import open_fits
from skyframe_gui.files.fits.layouts.base import Found, detector, detector_planes

if TYPE_CHECKING:
    from pathlib import Path

    from skyframe_gui.files.fits.hdu import Hdu
    from skyframe_gui.files.fits.io import FitsFile

# Instrument, date, time, then observation type, processing and product: c4d_150110_053718_ooi_.
_NAME = re.compile(r"([a-z0-9]{3}_\d{6}_\d{6}_[a-z][a-z])([deiuw])(?=[_.])", re.IGNORECASE)


def part_of(path: Path) -> str | None:
    """Return the product letter of a file's name; None for other names.

    i is the image, d its mask, w its weight; e (exposure map) and u (uncertainty) are not used.
    """
    match = _NAME.match(path.name)
    return match[2].lower() if match else None


def sibling_name(path: Path, product: str) -> str:
    """Return the name with another product letter."""
    match = _NAME.match(path.name)
    if match is None:
        return path.name
    letter = product.upper() if match[2].isupper() else product
    return match[1] + letter + path.name[match.end() :]


def recognise(file: FitsFile) -> Found | None:
    """Recognise an image by its name and find its mask and weight beside it."""
    if part_of(file.path) != "i":
        return None
    masks, weights = _partners(file.path, "d"), _partners(file.path, "w")
    if masks is None and weights is None:
        return None
    detectors = []
    for place, image in enumerate(detector_planes(file)):
        mask = _match(image, place, masks)
        weight = _match(image, place, weights)
        own = () if mask is None else (mask,)
        detectors.append(detector(image, own, weight, "weight"))
    return Found("exposure", "image, mask and weight in three files", tuple(detectors))


def sibling(path: Path, product: str) -> Path | None:
    """Return the file of another product that lies beside a file; None where none does."""
    spelt = (path.with_name(name) for name in _spellings(sibling_name(path, product)))
    return next((partner for partner in spelt if partner.is_file()), None)


def _partners(path: Path, product: str) -> tuple[Hdu, ...] | None:
    partner = sibling(path, product)
    if partner is None:
        return None
    with open_fits(partner) as file:
        return detector_planes(file)


def _spellings(name: str) -> list[str]:
    """Return the name as it is, then as it would be with other compression."""
    bare = re.sub(r"\.(fz|gz|bz2|xz)$", "", name)
    return list(dict.fromkeys([name, *(bare + end for end in ("", ".fz", ".gz", ".bz2", ".xz"))]))


def _match(image: Hdu, place: int, planes: tuple[Hdu, ...] | None) -> Hdu | None:
    if not planes:
        return None
    if image.name:
        found = next((plane for plane in planes if plane.name == image.name), None)
    else:
        found = planes[place] if place < len(planes) else None
    if found is None:
        raise FileFault(
            planes[0].path,
            f"it lacks the extension {image.name or image.index} that {image.path.name} has; "
            f"{FETCH}.",
        )
    return found
