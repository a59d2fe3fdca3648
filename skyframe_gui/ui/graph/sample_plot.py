"""A plot of samples that can be pointed at, clicked and lassoed."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter
from typing_extensions import override

from skyframe_gui.app.model.rejection_steps import Mark
from skyframe_gui.ui.graph.fit_line import FitLine
from skyframe_gui.ui.graph.pixel_item import KeptItem
from skyframe_gui.ui.graph.plot import MARKS, OVER, Plot
from skyframe_gui.ui.graph.sample_marks import USED, USED_LARGE, Layers, draw_dots
from skyframe_gui.ui.images.geometry import inside_polygon
from skyframe_gui.ui.samples import chips, mark_shapes
from skyframe_gui.ui.samples.colours import with_alpha
from skyframe_gui.ui.samples.points import Style
from skyframe_gui.ui.theme import font

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from PyQt6.QtGui import QPolygonF

    from skyframe_gui.ui.samples.chips import Word
    from skyframe_gui.ui.samples.detector_columns import Spreads
    from skyframe_gui.ui.samples.points import Emphasis, Guide, Points

    Floats = NDArray[np.float64]
    Choices = Sequence[Sequence[Word]]

REACH = 12.0
"""How far from the cursor, in pixels, a mark may be to be meant."""
LARGE_FROM = 380
"""From this height on dots are larger."""
HOVERED, SELECTED, SELECTED_ALPHA = 15.0, 12.0, 0.6
FLOOR = 8.0
"""How far above the lower edge the marks without data stand."""
BAR_SHARE, WIDEST_BAR, BAR_ALPHA = 0.7, 12.0, 0.45
"""Width of a detector's bar: part of its column, and at most in pixels; its opacity."""
COLUMN_ALPHA = 0.08
USED_HEIGHT, RINGS_HEIGHT = MARKS - 2, OVER - 1


