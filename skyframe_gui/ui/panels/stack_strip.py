"""What each exposure leaves over the sky frame, as a strip of thumbnails in one stretch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.numbers import MINUS, written
from skyframe_gui.ui.images.stretch import RESIDUAL, lookup
from skyframe_gui.ui.samples.controls import Segments
from skyframe_gui.ui.stack.stack_panel import StackPanel
from skyframe_gui.ui.stack.stack_rows import count_words, ordered
from skyframe_gui.ui.stack.strip import Strip, symmetric_limit
from skyframe_gui.ui.widgets import in_row

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QWidget

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.graph.level_bar import LevelBar
    from skyframe_gui.ui.stack.stack_rows import Order, Stack
    from skyframe_gui.ui.theme import Palette

ORDERS = (
    ("time", "time", "In the order of time"),
    ("pull", "pull", "The strongest pull on the frame first"),
    ("level", "level", "The highest sky level first"),
)
NAMES: dict[str, Order] = {"time": "time", "pull": "pull", "level": "level"}


class StackStripPanel(StackPanel):
    """The strip, its order, and its colour bar."""

    id = "stack-strip"
    title = f"Exposure {MINUS} frame"
    area = "bottom"
    order = 13

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self.strip = Strip()
        self.orders = Segments(ORDERS, small=True)
        self.orders.check("time")
        self._order: Order = "time"
        self.orders.chosen.connect(self._choose)
        self._half: tuple[str, float] = ("", 1.0)
        self._shown: tuple[Stack, Palette] | None = None
        self.bar: LevelBar | None = None
        self._below = in_row((self.strip, 1))
        self.body.addLayout(self._below, 1)
        self.setFocusProxy(self.strip)
        self.strip.chosen.connect(commands.select_stack_exposure)
        self.strip.switched.connect(self.commands.sets.switch_member)

    def header_widgets(self) -> list[QWidget]:
        """Return the choice of the order."""
        return [self.orders]

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
        self._show_bar(half, stack, palette)

    def _show_bar(self, half: float, stack: Stack, palette: Palette) -> None:
        from skyframe_gui.ui.graph.level_bar import LevelBar
        from skyframe_gui.ui.graph.levels import Levels

        if self.bar is None:
            self.bar = LevelBar("dock")
            self.bar.setAccessibleName("Limits of the residuals' colours")
            self.bar.dragged.connect(self._limit)
            self.bar.reset.connect(self._measure)
            self._below.addWidget(self.bar)
        colours, power = lookup(RESIDUAL[palette.name]), written(half, "").power
        levels = Levels(
            limits=(-half, half), lut=colours, unit=stack.unit, power=power, symmetric=True
        )
        self.bar.show_levels(levels, palette)

    def _limit(self, low: float, high: float) -> None:
        self._half = (self._half[0], high)
        self._paint()

    def _measure(self) -> None:
        if self._shown is not None:
            self._half = (self._half[0], symmetric_limit(self._shown[0]))
            self._paint()

    def _choose(self, name: str) -> None:
        self._order = NAMES[name]
        self._paint()
