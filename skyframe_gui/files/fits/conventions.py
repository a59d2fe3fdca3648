"""How cameras and archives write who an exposure is: filter, detector, binning, night.

Sources: the FITS dictionaries of NOAO (CCDSUM, CCDSEC, DETSEC, FILTER1), ESO (HIERARCH ESO INS,
DET), STScI (FILTER1 / FILTER2 with CLEAR1L, FILTER with PUPIL, EXTVER, CCDCHIP), ING (WFFBAND), NOT
(ALFLTNM), Subaru (FILTER01, DET-ID, BIN-FCT1), Keck (FWINAME, DWFILNAM), Pan-STARRS (FPA.FILTER),
ZTF (CCDID, QID), TESS (CAMERA, CCD).
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, NamedTuple

from skyframe_gui.files.fits.headers import card_number, card_text, card_value

if TYPE_CHECKING:
    from astropy.io.fits import Header

VISIT = (
    "EXPNUM", "VISIT", "VISITID", "EXPID", "EXP-ID", "OBSID", "OBS-ID", "ROOTNAME",
)  # fmt: skip
DETECTOR = (
    "CCDNUM", "CCDCHIP", "DET-ID", "DETNUM", "CHIPID", "CCDID", "DETNAME", "DETECTOR", "CHIP",
    "IMAGEID", "CCDNAME", "DETPOS", "ESO DET CHIP NO", "ESO DET CHIP ID", "ESO DET CHIP1 ID",
    "CHIPNAME", "CAMCOL", "CAMNUM", "EXTNAME",
)  # fmt: skip
_DETECTOR_PARTS = (("CCDID", "QID"), ("CAMERA", "CCD"))
"""Two cards that together name a detector; a quadrant that is read out by itself is one."""
# The wheels of one instrument stand together: what is in the beam is all of them.
_WHEELS: tuple[tuple[str, ...], ...] = (
    ("FILTER",),
    ("FILTER1", "FILTER2", "FILTER3", "FILTER4"),
    ("FILTER01", "FILTER02", "FILTER03"),
    ("FILTERA", "FILTERB"),
    ("FILT1", "FILT2"),
    ("FILTNAM1", "FILTNAM2"),
    ("FILTNAME",),
    ("FILTNAM",),
    ("FILTERID",),
    ("FILTER_ID",),
    ("FPA.FILTER",),
    ("FPA.FILTERID",),
    tuple(f"ESO INS FILT{n} NAME" for n in range(1, 7)),
    tuple(f"ESO INS FILT{n} ID" for n in range(1, 7)),
    ("ESO INS OPTI1 NAME",),
    ("ALFLTNM", "FAFLTNM", "FBFLTNM"),
    ("INSFILTE",),
    ("FWINAME", "FWONAME"),
    ("DWFILNAM",),
    ("WFFBAND",),
    ("FILTERS",),
    ("BAND",),
)
_EMPTY_SLOT = re.compile(
    r"[(\[<]?(open|clear|empty|blank|hole|free|air|none|no[ _-]?filter|unfiltered|not[ _-]?used"
    r"|unused|out|-{1,3})[ _-]?\(?\d{0,2}\)?([a-z]|-\d{1,2})?[)\]>]?",
    re.IGNORECASE,
)
"""A place in a wheel without a filter: CLEAR1L, CLEARP, Open, empty3, open1-6, (clear)."""
TIME = ("EXPTIME", "EFFEXPTM", "XPOSURE", "EXP_TIME", "ITIME", "TEXPTIME", "EXPOSURE")
"""EXPOSURE is the last: it can be the number of an exposure, see `read_exposure_time`."""
_NIGHT = ("DAYOBS", "DAY_OBS", "DAY-OBS", "NIGHT", "ESO OBS NIGHT")
_LONGITUDE = ("OBSGEO-L", "ESO TEL GEOLON", "SITELONG")
"""Degrees to the east. (LONGITUD, OBS-LONG and others count to the west at some telescopes.)"""
_BINNING_PAIRS = (
    ("XBINNING", "YBINNING"), ("CCDBIN1", "CCDBIN2"), ("CCDXBIN", "CCDYBIN"), ("BINX", "BINY"),
    ("BIN-FCT1", "BIN-FCT2"), ("CCDBINX", "CCDBINY"), ("XBIN", "YBIN"), ("BINAXIS1", "BINAXIS2"),
    ("ESO DET WIN1 BINX", "ESO DET WIN1 BINY"), ("ESO DET BINX", "ESO DET BINY"),
)  # fmt: skip
_BINNING_TEXTS = ("CCDSUM", "BINNING", "CCDBIN", "BINMODE", "DETSUM")
_TYPES = (
    "IMAGETYP", "OBSTYPE", "IMTYPE", "OBS_TYPE", "OBS-TYPE", "FRAMETYP", "FRAME", "DATA-TYP",
    "PRODTYPE", "EXP_TYPE", "IMGTYPE", "ESO DPR TYPE",
)  # fmt: skip
"""What was taken: Flat Frame, zero, DOMEFLAT (DATA-TYP at Subaru), FLAT,SKY, NRC_DARK."""
_CALIBRATION = re.compile(
    r"(master)?(bias|zero|dark|(dome|sky|twi|twilight|led|super|lamp|dark|[dst])?flat)"
    r"(s|field|frame)?|arc|comp|comparison|lamp|focus|focusing|fringe|biasline"
)
NOT_A_NAME = {
    "", "NOTSET", "NONE", "UNKNOWN", "_UNKNOWN_", "UNDEFINED", "N/A", "NA", "NAN", "INDEF", "NULL",
    "IMAGE", "SCI", "SCIENCE", "DATA", "PRIMARY", "COMPRESSED_IMAGE", "UVIS", "IR", "WFC",
}  # fmt: skip
_COUNTED = re.compile(r"(SCI|SCIENCE|IMAGE|DATA)[._\- ]?\d{1,3}", re.IGNORECASE)
# What a camera may call a visit or detector: one line of print. (File names are made safe later.)
_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,60}")


class Section(NamedTuple):
    """A part of a detector: its first pixel, counted from 0, and its size."""

    x: int
    y: int
    width: int
    height: int


def first_name(header: Header, keywords: tuple[str, ...], single_word: bool = False) -> str:
    """Return the first of the cards that holds what can be a name, "" where none does."""
    for keyword in keywords:
        text = card_text(header, keyword)
        if text.upper() in NOT_A_NAME or not _NAME.fullmatch(text):
            continue
        if single_word and re.search(r"[ :,]", text):
            continue
        return text
    return ""


def read_visit(header: Header) -> str:
    """Return the number or name of an exposure; "" where nothing tells.

    JWST's VISIT has many exposures; one is told by the cards that its files are named by.
    """
    if card_text(header, "TELESCOP").upper() != "JWST":
        return first_name(header, VISIT, single_word=True)
    keywords = ("VISIT_ID", "VISITGRP", "SEQ_ID", "ACT_ID", "EXPOSURE")
    visit, group, sequence, activity, number = (card_text(header, one) for one in keywords)
    name = f"jw{visit:0>11}_{group:0>2}{sequence}{activity:0>2}_{number:0>5}"
    return name if re.fullmatch(r"jw\d{11}_\d\d\d\w\w_\d{5}", name) else ""


def read_filter(header: Header) -> str:
    """Return the physical filter: all that is in the beam, by the alphabet, joined by "+".

    Empty places of the wheels are left out; where all of them are empty it is what the first is
    called ("Clear"), and where nothing tells "".
    """
    empty = ""
    wheels = _WHEELS
    if card_text(header, "TELESCOP").upper() == "JWST":
        wheels = (("FILTER", "PUPIL"), *wheels)
    for wheel in wheels:
        texts = [part for keyword in wheel for part in _beam_parts(card_text(header, keyword))]
        texts = [text for text in texts if text.upper() not in NOT_A_NAME]
        inside = {text for text in texts if not _EMPTY_SLOT.fullmatch(text)}
        if inside:
            # In one order whichever wheel each is in: the light does not care.
            return "+".join(sorted(inside, key=lambda text: (text.casefold(), text)))
        empty = empty or next(iter(texts), "")
    return empty


def _beam_parts(text: str) -> list[str]:
    """Take apart what one card says of several wheels: "Kp + clear", "clear1/r".

    A plus at the end belongs to the name (W-S-R+), and so do other marks, unless what they part
    from the rest is an empty place.
    """
    found = []
    for part in re.split(r"\s*\+\s*(?=[^\s+])", " ".join(text.split())):
        pieces = [piece.strip() for piece in re.split(r"[/,;|&]", part)]
        parted = any(_EMPTY_SLOT.fullmatch(piece) for piece in pieces)
        found += pieces if parted else [part]
    return found


def read_detector(header: Header, hdu_header: Header | None) -> str:
    """Return the detector's name, from the image's own HDU before the primary one."""
    for keywords in _DETECTOR_PARTS:
        parts = [card_text(header, keyword) for keyword in keywords]
        if all(re.fullmatch(r"[\w.]{1,20}", part) for part in parts):
            return "-".join(parts)
    if hdu_header is None:
        return first_name(header, DETECTOR)
    own = first_name(hdu_header, DETECTOR)
    if own and own == card_text(hdu_header, "EXTNAME") and _COUNTED.fullmatch(own):
        # SCI1 is the first image of every file, whichever detector the file is of.
        return first_name(header, DETECTOR[: DETECTOR.index("EXTNAME")]) or own
    return own or first_name(header, DETECTOR)


def read_exposure_time(header: Header) -> float | None:
    """Return the seconds of an exposure; None where no card tells them."""
    for keyword in TIME:
        seconds = card_number(header, keyword)
        if seconds is None or seconds < 0:
            continue
        value = card_value(header, keyword)
        if keyword == "EXPOSURE" and isinstance(value, str) and value.strip().isdigit():
            continue  # JWST counts by it, in text: '00001'
        return seconds
    return None


def read_calibration(header: Header) -> str:
    """Return the card by which an image is a flat field, a dark or the like; "" where none does."""
    for keyword in _TYPES:
        text = card_text(header, keyword)
        words = re.split(r"[^a-z]+", text.lower())
        if any(_CALIBRATION.fullmatch(word) for word in words):
            return f"{keyword} {text}"
    return ""


def read_binning(header: Header) -> tuple[int, int]:
    """Return how many pixels of the detector make one of the image along x and y."""
    for keyword in _BINNING_TEXTS:
        text = card_text(header, keyword).strip("()[]{} ")
        match = re.fullmatch(r"(\d{1,2})(?:\.0*)?(?:\s*[ x*,]\s*(\d{1,2})(?:\.0*)?)?", text, re.I)
        if match and int(match[1]) and int(match[2] or match[1]):
            return int(match[1]), int(match[2] or match[1])
    pairs = [
        *((card_number(header, x), card_number(header, y)) for x, y in _BINNING_PAIRS),
        # IRAF's: how many pixels of the image one of the detector is.
        (_inverse(card_number(header, "LTM1_1")), _inverse(card_number(header, "LTM2_2"))),
    ]
    for along_x, along_y in pairs:
        if along_x is None or along_y is None:
            continue
        if all(1 <= n < 100 and abs(n - round(n)) < 1e-6 for n in (along_x, along_y)):
            return round(along_x), round(along_y)
    return 1, 1


def _inverse(step: float | None) -> float | None:
    return None if not step else 1.0 / abs(step)


def read_section(header: Header, keyword: str) -> Section | None:
    """Return a section such as ``[65:128,65:128]``; None where there is no such card."""
    number = r"\s*(\d{1,6})\s*"
    match = re.fullmatch(
        rf"\[{number}:{number},{number}:{number}\]", card_text(header, keyword).strip()
    )
    if match is None:
        return None
    x1, x2, y1, y2 = (int(one) for one in match.groups())
    x, y = min(x1, x2), min(y1, y2)
    return Section(x - 1, y - 1, abs(x2 - x1) + 1, abs(y2 - y1) + 1) if x and y else None


def own_pixels(
    section: Section, binning: tuple[int, int], size: tuple[int, int]
) -> tuple[int, int] | None:
    """Return where an image begins on its detector, in its own pixels.

    None where the section is not of the image's (width, height): then it is about something else,
    such as an amplifier. Sections count pixels of the detector, at some telescopes binned ones.
    """
    if (section.width, section.height) == size:
        return section.x, section.y
    binned = (section.width // binning[0], section.height // binning[1])
    if binned != size or section.x % binning[0] or section.y % binning[1]:
        return None
    return section.x // binning[0], section.y // binning[1]


def read_place(
    header: Header, binning: tuple[int, int], size: tuple[int, int]
) -> tuple[int, int] | None:
    """Return where an image begins on its detector, or in the mosaic, in its own pixels.

    By CCDSEC, DETSEC or ESO's window, whichever is the first of the image's (width, height). None
    where none is. LTV1 and LTV2 of 0 tell nothing: they stand in whole images, too.
    """
    sections = [read_section(header, keyword) for keyword in ("CCDSEC", "DETSEC")]
    x, y = (card_number(header, f"ESO DET WIN1 STR{axis}") for axis in "XY")
    if x is not None and y is not None and min(x, y) >= 1:
        wide, high = (length * n for length, n in zip(size, binning, strict=True))
        sections.append(Section(int(x) - 1, int(y) - 1, wide, high))
    for section in sections:
        place = None if section is None else own_pixels(section, binning, size)
        if place is not None:
            return place
    return None


def read_night(header: Header) -> str:
    """Return the ISO date of the evening, where a header has it."""
    for keyword in _NIGHT:
        match = re.fullmatch(r"((?:19|20)\d\d)-?(\d\d)-?(\d\d)", card_text(header, keyword))
        if match:
            return "-".join(match.groups())
    return ""


def read_longitude(header: Header) -> float | None:
    """Return the telescope's longitude in degrees to the east, where a header tells it surely."""
    x, y = card_number(header, "OBSGEO-X"), card_number(header, "OBSGEO-Y")
    if x and y:
        return math.degrees(math.atan2(y, x))
    found = (card_number(header, keyword) for keyword in _LONGITUDE)
    return next((one for one in found if one is not None and -180 <= one <= 360), None)
