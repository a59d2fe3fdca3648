"""What the bits and codes of cameras' masks mean, in the names of mask planes: one table."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from skyframe_gui.files.fits.headers import card_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from astropy.io.fits import Header

Meaning = tuple[tuple[int, tuple[str, ...]], ...]
"""(bit number or code, names of the planes that it sets), for each that has a meaning."""


@dataclass(frozen=True, kw_only=True)
class Convention:
    """What a camera or a pipeline means by the values of its masks.

    Attributes
    ----------
    name : str
        Whose masks these are, as the user is told.
    source : str
        Where it is written down.
    meaning : tuple
        Bits or codes; a bit that is named sets no other plane than those named.
    knows : callable
        Called with the exposure's merged header: whether the mask is of this kind.
    kind : {"bits", "codes", "majority"}
        ``majority``: 0 and 1, of which the one that most pixels have is good.
    others_are_bad : bool
        Whether a bit without a meaning makes a pixel BAD.
    """

    name: str
    source: str
    meaning: Meaning
    knows: Callable[[Header], bool]
    kind: Literal["bits", "codes", "majority"] = "bits"
    others_are_bad: bool = True


def _of(pattern: str, *keywords: str) -> Callable[[Header], bool]:
    """Return a test whether one of some cards, INSTRUME without any, begins with a pattern."""
    begin = re.compile(pattern, re.IGNORECASE)
    names = keywords or ("INSTRUME",)
    return lambda header: any(begin.match(card_text(header, name)) for name in names)


# DECam community pipeline from V3.5.0 on: one code a pixel. A bleed trail is saturated, too.
CP_CODES: Meaning = (
    (1, ("BAD",)),
    (2, ("NO_DATA",)),
    (3, ("SAT",)),
    (4, ("SAT", "BLEED")),
    (5, ("CR",)),
    (6, ("LOW_WEIGHT",)),
    (7, ("DIFFERENCE",)),
    (8, ("STREAK",)),
)
# The same pipeline before V3.5.0.
CP_BITS: Meaning = (
    (0, ("BAD",)),
    (1, ("SAT",)),
    (2, ("INTRP",)),
    (4, ("CR",)),
    (6, ("SAT", "BLEED")),
    (7, ("DIFFERENCE",)),
)
# Dark Energy Survey (pixcorrect, mask_bits.h). Bit 11 was "fixed" first and "suspect" later.
DES_BITS: Meaning = (
    (0, ("BAD",)),
    (1, ("SAT",)),
    (2, ("INTRP",)),
    (3, ("BAD",)),
    (4, ("CR",)),
    (5, ("BRIGHT_STAR",)),
    (6, ("SAT", "BLEED")),
    (7, ("BAD", "BLEED")),
    (8, ("CROSSTALK",)),
    (9, ("EDGE",)),
    (10, ("STREAK",)),
    (11, ("SUSPECT",)),
)
DES_GOOD_BIT = 15
# HST: ACS and WFC3/UVIS; in WFC3/IR two of the bits mean something else.
HST_BITS: Meaning = (
    (0, ("BAD",)),
    (1, ("NO_DATA",)),
    (2, ("BAD",)),
    (3, ("BAD",)),
    (4, ("HOT",)),
    (5, ("CTE",)),
    (6, ("WARM",)),
    (7, ("BAD",)),
    (8, ("SAT",)),
    (9, ("BAD_REFERENCE",)),
    (10, ("TRAP",)),
    (11, ("SAT",)),
    (12, ("CR",)),
    (13, ("CR",)),
    (14, ("CROSSTALK",)),
)
HST_SERIOUS = 31743

CONVENTIONS: tuple[Convention, ...] = (
    Convention(
        name="JWST, where DO_NOT_USE decides",
        source="jwst-pipeline.readthedocs.io, Data Quality Flags",
        # A jump or a group that is saturated is fitted round; what cannot be is DO_NOT_USE, too.
        meaning=(
            (0, ("BAD",)),
            (1, ("SATURATED_GROUP",)),
            (2, ("JUMP_DET",)),
            (4, ("OUTLIER",)),
            (5, ("PERSISTENCE",)),
            (9, ("NO_DATA",)),
            (11, ("HOT",)),
            (12, ("WARM",)),
            (31, ("NO_DATA",)),
        ),
        knows=_of("JWST", "TELESCOP"),
        others_are_bad=False,
    ),
    Convention(
        name="ZTF",
        source="ZTF Science Data System, explanatory supplement, mask images (BADBITS 6141)",
        meaning=(
            (0, ("STREAK", "BAD")),
            (1, ("DETECTED",)),
            (2, ("BAD",)),
            (3, ("BAD",)),
            (4, ("BAD",)),
            (5, ("GHOST", "BAD")),
            (6, ("BAD",)),
            (7, ("CR", "BAD")),
            (8, ("SAT",)),
            (9, ("BAD",)),
            (10, ("NO_DATA",)),
            (11, ("SUSPECT",)),
            (12, ("GHOST", "BAD")),
        ),
        knows=_of("ZTF"),
    ),
    Convention(
        name="Gemini",
        source="Gemini DRAGONS, geminidr, DQ_definitions",
        meaning=(
            (0, ("BAD",)),
            (1, ("SUSPECT",)),
            (2, ("SAT",)),
            (3, ("CR",)),
            (4, ("NO_DATA",)),
            (5, ("OVERLAP",)),
            (6, ("NO_DATA", "UNILLUMINATED")),
        ),
        knows=lambda header: (
            _of("Gemini", "TELESCOP", "OBSERVAT")(header)
            or _of(r"GMOS|NIRI|GSAOI|F2$|Flam|GNIRS|IGRINS|GHOST|NIFS")(header)
        ),
    ),
    Convention(
        name="SDSS",
        source="classic.sdss.org, EDR table 8, image mask bits",
        meaning=(
            (0, ("INTRP",)),
            (1, ("SAT",)),
            (2, ("NOT_CHECKED",)),
            (3, ("DETECTED",)),
            (4, ("DETECTED", "BRIGHT_OBJECT")),
            (5, ("DETECTED",)),
            (6, ("CATALOGUED",)),
            (7, ("SUBTRACTED",)),
            (8, ("GHOST",)),
            (9, ("CR",)),
        ),
        knows=lambda header: (
            _of("SDSS", "ORIGIN", "INSTRUME")(header) or _of(r"2\.5m", "TELESCOP")(header)
        ),
    ),
    Convention(
        name="MegaCam",
        # No card tells which of the two a plane is; `MaskScheme.decode` asks the image.
        source="CFHT Elixir and MegaPipe: 1 is good and 0 bad in masks, the reverse in flag maps",
        meaning=(),
        knows=_of("Mega(Prime|Cam)"),
        kind="majority",
    ),
)


def convention_of(header: Header) -> Convention | None:
    """Return the convention that an exposure's header tells of; None where it tells none."""
    return next((one for one in CONVENTIONS if one.knows(header)), None)
