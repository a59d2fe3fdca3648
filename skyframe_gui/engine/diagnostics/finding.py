"""A finding: what the user should know of a result, in words with numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from skyframe_gui.text import natural_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MOST_NAMED = 6
"""Detectors that a sentence names before it only counts them."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something about a result that the user should know; it changes nothing.

    Attributes
    ----------
    kind : str
        Which finding it is, the same in every version.
    severity : {"warning", "note"}
        A warning puts the result in doubt, a note only its precision or a part of it.
    title : str
        One short sentence.
    text : str
        Whole sentences with the numbers and their unit.
    samples : tuple of int
        The samples concerned, counted over all detectors one after the other.
    detectors : tuple of str
        The detectors concerned; all of the visit's where it is empty.
    numbers : mapping of str to float
        What the text says, for programs.
    short : str
        The number that matters, for a line that has no room for the text; "" where the text's first
        sentence is short enough.
    """

    kind: str
    severity: Literal["warning", "note"]
    title: str
    text: str
    samples: tuple[int, ...] = ()
    detectors: tuple[str, ...] = ()
    # A mapping has no hash; all else of two findings differs where their numbers do.
    numbers: Mapping[str, float] = field(default_factory=dict, hash=False)
    short: str = ""


def detector_names(names: Iterable[str]) -> str:
    """Return ``detector 3`` or ``detectors 3, 7 and 12``, or only how many where they are many."""
    known = [name or "(no name)" for name in names]
    if len(known) == 1:
        return f"detector {known[0]}"
    if len(known) > MOST_NAMED:
        rest = len(known) - MOST_NAMED + 1
        return f"detectors {', '.join(known[: MOST_NAMED - 1])} and {rest} more"
    return f"detectors {', '.join(known[:-1])} and {known[-1]}"


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names once each, numbers in them sorted as numbers."""
    return tuple(sorted(set(names), key=lambda name: (natural_order(name), name)))
