"""The table of what was opened before."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QBrush, QColor
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from skyframe_gui.files.butler.address import SCHEME, is_address
from skyframe_gui.ui import theme
from skyframe_gui.ui.plain_text import plain_tip

if TYPE_CHECKING:
    from PyQt6.QtGui import QKeyEvent

    from skyframe_gui.app.model.items import Recent
    from skyframe_gui.ui.theme import Palette

ROW_HEIGHT, MOST_ROWS = 28, 8
HEADS = ("recent", "contents", "folder", "last opened")
WIDTHS = (190, 292, 130, 148)


class RecentTable(QTableWidget):
    """Name, contents, folder and time of each; gone where there is nothing.

    Attributes
    ----------
    chosen : signal (str)
        A path that is to be opened, by Enter or a double click.
    """

    chosen = pyqtSignal(str)

    def __init__(self) -> None:
        super().__init__(0, len(HEADS))
        self._recent: tuple[Recent, ...] = ()
        self.setAccessibleName("Recently opened")
        self.setHorizontalHeaderLabels(HEADS)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setIconSize(QSize(14, 14))
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        down, across = self.verticalHeader(), self.horizontalHeader()
        if down is not None and across is not None:
            down.hide()
            down.setDefaultSectionSize(ROW_HEIGHT)
            across.setHighlightSections(False)
            across.setSectionsClickable(False)
            across.setFixedHeight(24)
            across.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            across.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
            for column, width in enumerate(WIDTHS):
                across.resizeSection(column, width)
        for column in range(len(HEADS)):
            head = self.horizontalHeaderItem(column)
            if head is not None:
                head.setTextAlignment(_side(column))
        self.cellDoubleClicked.connect(lambda row, _: self._choose(row))

    def show_recent(self, recent: tuple[Recent, ...], palette: Palette) -> None:
        """Fill the table anew."""
        self._recent = recent
        self.setVisible(bool(recent))
        self.setStyleSheet(
            f"QTableView::item {{ border: none; border-bottom: 1px solid {palette.line};"
            "padding: 0 5px; }"
        )
        self.setRowCount(len(recent))
        for row, one in enumerate(recent):
            self._fill(row, one, palette)
        shown = min(len(recent), MOST_ROWS)
        self.setFixedHeight(24 + shown * ROW_HEIGHT + 2)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Open the chosen row with Enter."""
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self.currentRow())
        else:
            super().keyPressEvent(event)

    def _choose(self, row: int) -> None:
        if 0 <= row < len(self._recent):
            self.chosen.emit(self._recent[row].path)

    def _fill(self, row: int, one: Recent, palette: Palette) -> None:
        place = Path(one.path)
        name = place.name or one.path
        if is_address(one.path):
            word, _, name = one.path.partition("?")
            place = Path(word.removeprefix(SCHEME)) / "data sets"
        texts = (
            name,
            "not found" if one.missing else one.contents,
            _short(str(place.parent)),
            one.opened.replace("T", " "),
        )
        quiet = palette.text3 if one.missing else palette.text2
        colours = (palette.text3 if one.missing else palette.text, quiet, quiet, quiet)
        for column, text in enumerate(texts):
            item = QTableWidgetItem(text)
            tip = f"{one.path}\n{texts[1]}\nEnter opens it" if text else ""
            item.setToolTip(plain_tip(tip))
            item.setTextAlignment(_side(column))
            item.setForeground(QBrush(QColor(colours[column])))
            if column == 0:
                icon = ("alert-circle-outline", palette.error)
                item.setIcon(theme.icon(*(icon if one.missing else ("history", palette.text3))))
            if column == 1 and one.missing:
                item.setForeground(QBrush(QColor(palette.error)))
            self.setItem(row, column, item)


def _side(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column == len(HEADS) - 1 else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _short(folder: str) -> str:
    home = os.path.expanduser("~")
    return "~" + folder[len(home) :] if folder.startswith(home + os.sep) else folder
