"""The context menu of a plot or a pane: its view, its picture, its values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QMenu

from skyframe_gui.ui.clipboard import copy_text
from skyframe_gui.ui.picture_saving import copy_picture, save_picture

if TYPE_CHECKING:
    from collections.abc import Callable

    from PyQt6.QtWidgets import QWidget

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
