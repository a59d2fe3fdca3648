"""An axis with all digits, true minus signs and units in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

import pyqtgraph as pg
from PyQt6.QtCore import QPointF, QRectF
from PyQt6.QtGui import QColor, QFontMetricsF, QPen
from typing_extensions import override

from skyframe_gui.numbers import digits, fixed
from skyframe_gui.ui.theme import DARK, font

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PyQt6.QtGui import QPainter

    from skyframe_gui.ui.theme import Palette

Side = Literal["left", "right", "bottom", "top"]
LEAST_LEFT, LABEL_ROOM, TICK_ROOM, STEP = 44, 16, 9, 8
HEIGHT, BARE_HEIGHT = 36, 20
"""Of an axis below, with and without a name."""
"""Of an axis below that has no numbers, as another one below it has them."""
NAME_SPACING, OVERHANG, SPARE = 8.0, 6.0, 1.2
GRID = {"dark": 0.07, "light": 0.10}
MOST_DECIMALS, MOST_DIGITS = 6, 1e7


class Axis(pg.AxisItem):
    """The library's axis with our numbers, colours and a place that does not move.

    Parameters
    ----------
    side : {"left", "right", "bottom", "top"}
    pixels : int
        Height of its text.

    Attributes
    ----------
    names : tuple of str
        What stands at 0, 1, 2 ... in the place of numbers; empty for numbers.
    short_names : tuple of str
        What stands there where there is no room for the names; empty if nothing shorter tells them.
    whole : bool
        Whether there is no tick between whole numbers.
    fixed_width : int or None
        Of an axis at the left or right, so that several plots line up.
    """

    def __init__(self, side: Side, pixels: int = 11) -> None:
        self._font = font(pixels)
        self._names: tuple[str, ...] = ()
        self.short_names: tuple[str, ...] = ()
        self._written: tuple[str, ...] = ()
        self.whole = False
        self.fixed_width: int | None = None
        self._name = ""
        self._name_width = 0.0
        super().__init__(side)
        self.enableAutoSIPrefix(False)
        self.setStyle(
            maxTickLevel=0,
            maxTextLevel=0,
            tickLength=0,
            tickFont=self._font,
            tickTextOffset=5,
            autoExpandTextSpace=False,
            hideOverlappingLabels=2,
        )
        self.set_theme(DARK)
        self.set_name("")

    def set_theme(self, palette: Palette) -> None:
        """Take a theme's colours."""
        self.setPen(QPen(QColor(palette.border), 1))
        self.setTextPen(QPen(QColor(palette.text2), 1))
        # The alpha is set apart, as the library overwrites that of the pen.
        self.setTickPen(QPen(QColor(palette.text), 1))
        self.setStyle(tickAlpha=GRID[palette.name])
        self.label.setDefaultTextColor(QColor(palette.text2))

    def set_name(self, name: str) -> None:
        """Say what is along the axis, with its unit."""
        self._name = name
        self.label.setFont(self._font)
        self.label.setVisible(bool(name))
        self._write(name)
        self._make_room()
        self.resizeEvent(None)

    @property
    def names(self) -> tuple[str, ...]:
        """What stands at 0, 1, 2 ... in the place of numbers."""
        return self._names

    @names.setter
    def names(self, names: tuple[str, ...]) -> None:
        if names != self._names:
            self._names = self._written = names
            self.picture = None
            self._make_room()
            self.update()

    @property
    def name(self) -> str:
        """What is along the axis."""
        return self._name

    @override
    def labelString(self) -> str:
        return self._name

    @override
    def _updateLabel(self) -> None:
        """Leave the label as `set_name` has written it: plain text, no prefix."""

    @override
    def setRange(self, mn: float, mx: float) -> None:
        super().setRange(mn, mx)
        self._make_room()

    @override
    def tickSpacing(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, float]]:
        found = [(float(a), float(b)) for a, b in super().tickSpacing(minVal, maxVal, size)]
        if self.whole or self.names:
            found = [(max(step, 1.0), start) for step, start in found]
        return found

    @override
    def tickValues(self, minVal: float, maxVal: float, size: float) -> Any:
        if not self.names:
            return super().tickValues(minVal, maxVal, size)
        first, last = math.ceil(min(minVal, maxVal)), math.floor(max(minVal, maxVal))
        inside = range(max(first, 0), min(last, len(self.names) - 1) + 1)
        each = size / max(abs(maxVal - minVal), 1e-12)
        upright = self.orientation in ("left", "right")
        metrics = QFontMetricsF(self._font)
        for written in filter(None, (self.names, self.short_names)):
            self._written = written
            texts = (metrics.horizontalAdvance(written[at]) for at in inside)
            widest = metrics.height() if upright else max(texts, default=0.0)
            skip = max(1, math.ceil((widest + NAME_SPACING) / each))
            if skip == 1:
                break
        return [(1.0, [float(at) for at in inside if at % skip == 0])]

    @override
    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        if self.names:
            return [self._written[round(value)] for value in values]
        return tick_texts([value * scale for value in values], spacing * scale)

    @override
    def drawPicture(self, p: QPainter, axisSpec: Any, tickSpecs: Any, textSpecs: Any) -> None:
        """Draw the grid as thin rectangles: translucent lines take Qt's painter many times longer.

        Each keeps to whole pixels, so that all lines are equally sharp.
        """
        for pen, start, end in tickSpecs:
            x, y = round(min(start.x(), end.x())), round(min(start.y(), end.y()))
            width, height = abs(end.x() - start.x()), abs(end.y() - start.y())
            p.fillRect(QRectF(x, y, max(width, 1.0), max(height, 1.0)), pen.color())
        super().drawPicture(p, axisSpec, (), textSpecs)

    @override
    def resizeEvent(self, ev: Any = None) -> None:
        super().resizeEvent(ev)
        if self.label is None or not self._name:
            return
        if self.orientation == "bottom":  # at the right end, under the ticks
            left = self.size().width() - self._name_width + 3
            self.label.setPos(QPointF(left, HEIGHT - 21))
        elif self.orientation == "left":
            self._fit_name(self.size().height() + HEIGHT)
            half = self._name_width / 2
            middle = self.size().height() / 2
            # Below the ticks there is room, above the plot there is none.
            self.label.setPos(QPointF(-5, max(middle + half, 2 * half - OVERHANG)))

    def _fit_name(self, room: float) -> None:
        """Write as much of the name as has room: all, its first word and unit, or the unit."""
        metrics = QFontMetricsF(self._font)
        text = next(
            (one for one in wordings(self._name) if metrics.horizontalAdvance(one) + 8 <= room),
            wordings(self._name)[-1],
        )
        if text != self.label.toPlainText():
            self._write(text)

    def _write(self, text: str) -> None:
        """Write the label, with spare room: a drawing may be shown in another, wider font."""
        self.label.setPlainText(text)
        self.label.setTextWidth(-1)
        self._name_width = self.label.boundingRect().width()
        self.label.setTextWidth(SPARE * self._name_width)

    def _make_room(self) -> None:
        """Keep the height, and change the width in steps, so that a small pan does not shift it."""
        if self.orientation in ("bottom", "top"):
            height = HEIGHT if self._name else BARE_HEIGHT
            if self.fixedHeight != height:
                self.setHeight(height)
            return
        width = self.fixed_width
        if width is None:
            width = self.wanted_width()
        if self.fixedWidth != width:
            self.setWidth(width)

    def fix_width(self, width: int) -> None:
        """Take this width, whatever the ticks need."""
        self.fixed_width = width
        self._make_room()

    def wanted_width(self) -> int:
        """Return how wide an axis at the left has to be for its ticks and its name."""
        low, high = self.range
        size = self.size().height() or 100.0
        metrics = QFontMetricsF(self._font)
        texts = [
            text
            for spacing, values in self.tickValues(low, high, size)
            for text in self.tickStrings(values, 1.0, spacing)
        ]
        widest = max(map(metrics.horizontalAdvance, texts), default=0.0)
        room = widest + TICK_ROOM + (LABEL_ROOM if self._name else 0)
        return max(LEAST_LEFT if self._name else 0, math.ceil(room / STEP) * STEP)


def wordings(name: str) -> tuple[str, ...]:
    """Return a name with its unit, the longest wording first: ``image sample [adu]``, ``[adu]``."""
    words, bracket, unit = name.partition("[")
    if not bracket:
        return (name,)
    return (name, f"{words.split(' ')[0]} [{unit}", f"[{unit}")


def tick_texts(values: Sequence[float], spacing: float) -> list[str]:
    """Return ticks as text: as many decimals as their spacing needs, with a true minus."""
    decimals = max(0, -math.floor(math.log10(spacing) + 1e-9)) if spacing > 0 else 0
    largest = max(map(abs, values), default=0.0)
    if decimals > MOST_DECIMALS or largest >= MOST_DIGITS:
        return [digits(value, 6) for value in values]
    return [fixed(value, decimals) for value in values]
