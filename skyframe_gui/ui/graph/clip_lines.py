"""The mean of a bin with the limits of every pass of its clip, as the library's lines."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pyqtgraph as pg
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QPen

from skyframe_gui.ui.graph.fit_line import BAND_ALPHA, line_pen
from skyframe_gui.ui.graph.plot import UNDER
from skyframe_gui.ui.samples.colours import round_colours, with_alpha

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from skyframe_gui.ui.graph.view_box import ViewBox
    from skyframe_gui.ui.theme import Palette

    Floats = NDArray[np.float64]


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
