"""The bar beside an image: which colour is which value, how many pixels have it, and the limits."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from skyframe_gui.ui.plots.axes import Range, ticks
from skyframe_gui.ui.theme import DARK, font

if TYPE_CHECKING:
    from PyQt6.QtGui import QMouseEvent, QPaintEvent

    from skyframe_gui.ui.images.content import Content
    from skyframe_gui.ui.theme import Palette

WIDTH = 86
HISTOGRAM, BAR = 16, 10
LEFT = 6
"""Of the histogram."""
TOP, BOTTOM = 26, 10
BEYOND = 0.14
"""How far the axis goes on beyond either limit, by their distance."""
GRIP = 7
"""Pixels about a handle in which it can be taken."""
SPACING = 34.0
SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


class ColorBar(QWidget):
    """Bar, ticks, log histogram and two handles.

    Signals
    -------
    dragged : (low, high)
        In the unit of what is shown.
    reset
        The limits are to be measured again.
    """

    dragged = pyqtSignal(float, float)
    reset = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.setFixedWidth(WIDTH)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        self.setAccessibleName("Limits of the colours")
        self.setToolTip("Drag the lines to set the limits; double click to measure them again")
        self._content: Content | None = None
        self._palette: Palette = DARK
        self._axis: tuple[float, float] | None = None
        self._held: int | None = None
        self._key: object = None

    def show_content(self, content: Content | None, palette: Palette) -> None:
        """Paint another content's colours."""
        if content is not None and content.why:
            content = None
        key = None
        if content is not None:
            histogram = content.histogram
            key = (
                content.limits,
                content.unit,
                id(content.lut),
                content.factor,
                None if histogram is None else id(histogram[0]),
            )
        if (key, palette.name) == self._key:
            return
        self._key = (key, palette.name)
        self._content, self._palette = content, palette
        if self._held is None and content is not None:
            low, high = content.limits
            more = BEYOND * (high - low)
            self._axis = (low - more, high + more)
        self.update()

    def place_of(self, value: float) -> float:
        """Return the height at which a value is, in the widget's pixels."""
        low, high = self._axis or (0.0, 1.0)
        bottom = self.height() - BOTTOM
        return bottom - (value - low) / ((high - low) or 1.0) * (bottom - TOP)

    def value_at(self, y: Any) -> Any:
        """Return the value at a height, or at many."""
        low, high = self._axis or (0.0, 1.0)
        bottom = self.height() - BOTTOM
        return low + (bottom - y) / max(bottom - TOP, 1) * (high - low)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Take the nearer handle."""
        if event is None or self._content is None:
            return
        if event.button() == Qt.MouseButton.LeftButton:
            self._held = self._handle_at(event.position().y())

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Move the handle that is held."""
        if event is None or self._content is None:
            return
        y = event.position().y()
        if self._held is None:
            grips = self._handle_at(y) is not None
            self.setCursor(Qt.CursorShape.SizeVerCursor if grips else Qt.CursorShape.ArrowCursor)
            return
        low, high = self._content.limits
        value = float(self.value_at(y))
        if self._content.symmetric:
            half = abs(value)
            low, high = -half, half
        elif self._held == 0:
            low = value
        else:
            high = value
        if high > low:
            self.dragged.emit(low, high)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """Let the handle go: the axis follows the limits again."""
        if self._held is not None:
            self._held, self._key = None, None
            self.show_content(self._content, self._palette)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """Measure the limits again."""
        self._held = None
        self.reset.emit()

    def _handle_at(self, y: float) -> int | None:
        if self._content is None:
            return None
        apart = [abs(self.place_of(value) - y) for value in self._content.limits]
        nearest = int(apart[1] < apart[0])
        return nearest if apart[nearest] <= GRIP else None

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Paint everything."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._palette.canvas))
        content = self._content
        if content is not None and self.height() > TOP + BOTTOM + 40:
            self._paint_histogram(painter, content)
            self._paint_bar(painter, content)
            self._paint_ticks(painter, content)
            self._paint_handles(painter, content)
        painter.end()

    def _paint_histogram(self, painter: QPainter, content: Content) -> None:
        if content.histogram is None:
            return
        counts, edges = content.histogram
        heights = np.log1p(np.asarray(counts, np.float64))
        if not heights.max() > 0 or len(edges) != len(counts) + 1:
            return
        # As a picture, row by row: a polygon of so many corners takes a millisecond.
        scale = self.devicePixelRatioF()
        rows, across = round((self.height() - TOP - BOTTOM) * scale), round(HISTOGRAM * scale)
        values = self.value_at(TOP + (np.arange(rows) + 0.5) / scale)
        index = np.searchsorted(edges, values, side="right") - 1
        inside = (index >= 0) & (index < len(heights))
        longs = np.where(inside, heights[np.clip(index, 0, len(heights) - 1)], 0.0)
        longs = np.where(inside, np.maximum(longs / heights.max() * across, scale), 0.0)
        cover = np.clip(longs[:, None] - np.arange(across - 1, -1, -1)[None, :], 0.0, 1.0)
        colour = QColor(self._palette.histogram)
        pixels = (cover * 255).astype(np.uint32) << 24
        for part, shift in ((colour.red(), 16), (colour.green(), 8), (colour.blue(), 0)):
            pixels |= (cover * part).astype(np.uint32) << shift
        kind = QImage.Format.Format_ARGB32_Premultiplied
        image = QImage(pixels.tobytes(), across, rows, 4 * across, kind)
        painter.drawImage(QRectF(LEFT, TOP, HISTOGRAM, rows / scale), image)

    def _paint_bar(self, painter: QPainter, content: Content) -> None:
        low, high = content.limits
        top, bottom = self.place_of(high), self.place_of(low)
        steps = np.linspace(len(content.lut) - 1, 0, 256).astype(np.int64)
        column = np.ascontiguousarray(content.lut[steps])
        image = QImage(column.tobytes(), 1, 256, 4, QImage.Format.Format_RGB32)
        left = LEFT + HISTOGRAM + 1
        painter.drawImage(QRectF(left, top, BAR, bottom - top), image)

    def _paint_ticks(self, painter: QPainter, content: Content) -> None:
        palette = self._palette
        low, high = content.limits
        power = power_of(low, high)
        factor = 10.0**power
        span = Range(low / factor, high / factor)
        length = abs(self.place_of(low) - self.place_of(high))
        values, labels = ticks(span, length, SPACING)
        face = font(11)
        metrics = QFontMetricsF(face)
        painter.setFont(face)
        right = LEFT + HISTOGRAM + 1 + BAR
        half = (metrics.ascent() - metrics.descent()) / 2
        for value, label in zip(values.tolist(), labels, strict=True):
            y = self.place_of(value * factor)
            painter.setPen(QPen(QColor(palette.text3), 1))
            painter.drawLine(QPointF(right, y), QPointF(right + 3, y))
            painter.setPen(QColor(palette.text2))
            painter.drawText(QPointF(right + 8, y + half), label)
        unit = content.unit
        if power:
            unit = f"10{str(power).translate(SUPERSCRIPTS)} {unit}"
        unit = metrics.elidedText(unit, Qt.TextElideMode.ElideRight, self.width() - 6)
        painter.drawText(
            QRectF(0, 0, self.width() - 5, TOP - 4),
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
            unit,
        )

    def _paint_handles(self, painter: QPainter, content: Content) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(QColor(self._palette.highlight), 2))
        for value in content.limits:
            y = round(self.place_of(value))
            painter.drawLine(LEFT - 2, y, LEFT + HISTOGRAM + BAR + 6, y)


def power_of(low: float, high: float) -> int:
    """Return the power of ten that is taken out of the numbers of an axis, a multiple of 3."""
    most, width = max(abs(low), abs(high)), high - low
    if not (math.isfinite(most) and most > 0 and width > 0):
        return 0
    if most >= 1e5 or most < 0.05:
        return 3 * math.floor(math.log10(most) / 3)
    return 0
