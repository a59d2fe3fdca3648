"""Images that are painted by compiled kernels, and lines over them, each kept while it is alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QPointF, QRectF, QSize
from PyQt6.QtGui import QImage, QPainter
from typing_extensions import override

from skyframe_gui.ui.graph.pixel_item import PixelItem, is_screen

if TYPE_CHECKING:
    from collections.abc import Callable

    from skyframe_gui.ui.graph.image_view import ImageView
    from skyframe_gui.ui.images.geometry import Viewport
    from skyframe_gui.ui.images.render import Picture

CASING_ROOM = 2.0


class SkyImage(PixelItem):
    """The pixels of an image at the screen's resolution.

    Parameters
    ----------
    view : ImageView
    key : callable (Viewport, scale) -> object
        What the picture depends on: pictures with equal keys are alike. It keeps the objects that
        it speaks of.
    make : callable (Viewport, scale) -> Picture or None
        Paints it; ``scale`` is in device pixels to one of the widget.
    """

    def __init__(
        self,
        view: ImageView,
        key: Callable[[Viewport, float], object],
        make: Callable[[Viewport, float], Picture | None],
    ) -> None:
        super().__init__(self._paint_picture)
        self._view, self._key_of, self._make = view, key, make
        self._key: object = None
        self._picture: Picture | None = None

    def _paint_picture(self, painter: QPainter) -> None:
        viewport, scale = self._view.viewport_now, _scale_of(painter)
        key = self._key_of(viewport, scale)
        if self._key is None or key != self._key:
            self._key, self._picture = key, self._make(viewport, scale)
        if self._picture is not None:
            painter.drawImage(QPointF(self._picture.at) / scale, self._picture.image)


class Lines(PixelItem):
    """Lines over an image, as a picture of their own while only the pixels below change.

    Parameters
    ----------
    view : ImageView
    key : callable () -> object
        What they depend on besides the place; None for nothing to draw.
    draw : callable (QPainter, Viewport)
    z : float
    """

    def __init__(
        self,
        view: ImageView,
        key: Callable[[], object],
        draw: Callable[[QPainter, Viewport], None],
        z: float,
    ) -> None:
        super().__init__(self._paint_lines, z)
        self._view, self._key_of, self._draw = view, key, draw
        self._key: object = None
        self._image: QImage | None = None

    @override
    def has_something(self) -> bool:
        return self._key_of() is not None

    def _paint_lines(self, painter: QPainter) -> None:
        wanted = self._key_of()
        viewport, scale = self._view.viewport_now, _scale_of(painter)
        if not is_screen(painter):
            self._draw(painter, viewport)
            return
        key = (wanted, viewport, scale)
        if self._key is None or key != self._key:
            self._key = key
            size = QSize(round(viewport.width * scale), round(viewport.height * scale))
            image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
            image.setDevicePixelRatio(scale)
            image.fill(0)
            inner = QPainter(image)
            self._draw(inner, viewport)
            inner.end()
            self._image = image
        if self._image is not None:
            painter.drawImage(QPointF(0, 0), self._image)


class Crosshair(PixelItem):
    """Two lines through a place; moving them repaints no more than what they cover.

    Parameters
    ----------
    view : ImageView
    draw : callable (QPainter, Viewport, QPointF)
        Draws both through a place of the widget.
    """

    def __init__(
        self,
        view: ImageView,
        draw: Callable[[QPainter, Viewport, QPointF], None],
        z: float,
    ) -> None:
        super().__init__(self._paint_cross, z)
        self._view, self._draw = view, draw
        self._at: tuple[float, float] | None = None

    def move_to(self, at: tuple[float, float] | None) -> None:
        """Go to a pixel of the exposure; None for nowhere."""
        if at == self._at:
            return
        self._repaint()
        self._at = at
        self._repaint()

    @override
    def has_something(self) -> bool:
        return self._at is not None

    def _repaint(self) -> None:
        if self._at is None:
            return
        shown = self.boundingRect()
        pixel = CASING_ROOM / self._view.viewport_now.frame.zoom
        x, y = self._at
        self.update(QRectF(x - pixel, shown.top(), 2 * pixel, shown.height()))
        self.update(QRectF(shown.left(), y - pixel, shown.width(), 2 * pixel))

    def _paint_cross(self, painter: QPainter) -> None:
        if self._at is not None:
            viewport = self._view.viewport_now
            self._draw(painter, viewport, viewport.to_pane(*self._at))


def _scale_of(painter: QPainter) -> float:
    device = painter.device()
    return 1.0 if device is None else device.devicePixelRatioF()
