"""What menus and keys do that needs a window: the dialogs, the theme, the demonstration."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QStandardPaths
from PyQt6.QtWidgets import QFileDialog

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QMainWindow

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.engine import Watch

FILTER = "FITS files (*.fits *.fit *.fts *.fz *.gz *.bz2);;All files (*)"


class Deeds:
    """Called by the table of actions.

    Parameters
    ----------
    window : QMainWindow
        Over which dialogs open.
    commands : Commands
    """

    def __init__(self, window: QMainWindow, commands: Commands) -> None:
        self.window = window
        self.commands = commands
        self.session = commands.session

    def close(self) -> None:
        """Close the window."""
        self.window.close()

    def toggle_theme(self) -> None:
        """Change between dark and light."""
        dark = self.session.state.view.theme == "dark"
        self.commands.view(theme="light" if dark else "dark")

    def ask_open(self) -> None:
        """Ask for files and open them."""
        dialog = QFileDialog(self.window, "Open exposures and sky frames", "", FILTER)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(self.commands.open)
        dialog.open()

    def ask_open_folder(self) -> None:
        """Ask for a folder and open what is in it."""
        dialog = QFileDialog(self.window, "Open a folder of exposures")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.filesSelected.connect(self.commands.open)
        dialog.open()

    def open_demo(self) -> None:
        """Simulate a night and open it."""
        base = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.CacheLocation)
        folder = Path(base or tempfile.gettempdir()) / "demo"
        self.commands.tasks.run(
            "Simulate the demonstration's night", partial(_demo, folder), self.commands.open
        )

    def show_shortcuts(self) -> None:
        """Show all keys."""

    def show_about(self) -> None:
        """Say what this program is."""


def _demo(folder: Path, watch: Watch) -> list[str]:
    """Return the demonstration's files, made now: the science visit and the sky frames."""
    from skyframe_gui.workflow.demo import run_demo

    run_demo(folder, overwrite=True, watch=watch)
    return [str(path) for path in sorted((folder / "night").glob("*.fits"))] + [
        str(path) for path in sorted(folder.glob("sky-*.fits"))
    ]
