"""Small grids as pictures, and the bars that say which colour is which value."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen, QPolygonF

from skyframe_gui.ui.images.stretch import lookup
from skyframe_gui.ui.plots.axes import Range, ticks
from skyframe_gui.ui.theme import font

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from skyframe_gui.ui.theme import Palette

BAR, HISTOGRAM = 10, 16
SPACING, STEP_SPACING = 34.0, 18.0
BINS_OF_HISTOGRAM = 40
BAR_WIDTH = HISTOGRAM + 1 + BAR + 42
"""Of a bar with its ticks."""


@dataclass(frozen=True, eq=False)
class Coloured:
    """Values with their colours.

    Attributes
    ----------
    values : float array [ny, nx]
        NaN where there is none.
    limits : (low, high)
        Values of the first and of the last colour; of counts the smallest and the largest.
    colours : str
        See `skyframe_gui.ui.images.stretch`.
    steps : bool
        Whether they are whole numbers, a colour each.
    turned : bool
        Whether the last colour is of the lowest value.
    factor : float
        What numbers are divided by on the ticks.
    """

    values: NDArray[Any]
    limits: tuple[float, float]
    colours: str
    steps: bool = False
    turned: bool = False
    factor: float = 1.0

    @property
    def n_steps(self) -> int:
        """Number of whole steps."""
        return round(self.limits[1] - self.limits[0]) + 1

    def table(self) -> NDArray[np.uint32]:
        """Return the colours from low to high, uint32 0xffRRGGBB."""
        table = lookup(self.colours)
        if self.steps:
            places = np.linspace(0, len(table) - 1, max(self.n_steps, 2)).round().astype(int)
            # A single step is the untroubled one.
            table = table[places]
            if self.n_steps == 1:
                table = table[:1]
        return table[::-1] if self.turned else table

    def image(self, nothing: str) -> QImage:
        """Return the picture, a pixel for each bin, the first row at the bottom.

        Parameters
        ----------
        nothing : str
            Colour of bins without a value.
        """
        low, high = self.limits
        table = self.table()
        there = np.isfinite(self.values)
        with np.errstate(invalid="ignore"):
            place = (self.values - low) / ((high - low) or 1.0) * (len(table) - 1)
        place = np.clip(np.where(there, place, 0), 0, len(table) - 1).round().astype(np.intp)
        words = np.where(there, table[place], np.uint32(QColor(nothing).rgb()))[::-1]
        ny, nx = words.shape
        raw = np.ascontiguousarray(words, np.uint32).tobytes()
        # A copy, as QImage does not keep the bytes.
        return QImage(raw, nx, ny, 4 * nx, QImage.Format.Format_RGB32).copy()


def value_limits(values: NDArray[Any], floor: float | None = None) -> tuple[float, float]:
    """Return limits for all but the farthest values, from ``floor`` on where that is given."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return (0.0, 1.0)
    low, high = (float(one) for one in np.percentile(finite, (0.5, 99.5)))
    if floor is not None:
        low = floor
    if not high > low:
        half = abs(low) * 1e-3 or 0.5
        return (low if floor is not None else low - half, high + half)
    return low, high


def draw_picture(painter: QPainter, image: QImage, box: QRectF) -> None:
    """Draw bins as sharp rectangles."""
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.drawImage(box, image)


def draw_bar(
    painter: QPainter,
    palette: Palette,
    coloured: Coloured,
    box: QRectF,
    spacing: float = SPACING,
) -> None:
    """Draw a bar with its ticks, and the histogram at its left where it is no bar of counts.

    Parameters
    ----------
    box : QRectF
        `BAR_WIDTH` wide; the bar is as high as it.
    spacing : float
        About how far apart ticks are, in pixels.
    """
    left = box.left() + HISTOGRAM + 1
    bar = QRectF(left, box.top(), BAR, box.height())
    table = coloured.table()
    painter.setFont(font(11))
    metrics = QFontMetricsF(painter.font())
    half = (metrics.ascent() - metrics.descent()) / 2
    low, high = coloured.limits
    if coloured.steps:
        n = coloured.n_steps
        each = box.height() / n
        painter.setPen(Qt.PenStyle.NoPen)
        for step in range(n):
            top = box.bottom() - (step + 1) * each
            painter.fillRect(QRectF(left, top, BAR, each), QColor(int(table[step])))
        skip = next(k for k in (1, 2, 5, 10, 20, 50, 100, 1000) if k * each >= STEP_SPACING)
        marks = [
            (box.bottom() - (step + 0.5) * each, f"{low + step:.0f}")
            for step in range(n)
            if round(low + step) % skip == 0 or n == 1
        ]
    else:
        _draw_histogram(painter, palette, coloured, box)
        column = np.ascontiguousarray(table[np.linspace(len(table) - 1, 0, 256).astype(int)])
        image = QImage(column.tobytes(), 1, 256, 4, QImage.Format.Format_RGB32)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(bar, image)
        span = Range(low / coloured.factor, high / coloured.factor)
        values, labels = ticks(span, box.height(), spacing)
        marks = [
            (box.bottom() - (value - span.low) / span.width * box.height(), label)
            for value, label in zip(values.tolist(), labels, strict=True)
        ]
    for y, label in marks:
        painter.setPen(QPen(QColor(palette.text3), 1))
        painter.drawLine(QPointF(bar.right(), y), QPointF(bar.right() + 3, y))
        painter.setPen(QColor(palette.text2))
        painter.drawText(QPointF(bar.right() + 6, y + half), label)


def _draw_histogram(painter: QPainter, palette: Palette, coloured: Coloured, box: QRectF) -> None:
    low, high = coloured.limits
    finite = coloured.values[np.isfinite(coloured.values)]
    if finite.size < 2:
        return
    counts, _ = np.histogram(finite, BINS_OF_HISTOGRAM, (low, high))
    heights = np.log1p(counts.astype(np.float64))
    if not heights.max() > 0:
        return
    right = box.left() + HISTOGRAM - 1
    x = right - heights / heights.max() * (HISTOGRAM - 2)
    each = box.height() / BINS_OF_HISTOGRAM
    shape = [QPointF(right, box.bottom())]
    for index, at in enumerate(x.tolist()):
        shape.append(QPointF(at, box.bottom() - index * each))
        shape.append(QPointF(at, box.bottom() - (index + 1) * each))
    shape.append(QPointF(right, box.top()))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(palette.histogram))
    painter.drawPolygon(QPolygonF(shape))


def fitting_box(width: float, height: float, aspect: float) -> tuple[float, float]:
    """Return the largest width and height of an aspect within a room, in whole pixels."""
    across = min(width, height * aspect)
    return max(math.floor(across), 1), max(math.floor(across / aspect), 1)
