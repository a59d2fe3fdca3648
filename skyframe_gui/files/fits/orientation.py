"""How an image lies on its detector: mirrored, turned, or as the detector's own coordinates run.

NOAO's dictionary (Mosaic, FITS keywords): LTMi_j turns the coordinates of the CCD into those of the
image, DTMi_j into those of the whole detector, ATMi_j into those in which its amplifier reads. In
sections such as CCDSEC = '[2048:1,1:4096]' the image's first pixel is the first that is named.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from skyframe_gui.engine.identity import STRAIGHT
from skyframe_gui.files.fits.conventions import own_pixels, read_section
from skyframe_gui.files.fits.headers import card_number, card_text

if TYPE_CHECKING:
    from astropy.io.fits import Header

_AXES = "xy"
_ROW_ORDERS = {"BOTTOM-UP": STRAIGHT, "TOP-DOWN": "+x-y"}


def read_orientation(header: Header, size: tuple[int, int], binning: tuple[int, int]) -> str:
    """Return along what of the detector an image's x and y run, as `Identity` has it.

    LTM and CCDSEC tell it, whichever is not straight; else DETSEC, with DTM where the detector
    itself is turned in the mosaic; else ATM; else ROWORDER, by which amateurs' programs tell that
    the first row is the top of the picture. "" where none is there.

    Parameters
    ----------
    header : Header
    size : (int, int)
        Width and height: a section of another size is about something else.
    binning : (int, int)
    """
    own = [_of_matrix(header, "LTM"), _of_section(header, "CCDSEC", size, binning)]
    odd = [one for one in own if one not in ("", STRAIGHT)]
    if odd:
        return odd[0]
    if any(own):
        return STRAIGHT
    mosaic = _of_section(header, "DETSEC", size, binning)
    if mosaic:
        return _back(mosaic, _of_matrix(header, "DTM") or STRAIGHT)
    return _of_matrix(header, "ATM") or _ROW_ORDERS.get(card_text(header, "ROWORDER").upper(), "")


def _of_matrix(header: Header, name: str) -> str:
    """Return the orientation of a matrix of steps; "" where it stands there in no part."""
    cards = [[card_number(header, f"{name}{i}_{j}") for j in (1, 2)] for i in (1, 2)]
    if all(one is None for row in cards for one in row):
        return ""
    found = ""
    for i, row in enumerate(cards):
        steps = [one or 0.0 for one in row]
        if row[i] is None and not steps[1 - i]:
            steps[i] = 1.0  # IRAF leaves out what is as in the unit matrix
        j = int(abs(steps[1]) > abs(steps[0]))
        if not steps[j]:
            return ""
        found += ("+" if steps[j] > 0 else "-") + _AXES[j]
    return found if "x" in found and "y" in found else ""


def _of_section(
    header: Header, keyword: str, size: tuple[int, int], binning: tuple[int, int]
) -> str:
    section = read_section(header, keyword)
    if section is None or own_pixels(section, binning, size) is None:
        return ""
    x1, x2, y1, y2 = (int(one) for one in re.findall(r"\d+", card_text(header, keyword)))
    return f"{'-' if x1 > x2 else '+'}x{'-' if y1 > y2 else '+'}y"


def _back(mosaic: str, detector: str) -> str:
    """Return an image's orientation on its detector by those of both in the mosaic.

    "" where the detector lies sideways, which a section cannot tell.
    """
    if detector[1] != "x":
        return ""
    signs = ["+" if mosaic[at] == detector[at] else "-" for at in (0, 2)]
    return f"{signs[0]}x{signs[1]}y"
