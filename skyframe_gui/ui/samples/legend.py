"""The row under a plot that says which mark is what, and how many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter
from PyQt6.QtWidgets import QWidget

from skyframe_gui.ui.plain_text import plain_tip
from skyframe_gui.ui.samples import mark_shapes
from skyframe_gui.ui.theme import DARK, font

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PyQt6.QtGui import QPaintEvent

    from skyframe_gui.ui.theme import Palette

HEIGHT = 20


class Entry(NamedTuple):
    """A mark with its words."""

    shape: Literal["circle", "square", "triangle", "cross"]
    colour: str
    text: str
    short: str = ""
    """Where there is too little room for the text."""


class Legend(QWidget):
    """Marks with words side by side, and a remark at the right where there is room."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(HEIGHT)
        self._palette = DARK
        self._entries: tuple[Entry, ...] = ()
        self._remark = ""

    def show_entries(self, entries: Sequence[Entry], remark: str, palette: Palette) -> None:
        """Paint other entries."""
        new = (tuple(entries), remark, palette)
        if new != (self._entries, self._remark, self._palette):
            self._entries, self._remark, self._palette = new
            self.setAccessibleName(", ".join(entry.text for entry in entries))
            self.setToolTip(plain_tip("  ".join(entry.text for entry in entries)))
            self.update()

    def sizeHint(self) -> QSize:
        """Return a small width: what does not fit is in the tooltip."""
        return QSize(100, HEIGHT)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the row."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._palette.dock))
        face = font(11)
        painter.setFont(face)
        metrics = QFontMetricsF(face)
        middle = self.height() / 2
        texts = [entry.text for entry in self._entries]
        if 20 * len(texts) + sum(map(metrics.horizontalAdvance, texts)) + 18 > self.width():
            texts = [entry.short or entry.text for entry in self._entries]
        words = [metrics.horizontalAdvance(text) for text in texts]
        least = sum(words) + 15 * len(words) + 12
        gap = max(6.0, min(14.0, (self.width() - least) / max(len(words) - 1, 1)))
        x = 12.0
        for entry, text, width in zip(self._entries, texts, words, strict=True):
            self._draw_mark(painter, entry, x + 4, middle)
            painter.setPen(QColor(self._palette.text2))
            painter.drawText(
                QPointF(x + 14, middle + (metrics.ascent() - metrics.descent()) / 2), text
            )
            x += 14 + width + gap
        if x + metrics.horizontalAdvance(self._remark) + 12 < self.width():
            painter.setPen(QColor(self._palette.text2))
            box = QRectF(0, 0, self.width() - 12, self.height())
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(box, right, self._remark)
        painter.end()

    def _draw_mark(self, painter: QPainter, entry: Entry, x: float, y: float) -> None:
        xs, ys = np.array([x]), np.array([y])
        if entry.shape == "circle":
            mark_shapes.discs(painter, xs, ys, 8, QColor(entry.colour))
        elif entry.shape == "square":
            mark_shapes.squares(painter, xs, ys, 7, entry.colour, None)
        elif entry.shape == "triangle":
            mark_shapes.triangles(painter, xs, ys, 9, entry.colour)
        else:
            mark_shapes.crosses(painter, xs, ys, 7, entry.colour)
