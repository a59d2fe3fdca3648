"""The context menu of a plot or a pane: its view, its picture on clipboard or disk, its values."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Literal

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction, QImage
from PyQt6.QtWidgets import QApplication, QMenu

from skyframe_gui.app.model.problems import clear_problem, report, write_log
from skyframe_gui.app.model.results import Problem
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.files.atomic import write_bytes
from skyframe_gui.files.recovery import recover
from skyframe_gui.ui.clipboard import copy_text
from skyframe_gui.ui.dialogs.questions import ask_export
from skyframe_gui.ui.panel import Panel
from skyframe_gui.ui.panel_pictures import png_of, svg_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from PyQt6.QtWidgets import QFileDialog, QWidget

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.ui.graph.view_box import ViewBox


class GraphMenu(QMenu):
    """View all, lock, zoom box; copy and save the picture; copy the values.

    Parameters
    ----------
    graph : QWidget
        Whose picture is copied or saved: the plot or pane alone, without buttons.
    view : ViewBox
        That is locked.
    fit : callable
        Shows everything.
    values : callable
        Returns what is shown as a table; called when it is wanted.
    """

    def __init__(
        self,
        graph: QWidget,
        view: ViewBox,
        fit: Callable[[], None],
        values: Callable[[], str],
    ) -> None:
        super().__init__(graph)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._view, self._values = view, values
        self.offer("View all\tdouble click", fit)
        lock = self.offer("Lock the view", lambda: view.lock(not view.locked))
        lock.setCheckable(True)
        lock.setChecked(view.locked)
        band = self.offer("Drag draws a zoom box\tCtrl+drag", self._switch_band)
        band.setCheckable(True)
        band.setChecked(view.zoom_box)
        self.addSeparator()
        self.offer("Copy picture", lambda: copy_picture(graph))
        self.offer("Save as PNG…", lambda: save_picture(graph, "png"))
        self.offer("Save as SVG…", lambda: save_picture(graph, "svg"))
        self.offer("Copy values", self._copy_values)

    def offer(self, text: str, act: Callable[[], object]) -> QAction:
        """Add one thing that can be done."""
        action = QAction(text, self)
        action.triggered.connect(lambda _=False: act())
        self.addAction(action)
        return action

    def _switch_band(self) -> None:
        self._view.zoom_box = not self._view.zoom_box

    def _copy_values(self) -> None:
        copy_text(self._values())


Kind = Literal["png", "svg"]
ORIGIN = "picture"


def copy_picture(graph: QWidget) -> None:
    """Put a widget's picture on the clipboard."""
    clipboard = QApplication.clipboard()
    if clipboard is None:
        return
    commands = _commands_of(graph)
    try:
        clipboard.setImage(QImage.fromData(png_of(graph)))
    except SkyFrameError as error:
        report(commands.store, Problem(ORIGIN, str(error)))
        return
    clear_problem(commands.store, ORIGIN)


def save_picture(graph: QWidget, kind: Kind) -> QFileDialog:
    """Ask where to save a widget's picture, and write it; asks again before replacing a file."""
    commands = _commands_of(graph)
    name = graph.accessibleName() or "Picture"
    filters = "PNG pictures (*.png)" if kind == "png" else "SVG drawings (*.svg)"
    file, write = f"{name.lower().replace(' ', '-')}.{kind}", partial(write_picture, graph)
    return ask_export(
        graph.window() or graph, f"Save {name}", commands.folders, filters, file, write
    )


def write_picture(graph: QWidget, path: str, overwrite: bool = False) -> None:
    """Write a widget's picture; what goes wrong is shown where all problems are."""
    store = _commands_of(graph).store
    title = graph.accessibleName()
    try:
        data = svg_of(graph, title) if path.lower().endswith(".svg") else png_of(graph)
        notes = recover(os.path.dirname(path) or os.curdir)
        write_bytes(path, data, overwrite=overwrite)
    except SkyFrameError as error:
        report(store, Problem(ORIGIN, str(error)))
        return
    clear_problem(store, ORIGIN)
    write_log(store, *notes, f"The picture was saved as {path}.")


def _commands_of(widget: QWidget) -> Commands:
    """Return the commands of the panel that a widget stands in."""
    parent: QWidget | None = widget
    while parent is not None:
        if isinstance(parent, Panel):
            return parent.commands
        parent = parent.parentWidget()
    raise LookupError("The picture stands in no panel.")
