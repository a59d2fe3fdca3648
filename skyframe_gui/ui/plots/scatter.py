"""A plot of samples that can be pointed at, clicked and lassoed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPainter, QPixmap, QPolygonF

from skyframe_gui.app.steps import Mark
from skyframe_gui.ui.plots import chips, marks
from skyframe_gui.ui.plots.axes import ticks
from skyframe_gui.ui.plots.guides import draw_band, draw_line
from skyframe_gui.ui.plots.layers import USED, USED_LARGE, Layers, draw_dots
from skyframe_gui.ui.plots.plot import Plot
from skyframe_gui.ui.theme import font

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from skyframe_gui.ui.plots.chips import Word
    from skyframe_gui.ui.plots.guides import Guide
    from skyframe_gui.ui.plots.layers import Emphasis, Points
    from skyframe_gui.ui.plots.plot import Floats, Ticks

    Choices = Sequence[Sequence[Word]]

REACH = 12.0
"""How far from the cursor, in pixels, a mark may be to be meant."""
LARGE_FROM = 380
"""From this height on dots are larger."""
HOVERED, SELECTED, SELECTED_ALPHA = 15.0, 12.0, 0.6


class Scatter(Plot):
    """A scatter plot of samples.

    Attributes
    ----------
    hovered : signal (index or None)
    picked : signal (index or None, add)
        A click on a mark or on nothing.
    lassoed : signal (index array, add)
        A line was drawn around marks.
    lasso : bool
        Whether a drag without Shift draws such a line, too.
    emphasis : {"none", "size", "colour"}
        What the good-pixel fraction changes.
    """

    hovered = pyqtSignal(object)
    picked = pyqtSignal(object, bool)
    lassoed = pyqtSignal(object, bool)

    def __init__(self) -> None:
        super().__init__()
        self.lasso = False
        self.emphasis: Emphasis = "none"
        self.tick_names: tuple[str, ...] = ()
        self._points: Points | None = None
        self._guides: tuple[Guide, ...] = ()
        self._placed: tuple[Floats, Floats] | None = None
        self._hovered: int | None = None
        self._selected: NDArray[np.int64] = np.empty(0, np.int64)
        self._rings: QPixmap | None = None
        self._head: tuple[Choices, ...] = ()
        self._foot: Choices = ()
        self._above = self._below = 0

    # What to show ----------------------------------------------------------------------------

    def set_points(self, points: Points | None, guides: tuple[Guide, ...] = ()) -> None:
        """Draw these marks and lines; the view stays where it is."""
        self._points, self._guides = points, guides
        self.refresh()

    def set_emphasis(self, emphasis: Emphasis) -> None:
        """Say what the good-pixel fraction changes."""
        if self.emphasis != emphasis:
            self.emphasis = emphasis
            self.refresh()

    def set_pointed(
        self, hovered: int | None, selected: NDArray[np.int64], foot: Choices = ()
    ) -> None:
        """Ring the hovered and the selected marks; ``foot`` tells of the hovered one.

        A chip comes in several wordings, the longest first.
        """
        if not np.array_equal(selected, self._selected):
            self._selected, self._rings = selected, None
            if self._gesture != "trail" and not len(selected):
                self.trail = QPolygonF()
        self._hovered, self._foot = hovered, foot
        self.update()

    def set_head(self, *rows: Choices) -> None:
        """Write chips into the upper left corner, one below the other."""
        self._head = tuple(row for row in rows if row)
        self.update()

    def nearest(self, at: QPointF) -> int | None:
        """Return the mark at a point of the widget; None if none is near."""
        if self._points is None or not len(self._points.x):
            return None
        x, y = self.placed()
        distance = (x - at.x()) ** 2 + (y - at.y()) ** 2
        best = int(np.argmin(np.where(np.isfinite(distance), distance, np.inf)))
        return best if distance[best] <= REACH**2 else None

    def placed(self) -> tuple[Floats, Floats]:
        """Return where the marks are on the widget; those without data are on the floor."""
        if self._points is None:
            return np.empty(0), np.empty(0)
        if self._placed is None:
            x, y = self.place(self._points.x, self._points.y)
            floor = self.area.bottom() - 8
            self._placed = (x, np.where(self._points.marks == Mark.NO_DATA, floor, y))
        return self._placed

    def refresh(self) -> None:
        """Draw everything anew."""
        self._placed = self._rings = None
        super().refresh()

    # Painting --------------------------------------------------------------------------------

    def x_ticks(self) -> Ticks:
        """Return ticks at round numbers, or at names where the axis has names."""
        if not self.tick_names:
            return super().x_ticks()
        values, _ = ticks(self.x_range, self.area.width(), 46)
        whole = np.unique(np.round(values)).astype(int)
        inside = whole[(whole >= 0) & (whole < len(self.tick_names))]
        return inside.astype(float), [self.tick_names[index] for index in inside]

    def paint_marks(self, painter: QPainter) -> None:
        """Draw bands, marks and lines, the rarest on top."""
        points = self._points
        if points is None:
            return
        for guide in self._guides:
            draw_band(painter, self, guide)
        x, y = self.placed()
        layers = Layers(points, x, y, self.area, self.colours, self.emphasis)
        size = USED_LARGE if self.height() >= LARGE_FROM else USED
        layers.draw_used(painter, size, self.devicePixelRatioF())
        for guide in self._guides:
            draw_line(painter, self, guide)
        layers.draw_others(painter)
        self._count_outside(x, y)

    def _count_outside(self, x: Floats, y: Floats) -> None:
        area = self.area
        across = (x >= area.left()) & (x <= area.right())
        self._above = int((across & (y < area.top())).sum())
        self._below = int((across & (y > area.bottom())).sum())

    def _draw_outside(self, painter: QPainter, top: float) -> None:
        """Say how many marks are above and below, so that nothing is hidden silently."""
        area, right = self.area, Qt.AlignmentFlag.AlignRight
        painter.setFont(font(10))
        painter.setPen(QColor(self.colours.text2))
        if self._above:
            painter.drawText(
                QRectF(area.right() - 124, top, 120, 14), right, f"{self._above} above"
            )
        if self._below:
            below = QRectF(area.left() + 5, area.bottom() - 28, 120, 14)
            painter.drawText(below, Qt.AlignmentFlag.AlignLeft, f"{self._below} below")

    def paint_over(self, painter: QPainter) -> None:
        """Draw rings and chips."""
        x, y = self.placed()
        area, colours = self.area, self.colours
        if len(self._selected) and len(x):
            if self._rings is None:
                self._rings = self._draw_rings(x[self._selected], y[self._selected])
            painter.drawPixmap(0, 0, self._rings)
        if self._hovered is not None and self._hovered < len(x):
            one = slice(self._hovered, self._hovered + 1)
            if np.isfinite(x[one]).all() and np.isfinite(y[one]).all():
                marks.rings(painter, x[one], y[one], HOVERED, colours.highlight, 2.0)
        top = area.top() + 3
        room = area.width() - 12
        free = area.top() + 2
        for row in self._head:
            box = chips.draw(
                painter, colours, QPointF(area.left() + 6, top), chips.fitting(row, room)
            )
            top += chips.HEIGHT + 3
            if box.right() > area.right() - 64 and free < top:
                free = top
        self._draw_outside(painter, free)
        if self._foot:
            # In a small plot the marks need the room more than the words do.
            words = chips.fitting(self._foot, room if self.height() >= LARGE_FROM else 0.7 * room)
            left = max(area.right() - 6 - chips.width_of(words), area.left() + 6)
            at = QPointF(left, area.bottom() - 20 - chips.HEIGHT)
            chips.draw(painter, colours, at, words)

    def _draw_rings(self, x: Floats, y: Floats) -> QPixmap:
        scale = self.devicePixelRatioF()
        layer = QPixmap(self.size() * scale)
        layer.setDevicePixelRatio(scale)
        layer.fill(Qt.GlobalColor.transparent)
        area = self.area.adjusted(-9, -9, 9, 9)
        seen = (x > area.left()) & (x < area.right()) & (y > area.top()) & (y < area.bottom())
        painter = QPainter(layer)
        painter.setOpacity(0.75)
        x, y, colour = x[seen], y[seen], self.colours.highlight
        if len(x) > marks.MANY:
            draw_dots(painter, self.area, x, y, USED, colour, SELECTED_ALPHA, scale)
        else:
            marks.rings(painter, x, y, SELECTED, colour, 1.5)
        painter.end()
        return layer

    # Hands -----------------------------------------------------------------------------------

    def pointed(self, at: QPointF | None) -> None:
        """Tell which mark is under the cursor, when it has become another."""
        found = self.nearest(at) if at is not None and self.area.contains(at) else None
        if found != self._hovered:
            self.hovered.emit(found)

    def clicked(self, at: QPointF, add: bool) -> None:
        """Tell which mark was clicked."""
        self.picked.emit(self.nearest(at), add)

    def wants_trail(self, shift: bool) -> bool:
        """Return whether a drag is a lasso."""
        return (shift or self.lasso) and self._points is not None

    def trail_ended(self, add: bool) -> None:
        """Tell which marks are inside of the lasso."""
        x, y = self.placed()
        corners = np.array(
            [(one.x(), one.y()) for one in map(self.trail.at, range(self.trail.count()))]
        )
        self.lassoed.emit(np.flatnonzero(inside(corners, x, y)), add)


def inside(corners: Floats, x: Floats, y: Floats) -> NDArray[np.bool_]:
    """Return which points lie inside of a polygon, by counting the edges to their right.

    Parameters
    ----------
    corners : float array [m, 2]
        The last is joined to the first.
    x, y : float array [n]
    """
    found = np.zeros(len(x), bool)
    low, high = corners.min(axis=0), corners.max(axis=0)
    near = np.flatnonzero((x >= low[0]) & (x <= high[0]) & (y >= low[1]) & (y <= high[1]))
    px, py = x[near], y[near]
    odd = np.zeros(len(near), bool)
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if y0 != y1:
            crosses = (py < y0) != (py < y1)
            odd ^= crosses & (px < x0 + (py - y0) * (x1 - x0) / (y1 - y0))
    found[near] = odd
    return found
