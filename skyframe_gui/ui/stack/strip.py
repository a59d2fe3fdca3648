"""Thumbnails of what each exposure leaves over the frame, side by side in one stretch."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PyQt6.QtWidgets import QAbstractScrollArea, QFrame

from skyframe_gui.ui.images.stretch import RESIDUAL
from skyframe_gui.ui.stack.numbers import written
from skyframe_gui.ui.stack.pictures import Coloured, fitting_box
from skyframe_gui.ui.stack.rows import neighbour
from skyframe_gui.ui.theme import DARK, font

if TYPE_CHECKING:
    from PyQt6.QtGui import QImage, QKeyEvent, QMouseEvent, QPaintEvent, QResizeEvent, QWheelEvent

    from skyframe_gui.ui.stack.rows import Stack, StackRow
    from skyframe_gui.ui.theme import Palette

EDGE, GAP, LEAST_GAP = 8, 20, 12
WORDS = 34
"""Below a thumbnail: its name, and its rms."""
LARGEST, SMALLEST = 150, 40
SHARE = 99.0
"""Per cent of the residuals that are within the colours' limits."""
STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Home: -(10**6), Qt.Key.Key_End: 10**6}


class Strip(QAbstractScrollArea):
    """The thumbnails; only those in view are painted.

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
        self._images: dict[int, QImage] = {}
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
            self._images = {}
        moved = before is None or before.selected != stack.selected
        self._stack, self._rows, self._half, self._palette = stack, rows, half, palette
        # Figures are of one width, so the longest name is the widest: one measured, not all.
        longest = max((row.name for row in rows), key=len, default="")
        self._widest = QFontMetricsF(font(11, 600)).horizontalAdvance(longest)
        self._lay_out()
        if moved:
            self._reveal(stack.selected)
        self._view.update()

    def boxes(self) -> list[QRectF]:
        """Return where the thumbnails are on the viewport."""
        width, height = self._size()
        bar = self.horizontalScrollBar()
        shift = bar.value() if bar is not None else 0
        step = width + self._gap()
        top = max(EDGE, (self._view.height() - WORDS - height) // 2)
        left = EDGE + self._gap() / 2 - shift
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

    def _size(self) -> tuple[float, float]:
        assert self._stack is not None, "asked for where there is a stack only"
        grid = self._stack.view.sky_frame.grid
        room = min(max(self._view.height() - EDGE - WORDS - 4, SMALLEST), LARGEST)
        return fitting_box(1.6 * room, room, grid.width / grid.height)

    def _gap(self) -> float:
        """Return the room between two, which grows where all fit; names must not touch."""
        width, _ = self._size()
        least = max(LEAST_GAP, min(self._widest, 2.2 * width) + 10 - width)
        spare = (self._view.width() - 2 * EDGE) / max(len(self._rows), 1) - width
        return max(least, min(spare, GAP))

    def _lay_out(self) -> None:
        bar = self.horizontalScrollBar()
        if bar is None or self._stack is None:
            return
        width, _ = self._size()
        step = width + self._gap()
        total = math.ceil(2 * EDGE + len(self._rows) * step)
        bar.setRange(0, max(0, total - self._view.width()))
        bar.setPageStep(self._view.width())
        bar.setSingleStep(math.ceil(step))

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

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw what is in view."""
        painter = QPainter(self._view)
        painter.fillRect(self._view.rect(), QColor(self._palette.dock))
        if self._stack is not None:
            largest = max((row.rms for row in self._rows if math.isfinite(row.rms)), default=0.0)
            # In the power of the colour bar, so that the numbers belong together.
            power = written(self._half, "").power
            form = written(max(largest, self._half) / 10.0**power, "")
            for row, box in zip(self._rows, self.boxes(), strict=True):
                if box.right() + GAP < 0 or box.left() - GAP > self._view.width():
                    continue
                painter.drawImage(box, self._image(row.index))
                self._draw_frame(painter, row, box)
                rms = form.text(row.rms / 10.0**power)
                self._draw_words(painter, row, box, f"rms {rms}" if row.inside else "excluded")
        if self.hasFocus():
            painter.setPen(QPen(QColor(self._palette.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self._view.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _image(self, index: int) -> QImage:
        assert self._stack is not None, "painted where there is a stack only"
        if index not in self._images:
            colours = RESIDUAL[self._palette.name]
            values = self._stack.view.residuals[index]
            coloured = Coloured(values, (-self._half, self._half), colours)
            self._images[index] = coloured.image(self._palette.veil)
        return self._images[index]

    def _draw_frame(self, painter: QPainter, row: StackRow, box: QRectF) -> None:
        palette = self._palette
        painter.setBrush(Qt.BrushStyle.NoBrush)
        selected = self._stack is not None and row.key == self._stack.selected
        if not row.inside:
            painter.setPen(QPen(QColor(palette.by_hand), 1.5, Qt.PenStyle.DashLine))
            painter.drawRect(box.adjusted(-1, -1, 1, 1))
        elif not selected:
            painter.setPen(QPen(QColor(palette.border), 1))
            painter.drawRect(box.adjusted(-0.5, -0.5, 0.5, 0.5))
        if selected:
            pen = QPen(QColor(palette.highlight), 2)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen)
            away = 4 if not row.inside else 1
            painter.drawRect(box.adjusted(-away, -away, away, away))

    def _draw_words(self, painter: QPainter, row: StackRow, box: QRectF, rms: str) -> None:
        palette = self._palette
        selected = self._stack is not None and row.key == self._stack.selected
        gap = self._gap()
        middle = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter
        room = QRectF(box.left() - gap / 2, box.bottom() + 4, box.width() + gap, 14)
        face = font(11, 600 if selected else 400)
        painter.setFont(face)
        painter.setPen(QColor(palette.text if row.inside else palette.text3))
        name = QFontMetricsF(face).elidedText(row.name, Qt.TextElideMode.ElideMiddle, room.width())
        painter.drawText(room, middle, name)
        painter.setFont(font(11))
        painter.setPen(QColor(palette.text2 if row.inside else palette.by_hand))
        painter.drawText(room.translated(0, 14), middle, rms)

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
        self._lay_out()


def symmetric_limit(stack: Stack) -> float:
    """Return half the range of colours: of all but the farthest residuals in the frame."""
    residuals = stack.view.residuals
    inside = np.array([row.inside for row in stack.rows])
    some = residuals[inside] if inside.any() else residuals
    finite = np.abs(some[np.isfinite(some)])
    half = float(np.percentile(finite, SHARE)) if finite.size else 0.0
    return half if half > 0 else 1.0
