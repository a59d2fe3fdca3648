"""The menu File: opening, sessions, configs, exports."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QStandardPaths

from skyframe_gui.app.model.queries import open_exposures, open_sky_frames
from skyframe_gui.app.model.requests import request_of
from skyframe_gui.ui.actions.action import Action, has_exposure, has_fit, is_open
from skyframe_gui.ui.panels.config import ConfigPanel
from skyframe_gui.ui.panels.data import DataPanel

if TYPE_CHECKING:
    from skyframe_gui.engine import Watch
    from skyframe_gui.ui.actions.action import Context
    from skyframe_gui.ui.dialogs.export import ExportDialog


def ask_open(context: Context) -> None:
    """Ask for files and open them."""
    from skyframe_gui.ui.dialogs import files

    files.ask_open(context.window, context.commands)


def ask_open_folder(context: Context) -> None:
    """Ask for a folder and open what is in it."""
    from skyframe_gui.ui.dialogs import files

    files.ask_open_folder(context.window, context.commands)


def ask_open_repository(context: Context) -> None:
    """Ask for data sets of a Butler repository and open them."""
    from skyframe_gui.ui.dialogs.butler import ButlerDialog

    dialog = context.window.findChild(ButlerDialog)
    if dialog is None:
        dialog = ButlerDialog(context.window, context.commands)
    dialog.show()
    dialog.raise_()
    dialog.activateWindow()


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
    _export_dialog(context)


def export_corrected(context: Context) -> None:
    """Open the export dialog with the whole sky correction ticked."""
    _export_dialog(context).offer_corrected()


def _export_dialog(context: Context) -> ExportDialog:
    from skyframe_gui.ui.dialogs.export import ExportDialog

    dialog = context.window.findChild(ExportDialog)
    if dialog is None:
        dialog = ExportDialog(context.window, context.commands, context.panels)
    dialog.show()
    dialog.raise_()
    dialog.activateWindow()
    return dialog


_action = partial(Action, menu="File")

ACTIONS: tuple[Action, ...] = (
    _action(id="open", text="Open files…", keys="Ctrl+O", run=ask_open, icon="folder-open-outline"),
    _action(id="open-folder", text="Open folder…", keys="Ctrl+Shift+O", run=ask_open_folder),
    _action(id="open-repository", text="Open from a Butler repository…", run=ask_open_repository),
    _action(id="demo", text="Try the demo", keys="Ctrl+D", run=open_demo),
    _action(
        id="new-session",
        text="New session",
        keys="Ctrl+N",
        run=lambda c: c.files.new(),
        enabled=is_open,
        separator=True,
    ),
    _action(
        id="open-session", text="Open session…", keys="Ctrl+Alt+O", run=lambda c: c.files.open()
    ),
    _action(
        id="save-session",
        text="Save session",
        keys="Ctrl+S",
        run=lambda c: c.files.save(),
        enabled=is_open,
    ),
    _action(
        id="save-session-as",
        text="Save session as…",
        keys="Ctrl+Alt+S",
        run=lambda c: c.files.save_as(),
        enabled=is_open,
    ),
    _action(
        id="reload",
        text="Reload files that have changed",
        keys="F5",
        run=lambda c: c.commands.changes.reload(),
        enabled=is_open,
        separator=True,
    ),
    _action(
        id="reload-itself",
        text="Reload them by themselves",
        run=lambda c: c.commands.switch("reload_itself"),
        checked=lambda s: s.view.reload_itself,
    ),
    _action(
        id="send-image",
        text="Send image to other programs",
        run=lambda c: c.commands.program.samp.send_image(),
        enabled=has_exposure,
        separator=True,
    ),
    _action(
        id="send-samples",
        text="Send samples to other programs",
        run=lambda c: c.commands.program.samp.send_samples(),
        enabled=has_fit,
    ),
    _action(
        id="config-import",
        text="Import config…",
        keys="Ctrl+I",
        run=lambda c: c.panels.get(ConfigPanel).exchange.ask_import(),
        separator=True,
    ),
    _action(
        id="config-paste",
        text="Paste overrides…",
        run=lambda c: c.panels.get(ConfigPanel).exchange.ask_paste(),
    ),
    _action(
        id="config-export",
        text="Export config…",
        run=lambda c: c.panels.get(ConfigPanel).exchange.ask_export(),
    ),
    _action(
        id="export",
        text="Export…",
        keys="Ctrl+E",
        run=export,
        enabled=lambda s: bool(open_exposures(s) or open_sky_frames(s)),
        icon="export-variant",
        separator=True,
    ),
    _action(
        id="export-corrected",
        text="Export corrected visit…",
        keys="Ctrl+Shift+E",
        run=export_corrected,
        enabled=lambda s: bool(request_of(s).members),
    ),
    _action(
        id="save-report",
        text="Save report…",
        keys="Ctrl+Shift+R",
        run=save_report,
        enabled=lambda s: s.results.fit is not None,
    ),
    _action(
        id="close-items",
        text="Close selected",
        run=lambda c: c.panels.get(DataPanel).close_selected(),
        enabled=is_open,
    ),
    _action(id="quit", text="Quit", keys="Ctrl+Q", run=lambda c: c.window.close(), separator=True),
)
