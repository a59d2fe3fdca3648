"""The table of the fit's steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, Qt, pyqtSignal
from PyQt6.QtGui import QBrush, QColor, QFontMetrics
from PyQt6.QtWidgets import QHeaderView

from skyframe_gui.numbers import (
    NONE,
    SIGMA,
    decimals_with_error,
    fixed,
    named,
    short_unit,
    three_digits,
)
from skyframe_gui.ui.tables import RowTable, set_up_rows
from skyframe_gui.ui.theme import font
from skyframe_gui.ui.widgets import set_sheet

if TYPE_CHECKING:
    from PyQt6.QtCore import QObject

    from skyframe_gui.app.model.rejection_steps import Step
    from skyframe_gui.ui.theme import Palette

WIDTHS = (36, 56, 36, 44, 34, 38)
"""Pixels at least; what is written may need more."""
CELL_MARGIN, TITLE_MARGIN = 16, 14
"""What Qt and the style sheet leave free beside a text, both sides together."""
STRETCHED = 1
ROW, COMPACT_ROW = 24, 20
MOST_ROWS = 8
SCROLL_BAR = 10
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
TIPS = (
    "Rounds of rejection so far",
    "Scale fitted to the samples that are left",
    "Standard error of the scale",
    "0.741 times the interquartile range of the residuals",
    "Samples rejected by the step's round",
    "Samples rejected so far",
)


class StepsModel(QAbstractTableModel):
    """The steps as text."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.steps: tuple[Step, ...] = ()
        self._titles: tuple[str, ...] = ()
        self._written: dict[int, tuple[str, ...]] = {}
        self._decimals = self._sigma_decimals = 0
        self._brush: QBrush | None = None

    def show_steps(self, steps: tuple[Step, ...], scale_unit: str, unit: str) -> bool:
        """Show other steps; return whether they are others."""
        of_scale, of_sigma = named("scale", short_unit(scale_unit)), named(SIGMA, short_unit(unit))
        titles = ("step", of_scale, "±", of_sigma, "new", "total")
        if steps is self.steps and titles == self._titles:
            return False
        self.beginResetModel()
        self.steps, self._titles = steps, titles
        with_scale = [step for step in steps if step.scale == step.scale]
        self._decimals = (
            decimals_with_error(with_scale[-1].scale, with_scale[-1].error) if with_scale else 0
        )
        self._sigma_decimals = three_digits([step.sigma for step in steps])
        self._written.clear()
        self.endResetModel()
        return True

    def show_stale(self, colour: str) -> None:
        """Write in a colour; "" for the usual one."""
        self._brush = QBrush(QColor(colour)) if colour else None
        if self.steps:
            last = self.index(len(self.steps) - 1, len(WIDTHS) - 1)
            self.dataChanged.emit(self.index(0, 0), last, [Qt.ItemDataRole.ForegroundRole])

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Return the number of steps."""
        return 0 if parent is not None and parent.isValid() else len(self.steps)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Return the number of columns."""
        return 0 if parent is not None and parent.isValid() else len(WIDTHS)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text, its place and its colour."""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._brush
        if role == Qt.ItemDataRole.DisplayRole:
            return self._texts(index.row())[index.column()]
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a column's title."""
        if orientation == Qt.Orientation.Horizontal and section < len(self._titles):
            if role == Qt.ItemDataRole.DisplayRole:
                return self._titles[section]
            if role == Qt.ItemDataRole.AccessibleTextRole and section == STRETCHED + 1:
                return "error of the scale"
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return RIGHT
            if role == Qt.ItemDataRole.ToolTipRole:
                return TIPS[section]
        return None

    def _texts(self, row: int) -> tuple[str, ...]:
        if row not in self._written:
            step = self.steps[row]
            self._written[row] = (
                str(step.number),
                fixed(step.scale, self._decimals),
                fixed(step.error, self._decimals),
                fixed(step.sigma, self._sigma_decimals),
                str(step.n_new) if step.number else NONE,
                str(step.n_total),
            )
        return self._written[row]


