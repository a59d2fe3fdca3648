"""Masks, weights and errors in a file of their own, which belong to an image in another file."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.files.fits.headers import card_text
from skyframe_gui.files.fits.io import open_fits
from skyframe_gui.files.fits.layouts import decam
from skyframe_gui.files.fits.layouts.base import Found, detector_planes, role_of
from skyframe_gui.files.fits.layouts.companion_names import (
    ALSO_EXPOSURES,
    CATALOGUES,
    ENDING,
    IMAGES,
    ROLES,
    STRONG,
    images_of,
    role_by_name,
    role_of_name,
    role_of_product,
    role_of_word,
    split_name,
    word_of,
)
from skyframe_gui.text import on_one_line

if TYPE_CHECKING:
    from pathlib import Path

    from skyframe_gui.files.fits.hdu import Hdu
    from skyframe_gui.files.fits.io import FitsFile
    from skyframe_gui.files.fits.layouts.base import Detector, Role

_WHAT = {
    "mask": "a mask without its image",
    "weight": "a weight or variance without its image",
    "background": "a map of backgrounds without its image",
    "catalogue": "a catalogue of an image",
}
KINDS = tuple(_WHAT)
"""What kinds of files are companions."""
_PRODUCT_CARDS = ("PRODTYPE", "PRODCATG", "OBSTYPE", "IMAGETYP", "IMTYPE", "FILETYPE", "DATATYPE")
"""What a file is, by NOIRLab (PRODTYPE), ESO (PRODCATG: ANCILLARY.WEIGHTMAP) and others."""
_TYPE_CARDS = (*_PRODUCT_CARDS, "OBS_TYPE", "ESO DPR TYPE", "ESO DPR CATG")
_EXPOSURE_TYPES = frozenset(["object", "science", "sky", "std", "standard", "target", "light"])
_GENERIC = frozenset(["map", "image", "img", "plane", "frame", "file", "array"])
"""Words behind the one that tells: weight map."""


def recognise(file: FitsFile) -> Found | None:
    """Recognise them by their name, their PRODTYPE, or because every plane says what it is."""
    product = role_of_product(file.path.name)
    if product is not None:
        image = companion_image(file.path)
        hint = f"give {on_one_line(image.name)}, beside which it is found" if image else ""
        return _refuse("background" if product == "other" else product, hint)
    part = decam.part_of(file.path)
    if part is not None and part in "dweu":
        name = on_one_line(decam.sibling_name(file.path, "i"))
        kind = "mask" if part == "d" else "weight"
        return _refuse(kind, f"give {name}; its mask and weight are found beside it")
    planes = detector_planes(file)
    kind_by_header = _kind_by_header(file)
    if part is None and kind_by_header and len(planes) == 1:
        return _refuse(kind_by_header)
    roles = {role_of(hdu) for hdu in planes}
    named = all(any(re.match("MP_.|MSKN\\d", key) for key in hdu.keywords) for hdu in planes)
    if roles == {"mask"} or (named and "image" not in roles):
        return _refuse("mask")
    if roles and not roles & {"image", None} and (len(planes) > 1 or roles != {"other"}):
        return _refuse("mask" if "mask" in roles else "weight")
    if len(planes) == 1 or "image" not in roles:
        image = companion_image(file.path)
        role = role_by_name(file.path.name, image is not None)
        if image is not None and word_of(file.path.name) in ALSO_EXPOSURES:
            try:
                with open_fits(image) as other:
                    role = None if _is_exposure(file, other) else role
            except SkyFrameError:  # the image's own fault, which is told where it is read
                pass
        if role is not None:
            hint = f"give {on_one_line(image.name)}, beside which it is found" if image else ""
            return _refuse("mask" if role == "mask" else "weight", hint)
        return _by_folder(file.path)
    return None


def _by_folder(path: Path) -> Found | None:
    """Recognise a companion by its folder, masks/x.fits, where x.fits is in another beside it."""
    path = path.absolute()
    role = STRONG.get(path.parent.name.lower())
    if role is None:
        return None
    try:
        folders = sorted(one for one in path.parent.parent.iterdir() if one.is_dir())
    except OSError:
        return None
    for folder in (path.parent.parent, *folders):
        image = folder / path.name
        if folder.name.lower() not in ROLES and image.is_file():
            shown = on_one_line(f"{folder.name}/{path.name}")
            hint = f"put it beside its image ({shown}) under a name such as x.mask.fits to use it"
            return _refuse("mask" if role == "mask" else "weight", hint)
    return None


def _is_exposure(file: FitsFile, image: FitsFile) -> bool:
    """Whether a file is an exposure for all its name says, by what its header calls it.

    Its name must be the image's with a word more that exposures have, too: x_std.fits.
    """
    if word_of(file.path.name) not in ALSO_EXPOSURES:
        return False
    pieces = [piece.lower() for piece in split_name(image.path.name)]
    if any(piece in IMAGES for piece in pieces):
        return False  # x_img.fits and x_std.fits are of one series
    own, other = file.primary.header, image.primary.header
    if _says_exposure(file):
        return True
    pairs = ((card_text(own, key), card_text(other, key)) for key in ("DATE-OBS", "OBJECT"))
    return any(one and two and one != two for one, two in pairs)


def _says_exposure(file: FitsFile) -> bool:
    kinds = " ".join(card_text(file.primary.header, key).lower() for key in _TYPE_CARDS)
    return bool(_EXPOSURE_TYPES & set(re.split(r"[^a-z]+", kinds)))


def _kind_by_header(file: FitsFile) -> str:
    """Return "mask" or "weight" where a card of the first header calls the file so, else ""."""
    named = ("BUNIT",) if _says_exposure(file) else ("BUNIT", "OBJECT")
    for keyword in (*_PRODUCT_CARDS, *named):
        text = re.sub(r"\(.*", "", card_text(file.primary.header, keyword).lower())
        words = [word for word in re.split(r"[.\s_-]+", text) if word and word not in _GENERIC]
        # What an object is called may end in any word; a weight map is called so and no more.
        if words and (keyword in _PRODUCT_CARDS or len(words) == 1):
            role = role_of_word(words[-1], STRONG)
            if role is not None:
                return "mask" if role == "mask" else "weight"
    return ""


def companion_image(path: Path) -> Path | None:
    """Return the image beside a file that the file's name makes it a companion of; else None."""
    part = decam.part_of(path)
    if part is not None:
        found = decam.sibling(path, "i") if part != "i" else None
        return found
    return next((path.with_name(name) for name in images_of(path.name, _names(path.parent))), None)


