"""The context menu of the data panel's tree."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt, QUrl
from PyQt6.QtGui import QAction, QDesktopServices, QGuiApplication, QKeySequence
from PyQt6.QtWidgets import QMenu

from skyframe_gui.app.model.queries import open_exposures, open_sky_frames

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PyQt6.QtCore import QMimeData

    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.data.rows import Row
    from skyframe_gui.ui.panels.data import DataPanel


def menu_of(panel: DataPanel, rows: Sequence[Row], state: State) -> QMenu:
    """Return what can be done with the selected rows."""
    menu = QMenu(panel)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

    def add(text: str, run: Callable[[], object], keys: str = "", possible: bool = True) -> None:
        action = QAction(text, menu)
        # Shown only: the tree itself knows the key, where it has the focus.
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.setEnabled(possible)
        action.triggered.connect(lambda: run())
        menu.addAction(action)

    commands = panel.commands
    exposures = panel.selected_exposures()
    if exposures:
        out = [key for key in exposures if key in state.left_out]
        add("Include", lambda: commands.set_included(exposures, True), "Space", bool(out))
        add(
            "Leave out",
            lambda: commands.set_included(exposures, False),
            "Space",
            len(out) < len(exposures),
        )
        add("Set visit and detector…", panel.assign_selected, "F2")
        if len(exposures) == 1 and panel.receivers(panel.header_wanted):
            add("Show header", lambda: _show_header(panel, exposures[0]))
        menu.addSeparator()
    frames = [row for row in rows if row.kind == "sky frame"]
    if len(frames) == 1:
        key = frames[0].id
        add("Use this sky frame", lambda: commands.select_sky_frame(key))
        if frames[0].note and panel.receivers(panel.save_wanted):
            add("Save sky frame…", lambda: panel.save_wanted.emit(key))
        menu.addSeparator()
    paths = files_of(rows, state)
    if paths:
        add("Reveal in folder", lambda: reveal(paths[0]))
        add("Copy path" if len(paths) == 1 else "Copy paths", lambda: copy("\n".join(paths)))
    n = len({key for row in rows for key in row.keys})
    add("Close" if n == 1 else f"Close {n}", panel.close_selected, "Del", bool(n))
    return menu


def files_of(rows: Sequence[Row], state: State) -> list[str]:
    """Return the files of rows, each once."""
    keys = {key for row in rows for key in row.keys}
    paths = [str(item.source.path) for item in open_exposures(state) if item.key in keys]
    paths += [item.path for item in open_sky_frames(state) if item.key in keys and item.path]
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


def _show_header(panel: DataPanel, key: str) -> None:
    panel.commands.select_exposure(key)
    panel.header_wanted.emit()
