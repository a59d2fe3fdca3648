"""Which cards of an exposure's header go where in an exported file, and in what state."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from astropy.io import fits

from skyframe_gui.files.fits.headers import (
    CardText,
    comment_cards,
    is_plain,
    made_card,
    quiet,
    text_of,
)
from skyframe_gui.files.fits.split_header import SplitHeader

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_STALE = re.compile(
    # The type and size of data on disk, which the writer states itself.
    r"SIMPLE|XTENSION|BITPIX|NAXIS\d*|EXTEND|NEXTEND|PCOUNT|GCOUNT|GROUPS|BLOCKED|END"
    r"|BSCALE|BZERO|BLANK|CHECKSUM|DATASUM"
    # Names and kinds of the HDUs.
    r"|EXTNAME|EXTTYPE|EXTVER|EXTLEVEL|INHERIT"
    # A table that held a tile-compressed image. Spelled out: other Z cards are the camera's.
    r"|TFIELDS|THEAP|(TTYPE|TFORM|TUNIT|TNULL|TSCAL|TZERO|TDISP|TDIM|TBCOL)\d+"
    r"|ZIMAGE|ZCMPTYPE|ZBITPIX|ZNAXIS\d*|Z(TILE|NAME|VAL)\d+|ZMASKCMP|ZQUANTIZ|ZDITHER0"
    r"|ZSIMPLE|ZTENSION|ZEXTEND|ZPCOUNT|ZGCOUNT|ZBLOCKED|ZHECKSUM|ZDATASUM|ZSCALE|ZZERO|ZBLANK"
    # Statements about pixels that have changed, and mask planes, which belong to the mask.
    r"|DATAMIN|DATAMAX|MD5_(IMAGE|MASK|VARIANCE)|MP_.+|MSK[NMD]\d{4}"
    # How the values were stored, which was undone on reading; and where lsst-images' tables stand.
    r"|BSOFTEN|BOFFSET|SOFTBIAS|PEDESTAL|SFNHDUS|FMTVER|(INDX|JSON)(ADDR|SIZE)|DATAMODL"
    # The origin, which the writer states itself.
    r"|LTV[12]"
    # Distortion tables in other HDUs, which an export does not carry.
    r"|(CPDIS|CPERR|CQDIS|CQERR|DP|DQ|D2IMDIS|D2IMERR)\d|D2IMEXT|AXISCORR"
)
_POINTS_ELSEWHERE = re.compile(r"(CPDIS|CQDIS|D2IMDIS)\d|D2IMEXT")
_WCS = r"(WCSAXES|WCSNAME|CNAME\d|(CTYPE|CRVAL|CRPIX|CUNIT|CDELT|CROTA|CRDER|CSYER)\d|(CD|PC)\d_\d"
_WCS += r"|P[VS]\d_\d+|LONPOLE|LATPOLE|RADESYS|EQUINOX|SPECSYS|VELREF)"
_WCS_A = re.compile(_WCS + "A")
_OF_THE_IMAGE = re.compile(
    _WCS + r"[A-Z]?|(A|B|AP|BP)_(ORDER|DMAX|\d+_\d+)|RADECSYS|WAT\d_\d+|PC\d{6}|LTM\d_\d"
    r"|BUNIT|(CCD|DATA|DET|TRIM|BIAS|AMP)SEC[A-Z]?"
)
_ARCHIVE_PARTS = {
    "AP_CORR_MAP",
    "CCDINPUTS",
    "COADD_INPUTS",
    "DETECTOR",
    "FILTER",
    "PHOTOCALIB",
    "PSF",
    "SKYWCS",
    "SUMMARY_STATS",
    "TRANSMISSION_CURVE",
    "VALIDPOLYGON",
    "VALID_POLYGON",
    "VISITINPUTS",
    "WCS",
}
"""What LSST keeps in an exposure's archive, for old files that give no comment."""


_COMMENTED = "A header card that is not valid FITS was kept as a comment: "


class ExportCards(NamedTuple):
    """The cards of an exported exposure."""

    primary: list[CardText]
    image: list[CardText]
    notes: tuple[str, ...]
    """What could not be kept as it was, one sentence each."""


