"""Residuals of the samples against sky, box and detector, with the band and their histogram."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy

from skyframe_gui.ui.plots.axes import number
from skyframe_gui.ui.plots.bars import SideBars
from skyframe_gui.ui.plots.controls import Segments, control_bar
from skyframe_gui.ui.plots.residual_axes import axes_of
from skyframe_gui.ui.plots.sample_panel import SamplePanel
from skyframe_gui.ui.plots.sample_view import SIGMA, hover_words
from skyframe_gui.ui.plots.scatter import Scatter

if TYPE_CHECKING:
    from PyQt6.QtGui import QKeyEvent, QResizeEvent

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.state import State
    from skyframe_gui.ui.plots.sample_view import SampleView
    from skyframe_gui.ui.theme import Palette

KINDS = (
    ("sky", "vs sky", "Residual against sky sample"),
    ("box", "vs box", "Residual against the box's x; press again for its y and its number"),
    ("detector", "vs detector", "Residual against detector"),
    ("ratio", "ratio", "Image by sky sample against sky sample"),
    ("all", "all", "Against sky and against detector, one below the other"),
)
BOX_KINDS = ("x", "y", "index")
BOX_WORDS = {"x": "vs box x", "y": "vs box y", "index": "vs box no."}
QWIDGETSIZE_MAX = 16777215
TALL, WIDE_FOR_BARS = 420, 250
"""From this height on there is room for two plots, from this width on for the histogram."""


class ResidualsPanel(SamplePanel):
    """One plot of residuals, or two, with the histogram at the right."""

    id = "residuals"
    title = "Residuals"
    area = "bottom"
    dock = "residuals"
    order = 1

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self._kind, self._box_kind = "sky", "x"
        self.kinds = Segments(KINDS)
        self.kinds.check("sky")
        self.kinds.chosen.connect(self.choose)
        self.band = QLabel()
        self.band.setProperty("role", "text2")
        self.band.setStyleSheet("font-size: 12px")
        self.band.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.band.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.plot, self.second = Scatter(), Scatter()
        self.plot.setAccessibleName("Residuals of the samples")
        self.second.setAccessibleName("Residuals of the samples by detector")
        self.bars = SideBars(self.plot)
        bar, row = control_bar()
        row.addWidget(self.kinds, 0, Qt.AlignmentFlag.AlignLeft)
        row.addStretch(0)
        row.addWidget(self.band, 1)
        upper = QHBoxLayout()
        upper.setSpacing(0)
        upper.addWidget(self.plot, 1)
        upper.addWidget(self.bars)
        self.body.addWidget(bar)
        self.body.addLayout(upper, 1)
        self.body.addWidget(self.second, 1)
        self.second.hide()
        self.setFocusProxy(self.plot)
        self.brush(self.plot)
        self.brush(self.second)

    @property
    def kind(self) -> str:
        """What the upper plot is against."""
        if self._kind == "box":
            return self._box_kind
        return "sky" if self._kind == "all" else self._kind

    def subject(self, state: State) -> str:
        """Return the step."""
        return f"step {self.view.step.number}" if self.view is not None else ""

    def choose(self, name: str) -> None:
        """Show the residuals against something else, all of them."""
        if name == "box" and self._kind == "box":
            following = (BOX_KINDS.index(self._box_kind) + 1) % len(BOX_KINDS)
            self._box_kind = BOX_KINDS[following]
        self._kind = name
        self.kinds.buttons["box"].setText(BOX_WORDS[self._box_kind] if name == "box" else "vs box")
        self.kinds.lay_out()
        self.kinds.check(name)
        self._make_room()
        self._draw()
        for plot in (self.plot, self.second):
            plot.fit()

    def paint(self, view: SampleView, old: SampleView | None, palette: Palette) -> None:
        """Paint the marks; only rings and chips where nothing else has changed."""
        grown = self.has_grown(view.fit)
        new = self.is_new(view.fit)
        dressed = self.plot.colours is palette
        for plot in (self.plot, self.second):
            plot.dress(palette)
        if old is None or _painted(old) != _painted(view) or not dressed:
            self._draw()
        for plot in (self.plot, self.second):
            if new or (grown and not plot.touched):
                plot.fit()
        self._say_band(view)
        self.plot.set_pointed(view.hovered, view.selected, hover_words(view, view.hovered))
        self.second.set_pointed(view.hovered, view.selected)

    def press(self, event: QKeyEvent) -> bool:
        """Do what the keys of this panel do."""
        if event.key() == Qt.Key.Key_0 and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.plot.fit()
            self.second.fit()
            return True
        return super().press(event)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Show what there is room for."""
        self._make_room()

    def _make_room(self) -> None:
        self.bars.setVisible(self.width() >= WIDE_FOR_BARS)
        self.second.setVisible(self._kind == "all")
        tall = self.height() >= TALL
        self.kinds.set_shown("all", tall or self._kind == "all")
        room = self.kinds.width() + self.band.sizeHint().width() + 24
        # Half a number would be worse than none; the band's width is in the tooltip, too.
        self.band.setMaximumWidth(QWIDGETSIZE_MAX if self.width() >= room else 0)

    def _draw(self) -> None:
        view = self.view
        if view is None:
            return
        for plot, kind in ((self.plot, self.kind), (self.second, "detector")):
            if plot is self.second and self._kind != "all":
                continue
            axes = axes_of(view, kind)
            plot.x_label, plot.y_label, plot.tick_names = axes.x_label, axes.y_label, axes.names
            points = view.points(axes.x, axes.y)
            plot.set_points(points, (axes.guide,) if math.isfinite(view.step.scale) else ())
            plot.set_home(axes.x_range, axes.y_range)
            if plot is self.plot:
                band = view.band if kind != "ratio" else float("nan")
                self.bars.show_points(points, band, plot.colours)

    def _say_band(self, view: SampleView) -> None:
        self.band.setText("no band")
        if view.band > 0:
            width = number(view.band, view.decimals() + 1)
            self.band.setText(f"band ± {width} {view.unit}")
        self.band.setToolTip(f"± {view.reject:g} {SIGMA} of step {view.step.number}")
        self._make_room()


def _painted(view: SampleView) -> tuple[object, ...]:
    """Return what the marks and the axes depend on."""
    units = view.unit, view.sky_unit, view.scale_unit
    return view.fit, view.step, view.reject, units
