"""Colours of masks blended over a painted image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.kernels.compiled import jit, part

if TYPE_CHECKING:
    from numpy.typing import NDArray


@part
def _blend(old: np.uint32, colour: np.uint32, weight: int) -> np.uint32:
    """Return ``old`` with ``weight`` 256ths of ``colour``."""
    was, new, keep = np.int64(old), np.int64(colour), 256 - weight
    r = (((was >> 16) & 255) * keep + ((new >> 16) & 255) * weight) >> 8
    g = (((was >> 8) & 255) * keep + ((new >> 8) & 255) * weight) >> 8
    b = ((was & 255) * keep + (new & 255) * weight) >> 8
    return np.uint32(0xFF000000 | (r << 16) | (g << 8) | b)


@jit
def blend_masked(
    part: NDArray[np.uint8],
    columns: NDArray[np.int64],
    rows: NDArray[np.int64],
    colour: np.uint32,
    strength: int,
    out: NDArray[np.uint32],
) -> None:
    """Blend ``colour`` over the painted pixels that are masked.

    Parameters
    ----------
    part : uint8 [h, w]
        255 times the part of a level's pixel that is masked.
    columns, rows : int64 [W, 2], [H, 2]
        As for `display.paint`, for this array; the middle one of each range is looked at.
    colour : uint32
        0xffRRGGBB.
    strength : int
        0 to 256: how much of the colour a wholly masked pixel takes.
    out : uint32 [H, W]
        Changed.
    """
    width = columns.shape[0]
    middles = np.zeros(width, np.int32)
    on_image = np.zeros(width, np.int32)
    for x in range(width):
        middles[x] = (columns[x, 0] + columns[x, 1]) // 2
        on_image[x] = columns[x, 0] < columns[x, 1]
    weights = np.empty(width, np.uint32)
    pairs, single = np.uint32(0xFF00FF), np.uint32(0x00FF00)
    red_blue, green = colour & pairs, (colour & single) >> np.uint32(8)
    for y in range(out.shape[0]):
        if rows[y, 0] >= rows[y, 1]:
            continue
        line = part[(rows[y, 0] + rows[y, 1]) // 2]
        some = np.uint32(0)
        for x in range(width):
            weight = np.uint32(line[np.uint32(middles[x])] * on_image[x])
            weights[x] = weight
            some |= weight
        if not some:
            continue
        target = out[y]
        for x in range(width):  # all of them: a choice for each costs more than the blending
            weight = np.uint32((weights[x] * np.uint32(strength * 257) + 32768) >> 16)
            keep = np.uint32(256) - weight
            old = target[x]
            both = np.uint32(((old & pairs) * keep + red_blue * weight) >> 8) & pairs
            alone = np.uint32((((old & single) >> 8) * keep + green * weight) >> 8)
            target[x] = (old & np.uint32(0xFF000000)) | both | np.uint32(alone << 8)


@jit
def blend_masked_pixels(
    mask: NDArray[np.int32],
    bits: np.int32,
    columns: NDArray[np.int64],
    rows: NDArray[np.int64],
    colour: np.uint32,
    strength: int,
    out: NDArray[np.uint32],
) -> None:
    """As `blend_masked`, from the full mask: pixels with one of ``bits`` are masked."""
    for y in range(out.shape[0]):
        if rows[y, 0] >= rows[y, 1]:
            continue
        line = mask[(rows[y, 0] + rows[y, 1]) // 2]
        for x in range(out.shape[1]):
            if columns[x, 0] < columns[x, 1] and (
                line[(columns[x, 0] + columns[x, 1]) // 2] & bits
            ):
                out[y, x] = _blend(out[y, x], colour, strength)


@jit
def overlay_planes(
    mask: NDArray[np.int32],
    columns: NDArray[np.int64],
    rows: NDArray[np.int64],
    bits: NDArray[np.int32],
    colours: NDArray[np.uint32],
    strength: int,
    out: NDArray[np.uint32],
) -> None:
    """Blend the colour of the first plane that is set over each painted pixel.

    Parameters
    ----------
    mask : int32 [h, w]
        A level of the mask's pyramid.
    columns, rows : int64 [W, 2], [H, 2]
        As for `display.paint`, for this array; the OR over all covered mask pixels counts.
    bits : int32 [n]
        One plane each, the first that is set wins.
    colours : uint32 [n]
    strength : int
        0 to 256.
    out : uint32 [H, W]
        Changed.
    """
    every = np.int32(0)
    for k in range(bits.size):
        every |= bits[k]
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            found = np.int32(0)
            for j in range(rows[y, 0], rows[y, 1]):
                for i in range(columns[x, 0], columns[x, 1]):
                    found |= mask[j, i]
            if not found & every:
                continue
            for k in range(bits.size):
                if found & bits[k]:
                    out[y, x] = _blend(out[y, x], colours[k], strength)
                    break
