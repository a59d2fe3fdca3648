"""FITS headers as text: split into cards, merged for look-up.

Astropy reads and makes what is not plain. It takes longer to import than most files to be told of,
so that is done where a card asks for it.
"""

from __future__ import annotations

import re
import threading
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from astropy.io.fits import Card, Header

CARD = 80

# What describes the block of data on disk, not the exposure: each HDU has its own.
STRUCTURE = re.compile(
    r"SIMPLE|XTENSION|BITPIX|NAXIS\d*|EXTEND|PCOUNT|GCOUNT|GROUPS|CHECKSUM|DATASUM|END"
)
COMMENTARY = ("", "COMMENT", "HISTORY")
"""Keywords of cards that are text alone, any number of each."""
_TABLE_ONLY = re.compile(
    r"TFIELDS|THEAP|(TTYPE|TFORM|TUNIT|TNULL|TSCAL|TZERO|TDISP|TDIM|TBCOL)\d+"
    r"|ZIMAGE|ZCMPTYPE|ZMASKCMP|ZQUANTIZ|ZDITHER0|ZSCALE|ZZERO|Z(TILE|NAME|VAL)\d+"
    r"|XTENSION|BITPIX|NAXIS\d*|PCOUNT|GCOUNT|CHECKSUM|DATASUM"
)
_UNZIPPED = {
    "ZSIMPLE": "SIMPLE",
    "ZTENSION": "XTENSION",
    "ZBITPIX": "BITPIX",
    "ZNAXIS": "NAXIS",
    "ZPCOUNT": "PCOUNT",
    "ZGCOUNT": "GCOUNT",
    "ZEXTEND": "EXTEND",
    "ZBLOCKED": "BLOCKED",
    "ZBLANK": "BLANK",
    "ZHECKSUM": "CHECKSUM",
    "ZDATASUM": "DATASUM",
}
_STANDARD = re.compile(r"[A-Z0-9_-]+ *=(?<=^.{9}) (?! *'[^']*: *[-+.\d])")
"""A keyword and its value's mark; not where a string names a value of its own (FIELD: 1.5)."""
_HIERARCH = re.compile(r"HIERARCH [A-Z0-9_-]+(?: [A-Z0-9_-]+)* *= (?! *'[^']*: *[-+.\d])(?=[^=]*$)")
"""The same of a keyword of several words or more than eight letters."""
_VALUE = re.compile(
    r" *(?:'(?P<text>[^']*)'(?=[ /]|$)|(?P<truth>[TF])|(?P<whole>[+-]?\d+)"
    r"|(?P<real>[+-]?(?:\.\d+|\d+(?:\.\d*)?)(?:[ED][+-]?\d+)?)|(?P<nothing>)) *(?:/.*)?$"
)
# FITS headers are printable ASCII; anything else is shown as a question mark.
_PRINTABLE = bytes(c if 32 <= c < 127 else ord("?") for c in range(256))

# warnings.catch_warnings swaps state of the whole process: two threads inside it at once would
# leave each other's filters behind.
_QUIET = threading.RLock()


@contextmanager
def quiet() -> Iterator[list[warnings.WarningMessage]]:
    """Catch the warnings of the enclosed calls into the list that is handed out."""
    with _QUIET, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield caught


class CardText(NamedTuple):
    """One logical card as it stands in the file."""

    keyword: str
    """Upper case; of a HIERARCH card the words after HIERARCH."""
    text: str
    """80 characters, or a multiple where CONTINUE cards follow."""


def cards_of(block: bytes) -> tuple[CardText, ...]:
    """Split a header as stored into cards, up to END, without reading any value."""
    text = block.translate(_PRINTABLE).decode("ascii")
    cards: list[CardText] = []
    for at in range(0, len(text) - CARD + 1, CARD):
        line = text[at : at + CARD]
        word = line[:8].rstrip().upper()
        if word == "END":
            break
        if word == "CONTINUE" and cards:
            cards[-1] = CardText(cards[-1].keyword, cards[-1].text + line)
            continue
        if word == "HIERARCH" and "=" in line:
            word = " ".join(line[8 : line.index("=")].upper().split())
        cards.append(CardText(word, line))
    return tuple(cards)


