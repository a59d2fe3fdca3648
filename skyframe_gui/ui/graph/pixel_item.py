"""An item in a view that paints in the pixels of its widget, wherever the view stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyqtgraph as pg
from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QPaintEngine, QPainter
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

    @override
    def paint(self, painter: QPainter | None, *args: Any) -> None:
        undone, possible = self.sceneTransform().inverted()
        if possible and painter is not None:
            painter.save()
            painter.setTransform(undone, True)
            self._paint(painter)
            painter.restore()

    def _forget(self) -> None:
        self.prepareGeometryChange()
        self._bounds = QRectF()


def is_screen(painter: QPainter) -> bool:
    """Whether pixels are painted, so that a kept picture is as good as the strokes it is made of.

    False for an SVG, which is to keep lines and text as such.
    """
    engine = painter.paintEngine()
    return engine is not None and engine.type() == QPaintEngine.Type.Raster
