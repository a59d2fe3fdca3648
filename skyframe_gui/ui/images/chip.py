"""The chip in a pane's corner: what the pane shows; a click on it opens the pane's menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPixmap
from PyQt6.QtWidgets import QAbstractButton

from skyframe_gui.ui.samples.colours import with_alpha
from skyframe_gui.ui.theme import DARK, font, icon

if TYPE_CHECKING:
    from PyQt6.QtGui import QPaintDevice, QPaintEvent
    from PyQt6.QtWidgets import QWidget

    from skyframe_gui.ui.theme import Palette

HEIGHT, CORNER, PADDING, GAP, CLOCK = 18, 4, 8, 7, 12
OPACITY = {"dark": 0.96, "light": 0.97}


class Chip(QAbstractButton):
    """Title, subject, and a clock where what is shown is out of date."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.move(CORNER, CORNER)
        self._title = self._subject = ""
        self._active = self._stale = False
        self._palette: Palette = DARK
        self._kept = QPixmap()
        self._kept_of: object = None

    def show_words(
        self, palette: Palette, title: str, subject: str, active: bool, stale: bool
    ) -> None:
        """Paint other words."""
        words = (palette, title, subject, active, stale)
        if words == self._words:
            return  # what lies below it would have to be painted, too
        self._palette, self._title, self._subject, self._active, self._stale = words
        self.setText(f"{title} {subject}".strip())
        self.setAccessibleName(f"{self.text()}; choose what this pane shows")
        late = "Out of date: a newer result is on its way.\n" if stale else ""
        self.setToolTip(f"{late}Choose what this pane shows (right click, or the Menu key)")
        self.fit(self.maximumWidth())
        self.update()

    @property
    def _words(self) -> tuple[Palette, str, str, bool, bool]:
        return (self._palette, self._title, self._subject, self._active, self._stale)

    def fit(self, most: int) -> None:
        """Be as wide as the words, or this wide at most."""
        self.setMaximumWidth(most)
        self.resize(min(self.sizeHint().width(), most), HEIGHT)

    def sizeHint(self) -> QSize:
        """Return the size of all words."""
        width = 2 * PADDING + _width(self._title, 600)
        if self._subject:
            width += GAP + _width(self._subject, 400)
        if self._stale:
            width += GAP + CLOCK
        return QSize(int(width) + 2, HEIGHT)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Paint the chip: as a picture that is kept, for the crosshair passes under it."""
        ratio = self.devicePixelRatioF()
        looks = (*self._words, self.size(), self.hasFocus(), self.underMouse(), ratio)
        if looks != self._kept_of:
            self._kept_of = looks
            self._kept = QPixmap((QSizeF(self.size()) * ratio).toSize())
            self._kept.setDevicePixelRatio(ratio)
            self._kept.fill(Qt.GlobalColor.transparent)
            self._paint(self._kept)
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._kept)
        painter.end()

    def _paint(self, on: QPaintDevice) -> None:
        palette = self._palette
        painter = QPainter(on)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.hasFocus():
            painter.setPen(QColor(palette.accent))
        back = palette.hover if self.underMouse() else palette.chip
        painter.setBrush(with_alpha(back, OPACITY[palette.name]))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        x = float(PADDING)
        if self._stale:
            sign = icon("progress-clock", palette.text2)
            sign.paint(painter, int(x), (HEIGHT - CLOCK) // 2, CLOCK, CLOCK)
            x += CLOCK + GAP
        x = self._write(painter, x, self._title, 600, self._title_colour())
        if self._subject:
            self._write(painter, x + GAP, self._subject, 400, palette.text2)
        painter.end()

    def _title_colour(self) -> str:
        palette = self._palette
        if self._stale:
            return palette.text3
        return palette.accent if self._active else palette.text

    def _write(self, painter: QPainter, x: float, text: str, weight: int, colour: str) -> float:
        face = font(11, weight)
        metrics = QFontMetricsF(face)
        text = metrics.elidedText(
            text, Qt.TextElideMode.ElideRight, max(self.width() - PADDING - x + 1, 0)
        )
        painter.setFont(face)
        painter.setPen(QColor(colour))
        baseline = HEIGHT / 2 + (metrics.ascent() - metrics.descent()) / 2
        painter.drawText(QPointF(x, baseline), text)
        return x + metrics.horizontalAdvance(text)


def _width(text: str, weight: int) -> float:
    return QFontMetricsF(font(11, weight)).horizontalAdvance(text)
