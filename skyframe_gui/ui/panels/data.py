"""Data: the files that are open, by visit and detector, and what each of them is for."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtWidgets import QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from skyframe_gui.app.model.queries import open_exposures, visits
from skyframe_gui.app.model.sky_sets import sets_that_are_ticked
from skyframe_gui.numbers import plural
from skyframe_gui.ui import theme
from skyframe_gui.ui.data.assign import AssignDialog
from skyframe_gui.ui.data.empty import EmptyHint
from skyframe_gui.ui.data.fitted import Fitted
from skyframe_gui.ui.data.kept_rows import BAD_FILES, CHANGED_FILES, TreeRows
from skyframe_gui.ui.data.sets_list import SetsList
from skyframe_gui.ui.data.tips import ticks_text, tip_of
from skyframe_gui.ui.data.tree import HEADINGS, DataTree
from skyframe_gui.ui.data.tree_menu import MoreButton, Offers, exposures_of, menu_of, paths_of
from skyframe_gui.ui.data.tree_model import DataModel
from skyframe_gui.ui.data.tree_rows import Row, mark_of, open_bad_files, titles
from skyframe_gui.ui.panel import Panel
from skyframe_gui.ui.widgets import text_label

if TYPE_CHECKING:
    from PyQt6.QtCore import QPoint
    from PyQt6.QtGui import QAction, QDragEnterEvent, QDropEvent, QKeyEvent, QResizeEvent
    from PyQt6.QtWidgets import QMenu

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.items import ExposureItem, Role
    from skyframe_gui.app.model.state import State


LEAST_WIDTH = 200
"""Pixels: below that, names are cut to nothing."""
NARROW = 240
"""Below that there is no room for the filter and the masked part; Ctrl+F shows the filter."""


class DataPanel(Panel):
    """A tree of visits and of files that could not be opened, and below it the sky sets.

    Attributes
    ----------
    header_wanted : signal ()
        The shown exposure's header is to be brought to the front.
    save_wanted : signal (str)
        A sky frame is to be saved, by its key.
    """

    id = "data"
    title = "Data"
    area = "left"

    header_wanted = pyqtSignal()
    save_wanted = pyqtSignal(str)

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self.setAcceptDrops(True)
        self.setMinimumWidth(LEAST_WIDTH)
        self._shown = ""
        self._searching = False
        self._palette: theme.Palette | None = None
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter by name, filter or state")
        self.filter.setAccessibleName("Filter the data")
        self.filter.setToolTip('Show rows with all these words, such as "908120 science"')
        self.filter.setClearButtonEnabled(True)
        self.filter.setFixedHeight(26)
        # Its icons are tool buttons inside of it and must not look like those of a toolbar.
        self.filter.setStyleSheet(
            "QToolButton { border: none; background: transparent; padding: 0; min-height: 0; }"
        )
        self.filter.textChanged.connect(lambda: self._show_rows(self._state))
        self._lens: QAction | None = self.filter.addAction(
            theme.icon("magnify", theme.DARK.text2), QLineEdit.ActionPosition.LeadingPosition
        )
        if self._lens is not None:
            self._lens.setText("Filter")  # what a screen reader says
        self._state = commands.store.state.without_shown()
        self._rows = TreeRows()
        self._folded: set[str] = set()
        self.model = DataModel(lambda row: tip_of(self._state, row))
        self.tree = DataTree(self.model)
        self.tree.show_wanted.connect(self._show)
        self.tree.role_wanted.connect(self.switch_role)
        self.tree.box_clicked.connect(self._on_box)
        self.tree.close_wanted.connect(self.close_selected)
        self.tree.assign_wanted.connect(self.assign_selected)
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.customContextMenuRequested.connect(self._pop_up)
        self.setFocusProxy(self.tree)
        chosen = self.tree.selectionModel()
        if chosen is not None:
            chosen.currentChanged.connect(lambda: self._show_why())
        self.ticks = text_label(role="hint", plain=True, wraps=True, margins=(8, 2, 8, 4))
        self.ticks.setToolTip(
            "Such a set is not the newest; what is unticked is left out of it and of no other. "
            "Build takes what is ticked."
        )
        self.sets = SetsList(commands)
        self.sets.save_wanted.connect(self.save_wanted)
        self._no_match = EmptyHint("magnify", "No match", "Press Esc in the field to see all rows.")
        self.footer = Fitted()
        self.footer.setProperty("link", True)
        self.footer.setIconSize(QSize(14, 14))
        self.footer.setToolTip("Go to what cannot be read or used")
        self.footer.clicked.connect(self._go_to_trouble)
        self.why = text_label(role="hint", plain=True, wraps=True)
        self.why.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._empty = EmptyHint(
            "folder-open-outline",
            "No files yet",
            "Drop files or folders here. Exposures group by visit and detector.",
        )
        self.more = MoreButton(self.tree, self.open_filter, self._suit)
        self._lay_out()

    def header_widgets(self) -> list[QWidget]:
        """Return the button that is there while something has no room."""
        return [self.more.place]

    def _lay_out(self) -> None:
        self._top = QWidget()
        top = QVBoxLayout(self._top)
        top.setContentsMargins(8, 6, 8, 6)
        top.addWidget(self.filter)
        self._tree_or_none = QStackedWidget()
        self._tree_or_none.addWidget(self.tree)
        self._tree_or_none.addWidget(self._no_match)
        self._foot = QWidget()
        self._foot.setObjectName("dataFoot")
        foot = QVBoxLayout(self._foot)
        foot.setContentsMargins(8, 5, 8, 5)
        foot.setSpacing(4)
        foot.addWidget(self.footer)
        foot.addWidget(self.why)
        full = QWidget()
        column = QVBoxLayout(full)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._top)
        column.addWidget(self.ticks)
        column.addWidget(self._tree_or_none, 1)
        column.addWidget(self._foot)
        column.addWidget(self.sets)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._empty)
        self._pages.addWidget(full)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._pages)

    def watches(self, state: State) -> object:
        """Return what is on the list and what is known of it."""
        return (
            state.exposures,
            state.sky_frames,
            state.bad_files,
            state.facts,
            state.excluded_members,
            state.excluded_exposures,
            state.assigned,
            state.hand_masks,
            state.removed,
            state.built_sets,
            state.chosen_sets,
            state.set_exclusions,
            state.set_names,
            state.selection.exposure,
            state.selection.sky_frame,
            None if state.results.fit is None else state.results.fit.findings,
        )

    def subject(self, state: State) -> str:
        """Return how many visits are open."""
        n = len(visits(open_exposures(state)))
        return plural(n, "visit") if n else ""

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Leave away what gives way first when it is narrow."""
        super().resizeEvent(event)
        self._suit()

    def open_filter(self) -> None:
        """Go to the filter."""
        self._searching = True
        self._suit()
        self.filter.setFocus()

    def _suit(self) -> None:
        narrow = self.width() < NARROW
        self.more.setVisible(narrow and self._pages.currentIndex() == 1)
        self.more.masked.setEnabled(narrow)
        self.tree.suit(narrow)
        self.sets.suit(narrow)
        self._top.setVisible(not narrow or self._searching or bool(self.filter.text()))

    def show_state(self, state: State) -> None:
        """Bring the tree up to date."""
        self._apply_theme(state)
        self.sets.show_state(state)
        ticks = ticks_text(sets_that_are_ticked(state))
        self.ticks.setText(ticks)
        self.ticks.setVisible(bool(ticks))
        self._show_rows(state)
        shown = state.selection.exposure
        if shown != self._shown:
            self._shown = shown
            current = self.tree.current_row()
            # A visit that was clicked stays selected: Space and Delete are for all of it.
            of_it = current is not None and current.kind == "visit" and shown in current.keys
            if not of_it and (current is None or current.id != shown):
                self.tree.select_row(shown)

    def _show_rows(self, state: State) -> None:
        self._state = state = state.without_shown()
        wanted = self.filter.text().strip()
        rows = self._rows.of(state, wanted, frozenset(self._folded))
        heads = titles(state)
        self.tree.take(rows, heads, bool(wanted))
        self.tree.fit_level(heads.level)
        self._tree_or_none.setCurrentIndex(0 if rows or not wanted else 1)
        self._pages.setCurrentIndex(1 if rows or wanted or state.sky_frames else 0)
        self.more.setVisible(self.width() < NARROW and self._pages.currentIndex() == 1)
        text = self._rows.trouble(state)
        self.footer.set_text(text)
        self._foot.setVisible(bool(text))
        self._show_why()

    def _apply_theme(self, state: State) -> None:
        palette = theme.palette_of(state)
        if palette is self._palette:
            return
        self._palette = palette
        self.more.apply_theme(palette)
        self.tree.apply_theme(palette)
        self._empty.apply_theme(palette)
        self._no_match.apply_theme(palette)
        self.footer.setIcon(theme.icon("close", palette.error))
        self.footer.setStyleSheet(f"color: {palette.text2}; font-size: 11px;")
        self._foot.setStyleSheet(f"#dataFoot {{ border-top: 1px solid {palette.line}; }}")
        if self._lens is not None:
            self._lens.setIcon(theme.icon("magnify", palette.text2))

    # What a person does ----------------------------------------------------------------------

    def selected_exposures(self) -> list[str]:
        """Return the keys of the selected exposures, those below selected visits among them."""
        return exposures_of(self.tree.selected_rows())

    def switch_role(self, role: Role) -> None:
        """Take a role from the selected exposures; give it to them if none of them has it."""
        self.commands.switch_role(role, self.selected_exposures())

    def _on_box(self, role: Role, row: Row) -> None:
        """Tick or clear a box, and with it those of all selected rows if it is of one of them."""
        selected = self.tree.selected_rows()
        rows = selected if any(one.id == row.id for one in selected) else [row]
        check = row.sky if role == "sky" else row.science
        self.commands.set_role(role, exposures_of(rows), on=check != "on")

    def close_selected(self) -> None:
        """Take the selected rows off the list."""
        keys = {key for row in self.tree.selected_rows() for key in row.keys}
        if keys:
            self.commands.close_items(keys)

    def assign_selected(self) -> AssignDialog | None:
        """Open the window that sets visit and detector of the selected exposures."""
        chosen = set(self.selected_exposures())
        items: list[ExposureItem] = [i for i in open_exposures(self._state) if i.key in chosen]
        if not items:
            return None
        dialog = AssignDialog(self.commands, items, self)
        dialog.show()
        return dialog

    def menu(self) -> QMenu:
        """Return the menu of the selected rows."""
        offers = Offers(
            self.assign_selected,
            self.close_selected,
            self._show_header if self.receivers(self.header_wanted) else None,
        )
        return menu_of(self, self.commands, self.tree.selected_rows(), offers)

    def _show_header(self, key: str) -> None:
        self.commands.select_exposure(key)
        self.header_wanted.emit()

    def _show(self, row: Row) -> None:
        if row.kind == "exposure":
            self.commands.select_exposure(row.id)
        elif row.kind == "visit":
            self.commands.select_exposure(self._same_detector(row))
        elif row.kind in HEADINGS:
            self._folded ^= {row.id}
            self._show_rows(self._state)

    def _same_detector(self, visit: Row) -> str:
        """Return the key of a visit's exposure of the detector that is shown now, or its first."""
        if any(child.shown for child in visit.children):
            return next(child.id for child in visit.children if child.shown)
        now = self.model.row_at(self.model.index_of(self._state.selection.exposure))
        name = "" if now is None else now.name
        return next((child.id for child in visit.children if child.name == name), visit.keys[0])

    def _pop_up(self, point: QPoint) -> None:
        view = self.tree.viewport()
        if view is not None and self.tree.selected_rows():
            self.menu().popup(view.mapToGlobal(point))

    def _show_why(self) -> None:
        """Say below the tree what is wrong with the row that the keys are on."""
        row = self.tree.current_row()
        why = ""
        if row is not None and row.kind == "bad file":
            why = next((i.why for i in open_bad_files(self._state) if i.path == row.id), "")
        elif row is not None and row.id in self._state.facts:
            why = self._state.facts[row.id].problem
        self.why.setText(why)
        self.why.setVisible(bool(why))

    def _go_to_trouble(self) -> None:
        told = [one for one in open_bad_files(self._state) if not one.kind]
        items = open_exposures(self._state)
        error = next((i.key for i in items if mark_of(self._state, i) == "error"), "")
        file = next((one for one in told if not one.opened), None)
        if file is None and not error:
            file = next(iter(told), None)  # which has only changed
        if file is None:
            self.tree.select_row(error)
        else:
            self.filter.clear()
            section = self.model.index_of(CHANGED_FILES if file.opened else BAD_FILES)
            self.tree.setExpanded(section, True)
            self.tree.select_row(file.path)
        self.tree.setFocus()

    # Keys and drops --------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Leave the filter with Esc or the down key."""
        if event is not None and self.filter.hasFocus():
            if event.key() == Qt.Key.Key_Escape:
                self.filter.clear()
                self.tree.setFocus()
                self._searching = False
                self._suit()
                return
            if event.key() == Qt.Key.Key_Down:
                self.tree.setFocus()
                return
        super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        """Take files and folders."""
        if event is not None and paths_of(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        """Open what was dropped."""
        if event is not None:
            self.commands.open([os.path.abspath(path) for path in paths_of(event.mimeData())])
            event.acceptProposedAction()
