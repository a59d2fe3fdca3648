"""A table of the samples that only A or only B rejects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PyQt6.QtCore import QAbstractTableModel, QItemSelectionModel, QModelIndex, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPainter, QPainterPath, QPixmap
from PyQt6.QtWidgets import QHeaderView
from typing_extensions import override

from skyframe_gui.numbers import NONE, SIGMA, decimals_for, fixed, named, short_unit
from skyframe_gui.ui.compare.pairs import RejectedIn
from skyframe_gui.ui.tables import LOOK, RowTable, Rules, set_up_rows
from skyframe_gui.ui.theme import DARK

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.ui.compare.pairs import Pairs
    from skyframe_gui.ui.theme import Palette

    Ints = NDArray[np.int64]

ROW, MARK = 22, 10
WIDTHS = (26, 90, 90)
ONLY: dict[str, tuple[RejectedIn, ...]] = {
    "all": (RejectedIn.ONLY_A, RejectedIn.ONLY_B),
    "a": (RejectedIn.ONLY_A,),
    "b": (RejectedIn.ONLY_B,),
}


class RejectedModel(QAbstractTableModel):
    """The rows, those that lie farthest from the line of who rejects them first."""

    def __init__(self) -> None:
        super().__init__()
        self.pairs: Pairs | None = None
        self.shown: Ints = np.empty(0, np.int64)
        self.heads: tuple[str, ...] = ("",) * 9
        self._decimals = 1
        self._marks: dict[RejectedIn, QPixmap] = {}

    def show_pairs(self, pairs: Pairs | None, which: str, unit: str, palette: Palette) -> None:
        """Show other rows."""
        self.beginResetModel()
        self.pairs = pairs
        sides = [(named(one, short_unit(unit)), f"{one} [{SIGMA}]", f"step {one}") for one in "AB"]
        self.heads = ("", "detector", "box", *sides[0], *sides[1])
        self._marks = {
            RejectedIn.ONLY_A: _mark(palette.rounds[0], lozenge=False),
            RejectedIn.ONLY_B: _mark(palette.rounds[2], lozenge=True),
        }
        self.shown = np.empty(0, np.int64)
        if pairs is not None:
            self._decimals = decimals_for(min(pairs.sigma_a, pairs.sigma_b))
            chosen = np.flatnonzero(np.isin(pairs.who, ONLY[which]))
            far = np.where(
                pairs.who == RejectedIn.ONLY_A, pairs.a / pairs.sigma_a, pairs.b / pairs.sigma_b
            )
            self.shown = chosen[np.argsort(-np.abs(far[chosen]), kind="stable")]
        self.endResetModel()

    @override
    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.shown)

    @override
    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.heads)

    @override
    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.heads[section]
        if role == Qt.ItemDataRole.AccessibleTextRole and section == 0:
            return "rejected by"
        return _side(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    @override
    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if self.pairs is None or not index.isValid():
            return None
        one = int(self.shown[index.row()])
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 0:
            return self._marks[RejectedIn(int(self.pairs.who[one]))]
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(index.row(), index.column())
        return _side(index.column()) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def text(self, row: int, column: int) -> str:
        """Return what stands in a cell."""
        pairs = self.pairs
        assert pairs is not None, "a row is one of some pairs"
        one = int(self.shown[row])
        at = int(pairs.index[one])
        if column == 0:
            return ""
        if column == 1:
            return f"det {pairs.rows.detectors[int(pairs.rows.detector_index[at])]}"
        if column == 2:
            x, y = pairs.rows.places[at].tolist()
            return f"({x}, {y})"
        side = column >= 6
        value = float((pairs.b if side else pairs.a)[one])
        if column in (3, 6):
            return fixed(value, self._decimals, sign=True)
        if column in (4, 7):
            sigma = pairs.sigma_b if side else pairs.sigma_a
            return fixed(value / sigma, 1, sign=True)
        step = int((pairs.step_b if side else pairs.step_a)[one])
        return str(step) if step else NONE


class RejectedTable(RowTable):
    """The table; a row is a sample that is hovered and selected like its mark.

    Attributes
    ----------
    picked : signal (int)
        Number of a pair.
    """

    picked = pyqtSignal(int)

    def __init__(self) -> None:
        super().__init__()
        self.rows = RejectedModel()
        self.rows.setParent(self)
        self.setModel(self.rows)
        self.setAccessibleName("Samples that only A or only B rejects")
        self.setStyleSheet(f"QTableView {{ font-size: 12px; }} {LOOK}")
        self._rules = Rules(self)
        self.setItemDelegate(self._rules)
        across = set_up_rows(self, ROW, ROW)
        across.setMinimumSectionSize(20)
        for column, width in enumerate(WIDTHS):
            self.setColumnWidth(column, width)
        for column in range(len(WIDTHS), self.rows.columnCount()):
            across.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        chosen = self.selectionModel()
        assert chosen is not None, "a table with a model has one"
        chosen.currentRowChanged.connect(self._on_current)
        self._follows = False
        self._shown: tuple[object, ...] = ()

    def show_pairs(
        self, pairs: Pairs | None, which: str, unit: str, selected: Ints, palette: Palette = DARK
    ) -> None:
        """Show other rows, and mark the one that is selected."""
        shown = (pairs, which, unit, palette)
        self._follows = True
        if shown != self._shown:
            self._shown = shown
            self._rules.palette_ = palette
            self.rows.show_pairs(pairs, which, unit, palette)
        found = np.flatnonzero(np.isin(self.rows.shown, selected))
        model = self.selectionModel()
        assert model is not None, "a table with a model has one"
        if len(found) != 1:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())
        elif int(found[0]) != self.currentIndex().row():
            flags = QItemSelectionModel.SelectionFlag
            index = self.rows.index(int(found[0]), 0)
            model.setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
            self.scrollTo(index)
        self._follows = False

    def _on_current(self, current: QModelIndex, previous: QModelIndex) -> None:
        if not self._follows and current.isValid():
            self.picked.emit(int(self.rows.shown[current.row()]))


def _side(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column > 2 else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _mark(colour: str, lozenge: bool) -> QPixmap:
    pixmap = QPixmap(2 * MARK, 2 * MARK)
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(QColor(0, 0, 0, 0))
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    path = QPainterPath()
    if lozenge:
        path.moveTo(MARK / 2, 0.5)
        for x, y in ((MARK - 0.5, MARK / 2), (MARK / 2, MARK - 0.5), (0.5, MARK / 2)):
            path.lineTo(x, y)
        path.closeSubpath()
    else:
        path.addRect(1.5, 1.5, MARK - 3, MARK - 3)
    painter.fillPath(path, QColor(colour))
    painter.end()
    return pixmap
