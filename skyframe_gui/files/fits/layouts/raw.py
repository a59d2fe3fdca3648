"""Raw files: one image an amplifier, or the amplifiers of a detector still with their overscan."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from skyframe_gui.files.fits.headers import Cards, card_int, card_text
from skyframe_gui.files.fits.layouts.base import Found, role_of

if TYPE_CHECKING:
    from skyframe_gui.files.fits.hdu import Hdu
    from skyframe_gui.files.fits.io import FitsFile

WIDEST_RIM = 16
"""Pixels."""


def recognise(file: FitsFile) -> Found | None:
    """Recognise raw files by what is still to be cut off, as their sections say."""
    planes = [hdu for hdu in file.planes if role_of(hdu) in (None, "image")]
    segments = sum(bool(re.fullmatch(r"SEGMENT\d\d", hdu.name)) for hdu in planes)
    # A mask that comes along can flag the overscan.
    masked = any(role_of(hdu) == "mask" for hdu in file.planes)
    overscan = [hdu for hdu in planes if _has_amplifier_overscan(hdu)]
    if not masked:
        overscan = [hdu for hdu in planes if hdu in overscan or _has_overscan(file, hdu)]
    count = max(segments, len(overscan))
    if segments < 2 and not overscan:
        return None
    what = f"{count} amplifier segments" if count > 1 else "amplifiers"
    return Found(
        "raw",
        "raw",
        refusal=f"this is a raw file ({what} with overscan, as TRIMSEC, DATASEC, BIASSEC or "
        "ESO DET OUT say); give detrended exposures, with overscan, bias and flat done, or take "
        "these cards out of one that has none",
    )


def _has_overscan(file: FitsFile, hdu: Hdu) -> bool:
    """Whether the cards of the HDU, or of its file, tell of pixels that are no data."""
    header = hdu.header
    if hdu.index:
        header = Cards.merged(file.primary.header, header, hdu.keywords)
    height, width = hdu.shape
    trim, data, bias = (
        _section(card_text(header, name)) for name in ("TRIMSEC", "DATASEC", "BIASSEC")
    )
    # A trimmed image keeps its cards, which then reach beyond its border, or tells of it.
    parts = [part for part in (trim, data, bias) if part is not None]
    if any(part[1] > width or part[3] > height for part in parts) or _is_trimmed(header):
        return False
    if bias is not None:
        return data is None or _beside(bias, data)
    if trim is not None:
        return trim != (1, width, 1, height)
    if data is not None and data != (1, width, 1, height):
        # A narrow border on all sides is one of reference pixels, not an overscan.
        rim = (data[0] - 1, width - data[1], data[2] - 1, height - data[3])
        return not (min(rim) > 0 and max(rim) <= WIDEST_RIM)
    return _has_eso_overscan(header, width, "X") or _has_eso_overscan(header, height, "Y")


def _is_trimmed(header: Cards) -> bool:
    return card_text(header, "TRIM").upper() not in ("", "F", "FALSE", "NO", "0")


def _beside(bias: tuple[int, int, int, int], data: tuple[int, int, int, int]) -> bool:
    """Whether an overscan lies at any of the four sides of the data."""
    return bias[0] > data[1] or bias[1] < data[0] or bias[2] > data[3] or bias[3] < data[2]


def _has_eso_overscan(header: Cards, length: int, axis: str) -> bool:
    """Whether an axis is as long as what ESO's outputs read, pre- and overscan included."""
    for output in range(1, 5):
        name = f"ESO DET OUT{output}"
        blind = sum(card_int(header, f"{name} {scan}{axis}") or 0 for scan in ("PRSC", "OVSC"))
        pixels = card_int(header, f"{name} N{axis}")
        if blind > 0 and pixels and length in (pixels + blind, 2 * (pixels + blind)):
            return True
    return False


def _has_amplifier_overscan(hdu: Hdu) -> bool:
    """Whether the sections of each of its amplifiers lie in the image, overscan included."""
    height, width = hdu.shape
    sections = []
    for keyword in hdu.keywords:
        amplifier = keyword.removeprefix("BIASSEC")
        if amplifier in (keyword, "") or not re.fullmatch(r"\w+", amplifier):
            continue
        data = next((k for k in ("DATASEC", "TRIMSEC") if k + amplifier in hdu.keywords), None)
        if data is not None:
            sections += [card_text(hdu.header, key) for key in (keyword, data + amplifier)]
    found = [_section(text) for text in sections]
    # A trimmed image keeps these cards, which then reach beyond its border.
    return bool(found) and all(s is not None and s[1] <= width and s[3] <= height for s in found)


def _section(text: str) -> tuple[int, int, int, int] | None:
    """Read [x1:x2,y1:y2] as (low x, high x, low y, high y)."""
    match = re.fullmatch(r"\[(\d+):(\d+),(\d+):(\d+)\]", text.replace(" ", ""))
    if match is None:
        return None
    x1, x2, y1, y2 = (int(number) for number in match.groups())
    return min(x1, x2), max(x1, x2), min(y1, y2), max(y1, y2)
