"""A layer smoothed for the eye: what is visible of it, and never a number."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from numpy.typing import NDArray

    from skyframe_gui.app.model.shown import Pyramid
    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.images.content import Content
    from skyframe_gui.ui.images.geometry import Piece

    Floats = NDArray[np.float32]

REACH = 3.5
"""Sigmas to which the Gaussian is taken."""
ENOUGH, FINE = 1 << 18, 4.0
"""Pixels from which on a coarser level is taken, as long as sigma has so many of its pixels."""
PART_MASKED = 64
"""Of 255: a pixel of a smaller level that has more of masked pixels is taken for one."""


def smoothed_part(
    content: Content, image: Pyramid[np.float32], state: State, piece: Piece, hand: Executor
) -> tuple[Floats, int, int, int]:
    """Return the smoothed values of what a piece shows, and where they lie; ``hand`` helps.

    ``image - scale * model`` is averaged with the weights of a Gaussian over the good pixels.
    Pixels that ``stats.mask`` leaves out, or that are not finite, count in no other and stay as
    they are.

    Returns
    -------
    values : float32 [h, w]
    left, bottom : int
        Pixel of the level at which they begin.
    level : int
    """
    plane, level = image.level(piece.step)
    columns, rows, reach = _seen(content, plane, piece, level)
    while (
        level - image.first + 1 < len(image.levels)
        and (rows.stop - rows.start) * (columns.stop - columns.start) > ENOUGH
        and content.smooth / 2**level > FINE
    ):
        level += 1
        plane = image.levels[level - image.first]
        columns, rows, reach = _seen(content, plane, piece, level)
    values = plane[rows, columns]
    if content.model is not None:
        model = content.model.levels[level - content.model.first]
        values = values - np.float32(content.scale) * model[rows, columns]
    good = np.isfinite(values)
    masked = _masked(content, state, level, plane.shape)
    if masked is not None:
        good &= ~masked(rows, columns)
    return (
        smoothed(values, good, content.smooth / 2**level, reach, hand),
        columns.start,
        rows.start,
        level,
    )


def _seen(content: Content, plane: Floats, piece: Piece, level: int) -> tuple[slice, slice, int]:
    """Return columns and rows of a level that a piece shows or that reach into it."""
    reach = max(math.ceil(REACH * content.smooth / 2**level), 1)
    found = []
    for ranges, size in (
        (piece.columns(plane.shape[1], level)[0], plane.shape[1]),
        (piece.rows(plane.shape[0], level)[0], plane.shape[0]),
    ):
        there = ranges[ranges[:, 1] > ranges[:, 0]]
        low, high = (int(there.min()), int(there.max())) if there.size else (0, 1)
        found.append(slice(max(low - reach, 0), min(high + reach, size)))
    return found[0], found[1], reach


def _masked(
    content: Content, state: State, level: int, shape: tuple[int, ...]
) -> Callable[[slice, slice], NDArray[np.bool_]] | None:
    """Return what tells the masked pixels of a part of a level; None without a mask."""
    shown = content.shown
    if shown.exposure is None or not shown.exposure.has_mask:
        return None
    if level == 0:
        mask = shown.exposure.mask
        bits = np.int32(shown.exposure.planes.left_out(state.config.stats.mask))
        return lambda rows, columns: (mask[rows, columns] & bits) != 0
    if shown.masked is None:
        return None
    part, found = shown.masked.level(2.0**level)
    if found != level or part.shape != shape:
        return None
    return lambda rows, columns: part[rows, columns] > PART_MASKED


def smoothed(
    values: Floats, good: NDArray[np.bool_], sigma: float, reach: int, hand: Executor
) -> Floats:
    """Return the good values averaged with the weights of a Gaussian; the others as they are.

    Parameters
    ----------
    values : float32 [h, w]
    good : bool [h, w]
    sigma : float
        In pixels.
    reach : int
        Pixels to which the weights are taken.
    hand : Executor
        Does the half of the work.
    """
    from scipy.ndimage import correlate1d

    at = np.arange(-reach, reach + 1)
    weights = np.exp(-0.5 * (at / sigma) ** 2)
    weights /= weights.sum()

    def blurred(plane: Floats) -> Floats:
        across = correlate1d(plane, weights, 1, mode="constant")
        return np.asarray(correlate1d(across, weights, 0, mode="constant"), np.float32)

    beside = hand.submit(blurred, good.astype(np.float32))
    total = blurred(np.where(good, values, np.float32(0.0)))
    share = beside.result()
    with np.errstate(invalid="ignore", divide="ignore"):
        total /= share
    found = np.where(good, total, values)
    found.flags.writeable = False  # the kernel that paints is compiled for such
    return found