class SamplePlot(Plot):
    """A scatter plot of samples.

    Attributes
    ----------
    hovered : signal (index or None)
    picked : signal (index or None, add)
        A click on a mark or on nothing.
    lassoed : signal (index array, add)
        A line was drawn around marks.
    column_hovered, column_picked : signals (number or None), (number)
        One of the `Spreads`, where these are drawn in the place of used samples.
    lasso : bool
        Whether a drag without Shift draws such a line, too.
    emphasis : {"none", "size", "colour"}
        What the good-pixel fraction changes.
    table : callable
        Returns the samples as text for "Copy values".
    """

    hovered = pyqtSignal(object)
    picked = pyqtSignal(object, bool)
    lassoed = pyqtSignal(object, bool)
    column_hovered = pyqtSignal(object)
    column_picked = pyqtSignal(int)

    def __init__(self) -> None:
        self.lasso = False
        self.emphasis: Emphasis = "none"
        self.table: Callable[[], str] = str
        self._points: Points | None = None
        self.guides: tuple[Guide, ...] = ()
        self.spreads: Spreads | None = None
        self._column: int | None = None
        self._column_words: Choices = ()
        self._placed: tuple[Floats, Floats] | None = None
        self._hovered: int | None = None
        self._selected: NDArray[np.int64] = np.empty(0, np.int64)
        self._head: tuple[Choices, ...] = ()
        self._foot: Choices = ()
        self._lines: dict[Style, FitLine] = {}
        self.kept: tuple[KeptItem, ...] = ()
        super().__init__()
        self._lines = {style: FitLine(self.view, style) for style in get_args(Style)}
        self.kept = (
            KeptItem(self.paint_used, USED_HEIGHT),
            KeptItem(self.paint_others, MARKS),
            KeptItem(self._paint_rings, RINGS_HEIGHT),
        )
        for item in self.kept:
            self.show_item(item)
        self._paint_colours()

    # What to show ----------------------------------------------------------------------------

    def set_points(
        self,
        points: Points | None,
        guides: tuple[Guide, ...] = (),
        spreads: Spreads | None = None,
    ) -> None:
        """Draw these marks and lines; the view stays where it is.

        ``spreads`` are drawn instead of the used samples.
        """
        self._points, self.guides, self.spreads = points, guides, spreads
        shown = {guide.style: guide for guide in guides}
        for style, line in self._lines.items():
            line.show(shown.get(style))
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
            self._selected = selected
            self.kept[-1].refresh()
            if not self.view.draws:  # chosen otherwise: the lasso says nothing of it
                self.view.drop_lasso()
        before = self._spots()
        self._hovered, self._foot = hovered, foot
        for spot in {spot.getRect(): spot for spot in (*before, *self._spots())}.values():
            self.over.update_pixels(spot)

    def set_column(self, column: int | None, words: Choices = ()) -> None:
        """Light a detector's column up; chips say what there is to be said of it."""
        if column is not None or self._column_words:
            self._column_words = words
            self.over.update()
        self._column = column

    def set_head(self, *rows: Choices) -> None:
        """Write chips into the upper left corner, one below the other."""
        shown = tuple(row for row in rows if row)
        if shown != self._head:
            self._head = shown
            self.over.update()

    def nearest(self, at: QPointF) -> int | None:
        """Return the mark at a point of the widget; None if none is near."""
        if self._points is None or not len(self._points.x):
            return None
        x, y = self.placed()
        distance = (x - at.x()) ** 2 + (y - at.y()) ** 2
        if self.spreads is not None:
            distance[self._points.marks == Mark.USED] = np.inf
        best = int(np.argmin(np.where(np.isfinite(distance), distance, np.inf)))
        return best if distance[best] <= REACH**2 else None

    def placed(self) -> tuple[Floats, Floats]:
        """Return where the marks are on the widget; those without data are on the floor."""
        if self._points is None:
            return np.empty(0), np.empty(0)
        if self._placed is None:
            x, y = self.place(self._points.x, self._points.y)
            floor = self.area.bottom() - FLOOR
            self._placed = (x, np.where(self._points.marks == Mark.NO_DATA, floor, y))
        return self._placed

    @override
    def refresh(self) -> None:
        self._placed = None
        for line in self._lines.values():
            line.follow(self.x_range, self.y_range)
        for item in self.kept:
            item.refresh()
        super().refresh()

    @override
    def values_text(self) -> str:
        return self.table()

    # Painting --------------------------------------------------------------------------------

    @property
    def layers(self) -> Layers | None:
        """The marks at their places."""
        if self._points is None:
            return None
        x, y = self.placed()
        return Layers(
            points=self._points,
            x=x,
            y=y,
            area=self.area,
            palette=self.colours,
            emphasis=self.emphasis,
        )

    def paint_used(self, painter: QPainter) -> None:
        """Draw the used samples, thousands of them."""
        layers = self.layers
        if self.spreads is not None:
            self._paint_spreads(painter, self.spreads)
        elif layers is not None:
            size = USED_LARGE if self.height() >= LARGE_FROM else USED
            layers.draw_used(painter, size)

    def _paint_spreads(self, painter: QPainter, spreads: Spreads) -> None:
        """Draw the spread of each detector as a bar, its median as a line across it."""
        x, low = self.place(spreads.x, spreads.low)
        _, middle = self.place(spreads.x, spreads.middle)
        _, high = self.place(spreads.x, spreads.high)
        width = min(max(BAR_SHARE * self.area.width() / self.x_range.width, 2.0), WIDEST_BAR)
        bar, line = with_alpha(self.colours.accent, BAR_ALPHA), QColor(self.colours.accent)
        known = np.isfinite(low)
        for left, lower, mid, upper in zip(
            (x - width / 2)[known].tolist(),
            low[known].tolist(),
            middle[known].tolist(),
            high[known].tolist(),
            strict=True,
        ):
            painter.fillRect(QRectF(left, upper, width, max(lower - upper, 1.0)), bar)
            painter.fillRect(QRectF(left, mid - 1.0, width, 2.0), line)

    def _column_at(self, at: QPointF) -> int | None:
        """Return the detector whose bar is in the column of a point."""
        if self.spreads is None or not len(self.spreads.x):
            return None
        place = self.value_at(at)[0]
        nearest = int(np.abs(self.spreads.x - place).argmin())
        return nearest if abs(self.spreads.x[nearest] - place) <= 0.5 else None

    def paint_others(self, painter: QPainter) -> None:
        """Draw all other samples, the rarest on top, and what lies beyond the plot."""
        layers = self.layers
        if layers is not None:
            layers.draw_others(painter)
            layers.draw_beyond(painter)

    def _paint_rings(self, painter: QPainter) -> None:
        """Ring the selected marks."""
        x, y = self.placed()
        chosen = self._selected[self._selected < len(x)]
        x, y = x[chosen], y[chosen]
        area = self.area.adjusted(-9, -9, 9, 9)
        seen = (x > area.left()) & (x < area.right()) & (y > area.top()) & (y < area.bottom())
        x, y, colour = x[seen], y[seen], self.colours.highlight
        painter.setOpacity(0.75)
        if len(x) > mark_shapes.MANY:
            draw_dots(painter, self.area, x, y, USED, colour, SELECTED_ALPHA)
        else:
            mark_shapes.rings(painter, x, y, SELECTED, colour, 1.5)

    def _draw_outside(self, painter: QPainter, top: float) -> None:
        """Say how many marks are above and below, so that nothing is hidden silently."""
        layers = self.layers
        if layers is None:
            return
        above, below = (int(np.count_nonzero(chosen)) for chosen in layers.beyond())
        area, middle = self.area, Qt.AlignmentFlag.AlignCenter
        face = font(11)
        painter.setFont(face)
        for n, word in ((above, "above"), (below, "below")):
            if not n:
                continue
            text = f"{n} {word}"
            width = QFontMetricsF(face).horizontalAdvance(text) + 8
            box = QRectF(area.right() - width, top, width, 16)
            if word == "below":
                box.moveTopLeft(QPointF(area.left() + 1, area.bottom() - 30))
            painter.fillRect(box, with_alpha(self.colours.plot, 0.8))
            painter.setPen(QColor(self.colours.text2))
            painter.drawText(box, middle, text)

    def _label_bands(self, painter: QPainter) -> None:
        """Write at the right end of each band's upper edge how wide it is."""
        area, end = self.area, np.array([self.x_range.high])
        for guide in self.guides:
            if not guide.label or guide.half_width is None:
                continue
            _, edge = self.place(end, guide.value(end) + guide.half_width(end))
            box = QRectF(area.left(), float(edge[0]) - 16, area.width() - 4, 15)
            if box.top() < area.top():  # then within the band
                box.translate(0, 17)
            if area.top() <= box.top() and box.bottom() <= area.bottom():
                wide = QFontMetricsF(font(11)).horizontalAdvance(guide.label)
                ground = QRectF(box.right() - wide - 3, box.top(), wide + 5, box.height())
                painter.fillRect(ground, with_alpha(self.colours.plot, 0.8))
                painter.setFont(font(11))
                painter.setPen(QColor(self.colours.text2))
                painter.drawText(box, Qt.AlignmentFlag.AlignRight, guide.label)

    @override
    def paint_over(self, painter: QPainter) -> None:
        """Draw the ring of the hovered mark, and chips."""
        at = self._hovered_at()
        area, colours = self.area, self.colours
        if self._column is not None and self.spreads is not None:
            ends = self.spreads.x[self._column] + np.array([-0.5, 0.5])
            left, right = self.place(ends, np.zeros(2))[0].tolist()
            column = QRectF(left, area.top(), right - left, area.height())
            painter.fillRect(column & area, with_alpha(colours.text, COLUMN_ALPHA))
        if at is not None:
            x, y = np.array([at.x()]), np.array([at.y()])
            mark_shapes.rings(painter, x, y, HOVERED, colours.highlight, 2.0)
        top = area.top() + 3
        free = area.top() + 2
        for row in self._head:
            words = chips.fitting(row, area.width() - 12)
            box = chips.draw(painter, colours, QPointF(area.left() + 6, top), words)
            top += chips.HEIGHT + 3
            if box.right() > area.right() - 64 and free < top:
                free = top
        self._draw_outside(painter, free)
        self._label_bands(painter)
        if self._foot or self._column_words:
            words, place = self._foot_place()
            chips.draw(painter, colours, place.topLeft(), words)

    def _hovered_at(self) -> QPointF | None:
        """Return where the hovered mark is on the widget."""
        x, y = self.placed()
        at = self._hovered
        if at is None or at >= len(x) or not np.isfinite(x[at] + y[at]):
            return None
        return QPointF(x[at], y[at])

    def _foot_place(self) -> tuple[Sequence[Word], QRectF]:
        area, room = self.area, self.area.width() - 12
        # In a small plot the marks need the room more than the words do.
        foot = self._foot or self._column_words
        words = chips.fitting(foot, room if self.height() >= LARGE_FROM else 0.7 * room)
        width = chips.width_of(words)
        left = max(area.right() - 6 - width, area.left() + 6)
        return words, QRectF(left, area.bottom() - 20 - chips.HEIGHT, width, chips.HEIGHT)

    def _spots(self) -> list[QRectF]:
        """Return what has to be painted anew when another mark is hovered."""
        found = [self._foot_place()[1].adjusted(-2, -2, 2, 2)] if self._foot else []
        at = self._hovered_at()
        if at is not None:
            reach = HOVERED / 2 + 3
            found.append(QRectF(at.x() - reach, at.y() - reach, 2 * reach, 2 * reach))
        return found

    @override
    def _paint_colours(self) -> None:
        super()._paint_colours()
        for line in self._lines.values():
            line.set_theme(self.colours)

    # Hands -----------------------------------------------------------------------------------

    @override
    def pointed(self, at: QPointF | None) -> None:
        """Tell which mark is under the cursor, when it has become another."""
        inside = at if at is not None and self.area.contains(at) else None
        found = None if inside is None else self.nearest(inside)
        if found != self._hovered:
            self.hovered.emit(found)
        column = None if inside is None else self._column_at(inside)
        if column != self._column:
            self._column = column
            self.column_hovered.emit(column)

    @override
    def clicked(self, at: QPointF, add: bool) -> None:
        """Tell which mark was clicked, or which column where there is none."""
        found, column = self.nearest(at), self._column_at(at)
        if found is None and column is not None and not add:
            self.column_picked.emit(column)
        else:
            self.picked.emit(found, add)

    @override
    def wants_lasso(self, shift: bool) -> bool:
        return (shift or self.lasso) and self._points is not None

    @override
    def lasso_ended(self, outline: QPolygonF, add: bool) -> None:
        """Tell which marks are inside of the lasso."""
        x, y = self.placed()
        corners = np.array([(one.x(), one.y()) for one in map(outline.at, range(outline.count()))])
        found = np.flatnonzero(inside_polygon(corners, x, y))
        self.lassoed.emit(found, add)
        if not len(found):
            self.view.drop_lasso()
