"""Texts from outside: made fit to be shown in a terminal, a window, a report; and put in order."""

from __future__ import annotations

import re
import unicodedata

_HIDDEN = {"Cc", "Cs", "Zl", "Zp"}
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that turn the direction of what follows."""


def on_one_line(text: object) -> str:
    """Return a text without what would move a terminal's cursor, colour it, or hide a name's end.

    Control characters, line ends, halves of characters (bytes of a name that are no UTF-8) and
    marks of direction each become a replacement character.
    """
    return "".join(
        "\ufffd" if one in _TURNING or unicodedata.category(one) in _HIDDEN else one
        for one in str(text)
    )


def natural_order(name: str) -> list[tuple[int, str]]:
    """Return a sorting key by which det2 comes before det10, and 007 beside 7."""
    parts = re.split(r"(\d+)", name.casefold())  # words and numbers by turns
    numbers = (part.lstrip("0") for part in parts[1::2])
    keys = [(0, part) for part in parts]
    keys[1::2] = [(len(number), number) for number in numbers]
    return keys