def export_cards(header: Any) -> ExportCards:
    """Sort and clean the cards of an exposure's header.

    The two headers of a file stay apart; of a plain header, celestial coordinates and what else
    describes the image go with the image and the rest to the front. Every card that is returned
    passes verification; what no repair makes valid becomes a COMMENT with the same text.

    Parameters
    ----------
    header : SplitHeader, Header, mapping or None
        Never changed. Pointers to other HDUs and cards about the old file's storage are left out.
    """
    notes: list[str] = []
    with quiet():
        first, second = header.stored if isinstance(header, SplitHeader) else (None, None)
        apart = second is not None
        cards = clean_cards(first if apart else header, notes)
        own = clean_cards(second, notes) if apart else []
        stale = _archive_keywords([*cards, *own])
        if any(_POINTS_ELSEWHERE.fullmatch(card.keyword) for card in (*cards, *own)):
            notes.append(
                "The WCS refers to distortion tables in other HDUs; they are not exported, so that "
                "the exported WCS is the one without these tables."
            )
        cards, own = (
            [
                card
                for card in part
                if not _STALE.fullmatch(card.keyword) and card.keyword not in stale
            ]
            for part in (cards, own)
        )
        if not apart:
            own = [card for card in cards if _OF_THE_IMAGE.fullmatch(card.keyword)]
            cards = [card for card in cards if not _OF_THE_IMAGE.fullmatch(card.keyword)]
        return ExportCards(cards, _free_letter_a(own, notes), _few(notes))


def archive_cards(header: tuple[CardText, ...]) -> list[CardText]:
    """Return the cards of an LSST file's primary header that point into its archive."""
    with quiet():
        cards = clean_cards(header, [])
        keywords = _archive_keywords(cards)
        return [card for card in cards if card.keyword in keywords]


def celestial(cards: Iterable[CardText]) -> list[CardText]:
    """Return those cards that make up the WCS: mask and variance get them, too."""
    about_pixels = re.compile("BUNIT|.*SEC[A-Z]?")
    return [
        card
        for card in cards
        if _OF_THE_IMAGE.fullmatch(card.keyword) and not about_pixels.fullmatch(card.keyword)
    ]


def has_wcs(cards: Iterable[CardText]) -> bool:
    """Whether there are celestial coordinates (of the first, unlettered WCS)."""
    return any(card.keyword == "CTYPE1" for card in cards)


def clean_cards(header: Any, notes: list[str]) -> list[CardText]:
    """Return valid copies of a header's cards, a sentence in ``notes`` for each that was not.

    ``header`` is a Header, a mapping, or cards as they stand in a file.
    """
    if header is None:
        return []
    given: Iterable[fits.Card | CardText]
    if isinstance(header, fits.Header):
        given = header.cards
    elif isinstance(header, tuple):
        given = header
    elif isinstance(header, Mapping):
        given = _made(header, notes)
    else:
        notes.append(f"A header of the type {type(header).__name__} cannot be exported.")
        return []
    cards: list[CardText] = []
    for card in given:
        cards += _clean(card, notes)
    return cards


def _made(items: Mapping[Any, Any], notes: list[str]) -> list[fits.Card]:
    cards = []
    for keyword, value in items.items():
        try:
            cards.append(fits.Card(str(keyword), value))
        except (ValueError, TypeError) as error:  # NaN, letters beyond ASCII, lists, ...
            notes.append(f"The header entry {keyword} could not be kept: {_one_line(error)}.")
    return cards


def _clean(card: fits.Card | CardText, notes: list[str]) -> list[CardText]:
    try:
        given = card.text if isinstance(card, CardText) else str(card.image)
    except (ValueError, TypeError, fits.VerifyError) as error:
        notes.append(f"The header card {card.keyword} could not be kept: {_one_line(error)}.")
        return []
    if is_plain(given):
        return [card if isinstance(card, CardText) else text_of(card)]
    text = "".join(c if " " <= c <= "~" else "?" for c in given)
    if text[:8].rstrip() == "END":  # would end the header early
        return []
    for attempt in (_as_it_is, _repaired, _renamed):
        valid = attempt(text)
        if valid is not None:
            return [text_of(valid)]
    words = text.rstrip()
    notes.append(f"{_COMMENTED}{words[:80]}")
    return comment_cards("COMMENT", words)


