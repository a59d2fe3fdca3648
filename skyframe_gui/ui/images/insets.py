"""Small pictures over an image: the overview of all of it, and the magnifier under the mouse."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from PyQt6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter
from PyQt6.QtWidgets import QWidget
from typing_extensions import override

from skyframe_gui.app.model.view import Frame
from skyframe_gui.ui.graph.image_view import ZOOM_STEP
from skyframe_gui.ui.images.geometry import Viewport, fitted
from skyframe_gui.ui.images.render import picture_key, picture_of
from skyframe_gui.ui.samples.colours import with_alpha
from skyframe_gui.ui.theme import palette_of

if TYPE_CHECKING:
    from PyQt6.QtGui import QMouseEvent, QPaintEvent, QWheelEvent

    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.images.canvas import Canvas
    from skyframe_gui.ui.images.content import Content
    from skyframe_gui.ui.images.render import Picture

CORNER, BORDER = 4, 1
PART, LEAST, MOST = 0.3, 56, 180
"""Of the image's shorter side, and pixels, that the longer side of the overview has."""
CHIP, WIDE = 26, 420
"""Pixels that the chip takes of an image's upper edge, and width from which on it leaves some."""
NEAR = 14
"""Pixels about the magnifier within which the mouse drives it to the other corner."""
CELL = 10
SIZES = ((250, 11, CELL), (160, 9, 8), (0, 7, 6))
"""From which shorter side of the image on the magnifier has so many pixels of the exposure across,
and how many pixels of the window each takes: it never covers most of a small pane."""
ENLARGES = 1.5
"""By how much at least; what is enlarged as much already needs no magnifier."""
NOTCH = 120


class Inset(QWidget):
    """A picture with a border, painted by the same kernels as the image below it.

    Parameters
    ----------
    host : QWidget
        In which it stands over the image, so that it is in no picture of that.
    """

    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.state: State | None = None
        self.content: Content | None = None
        self._key: object = None
        self._picture: Picture | None = None
        self.hide()

    def looks_at(self) -> Viewport:
        """Return what is seen inside of the border."""
        raise NotImplementedError

    def draw_over(self, painter: QPainter) -> None:
        """Draw what stands over the picture; the origin is inside of the border."""

    @override
    def paintEvent(self, event: QPaintEvent | None) -> None:
        state, content = self.state, self.content
        if state is None or content is None:
            return
        palette = palette_of(state)
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(palette.text3))
        inner = self.rect().adjusted(BORDER, BORDER, -BORDER, -BORDER)
        painter.fillRect(inner, QColor(palette.canvas))
        viewport, ratio = self.looks_at(), self.devicePixelRatioF()
        key = picture_key(content, state.view, viewport, ratio)
        if key != self._key:
            self._key = key
            self._picture = picture_of(content, state, viewport, ratio, palette)
        painter.translate(BORDER, BORDER)
        painter.setClipRect(QRect(QPoint(), inner.size()))
        if self._picture is not None:
            painter.drawImage(QPointF(self._picture.at) / ratio, self._picture.image)
        self.draw_over(painter)
        painter.end()


class Overview(Inset):
    """The whole image, with the part that is in view; a drag moves the view.

    Parameters
    ----------
    canvas : Canvas
        The image that it shows.
    host : QWidget
    """

    def __init__(self, canvas: Canvas, host: QWidget) -> None:
        super().__init__(host)
        self._canvas = canvas
        self._grip = QPointF()
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setAccessibleName("Overview of the whole exposure")
        self.setToolTip("Drag to move the view, turn the wheel to zoom (W shows or hides this)")

    def fit(self, room: QRect) -> None:
        """Stand in the lower right corner of the image."""
        if self.content is None:
            return
        shown = self.content.shown
        most = min(max(PART * min(room.width(), room.height()), LEAST), MOST)
        zoom = most / max(shown.width, shown.height)
        size = (max(round(side * zoom), 8) + 2 * BORDER for side in (shown.width, shown.height))
        width, height = size
        self.setGeometry(
            room.right() + 1 - CORNER - width, room.bottom() + 1 - CORNER - height, width, height
        )

    @override
    def looks_at(self) -> Viewport:
        assert self.content is not None, "painted with a content only"
        inner = self.width() - 2 * BORDER, self.height() - 2 * BORDER
        shown = self.content.shown
        return Viewport(*inner, fitted(inner, (shown.width, shown.height)))

    @property
    def box(self) -> QRectF:
        """Where the part that is in view lies inside of the border."""
        now, here = self._canvas.viewport, self.looks_at()
        corners = (now.to_pixel(0, 0), now.to_pixel(now.width, now.height))
        return QRectF(*(here.to_pane(*one) for one in corners))

    @override
    def draw_over(self, painter: QPainter) -> None:
        room = QRectF(0, 0, self.width() - 2 * BORDER - 1, self.height() - 2 * BORDER - 1)
        box = self.box.intersected(room)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, wide in ((with_alpha("#000000", 0.6), 3), (QColor("#ffffff"), 1)):
            pen = painter.pen()
            pen.setColor(colour)
            pen.setWidth(wide)
            painter.setPen(pen)
            painter.drawRect(box.toRect())

    @override
    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is None or event.button() != Qt.MouseButton.LeftButton:
            return
        at, box = event.position() - QPointF(BORDER, BORDER), self.box
        # Within the box it is taken where it is held; elsewhere it comes there.
        self._grip = at - box.center() if box.contains(at) else QPointF()
        self.setCursor(Qt.CursorShape.ClosedHandCursor)
        self._drag(event)

    @override
    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self._drag(event)

    @override
    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    @override
    def wheelEvent(self, event: QWheelEvent | None) -> None:
        if event is not None:
            self._canvas.zoom(ZOOM_STEP ** (event.angleDelta().y() / NOTCH))

    def _drag(self, event: QMouseEvent) -> None:
        at = event.position() - QPointF(BORDER, BORDER) - self._grip
        self._canvas.show_middle(*self.looks_at().to_pixel(at.x(), at.y()))


