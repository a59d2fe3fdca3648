"""The menu File: opening, sessions, configs, exports."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QStandardPaths

from skyframe_gui.app.model.queries import open_exposures, open_sky_frames
from skyframe_gui.ui.actions.action import Action, is_open
from skyframe_gui.ui.panels.config import ConfigPanel
from skyframe_gui.ui.panels.data import DataPanel

if TYPE_CHECKING:
    from skyframe_gui.engine import Watch
    from skyframe_gui.ui.actions.action import Context


def ask_open(context: Context) -> None:
    """Ask for files and open them."""
    from skyframe_gui.ui.dialogs import files

    files.ask_open(context.window, context.commands)


def ask_open_folder(context: Context) -> None:
    """Ask for a folder and open what is in it."""
    from skyframe_gui.ui.dialogs import files

    files.ask_open_folder(context.window, context.commands)


def open_demo(context: Context) -> None:
    """Simulate a night and open it."""
    base = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.CacheLocation)
    folder = Path(base or tempfile.gettempdir()) / "demo"
    commands = context.commands
    commands.program.tasks.run(
        "Simulate the demonstration's night", partial(_demo, folder), commands.open
    )


def _demo(folder: Path, watch: Watch) -> list[str]:
    """Return the demonstration's files, made now."""
    from skyframe_gui.workflow.demo import files_to_show, run_demo

    run_demo(folder, overwrite=True, watch=watch)
    return files_to_show(folder)


def save_report(context: Context) -> None:
    """Ask where to save the report of the session."""
    from skyframe_gui.ui.dialogs import files

    files.ask_save_report(context.window, context.commands)


def export(context: Context) -> None:
    """Open the export dialog, as it was left."""
    from skyframe_gui.ui.dialogs.export import ExportDialog

    dialog = context.window.findChild(ExportDialog)
    if dialog is None:
        dialog = ExportDialog(context.window, context.commands, context.panels)
    dialog.show()
    dialog.raise_()
    dialog.activateWindow()


ACTIONS: tuple[Action, ...] = (
    Action("open", "Open files…", "File", "Ctrl+O", ask_open, icon="folder-open-outline"),
    Action("open-folder", "Open folder…", "File", "Ctrl+Shift+O", ask_open_folder),
    Action("demo", "Try the demo", "File", "Ctrl+D", open_demo),
    Action(
        "new-session",
        "New session",
        "File",
        "Ctrl+N",
        lambda c: c.files.new(),
        is_open,
        separator=True,
    ),
    Action("open-session", "Open session…", "File", "Ctrl+Alt+O", lambda c: c.files.open()),
    Action("save-session", "Save session", "File", "Ctrl+S", lambda c: c.files.save(), is_open),
    Action(
        "save-session-as",
        "Save session as…",
        "File",
        "Ctrl+Alt+S",
        lambda c: c.files.save_as(),
        is_open,
    ),
    Action(
        "config-import",
        "Import config…",
        "File",
        "Ctrl+I",
        lambda c: c.panels.get(ConfigPanel).ask_import(),
        separator=True,
    ),
    Action(
        "config-paste",
        "Paste overrides…",
        "File",
        "",
        lambda c: c.panels.get(ConfigPanel).ask_paste(),
    ),
    Action(
        "config-export",
        "Export config…",
        "File",
        "",
        lambda c: c.panels.get(ConfigPanel).ask_export(),
    ),
    Action(
        "export",
        "Export…",
        "File",
        "Ctrl+E",
        export,
        lambda s: bool(open_exposures(s) or open_sky_frames(s)),
        icon="export-variant",
        separator=True,
    ),
    Action(
        "save-report",
        "Save report…",
        "File",
        "Ctrl+Shift+R",
        save_report,
        lambda s: s.results.fit is not None,
    ),
    Action(
        "close-items",
        "Close selected",
        "File",
        "",
        lambda c: c.panels.get(DataPanel).close_selected(),
        is_open,
    ),
    Action("quit", "Quit", "File", "Ctrl+Q", lambda c: c.window.close(), separator=True),
)