class StepsTable(RowTable):
    """One row a step; the shown one is marked.

    Attributes
    ----------
    chosen : signal (int)
        The row that a person goes to.
    """

    chosen = pyqtSignal(int)

    def __init__(self) -> None:
        super().__init__()
        self.steps = StepsModel(self)
        self.setModel(self.steps)
        self._painting = False
        self._row = ROW
        self._columns_width = sum(WIDTHS)
        self.setAccessibleName("Steps of the fit")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        side = self.verticalHeader()
        assert side is not None  # every table view has one
        side.setMinimumSectionSize(COMPACT_ROW)
        top = set_up_rows(self, ROW, ROW)
        top.setMinimumSectionSize(30)
        for column in range(len(WIDTHS)):
            top.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
        top.setSectionResizeMode(STRETCHED, QHeaderView.ResizeMode.Stretch)
        self._top, self._side = top, side
        selection = self.selectionModel()
        assert selection is not None  # there is a model
        selection.currentRowChanged.connect(self._on_current)

    @property
    def needed_width(self) -> int:
        """Pixels that the columns need, and a scroll bar where there is one."""
        scrolled = self.verticalScrollBarPolicy() == Qt.ScrollBarPolicy.ScrollBarAsNeeded
        return self._columns_width + (SCROLL_BAR if scrolled else 0)

    def show_steps(
        self, steps: tuple[Step, ...], scale_unit: str, unit: str, shown: int, stale: str
    ) -> None:
        """Show steps and mark one; ``stale`` is the colour of numbers that are not new."""
        self._painting = True
        others = self.steps.show_steps(steps, scale_unit, unit)
        self.steps.show_stale(stale)
        if others:
            self._fit_columns(len(steps))
        if self.currentIndex().row() != shown or not self.selectedIndexes():
            self.selectRow(shown)
        self._painting = False

    def set_form(self, compact: bool, room: int) -> None:
        """Set the rows' height, and show as many of them as there is room for, three at least."""
        self._row = COMPACT_ROW if compact else ROW
        self._side.setDefaultSectionSize(self._row)
        self._top.setFixedHeight(self._row)
        n_steps = len(self.steps.steps)
        rows = min(max((room - 1) // self._row - 1, 3), MOST_ROWS, max(n_steps, 1))
        self.setFixedHeight(self._row * (rows + 1) + 1)
        policy = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(
            policy.ScrollBarAsNeeded if rows < n_steps else policy.ScrollBarAlwaysOff
        )
        self.scrollTo(self.currentIndex())

    def apply_theme(self, palette: Palette, stale: str) -> None:
        """Take a theme's colours; ``stale`` is the colour of numbers that are not new."""
        sheet = (
            f"QTableView::item {{ padding: 0 4px; border-bottom: 1px solid {palette.line}; }}"
            "QHeaderView::section { padding: 0 6px; min-height: 0; }"
            f"QTableView::item:selected {{ color: {stale or palette.text}; }}"
        )
        set_sheet(self, sheet)

    def _fit_columns(self, n_steps: int) -> None:
        self._columns_width = 0
        # The first and last rows are enough to go by, and there may be very many.
        rows = {*range(n_steps)[:MOST_ROWS], *range(n_steps)[-MOST_ROWS:]}
        for column, least in enumerate(WIDTHS):
            texts = [self.steps.data(self.steps.index(row, column)) for row in rows]
            title = self.steps.headerData(column, Qt.Orientation.Horizontal) or ""
            cell, head = QFontMetrics(font(12)), QFontMetrics(font(11, 500))
            widths = [cell.horizontalAdvance(text) + CELL_MARGIN for text in texts]
            widths.append(head.horizontalAdvance(title) + TITLE_MARGIN)
            width = max(least, *widths)
            self._columns_width += width
            self._top.resizeSection(column, width)

    def _on_current(self, index: QModelIndex) -> None:
        if not self._painting and index.isValid():
            self.chosen.emit(index.row())