class Magnifier(Inset):
    """The pixels about the mouse, each so large that it can be told from its neighbours."""

    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName("Magnifier of the pixels under the mouse")
        self.pixel = (0, 0)
        self.cell = float(CELL)

    def fit(self, canvas: Canvas, room: QRect, at: tuple[float, float]) -> bool:
        """Stand in a corner where the mouse is not; return whether there is anything to enlarge."""
        viewport, ratio = canvas.viewport, self.devicePixelRatioF()
        shorter = min(room.width(), room.height())
        cells, cell = next((cells, cell) for least, cells, cell in SIZES if shorter >= least)
        side = cells * cell
        # Whole pixels of the screen, so that all are of one size.
        wanted = max(cell, ENLARGES * viewport.frame.zoom)
        self.cell = math.ceil(wanted * ratio - 1e-6) / ratio
        n = math.floor(side / self.cell + 1e-6)
        n -= 1 - n % 2
        if n < 3:
            return False
        self.pixel = math.floor(at[0] + 0.5), math.floor(at[1] + 0.5)
        size = math.ceil(n * self.cell) + 2 * BORDER
        top = CHIP if room.width() < WIDE else CORNER
        home = QRect(room.right() + 1 - CORNER - size, room.top() + top, size, size)
        mouse = viewport.to_pane(*at).toPoint() + room.topLeft()
        if home.adjusted(-NEAR, -NEAR, NEAR, NEAR).contains(mouse):
            home.moveTopLeft(room.topLeft() + QPoint(CORNER, CHIP))
        self.setGeometry(home)
        return True

    @override
    def looks_at(self) -> Viewport:
        x, y = self.pixel
        inner = self.width() - 2 * BORDER, self.height() - 2 * BORDER
        return Viewport(*inner, Frame(x, y, self.cell))

    @override
    def draw_over(self, painter: QPainter) -> None:
        x, y = self.pixel
        box = self.looks_at().rect(x, y, x + 1, y + 1)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, out in (("#000000", 1), ("#ffffff", 0)):
            painter.setPen(QColor(colour))
            painter.drawRect(box.toAlignedRect().adjusted(-out, -out, out - 1, out - 1))


class Insets:
    """The overview and the magnifier of one image, made when they are first wanted.

    Parameters
    ----------
    canvas : Canvas
    host : QWidget
        In which both stand over the image.
    """

    def __init__(self, canvas: Canvas, host: QWidget) -> None:
        self._canvas, self._host = canvas, host
        self._state: State | None = None
        self._content: Content | None = None
        self._at: tuple[float, float] | None = None
        self._is_active = False
        self.overview: Overview | None = None
        self.magnifier: Magnifier | None = None
        canvas.view.pointed.connect(self._point)
        canvas.view.box.sigRangeChanged.connect(self._on_moved)
        canvas.view.box.sigResized.connect(self._place)

    def show_content(self, state: State, content: Content | None, active: bool) -> None:
        """Show another state; the overview stands on the active image alone."""
        self._state, self._content, self._is_active = state, content, active
        self._place()

    def _point(self, at: tuple[float, float] | None) -> None:
        self._at = at
        if self._state is not None and self._state.view.magnifier:
            self._place_magnifier()

    def _on_moved(self, *_: object) -> None:
        if self.overview is not None and not self.overview.isHidden():
            self.overview.update()

    def _place(self, *_: object) -> None:
        self._place_overview()
        self._place_magnifier()

    @property
    def _room(self) -> QRect:
        corner = self._canvas.mapTo(self._host, QPoint())
        return QRect(corner, self._canvas.size())

    def _is_shown(self, on: bool) -> bool:
        content = self._content
        return on and content is not None and not content.why and self._canvas.width() > LEAST

    def _place_overview(self) -> None:
        state, content = self._state, self._content
        wanted = state is not None and state.view.overview and self._is_active
        if not self._is_shown(wanted) or state is None or content is None:
            if self.overview is not None:
                self.overview.hide()
            return
        if self.overview is None:
            self.overview = Overview(self._canvas, self._host)
        # So small, what is smoothed is smooth anyway.
        self.overview.state, self.overview.content = state, replace(content, smooth=0.0)
        self.overview.fit(self._room)
        self._show(self.overview)

    def _place_magnifier(self) -> None:
        state, content, at = self._state, self._content, self._at
        shown = None if content is None else content.shown
        on_image = (
            at is not None
            and shown is not None
            and -0.5 <= at[0] < shown.width - 0.5
            and -0.5 <= at[1] < shown.height - 0.5
        )
        wanted = on_image and state is not None and state.view.magnifier
        if not self._is_shown(wanted) or state is None or content is None or at is None:
            if self.magnifier is not None:
                self.magnifier.hide()
            return
        if self.magnifier is None:
            self.magnifier = Magnifier(self._host)
        # Single pixels are as the status line tells of them.
        self.magnifier.state, self.magnifier.content = state, replace(content, smooth=0.0)
        if self.magnifier.fit(self._canvas, self._room, at):
            self._show(self.magnifier)
        else:
            self.magnifier.hide()

    def _show(self, inset: Inset) -> None:
        if inset.isHidden():
            inset.show()
            inset.raise_()
        inset.update()
