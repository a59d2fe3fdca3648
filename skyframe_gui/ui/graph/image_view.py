"""An image in a view box: gestures in pixels of the exposure, and items that paint over it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QPoint, QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QColor
from typing_extensions import override

from skyframe_gui.app.model.view import Frame
from skyframe_gui.ui.graph.view_box import GraphicsView, ViewBox
from skyframe_gui.ui.images.geometry import LEAST_OF_FIT, MOST_ZOOM, Viewport, fitted
from skyframe_gui.ui.theme import DARK

if TYPE_CHECKING:
    from PyQt6.QtCore import QEvent
    from PyQt6.QtGui import QContextMenuEvent, QMouseEvent, QPainter, QPolygonF, QResizeEvent

    from skyframe_gui.ui.graph.pixel_item import PixelItem
    from skyframe_gui.ui.theme import Palette

ZOOM_STEP = 1.25
"""Of one notch of the wheel."""
SAME = 1e-3
"""Pixels of the screen: frames closer than that are one."""


class ImageBox(ViewBox):
    """A view whose pixels are squares, and which never goes so far that the image is lost."""

    def __init__(self) -> None:
        super().__init__(ZOOM_STEP, aspect=True)
        self.least, self.most = 0.0, MOST_ZOOM

    @override
    def scaleBy(self, s: Any = None, center: Any = None, x: Any = None, y: Any = None) -> None:
        factors = [one for one in (*(s or ()), x, y) if one is not None]
        if factors:
            zoom = self.width() / max(self.viewRect().width(), 1e-300)
            factor = zoom / min(max(zoom / float(factors[-1]), self.least), self.most)
            super().scaleBy((factor, factor), center)


class ImageView(GraphicsView):
    """The widget of one image. What is in it are the items that its owner adds.

    Attributes
    ----------
    box : ImageBox
    moved : signal (Frame)
        By hand; what follows a linked view is not told.
    pointed : signal ((x, y) or None)
        The pixel of the exposure under the mouse; it may lie beside the image.
    clicked : signal (x, y, add)
    drawn : signal ((x, y), (x, y), shift, ends)
        A drag that ``draws_at`` of the box has claimed, from where to where.
    lassoed : signal (list of (x, y), add)
    all_wanted : signal
    menu_wanted : signal (QPoint)
    pressed : signal
        A button went down anywhere in it.
    """

    moved = pyqtSignal(object)
    pointed = pyqtSignal(object)
    clicked = pyqtSignal(float, float, bool)
    drawn = pyqtSignal(tuple, tuple, bool, bool)
    lassoed = pyqtSignal(list, bool)
    all_wanted = pyqtSignal()
    menu_wanted = pyqtSignal(QPoint)
    pressed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumSize(80, 80)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.box = ImageBox()
        self.setCentralItem(self.box)
        self._size = (1, 1)
        self._frame: Frame | None = None
        self._colours = ""
        self.box.sigRangeChangedManually.connect(self._on_hand)
        self.box.sigResized.connect(self._on_resized)
        self.box.clicked.connect(self._on_clicked)
        self.box.lassoed.connect(self._on_lassoed)
        self.box.drawn.connect(self._on_drawn)
        self.box.all_wanted.connect(self.all_wanted)
        self.box.menu_wanted.connect(self.menu_wanted)
        self.box.grabbed.connect(lambda: self.setCursor(Qt.CursorShape.ClosedHandCursor))
        self.box.released.connect(self.unsetCursor)
        self.sceneObj.sigMouseMoved.connect(self._on_moved)
        self.apply_theme(DARK)

    def add(self, item: PixelItem) -> PixelItem:
        """Add what paints over the image; "view all" does not look at it."""
        self.box.addItem(item, ignoreBounds=True)
        return item

    def apply_theme(self, palette: Palette) -> None:
        """Take a theme's colours."""
        if self._colours != palette.name:
            self._colours = palette.name
            self.setBackground(QColor(palette.canvas))
            self.box.set_theme(palette, palette.canvas)

    def show_frame(self, frame: Frame | None, size: tuple[int, int]) -> None:
        """Show a part of an image, or all of it; a view that is there already is not touched.

        Parameters
        ----------
        frame : Frame or None
            None: the whole image.
        size : (width, height)
            Of the image.
        """
        self._frame, self._size = frame, size
        width, height = float(self.box.width()), float(self.box.height())
        if width < 1 or height < 1:
            return
        whole = self.whole
        self.box.least = LEAST_OF_FIT * whole.zoom
        wanted = frame or whole
        now = self.viewport_now.frame
        apart = max(abs(now.x - wanted.x), abs(now.y - wanted.y)) * wanted.zoom
        if apart > SAME or abs(now.zoom / wanted.zoom - 1) * max(width, height) > SAME:
            across, up = width / 2 / wanted.zoom, height / 2 / wanted.zoom
            self.box.setRange(
                xRange=(wanted.x - across, wanted.x + across),
                yRange=(wanted.y - up, wanted.y + up),
                padding=0,
            )

    @property
    def whole(self) -> Frame:
        """The frame in which the whole image is seen."""
        return fitted((self.box.width(), self.box.height()), self._size)

    @property
    def viewport_now(self) -> Viewport:
        """What is on the screen, by the library's view box."""
        (x0, x1), (y0, y1) = self.box.viewRange()
        width, height = float(self.box.width()), float(self.box.height())
        return Viewport(width, height, Frame((x0 + x1) / 2, (y0 + y1) / 2, width / (x1 - x0)))

    def follow(self, other: ImageView | None) -> None:
        """Move with another view from now on, as the library links views; None for alone."""
        box = None if other is None else other.box
        if self.box.linkedView(0) is not box:
            self.box.setXLink(box)
            self.box.setYLink(box)

    def paint_focus(self, painter: QPainter, palette: Palette) -> None:
        """Draw a ring: the keys lead here."""
        painter.setPen(QColor(palette.accent))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    # From the library --------------------------------------------------------------------------

    @override
    def mousePressEvent(self, ev: QMouseEvent | None) -> None:
        self.pressed.emit()
        super().mousePressEvent(ev)

    @override
    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        """Leave the key to the pane; by mouse the menu opens on release of a click."""
        if event is not None:
            event.setAccepted(event.reason() == event.Reason.Mouse)

    @override
    def leaveEvent(self, ev: QEvent | None) -> None:
        super().leaveEvent(ev)
        self.pointed.emit(None)

    @override
    def resizeEvent(self, ev: QResizeEvent | None) -> None:
        super().resizeEvent(ev)
        # The base class asks before it is made, and closes it before the last resize.
        if hasattr(self, "box") and not self.closed:
            self.box.drop_lasso()

    def _on_resized(self, *_: Any) -> None:
        self.show_frame(self._frame, self._size)

    def _on_hand(self, *_: Any) -> None:
        self.moved.emit(self.viewport_now.frame)

    def _on_moved(self, at: QPointF) -> None:
        self.pointed.emit(self.viewport_now.to_pixel(at.x(), at.y()))

    def _on_clicked(self, at: QPointF, add: bool) -> None:
        x, y = self.viewport_now.to_pixel(at.x(), at.y())
        self.clicked.emit(x, y, add)

    def _on_drawn(self, start: QPointF, now: QPointF, shift: bool, ends: bool) -> None:
        viewport = self.viewport_now
        one, other = (viewport.to_pixel(at.x(), at.y()) for at in (start, now))
        self.drawn.emit(one, other, shift, ends)

    def _on_lassoed(self, outline: QPolygonF, add: bool) -> None:
        viewport = self.viewport_now
        points = [outline.at(index) for index in range(outline.count())]
        self.lassoed.emit([viewport.to_pixel(one.x(), one.y()) for one in points], add)
        self.box.drop_lasso()
