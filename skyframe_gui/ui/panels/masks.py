"""The masks by hand of the shown exposure, a row each: what they are, and what they hold to."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import (
    QMenu,
    QStackedLayout,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QWidget,
)
from typing_extensions import override

from skyframe_gui.app.model.mask_rows import Row, rows_of, selected_mask, shown_masks
from skyframe_gui.app.model.queries import shown_visit
from skyframe_gui.ui.images.drawing_menu import offer_changes, offer_width
from skyframe_gui.ui.panel import Panel
from skyframe_gui.ui.samples.controls import EmptyNote, IconButton
from skyframe_gui.ui.tables import set_up_heads, set_up_rows
from skyframe_gui.ui.theme import icon, palette_of
from skyframe_gui.ui.widgets import in_column

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PyQt6.QtCore import QPoint
    from PyQt6.QtGui import QKeyEvent

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.hand_masks import MaskItem
    from skyframe_gui.app.model.state import State

HEADS = ("shape", "size", "pixels", "visit", "sky", "")
TIPS = (
    "",
    "In pixels; of a mask on the sky in seconds of arc",
    "Pixels of the shown exposure that it masks",
    "Ticked: a mask of all exposures of the visit; else of the shown one alone",
    "Ticked: it holds its place on the sky, on every detector that it falls on; else its pixels",
    "Removes the mask (Del)",
)
VISIT, SKY, REMOVE = 3, 4, 5
NO_MASK = (
    "shape-circle-plus",
    "There is no mask by hand",
    "Press K and drag over an image; Shift+K draws an ellipse, the menu Image boxes and polygons.",
)
ROW, HEAD = 24, 22
LOOK = """QTableView, QHeaderView::section { font-size: 12px; }
QTableView::item { padding: 0 3px; border: none; }
QHeaderView::section { padding: 0 5px; }"""


class MaskTable(QTableWidget):
    """Rows of masks; Del is for the panel."""

    def __init__(self, panel: MasksPanel) -> None:
        super().__init__(0, len(HEADS))
        self._panel = panel

    @override
    def keyPressEvent(self, e: QKeyEvent | None) -> None:
        if e is not None and e.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._panel.commands.masks.remove_selected()
        else:
            super().keyPressEvent(e)


class MasksPanel(Panel):
    """A list in which masks are selected, changed and removed."""

    id = "masks"
    title = "Masks"
    area = "bottom"
    order = 3

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self.setMinimumSize(120, 80)
        self._items: tuple[MaskItem, ...] = ()
        self._is_painting = False
        self.more = IconButton("dots-horizontal", "What new masks are of, and hold to", small=True)
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self)
        self.menu.aboutToShow.connect(self._fill)
        self.more.setMenu(self.menu)
        self.row_menu = QMenu(self)
        self.copy = IconButton("content-copy", "Copy the list as text (Ctrl+C)", small=True)
        self.copy.clicked.connect(self.copy_text)
        self.table = self._made_table()
        self.note = EmptyNote(*NO_MASK)
        page = QWidget()
        in_column(self.table, on=page, margins=(4, 0, 4, 0))
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self.note)
        self._pages.addWidget(page)

    def header_widgets(self) -> list[QWidget]:
        """Return what new masks are of and hold to, and how the list gets out."""
        return [self.more, self.copy]

    def watches(self, state: State) -> object:
        """Return the masks and their numbers of pixels."""
        results = state.results
        return (
            shown_masks(state),
            len(state.hand_masks),
            state.selection.mask,
            state.selection.exposure,
            results.masked,
            results.shown,
            state.view.theme,
        )

    def show_state(self, state: State) -> None:
        """Paint the list, or say how to get one."""
        palette = palette_of(state)
        for button in (self.more, self.copy):
            button.apply_theme(palette)
        self._items = shown_masks(state)
        self.copy.setEnabled(bool(self._items))
        if not self._items:
            self.note.apply_theme(palette)
            self._pages.setCurrentIndex(0)
            return
        self._pages.setCurrentIndex(1)
        chosen = selected_mask(state)
        has_sky = _has_sky(state)
        self._is_painting = True
        try:
            self.table.setRowCount(len(self._items))
            with self._told_once():
                for at, (item, row) in enumerate(zip(self._items, rows_of(state), strict=True)):
                    self._paint_row(at, item, row, has_sky)
                    self._cell(at, REMOVE).setIcon(icon("close", palette.text2))
            numbers = [item.number for item in self._items]
            if chosen is None:
                self.table.clearSelection()
                self.table.setCurrentCell(-1, -1)
            else:
                self.table.selectRow(numbers.index(chosen.number))
        finally:
            self._is_painting = False

    def subject(self, state: State) -> str:
        """Return how many there are, and how many more on other detectors of the visit."""
        n, (_, members) = len(shown_masks(state)), shown_visit(state)
        keys = {item.key for item in members} - {state.selection.exposure}
        other = sum(one.exposure in keys for one in state.hand_masks)
        if not n and not other:
            return ""
        return f"{n} here" + (f", {other} on other detectors" if other else "")

    def copied_text(self) -> str:
        """Return the list, columns parted by tabulators."""
        rows = rows_of(self.commands.store.state)
        return "\n".join("\t".join(one) for one in (Row._fields, *rows)) if rows else ""

    @contextmanager
    def _told_once(self) -> Iterator[None]:
        """Tell the table of changed cells at the end: for each it would measure its columns."""
        model = self.table.model()
        assert model is not None
        model.blockSignals(True)
        try:
            yield
        finally:
            model.blockSignals(False)
            last = model.index(model.rowCount() - 1, model.columnCount() - 1)
            model.dataChanged.emit(model.index(0, 0), last)

    def _paint_row(self, at: int, item: MaskItem, row: Row, has_sky: bool) -> None:
        for column, text in enumerate((row.shape, row.size, row.pixels)):
            cell = self._cell(at, column)
            if cell.text() != text:
                cell.setText(text)
        for column, on in ((VISIT, not item.exposure), (SKY, item.mask.on_sky)):
            cell = self._cell(at, column)
            usable = column == VISIT or has_sky
            cell.setFlags(_flags(Qt.ItemFlag.ItemIsUserCheckable, usable))
            cell.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
            cell.setToolTip(TIPS[column] if usable else "The exposure has no WCS.")

    def _cell(self, at: int, column: int) -> QTableWidgetItem:
        cell = self.table.item(at, column)
        if cell is None:
            cell = QTableWidgetItem()
            cell.setFlags(_flags())
            cell.setToolTip(TIPS[column])
            cell.setTextAlignment(_side(column))
            self.table.setItem(at, column, cell)
        return cell

    def _made_table(self) -> MaskTable:
        table = MaskTable(self)
        table.setAccessibleName("Masks by hand")
        table.setIconSize(QSize(14, 14))
        across = set_up_rows(table, ROW, HEAD)
        table.setStyleSheet(LOOK)
        set_up_heads(table, across, HEADS, TIPS)
        for column in range(len(HEADS)):
            head = table.horizontalHeaderItem(column)
            if head is not None:
                head.setTextAlignment(_side(column))
        table.itemSelectionChanged.connect(self._choose)
        table.itemChanged.connect(self._tick)
        table.cellClicked.connect(self._click)
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.customContextMenuRequested.connect(self.open_menu)
        return table

    def open_menu(self, at: QPoint) -> None:
        """Open the menu of the mask at a place of the table."""
        row = self.table.rowAt(at.y())
        viewport = self.table.viewport()
        if 0 <= row < len(self._items) and viewport is not None:
            self.row_menu.clear()
            offer_changes(self.row_menu, self.commands, self._items[row])
            self.row_menu.popup(viewport.mapToGlobal(at))

    def _fill(self) -> None:
        self.menu.clear()
        offer_width(self.menu, self.commands)

    def _choose(self) -> None:
        rows = {index.row() for index in self.table.selectedIndexes()}
        if not self._is_painting and rows:
            self.commands.masks.select(self._items[rows.pop()])

    def _tick(self, cell: QTableWidgetItem) -> None:
        if self._is_painting:
            return
        item, on = self._items[cell.row()], cell.checkState() == Qt.CheckState.Checked
        masks = self.commands.masks
        change = masks.spread if cell.column() == VISIT else masks.put_on_sky
        change(item, on)
        # Where nothing came of it, the state has the last word.
        self.show_state(self.commands.store.state)

    def _click(self, row: int, column: int) -> None:
        if column == REMOVE and row < len(self._items):
            self.commands.masks.remove([self._items[row]])


def _has_sky(state: State) -> bool:
    shown = state.results.shown
    return shown is not None and shown.exposure is not None and shown.exposure.wcs is not None


def _flags(more: Qt.ItemFlag = Qt.ItemFlag.NoItemFlags, usable: bool = True) -> Qt.ItemFlag:
    found = Qt.ItemFlag.ItemIsSelectable | more
    return found | Qt.ItemFlag.ItemIsEnabled if usable else found


def _side(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column == 2 else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
