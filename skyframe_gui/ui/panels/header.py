"""Header: the FITS header of the shown exposure, to search and copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import (
    QButtonGroup,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QTableView,
    QToolButton,
    QWidget,
)
from typing_extensions import override

from skyframe_gui.app.model.remembered import Same
from skyframe_gui.ui import theme
from skyframe_gui.ui.data.cards import CardsModel
from skyframe_gui.ui.data.empty import EmptyHint
from skyframe_gui.ui.panel import Panel
from skyframe_gui.ui.tables import RowTable, set_up_rows
from skyframe_gui.ui.widgets import in_column, in_row, text_label

if TYPE_CHECKING:
    from astropy.io.fits import Header

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.state import State

PARTS = ("Primary", "Extension")


class HeaderPanel(Panel):
    """A table of cards, of the primary HDU or of the image's own."""

    id = "header"
    title = "Header"
    area = "bottom"
    order = 90

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self._header: Header | None = None
        self.model = CardsModel()
        self.search = QLineEdit()
        self.search.setMinimumWidth(120)
        self.search.setAccessibleName("Search the header")
        self.search.setClearButtonEnabled(True)
        self.search.setFixedHeight(26)
        self.search.setStyleSheet(
            "QToolButton { border: none; background: transparent; padding: 0; min-height: 0; }"
        )
        self.search.textChanged.connect(self._on_search)
        self.parts = QButtonGroup(self)
        self._buttons = QWidget()
        segments = in_row(on=self._buttons)
        for number, name in enumerate(PARTS):
            button = QToolButton()
            button.setText(name)
            button.setCheckable(True)
            button.setProperty("segment", True)
            button.setFixedHeight(24)
            button.setToolTip(f"Header of the {'primary HDU' if not number else 'image HDU'}")
            self.parts.addButton(button, number)
            segments.addWidget(button)
        self.parts.idClicked.connect(lambda: self._show_part())
        self.count = text_label(role="hint")
        self.copy_button = QPushButton("Copy")
        self.copy_button.setToolTip("Copy the selected cards (Ctrl+C), or all that are shown")
        self.copy_button.clicked.connect(self.copy_text)
        self.notes = text_label(
            role="text2", pixels=12, plain=True, wraps=True, selectable=True, margins=(10, 0, 10, 6)
        )
        self.table = self._make_table()
        self._empty = EmptyHint(
            "text-box-search-outline", "No header", "Open an exposure to read its header here."
        )
        self._lay_out()

    def _make_table(self) -> QTableView:
        table = RowTable()
        table.setModel(self.model)
        table.setAccessibleName("Cards of the header")
        table.setStyleSheet("QTableView::item { padding: 0 5px; }")  # as the heads above
        across = set_up_rows(table, 24, single=False)
        across.resizeSection(0, 104)
        across.resizeSection(1, 168)
        across.setStretchLastSection(True)
        keys = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), table)
        keys.setContext(Qt.ShortcutContext.WidgetShortcut)
        keys.activated.connect(self.copy_text)
        return table

    def _lay_out(self) -> None:
        bar = in_row(
            (self.search, 1),
            self._buttons,
            self.count,
            self.copy_button,
            margins=(8, 4, 8, 4),
            spacing=8,
        )
        full = QWidget()
        in_column(bar, self.notes, (self.table, 1), on=full)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._empty)
        self._pages.addWidget(full)
        in_column(self._pages, on=self)

    def watches(self, state: State) -> object:
        """Return which header it is."""
        return Same(_header_of(state))

    def show_state(self, state: State) -> None:
        """Show the header of the exposure on screen."""
        self._empty.apply_theme(theme.palette_of(state))
        header = _header_of(state)
        self._pages.setCurrentIndex(0 if header is None else 1)
        if header is self._header:
            return
        self._header = header
        extension = getattr(header, "extension", None)
        self._buttons.setVisible(extension is not None)
        chosen = self.parts.button(max(self.parts.checkedId(), 0) if extension is not None else 0)
        if chosen is not None:
            chosen.setChecked(True)
        notes = getattr(header, "notes", ())
        self.notes.setText("\n".join(notes))
        self.notes.setVisible(bool(notes))
        self._show_part()

    @override
    def copied_text(self) -> str:
        """Return the selected cards as they stand in the file, or all that are shown."""
        chosen = self.table.selectionModel()
        rows = [] if chosen is None else sorted(index.row() for index in chosen.selectedRows())
        return "\n".join(self.model.card_text(n) for n in rows or range(self.model.rowCount()))

    def _show_part(self) -> None:
        part = PARTS[max(self.parts.checkedId(), 0)].lower()
        self.model.take(getattr(self._header, part, self._header))
        self._show_count()

    def _on_search(self, text: str) -> None:
        self.model.search(text)
        self._show_count()

    def _show_count(self) -> None:
        shown, all_of_them = self.model.rowCount(), self.model.n_cards
        self.search.setPlaceholderText(f"Search {all_of_them} card{'s' * (all_of_them != 1)}")
        self.count.setText(f"{shown} of {all_of_them}")
        self.count.setVisible(shown < all_of_them)


def _header_of(state: State) -> Header | None:
    shown = state.results.shown
    if shown is None or shown.exposure is None or shown.key != state.selection.exposure:
        return None
    header = shown.exposure.header
    return header if hasattr(header, "cards") else None
