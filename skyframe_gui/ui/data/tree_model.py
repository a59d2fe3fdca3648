"""The rows of the data panel as a Qt model that changes only where the rows do."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, Qt

from skyframe_gui.ui.data.short_names import least_by_length, told_apart
from skyframe_gui.ui.data.tree_rows import CHECK_WORDS, WORDS, Titles
from skyframe_gui.ui.plain_text import plain_tip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from skyframe_gui.app.model.items import Role
    from skyframe_gui.ui.data.tree_rows import Row

NAME, LEVEL, MASKED, SKY, SCIENCE, MARK = range(6)
ROLES: dict[int, Role] = {SKY: "sky", SCIENCE: "science"}
"""The columns of boxes."""
ROW_ROLE = int(Qt.ItemDataRole.UserRole)
"""Gives the `Row` of an index."""
NO_INDEX = QModelIndex()
AnyIndex = QModelIndex | QPersistentModelIndex
_SIDES = {
    NAME: Qt.AlignmentFlag.AlignLeft,
    SKY: Qt.AlignmentFlag.AlignHCenter,
    SCIENCE: Qt.AlignmentFlag.AlignHCenter,
}
FEW = 12
"""Rows come and go by themselves below so many; where there are more, all are arranged anew."""


class Top:
    """A row of the first level with those below it; the same object as long as its id is there.

    Its number is what the indexes below it have: never another one's, and never 0.
    """

    _numbers = count(1)

    def __init__(self, row: Row) -> None:
        self.row = row
        self.number = next(self._numbers)
        self.place = 0
        self.children = list(row.children)
        self._places: dict[str, int] | None = None

    def place_of(self, row_id: str) -> int | None:
        """Return where a row is below this one."""
        if self._places is None:
            self._places = {row.id: place for place, row in enumerate(self.children)}
        return self._places.get(row_id)

    def replace(self, first: int, end: int, rows: Sequence[Row]) -> None:
        """Put others in the place of some of the rows below."""
        self.children[first:end] = rows
        self._places = None


class DataModel(QAbstractItemModel):
    """A tree of rows.

    Parameters
    ----------
    tip : callable
        Gives a row's tooltip when it is wanted.
    """

    def __init__(self, tip: Callable[[Row], str]) -> None:
        super().__init__()
        self._titles = Titles("level")
        self._tip = tip
        self._tops: list[Top] = []
        self._by_id: dict[str, Top] = {}
        self._by_number: dict[int, Top] = {}
        self._spare: dict[int, tuple[dict[str, int], dict[int, int]]] = {}

    def update(self, rows: Sequence[Row], titles: Titles) -> None:
        """Take new rows, touching only what differs: expansion and selection stay."""
        self._spare.clear()
        if titles != self._titles:
            self._titles = titles
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, NAME, LEVEL)
        new = {row.id: row for row in rows}
        moved = not _alike([top.row for top in self._tops], rows)
        moved_below = [
            top.row.id
            for top in self._tops
            if (row := new.get(top.row.id)) is not None
            and row is not top.row
            and not _alike(top.children, row.children)
        ]
        if len(moved_below) + moved > FEW:
            self._rearrange(rows)
            return
        if moved:
            self._change(None, rows)
        for row_id in moved_below:
            self._change(self._by_id[row_id], new[row_id].children)
        self._take(rows)

    def index_of(self, row_id: str) -> QModelIndex:
        """Return where a row is, an invalid index where it is not."""
        if row_id in self._by_id:
            return self.createIndex(self._by_id[row_id].place, NAME)
        for top in self._tops:
            place = top.place_of(row_id)
            if place is not None:
                return self.createIndex(place, NAME, top.number)
        return QModelIndex()

    def row_at(self, index: QModelIndex) -> Row | None:
        """Return the row of an index."""
        if not index.isValid():
            return None
        if not index.internalId():
            return self._tops[index.row()].row
        top = self._by_number.get(index.internalId())
        return None if top is None else top.children[index.row()]

    def place_of(self, index: QModelIndex) -> tuple[int, int]:
        """Return where a row is among all; what sorts indexes."""
        above = index.parent()
        return (above.row(), index.row()) if above.isValid() else (index.row(), -1)

    def spare(self, index: AnyIndex) -> tuple[int, int]:
        """Return how many letters a row's short name can lose, and all names of its length."""
        above = index.parent()
        key = self._tops[above.row()].number if above.isValid() else 0
        rows = self._by_number[key].children if key else [top.row for top in self._tops]
        if key not in self._spare:
            own = told_apart(
                [row.short for row in rows if row.kind in ("visit", "exposure", "bad file")]
            )
            self._spare[key] = own, least_by_length(own)
        own, least = self._spare[key]
        name = rows[index.row()].short
        return own.get(name, 0), least.get(len(name), 0)

    def rows(self) -> Iterator[Row]:
        """Return all rows, each before those below it."""
        for top in self._tops:
            yield top.row
            yield from top.children

    def _rearrange(self, rows: Sequence[Row]) -> None:
        """Take new rows all at once: each run that is told of costs the view a look at all rows."""
        self.layoutAboutToBeChanged.emit()
        old = self.persistentIndexList()
        ids = [(self.row_at(index.parent()), self.row_at(index), index.column()) for index in old]
        self._set_tops([self._by_id.get(row.id) or Top(row) for row in rows])
        for top, row in zip(self._tops, rows, strict=True):
            if top.row is not row:
                top.row = row
                top.replace(0, len(top.children), row.children)
        others: dict[
            str, tuple[Top, int]
        ] = {}  # made where an exposure is in another visit than before
        self.changePersistentIndexList(old, [self._index_again(*one, others) for one in ids])
        self.layoutChanged.emit()

    def _index_again(
        self, above: Row | None, row: Row | None, column: int, others: dict[str, tuple[Top, int]]
    ) -> QModelIndex:
        """Return where a row is that was somewhere else, most likely below the same one."""
        if row is None:
            return QModelIndex()
        if above is None:
            top = self._by_id.get(row.id)
            return QModelIndex() if top is None else self.createIndex(top.place, column)
        top = self._by_id.get(above.id)
        place = None if top is None else top.place_of(row.id)
        if top is not None and place is not None:
            return self.createIndex(place, column, top.number)
        if row.kind == "exposure" and not others:
            for one in self._tops:
                others.update((child.id, (one, n)) for n, child in enumerate(one.children))
        there = others.get(row.id)
        return self.createIndex(there[1], column, there[0].number) if there else QModelIndex()

    def _change(self, top: Top | None, rows: Sequence[Row]) -> None:
        """Let rows come and go, below one or, without it, at the first level."""
        where = NO_INDEX if top is None else self.createIndex(top.place, NAME)
        there = [one.row for one in self._tops] if top is None else top.children
        for is_new, first, end in _steps([row.id for row in there], rows):
            if is_new:
                self.beginInsertRows(where, first, end - 1)
            else:
                self.beginRemoveRows(where, first, end - 1)
            fresh = rows[first:end] if is_new else ()
            last = first if is_new else end
            if top is None:
                tops = [Top(row) for row in fresh]
                self._set_tops([*self._tops[:first], *tops, *self._tops[last:]])
            else:
                top.replace(first, last, fresh)
            (self.endInsertRows if is_new else self.endRemoveRows)()

    def _set_tops(self, tops: list[Top]) -> None:
        self._tops = tops
        self._by_id = {top.row.id: top for top in tops}
        self._by_number = {top.number: top for top in tops}
        for place, top in enumerate(tops):
            top.place = place

    def _take(self, rows: Sequence[Row]) -> None:
        """Take what is written in rows that are where they were."""
        changed = []
        for place, (top, row) in enumerate(zip(self._tops, rows, strict=True)):
            if top.row is row or top.row == row:
                continue
            pairs = enumerate(zip(top.children, row.children, strict=True))
            below = [one for one, (old, new) in pairs if old is not new and old != new]
            top.replace(0, len(row.children), row.children)
            top.row = row
            self._tell(below, self.createIndex(place, NAME))
            changed.append(place)
        self._tell(changed, NO_INDEX)

    def _tell(self, changed: Sequence[int], where: QModelIndex) -> None:
        for first, last in _runs(changed):
            self.dataChanged.emit(self.index(first, NAME, where), self.index(last, MARK, where))

    # What Qt asks ----------------------------------------------------------------------------

    # An index below another one has the number of what is above it, one of the first level has 0:
    # there is nothing to be made for each row, and one that a view has kept too long is harmless.

    def index(self, row: int, column: int, parent: QModelIndex = NO_INDEX) -> QModelIndex:
        """Return the index of a cell."""
        if not (0 <= row < self.rowCount(parent) and 0 <= column <= MARK):
            return QModelIndex()
        return self.createIndex(
            row, column, self._tops[parent.row()].number if parent.isValid() else 0
        )

    def parent(self, child: QModelIndex = NO_INDEX) -> QModelIndex:  # type: ignore[override]
        """Return the row above; PyQt's second form, without an argument, is not needed."""
        top = self._by_number.get(child.internalId()) if child.isValid() else None
        return QModelIndex() if top is None else self.createIndex(top.place, NAME)

    def rowCount(self, parent: QModelIndex = NO_INDEX) -> int:
        """Return the number of rows below a row."""
        if not parent.isValid():
            return len(self._tops)
        if parent.column() > 0 or parent.internalId():
            return 0
        return len(self._tops[parent.row()].children)

    def hasChildren(self, parent: QModelIndex = NO_INDEX) -> bool:
        """Return whether there are rows below a row; views ask of each."""
        return self.rowCount(parent) > 0

    def columnCount(self, parent: QModelIndex = NO_INDEX) -> int:
        """Return 6: name, level, masked part, the boxes of two roles, mark."""
        return MARK + 1

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Return the columns' heads."""
        if role == Qt.ItemDataRole.DisplayRole:
            return ("  visit", self._titles.level, "mask %", "sky", "sci", "")[section]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            level = self._titles.level
            return ("visit", level, "masked %", "sky frames", "science", "state")[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = _SIDES.get(section, Qt.AlignmentFlag.AlignRight)
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ToolTipRole:
            unit = f" [{self._titles.unit}]" if self._titles.unit else ""
            return (
                "",
                plain_tip(f"Median of the pixels outside of the mask planes in stats.mask{unit}"),
                "Part of the pixels that are in these planes or not finite",
                "Serves sky frames: Build averages it (Space)",
                "Science: it is fitted and exported (Shift+Space)",
                "State",
            )[section]
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        row = self.row_at(index)
        if row is None:
            return None
        column = index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return (row.name, row.level, row.masked, "", "", "")[column]
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.TextAlignmentRole and column in (LEVEL, MASKED):
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            name = ", ".join(filter(None, (row.name, row.filter)))
            boxes = CHECK_WORDS["sky"][row.sky], CHECK_WORDS["science"][row.science]
            return (name, row.level, row.masked, *boxes, WORDS[row.mark])[column]
        return None


def _steps(old: list[str], rows: Sequence[Row]) -> Iterator[tuple[bool, int, int]]:
    """Return what makes new rows of old ones: (whether they come or go, first, end) of each run.

    Each is to be done before the next is asked for, as the places are those at that time.
    """
    wanted = {row.id for row in rows}
    end = len(old)
    while end > 0:  # from the end on, so that places before stay right
        first = end
        while first > 0 and old[first - 1] not in wanted:
            first -= 1
        if first < end:
            yield False, first, end
            del old[first:end]
        end = first - 1
    at = 0
    present = set(old)
    while at < len(rows):
        if at < len(old) and old[at] == rows[at].id:
            at += 1
            continue
        end = at
        while end < len(rows) and rows[end].id not in present:
            end += 1
        if end > at:
            yield True, at, end
            old[at:at] = [row.id for row in rows[at:end]]
            at = end
        else:  # it is further down: what is in between comes again later
            end = old.index(rows[at].id, at)
            yield False, at, end
            present.difference_update(old[at:end])
            del old[at:end]


def _alike(old: Sequence[Row], new: Sequence[Row]) -> bool:
    """Whether rows stand for the same things in the same order."""
    return len(old) == len(new) and all(
        one is other or one.id == other.id for one, other in zip(old, new, strict=True)
    )


def _runs(places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Return first and last of each run of consecutive numbers."""
    begun = 0
    for n, place in enumerate(places):
        if n + 1 == len(places) or places[n + 1] != place + 1:
            yield places[begun], place
            begun = n + 1
