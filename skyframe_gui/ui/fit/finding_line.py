"""A line that warns: one sentence with its number; the whole text opens below and pushes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from PyQt6.QtCore import QRect, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PyQt6.QtWidgets import QFrame, QPushButton, QSizePolicy

from skyframe_gui.ui.theme import font, icon
from skyframe_gui.ui.widgets import in_column, text_label

if TYPE_CHECKING:
    from collections.abc import Callable

    from PyQt6.QtGui import QKeyEvent, QPaintEvent

    from skyframe_gui.ui.theme import Palette

Severity = Literal["error", "warning", "note"]
HEIGHT = 28
SIGN_AT, TEXT_AT = 9, 33
"""Pixels from the left, behind the frame's coloured edge."""
SIGN, CHEVRON = 15, 16
SIGNS = {"error": "alert-circle-outline", "warning": "alert", "note": "information-outline"}


class Headline(QPushButton):
    """The line itself: a button that opens and closes the text."""

    def __init__(self, severity: Severity, title: str, short: str) -> None:
        super().__init__(title)
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip("Show or hide the whole text (Enter); the next one (N)")
        self._severity, self._short, self._place = severity, short, ""
        self.setAccessibleName(f"{severity.capitalize()}: {title} {short}".strip())
        self.palette_of_theme: Palette | None = None

    def show_place(self, place: str) -> None:
        """Show which of how many it is; "" for none."""
        if place != self._place:
            self._place = place
            self.update()

    def keyPressEvent(self, e: QKeyEvent | None) -> None:
        """Open and close with Enter, too; Esc closes."""
        toggles = {Qt.Key.Key_Return, Qt.Key.Key_Enter}
        if self.isChecked():
            toggles.add(Qt.Key.Key_Escape)
        if e is not None and e.key() in toggles:
            self.click()
        else:
            super().keyPressEvent(e)

    def sizeHint(self) -> QSize:
        """Return the line's height; it takes the width that there is."""
        return QSize(120, HEIGHT)

    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """Draw sign, sentence, number, place and chevron."""
        palette = self.palette_of_theme
        if palette is None:
            return
        painter = QPainter(self)
        if self.underMouse():
            shade = QColor(palette.text)
            shade.setAlphaF(0.05)
            painter.fillRect(self.rect(), shade)
        colour = {"error": palette.error, "warning": palette.warning}.get(
            self._severity, palette.text2
        )
        top = (HEIGHT - SIGN) // 2
        icon(SIGNS[self._severity], colour).paint(painter, QRect(SIGN_AT, top, SIGN, SIGN))
        end = self.width() - CHEVRON - 6
        chevron = icon("chevron-up" if self.isChecked() else "chevron-down", palette.text2)
        chevron.paint(painter, QRect(end, (HEIGHT - CHEVRON) // 2, CHEVRON, CHEVRON))
        if self._place:
            end = self._write(
                painter, self._place, 400, palette.text2, TEXT_AT, end - 6, right=True
            )
        at = self._write(painter, self.text(), 600, palette.text, TEXT_AT, end - 8)
        if not self.isChecked():
            room = end - at - 12
            short = fitting(self._short, QFontMetrics(font(12)).horizontalAdvance, room)
            self._write(painter, short, 400, palette.text, at + 4, end - 8)
        if self.hasFocus():
            painter.setPen(QPen(QColor(palette.accent), 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _write(
        self,
        painter: QPainter,
        text: str,
        weight: int,
        colour: str,
        start: int,
        end: int,
        right: bool = False,
    ) -> int:
        """Write on the line from a start to an end at most; return where the text ends, or begins.

        What there is no room for ends in an ellipsis.
        """
        written = font(12, weight)
        metrics = QFontMetrics(written)
        room = end - start
        if room < metrics.horizontalAdvance("…"):
            return start
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        width = metrics.horizontalAdvance(shown)
        left = end - width if right else start
        painter.setFont(written)
        painter.setPen(QColor(colour))
        painter.drawText(
            QRect(left, 0, width + 1, HEIGHT), Qt.AlignmentFlag.AlignVCenter.value, shown
        )
        return left if right else left + width


def fitting(text: str, width_of: Callable[[str], int], room: int) -> str:
    """Return a text, or as many of its words as there is room for; never a number cut in two.

    What is left ends in a word, not in a number without its unit; where none fits it is empty.
    """
    shown, words = text, text.split()
    while shown and width_of(shown) > room:
        words.pop()
        while words and not words[-1].rstrip(",.;").isalpha():
            words.pop()
        shown = f"{' '.join(words).rstrip(',.;')}…" if words else ""
    return shown


class FindingLine(QFrame):
    """A finding: a line, and below it the whole text with a link that acts.

    Parameters
    ----------
    kind : str
        Which finding it is; the same of one fit and the next.
    severity : {"error", "warning", "note"}
    title, short, text : str
        The sentence, its number, and the whole.
    link : str
        "" for none.

    Attributes
    ----------
    followed : signal ()
        The link was clicked.
    opened : signal (bool)
        A person opens or closes the text.
    """

    followed = pyqtSignal()
    opened = pyqtSignal(bool)

    def __init__(
        self, *, kind: str, severity: Severity, title: str, short: str, text: str, link: str = ""
    ) -> None:
        super().__init__()
        self.kind, self.severity = kind, severity
        self.setObjectName(f"{severity}Card")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.head = Headline(severity, title, short)
        self.words = text_label(
            text, pixels=12, plain=True, wraps=True, selectable=True, margins=(TEXT_AT, 0, 12, 6)
        )
        column = in_column(self.head, self.words, on=self, margins=(3, 0, 0, 0))
        self.link = QPushButton(link)
        self.link.setProperty("link", True)
        self.link.setStyleSheet(f"font-size: 12px; margin: 0 0 6px {TEXT_AT}px;")
        self.link.setCursor(Qt.CursorShape.PointingHandCursor)
        self.link.clicked.connect(self.followed)
        column.addWidget(self.link, 0, Qt.AlignmentFlag.AlignLeft)
        self._has_link = bool(link)
        self.head.clicked.connect(self._on_clicked)
        self.set_open(False)

    @property
    def is_open(self) -> bool:
        """Whether the whole text is shown."""
        return self.head.isChecked()

    def set_open(self, is_open: bool) -> None:
        """Show or hide the whole text."""
        self.head.setChecked(is_open)
        self.words.setVisible(is_open)
        self.link.setVisible(is_open and self._has_link)

    def set_theme(self, palette: Palette) -> None:
        """Take a theme's colours."""
        self.head.palette_of_theme = palette
        self.head.update()

    def _on_clicked(self, is_open: bool) -> None:
        self.set_open(is_open)
        self.opened.emit(is_open)
