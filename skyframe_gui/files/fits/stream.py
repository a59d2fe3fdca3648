"""Header-data units written as a stream: big arrays go to disk in blocks, with their checksums."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from skyframe_gui.engine.progress import step
from skyframe_gui.files.fits.headers import CARD, COMMENTARY, made_card

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from skyframe_gui.engine.progress import Watch
    from skyframe_gui.files.fits.headers import CardText

FITS_BLOCK = 2880
_CHUNK = 1 << 18  # pixels: a megabyte of float32, in the cache while it is swapped and summed
_BITPIX = {"f4": -32, "f8": -64, "u1": 8, "i2": 16, "i4": 32, "i8": 64}


def write_image_hdu(
    file: BinaryIO,
    cards: Iterable[CardText] = (),
    data: NDArray[np.generic] | None = None,
    *,
    primary: bool = False,
    watch: Watch | None = None,
    label: str = "",
) -> None:
    """Write one image HDU with CHECKSUM and DATASUM.

    Parameters
    ----------
    file : binary file
        Written to from where it stands, which must be the end of an HDU or of an empty file.
    cards : iterable of CardText
        Valid ones, that do not describe the data's type and size; those are put in front.
    data : array, optional
        Of any shape, float32, float64, uint8 or a signed integer. Without it the HDU has no data.
    primary : bool
        Whether this is the file's first HDU.
    watch : Watch, optional
        Told of every megabyte.
    label : str
        What the watch is told.
    """
    bitpix = 8 if data is None else _BITPIX[data.dtype.str[1:]]
    shape = () if data is None else data.shape[::-1]
    whole = [*_structure(bitpix, shape, primary), *cards]
    if data is None:
        write_hdu(file, whole, tuple)
    else:
        flat = np.ascontiguousarray(data).reshape(-1)
        write_hdu(file, whole, lambda: _big_endian(flat, watch, label))


@lru_cache(maxsize=64)
def _structure(bitpix: int, shape: tuple[int, ...], primary: bool) -> tuple[CardText, ...]:
    """Return the cards of the data's type and size; ``shape`` is width first."""
    first = ("XTENSION", "IMAGE", "image extension")
    last: tuple[tuple[str, bool | int, str], ...] = (("PCOUNT", 0, ""), ("GCOUNT", 1, ""))
    if primary:
        first = ("SIMPLE", True, "file conforms to the FITS standard")  # type: ignore[assignment]
        last = (("EXTEND", True, "there may be extensions"),)
    size = [
        ("BITPIX", bitpix, "type of the data"),
        ("NAXIS", len(shape), "number of axes"),
        *((f"NAXIS{axis}", length, "") for axis, length in enumerate(shape, start=1)),
    ]
    return tuple(made_card(*card) for card in (first, *size, *last))


def write_hdu(
    file: BinaryIO, cards: Iterable[CardText], chunks: Callable[[], Iterable[bytes]]
) -> None:
    """Write an HDU from all its cards and its data as stored, adding the two checksums.

    Parameters
    ----------
    file : binary file
        Written to from where it stands.
    cards : iterable of CardText
        With the structural ones.
    chunks : callable
        Gives the data from the start, twice: once to add them up, once to write them. Every chunk
        but the last must be a multiple of four bytes.
    """
    data_sum = 0
    for chunk in chunks():
        data_sum = _add(data_sum, chunk)
    lines = [text[at : at + CARD] for _, text in cards for at in range(0, len(text), CARD)]
    _put(lines, "DATASUM", str(data_sum), "checksum of the data")
    # The checksum is of the HDU with this card holding zeros; it has to stand in its final place.
    zeros = "0" * 16
    place = _put(lines, "CHECKSUM", zeros, "checksum of the HDU")
    whole = _add(data_sum, _block(lines))
    lines[place] = lines[place].replace(zeros, _encode(whole))
    file.write(_block(lines))
    size = 0
    for chunk in chunks():
        size += len(chunk)
        file.write(chunk)
    file.write(b"\0" * (-size % FITS_BLOCK))


def _block(lines: list[str]) -> bytes:
    """Return a header as stored."""
    text = "".join(lines) + "END".ljust(CARD)
    return (text + " " * (-len(text) % FITS_BLOCK)).encode("ascii")


def _put(lines: list[str], keyword: str, value: str, comment: str) -> int:
    """Put a card in the place of the one of its keyword, else before comments at the end.

    A blank line at the end is room that somebody left for it. Returns the place.
    """
    card = f"{keyword:8}= {chr(39) + value.ljust(8) + chr(39):20} / {comment}".ljust(CARD)
    for place, line in enumerate(lines):
        if line.startswith(f"{keyword:8}="):
            lines[place] = card
            return place
    place = len(lines)
    while place and lines[place - 1].isspace():
        place -= 1
    if place < len(lines):
        lines.pop()
    while place and lines[place - 1][:8].rstrip() in COMMENTARY:
        place -= 1
    lines.insert(place, card)
    return place


def _big_endian(flat: NDArray[np.generic], watch: Watch | None, label: str) -> Iterator[bytes]:
    swapped = flat.dtype.newbyteorder(">")
    for start in range(0, flat.size, _CHUNK):
        step(watch, start, flat.size, label)
        yield flat[start : start + _CHUNK].astype(swapped).tobytes()


def _add(total: int, chunk: bytes) -> int:
    """Add to a FITS checksum: the 32-bit words, summed with the carry coming in again below."""
    padded = chunk + b"\0" * (-len(chunk) % 4)
    total += int(np.frombuffer(padded, ">u4").sum(dtype=np.uint64))
    while total >> 32:
        total = (total & 0xFFFFFFFF) + (total >> 32)
    return total


def _encode(total: int) -> str:
    """Write the complement of a sum in the 16 letters and digits of FITS, Standard 4.0, J."""
    columns = [_characters(byte) for byte in (0xFFFFFFFF - total).to_bytes(4, "big")]
    text = "".join(columns[byte][turn] for turn in range(4) for byte in range(4))
    return text[-1] + text[:-1]  # the value stands one byte past a word's border


@cache
def _characters(byte: int) -> str:
    """Return four characters that add up to a byte.

    Those that are neither letter nor digit are moved away in pairs, which keeps the sum.
    """
    quarter, rest = divmod(byte, 4)
    four = [quarter + 48 + rest, quarter + 48, quarter + 48, quarter + 48]
    while any(_is_punctuation(code) for code in four):
        for i in (0, 2):
            if _is_punctuation(four[i]) or _is_punctuation(four[i + 1]):
                four[i] += 1
                four[i + 1] -= 1
    return "".join(map(chr, four))


def _is_punctuation(code: int) -> bool:
    return 58 <= code <= 64 or 91 <= code <= 96
