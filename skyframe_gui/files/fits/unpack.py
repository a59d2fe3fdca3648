"""Tiles of a compressed image unpacked on all cores: Rice by a kernel, gzip by zlib.

What astropy does one tile after the other; the same pixels to the last bit. Whatever is not known
here is left to astropy.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from skyframe_gui.engine import kernel_cache
from skyframe_gui.engine.parallel import run_pieces
from skyframe_gui.files.fits.headers import card_int, card_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.files.fits.hdu import Hdu
    from skyframe_gui.files.fits.tiles import Tiles

_PIECE = 1 << 18
"""Pixels that one thread unpacks at a time: they stay in its cache until they are scaled."""
_NO_BLANK = 1 << 40
_DITHERS = {"": 0, "NO_DITHER": 0, "SUBTRACTIVE_DITHER_1": 1, "SUBTRACTIVE_DITHER_2": 2}
_DTYPES = {8: np.uint8, 16: np.int16, 32: np.int32, 64: np.int64, -32: np.float32, -64: np.float64}


class _Unusual(Exception):
    """Something that astropy may know what to do with."""


def unpack(hdu: Hdu, tiles: Tiles, data: NDArray[np.uint8]) -> NDArray[Any] | None:
    """Return the pixels [H, W] of a tile-compressed plane, or None where astropy is to be asked.

    Parameters
    ----------
    hdu : Hdu
    tiles : Tiles
        Its index lies within ``data``.
    data : uint8 [any]
        Table and heap.

    Raises
    ------
    SkyFrameError
        A tile is damaged.
    """
    try:
        work = _work(hdu, tiles, data)
        height = tiles.tile[0]
        step = max(_PIECE // (height * tiles.shape[1]), 1)
        across = -(-tiles.shape[1] // tiles.tile[1])
        down = tiles.rows // across
        tops = [(top, min(top + step, down)) for top in range(0, down, step)]
        run_pieces(work.fill, tops, None, "", None)
    except _Unusual:
        return None
    return work.pixels


def prepare() -> None:
    """Have the kernels compiled, for just what `unpack` gives them."""
    from skyframe_gui.engine.kernels.rice import dequantise, unpack_rice

    none, stored = np.zeros(1, np.int64), np.zeros(1, np.int32)
    unpack_rice(np.zeros(1, np.uint8), none, none, none, 32, 32, stored)
    for dtype in (np.float32, np.float64):
        reals = np.zeros(1)
        dequantise(stored, none, reals, reals, none, none, random_numbers(), 0, np.zeros(1, dtype))


@cache
def random_numbers() -> NDArray[np.float32]:
    """Return the 10,000 numbers that dithering subtracts (FITS Standard 4.0, appendix I)."""
    seed, numbers = 1, np.empty(10_000, np.float32)
    for place in range(numbers.size):
        seed = 16807 * seed % 2147483647
        numbers[place] = seed / 2147483647
    numbers.flags.writeable = False
    return numbers


def _work(hdu: Hdu, tiles: Tiles, data: NDArray[np.uint8]) -> _Work:
    """Look at everything that matters to the values of the pixels."""
    header, columns = hdu.table_header, tiles.columns
    is_rice = tiles.algorithm.startswith("RICE")
    is_quantised = "ZSCALE" in columns
    dither = card_text(header, "ZQUANTIZ").upper()
    blank = next((name for name in ("ZBLANK", "BLANK") if name in header), "")
    value = card_int(header, blank) if blank else _NO_BLANK
    scalars = {"ZSCALE": "D", "ZZERO": "D", "ZBLANK": "J"}
    if (
        not (is_rice or tiles.algorithm in ("GZIP_1", "GZIP_2", "NOCOMPRESS"))
        or ((is_rice or is_quantised) and kernel_cache.preparing.is_set())
        or columns["COMPRESSED_DATA"].item != "B"
        or any(card.startswith(("TSCAL", "TZERO", "TNULL")) for card in header)
        or value is None
        or (blank and not -(1 << 31) <= value < 1 << 31)
        or (is_quantised and (hdu.bitpix > 0 or "ZZERO" not in columns or dither not in _DITHERS))
        or (is_rice and hdu.bitpix < 0 and not is_quantised)
        or ("ZBLANK" in columns and not is_quantised)
    ):
        raise _Unusual
    of_tiles: dict[str, NDArray[Any]] = {}
    for name, item in scalars.items():
        if is_quantised and name in columns:
            if columns[name].form != f"1{item}":
                raise _Unusual
            of_tiles[name] = tiles.column(data, name)
    blanks = of_tiles.get("ZBLANK", np.full(tiles.rows, value))
    return _Work(
        hdu=hdu,
        tiles=tiles,
        data=data,
        settings=_settings(hdu) if is_rice else (32, 4),
        is_quantised=is_quantised,
        dither=_DITHERS[dither] if is_quantised else 0,
        first_seed=(card_int(header, "ZDITHER0") or 0) - 1,
        scales=of_tiles.get("ZSCALE", np.zeros(0)),
        zeros=of_tiles.get("ZZERO", np.zeros(0)),
        blanks=np.asarray(blanks, np.int64),
        pixels=np.empty(tiles.shape, _DTYPES[hdu.bitpix]),
    )


def _settings(hdu: Hdu) -> tuple[int, int]:
    """Return pixels in a block and bytes in a pixel of Rice."""
    header = hdu.table_header
    found = {"BLOCKSIZE": 32, "BYTEPIX": 4}
    for number in range(99, 0, -1):  # of two the first counts
        name = card_text(header, f"ZNAME{number}").upper()
        if name in found:
            found[name] = card_int(header, f"ZVAL{number}") or 0
    return found["BLOCKSIZE"], found["BYTEPIX"]


@dataclass(frozen=True, kw_only=True)
class _Work:
    """What the threads share; each writes its own rows of ``pixels``."""

    hdu: Hdu
    tiles: Tiles
    data: NDArray[np.uint8]
    settings: tuple[int, int]
    is_quantised: bool
    dither: int
    first_seed: int
    scales: NDArray[np.float64]
    zeros: NDArray[np.float64]
    blanks: NDArray[np.int64]
    pixels: NDArray[Any]

    def fill(self, rows: tuple[int, int]) -> None:
        """Unpack some rows of tiles."""
        height, width = self.tiles.shape
        tile_height, tile_width = self.tiles.tile
        across = -(-width // tile_width)
        top, bottom = rows[0] * tile_height, min(rows[1] * tile_height, height)
        left = np.arange(across, dtype=np.int64) * tile_width
        heights = np.minimum(tile_height, height - np.arange(*rows, dtype=np.int64) * tile_height)
        widths = np.minimum(tile_width, width - left)
        sizes = np.outer(heights, widths).reshape(-1)
        target = self.pixels[top:bottom]
        # Tiles as wide as the image lie in it one after the other, others have to be placed.
        flat = target.reshape(-1) if across == 1 else np.empty(target.size, target.dtype)
        with np.errstate(all="ignore"):
            self._unpack(range(rows[0] * across, rows[1] * across), sizes, flat)
        if across == 1:
            return
        at = 0
        for row, tall in enumerate(heights.tolist()):
            for column, wide in enumerate(widths.tolist()):
                y, x = row * tile_height, column * tile_width
                tile = flat[at : at + tall * wide]
                target[y : y + tall, x : x + wide] = tile.reshape(tall, wide)
                at += tall * wide

    def _unpack(self, which: range, sizes: NDArray[np.int64], flat: NDArray[Any]) -> None:
        """Fill ``flat`` with tiles, one after the other."""
        part = slice(which.start, which.stop)
        counts, starts = self.tiles.index["COMPRESSED_DATA"]
        counts, starts = counts[part], starts[part]
        is_rice = self.tiles.algorithm.startswith("RICE")
        stored = flat
        if self.is_quantised or (is_rice and flat.dtype != np.int32):
            stored = np.empty(flat.size, np.int32)
        places = np.cumsum(sizes) - sizes
        if is_rice:
            from skyframe_gui.engine.kernels.rice import unpack_rice

            block, bytes_of_pixel = self.settings
            bad = unpack_rice(self.data, starts, counts, sizes, block, 8 * bytes_of_pixel, stored)
            if bad >= 0:
                raise self.hdu.fault(f"tile {which[bad]} is damaged")
        else:
            for n in np.flatnonzero(counts).tolist():
                tile = self._tile(which[n], "COMPRESSED_DATA", int(sizes[n]))
                if self.is_quantised and tile.dtype.itemsize > 4:
                    raise _Unusual
                stored[places[n] : places[n] + sizes[n]] = tile
        if self.is_quantised:
            from skyframe_gui.engine.kernels.rice import dequantise

            seeds = np.arange(which.start, which.stop, dtype=np.int64) + self.first_seed
            of_tiles = (self.scales[part], self.zeros[part], self.blanks[part], seeds)
            dequantise(stored, sizes, *of_tiles, random_numbers(), self.dither, flat)
        elif stored is not flat:
            flat[:] = stored
        for n in np.flatnonzero(counts == 0).tolist():
            # Pixels that do not quantise well are kept as they are.
            names = ("GZIP_COMPRESSED_DATA", "UNCOMPRESSED_DATA")
            name = next((one for one in names if one in self.tiles.index), "")
            if not name:
                raise self.hdu.fault(f"tile {which[n]} is missing")
            tile = self._tile(which[n], name, int(sizes[n]))
            flat[places[n] : places[n] + sizes[n]] = tile

    def _tile(self, number: int, name: str, size: int) -> NDArray[Any]:
        """Return the pixels of one tile that needs no kernel."""
        column = self.tiles.columns[name]
        items, start = (int(one[number]) for one in self.tiles.index[name])
        packed = self.data[start : start + items * column.item_bytes]
        in_gzip = name == "GZIP_COMPRESSED_DATA"
        if name == "UNCOMPRESSED_DATA":
            if items != size:
                raise self.hdu.fault(f"tile {number} does not hold its pixels")
            return packed.view(column.dtype)
        if column.item != "B":
            raise _Unusual
        if in_gzip or self.tiles.algorithm.startswith("GZIP"):
            packed = self._inflated(number, packed, size)
        width, rest = divmod(packed.size, size)
        if rest or width not in (1, 2, 4, 8):
            raise self.hdu.fault(f"tile {number} does not hold its pixels")
        is_float = self.hdu.bitpix < 0 and (in_gzip or not self.is_quantised) and width >= 4
        if self.tiles.algorithm == "GZIP_2" and not in_gzip:
            packed = packed.reshape(width, size).T.ravel()
        tile = packed.view("u1" if width == 1 else f">{'f' if is_float else 'i'}{width}")
        blank = self.blanks[number]
        if is_float and not in_gzip and blank != _NO_BLANK:
            tile = np.where(tile == blank, np.nan, tile).astype(tile.dtype)
        return tile

    def _inflated(self, number: int, packed: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
        """Unpack gzip, but no more than the tile may have."""
        most = size * max(4, self.pixels.itemsize)
        inflater = zlib.decompressobj(wbits=31)
        try:
            content = inflater.decompress(packed.data, most + 1)
        except zlib.error as error:
            raise self.hdu.fault(f"tile {number} is damaged") from error
        if len(content) > most:
            raise self.hdu.fault(f"tile {number} unpacks to more than its {size:,} pixels")
        if not inflater.eof:
            raise self.hdu.fault(f"tile {number} is cut short")
        if inflater.unused_data.strip(b"\0"):
            raise _Unusual
        return np.frombuffer(content, np.uint8)
