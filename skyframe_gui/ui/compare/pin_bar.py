"""The bar that pins A and B, takes them, goes from one to the other and forgets both."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from skyframe_gui.app.compare import PINS
from skyframe_gui.ui.plots.controls import IconButton, control_bar

if TYPE_CHECKING:
    from skyframe_gui.app.commands import Commands
    from skyframe_gui.ui.theme import Palette

WIDE = 390
"""From this width on all buttons have words."""


class PinBar(QWidget):
    """Buttons for A and B."""

    def __init__(self, commands: Commands) -> None:
        super().__init__()
        self.pins = {name: QPushButton(f"Pin {name}") for name in PINS}
        self.takes = {name: QPushButton(f"Take {name}") for name in PINS}
        for name in PINS:
            keys = f"Alt+{name}"
            self.pins[name].setToolTip(f"Keep config, options and exclusions as {name} ({keys})")
            self.pins[name].clicked.connect(partial(self._do, commands.pin, name))
            self.takes[name].setToolTip(f"Set config, options and exclusions to those of {name}")
            self.takes[name].clicked.connect(partial(self._do, commands.take_pin, name))
        self.swap, self.clear = QPushButton("Swap"), QPushButton("Clear")
        swap_tip, clear_tip = "Go from A to B, or from B to A (Alt+X)", "Forget A and B"
        self.swap_icon = IconButton("swap-horizontal-bold", swap_tip)
        self.clear_icon = IconButton("close-circle-outline", clear_tip)
        self.swap.setToolTip(swap_tip)
        self.clear.setToolTip(clear_tip)
        for button in (self.swap, self.swap_icon):
            button.clicked.connect(lambda: commands.swap_pins())
        for button in (self.clear, self.clear_icon):
            button.clicked.connect(lambda: commands.unpin())
        bar, row = control_bar()
        self._fill(row)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(bar)
        self.make_room(0)

    def show_pins(self, pins: dict[str, bool], palette: Palette) -> None:
        """Say which are pinned, and which of them is what is set now."""
        for name in PINS:
            self.takes[name].setEnabled(name in pins and not pins[name])
        both = len(pins) == len(PINS)
        for button in (self.swap, self.swap_icon):
            button.setEnabled(both)
        for button in (self.clear, self.clear_icon):
            button.setEnabled(bool(pins))
        self.swap_icon.dress(palette)
        self.clear_icon.dress(palette)

    def make_room(self, width: int) -> None:
        """Use words or icons for the last two buttons."""
        for button in (self.swap, self.clear):
            button.setVisible(width >= WIDE)
        for icon in (self.swap_icon, self.clear_icon):
            icon.setVisible(width < WIDE)

    def _fill(self, row: QHBoxLayout) -> None:
        for group in (self.pins.values(), self.takes.values(), (self.swap,)):
            for button in group:
                button.setStyleSheet("font-size: 12px; padding: 0 8px; min-height: 22px")
                row.addWidget(button)
            row.addSpacing(4)
        self.clear.setStyleSheet("font-size: 12px; padding: 0 8px; min-height: 22px")
        row.addWidget(self.swap_icon)
        row.addStretch(1)
        row.addWidget(self.clear)
        row.addWidget(self.clear_icon)

    @staticmethod
    def _do(command: object, name: str, _: bool = False) -> None:
        assert callable(command), "a command is"
        command(name)
