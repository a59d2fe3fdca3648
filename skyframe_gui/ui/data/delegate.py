"""Paints the rows of the data panel's tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QModelIndex, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PyQt6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from skyframe_gui.ui import theme
from skyframe_gui.ui.data.short_names import last_part, shortened, shortest
from skyframe_gui.ui.data.tree_model import (
    LEVEL,
    MARK,
    NAME,
    ROLES,
    ROW_ROLE,
    AnyIndex,
    DataModel,
)
from skyframe_gui.ui.data.tree_rows import Row

if TYPE_CHECKING:
    from PyQt6.QtGui import QFont, QPixmap
    from PyQt6.QtWidgets import QTreeView

    from skyframe_gui.ui.data.tree_rows import Check, Mark
    from skyframe_gui.ui.theme import Palette

ROW_HEIGHT = 24
ICON, BADGE = 14, 13
MARK_WIDTH = 18
BOX = 14
CHIP, CHIP_PAD, MOST_CHIP, GAP = 16, 4, 56, 6
FEWEST = 3
"""Letters of a filter that is cut, dots among them."""
PAD = 7
"""Pixels between the branch and the name, and between words in one cell."""


class Stamped:
    """A small icon that is drawn many times: made once for each pixel ratio.

    An icon of the set is a letter of a font, and drawing it anew takes longer than its row.
    """

    def __init__(self, name: str, colour: str, size: int = ICON) -> None:
        self._icon, self._size = theme.icon(name, colour), size
        self._made: dict[float, QPixmap] = {}

    def paint(self, painter: QPainter, rect: QRect) -> None:
        """Draw it in the middle of a rectangle."""
        device = painter.device()
        ratio = 1.0 if device is None else device.devicePixelRatio()
        if ratio not in self._made:
            self._made[ratio] = self._icon.pixmap(QSize(self._size, self._size), ratio)
        left = rect.left() + (rect.width() - self._size) // 2
        painter.drawPixmap(left, rect.top() + (rect.height() - self._size) // 2, self._made[ratio])


class RowDelegate(QStyledItemDelegate):
    """Draws names, numbers and marks; the tree draws what is behind them."""

    def __init__(self, tree: QTreeView) -> None:
        super().__init__(tree)
        self._tree = tree
        self._plain: QFont = theme.font(12)
        self._bold: QFont = theme.font(12, 600)
        self._small: QFont = theme.font(11)
        self.apply_theme(theme.DARK)

    def apply_theme(self, palette: Palette) -> None:
        """Take a theme's colours."""
        self._palette = palette
        self._icons: dict[Mark, Stamped] = {
            "ok": Stamped("check", palette.text3),
            "notes": Stamped("alert", palette.warning),
            "error": Stamped("alert-circle-outline", palette.error),
            "changed": Stamped("file-refresh-outline", palette.warning),
            "left out": Stamped("eye-off-outline", palette.text3),
            "waiting": Stamped("progress-clock", palette.text3),
            "fit warning": Stamped("alert", palette.warning, BADGE),
            "fit note": Stamped("information-outline", palette.text2, BADGE),
        }
        self._tick = Stamped("check", palette.on_accent, BOX - 2)

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        """Return the height of a row."""
        return QSize(40, ROW_HEIGHT)

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: AnyIndex
    ) -> None:
        """Draw a cell."""
        row = index.data(ROW_ROLE)
        if painter is None or not isinstance(row, Row):
            return
        painter.save()
        column = index.column()
        rect = option.rect
        if column == NAME:
            self._paint_name(painter, rect, row, index)
        elif column in ROLES:
            self._paint_box(painter, rect, row.sky if ROLES[column] == "sky" else row.science)
        elif column == MARK:
            # What is wrong below an open visit is seen there.
            open_visit = row.kind == "visit" and self._tree.isExpanded(
                index.siblingAtColumn(NAME) if isinstance(index, QModelIndex) else QModelIndex()
            )
            mark = "" if open_visit and row.mark != "left out" else row.mark
            if row.finding and mark not in ("error", "changed"):
                mark = row.finding
            self._paint_mark(painter, rect, mark)
        else:
            text = row.level if column == LEVEL else row.masked
            quiet = self._is_quiet(row)
            painter.setFont(self._plain)
            painter.setPen(QColor(self._palette.text3 if quiet else self._palette.text2))
            side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(rect.adjusted(0, 0, -2, 0), side, text)
        painter.restore()

    def _is_quiet(self, row: Row) -> bool:
        return row.mark == "left out"

    def _paint_box(self, painter: QPainter, rect: QRect, check: Check) -> None:
        """Draw the box of a role: ticked, empty, or with a bar where it is for some."""
        if not check:
            return
        palette = self._palette
        left = rect.left() + (rect.width() - BOX) // 2
        box = QRect(left, rect.top() + (rect.height() - BOX) // 2, BOX, BOX)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(palette.text3 if check == "off" else palette.accent), 1.0))
        painter.setBrush(QColor(palette.accent if check == "on" else "transparent"))
        painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        if check == "on":
            self._tick.paint(painter, box)
        elif check == "some":
            painter.fillRect(box.adjusted(4, 6, -4, -6), QColor(palette.accent))

    def _paint_name(self, painter: QPainter, rect: QRect, row: Row, index: AnyIndex) -> None:
        palette = self._palette
        font = self._bold if row.kind in ("night", "section") else self._plain
        rect = rect.adjusted(PAD, 0, 0, 0)
        if row.kind == "bad file":  # its row is one cell
            end = QRect(rect.right() - MARK_WIDTH + 1, rect.top(), MARK_WIDTH, rect.height())
            self._paint_mark(painter, end, row.mark)
            rect = rect.adjusted(0, 0, -MARK_WIDTH, 0)
        metrics = QFontMetrics(font)
        # Below a visit, whose row has the frame, the filter is a word where there is room.
        framed = not index.parent().isValid()
        chip, width = self._chip(row, rect.width() - metrics.horizontalAdvance(row.name), framed)
        name = row.name
        if metrics.horizontalAdvance(name) > rect.width() - width:
            model = self._tree.model()
            spare, of_all = model.spare(index) if isinstance(model, DataModel) else (0, 0)
            # Rows of a column of numbers lose chips and letters together: they can be compared.
            if rect.width() - width < shortest(row.short, of_all, metrics) and row.kind != "filter":
                chip, width = "", 0  # its name is all that tells it from the others
            room = max(rect.width() - width, 0)
            even = shortest(row.short, of_all, metrics) <= room
            name = shortened(row.short, of_all if even else spare, metrics, room)
        if row.kind == "filter":
            chip_at = QRect(rect.left(), rect.top(), width - GAP, rect.height())
            self._paint_chip(painter, chip_at, chip, framed)
            self._write(painter, rect.adjusted(width, 0, 0, 0), name, font, palette.text2)
            return
        colour = palette.text3 if self._is_quiet(row) else palette.text
        self._write(painter, rect, name, font, colour)
        used = metrics.horizontalAdvance(name)
        if chip:
            place = QRect(rect.left() + used + GAP, rect.top(), width - GAP, rect.height())
            self._paint_chip(painter, place, chip, framed)

    def _chip(self, row: Row, room: int, framed: bool) -> tuple[str, int]:
        """Return what stands in the chip of a row's filter, and how much room that takes."""
        sides = GAP + 2 * CHIP_PAD * framed
        if not row.filter or (not framed and room < GAP + CHIP // 2):
            return "", 0
        metrics = QFontMetrics(self._small)
        most = MOST_CHIP if row.kind != "filter" else room  # which has its row to itself
        wide = min(max(room - sides, CHIP), most) if framed else room - sides
        # Of several words the first is the band, as in "z DECam SDSS c0004 9260.0 1520.0".
        end = Qt.TextElideMode.ElideRight if " " in row.filter else Qt.TextElideMode.ElideMiddle
        text = metrics.elidedText(row.filter, end, wide)
        if text != row.filter and metrics.horizontalAdvance(last_part(row.filter)) <= wide:
            text = last_part(row.filter)
        elif text != row.filter and len(text) < FEWEST:  # dots alone would say nothing
            text = row.filter[: FEWEST - 1] if framed else ""
        if not text:
            return "", 0
        return text, max(metrics.horizontalAdvance(text) + sides, (GAP + CHIP) * framed)

    def _paint_chip(self, painter: QPainter, rect: QRect, text: str, framed: bool) -> None:
        palette = self._palette
        rect = rect.adjusted(0, (rect.height() - CHIP) // 2, 0, 0)
        rect.setHeight(CHIP)
        painter.setFont(self._small)
        if framed:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QColor(palette.border))
            painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        painter.setPen(QColor(palette.text2 if framed else palette.text3))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_mark(self, painter: QPainter, rect: QRect, mark: Mark) -> None:
        icon = self._icons.get(mark)
        if icon is not None:
            icon.paint(painter, rect)

    def _write(self, painter: QPainter, rect: QRect, text: str, font: QFont, colour: str) -> None:
        if rect.width() <= 0:
            return
        painter.setFont(font)
        painter.setPen(QColor(colour))
        short = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideMiddle, rect.width())
        painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, short)
