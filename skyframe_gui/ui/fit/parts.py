"""Parts of the fit box: counts with the marks of their classes, and cards that warn."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from PyQt6.QtCore import QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPainter, QPen, QPolygonF
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from skyframe_gui.ui.theme import icon

if TYPE_CHECKING:
    from PyQt6.QtGui import QPaintEvent

    from skyframe_gui.ui.theme import Palette

SHAPES = {"used": "circle", "rejected": "square", "by hand": "triangle", "no data": "cross"}


class Mark(QWidget):
    """The mark of a class of samples."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.setFixedSize(12, 16)
        self._shape = SHAPES[kind]
        self.colour = ""

    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """Draw the mark."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = QColor(self.colour)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        if self._shape == "circle":
            painter.drawEllipse(QRectF(1.5, 3.5, 9, 9))
        elif self._shape == "square":
            painter.drawRect(QRectF(1.5, 3.5, 9, 9))
        elif self._shape == "triangle":
            painter.drawPolygon(
                QPolygonF([QPointF(0.5, 3.5), QPointF(11.5, 3.5), QPointF(6, 12.5)])
            )
        else:
            painter.setPen(QPen(colour, 1.6))
            painter.drawLine(QPointF(2, 4), QPointF(10, 12))
            painter.drawLine(QPointF(10, 4), QPointF(2, 12))
        painter.end()


class Count(QWidget):
    """A mark, a number, and what it counts."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self.mark = Mark(kind)
        self.number = QLabel()
        self._kind = QLabel(kind)
        self._kind.setProperty("role", "text2")
        self.setFixedHeight(18)
        for widget in (self.mark, self.number, self._kind):
            row.addWidget(widget)
        row.addStretch(1)

    def show_count(self, count: int, colour: str, text: str) -> None:
        """Show a count, its mark in a colour and its number in another."""
        self.mark.colour = colour
        self.mark.update()
        self.number.setText(str(count))
        self.number.setStyleSheet(f"font-size: 12px; font-weight: 600; color: {text};")
        self._kind.setStyleSheet("font-size: 12px;")


class Card(QFrame):
    """A warning in words, with a link that acts.

    Parameters
    ----------
    title, text : str
    link : str
        "" for none.
    severe : bool
        Whether something failed; else something only needs a look.

    Attributes
    ----------
    followed : signal ()
        The link was clicked.
    """

    followed = pyqtSignal()

    def __init__(self, title: str, text: str, link: str = "", severe: bool = False) -> None:
        super().__init__()
        self._severe = severe
        self.setObjectName("errorCard" if severe else "warningCard")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(self)
        row.setContentsMargins(13, 8, 10, 8)
        row.setSpacing(9)
        self._sign = QLabel()
        self._sign.setFixedSize(16, 16)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(4)
        self.words = QLabel(
            f'<span style="font-weight:600">{html.escape(title)}</span> {html.escape(text)}'
        )
        self.words.setTextFormat(Qt.TextFormat.RichText)
        self.words.setWordWrap(True)
        self.words.setStyleSheet("font-size: 12px;")
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(self.words)
        self.link = QPushButton(link)
        self.link.setProperty("link", True)
        self.link.setStyleSheet("font-size: 12px;")
        self.link.setCursor(Qt.CursorShape.PointingHandCursor)
        self.link.clicked.connect(self.followed)
        self.link.setVisible(bool(link))
        column.addWidget(self.link, 0, Qt.AlignmentFlag.AlignLeft)
        row.addLayout(column, 1)

    def dress(self, palette: Palette) -> None:
        """Take a theme's colours."""
        name, colour = ("alert-circle-outline", palette.error)
        if not self._severe:
            name, colour = ("alert", palette.warning)
        self._sign.setPixmap(icon(name, colour).pixmap(15, 15))
