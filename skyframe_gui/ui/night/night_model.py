"""The visits as a table that can be sorted by each column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PyQt6.QtGui import QColor

from skyframe_gui.numbers import short_unit, three_digits, unit_of
from skyframe_gui.ui import theme
from skyframe_gui.ui.night.night_words import (
    MARKS,
    TIPS,
    Column,
    among_others,
    kind_of,
    mark_of,
    most_exposures,
    sorted_by,
    texts_of,
    tip_of,
    title_of,
)
from skyframe_gui.ui.plain_text import plain_tip
from skyframe_gui.ui.theme import DARK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PyQt6.QtGui import QIcon

    from skyframe_gui.app.model.night_view import VisitRow
    from skyframe_gui.ui.theme import Palette

AnyIndex = QModelIndex | QPersistentModelIndex
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
UP, DOWN = "\N{UPWARDS ARROW}", "\N{DOWNWARDS ARROW}"
WORDS = (Column.FILTER, Column.STATE)
"""They stand at the left."""


class NightModel(QAbstractTableModel):
    """Rows as text; sorted by itself, as the order is not the state's.

    Attributes
    ----------
    rows : list of VisitRow
        In the order of the table.
    """

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[VisitRow] = []
        self.palette: Palette = DARK
        self._given: tuple[VisitRow, ...] = ()
        self._order: tuple[Column, Qt.SortOrder] | None = None
        self._icons: dict[tuple[str, str], QIcon] = {}
        self._unit = ""
        self._sigma = 2
        self._with_days = self._with_years = False
        self._most: dict[tuple[str, str], int] = {}
        self._own: dict[VisitRow, tuple[str, ...]] = {}
        self._texts: dict[VisitRow, tuple[str, ...]] = {}

    def show_rows(self, rows: Sequence[VisitRow], palette: Palette) -> None:
        """Show other visits, or other numbers of the same; at first in the order given."""
        is_recoloured, self.palette = palette is not self.palette, palette
        self._given = tuple(rows)
        units = {row.numbers.unit for row in rows}
        unit = short_unit(unit_of(units.pop())) if len(units) == 1 else ""
        is_renamed, self._unit = unit != self._unit, unit
        before, self._sigma = self._sigma, three_digits([row.numbers.sigma for row in rows])
        is_rewritten = before != self._sigma
        most, self._most = self._most, most_exposures(rows)
        is_rewritten = is_rewritten or most != self._most
        dated = self._with_days, self._with_years
        nights = {row.numbers.night for row in rows} - {""}
        self._with_days = len(nights) > 1
        self._with_years = len({night[:4] for night in nights}) > 1
        is_rewritten = is_rewritten or dated != (self._with_days, self._with_years)
        # Of many rows few are others than before.
        self._own = {row: self._own.get(row) or texts_of(row) for row in self._given}
        known = {} if is_rewritten else self._texts
        self._texts = {row: known.get(row) or self._texts_of(row) for row in self._given}
        arranged = self._sorted()
        if [row.visit for row in arranged] == [row.visit for row in self.rows]:
            pairs = enumerate(zip(arranged, self.rows, strict=True))
            is_another = is_recoloured or is_rewritten
            others = [at for at, (new, old) in pairs if is_another or new is not old]
            self.rows = arranged
            if others:  # all between them: it is a few calls, and little of it is on the screen
                last = self.index(others[-1], len(Column) - 1)
                self.dataChanged.emit(self.index(others[0], 0), last)
        elif {row.visit for row in arranged} == {row.visit for row in self.rows}:
            self._arrange(arranged)
        else:
            self.beginResetModel()
            self.rows = arranged
            self.endResetModel()
        if is_renamed:
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(Column) - 1)

    def place_of(self, visit: str) -> int:
        """Return the row of a visit; -1 without one."""
        return next((at for at, row in enumerate(self.rows) if row.visit == visit), -1)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Put the rows into another order; without a column that of filter and time."""
        self._order = (Column(column), order) if column >= 0 else None
        self._arrange(self._sorted())
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(Column) - 1)

    def _arrange(self, arranged: list[VisitRow]) -> None:
        """Show the same visits in another order; what is chosen goes with them."""
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        visits = [self.rows[index.row()].visit for index in before]
        self.rows = arranged
        places = {row.visit: at for at, row in enumerate(arranged)}
        now = [
            self.index(places[visit], index.column())
            for visit, index in zip(visits, before, strict=True)
        ]
        self.changePersistentIndexList(before, now)
        self.layoutChanged.emit()

    def _sorted(self) -> list[VisitRow]:
        if self._order is None:
            return list(self._given)
        column, order = self._order
        return sorted_by(self._given, column, order == Qt.SortOrder.DescendingOrder)

    def rowCount(self, parent: AnyIndex | None = None) -> int:
        """Return the number of visits."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: AnyIndex | None = None) -> int:
        """Return the number of columns."""
        return len(Column)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return names with units."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = Column(section)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._head(column)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._said(column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return TIPS.get(column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return LEFT if column in WORDS else RIGHT
        return None

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text, colour, icon or tip."""
        if not index.isValid():
            return None
        row, column = self.rows[index.row()], Column(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(row, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return LEFT if column in WORDS else RIGHT
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._colour(row, column)
        if role == Qt.ItemDataRole.DecorationRole and column == Column.MARK:
            return self._icon(row)
        if role == Qt.ItemDataRole.AccessibleTextRole and column == Column.MARK:
            return mark_of(row)
        if role == Qt.ItemDataRole.ToolTipRole and column in (Column.MARK, Column.STATE):
            return plain_tip(tip_of(row))
        return None

    def title(self, column: Column) -> str:
        """Return what stands over a column."""
        return title_of(column, self._unit)

    def _head(self, column: Column) -> str:
        """Return a title, with an arrow on the side of its free end where it is sorted by."""
        title = self.title(column)
        if self._order is None or self._order[0] != column:
            return title
        arrow = DOWN if self._order[1] == Qt.SortOrder.DescendingOrder else UP
        words = (title, arrow) if column in WORDS else (arrow, title)
        return " ".join(filter(None, words))

    def _said(self, column: Column) -> str:
        """Return what a screen reader says of a column, and how it is sorted by."""
        short = {Column.MARK: "warning or not", Column.ERROR: "error of the scale"}
        title = short.get(column, self.title(column))
        if self._order is None or self._order[0] != column:
            return title
        falls = self._order[1] == Qt.SortOrder.DescendingOrder
        return f"{title}, {'falling' if falls else 'rising'}"

    def text(self, row: VisitRow, column: Column) -> str:
        """Return what a cell says."""
        return self.texts(row)[column]

    def texts(self, row: VisitRow) -> tuple[str, ...]:
        """Return what a row says, by `Column`."""
        return self._texts.get(row) or self._texts_of(row)

    def _texts_of(self, row: VisitRow) -> tuple[str, ...]:
        own = self._own.get(row) or texts_of(row)
        most = self._most.get(kind_of(row), 0)
        return among_others(own, row, self._sigma, most, self._with_days, self._with_years)

    def _colour(self, row: VisitRow, column: Column) -> QColor:
        palette = self.palette
        if row.progress != "done":
            return QColor(palette.text3)
        if column == Column.STATE:
            return QColor(palette.warning if row.warns else palette.text2)
        return QColor(palette.text)

    def _icon(self, row: VisitRow) -> QIcon:
        mark = mark_of(row)
        colour = self.palette.warning if mark in ("warning", "failed") else self.palette.text3
        if (mark, colour) not in self._icons:
            self._icons[mark, colour] = theme.icon(MARKS[mark], colour)
        return self._icons[mark, colour]
