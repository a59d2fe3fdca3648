"""Thumbnails of what each exposure leaves over the frame, side by side in one stretch."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPixmap, QTransform
from PyQt6.QtWidgets import (
    QFrame,
    QGraphicsPixmapItem,
    QGraphicsRectItem,
    QGraphicsScene,
    QGraphicsSimpleTextItem,
    QGraphicsView,
)

from skyframe_gui.numbers import written
from skyframe_gui.ui.images.stretch import RESIDUAL
from skyframe_gui.ui.stack.grid_pictures import ColouredGrid, fitting_box
from skyframe_gui.ui.stack.stack_rows import neighbour
from skyframe_gui.ui.theme import DARK, font

if TYPE_CHECKING:
    from PyQt6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent, QWheelEvent

    from skyframe_gui.ui.stack.stack_rows import Stack, StackRow
    from skyframe_gui.ui.theme import Palette

EDGE, GAP, LEAST_GAP = 8, 20, 12
WORDS = 34
"""Below a thumbnail: its name, and its rms."""
LARGEST, SMALLEST = 150, 40
SHARE = 99.0
"""Per cent of the residuals that are within the colours' limits."""
STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Home: -(10**6), Qt.Key.Key_End: 10**6}


class Strip(QGraphicsView):
    """The thumbnails as items of one scene; Qt paints only those in view.

    Attributes
    ----------
    chosen : signal (key)
    switched : signal (key)
        Space was pressed on the selected one.
    """

    chosen = pyqtSignal(str)
    switched = pyqtSignal(str)

    def __init__(self) -> None:
        super().__init__()
        self._all = QGraphicsScene(self)
        self._all.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self.setScene(self._all)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumHeight(EDGE + SMALLEST + WORDS + EDGE)
        self.setAccessibleName("Residuals of the exposures; Left and Right choose one")
        view = self.viewport()
        assert view is not None, "a scroll area has a viewport"
        self._view = view
        self._palette: Palette = DARK
        self._stack: Stack | None = None
        self._rows: tuple[StackRow, ...] = ()
        self._thumbs: list[_Thumb] = []
        self._half = 1.0
        self._widest = 0.0

    def show_rows(
        self, stack: Stack, rows: tuple[StackRow, ...], half: float, palette: Palette
    ) -> None:
        """Paint exposures in an order, with colours from -half to half."""
        before = self._stack
        if (
            before is None
            or before.view is not stack.view
            or (half, palette) != (self._half, self._palette)
        ):
            for thumb in self._thumbs:
                thumb.forget()
        moved = before is None or before.selected != stack.selected
        self._stack, self._rows, self._half, self._palette = stack, rows, half, palette
        # Figures are of one width, so the longest name is the widest: one measured, not all.
        longest = max((row.name for row in rows), key=len, default="")
        self._widest = QFontMetricsF(font(11, 600)).horizontalAdvance(longest)
        self.setBackgroundBrush(QColor(palette.dock))
        self._lay_out()
        if moved:
            self._reveal(stack.selected)

    def boxes(self) -> list[QRectF]:
        """Return where the thumbnails are on the viewport."""
        bar = self.horizontalScrollBar()
        shift = bar.value() if bar is not None else 0
        return [box.translated(-shift, 0) for box in self._places()]

    def _places(self) -> list[QRectF]:
        """Return where the thumbnails are in the scene."""
        width, height = self._size()
        step = width + self._gap()
        top = max(EDGE, (self._view.height() - WORDS - height) // 2)
        left = EDGE + self._gap() / 2
        return [
            QRectF(round(left + place * step), top, width, height)
            for place in range(len(self._rows))
        ]

    def key_at(self, at: QPointF) -> str:
        """Return the exposure under a point, its words included; "" for none."""
        for row, box in zip(self._rows, self.boxes(), strict=True):
            if box.adjusted(-4, -4, 4, WORDS).contains(at):
                return row.key
        return ""

    def _size(self, height: int = 0) -> tuple[float, float]:
        """Return width and height of one in the height there is, or in another one."""
        assert self._stack is not None, "asked for where there is a stack only"
        grid = self._stack.view.sky_frame.grid
        room = min(max((height or self._view.height()) - EDGE - WORDS - 4, SMALLEST), LARGEST)
        return fitting_box(1.6 * room, room, grid.width / grid.height)

    def _gap(self, height: int = 0) -> float:
        """Return the room between two, which grows where all fit; names must not touch."""
        width, _ = self._size(height)
        least = max(LEAST_GAP, min(self._widest, 2.2 * width) + 10 - width)
        spare = (self._view.width() - 2 * EDGE) / max(len(self._rows), 1) - width
        return max(least, min(spare, GAP))

    def _lay_out(self) -> None:
        bar = self.horizontalScrollBar()
        if bar is None or self._stack is None:
            return
        # Of the height without a bar: with one they are smaller, all fit, and it would go again.
        whole = self.contentsRect().height()
        needed = self._size(whole)[0] + self._gap(whole)
        fits = 2 * EDGE + len(self._rows) * needed <= self._view.width() + 1e-6
        policies = Qt.ScrollBarPolicy
        self.setHorizontalScrollBarPolicy(
            policies.ScrollBarAlwaysOff if fits else policies.ScrollBarAlwaysOn
        )
        width, _ = self._size()
        step = width + self._gap()
        total = math.ceil(2 * EDGE + len(self._rows) * step - 1e-6)
        self.setSceneRect(0, 0, total, self._view.height())
        bar.setSingleStep(math.ceil(step))
        self._fill(self._stack)

    def _fill(self, stack: Stack) -> None:
        """Give every item its picture, its frames and its words."""
        while len(self._thumbs) < len(self._rows):
            self._thumbs.append(_Thumb(self._all))
        largest = max((row.rms for row in self._rows if math.isfinite(row.rms)), default=0.0)
        # In the power of the colour bar, so that the numbers belong together.
        power = written(self._half, "").power
        form = written(max(largest, self._half) / 10.0**power, "")
        gap = self._gap()
        for thumb, row, box in zip(self._thumbs, self._rows, self._places(), strict=False):
            caption = f"rms {form.text(row.rms / 10.0**power)}" if row.inside else "excluded"
            selected = row.key == stack.selected
            # Of a hundred exposures a click changes two: the others are left as they are.
            if thumb.is_new((row, caption, selected, box, gap, self._half, self._palette)):
                thumb.show_picture(row.index, stack, self._half, self._palette, box)
                thumb.show_frames(row.inside, selected, self._palette, box)
                thumb.show_words(row, caption, selected, self._palette, box, gap)
        for thumb in self._thumbs[len(self._rows) :]:
            thumb.hide()

    def _reveal(self, key: str) -> None:
        bar = self.horizontalScrollBar()
        place = next((at for at, row in enumerate(self._rows) if row.key == key), -1)
        if bar is None or place < 0:
            return
        box = self.boxes()[place]
        if box.left() < EDGE:
            bar.setValue(bar.value() + math.floor(box.left() - 2 * GAP))
        elif box.right() > self._view.width() - EDGE:
            bar.setValue(bar.value() + math.ceil(box.right() - self._view.width() + 2 * GAP))

    # Painting --------------------------------------------------------------------------------

    def drawForeground(self, painter: QPainter | None, rect: QRectF) -> None:
        """Show that the keys lead here."""
        if painter is not None and self.hasFocus():
            painter.resetTransform()
            painter.setPen(QPen(QColor(self._palette.accent), 1))
            painter.drawRect(self._view.rect().adjusted(0, 0, -1, -1))

    # Hands -----------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Select the exposure under the cursor."""
        if event is not None and event.button() == Qt.MouseButton.LeftButton and self._stack:
            key = self.key_at(event.position())
            if key:
                self.chosen.emit(key)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Scroll sideways with any wheel."""
        bar = self.horizontalScrollBar()
        if event is None or bar is None:
            return
        turned = event.angleDelta()
        bar.setValue(bar.value() - (turned.x() or turned.y()))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Walk along the exposures, and take the selected one out of the frame or in."""
        if event is None or self._stack is None:
            return
        key, selected = Qt.Key(event.key()), self._stack.selected
        if key in STEPS:
            self.chosen.emit(neighbour(self._rows, selected, STEPS[key]))
        elif key == Qt.Key.Key_Space and selected:
            self.switched.emit(selected)
        else:
            event.ignore()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Make room anew."""
        super().resizeEvent(event)
        self._lay_out()


class _Thumb:
    """The items of one exposure: picture, two frames, name and rms."""

    def __init__(self, scene: QGraphicsScene) -> None:
        self._picture = QGraphicsPixmapItem()
        self._border, self._chosen = QGraphicsRectItem(), QGraphicsRectItem()
        self._name, self._count = QGraphicsSimpleTextItem(), QGraphicsSimpleTextItem()
        self._count.setFont(font(11))
        self._items = (self._picture, self._border, self._chosen, self._name, self._count)
        for item in self._items:
            scene.addItem(item)
        self._shown = -1
        self._key: tuple[object, ...] = ()

    def is_new(self, key: tuple[object, ...]) -> bool:
        """Whether all that is shown is not what was shown before."""
        before, self._key = self._key, key
        return before != key

    def forget(self) -> None:
        """Make the picture anew, as values or colours are others."""
        self._shown, self._key = -1, ()

    def hide(self) -> None:
        """Show nothing."""
        self._key = ()
        for item in self._items:
            item.hide()

    def show_picture(
        self, index: int, stack: Stack, half: float, palette: Palette, box: QRectF
    ) -> None:
        """Show the residuals of an exposure in a place."""
        self._picture.show()
        if self._shown != index:
            self._shown = index
            values = stack.view.residuals[index]
            coloured = ColouredGrid(
                values=values, limits=(-half, half), colours=RESIDUAL[palette.name]
            )
            self._picture.setPixmap(QPixmap.fromImage(coloured.image(palette.masked)))
        size = self._picture.pixmap().size()
        across, down = box.width() / size.width(), box.height() / size.height()
        self._picture.setTransform(QTransform.fromScale(across, down))
        self._picture.setPos(box.topLeft())

    def show_frames(self, inside: bool, selected: bool, palette: Palette, box: QRectF) -> None:
        """Mark an exposure that is left out, and the one that is selected."""
        self._border.setVisible(not (inside and selected))
        pen = QPen(QColor(palette.border), 1)
        away = 0.5
        if not inside:
            pen, away = QPen(QColor(palette.excluded), 1.5, Qt.PenStyle.DashLine), 1.0
        self._border.setPen(pen)
        self._border.setRect(box.adjusted(-away, -away, away, away))
        self._chosen.setVisible(selected)
        pen = QPen(QColor(palette.highlight), 2)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        self._chosen.setPen(pen)
        away = 1 if inside else 4
        self._chosen.setRect(box.adjusted(-away, -away, away, away))

    def show_words(
        self, row: StackRow, caption: str, selected: bool, palette: Palette, box: QRectF, gap: float
    ) -> None:
        """Write name and rms below the picture."""
        face = font(11, 600 if selected else 400)
        room = box.width() + gap
        name = QFontMetricsF(face).elidedText(row.name, Qt.TextElideMode.ElideMiddle, room)
        if self._name.font() != face:
            self._name.setFont(face)
        self._name.setBrush(QColor(palette.text if row.inside else palette.text3))
        self._count.setBrush(QColor(palette.text2 if row.inside else palette.excluded))
        for item, text, top in ((self._name, name, 4), (self._count, caption, 18)):
            item.show()
            item.setText(text)
            width = item.boundingRect().width()
            item.setPos(round(box.center().x() - width / 2), box.bottom() + top)


def symmetric_limit(stack: Stack) -> float:
    """Return half the range of colours: of all but the farthest residuals in the frame."""
    residuals = stack.view.residuals
    inside = np.array([row.inside for row in stack.rows])
    some = residuals[inside] if inside.any() else residuals
    finite = np.abs(some[np.isfinite(some)])
    half = float(np.percentile(finite, SHARE)) if finite.size else 0.0
    return half if half > 0 else 1.0
