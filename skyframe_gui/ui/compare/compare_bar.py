"""The bar over the columns: which layer is compared, and what is pinned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QPushButton, QWidget

from skyframe_gui.ui.samples.controls import IconButton, Segments, control_bar
from skyframe_gui.ui.widgets import in_column, text_label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.comparison import Pin
    from skyframe_gui.ui.theme import Palette

LAYERS = (
    ("subtracted", "subtracted", "Exposure less the sky, as A and as B have it"),
    ("residual", "residual map", "What is left in bins, as A and as B have it"),
    ("model", "sky model", "The sky model times the scale, of A and of B"),
)
LOOK = "font-size: 12px; padding: 0 8px; min-height: 22px"
PIN_A, PIN_B_AS_A = "Pin A", "Pin B as A"


class CompareBar(QWidget):
    """Layers at the left, pins at the right."""

    def __init__(self, commands: Commands) -> None:
        super().__init__()
        self.commands = commands
        self.layers = Segments(LAYERS)
        self.layers.check("residual")
        self.subject = text_label(role="text2", pixels=12, plain=True, shrinks=True)
        self.pin_a = QPushButton(PIN_A)
        self.pin_b = QPushButton("Pin B")
        self.swap, self.blink = QPushButton("Swap"), QPushButton("Blink")
        self.blink.setCheckable(True)
        self.pin_b.setToolTip("Keep config, options and exclusions as B (Alt+B)")
        self.swap.setToolTip("Let A be B and B be A; what is set stays")
        self.blink.setToolTip("Show A and B in turn in the column of B (B)")
        self.clear = IconButton("close-circle-outline", "Forget A and B")
        self.pin_a.clicked.connect(self._pin_a)
        self.pin_b.clicked.connect(lambda: commands.pins.pin("B"))
        self.swap.clicked.connect(lambda: commands.pins.exchange_pins())
        self.clear.clicked.connect(lambda: commands.pins.unpin())
        self.blink.clicked.connect(lambda on: commands.view(blinking=on))
        buttons = (self.pin_a, self.pin_b, self.swap, self.blink)
        for button in buttons:
            button.setStyleSheet(LOOK)
        bar = control_bar(self.layers, 6, (self.subject, 1), *buttons, self.clear)
        in_column(bar, on=self)

    def show_pins(self, pins: Mapping[str, Pin], subject: str, palette: Palette) -> None:
        """Say what can be done with what is pinned."""
        has_a = "A" in pins
        self.pin_a.setText(PIN_B_AS_A if has_a else PIN_A)
        self.pin_a.setToolTip(
            "Let A be what B is; B is then what is set now"
            if has_a
            else "Keep config, options and exclusions as A (Alt+A); B is what is set now"
        )
        for button in (self.swap, self.blink):
            button.setEnabled(has_a)
        self.pin_b.setEnabled("B" not in pins)
        self.clear.setEnabled(bool(pins))
        self.layers.setEnabled(has_a)
        self.subject.setText(subject)
        self.clear.apply_theme(palette)

    def _pin_a(self) -> None:
        if "A" in self.commands.store.state.pins:
            self.commands.pins.pin_b_as_a()
        else:
            self.commands.pins.pin("A")
