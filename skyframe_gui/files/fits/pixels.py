"""Read the pixels of one plane as plain native arrays."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from skyframe_gui.engine.buffers import plane_memory
from skyframe_gui.engine.parallel import run_pieces
from skyframe_gui.engine.progress import step
from skyframe_gui.files.fits.headers import card_int, card_number, card_text
from skyframe_gui.files.fits.io import BLOCK, FitsFile
from skyframe_gui.files.fits.tiles import read_tiles

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.files.fits.hdu import Hdu

_DTYPES = {8: "u1", 16: ">i2", 32: ">i4", 64: ">i8", -32: ">f4", -64: ">f8"}
_ROWS = 64
_BLOCK = 16 << 20
_SHARE, _PIECE = 1 << 22, 1 << 19
"""Bytes that a thread takes on, and of them at a time, which stay in its cache."""


def read_float_plane(file: FitsFile, hdu: Hdu, notes: list[str]) -> NDArray[np.float32]:
    """Return a plane as float32 [H, W], scaled by BSCALE and BZERO; BLANK pixels are NaN.

    Parameters
    ----------
    file : FitsFile
        Open file.
    hdu : Hdu
        One of its planes.
    notes : list of str
        Gets a sentence where the checksum is wrong.

    Raises
    ------
    SkyFrameError
        The data are cut short or contradict the header.
    """
    raw = _read_raw(file, hdu, notes)
    scale, zero = (1.0, 0.0) if hdu.constant is not None else _scaling(hdu)
    blank = card_int(hdu.header, "BLANK") if hdu.bitpix > 0 else None
    if scale == 1 and zero == 0 and blank is None:
        return _native(raw, np.float32)
    pixels = np.empty(raw.shape, np.float32)

    def scaled(top: int) -> None:
        # float64 in strips: rounded once, and never a second whole plane in memory.
        strip = raw[top : top + _ROWS]
        with np.errstate(all="ignore"):
            values = strip.astype(np.float64) * scale + zero
            if blank is not None:
                values[strip == blank] = np.nan
            pixels[top : top + _ROWS] = values

    run_pieces(scaled, range(0, raw.shape[0], _ROWS), None, "", None)
    return pixels


def read_mask_plane(
    file: FitsFile, hdu: Hdu, notes: list[str], good: int = 0
) -> tuple[NDArray[Any], bool]:
    """Return the values of a mask [H, W] as integers, and whether some were not numbers.

    Masks that were written as floats or scaled integers are made whole, away from the value of a
    ``good`` pixel: what lies between it and another one, as in a resampled mask, is not good. A
    value that is not a number becomes -1, so that the second result tells whether a -1 means just
    that. An unsigned mask keeps its values, one of 64 bits its bits. BLANK is not looked at: it is
    a bit pattern like any other.

    Raises
    ------
    SkyFrameError
        The data are cut short or contradict the header.
    """
    raw = _read_raw(file, hdu, notes)
    scale, zero = (1.0, 0.0) if hdu.constant is not None else _scaling(hdu)
    if (
        hdu.constant is None
        and hdu.bitpix > 0
        and scale == 1
        and zero == int(zero)
        and hdu.bitpix < 64
    ):
        if zero == 0:
            return _native(raw, np.dtype(raw.dtype.type)), False
        return raw.astype(np.int64) + int(zero), False
    if hdu.constant is None and hdu.bitpix == 64 and scale == 1 and zero in (0, 2.0**63):
        values = _native(raw, np.int64)
        # Unsigned: its highest bit is stored the other way round.
        return (values if zero == 0 else values ^ np.int64(-(1 << 63))), False
    with np.errstate(all="ignore"):
        scaled = raw.astype(np.float64) * scale + zero
        holes = ~np.isfinite(scaled) | (np.abs(scaled) >= 2.0**62)
        scaled[holes] = -1
        whole = np.rint(scaled)
        # A flag that is off by a rounding error is itself; next to the good value nothing is.
        between = np.where(whole == good, scaled != good, np.abs(scaled - whole) > 1e-6)
        if between.any():
            away = np.where(scaled > good, np.ceil(scaled), np.floor(scaled))
            whole = np.where(between, away, whole)
        return whole.astype(np.int64), bool(holes.any())


def checksum_notes(file: FitsFile, hdu: Hdu) -> tuple[str, ...]:
    """Return a sentence for each checksum of the HDU that is wrong; reads all, keeps a block."""
    if not _has_checksum(hdu):
        return ()
    notes: list[str] = []
    total, at, end = 0, hdu.data_at, hdu.data_at + hdu.data_bytes
    while at < end:
        block = file.read_bytes(at, min(_BLOCK, end - at))
        total = _add32(total, _sum32(block))
        at += len(block)
    _compare_sum(file, hdu, total, notes)
    return tuple(notes)


def _native(raw: NDArray[Any], dtype: Any) -> NDArray[Any]:
    """Return ``raw`` in native byte order and the given type, in its own memory where possible."""
    if raw.dtype.itemsize == np.dtype(dtype).itemsize and raw.dtype.kind == np.dtype(dtype).kind:
        if raw.dtype.isnative:
            return raw
        if raw.flags.writeable and raw.flags.c_contiguous:
            return raw.byteswap(inplace=True).view(raw.dtype.newbyteorder("="))
    with np.errstate(all="ignore"):
        return raw.astype(dtype)


def _scaling(hdu: Hdu) -> tuple[float, float]:
    numbers = []
    for keyword, default in (("BSCALE", 1.0), ("BZERO", 0.0)):
        value = card_number(hdu.header, keyword)
        if value is None and keyword in hdu.header and card_text(hdu.header, keyword):
            raise hdu.fault(f"its {keyword} card is not a number")
        numbers.append(default if value is None else value)
    scale, zero = numbers
    if scale == 0 or not math.isfinite(scale * 2.0**31 + zero):
        raise hdu.fault("its BSCALE or BZERO card is damaged")
    return scale, zero


def _read_raw(file: FitsFile, hdu: Hdu, notes: list[str]) -> NDArray[Any]:
    """Return the stored pixels [H, W], not scaled, usually in the file's byte order."""
    if hdu.constant is not None:
        return np.full(hdu.shape, hdu.constant, np.float32 if hdu.bitpix < 0 else np.int64)
    if hdu.is_compressed:
        pixels, packed = read_tiles(file, hdu)
        _compare_checksum(file, hdu, packed, notes)
        return pixels
    height, width = hdu.shape
    dtype = np.dtype(_DTYPES[hdu.bitpix])
    size = height * width * dtype.itemsize
    if size > hdu.data_bytes:
        raise hdu.fault("its header contradicts itself")
    if file.size is None:
        stored = file.read_array(hdu.data_at, size)
        _compare_checksum(file, hdu, stored, notes)
        return stored.view(dtype).reshape(height, width)
    # Read on all cores, and turned in the cache. A memory map would crash the interpreter where
    # the file is cut short by somebody else meanwhile.
    native = dtype.newbyteorder("=")
    pixels = (
        plane_memory((height, width)).reshape(-1).view(native)
        if dtype.itemsize == 4
        else np.empty(height * width, native)
    )
    is_summed, sums = _has_checksum(hdu), [0]

    def fill(begin: int) -> None:
        end = min(begin + _SHARE, size)
        buffer = np.empty(min(_PIECE, end - begin), np.uint8)
        for at in range(begin, end, _PIECE):
            step(file.watch, at, size)
            stored = buffer[: end - at]
            file.fill_array(hdu.data_at + at, stored)
            part = pixels[at // dtype.itemsize : (at + stored.size) // dtype.itemsize]
            part[:] = stored.view(dtype)
            if is_summed:
                sums.append(_sum32(part if dtype.itemsize == 4 else stored))

    run_pieces(fill, range(0, size, _SHARE), None, "", None)
    if is_summed:
        _compare_sum(file, hdu, functools.reduce(_add32, sums), notes)
    return pixels.reshape(height, width)


def _has_checksum(hdu: Hdu) -> bool:
    return not {"DATASUM", "CHECKSUM"}.isdisjoint(hdu.table_header)


def _compare_checksum(file: FitsFile, hdu: Hdu, data: NDArray[Any], notes: list[str]) -> None:
    if _has_checksum(hdu):
        _compare_sum(file, hdu, _sum32(data), notes)


def _compare_sum(file: FitsFile, hdu: Hdu, found: int, notes: list[str]) -> None:
    """Note where the sum of the data's words is not the announced one."""
    announced = card_text(hdu.table_header, "DATASUM")
    if announced.isdecimal() and int(announced) != found:
        notes.append(
            f"HDU {hdu.index}: the data do not agree with their checksum (DATASUM {announced}, "
            f"found {found}); the file may be damaged or was changed by hand."
        )
    elif card_text(hdu.table_header, "CHECKSUM"):
        size = hdu.data_at - hdu.header_at
        total = _add32(_sum32(file.read_bytes(hdu.header_at, size)), found)
        if total not in (0, 0xFFFFFFFF):
            notes.append(
                f"HDU {hdu.index}: the header does not agree with its CHECKSUM; it was changed "
                "after it was written."
            )


def _sum32(data: bytes | bytearray | NDArray[Any]) -> int:
    """Return the ones' complement sum of 32-bit words, as FITS checksums use it.

    Of numbers of four bytes in native order, or of bytes as they are stored.
    """
    if isinstance(data, np.ndarray) and data.dtype.itemsize == 4 and data.dtype.isnative:
        return _add32(int(data.view(np.uint32).sum(dtype=np.uint64)), 0)
    stored = np.frombuffer(memoryview(data).cast("B"), np.uint8)  # type: ignore[arg-type]  # arrays are buffers
    whole = stored.size // 4 * 4
    total = 0
    for start in range(0, whole, BLOCK * 1024):
        part = stored[start : min(start + BLOCK * 1024, whole)].view(">u4")
        total += int(part.sum(dtype=np.uint64))
    if whole < stored.size:
        total += int.from_bytes(stored[whole:].tobytes().ljust(4, b"\x00"), "big")
    return _add32(total, 0)


def _add32(first: int, second: int) -> int:
    total = first + second
    while total >> 32:
        total = (total & 0xFFFFFFFF) + (total >> 32)
    return total
