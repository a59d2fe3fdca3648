"""The archive of an LSST exposure (PSF, WCS, ...): carried from file to file, never understood."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from astropy.io import fits

from skyframe_gui.files.fits.export_cards import archive_cards
from skyframe_gui.files.fits.headers import CardText, card_int, made_card, quiet, text_of
from skyframe_gui.files.fits.io import open_fits
from skyframe_gui.files.fits.stream import write_hdu

if TYPE_CHECKING:
    import os

_FIRST = 5
"""HDU, counted from 1, where LSST's own files have the archive: behind the three planes."""


class Archive(NamedTuple):
    """An archive's tables as stored, and the cards of the primary header that point into it."""

    cards: list[CardText]
    tables: list[tuple[bytes, bytes]]
    """(header, data) of each."""


def read_archive(path: str | os.PathLike[str]) -> Archive | None:
    """Return the archive of an exposure's file; None where it has none.

    Raises
    ------
    SkyFrameError
        The file cannot be read.
    """
    with open_fits(str(path)) as file:
        first = card_int(file.primary.header, "AR_HDU")
        if first is None or not 1 < first <= len(file.hdus):
            return None
        if file.hdus[first - 1].xtension != "BINTABLE":
            return None
        tables = []
        for hdu in file.hdus[first - 1 :]:
            header = file.read_bytes(hdu.header_at, hdu.data_at - hdu.header_at)
            data = file.read_bytes(hdu.data_at, hdu.data_bytes)
            tables.append((bytes(header), bytes(data)))
        cards = [
            _pointer(card) if card.keyword == "AR_HDU" else card
            for card in archive_cards(file.primary.cards)
        ]
    return Archive(cards, tables)


def _pointer(card: CardText) -> CardText:
    return made_card(card.keyword, _FIRST, fits.Card.fromstring(card.text).comment)


def write_archive(file: BinaryIO, archive: Archive) -> None:
    """Write the tables as they were, with checksums, behind the three planes of an exposure."""
    for header, data in archive.tables:
        with quiet():
            cards = [text_of(card) for card in fits.Header.fromstring(header).cards]
        write_hdu(file, cards, [data].copy)