def with_companions(file: FitsFile, found: Found) -> Found:
    """Return the exposures of a file with the masks and variances that lie beside it.

    What lies there and cannot be used is left out with a note.
    """
    if found.kind != "exposure" or decam.part_of(file.path) is not None:
        return found
    detectors = list(found.detectors)
    for name in _beside(file.path):
        role = role_of_name(name) or "other"
        shown = on_one_line(name)
        try:
            planes = _planes_of(file.path.with_name(name), role, len(detectors), file)
            if planes is None:
                continue
            planes = _in_order(planes, detectors)
            why = _why_not(role, detectors, planes)
        except SkyFrameError as error:
            planes, why = (), str(error)
        if why:
            notes = (f"{shown} lies beside it and was left out: {why}",)
            detectors = [replace(one, notes=(*one.notes, *notes)) for one in detectors]
        else:
            detectors = [
                _joined(one, plane, role, shown)
                for one, plane in zip(detectors, planes, strict=True)
            ]
    return replace(found, detectors=tuple(detectors))


def _joined(detector: Detector, plane: Hdu, role: Role, name: str) -> Detector:
    if role == "mask":
        notes = (*detector.notes, f"Mask: {name}, which lies beside it.")
        return replace(detector, masks=(plane,), notes=notes)
    notes = (*detector.notes, f"Variance: from {name}, which lies beside it.")
    return replace(detector, variance=plane, variance_role=role, notes=notes)


