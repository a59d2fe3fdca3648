"""The selected samples in numbers, sortable, one row each."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QItemSelectionModel, QModelIndex, QSize, Qt
from PyQt6.QtWidgets import QPushButton
from typing_extensions import override

from skyframe_gui.ui.samples.controls import IconButton, control_bar
from skyframe_gui.ui.samples.sample_model import RESIDUAL, SHOWN, SampleModel
from skyframe_gui.ui.samples.sample_panel import SamplePanel
from skyframe_gui.ui.samples.sample_view import view_of, watched
from skyframe_gui.ui.tables import LOOK, RowTable, Rules, set_up_rows
from skyframe_gui.ui.theme import palette_of
from skyframe_gui.ui.widgets import text_label

if TYPE_CHECKING:
    from PyQt6.QtGui import QKeyEvent

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.samples.sample_view import SampleView
    from skyframe_gui.ui.theme import Palette

NOTHING = (
    "lasso",
    "Nothing selected",
    "Click a mark, or hold Shift and draw around some; their numbers come here.",
)
WIDTHS = (32, 52, 72, 76, 86, 112, 92, 104, 120, 72)
ROW = 24


class SampleTablePanel(SamplePanel):
    """A table of the selected samples, with buttons for what can be done with them."""

    id = "sample-table"
    title = "Selected samples"
    area = "bottom"
    order = 2

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands, NOTHING)
        self.table = RowTable()
        self.model = SampleModel(self.table)  # of the table, so that it does not go before it
        self.table.setAccessibleName("Selected samples")
        self.table.setModel(self.model)
        self.table.setSortingEnabled(True)
        self.table.setIconSize(QSize(14, 14))
        self.table.setStyleSheet(LOOK)
        self._rules = Rules(self.table)
        self.table.setItemDelegate(self._rules)
        self._set_up_headers()
        self.count = text_label(pixels=12, shrinks=True)
        self.exclude = QPushButton("Exclude")
        self.restore = QPushButton("Restore")
        self.clear = QPushButton("Clear")
        self.exclude.setToolTip("Leave the selected samples out of the fit (D)")
        self.restore.setToolTip("Take the selected samples back into the fit (U)")
        self.clear.setToolTip("Select nothing (Esc)")
        self.copy = IconButton("content-copy", "Copy the table as text (Ctrl+C)")
        self.exclude.clicked.connect(lambda: self._exclude(True))
        self.restore.clicked.connect(lambda: self._exclude(False))
        self.clear.clicked.connect(lambda: commands.select_samples(()))
        self.copy.clicked.connect(self.copy_text)
        buttons = (self.exclude, self.restore, self.clear)
        for button in buttons:
            button.setFixedHeight(26)
        self.body.addWidget(control_bar((self.count, 1), self.copy, *buttons))
        self.body.addWidget(self.table, 1)
        self.setFocusProxy(self.table)
        self.table.clicked.connect(self._on_clicked)
        self.table.doubleClicked.connect(lambda index: self._open(index.row()))
        chosen = self.table.selectionModel()
        assert chosen is not None, "a table with a model has one"
        chosen.currentRowChanged.connect(self._on_current)
        self._telling = False

    def watches(self, state: State) -> object:
        """Return the fit, the step, what is selected, and what is on screen."""
        return (*watched(state), state.selection.exposure)

    def show_state(self, state: State) -> None:
        """List the selected samples."""
        palette, old = palette_of(state), self.view
        self.view = view_of(state)
        if self.view is None or not len(self.view.selected):
            self.view = None
            self.model.show_rows(None, "", palette)
            self.show_page(empty=True, palette=palette)
            return
        self.show_page(empty=False, palette=palette)
        self.copy.apply_theme(palette)
        exposure = state.selection.exposure
        if old is None or self._differs(old, self.view, exposure, palette):
            self._rules.palette_ = palette
            self._telling = True
            self.model.show_rows(self.view, exposure, palette)
            self._telling = False
        self._say_count(self.view, exposure)

    @override
    def copied_text(self) -> str:
        return self.model.text()

    def press(self, event: QKeyEvent) -> bool:
        """Do what the keys of this panel do."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.table.currentIndex().row())
        elif event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End):
            return False  # these go through the table
        else:
            return super().press(event)
        return True

    def _differs(self, old: SampleView, new: SampleView, exposure: str, palette: Palette) -> bool:
        return (
            (old.fit, old.step, old.unit, old.sky_unit)
            != (new.fit, new.step, new.unit, new.sky_unit)
            or not np.array_equal(old.selected, new.selected)
            or self.model.exposure != exposure
            or self._rules.palette_ is not palette
        )

    def _say_count(self, view: SampleView, exposure: str) -> None:
        n = len(view.selected)
        text = f"<b>{n}</b> selected"
        if exposure in view.rows.keys:
            which = view.rows.keys.index(exposure)
            here = int((view.rows.detector_index[view.selected] == which).sum())
            text += f", <b>{here}</b> on det {escape(view.rows.detectors[which]) or '(no name)'}"
        self.count.setText(text)

    @override
    def highlight(self, view: SampleView, index: int | None) -> None:
        row = self.model.row_of(index)
        self._telling = True
        if row is None:
            self.table.clearSelection()
            self.table.setCurrentIndex(QModelIndex())
        elif row != self.table.currentIndex().row() or not self.table.selectedIndexes():
            at = self.model.index(row, 0)
            chosen = self.table.selectionModel()
            assert chosen is not None, "a table with a model has one"
            flags = QItemSelectionModel.SelectionFlag
            chosen.setCurrentIndex(at, flags.ClearAndSelect | flags.Rows)
            self.table.scrollTo(at)
        self._telling = False

    def _on_current(self, current: QModelIndex, previous: QModelIndex) -> None:
        if not self._telling and current.isValid() and self.view is not None:
            self.commands.hover(self.view.rows.ids(int(self.model.rows[current.row()])))

    def _on_clicked(self, index: QModelIndex) -> None:
        if index.column() == SHOWN:
            self._open(index.row())
        else:
            self._on_current(index, index)

    def _open(self, row: int) -> None:
        if self.view is not None and 0 <= row < len(self.model.rows):
            self.commands.show_sample(self.view.rows.ids(int(self.model.rows[row])))

    def _exclude(self, exclude: bool) -> None:
        self.commands.exclude_samples(self.commands.store.state.selection.samples, exclude)

    def _set_up_headers(self) -> None:
        across = set_up_rows(self.table, ROW, ROW)
        across.setStretchLastSection(True)
        across.setSortIndicator(RESIDUAL, Qt.SortOrder.DescendingOrder)
        for column, width in enumerate(WIDTHS):
            self.table.setColumnWidth(column, width)
