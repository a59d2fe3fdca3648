"""FITS headers as text: split into cards, merged for look-up, and kept apart for writing back."""

from __future__ import annotations

import re
import threading
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from astropy.io.fits import Header

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from skyframe_gui.engine import Exposure

CARD = 80

# What describes the block of data on disk, not the exposure: each HDU has its own.
STRUCTURE = re.compile(
    r"SIMPLE|XTENSION|BITPIX|NAXIS\d*|EXTEND|PCOUNT|GCOUNT|GROUPS|CHECKSUM|DATASUM|END"
)
_COMMENTARY = ("", "COMMENT", "HISTORY")
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
    taken = {card.keyword for card in own} - set(_COMMENTARY)
    inherited = (
        card
        for card in primary
        if card.keyword not in taken and not STRUCTURE.fullmatch(card.keyword)
    )
    return (*inherited, *own)


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

    primary: Header
    extension: Header | None
    notes: tuple[str, ...]

    def __init__(self, cards: Any = (), copy: bool = False) -> None:
        super().__init__(cards, copy)
        self.primary = Header()
        self.extension = None
        self.notes = ()

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
        cards = first if second is None else merged_cards(first, second)
        header = cast("SplitHeader", header_of(cards, cls))
        header.primary = header_of(first)
        header.extension = None if second is None else header_of(second)
        header.notes = notes
        return header

    def copy(self, strip: bool = False) -> SplitHeader:
        """Return a copy of the merged header and of the two that it was merged from."""
        twin = cast("SplitHeader", super().copy(strip))
        twin.primary = self.primary.copy()
        twin.extension = None if self.extension is None else self.extension.copy()
        twin.notes = self.notes
        return twin


def card_value(header: Header, keyword: str) -> Any:
    """Return the value of a card, or None where it is missing, empty or cannot be parsed."""
    with quiet():
        try:
            value = header.get(keyword)
        except Exception:
            # Astropy has many errors for a broken card; whichever it is, the card says nothing.
            return None
    if isinstance(value, str):
        return value.strip() or None
    return value if isinstance(value, bool | int | float) else None


def card_text(header: Header, keyword: str) -> str:
    """Return a card as text, "" where there is none; a whole float without its fraction."""
    value = card_value(header, keyword)
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return str(value)


def card_number(header: Header, keyword: str) -> float | None:
    """Return a card as a number, also from a quoted one; None where there is no finite number."""
    value = card_value(header, keyword)
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if abs(number) < float("inf") else None


def card_int(header: Header, keyword: str) -> int | None:
    """Return a card as a whole number, None where it is missing or something else."""
    value = card_value(header, keyword)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
