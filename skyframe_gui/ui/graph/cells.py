"""What every map of bins is made of: the cells as an image, and the marks on single cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen

from skyframe_gui.ui.graph.levels import Levels
from skyframe_gui.ui.samples.colours import with_alpha

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.ui.stack.grid_pictures import ColouredGrid

CASING = with_alpha("#000000", 0.55)
WHITE = QColor("#ffffff")
LEAST_HATCHED = 16
"""Pixels: smaller cells have one line only."""
BINS_OF_HISTOGRAM = 40

Place = tuple[int, int]
"""(column, row) of a cell; the first row is at the bottom."""


class CellsItem(pg.ImageItem):
    """Values as sharp rectangles of one size, the first row at the bottom."""

    def show_cells(self, coloured: ColouredGrid, nothing: str, box: QRectF) -> None:
        """Paint other values.

        Parameters
        ----------
        coloured : ColouredGrid
        nothing : str
            Colour of cells without a value.
        box : QRectF
            What the cells fill, in the view's coordinates.
        """
        words = np.ascontiguousarray(coloured.words(nothing), np.uint32)
        ny, nx = words.shape
        channels = words.view(np.uint8).reshape(ny, nx, 4)
        self.setImage(np.ascontiguousarray(channels[..., [2, 1, 0, 3]]), levels=None)
        self.setRect(box)


def levels_of(coloured: ColouredGrid, unit: str) -> Levels:
    """Return the levels of a map, with the histogram of its values."""
    histogram = None
    if not coloured.steps:
        finite = coloured.values[np.isfinite(coloured.values)]
        low, high = coloured.limits
        more = 0.1 * (high - low)
        if finite.size > 1:
            histogram = np.histogram(finite, BINS_OF_HISTOGRAM, (low - more, high + more))
    return Levels(
        limits=coloured.limits,
        lut=coloured.table(),
        unit=unit,
        power=coloured.power,
        histogram=histogram,
        symmetric=coloured.symmetric,
        steps=coloured.steps,
    )


def draw_outline(painter: QPainter, cell: QRectF, width: float) -> None:
    """Draw a white frame with a dark casing, as images may be light or dark."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, across in ((CASING, width + 2), (WHITE, width)):
        pen = QPen(colour, across)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.drawRect(cell)


def draw_filled(painter: QPainter, cell: QRectF) -> None:
    """Draw lines over a bin that was filled: dark under light, seen on every colour of a map."""
    painter.save()
    painter.setClipRect(cell, Qt.ClipOperation.IntersectClip)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for colour, width in ((CASING, 3.0), (WHITE, 1.0)):
        painter.setPen(QPen(colour, width))
        for shift in (-0.5, 0.0, 0.5) if cell.width() >= LEAST_HATCHED else (0.0,):
            by = shift * cell.width()
            painter.drawLine(
                QPointF(cell.left() + by, cell.bottom()), QPointF(cell.right() + by, cell.top())
            )
    painter.restore()


def values_table(values: NDArray[np.floating | np.integer]) -> str:
    """Return values as seen, the last row first, columns parted by tabulators."""
    return "\n".join("\t".join(f"{one:.9g}" for one in row) for row in values[::-1].tolist())
