"""The exposures of the stack as a table that can be sorted by each column."""

from __future__ import annotations

import math
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from skyframe_gui.numbers import NONE, Written, written

if TYPE_CHECKING:
    from skyframe_gui.ui.stack.stack_rows import Stack, StackRow

AnyIndex = QModelIndex | QPersistentModelIndex
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LONG_PULL = "pull on the frame, rms"
ROW_ROLE = Qt.ItemDataRole.UserRole


class Column(IntEnum):
    """Columns from the left."""

    INSIDE = 0
    NAME = 1
    PULL = 2
    LEVEL = 3
    CLIPPED = 4
    WORST = 5


TIPS = {
    Column.INSIDE: "Whether the exposure is in the frame",
    Column.NAME: "Visit, or file",
    Column.PULL: (
        "The frame minus the frame without this exposure, root of the mean square over the bins; "
        "of one that is left out what it would pull if it came back"
    ),
    Column.LEVEL: "Median bin of the exposure",
    Column.CLIPPED: "Bins where the exposure is clipped",
    Column.WORST: "The largest pull of all bins",
}


class ExposuresModel(QAbstractTableModel):
    """Rows as text; sorted by itself, as the order is not the state's.

    Attributes
    ----------
    rows : list of StackRow
        In the order of the table.
    most_pull : float
        The strongest, which has the longest bar.
    brief : bool
        Whether the title of the pull is short, where there is little room.
    """

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[StackRow] = []
        self.most_pull = 0.0
        self.brief = False
        self._order = (Column.PULL, Qt.SortOrder.DescendingOrder)
        self._pull, self._worst = Written(0, 2, ""), Written(0, 2, "")
        self._level_unit = ""

    def show_stack(self, stack: Stack) -> None:
        """Show other exposures, or other numbers of the same."""
        rows = self._sorted(list(stack.rows))
        pulls = [row.pull for row in rows if math.isfinite(row.pull)]
        self.most_pull = max(pulls, default=0.0)
        self._pull = written(self.most_pull, stack.unit)
        worst = max((row.worst for row in rows if math.isfinite(row.worst)), default=0.0)
        power = self._pull.power
        # In the unit of the pull, so that the columns can be compared.
        self._worst = written(worst / 10.0**power, "", 2) if power else written(worst, "", 2)
        self._worst = Written(power, self._worst.decimals, self._pull.unit)
        self._level_unit = stack.level_unit
        if len(rows) == len(self.rows):
            self.rows = rows
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(Column) - 1))
        else:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(Column) - 1)

    def place_of(self, key: str) -> int:
        """Return the row of an exposure; -1 without one."""
        return next((at for at, row in enumerate(self.rows) if row.key == key), -1)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Put the rows into another order."""
        self._order = (Column(column), order)
        self.layoutAboutToBeChanged.emit()
        self.rows = self._sorted(self.rows)
        self.layoutChanged.emit()

    def _sorted(self, rows: list[StackRow]) -> list[StackRow]:
        column, order = self._order
        down = order == Qt.SortOrder.DescendingOrder

        def place(row: StackRow) -> tuple[Any, ...]:
            value = _sorted_by(row, column)
            if isinstance(value, str):
                return (value, row.index)
            if not math.isfinite(value):
                return (math.inf, row.index)
            return (-value if down else value, row.index)

        named = down and column == Column.NAME
        return sorted(rows, key=place, reverse=named)

    def rowCount(self, parent: AnyIndex | None = None) -> int:
        """Return the number of exposures."""
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
            return self._title(column)
        if role == Qt.ItemDataRole.AccessibleTextRole and column == Column.INSIDE:
            return "in the sky frame"
        if role == Qt.ItemDataRole.ToolTipRole:
            return TIPS[column]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return LEFT if column <= Column.PULL else RIGHT
        return None

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text, or the row itself for the painter."""
        if not index.isValid():
            return None
        row, column = self.rows[index.row()], Column(index.column())
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(row, column)
        if role == Qt.ItemDataRole.CheckStateRole and column == Column.INSIDE:
            return Qt.CheckState.Checked if row.included else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return LEFT if column <= Column.NAME else RIGHT
        if role == Qt.ItemDataRole.AccessibleTextRole and column == Column.INSIDE:
            return "in the frame" if row.included else "left out"
        return None

    def text(self, row: StackRow, column: Column) -> str:
        """Return what a cell says."""
        if column == Column.NAME:
            return row.name
        if column == Column.PULL:
            return self._pull.text(row.pull)
        if column == Column.LEVEL:
            return Written(0, 1, "").text(row.level)
        if column == Column.CLIPPED:
            return str(row.n_clipped) if row.included else NONE
        if column == Column.WORST:
            return self._worst.text(row.worst) if row.included else "excluded"
        return ""

    def _title(self, column: Column) -> str:
        return {
            Column.INSIDE: "",
            Column.NAME: "exposure",
            Column.PULL: f"{'pull, rms' if self.brief else LONG_PULL} [{self._pull.unit}]",
            Column.LEVEL: f"level [{self._level_unit}]",
            Column.CLIPPED: "bins clipped",
            Column.WORST: f"worst bin [{self._worst.unit}]",
        }[column]


def _sorted_by(row: StackRow, column: Column) -> str | float:
    values: dict[Column, str | float] = {
        Column.INSIDE: float(row.included),
        Column.NAME: row.name,
        Column.PULL: row.pull,
        Column.LEVEL: row.level,
        Column.CLIPPED: float(row.n_clipped),
        Column.WORST: row.worst,
    }
    return values[column]
