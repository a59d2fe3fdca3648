"""One image on the screen: paints it, and turns mouse and keys into what they ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPainter
from PyQt6.QtWidgets import QWidget

from skyframe_gui.ui.images import overlays
from skyframe_gui.ui.images.boxes import draw_rings
from skyframe_gui.ui.images.drawn import BoxLayer, EdgeLayer, RingLayer
from skyframe_gui.ui.images.geometry import LEAST_OF_FIT, Viewport, fitted, kept_in
from skyframe_gui.ui.images.render import Picture, picture_key, picture_of
from skyframe_gui.ui.theme import font, palette_of

if TYPE_CHECKING:
    from PyQt6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPaintEvent, QWheelEvent

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.state import Frame, State
    from skyframe_gui.ui.images.content import Content
    from skyframe_gui.ui.images.marks import Boxes

CLICK = 4
"""Pixels that a mouse may move in a click."""
WHEEL = 1.25
"""Zoom of one notch."""
STEP = 40.0
"""Pixels that an arrow key pans."""
RING_HOVERED = 1.0
"""Pixels outside of the box."""


class Canvas(QWidget):
    """The image of one pane.

    Parameters
    ----------
    commands : Commands
    index : int
        Which pane.
    """

    pressed = pyqtSignal()

    def __init__(self, commands: Commands, index: int) -> None:
        super().__init__()
        self.commands = commands
        self.index = index
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(80, 80)
        self._state: State | None = None
        self._content: Content | None = None
        self._boxes: Boxes | None = None
        self._kept: tuple[object, Content, Picture | None] | None = None
        self._layers = (EdgeLayer(), BoxLayer(), RingLayer())
        self._down: QPointF | None = None
        self._last = QPointF()
        self._panning = False
        self._lasso: list[QPointF] = []
        self._ringed = False

    # What is shown -----------------------------------------------------------------------------

    def show_content(self, state: State, content: Content | None, boxes: Boxes | None) -> None:
        """Paint another state; the picture is made when it is painted, so only the last one is."""
        self._state, self._content, self._boxes = state, content, boxes
        self.setAccessibleName(content.title if content else "Empty pane")
        self.update()

    @property
    def viewport(self) -> Viewport:
        """Where the image is."""
        width, height = float(self.width()), float(self.height())
        frame = None
        if self._state is not None and self.index < len(self._state.view.frames):
            frame = self._state.view.frames[self.index]
        return Viewport(width, height, frame or self._fitted())

    def _fitted(self) -> Frame:
        content = self._content
        size = (content.shown.width, content.shown.height) if content else (1, 1)
        return fitted((self.width(), self.height()), size)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Paint picture, lines and marks; what has not changed is kept from before."""
        painter = QPainter(self)
        state, content = self._state, self._content
        if state is None or content is None:
            painter.end()
            return
        palette = palette_of(state)
        painter.fillRect(self.rect(), QColor(palette.canvas))
        if content.why:
            painter.setFont(font(12))
            painter.setPen(QColor(palette.text2))
            box = QRectF(self.rect()).adjusted(24, 32, -24, -8)
            middle = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(box, int(middle), content.why)
        else:
            self._paint_image(painter, state, content)
        if self._ringed:
            painter.setPen(QColor(palette.accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _paint_image(self, painter: QPainter, state: State, content: Content) -> None:
        viewport, scale = self.viewport, self.devicePixelRatioF()
        key = picture_key(content, state.view, viewport, scale)
        if self._kept is None or self._kept[0] != key:
            picture = picture_of(content, state, viewport, scale, palette_of(state))
            self._kept = (key, content, picture)
        picture = self._kept[2]
        if picture is not None:
            painter.drawImage(QPointF(picture.at) / scale, picture.image)
        for layer in self._layers:
            lines = layer.image(state, content, self._boxes, viewport, scale)
            if lines is not None:
                painter.drawImage(0, 0, lines)
        if state.selection.hovered is not None:
            hovered = frozenset((state.selection.hovered,))
            draw_rings(painter, hovered, content.shown.key, viewport, RING_HOVERED)
        if state.view.crosshair and state.cursor and (state.view.linked or self.underMouse()):
            overlays.draw_crosshair(painter, viewport, content, viewport.to_pane(*state.cursor))
        if len(self._lasso) > 1:
            overlays.draw_lasso(painter, self._lasso)

    # What is asked for -------------------------------------------------------------------------

    def fit(self) -> None:
        """Show the whole image."""
        self.commands.move(self.index, None)

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom about a place of the pane, or its middle."""
        if self._content is None:
            return
        at = at or QPointF(self.width() / 2, self.height() / 2)
        least = LEAST_OF_FIT * self._fitted().zoom
        self._move(self.viewport.zoomed(factor, at.x(), at.y(), least))

    def pan(self, dx: float, dy: float) -> None:
        """Move the image by this much."""
        self._move(self.viewport.panned(dx, dy))

    def centre_on_selection(self) -> None:
        """Bring the selected samples, or the hovered one, into the middle."""
        if self._state is None or self._content is None:
            return
        selection, key = self._state.selection, self._content.shown.key
        boxes = [box for of, box in selection.samples if of == key]
        if not boxes and selection.hovered and selection.hovered[0] == key:
            boxes = [selection.hovered[1]]
        if boxes:
            x = sum((box[0] + box[2] - 1) / 2 for box in boxes) / len(boxes)
            y = sum((box[1] + box[3] - 1) / 2 for box in boxes) / len(boxes)
            frame = self.viewport.frame
            self._move(type(frame)(x, y, frame.zoom))

    def _move(self, frame: Frame) -> None:
        if self._content is not None:
            shown = self._content.shown
            self.commands.move(self.index, kept_in(frame, (shown.width, shown.height)))

    def _point(self, at: QPointF) -> None:
        """Say which pixel, and which sample, is under the mouse."""
        state, content = self._state, self._content
        if state is None or content is None:
            return
        x, y = self.viewport.to_pixel(at.x(), at.y())
        shown = content.shown
        inside = -0.5 <= x < shown.width - 0.5 and -0.5 <= y < shown.height - 0.5
        self.commands.point((x, y) if inside else None)
        hovered = None
        if inside and self._boxes is not None and state.view.boxes:
            hovered = self._boxes.at(x, y)
        self.commands.hover(hovered)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Begin a pan, a lasso or a click."""
        if event is None:
            return
        self.pressed.emit()
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._down = self._last = event.position()
        self._panning = False
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and self._boxes is not None:
            self._lasso = [event.position()]

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Go on with it, or say what is under the mouse."""
        if event is None:
            return
        at = event.position()
        if self._lasso:
            self._lasso.append(at)
            self.update()
        elif self._down is not None:
            moved = at - self._down
            if self._panning or moved.manhattanLength() > CLICK:
                self._panning = True
                self.setCursor(Qt.CursorShape.ClosedHandCursor)
                step = at - self._last
                self._last = at
                self.pan(step.x(), step.y())
        self._point(at)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """End it."""
        if event is None or self._down is None:
            return
        adds = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if len(self._lasso) > 2 and self._boxes is not None:
            viewport = self.viewport
            outline = [viewport.to_pixel(point.x(), point.y()) for point in self._lasso]
            self.commands.select_samples(self._boxes.within(outline), add=adds)
        elif not self._panning and self._boxes is not None and self._state is not None:
            sample = self._boxes.at(*self.viewport.to_pixel(self._down.x(), self._down.y()))
            if sample is not None and self._state.view.boxes:
                self.commands.select_samples([sample], add=adds)
        self._lasso = []
        self._down = None
        self._panning = False
        self.unsetCursor()
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """Show the whole image."""
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self.fit()

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Zoom about the cursor."""
        if event is not None and event.angleDelta().y():
            self.zoom(WHEEL ** (event.angleDelta().y() / 120), event.position())
            event.accept()

    def leaveEvent(self, event: QEvent | None) -> None:
        """Nothing is under the mouse any more."""
        self.commands.point(None)
        self.commands.hover(None)
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Pan, zoom, fit, clear."""
        if event is None:
            return
        key = event.key()
        arrows = {
            Qt.Key.Key_Left: (STEP, 0.0),
            Qt.Key.Key_Right: (-STEP, 0.0),
            Qt.Key.Key_Up: (0.0, STEP),
            Qt.Key.Key_Down: (0.0, -STEP),
        }
        if key in arrows:
            self.pan(*arrows[Qt.Key(key)])
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_0):
            self.fit()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(WHEEL)
        elif key == Qt.Key.Key_Minus:
            self.zoom(1 / WHEEL)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.centre_on_selection()
        elif key == Qt.Key.Key_Escape:
            self._escape()
        else:
            super().keyPressEvent(event)

    def _escape(self) -> None:
        if self._lasso:
            self._lasso, self._down = [], None
            self.update()
        else:
            self.commands.select_samples(())

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        """Show a ring where the keys lead here, not where the mouse does."""
        if event is not None:
            # At the start of the window Qt puts the focus somewhere by itself.
            self._ringed = self._content is not None and event.reason() in (
                Qt.FocusReason.TabFocusReason,
                Qt.FocusReason.BacktabFocusReason,
                Qt.FocusReason.ShortcutFocusReason,
            )
            self.pressed.emit()
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        """Take the ring away."""
        self._ringed = False
        super().focusOutEvent(event)
        self.update()
