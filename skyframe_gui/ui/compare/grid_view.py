"""A sweep over two fields: one of its numbers as a painted grid with a colour bar."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from skyframe_gui.ui.compare.sweep_plot import SweepPlot
from skyframe_gui.ui.plots import chips, marks
from skyframe_gui.ui.plots.axes import Range, ticks
from skyframe_gui.ui.plots.colours import with_alpha
from skyframe_gui.ui.stack.pictures import BAR, HISTOGRAM, Coloured, draw_bar, draw_picture
from skyframe_gui.ui.theme import font

if TYPE_CHECKING:
    from PyQt6.QtGui import QResizeEvent

    from skyframe_gui.ui.compare.swept import Swept
    from skyframe_gui.ui.theme import Palette

TOP, BOTTOM, GAP = 22, 36, 10
TICK_SPACING = 28


class GridView(SweepPlot):
    """The first field along x, the second along y, a cell for each pair of values."""

    def __init__(self) -> None:
        super().__init__("Map of the sweep")
        self.quantity = "scale"
        self._bar: float | None = None

    def show_quantity(self, quantity: str) -> None:
        """Paint another of the numbers."""
        self.quantity = quantity
        self._bar = None
        self.update()

    def show_sweep(self, swept: Swept, palette: Palette) -> None:
        """Paint a sweep, perhaps one that has grown."""
        self._bar = None
        super().show_sweep(swept, palette)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Make room for the ticks of another height."""
        self._bar = None
        super().resizeEvent(event)

    @property
    def chip_room(self) -> QRectF:
        """The upper edge of the widget."""
        return QRectF(2, 1, self.width() - 4, chips.HEIGHT)

    def on_left(self, index: int) -> bool:
        """Return False: the words are over the grid, and begin where it does."""
        return False

    def area(self) -> QRectF:
        """Return where the grid is."""
        left = self._left()
        width = self.width() - left - GAP - self._bar_width() - 8
        return QRectF(left, TOP, max(width, 8), max(self.height() - TOP - BOTTOM, 8))

    def shape(self) -> tuple[int, int]:
        """Return how many values the two fields have."""
        assert self.swept is not None, "asked for where there is a sweep only"
        n, m = (len(values) for values in self.swept.sweep.values)
        return n, m

    def cell(self, index: int) -> QRectF:
        """Return where a point is."""
        m = self.shape()[1]
        return self._cell(index // m, index % m)

    def index_at(self, at: QPointF) -> int | None:
        """Return the point whose cell it is, if it is ready."""
        if self.swept is None:
            return None
        area = self.area()
        if not area.contains(at):
            return None
        n, m = self.shape()
        column = min(int((at.x() - area.left()) / area.width() * n), n - 1)
        row = min(int((area.bottom() - at.y()) / area.height() * m), m - 1)
        index = column * m + row
        return index if index < len(self.swept.sweep.points) else None

    def neighbour(self, index: int, across: int, up: int) -> int:
        """Return the cell beside a cell."""
        n, m = self.shape()
        column, row = index // m + across, index % m + up
        return column * m + row if 0 <= column < n and 0 <= row < m else index

    # Painting --------------------------------------------------------------------------------

    def paint(self, painter: QPainter, swept: Swept) -> None:
        """Draw grid, axes, bar, and the marks on it."""
        area, palette = self.area(), self.colours
        coloured = self._coloured(swept)
        painter.fillRect(area, QColor(palette.canvas))
        draw_picture(painter, coloured.image(palette.canvas), area)
        self._draw_axes(painter, swept, area)
        if np.isfinite(coloured.values).any():
            bar = QRectF(area.right() + GAP, area.top(), self._bar_width(), area.height())
            draw_bar(painter, palette, coloured, bar, TICK_SPACING)
        self._draw_head(painter, swept, area)
        for index, point in enumerate(swept.sweep.points):
            if point.why or not math.isfinite(point.scale):
                middle = self.cell(index).center()
                at = np.array([middle.x()]), np.array([middle.y()])
                marks.crosses(painter, *at, 8, palette.error)
        self._draw_present(painter, swept)
        if self.pointed is not None:
            _outline(painter, self.cell(self.pointed), 2)

    def _coloured(self, swept: Swept) -> Coloured:
        values = swept.grid(self.quantity)
        finite = values[np.isfinite(values)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
        if not low < high:
            half = abs(low) * 1e-3 or 0.5
            low, high = low - half, high + half
        return Coloured(values, (low, high), "viridis")

    def _draw_head(self, painter: QPainter, swept: Swept, area: QRectF) -> None:
        if self.pointed is not None:
            return  # its words are there
        flags = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(font(11, 600))
        painter.setPen(QColor(self.colours.text))
        top = QRectF(area.left(), 0, area.width(), TOP)
        title = "rejected samples" if self.quantity == "rejected" else self.quantity
        painter.drawText(top, flags, title)
        painter.setFont(font(11))
        painter.setPen(QColor(self.colours.text2))
        right = QRectF(area.right(), 0, self.width() - area.right() - 8, TOP)
        painter.drawText(right, flags | Qt.AlignmentFlag.AlignRight, swept.unit_of(self.quantity))

    def _draw_axes(self, painter: QPainter, swept: Swept, area: QRectF) -> None:
        across, up = swept.axes
        metrics = QFontMetricsF(font(11))
        painter.setFont(font(11))
        painter.setPen(QColor(self.colours.text2))
        middle = Qt.AlignmentFlag.AlignCenter
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        labels = across.labels()
        widest = max(map(metrics.horizontalAdvance, labels)) + 8
        every = max(1, math.ceil(widest * len(labels) / area.width()))
        for n in range(0, len(labels), every):
            x = self._cell(n, 0).center().x()
            painter.drawText(QRectF(x - 60, area.bottom() + 3, 120, 14), middle, labels[n])
        labels = up.labels()
        every = max(1, math.ceil(15 * len(labels) / area.height()))
        for n in range(0, len(labels), every):
            y = self._cell(0, n).center().y()
            painter.drawText(QRectF(18, y - 8, area.left() - 24, 16), right, labels[n])
        below = QRectF(area.left(), area.bottom() + 18, area.width(), 15)
        painter.drawText(below, middle, across.name)
        painter.save()
        painter.translate(10, area.center().y())
        painter.rotate(-90)
        painter.drawText(QRectF(-area.height(), -8, 2 * area.height(), 16), middle, up.name)
        painter.restore()

    def _draw_present(self, painter: QPainter, swept: Swept) -> None:
        """Mark where the config is now: its cell, or a ring where it is between the values."""
        column, row = (
            axis.index_of(one) for axis, one in zip(swept.axes, swept.present, strict=True)
        )
        if not (math.isfinite(column) and math.isfinite(row)):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        n, m = self.shape()
        area = self.area()
        at = QPointF(
            area.left() + (column + 0.5) * area.width() / n,
            area.bottom() - (row + 0.5) * area.height() / m,
        )
        size = min(6.0, max(2.5, 0.35 * min(area.width() / n, area.height() / m)))
        for colour, width in ((with_alpha("#000000", 0.6), 4.0), (QColor("#ffffff"), 2.0)):
            painter.setPen(QPen(colour, width))
            painter.drawEllipse(at, size, size)
        painter.restore()

    def _left(self) -> float:
        if self.swept is None:
            return 48.0
        metrics = QFontMetricsF(font(11))
        widest = max(map(metrics.horizontalAdvance, self.swept.axes[1].labels()), default=0.0)
        return max(48.0, math.ceil(widest) + 28.0)

    def _bar_width(self) -> float:
        """Return the width of the colour bar with all digits of its ticks."""
        if self._bar is not None:
            return self._bar
        assert self.swept is not None, "asked for where there is a sweep only"
        span = Range(*self._coloured(self.swept).limits)
        labels = ticks(span, self.height() - TOP - BOTTOM, TICK_SPACING)[1]
        metrics = QFontMetricsF(font(11))
        widest = max(map(metrics.horizontalAdvance, labels), default=0.0)
        self._bar = HISTOGRAM + BAR + 8.0 + math.ceil(widest)
        return self._bar

    def _cell(self, column: int, row: int) -> QRectF:
        area, (n, m) = self.area(), self.shape()
        across, down = area.width() / n, area.height() / m
        top = area.bottom() - (row + 1) * down
        return QRectF(area.left() + column * across, top, across, down)


def _outline(painter: QPainter, cell: QRectF, width: float) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, pen_width in ((with_alpha("#000000", 0.55), width + 2), (QColor("#ffffff"), width)):
        pen = QPen(colour, pen_width)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.drawRect(cell)
