"""What each exposure leaves over the sky frame, as a strip of thumbnails in one stretch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from skyframe_gui.ui.images.stretch import RESIDUAL
from skyframe_gui.ui.plots.controls import Segments, control_bar
from skyframe_gui.ui.stack.numbers import with_power, written
from skyframe_gui.ui.stack.pictures import HISTOGRAM, Coloured, draw_bar
from skyframe_gui.ui.stack.rows import count_words, ordered
from skyframe_gui.ui.stack.stack_panel import StackPanel
from skyframe_gui.ui.stack.strip import Strip, symmetric_limit
from skyframe_gui.ui.theme import DARK, font

if TYPE_CHECKING:
    from PyQt6.QtGui import QPaintEvent

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.state import State
    from skyframe_gui.ui.stack.rows import Order, Stack
    from skyframe_gui.ui.theme import Palette

ORDERS = (
    ("time", "time", "In the order of time"),
    ("pull", "pull", "The strongest pull on the frame first"),
    ("level", "level", "The highest sky level first"),
)
NAMES: dict[str, Order] = {"time": "time", "pull": "pull", "level": "level"}
BAR_ROOM, TOP, BOTTOM = 74, 26, 14
SPACING = 20.0


class StackStripPanel(StackPanel):
    """The strip, its order, and its colour bar."""

    id = "stack-strip"
    title = "Exposure \N{MINUS SIGN} frame"
    area = "bottom"
    order = 13
    at_first = False

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self.strip = Strip()
        self.orders = Segments(ORDERS)
        self.orders.check("time")
        self._order: Order = "time"
        self.orders.chosen.connect(self._choose)
        self._half: tuple[str, float] = ("", 1.0)
        self._shown: tuple[Stack, Palette] | None = None
        words = QLabel("in the order of")
        words.setProperty("role", "text2")
        words.setStyleSheet("font-size: 12px")
        bar, row = control_bar()
        row.addWidget(words)
        row.addSpacing(4)
        row.addWidget(self.orders)
        row.addStretch(1)
        self.body.addWidget(bar)
        self.scale = _Scale()
        below = QHBoxLayout()
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(0)
        below.addWidget(self.strip, 1)
        below.addWidget(self.scale)
        self.body.addLayout(below, 1)
        self.setFocusProxy(self.strip)
        self.strip.chosen.connect(commands.select_stack_exposure)
        self.strip.switched.connect(self._switch)

    def subject(self, state: State) -> str:
        """Return how the thumbnails are coloured."""
        return "one symmetric stretch" if count_words(state) else ""

    def paint_stack(self, stack: Stack, state: State, palette: Palette) -> None:
        """Paint the strip; its limits stay while exposures are left out."""
        if self._half[0] != stack.view.key:
            self._half = (stack.view.key, symmetric_limit(stack))
        self._shown = (stack, palette)
        self._paint()

    def _paint(self) -> None:
        if self._shown is None:
            return
        stack, palette = self._shown
        half = self._half[1]
        self.strip.show_rows(stack, ordered(stack.rows, self._order), half, palette)
        self.scale.show_limit(half, stack.unit, palette)

    def _choose(self, name: str) -> None:
        self._order = NAMES[name]
        self._paint()

    def _switch(self, key: str) -> None:
        left_out = key in self.commands.session.state.left_out
        self.commands.set_included([key], include=left_out)


class _Scale(QWidget):
    """The colour bar at the right end of the strip, which does not scroll."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedWidth(BAR_ROOM)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Colours of the residuals")
        self._half, self._unit, self._palette = 1.0, "", DARK

    def show_limit(self, half: float, unit: str, palette: Palette) -> None:
        """Paint colours from -half to half."""
        self._half, self._unit, self._palette = half, unit, palette
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw bar and unit."""
        import numpy as np

        painter = QPainter(self)
        palette = self._palette
        painter.fillRect(self.rect(), QColor(palette.dock))
        power = written(self._half, "").power
        none = np.empty((0, 0))
        limits = (-self._half, self._half)
        coloured = Coloured(none, limits, RESIDUAL[palette.name], factor=10.0**power)
        height = self.height() - TOP - BOTTOM
        if height > 20:
            box = QRectF(4 - HISTOGRAM, TOP, BAR_ROOM, height)
            draw_bar(painter, palette, coloured, box, SPACING)
        painter.setFont(font(11))
        painter.setPen(QColor(palette.text2))
        unit = with_power(power, self._unit)
        metrics = QFontMetricsF(painter.font())
        painter.drawText(4, round(metrics.ascent()) + 4, unit)
        painter.end()
