"""A cell for each detector where it lies in the focal plane, stretched to the room there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QEvent, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFontMetricsF, QHelpEvent, QPainter, QPen
from PyQt6.QtWidgets import QToolTip, QWidget
from typing_extensions import override

from skyframe_gui.ui.camera.number_cells import FULL, tip_of
from skyframe_gui.ui.camera.rows import FRAMED, NOT_OPENED, has_no_data
from skyframe_gui.ui.images.stretch import RESIDUAL, lookup
from skyframe_gui.ui.theme import DARK, font

if TYPE_CHECKING:
    from PyQt6.QtGui import QMouseEvent, QPaintEvent

    from skyframe_gui.ui.camera.number_cells import Cells
    from skyframe_gui.ui.camera.rows import Plane, Row
    from skyframe_gui.ui.theme import Palette

EDGE, GAP = 10, 1
FULL_STRENGTH = {"dark": 0.62, "light": 0.45}
"""Of the colour map's ends in each theme, so that numbers can be read on them."""


class NumbersView(QWidget):
    """Paints numbers; a click chooses a detector, a double click opens it.

    Attributes
    ----------
    chosen, opened : signals (key)
    """

    chosen = pyqtSignal(str)
    opened = pyqtSignal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumSize(120, 80)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Fit of each detector alone; the arrow keys choose a detector")
        self._palette: Palette = DARK
        self._plane: Plane | None = None
        self._cells: Cells | None = None
        self._selected = ""

    def show_cells(self, plane: Plane, cells: Cells, selected: str, palette: Palette) -> None:
        """Paint other numbers."""
        self._plane, self._cells, self._selected = plane, cells, selected
        self._palette = palette
        framed = [
            f"{row.name} {text}"
            for row, text, pull in zip(plane.rows, cells.texts, cells.pulls, strict=True)
            if _is_framed(row, pull, cells.by_scale)
        ]
        self.setAccessibleDescription(", ".join(framed))
        self.update()

    def boxes(self) -> list[QRectF]:
        """Return where the cells are."""
        if self._plane is None:
            return []
        x0, y0, x1, y1 = self._plane.bounds
        across = (self.width() - 2 * EDGE) / max(x1 - x0, 1e-9)
        up = (self.height() - 2 * EDGE) / max(y1 - y0, 1e-9)
        low, high = self._plane.corners.min(axis=1), self._plane.corners.max(axis=1)
        ends = [
            EDGE + (low[:, 0] - x0) * across,
            EDGE + (y1 - high[:, 1]) * up,
            EDGE + (high[:, 0] - x0) * across,
            EDGE + (y1 - low[:, 1]) * up,
        ]
        return [
            QRectF(left, top, right - left, bottom - top)
            for left, top, right, bottom in np.rint(ends).T.tolist()
        ]

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Paint the cells."""
        plane, cells, palette = self._plane, self._cells, self._palette
        if plane is None or cells is None:
            return
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(palette.canvas))
        table = lookup(RESIDUAL[palette.name])
        plain, pale = QColor(palette.text), QColor(palette.text2)
        late = []
        boxes = self.boxes()
        pixels = _text_size(boxes)
        small, face, bold = font(max(pixels - 1, 8)), font(pixels), font(pixels, 600)
        metrics, names = QFontMetricsF(bold), QFontMetricsF(small)
        # Figures are of one width, so the longest is the widest; all cells are laid out alike.
        widest = metrics.horizontalAdvance(max(cells.texts, key=len, default=""))
        longest = max((row.name for row in plane.rows if not row.why), key=len, default="")
        name_width = names.horizontalAdvance(longest)
        narrowest = min((box.width() for box in boxes), default=0) - 2 * GAP
        beside = name_width + widest + 16 < narrowest
        for row, box, text, pull in zip(plane.rows, boxes, cells.texts, cells.pulls, strict=True):
            cell = box.adjusted(GAP, GAP, -GAP, -GAP)
            if has_no_data(row) or row.why == NOT_OPENED:
                painter.setPen(QColor(palette.line))
                painter.drawRect(cell.adjusted(0, 0, -1, -1))
                if row.why == NOT_OPENED:  # said once, over the focal plane
                    continue
                painter.setPen(QColor(palette.text3))
                painter.setFont(small)
                if names.horizontalAdvance("no data") < cell.width():
                    painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, "no data")
                else:
                    painter.drawLine(cell.bottomLeft(), cell.topRight())
                continue
            painter.fillRect(cell, _colour(table, pull, palette))
            framed = _is_framed(row, pull, cells.by_scale)
            selected = row.key == self._selected
            if framed or selected:
                late.append((cell, selected))
            number, quiet = cell, QRectF()
            if beside and name_width + widest + 16 < cell.width():
                quiet = cell.adjusted(6, 0, 0, 0)
                number = cell.adjusted(name_width + 10, 0, -4, 0)
            elif not beside and cell.height() > 2 * pixels + 8 and name_width + 8 < cell.width():
                quiet = QRectF(cell.left() + 5, cell.top() + 2, cell.width(), pixels + 2)
                number = cell.adjusted(0, pixels, 0, 0)
            if not quiet.isNull():
                painter.setFont(small)
                painter.setPen(pale)
                at = quiet.top() + (quiet.height() + names.ascent() - names.descent()) / 2
                painter.drawText(QPointF(quiet.left(), at), row.name)
            width = metrics.horizontalAdvance(text)
            if width <= cell.width() + 2:
                painter.setFont(bold if framed else face)
                painter.setPen(plain)
                at = number.center().y() + (metrics.ascent() - metrics.descent()) / 2
                painter.drawText(QPointF(round(number.center().x() - width / 2), at), text)
        for cell, selected in late:
            pen = QPen(QColor(palette.highlight if selected else palette.warning))
            pen.setWidthF(2.0 if selected else 1.5)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen)
            painter.drawRect(cell)
        if self.hasFocus():
            painter.setPen(QColor(palette.accent))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def key_at(self, at: QPointF) -> str:
        """Return the exposure of the cell at a point; "" for none."""
        index = self._index_at(at)
        return "" if index is None or self._plane is None else self._plane.rows[index].key

    def _index_at(self, at: QPointF) -> int | None:
        return next((k for k, box in enumerate(self.boxes()) if box.contains(at)), None)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Choose the detector under the cursor."""
        if event is not None:
            key = self.key_at(event.position())
            if event.button() == Qt.MouseButton.LeftButton and key:
                self.chosen.emit(key)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """Open it."""
        key = "" if event is None else self.key_at(event.position())
        if key:
            self.opened.emit(key)

    @override
    def event(self, a0: QEvent | None) -> bool:
        if a0 is not None and a0.type() == QEvent.Type.ToolTip and isinstance(a0, QHelpEvent):
            self._show_tip(a0)
            return True
        return super().event(a0)

    def _show_tip(self, event: QHelpEvent) -> None:
        index = self._index_at(QPointF(event.pos()))
        if index is None or self._plane is None:
            QToolTip.hideText()
            return
        QToolTip.showText(event.globalPos(), tip_of(self._plane, self._plane.rows[index]), self)


def _is_framed(row: Row, pull: float, by_scale: bool) -> bool:
    return row.framed if by_scale else abs(pull) > FRAMED


def _text_size(boxes: list[QRectF]) -> int:
    """Return the height of numbers that suits most cells."""
    if not boxes:
        return 11
    heights = sorted(box.height() for box in boxes)
    return min(max(int(heights[len(heights) // 2] - 4), 8), 12)


def _colour(table: object, pull: float, palette: Palette) -> QColor:
    """Return the colour of a deviation, paler than in pictures."""
    if not np.isfinite(pull):
        return QColor(palette.field)
    place = 0.5 + 0.5 * FULL_STRENGTH[palette.name] * min(max(pull / FULL, -1.0), 1.0)
    entries = np.asarray(table)
    return QColor.fromRgb(int(entries[round(place * (len(entries) - 1))]))