def _why_not(role: Role, detectors: list[Detector], planes: tuple[Hdu, ...]) -> str:
    """Return why planes cannot be those of the detectors, as the end of a sentence."""
    if role == "other":
        return "it is neither mask nor variance."
    if role == "mask" and any(one.masks for one in detectors):
        return "the image has a mask already."
    if role != "mask" and any(one.variance is not None for one in detectors):
        return "the image has a variance already."
    if len(planes) != len(detectors):
        return f"it has {len(planes)} planes for {len(detectors)} images."
    if any(one.image.shape != hdu.shape for one, hdu in zip(detectors, planes, strict=True)):
        return "it is of another size."
    return ""


def _planes_of(path: Path, role: Role, n_images: int, image: FitsFile) -> tuple[Hdu, ...] | None:
    """Return the planes of a companion; None where it is an exposure of its own."""
    with open_fits(path) as file:
        if _is_exposure(file, image):
            return None
        planes = detector_planes(file)
        if len(planes) > 1 and any(role_of(hdu) == "image" for hdu in planes):
            return None
        own = tuple(hdu for hdu in planes if role_of(hdu) == role)
        return own if len(planes) > n_images == len(own) else planes


def _in_order(planes: tuple[Hdu, ...], detectors: list[Detector]) -> tuple[Hdu, ...]:
    """Return planes in the order of the images whose names they have; else as they stand."""
    named = {hdu.name: hdu for hdu in planes}
    names = [one.image.name for one in detectors]
    alike = len(named) == len(planes) and set(names) == set(named) and len(names) == len(planes)
    return tuple(named[name] for name in names) if alike else planes


def _beside(path: Path) -> list[str]:
    """Return the names of the companions of an image, in the order of how much they say."""
    order: tuple[Role, ...] = ("mask", "variance", "weight", "error", "other")
    names = _companions(str(path.parent), _stamp(path.parent)).get(path.name, ())
    return sorted(names, key=lambda name: (order.index(role_of_name(name) or "other"), name))


@lru_cache(maxsize=16)
def _companions(folder: str, stamp: int) -> dict[str, tuple[str, ...]]:
    """Return the companions in a folder by the name of their image."""
    names = _listed(folder, stamp)
    found: dict[str, tuple[str, ...]] = {}
    for name in sorted(names):
        for image in images_of(name, names)[:1]:
            found[image] = (*found.get(image, ()), name)
    return found


@lru_cache(maxsize=16)
def _listed(folder: str, stamp: int) -> frozenset[str]:
    try:
        return frozenset(name for name in os.listdir(folder or ".") if ENDING.search(name))
    except OSError:
        return frozenset()


def _names(folder: Path) -> frozenset[str]:
    return _listed(str(folder), _stamp(folder))


def _stamp(folder: Path) -> int:
    """Return when a folder was last changed; what was found in it holds as long."""
    try:
        return os.stat(folder or ".").st_mtime_ns
    except OSError:
        return 0


def catalogue(file: FitsFile) -> Found | None:
    """Recognise tables of objects by the file's name, ESO's card, or the names of LDAC and CASU."""
    tables = [hdu for hdu in file.hdus[1:] if hdu.xtension in ("BINTABLE", "TABLE")]
    if not tables or file.planes:
        return None
    words = [word.lower() for word in split_name(file.path.name)]
    product = card_text(file.primary.header, "PRODCATG").upper()
    named = any(re.match(r"LDAC_OBJECTS|APM-BINARYTABLE", hdu.name) for hdu in tables)
    if not (named or "SRCTBL" in product or CATALOGUES & set(words)):
        return None
    return _refuse("catalogue")


def _refuse(kind: str, hint: str = "") -> Found:
    if not hint:
        hint = "give the image itself" if kind == "catalogue" else "give the file with the image"
    return Found(kind, "companion", refusal=f"this is {_WHAT[kind]}; {hint}")
