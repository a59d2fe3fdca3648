"""Paints the rows of the data panel's tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PyQt6.QtGui import QColor, QFontMetrics
from PyQt6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from skyframe_gui.ui import theme
from skyframe_gui.ui.data.tree_model import LEVEL, MARK, NAME, ROW_ROLE
from skyframe_gui.ui.data.tree_rows import Row

if TYPE_CHECKING:
    from PyQt6.QtGui import QFont, QPainter, QPixmap
    from PyQt6.QtWidgets import QTreeView

    from skyframe_gui.ui.data.tree_rows import Mark
    from skyframe_gui.ui.theme import Palette

ROW_HEIGHT = 24
ICON, BADGE = 14, 13
MARK_WIDTH = 26
PAD = 7
"""Pixels between the branch and the name, and between words in one cell."""
AnyIndex = QModelIndex | QPersistentModelIndex


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
        self.apply_theme(theme.DARK)

    def apply_theme(self, palette: Palette) -> None:
        """Take a theme's colours."""
        self._palette = palette
        self._icons: dict[Mark, Stamped] = {
            "ok": Stamped("check", palette.text3),
            "in use": Stamped("check", palette.text3),
            "notes": Stamped("alert", palette.warning),
            "error": Stamped("alert-circle-outline", palette.error),
            "left out": Stamped("eye-off-outline", palette.text3),
            "waiting": Stamped("progress-clock", palette.text3),
            "fit warning": Stamped("alert", palette.warning, BADGE),
            "fit note": Stamped("information-outline", palette.text2, BADGE),
        }

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
            self._paint_name(painter, rect, row)
        elif column == MARK:
            # What is wrong below an open visit is seen there.
            open_visit = row.kind == "visit" and self._tree.isExpanded(
                index.siblingAtColumn(NAME) if isinstance(index, QModelIndex) else QModelIndex()
            )
            mark = "" if open_visit and row.mark != "left out" else row.mark
            if row.finding and mark != "error":
                mark = row.finding
            self._paint_mark(painter, rect, mark)
        else:
            text = row.level if column == LEVEL else row.masked
            quiet = self._is_quiet(row)
            painter.setFont(self._plain)
            painter.setPen(QColor(self._palette.text3 if quiet else self._palette.text2))
            side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(rect.adjusted(0, 0, -3, 0), side, text)
        painter.restore()

    def _is_quiet(self, row: Row) -> bool:
        return row.mark == "left out"

    def _paint_name(self, painter: QPainter, rect: QRect, row: Row) -> None:
        palette = self._palette
        head = row.kind in ("visit", "section")
        font = self._bold if head else self._plain
        rect = rect.adjusted(PAD, 0, 0, 0)
        spanned = row.kind in ("sky frame", "bad file")
        if spanned:
            rect = rect.adjusted(0, 0, -self._paint_end(painter, rect, row), 0)
        colour = palette.text3 if self._is_quiet(row) else palette.text
        self._write(painter, rect, row.name, font, colour)
        if spanned and row.detail:
            used = QFontMetrics(font).horizontalAdvance(row.name) + PAD
            self._write(painter, rect.adjusted(used, 0, 0, 0), row.detail, font, palette.text2)

    def _paint_end(self, painter: QPainter, rect: QRect, row: Row) -> int:
        """Draw what stands at the end of a row of one cell; return its width."""
        end = QRect(rect.right() - MARK_WIDTH + 1, rect.top(), MARK_WIDTH, rect.height())
        self._paint_mark(painter, end, row.mark)
        if not row.note:
            return end.width()
        painter.setFont(self._plain)
        painter.setPen(QColor(self._palette.warning))
        side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(rect.adjusted(0, 0, -end.width() - 3, 0), side, row.note)
        return end.width() + QFontMetrics(self._plain).horizontalAdvance(row.note) + PAD

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
