"""A sweep over one field: the scale and one other number as plots side by side, of A and now."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PyQt6.QtWidgets import QWidget
from typing_extensions import override

from skyframe_gui.numbers import named
from skyframe_gui.ui.compare.sweep_view import SweepView
from skyframe_gui.ui.compare.swept import BESIDE
from skyframe_gui.ui.graph.axis import Axis
from skyframe_gui.ui.graph.plot import MARKS, Plot
from skyframe_gui.ui.samples import chips, mark_shapes
from skyframe_gui.ui.samples.axes import Range, around
from skyframe_gui.ui.samples.colours import with_alpha
from skyframe_gui.ui.theme import font

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PyQt6.QtGui import QPaintEvent, QResizeEvent

    from skyframe_gui.ui.compare import swept as of_sweep
    from skyframe_gui.ui.compare.swept import Swept

    Floats = NDArray[np.float64]

SIDE_BY_SIDE, GAP = 520, 8
"""From this width on the plots stand beside each other."""
FEWEST = 2.2
"""So much of counts is in view at least: three whole numbers."""
REACH = 30.0
"""Pixels along x within which a point is pointed at."""
LARGE, SMALL, CROWDED = 5.0, 3.0, 8.0
"""Diameter of a point, and where there is one in so many pixels or more."""
RING, PRESENT, CROSS, FLOOR = 11.0, 13.0, 7.0, 7.0
WHY_WIDTH = 360.0
TICK_EVERY = 36.0
"""Pixels between ticks, about."""


class SweepCurves(SweepView):
    """The scale, and beside it one other number, linked along the swept field."""

    def __init__(self) -> None:
        super().__init__("Curves of the sweep")
        self.plots = (_CurvePlot(self, "scale"), _CurvePlot(self, BESIDE[0]))
        for plot in self.plots:
            plot.setParent(self)
        self.plots[0].link_x(self.plots[1])
        self._words = _Words(self)
        self.setFocusProxy(self.plots[0])

    def show_quantity(self, name: str) -> None:
        """Show another number beside the scale."""
        if name in BESIDE and name != self.plots[1].quantity:
            self.plots[1].quantity = name
            self.plots[1].touched = False
            if self.swept is not None:
                self.show_points()

    @override
    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Put the plots side by side, or one below the other where that is too narrow."""
        width, height = self.width(), self.height()
        if width >= SIDE_BY_SIDE:
            half = (width - GAP) // 2
            self.plots[0].setGeometry(0, 0, half, height)
            self.plots[1].setGeometry(half + GAP, 0, width - half - GAP, height)
        else:
            half = height // 2
            self.plots[0].setGeometry(0, 0, width, half)
            self.plots[1].setGeometry(0, half, width, height - half)
        self._words.setGeometry(self.rect())

    @override
    def show_points(self) -> None:
        swept = self.swept
        assert swept is not None, "show_sweep has set it"
        for plot in self.plots:
            plot.apply_theme(self.palette_)
            plot.show_swept(swept)
        self._words.update()

    @override
    def show_pointed(self) -> None:
        for plot in self.plots:
            plot.show_pointed()
        self._words.update()

    @override
    def neighbour(self, index: int, across: int, up: int) -> int:
        order = np.argsort(self.places, kind="stable").tolist()
        place = order.index(index) + across
        return int(order[place]) if 0 <= place < len(order) else index

    @property
    def places(self) -> Floats:
        """Where the points are along x."""
        assert self.swept is not None, "asked for where there is a sweep only"
        return places_of(self.swept)

    def index_at(self, plot: Plot, at: QPointF) -> int | None:
        """Return the point that is nearest along x to a place of a plot."""
        if self.swept is None or not self.swept.sweep.points:
            return None
        x, _ = plot.place(self.places, np.zeros(1))
        best = int(np.argmin(np.abs(x - at.x())))
        return best if abs(x[best] - at.x()) <= REACH else None


def places_of(swept: Swept) -> Floats:
    """Return where the points of a sweep over one field are along it."""
    axis = swept.axes[0]
    return np.array([axis.place(point.values[0]) for point in swept.sweep.points])


class _Dots(pg.ScatterPlotItem):
    """Points that leave a click on them to the plot, which the library's keep to themselves."""

    @override
    def mouseClickEvent(self, ev: Any) -> None:
        ev.ignore()


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
        self, swept: Swept | None, quantity: str, colour: QColor, dashed: bool, width: float
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
        pen = QPen(colour, 1.2)
        pen.setCosmetic(True)
        if dashed:
            pen.setDashPattern([4, 3])
        self.line.setPen(pen)
        self.errors.setData(x=x, y=y, height=2 * errors, pen=_pen(colour))
        size = LARGE if len(x) <= width / CROWDED else SMALL
        self.dots.setData(x, y, size=size, brush=colour, pen=QPen(Qt.PenStyle.NoPen))
        return np.concatenate([y - errors, y + errors])


