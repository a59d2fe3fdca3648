"""Cuts names to a width so that what tells one from its neighbours stays."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PyQt6.QtGui import QFontMetrics

DOTS = "\N{HORIZONTAL ELLIPSIS}"
HEAD = 2
"""So many letters of the beginning stay where there is room."""


def told_apart(names: Sequence[str]) -> dict[str, int]:
    """Return for each name how many letters it begins with as another one does."""
    found = dict.fromkeys(names, 0)
    for one, other in pairwise(sorted(found)):
        n = _alike(one, other)
        found[one] = max(found[one], n)
        found[other] = max(found[other], n)
    return found


def _alike(one: str, other: str) -> int:
    """Return how many letters two names begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))


def shortened(name: str, alike: int, metrics: QFontMetrics, width: int) -> str:
    """Return a name that is no wider than a width, without letters that others have as well.

    Its first letters stay, and its end from where it is no other's on.

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
    for head in range(min(HEAD, alike), -1, -1):
        begin = name[:head] + DOTS
        for at in range(head + 1, alike + 1):
            if metrics.horizontalAdvance(begin + name[at:]) <= width:
                return begin + name[at:]
    own = DOTS + name[alike:] if 0 < alike < len(name) else name
    return metrics.elidedText(own, Qt.TextElideMode.ElideMiddle, width)
