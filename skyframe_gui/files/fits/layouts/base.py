"""What a layout finds in a file, and how planes are told apart and put together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from skyframe_gui.files.fits.hdu import FileFault
from skyframe_gui.files.fits.headers import card_int, card_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from skyframe_gui.files.fits.hdu import Hdu
    from skyframe_gui.files.fits.io import FitsFile

    _Key = Callable[[Hdu], object]

Role = Literal["image", "mask", "variance", "weight", "error", "other"]
"""What a plane is for; ``other`` ones, such as backgrounds and segments, are not used."""

_WORDS: dict[Role, str] = {
    "image": "IMAGE SCI SCIENCE DATA",
    "mask": "MASK MSK DQ BPM FLG FLAG FLAGS QUAL QUALITY BADPIX DQMASK IMMASK",
    "variance": "VARIANCE VAR STAT",
    "weight": "WEIGHT WEIGHTS WGT WHT IVAR INVVAR",
    "error": "ERR ERROR ERRS ERRORS UNCERT UNC RMS SIGMA NOISE STDDEV",
    "other": "BACKGROUND BKG BACK BKGRMS BACKGROUND_RMS SKY SEGMAP SEG SEGM SEGMENTATION MODEL "
    "RESIDUAL CHI2 EXPMAP CON CTX COVERAGE AREA SAMP TIME WAVELENGTH OBJMASK PSF VAR_POISSON "
    "VAR_RNOISE VAR_FLAT",
}
ROLES: dict[str, Role] = {word: role for role, words in _WORDS.items() for word in words.split()}
# Look-up tables of coordinate systems are images by their form only.
NOT_A_DETECTOR = re.compile(r"WCSDVARR|D2IMARR|WCSCORR|HDRLET|WCS-TAB|THUMB\w*|PREVIEW")


@dataclass(frozen=True, kw_only=True)
class Detector:
    """The planes of one detector."""

    image: Hdu
    masks: tuple[Hdu, ...] = ()
    """All of them hold; each pixel is what any of them says."""
    variance: Hdu | None = None
    """The plane that the variance comes from."""
    variance_role: Role = "variance"
    """What that plane holds."""
    name: str = ""
    """The detector's, where the names of its planes begin or end with it: 3-4.F of 3-4.F.SCI."""
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
    return named_role(hdu)[1]


def named_role(hdu: Hdu) -> tuple[str, Role | None]:
    """Return what else a plane's name has beside its role, such as a detector, and the role."""
    for keyword in ("EXTTYPE", "DES_EXT", "EXTNAME"):
        rest, role = word_role(card_text(hdu.header, keyword).upper())
        if role is None:
            continue
        if role == "error" and card_text(hdu.header, "UTYPE"):
            kinds: dict[str, Role] = {"VARIANCE": "variance", "INVERSEVARIANCE": "weight"}
            return rest, kinds.get(card_text(hdu.header, "UTYPE").upper(), "error")
        return rest, role
    return "", _eso_role(hdu)


def word_role(name: str) -> tuple[str, Role | None]:
    """Take a name apart into a role and the rest: 3-4.F.RMS, MASK_CCD3, SCI2."""
    if name in ROLES:
        return "", ROLES[name]
    for pattern in (
        r"(?P<rest>.+)[._\- ](?P<word>[A-Z]+)",
        r"(?P<word>[A-Z]+)[._\- ]?(?P<rest>.+)",
    ):
        match = re.fullmatch(pattern, name)
        if match and match["word"] in ROLES:
            return match["rest"], ROLES[match["word"]]
    return "", None


def _eso_role(hdu: Hdu) -> Role | None:
    """Tell a plane's role by ESO's HDUCLAS2 and HDUCLAS3."""
    if card_text(hdu.header, "HDUCLASS").upper() != "ESO":
        return None
    kinds: dict[str, Role] = {"DATA": "image", "QUALITY": "mask", "ERROR": "error"}
    role = kinds.get(card_text(hdu.header, "HDUCLAS2").upper())
    errors: dict[str, Role] = {"MSE": "variance", "INVMSE": "weight"}
    return errors.get(card_text(hdu.header, "HDUCLAS3").upper(), role) if role == "error" else role


def detector_planes(file: FitsFile) -> tuple[Hdu, ...]:
    """Return the file's planes that can belong to a detector."""
    return tuple(hdu for hdu in file.planes if not NOT_A_DETECTOR.fullmatch(hdu.name))


