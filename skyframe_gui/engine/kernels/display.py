"""What is shown on a screen: images at half the size again and again, and pixels as colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.kernels.compiled import jit

if TYPE_CHECKING:
    from numpy.typing import NDArray


@jit
def halve(image: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    """Fill ``out`` with the means of 2 x 2 pixels, leaving out those that are not finite.

    Parameters
    ----------
    image : float32 [H, W]
    out : float32 [ceil(H / 2), ceil(W / 2)]
        NaN where none of the pixels is finite.
    """
    height, width = image.shape
    half = width // 2
    for y in range(out.shape[0]):
        top = image[2 * y]
        bottom = image[min(2 * y + 1, height - 1)]
        line = out[y]
        for x in range(half):
            line[x] = (
                (top[2 * x] + top[2 * x + 1]) + (bottom[2 * x] + bottom[2 * x + 1])
            ) * np.float32(0.25)
        if width % 2:
            line[half] = (top[width - 1] + bottom[width - 1]) * np.float32(0.5)
        for x in range(line.size):
            if not np.isfinite(line[x]):
                total, n = np.float64(0.0), 0
                for row in (top, bottom):
                    for column in range(2 * x, min(2 * x + 2, width)):
                        if np.isfinite(row[column]):
                            total += row[column]
                            n += 1
                line[x] = np.float32(total / n) if n else np.float32(np.nan)


@jit
def halve_planes(mask: NDArray[np.int32], out: NDArray[np.int32]) -> None:
    """Fill ``out`` with the OR of 2 x 2 mask pixels, so that no masked pixel is lost to the eye."""
    height, width = mask.shape
    half = width // 2
    for y in range(out.shape[0]):
        top = mask[2 * y]
        bottom = mask[min(2 * y + 1, height - 1)]
        for x in range(half):
            out[y, x] = top[2 * x] | top[2 * x + 1] | bottom[2 * x] | bottom[2 * x + 1]
        if width % 2:
            out[y, half] = top[width - 1] | bottom[width - 1]


@jit
def masked_part(mask: NDArray[np.int32], bits: np.int32, out: NDArray[np.uint8]) -> None:
    """Fill ``out`` with 255 times the part of each 2 x 2 mask pixels that have one of ``bits``."""
    height, width = mask.shape
    for y in range(out.shape[0]):
        top = mask[2 * y]
        bottom = mask[min(2 * y + 1, height - 1)]
        for x in range(out.shape[1]):
            right = min(2 * x + 1, width - 1)
            n = (
                np.int32((top[2 * x] & bits) != 0)
                + np.int32((top[right] & bits) != 0)
                + np.int32((bottom[2 * x] & bits) != 0)
                + np.int32((bottom[right] & bits) != 0)
            )
            out[y, x] = n * 255 // 4


@jit
def halve_part(part: NDArray[np.uint8], out: NDArray[np.uint8]) -> None:
    """Fill ``out`` with the rounded means of 2 x 2 parts."""
    height, width = part.shape
    for y in range(out.shape[0]):
        top = part[2 * y]
        bottom = part[min(2 * y + 1, height - 1)]
        for x in range(out.shape[1]):
            right = min(2 * x + 1, width - 1)
            total = (
                np.int32(top[2 * x])
                + np.int32(top[right])
                + np.int32(bottom[2 * x])
                + np.int32(bottom[right])
            )
            out[y, x] = (total + 2) // 4


@jit
def paint(
    image: NDArray[np.float32],
    model: NDArray[np.float32],
    scale: np.float32,
    columns: NDArray[np.int64],
    rows: NDArray[np.int64],
    low: np.float32,
    high: np.float32,
    lut: NDArray[np.uint32],
    nothing: np.uint32,
    out: NDArray[np.uint32],
) -> None:
    """Fill ``out`` with the colours of ``image - scale * model``, averaged to screen pixels.

    Parameters
    ----------
    image : float32 [h, w]
        A level of a pyramid.
    model : float32 [h, w] or [0, 0]
        What is subtracted; empty for nothing.
    scale : float32
    columns, rows : int64 [W, 2], [H, 2]
        First image column and one past the last (row, likewise) that a screen pixel covers;
        equal where the screen pixel is beside the image.
    low, high : float32
        The values of the first and the last colour.
    lut : uint32 [n]
        Colours 0xffRRGGBB.
    nothing : uint32
        Colour of pixels without a finite value.
    out : uint32 [H, W]
        Filled, but for screen pixels beside the image, which are set to 0.
    """
    n = lut.size
    step = np.float32(n) / (high - low) if high > low else np.float32(0.0)
    subtracts = model.size > 0
    for y in range(out.shape[0]):
        y0, y1 = rows[y, 0], rows[y, 1]
        line = out[y]
        if y0 >= y1:
            line[:] = 0
            continue
        for x in range(line.size):
            x0, x1 = columns[x, 0], columns[x, 1]
            if x0 >= x1:
                line[x] = 0
                continue
            total = np.float32(0.0)
            if y1 - y0 == 1 and x1 - x0 == 1:
                value = image[y0, x0]
                if subtracts:
                    value -= scale * model[y0, x0]
            else:
                count = 0
                for j in range(y0, y1):
                    for i in range(x0, x1):
                        one = image[j, i]
                        if subtracts:
                            one -= scale * model[j, i]
                        if np.isfinite(one):
                            total += one
                            count += 1
                value = total / np.float32(count) if count else np.float32(np.nan)
            if not np.isfinite(value):
                line[x] = nothing
                continue
            place = (value - low) * step
            if place <= np.float32(0.0):
                line[x] = lut[0]
            elif place >= np.float32(n):
                line[x] = lut[n - 1]
            else:
                line[x] = lut[np.int64(place)]


@jit
def veil(
    part: NDArray[np.uint8],
    columns: NDArray[np.int64],
    rows: NDArray[np.int64],
    colour: np.uint32,
    strength: np.int64,
    out: NDArray[np.uint32],
) -> None:
    """Blend ``colour`` over the painted pixels that are masked.

    Parameters
    ----------
    part : uint8 [h, w]
        255 where a pixel is masked; of a lower level: where all of its pixels are.
    columns, rows : int64 [W, 2], [H, 2]
        As for `paint`, for this array; only the first of each pair is looked at.
    colour : uint32
        0xffRRGGBB.
    strength : int
        0 to 256: how much of the colour a wholly masked pixel takes.
    out : uint32 [H, W]
        Changed.
    """
    red, green, blue = (colour >> 16) & 255, (colour >> 8) & 255, colour & 255
    for y in range(out.shape[0]):
        if rows[y, 0] >= rows[y, 1]:
            continue
        for x in range(out.shape[1]):
            if columns[x, 0] >= columns[x, 1]:
                continue
            weight = np.int64(part[rows[y, 0], columns[x, 0]]) * strength // 255
            if weight == 0:
                continue
            old = np.int64(out[y, x])
            keep = 256 - weight
            r = (((old >> 16) & 255) * keep + np.int64(red) * weight) >> 8
            g = (((old >> 8) & 255) * keep + np.int64(green) * weight) >> 8
            b = ((old & 255) * keep + np.int64(blue) * weight) >> 8
            out[y, x] = np.uint32(0xFF000000 | (r << 16) | (g << 8) | b)


@jit
def overlay_planes(
    mask: NDArray[np.int32],
    columns: NDArray[np.int64],
    rows: NDArray[np.int64],
    bits: NDArray[np.int32],
    colours: NDArray[np.uint32],
    strength: np.int64,
    out: NDArray[np.uint32],
) -> None:
    """Blend the colour of the first plane that is set over each painted pixel.

    Parameters
    ----------
    mask : int32 [h, w]
        A level of the mask's pyramid.
    columns, rows : int64 [W, 2], [H, 2]
        As for `paint`, for this array; the OR over all covered mask pixels counts.
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
    keep = 256 - strength
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
                    c, old = np.int64(colours[k]), np.int64(out[y, x])
                    r = (((old >> 16) & 255) * keep + ((c >> 16) & 255) * strength) >> 8
                    g = (((old >> 8) & 255) * keep + ((c >> 8) & 255) * strength) >> 8
                    b = ((old & 255) * keep + (c & 255) * strength) >> 8
                    out[y, x] = np.uint32(0xFF000000 | (r << 16) | (g << 8) | b)
                    break
