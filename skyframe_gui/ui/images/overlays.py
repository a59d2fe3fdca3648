"""What is drawn over the images: bin edges, hatches, crosshair."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QBrush, QPainter

from skyframe_gui.ui.images.render import edges_of
from skyframe_gui.ui.samples.colours import with_alpha

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.ui.images.content import Content
    from skyframe_gui.ui.images.geometry import Viewport

FEWEST_APART = 4.0
"""Pixels: bin edges closer than this would be a veil, not lines."""


def draw_edges(painter: QPainter, content: Content, viewport: Viewport, dark: bool) -> None:
    """Draw the true edges of the bins; a path of them would take ten times as long."""
    grid = content.grid
    if grid is None:
        return
    x_edges, y_edges = edges_of(content, grid)
    narrowest = min(np.diff(x_edges).min(), np.diff(y_edges).min()) * viewport.frame.zoom
    if narrowest < FEWEST_APART:
        return
    shown = content.shown
    x = np.clip(x_edges, -0.5, shown.width - 0.5)
    y = np.clip(y_edges, -0.5, shown.height - 0.5)
    # Rectangles, as thin translucent lines take Qt's painter far longer.
    colour = with_alpha("#ffffff" if dark else "#000000", 0.10)
    corner, end = viewport.to_pane(x[0], y[-1]), viewport.to_pane(x[-1], y[0])
    frame = viewport.frame
    across = viewport.width / 2 + (x[x == x_edges] - frame.x) * frame.zoom
    down = viewport.height / 2 - (y[y == y_edges] - frame.y) * frame.zoom
    for at in np.round(across[(across >= 0) & (across <= viewport.width)]).tolist():
        painter.fillRect(QRectF(at, corner.y(), 1, end.y() - corner.y()), colour)
    for at in np.round(down[(down >= 0) & (down <= viewport.height)]).tolist():
        painter.fillRect(QRectF(corner.x(), at, end.x() - corner.x(), 1), colour)


def draw_filled(painter: QPainter, content: Content, viewport: Viewport) -> None:
    """Hatch the bins that have no data: of a sky frame, which have the median of the others."""
    frame = content.shown.sky_frame
    grid, hatched = content.grid, content.hatched
    colour = with_alpha("#bfbfbf", 0.55)
    if hatched is None and frame is not None and grid is frame.sky_frame.grid:
        hatched, colour = frame.sky_frame.filled, with_alpha("#ffffff", 0.55)
    if grid is None or hatched is None or not hatched.any():
        return
    x, y = edges_of(content, grid)
    hatch = QBrush(colour, Qt.BrushStyle.BDiagPattern)
    painter.setPen(Qt.PenStyle.NoPen)
    for j, first, end in runs_of(hatched):
        box = QRectF(viewport.to_pane(x[first], y[j + 1]), viewport.to_pane(x[end], y[j]))
        painter.fillRect(box, hatch)


def runs_of(chosen: NDArray[np.bool_]) -> list[tuple[int, int, int]]:
    """Return the chosen bins as (row, first column, one past the last), neighbours in one."""
    steps = np.diff(np.pad(chosen.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    rows, firsts = np.nonzero(steps == 1)
    ends = np.nonzero(steps == -1)[1]
    return list(zip(rows.tolist(), firsts.tolist(), ends.tolist(), strict=True))


def draw_crosshair(painter: QPainter, viewport: Viewport, content: Content, at: QPointF) -> None:
    """Draw lines through a place, as far as the image goes."""
    image = viewport.rect(0, 0, content.shown.width, content.shown.height)
    if not image.contains(at):
        return
    x, y = round(at.x()), round(at.y())
    # Whole pixels: Qt fills these many times faster than parts of them.
    shown = image.intersected(QRectF(0, 0, viewport.width, viewport.height)).toRect()
    left, top, width, height = shown.left(), shown.top(), shown.width(), shown.height()
    for colour, room in ((with_alpha("#000000", 0.27), 1), (with_alpha("#ffffff", 0.5), 0)):
        painter.fillRect(x - room, top, 1 + 2 * room, height, colour)
        painter.fillRect(left, y - room, width, 1 + 2 * room, colour)
