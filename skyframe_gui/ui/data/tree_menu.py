"""The menus of the data panel: of its tree's rows, and of what a narrow panel leaves away."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt, QUrl
from PyQt6.QtGui import QAction, QDesktopServices, QGuiApplication, QKeySequence
from PyQt6.QtWidgets import QMenu, QToolButton, QWidget

from skyframe_gui.app.model.queries import excluded, open_exposures
from skyframe_gui.ui.samples.controls import IconButton
from skyframe_gui.ui.widgets import in_row, menu_switch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PyQt6.QtCore import QMimeData

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.items import Role
    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.data.tree import DataTree
    from skyframe_gui.ui.data.tree_rows import Row


ROLES: tuple[tuple[Role, str, str], ...] = (
    ("sky", "Use for sky frames", "Space"),
    ("science", "Science: fit and export", "Shift+Space"),
)


class MoreButton(IconButton):
    """Offers what a narrow panel leaves away, in the panel's title and at the heads of the tree.

    Attributes
    ----------
    place : QWidget
        What stands in the title, whether the button is there or not.
    masked : QAction
        Whether the masked part takes the place of the level.
    """

    def __init__(
        self, tree: DataTree, find: Callable[[], object], suit: Callable[[], object]
    ) -> None:
        super().__init__("dots-horizontal", "What has no room here", small=True)
        menu = QMenu(self)
        search = QAction("Filter\tCtrl+F", menu)
        search.triggered.connect(lambda _=False: find())
        menu.addAction(search)
        self.masked = menu_switch(menu, "mask % in the place of the level")

        def prefer(on: bool) -> None:
            tree.prefers_masked = on
            suit()

        self.masked.toggled.connect(prefer)
        self.setMenu(menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.place = QWidget()
        in_row(self, on=self.place)
        heads = tree.header()
        if heads is not None:
            heads.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
            heads.addActions(menu.actions())


@dataclass(frozen=True)
class Offers:
    """What the panel does with its rows; None where there is nobody to do it.

    Attributes
    ----------
    assign, close : callable
        Set visit and detector of the selected rows; take them off the list.
    show_header : callable (key) or None
    """

    assign: Callable[[], object]
    close: Callable[[], object]
    show_header: Callable[[str], object] | None


def menu_of(parent: QWidget, commands: Commands, rows: Sequence[Row], offers: Offers) -> QMenu:
    """Return what can be done with the selected rows."""
    state = commands.store.state
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

    def add(text: str, run: Callable[[], object], keys: str = "", possible: bool = True) -> None:
        action = QAction(text, menu)
        # Shown only: the tree itself knows the key, where it has the focus.
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.setEnabled(possible)
        action.triggered.connect(lambda: run())
        menu.addAction(action)

    def tick(ticked: bool) -> None:
        """Make the last line one that is ticked or not."""
        action = menu.actions()[-1]
        action.setCheckable(True)
        action.setChecked(ticked)

    exposures = exposures_of(rows)
    if exposures:
        for role, text, key in ROLES:
            has = not excluded(state, role).intersection(exposures)
            add(text, partial(commands.set_role, role, exposures, not has), key)
            tick(has)
        add("Sky frames only", lambda: commands.set_only_role("sky", exposures))
        add("Science only", lambda: commands.set_only_role("science", exposures))
        menu.addSeparator()
        if len(exposures) > 1:
            add(f"Blink these {len(exposures)}", lambda: commands.film.mark_rows(exposures))
        add("Set visit and detector…", offers.assign, "F2")
        show_header = offers.show_header
        if len(exposures) == 1 and show_header is not None:
            add("Show header", lambda: show_header(exposures[0]))
        menu.addSeparator()
    paths = files_of(rows, state)
    if exposures:
        add("Reload from disk", lambda: commands.changes.reload(exposures))
    if paths:
        add("Reveal in folder", lambda: reveal(paths[0]))
        add("Copy path" if len(paths) == 1 else "Copy paths", lambda: copy("\n".join(paths)))
    n = len({key for row in rows for key in row.keys})
    add("Close" if n == 1 else f"Close {n}", offers.close, "Del", bool(n))
    return menu


def exposures_of(rows: Sequence[Row]) -> list[str]:
    """Return the keys of the exposures among rows, those below visits with them, each once."""
    chosen = [row for row in rows if row.kind in ("visit", "exposure")]
    return list(dict.fromkeys(key for row in chosen for key in row.keys))


def files_of(rows: Sequence[Row], state: State) -> list[str]:
    """Return the files of rows, each once."""
    keys = {key for row in rows for key in row.keys}
    paths = [str(item.source.path) for item in open_exposures(state) if item.key in keys]
    paths += [one.path for one in state.bad_files if one.path in keys]
    return list(dict.fromkeys(paths))


def reveal(path: str) -> None:
    """Open the folder of a file in the desktop's own program."""
    folder = path if os.path.isdir(path) else os.path.dirname(path)
    QDesktopServices.openUrl(QUrl.fromLocalFile(folder))


def copy(text: str) -> None:
    """Put text on the clipboard."""
    board = QGuiApplication.clipboard()
    if board is not None:
        board.setText(text)


def paths_of(data: QMimeData | None) -> list[str]:
    """Return the files and folders that are dragged."""
    if data is None or not data.hasUrls():
        return []
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
