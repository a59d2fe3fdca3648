"""Paints the residual maps of A, B and their difference side by side, with one colour bar."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from skyframe_gui.ui.images.stretch import RESIDUAL
from skyframe_gui.ui.plots import chips
from skyframe_gui.ui.plots.axes import decimals_for, number
from skyframe_gui.ui.plots.colours import round_colours, with_alpha
from skyframe_gui.ui.stack.pictures import BAR_WIDTH, Coloured, draw_bar, draw_picture, fitting_box
from skyframe_gui.ui.theme import DARK, font

if TYPE_CHECKING:
    from typing import Any

    from PyQt6.QtGui import QImage, QKeyEvent, QMouseEvent, QPaintEvent

    from skyframe_gui.app.state import SampleId
    from skyframe_gui.ui.compare.residual_maps import BoxMap, BoxMaps, Place
    from skyframe_gui.ui.theme import Palette

TITLE, EDGE, GAP, FOOT = 24, 8, 8, 24
LEAST_FRAMED = 14.0
"""Pixels that a box must be wide for a frame in it."""
NO_DIFFERENCE = "A and B have different boxes: no difference."
NOTHING = "No exposure is in both fits."
BRIEF = "other boxes"
STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class MapRow(QWidget):
    """Three small maps; their boxes are hovered and selected like samples everywhere else.

    Attributes
    ----------
    hovered : signal (SampleId or None)
    picked : signal (SampleId, whether it is added to the selection)
    """

    hovered = pyqtSignal(object)
    picked = pyqtSignal(object, bool)

    def __init__(self) -> None:
        super().__init__()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(200, 136)
        self.setAccessibleName("Residuals of A, of B and their difference; arrow keys choose a box")
        self._palette: Palette = DARK
        self._maps: BoxMaps | None = None
        self._unit = ""
        self._images: list[QImage] = []
        self._selected: frozenset[SampleId] = frozenset()
        self._lit: SampleId | None = None

    def show_maps(
        self,
        maps: BoxMaps | None,
        unit: str,
        selected: frozenset[SampleId],
        lit: SampleId | None,
        palette: Palette,
    ) -> None:
        """Paint maps with some boxes selected and perhaps one lit up."""
        if maps is not self._maps or palette is not self._palette:
            self._maps, self._palette = maps, palette
            self._images = (
                []
                if maps is None
                else [self._coloured(one).image(palette.canvas) for one in maps.maps]
            )
        self._unit, self._selected, self._lit = unit, selected, lit
        self.setAccessibleDescription("  ".join(word.text for word in self.words()))
        self.update()

    def boxes(self) -> list[QRectF]:
        """Return where the maps are; three places, whether or not there is a difference."""
        if self._maps is None:
            return []
        across = (self.width() - 2 * EDGE - GAP - BAR_WIDTH - 2 * GAP) / 3
        down = self.height() - TITLE - FOOT
        width, height = fitting_box(max(across, 8), max(down, 8), self._maps.aspect)
        left = EDGE
        top = TITLE + max(0, (down - height) // 2)
        return [QRectF(left + n * (width + GAP), top, width, height) for n in range(3)]

    def sample_at(self, at: QPointF) -> SampleId | None:
        """Return the sample whose box is under a point of any map."""
        if self._maps is None:
            return None
        for box, one in zip(self.boxes(), self._maps.maps, strict=False):
            if box.contains(at):
                ny, nx = one.values.shape
                column = min(int((at.x() - box.left()) / box.width() * nx), nx - 1)
                row = min(int((box.bottom() - at.y()) / box.height() * ny), ny - 1)
                return one.samples.get((column, row))
        return None

    def words(self) -> list[chips.Word]:
        """Return what is said of the box that is lit up."""
        if self._maps is None or self._lit is None:
            return []
        decimals = decimals_for(self._maps.half / 10)
        words: list[chips.Word] = []
        for one in self._maps.maps:
            place = one.places.get(self._lit)
            if place is None:
                continue
            if not words:
                words.append(chips.Word(f"box ({place[0]}, {place[1]})"))
            residual = number(float(one.values[place[1], place[0]]), decimals, sign=True)
            words += chips.value(one.title, residual)
        return [*words, chips.Word(self._unit, joined=True)] if words and self._unit else words

    # Painting --------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the maps: some hundred boxes."""
        painter = QPainter(self)
        palette = self._palette
        painter.fillRect(self.rect(), QColor(palette.canvas))
        if self._maps is not None:
            boxes = self.boxes()
            for box, one, image in zip(boxes, self._maps.maps, self._images, strict=False):
                self._draw_title(painter, box, one)
                draw_picture(painter, image, box)
                self._draw_marks(painter, box, one)
            if len(self._maps.maps) < len(boxes):
                self._draw_nothing(painter, boxes[-1])
            self._draw_colours(painter, boxes[-1])
        self._draw_foot(painter)
        if self.hasFocus():
            painter.setPen(QPen(QColor(palette.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _draw_foot(self, painter: QPainter) -> None:
        foot = QRectF(EDGE, self.height() - FOOT, self.width() - 2 * EDGE, FOOT)
        words = self.words()
        if words:
            words = list(chips.fitting([words, words[1:]], foot.width() + chips.PADDING))
            at = QPointF(EDGE - chips.PADDING, foot.top() + (FOOT - chips.HEIGHT) / 2)
            chips.draw(painter, self._palette, at, words)
            return
        text = NOTHING if self._maps is None else f"residuals of detector {self._maps.detector}"
        painter.setFont(font(11))
        painter.setPen(QColor(self._palette.text2))
        painter.drawText(foot, Qt.AlignmentFlag.AlignVCenter, text)

    def _coloured(self, one: BoxMap) -> Coloured:
        assert self._maps is not None, "coloured where there are maps only"
        limits = (-self._maps.half, self._maps.half)
        return Coloured(one.values, limits, RESIDUAL[self._palette.name])

    def _draw_title(self, painter: QPainter, box: QRectF, one: BoxMap) -> None:
        middle = Qt.AlignmentFlag.AlignVCenter
        top = QRectF(box.left(), box.top() - TITLE, box.width() + GAP - 2, TITLE)
        painter.setFont(font(11, 600))
        painter.setPen(QColor(self._palette.text))
        painter.drawText(top, middle, one.title)
        used = QFontMetricsF(font(11, 600)).horizontalAdvance(one.title) + 6
        if math.isfinite(one.rms):
            assert self._maps is not None, "drawn where there are maps only"
            text = f"rms {number(one.rms, decimals_for(self._maps.half / 10))}"
            painter.setFont(font(11))
            if QFontMetricsF(font(11)).horizontalAdvance(text) <= top.width() - used:
                painter.setPen(QColor(self._palette.text2))
                painter.drawText(top.adjusted(used, 0, 0, 0), middle, text)

    def _draw_marks(self, painter: QPainter, box: QRectF, one: BoxMap) -> None:
        assert self._maps is not None, "drawn where there are maps only"
        colours = round_colours(DARK, self._maps.n_rounds)
        dark = with_alpha("#000000", 0.55)
        for row, column in np.argwhere(one.rejected >= 0).tolist():
            cell = _cell(box, one, (column, row))
            colour = QColor(colours[int(one.rejected[row, column])])
            if cell.width() < LEAST_FRAMED:  # a frame would hide the box
                dot = QRectF(cell.left() + 1, cell.top() + 1, 3, 3)
                painter.fillRect(dot.adjusted(-1, -1, 1, 1), dark)
                painter.fillRect(dot, colour)
                continue
            inset = max(1.5, 0.12 * cell.width())
            cell = cell.adjusted(inset, inset, -inset, -inset)
            _frame(painter, cell, dark, 3)
            _frame(painter, cell, colour, 1.5)
        for sample, place in one.places.items():
            if sample == self._lit or sample in self._selected:
                cell = _cell(box, one, place)
                _frame(painter, cell, dark, 3)
                _frame(painter, cell, QColor("#ffffff"), 2 if sample == self._lit else 1.5)

    def _draw_nothing(self, painter: QPainter, box: QRectF) -> None:
        painter.setPen(QPen(QColor(self._palette.border), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
        painter.setPen(QColor(self._palette.text2))
        painter.setFont(font(11))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        inside = box.adjusted(4, 2, -4, -2)
        needed = QFontMetricsF(font(11)).boundingRect(inside, flags, NO_DIFFERENCE)
        painter.drawText(inside, flags, NO_DIFFERENCE if inside.contains(needed) else BRIEF)

    def _draw_colours(self, painter: QPainter, last: QRectF) -> None:
        assert self._maps is not None, "drawn where there are maps only"
        values = np.concatenate([one.values.ravel() for one in self._maps.maps[:2]])
        limits = (-self._maps.half, self._maps.half)
        coloured = Coloured(values, limits, RESIDUAL[self._palette.name])
        bar = QRectF(last.right() + GAP, last.top(), BAR_WIDTH, last.height())
        draw_bar(painter, self._palette, coloured, bar, 24)
        painter.setPen(QColor(self._palette.text2))
        top = QRectF(bar.left(), bar.top() - TITLE, BAR_WIDTH - 4, TITLE)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(top, right, self._unit)

    # Hands -----------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Select the box under the cursor."""
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            found = self.sample_at(event.position())
            if found is not None:
                add = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
                self.picked.emit(found, add)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Light up the box under the cursor."""
        if event is not None:
            self._point(self.sample_at(event.position()))

    def leaveEvent(self, event: Any) -> None:
        """Light up nothing."""
        self._point(None)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Select the next box, and light it up so that its numbers are told."""
        if event is None or self._maps is None or Qt.Key(event.key()) not in STEPS:
            super().keyPressEvent(event)
            return
        one = self._maps.maps[0]
        ny, nx = one.values.shape
        now = next((one.places[s] for s in self._selected if s in one.places), None)
        if now is None:
            place = (nx // 2, ny // 2)
        else:
            across, up = STEPS[Qt.Key(event.key())]
            place = (min(max(now[0] + across, 0), nx - 1), min(max(now[1] + up, 0), ny - 1))
        if place in one.samples:
            self.picked.emit(one.samples[place], False)
            self.hovered.emit(one.samples[place])

    def _point(self, sample: SampleId | None) -> None:
        if sample != self._lit:
            self.hovered.emit(sample)


def _cell(box: QRectF, one: BoxMap, place: Place) -> QRectF:
    ny, nx = one.values.shape
    across, down = box.width() / nx, box.height() / ny
    return QRectF(
        box.left() + place[0] * across, box.bottom() - (place[1] + 1) * down, across, down
    )


def _frame(painter: QPainter, cell: QRectF, colour: QColor, width: float) -> None:
    pen = QPen(colour, width)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(cell)
