"""A line in which a value is typed: wrong text stays in it, marked, and never gets out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QEvent, QRect, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QKeySequence
from PyQt6.QtWidgets import QLineEdit, QToolButton

from skyframe_gui.numbers import plain_minus, value_text
from skyframe_gui.ui.form.editors import HEIGHT, Editor
from skyframe_gui.ui.theme import icon

if TYPE_CHECKING:
    from collections.abc import Callable

    from PyQt6.QtGui import QEnterEvent, QFocusEvent, QMouseEvent, QResizeEvent, QWheelEvent

    from skyframe_gui.ui.form.config_fields import Field
    from skyframe_gui.ui.theme import Palette

_UNFINISHED = re.compile(r"[+]?0*[.]?0*")
"""What a number above 0 may begin with."""
ARROWS = 16
"""Pixels of width."""


class Entry(QLineEdit):
    """A line with arrows that appear under the mouse.

    Attributes
    ----------
    stepped : signal (int)
        How many steps up an arrow, a key or the wheel asks for.
    entered, left, escaped : signal ()
    """

    stepped = pyqtSignal(int)
    entered = pyqtSignal()
    left = pyqtSignal()
    escaped = pyqtSignal()

    def __init__(self, steps: bool) -> None:
        super().__init__()
        self.setFixedHeight(HEIGHT)
        self.setMinimumWidth(30)
        self.setProperty("role", "field")
        self._steps = steps
        self.arrows: list[QToolButton] = []
        self.arrow_colour = ""

    def event(self, a0: QEvent | None) -> bool:
        """Leave undo and redo to the program while there is nothing typed to take back."""
        if isinstance(a0, QKeyEvent) and a0.type() == QEvent.Type.ShortcutOverride:
            undoes = a0.matches(QKeySequence.StandardKey.Undo)
            redoes = a0.matches(QKeySequence.StandardKey.Redo)
            if (undoes and not self.isUndoAvailable()) or (redoes and not self.isRedoAvailable()):
                a0.ignore()
                return False
        return super().event(a0)

    def keyPressEvent(self, a0: QKeyEvent | None) -> None:
        """Step with Up and Down, ten at once with Shift; commit with Enter; restore with Esc."""
        if a0 is None:
            return
        key = a0.key()
        if self._steps and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            by = 10 if a0.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            self.stepped.emit(by if key == Qt.Key.Key_Up else -by)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        elif key == Qt.Key.Key_Escape:
            self.escaped.emit()
        else:
            super().keyPressEvent(a0)

    def wheelEvent(self, a0: QWheelEvent | None) -> None:
        """Step where the focus is, else let the form scroll."""
        if a0 is None or not self._steps or not self.hasFocus():
            if a0 is not None:
                a0.ignore()
            return
        if a0.angleDelta().y():
            self.stepped.emit(1 if a0.angleDelta().y() > 0 else -1)
        a0.accept()

    def mouseDoubleClickEvent(self, a0: QMouseEvent | None) -> None:
        """Select the whole number: for Qt its point ends a word."""
        if self._steps:
            self.selectAll()
        else:
            super().mouseDoubleClickEvent(a0)

    def focusInEvent(self, a0: QFocusEvent | None) -> None:
        """Select everything when the field is reached by Tab, as typing then replaces it."""
        super().focusInEvent(a0)
        by_key = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        if a0 is not None and a0.reason() in by_key:
            self.selectAll()

    def focusOutEvent(self, a0: QFocusEvent | None) -> None:
        """Commit when another field is gone to."""
        super().focusOutEvent(a0)
        if a0 is not None and a0.reason() != Qt.FocusReason.PopupFocusReason:
            self.left.emit()

    def enterEvent(self, event: QEnterEvent | None) -> None:
        """Show the arrows."""
        super().enterEvent(event)
        if self._steps and not self.arrows:
            self._make_arrows()
        self._show_arrows(True)

    def leaveEvent(self, a0: QEvent | None) -> None:
        """Hide the arrows."""
        super().leaveEvent(a0)
        self._show_arrows(False)

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """Keep the arrows at the right end."""
        super().resizeEvent(a0)
        self._place_arrows()

    def _make_arrows(self) -> None:
        # At the first need only: a form of them takes longer to apply_theme than all its lines.
        names = (("menu-up", 1, "More"), ("menu-down", -1, "Less"))
        for name, by, tip in names:
            arrow = QToolButton(self)
            arrow.setAutoRepeat(True)
            arrow.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            arrow.setAccessibleName(tip)
            arrow.setCursor(Qt.CursorShape.ArrowCursor)
            arrow.setStyleSheet("border: none; background: transparent; padding: 0; min-height: 0;")
            arrow.setIcon(icon(name, self.arrow_colour))
            arrow.clicked.connect(lambda _=False, by=by: self.stepped.emit(by))
            self.arrows.append(arrow)
        self._place_arrows()

    def _place_arrows(self) -> None:
        half = (self.height() - 4) // 2
        for index, arrow in enumerate(self.arrows):
            arrow.setGeometry(QRect(self.width() - ARROWS - 2, 2 + index * half, ARROWS, half))

    def _show_arrows(self, there: bool) -> None:
        for arrow in self.arrows:
            arrow.setVisible(there)


class EntryEditor(Editor):
    """Numbers and words as they are typed."""

    def __init__(self, field: Field, takes: Callable[[Any], bool]) -> None:
        super().__init__(field, takes)
        self._value: float | str | None = None
        self._wrong = False
        self._sheet = ""
        self.entry = Entry(steps=field.kind in ("whole", "real"))
        self.entry.textEdited.connect(lambda _: self._check(finished=False))
        self.entry.entered.connect(self._enter)
        self.entry.left.connect(self._commit)
        self.entry.escaped.connect(self._restore)
        self.entry.stepped.connect(self._step)
        self.add(self.entry)

    def show_value(self, value: Any) -> None:
        """Show a value; the cursor stays where it is, and so does text that is being typed."""
        if value == self._value and type(value) is type(self._value):
            return
        self._value = value
        place = self.entry.cursorPosition()
        self.entry.setText(value_text(value))
        self.entry.setCursorPosition(min(place, len(self.entry.text())))
        self._mark("")

    def apply_theme(self, palette: Palette) -> None:
        """Take a theme's colours."""
        self._sheet = f"QLineEdit, QLineEdit:focus {{ border: 1px solid {palette.error}; }}"
        self.entry.setStyleSheet(self._sheet if self._wrong else "")
        self.entry.arrow_colour = palette.text2
        for arrow, name in zip(self.entry.arrows, ("menu-up", "menu-down"), strict=False):
            arrow.setIcon(icon(name, palette.text2))

    def _read(self) -> float | str:
        """Return what the text says, or the text where it says nothing that could be taken."""
        text = plain_minus(self.entry.text().strip())
        try:
            if self.field.kind == "whole":
                return int(text)
            return float(text) if self.field.kind == "real" else text
        except ValueError:
            return text

    def _check(self, finished: bool) -> bool:
        text, value = self.entry.text().strip(), self._read()
        if self.takes(value):
            self._mark("")
            return True
        if finished or not _UNFINISHED.fullmatch(text):
            typed = text if len(text) <= 20 else f"{text[:19]}…"
            what = f"“{typed}” is not one" if typed else "the field is empty"
            self._mark(
                f"{self.field.name} takes {self.field.takes}; {what}, so {value_text(self._value)} "
                "stays."
            )
        return False

    def _commit(self) -> None:
        if not self._check(finished=True):
            return
        value = self._read()
        if value == self._value:
            self._tidy()
            return
        self._value = value
        self._tidy()
        self.committed.emit(value)

    def _enter(self) -> None:
        """Commit and give the focus up, so that the window's keys are its own again."""
        self._commit()
        if not self._wrong:  # else what is wrong is to be typed anew
            self.entry.clearFocus()

    def _tidy(self) -> None:
        # Also where the text is the same: this empties the line's own list of what to undo, which
        # would be undone before the program's.
        place = self.entry.cursorPosition()
        self.entry.setText(value_text(self._value))
        self.entry.setCursorPosition(min(place, len(self.entry.text())))

    def _restore(self) -> None:
        self.entry.setText(value_text(self._value))
        self.entry.selectAll()
        self._mark("")

    def _step(self, by: int) -> None:
        typed = self._read()
        value = typed if self.takes(typed) else self._value
        if not isinstance(value, int | float):
            return
        size = 1 if self.field.kind == "whole" else 0.1
        stepped = value + by * size
        if self.field.kind == "real":
            stepped = round(stepped, 10)
        if not self.takes(stepped):
            limit = self.field.least if by < 0 else self.field.most
            if limit is None:
                return
            stepped = type(value)(limit)
        self.entry.setText(value_text(stepped))
        self._commit()

    def _mark(self, why: str) -> None:
        wrong = bool(why)
        if wrong != self._wrong:
            self._wrong = wrong
            self.entry.setStyleSheet(self._sheet if wrong else "")
        self.refused.emit(why)
