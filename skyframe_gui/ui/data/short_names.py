"""Cuts names to a width so that what tells one from its neighbours stays."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PyQt6.QtGui import QFontMetrics

DOTS = "\N{HORIZONTAL ELLIPSIS}"


def told_apart(names: Sequence[str]) -> dict[str, int]:
    """Return for each name how many letters it begins with as another one does."""
    found = dict.fromkeys(names, 0)
    for one, other in pairwise(sorted(found)):
        n = _alike(one, other)
        found[one] = max(found[one], n)
        found[other] = max(found[other], n)
    return found


def _alike(one: str, other: str) -> int:
    """Return how many letters two names begin with alike; a number is never cut in two."""
    n = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        n += 1
    while n and one[n - 1].isdigit() and (one[n : n + 1] + other[n : n + 1]).strip():
        n -= 1
    return n


def shortened(name: str, alike: int, metrics: QFontMetrics, width: int) -> str:
    """Return a name that is no wider than a width, without letters that others have as well.

    Parameters
    ----------
    name : str
    alike : int
        How many letters it shares with another name; see `told_apart`.
    metrics : QFontMetrics
    width : int
        Pixels.
    """
    if metrics.horizontalAdvance(name) <= width:
        return name
    own = name[alike:]
    room = width - metrics.horizontalAdvance(DOTS + own)
    if not alike or room < 0:
        return metrics.elidedText(own or name, Qt.TextElideMode.ElideMiddle, width)
    head = alike
    while head and metrics.horizontalAdvance(name[:head]) > room:
        head -= 1
    return name[:head] + DOTS + own
