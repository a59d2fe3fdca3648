"""The log histogram that opens over an image's edge beside its level bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QRect, QRectF, Qt
from PyQt6.QtGui import QColor, QImage, QPainter
from PyQt6.QtWidgets import QWidget

from skyframe_gui.ui.samples.colours import with_alpha
from skyframe_gui.ui.theme import DARK

if TYPE_CHECKING:
    from PyQt6.QtGui import QPaintEvent

    from skyframe_gui.app.model.shown import Histogram
    from skyframe_gui.ui.theme import Palette

WIDTH = 16
GROUND = 0.82
"""How much of the image the ground hides."""


class LevelHistogram(QWidget):
    """How many pixels have which value, at the heights of the bar beside it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        self._counts: Histogram | None = None
        self._span = (0.0, 1.0)
        self._palette: Palette = DARK

    def place(self, bar: QRect) -> None:
        """Stand at the left of a bar, as high as it."""
        self.setGeometry(bar.left() - WIDTH, bar.top(), WIDTH, bar.height())

    def show_counts(
        self, histogram: Histogram, span: tuple[float, float], palette: Palette
    ) -> None:
        """Open, with values from the lower to the upper end."""
        self._counts, self._span, self._palette = histogram, span, palette
        self.raise_()
        self.show()
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw it as a picture, row by row: a polygon of so many corners takes a millisecond."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), with_alpha(self._palette.chip, GROUND))
        if self._counts is not None:
            self._draw(painter, self._counts)
        painter.end()

    def _draw(self, painter: QPainter, histogram: Histogram) -> None:
        counts, edges = histogram
        heights = np.log1p(np.asarray(counts, np.float64))
        if len(edges) != len(counts) + 1 or not heights.max(initial=0.0) > 0:
            return
        ratio = self.devicePixelRatioF()
        rows, across = round(self.height() * ratio), round(WIDTH * ratio)
        low, high = self._span
        values = high - (np.arange(rows) + 0.5) / max(rows, 1) * (high - low)
        index = np.searchsorted(edges, values, side="right") - 1
        inside = (index >= 0) & (index < len(heights))
        longs = np.where(inside, heights[np.clip(index, 0, len(heights) - 1)], 0.0)
        longs = np.where(inside, np.maximum(longs / heights.max() * across, ratio), 0.0)
        cover = np.clip(longs[:, None] - np.arange(across - 1, -1, -1)[None, :], 0.0, 1.0)
        colour = QColor(self._palette.text3)
        pixels = (cover * 255).astype(np.uint32) << 24
        for part, shift in ((colour.red(), 16), (colour.green(), 8), (colour.blue(), 0)):
            pixels |= (cover * part).astype(np.uint32) << shift
        kind = QImage.Format.Format_ARGB32_Premultiplied
        image = QImage(pixels.tobytes(), across, rows, 4 * across, kind)
        painter.drawImage(QRectF(0, 0, WIDTH, rows / ratio), image)
