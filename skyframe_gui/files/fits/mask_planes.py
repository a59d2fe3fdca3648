"""The planes that the cards of masks name, and the masks of one image put together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skyframe_gui.engine.exposure import MaskPlanes
from skyframe_gui.files.fits.headers import card_int, card_text, card_value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from skyframe_gui.files.fits.hdu import Hdu

OLD_NAMES = {
    "SATURATED": "SAT",
    "INTERPOLATED": "INTRP",
    "COSMIC_RAY": "CR",
    "DETECTION_EDGE": "EDGE",
    "UNMASKED_NAN": "UNMASKEDNAN",
}
"""What the package lsst-images calls planes, and what configs call them."""
HIGHEST = 31


class NamedPlanes(NamedTuple):
    """What the cards of a mask say of its bits."""

    planes: MaskPlanes
    notes: tuple[str, ...]
    """A sentence each on planes that are left out, or called by another name."""


def named_planes(mask: Hdu) -> NamedPlanes:
    """Return the planes that the MP_ cards of a mask name, or the MSKN cards of lsst-images.

    Raises
    ------
    SkyFrameError
        A card gives no bit.
    """
    found: dict[str, int] = {}
    above: list[str] = []
    renamed: list[str] = []
    for name, bit, description in (*_mp_cards(mask), *_msk_cards(mask)):
        if bit > HIGHEST:
            above.append(f"{name} (bit {bit})")
            continue
        old = OLD_NAMES.get(name, name) if description is not None else name
        if old != name:
            renamed.append(f"{name} is {old} here ({(description or 'no description').strip()})")
        found[old] = bit
    notes = []
    if above:
        notes.append(
            f"Mask: only 32 planes can be used; left out as above bit {HIGHEST}: "
            f"{', '.join(above)}."
        )
    if renamed:
        notes.append(f"Mask: planes by the names that configs use: {'; '.join(renamed)}.")
    return NamedPlanes(MaskPlanes(found), tuple(notes))


def _mp_cards(mask: Hdu) -> list[tuple[str, int, str | None]]:
    found: list[tuple[str, int, str | None]] = []
    for keyword in sorted(mask.keywords):
        if keyword.startswith("MP_") and len(keyword) > 3:
            bit = card_int(mask.header, keyword)
            if bit is None or bit < 0:
                shown = card_value(mask.header, keyword)
                raise mask.fault(f"its card {keyword} gives bit {shown!r}, not 0 to {HIGHEST}")
            found.append((keyword[3:], bit, None))
    return found


def repeated_cards(mask: Hdu) -> list[str]:
    """Return a sentence on each card of a plane that stands there again with another bit."""
    texts: dict[str, set[str]] = {}
    for card in mask.image_cards:
        if re.match(r"MP_.|MSK[NM]\d", card.keyword):
            texts.setdefault(card.keyword, set()).add("".join(card.text.partition("/")[0].split()))
    return [
        f"Mask: its card {keyword} stands there {len(several)} times with different values; the "
        "first is taken."
        for keyword, several in texts.items()
        if len(several) > 1
    ]


def _msk_cards(mask: Hdu) -> list[tuple[str, int, str | None]]:
    found: list[tuple[str, int, str | None]] = []
    for keyword in sorted(key for key in mask.keywords if key.startswith("MSKN")):
        number = re.fullmatch(r"MSKN(\d{4})", keyword)
        if number is None or not (name := card_text(mask.header, keyword)):
            continue
        pattern = card_int(mask.header, f"MSKM{number[1]}")
        # The pattern counts: the numbers were from 1 up once.
        bit = int(number[1]) if pattern is None else pattern.bit_length() - 1
        if pattern is not None and (pattern <= 0 or pattern != 1 << bit):
            raise mask.fault(f"its card MSKM{number[1]} gives {pattern}, which is not one bit")
        found.append((name.upper(), bit, card_text(mask.header, f"MSKD{number[1]}")))
    return found


def merged_planes(parts: Sequence[MaskPlanes]) -> NamedPlanes:
    """Return the planes of several masks of one image as those of one.

    The first mask keeps its bits. Planes of one name are one; others get free bits, those that
    LSST's configs know before the rest.
    """
    if len(parts) < 2:
        return NamedPlanes(parts[0] if parts else MaskPlanes({}), ())
    merged = dict(parts[0])
    free = [bit for bit in range(HIGHEST + 1) if bit not in merged.values()]
    names = dict.fromkeys(name for part in parts[1:] for name in part if name not in merged)
    left_out = []
    for name in sorted(names, key=lambda name: name not in MaskPlanes.LSST_DEFAULT):
        if free:
            merged[name] = free.pop(0)
        else:
            left_out.append(name)
    notes = [f"Mask: {len(parts)} masks of the image are put together."]
    if left_out:
        notes.append(f"Mask: only 32 planes can be used; left out: {', '.join(left_out)}.")
    return NamedPlanes(MaskPlanes(merged), tuple(notes))


def moved_bits(
    pixels: NDArray[np.int32], own: Mapping[str, int], planes: Mapping[str, int]
) -> NDArray[np.int32]:
    """Return a mask [H, W] whose named bits stand where ``planes`` has them; others are dropped."""
    moved = np.zeros(pixels.shape, np.int32)
    for name, bit in own.items():
        if name in planes:
            target = np.array(1 << planes[name], np.uint32).view(np.int32)
            moved[(pixels >> bit) & 1 != 0] |= target
    return moved
