"""Rows and columns, labels and timers, each made by one call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeVar

from PyQt6.QtCore import QEvent, Qt, QTimer
from PyQt6.QtGui import QAction, QKeyEvent, QPainter
from PyQt6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLayout,
    QMenu,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from PyQt6.QtCore import QObject
    from PyQt6.QtGui import QPaintEvent

Margins = tuple[int, int, int, int]
"""Left, top, right, bottom."""
STRETCH: Final = "stretch"
Part = QWidget | QLayout | tuple[QWidget | QLayout, int] | int | Literal["stretch"]
"""A widget or a layout, perhaps with its stretch; pixels that stay free; what takes the rest."""
Box = TypeVar("Box", bound=QBoxLayout)


def in_row(
    *parts: Part,
    on: QWidget | None = None,
    margins: Margins = (0, 0, 0, 0),
    spacing: int = 0,
) -> QHBoxLayout:
    """Return parts side by side.

    Parameters
    ----------
    *parts : Part
    on : QWidget, optional
        Whose layout it is to be.
    margins : Margins
    spacing : int
        Pixels between two parts; -1 for as many as the style has.
    """
    return _filled(QHBoxLayout(on), parts, margins, spacing)


def in_column(
    *parts: Part,
    on: QWidget | None = None,
    margins: Margins = (0, 0, 0, 0),
    spacing: int = 0,
) -> QVBoxLayout:
    """Return parts one below the other; see `in_row`."""
    return _filled(QVBoxLayout(on), parts, margins, spacing)


class ElidedLabel(QLabel):
    """A line of plain text that ends in an ellipsis where there is no room for all of it."""

    def __init__(self, role: str = "", pixels: int = 0, *, right: bool = False) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        self.setAlignment(side | Qt.AlignmentFlag.AlignVCenter)
        if role:
            self.setProperty("role", role)
        if pixels:
            self.setStyleSheet(f"font-size: {pixels}px")

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Write as much as there is room for."""
        painter = QPainter(self)
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), self.alignment(), text)
        painter.end()


def text_label(
    text: str = "",
    role: str = "",
    *,
    pixels: int = 0,
    plain: bool = False,
    wraps: bool = False,
    shrinks: bool = False,
    selectable: bool = False,
    margins: Margins | None = None,
    tip: str = "",
) -> QLabel:
    """Return a label.

    Parameters
    ----------
    text, tip : str
    role : str
        What it is to the style sheet.
    pixels : int
        Height of the text; 0 for the role's own.
    plain, wraps, selectable : bool
        Whether the text is never taken for markup, goes on in another line, and can be copied.
    shrinks : bool
        Whether it takes the width that there is, however long its text.
    margins : Margins, optional
    """
    label = QLabel(text)
    if role:
        label.setProperty("role", role)
    if pixels:
        label.setStyleSheet(f"font-size: {pixels}px")
    if plain:
        label.setTextFormat(Qt.TextFormat.PlainText)
    if shrinks:
        label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    if selectable:
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if margins is not None:
        label.setContentsMargins(*margins)
    label.setWordWrap(wraps)
    label.setToolTip(tip)
    return label


def menu_switch(menu: QMenu, text: str, checked: bool = False) -> QAction:
    """Return a new entry at a menu's end that is on or off."""
    action = QAction(text, menu)
    action.setCheckable(True)
    action.setChecked(checked)
    menu.addAction(action)
    return action


def begins_one(event: QEvent | None, names: Iterable[str]) -> bool:
    """Return whether a key is the first letter of a name in a list, and so no shortcut there."""
    if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.ShortcutOverride:
        return False
    letter, extra = event.text().casefold(), Qt.KeyboardModifier.ShiftModifier
    is_plain = not event.modifiers() & ~(extra | Qt.KeyboardModifier.KeypadModifier)
    return is_plain and letter.isalnum() and letter in {name[:1].casefold() for name in names}


class LetterCombo(QComboBox):
    """A choice in which letters choose, and are no keys of the window."""

    @override
    def event(self, event: QEvent | None) -> bool:
        if event is not None and begins_one(event, map(self.itemText, range(self.count()))):
            event.accept()
            return True
        return super().event(event)


def set_sheet(widget: QWidget, sheet: str) -> None:
    """Give a widget a style sheet; the same one again, which Qt would work out anew, is left."""
    if widget.styleSheet() != sheet:
        widget.setStyleSheet(sheet)


def set_look(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the style sheet looks at, which it does only when it is applied."""
    widget.setProperty(name, value)
    style = widget.style()
    if style is not None:
        style.unpolish(widget)
        style.polish(widget)


def one_shot(parent: QObject, then: Callable[[], object], milliseconds: int = 0) -> QTimer:
    """Return a timer that, started, calls a function once, after the other events at the least."""
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(milliseconds)
    timer.timeout.connect(then)
    return timer


def _filled(box: Box, parts: tuple[Part, ...], margins: Margins, spacing: int) -> Box:
    box.setContentsMargins(*margins)
    box.setSpacing(spacing)
    for part in parts:
        if isinstance(part, int):
            box.addSpacing(part)
        elif isinstance(part, str):
            box.addStretch(1)
        else:
            item, stretch = part if isinstance(part, tuple) else (part, 0)
            if isinstance(item, QLayout):
                box.addLayout(item, stretch)
            else:
                box.addWidget(item, stretch)
    return box
