"""The numbers of the box or circle that is drawn over the panes, a row a layer."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QStackedLayout,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from skyframe_gui.app.export.measured import save_region
from skyframe_gui.app.model.region_rows import HEADS, rows_of, text_of, words_of
from skyframe_gui.ui.dialogs.questions import ask_export
from skyframe_gui.ui.images.facts import units_of
from skyframe_gui.ui.panel import Panel
from skyframe_gui.ui.samples.controls import EmptyNote, IconButton, Segments
from skyframe_gui.ui.tables import set_up_heads, set_up_rows
from skyframe_gui.ui.theme import palette_of
from skyframe_gui.ui.widgets import in_column
from skyframe_gui.workflow.names import safe_name

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QFileDialog

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.cuts import RegionNumbers, RegionShape
    from skyframe_gui.app.model.state import State

SHAPES = (
    ("box", "box", "Numbers of a box (R)"),
    ("circle", "circle", "Numbers of a circle (Shift+R)"),
)
NO_REGION = (
    "vector-square",
    "There is no box",
    "Press R and drag over an image; Shift+R draws a circle from its middle.",
)
TIPS = (
    "What was measured",
    "Mean of the good pixels",
    "Standard error of the mean",
    "Median of the good pixels",
    "Standard deviation of the pixels within 3 sigma, after 3 iterations",
    "Good pixels",
    "Part of the pixels that are not good",
)
ROW, HEAD = 24, 22
LOOK = """QTableView, QHeaderView::section { font-size: 12px; }
QTableView::item { padding: 0 1px; border: none; }
QHeaderView::section { padding: 0 3px; }"""
ECSV = "ECSV tables (*.ecsv)"


class RegionPanel(Panel):
    """A small table, and its way out."""

    id = "region"
    title = "Box"
    area = "bottom"
    order = 3
    shows_results = True

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self.setMinimumSize(120, 80)
        self._found: RegionNumbers | None = None
        self.shapes = Segments(SHAPES, small=True)
        self.shapes.chosen.connect(self._shape)
        self.copy = IconButton("content-copy", "Copy the numbers as text (Ctrl+C)", small=True)
        self.copy.clicked.connect(self.copy_text)
        self.save = IconButton("content-save-outline", "Save the numbers as ECSV", small=True)
        self.save.clicked.connect(self.ask_save)
        self.table = _table()
        self.note = EmptyNote(*NO_REGION)
        page = QWidget()
        in_column(self.table, on=page, margins=(4, 0, 4, 0))
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self.note)
        self._pages.addWidget(page)

    def header_widgets(self) -> list[QWidget]:
        """Return the shapes, and where the numbers can go."""
        return [self.shapes, self.copy, self.save]

    def watches(self, state: State) -> object:
        """Return the region and its numbers."""
        view = state.view
        return view.region, view.tool, state.results.region, state.results.shown, state.exposures

    def show_state(self, state: State) -> None:
        """Paint the numbers, or say how to get some."""
        palette, region = palette_of(state), state.view.region
        found = self._found = None if region is None else state.results.region
        for button in (self.copy, self.save):
            button.apply_theme(palette)
            button.setEnabled(found is not None)
        tool = state.view.tool
        shape = region.shape if region is not None else tool if tool != "cut" else ""
        self.shapes.check_only(shape)
        self.shapes.setEnabled(state.results.shown is not None)
        if found is None:
            self.note.apply_theme(palette)
            self._pages.setCurrentIndex(0)
            return
        self._pages.setCurrentIndex(1)
        rows = rows_of(found)
        self.table.setRowCount(len(rows))
        for at, row in enumerate(rows):
            for column, text in enumerate(row):
                item = self.table.item(at, column)
                if item is None:
                    item = QTableWidgetItem()
                    side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
                    item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
                    self.table.setItem(at, column, item)
                if item.text() != text:
                    item.setText(text)

    def subject(self, state: State) -> str:
        """Return size and unit."""
        region = state.view.region
        return "" if region is None else f"{words_of(region)}, {units_of(state)[0]}"

    def copied_text(self) -> str:
        """Return the numbers, columns parted by tabulators."""
        unit = units_of(self.commands.store.state)[0]
        return "" if self._found is None else text_of(self._found, unit)

    def ask_save(self) -> QFileDialog | None:
        """Ask where to save the numbers."""
        state = self.commands.store.state
        self.show_state(state)  # one that was behind another is painted later
        shown = state.results.shown
        if self._found is None or shown is None or shown.exposure is None:
            return None
        name = f"{safe_name(shown.exposure.name)}-box.ecsv"
        write = partial(save_region, self.commands.program, units_of(state)[0])
        return ask_export(self, "Save the numbers", self.commands.folders, ECSV, name, write)

    def _shape(self, shape: str) -> None:
        shapes: dict[str, RegionShape] = {"box": "box", "circle": "circle"}
        self.commands.cuts.shape(shapes[shape])


def _table() -> QTableWidget:
    table = QTableWidget(0, len(HEADS))
    table.setAccessibleName("Numbers of the region")
    table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
    across = set_up_rows(table, ROW, HEAD)
    table.setStyleSheet(LOOK)
    set_up_heads(table, across, HEADS, TIPS)
    for column in range(len(HEADS)):
        head = table.horizontalHeaderItem(column)
        if head is not None:
            side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
            head.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
    return table
