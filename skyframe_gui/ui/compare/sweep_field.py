"""One row of the sweep's form: a field of the config and the values that it is run over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QLabel,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)

from skyframe_gui.ui.compare.sweep_values import between, listed, suggestion, sweepable
from skyframe_gui.ui.form.config_fields import value_of
from skyframe_gui.ui.form.line_editor import Entry
from skyframe_gui.ui.widgets import LetterCombo, in_row

if TYPE_CHECKING:
    from PyQt6.QtGui import QPaintEvent, QWheelEvent

    from skyframe_gui.engine import SkyMeasurementConfig
    from skyframe_gui.ui.form.config_fields import Field

SPACINGS = {
    "linear": "Even steps",
    "log": "Even factors",
    "list": "A list, such as 2, 2.5, 3",
}


class Choice(LetterCombo):
    """A combo box that the wheel changes only where the focus is."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setStyleSheet("font-size: 12px; min-height: 20px; padding: 0 0 0 6px")
        view = self.view()
        if view is not None:
            view.setTextElideMode(Qt.TextElideMode.ElideLeft)

    def showPopup(self) -> None:
        """Show the choices as wide as their words are."""
        view = self.view()
        if view is not None:
            view.setMinimumWidth(view.sizeHintForColumn(0) + 24)
        super().showPopup()

    def paintEvent(self, e: QPaintEvent | None) -> None:
        """Draw the end of a name that is too long: its beginning is that of others, too."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        room = self.width() - 28
        metrics = self.fontMetrics()
        option.currentText = metrics.elidedText(
            option.currentText, Qt.TextElideMode.ElideLeft, room
        )
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.end()

    def wheelEvent(self, e: QWheelEvent | None) -> None:
        """Change the choice, or leave the wheel to what is behind."""
        if self.hasFocus():
            super().wheelEvent(e)
        elif e is not None:
            e.ignore()


class SweepField(QWidget):
    """A field with from, to and steps, or a list.

    Attributes
    ----------
    changed, entered : signal
        Something else is set; Enter was pressed in a line.
    """

    changed = pyqtSignal()
    entered = pyqtSignal()

    def __init__(self, which: str) -> None:
        super().__init__()
        self._fields = {field.path: field for field in sweepable()}
        self._config: SkyMeasurementConfig | None = None
        self.field, self.spacing = Choice(), Choice()
        self.field.addItems(list(self._fields))
        self.field.setAccessibleName(f"{which} field of the sweep")
        self.field.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.field.setMinimumWidth(90)
        self.spacing.setAccessibleName(f"Spacing of the {which.lower()} field")
        self.spacing.setFixedWidth(62)
        self.low, self.high, self.steps, self.list = (Entry(False) for _ in range(4))
        for entry, name, width in (
            (self.low, "from", 44),
            (self.high, "to", 44),
            (self.steps, "steps", 36),
            (self.list, "values", 0),
        ):
            entry.setAccessibleName(f"{name} of the {which.lower()} field")
            entry.setToolTip(name.capitalize())
            entry.setPlaceholderText(name)
            entry.setStyleSheet("font-size: 12px; min-height: 20px; padding: 0 4px")
            if width:
                entry.setFixedWidth(width)
                entry.setAlignment(Qt.AlignmentFlag.AlignRight)
            entry.textEdited.connect(lambda _: self.changed.emit())
            entry.entered.connect(self.entered)
        self.list.setToolTip("Values with commas between them")
        self._between = [QLabel("to"), QLabel("in")]
        for label in self._between:
            label.setProperty("role", "hint")
        in_row(
            (self.field, 1),
            self.spacing,
            self.low,
            self._between[0],
            self.high,
            self._between[1],
            self.steps,
            (self.list, 1),
            on=self,
            spacing=4,
        )
        self.field.currentTextChanged.connect(lambda _: self._suggest())
        self.spacing.currentTextChanged.connect(lambda _: self._show_entries())

    @property
    def chosen(self) -> Field:
        """The field."""
        return self._fields[self.field.currentText()]

    def choose(self, path: str, config: SkyMeasurementConfig) -> None:
        """Set the field, with values around those of a config."""
        self._config = config
        self.field.setCurrentText(path)
        self._suggest()

    def use(self, config: SkyMeasurementConfig) -> None:
        """Keep the config around which values are suggested when another field is chosen."""
        self._config = config

    def values(self) -> tuple[Any, ...]:
        """Return the values.

        Raises
        ------
        SkyFrameError
            Something is typed wrong.
        """
        spacing = self.spacing.currentText()
        if spacing == "list":
            return listed(self.chosen, self.list.text())
        texts = (self.low.text(), self.high.text(), self.steps.text())
        return between(self.chosen, *texts, spacing == "log")

    def _suggest(self) -> None:
        if self._config is None:
            return
        field = self.chosen
        value = value_of(self._config, field.path)
        self.field.setToolTip(field.tip)
        spacing, low, high, steps = suggestion(field, value)
        self.spacing.blockSignals(True)
        self.spacing.clear()
        self.spacing.addItems(["list"] if field.kind == "choice" else list(SPACINGS))
        self.spacing.setCurrentText(spacing)
        self.spacing.blockSignals(False)
        self.low.setText(low)
        self.high.setText(high)
        self.steps.setText(steps)
        choices = [one for one in field.choices if one != "NONE"]
        self.list.setText(", ".join(choices) if field.kind == "choice" else f"{low}, {high}")
        self.list.setCursorPosition(0)
        self._show_entries()

    def _show_entries(self) -> None:
        spacing = self.spacing.currentText()
        self.spacing.setToolTip(SPACINGS[spacing])
        self.list.setVisible(spacing == "list")
        for widget in (self.low, self.high, self.steps, *self._between):
            widget.setVisible(spacing != "list")
        self.changed.emit()
