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
from skyframe_gui.text import on_one_line

if TYPE_CHECKING:
    from pathlib import Path

    from skyframe_gui.files.fits.hdu import Hdu
    from skyframe_gui.files.fits.io import FitsFile
    from skyframe_gui.files.fits.layouts.base import Detector, Role

KINDS = ("mask", "weight")
"""What kinds of files are companions."""
_PRODUCT_CARDS = ("PRODTYPE", "PRODCATG", "OBSTYPE", "IMAGETYP", "IMTYPE", "FILETYPE", "DATATYPE")
"""What a file is, by NOIRLab (PRODTYPE), ESO (PRODCATG: ANCILLARY.WEIGHTMAP) and others."""

# Words of file names. Those of the first table say by themselves that a file is no image; the
# others may be anything, and are looked at only where the image lies beside it.
_PLAIN: dict[Role, str] = {
    "mask": "mask masks msk mskimg maskimg dqmask flag flags flg bpm badpix bimsk",
    "weight": "weight weights weightmap wht wgt wtmap invvar ivar",
    "variance": "variance varmap",
    "error": "rms rmsmap sigmap uncert cbunc munc",
    "other": "segmap segmentation expmap nexp",
}
_VAGUE: dict[Role, str] = {
    "mask": "dq badpixels okd",
    "weight": "wt wei okw",
    "variance": "var",
    "error": "err error errors unc sigma sig noise std",
    "other": "seg segm cov coverage ctx conf bkg background num expwt mcov",
}
_STRONG: dict[str, Role] = {word: role for role, words in _PLAIN.items() for word in words.split()}
_ROLES = _STRONG | {word: role for role, words in _VAGUE.items() for word in words.split()}
_IMAGES = (
    "",
    "sci",
    "sciimg",
    "science",
    "image",
    "img",
    "int",
    "data",
    "oki",
    "cbcd",
    "bcd",
    "maic",
)
"""What stands in an image's name where its companion has its word."""
_ENDING = re.compile(r"\.(fits?|fts)(\.(fz|gz|bz2|xz))?$|\.fz$", re.IGNORECASE)
_PIECES = re.compile(r"[^._\-]+|[._\-]")


def recognise(file: FitsFile) -> Found | None:
    """Recognise them by their name, their PRODTYPE, or because every plane says what it is."""
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
        role = _role_by_name(file.path.name, image is not None)
        if role is not None:
            hint = f"give {on_one_line(image.name)}, beside which it is found" if image else ""
            return _refuse("mask" if role == "mask" else "weight", hint)
    return None


def _kind_by_header(file: FitsFile) -> str:
    """Return "mask" or "weight" where a card of the first header calls the file so, else ""."""
    for keyword in _PRODUCT_CARDS:
        words = re.split(r"[.\s_-]+", card_text(file.primary.header, keyword).lower())
        role = _STRONG.get(words[-1])
        if role is not None:
            return "mask" if role == "mask" else "weight"
    return ""


def companion_image(path: Path) -> Path | None:
    """Return the image beside a file that the file's name makes it a companion of; else None."""
    part = decam.part_of(path)
    if part is not None:
        found = decam.sibling(path, "i") if part != "i" else None
        return found
    return next((path.with_name(name) for name in _images_of(path.name, _names(path.parent))), None)


def with_companions(file: FitsFile, found: Found) -> Found:
    """Return the exposures of a file with the masks and variances that lie beside it.

    What lies there and cannot be used is left out with a note.
    """
    if found.kind != "exposure" or decam.part_of(file.path) is not None:
        return found
    detectors = list(found.detectors)
    for name in _beside(file.path):
        role = _ROLES[_word_of(name)]
        shown = on_one_line(name)
        try:
            planes = _planes_of(file.path.with_name(name), role, len(detectors))
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


def _planes_of(path: Path, role: Role, n_images: int) -> tuple[Hdu, ...] | None:
    """Return the planes of a companion; None where it is an exposure of its own."""
    with open_fits(path) as file:
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
    return sorted(names, key=lambda name: (order.index(_ROLES[_word_of(name)]), name))


@lru_cache(maxsize=16)
def _companions(folder: str, stamp: int) -> dict[str, tuple[str, ...]]:
    """Return the companions in a folder by the name of their image."""
    names = _listed(folder, stamp)
    found: dict[str, tuple[str, ...]] = {}
    for name in sorted(names):
        for image in _images_of(name, names)[:1]:
            found[image] = (*found.get(image, ()), name)
    return found


@lru_cache(maxsize=16)
def _listed(folder: str, stamp: int) -> frozenset[str]:
    try:
        return frozenset(name for name in os.listdir(folder or ".") if _ENDING.search(name))
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


def _images_of(name: str, names: frozenset[str]) -> list[str]:
    """Return which of some names could be the image of a companion, the likeliest first."""
    ending = _ENDING.search(name)
    if ending is None:
        return []
    pieces = _PIECES.findall(name[: ending.start()])
    found: list[str] = []
    for place in reversed(range(len(pieces))):
        if pieces[place].lower() not in _ROLES:
            continue
        for word in _IMAGES:
            for stem in _replaced(pieces, place, word):
                found += [one for one in _spellings(stem, ending[0]) if one in names]
    return [one for one in dict.fromkeys(found) if one != name]


def _replaced(pieces: list[str], place: int, word: str) -> list[str]:
    before, after = pieces[:place], pieces[place + 1 :]
    if word:
        return ["".join((*before, one, *after)) for one in (word, word.upper())]
    # Without the word one of the marks around it goes, too.
    stems = []
    if before:
        stems.append("".join((*before[:-1], *after)))
    if after:
        stems.append("".join((*before, *after[1:])))
    return [stem for stem in stems if stem]


def _spellings(stem: str, ending: str) -> list[str]:
    plain = re.sub(r"\.(fz|gz|bz2|xz)$", "", ending, flags=re.IGNORECASE) or ".fits"
    ends = (ending, *(plain + more for more in ("", ".fz", ".gz", ".bz2", ".xz")))
    return [stem + end for end in dict.fromkeys(ends)]


def _word_of(name: str) -> str:
    """Return the last word of a name that names a kind of companion; "" without one."""
    words = [piece.lower() for piece in _PIECES.findall(_ENDING.sub("", name))]
    return next((word for word in reversed(words) if word in _ROLES), "")


def _role_by_name(name: str, has_image: bool) -> Role | None:
    """Return what a companion is; without its image beside it only the last word counts."""
    if has_image:
        return _ROLES.get(_word_of(name))
    words = [piece.lower() for piece in _PIECES.findall(_ENDING.sub("", name))]
    return _STRONG.get(words[-1]) if len(words) > 1 else None


def _refuse(kind: str, hint: str = "") -> Found:
    what = "a mask" if kind == "mask" else "a weight or variance"
    hint = hint or "give the file with the image"
    return Found(kind, "companion", refusal=f"this is {what} without its image; {hint}")
