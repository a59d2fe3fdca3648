"""Counts of samples by residual in the colours of their classes, by powers of ten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QPen
from PyQt6.QtWidgets import QSizePolicy
from typing_extensions import override

from skyframe_gui.app.model.rejection_steps import Mark
from skyframe_gui.ui.graph.axis import Axis
from skyframe_gui.ui.graph.fit_line import BAND_ALPHA, BAND_DASHES, line_pen
from skyframe_gui.ui.graph.plot import MARKS, UNDER, Plot
from skyframe_gui.ui.samples.colours import round_colours, with_alpha

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from skyframe_gui.ui.samples.axis_range import Range
    from skyframe_gui.ui.samples.points import Points
    from skyframe_gui.ui.theme import Palette

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

BAR, GAP = 6.0, 1.0
"""Thickness of a bar at the side, nearly, and what is free between two bars, in pixels."""
SIDE_WIDTH = 76
POWERS = 9
ONE = 0.3
"""How long a bar of one sample is; each power of ten adds 1."""


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

    def parts(self) -> list[tuple[str, Floats, Floats]]:
        """Return where the part of each colour begins and ends, on a scale of powers of ten."""
        below = np.zeros(len(self.edges) - 1, np.int64)
        found = []
        for colour, counts in self.counts:
            found.append((colour, log_length(below), log_length(below + counts)))
            below = below + counts
        return found

    @property
    def longest(self) -> float:
        """Length of the fullest bar on the scale of powers of ten, at least of one of one."""
        return float(log_length(np.array([max(self.highest, 1)]))[0])

    def text(self, name: str, unit: str) -> str:
        """Return the bars as a table, columns parted by tabulators."""
        total = sum((counts for _, counts in self.counts), np.zeros(len(self.edges) - 1, np.int64))
        lines = [f"{name} from\tto\t{unit}"]
        for low, high, n in zip(self.edges[:-1], self.edges[1:], total.tolist(), strict=True):
            lines.append(f"{low:.6g}\t{high:.6g}\t{n}")
        return "\n".join(lines)


def log_length(counts: Ints) -> Floats:
    """Return how long a bar is: one sample can be seen, and ten times as many are one step more."""
    return np.where(counts > 0, np.log10(np.maximum(counts, 1)) + ONE, 0.0)


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
    counts.append((palette.excluded, count(points.marks == Mark.EXCLUDED)))
    return Stack(edges, counts)


class CountAxis(Axis):
    """An axis of numbers by powers of ten, as `log_length` places them."""

    @override
    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, Floats]]:
        powers = np.arange(POWERS, dtype=np.float64) + ONE
        return [(1.0, powers[(powers >= minVal) & (powers <= maxVal)])]

    @override
    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        return [f"{10 ** round(value - ONE)}" for value in values]


class Bars:
    """The bars of a plot, and the band around 0.

    Parameters
    ----------
    plot : Plot
    upright : bool
        Whether the bars stand.
    """

    def __init__(self, plot: Plot, upright: bool) -> None:
        self._view, self._upright = plot.view, upright
        self.items: list[pg.BarGraphItem] = []
        across = "vertical" if upright else "horizontal"
        self.band = pg.LinearRegionItem(orientation=across, movable=False)
        self.band.setZValue(UNDER)
        plot.view.addItem(self.band, ignoreBounds=True)

    def show_band(self, half_width: float, palette: Palette) -> None:
        """Show a band of this half width around 0; none where there is none."""
        self.band.setVisible(half_width > 0)
        if not half_width > 0:
            return
        pen = line_pen(palette.accent, 1)
        pen.setDashPattern(BAND_DASHES)
        for line in self.band.lines:
            line.setPen(pen)
        self.band.setBrush(with_alpha(palette.accent, BAND_ALPHA))
        self.band.setRegion((-half_width, half_width))

    def show(self, stack: Stack | None, gap: float) -> None:
        """Show bars, with a gap between them in the unit of their values."""
        parts = [] if stack is None else stack.parts()
        while len(self.items) < len(parts):
            item = pg.BarGraphItem(x0=[], x1=[], y0=[], y1=[], pen=QPen(Qt.PenStyle.NoPen))
            item.setZValue(MARKS)
            self._view.addItem(item, ignoreBounds=True)
            self.items.append(item)
        for item in self.items[len(parts) :]:
            item.setVisible(False)
        if stack is None:
            return
        low, high = stack.edges[:-1], stack.edges[1:]
        gap = min(gap, 0.5 * float(high[0] - low[0]))
        for item, (colour, starts, ends) in zip(self.items, parts, strict=False):
            there = ends > starts
            values, lengths = (low[there], high[there] - gap), (starts[there], ends[there])
            x, y = (values, lengths) if self._upright else (lengths, values)
            item.setVisible(bool(there.any()))
            item.setOpts(x0=x[0], x1=x[1], y0=y[0], y1=y[1], brush=QColor(colour))


class SideBars(Plot):
    """The histogram at the right of a plot of residuals, along the same axis."""

    def __init__(self, plot: Plot) -> None:
        self._points: Points | None = None
        self._band = float("nan")
        self._stack: Stack | None = None
        self._drawn_for: tuple[object, ...] = ()
        super().__init__(CountAxis("bottom"))
        self.setMinimumWidth(SIDE_WIDTH)
        self.setFixedWidth(SIDE_WIDTH)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Histogram of the residuals")
        self.x_label = "samples"
        self.y_axis.setStyle(showValues=False)
        self.y_axis.fix_width(2)
        self.bars = Bars(self, upright=False)
        self.view.setMouseEnabled(x=False)
        self.link_y(plot)
        self._fit_other = plot.fit
        self.ranged.connect(self._follow)

    def show_points(
        self, points: Points, band: float, place: Callable[[], None] = lambda: None
    ) -> None:
        """Count other samples, once: where they are after ``place`` has moved the plot beside."""
        self._points, self._band, self._drawn_for = points, band, ()
        place()
        self._follow()

    @override
    def fit(self) -> None:
        """Show everything that the plot beside it shows."""
        self._fit_other()

    @override
    def values_text(self) -> str:
        return "" if self._stack is None else self._stack.text("residual", "samples")

    @override
    def _paint_colours(self) -> None:
        super()._paint_colours()
        if self._points is not None:
            self._draw()

    def _draw(self) -> None:
        if self._points is None:
            return
        height, span = self.area.height(), self.y_range
        self._drawn_for = (height, span)
        n = max(int(height / BAR), 1)
        self._stack = stack_of(self._points, self._points.y, span, n, self.colours)
        self.bars.show_band(self._band, self.colours)
        self.bars.show(self._stack, GAP * span.width / max(height, 1.0))
        self.view.setXRange(0.0, self._stack.longest * 1.1, padding=0)

    def _follow(self) -> None:
        if (self.area.height(), self.y_range) != self._drawn_for:  # not for its own other axis
            self._draw()


class BarPlot(Plot):
    """A histogram by itself: values along x, numbers upwards by powers of ten."""

    def __init__(self) -> None:
        self._stack: Stack | None = None
        self._band = float("nan")
        super().__init__(y_axis=CountAxis("left"))
        self.bars = Bars(self, upright=True)
        # The numbers always begin at none.
        self.view.setLimits(yMin=0.0, minYRange=ONE)
        self.ranged.connect(self._draw)
        self._draw()

    def set_stack(self, stack: Stack | None, band: float = float("nan")) -> None:
        """Show other bars, and a band of this half width around 0; the view stays."""
        self._stack, self._band = stack, band
        self._draw()

    @override
    def values_text(self) -> str:
        return "" if self._stack is None else self._stack.text(self.x_label, self.y_label)

    def _draw(self) -> None:
        self.bars.show_band(self._band, self.colours)
        self.bars.show(self._stack, GAP * self.x_range.width / max(self.area.width(), 1.0))
