"""Exposures as thumbnails, and many thumbnails side by side as one picture on a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skyframe_gui.engine.kernels.compiled import jit, part

if TYPE_CHECKING:
    from numpy.typing import NDArray

OUTSIDE = np.float32(np.inf)
"""Stands in a picture for what no thumbnail covers."""


@part
def _add_row(
    line: NDArray[np.float32],
    mask: NDArray[np.int32],
    bits: np.int32,
    fine: NDArray[np.float32],
    sums: NDArray[np.float32],
    counts: NDArray[np.float32],
) -> None:
    """Add the good pixels of a row to the sums and counts of its columns.

    Each loop runs in vector registers; without a mask the first is left out.
    """
    zero, one = np.float32(0.0), np.float32(1.0)
    if mask.size > 0:
        for x in range(line.size):
            fine[x] = one if (mask[x] & bits) == 0 else zero
    else:
        fine[:] = one
    for x in range(line.size):
        fine[x] = fine[x] if line[x] - line[x] == zero else zero
    for x in range(line.size):
        sums[x] += line[x] if fine[x] > zero else zero
    for x in range(line.size):
        counts[x] += fine[x]


@jit
def block_means(
    image: NDArray[np.float32],
    mask: NDArray[np.int32],
    bits: np.int32,
    block: int,
    means: NDArray[np.float32],
    good: NDArray[np.uint8],
) -> None:
    """Fill ``means`` with the means of square blocks of an image, ``good`` with what counts.

    Parameters
    ----------
    image : float32 [H, W]
    mask : int32 [H, W] or [0, 0]
    bits : int32
        A pixel with one of them is not good, nor is one that is not finite.
    block : int
        Side of a block in pixels.
    means : float32 [ceil(H / block), ceil(W / block)]
        Of the good pixels; of all finite ones where none is good; else NaN.
    good : uint8 [ceil(H / block), ceil(W / block)]
        255 times the part of the pixels that is good, 0 only where none is.
    """
    height, width = image.shape
    rows, columns = means.shape
    fine, nothing = np.empty(width, np.float32), np.empty(0, np.int32)
    sums, counts = np.empty(width, np.float32), np.empty(width, np.float32)
    for j in range(rows):
        first, last = j * block, min((j + 1) * block, height)
        sums[:], counts[:] = np.float32(0.0), np.float32(0.0)
        for y in range(first, last):
            line = mask[y] if mask.size > 0 else nothing
            _add_row(image[y], line, bits, fine, sums, counts)
        for i in range(columns):
            start, stop = i * block, min((i + 1) * block, width)
            total, n = np.float64(0.0), 0
            for x in range(start, stop):
                total += sums[x]
                n += int(counts[x])
            size = (last - first) * (stop - start)
            good[j, i] = np.uint8((n * 255 + size - 1) // size)
            if n == 0:
                for y in range(first, last):
                    for x in range(start, stop):
                        if np.isfinite(image[y, x]):
                            total += image[y, x]
                            n += 1
            means[j, i] = np.float32(total / n) if n else np.float32(np.nan)


@part
def _lay_straight(
    values: NDArray[np.float32],
    model: NDArray[np.float32],
    place: NDArray[np.float64],
    box: NDArray[np.int64],
    covered: int,
    out: NDArray[np.float32],
    out_model: NDArray[np.float32],
) -> None:
    """Lay down a thumbnail that is not turned: sums of columns first, which rows have in common."""
    h, w = values.shape
    end_x, end_y = min(place[6], np.float64(w)), min(place[7], np.float64(h))
    has_model = model.size > 0
    zero, half = np.float32(0.0), 0.5 * covered - 0.5
    x0, x1 = box[0], box[2]
    sums, skies = np.empty(w, np.float32), np.empty(w, np.float32)
    counts = np.empty(w, np.float32)
    starts = np.empty(x1 - x0, np.int64)
    left, right = x1, x0
    for x in range(x0, x1):
        u = place[0] * x + place[4]
        if 0 <= u < end_x:
            starts[x - x0] = min(max(int(u - half), 0), max(w - covered, 0))
            left, right = min(left, x), x + 1
    before, last = -1, -1
    for y in range(box[1], box[3]):
        v = place[3] * y + place[5]
        if v < 0 or v >= end_y:
            continue
        j0 = min(max(int(v - half), 0), max(h - covered, 0))
        if j0 == before:  # enlarged: the same row again
            for x in range(left, right):
                out[y, x] = out[last, x]
            if has_model:
                for x in range(left, right):
                    out_model[y, x] = out_model[last, x]
            continue
        before, last = j0, y
        sums[:], skies[:], counts[:] = zero, zero, zero
        for j in range(j0, min(j0 + covered, h)):
            line = values[j]
            for i in range(w):
                real = line[i] - line[i] == zero
                sums[i] += line[i] if real else zero
                counts[i] += np.float32(1.0) if real else zero
            if has_model:
                for i in range(w):
                    skies[i] += model[j, i] if line[i] - line[i] == zero else zero
        for x in range(left, right):
            i0 = starts[x - x0]
            total, sky, n = zero, zero, zero
            for i in range(i0, min(i0 + covered, w)):
                total += sums[i]
                sky += skies[i]
                n += counts[i]
            out[y, x] = total / n if n > zero else np.float32(np.nan)
            if has_model:
                out_model[y, x] = sky / n if n > zero else zero


@part
def _lay_turned(
    values: NDArray[np.float32],
    model: NDArray[np.float32],
    place: NDArray[np.float64],
    box: NDArray[np.int64],
    covered: int,
    out: NDArray[np.float32],
    out_model: NDArray[np.float32],
) -> None:
    """Lay down a thumbnail at any angle, a pixel of the picture after the other."""
    h, w = values.shape
    end_x, end_y = min(place[6], np.float64(w)), min(place[7], np.float64(h))
    has_model = model.size > 0
    zero, half = np.float32(0.0), 0.5 * covered - 0.5
    for y in range(box[1], box[3]):
        for x in range(box[0], box[2]):
            u = place[0] * x + place[1] * y + place[4]
            v = place[2] * x + place[3] * y + place[5]
            if u < 0 or v < 0 or u >= end_x or v >= end_y:
                continue
            i0 = min(max(int(u - half), 0), max(w - covered, 0))
            j0 = min(max(int(v - half), 0), max(h - covered, 0))
            total, sky, n = zero, zero, zero
            for j in range(j0, min(j0 + covered, h)):
                for i in range(i0, min(i0 + covered, w)):
                    value = values[j, i]
                    if value - value == zero:
                        total += value
                        n += np.float32(1.0)
                        if has_model:
                            sky += model[j, i]
            out[y, x] = total / n if n > zero else np.float32(np.nan)
            if has_model:
                out_model[y, x] = sky / n if n > zero else zero


@jit
def lay_down(
    values: NDArray[np.float32],
    model: NDArray[np.float32],
    place: NDArray[np.float64],
    box: NDArray[np.int64],
    covered: int,
    out: NDArray[np.float32],
    out_model: NDArray[np.float32],
) -> None:
    """Lay a thumbnail into a picture, averaged to the picture's pixels.

    Parameters
    ----------
    values : float32 [h, w]
        What is not finite does not count.
    model : float32 [h, w] or [0, 0]
        What is laid into ``out_model``; nothing where it is empty.
    place : float64 [8]
        (a, b, c, e, tx, ty, w, h): pixel (x, y) of the picture is (a x + b y + tx, c x + e y + ty)
        of the thumbnail, where pixel i reaches from i to i + 1; it ends at (w, h).
    box : int64 [4]
        (x0, y0, x1, y1), half-open: the part of the picture that is looked at.
    covered : int
        Side in thumbnail pixels of what a pixel of the picture averages.
    out, out_model : float32 [H, W]
        Filled where the thumbnail lies; NaN in ``out`` where nothing counts.
    """
    if place[1] == 0.0 and place[2] == 0.0:
        _lay_straight(values, model, place, box, covered, out, out_model)
    else:
        _lay_turned(values, model, place, box, covered, out, out_model)


@jit
def colour(
    values: NDArray[np.float32],
    model: NDArray[np.float32],
    scale: np.float32,
    low: np.float32,
    high: np.float32,
    lut: NDArray[np.uint32],
    nothing: np.uint32,
    out: NDArray[np.uint32],
) -> None:
    """Fill ``out`` with the colours of ``values - scale * model``.

    Parameters
    ----------
    values, model : float32 [H, W]
        ``values`` is `OUTSIDE` where there is no thumbnail: those pixels are set to 0.
    scale, low, high : float32
        ``low`` and ``high`` are the values of the first and the last colour.
    lut : uint32 [n]
        Colours 0xffRRGGBB.
    nothing : uint32
        Colour of pixels that are NaN.
    out : uint32 [H, W]
    """
    step = np.float32(lut.size) / (high - low) if high > low else np.float32(0.0)
    zero, top = np.float32(0.0), np.float32(lut.size - 1)
    width = values.shape[1]
    places = np.empty(width, np.int32)
    for y in range(values.shape[0]):
        line, sky, row = values[y], model[y], out[y]
        # Two loops over the line, as the first one then runs in vector registers.
        for x in range(width):
            place = (line[x] - scale * sky[x] - low) * step
            place = place if place > zero else zero
            place = place if place < top else top
            places[x] = np.int32(place)
        for x in range(width):
            if line[x] - line[x] == zero:
                row[x] = lut[np.uint32(places[x])]
            elif line[x] == OUTSIDE:
                row[x] = np.uint32(0)
            else:
                row[x] = nothing


def prepare() -> None:
    """Compile or load these kernels for the arrays of the window; called in a worker."""
    image, means = _fixed(np.zeros((4, 4), np.float32)), np.zeros((2, 2), np.float32)
    good = np.zeros((2, 2), np.uint8)
    for mask in (NO_MASK, _fixed(np.zeros((4, 4), np.int32))):
        block_means(image, mask, np.int32(1), 2, means, good)
    place, box = np.array([1.0, 0, 0, 1.0, 0, 0, 2, 2]), np.array([0, 0, 2, 2], np.int64)
    means = _fixed(means)
    values, sky = np.zeros((2, 2), np.float32), np.zeros((2, 2), np.float32)
    for model in (NO_MODEL, means):
        lay_down(means, model, place, box, 1, values, sky)
    one, lut = np.float32(1), _fixed(np.zeros(4, np.uint32))
    out = np.zeros((2, 2), np.uint32)
    colour(values, sky, one, np.float32(0), one, lut, np.uint32(0), out)


def _fixed(array: NDArray[Any]) -> NDArray[Any]:
    """Return an array as they are kept: a kernel is compiled anew for one to write to."""
    array.flags.writeable = False
    return array


NO_MASK: NDArray[np.int32] = _fixed(np.zeros((0, 0), np.int32))
NO_MODEL: NDArray[np.float32] = _fixed(np.zeros((0, 0), np.float32))
