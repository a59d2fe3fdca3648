"""What a panel shows when there is nothing to show: an icon, and what to do next."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel, QVBoxLayout, QWidget

from skyframe_gui.ui import theme


class EmptyHint(QWidget):
    """A centred icon, a title and a sentence.

    Parameters
    ----------
    icon : str
        Of the icon set.
    title, sentence : str
        What is missing, and what brings it.
    """

    def __init__(self, icon: str, title: str, sentence: str) -> None:
        super().__init__()
        self._name = icon
        self._icon = QLabel()
        self._head = head = QLabel(title)
        head.setFont(theme.font(13, 600))
        head.setProperty("role", "text2")
        self._text = text = QLabel(sentence)
        text.setProperty("role", "text3")
        text.setFont(theme.font(12))
        text.setStyleSheet("font-size: 12px;")
        text.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(6)
        column.addStretch(1)
        for label in (head, text):
            label.setTextFormat(Qt.TextFormat.PlainText)
        for label in (self._icon, head, text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(label)
        column.addStretch(1)

    def say(self, title: str, sentence: str) -> None:
        """Say something else."""
        self._head.setText(title)
        self._text.setText(sentence)

    def apply_theme(self, palette: theme.Palette) -> None:
        """Take a theme's colours."""
        made = theme.icon(self._name, palette.text3)
        self._icon.setPixmap(made.pixmap(24, 24))
