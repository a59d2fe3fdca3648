"""Where a pixel of the exposure is on the screen, and which pixels a screen pixel covers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PyQt6.QtCore import QPointF, QRectF

from skyframe_gui.app.model.view import Frame

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SHAPES: dict[int, tuple[tuple[int, int], ...]] = {
    1: ((1, 1),),
    2: ((2, 1), (1, 2)),
    4: ((2, 2), (4, 1)),
    6: ((3, 2), (6, 1)),
}
"""(columns, rows) of so many panes; of equal ones the first."""
GAP, BAR = 4, 52
"""Between panes, and of the level bar beside an image."""
MOST_ZOOM = 64.0
ROUNDING = 1e-6
"""Pixels by which a middle that is on the image may be computed to lie beside it."""
LEAST_OF_FIT = 0.25
"""How small an image can be made, by its size when fitted."""


@dataclass(frozen=True)
class Viewport:
    """A pane that shows a part of an exposure; y goes up.

    Attributes
    ----------
    width, height : float
        Of the pane, in the window's pixels (device pixels by the scale of the screen).
    frame : Frame
        What is in its middle; ``zoom`` is in the window's pixels.
    """

    width: float
    height: float
    frame: Frame

    def to_pixel(self, x: float, y: float) -> tuple[float, float]:
        """Return the pixel of the exposure at a place of the pane."""
        frame = self.frame
        return (
            frame.x + (x - self.width / 2) / frame.zoom,
            frame.y - (y - self.height / 2) / frame.zoom,
        )

    def to_pane(self, x: float, y: float) -> QPointF:
        """Return where a pixel of the exposure is in the pane."""
        frame = self.frame
        return QPointF(
            self.width / 2 + (x - frame.x) * frame.zoom,
            self.height / 2 - (y - frame.y) * frame.zoom,
        )

    def rect(self, x0: float, y0: float, x1: float, y1: float) -> QRectF:
        """Return where the pixels of a half-open box are, from edge to edge."""
        return QRectF(self.to_pane(x0 - 0.5, y1 - 0.5), self.to_pane(x1 - 0.5, y0 - 0.5))

    def panned(self, dx: float, dy: float) -> Frame:
        """Return the frame after the image was moved by this much."""
        frame = self.frame
        return Frame(frame.x - dx / frame.zoom, frame.y + dy / frame.zoom, frame.zoom)

    def zoomed(self, factor: float, x: float, y: float, least: float) -> Frame:
        """Return the frame after zooming about a place of the pane, which stays where it is."""
        return self.zoomed_to(min(max(self.frame.zoom * factor, least), MOST_ZOOM), x, y)

    def zoomed_to(self, zoom: float, x: float, y: float) -> Frame:
        """Return the frame at another zoom about a place of the pane, which stays where it is."""
        px, py = self.to_pixel(x, y)
        return Frame(
            px - (x - self.width / 2) / zoom,
            py + (y - self.height / 2) / zoom,
            zoom,
        )


@dataclass(frozen=True, kw_only=True)
class Piece:
    """The screen pixels of a pane that lie on the image, and where these look.

    Attributes
    ----------
    left, top, width, height : int
        In device pixels.
    x, y : float
        Place on the exposure of the outer edges of the first column and row.
    step : float
        Exposure pixels per device pixel.
    """

    left: int
    top: int
    width: int
    height: int
    x: float
    y: float
    step: float

    def columns(self, size: int, level: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the columns that the screen's columns cover; see `coverage`."""
        return coverage(self.x, self.step, self.width, size, level)

    def rows(self, size: int, level: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the rows that the screen's rows cover, from the top down."""
        return coverage(self.y, -self.step, self.height, size, level)


def fitted(pane: tuple[float, float], image: tuple[int, int]) -> Frame:
    """Return the frame in which a whole image is seen."""
    zoom = min(max(pane[0], 8.0) / image[0], max(pane[1], 8.0) / image[1])
    return Frame((image[0] - 1) / 2, (image[1] - 1) / 2, min(zoom, MOST_ZOOM))


def kept_in(frame: Frame, image: tuple[int, int]) -> Frame:
    """Return the frame with its middle on the image, so that the image cannot be lost."""
    x = min(max(frame.x, -0.5), image[0] - 0.5)
    y = min(max(frame.y, -0.5), image[1] - 0.5)
    return Frame(x, y, frame.zoom)


def best_shape(
    n: int,
    room: tuple[float, float],
    image: tuple[int, int],
    chosen: tuple[int, int] | None = None,
) -> tuple[int, int]:
    """Return the (columns, rows) of n panes: those chosen, else those in which images are largest.

    Parameters
    ----------
    n : int
    room : (width, height)
        Of all panes together.
    image : (width, height)
    chosen : (columns, rows), optional
        Not heeded where so many panes cannot stand like that.
    """
    shapes = SHAPES.get(n, ((1, 1),))
    if chosen in shapes:
        return chosen
    return max(shapes, key=lambda shape: whole_zoom(shape, room, image))


def whole_zoom(shape: tuple[int, int], room: tuple[float, float], image: tuple[int, int]) -> float:
    """Return the screen pixels per exposure pixel of whole images in panes (columns, rows)."""
    width, height = pane_size(shape, room)
    return min(max(width - BAR, 1.0) / image[0], height / image[1])


def pane_size(shape: tuple[int, int], room: tuple[float, float]) -> tuple[int, int]:
    """Return the size of each pane in whole pixels: all are alike, so that they move as one."""
    columns, rows = shape
    return (
        max(int((room[0] - GAP * (columns - 1)) // columns), 1),
        max(int((room[1] - GAP * (rows - 1)) // rows), 1),
    )


def width_needed(shape: tuple[int, int], height: float, image: tuple[int, int]) -> float:
    """Return the width of all panes together at which whole images fill their height."""
    columns, _ = shape
    _, tall = pane_size(shape, (0.0, height))
    return columns * (tall / image[1] * image[0] + BAR) + GAP * (columns - 1)


def coverage(
    first: float, step: float, n: int, size: int, level: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return which pixels of a pyramid's level each of ``n`` screen pixels covers, and how much.

    Parameters
    ----------
    first : float
        Place of the first screen pixel's outer edge on the exposure, where pixel i lies from
        i - 0.5 to i + 0.5.
    step : float
        Exposure pixels per screen pixel; negative where they run the other way.
    n : int
    size : int
        Pixels of the level.
    level : int
        Its pixels are 2^level wide.

    Returns
    -------
    ranges : int64 [n, 2]
        Half-open; equal beside the image.
    ends : float32 [n, 2]
        The covered parts of the first and the last pixel.
    """
    import numpy as np

    edges = (first + step * np.arange(n + 1) + 0.5) / 2.0**level
    low, high = (edges[:-1], edges[1:]) if step > 0 else (edges[1:], edges[:-1])
    middles = (low + high) / 2
    inside = (middles > -ROUNDING) & (middles < size + ROUNDING)
    if abs(step) <= 2.0**level:  # enlarged: the pixel in the middle
        start = np.clip(np.floor(middles).astype(np.int64), 0, size - 1)
        ranges = np.stack([start, start + 1], axis=1)
        ends = np.ones((n, 2), np.float32)
    else:
        low, high = np.clip(low, 0, size), np.clip(high, 0, size)
        start = np.floor(low).astype(np.int64)
        stop = np.maximum(np.ceil(high - 1e-9).astype(np.int64), start + 1)
        ends = np.stack([1 - (low - start), 1 - (stop - high)], axis=1).astype(np.float32)
        np.clip(ends, 1e-3, 1.0, out=ends)
        ranges = np.stack([start, stop], axis=1)
    ranges = np.clip(ranges, 0, size)
    ranges[~inside] = 0
    return ranges, ends


def cells(first: float, step: float, n: int, edges: NDArray[np.floating]) -> NDArray[np.int64]:
    """Return which bin each of ``n`` screen pixels is in, as `coverage` does its ranges.

    Parameters
    ----------
    first, step, n : as for `coverage`
    edges : float64 [bins + 1]
        Rising, in exposure pixels, where pixel i lies from i - 0.5 to i + 0.5.
    """
    import numpy as np

    middles = first + step * (np.arange(n) + 0.5)
    index = np.searchsorted(edges, middles, side="right") - 1
    inside = (middles > edges[0] - ROUNDING) & (middles < edges[-1] + ROUNDING)
    index = np.clip(index, 0, len(edges) - 2)
    ranges = np.stack([index, index + 1], axis=1).astype(np.int64)
    ranges[~inside] = 0
    return ranges


def inside_polygon(
    corners: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return which points lie inside of a polygon, by counting the edges to their right.

    Parameters
    ----------
    corners : float array [m, 2]
        Three or more; the last is joined to the first.
    x, y : float array [n]
    """
    import numpy as np

    found = np.zeros(len(x), bool)
    low, high = corners.min(axis=0), corners.max(axis=0)
    near = np.flatnonzero((x >= low[0]) & (x <= high[0]) & (y >= low[1]) & (y <= high[1]))
    px, py = x[near], y[near]
    odd = np.zeros(len(near), bool)
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if y0 != y1:
            crosses = (py < y0) != (py < y1)
            odd ^= crosses & (px < x0 + (py - y0) * (x1 - x0) / (y1 - y0))
    found[near] = odd
    return found