def group(planes: Iterable[tuple[Hdu, Role]]) -> tuple[Detector, ...]:
    """Put planes together: by their names or EXTVER where these tell images apart, else by place.

    By place, each belongs to the image before, or to that behind where the planes begin with one
    and end with an image. What describes no image of the file is left out.

    Raises
    ------
    SkyFrameError
        The planes of a detector differ in size.
    """
    roled = tuple(planes)
    images = [hdu for hdu, role in roled if role == "image"]
    described = [hdu for hdu, role in roled if role not in ("image", "other")]
    owner_of = _by(images, _rest) or owner_by_name(images, described) or _by(images, _version)
    parts: dict[int, dict[Role, list[Hdu]]] = {hdu.index: {"image": [hdu]} for hdu in images}
    latest = images[0].index if images else None
    if roled and roled[0][1] != "image" and roled[-1][1] == "image":
        roled = roled[::-1]
    for hdu, role in roled:
        if role == "image":
            latest = hdu.index
            continue
        owner = latest if owner_of is None else owner_of(hdu)
        if owner is not None and role != "other":
            parts[owner].setdefault(role, []).append(hdu)
    names = [_rest(hdu) or "" for hdu in images]
    if len(set(names)) < len(names) or len(names) == 1:
        names = detector_names(images)
    return tuple(_detector(part, name) for part, name in zip(parts.values(), names, strict=True))


def detector_names(images: Sequence[Hdu]) -> list[str]:
    """Return what stands before the word for an image in names, 3-4.F of 3-4.F.SCI.

    "" of all where one has none, or two the same: SCI1 and IMAGE_2 only count.
    """
    matches = [re.fullmatch(r"(.*\S)[._\- ]([A-Z]+)", hdu.name.upper()) for hdu in images]
    names = [match[1] if match and ROLES.get(match[2]) == "image" else "" for match in matches]
    return names if all(names) and len(set(names)) == len(names) else [""] * len(names)


def _rest(hdu: Hdu) -> str | None:
    return named_role(hdu)[0] or None


def _version(hdu: Hdu) -> int | None:
    return card_int(hdu.header, "EXTVER")


def owner_by_name(images: list[Hdu], planes: list[Hdu]) -> Callable[[Hdu], int | None] | None:
    """Return what finds the image of each of the planes by the image's name, or by its number.

    CCD1 for CCD1_MASK, else im1 for bpm1; None where a plane finds none.
    """
    ways: tuple[tuple[_Key, _Key], ...] = (
        (lambda hdu: hdu.name or None, _rest),
        (lambda hdu: _number(hdu.name), lambda hdu: _number(_rest(hdu) or "")),
    )
    for of_image, of_plane in ways:
        owner_of = _by(images, of_image, of_plane)
        if owner_of is not None and planes and all(owner_of(hdu) is not None for hdu in planes):
            return owner_of
    return None


def _number(name: str) -> int | None:
    match = re.search(r"\d+$", name)
    return None if match is None else int(match[0])


def _by(
    images: list[Hdu], key: _Key, of_plane: _Key | None = None
) -> Callable[[Hdu], int | None] | None:
    """Return what finds the image of a plane by a key; None where it does not tell images apart."""
    keys = [key(hdu) for hdu in images]
    if None in keys or not len(set(keys)) == len(keys) > 1:
        return None
    places = {one: hdu.index for one, hdu in zip(keys, images, strict=True)}
    return lambda hdu: places.get((of_plane or key)(hdu))


def _detector(part: dict[Role, list[Hdu]], name: str) -> Detector:
    order: tuple[Role, ...] = ("variance", "weight", "error")
    role = next((role for role in order if role in part), order[0])
    variance = part[role][0] if role in part else None
    return detector(part["image"][0], tuple(part.get("mask", ())), variance, role, name)


def detector(
    image: Hdu,
    masks: tuple[Hdu, ...],
    variance: Hdu | None,
    role: Role = "variance",
    name: str = "",
) -> Detector:
    """Return the planes as one detector, after checking that they are of one size.

    Raises
    ------
    SkyFrameError
        They are not.
    """
    for what, plane in (*(("mask", mask) for mask in masks), (role, variance)):
        if plane is not None and plane.shape != image.shape:
            raise FileFault(
                plane.path,
                f"the {what} (HDU {plane.index}) is {plane.shape[1]} x {plane.shape[0]} pixels "
                f"but its image is {image.shape[1]} x {image.shape[0]}; they must be alike.",
            )
    return Detector(image=image, masks=masks, variance=variance, variance_role=role, name=name)
