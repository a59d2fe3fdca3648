"""Counts of samples by residual in the colours of their classes, by powers of ten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from skyframe_gui.app.steps import Mark
from skyframe_gui.ui.plots.axes import Range
from skyframe_gui.ui.plots.colours import round_colours, with_alpha
from skyframe_gui.ui.plots.plot import BOTTOM, RIGHT, TOP, Plot
from skyframe_gui.ui.theme import DARK, font

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PyQt6.QtGui import QPaintEvent

    from skyframe_gui.ui.plots.layers import Points
    from skyframe_gui.ui.plots.plot import Floats, Ticks
    from skyframe_gui.ui.theme import Palette

    Ints = NDArray[np.int64]

BAR = 6.0
"""Thickness of a bar in pixels, nearly."""


@dataclass(frozen=True, eq=False)
class Stack:
    """Bars on top of each other, of one colour each.

    Attributes
    ----------
    edges : float array [n + 1]
    counts : list of (colour, int array [n])
        From the ground up.
    """

    edges: Floats
    counts: list[tuple[str, Ints]]

    @property
    def highest(self) -> int:
        """Samples in the fullest bar."""
        total = sum((counts for _, counts in self.counts), np.zeros(1, np.int64))
        return int(total.max()) if len(total) else 0

    def lengths(self, room: float) -> list[tuple[str, Floats, Floats]]:
        """Return where the part of each colour begins and ends, on a scale of powers of ten."""
        unit = room / max(float(log_length(np.array([self.highest]))[0]), 1e-9)
        below = np.zeros(len(self.edges) - 1, np.int64)
        parts = []
        for colour, counts in self.counts:
            ends = below + counts
            parts.append((colour, log_length(below) * unit, log_length(ends) * unit))
            below = ends
        return parts


def log_length(counts: Ints) -> Floats:
    """Return how long a bar is: one sample can be seen, and ten times as many are one step more."""
    return np.where(counts > 0, np.log10(np.maximum(counts, 1)) + 0.3, 0.0)


def stack_of(points: Points, values: Floats, span: Range, n: int, palette: Palette) -> Stack:
    """Return bars of some values by class and round; what has no data is left out."""
    edges = np.linspace(span.low, span.high, n + 1)
    inside = np.isfinite(values) & (values >= span.low) & (values < span.high)
    bins = np.zeros(len(values), np.int64)
    bins[inside] = np.minimum((values[inside] - span.low) / span.width * n, n - 1).astype(np.int64)

    def count(chosen: NDArray[np.bool_]) -> Ints:
        return np.bincount(bins[chosen & inside], minlength=n)

    dropped = (points.marks == Mark.EARLIER) | (points.marks == Mark.NEW)
    counts = [(palette.accent, count(points.marks == Mark.USED))]
    # The last round lies next to the band, so it comes next to the used ones.
    for number, colour in reversed(list(enumerate(round_colours(palette, points.n_rounds)))):
        counts.append((colour, count(dropped & (points.rounds == number))))
    counts.append((palette.by_hand, count(points.marks == Mark.BY_HAND)))
    return Stack(edges, counts)


class SideBars(QWidget):
    """The histogram at the right of a plot of residuals, along the same axis."""

    def __init__(self, plot: Plot) -> None:
        super().__init__()
        self.setFixedWidth(76)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Histogram of the residuals")
        self._plot = plot
        self._palette = DARK
        self._points: Points | None = None
        self._band = float("nan")
        plot.ranged.connect(self.update)

    def show_points(self, points: Points, band: float, palette: Palette) -> None:
        """Paint other samples."""
        self._points, self._band, self._palette = points, band, palette
        self.update()

    def sizeHint(self) -> QSize:
        """Return a size that leaves the room to the plot."""
        return QSize(76, 100)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the bars."""
        painter = QPainter(self)
        palette = self._palette
        painter.fillRect(self.rect(), QColor(palette.plot))
        area = QRectF(2, TOP, self.width() - 2 - RIGHT, self.height() - TOP - BOTTOM)
        span = self._plot.y_range
        if self._points is None or area.height() < 2 * BAR:
            painter.end()
            return

        def row(value: float) -> float:
            return area.bottom() - (value - span.low) / span.width * area.height()

        n = max(int(area.height() / BAR), 1)
        stack = stack_of(self._points, self._points.y, span, n, palette)
        if self._band > 0:
            band = QRectF(area.left(), row(self._band), area.width(), 0)
            band.setBottom(row(-self._band))
            _draw_band(painter, band.intersected(area), palette, upright=False)
        tall = area.height() / n
        for colour, starts, ends in stack.lengths(area.width() - 6):
            for index in np.flatnonzero(ends > starts).tolist():
                top = area.bottom() - (index + 1) * tall
                bar = QRectF(
                    area.left() + starts[index], top, ends[index] - starts[index], tall - 1
                )
                painter.fillRect(bar, QColor(colour))
        painter.setPen(QPen(QColor(palette.border), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        self._draw_ticks(painter, area, stack.highest)
        painter.end()

    def _draw_ticks(self, painter: QPainter, area: QRectF, highest: int) -> None:
        painter.setFont(font(11))
        painter.setPen(QColor(self._palette.text2))
        middle = Qt.AlignmentFlag.AlignCenter
        unit = (area.width() - 6) / max(float(log_length(np.array([highest]))[0]), 1e-9)
        last = -100.0
        for power in range(int(highest >= 10), 8):
            x = area.left() + float(log_length(np.array([10**power]))[0]) * unit
            half = 4.3 + 3.3 * power
            if 10**power > highest or x + half > self.width():
                break
            if x - half > last:
                painter.drawText(QRectF(x - 30, area.bottom() + 4, 60, 14), middle, f"{10**power}")
                last = x + half
        painter.drawText(QRectF(0, area.bottom() + 19, self.width(), 16), middle, "samples")


class BarPlot(Plot):
    """A histogram by itself: values along x, numbers upwards by powers of ten."""

    def __init__(self) -> None:
        super().__init__()
        self._stack: Stack | None = None
        self._band = float("nan")

    def set_stack(self, stack: Stack | None, band: float = float("nan")) -> None:
        """Paint other bars, and a band of this half width around 0; the view stays."""
        self._stack, self._band = stack, band
        self.refresh()

    def y_ticks(self) -> Ticks:
        """Return powers of ten."""
        powers = [power for power in range(9) if self.y_range.high >= power + 0.3]
        return np.array(powers, float) + 0.3, [f"{10**power}" for power in powers]

    def show_range(self, x_range: Range, y_range: Range) -> None:
        """Show a part of the values; the numbers always begin at none."""
        high = max(float(y_range.width), 0.5)
        super().show_range(x_range, Range(0.0, high))

    def paint_marks(self, painter: QPainter) -> None:
        """Draw band and bars."""
        if self._stack is None:
            return
        area = self.area
        if self._band > 0:
            edges, _ = self.place(np.array([-self._band, self._band]), np.zeros(2))
            band = QRectF(QPointF(edges[0], area.top()), QPointF(edges[1], area.bottom()))
            _draw_band(painter, band, self.colours, upright=True)
        below = np.zeros(len(self._stack.edges) - 1, np.int64)
        left, _ = self.place(self._stack.edges, np.zeros(1))
        for colour, counts in self._stack.counts:
            _, low = self.place(left, log_length(below))
            below = below + counts
            _, high = self.place(left, log_length(below))
            for index in np.flatnonzero(counts).tolist():
                width = max(left[index + 1] - left[index] - 1, 1)
                bar = QRectF(left[index], high[index], width, low[index] - high[index])
                painter.fillRect(bar, QColor(colour))


def _draw_band(painter: QPainter, band: QRectF, palette: Palette, upright: bool) -> None:
    painter.fillRect(band, with_alpha(palette.accent, 0.12))
    pen = QPen(QColor(palette.accent), 1)
    pen.setDashPattern([4, 3])
    painter.setPen(pen)
    if upright:
        painter.drawLine(band.topLeft(), band.bottomLeft())
        painter.drawLine(band.topRight(), band.bottomRight())
    else:
        painter.drawLine(band.topLeft(), band.topRight())
        painter.drawLine(band.bottomLeft(), band.bottomRight())
