"""One number of a sweep over one field as a curve: points, error bars, and what is in use."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from typing_extensions import override

from skyframe_gui.numbers import named
from skyframe_gui.ui.graph.axis import Axis
from skyframe_gui.ui.graph.fit_line import line_pen
from skyframe_gui.ui.graph.plot import MARKS, Plot
from skyframe_gui.ui.graph.sweep_view import SweepPlot
from skyframe_gui.ui.samples import mark_shapes
from skyframe_gui.ui.samples.axis_range import Range, around
from skyframe_gui.ui.samples.colours import with_alpha
from skyframe_gui.ui.theme import font

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.ui.compare import sweep_data
    from skyframe_gui.ui.compare.sweep_data import SweepData
    from skyframe_gui.ui.graph.sweep_view import SweepView

    Floats = NDArray[np.float64]

FEWEST = 2.2
"""So much of counts is in view at least: three whole numbers."""
REACH = 30.0
"""Pixels along x within which a point is pointed at."""
LARGE, SMALL, CROWDED = 5.0, 3.0, 8.0
"""Diameter of a point, and where there is one in so many pixels or more."""
RING, PRESENT, CROSS, FLOOR = 11.0, 13.0, 7.0, 7.0
TICK_EVERY = 36.0
"""Pixels between ticks, about."""


class CurvePlot(SweepPlot):
    """One number of a sweep over one field, of A and now, with rings at the values in use."""

    def __init__(self, owner: SweepView, quantity: str) -> None:
        self.quantity = quantity
        self._sweep_of: object = None
        super().__init__(owner, _FieldAxis(), _NumberAxis("left"))
        self.setMinimumSize(1, 1)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.of_a, self.now = _Curve(self, MARKS + 2), _Curve(self, MARKS + 6)
        self.present = pg.InfiniteLine(angle=90)
        self.pointer = pg.InfiniteLine(angle=90)
        for height, item in enumerate((self.present, self.pointer)):
            item.setZValue(MARKS + height)
            self.show_item(item)

    def show_swept(self, swept: SweepData) -> None:
        """Show the numbers of a sweep."""
        axis, counts = swept.axes[0], self.quantity == "rejected"
        below = self.x_axis
        assert isinstance(below, _FieldAxis), "made in the constructor"
        below.show_field(axis)
        self.x_label = axis.name
        self.y_axis.whole = counts
        self.y_label = named(self.quantity, swept.unit_of(self.quantity))
        self.setAccessibleName(f"Sweep, {self.quantity}")
        colours = self.colours
        accent = QColor(colours.text3 if swept.stale else colours.accent)
        grey = QColor(colours.text3 if swept.stale else colours.text2)
        ends = np.concatenate(
            [
                self.of_a.show_swept(swept.of_a, self.quantity, grey, True, self.width()),
                self.now.show_swept(swept, self.quantity, accent, False, self.width()),
            ]
        )
        self._show_present(swept)
        up = around(ends, 0.12)
        if counts and up.width < FEWEST:
            up = Range(min(ends.min(initial=0.0) - 0.1, up.low), ends.min(initial=0.0) + FEWEST)
        self.set_home(axis.span, up)
        # A view that was moved by hand stays while the same sweep goes on.
        same = (swept.sweep.values, self.quantity) == self._sweep_of
        if not (self.touched and same):
            self.fit()
        self._sweep_of = (swept.sweep.values, self.quantity)
        self.show_pointed()

    def show_pointed(self) -> None:
        """Show which point is pointed at."""
        index = self.owner.pointed
        self.pointer.setVisible(index is not None)
        if index is not None:
            self.pointer.setPen(line_pen(with_alpha(self.colours.text, 0.4), 1))
            self.pointer.setValue(float(self.now.x[index]))
        self.over.update()

    def _show_present(self, swept: SweepData) -> None:
        """Show where the config is now by a line, if it is at no point that could have a ring."""
        axis = swept.axes[0]
        place = axis.place(swept.present[0])
        there = math.isfinite(place) and axis.span.low <= place <= axis.span.high
        used = swept.in_use
        ringed = used is not None and math.isfinite(self.now.y[used])
        self.present.setVisible(there and not ringed)
        if there:
            pen = line_pen(self.colours.text, 1)
            pen.setDashPattern([3, 3])
            self.present.setPen(pen)
            self.present.setValue(place)

    # Painting --------------------------------------------------------------------------------

    @override
    def paint_over(self, painter: QPainter) -> None:
        """Draw crosses for what failed, and rings with letters at the values in use."""
        swept = self.owner.swept
        if swept is None:
            return
        x, y = self.place(self.now.x, self.now.y)
        failed = x[~np.isfinite(y)]
        if failed.size:
            floor = np.full(failed.shape, self.area.bottom() - FLOOR)
            mark_shapes.crosses(painter, failed, floor, CROSS, self.colours.error)
        if swept.of_a is not None:
            self._draw_ring(painter, self.of_a, swept.of_a.in_use, "A")
        self._draw_ring(painter, self.now, swept.in_use, swept.letter)
        index = self.owner.pointed
        if index is not None and math.isfinite(y[index]):
            at = slice(index, index + 1)
            mark_shapes.rings(painter, x[at], y[at], RING, self.colours.highlight, 1.5)

    def _draw_ring(self, painter: QPainter, curve: _Curve, index: int | None, letter: str) -> None:
        if index is None or not math.isfinite(curve.y[index]):
            return
        at = slice(index, index + 1)
        x, y = self.place(curve.x[at], curve.y[at])
        mark_shapes.rings(painter, x, y, PRESENT, self.colours.text, 1.5)
        if letter:
            bold = font(11, 600)
            metrics = QFontMetricsF(bold)
            left, top = float(x[0]) + PRESENT / 2 + 1, float(y[0]) - 4
            if left + metrics.horizontalAdvance(letter) > self.area.right():
                left = float(x[0]) - PRESENT / 2 - 1 - metrics.horizontalAdvance(letter)
            top = max(top, self.area.top() + metrics.ascent())
            painter.setFont(bold)
            painter.setPen(QColor(self.colours.text))
            painter.drawText(QPointF(left, top), letter)

    @override
    def index_at(self, at: QPointF) -> int | None:
        """Return the point that is nearest along x."""
        swept = self.owner.swept
        if swept is None or not swept.sweep.points or not self.area.contains(at):
            return None
        x, _ = self.place(places_of(swept), np.zeros(1))
        best = int(np.argmin(np.abs(x - at.x())))
        return best if abs(x[best] - at.x()) <= REACH else None


class _Curve:
    """Line, points and error bars of one sweep in a plot."""

    def __init__(self, plot: Plot, height: float) -> None:
        self.line = pg.PlotCurveItem(antialias=True)
        self.errors = pg.ErrorBarItem(x=np.empty(0), y=np.empty(0), height=np.empty(0))
        self.dots = _Dots()
        self.x, self.y = np.empty(0), np.empty(0)
        for above, item in enumerate((self.line, self.errors, self.dots)):
            item.setZValue(height + above)
            plot.show_item(item)

    def show_swept(
        self, swept: SweepData | None, quantity: str, colour: QColor, dashed: bool, width: float
    ) -> Floats:
        """Show the numbers of a sweep; return them with their errors added and taken away."""
        x, y, errors = np.empty(0), np.empty(0), np.empty(0)
        self.x, self.y = x, y
        if swept is not None:
            places, numbers = places_of(swept), swept.numbers(quantity)
            self.x, self.y = places, numbers
            order = np.argsort(places, kind="stable")
            order = order[np.isfinite(numbers)[order]]
            x, y, errors = places[order], numbers[order], np.zeros(len(order))
            if quantity == "scale":
                errors = np.nan_to_num(swept.numbers("error"))[order]
        # A line joins numbers only: between names there is nothing.
        joined = swept is not None and swept.axes[0].numeric
        self.line.setData(*((x, y) if joined else (x[:0], y[:0])))
        pen = line_pen(colour, 1.2)
        if dashed:
            pen.setDashPattern([4, 3])
        self.line.setPen(pen)
        self.errors.setData(x=x, y=y, height=2 * errors, pen=line_pen(colour, 1))
        size = LARGE if len(x) <= width / CROWDED else SMALL
        self.dots.setData(x, y, size=size, brush=colour, pen=QPen(Qt.PenStyle.NoPen))
        return np.concatenate([y - errors, y + errors])


class _Dots(pg.ScatterPlotItem):
    """Points that leave a click on them to the plot, which the library's keep to themselves."""

    @override
    def mouseClickEvent(self, ev: Any) -> None:
        ev.ignore()


