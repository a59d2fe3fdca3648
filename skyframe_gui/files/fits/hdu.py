"""One header-data unit as its header tells, and how reading faults become sentences."""

from __future__ import annotations

import gzip
import lzma
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.progress import Cancelled
from skyframe_gui.files.fits.celestial import celestial_wcs
from skyframe_gui.files.fits.headers import (
    Cards,
    CardText,
    card_int,
    card_number,
    card_text,
    card_value,
    cards_of,
    image_cards,
)
from skyframe_gui.text import on_one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

BITPIX = (8, 16, 32, 64, -32, -64)
LARGEST_CONSTANT = 1 << 28
"""Pixels of a plane that is stored as one card."""
FETCH = "copy or fetch it again"

T = TypeVar("T")


class lazy(Generic[T]):
    """A property that is computed once.

    Not functools.cached_property: up to Python 3.11 that holds a lock, which all instances share,
    while it computes. Together with the lock on warnings it made threads wait for each other.
    """

    def __init__(self, compute: Callable[[Any], T]) -> None:
        self._compute = compute
        self._name = ""
        self.__doc__ = compute.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: object, owner: type) -> T:
        if instance is None:
            raise AttributeError(self._name)
        value = self._compute(instance)
        instance.__dict__[self._name] = value
        return value


class FileFault(SkyFrameError):
    """A file that cannot be read, with the reason."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{on_one_line(path)}: {why}")


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn whatever goes wrong inside into one sentence that names the file.

    The one place with a catch-all: decoding somebody's damaged file makes Astropy, numpy and the
    decompressors raise nearly every kind of exception there is.
    """
    try:
        yield
    except (SkyFrameError, Cancelled):
        raise
    except FileNotFoundError as error:
        raise FileFault(path, "there is no such file; check the name.") from error
    except IsADirectoryError as error:
        raise FileFault(path, "this is a folder; give the FITS files in it.") from error
    except PermissionError as error:
        raise FileFault(
            path, "it may not be read by you; change the file's permissions."
        ) from error
    except (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError) as error:
        raise FileFault(path, f"its compressed data are cut short or damaged; {FETCH}.") from error
    except MemoryError as error:
        raise FileFault(
            path, "there is not enough memory to read it; close other programs."
        ) from error
    except Exception as error:
        # What a library says of it is in its own words, and helps a user little.
        raise FileFault(
            path, f"the file is damaged: what is in it contradicts its headers; {FETCH}."
        ) from error


@dataclass(frozen=True, eq=False, kw_only=True)
class Hdu:
    """One header-data unit, as its header tells."""

    path: Path
    index: int
    block: bytes
    """The header as stored."""
    header_at: int
    data_at: int
    data_bytes: int
    """Length of the data as stored, without padding."""

    @lazy
    def cards(self) -> tuple[CardText, ...]:
        """Return the cards as stored: of most HDUs of a camera's file nobody asks for them."""
        return cards_of(self.block)

    @lazy
    def table_header(self) -> Cards:
        """Return the header as stored: of the table, where the HDU is a tile-compressed image."""
        return Cards(self.cards)

    @lazy
    def is_compressed(self) -> bool:
        """Tell whether this is an image in tiles inside a binary table."""
        return self.xtension in ("BINTABLE", "A3DTABLE") and (
            card_value(self.table_header, "ZIMAGE") is True
        )

    @lazy
    def header(self) -> Cards:
        """Return the header of the image, or of whatever else the HDU is."""
        return Cards(self.image_cards) if self.is_compressed else self.table_header

    @lazy
    def image_cards(self) -> tuple[CardText, ...]:
        """Return the cards of `header` as text."""
        return image_cards(self.cards) if self.is_compressed else self.cards

    @lazy
    def xtension(self) -> str:
        """Return the XTENSION card; "" for the primary HDU."""
        return card_text(self.table_header, "XTENSION").upper()

    @lazy
    def is_image(self) -> bool:
        """Tell whether the HDU holds an array with at least one pixel, of any number of axes."""
        plain = self.index == 0 or self.xtension in ("IMAGE", "IUEIMAGE")
        return (plain or self.is_compressed) and bool(self.axes) and 0 not in self.axes

    @lazy
    def constant(self) -> float | None:
        """Return the value of a plane that is the same everywhere and stored as a card alone.

        HST's pipelines write NAXIS 0 then, with the size in NPIX1 and NPIX2 and the value in
        PIXVALUE.
        """
        if card_int(self.header, "NAXIS") or not {"NPIX1", "NPIX2", "PIXVALUE"} <= self.keywords:
            return None
        size = self.whole(self.header, "NPIX1") * self.whole(self.header, "NPIX2")
        if size > LARGEST_CONSTANT:
            raise self.fault("its NPIX1 and NPIX2 cards ask for too many pixels")
        return card_number(self.header, "PIXVALUE")

    @lazy
    def axes(self) -> tuple[int, ...]:
        """Return the lengths of the axes, as in the header: width first."""
        if self.constant is not None:
            return self.whole(self.header, "NPIX1"), self.whole(self.header, "NPIX2")
        count = card_int(self.header, "NAXIS") or 0
        return tuple(
            self.whole(self.header, f"NAXIS{axis}") for axis in range(1, min(count, 999) + 1)
        )

    @lazy
    def bitpix(self) -> int:
        """Return BITPIX of the pixels."""
        value = card_int(self.header, "BITPIX")
        if value not in BITPIX:
            raise self.fault("its BITPIX card is damaged")
        return value

    @lazy
    def is_plane(self) -> bool:
        """Tell whether the HDU holds one two-dimensional image."""
        return self.is_image and len(self.axes) >= 2 and all(n == 1 for n in self.axes[2:])

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width) of a plane."""
        return self.axes[1], self.axes[0]

    @lazy
    def name(self) -> str:
        """Return EXTNAME, upper case; "" where there is none."""
        return card_text(self.header, "EXTNAME").upper()

    @lazy
    def celestial(self) -> tuple[Any, str]:
        """Return the image's WCS or None, and a sentence where it is broken; not to be changed."""
        return celestial_wcs(self.image_cards)

    @lazy
    def keywords(self) -> frozenset[str]:
        """Return every keyword of the header."""
        return frozenset(card.keyword for card in self.image_cards)

    def fault(self, what: str) -> FileFault:
        """Return the error for this HDU."""
        return FileFault(self.path, f"HDU {self.index}: {what}; {FETCH}.")

    def whole(self, header: Cards, keyword: str) -> int:
        """Return a card that must be a whole number from 0 up."""
        value = card_int(header, keyword)
        if value is None or value < 0:
            raise self.fault(f"its {keyword} card is missing or damaged")
        return value
