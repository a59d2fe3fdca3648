"""Asks for files and folders, without ever making the window wait."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QFileDialog

from skyframe_gui.app.export.write import save_sky_frame
from skyframe_gui.app.report.job import write_report
from skyframe_gui.ui.dialogs.questions import ask_export
from skyframe_gui.workflow import names

if TYPE_CHECKING:
    from collections.abc import Callable

    from PyQt6.QtWidgets import QWidget

    from skyframe_gui.app.commands import Commands

FITS = "FITS files (*.fits *.fit *.fts *.fz *.gz *.bz2);;All files (*)"


def ask_open(parent: QWidget, commands: Commands) -> QFileDialog:
    """Ask for files and open them."""
    dialog = _dialog(parent, "Open exposures and sky frames", commands, FITS)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    dialog.filesSelected.connect(lambda paths: _open(commands, paths, os.path.dirname(paths[0])))
    dialog.open()
    return dialog


def ask_open_folder(parent: QWidget, commands: Commands) -> QFileDialog:
    """Ask for a folder and open what is in it."""
    dialog = _dialog(parent, "Open a folder of exposures", commands)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.filesSelected.connect(lambda paths: _open(commands, paths, paths[0]))
    dialog.open()
    return dialog


def ask_folder(parent: QWidget, start: str, chosen: Callable[[str], None]) -> QFileDialog:
    """Ask for a folder to write to."""
    there = start
    while there and not os.path.isdir(there) and there != os.path.dirname(there):
        there = os.path.dirname(there)
    dialog = QFileDialog(parent, "Folder to write to", there)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    dialog.fileSelected.connect(chosen)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog


def ask_save_sky_frame(parent: QWidget, commands: Commands, key: str) -> QFileDialog:
    """Ask where to save a sky frame of the session, and save it; asks again before replacing."""
    program = commands.program
    item = next(item for item in program.store.state.sky_frames if item.key == key)
    name, write = names.sky_frame_names([item.identity])[0], partial(save_sky_frame, program, key)
    filters = "FITS files (*.fits)"
    return ask_export(parent, f"Save {item.name}", commands.folders, filters, name, write)


def ask_save_report(parent: QWidget, commands: Commands) -> QFileDialog:
    """Ask where to save the report of the session, and write it; asks again before replacing."""
    from skyframe_gui.ui.graph.report_plots import ReportPlotter

    plotter = ReportPlotter(parent)
    fit = commands.store.state.results.fit
    name = f"{names.safe_name(fit.visit)}-report.html" if fit else "report.html"

    def write(path: str, overwrite: bool) -> None:
        write_report(commands.program, path, plotter.draw, overwrite)

    filters = "HTML pages (*.html *.htm)"
    return ask_export(parent, "Save the report", commands.folders, filters, name, write)


def _dialog(parent: QWidget, title: str, commands: Commands, filters: str = "") -> QFileDialog:
    dialog = QFileDialog(parent, title, commands.folders.get("open", ""), filters)
    dialog.finished.connect(dialog.deleteLater)
    return dialog


def _open(commands: Commands, paths: list[str], folder: str) -> None:
    commands.folders["open"] = folder
    commands.open(paths)