class _FieldAxis(Axis):
    """The swept field: numbers, or its values where these are names or spaced by factors."""

    def __init__(self) -> None:
        self._field: sweep_data.Axis | None = None
        super().__init__("bottom")

    def show_field(self, field: sweep_data.Axis) -> None:
        """Take another field."""
        self._field = field
        self.whole = field.numeric and all(isinstance(one, int) for one in field.values)
        self.picture = None
        self.update()

    @property
    def _by_value(self) -> bool:
        return self._field is not None and (self._field.logarithmic or not self._field.numeric)

    @override
    def tickValues(self, minVal: float, maxVal: float, size: float) -> Any:
        field = self._field
        if field is None or not self._by_value:
            return super().tickValues(minVal, maxVal, size)
        metrics = QFontMetricsF(font(11))
        widest = max(map(metrics.horizontalAdvance, field.labels()), default=1.0) + 10
        every = max(1, math.ceil(len(field.values) * widest / max(size, 1.0)))
        return [(1.0, field.places[::every].tolist())]

    @override
    def tickStrings(self, values: Any, scale: float, spacing: float) -> list[str]:
        field = self._field
        if field is None or not self._by_value:
            return super().tickStrings(values, scale, spacing)
        labels = field.labels()
        return [labels[int(np.argmin(np.abs(field.places - one)))] for one in values]


class _NumberAxis(Axis):
    """An axis with three ticks at least, however low the plot is."""

    @override
    def tickSpacing(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, float]]:
        span = abs(maxVal - minVal)
        if not (math.isfinite(span) and span > 0):
            return super().tickSpacing(minVal, maxVal, size)
        wanted = max(3, round(size / TICK_EVERY))
        power = 10.0 ** math.ceil(math.log10(span))
        step = power
        for step in (power * part for part in (1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01)):
            if math.floor(maxVal / step) - math.ceil(minVal / step) + 1 >= wanted:
                break
        return [(max(step, 1.0) if self.whole else step, 0.0)]


def places_of(swept: SweepData) -> Floats:
    """Return where the points of a sweep over one field are along it."""
    axis = swept.axes[0]
    return np.array([axis.place(point.values[0]) for point in swept.sweep.points])
