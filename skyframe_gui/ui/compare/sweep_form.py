"""The form of a sweep: one field or two, how many points that makes, and the button that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QBoxLayout, QLayout, QPushButton, QVBoxLayout, QWidget

from skyframe_gui.app.work.sweep import MOST_POINTS
from skyframe_gui.engine import SkyFrameError
from skyframe_gui.ui.compare.sweep_data import BESIDE, QUANTITIES
from skyframe_gui.ui.compare.sweep_field import Choice, SweepField
from skyframe_gui.ui.plain_text import plain_tip
from skyframe_gui.ui.samples.controls import IconButton
from skyframe_gui.ui.widgets import STRETCH, in_row, text_label

if TYPE_CHECKING:
    from skyframe_gui.engine import SkyMeasurementConfig
    from skyframe_gui.ui.theme import Palette

ROW, MOST = 340, 16777215
"""Width of a field with its values in a header; no bound."""
NO_VISIT = "Show an exposure whose detector has a sky frame."


class SweepForm(QWidget):
    """Fields with their values, and what is to be done with them.

    Attributes
    ----------
    line : QWidget
        The first field and the buttons: in a header where there is room, else in the form.
    hint : QLabel
        How many points there will be, or why there can be none; the panel places it.
    asked : signal (dict of field to values)
    copied : signal
        The points are wanted as text.
    quantity : Choice
        Which number the map shows, or which one stands beside the scale.
    """

    asked = pyqtSignal(object)
    copied = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self._ready = False
        self.rows = (SweepField("First"), SweepField("Second"))
        self.more = IconButton("plus", "Run over a second field, too", checkable=True)
        self.hint = text_label(role="hint", plain=True, shrinks=True)
        self.quantity = Choice()
        self.quantity.addItems(BESIDE)
        self.quantity.setFixedWidth(84)
        self.copy = IconButton("content-copy", "Copy the points as text (Ctrl+C)")
        self.run = QPushButton("Run")
        self.run.setProperty("primary", True)
        self.run.setToolTip("Fit the visit with every value (Enter in a line)")
        self.run.setStyleSheet("min-height: 20px; padding: 0 10px")
        self.buttons = QWidget()
        in_row(self.more, STRETCH, self.quantity, self.copy, self.run, on=self.buttons, spacing=4)
        self.line = QWidget()
        self._line = QBoxLayout(QBoxLayout.Direction.TopToBottom, self.line)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(4)
        self._line.addWidget(self.rows[0])
        self._line.addWidget(self.buttons)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(4)
        self._column.addWidget(self.line)
        self._column.addWidget(self.rows[1])
        for field in self.rows:
            field.changed.connect(self._check)
            field.entered.connect(self._ask)
        self.rows[1].hide()
        self.take_line()
        self.more.toggled.connect(self._show_second)
        self.run.clicked.connect(self._ask)
        self.copy.clicked.connect(self.copied)

    def take_line(self, slot: QLayout | None = None) -> None:
        """Put the first field and the buttons into a header's row, or back into the form."""
        directions = QBoxLayout.Direction
        self._line.setDirection(directions.TopToBottom if slot is None else directions.LeftToRight)
        self.rows[0].setMinimumWidth(0 if slot is None else ROW)
        self.rows[0].setMaximumWidth(MOST if slot is None else ROW)
        if slot is None:
            self._column.insertWidget(0, self.line)
        else:
            slot.addWidget(self.line)
        self._in_header = slot is not None
        self._suit()

    def _suit(self) -> None:
        """Take no room where everything is in the header."""
        empty = self._in_header and not self.more.isChecked()
        self.setVisible(not empty)
        edge = 3 if self._in_header else 5
        self._column.setContentsMargins(8, edge, 8, edge)

    def begin(self, config: SkyMeasurementConfig) -> None:
        """Suggest the first fields."""
        for row, path in zip(self.rows, ("skyRej", "skyIter"), strict=True):
            row.choose(path, config)

    def show_state(
        self, config: SkyMeasurementConfig, ready: bool, n_fields: int, palette: Palette
    ) -> None:
        """Follow the config, and say whether there is a visit and what of a sweep is shown."""
        for row in self.rows:
            row.use(config)
        self._offer(QUANTITIES if n_fields == 2 else BESIDE)
        self.quantity.setVisible(n_fields > 0)
        self.copy.setVisible(n_fields > 0)
        self.more.apply_theme(palette, "minus" if self.more.isChecked() else "plus")
        self.copy.apply_theme(palette)
        self._ready = ready
        self._colour = palette.error
        self._check()

    def values(self) -> dict[str, tuple[Any, ...]]:
        """Return the fields with their values.

        Raises
        ------
        SkyFrameError
            Something is typed wrong, or it is too much.
        """
        rows = self.rows if self.more.isChecked() else self.rows[:1]
        fields = {row.chosen.path: row.values() for row in rows}
        if len(fields) < len(rows):
            raise SkyFrameError("Choose two different fields.")
        n = self._count(fields)
        if n > MOST_POINTS:
            raise SkyFrameError(f"{n} points are too many; at most {MOST_POINTS} are taken.")
        return fields

    def _offer(self, names: tuple[str, ...]) -> None:
        """Offer other numbers, of which the first one is chosen then."""
        what = "What the map shows" if names == QUANTITIES else "What is shown beside the scale"
        if self.quantity.toolTip() != what:
            self.quantity.setToolTip(what)
            self.quantity.setAccessibleName(what)
            self.quantity.blockSignals(True)
            self.quantity.clear()
            self.quantity.addItems(names)
            self.quantity.blockSignals(False)
            self.quantity.currentTextChanged.emit(self.quantity.currentText())

    @staticmethod
    def _count(fields: dict[str, tuple[Any, ...]]) -> int:
        n = 1
        for values in fields.values():
            n *= len(values)
        return n

    def _show_second(self, on: bool) -> None:
        self.rows[1].setVisible(on)
        self._suit()
        tip = "Run over one field only" if on else "Run over a second field, too"
        self.more.setToolTip(tip)
        self.more.setAccessibleName(tip)
        self._check()

    def _check(self) -> None:
        """Say how many points there will be, or why there can be none."""
        try:
            n = self._count(self.values())
        except SkyFrameError as error:
            self._show_message(str(error), wrong=True)
            return
        if not self._ready:
            self._show_message(NO_VISIT, wrong=True)
            return
        self._show_message(f"{n} point{'s' * (n != 1)}", wrong=False)

    _colour = ""

    def _show_message(self, text: str, wrong: bool) -> None:
        self.run.setEnabled(not wrong)
        self.hint.setText(text)
        self.hint.setToolTip(plain_tip(text))
        colour = f"color: {self._colour}" if wrong and self._ready and self._colour else ""
        self.hint.setStyleSheet(colour)

    def _ask(self) -> None:
        self._check()
        if self.run.isEnabled():
            self.asked.emit(self.values())
