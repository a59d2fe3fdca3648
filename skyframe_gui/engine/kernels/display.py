"""Pixels as colours on a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skyframe_gui.engine.kernels import blending
from skyframe_gui.engine.kernels.compiled import jit, part

if TYPE_CHECKING:
    from numpy.typing import NDArray


@part
def _read_rows(
    image: NDArray[np.float32],
    model: NDArray[np.float32],
    scale: np.float32,
    y0: int,
    y1: int,
    ends: NDArray[np.float32],
    start: int,
    stop: int,
    sums: NDArray[np.float32],
) -> None:
    """Fill ``sums[start:stop]`` with the weighted mean of some rows of ``image - scale * model``.

    Rows are added one after the other, in loops that run in vector registers; NaN spreads.
    """
    subtracts = model.size > 0
    whole = np.float32(y1 - y0 - 2) + ends[0] + ends[1]
    if y1 - y0 == 1:
        whole = np.float32(1.0)
    for j in range(y0, y1):
        weight = np.float32(1.0) / whole
        if y1 - y0 > 1:
            if j == y0:
                weight = ends[0] / whole
            elif j == y1 - 1:
                weight = ends[1] / whole
        line = image[j]
        if subtracts:
            sky = model[j]
            if j == y0:
                for i in range(start, stop):
                    sums[i] = weight * (line[i] - scale * sky[i])
            else:
                for i in range(start, stop):
                    sums[i] += weight * (line[i] - scale * sky[i])
        elif j == y0:
            for i in range(start, stop):
                sums[i] = weight * line[i]
        else:
            for i in range(start, stop):
                sums[i] += weight * line[i]


@part
def _finite_mean(
    image: NDArray[np.float32],
    model: NDArray[np.float32],
    scale: np.float32,
    columns: NDArray[np.int64],
    column_ends: NDArray[np.float32],
    rows: NDArray[np.int64],
    row_ends: NDArray[np.float32],
) -> np.float32:
    """Return the weighted mean of the finite pixels of a rectangle; NaN where there is none."""
    total, whole = np.float32(0.0), np.float32(0.0)
    for j in range(rows[0], rows[1]):
        row_weight = np.float32(1.0)
        if rows[1] - rows[0] > 1:
            if j == rows[0]:
                row_weight = row_ends[0]
            elif j == rows[1] - 1:
                row_weight = row_ends[1]
        for i in range(columns[0], columns[1]):
            one = image[j, i]
            if model.size > 0:
                one -= scale * model[j, i]
            if not np.isfinite(one):
                continue
            weight = row_weight
            if columns[1] - columns[0] > 1:
                if i == columns[0]:
                    weight *= column_ends[0]
                elif i == columns[1] - 1:
                    weight *= column_ends[1]
            total += weight * one
            whole += weight
    return total / whole if whole > np.float32(0.0) else np.float32(np.nan)


@jit
def paint(
    image: NDArray[np.float32],
    model: NDArray[np.float32],
    scale: np.float32,
    columns: NDArray[np.int64],
    column_ends: NDArray[np.float32],
    rows: NDArray[np.int64],
    row_ends: NDArray[np.float32],
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
    column_ends, row_ends : float32 [W, 2], [H, 2]
        How much of the first and of the last of these it covers, 0 to 1; not looked at where
        they are one and the same.
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
    zero, top = np.float32(0.0), np.float32(n - 1)
    width = columns.shape[0]
    left, right = 0, width  # the screen columns that are on the image
    while left < right and columns[left, 0] >= columns[left, 1]:
        left += 1
    while left < right and columns[right - 1, 0] >= columns[right - 1, 1]:
        right -= 1
    start, stop, most = image.shape[1], 0 * width, 1  # a plain 0 is a type of its own
    for x in range(left, right):
        start = columns[x, 0] if columns[x, 0] < start else start
        stop = columns[x, 1] if columns[x, 1] > stop else stop
        n_covered = columns[x, 1] - columns[x, 0]
        most = n_covered if n_covered > most else most
    # Of its level a screen pixel covers three columns at most, unless levels are missing.
    firsts = np.zeros(width, np.int32)
    first_weight = np.zeros(width, np.float32)
    next_weight = np.zeros(width, np.float32)
    third_weight = np.zeros(width, np.float32)
    for x in range(left, right):
        n_covered = columns[x, 1] - columns[x, 0]
        firsts[x] = columns[x, 0]
        first_weight[x] = 1.0
        if n_covered > 1:
            whole = column_ends[x, 0] + column_ends[x, 1] + np.float32(n_covered - 2)
            first_weight[x] = column_ends[x, 0] / whole
            next_weight[x] = np.float32(1.0) / whole
            third_weight[x] = column_ends[x, 1] / whole
            if n_covered == 2:
                next_weight[x], third_weight[x] = third_weight[x], np.float32(0.0)
    sums = np.zeros(stop + 2, np.float32)
    values = np.empty(width, np.float32)
    places = np.empty(width, np.int32)
    for y in range(out.shape[0]):
        y0, y1 = rows[y, 0], rows[y, 1]
        line = out[y]
        if y0 >= y1 or left >= right:
            for x in range(width):
                line[x] = np.uint32(0)
            continue
        if y > 0 and y1 - y0 == 1 and rows[y - 1, 0] == y0 and rows[y - 1, 1] == y1:
            before = out[y - 1]  # enlarged: the same image row again
            for x in range(width):
                line[x] = before[x]
            continue
        _read_rows(image, model, scale, y0, y1, row_ends[y], start, stop, sums)
        # Three loops over the line, as they then run in vector registers.
        if most <= 3:
            for x in range(left, right):
                first = np.uint32(firsts[x])
                values[x] = (
                    sums[first] * first_weight[x]
                    + sums[first + np.uint32(1)] * next_weight[x]
                    + sums[first + np.uint32(2)] * third_weight[x]
                )
        else:
            for x in range(left, right):
                x0, x1 = columns[x, 0], columns[x, 1]
                value = sums[x0] * first_weight[x]
                if x1 - x0 == 2:
                    value += sums[x0 + 1] * next_weight[x]
                elif x1 - x0 > 2:
                    for i in range(x0 + 1, x1 - 1):
                        value += sums[i] * next_weight[x]
                    value += sums[x1 - 1] * third_weight[x]
                values[x] = value
        bad = np.int32(0)
        for x in range(left, right):
            bad += np.int32(values[x] - values[x] != zero)  # NaN and infinities
            place = (values[x] - low) * step
            place = place if place > zero else zero
            place = place if place < top else top
            places[x] = np.int32(place)
        for x in range(left):
            line[x] = np.uint32(0)
        for x in range(right, width):
            line[x] = np.uint32(0)
        for x in range(left, right):
            line[x] = lut[np.uint32(places[x])]
        if not bad:
            continue
        for x in range(left, right):
            if np.isfinite(values[x]):
                continue
            mean = _finite_mean(
                image, model, scale, columns[x], column_ends[x], rows[y], row_ends[y]
            )
            if np.isfinite(mean):
                place = (mean - low) * step
                place = place if place > zero else zero
                place = place if place < top else top
                line[x] = lut[np.int64(place)]
            else:
                line[x] = nothing


def prepare() -> None:
    """Compile or load every kernel that is called while painting, for the arrays of the window.

    Called in a worker, so that the window never waits for the compiler.
    """
    image = _fixed(np.zeros((4, 4), np.float32))
    columns = np.array([[0, 2], [2, 4]], np.int64)
    ends = np.ones((2, 2), np.float32)
    lut = _fixed(np.zeros(4, np.uint32))
    out = np.zeros((2, 2), np.uint32)
    low, high, black = np.float32(0), np.float32(1), np.uint32(0)
    for model in (NOTHING, image):
        paint(image, model, low, columns, ends, columns, ends, low, high, lut, black, out)
    blending.blend_masked(_fixed(np.zeros((4, 4), np.uint8)), columns, columns, black, 128, out)
    mask = _fixed(np.zeros((4, 4), np.int32))
    bits = np.ones(1, np.int32)
    blending.blend_masked_pixels(mask, np.int32(1), columns, columns, black, 128, out)
    blending.overlay_planes(mask, columns, columns, bits, np.zeros(1, np.uint32), 128, out)


def _fixed(array: NDArray[Any]) -> NDArray[Any]:
    """Return an array as the pyramids have them: a kernel is compiled anew for one to write to."""
    array.flags.writeable = False
    return array


NOTHING: NDArray[np.float32] = _fixed(np.zeros((0, 0), np.float32))
"""Stands for "no model" where `paint` takes one."""
