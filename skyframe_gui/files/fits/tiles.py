"""Unpack tile-compressed images, after checking what the decompressors take on trust."""

from __future__ import annotations

import io
import re
import zlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from skyframe_gui.files.fits.headers import (
    STRUCTURE,
    CardText,
    card_int,
    card_text,
    header_of,
    quiet,
)
from skyframe_gui.files.fits.io import BLOCK, MAX_PLANE_BYTES, FitsFile
from skyframe_gui.files.fits.unpack import unpack

if TYPE_CHECKING:
    from astropy.io import fits
    from numpy.typing import NDArray

    from skyframe_gui.files.fits.hdu import Hdu

_DEFLATE = 1032
"""The most that deflate packs, of zeros."""
_HARMLESS = 64 << 20
_WIDTHS = {"L": 1, "B": 1, "I": 2, "J": 4, "K": 8, "A": 1, "E": 4, "D": 8, "P": 8, "Q": 16}
_DTYPES = {"B": "u1", "I": ">i2", "J": ">i4", "K": ">i8", "E": ">f4", "D": ">f8"}
_NEEDED = re.compile(
    r"Z\w*|TFIELDS|THEAP|(TTYPE|TFORM|TNULL|TSCAL|TZERO|TUNIT|TDIM|TDISP)\d+|BLANK"
)


@dataclass(frozen=True)
class Column:
    """A column of the table that holds an image in tiles."""

    offset: int
    form: str
    """The number of items and their type, as in "1J"."""
    descriptor: str
    """P or Q for a variable-length column, else ""."""
    item: str

    @property
    def dtype(self) -> str:
        """What numpy calls an item as stored."""
        return _DTYPES.get(self.item, "u1")

    @property
    def item_bytes(self) -> int:
        """Bytes of an item."""
        return np.dtype(self.dtype).itemsize


@dataclass(frozen=True, kw_only=True)
class Tiles:
    """What header and index of a tile-compressed image say, checked."""

    algorithm: str
    shape: tuple[int, int]
    tile: tuple[int, int]
    """(height, width) of a tile, before the last ones are cut at the image's border."""
    rows: int
    row_bytes: int
    heap_at: int
    columns: dict[str, Column]
    index: dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]] = field(default_factory=dict)
    """Of each variable-length column how many items each tile has, and at which byte they begin."""

    def column(self, data: NDArray[np.uint8], name: str) -> NDArray[Any]:
        """Return a column of one number a tile, in native byte order."""
        column = self.columns[name]
        table = data[: self.rows * self.row_bytes].reshape(self.rows, self.row_bytes)
        part = table[:, column.offset : column.offset + column.item_bytes]
        stored = np.ascontiguousarray(part).view(column.dtype).reshape(-1)
        return stored.astype(stored.dtype.newbyteorder("="))


def read_tiles(file: FitsFile, hdu: Hdu) -> tuple[NDArray[Any], NDArray[np.uint8]]:
    """Return the pixels of a tile-compressed plane, without BSCALE and BZERO, and the stored bytes.

    Raises
    ------
    SkyFrameError
        The header or the index of the tiles contradicts itself, or a tile is damaged. Damage that
        only Astropy meets raises whatever Astropy raises.
    """
    with quiet():
        tiles = _check_header(hdu)
    data = file.read_array(hdu.data_at, hdu.data_bytes)
    tiles = _with_index(hdu, tiles, data)
    pixels = unpack(hdu, tiles, data)
    if pixels is None:
        pixels = _unpack_by_astropy(hdu, tiles, data)
    return pixels, data


def _unpack_by_astropy(hdu: Hdu, tiles: Tiles, data: NDArray[np.uint8]) -> NDArray[Any]:
    from astropy.io import fits  # late: few tiles need it, and it takes long

    _check_streams(hdu, tiles, data)
    with quiet():
        table = _small_header(hdu, tiles).tostring().encode("ascii")
    primary = fits.Header([("SIMPLE", True), ("BITPIX", 8), ("NAXIS", 0), ("EXTEND", True)])
    padding = bytes(-len(data) % BLOCK)
    # Only this HDU and only the cards that matter: Astropy never meets the rest of the file.
    packed = io.BytesIO(b"".join((primary.tostring().encode("ascii"), table, data.data, padding)))
    with (
        quiet(),
        np.errstate(all="ignore"),
        fits.open(packed, memmap=False, do_not_scale_image_data=True) as opened,
    ):
        pixels = np.asarray(opened[1].data)
    if pixels.size != tiles.shape[0] * tiles.shape[1]:
        raise hdu.fault("its tiles do not add up to the image")
    return pixels.reshape(tiles.shape)


