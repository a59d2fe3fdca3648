"""A sweep over one field: the scale and one other number as plots side by side, of A and now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter
from PyQt6.QtWidgets import QWidget
from typing_extensions import override

from skyframe_gui.ui.compare.sweep_data import BESIDE
from skyframe_gui.ui.graph.curve_plot import CurvePlot, places_of
from skyframe_gui.ui.graph.sweep_view import SweepView
from skyframe_gui.ui.samples import chips
from skyframe_gui.ui.samples.colours import with_alpha
from skyframe_gui.ui.theme import font

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PyQt6.QtGui import QPaintEvent, QResizeEvent

SIDE_BY_SIDE, GAP = 520, 8
"""From this width on the plots stand beside each other."""
WHY_WIDTH = 360.0


class SweepCurves(SweepView):
    """The scale, and beside it one other number, linked along the swept field."""

    def __init__(self) -> None:
        super().__init__("Curves of the sweep")
        self.plots = (CurvePlot(self, "scale"), CurvePlot(self, BESIDE[0]))
        for plot in self.plots:
            plot.setParent(self)
        self.plots[0].link_x(self.plots[1])
        self._words = _Words(self)
        self.setFocusProxy(self.plots[0])

    def show_quantity(self, name: str) -> None:
        """Show another number beside the scale."""
        if name in BESIDE and name != self.plots[1].quantity:
            self.plots[1].quantity = name
            self.plots[1].touched = False
            if self.swept is not None:
                self.show_points()

    @override
    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Put the plots side by side, or one below the other where that is too narrow."""
        width, height = self.width(), self.height()
        if width >= SIDE_BY_SIDE:
            half = (width - GAP) // 2
            self.plots[0].setGeometry(0, 0, half, height)
            self.plots[1].setGeometry(half + GAP, 0, width - half - GAP, height)
        else:
            half = height // 2
            self.plots[0].setGeometry(0, 0, width, half)
            self.plots[1].setGeometry(0, half, width, height - half)
        self._words.setGeometry(self.rect())

    @override
    def show_points(self) -> None:
        swept = self.swept
        assert swept is not None, "show_sweep has set it"
        for plot in self.plots:
            plot.apply_theme(self.palette_)
            plot.show_swept(swept)
        self._words.update()

    @override
    def show_pointed(self) -> None:
        for plot in self.plots:
            plot.show_pointed()
        self._words.update()

    @override
    def neighbour(self, index: int, across: int, up: int) -> int:
        order = np.argsort(self.places, kind="stable").tolist()
        place = order.index(index) + across
        return int(order[place]) if 0 <= place < len(order) else index

    @property
    def places(self) -> NDArray[np.float64]:
        """Where the points are along x."""
        assert self.swept is not None, "asked for where there is a sweep only"
        return places_of(self.swept)


class _Words(QWidget):
    """What is said of the pointed point, over all plots."""

    def __init__(self, owner: SweepCurves) -> None:
        super().__init__(owner)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._owner = owner

    @override
    def paintEvent(self, event: QPaintEvent | None) -> None:
        swept, index = self._owner.swept, self._owner.pointed
        if swept is None or index is None:
            return
        palette, plot = self._owner.palette_, self._owner.plots[0]
        area = plot.area
        x = float(plot.place(self._owner.places[index : index + 1], np.zeros(1))[0][0])
        on_left = x < area.center().x()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = QRectF(area.left() + 4, area.top() + 1, area.width() - 5, chips.HEIGHT)
        words = chips.fitting(swept.words(index), room.width())
        left = room.left()
        if on_left:  # so that the words do not cover the point
            left = max(left, room.right() - chips.width_of(words))
        box = chips.draw(painter, palette, QPointF(left, room.top()), words)
        why = swept.sweep.points[index].why
        if not why:
            painter.end()
            return
        painter.setFont(font(11))
        wrap = Qt.TextFlag.TextWordWrap
        most = QRectF(0, 0, min(room.width(), WHY_WIDTH) - 20, 400)
        text = QFontMetricsF(font(11)).boundingRect(most, wrap, why)
        card = QRectF(0, box.bottom() + 3, text.width() + 20, text.height() + 8)
        card.moveLeft(max(room.left(), min(box.left(), room.right() - card.width())))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(with_alpha(palette.chip, chips.OPACITY[palette.name]))
        painter.drawRoundedRect(card, 3, 3)
        painter.setPen(QColor(palette.text))
        painter.drawText(card.adjusted(10, 4, -10, -4), wrap, why)
        painter.end()
