"""Cuts names to a width so that what tells one from its neighbours stays."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PyQt6.QtGui import QFontMetrics

DOTS = "\N{HORIZONTAL ELLIPSIS}"
HEAD = 2
"""So many letters of the beginning stay where there is room."""


def told_apart(names: Sequence[str]) -> dict[str, int]:
    """Return for each name how many letters it can lose at its begin and end as no other one."""
    backwards = dict.fromkeys((name[::-1] for name in names), 0)
    for one, other in pairwise(sorted(backwards)):
        n = _alike(one, other)
        backwards[one] = max(backwards[one], n)
        backwards[other] = max(backwards[other], n)
    alone = len(backwards) < 2
    return {name[::-1]: 0 if alone else max(len(name) - n - 1, 0) for name, n in backwards.items()}


def least_by_length(spare: Mapping[str, int]) -> dict[int, int]:
    """Return how many letters all names of a length can lose, of what each of them can."""
    least: dict[int, int] = {}
    for name, n in spare.items():
        least[len(name)] = min(n, least.get(len(name), n))
    return least


def _alike(one: str, other: str) -> int:
    """Return how many letters two words begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))


def shortest(name: str, spare: int, metrics: QFontMetrics) -> int:
    """Return the width in pixels below which a name could be taken for another one."""
    return metrics.horizontalAdvance(DOTS + name[spare:] if spare else name)


def last_part(name: str) -> str:
    """Return what a filter is called after its camera: "r" of "ZTF_r", "R2" of "HSC-R2"."""
    return name.replace("-", "_").rpartition("_")[2]


def shortened(name: str, spare: int, metrics: QFontMetrics, width: int) -> str:
    """Return a name that is no wider than a width, without letters that others have as well.

    Its first letters stay where there is room, and so much of its end as no other one has.

    Parameters
    ----------
    name : str
    spare : int
        How many of its first letters it can lose; see `told_apart`.
    metrics : QFontMetrics
    width : int
        Pixels.
    """
    if metrics.horizontalAdvance(name) <= width:
        return name
    for head in range(min(HEAD, spare), -1, -1):
        begin = name[:head] + DOTS
        for at in range(head + 1, spare + 1):
            if metrics.horizontalAdvance(begin + name[at:]) <= width:
                return begin + name[at:]
    own = DOTS + name[spare:] if spare else name
    return metrics.elidedText(own, Qt.TextElideMode.ElideMiddle, width)
