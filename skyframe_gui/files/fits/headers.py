"""FITS headers as text: split into cards, merged for look-up, and kept apart for writing back."""

from __future__ import annotations

import re
import threading
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from astropy.io.fits import Card, Header

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from skyframe_gui.engine import Exposure

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


def notes_of(exposure: Exposure) -> tuple[str, ...]:
    """Return what the reader of an exposure found worth telling; nothing if it was not read."""
    header = exposure.header
    return header.notes if isinstance(header, SplitHeader) else ()


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
    return text_of(Card(keyword, value, comment))


def comment_cards(keyword: str, text: str) -> list[CardText]:
    """Return the cards of a comment or of history, as many as the text takes."""
    return [
        CardText(keyword, f"{keyword:8}{text[at : at + 72]:72}") for at in range(0, len(text), 72)
    ]


def header_of(cards: Iterable[CardText], kind: type[Header] = Header) -> Header:
    """Make a header; its cards are parsed only when they are looked at."""
    with quiet():
        return kind.fromstring("".join(card.text for card in cards))


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
            if len(text) == CARD and text[8:10] == "= " and _STANDARD.match(text):
                self._texts.setdefault(keyword, text)
            else:
                odd.append(text)
        if odd:
            self._add_odd(odd)

    def _add_odd(self, texts: list[str]) -> None:
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
        match = _VALUE.match(card, 10)
        if match is not None:
            kind = match.lastgroup
            if kind == "text":
                return match["text"].rstrip()
            if kind == "truth":
                return match["truth"] == "T"
            if kind == "whole":
                return int(match["whole"])
            return float(match["real"].replace("D", "E")) if kind == "real" else None
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


class SplitHeader(Header):  # type: ignore[misc]  # astropy brings no types
    """The merged header of an exposure that remembers the headers it was merged from.

    Attributes
    ----------
    primary : Header
        Copy of the primary header as stored.
    extension : Header or None
        Copy of the image HDU's header (of the image, where the HDU is a compressed table). None
        where the image is the primary HDU.
    notes : tuple of str
        What the reader found worth telling, one sentence each.
    """

    notes: tuple[str, ...]

    def __init__(self, cards: Any = (), copy: bool = False) -> None:
        super().__init__(cards, copy)
        self._keep((), None, ())

    def _keep(
        self,
        primary: tuple[CardText, ...],
        extension: tuple[CardText, ...] | None,
        notes: tuple[str, ...],
    ) -> None:
        # As text until somebody asks for a header: most exposures are read for their pixels.
        self._primary: Header | tuple[CardText, ...] = primary
        self._extension: Header | tuple[CardText, ...] | None = extension
        self.notes = notes
        self._merged: tuple[CardText, ...] | None = None

    def __getattr__(self, name: str) -> Any:
        # Called for what is not there yet: astropy's own fields, of a header that was merged.
        own = self.__dict__
        if (cards := own.get("_merged")) is not None:
            for field, value in vars(header_of(cards)).items():
                own.setdefault(field, value)
            self._merged = None
        if name not in own:
            raise AttributeError(name)
        return own[name]

    @classmethod
    def merge(
        cls,
        primary: Iterable[CardText],
        extension: Iterable[CardText] | None,
        notes: tuple[str, ...] = (),
    ) -> SplitHeader:
        """Merge the cards of the primary and, where the image is not in it, of the image's HDU."""
        first = tuple(primary)
        second = None if extension is None else tuple(extension)
        header = cls.__new__(cls)
        header._keep(first, second, notes)
        header._merged = first if second is None else merged_cards(first, second)
        return header

    @property
    def primary(self) -> Header:
        """Copy of the primary header as stored."""
        if isinstance(self._primary, tuple):
            self._primary = header_of(self._primary)
        return self._primary

    @primary.setter
    def primary(self, header: Header) -> None:
        self._primary = header

    @property
    def extension(self) -> Header | None:
        """Copy of the image HDU's header; None where the image is the primary HDU."""
        if isinstance(self._extension, tuple):
            self._extension = header_of(self._extension)
        return self._extension

    @extension.setter
    def extension(self, header: Header | None) -> None:
        self._extension = header

    @property
    def stored(self) -> tuple[Header | tuple[CardText, ...], Header | tuple[CardText, ...] | None]:
        """Both headers, as text where nobody has asked for them."""
        return self._primary, self._extension

    def copy(self, strip: bool = False) -> SplitHeader:
        """Return a copy of the merged header and of the two that it was merged from."""
        twin = cast("SplitHeader", super().copy(strip))
        first, second = self._primary, self._extension
        twin._primary = first if isinstance(first, tuple) else first.copy()
        twin._extension = second.copy() if isinstance(second, Header) else second
        twin.notes = self.notes
        return twin


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
