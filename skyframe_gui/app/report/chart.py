"""Axes of a plot in SVG: from numbers to points on paper, with ticks and titles."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skyframe_gui.app.report.words import minus
from skyframe_gui.files.svg import Svg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

TEXT, QUIET, LINE, ACCENT = "#1c1e21", "#555b63", "#d9dce0", "#0072b2"
ROUNDS = ("#a08a00", "#b06400", "#8f2d00")
BY_HAND, NO_DATA = "#b0508a", "#646a72"
LEFT, RIGHT, TOP, BOTTOM = 42.0, 8.0, 8.0, 32.0
TICK_SIZE = 7.5


class Span(NamedTuple):
    """Where an axis begins and ends."""

    low: float
    high: float


class Chart:
    """A rectangle with axes on an `Svg`, all in points."""

    def __init__(self, width: float, height: float, x: Span, y: Span, label: str) -> None:
        self.svg = Svg(width, height, label)
        self.x, self.y = x, y
        self.left, self.right = LEFT, width - RIGHT
        self.top, self.bottom = TOP, height - BOTTOM

    def px(self, values: Floats | float) -> Floats:
        """Return where values are along x."""
        share = (np.asarray(values, np.float64) - self.x.low) / (self.x.high - self.x.low)
        return np.asarray(self.left + share * (self.right - self.left))

    def py(self, values: Floats | float) -> Floats:
        """Return where values are along y."""
        share = (np.asarray(values, np.float64) - self.y.low) / (self.y.high - self.y.low)
        return np.asarray(self.bottom - share * (self.bottom - self.top))

    def axes(
        self,
        x_title: str,
        y_title: str,
        x_ticks: Sequence[tuple[float, str]] | None = None,
        counts: bool = False,
    ) -> None:
        """Draw grid, ticks and titles; before anything else, which then lies above.

        With ``x_ticks`` the places along x have names; with ``counts`` y has whole numbers only.
        """
        svg = self.svg
        wide, high = self.right - self.left, self.bottom - self.top
        xs = ticks(self.x, wide, 62) if x_ticks is None else x_ticks
        ys = ticks(self.y, high, 26, 1.0 if counts else 0.0)
        svg.begin(stroke=LINE, stroke_width=0.5)
        for value, _ in ys:
            at = float(self.py(value))
            svg.line(self.left, at, self.right, at)
        if x_ticks is None:
            for value, _ in xs:
                at = float(self.px(value))
                svg.line(at, self.top, at, self.bottom)
        svg.end()
        svg.begin(fill=QUIET, font_size=TICK_SIZE)
        for value, text in xs:
            svg.text(float(self.px(value)), self.bottom + 11, text, "middle")
        for value, text in ys:
            svg.text(self.left - 5, float(self.py(value)) + 2.6, text, "end")
        svg.end()
        svg.rect(self.left, self.top, wide, high, fill="none", stroke="#9ca1a8", stroke_width=0.6)
        middle = (self.left + self.right) / 2
        svg.text(middle, self.bottom + 25, x_title, "middle", fill=TEXT, font_size=8)
        y = (self.top + self.bottom) / 2
        turned = f"rotate(-90 9 {y:.2f})"
        svg.text(9, y, y_title, "middle", fill=TEXT, font_size=8, transform=turned)


def ticks(span: Span, length: float, spacing: float, least: float = 0.0) -> list[tuple[float, str]]:
    """Return round numbers with their texts, about ``spacing`` points and ``least`` apart."""
    width = span.high - span.low
    if not (width > 0 and math.isfinite(width)):
        return []
    raw = max(width / max(length / spacing, 1.0), least)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * part for part in (1, 2, 5, 10) if power * part >= raw * 0.999)
    first, last = math.ceil(span.low / step - 1e-9), math.floor(span.high / step + 1e-9)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    form = f".{decimals}f" if decimals <= 6 and abs(span.low) + abs(span.high) < 1e7 else ".6g"
    # Adding 0 makes a 0 of what would be written as minus 0.
    values = [round(number * step, 12) + 0.0 for number in range(first, last + 1)]
    return [(value, minus(f"{value:{form}}")) for value in values]


def around(values: Floats, margin: float = 0.04) -> Span:
    """Return a span around all finite values; 0 to 1 where there is none."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return Span(0.0, 1.0)
    low, high = float(finite.min()), float(finite.max())
    more = margin * (high - low) or abs(low) * 1e-3 or 0.5
    return Span(low - more, high + more)
