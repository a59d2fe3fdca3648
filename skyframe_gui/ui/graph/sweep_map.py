"""A sweep over two fields: one of its numbers as a map with axes and a level bar."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen
from typing_extensions import override

from skyframe_gui.ui.graph import cells
from skyframe_gui.ui.graph.level_bar import LevelBar
from skyframe_gui.ui.graph.plot import UNDER
from skyframe_gui.ui.graph.sweep_view import SweepPlot, SweepView
from skyframe_gui.ui.plain_text import plain_tip
from skyframe_gui.ui.samples import mark_shapes
from skyframe_gui.ui.samples.axis_range import Range
from skyframe_gui.ui.stack.grid_pictures import ColouredGrid
from skyframe_gui.ui.widgets import in_column, in_row, text_label

if TYPE_CHECKING:
    from skyframe_gui.ui.compare.sweep_data import SweepData
    from skyframe_gui.ui.theme import Palette

HEAD = 24


class SweepMap(SweepView):
    """The first field along x, the second along y, a cell for each pair of values."""

    def __init__(self) -> None:
        super().__init__("Map of the sweep")
        self.quantity = "scale"
        self._limits: tuple[float, float] | None = None
        self.head = text_label(pixels=11, margins=(8, 0, 8, 0))
        self.head.setTextFormat(Qt.TextFormat.RichText)
        self.head.setFixedHeight(HEAD)
        self.head.setMinimumWidth(1)
        self.plot = _CellsPlot(self)
        self.bar = LevelBar()
        self.bar.dragged.connect(self._limit)
        self.bar.reset.connect(lambda: self._limit(*self._measured()))
        beside = in_row((self.plot, 1), self.bar)
        in_column(self.head, (beside, 1), on=self)
        self.setFocusProxy(self.plot)

    def show_quantity(self, quantity: str) -> None:
        """Paint another of the numbers."""
        self.quantity, self._limits = quantity, None
        self.show_points()

    @override
    def show_sweep(self, swept: SweepData, palette: Palette) -> None:
        # Limits by hand hold for one sweep; while it runs they follow what is ready.
        if self.swept is None or self.swept.sweep != swept.sweep:
            self._limits = None
        super().show_sweep(swept, palette)

    def shape(self) -> tuple[int, int]:
        """Return how many values the two fields have."""
        assert self.swept is not None, "asked for where there is a sweep only"
        n, m = (len(values) for values in self.swept.sweep.values)
        return n, m

    @override
    def show_pointed(self) -> None:
        self._show_words()
        self.plot.refresh()

    def cell(self, index: int) -> QRectF:
        """Return where a point is on the plot."""
        column, row = divmod(index, self.shape()[1])
        xs = np.array([column - 0.5, column + 0.5])
        x, y = self.plot.place(xs, np.array([row - 0.5, row + 0.5]))
        return QRectF(QPointF(x[0], y[1]), QPointF(x[1], y[0]))

    @override
    def neighbour(self, index: int, across: int, up: int) -> int:
        assert self.swept is not None, "asked for where there is a sweep only"
        (n, m), (column, row) = self.shape(), divmod(index, self.shape()[1])
        column, row = column + across, row + up
        following = column * m + row
        inside = 0 <= column < n and 0 <= row < m and following < len(self.swept.sweep.points)
        return following if inside else index

    @override
    def show_points(self) -> None:
        if self.swept is None:
            return
        coloured = self._coloured(self.swept)
        self.plot.apply_theme(self.palette_)
        self.plot.show_cells(self.swept, coloured)
        levels = None
        if np.isfinite(coloured.values).any():
            levels = cells.levels_of(coloured, self.swept.unit_of(self.quantity))
        self.bar.show_levels(levels, self.palette_)
        self._show_words()

    def _show_words(self) -> None:
        text = self.pointed_text()
        title = "rejected samples" if self.quantity == "rejected" else self.quantity
        self.head.setText(escape(text) or f"<b>{title}</b>")
        self.head.setToolTip(plain_tip(text))

    def _measured(self) -> tuple[float, float]:
        assert self.swept is not None, "asked for where there is a sweep only"
        values = self.swept.grid(self.quantity)
        finite = values[np.isfinite(values)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
        if not low < high:
            half = abs(low) * 1e-3 or 0.5
            low, high = low - half, high + half
        return low, high

    def _coloured(self, swept: SweepData) -> ColouredGrid:
        limits = self._limits or self._measured()
        return ColouredGrid(values=swept.grid(self.quantity), limits=limits, colours="viridis")

    def _limit(self, low: float, high: float) -> None:
        self._limits = (low, high)
        self.show_points()


class _CellsPlot(SweepPlot):
    """The cells with the fields' values along the axes."""

    def __init__(self, owner: SweepMap) -> None:
        super().__init__(owner)
        self._map = owner
        self._cells = cells.CellsItem()
        self._cells.setZValue(UNDER)
        self.view.addItem(self._cells, ignoreBounds=True)
        for axis in (self.x_axis, self.y_axis):
            axis.setGrid(False)

    def show_cells(self, swept: SweepData, coloured: ColouredGrid) -> None:
        """Paint the numbers of a sweep."""
        across, up = swept.axes
        n, m = len(across.values), len(up.values)
        self.x_label, self.y_label = across.name, up.name
        self.x_axis.names, self.y_axis.names = tuple(across.labels()), tuple(up.labels())
        for axis in (self.x_axis, self.y_axis):
            axis.picture = None
            axis.update()
        box = QRectF(-0.5, -0.5, n, m)
        self._cells.show_cells(coloured, self.colours.canvas, box)
        home = (Range(-0.5, n - 0.5), Range(-0.5, m - 0.5))
        if home != self.home:
            self.set_home(*home)
            self.fit()
        self.y_axis.setRange(*self.y_range)
        self.refresh()

    @override
    def paint_over(self, painter: QPainter) -> None:
        """Draw crosses on what failed, a ring where the config is now, and the pointed cell."""
        swept = self.owner.swept
        if swept is None:
            return
        for index, point in enumerate(swept.sweep.points):
            if point.why or not math.isfinite(point.scale):
                middle = self._map.cell(index).center()
                at = np.array([middle.x()]), np.array([middle.y()])
                mark_shapes.crosses(painter, *at, 8, self.colours.error)
        self._paint_present(painter, swept)
        if self.owner.pointed is not None:
            cells.draw_outline(painter, self._map.cell(self.owner.pointed), 2)

    @override
    def index_at(self, at: QPointF) -> int | None:
        """Return the point whose cell it is, if it is ready."""
        swept = self.owner.swept
        if swept is None or not self.area.contains(at):
            return None
        x, y = self.value_at(at)
        (n, m), column, row = self._map.shape(), math.floor(x + 0.5), math.floor(y + 0.5)
        index = column * m + row
        inside = 0 <= column < n and 0 <= row < m
        return index if inside and index < len(swept.sweep.points) else None

    def _paint_present(self, painter: QPainter, swept: SweepData) -> None:
        column, row = (
            axis.index_of(one) for axis, one in zip(swept.axes, swept.present, strict=True)
        )
        if not (math.isfinite(column) and math.isfinite(row)):
            return
        x, y = self.place(np.array([column]), np.array([row]))
        cell = self._map.cell(0)
        size = min(6.0, max(2.5, 0.35 * min(cell.width(), cell.height())))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((cells.CASING, 4.0), (QColor("#ffffff"), 2.0)):
            painter.setPen(QPen(colour, width))
            painter.drawEllipse(QPointF(x[0], y[0]), size, size)
        painter.restore()
