"""A sweep over one field: scale, its error and the residual rms as small plots over one axis."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from skyframe_gui.ui.compare.sweep_plot import SweepPlot
from skyframe_gui.ui.compare.words import named
from skyframe_gui.ui.plots import chips, marks
from skyframe_gui.ui.plots.axes import Range, around, ticks
from skyframe_gui.ui.plots.colours import with_alpha
from skyframe_gui.ui.plots.plot import GRID
from skyframe_gui.ui.theme import font

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.ui.compare.swept import Axis, Swept

    Floats = NDArray[np.float64]

PLOTS = ("scale", "error", "rms")
TOP, RIGHT, BOTTOM, GAP, LEAST_LEFT = 6, 10, 36, 8, 44
REACH = 30.0
"""Pixels along x within which a point is pointed at."""


class CurveView(SweepPlot):
    """Three plots, one below the other."""

    def __init__(self) -> None:
        super().__init__("Curves of the sweep")

    @property
    def chip_room(self) -> QRectF:
        """The upper edge of the plots."""
        left = self._left()
        return QRectF(left + 4, TOP + 1, self.width() - left - RIGHT - 5, chips.HEIGHT)

    def on_left(self, index: int) -> bool:
        """Return whether a point is in the left half."""
        assert self.swept is not None, "asked for where there is a sweep only"
        return float(self._x(self.swept, self._places(self.swept))[index]) < self.width() / 2

    def areas(self) -> list[QRectF]:
        """Return the insides of the plots."""
        left = self._left()
        height = (self.height() - TOP - BOTTOM - 2 * GAP) / len(PLOTS)
        width = self.width() - left - RIGHT
        return [
            QRectF(left, round(TOP + n * (height + GAP)), width, math.floor(height))
            for n in range(len(PLOTS))
        ]

    def index_at(self, at: QPointF) -> int | None:
        """Return the point that is nearest along the axis."""
        if self.swept is None or not self.swept.sweep.points:
            return None
        x = self._x(self.swept, self._places(self.swept))
        best = int(np.argmin(np.abs(x - at.x())))
        return best if abs(x[best] - at.x()) <= REACH else None

    def neighbour(self, index: int, across: int, up: int) -> int:
        """Return the next point along the axis."""
        assert self.swept is not None, "asked for where there is a sweep only"
        order = np.argsort(self._places(self.swept), kind="stable").tolist()
        place = order.index(index) + across
        return int(order[place]) if 0 <= place < len(order) else index

    # Painting --------------------------------------------------------------------------------

    def paint(self, painter: QPainter, swept: Swept) -> None:
        """Draw the plots, then what goes through all of them."""
        areas = self.areas()
        axis = swept.axes[0]
        positions, labels = self._x_ticks(axis, areas[0].width())
        for area, quantity in zip(areas, PLOTS, strict=True):
            self._draw_plot(painter, area, swept, quantity, self._x(swept, positions))
        self._draw_x_axis(painter, areas[-1], axis, self._x(swept, positions), labels)
        self._draw_present(painter, swept, areas)
        if self.pointed is not None:
            x = float(self._x(swept, self._places(swept))[self.pointed])
            painter.setPen(QPen(with_alpha(self.colours.text, 0.4), 1))
            painter.drawLine(QPointF(x, areas[0].top()), QPointF(x, areas[-1].bottom()))

    def _draw_plot(
        self, painter: QPainter, area: QRectF, swept: Swept, quantity: str, grid_x: Floats
    ) -> None:
        colours = self.colours
        span = self._span(swept, quantity)
        values, labels = ticks(span, area.height(), 22)
        ys = _y(area, span, values)
        painter.setPen(QPen(with_alpha(colours.text, GRID[colours.name]), 1))
        for y in ys.round().tolist():
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        for x in grid_x.round().tolist():
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        painter.setPen(QPen(QColor(colours.border), 1))
        painter.drawLine(area.topLeft(), area.bottomLeft())
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.setFont(font(11))
        painter.setPen(QColor(colours.text2))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for y, label in zip(ys.tolist(), labels, strict=True):
            if area.top() - 2 <= y <= area.bottom() - 2:
                painter.drawText(QRectF(0, y - 8, area.left() - 6, 16), right, label)
        painter.save()
        painter.setClipRect(area.adjusted(-4, -4, 4, 4))
        self._draw_marks(painter, area, swept, quantity, span)
        painter.restore()
        self._draw_name(painter, area, named(quantity, swept.unit_of(quantity)))

    def _draw_name(self, painter: QPainter, area: QRectF, name: str) -> None:
        metrics = QFontMetricsF(font(11))
        box = QRectF(
            area.left() + 4, area.top(), metrics.horizontalAdvance(name) + 6, metrics.height()
        )
        painter.fillRect(box, with_alpha(self.colours.plot, 0.8))
        painter.setFont(font(11))
        painter.setPen(QColor(self.colours.text2))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, name)

    def _draw_marks(
        self, painter: QPainter, area: QRectF, swept: Swept, quantity: str, span: Range
    ) -> None:
        numbers = swept.numbers(quantity)
        places = self._places(swept)
        order = np.argsort(places, kind="stable")
        x, y = self._x(swept, places), _y(area, span, numbers)
        there = np.isfinite(numbers)
        accent = QColor(self.colours.text3 if swept.stale else self.colours.accent)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(with_alpha(accent.name(), 0.55), 1))
        # A line joins numbers only: between names there is nothing.
        if swept.axes[0].numeric:
            line = [QPointF(x[n], y[n]) for n in order if there[n]]
            painter.drawPolyline(QPolygonF(line))
        if quantity == "scale":
            errors = np.nan_to_num(swept.numbers("error"))
            ends = _y(area, span, numbers - errors), _y(area, span, numbers + errors)
            painter.setPen(QPen(accent, 1))
            for n in np.flatnonzero(there):
                painter.drawLine(QPointF(x[n], ends[0][n]), QPointF(x[n], ends[1][n]))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(accent)
        size = 2.5 if len(x) <= area.width() / 8 else 1.5
        for n in np.flatnonzero(there):
            painter.drawEllipse(QPointF(x[n], y[n]), size, size)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        failed = x[~there]
        if failed.size:
            floor = np.full(failed.shape, area.bottom() - 7)
            marks.crosses(painter, failed, floor, 7, self.colours.error)
        if self.pointed is not None and there[self.pointed]:
            painter.setPen(QPen(QColor(self.colours.highlight), 1.5))
            painter.drawEllipse(QPointF(x[self.pointed], y[self.pointed]), 5, 5)

    def _draw_x_axis(
        self, painter: QPainter, area: QRectF, axis: Axis, x: Floats, labels: list[str]
    ) -> None:
        painter.setFont(font(11))
        painter.setPen(QColor(self.colours.text2))
        middle = Qt.AlignmentFlag.AlignCenter
        for at, label in zip(x.tolist(), labels, strict=True):
            painter.drawText(QRectF(at - 60, area.bottom() + 3, 120, 14), middle, label)
        painter.drawText(
            QRectF(area.left(), area.bottom() + 18, area.width(), 15), middle, axis.name
        )

    def _draw_present(self, painter: QPainter, swept: Swept, areas: list[QRectF]) -> None:
        """Mark where the config is now."""
        place = swept.axes[0].place(swept.present[0])
        span = swept.axes[0].span
        if not (math.isfinite(place) and span.low <= place <= span.high):
            return
        x = round(float(self._x(swept, np.array([place]))[0])) + 0.5
        pen = QPen(QColor(self.colours.text), 1)
        pen.setDashPattern([3, 3])
        painter.setPen(pen)
        for area in areas:
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.colours.text))
        foot = areas[-1].bottom()
        tip = [QPointF(x, foot - 6), QPointF(x - 4, foot), QPointF(x + 4, foot)]
        painter.drawPolygon(QPolygonF(tip))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    # Places ----------------------------------------------------------------------------------

    def _span(self, swept: Swept, quantity: str) -> Range:
        numbers = swept.numbers(quantity)
        if quantity == "scale":
            errors = np.nan_to_num(swept.numbers("error"))
            numbers = np.concatenate([numbers - errors, numbers + errors])
        return around(numbers, 0.12)

    def _places(self, swept: Swept) -> Floats:
        axis = swept.axes[0]
        return np.array([axis.place(point.values[0]) for point in swept.sweep.points])

    def _x(self, swept: Swept, places: Floats) -> Floats:
        span, left = swept.axes[0].span, self._left()
        return left + (places - span.low) * ((self.width() - left - RIGHT) / span.width)

    def _left(self) -> float:
        if self.swept is None:
            return LEAST_LEFT
        height = (self.height() - TOP - BOTTOM - 2 * GAP) / len(PLOTS)
        metrics = QFontMetricsF(font(11))
        widest = max(
            (
                metrics.horizontalAdvance(label)
                for quantity in PLOTS
                for label in ticks(self._span(self.swept, quantity), height, 22)[1]
            ),
            default=0.0,
        )
        return max(LEAST_LEFT, math.ceil((widest + 12) / 8) * 8)

    def _x_ticks(self, axis: Axis, width: float) -> tuple[Floats, list[str]]:
        if axis.numeric and not axis.logarithmic:
            places, labels = ticks(axis.span, width, 56)
            if all(isinstance(one, int) for one in axis.values):
                whole = np.flatnonzero(places == places.round())
                return places[whole], [labels[n].partition(".")[0] for n in whole]
            return places, labels
        # Names and factors: the values themselves, as many as there is room for.
        places, labels = axis.places, axis.labels()
        metrics = QFontMetricsF(font(11))
        widest = max(map(metrics.horizontalAdvance, labels), default=1) + 10
        every = max(1, math.ceil(len(labels) * widest / max(width, 1)))
        return places[::every], labels[::every]


def _y(area: QRectF, span: Range, values: Floats) -> Floats:
    return area.bottom() - (values - span.low) * (area.height() / span.width)
