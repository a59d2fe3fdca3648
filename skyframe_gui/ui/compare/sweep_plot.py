"""What curve and map of a sweep have in common: the point under the cursor, and taking it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from skyframe_gui.ui.plots import chips
from skyframe_gui.ui.plots.colours import with_alpha
from skyframe_gui.ui.theme import DARK, font

if TYPE_CHECKING:
    from typing import Any

    from PyQt6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent

    from skyframe_gui.ui.compare.swept import Swept
    from skyframe_gui.ui.theme import Palette

ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class SweepPlot(QWidget):
    """A picture of a sweep in which points are pointed at by mouse or arrow keys, and taken.

    Attributes
    ----------
    taken : signal (int)
        The number of the point whose config is wanted.
    """

    taken = pyqtSignal(int)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 90)
        self.setAccessibleName(f"{name}; arrow keys choose a point, Enter takes its config")
        self.colours: Palette = DARK
        self.swept: Swept | None = None
        self.pointed: int | None = None

    # What subclasses say ---------------------------------------------------------------------

    def paint(self, painter: QPainter, swept: Swept) -> None:
        """Draw the sweep."""
        raise NotImplementedError

    def index_at(self, at: QPointF) -> int | None:
        """Return the point at a place of the widget; None for none."""
        raise NotImplementedError

    def neighbour(self, index: int, across: int, up: int) -> int:
        """Return the point next to a point, or any number outside where there is none."""
        raise NotImplementedError

    @property
    def chip_room(self) -> QRectF:
        """Where the words on the pointed point are."""
        raise NotImplementedError

    def on_left(self, index: int) -> bool:
        """Return whether a point is in the left half."""
        raise NotImplementedError

    # Showing ---------------------------------------------------------------------------------

    def show_sweep(self, swept: Swept, palette: Palette) -> None:
        """Paint a sweep, perhaps one that has grown."""
        if self.swept is not None and self.swept.sweep.fields != swept.sweep.fields:
            self.pointed = None
        self.swept, self.colours = swept, palette
        if self.pointed is not None and self.pointed >= len(swept.sweep.points):
            self.pointed = None
        self.update()

    def point(self, index: int | None) -> None:
        """Tell the numbers of a point."""
        if index == self.pointed:
            return
        self.pointed = index
        self.setAccessibleDescription(self.told())
        self.update()

    def told(self) -> str:
        """Return what is said of the pointed point."""
        if self.swept is None or self.pointed is None:
            return ""
        words = " ".join(word.text for word in self.swept.words(self.pointed)[0])
        return f"{words} {self.swept.sweep.points[self.pointed].why}".strip()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the sweep and what is said of the pointed point."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self.colours.plot))
        if self.swept is not None:
            self.paint(painter, self.swept)
            if self.pointed is not None:
                self._draw_words(painter, self.swept, self.pointed)
        if self.hasFocus():
            painter.setPen(QPen(QColor(self.colours.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _draw_words(self, painter: QPainter, swept: Swept, index: int) -> None:
        room = self.chip_room
        words = chips.fitting(swept.words(index), room.width())
        left = room.left()
        if self.on_left(index):  # so that the words do not cover the point
            left = max(left, room.right() - chips.width_of(words))
        box = chips.draw(painter, self.colours, QPointF(left, room.top()), words)
        why = swept.sweep.points[index].why
        if not why:
            return
        painter.setFont(font(11))
        wrap = Qt.TextFlag.TextWordWrap
        most = QRectF(0, 0, min(room.width(), 360) - 20, 400)
        text = QFontMetricsF(font(11)).boundingRect(most, wrap, why)
        card = QRectF(0, box.bottom() + 3, text.width() + 20, text.height() + 8)
        card.moveLeft(max(room.left(), min(box.left(), room.right() - card.width())))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(with_alpha(self.colours.chip, chips.OPACITY[self.colours.name]))
        painter.drawRoundedRect(card, 3, 3)
        painter.setPen(QColor(self.colours.text))
        painter.drawText(card.adjusted(10, 4, -10, -4), wrap, why)

    # Hands -----------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Tell the numbers under the cursor."""
        if event is not None:
            index = self.index_at(event.position())
            self.point(index)
            shape = (
                Qt.CursorShape.ArrowCursor if index is None else Qt.CursorShape.PointingHandCursor
            )
            self.setCursor(shape)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Take the config under the cursor."""
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            index = self.index_at(event.position())
            if index is not None:
                self.taken.emit(index)

    def leaveEvent(self, event: Any) -> None:
        """Tell nothing."""
        self.point(None)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Go to the next point, take it, or leave it."""
        if event is None or self.swept is None or not self.swept.sweep.points:
            super().keyPressEvent(event)
            return
        key = Qt.Key(event.key())
        if key in ARROWS:
            if self.pointed is None:
                self.point(self.first())
                return
            following = self.neighbour(self.pointed, *ARROWS[key])
            if 0 <= following < len(self.swept.sweep.points):
                self.point(following)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.pointed is not None:
            self.taken.emit(self.pointed)
        elif key == Qt.Key.Key_Escape and self.pointed is not None:
            self.point(None)
        else:
            super().keyPressEvent(event)

    def first(self) -> int:
        """Return where the arrow keys begin: at the config as it is now, if it is a point."""
        assert self.swept is not None, "asked for where there is a sweep only"
        values = [point.values for point in self.swept.sweep.points]
        return values.index(self.swept.present) if self.swept.present in values else 0
