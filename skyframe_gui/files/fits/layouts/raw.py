"""Raw files: one image an amplifier, or the amplifiers of a detector still with their overscan."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from skyframe_gui.files.fits.headers import card_text
from skyframe_gui.files.fits.layouts.base import Found

if TYPE_CHECKING:
    from skyframe_gui.files.fits.hdu import Hdu
    from skyframe_gui.files.fits.io import FitsFile


def recognise(file: FitsFile) -> Found | None:
    """Recognise raw files by what is still to be cut off, as their sections say."""
    amplifiers = [hdu for hdu in file.planes if _is_amplifier(hdu)]
    several = any(_has_amplifier_overscan(hdu) for hdu in file.planes)
    alone = len(file.planes) == 1 and bool(amplifiers) and _has_overscan(amplifiers[0])
    if len(amplifiers) < 2 and not several and not alone:
        return None
    what = f"{len(amplifiers)} amplifier segments" if len(amplifiers) > 1 else "amplifiers"
    return Found(
        "raw",
        "raw",
        refusal=f"this is a raw file ({what} with overscan); give detrended exposures, "
        "with overscan, bias and flat done",
    )


def _is_amplifier(hdu: Hdu) -> bool:
    """Whether the HDU is one amplifier, or one detector, with an overscan around its data."""
    if re.fullmatch(r"SEGMENT\d\d", hdu.name):
        return True
    data = _section(card_text(hdu.header, "DATASEC"))
    if data is None:
        return False
    height, width = hdu.shape
    inside = data[1] <= width and data[3] <= height
    spare = inside and (data[1] - data[0] + 1 < width or data[3] - data[2] + 1 < height)
    bias = _section(card_text(hdu.header, "BIASSEC"))
    if bias is not None:
        return spare and bias[1] <= width and bias[3] <= height
    # DATASEC alone also stands in files that are only cut at the border; where the segments of
    # a detector are placed tells that they are segments.
    return spare and bool(
        {"DETSEC", "AMPSEC"} & hdu.keywords and {"CHANNEL", "AMPNAME"} & hdu.keywords
    )


def _has_overscan(hdu: Hdu) -> bool:
    """Whether the overscan of a detector that was read out by one amplifier is still there."""
    height, width = hdu.shape
    data, bias = (_section(card_text(hdu.header, name)) for name in ("DATASEC", "BIASSEC"))
    if data is None or bias is None or bias[1] > width or bias[3] > height:
        return False
    # Beside the data, at any of the four sides.
    return bias[0] > data[1] or bias[1] < data[0] or bias[2] > data[3] or bias[3] < data[2]


def _has_amplifier_overscan(hdu: Hdu) -> bool:
    """Whether the sections of two amplifiers lie side by side in the image, overscan included."""
    height, width = hdu.shape
    for first, second in (("A", "B"), ("1", "2"), ("11", "12")):
        sections = [
            _section(card_text(hdu.header, f"{name}{amplifier}"))
            for amplifier in (first, second)
            for name in ("BIASSEC", "DATASEC")
        ]
        # A trimmed image keeps these cards, which then reach beyond its border.
        if all(s is not None and s[1] <= width and s[3] <= height for s in sections):
            return True
    return False


def _section(text: str) -> tuple[int, int, int, int] | None:
    """Read [x1:x2,y1:y2] as (low x, high x, low y, high y)."""
    match = re.fullmatch(r"\[(\d+):(\d+),(\d+):(\d+)\]", text.replace(" ", ""))
    if match is None:
        return None
    x1, x2, y1, y2 = (int(number) for number in match.groups())
    return min(x1, x2), max(x1, x2), min(y1, y2), max(y1, y2)
