"""What every editor of the form can do, and the editors of choices, switches and words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QWidget

from skyframe_gui.ui.widgets import LetterCombo, in_row, set_look

if TYPE_CHECKING:
    from collections.abc import Callable

    from PyQt6.QtGui import QWheelEvent

    from skyframe_gui.ui.form.config_fields import Field
    from skyframe_gui.ui.theme import Palette

HEIGHT, LOW = 26, 24


def set_low(widget: QWidget, low: bool) -> None:
    """Make a field of the form lower, or as high as usual again."""
    if widget.property("low") == low:
        return
    widget.setFixedHeight(LOW if low else HEIGHT)
    set_look(widget, "low", low)


class Editor(QWidget):
    """Shows and changes the value of one field.

    Parameters
    ----------
    field : Field
    takes : callable
        Tells whether the field takes a value; the model's own rules.

    Attributes
    ----------
    committed : signal (value)
        A person wants another value, and the field takes it.
    refused : signal (str)
        What is wrong with what is in the editor, as a sentence; "" when it is right again.
    """

    committed = pyqtSignal(object)
    refused = pyqtSignal(str)

    def __init__(self, field: Field, takes: Callable[[Any], bool]) -> None:
        super().__init__()
        self.field = field
        self.takes = takes
        in_row(on=self)

    def add(self, widget: QWidget) -> None:
        """Make a widget the editor's, with the field's name and tip."""
        layout = self.layout()
        assert layout is not None  # made by the constructor
        layout.addWidget(widget)
        widget.setAccessibleName(self.field.path)
        widget.setAccessibleDescription(self.field.doc)
        widget.setToolTip(self.field.tip)
        self.setFocusProxy(widget)

    def show_value(self, value: Any) -> None:
        """Show a value; what is being typed stays unless the value is another one than before."""
        raise NotImplementedError

    def apply_theme(self, palette: Palette) -> None:
        """Take a theme's colours."""


class QuietCombo(LetterCombo):
    """A combo box that a turning wheel passes by unless it has the focus."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(HEIGHT)
        self.setMinimumWidth(40)
        self.setProperty("role", "field")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, e: QWheelEvent | None) -> None:
        """Let the form scroll where the focus is elsewhere."""
        if e is not None and not self.hasFocus():
            e.ignore()
            return
        super().wheelEvent(e)


class ChoiceEditor(Editor):
    """A combo box of the field's choices."""

    def __init__(self, field: Field, takes: Callable[[Any], bool]) -> None:
        super().__init__(field, takes)
        self.combo = QuietCombo()
        self.combo.addItems(field.choices)
        self.combo.activated.connect(self._on_activated)
        self.add(self.combo)

    def show_value(self, value: Any) -> None:
        """Show a value, also one that is no choice, such as LSST's None."""
        index = self.combo.findText(str(value))
        if index < 0:
            self.combo.addItem(str(value))
            index = self.combo.count() - 1
        if index < len(self.field.choices):
            while self.combo.count() > len(self.field.choices):
                self.combo.removeItem(self.combo.count() - 1)
        self.combo.setCurrentIndex(index)

    def _on_activated(self, index: int) -> None:
        if index < len(self.field.choices):
            self.committed.emit(self.field.choices[index])


class SwitchEditor(Editor):
    """A check box."""

    def __init__(self, field: Field, takes: Callable[[Any], bool]) -> None:
        super().__init__(field, takes)
        self.box = QCheckBox()
        self.box.clicked.connect(lambda on: self.committed.emit(on))
        self.add(self.box)

    def show_value(self, value: Any) -> None:
        """Show a value."""
        self.box.setChecked(bool(value))
