"""How a mask is read: what the user wants, else what the headers tell of whose mask it is."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.exposure import MaskPlanes
from skyframe_gui.files.fits.headers import card_int, card_text
from skyframe_gui.files.fits.mask_planes import named_planes
from skyframe_gui.files.fits.mask_tables import (
    CP_BITS,
    CP_CODES,
    DES_BITS,
    DES_GOOD_BIT,
    HST_BITS,
    HST_SERIOUS,
    Meaning,
    convention_of,
)
from skyframe_gui.files.fits.masks import MaskReading, MaskScheme

if TYPE_CHECKING:
    from astropy.io.fits import Header

    from skyframe_gui.files.fits.hdu import Hdu


def choose_scheme(reading: MaskReading, mask: Hdu, header: Header) -> MaskScheme:
    """Decide how to read a mask.

    Parameters
    ----------
    reading : MaskReading
        What the user wants.
    mask : Hdu
        The mask.
    header : Header
        The exposure's merged header.

    Raises
    ------
    SkyFrameError
        The mask's plane cards are broken, or the user asks for bits that nobody names.
    """
    good = reading.good or 0
    if reading.kind == "flags":
        return _flags(good, "Mask: read as flags as asked for")
    if reading.names:
        pairs = tuple((number, (name,)) for name, number in reading.names)
        if reading.kind == "codes":
            return _scheme("codes", pairs, good, "Mask: codes as given")
        return MaskScheme(
            kind="planes",
            planes=MaskPlanes(dict(reading.names)),
            good=good,
            note="Mask: bits as given.",
        )
    if reading.kind == "codes":
        return _scheme("codes", CP_CODES, good, "Mask: codes of the DECam community pipeline")
    found = _from_headers(mask, header, good)
    if found is not None and (reading.kind == "auto" or found.kind in ("planes", "bits")):
        return found
    if reading.kind == "bits":
        raise SkyFrameError(
            f"{mask.path}: the headers do not name the mask's bits; name them, for example "
            "bits:BAD=0,SAT=1."
        )
    return _flags(good, "Mask: nothing tells what its values mean")


def _from_headers(mask: Hdu, header: Header, good: int) -> MaskScheme | None:
    planes, notes = named_planes(mask)
    if planes:
        return MaskScheme(kind="planes", planes=planes, good=good, note=" ".join(notes))
    instrument = (card_text(header, "INSTRUME") or card_text(header, "DTINSTRU")).upper()
    version = re.match(r"V?(\d+)\.(\d+)", card_text(header, "PLVER").upper())
    if re.search(r"DECAM|MOSAIC|90PRIME", instrument) and (
        version or re.match(r"[a-z0-9]{3}_\d{6}_\d{6}_o[a-z]d", mask.path.name)
    ):
        release = f" (PLVER {card_text(header, 'PLVER')})" if version else ""
        if version and (int(version[1]), int(version[2])) < (3, 5):
            return _scheme("bits", CP_BITS, good, f"Mask: bits of the early pipeline{release}")
        return _scheme("codes", CP_CODES, good, f"Mask: codes of the community pipeline{release}")
    if card_text(mask.header, "DES_EXT").upper() == "MASK":
        scheme = _scheme("bits", DES_BITS, good, "Mask: bits of the Dark Energy Survey", "NO_DATA")
        return replace(
            scheme,
            good_bit=DES_GOOD_BIT,
            note=f"{scheme.note[:-1]}; {1 << DES_GOOD_BIT}, where used, means good.",
        )
    if card_text(header, "TELESCOP").upper() == "HST" and instrument in ("ACS", "WFC3"):
        return _hst(header, good)
    serious = card_int(header, "SDQFLAGS")
    if card_text(header, "TELESCOP").upper() == "HST" and serious is not None and serious > 0:
        meaning = tuple((bit, ("BAD",)) for bit in range(16) if serious >> bit & 1)
        scheme = _scheme("bits", meaning, good, f"Mask: DQ bits of HST, serious ones {serious}")
        return replace(scheme, others_are_bad=False)
    known = convention_of(header)
    if known is None:
        return None
    if known.kind == "majority":
        if re.match(r"FLAG", card_text(mask.header, "EXTNAME").upper()):
            return _flags(good, f"Mask: flag map of {known.name.partition(',')[0]}")
        known_by = "whose good value is that of most pixels, unless the image is 0 where it is bad"
        scheme = _flags(good, f"Mask: of {known.name}, {known_by}")
        return replace(scheme, majority=True, note=scheme.note.partition(";")[0] + ".")
    scheme = _scheme(known.kind, known.meaning, good, f"Mask: {known.kind} of {known.name}")
    return replace(scheme, others_are_bad=known.others_are_bad)


def _hst(header: Header, good: int) -> MaskScheme:
    serious = card_int(header, "SDQFLAGS")
    serious = HST_SERIOUS if serious is None else serious
    infrared = card_text(header, "DETECTOR").upper() == "IR"
    meaning: list[tuple[int, tuple[str, ...]]] = []
    for bit, names in HST_BITS:
        if infrared and bit in (5, 11):
            names = ("UNSTABLE",) if bit == 5 else ("SUSPECT",)
        if serious >> bit & 1 and not {"BAD", "SAT", "CR", "NO_DATA"} & set(names):
            names = ("BAD", *names)
        meaning.append((bit, names))
    return _scheme("bits", tuple(meaning), good, f"Mask: DQ bits of HST, serious ones {serious}")


def _flags(good: int, note: str) -> MaskScheme:
    planes = MaskPlanes({"BAD": MaskPlanes.LSST_DEFAULT["BAD"]})
    return MaskScheme(
        kind="flags", planes=planes, good=good, note=f"{note}; any value but {good} is BAD."
    )


def _scheme(
    kind: Literal["bits", "codes"], meaning: Meaning, good: int, note: str, *more: str
) -> MaskScheme:
    """Lay out planes: LSST's names on LSST's bits, others behind; only those that can be set."""
    names = dict.fromkeys(["BAD", *more, *(name for _, names in meaning for name in names)])
    default = MaskPlanes.LSST_DEFAULT
    own = [name for name in names if name not in default]
    planes = {name: default[name] for name in names if name in default}
    planes |= {name: len(default) + place for place, name in enumerate(own)}
    return MaskScheme(
        kind=kind, planes=MaskPlanes(planes), meaning=meaning, good=good, note=f"{note}."
    )
