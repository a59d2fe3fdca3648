"""What tables have in common: plain rows of one height, with a thin line below each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtGui import QColor, QPainter, QPen
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QTableWidget,
)
from typing_extensions import override

from skyframe_gui.ui.theme import DARK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PyQt6.QtCore import QModelIndex, Qt

LOOK = """QTableView::item { padding: 0 8px; border: none; }
QHeaderView::up-arrow, QHeaderView::down-arrow { width: 0; height: 0; }"""


def set_up_rows(table: QTableView, height: int, head: int = 0, single: bool = True) -> QHeaderView:
    """Give a table plain rows of one height, chosen as a whole; return its upper header.

    Parameters
    ----------
    table : QTableView
    height, head : int
        Of a row and of the upper header in pixels; with 0 that has the style's.
    single : bool
        Whether no more than one row can be chosen.
    """
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    if single:
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setTabKeyNavigation(False)  # Tab goes on to what is beside it
    table.setShowGrid(False)
    table.setWordWrap(False)
    across, down = table.horizontalHeader(), table.verticalHeader()
    assert across is not None, "a table has headers"
    assert down is not None, "a table has headers"
    down.hide()
    down.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    down.setDefaultSectionSize(height)
    if head:
        across.setFixedHeight(head)
    across.setHighlightSections(False)
    return across


def set_up_heads(
    table: QTableWidget, across: QHeaderView, heads: Sequence[str], tips: Sequence[str]
) -> None:
    """Write a table's heads with their tips; the second column takes what the others leave."""
    table.setHorizontalHeaderLabels(heads)
    across.setMinimumSectionSize(24)
    across.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    across.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
    for column, tip in enumerate(tips):
        head = table.horizontalHeaderItem(column)
        if head is not None:
            head.setToolTip(tip)


class RowTable(QTableView):
    """A table whose rows are chosen as a whole: Home and End go to the first and the last one."""

    @override
    def moveCursor(
        self, cursorAction: QTableView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        model, now = self.model(), self.currentIndex()
        ends = (QTableView.CursorAction.MoveHome, QTableView.CursorAction.MoveEnd)
        if model is None or not model.rowCount() or cursorAction not in ends:
            return super().moveCursor(cursorAction, modifiers)
        row = 0 if cursorAction == ends[0] else model.rowCount() - 1
        shown = (at for at in range(model.columnCount()) if not self.isColumnHidden(at))
        return model.index(row, now.column() if now.isValid() else next(shown, 0))


class Rules(QStyledItemDelegate):
    """Draws a thin line under each row."""

    palette_ = DARK

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        """Draw a cell and the line under it."""
        super().paint(painter, option, index)
        if painter is not None:
            painter.setPen(QPen(QColor(self.palette_.line), 1))
            painter.drawLine(option.rect.bottomLeft(), option.rect.bottomRight())
