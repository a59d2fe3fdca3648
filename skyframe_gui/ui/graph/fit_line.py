"""Lines of fits and limits with the bands around them, as the library's items."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QPen

from skyframe_gui.ui.graph.plot import UNDER
from skyframe_gui.ui.samples.colours import round_colours, with_alpha

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.ui.graph.view_box import ViewBox
    from skyframe_gui.ui.samples.axis_range import Range
    from skyframe_gui.ui.samples.points import Guide, Style
    from skyframe_gui.ui.theme import Palette

    Floats = NDArray[np.float64]

DASHES = {"first": [1.0, 3.0], "last": [7.0, 3.0, 1.0, 3.0]}
BAND_DASHES = [4.0, 3.0]
BAND_ALPHA = 0.12
CURVE_POINTS = 257
FAR = 20.0
"""Curves are cut off so many times the height of the view above and below it."""
BAND, LINE = -10.0, 9.0
"""Heights of the items: the band under the marks, the line over the many used ones."""


class FitLine:
    """A line from edge to edge of a view, with or without a band.

    Parameters
    ----------
    view : ViewBox
    style : {"step", "first", "last"}
    """

    def __init__(self, view: ViewBox, style: Style) -> None:
        self._style = style
        self._guide: Guide | None = None
        self.line, self.upper, self.lower = (pg.PlotCurveItem(antialias=True) for _ in range(3))
        for edge in (self.upper, self.lower):
            edge.setZValue(BAND)
        self.fill = pg.FillBetweenItem(self.lower, self.upper)
        self.fill.setZValue(BAND)
        self.line.setZValue(LINE)
        for item in (self.fill, self.upper, self.lower, self.line):
            view.addItem(item, ignoreBounds=True)
        self.show(None)

    def set_theme(self, palette: Palette) -> None:
        """Take a theme's colours."""
        pen = line_pen(palette.text, 1.5 if self._style == "step" else 1.0)
        if self._style in DASHES:
            pen.setDashPattern(DASHES[self._style])
        self.line.setPen(pen)
        edge = line_pen(palette.accent, 1.0)
        edge.setDashPattern(BAND_DASHES)
        self.upper.setPen(edge)
        self.lower.setPen(edge)
        self.fill.setBrush(with_alpha(palette.accent, BAND_ALPHA))
        self.fill.setPen(QPen(Qt.PenStyle.NoPen))

    def show(self, guide: Guide | None) -> None:
        """Draw another line from the next `follow` on; None for none."""
        self._guide = guide
        banded = guide is not None and guide.half_width is not None
        self.line.setVisible(guide is not None)
        for item in (self.fill, self.upper, self.lower):
            item.setVisible(banded)

    def follow(self, across: Range, up: Range) -> None:
        """Reach from edge to edge of what is in view."""
        guide = self._guide
        if guide is None:
            return
        x = np.linspace(across.low, across.high, 2 if guide.straight else CURVE_POINTS)
        middle = guide.value(x)
        half = guide.half_width(x) if guide.half_width is not None else None
        if not guide.straight:  # cutting a straight line would change its slope
            # Qt's painter does not like infinities.
            reach = FAR * up.width
            middle = np.clip(np.nan_to_num(middle), up.low - reach, up.high + reach)
            half = None if half is None else np.minimum(half, 2 * reach)
        self.line.setData(x, middle)
        if half is not None:
            self.upper.setData(x, middle + half)
            self.lower.setData(x, middle - half)


def line_pen(colour: str | QColor, width: float) -> QPen:
    """Return a pen that is as wide at every zoom."""
    pen = QPen(QColor(colour), width)
    pen.setCosmetic(True)
    return pen


class ClipLines:
    """Lines across a view: the mean, and dashes for the limits, with a band between the last.

    Parameters
    ----------
    view : ViewBox
    part : float
        Of the width that the mean's line takes, from the left.
    """

    def __init__(self, view: ViewBox, part: float) -> None:
        self._view = view
        self.band = pg.LinearRegionItem(orientation="horizontal", movable=False)
        for line in self.band.lines:
            line.setPen(QPen(Qt.PenStyle.NoPen))
        self.mean = pg.InfiniteLine(angle=0, span=(0, part))
        self.limits: list[pg.InfiniteLine] = []
        for item, height in ((self.band, UNDER), (self.mean, UNDER + 1)):
            item.setZValue(height)
            view.addItem(item, ignoreBounds=True)

    def show(self, low: Floats, high: Floats, mean: float, palette: Palette) -> None:
        """Show the limits of each pass, and the mean; what is not finite is not shown."""
        last = float(low[-1]), float(high[-1])
        self.band.setVisible(all(map(math.isfinite, last)))
        if self.band.isVisible():
            self.band.setRegion(last)
        self.band.setBrush(with_alpha(palette.accent, BAND_ALPHA))
        self.mean.setVisible(math.isfinite(mean))
        if math.isfinite(mean):
            self.mean.setValue(mean)
        self.mean.setPen(line_pen(palette.text, 1.5))
        colours = round_colours(palette, len(low))
        wanted = [
            (float(limit), index)
            for limits in (high, low)
            for index, limit in enumerate(limits)
            if math.isfinite(limit)
        ]
        while len(self.limits) < len(wanted):
            line = pg.InfiniteLine(angle=0)
            line.setZValue(UNDER + 2)
            self._view.addItem(line, ignoreBounds=True)
            self.limits.append(line)
        for line in self.limits[len(wanted) :]:
            line.setVisible(False)
        for line, (limit, index) in zip(self.limits, wanted, strict=False):
            pen = line_pen(colours[index], 1.2)
            # Dashes of lines that coincide lie side by side.
            pen.setDashPattern([4, 2 + 4 * (len(low) - 1)] if index else [4, 2])
            pen.setDashOffset(-4.0 * index)
            line.setPen(pen)
            line.setValue(limit)
            line.setVisible(True)
