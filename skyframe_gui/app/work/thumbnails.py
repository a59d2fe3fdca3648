"""Thumbnails of exposures and of their sky models, made of reads that happen anyway."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.app.model.camera_view import Bins
from skyframe_gui.engine.thumbnail import Thumbnail, thumbnail_of

if TYPE_CHECKING:
    from collections.abc import Hashable

    from numpy.typing import NDArray

    from skyframe_gui.app.model.items import ExposureItem, Options
    from skyframe_gui.app.work.cache import Memory
    from skyframe_gui.engine import Exposure

STAGE = "thumbnail"
LEAST_BINS = 4
"""Along the shorter side of a detector."""


def thumbnail_key(
    item: ExposureItem, left_out: tuple[str, ...], options: Options | None
) -> Hashable:
    """Return under what a thumbnail is remembered; without options that of the file as it is."""
    how = None if options is None else options.mask_objects
    return (item.key, item.stamps, item.source.hand_masks, left_out, how)


def remember_thumbnail(
    memory: Memory,
    item: ExposureItem,
    left_out: tuple[str, ...],
    options: Options | None,
    thumbnail: Thumbnail,
) -> None:
    """Remember the thumbnail of an exposure."""
    memory.get(STAGE, thumbnail_key(item, left_out, options), lambda: thumbnail)


def keep_thumbnail(
    memory: Memory,
    item: ExposureItem,
    left_out: tuple[str, ...],
    options: Options | None,
    exposure: Exposure,
) -> Thumbnail | None:
    """Make the thumbnail of an exposure whose pixels are at hand, where there is none yet.

    Returns
    -------
    Thumbnail or None
        One that was made now, and is another one than that of the file as it is.
    """
    fresh: list[Thumbnail] = []

    def make() -> Thumbnail:
        made = thumbnail_of(exposure, left_out)
        as_read: Thumbnail | None = memory.peek(STAGE, thumbnail_key(item, left_out, None))
        # Where no object was masked it is the one of the survey, which need not be kept twice.
        if as_read is not None and np.array_equal(as_read.good, made.good):
            return as_read
        fresh.append(made)
        return made

    memory.get(STAGE, thumbnail_key(item, left_out, options), make)
    return fresh[0] if fresh else None


def found_thumbnail(
    memory: Memory, item: ExposureItem, left_out: tuple[str, ...], options: Options
) -> Thumbnail | None:
    """Return a thumbnail that there is: with found objects left out, else of the file as it is."""
    for one in (options, None):
        found: Thumbnail | None = memory.peek(STAGE, thumbnail_key(item, left_out, one))
        if found is not None:
            return found
    return None


def middles(size: int, block: int) -> NDArray[np.float64]:
    """Return the middles of blocks, the last of which may be smaller."""
    first = np.arange(0, size, block)
    return (first + np.minimum(first + block, size) - 1) / 2


def bins_of(one: Thumbnail, model: NDArray[np.float32], size: int) -> Bins:
    """Return an exposure and its sky model in bins of about ``size`` pixels.

    Each is a whole number of the thumbnail's blocks, and there are a few across in any case.
    """
    h, w = one.means.shape
    n = max(min(round(size / one.block), min(h, w) // LEAST_BINS), 1)
    weight = np.where(np.isfinite(one.means), one.good, 0).astype(np.float32)
    with np.errstate(invalid="ignore"):
        whole = _summed(weight, n)
        means = _summed(np.where(weight > 0, one.means, 0) * weight, n) / whole
        sky = _summed(model * weight, n) / whole
    for plane in (means, sky):
        plane.flags.writeable = False
    return Bins(means, sky, n * one.block)


def _summed(values: NDArray[np.float32], n: int) -> NDArray[np.float32]:
    """Return the sums of squares of n x n values."""
    rows = np.add.reduceat(values, np.arange(0, values.shape[0], n), axis=0)
    found: NDArray[np.float32] = np.add.reduceat(rows, np.arange(0, values.shape[1], n), axis=1)
    return found
