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
)

from skyframe_gui.ui.theme import DARK

if TYPE_CHECKING:
    from PyQt6.QtCore import QModelIndex

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