def _small_header(hdu: Hdu, tiles: Tiles) -> fits.Header:
    kept = [
        card
        for card in hdu.cards
        if STRUCTURE.fullmatch(card.keyword) or _NEEDED.fullmatch(card.keyword)
    ]
    kept = [card for card in kept if card.keyword not in ("CHECKSUM", "DATASUM")]
    for axis, length in enumerate(reversed(tiles.tile), start=1):
        kept = [card for card in kept if card.keyword != f"ZTILE{axis}"]
        kept.append(CardText(f"ZTILE{axis}", f"ZTILE{axis:<3}= {length:20d}".ljust(80)))
    return header_of(kept)


def _check_header(hdu: Hdu) -> Tiles:
    header = hdu.table_header
    height, width = hdu.shape
    if height * width * abs(hdu.bitpix) // 8 > MAX_PLANE_BYTES:
        raise hdu.fault(f"its header asks for {width:,} x {height:,} pixels, too many to unpack")
    algorithm = card_text(header, "ZCMPTYPE").upper()
    if algorithm not in (
        "RICE_1", "RICE_ONE", "GZIP_1", "GZIP_2", "PLIO_1", "HCOMPRESS_1", "NOCOMPRESS",
    ):  # fmt: skip
        raise hdu.fault(f"its compression {algorithm or '(none)'} is not known")
    tile = (_tile_length(hdu, 2, 1), _tile_length(hdu, 1, width))
    columns, row_bytes = _columns(hdu)
    rows = hdu.whole(header, "NAXIS2")
    across, down = -(-width // tile[1]), -(-height // tile[0])
    if rows != across * down:
        raise hdu.fault(f"it has {rows:,} tiles where {across * down:,} are needed")
    if row_bytes != hdu.whole(header, "NAXIS1"):
        raise hdu.fault("its columns do not fill its rows")
    heap_at = rows * row_bytes
    if "THEAP" in header:
        heap_at = hdu.whole(header, "THEAP")
    if not rows * row_bytes <= heap_at <= hdu.data_bytes:
        raise hdu.fault("its THEAP card is damaged")
    _check_settings(hdu, algorithm)
    return Tiles(
        algorithm=algorithm,
        shape=(height, width),
        tile=tile,
        rows=rows,
        row_bytes=row_bytes,
        heap_at=heap_at,
        columns=columns,
    )


def _tile_length(hdu: Hdu, axis: int, default: int) -> int:
    keyword = f"ZTILE{axis}"
    if keyword not in hdu.table_header:
        return default
    length = hdu.whole(hdu.table_header, keyword)
    if not 1 <= length <= 1 << 30:
        raise hdu.fault(f"its {keyword} card is damaged")
    return length


def _columns(hdu: Hdu) -> tuple[dict[str, Column], int]:
    header = hdu.table_header
    columns: dict[str, Column] = {}
    offset = 0
    for number in range(1, min(hdu.whole(header, "TFIELDS"), 50) + 1):
        form = re.fullmatch(
            r"(\d*)([LBIJKAEDPQ])([BIJKED]?)(\(\d+\))?", card_text(header, f"TFORM{number}")
        )
        name = card_text(header, f"TTYPE{number}").upper()
        if not name or name in columns:
            raise hdu.fault(f"its column {number} has no name of its own (TTYPE{number})")
        if form is None or (form[2] in "PQ") != bool(form[3]):
            raise hdu.fault(f"its TFORM{number} card is damaged")
        repeat = int(form[1] or 1)
        if repeat > 1 and form[2] in "PQ":
            raise hdu.fault(f"its TFORM{number} card is damaged")
        variable = form[2] if form[2] in "PQ" else ""
        columns[name] = Column(offset, f"{repeat}{form[2]}", variable, form[3] or form[2])
        offset += repeat * _WIDTHS[form[2]]
    return columns, offset


def _check_settings(hdu: Hdu, algorithm: str) -> None:
    """Refuse settings on which the C code would loop for ever or read past its buffers."""
    header = hdu.table_header
    dither = card_text(header, "ZQUANTIZ").upper() or "NONE"
    if dither not in ("NONE", "NO_DITHER", "SUBTRACTIVE_DITHER_1", "SUBTRACTIVE_DITHER_2"):
        raise hdu.fault("its ZQUANTIZ card is damaged")
    for number in range(1, 100):
        if f"ZNAME{number}" not in header:
            break
        name = card_text(header, f"ZNAME{number}").upper()
        value = card_int(header, f"ZVAL{number}")
        if algorithm.startswith("RICE") and (
            (name == "BLOCKSIZE" and value not in (8, 16, 32, 64))
            or (name == "BYTEPIX" and value not in (1, 2, 4))
        ):
            raise hdu.fault(f"its ZVAL{number} card ({name}) is damaged")
    if algorithm in ("HCOMPRESS_1", "PLIO_1") and hdu.bitpix == 64:
        raise hdu.fault(f"64-bit pixels do not go with {algorithm}")


def _with_index(hdu: Hdu, tiles: Tiles, data: NDArray[np.uint8]) -> Tiles:
    """Return what is known of the tiles with where they are, which is within the heap."""
    size = data.size - tiles.heap_at
    table = data[: tiles.rows * tiles.row_bytes].reshape(tiles.rows, tiles.row_bytes)
    index = {}
    for name, column in tiles.columns.items():
        if not column.descriptor:
            continue
        wide = column.descriptor == "Q"
        part = table[:, column.offset : column.offset + (16 if wide else 8)]
        pairs = np.ascontiguousarray(part).view(">i8" if wide else ">i4").astype(np.int64)
        counts, offsets = np.ascontiguousarray(pairs.T)
        used = counts != 0
        bad = (counts < 0) | (counts > size) | (offsets < 0)
        if np.any(used & (bad | (offsets > size - counts * column.item_bytes))):
            raise hdu.fault("a tile lies outside of the file's data")
        index[name] = counts, np.where(used, offsets + tiles.heap_at, 0)
    if "COMPRESSED_DATA" not in index:
        raise hdu.fault("it has no column COMPRESSED_DATA")
    return replace(tiles, index=index)


def _check_streams(hdu: Hdu, tiles: Tiles, data: NDArray[np.uint8]) -> None:
    """Check what every tile says of its own length, before it is given to Astropy."""
    for name in tiles.index.keys() & {"COMPRESSED_DATA", "GZIP_COMPRESSED_DATA"}:
        gzipped = name == "GZIP_COMPRESSED_DATA" or tiles.algorithm.startswith("GZIP")
        check = _check_inflated if gzipped else _check_tile
        counts, starts = tiles.index[name]
        for row in np.flatnonzero(counts).tolist():
            start, length = int(starts[row]), int(counts[row]) * tiles.columns[name].item_bytes
            check(hdu, tiles, row, data[start : start + length])


def _check_inflated(hdu: Hdu, tiles: Tiles, row: int, tile: NDArray[np.uint8]) -> None:
    """Refuse a tile of gzip that unpacks to more than its pixels.

    Its last four bytes say how much it unpacks to; where they could lie to any harm it is unpacked
    once, up to the size that it may have.
    """
    pixels = tiles.tile[0] * min(tiles.tile[1], tiles.shape[1])
    most = min(pixels, tiles.shape[0] * tiles.shape[1]) * max(4, abs(hdu.bitpix) // 8)
    packed = tile.tobytes()
    says = int.from_bytes(packed[-4:], "little")
    if says <= most and len(packed) * _DEFLATE < _HARMLESS:
        return
    if not packed.startswith(b"\x1f\x8b"):
        return  # the decompressor will say so
    if len(zlib.decompressobj(wbits=31).decompress(packed, most + 1)) > most:
        raise hdu.fault(f"tile {row} unpacks to more than its {pixels:,} pixels")


def _check_tile(hdu: Hdu, tiles: Tiles, row: int, tile: NDArray[np.uint8]) -> None:
    if tiles.algorithm == "PLIO_1":
        words = tile[: tile.size // 2 * 2].view(">i2")
        # Two formats of line list: the length is the third word, or in words four and five.
        old = words.size > 2 and words[2] > 0
        if words.size < 3 or (not old and words.size < 5):
            raise hdu.fault(f"tile {row} is too short")
        length = int(words[2]) if old else (int(words[4]) << 15) + int(words[3])
        first = 3 if old else int(words[1])
        if not 0 <= length <= words.size or not 0 <= first <= words.size:
            raise hdu.fault(f"tile {row} is longer than it is stored")
    elif tiles.algorithm == "HCOMPRESS_1":
        across = -(-tiles.shape[1] // tiles.tile[1])
        top, left = row // across * tiles.tile[0], row % across * tiles.tile[1]
        expected = (
            min(tiles.tile[0], tiles.shape[0] - top),
            min(tiles.tile[1], tiles.shape[1] - left),
        )
        if tile.size < 25:
            raise hdu.fault(f"tile {row} is too short")
        # The stream brings its own size, and is unpacked into an array of the size we expect.
        stored = tuple(int(n) for n in tile[2:10].view(">i4"))
        if stored != expected or tile[22:25].max() > 64:
            raise hdu.fault(f"tile {row} is not of the size that the header says")
