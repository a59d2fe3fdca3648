"""Paints the maps of a sky frame side by side and lets bins be chosen in all of them at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from skyframe_gui.ui.plots.colours import with_alpha
from skyframe_gui.ui.stack.maps import NOT_TOLD
from skyframe_gui.ui.stack.pictures import BAR_WIDTH, draw_bar, draw_picture, fitting_box
from skyframe_gui.ui.theme import DARK, font

if TYPE_CHECKING:
    from typing import Any

    from PyQt6.QtGui import QImage, QKeyEvent, QMouseEvent, QPaintEvent

    from skyframe_gui.ui.stack.maps import Map, Maps
    from skyframe_gui.ui.theme import Palette

TITLE, EDGE, GAP = 28, 8, 10
LEAST_HATCHED = 16
"""Pixels: smaller bins have one line only."""
LAYOUTS = ((4, 1), (2, 2), (1, 4))
STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class MapView(QWidget):
    """Four maps in one widget, arranged so that they are as large as can be.

    Attributes
    ----------
    chosen : signal ((column, row) or None)
    hovered : signal ((column, row) or None)
    reset : signal
        The limits are to be measured again.
    """

    chosen = pyqtSignal(object)
    hovered = pyqtSignal(object)
    reset = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 120)
        self.setAccessibleName("Maps of the sky frame; arrow keys choose a bin")
        self._palette: Palette = DARK
        self._maps: Maps | None = None
        self._images: list[QImage | None] = []
        self._selected: tuple[int, int] | None = None
        self._under: tuple[int, int] | None = None

    def show_maps(self, maps: Maps, selected: tuple[int, int] | None, palette: Palette) -> None:
        """Paint maps, with a bin selected."""
        if maps is not self._maps or palette is not self._palette:
            self._maps, self._palette = maps, palette
            self._images = [
                None if one.coloured is None else one.coloured.image(palette.canvas)
                for one in maps.maps
            ]
        self._selected = selected
        self.update()

    def boxes(self) -> list[QRectF]:
        """Return where the pictures of the maps are."""
        if self._maps is None:
            return []
        columns, rows = self._arrangement()
        across, down = self.width() / columns, self.height() / rows
        width, height = self._size(columns, rows)
        # Picture and bar are one group in the middle of their part.
        indent = max(EDGE, round((across - width - GAP - BAR_WIDTH) / 2))
        drop = TITLE + max(0, round((down - TITLE - EDGE - height) / 2))
        return [
            QRectF(
                round(index % columns * across) + indent,
                round(index // columns * down) + drop,
                width,
                height,
            )
            for index in range(len(self._maps.maps))
        ]

    def bin_at(self, at: QPointF) -> tuple[int, int] | None:
        """Return the bin (column, row) under a point of any map."""
        if self._maps is None:
            return None
        ny, nx = self._maps.shape
        for box, image in zip(self.boxes(), self._images, strict=True):
            if image is not None and box.contains(at):
                column = int((at.x() - box.left()) / box.width() * nx)
                row = int((box.bottom() - at.y()) / box.height() * ny)
                return min(column, nx - 1), min(row, ny - 1)
        return None

    def _arrangement(self) -> tuple[int, int]:
        return max(LAYOUTS, key=lambda layout: self._size(*layout)[0])

    def _size(self, columns: int, rows: int) -> tuple[float, float]:
        assert self._maps is not None, "asked for where there are maps only"
        width = self.width() / columns - 2 * EDGE - GAP - BAR_WIDTH
        height = self.height() / rows - TITLE - EDGE
        return fitting_box(max(width, 8), max(height, 8), self._maps.aspect)

    # Painting --------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw everything: some thousand bins are four small pictures."""
        painter = QPainter(self)
        palette = self._palette
        painter.fillRect(self.rect(), QColor(palette.canvas))
        if self._maps is not None:
            self._draw_gaps(painter)
            boxes = self.boxes()
            for box, one, image in zip(boxes, self._maps.maps, self._images, strict=True):
                self._draw_title(painter, one, box)
                if image is None or one.coloured is None:
                    self._draw_unknown(painter, box)
                    continue
                draw_picture(painter, image, box)
                self._draw_filled(painter, box)
                bar = QRectF(box.right() + GAP, box.top(), BAR_WIDTH, box.height())
                draw_bar(painter, palette, one.coloured, bar)
                if self._under is not None and self._under != self._selected:
                    _outline(painter, self._bin_box(box, self._under), 1)
                if self._selected is not None and self._has(self._selected):
                    _outline(painter, self._bin_box(box, self._selected), 2)
        if self.hasFocus():
            painter.setPen(QPen(QColor(palette.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _draw_gaps(self, painter: QPainter) -> None:
        columns, rows = self._arrangement()
        colour = QColor(self._palette.gap if self._palette.name == "light" else self._palette.dock)
        for column in range(1, columns):
            x = round(column * self.width() / columns)
            painter.fillRect(QRectF(x - 1, 0, 2, self.height()), colour)
        for row in range(1, rows):
            y = round(row * self.height() / rows)
            painter.fillRect(QRectF(0, y - 1, self.width(), 2), colour)

    def _draw_title(self, painter: QPainter, one: Map, box: QRectF) -> None:
        palette = self._palette
        top = QRectF(box.left(), box.top() - TITLE, box.width() + GAP + BAR_WIDTH, TITLE)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(font(11))
        metrics = QFontMetricsF(font(11))
        painter.setPen(QColor(palette.text2))
        unit_width = metrics.horizontalAdvance(one.unit)
        painter.drawText(top, middle | Qt.AlignmentFlag.AlignRight, one.unit)
        painter.setFont(font(11, 600))
        painter.setPen(QColor(palette.text))
        painter.drawText(top, middle, one.title)
        used = QFontMetricsF(font(11, 600)).horizontalAdvance(one.title) + 8
        painter.setFont(font(11))
        painter.setPen(QColor(palette.text2))
        room = top.width() - used - unit_width - 8
        text = metrics.elidedText(one.subject, Qt.TextElideMode.ElideRight, room)
        painter.drawText(top.adjusted(used, 0, 0, 0), middle, text)

    def _draw_unknown(self, painter: QPainter, box: QRectF) -> None:
        painter.setPen(QPen(QColor(self._palette.line), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
        painter.setPen(QColor(self._palette.text2))
        painter.setFont(font(11))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(box, flags, NOT_TOLD)

    def _draw_filled(self, painter: QPainter, box: QRectF) -> None:
        assert self._maps is not None, "drawn where there are maps only"
        filled = self._maps.filled
        if not filled.any():
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for row, column in zip(*(part.tolist() for part in filled.nonzero()), strict=True):
            cell = self._bin_box(box, (column, row))
            painter.setClipRect(cell)
            # Dark under light, so that the lines are seen on every colour of the map.
            for colour, width in ((with_alpha("#000000", 0.55), 3.0), (QColor("#ffffff"), 1.0)):
                painter.setPen(QPen(colour, width))
                for shift in (-0.5, 0.0, 0.5) if cell.width() >= LEAST_HATCHED else (0.0,):
                    by = shift * cell.width()
                    painter.drawLine(
                        QPointF(cell.left() + by, cell.bottom()),
                        QPointF(cell.right() + by, cell.top()),
                    )
        painter.restore()

    def _bin_box(self, box: QRectF, place: tuple[int, int]) -> QRectF:
        assert self._maps is not None, "drawn where there are maps only"
        ny, nx = self._maps.shape
        across, down = box.width() / nx, box.height() / ny
        return QRectF(
            box.left() + place[0] * across, box.bottom() - (place[1] + 1) * down, across, down
        )

    def _has(self, place: tuple[int, int]) -> bool:
        if self._maps is None:
            return False
        ny, nx = self._maps.shape
        return 0 <= place[0] < nx and 0 <= place[1] < ny

    # Hands -----------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Choose the bin under the cursor."""
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            place = self.bin_at(event.position())
            if place is not None:
                self.chosen.emit(place)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """Measure the limits again."""
        self.reset.emit()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Tell which bin is under the cursor, and go on choosing while the button is held."""
        if event is None:
            return
        place = self.bin_at(event.position())
        self._point(place)
        if event.buttons() & Qt.MouseButton.LeftButton and place is not None:
            self.chosen.emit(place)

    def leaveEvent(self, event: Any) -> None:
        """No bin is under the cursor."""
        self._point(None)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Choose the next bin."""
        if event is None or self._maps is None:
            return
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape and self._selected is not None:
            self.chosen.emit(None)
        elif key in STEPS:
            ny, nx = self._maps.shape
            if self._selected is None or not self._has(self._selected):
                self.chosen.emit((nx // 2, ny // 2))
                return
            across, up = STEPS[key]
            column = min(max(self._selected[0] + across, 0), nx - 1)
            row = min(max(self._selected[1] + up, 0), ny - 1)
            self.chosen.emit((column, row))
        else:
            event.ignore()

    def _point(self, place: tuple[int, int] | None) -> None:
        if place != self._under:
            self._under = place
            self.hovered.emit(place)
            self.update()


def _outline(painter: QPainter, cell: QRectF, width: float) -> None:
    """Draw a white frame around a bin with a dark casing, as images may be light or dark."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, pen_width in ((with_alpha("#000000", 0.55), width + 2), (QColor("#ffffff"), width)):
        pen = QPen(colour, pen_width)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.drawRect(cell)
