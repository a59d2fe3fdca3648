"""Footprints of detected things in a smoothed image: which pixels, and those grown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.progress import step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from skyframe_gui.engine.progress import Watch

STRIP_PIXELS = 1 << 19
"""Pixels worked on between two looks at the watch: some 30 ms."""


@dataclass
class Strips:
    """Cuts an image into strips of rows, with a look at the watch before and after each.

    Attributes
    ----------
    watch : Watch or None
        Told of the rows done.
    label : str
        What the watch is told is going on.
    passes : int
        How often the image is gone through altogether: the watch is told of its height as a
        whole, of which each pass is a part.
    done : int
        Rows done so far, over all passes.
    """

    watch: Watch | None
    label: str
    passes: int
    done: int = 0

    def of(self, image: NDArray[np.generic]) -> Iterator[slice]:
        """Yield the strips of one pass over ``image``.

        Raises
        ------
        Cancelled
            The watch said so.
        """
        height, width = image.shape
        rows = max(STRIP_PIXELS // width, 1)
        for first in range(0, height, rows):
            step(self.watch, self.done // self.passes, height, self.label)
            yield slice(first, min(first + rows, height))
            self.done += min(rows, height - first)
        step(self.watch, self.done // self.passes, height, self.label)


def with_margin(rows: slice, height: int, margin: int) -> tuple[slice, slice]:
    """Return the rows with a margin, and where in those the rows themselves are."""
    first = max(rows.start - margin, 0)
    return (
        slice(first, min(rows.stop + margin, height)),
        slice(rows.start - first, rows.stop - first),
    )


def significant(
    smoothed: NDArray[np.float32], threshold: float, peak: float, strips: Strips
) -> NDArray[np.bool_]:
    """Return the pixels above the threshold that hang together with one that reaches the peak."""
    import sep  # not needed before the first object mask is
    from scipy import sparse

    # A buffer for as many pixels as there are: in a crowded field all may be above the threshold.
    needed = STRIP_PIXELS + smoothed.shape[1]
    if sep.get_extract_pixstack() < needed:
        sep.set_extract_pixstack(needed)
    labels = np.empty(smoothed.shape, np.int32)
    reached = [np.zeros(1, np.bool_)]
    pairs: list[NDArray[np.int64]] = []
    count = 0
    for rows in strips.of(smoothed):
        found, part = sep.extract(
            smoothed[rows],
            threshold,
            minarea=1,
            filter_kernel=None,
            deblend_nthresh=1,
            deblend_cont=1.0,
            clean=False,
            segmentation_map=True,
        )
        labels[rows] = np.where(part > 0, part + count, 0)
        reached.append(found["peak"] >= peak)
        count += len(found)
        if rows.start:
            pairs.extend(_touching(labels[rows.start - 1], labels[rows.start]))
    # Objects that a seam between strips cuts are put together again.
    first, second = np.concatenate(pairs, axis=1) if pairs else np.zeros((2, 0), np.int64)
    graph = sparse.coo_array((np.ones(len(first)), (first, second)), (count + 1, count + 1))
    n_whole, whole = sparse.csgraph.connected_components(graph, directed=False)
    keep = np.zeros(n_whole, np.bool_)
    keep[whole[np.concatenate(reached)]] = True
    return keep[whole][labels]


def _touching(above: NDArray[np.int32], below: NDArray[np.int32]) -> Iterator[NDArray[np.int64]]:
    """Yield pairs [2, n] of the labels that meet between two rows, also across a corner."""
    width = len(above)
    for shift in (-1, 0, 1):
        a = above[max(shift, 0) : width + min(shift, 0)]
        b = below[max(-shift, 0) : width + min(-shift, 0)]
        both = (a > 0) & (b > 0)
        yield np.stack([a[both], b[both]]).astype(np.int64)


def grown(objects: NDArray[np.bool_], radius: float, strips: Strips) -> NDArray[np.bool_]:
    """Return the pixels within ``radius`` of one that is set."""
    reach = int(radius)
    half_widths = np.array([int((radius**2 - dy**2) ** 0.5) for dy in range(reach + 1)])
    result = np.zeros_like(objects)
    width = objects.shape[1]
    for rows in strips.of(objects):
        wide, inner = with_margin(rows, objects.shape[0], reach)
        distance = _rows_to_nearest(objects[wide], reach + 1)[inner]
        # Each pixel with something above or below it covers a run of its row: +1 where a run
        # begins, -1 behind its end, and what is inside of any run sums up to more than 0.
        near, x = np.nonzero(distance <= reach)
        half = half_widths[distance[near, x]]
        line = near * (width + 1)
        size = distance.shape[0] * (width + 1)
        runs = np.bincount(line + np.maximum(x - half, 0), minlength=size)
        runs -= np.bincount(line + np.minimum(x + half + 1, width), minlength=size)
        result[rows] = (np.cumsum(runs).reshape(-1, width + 1) > 0)[:, :-1]
    return result


def _rows_to_nearest(objects: NDArray[np.bool_], far: int) -> NDArray[np.int64]:
    """Return the rows from each pixel to the nearest set one in its column, ``far`` at most."""
    distance = np.where(objects, 0, far)
    for row in range(1, len(distance)):
        np.minimum(distance[row], distance[row - 1] + 1, out=distance[row])
    for row in range(len(distance) - 2, -1, -1):
        np.minimum(distance[row], distance[row + 1] + 1, out=distance[row])
    return distance
