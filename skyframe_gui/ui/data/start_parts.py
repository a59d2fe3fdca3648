"""Parts of the start page: the area to drop files in, key chips, cards of what can be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from skyframe_gui.ui import theme

if TYPE_CHECKING:
    from PyQt6.QtGui import QPaintEvent
    from PyQt6.QtWidgets import QLayout

    from skyframe_gui.ui.theme import Palette


class DropArea(QWidget):
    """A dashed frame that says what can be dropped."""

    def __init__(self) -> None:
        super().__init__()
        self._palette = theme.DARK
        self._icon = QLabel()
        title = QLabel("Drop exposures or sky frames here")
        title.setProperty("role", "title")
        text = QLabel(
            "FITS from LSST, HSC, DECam and others, plain or compressed; folders are searched."
        )
        text.setProperty("role", "text2")
        text.setWordWrap(True)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(24, 48, 24, 44)
        self._column.setSpacing(0)
        for widget, gap in ((self._icon, 14), (title, 10), (text, 16)):
            widget.setAlignment(Qt.AlignmentFlag.AlignCenter)
            self._column.addWidget(widget)
            self._column.addSpacing(gap)

    def add_buttons(self, buttons: QLayout) -> None:
        """Add a row of buttons at the foot."""
        self._column.addLayout(buttons)

    def apply_theme(self, palette: Palette) -> None:
        """Take a theme's colours."""
        self._palette = palette
        self._icon.setPixmap(theme.icon("tray-arrow-down", palette.accent).pixmap(32, 32))
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the frame."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(QColor(self._palette.border), 1.5)
        pen.setDashPattern([5, 3])
        painter.setPen(pen)
        painter.setBrush(QColor(self._palette.plot))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)
        painter.end()


class KeyChip(QLabel):
    """A key, drawn as one."""

    def apply_theme(self, palette: Palette) -> None:
        """Take a theme's colours."""
        self.setVisible(bool(self.text()))
        self.setStyleSheet(
            f"color: {palette.text2}; background: {palette.header}; font-size: 11px;"
            f"border: 1px solid {palette.border}; border-radius: 3px; padding: 1px 6px;"
        )


class TaskCard(QFrame):
    """One thing that the program does, and what it needs for it."""

    def __init__(self, icon: str, title: str, text: str, needs: str) -> None:
        super().__init__()
        self._name = icon
        self._icon = QLabel()
        self._icon.setFixedWidth(20)
        self._icon.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter)
        column = QVBoxLayout()
        column.setSpacing(2)
        head = QLabel(title)
        head.setObjectName("taskTitle")
        body = QLabel(text)
        body.setObjectName("taskText")
        foot = QLabel(needs)
        foot.setProperty("role", "hint")
        for label in (head, body, foot):
            label.setWordWrap(label is not head)
            column.addWidget(label)
        column.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 12, 12, 12)
        row.setSpacing(12)
        row.addWidget(self._icon)
        row.addLayout(column, 1)

    def apply_theme(self, palette: Palette) -> None:
        """Take a theme's colours."""
        self._icon.setPixmap(theme.icon(self._name, palette.accent).pixmap(18, 18))
        self.setStyleSheet(
            f"TaskCard {{ background: {palette.plot}; border: 1px solid {palette.line};"
            "border-radius: 4px; }"
            "#taskTitle { font-weight: 600; }"
            f"#taskText {{ color: {palette.text2}; font-size: 12px; }}"
        )
