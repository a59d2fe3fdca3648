"""Finds rows of the data panel by the words that are typed above it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from skyframe_gui.ui.data.tree_rows import ROLE_WORDS, WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from skyframe_gui.ui.data.tree_rows import Check, Mark, Row

SHORT = 3
"""Words of the filter with fewer letters are looked for at the beginning of words only."""


def words_begun(texts: Iterable[str]) -> Sequence[str]:
    """Return texts whose words begin after a new line each: in one go, as there are thousands."""
    return re.sub(r"(?:[^\w\0]|_)+", "\n", "\n" + "\0\n".join(texts)).split("\0")


def _told(text: str, short: bool) -> str:
    return words_begun([text])[0] if short else text


class RowSearch:
    """The words that a row must have; the 2 of "det 2" begins one and is not in "1002"."""

    def __init__(self, words: Sequence[str]) -> None:
        self._tests: list[tuple[str, bool, set[Mark], set[tuple[Check, Check]]]] = []
        for word in dict.fromkeys(words):
            short = len(word) < SHORT
            wanted = f"\n{word}" if short else word
            marks = {mark for mark, text in WORDS.items() if wanted in _told(text, short)}
            roles = {pair for pair, text in ROLE_WORDS.items() if wanted in _told(text, short)}
            self._tests.append((wanted, short, marks, roles))
        self.everything = not self._tests

    def places(
        self, texts: Sequence[str], begun: Callable[[], Sequence[str]], rows: Sequence[Row]
    ) -> Sequence[int]:
        """Return where all words are there, in a text or in what the mark of its row says.

        ``begun`` gives the texts as `words_begun` does, which short words are looked for in.
        """
        found: Sequence[int] = range(len(rows))
        for word, short, marks, roles in self._tests:
            among = begun() if short else texts
            if marks or roles:
                found = [
                    n
                    for n in found
                    if word in among[n]
                    or rows[n].mark in marks
                    or (rows[n].sky, rows[n].science) in roles
                ]
            else:
                found = [n for n in found if word in among[n]]
        return found

    def among(self, rows: tuple[Row, ...]) -> tuple[Row, ...]:
        """Return those of the rows of a section that have them."""
        if self.everything:
            return rows
        texts = ["\n".join((row.name, row.id)).casefold() for row in rows]
        return tuple(rows[n] for n in self.places(texts, lambda: words_begun(texts), rows))
