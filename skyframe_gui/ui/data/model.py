"""The rows of the data panel as a Qt model that changes only where the rows do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QAbstractItemModel, QModelIndex, Qt

from skyframe_gui.ui.data.rows import WORDS, Titles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from skyframe_gui.ui.data.rows import Row

NAME, LEVEL, MASKED, MARK = range(4)
ROW_ROLE = int(Qt.ItemDataRole.UserRole)
"""Gives the `Row` of an index."""
NO_INDEX = QModelIndex()


class Node:
    """A place in the tree; stays the same object as long as its row's id is there."""

    def __init__(self, row: Row | None, parent: Node | None) -> None:
        self.row = row
        self.parent = parent
        self.children: list[Node] = []
        self.place = 0


class DataModel(QAbstractItemModel):
    """A tree of rows.

    Parameters
    ----------
    tip : callable
        Gives a row's tooltip when it is wanted.
    """

    def __init__(self, tip: Callable[[Row], str]) -> None:
        super().__init__()
        self._root = Node(None, None)
        self._titles = Titles("", "Sky")
        self._tip = tip
        self._places: dict[str, Node] = {}

    def update(self, rows: Sequence[Row], titles: Titles) -> None:
        """Take new rows, touching only what differs: expansion and selection stay."""
        if titles != self._titles:
            self._titles = titles
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, NAME, LEVEL)
        self._update(self._root, rows)

    def index_of(self, row_id: str) -> QModelIndex:
        """Return where a row is, an invalid index where it is not."""
        node = self._places.get(row_id)
        return QModelIndex() if node is None else self._index(node)

    def row_at(self, index: QModelIndex) -> Row | None:
        """Return the row of an index."""
        return self._node(index).row

    def rows(self) -> Iterator[Row]:
        """Return all rows, each before those below it."""
        for node in self._root.children:
            for one in (node, *node.children):
                if one.row is not None:
                    yield one.row

    def _update(self, parent: Node, rows: Sequence[Row]) -> None:
        where = self._index(parent)
        wanted = {row.id for row in rows}
        last = len(parent.children)
        # From the end on, so that places before stay right; runs at once, as views work per call.
        while last > 0:
            first = last
            while first > 0 and _id(parent.children[first - 1]) not in wanted:
                first -= 1
            if first < last:
                self._remove(parent, where, first, last)
            last = first - 1
        at = 0
        changed: list[int] = []
        while at < len(rows):
            row = rows[at]
            if at < len(parent.children) and _id(parent.children[at]) == row.id:
                if self._change(parent.children[at], row):
                    changed.append(at)
                at += 1
                continue
            end = at
            present = {_id(node) for node in parent.children}
            while end < len(rows) and rows[end].id not in present:
                end += 1
            if end == at:  # it is further down: what is in between comes again later
                old = next(i for i, n in enumerate(parent.children) if _id(n) == row.id)
                self._remove(parent, where, at, old)
                continue
            self._insert(parent, where, at, rows[at:end])
            at = end
        for first, last in _runs(changed):
            self.dataChanged.emit(self.index(first, NAME, where), self.index(last, MARK, where))

    def _remove(self, parent: Node, where: QModelIndex, first: int, end: int) -> None:
        self.beginRemoveRows(where, first, end - 1)
        for node in parent.children[first:end]:
            for one in (node, *node.children):
                self._places.pop(_id(one), None)
        del parent.children[first:end]
        _number(parent)
        self.endRemoveRows()

    def _insert(self, parent: Node, where: QModelIndex, at: int, rows: Sequence[Row]) -> None:
        self.beginInsertRows(where, at, at + len(rows) - 1)
        parent.children[at:at] = [self._grow(row, parent) for row in rows]
        _number(parent)
        self.endInsertRows()

    def _grow(self, row: Row, parent: Node) -> Node:
        node = Node(row, parent)
        self._places[row.id] = node
        node.children = [self._grow(child, node) for child in row.children]
        _number(node)
        return node

    def _change(self, node: Node, row: Row) -> bool:
        if node.row == row:
            return False
        node.row = row
        self._update(node, row.children)
        return True

    def _index(self, node: Node) -> QModelIndex:
        if node.parent is None:
            return QModelIndex()
        return self.createIndex(node.place, 0, node)

    def _node(self, index: QModelIndex) -> Node:
        node = index.internalPointer() if index.isValid() else None
        return node if isinstance(node, Node) else self._root

    # What Qt asks ----------------------------------------------------------------------------

    def index(self, row: int, column: int, parent: QModelIndex = NO_INDEX) -> QModelIndex:
        """Return the index of a cell."""
        children = self._node(parent).children
        if not (0 <= row < len(children) and 0 <= column <= MARK) or parent.column() > 0:
            return QModelIndex()
        return self.createIndex(row, column, children[row])

    def parent(self, child: QModelIndex = NO_INDEX) -> QModelIndex:  # type: ignore[override]
        """Return the row above; PyQt's second form, without an argument, is not needed."""
        above = self._node(child).parent
        return QModelIndex() if above is None else self._index(above)

    def rowCount(self, parent: QModelIndex = NO_INDEX) -> int:
        """Return the number of rows below a row."""
        return 0 if parent.column() > 0 else len(self._node(parent).children)

    def columnCount(self, parent: QModelIndex = NO_INDEX) -> int:
        """Return 4: name, level, masked part, mark."""
        return MARK + 1

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Return the columns' heads."""
        if role == Qt.ItemDataRole.DisplayRole:
            return (self._titles.name, self._titles.level, "Masked", "")[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignLeft if section == NAME else Qt.AlignmentFlag.AlignRight
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ToolTipRole:
            unit = f" [{self._titles.unit}]" if self._titles.unit else ""
            return (
                "",
                f"Median of the pixels outside of the mask planes in stats.mask{unit}",
                "Part of the pixels that are in these planes or not finite",
                "State",
            )[section]
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        row = self._node(index).row
        if row is None:
            return None
        column = index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return (row.name, row.level, row.masked, "")[column]
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.TextAlignmentRole and column in (LEVEL, MASKED):
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            name = ", ".join(filter(None, (row.name, row.detail, row.note)))
            return (name, row.level, row.masked, WORDS[row.mark])[column]
        return None


def _id(node: Node) -> str:
    return "" if node.row is None else node.row.id


def _runs(places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Return first and last of each run of consecutive numbers."""
    begun = 0
    for n, place in enumerate(places):
        if n + 1 == len(places) or places[n + 1] != place + 1:
            yield places[begun], place
            begun = n + 1


def _number(parent: Node) -> None:
    for place, node in enumerate(parent.children):
        node.place = place
