"""Rice-coded tiles unpacked, and quantised pixels made floats again (FITS Standard 4.0, 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numba import types
from numba.extending import intrinsic

from skyframe_gui.engine.kernels.compiled import jit, part

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

ONE, THREE, SEVEN, EIGHT = np.uint64(1), np.uint64(3), np.uint64(7), np.uint64(8)
SURE = np.uint64(56)
"""How many bits a buffer of 64 holds at least after it was filled, bytewise, from any bit on."""
TOP = np.uint64(63)
LOW_32 = np.uint64(0xFFFFFFFF)
N_RANDOM = 10_000
EXACT_ZERO = np.int32(-2147483646)
"""What SUBTRACTIVE_DITHER_2 stores for a pixel that is exactly 0."""


def _count_leading_zeros(_typing: Any, word: Any) -> Any:
    def generate(context: Any, builder: Any, _signature: Any, given: Any) -> Any:
        return builder.ctlz(given[0], context.get_constant(types.boolean, False))

    return types.uint64(types.uint64), generate


_zeros_before = cast("Callable[[np.uint64], np.uint64]", intrinsic(_count_leading_zeros))
"""How many zeros a 64-bit word begins with: one instruction, where a loop is slow."""


@part
def _word(packed: NDArray[np.uint8], bit: np.uint64) -> np.uint64:
    """Return 57 or more bits from ``bit`` on, the first highest; zeros beyond the array."""
    at = bit >> THREE
    word = np.uint64(0)
    for _ in range(8):
        word <<= EIGHT
        if at < np.uint64(packed.size):
            word |= np.uint64(packed[at])
        at += ONE
    return word << (bit & SEVEN)


@part
def _code(
    packed: NDArray[np.uint8], bit: np.uint64, end: np.uint64, low: np.uint64
) -> tuple[np.uint64, np.uint64]:
    """Return the code of any length at ``bit``, and the bit after it; beyond ``end``: damaged."""
    high = np.uint64(0)
    zeros = SURE
    while zeros >= SURE and bit <= end:
        zeros = min(_zeros_before(_word(packed, bit)), SURE)
        high += zeros
        bit += zeros
    bit += ONE
    rest = (_word(packed, bit) >> ONE) >> (TOP - low)
    return (high << low) | rest, bit + low


@part
def _unpack_tile(
    packed: NDArray[np.uint8],
    bit: np.uint64,
    end: np.uint64,
    block: int,
    width: np.uint64,
    out: NDArray[np.int32],
) -> bool:
    """Unpack the codes from ``bit`` to ``end``; False where they do not end there."""
    lead = THREE if width == EIGHT else np.uint64(4) if width == np.uint64(16) else np.uint64(5)
    whole = np.uint64(6) if lead == THREE else np.uint64(14) if width < 32 else np.uint64(25)
    unused = np.uint64(64) - width
    last = _word(packed, bit) >> unused
    bit += width
    for begin in range(0, out.size, block):
        stop = min(begin + block, out.size)
        low = _word(packed, bit) >> (np.uint64(64) - lead)
        bit += lead
        if bit > end:
            return False
        place = begin
        if low == np.uint64(0):  # all are like the last one
            while place < stop:
                out[place] = np.int32(last)
                place += 1
            continue
        low -= ONE
        if low == whole:  # stored as they are
            while place < stop:
                step = _word(packed, bit) >> unused
                bit += width
                last += (step >> ONE) ^ (np.uint64(0) - (step & ONE))
                out[place] = np.int32(last)
                place += 1
        else:
            at = bit >> THREE
            # No code in this loop takes more than seven bytes, so that it stays within the array.
            if at + np.uint64(7 * (stop - begin) + 16) <= np.uint64(packed.size):
                have = EIGHT - (bit & SEVEN)
                ahead = np.uint64(packed[at]) << (np.uint64(64) - have)
                at += ONE
                short = low + ONE
                wanted = min(short + SEVEN, SURE)
                while place < stop:
                    if have < wanted:
                        word = (
                            (np.uint64(packed[at]) << np.uint64(56))
                            | (np.uint64(packed[at + ONE]) << np.uint64(48))
                            | (np.uint64(packed[at + np.uint64(2)]) << np.uint64(40))
                            | (np.uint64(packed[at + THREE]) << np.uint64(32))
                            | (np.uint64(packed[at + np.uint64(4)]) << np.uint64(24))
                            | (np.uint64(packed[at + np.uint64(5)]) << np.uint64(16))
                            | (np.uint64(packed[at + np.uint64(6)]) << EIGHT)
                            | np.uint64(packed[at + SEVEN])
                        )
                        ahead |= word >> have
                        at += (TOP - have) >> THREE
                        have |= SURE
                    zeros = _zeros_before(ahead)
                    length = zeros + short
                    if length > have:
                        if have >= SURE:
                            break
                        wanted = SURE  # from here on in this block
                        continue
                    step = ((ahead << zeros) << ONE >> ONE) >> (TOP - low)
                    step = ((zeros << low) | step) & LOW_32
                    ahead <<= length
                    have -= length
                    last += (step >> ONE) ^ (np.uint64(0) - (step & ONE))
                    out[place] = np.int32(last)
                    place += 1
                bit = (at << THREE) - have
            while place < stop and bit <= end:
                step, bit = _code(packed, bit, end, low)
                step &= LOW_32
                last += (step >> ONE) ^ (np.uint64(0) - (step & ONE))
                out[place] = np.int32(last)
                place += 1
        if bit > end:
            return False
    if (bit + SEVEN) >> THREE != end >> THREE:  # of another size than it was packed from
        return False
    if width == EIGHT:
        for place in range(out.size):
            out[place] &= 255
    elif width == np.uint64(16):
        for place in range(out.size):
            out[place] = np.int32(np.int16(out[place]))
    return True


@jit
def unpack_rice(
    packed: NDArray[np.uint8],
    starts: NDArray[np.int64],
    counts: NDArray[np.int64],
    sizes: NDArray[np.int64],
    block: int,
    width: int,
    out: NDArray[np.int32],
) -> int:
    """Unpack tiles one after the other; return -1, or the first that is damaged.

    Parameters
    ----------
    packed : uint8 [any]
    starts, counts : int64 [n]
        Where the bytes of each tile lie. Without any bytes its pixels are left as they are.
    sizes : int64 [n]
        Pixels of each tile.
    block : int
        Pixels that are coded alike.
    width : int
        Bits of a stored pixel: 8 (without sign), 16 or 32.
    out : int32 [at least the sum of sizes]
    """
    place = 0
    for n in range(starts.size):
        start, count, size = starts[n], counts[n], sizes[n]
        if count > 0:
            inside = start >= 0 and start <= packed.size - count
            if not (inside and size >= 0 and size <= out.size - place):
                return n
            if not _unpack_tile(
                packed,
                np.uint64(start) << THREE,
                np.uint64(start + count) << THREE,
                block,
                np.uint64(width),
                out[place : place + size],
            ):
                return n
        place += size
    return -1


@jit
def dequantise(
    stored: NDArray[np.int32],
    sizes: NDArray[np.int64],
    scales: NDArray[np.float64],
    zeros: NDArray[np.float64],
    blanks: NDArray[np.int64],
    seeds: NDArray[np.int64],
    random: NDArray[np.float32],
    dither: int,
    out: NDArray[Any],
) -> None:
    """Fill ``out`` with the floats that were stored as integers, tile after tile.

    Parameters
    ----------
    stored : int32 [sum of sizes]
    sizes : int64 [n]
        Pixels of each tile.
    scales, zeros : float64 [n]
    blanks : int64 [n]
        The stored value that is NaN; one beyond 32 bits for none.
    seeds : int64 [n]
        Where each tile's random numbers begin, from 0 up.
    random : float32 [10000]
        The numbers of the standard's appendix I.
    dither : int
        Of SUBTRACTIVE_DITHER: 1, 2, or 0 for none.
    out : float [sum of sizes]
    """
    place = 0
    for n in range(sizes.size):
        scale, zero, blank = scales[n], zeros[n], blanks[n]
        tile, pixels = stored[place : place + sizes[n]], out[place : place + sizes[n]]
        place += tile.size
        if dither == 0:
            for i in range(tile.size):
                pixels[i] = np.float64(tile[i]) * scale + zero
        else:
            seed, begin = seeds[n] % N_RANDOM, 0
            while begin < tile.size:
                numbers = random[int(random[seed] * np.float32(500)) :]
                part, target = tile[begin:], pixels[begin:]
                for i in range(min(part.size, numbers.size)):
                    value = np.float64(part[i]) - np.float64(numbers[i]) + 0.5
                    target[i] = value * scale + zero
                begin += numbers.size
                seed = (seed + 1) % N_RANDOM
        if dither == 2 or np.int64(np.int32(blank)) == blank:
            for i in range(tile.size):
                if tile[i] == blank:
                    pixels[i] = np.nan
                elif dither == 2 and tile[i] == EXACT_ZERO:
                    pixels[i] = 0.0