class _CurvePlot(Plot):
    """One number of the sweep."""

    def __init__(self, owner: SweepCurves, quantity: str) -> None:
        self._owner, self.quantity = owner, quantity
        self._sweep_of: object = None
        super().__init__(_FieldAxis(), _NumberAxis("left"))
        self.setMinimumSize(1, 1)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.of_a, self.now = _Curve(self, MARKS + 2), _Curve(self, MARKS + 6)
        self.present = pg.InfiniteLine(angle=90)
        self.pointer = pg.InfiniteLine(angle=90)
        for height, item in enumerate((self.present, self.pointer)):
            item.setZValue(MARKS + height)
            self.show_item(item)

    def show_swept(self, swept: Swept) -> None:
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
        index = self._owner.pointed
        self.pointer.setVisible(index is not None)
        if index is not None:
            self.pointer.setPen(_pen(with_alpha(self.colours.text, 0.4)))
            self.pointer.setValue(float(self.now.x[index]))
        self.over.update()

    def _show_present(self, swept: Swept) -> None:
        """Show where the config is now by a line, if it is at no point that could have a ring."""
        axis = swept.axes[0]
        place = axis.place(swept.present[0])
        there = math.isfinite(place) and axis.span.low <= place <= axis.span.high
        used = swept.in_use
        ringed = used is not None and math.isfinite(self.now.y[used])
        self.present.setVisible(there and not ringed)
        if there:
            pen = _pen(QColor(self.colours.text))
            pen.setDashPattern([3, 3])
            self.present.setPen(pen)
            self.present.setValue(place)

    @override
    def values_text(self) -> str:
        return "" if self._owner.swept is None else self._owner.swept.as_text()

    # Painting --------------------------------------------------------------------------------

    @override
    def paint_over(self, painter: QPainter) -> None:
        """Draw crosses for what failed, and rings with letters at the values in use."""
        swept = self._owner.swept
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
        index = self._owner.pointed
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

    # Hands -----------------------------------------------------------------------------------

    @override
    def pointed(self, at: QPointF | None) -> None:
        inside = at is not None and self.area.contains(at)
        index = self._owner.index_at(self, at) if at is not None and inside else None
        self._owner.point(index)
        if index is None:
            self.unsetCursor()
        else:
            self.setCursor(Qt.CursorShape.PointingHandCursor)

    @override
    def clicked(self, at: QPointF, add: bool) -> None:
        self._owner.take(self._owner.index_at(self, at))


class _Words(QWidget):
    """What is said of the pointed point, over all plots."""

    def __init__(self, owner: SweepCurves) -> None:
        super().__init__(owner)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._owner = owner

    @override
    def paintEvent(self, event: QPaintEvent | None) -> None:
        swept, index = self._owner.swept, self._owner.pointed
        if swept is None or index is None:
            return
        palette, plot = self._owner.palette_, self._owner.plots[0]
        area = plot.area
        x = float(plot.place(self._owner.places[index : index + 1], np.zeros(1))[0][0])
        on_left = x < area.center().x()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = QRectF(area.left() + 4, area.top() + 1, area.width() - 5, chips.HEIGHT)
        words = chips.fitting(swept.words(index), room.width())
        left = room.left()
        if on_left:  # so that the words do not cover the point
            left = max(left, room.right() - chips.width_of(words))
        box = chips.draw(painter, palette, QPointF(left, room.top()), words)
        why = swept.sweep.points[index].why
        if not why:
            painter.end()
            return
        painter.setFont(font(11))
        wrap = Qt.TextFlag.TextWordWrap
        most = QRectF(0, 0, min(room.width(), WHY_WIDTH) - 20, 400)
        text = QFontMetricsF(font(11)).boundingRect(most, wrap, why)
        card = QRectF(0, box.bottom() + 3, text.width() + 20, text.height() + 8)
        card.moveLeft(max(room.left(), min(box.left(), room.right() - card.width())))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(with_alpha(palette.chip, chips.OPACITY[palette.name]))
        painter.drawRoundedRect(card, 3, 3)
        painter.setPen(QColor(palette.text))
        painter.drawText(card.adjusted(10, 4, -10, -4), wrap, why)
        painter.end()


class _FieldAxis(Axis):
    """The swept field: numbers, or its values where these are names or spaced by factors."""

    def __init__(self) -> None:
        self._field: of_sweep.Axis | None = None
        super().__init__("bottom")

    def show_field(self, field: of_sweep.Axis) -> None:
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


def _pen(colour: QColor) -> QPen:
    pen = QPen(colour, 1)
    pen.setCosmetic(True)
    return pen
