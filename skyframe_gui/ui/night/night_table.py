"""The table of all visits: one row each, sorted by a click on a column's title."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QModelIndex, Qt, pyqtSignal
from PyQt6.QtGui import QFontMetrics, QKeyEvent
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView
from typing_extensions import override

from skyframe_gui.numbers import NONE
from skyframe_gui.ui import theme
from skyframe_gui.ui.night.night_model import NightModel
from skyframe_gui.ui.night.night_words import Column
from skyframe_gui.ui.tables import LOOK, RowTable, Rules, set_up_rows
from skyframe_gui.ui.widgets import begins_one

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PyQt6.QtGui import QMouseEvent, QResizeEvent

    from skyframe_gui.app.model.night_view import VisitRow
    from skyframe_gui.ui.theme import Palette

ROW, PAD, MARK = 24, 26, 34
LEAST, SPARE, STATE_ROOM, MOST_STATE = 52, 18, 280, 420
MOST_WIDTHS = 20_000
"""Texts whose width is remembered."""
SOMETIMES = (Column.AIRMASS, Column.MOON, Column.START)
"""Columns that are shown where anything is known."""


class NightTable(RowTable):
    """Visits.

    Attributes
    ----------
    chosen : signal (visit)
        Clicked, or reached by Up and Down.
    opened : signal (visit)
        Double-clicked, or Enter was pressed.
    """

    chosen = pyqtSignal(str)
    opened = pyqtSignal(str)

    def __init__(self) -> None:
        super().__init__()
        self.rows = NightModel()
        self._telling = True
        self._revealed = ""
        self._shown: Sequence[VisitRow] = ()
        self._widths: dict[str, int] = {}
        self.setModel(self.rows)
        self._rules = Rules(self)
        self.setItemDelegate(self._rules)
        self.setStyleSheet(LOOK)
        self.setAccessibleName("All visits")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setFont(theme.font(12))
        across = set_up_rows(self, ROW, 24)
        across.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        across.setMinimumSectionSize(20)
        across.setStretchLastSection(True)
        across.setSortIndicatorClearable(True)
        across.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        self.rows.sort(-1)
        self._across = across

    def show_rows(self, rows: Sequence[VisitRow], selected: str, palette: Palette) -> None:
        """Paint the visits, with the state's selection."""
        self._telling = False
        if rows is not self._shown or palette is not self._rules.palette_:
            self._shown, self._rules.palette_ = rows, palette
            self.rows.show_rows(rows, palette)
            self._lay_out(rows)
        place = self.rows.place_of(selected)
        if place < 0:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())
        else:
            self.setCurrentIndex(self.rows.index(place, Column.VISIT))
            if selected != self._revealed:
                self.scrollTo(self.rows.index(place, Column.VISIT))
        self._revealed = selected
        self._telling = True

    def text_of_all(self) -> str:
        """Return the table as text, a row a line."""
        columns = [column for column in Column if not self.isColumnHidden(column)][1:]
        lines = ["\t".join(self.rows.title(column) for column in columns)]
        for row in self.rows.rows:
            lines.append("\t".join(self.rows.text(row, column) for column in columns))
        return "\n".join(lines)

    def currentChanged(self, current: QModelIndex, previous: QModelIndex) -> None:
        """Tell which visit a person has reached."""
        super().currentChanged(current, previous)
        if self._telling and current.isValid():
            self.chosen.emit(self.rows.rows[current.row()].visit)

    @override
    def event(self, event: QEvent | None) -> bool:
        """Keep what begins the name of a visit: of it letters and figures choose, and not panes."""
        parts = (
            part
            for row in self.rows.rows
            for part in (row.visit, *filter(str.isdecimal, row.visit))  # asked for by keys only
        )
        if event is not None and begins_one(event, parts):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Open the chosen visit on Enter."""
        index = self.currentIndex()
        keys = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event is not None and event.key() in keys and index.isValid():
            self.opened.emit(self.rows.rows[index.row()].visit)
            return
        super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """Open a visit."""
        super().mouseDoubleClickEvent(event)
        index = self.currentIndex()
        if event is not None and event.button() == Qt.MouseButton.LeftButton and index.isValid():
            self.opened.emit(self.rows.rows[index.row()].visit)

    def _lay_out(self, rows: Sequence[VisitRow]) -> None:
        """Give each column the room of its longest text; those of which nothing is known go."""
        body, head = QFontMetrics(theme.font(12)), QFontMetrics(theme.font(11, 500))
        filters = {row.numbers.filter for row in rows}
        widths: dict[Column, int] = {Column.MARK: MARK}
        state = STATE_ROOM
        columns = zip(*(self.rows.texts(row) for row in rows), strict=True)
        for column, cells in zip(Column, columns, strict=False):
            texts = set(cells)
            hidden = column in SOMETIMES and texts <= {NONE}
            hidden = hidden or (column == Column.FILTER and len(filters) < 2)
            if self.isColumnHidden(column) != hidden:
                self.setColumnHidden(column, hidden)
            if hidden or column == Column.MARK:
                continue
            longest = max(map(len, texts), default=0)
            widest = max(  # figures are of one width: a text that is much shorter is narrower
                (self._width_of(text, body) for text in texts if len(text) > longest - 3),
                default=0,
            )
            if column == Column.STATE:
                state = max(STATE_ROOM, min(widest + PAD, MOST_STATE))
                continue
            width = max(widest, head.horizontalAdvance(self.rows.title(column)) + 4, LEAST - PAD)
            widths[column] = width + PAD
        viewport = self.viewport()
        room = viewport.width() if viewport is not None else 0
        spare = (room - sum(widths.values()) - state) // max(len(widths) - 1, 1)
        for column, width in widths.items():
            width += min(max(spare, 0), SPARE) if column != Column.MARK else 0
            if self.columnWidth(column) != width:
                self.setColumnWidth(column, width)

    def _width_of(self, text: str, metrics: QFontMetrics) -> int:
        found = self._widths.get(text)
        if found is None:
            if len(self._widths) > MOST_WIDTHS:
                self._widths.clear()
            found = self._widths[text] = metrics.horizontalAdvance(text)
        return found

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Share out the room anew."""
        super().resizeEvent(event)
        self._lay_out(self.rows.rows)
