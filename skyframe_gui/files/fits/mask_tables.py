"""What the bits and codes of some cameras' masks mean, in the names of mask planes."""

from __future__ import annotations

Meaning = tuple[tuple[int, tuple[str, ...]], ...]
"""(bit number or code, names of the planes that it sets), for each that has a meaning."""

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
# Dark Energy Survey. Bit 11 was "fixed" first and "suspect" later.
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
