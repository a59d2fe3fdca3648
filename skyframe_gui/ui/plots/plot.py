"""A pair of axes that can be panned and zoomed; what is in it is drawn by its subclasses."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPixmap, QPolygonF
from PyQt6.QtWidgets import QApplication, QSizePolicy, QWidget

from skyframe_gui.ui.plots.axes import Range, ticks
from skyframe_gui.ui.plots.colours import with_alpha
from skyframe_gui.ui.theme import DARK, font

if TYPE_CHECKING:
    from typing import Any

    import numpy as np
    from numpy.typing import NDArray
    from PyQt6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent, QResizeEvent, QWheelEvent

    from skyframe_gui.ui.theme import Palette

    Floats = NDArray[np.float64]

TOP, RIGHT, BOTTOM, LEAST_LEFT = 8, 8, 38, 44
X_SPACING, Y_SPACING = 60, 32
ZOOM_STEP = 1.2
GRID = {"dark": 0.07, "light": 0.10}
Ticks = tuple["Floats", list[str]]


class Plot(QWidget):
    """Axes with units, a grid, wheel zoom, drag pan and a cached picture of what rarely changes.

    Attributes
    ----------
    x_range, y_range : Range
        What is in view. Changed by `fit`, by `show_range` and by a person's hand only.
    touched : bool
        Whether a person has moved the view since the last `fit`.
    ranged : signal
        The view has changed.
    """

    ranged = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(140, 110)
        self.colours: Palette = DARK
        self.x_label = self.y_label = ""
        self.x_range = self.y_range = Range(0.0, 1.0)
        self.touched = False
        self._home = (self.x_range, self.y_range)
        self._picture: QPixmap | None = None
        self._pressed: QPointF | None = None
        self._pressed_ranges = self._home
        self._gesture = ""
        self.trail = QPolygonF()

    # What subclasses say ---------------------------------------------------------------------

    def paint_marks(self, painter: QPainter) -> None:
        """Draw what is kept as a picture until `refresh`; clipped to the axes."""

    def paint_over(self, painter: QPainter) -> None:
        """Draw what changes with the cursor."""

    def x_ticks(self) -> Ticks:
        """Return where the ticks below are, and what they say."""
        return ticks(self.x_range, self.area.width(), X_SPACING)

    def y_ticks(self) -> Ticks:
        """Return where the ticks at the left are, and what they say."""
        return ticks(self.y_range, self.area.height(), Y_SPACING)

    def pointed(self, at: QPointF | None) -> None:
        """Be told where the mouse is; None when it has left."""

    def clicked(self, at: QPointF, add: bool) -> None:
        """Be told of a click."""

    def wants_trail(self, shift: bool) -> bool:
        """Return whether a drag draws a line around marks instead of moving the view."""
        return False

    def trail_ended(self, add: bool) -> None:
        """Be told that ``trail`` is closed."""

    # The view --------------------------------------------------------------------------------

    @property
    def area(self) -> QRectF:
        """The inside of the axes."""
        left = self.left_margin()
        return QRectF(left, TOP, self.width() - left - RIGHT, self.height() - TOP - BOTTOM)

    def left_margin(self) -> float:
        """Return the room for the y axis, in steps so that a small pan does not shift it."""
        height = self.height() - TOP - BOTTOM
        labels = ticks(self.y_range, height, Y_SPACING)[1]
        metrics = QFontMetricsF(font(11))
        widest = max((metrics.horizontalAdvance(label) for label in labels), default=0)
        return max(LEAST_LEFT, math.ceil((widest + 26) / 8) * 8)

    def place(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Return where values are on the widget."""
        area = self.area
        return (
            area.left() + (x - self.x_range.low) * (area.width() / self.x_range.width),
            area.bottom() - (y - self.y_range.low) * (area.height() / self.y_range.width),
        )

    def value_at(self, at: QPointF) -> tuple[float, float]:
        """Return the values at a point of the widget."""
        area = self.area
        return (
            self.x_range.low + (at.x() - area.left()) * self.x_range.width / area.width(),
            self.y_range.low + (area.bottom() - at.y()) * self.y_range.width / area.height(),
        )

    def set_home(self, x_range: Range, y_range: Range) -> None:
        """Say what `fit` is to show, without showing it."""
        self._home = (x_range, y_range)

    def fit(self) -> None:
        """Show everything."""
        self.touched = False
        self.show_range(*self._home)

    def show_range(self, x_range: Range, y_range: Range) -> None:
        """Show a part of the plane; one too small to be told apart from a point is refused."""
        for span in (x_range, y_range):
            size = max(abs(span.low), abs(span.high))
            if not (math.isfinite(size) and span.width > 1e-12 * size):
                return
        self.x_range, self.y_range = x_range, y_range
        self.refresh()
        self.ranged.emit()

    def dress(self, palette: Palette) -> None:
        """Take a theme's colours."""
        if self.colours is not palette:
            self.colours = palette
            self.refresh()

    def refresh(self) -> None:
        """Draw everything anew."""
        self._picture = None
        self.update()

    # Painting --------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Put the picture on screen and what is under the cursor over it."""
        scale = self.devicePixelRatioF()
        if self._picture is None or self._picture.devicePixelRatioF() != scale:
            self._picture = self._draw(scale)
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        painter.setClipRect(self.area.adjusted(0, -1, 1, 0))
        self.paint_over(painter)
        if self.trail.count() > 1:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            pen = QPen(QColor(self.colours.highlight), 1.5, Qt.PenStyle.DashLine)
            painter.setPen(pen)
            painter.setBrush(with_alpha(self.colours.highlight, 0.05))
            painter.drawPolygon(self.trail)
        painter.end()

    def _draw(self, scale: float) -> QPixmap:
        picture = QPixmap(QSize(self.width(), self.height()) * scale)
        picture.setDevicePixelRatio(scale)
        picture.fill(QColor(self.colours.plot))
        painter = QPainter(picture)
        area, colours = self.area, self.colours
        painter.setFont(font(11))
        across, up = self.x_ticks(), self.y_ticks()
        self._draw_grid(painter, across[0], up[0])
        painter.save()
        painter.setClipRect(area)
        self.paint_marks(painter)
        painter.restore()
        painter.setPen(QPen(QColor(colours.border), 1))
        painter.drawLine(area.topLeft(), area.bottomLeft())
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.setPen(QColor(colours.text2))
        middle = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        xs, _ = self.place(across[0], across[0])
        for x, label in zip(xs.tolist(), across[1], strict=True):
            painter.drawText(QRectF(x - 60, area.bottom() + 4, 120, 14), middle, label)
        _, ys = self.place(up[0], up[0])
        for y, label in zip(ys.tolist(), up[1], strict=True):
            if area.top() - 4 <= y <= area.bottom() + 1:
                painter.drawText(QRectF(0, y - 8, area.left() - 6, 16), right, label)
        below = QRectF(area.left() - 40, area.bottom() + 19, area.width() + 40, 16)
        painter.drawText(below.adjusted(40, 0, 0, 0), middle, self.x_label)
        painter.translate(9, area.center().y())
        painter.rotate(-90)
        painter.drawText(QRectF(-area.height(), -8, 2 * area.height(), 16), middle, self.y_label)
        painter.end()
        return picture

    def _draw_grid(self, painter: QPainter, x_values: Floats, y_values: Floats) -> None:
        # Rectangles, as thin translucent lines take Qt's painter far longer.
        area, colour = self.area, with_alpha(self.colours.text, GRID[self.colours.name])
        xs, _ = self.place(x_values, x_values)
        _, ys = self.place(y_values, y_values)
        for x in xs.round().tolist():
            painter.fillRect(QRectF(x, area.top(), 1, area.height()), colour)
        for y in ys.round().tolist():
            painter.fillRect(QRectF(area.left(), y, area.width(), 1), colour)

    # Hands -----------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Draw for the new size."""
        self.trail = QPolygonF()
        self.refresh()
        self.ranged.emit()

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Zoom about the cursor; over an axis along that axis only."""
        if event is None:
            return
        at, area = event.position(), self.area
        x, y = self.value_at(at)
        factor = ZOOM_STEP ** (-event.angleDelta().y() / 120)
        x_range = self.x_range if at.x() < area.left() else self.x_range.scaled(factor, x)
        y_range = self.y_range if at.y() > area.bottom() else self.y_range.scaled(factor, y)
        self._moved_by_hand(x_range, y_range)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Begin a click, a pan or a line around marks."""
        if event is None or event.button() != Qt.MouseButton.LeftButton:
            return
        self._pressed = event.position()
        self._pressed_ranges = (self.x_range, self.y_range)
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._gesture = ""
        if self.wants_trail(shift) and self.area.contains(self._pressed):
            self._gesture = "trail"
            self.pointed(None)
            self.trail = QPolygonF([self._pressed])

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Go on with what was begun, or say what is under the cursor."""
        if event is None:
            return
        at = event.position()
        if self._pressed is None:
            self.pointed(at)
            return
        moved = at - self._pressed
        if self._gesture == "trail":
            self.trail.append(at)
            self.update()
            return
        if not self._gesture and moved.manhattanLength() >= QApplication.startDragDistance() / 2:
            self._gesture = "pan"
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        if self._gesture == "pan":
            area = self.area
            x_range, y_range = self._pressed_ranges
            self._moved_by_hand(
                x_range.moved(-moved.x() * x_range.width / area.width()),
                y_range.moved(moved.y() * y_range.width / area.height()),
            )

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """End what was begun."""
        if event is None or self._pressed is None:
            return
        gesture, self._gesture, self._pressed = self._gesture, "", None
        self.unsetCursor()
        add = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if gesture == "trail" and self.trail.count() > 3:
            self.trail_ended(add)
        elif gesture != "pan":
            self.trail = QPolygonF()
            self.clicked(event.position(), add)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """Show everything."""
        self.fit()

    def leaveEvent(self, event: Any) -> None:
        """Nothing is under the cursor any more."""
        self.pointed(None)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Leave keys to the panel."""
        if event is not None:
            event.ignore()

    def _moved_by_hand(self, x_range: Range, y_range: Range) -> None:
        self.touched = True
        self.trail = QPolygonF()
        self.show_range(x_range, y_range)