def text_of(card: Card) -> CardText:
    """Return a card as it stands in a file."""
    return CardText(card.rawkeyword.upper(), str(card.image))


def made_card(keyword: str, value: Any, comment: str = "") -> CardText:
    """Return a new card; the keyword of a long name begins with HIERARCH.

    Raises
    ------
    ValueError
        FITS has no such value, or no such keyword.
    """
    from astropy.io.fits import Card

    return text_of(Card(keyword, value, comment))


def comment_cards(keyword: str, text: str) -> list[CardText]:
    """Return the cards of a comment or of history, as many as the text takes."""
    return [
        CardText(keyword, f"{keyword:8}{text[at : at + 72]:72}") for at in range(0, len(text), 72)
    ]


def header_of(cards: Iterable[CardText]) -> Header:
    """Make a header; its cards are parsed only when they are looked at."""
    from astropy.io.fits import Header

    with quiet():
        return Header.fromstring("".join(card.text for card in cards))


def image_cards(cards: Iterable[CardText]) -> tuple[CardText, ...]:
    """Turn the cards of a tile-compressed table into those of the image that it holds."""
    image: list[CardText] = []
    cards = tuple(cards)
    names = [card for card in cards if card.keyword == "EXTNAME"]
    is_float = any(card.keyword == "ZBITPIX" and "-" in card.text[8:31] for card in cards)
    for card in cards:
        keyword, text = card
        if keyword == "EXTNAME" and "'COMPRESSED_IMAGE'" in text.replace(" ", ""):
            continue  # the compressor's own name, which says nothing of the image
        if keyword == "EXTNAME" and len(names) > 1 and card is not names[-1]:
            continue
        if is_float and keyword in ("ZBLANK", "BLANK"):
            continue  # of the quantised integers; floats have NaN
        plain = _UNZIPPED.get(keyword)
        if plain is None and re.fullmatch(r"ZNAXIS\d+", keyword):
            plain = keyword[1:]
        if plain is not None:
            image.append(CardText(plain, f"{plain:8}{text[8:]}"))
        elif not _TABLE_ONLY.fullmatch(keyword):
            image.append(card)
    order = {"SIMPLE": 0, "XTENSION": 0, "BITPIX": 1, "NAXIS": 2, "NAXIS1": 3, "NAXIS2": 4}
    return tuple(sorted(image, key=lambda card: order.get(card.keyword, 9)))


def merged_cards(
    primary: Iterable[CardText], extension: Iterable[CardText]
) -> tuple[CardText, ...]:
    """Return the primary's cards, then the extension's; of a double keyword the extension's stays.

    Comments and history of both stay; what describes the primary's own block of data does not.
    """
    own = tuple(extension)
    taken = {card.keyword for card in own} - set(COMMENTARY)
    inherited = (
        card
        for card in primary
        if card.keyword not in taken and not STRUCTURE.fullmatch(card.keyword)
    )
    return (*inherited, *own)


