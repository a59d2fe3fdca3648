"""A sweep over one field: scale, its error and the residual rms as plots over one axis."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF
from PyQt6.QtWidgets import QWidget
from typing_extensions import override

from skyframe_gui.ui.compare.sweep_view import SweepView
from skyframe_gui.ui.compare.words import named
from skyframe_gui.ui.graph.axis import EDGE, HEIGHT, Axis
from skyframe_gui.ui.graph.plot import MARKS, Plot, line_up
from skyframe_gui.ui.plots import chips, marks
from skyframe_gui.ui.plots.axes import around
from skyframe_gui.ui.plots.colours import with_alpha
from skyframe_gui.ui.theme import font

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PyQt6.QtGui import QPaintEvent, QResizeEvent

    from skyframe_gui.ui.compare import swept as of_sweep
    from skyframe_gui.ui.compare.swept import Swept

    Floats = NDArray[np.float64]

QUANTITIES = ("scale", "error", "rms")
REACH = 30.0
"""Pixels along x within which a point is pointed at."""
LARGE, SMALL, CROWDED = 5.0, 3.0, 8.0
"""Diameter of a point, and where there is one in so many pixels or more."""
RING, PRESENT, CROSS, FLOOR = 11.0, 13.0, 7.0, 7.0
WHY_WIDTH = 360.0


class SweepCurves(SweepView):
    """Three plots, one below the other, linked along the swept field."""

    def __init__(self) -> None:
        super().__init__("Curves of the sweep")
        self.plots = tuple(_CurvePlot(self, quantity) for quantity in QUANTITIES)
        for plot in self.plots:
            plot.setParent(self)
            plot.ranged.connect(self._line_up)
        for plot in self.plots[:-1]:
            plot.x_axis.hide_values()
            plot.link_x(self.plots[-1])
        self._words = _Words(self)
        self.setFocusProxy(self.plots[0])

    @override
    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Give the insides of all plots one height; below the last stands the axis of all."""
        below = HEIGHT - EDGE
        each = max((self.height() - below) // len(self.plots), 1)
        for place, plot in enumerate(self.plots):
            last = plot is self.plots[-1]
            height = self.height() - place * each if last else each
            plot.setGeometry(0, place * each, self.width(), height)
        self._words.setGeometry(self.rect())

    @override
    def show_points(self) -> None:
        swept = self.swept
        assert swept is not None, "show_sweep has set it"
        for plot in self.plots:
            plot.apply_theme(self.palette_)
            plot.show_swept(swept)
        self._line_up()
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
        axis = self.swept.axes[0]
        return np.array([axis.place(point.values[0]) for point in self.swept.sweep.points])

    def index_at(self, plot: Plot, at: QPointF) -> int | None:
        """Return the point that is nearest along x to a place of a plot."""
        if self.swept is None or not self.swept.sweep.points:
            return None
        x, _ = plot.place(self.places, np.zeros(1))
        best = int(np.argmin(np.abs(x - at.x())))
        return best if abs(x[best] - at.x()) <= REACH else None

    def _line_up(self) -> None:
        line_up(self.plots)


class _CurvePlot(Plot):
    """One number of the sweep."""

    def __init__(self, owner: SweepCurves, quantity: str) -> None:
        self._owner, self._quantity = owner, quantity
        self._x, self._y = np.empty(0), np.empty(0)
        self._sweep_of: object = None
        super().__init__(_FieldAxis())
        self.setMinimumSize(1, 1)
        self.y_axis.setTickDensity(1.0)  # as the plots are low
        self.setAccessibleName(f"Sweep, {quantity}")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.line = pg.PlotCurveItem(antialias=True)
        self.errors = pg.ErrorBarItem(x=np.empty(0), y=np.empty(0), height=np.empty(0))
        self.dots = pg.ScatterPlotItem()
        self.present = pg.InfiniteLine(angle=90)
        self.pointer = pg.InfiniteLine(angle=90)
        items: tuple[pg.GraphicsObject, ...] = (
            self.present,
            self.pointer,
            self.line,
            self.errors,
            self.dots,
        )
        for height, item in enumerate(items):
            item.setZValue(MARKS + height)
            self.show_item(item)

    def show_swept(self, swept: Swept) -> None:
        """Show the numbers of a sweep."""
        axis = swept.axes[0]
        below = self.x_axis
        assert isinstance(below, _FieldAxis), "made in the constructor"
        below.show_field(axis)
        if self is self._owner.plots[-1]:
            self.x_label = axis.name
        numbers, places = swept.numbers(self._quantity), self._owner.places
        there = np.isfinite(numbers)
        order = np.argsort(places, kind="stable")
        order = order[there[order]]
        self._x, self._y = places, numbers
        x, y = places[order], numbers[order]
        accent = QColor(self.colours.text3 if swept.stale else self.colours.accent)
        # A line joins numbers only: between names there is nothing.
        self.line.setData(*((x, y) if axis.numeric else (x[:0], y[:0])))
        self.line.setPen(_pen(with_alpha(accent.name(), 0.55)))
        errors = np.zeros(len(x))
        if self._quantity == "scale":
            errors = np.nan_to_num(swept.numbers("error"))[order]
        self.errors.setData(x=x, y=y, height=2 * errors, pen=_pen(accent))
        size = LARGE if len(x) <= self.width() / CROWDED else SMALL
        self.dots.setData(x, y, size=size, brush=accent, pen=QPen(Qt.PenStyle.NoPen))
        self._show_present(swept)
        ends = np.concatenate([y - errors, y + errors])
        self.set_home(axis.span, around(ends, 0.12))
        # A view that was moved by hand stays while the same sweep goes on.
        if not self.touched or swept.sweep.values != self._sweep_of:
            self.fit()
        self._sweep_of = swept.sweep.values
        self.show_pointed()

    def show_pointed(self) -> None:
        """Show which point is pointed at."""
        index = self._owner.pointed
        self.pointer.setVisible(index is not None)
        if index is not None:
            self.pointer.setPen(_pen(with_alpha(self.colours.text, 0.4)))
            self.pointer.setValue(float(self._x[index]))
        self.over.update()

    def _show_present(self, swept: Swept) -> None:
        axis = swept.axes[0]
        place = axis.place(swept.present[0])
        there = math.isfinite(place) and axis.span.low <= place <= axis.span.high
        self.present.setVisible(there)
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
        """Draw the name, crosses for what failed, rings, and what is said of the pointed point."""
        swept = self._owner.swept
        if swept is None:
            return
        self._draw_name(painter, named(self._quantity, swept.unit_of(self._quantity)))
        x, y = self.place(self._x, self._y)
        failed = x[~np.isfinite(self._y)]
        if failed.size:
            floor = np.full(failed.shape, self.area.bottom() - FLOOR)
            marks.crosses(painter, failed, floor, CROSS, self.colours.error)
        there = np.isfinite(self._y)
        values = [point.values for point in swept.sweep.points]
        used = there & np.array([one == swept.present for one in values], bool)
        marks.rings(painter, x[used], y[used], PRESENT, self.colours.text, 1.5)
        if self is self._owner.plots[-1]:
            self._draw_pointer(painter)
        index = self._owner.pointed
        if index is None:
            return
        if there[index]:
            at = slice(index, index + 1)
            marks.rings(painter, x[at], y[at], RING, self.colours.highlight, 1.5)

    def _draw_name(self, painter: QPainter, name: str) -> None:
        metrics = QFontMetricsF(font(11))
        width = metrics.horizontalAdvance(name) + 6
        box = QRectF(self.area.left() + 4, self.area.top(), width, metrics.height())
        painter.fillRect(box, with_alpha(self.colours.plot, 0.8))
        painter.setFont(font(11))
        painter.setPen(QColor(self.colours.text2))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, name)

    def _draw_pointer(self, painter: QPainter) -> None:
        """Draw the foot of the line where the config is now."""
        if not self.present.isVisible():
            return
        x = float(self.place(np.array([self.present.value()]), np.zeros(1))[0][0])
        foot = self.area.bottom()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.colours.text))
        tip = [QPointF(x, foot - 6), QPointF(x - 4, foot), QPointF(x + 4, foot)]
        painter.drawPolygon(QPolygonF(tip))
        painter.restore()

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


def _pen(colour: QColor) -> QPen:
    pen = QPen(colour, 1)
    pen.setCosmetic(True)
    return pen
