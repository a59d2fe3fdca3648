"""The profile along a cut: exposure and model above, what is left below, over one x."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPen
from PyQt6.QtWidgets import QWidget
from typing_extensions import override

from skyframe_gui.ui.graph.axis import Axis
from skyframe_gui.ui.graph.fit_line import line_pen
from skyframe_gui.ui.graph.plot import MARKS, UNDER, Plot, line_up
from skyframe_gui.ui.samples.axis_range import Range, around
from skyframe_gui.ui.samples.colours import with_alpha
from skyframe_gui.ui.widgets import in_column

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray
    from PyQt6.QtCore import QPointF
    from PyQt6.QtGui import QPainter

    from skyframe_gui.app.model.profile_curves import Curves
    from skyframe_gui.ui.theme import Palette

    Floats = NDArray[np.float64]

UPPER, LOWER = 11, 12
"""Shares of the height: the lower one has the numbers of both below it."""
BARE = 6
DASHES = [5.0, 3.0]
TICK = 4.0
ALONG = "along the cut [px]"


def pen_of(name: str, palette: Palette) -> QPen:
    """Return how a curve is drawn: the exposure thin, the model in the accent, A dashed."""
    looks = {
        "exposure": (palette.text2, 1.2),
        "model": (palette.accent, 1.8),
        "model A": (palette.text, 1.4),
        "model B": (palette.accent, 1.8),
        "subtracted": (palette.rounds[1], 1.4),
        "subtracted A": (palette.text2, 1.4),
        "subtracted B": (palette.rounds[1], 1.4),
    }
    pen = line_pen(*looks[name])
    if name.endswith(" A"):
        pen.setDashPattern(DASHES)
    return pen


class CurvesPlot(Plot):
    """Some curves over the way along the cut.

    Attributes
    ----------
    along_pointed : signal (float or None)
        How far along the cut the mouse is.
    """

    along_pointed = pyqtSignal(object)

    def __init__(self, bare: bool) -> None:
        super().__init__(_BareAxis("bottom") if bare else Axis("bottom"))
        self.setMinimumSize(100, 40)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.curves: dict[str, pg.PlotCurveItem] = {}
        self.zero = pg.InfiniteLine(0, angle=0)
        self.pointer = pg.InfiniteLine(angle=90)
        self.text_of: Callable[[], str] = lambda: ""
        self._ticks = np.empty(0)
        for height, item in ((UNDER, self.zero), (MARKS + 9, self.pointer)):
            item.setZValue(height)
            self.show_item(item)
        self.pointer.hide()
        self.zero.setVisible(not bare)

    def show_curves(self, along: Floats, curves: Mapping[str, Floats], ticks: Floats) -> None:
        """Show other curves, and ticks on the floor where there are gaps."""
        for name in [one for one in self.curves if one not in curves]:
            self.view.removeItem(self.curves.pop(name))
        for height, (name, values) in enumerate(curves.items()):
            if name not in self.curves:
                item = self.curves[name] = pg.PlotCurveItem(antialias=True)
                item.setZValue(MARKS + height)
                self.show_item(item)
            self.curves[name].setData(along, values, connect="finite")
            self.curves[name].setPen(pen_of(name, self.colours))
        self.zero.setPen(line_pen(with_alpha(self.colours.text, 0.5), 1))
        self._ticks = ticks
        self.over.update()

    def show_pointed(self, along: float | None) -> None:
        """Draw a line where the cursor is along the cut."""
        self.pointer.setVisible(along is not None)
        if along is not None:
            self.pointer.setPen(line_pen(with_alpha(self.colours.text, 0.45), 1))
            self.pointer.setValue(along)

    @override
    def paint_over(self, painter: QPainter) -> None:
        if not len(self._ticks) or isinstance(self.x_axis, _BareAxis):
            return
        x, _ = self.place(self._ticks, np.zeros(len(self._ticks)))
        floor, colour = self.area.bottom(), QColor(self.colours.text3)
        for at in np.unique(np.round(x)).tolist():
            painter.fillRect(QRectF(at, floor - TICK, 2, TICK), colour)

    @override
    def pointed(self, at: QPointF | None) -> None:
        inside = at is not None and self.area.contains(at)
        self.along_pointed.emit(self.value_at(at)[0] if at is not None and inside else None)

    @override
    def values_text(self) -> str:
        return self.text_of()


class ProfilePlot(QWidget):
    """Both plots, one below the other.

    Attributes
    ----------
    above, below : CurvesPlot
    along_pointed : signal (float or None)
    """

    along_pointed = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__()
        self.above, self.below = CurvesPlot(bare=True), CurvesPlot(bare=False)
        self.above.setAccessibleName("Exposure and model along the cut")
        self.below.setAccessibleName("What is left along the cut")
        self.below.x_label = ALONG
        self.above.link_x(self.below)
        in_column((self.above, UPPER), (self.below, LOWER), on=self)
        for plot in self.plots:
            plot.along_pointed.connect(self.along_pointed)
            plot.ranged.connect(self._line_up)
        self.setFocusProxy(self.below)
        self._cut: object = None

    @property
    def plots(self) -> Sequence[CurvesPlot]:
        """Both."""
        return self.above, self.below

    def show_profile(self, curves: Curves, unit: str, palette: Palette) -> None:
        """Show a profile; a view that was moved by hand stays while the cut does."""
        found = curves.profile.found
        ticks = found.along[curves.gap]
        moved = curves.profile.cut != self._cut
        self._cut = curves.profile.cut
        ends = (found.along[0] - curves.step / 2, found.along[-1] + curves.step / 2)
        across = Range(float(ends[0]), float(ends[1]))
        for plot, shown in zip(self.plots, (curves.upper, curves.lower), strict=True):
            plot.apply_theme(palette)
            plot.text_of = curves.text
            plot.show_curves(found.along, shown, ticks)
            values = np.concatenate([*shown.values(), np.empty(0)])
            plot.set_home(across, around(values, 0.08))
            if moved or not plot.touched:
                plot.fit()
        self.above.y_label = f"[{unit}]"
        self.below.y_label = f"[{unit}]"

    def show_pointed(self, along: float | None) -> None:
        """Draw a line where the cursor is along the cut."""
        for plot in self.plots:
            plot.show_pointed(along)

    def _line_up(self) -> None:
        line_up(self.plots)


class _BareAxis(Axis):
    """An axis whose lines are drawn and whose numbers another plot has."""

    @override
    def tickStrings(self, values: Any, scale: float, spacing: float) -> list[str]:
        return [""] * len(values)

    @override
    def _make_room(self) -> None:
        if self.fixedHeight != BARE:
            self.setHeight(BARE)
