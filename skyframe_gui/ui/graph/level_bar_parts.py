"""What a level bar is made of: its colours, its numbers, and the log histogram beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import QPointF, QRect, QRectF, Qt
from PyQt6.QtGui import QColor, QImage, QPainter
from PyQt6.QtWidgets import QWidget
from typing_extensions import override

from skyframe_gui.ui.graph.axis import Axis
from skyframe_gui.ui.samples.colours import with_alpha
from skyframe_gui.ui.theme import DARK

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PyQt6.QtGui import QPaintEvent

    from skyframe_gui.app.model.shown import Histogram
    from skyframe_gui.ui.theme import Palette

LEFT, HANDLE, BAR = 1, 10, 6
"""The gap at the image, a handle's width, and that of the bar in the middle of the handles."""
TEXT, TICK_DENSITY = 10, 1.6
"""Ticks and unit: pixels high, and how close ticks stand."""
OFFSET, UNIT_SHIFT = 4, 2
"""Of the ticks from the handles, and of the unit to the right: numbers of four digits reach it."""
HISTOGRAM_WIDTH = 16
GROUND = 0.82
"""How much of the image the histogram's ground hides."""


class Ticks(Axis):
    """An axis of numbers alone, which is drawn anew at every move of a slider."""

    @override
    def resizeEvent(self, ev: Any = None) -> None:
        super().resizeEvent(ev)
        if self.label is not None:
            self.label.moveBy(UNIT_SHIFT, 0)

    @override
    def generateDrawSpecs(self, p: QPainter) -> Any:
        # Qt's stubs know the method of this name only, which the library's field hides.
        own: Any = self
        p.setFont(own.style["tickFont"])
        return self.specs()

    def specs(self) -> Any:
        """Place the numbers; the library measures each text and draws lines of no length."""
        own: Any = self
        # Not its bounding rectangle, which is a little higher than what the axis is along.
        width, height = self.size().width(), self.size().height()
        low, high = own.range
        each = height / ((high - low) or 1.0)
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        texts = []
        for spacing, values in self.tickValues(low, high, height)[:1]:
            shown = self.tickStrings(values, own.scale, spacing)
            for value, text in zip(values, shown, strict=True):
                y = (high - value) * each
                if TEXT / 2 <= y <= height - TEXT / 2:
                    box = QRectF(OFFSET, y - TEXT / 2, width - OFFSET, TEXT)
                    texts.append((box, flags | Qt.TextFlag.TextDontClip, text))
        corner = QPointF(-9, -9)  # off the bar: of no length, the line would be a dot
        return (self.pen(), corner, corner), [], texts


class Colours(pg.GraphicsObject):
    """The bar itself: the lookup table from the lower limit to the upper one."""

    def __init__(self) -> None:
        super().__init__()
        self._box = QRectF()
        self._lut: NDArray[np.uint32] | None = None
        self._image = QImage()

    def show_table(self, lut: NDArray[np.uint32], steps: bool, bottom: float, top: float) -> None:
        """Paint a table between two heights of the view."""
        margin = (HANDLE - BAR) / 2 / HANDLE
        box = QRectF(margin, bottom, 1 - 2 * margin, top - bottom)
        if box != self._box:
            self.prepareGeometryChange()
            self._box = box
        if lut is not self._lut:
            self._lut = lut
            self._image = _column(lut, steps)
            self.update()

    @override
    def boundingRect(self) -> QRectF:
        return self._box

    @override
    def paint(self, painter: QPainter | None, *args: Any) -> None:
        if painter is not None:
            # The view's y axis goes up, so the image's first row, the lowest, is at the bottom.
            painter.drawImage(self._box, self._image)


def _column(lut: NDArray[np.uint32], steps: bool) -> QImage:
    size = len(lut) if steps else min(len(lut), 256)
    places = np.linspace(0, len(lut) - 1, size).round().astype(np.intp)
    column = np.ascontiguousarray(lut[places], np.uint32)
    return QImage(column.tobytes(), 1, size, 4, QImage.Format.Format_RGB32).copy()


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
        self.setGeometry(bar.left() - HISTOGRAM_WIDTH, bar.top(), HISTOGRAM_WIDTH, bar.height())

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
        rows, across = round(self.height() * ratio), round(HISTOGRAM_WIDTH * ratio)
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
        painter.drawImage(QRectF(0, 0, HISTOGRAM_WIDTH, rows / ratio), image)
