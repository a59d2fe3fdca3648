"""A plot with one mark for each exposure, which can be pointed at, clicked and walked by keys."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Literal

import numpy as np
from PyQt6.QtCore import QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPainter, QPen
from typing_extensions import override

from skyframe_gui.ui.graph.pixel_item import KeptItem
from skyframe_gui.ui.graph.plot import MARKS, Plot
from skyframe_gui.ui.samples import chips, mark_shapes
from skyframe_gui.ui.samples.colours import with_alpha

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PyQt6.QtGui import QKeyEvent

    from skyframe_gui.ui.graph.axis import Axis
    from skyframe_gui.ui.samples.chips import Word

    Floats = NDArray[np.float64]

REACH = 12.0
"""Pixels about a mark in which it is pointed at."""
CIRCLE, SQUARE, TRIANGLE = 8.0, 8.0, 10.0
SMALL_CIRCLE, MANY = 6.0, 40
"""Of a used exposure where there are so many."""
RING_HOVERED, RING_SELECTED = 15.0, 18.0
ARROW = 4.0
EDGE = 9.0
"""Pixels from the edge at which a mark is drawn whose value is beyond the axis."""
Shape = Literal["circle", "square", "triangle"]
STATES: dict[Shape, str] = {
    "circle": "used",
    "square": "clipped",
    "triangle": "excluded by hand",
}
OUTSIDE_WORD = chips.Word(STATES["triangle"], "excluded")


@dataclass(frozen=True, kw_only=True)
class ExposureMark:
    """The mark of one exposure.

    Attributes
    ----------
    key : str
    x, y : float
    shape : str
        Circle: used, square: clipped, triangle: left out.
    colour : str
    words : tuple of Word
        For the chip beside it; those that it begins with where the plot has more to say.
    """

    key: str
    x: float
    y: float
    shape: Shape
    colour: str
    words: tuple[Word, ...]


class MarksPlot(Plot):
    """Marks of exposures.

    Attributes
    ----------
    chosen : signal (key)
        Clicked, or reached by Left and Right.
    switched : signal (key)
        Space was pressed on the selected one.
    """

    chosen = pyqtSignal(str)
    switched = pyqtSignal(str)

    def __init__(self, x_axis: Axis | None = None) -> None:
        self.marks: tuple[ExposureMark, ...] = ()
        self._selected = ""
        self._under = -1
        self._kept: KeptItem | None = None
        super().__init__(x_axis)
        self._kept = KeptItem(self.paint_marks, MARKS)
        self.show_item(self._kept)

    def show_marks(self, shown: tuple[ExposureMark, ...], selected: str) -> None:
        """Paint marks, one of them ringed."""
        self._selected = selected
        if shown != self.marks:
            self.marks = shown
            self._under = -1
            self.refresh()
        self.over.update()

    def select(self, key: str) -> None:
        """Ring another one."""
        if key != self._selected:
            self._selected = key
            self.over.update()

    @override
    def refresh(self) -> None:
        if self._kept is not None:
            self._kept.refresh()
        super().refresh()

    @override
    def values_text(self) -> str:
        lines = [f"exposure\t{self.y_label}\tstate"]
        for mark in self.marks:
            lines.append(f"{mark.words[0].text}\t{mark.y:.9g}\t{STATES[mark.shape]}")
        return "\n".join(lines)

    def words_of(self, mark: ExposureMark) -> tuple[Word, ...]:
        """Return what the chip beside a mark says."""
        return mark.words

    def mark_places(self) -> tuple[Floats, Floats]:
        """Return where the marks are on the widget; those too high or low at the edge."""
        x, y = self.place(
            np.array([mark.x for mark in self.marks], np.float64),
            np.array([mark.y for mark in self.marks], np.float64),
        )
        top, bottom = self.area.top(), self.area.bottom()
        y = np.where(y < top, top + EDGE, y)
        return x, np.where(y > bottom, bottom - EDGE, y)

    def paint_marks(self, painter: QPainter) -> None:
        """Draw the marks."""
        xs, ys = self.mark_places()
        _, true = self.place(xs, np.array([mark.y for mark in self.marks], np.float64))
        first = 0
        # Those that look alike and follow one another are drawn with one pen.
        for (shape, colour), alike in groupby(self.marks, lambda mark: (mark.shape, mark.colour)):
            last = first + sum(1 for _ in alike)
            self._draw_marks(painter, shape, colour, xs[first:last], ys[first:last])
            for at in np.flatnonzero(np.abs(true[first:last] - ys[first:last]) > 1).tolist():
                x, y, wanted = (float(values[first + at]) for values in (xs, ys, true))
                self._draw_arrow(painter, colour, x, y, 1 if wanted > y else -1)
            first = last

    @override
    def paint_over(self, painter: QPainter) -> None:
        """Draw rings, and the chip of the mark under the cursor."""
        xs, ys = self.mark_places()
        keys = [mark.key for mark in self.marks]
        highlight = self.colours.highlight
        if self._selected in keys:
            at = keys.index(self._selected)
            mark_shapes.rings(
                painter, xs[at : at + 1], ys[at : at + 1], RING_SELECTED, highlight, 1.5
            )
        if 0 <= self._under < len(keys):
            at = self._under
            mark_shapes.rings(
                painter, xs[at : at + 1], ys[at : at + 1], RING_HOVERED, highlight, 1.5
            )
            words, area = self.words_of(self.marks[at]), self.area
            width = chips.width_of(words)
            left = min(max(area.left() + 2, xs[at] - width / 2), area.right() - width - 2)
            above = ys[at] - 14 - chips.HEIGHT
            top = above if above > area.top() else ys[at] + 14
            chips.draw(painter, self.colours, QPointF(max(left, area.left()), top), words)

    @override
    def pointed(self, at: QPointF | None) -> None:
        """Light up the mark under the cursor."""
        under = -1 if at is None else self._nearest(at)
        if under != self._under:
            self._under = under
            self.over.update()

    @override
    def clicked(self, at: QPointF, add: bool) -> None:
        """Choose the mark under the cursor."""
        under = self._nearest(at)
        if under >= 0:
            self.chosen.emit(self.marks[under].key)

    @override
    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Walk along the marks, and take the selected one out of the frame or in."""
        if event is None:
            return
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        key = Qt.Key(event.key())
        if key in steps and self.marks:
            self._walk(steps[key])
        elif key == Qt.Key.Key_Space and self._selected:
            self.switched.emit(self._selected)
        else:
            super().keyPressEvent(event)

    def _walk(self, by: int) -> None:
        order = sorted(self.marks, key=lambda mark: mark.x)
        keys = [mark.key for mark in order]
        place = keys.index(self._selected) + by if self._selected in keys else 0
        self.chosen.emit(keys[max(0, min(place, len(keys) - 1))])

    def _nearest(self, at: QPointF) -> int:
        if not self.marks:
            return -1
        xs, ys = self.mark_places()
        away = np.hypot(xs - at.x(), ys - at.y())
        nearest = int(np.nanargmin(away)) if np.isfinite(away).any() else -1
        return nearest if nearest >= 0 and away[nearest] <= REACH else -1

    def _draw_marks(
        self, painter: QPainter, shape: Shape, colour: str, xs: Floats, ys: Floats
    ) -> None:
        if shape == "square":
            mark_shapes.squares(painter, xs, ys, SQUARE, colour, None)
        elif shape == "triangle":
            mark_shapes.triangles(painter, xs, ys, TRIANGLE, colour)
        else:
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(with_alpha("#000000", 0.45), 1))
            painter.setBrush(QColor(colour))
            radius = (CIRCLE if len(self.marks) < MANY else SMALL_CIRCLE) / 2
            for x, y in zip(xs.tolist(), ys.tolist(), strict=True):
                painter.drawEllipse(QPointF(x, y), radius, radius)
            painter.restore()

    def _draw_arrow(
        self, painter: QPainter, colour: str, x: float, y: float, way: Literal[1, -1]
    ) -> None:
        """Say that the value is farther off than the axis goes."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colour), 1.5))
        tip = y + way * 7.0
        painter.drawLine(QPointF(x - ARROW, tip - way * ARROW), QPointF(x, tip))
        painter.drawLine(QPointF(x + ARROW, tip - way * ARROW), QPointF(x, tip))
        painter.restore()
