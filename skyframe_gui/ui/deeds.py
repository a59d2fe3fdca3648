"""What menus and keys do that needs a window: the dialogs, the theme, the demonstration."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QStandardPaths

from skyframe_gui.app.model.queries import open_sky_frames
from skyframe_gui.ui.panels.config import ConfigPanel
from skyframe_gui.ui.panels.data import DataPanel
from skyframe_gui.ui.panels.fit import FitPanel
from skyframe_gui.ui.panels.images import ImagesPanel
from skyframe_gui.ui.panels.problems import ProblemsPanel
from skyframe_gui.ui.panels.samples import SamplesPanel
from skyframe_gui.ui.panels.start import StartPanel
from skyframe_gui.ui.session_files import SessionFiles
from skyframe_gui.ui.theme import palette_of

if TYPE_CHECKING:
    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.store import Session
    from skyframe_gui.engine import Watch
    from skyframe_gui.ui.dialogs.export import ExportDialog
    from skyframe_gui.ui.window import MainWindow


class Deeds:
    """Called by the table of actions. Dialogs are loaded when they are asked for.

    Parameters
    ----------
    window : MainWindow
        Over which dialogs open.
    commands : Commands
    """

    commands: Commands
    session: Session
    files: SessionFiles

    def __init__(self, window: MainWindow, commands: Commands) -> None:
        self.window = window
        self.commands = commands
        self.session = commands.session
        self.files = SessionFiles(window, commands)
        self._export: ExportDialog | None = None

    def close(self) -> None:
        """Close the window."""
        self.window.close()

    def toggle_theme(self) -> None:
        """Change between dark and light."""
        dark = self.session.state.view.theme == "dark"
        self.commands.view(theme="light" if dark else "dark")

    def wire(self, window: MainWindow) -> None:
        """Connect what panels ask for that only a window can give."""
        panels = window.panels
        start, data = panels.get(StartPanel), panels.get(DataPanel)
        start.open_files.connect(self.ask_open)
        start.open_folder.connect(self.ask_open_folder)
        start.try_demo.connect(self.open_demo)
        panels.get(ProblemsPanel).details.connect(lambda: self.reveal("log"))
        panels.get(ConfigPanel).compare_wanted.connect(lambda: self.reveal("compare"))
        data.header_wanted.connect(lambda: self.reveal("header"))
        data.save_wanted.connect(self.save_sky_frame)

    def reveal(self, name: str) -> None:
        """Open the dock of a panel and bring it to the front."""
        self.window.reveal(name)

    def ask_open(self) -> None:
        """Ask for files and open them."""
        from skyframe_gui.ui.dialogs import files

        files.ask_open(self.window, self.commands)

    def ask_open_folder(self) -> None:
        """Ask for a folder and open what is in it."""
        from skyframe_gui.ui.dialogs import files

        files.ask_open_folder(self.window, self.commands)

    def save_sky_frame(self, key: str = "") -> None:
        """Ask where to save a sky frame: the given one, else the one that is looked at."""
        from skyframe_gui.ui.dialogs import files

        state = self.session.state
        shown = state.results.shown
        frame = None if shown is None else shown.sky_frame
        if not key:
            frames = open_sky_frames(state)
            key = frame.key if frame is not None else frames[-1].key if frames else ""
        if key:
            files.ask_save_sky_frame(self.window, self.commands, key)

    def save_report(self) -> None:
        """Ask where to save the report of the session."""
        from skyframe_gui.ui.dialogs import files

        files.ask_save_report(self.window, self.commands)

    def export(self) -> None:
        """Open the export dialog."""
        from skyframe_gui.ui.dialogs.export import ExportDialog

        if self._export is None:
            self._export = ExportDialog(self.window, self.commands, self.window.panels)
        self._export.show()
        self._export.raise_()
        self._export.activateWindow()

    def choose_planes(self) -> None:
        """Open the list of mask planes in the active pane."""
        images = self.window.panels.get(ImagesPanel)
        if images.panes:
            images.panes[self.session.state.view.active].open_planes()

    def toggle_own_grid(self) -> None:
        """Show the exposure's own bins in the place of the sky frame's, or these again."""
        self.commands.view(own_grid=not self.session.state.view.own_grid)
        self.commands.reset_limits("grid")

    def reset_limits(self) -> None:
        """Measure the limits of the layer that the toolbar speaks of again."""
        self.commands.reset_limits(self.session.state.view.active_layer)

    def step(self, by: int) -> None:
        """Show the next (1) or previous (-1) round of the fit."""
        from skyframe_gui.app.model.rejection_steps import shown_step, steps_of

        state = self.session.state
        if state.results.fit is not None:
            last = len(steps_of(state.results.fit)) - 1
            number = shown_step(state.results.fit, state.selection).number + by
            self.commands.show_step(None if number >= last else max(number, 0))

    def last_line(self) -> None:
        """Show or hide the line of the last round."""
        self.window.panels.get(SamplesPanel).toggle_last_line()

    @property
    def config(self) -> ConfigPanel:
        """The panel of the config, which asks for files and texts of configs."""
        return self.window.panels.get(ConfigPanel)

    @property
    def data(self) -> DataPanel:
        """The panel of the data, which knows what is selected in it."""
        return self.window.panels.get(DataPanel)

    def show_next_finding(self) -> None:
        """Go to the next warning of the fit."""
        self.reveal("fit")
        self.window.panels.get(FitPanel).show_next_finding()

    def zoom_to_pixels(self) -> None:
        """Show one screen pixel for each pixel of the exposure."""
        ratio = self.window.devicePixelRatioF()
        self.commands.zoom(self.session.state.view.active_frame, 1.0 / ratio)

    def blink(self) -> None:
        """Show before and after in turn, key by key; in Compare let A and B blink by themselves."""
        view = self.session.state.view
        if view.workspace == "compare":
            self.commands.view(blinking=not view.blinking)
        else:
            self.commands.view(before=not view.before)

    def toggle_stack_exposure(self) -> None:
        """Include or leave out the exposure that is selected in the stack."""
        state = self.session.state
        key = state.selection.stack_exposure
        if key:
            self.commands.set_included([key], include=key in state.left_out)

    def find(self) -> None:
        """Go to the filter of the data panel."""
        self.reveal("data")
        self.data.open_filter()

    def open_demo(self) -> None:
        """Simulate a night and open it."""
        base = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.CacheLocation)
        folder = Path(base or tempfile.gettempdir()) / "demo"
        self.commands.program.tasks.run(
            "Simulate the demonstration's night", partial(_demo, folder), self.commands.open
        )

    def show_shortcuts(self) -> None:
        """Show all keys."""
        from skyframe_gui.ui.dialogs.shortcuts import Shortcuts

        Shortcuts(self.window, palette_of(self.session.state)).show()

    def show_about(self) -> None:
        """Say what this program is."""
        from skyframe_gui.ui.dialogs.about import About

        About(self.window).show()


def _demo(folder: Path, watch: Watch) -> list[str]:
    """Return the demonstration's files, made now."""
    from skyframe_gui.workflow.demo import files_to_show, run_demo

    run_demo(folder, overwrite=True, watch=watch)
    return files_to_show(folder)
