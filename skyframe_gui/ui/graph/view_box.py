"""The library's view and view box with our gestures: pan, zoom, band, lasso, click and menu."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import QPoint, QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPen, QPolygonF
from PyQt6.QtWidgets import QGraphicsPolygonItem, QGraphicsRectItem
from typing_extensions import override

from skyframe_gui.ui.samples.colours import with_alpha

if TYPE_CHECKING:
    from collections.abc import Callable

    from PyQt6.QtGui import QMouseEvent

    from skyframe_gui.ui.theme import Palette

SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
NOTCH = 120
ABOVE_ALL = 1e9


class GraphicsView(pg.GraphicsView):
    """The library's widget, in which a drag is of the button that is down, whatever was before.

    A menu that opens on a press, or another window, gets the release; the library would wait for it
    and take the next drag for one of that button.
    """

    @override
    def mousePressEvent(self, ev: QMouseEvent | None) -> None:
        if ev is not None and ev.buttons() == ev.button():
            scene = self.sceneObj
            scene.clickEvents, scene.dragButtons = [], []
            scene.dragItem = scene.lastDrag = None
        super().mousePressEvent(ev)


class ViewBox(pg.ViewBox):
    """A view that is moved by hand and by nothing else.

    The left button pans, or draws the rubber band of a zoom where `zoom_box` is on or Ctrl is held;
    with Shift (or where ``draws_lasso`` says so) it draws a lasso. The right button stretches, the
    wheel zooms about the cursor, over an axis along that axis only. A double click shows all.

    Parameters
    ----------
    zoom_step : float
        Of one notch of the wheel.
    aspect : bool
        Whether a pixel is a square.

    Attributes
    ----------
    clicked : signal (QPointF, bool)
        Where, in the view's pixels, and whether Ctrl was held.
    all_wanted : signal
        A double click.
    picked : signal (QPointF)
        Where a drag with Shift has come, in the view's pixels, where ``picks`` is on.
    lassoed : signal (QPolygonF, bool)
        In the view's pixels, and whether Ctrl was held.
    menu_wanted : signal (QPoint)
        Where on the screen.
    grabbed, released : signals
        A pan begins and ends.
    zoom_box : bool
        Whether a drag draws the rubber band of a zoom.
    picks : bool
        Whether a drag with Shift points at one thing after the other instead of moving the view.
    locked : bool
        Whether the view cannot be moved.
    drawn : signal (QPointF, QPointF, bool, bool)
        A drag that ``draws_at`` has claimed: where the button went down and where the mouse is, in
        the view's pixels, whether Shift is held, and whether it ends here.
    draws_lasso : callable (shift: bool) -> bool
        Whether a drag draws a lasso.
    draws_at : callable (QPointF) -> bool
        Whether a drag that begins there is the owner's, who is told by ``drawn``.
    """

    clicked = pyqtSignal(QPointF, bool)
    all_wanted = pyqtSignal()
    picked = pyqtSignal(QPointF)
    lassoed = pyqtSignal(QPolygonF, bool)
    menu_wanted = pyqtSignal(QPoint)
    drawn = pyqtSignal(QPointF, QPointF, bool, bool)
    grabbed = pyqtSignal()
    released = pyqtSignal()

    def __init__(self, zoom_step: float = 1.2, aspect: bool = False) -> None:
        super().__init__(lockAspect=aspect, enableMenu=False, defaultPadding=0)
        self.disableAutoRange()
        self.state["wheelScaleFactor"] = -float(np.log(zoom_step) / np.log(1.02)) / NOTCH
        self.zoom_box = False
        self.picks = False
        self.draws_lasso: Callable[[bool], bool] = lambda shift: False
        self.draws_at: Callable[[QPointF], bool] = lambda at: False
        self._lasso = QGraphicsPolygonItem(self)
        self._lasso.setZValue(ABOVE_ALL)
        self._lasso.hide()
        self._drags = ""
        self.sigRangeChanged.connect(self.drop_lasso)
        # The library waits with this for the next paint, in which every item would then ask for
        # another one: each move would be painted twice.
        self.sigRangeChanged.connect(self._place_items)

    def set_theme(self, palette: Palette, background: str) -> None:
        """Take a theme's colours."""
        self.setBackgroundColor(QColor(background))
        pen = QPen(QColor(palette.highlight), 1.5, Qt.PenStyle.DashLine)
        pen.setCosmetic(True)
        self._lasso.setPen(pen)
        self._lasso.setBrush(with_alpha(palette.highlight, 0.05))
        band = QGraphicsRectItem(0, 0, 1, 1)
        line = QPen(QColor(palette.accent), 1)
        line.setCosmetic(True)
        band.setPen(line)
        band.setBrush(with_alpha(palette.accent, 0.15))
        self.rbScaleBox = band

    @property
    def locked(self) -> bool:
        """Whether the view cannot be moved."""
        return not any(self.state["mouseEnabled"])

    def lock(self, locked: bool) -> None:
        """Let the view be moved, or not."""
        self.setMouseEnabled(not locked, not locked)

    @property
    def lasso(self) -> QPolygonF:
        """What is drawn, in the view's pixels; it stays until the view moves."""
        return self._lasso.polygon() if self._lasso.isVisible() else QPolygonF()

    @property
    def draws(self) -> bool:
        """Whether a lasso is being drawn."""
        return self._drags == "lasso"

    def _place_items(self) -> None:
        self.updateMatrix()

    def drop_lasso(self) -> None:
        """Take the lasso away."""
        if self._drags == "lasso":
            self._drags = "nothing"
        self._lasso.hide()
        self._lasso.setPolygon(QPolygonF())

    @override
    def mouseClickEvent(self, ev: Any) -> None:
        ev.accept()
        if ev.button() == RIGHT:
            self.menu_wanted.emit(ev.screenPos().toPoint())
        elif ev.button() == LEFT:
            self.drop_lasso()
            if ev.double():
                self.all_wanted.emit()
            else:
                self.clicked.emit(QPointF(ev.pos()), bool(ev.modifiers() & CONTROL))

    @override
    def mouseDragEvent(self, ev: Any, axis: int | None = None) -> None:
        ev.accept()
        if ev.isStart():
            self._drags = self._kind_of(ev, axis)
            if self._drags == "lasso":
                self._lasso.setPolygon(QPolygonF([QPointF(ev.buttonDownPos())]))
                self._lasso.show()
            elif self._drags == "pan":
                self.grabbed.emit()
        if self._drags == "lasso":
            self._draw_lasso(ev)
        elif self._drags == "pick":
            self.picked.emit(QPointF(ev.pos()))
        elif self._drags == "owner":
            start, shift = QPointF(ev.buttonDownPos()), bool(ev.modifiers() & SHIFT)
            self.drawn.emit(start, QPointF(ev.pos()), shift, ev.isFinish())
        elif self._drags != "nothing" and not self.locked:
            self.setMouseMode(self.RectMode if self._drags == "band" else self.PanMode)
            super().mouseDragEvent(ev, axis)
        if ev.isFinish():
            if self._drags == "pan":
                self.released.emit()
            self._drags = ""

    @override
    def keyPressEvent(self, ev: Any) -> None:
        """Leave keys to the widget."""
        ev.ignore()

    @override
    def linkedViewChanged(self, view: pg.ViewBox | None, axis: int) -> None:
        """Take the range of a linked view as it is.

        The library aligns the two by where they are on the screen, which moves them both while a
        window is being laid out. Images, whose pixels are squares, need that.
        """
        if self.state["aspectLocked"]:
            super().linkedViewChanged(view, axis)
        elif view is not None and not self.linksBlocked:
            view.blockLink(True)
            try:
                low, high = view.viewRange()[axis]
                (self.setYRange if axis else self.setXRange)(low, high, padding=0)
            finally:
                view.blockLink(False)

    def _kind_of(self, ev: Any, axis: int | None) -> str:
        if ev.button() != LEFT or axis is not None:
            return "pan" if ev.button() == LEFT else "stretch"
        # The keys that were held when the button went down: the drag begins some pixels later.
        held = self.scene().clickEvents[0].modifiers()
        if self.picks and held & SHIFT:
            return "pick"
        if not held & CONTROL and self.draws_at(QPointF(ev.buttonDownPos())):
            return "owner"
        if self.draws_lasso(bool(held & SHIFT)):
            return "lasso"
        return "band" if self.zoom_box or held & CONTROL else "pan"

    def _draw_lasso(self, ev: Any) -> None:
        outline = self._lasso.polygon()
        outline.append(QPointF(ev.pos()))
        self._lasso.setPolygon(outline)
        if ev.isFinish():
            if outline.count() > 3:
                self.lassoed.emit(outline, bool(ev.modifiers() & CONTROL))
            else:
                self._drags = ""
                self.drop_lasso()