def _as_it_is(text: str) -> fits.Card | None:
    if text.startswith("CONTINUE"):  # belongs to a card that is not there
        return None
    with quiet() as complaints:
        card = fits.Card.fromstring(text)
        try:
            card.verify("exception")
            str(card.value)
        except (ValueError, TypeError, fits.VerifyError):
            return None
    return None if complaints else card


def _repaired(text: str) -> fits.Card | None:
    if text[8:10] != "= ":  # a value is certain to be a value only here
        return None
    card = fits.Card.fromstring(text)
    try:
        card.verify("silentfix")
        return _as_it_is(str(card.image))
    except (ValueError, TypeError, fits.VerifyError):
        return None


def _renamed(text: str) -> fits.Card | None:
    """Take a card that breaks the rules only by its keyword, as LSST's BOX.MINX."""
    match = re.match(r"([!-<>-~]+) *= ?", text)
    if match is None:
        return None
    keyword = match.group(1).upper()
    if not re.fullmatch(r"[A-Z0-9_-]{1,8}", keyword):
        keyword = f"HIERARCH {keyword}"
    card = fits.Card.fromstring(f"{'STANDIN':8}= {text[match.end() :]}"[:80])
    try:
        card.verify("exception")
        return _as_it_is(str(fits.Card(keyword, card.value, card.comment).image))
    except (ValueError, TypeError, fits.VerifyError):
        return None


def _archive_keywords(cards: Sequence[CardText]) -> set[str]:
    """Return the keywords that point into an LSST archive: they would point nowhere."""
    words = "archive ID for"
    stale = {
        card.keyword
        for card in cards
        if words in card.text and str(_parsed(card).comment).startswith(words)
    }
    keywords = {card.keyword for card in cards}
    stale |= {key for key in keywords if key.startswith("ARCHIVE_ID_")}
    stale |= {f"{key.removeprefix('ARCHIVE_ID_')}_ID" for key in stale}
    if "AR_HDU" in keywords:
        stale |= {"AR_HDU", *(f"{part}_ID" for part in _ARCHIVE_PARTS)}
    return stale


def _free_letter_a(cards: list[CardText], notes: list[str]) -> list[CardText]:
    """Make room for LSST's WCS "A", the origin; another WCS of that letter gets a free one."""
    lettered = [card for card in cards if _WCS_A.fullmatch(card.keyword)]
    others = [card for card in cards if not _WCS_A.fullmatch(card.keyword)]
    if _text(lettered, "CTYPE1A") in ("", "LINEAR"):
        return others
    taken = {card.keyword for card in cards}
    free = next((c for c in "BCDEFGHIJKLMNOPQRSTUVWXYZ" if f"CTYPE1{c}" not in taken), None)
    if free is None:
        notes.append("The alternative WCS A was left out: there is no letter free for it.")
        return others
    notes.append(f"The alternative WCS A is exported under the letter {free}.")
    moved = [
        made_card(f"{card.keyword[:-1]}{free}", parsed.value, parsed.comment)
        for card, parsed in ((card, _parsed(card)) for card in lettered)
    ]
    return [*others, *moved]


def _few(notes: list[str]) -> tuple[str, ...]:
    """Put the notes on cards kept as comments together: logs in a header are hundreds of cards."""
    commented = [note for note in notes if note.startswith(_COMMENTED)]
    if len(commented) < 2:
        return tuple(notes)
    others = [note for note in notes if not note.startswith(_COMMENTED)]
    first = commented[0].removeprefix(_COMMENTED)
    return (
        *others,
        f"{len(commented)} header cards that are not valid FITS were kept as comments, the first: "
        f"{first}",
    )


def _text(cards: Iterable[CardText], keyword: str) -> str:
    found = [str(_parsed(card).value).strip() for card in cards if card.keyword == keyword]
    return found[-1] if found else ""


def _parsed(card: CardText) -> fits.Card:
    return fits.Card.fromstring(card.text)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".")
