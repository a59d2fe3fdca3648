"""The rows of samples as a table: what its cells say, how they sort, how they are copied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt
from PyQt6.QtGui import QColor, QIcon, QPainter, QPixmap

from skyframe_gui.app.model.rejection_steps import Mark
from skyframe_gui.numbers import SIGMA, fixed, whole_percent
from skyframe_gui.ui.samples import mark_shapes
from skyframe_gui.ui.samples.colours import round_colours, with_alpha
from skyframe_gui.ui.samples.sample_view import sky_decimals
from skyframe_gui.ui.theme import DARK, icon

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.ui.samples.sample_view import SampleView
    from skyframe_gui.ui.theme import Palette

MARK, DETECTOR, BOX, SKY, IMAGE = 0, 1, 2, 3, 4
RESIDUAL, SIGMAS, GOOD, STATE, SHOWN = 5, 6, 7, 8, 9
WORDS = (STATE, SHOWN)
FEW_GOOD = 0.6
"""A sample of fewer good pixels than this part is worth a warning."""


class SampleModel(QAbstractTableModel):
    """Some samples of a view, by default those with the largest residuals first."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.view: SampleView | None = None
        self.rows: NDArray[np.int64] = np.empty(0, np.int64)
        self.exposure = ""
        self._palette = DARK
        self._column, self._order = RESIDUAL, Qt.SortOrder.DescendingOrder
        self._marks: dict[tuple[int, int], QIcon] = {}

    def show_rows(self, view: SampleView | None, exposure: str, palette: Palette) -> None:
        """Show the selected samples of a view; ``exposure`` is the one on screen."""
        self.beginResetModel()
        self.view, self.exposure, self._palette = view, exposure, palette
        self.rows = np.empty(0, np.int64) if view is None else view.selected
        self._marks.clear()
        self._put_in_order()
        self.endResetModel()

    def row_of(self, sample: int | None) -> int | None:
        """Return in which row a sample is."""
        if sample is None:
            return None
        found = np.flatnonzero(self.rows == sample)
        return int(found[0]) if len(found) else None

    def text(self) -> str:
        """Return the whole table, columns parted by tabulators, for other programs."""
        columns = range(DETECTOR, SHOWN)
        lines = ["\t".join(self.title(column) for column in columns)]
        for row in range(len(self.rows)):
            lines.append("\t".join(self.cell(row, column) for column in columns))
        return "\n".join(lines)

    def title(self, column: int) -> str:
        """Return the head of a column."""
        view = self.view
        unit, sky = ("", "") if view is None else (view.unit, view.sky_unit)
        return {
            MARK: "",
            DETECTOR: "det",
            BOX: "box (i, j)",
            SKY: f"sky [{sky.removesuffix(' of the sky level')}]",
            IMAGE: f"image [{unit}]",
            RESIDUAL: f"residual [{unit}]",
            SIGMAS: f"residual [{SIGMA}]",
            GOOD: "good pixels",
            STATE: "state",
            SHOWN: "on image",
        }[column]

    def cell(self, row: int, column: int) -> str:
        """Return what a cell says."""
        view = self.view
        if view is None or column == MARK:
            return ""
        index, rows = int(self.rows[row]), view.rows
        which = int(rows.detector_index[index])
        if column == DETECTOR:
            return rows.detectors[which]
        if column == BOX:
            i, j = rows.places[index].tolist()
            return f"({i}, {j})"
        if column == GOOD:
            return whole_percent(float(rows.good_fraction[index]))
        if column == STATE:
            return self._state(index)
        if column == SHOWN:
            return "shown" if rows.keys[which] == self.exposure else "show"
        decimals = view.decimals() + 1
        if column == SKY:
            return fixed(rows.sky[index] * view.sky_factor, sky_decimals(view))
        if column == IMAGE:
            return fixed(rows.image[index], decimals)
        if column == RESIDUAL:
            return fixed(view.residuals[index], decimals, sign=True)
        ratio = view.residuals[index] / view.step.sigma if view.step.sigma > 0 else np.nan
        return fixed(ratio, 1, sign=True)

    # What Qt asks for ------------------------------------------------------------------------

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Return the number of samples."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Return the number of columns."""
        return 0 if parent is not None and parent.isValid() else SHOWN + 1

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return the head of a column."""
        if orientation == Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                down = self._order == Qt.SortOrder.DescendingOrder
                arrow = (" ↓" if down else " ↑") if section == self._column else ""
                return self.title(section) + arrow
            if role == Qt.ItemDataRole.AccessibleTextRole and section == self._column:
                falls = self._order == Qt.SortOrder.DescendingOrder
                return f"{self.title(section)}, {'falling' if falls else 'rising'}"
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return _aligned(section)
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text, mark, place or colour."""
        row, column = index.row(), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self.cell(row, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _aligned(column)
        if self.view is None:
            return None
        sample = int(self.rows[row])
        if role == Qt.ItemDataRole.DecorationRole and column == MARK:
            return self._mark(sample)
        few = self.view.rows.good_fraction[sample] < FEW_GOOD
        if role == Qt.ItemDataRole.DecorationRole and column == GOOD and few:
            return icon("alert", self._palette.warning)
        if role == Qt.ItemDataRole.ForegroundRole:
            if column == GOOD and few:
                return QColor(self._palette.warning)
            if column == SHOWN and self.cell(row, SHOWN) == "show":
                return QColor(self._palette.accent)
        if role == Qt.ItemDataRole.ToolTipRole and column == SHOWN:
            return "Show this sample's exposure (Enter)"
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; residuals by their size."""
        self._column, self._order = column, order
        self.layoutAboutToBeChanged.emit()
        self._put_in_order()
        self.layoutChanged.emit()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, SHOWN)

    def _put_in_order(self) -> None:
        view = self.view
        if view is None or not len(self.rows):
            return
        rows = view.rows
        shown = np.array([key == self.exposure for key in rows.keys])[rows.detector_index]
        by: dict[int, NDArray[np.generic]] = {
            MARK: view.marks,
            DETECTOR: rows.detector_index,
            BOX: rows.places[:, 0] * (int(rows.places.max(initial=0)) + 1) + rows.places[:, 1],
            SKY: rows.sky,
            IMAGE: rows.image,
            RESIDUAL: np.abs(view.residuals),
            SIGMAS: np.abs(view.residuals),
            GOOD: rows.good_fraction,
            STATE: rows.rejected_at,
            SHOWN: ~shown,
        }
        keys = by[self._column][self.rows].astype(np.float64)
        down = self._order == Qt.SortOrder.DescendingOrder
        # What is not a number is last in either order.
        self.rows = self.rows[np.argsort(-keys if down else keys, kind="stable")]

    def _state(self, index: int) -> str:
        view = self.view
        assert view is not None, "cell has looked"
        kind = Mark(int(view.marks[index]))
        dropped = int(view.rows.rejected_at[index])
        if kind in (Mark.EARLIER, Mark.NEW):
            return f"rejected in {dropped + 1}"
        if kind == Mark.USED and dropped >= 0:
            return f"used, rejected in {dropped + 1}"
        return {Mark.USED: "used", Mark.EXCLUDED: "by hand", Mark.NO_DATA: "no data"}[kind]

    def _mark(self, index: int) -> QIcon:
        """Return the mark as the plot draws it."""
        view = self.view
        assert view is not None, "data has looked"
        kind, dropped = Mark(int(view.marks[index])), int(view.rows.rejected_at[index])
        key = (kind, dropped)
        if key not in self._marks:
            picture = _draw_mark(kind, dropped, view.n_rounds, self._palette)
            made = QIcon(picture)
            made.addPixmap(picture, QIcon.Mode.Selected)  # else Qt tints it
            self._marks[key] = made
        return self._marks[key]


def table_text(view: SampleView) -> str:
    """Return all samples of a view as a table, columns parted by tabulators."""
    owner = QObject()
    model = SampleModel(owner)
    model.view, model.rows = view, np.arange(len(view.rows))
    return model.text()


def _aligned(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignLeft if column in WORDS else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter


def _draw_mark(kind: Mark, dropped: int, n_rounds: int, palette: Palette) -> QPixmap:
    scale, middle = 2.0, np.array([8.0])
    picture = QPixmap(32, 32)
    picture.setDevicePixelRatio(scale)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    if kind in (Mark.EARLIER, Mark.NEW):
        colour = round_colours(palette, n_rounds)[dropped]
        hollow = with_alpha(palette.plot, 0.55) if kind == Mark.EARLIER else None
        mark_shapes.squares(painter, middle, middle, 7.0, colour, hollow)
    elif kind == Mark.EXCLUDED:
        mark_shapes.triangles(painter, middle, middle, 10.0, palette.excluded)
    elif kind == Mark.NO_DATA:
        mark_shapes.crosses(painter, middle, middle, 7.0, palette.no_data)
    else:
        mark_shapes.discs(painter, middle, middle, 7.0, QColor(palette.accent))
    painter.end()
    return picture
