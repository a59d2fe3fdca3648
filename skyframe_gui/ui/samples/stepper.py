"""The control that walks the rounds of a fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QTimer, pyqtSignal
from PyQt6.QtWidgets import QWidget

from skyframe_gui.ui.samples.controls import IconButton, Segments
from skyframe_gui.ui.theme import DARK
from skyframe_gui.ui.widgets import in_row, text_label

if TYPE_CHECKING:
    from PyQt6.QtGui import QHideEvent

    from skyframe_gui.app.model.rejection_steps import Step
    from skyframe_gui.ui.theme import Palette

PLAY_MS = 800
NUMBER = "padding: 0; min-width: 20px"
REPEATED = f"{NUMBER}; font-style: italic"
MOST_BUTTONS = 6
"""More steps than this are walked by the arrows and keys; their number stands between these."""


class Stepper(QWidget):
    """Walks the rounds of a fit by buttons and keys, and plays them.

    Attributes
    ----------
    chosen : signal (step or None)
        None for the last.
    """

    chosen = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__()
        self._palette = DARK
        self._steps: tuple[Step, ...] = ()
        self._number = 0
        self._timer = QTimer(self)
        self._timer.setInterval(PLAY_MS)
        self._timer.timeout.connect(self._play_on)
        self.first = IconButton("skip-previous", "First step (Home)", small=True)
        self.back = IconButton("chevron-left", "One step back (,)", small=True)
        self.numbers = Segments((), small=True)
        self.numbers.chosen.connect(lambda name: self.go(int(name)))
        self.label = text_label(role="hint")
        self.on = IconButton("chevron-right", "One step on (.)", small=True)
        self.last = IconButton("skip-next", "Last step (End)", small=True)
        self.play = IconButton("play", "Play the steps (Space)", small=True)
        self.first.clicked.connect(lambda: self.go(0))
        self.back.clicked.connect(lambda: self.go(self._number - 1))
        self.on.clicked.connect(lambda: self.go(self._number + 1))
        self.last.clicked.connect(lambda: self.go(len(self._steps) - 1))
        self.play.clicked.connect(self.toggle_play)
        in_row(
            self.first,
            self.back,
            4,
            self.numbers,
            self.label,
            4,
            self.on,
            self.last,
            self.play,
            on=self,
            spacing=1,
        )

    @property
    def playing(self) -> bool:
        """Whether the steps go on by themselves."""
        return self._timer.isActive()

    def show_steps(self, steps: tuple[Step, ...], number: int, palette: Palette) -> None:
        """Show which step of which steps is on screen."""
        self._palette = palette
        if [step.repeats for step in steps] != [step.repeats for step in self._steps]:
            self._make_buttons(steps)
        self._steps, self._number = steps, number
        if str(number) in self.numbers.buttons:
            self.numbers.check(str(number))
        self.label.setText(f"{number} of {len(steps) - 1}")
        end = len(steps) - 1
        for button, enabled in (
            (self.first, number > 0),
            (self.back, number > 0),
            (self.on, number < end),
            (self.last, number < end),
            (self.play, end > 0),
        ):
            button.setEnabled(enabled)
        for button in (self.first, self.back, self.on, self.last):
            button.apply_theme(palette)
        self.play.apply_theme(palette, "pause" if self.playing else "play")

    def go(self, number: int) -> None:
        """Ask for a step, as far as there are steps."""
        end = len(self._steps) - 1
        number = max(0, min(number, end))
        if number != self._number:
            self.chosen.emit(None if number == end else number)

    def toggle_play(self) -> None:
        """Play the steps, from the first one if the last is shown; or stop."""
        if self.playing or len(self._steps) < 2:
            self._timer.stop()
        else:
            self._timer.start()
            if self._number == len(self._steps) - 1:
                self.go(0)
        self.play.apply_theme(self._palette, "pause" if self.playing else "play")

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Stop playing where nobody sees it."""
        self._timer.stop()

    def _play_on(self) -> None:
        if self._number >= len(self._steps) - 2:
            self.toggle_play()
        self.go(self._number + 1)

    def _make_buttons(self, steps: tuple[Step, ...]) -> None:
        self.numbers.clear()
        few = len(steps) <= MOST_BUTTONS
        self.numbers.setVisible(few)
        self.label.setVisible(not few)
        for step in steps if few else ():
            tip = "No rejection" if not step.number else f"After round {step.number}"
            if step.repeats:
                tip += f", which dropped nothing: the same as step {step.number - 1}"
            button = self.numbers.add(str(step.number), str(step.number), tip)
            button.setStyleSheet(REPEATED if step.repeats else NUMBER)
        self.numbers.lay_out()