class Cards:
    """The cards of a header for look-up: each is parsed when its value is asked for.

    It stands for astropy's Header wherever a header is only looked into, at a tenth of the time:
    of the thousands of cards of a camera's file a few are. What is not plainly standard (HIERARCH,
    CONTINUE, quotes in strings, all that is odd) astropy reads.

    Parameters
    ----------
    cards : iterable of CardText
    """

    def __init__(self, cards: Iterable[CardText]) -> None:
        self._texts: dict[str, str | Card] = {}
        self._values: dict[str, Any] = {}
        self._inherited: dict[str, str | Card] | None = None
        self._parts: tuple[Cards, Cards] | None = None
        odd: list[str] = []
        for keyword, text in cards:
            if keyword in COMMENTARY:
                continue
            plain = _STANDARD if text[8:10] == "= " else _HIERARCH
            if len(text) == CARD and plain.match(text):
                self._texts.setdefault(keyword, text)
            else:
                odd.append(text)
        if odd:
            self._add_odd(odd)

    def _add_odd(self, texts: list[str]) -> None:
        from astropy.io.fits import Card

        with quiet():
            for text in texts:
                try:
                    card = Card.fromstring(text)
                    self._texts.setdefault(Card.normalize_keyword(card.keyword), card)
                except Exception:
                    # Astropy has many errors for a broken card; whichever it is, it says nothing.
                    continue

    @classmethod
    def merged(cls, first: Cards, second: Cards, taken: frozenset[str]) -> Cards:
        """Return the cards of `merged_cards`, whose values are parsed once for all that have them.

        Parameters
        ----------
        first, second : Cards
            Of the primary HDU, and of the extension.
        taken : frozenset of str
            Every keyword of the extension, also where its card says nothing.
        """
        if first._inherited is None:
            first._inherited = {
                keyword: card
                for keyword, card in first._texts.items()
                if not STRUCTURE.fullmatch(keyword)
            }
        cards = cls(())
        cards._texts = {
            keyword: card for keyword, card in first._inherited.items() if keyword not in taken
        }
        cards._texts |= second._texts
        cards._parts = first, second
        return cards

    def __contains__(self, keyword: object) -> bool:
        """Whether there is a card of the keyword."""
        return keyword in self._texts

    def __iter__(self) -> Iterator[str]:
        """Return the keywords, but for comments."""
        return iter(self._texts)

    def get(self, keyword: str) -> Any:
        """Return the value of the first card of a keyword; None where nothing can be read."""
        if keyword not in self._values:
            first, second = self._parts or (self, self)
            part = second if keyword in second._texts else first
            card = self._texts.get(keyword)
            self._values[keyword] = (
                _value_of(card) if part is self or card is None else part.get(keyword)
            )
        return self._values[keyword]

    def values(self) -> dict[str, Any]:
        """Return all values that can be read."""
        found = {keyword: self.get(keyword) for keyword in self._texts}
        return {keyword: value for keyword, value in found.items() if value is not None}


def _value_of(card: str | Card | None) -> Any:
    """Return the value of a card: text, truth, a number; None for all else."""
    if card is None:
        return None
    if isinstance(card, str):
        match = _VALUE.match(card, card.index("=") + 1)
        if match is not None:
            kind = match.lastgroup
            if kind == "text":
                return match["text"].rstrip()
            if kind == "truth":
                return match["truth"] == "T"
            if kind == "whole":
                return int(match["whole"])
            return float(match["real"].replace("D", "E")) if kind == "real" else None
    from astropy.io.fits import Card

    with quiet():
        try:
            value = (Card.fromstring(card) if isinstance(card, str) else card).value
        except Exception:
            # Astropy has many errors for a broken card; whichever it is, the card says nothing.
            return None
    return value if isinstance(value, bool | int | float | str) else None


def is_plain(text: str) -> bool:
    """Tell whether a card is valid by its form alone: no quotes in a string, nothing odd."""
    if len(text) != CARD or text[:8].rstrip() in (*COMMENTARY, "CONTINUE"):
        return False
    return bool(_STANDARD.match(text)) and bool(_VALUE.match(text, 10))


def card_value(header: Header | Cards, keyword: str) -> Any:
    """Return the value of a card, or None where it is missing, empty or cannot be parsed."""
    if isinstance(header, Cards):
        value = header.get(keyword)
    else:
        with quiet():
            try:
                value = header.get(keyword)
            except Exception:
                # Astropy has many errors for a broken card; whichever, the card says nothing.
                return None
    if isinstance(value, str):
        return value.strip() or None
    return value if isinstance(value, bool | int | float) else None


def card_text(header: Header | Cards, keyword: str) -> str:
    """Return a card as text, "" where there is none; a whole float without its fraction."""
    value = card_value(header, keyword)
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return str(value)


def card_number(header: Header | Cards, keyword: str) -> float | None:
    """Return a card as a number, also from a quoted one; None where there is no finite number."""
    value = card_value(header, keyword)
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if abs(number) < float("inf") else None


def card_int(header: Header | Cards, keyword: str) -> int | None:
    """Return a card as a whole number, None where it is missing or something else."""
    value = card_value(header, keyword)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
