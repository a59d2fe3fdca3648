"""Residuals in A against residuals in B, with the band of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen
from typing_extensions import override

from skyframe_gui.ui.compare.pairs import RejectedIn
from skyframe_gui.ui.graph.pixel_item import PixelItem, is_screen
from skyframe_gui.ui.graph.plot import MARKS, Plot
from skyframe_gui.ui.samples import mark_shapes
from skyframe_gui.ui.samples.axis_range import Range, around
from skyframe_gui.ui.samples.colours import with_alpha

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PyQt6.QtGui import QPolygonF

    from skyframe_gui.ui.compare.pairs import Pairs

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

NEAR = 9.0
"""Pixels within which a mark is pointed at."""
DOT, MARK = 4.0, 7.0
BAND = 0.14


class ComparePlot(Plot):
    """A mark for each sample that both have.

    Attributes
    ----------
    hovered : signal (int or None)
        Number of a pair.
    picked : signal (list of int, whether they are added)
    """

    hovered = pyqtSignal(object)
    picked = pyqtSignal(list, bool)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Residuals in A and in B")
        self._pairs: Pairs | None = None
        self._selected: Ints = np.empty(0, np.int64)
        self._highlighted: int | None = None
        self._unit = ""
        self._dots = QImage()
        self._dots_of: tuple[object, ...] = ()
        self._marks = PixelItem(self._paint_marks, MARKS)
        self.view.addItem(self._marks, ignoreBounds=True)

    def show_pairs(self, pairs: Pairs | None, unit: str, selected: Ints) -> None:
        """Paint samples, some of them selected."""
        other = pairs is not self._pairs
        ringed = other or not np.array_equal(selected, self._selected)
        self._pairs, self._unit, self._selected = pairs, unit, selected
        if other:
            self._highlighted = None
        self.x_label = f"residual in A [{unit}]" if unit else "residual in A"
        self.y_label = f"in B [{unit}]" if unit else "in B"
        if pairs is not None and other:
            self.set_home(_span(pairs.a, pairs.band_a), _span(pairs.b, pairs.band_b))
            if not self.touched:
                self.fit()
        if other:
            self._marks.update()
        if ringed:
            self.over.update()

    def highlight(self, highlighted: int | None) -> None:
        """Ring one of the pairs, or none."""
        if highlighted != self._highlighted:
            self._highlighted = highlighted
            self.over.update()

    @override
    def refresh(self) -> None:
        super().refresh()
        if hasattr(self, "_marks"):  # the base class asks before it is made
            self._marks.update()

    @override
    def values_text(self) -> str:
        if self._pairs is None:
            return ""
        words = {
            RejectedIn.NOBODY: "",
            RejectedIn.BOTH: "both",
            RejectedIn.ONLY_A: "A",
            RejectedIn.ONLY_B: "B",
        }
        rows = zip(
            self._pairs.a.tolist(), self._pairs.b.tolist(), self._pairs.who.tolist(), strict=True
        )
        head = f"{self.x_label}\tresidual {self.y_label}\trejected by"
        return "\n".join(
            [head, *(f"{a:.9g}\t{b:.9g}\t{words[RejectedIn(who)]}" for a, b, who in rows)]
        )

    # Painting --------------------------------------------------------------------------------

    def _paint_marks(self, painter: QPainter) -> None:
        pairs, palette = self._pairs, self.colours
        if pairs is None:
            return
        area = self.area
        self._paint_bands(painter, pairs, area)
        x, y = self.place(pairs.a, pairs.b)
        inside = area.adjusted(-MARK, -MARK, MARK, MARK)
        seen = (x > inside.left()) & (x < inside.right())
        seen &= (y > inside.top()) & (y < inside.bottom())
        used = seen & (pairs.who == RejectedIn.NOBODY)
        if is_screen(painter):
            # Kept while only a ring moves over it.
            key = (pairs, area, self.x_range, self.y_range, palette)
            if self._dots_of != key:
                self._dots_of = key
                width, height = round(area.width()), round(area.height())
                within = x[used] - area.left(), y[used] - area.top()
                self._dots = mark_shapes.dots(width, height, *within, DOT, palette.accent, 0.6)
            painter.drawImage(area.topLeft(), self._dots)
        else:
            mark_shapes.discs(painter, x[used], y[used], DOT, with_alpha(palette.accent, 0.6))
        both = seen & (pairs.who == RejectedIn.BOTH)
        hollow = QColor(palette.plot)
        mark_shapes.squares(painter, x[both], y[both], MARK - 1, palette.no_data, hollow)
        only_a, only_b = (
            seen & (pairs.who == one) for one in (RejectedIn.ONLY_A, RejectedIn.ONLY_B)
        )
        mark_shapes.squares(painter, x[only_a], y[only_a], MARK, palette.rounds[0], None)
        draw_lozenges(painter, x[only_b], y[only_b], MARK + 2, palette.rounds[2])

    def _paint_bands(self, painter: QPainter, pairs: Pairs, area: QRectF) -> None:
        shade = with_alpha(self.colours.accent, BAND)
        edges = np.array([-1.0, 1.0])
        across, _ = self.place(edges * pairs.band_a, edges)
        _, up = self.place(edges, edges * pairs.band_b)
        if np.isfinite(across).all():
            band = QRectF(across[0], area.top(), across[1] - across[0], area.height())
            painter.fillRect(band.intersected(area), shade)
        if np.isfinite(up).all():
            band = QRectF(area.left(), up[1], area.width(), up[0] - up[1])
            painter.fillRect(band.intersected(area), shade)
        far = max(abs(one) for span in (self.x_range, self.y_range) for one in span)
        x, y = self.place(edges * far, edges * far)
        painter.save()
        painter.setClipRect(area, Qt.ClipOperation.IntersectClip)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self.colours.text3), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(x[0], y[0]), QPointF(x[1], y[1]))
        painter.restore()

    @override
    def paint_over(self, painter: QPainter) -> None:
        if not hasattr(self, "_pairs") or self._pairs is None:
            return
        highlighted = [] if self._highlighted is None else [self._highlighted]
        chosen = np.concatenate([self._selected, np.array(highlighted, np.int64)])
        if len(chosen):
            x, y = self.place(self._pairs.a[chosen], self._pairs.b[chosen])
            mark_shapes.rings(painter, x, y, MARK + 6, self.colours.highlight, 1.5)

    # Hands -----------------------------------------------------------------------------------

    @override
    def wants_lasso(self, shift: bool) -> bool:
        return shift

    @override
    def pointed(self, at: QPointF | None) -> None:
        near = None if at is None else self._nearest(at)
        if near != self._highlighted:
            self.hovered.emit(near)

    @override
    def clicked(self, at: QPointF, add: bool) -> None:
        near = self._nearest(at)
        if near is not None:
            self.picked.emit([near], add)

    @override
    def lasso_ended(self, outline: QPolygonF, add: bool) -> None:
        if self._pairs is None:
            return
        x, y = self.place(self._pairs.a, self._pairs.b)
        inside = [
            n
            for n, (a, b) in enumerate(zip(x.tolist(), y.tolist(), strict=True))
            if outline.containsPoint(QPointF(a, b), Qt.FillRule.OddEvenFill)
        ]
        self.picked.emit(inside, add)

    def _nearest(self, at: QPointF) -> int | None:
        if self._pairs is None or not len(self._pairs.a):
            return None
        x, y = self.place(self._pairs.a, self._pairs.b)
        apart = np.hypot(x - at.x(), y - at.y())
        near = int(np.argmin(apart))
        return near if apart[near] <= NEAR else None


def draw_lozenges(painter: QPainter, x: Floats, y: Floats, size: float, colour: str) -> None:
    """Draw filled lozenges."""
    half = size / 2
    path = QPainterPath()
    for a, b in zip(x.tolist(), y.tolist(), strict=True):
        path.moveTo(a, b - half)
        path.lineTo(a + half, b)
        path.lineTo(a, b + half)
        path.lineTo(a - half, b)
        path.closeSubpath()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawPath(path)
    painter.restore()


def _span(values: Floats, band: float) -> Range:
    return around(np.concatenate([values, [-band, band]]), 0.06)
