"""The head of a column: its letter, what it stands for, warnings, and its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel, QSizePolicy, QWidget

from skyframe_gui.ui.badge import Badge
from skyframe_gui.ui.plain_text import plain_tip
from skyframe_gui.ui.widgets import ElidedLabel, in_column, in_row

if TYPE_CHECKING:
    from PyQt6.QtGui import QResizeEvent

    from skyframe_gui.ui.badge import BadgeCount
    from skyframe_gui.ui.theme import Palette

TITLE, NUMBERS = 28, 26
HEIGHT = TITLE + NUMBERS
SIDE, SPACE = 8, 7


class Letter(QLabel):
    """A, B or A minus B in a box: B, which is now, in the accent colour."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setFixedHeight(18)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def apply_theme(self, palette: Palette) -> None:
        """Take a theme's colours."""
        if self.text() == "B":
            look = f"background: {palette.accent}; color: {palette.on_accent}; border: none"
        else:
            look = f"border: 1px solid {palette.text}; color: {palette.text}"
        style = f"QLabel {{ {look}; border-radius: 3px; padding: 0 5px; font-size: 11px; "
        self.setStyleSheet(style + "font-weight: 600 }")


class ColumnHead(QWidget):
    """Two lines over an image."""

    def __init__(self, letter: str) -> None:
        super().__init__()
        self.letter = Letter(letter)
        self.subject, self.when = ElidedLabel(), QLabel()
        self.left, self.right = QLabel(), QLabel()
        self.badge = Badge()
        self.left.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        for label in (self.subject, self.when, self.left, self.right):
            label.setStyleSheet("font-size: 12px")
        self.when.setProperty("role", "text2")
        column = in_column(on=self, margins=(SIDE, 0, SIDE, 0))
        for height, parts in (
            (TITLE, (self.letter, self.subject, self.when, self.badge)),
            (NUMBERS, (self.left, self.right)),
        ):
            line = QWidget()
            line.setFixedHeight(height)
            row = in_row(on=line, spacing=SPACE)
            for part in parts:
                row.addWidget(part, 1 if part in (self.subject, self.left) else 0)
            column.addWidget(line)
        self._look = ""

    def show_words(self, subject: str, when: str, left: str, right: str) -> None:
        """Write other words; ``left`` and ``right`` may have numbers in bold."""
        for label, text in (
            (self.subject, subject),
            (self.when, when),
            (self.left, left),
            (self.right, right),
        ):
            if label.text() != text:
                label.setText(text)
        self.subject.setToolTip(plain_tip(subject))
        self._fit()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Leave the second number away where both have no room: never half of one."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        wanted = self.left.sizeHint().width() + SPACE + self.right.sizeHint().width()
        self.right.setVisible(bool(self.right.text()) and wanted <= self.width() - 2 * SIDE)

    def show_badge(self, count: BadgeCount) -> None:
        """Show how many warnings and notes there are."""
        self.badge.show_count(count)

    def apply_theme(self, palette: Palette) -> None:
        """Take a theme's colours."""
        if self._look != palette.name:
            self._look = palette.name
            self.letter.apply_theme(palette)
            self.badge.apply_theme(palette)
