"""An item in a view that paints in the pixels of its widget, wherever the view stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyqtgraph as pg
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QPaintEngine, QPainter, QPixmap
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Callable


class PixelItem(pg.GraphicsObject):
    """Paints over what its view box shows.

    Marks of a fixed size, rings, chips and hatches are not of the data's size, and painting them in
    the data's coordinates would stretch them. The view's own transform is undone, not reset: what
    the transform of an export adds to it stays.

    Parameters
    ----------
    paint : callable (QPainter)
        Paints in the widget's pixels; called with the painter clipped to the view.
    z : float
        Items with a larger one lie above.
    """

    def __init__(self, paint: Callable[[QPainter], None], z: float = 0.0) -> None:
        super().__init__()
        self._paint = paint
        self._bounds = QRectF()
        self.setZValue(z)

    @override
    def boundingRect(self) -> QRectF:
        if self._bounds.isNull():
            view = self.getViewBox()
            self._bounds = QRectF() if view is None else QRectF(view.viewRect())
        return self._bounds

    def dataBounds(self, *args: Any, **kwargs: Any) -> None:
        """Return None: what is painted here does not say what "view all" shows."""

    @override
    def viewRangeChanged(self) -> None:
        self._forget()

    @override
    def viewTransformChanged(self) -> None:
        self._forget()

    def has_something(self) -> bool:
        """Whether there is anything to paint: the cheapest paint is none."""
        return True

    @override
    def paint(self, painter: QPainter | None, *args: Any) -> None:
        if not self.has_something():
            return
        undone, possible = self.sceneTransform().inverted()
        if possible and painter is not None:
            painter.save()
            painter.setTransform(undone, True)
            self.paint_pixels(painter)
            painter.restore()

    def paint_pixels(self, painter: QPainter) -> None:
        """Paint in the widget's pixels."""
        self._paint(painter)

    def update_pixels(self, part: QRectF) -> None:
        """Have a part of it painted anew, given in the widget's pixels."""
        self.update(self.mapRectFromScene(part))

    def _forget(self) -> None:
        self.prepareGeometryChange()
        self._bounds = QRectF()


class KeptItem(PixelItem):
    """Paints what rarely changes: on the screen as a picture that is kept until `refresh`."""

    def __init__(self, paint: Callable[[QPainter], None], z: float = 0.0) -> None:
        super().__init__(paint, z)
        self._kept: QPixmap | None = None
        self._kept_of: tuple[QRectF, float] = (QRectF(), 0.0)

    def refresh(self) -> None:
        """Paint anew."""
        self._kept = None
        self.update()

    @override
    def paint_pixels(self, painter: QPainter) -> None:
        view = self.getViewBox()
        if view is None or not is_screen(painter):
            self._paint(painter)
            return
        area = QRectF(view.mapRectToScene(view.rect()).toAlignedRect())
        device = painter.device()
        ratio = 1.0 if device is None else device.devicePixelRatioF()
        if self._kept is None or self._kept_of != (area, ratio):
            self._kept, self._kept_of = self._picture(area, ratio), (area, ratio)
        painter.drawPixmap(area.topLeft(), self._kept)

    def _picture(self, area: QRectF, ratio: float) -> QPixmap:
        picture = QPixmap((area.size() * ratio).toSize())
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        if not picture.isNull():  # Qt complains of painting on nothing
            painter = QPainter(picture)
            painter.translate(QPointF() - area.topLeft())
            self._paint(painter)
            painter.end()
        return picture

    @override
    def _forget(self) -> None:
        super()._forget()
        self._kept = None


def is_screen(painter: QPainter) -> bool:
    """Whether pixels are painted, so that a kept picture is as good as the strokes it is made of.

    False for an SVG, which is to keep lines and text as such.
    """
    engine = painter.paintEngine()
    return engine is not None and engine.type() == QPaintEngine.Type.Raster
