"""The values of all exposures in one bin, with the limits of every pass of the clip."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QPointF
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter

from skyframe_gui.app.model.stack_view import NO_VALUE, OUTSIDE, USED
from skyframe_gui.numbers import fixed
from skyframe_gui.ui.graph.fit_line import ClipLines
from skyframe_gui.ui.graph.pixel_item import PixelItem
from skyframe_gui.ui.graph.plot import MARKS
from skyframe_gui.ui.samples.axis_range import Range, around, widened
from skyframe_gui.ui.samples.chips import Word, value
from skyframe_gui.ui.samples.colours import round_colours
from skyframe_gui.ui.stack.marks_plot import OUTSIDE_WORD, ExposureMark, MarksPlot
from skyframe_gui.ui.theme import font

if TYPE_CHECKING:
    from skyframe_gui.app.model.stack_view import BinView
    from skyframe_gui.ui.stack.marks_plot import Shape
    from skyframe_gui.ui.stack.stack_rows import StackRow
    from skyframe_gui.ui.theme import Palette

SAME = 11.0
"""Pixels: limits that are closer share one label."""
LABEL_ROOM = 0.13
"""Part of the width at the right that is kept for the labels of the limits."""
FARTHEST = 1.0
"""How far beyond the limits the axis goes at first, by their width."""


class BinPlot(MarksPlot):
    """One mark for each exposure in the order of time, the mean as a line, limits as dashes."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Values of the exposures in the selected bin")
        self._bin: BinView | None = None
        self._decimals = 2
        self.lines = ClipLines(self.view, 1 - LABEL_ROOM)
        self._labels = PixelItem(self._draw_labels, MARKS - 1)
        self.show_item(self._labels)

    def show_bin(
        self, shown: BinView, rows: tuple[StackRow, ...], selected: str, unit: str
    ) -> None:
        """Paint a bin.

        Parameters
        ----------
        shown : BinView
        rows : tuple of StackRow
            The exposures in the order of the axis.
        selected : str
            Key of the selected one.
        unit : str
        """
        before = self._bin
        self.x_axis.short_names = tuple(row.short for row in rows)
        self.x_axis.names = tuple(row.name for row in rows)
        self.x_label, self.y_label = "exposure", f"value [{unit}]"
        self._decimals = decimals_of(shown)
        same_place = before is not None and (before.stack.key, before.place) == (
            shown.stack.key,
            shown.place,
        )
        new = before is not shown
        self._bin = shown
        mean = math.nan if shown.filled else float(shown.value)
        self.lines.show(shown.low, shown.high, mean, self.colours)
        self._labels.update()
        self.show_marks(marks_of(shown, rows, self.colours, self._decimals, unit), selected)
        if new:
            self.set_home(*_home(shown, len(rows)))
            if same_place and self.touched:
                self.refresh()
            else:
                self.fit()

    def _draw_labels(self, painter: QPainter) -> None:
        """Write at each limit of which iterations it is."""
        if self._bin is None:
            return
        colours = round_colours(self.colours, len(self._bin.low))
        for limits, side in ((self._bin.high, -1), (self._bin.low, 1)):
            groups: list[tuple[float, list[int]]] = []
            for index, limit in enumerate(limits.tolist()):
                if not math.isfinite(limit):
                    continue
                y = self._y(limit)
                near = next((at for at, group in enumerate(groups) if abs(group[0] - y) < SAME), -1)
                if near < 0:
                    groups.append((y, [index]))
                    continue
                # The label stands beyond the outermost of its lines.
                outer, members = groups[near]
                groups[near] = (min(outer, y) if side < 0 else max(outer, y), [*members, index])
            outermost = max((side * y for y, _ in groups), default=0.0)
            for y, members in groups:
                last = float(limits[members[-1]])
                # Those of inner lines stand inside, where no other line runs through them.
                way = side if side * y == outermost else -side
                self._draw_label(painter, y, members, last, colours, way)

    def _draw_label(
        self,
        painter: QPainter,
        y: float,
        members: list[int],
        limit: float,
        colours: tuple[str, ...],
        side: int,
    ) -> None:
        text = fixed(limit, self._decimals)
        plain, strong = QFontMetricsF(font(11)), QFontMetricsF(font(11, 600))
        step = strong.horizontalAdvance("0") + 4
        x = self.area.right() - 6 - plain.horizontalAdvance(text) - 4 - step * len(members)
        above, below = y - 4, y + plain.ascent() + 2
        baseline = above if side < 0 else below
        # A low plot has no room beyond its outermost limits.
        if above - plain.ascent() < self.area.top():
            baseline = below
        elif below > self.area.bottom():
            baseline = above
        painter.setFont(font(11, 600))
        for place, index in enumerate(members):
            painter.setPen(QColor(colours[index]))
            painter.drawText(QPointF(x + step * place, baseline), str(index + 1))
        painter.setFont(font(11))
        painter.setPen(QColor(self.colours.text2))
        painter.drawText(QPointF(x + step * len(members) + 2, baseline), text)

    def _y(self, of: float) -> float:
        _, y = self.place(np.zeros(1), np.array([of]))
        return float(y[0])


def decimals_of(shown: BinView) -> int:
    """Return how many decimals the values of a bin deserve: three digits of their spread."""
    finite = shown.values[np.isfinite(shown.values)]
    spread = float(np.ptp(finite)) if finite.size > 1 else 0.0
    if not spread > 0:
        return 2
    return min(max(0, 2 - math.floor(math.log10(spread))), 8)


def marks_of(
    shown: BinView, rows: tuple[StackRow, ...], palette: Palette, decimals: int, unit: str
) -> tuple[ExposureMark, ...]:
    """Return the marks of the exposures that have a value in a bin."""
    colours = round_colours(palette, len(shown.low))
    found = []
    for place, row in enumerate(rows):
        at, what = float(shown.values[row.index]), int(shown.clipped_at[row.index])
        if what == NO_VALUE or not math.isfinite(at):
            continue
        words = [Word(row.name, "text", strong=True), *value("value", fixed(at, decimals), unit)]
        shape: Shape = "square"
        if what == OUTSIDE:
            shape, colour, word = "triangle", palette.excluded, OUTSIDE_WORD
        elif what == USED:
            shape, colour, word = "circle", palette.accent, Word("used")
        else:
            colour, word = colours[what], Word(f"clipped in iteration {what + 1}")
        chip = (*words, word)
        found.append(
            ExposureMark(key=row.key, x=place, y=at, shape=shape, colour=colour, words=chip)
        )
    return tuple(found)


def _home(shown: BinView, n: int) -> tuple[Range, Range]:
    """Return a range for all values but those far off, which would press the others flat."""
    right = (n - 0.5 + LABEL_ROOM * 0.5) / (1 - LABEL_ROOM)
    x_range = Range(-0.6, max(right, n - 0.4))
    limits = np.concatenate([shown.low, shown.high])
    used = shown.values[shown.clipped_at == USED]
    core = around(np.concatenate([limits, used]), 0.0)
    whole = around(np.concatenate([limits, shown.values]), 0.0)
    reach = FARTHEST * core.width
    y_range = Range(max(whole.low, core.low - reach), min(whole.high, core.high + reach))
    return x_range, widened(y_range, 0.12)
