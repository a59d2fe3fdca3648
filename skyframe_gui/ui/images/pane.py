"""A pane: image, chip and colour bar, and the menu of what it shows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PyQt6.QtCore import QPoint, QRect, Qt
from PyQt6.QtGui import QAction, QActionGroup, QCursor
from PyQt6.QtWidgets import QMenu, QWidget

from skyframe_gui.app.model.looks import LAYERS
from skyframe_gui.ui.graph.graph_menu import GraphMenu
from skyframe_gui.ui.graph.level_bar import WIDTH, LevelBar
from skyframe_gui.ui.graph.levels import levels_of
from skyframe_gui.ui.images.canvas import Canvas
from skyframe_gui.ui.images.chip import CORNER, Chip
from skyframe_gui.ui.images.content import NAMES
from skyframe_gui.ui.images.drawing_menu import offer_drawing
from skyframe_gui.ui.images.facts import is_own_grid
from skyframe_gui.ui.images.insets import Insets
from skyframe_gui.ui.images.plane_list import PlaneList
from skyframe_gui.ui.images.planes import MASKED_MODES
from skyframe_gui.ui.images.values_text import values_text
from skyframe_gui.ui.theme import palette_of
from skyframe_gui.ui.widgets import in_row, menu_switch

if TYPE_CHECKING:
    from PyQt6.QtGui import QContextMenuEvent, QResizeEvent

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.looks import Layer
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.view import Switch
    from skyframe_gui.ui.images.content import Content
    from skyframe_gui.ui.images.sample_boxes import Boxes

OVER: tuple[tuple[Switch, str], ...] = (
    ("compass", "North, east and scale bar\tE"),
    ("overview", "Overview of the whole exposure\tW"),
    ("magnifier", "Magnifier of the pixels under the mouse\tZ"),
)
"""What else can stand over the image."""
NEAR = 32
"""Pixels about the chip within which the mouse drives it to the other edge."""


class Pane(QWidget):
    """One of the 1, 2 or 4 images.

    Parameters
    ----------
    commands : Commands
    index : int
        Which of `View.panes`.
    """

    def __init__(self, commands: Commands, index: int) -> None:
        super().__init__()
        self.commands = commands
        self.index = index
        self.canvas = Canvas(commands, index)
        self.bar = LevelBar()
        self.bar.dragged.connect(self._set_limits)
        self.bar.reset.connect(self._reset_limits)
        self.chip = Chip(self)
        self.insets = Insets(self.canvas, self)
        self.menu: QMenu | None = None
        self._state: State | None = None
        self._content: Content | None = None
        # Image and bar without the chip, which is a button: what a picture of the pane shows.
        self.picture = QWidget()
        in_row((self.canvas, 1), self.bar, on=self.picture)
        in_row(self.picture, on=self)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.chip.raise_()
        self.canvas.pressed.connect(self._activate)
        self.canvas.view.menu_wanted.connect(self.open_menu)
        self.canvas.view.pointed.connect(lambda at: self._place_chip())
        self.chip.clicked.connect(lambda: self.open_menu())

    def show_content(self, state: State, content: Content | None, boxes: Boxes | None) -> None:
        """Paint another state."""
        self._state, self._content = state, content
        palette = palette_of(state)
        self.canvas.layers.has_compass = has_compass(state.view.panes, self.index)
        self.canvas.show_content(state, content, boxes)
        self.insets.show_content(state, content, self.index == state.view.active)
        levels = None if content is None else levels_of(content, content.symmetric)
        self.bar.show_levels(levels, palette)
        if content is not None:
            self.bar.setAccessibleName(f"Limits of {content.title}")
        self.chip.setVisible(content is not None)
        if content is not None:
            active = self.index == state.view.active
            self.chip.show_words(palette, content.title, content.subject, active, content.stale)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Keep the chip off the level bar."""
        super().resizeEvent(event)
        # Not the canvas's own width, which comes only with the layout after this.
        self.chip.fit(max(self.width() - WIDTH - 2 * CORNER, 60))
        self._place_chip()

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        """Open the menu by the Menu key, or by the mouse beside the image."""
        if event is not None:
            self.open_menu(event.globalPos())

    def _place_chip(self) -> None:
        """Keep the chip in its corner, or at the lower edge while the mouse is near it."""
        chip = self.chip
        mouse = self.mapFromGlobal(QCursor.pos())
        home = QRect(CORNER, CORNER, chip.width(), chip.height())
        near = home.adjusted(-NEAR, -NEAR, NEAR, NEAR).contains(mouse)
        # A chip that is pointed at is wanted, as a button.
        away = near and not home.contains(mouse) and self.canvas.underMouse()
        at = QPoint(CORNER, CORNER)
        if away:
            compass = math.ceil(self.canvas.layers.compass.width)
            at = QPoint(compass + CORNER, self.height() - CORNER - chip.height())
        if chip.pos() != at:
            chip.move(at)

    def open_menu(self, at: QPoint | None = None) -> None:
        """Open the menu of what this pane shows."""
        if self._state is None or self._content is None:
            return
        self._activate()
        self.menu = self.make_menu(self._state, self._content)
        self.menu.popup(at or self.chip.mapToGlobal(QPoint(0, self.chip.height() + 2)))

    def make_menu(self, state: State, content: Content) -> QMenu:
        """Return the menu; it goes when it is closed."""
        self.picture.setAccessibleName(content.title)
        canvas = self.canvas
        menu = GraphMenu(self.picture, canvas.view.box, canvas.fit, self._values)
        menu.addSeparator()
        view, shown = state.view, content.shown
        layers = QActionGroup(menu)
        for layer in LAYERS:
            action = menu_switch(menu, NAMES[layer], content.layer == layer)
            layers.addAction(action)
            action.triggered.connect(lambda _=False, layer=layer: self._set_layer(layer))
        menu.addSeparator()
        marked = menu_switch(menu, "Mark, to blink\tA", self.commands.film.is_marked(self.index))
        marked.triggered.connect(lambda: self.commands.film.mark_pane(self.index))
        menu.addSeparator()
        own = menu_switch(menu, "Bins of the exposure itself", is_own_grid(view, shown))
        own.setEnabled(shown.grid is not None and shown.sky_frame is not None)
        own.triggered.connect(self._set_own_grid)
        menu.addSeparator()
        modes = QActionGroup(menu)
        for mode, text in MASKED_MODES:
            action = menu_switch(menu, text, view.veil == mode)
            action.setEnabled(shown.masked is not None)
            modes.addAction(action)
            action.triggered.connect(lambda _=False, mode=mode: self.commands.view(veil=mode))
        planes = QAction("Mask planes…", menu)
        planes.setEnabled(shown.masks is not None)
        planes.triggered.connect(self.open_planes)
        menu.addAction(planes)
        menu.addSeparator()
        for name, text in OVER:
            action = menu_switch(menu, text, getattr(view, name))
            action.triggered.connect(lambda _=False, name=name: self.commands.switch(name))
        menu.addSeparator()
        offer_drawing(menu, canvas)
        menu.addSeparator()
        reset = QAction("Measure limits again", menu)
        reset.triggered.connect(self._reset_limits)
        menu.addAction(reset)
        return menu

    def _values(self) -> str:
        content = self._content
        if content is None:
            return ""
        return values_text(content, self.canvas.viewport, self.devicePixelRatioF())

    def open_planes(self) -> PlaneList:
        """Open the list of mask planes."""
        popup = PlaneList(self.commands, self)
        popup.move(self.chip.mapToGlobal(QPoint(0, self.chip.height() + 2)))
        popup.show()
        return popup

    def _activate(self) -> None:
        if self._state is not None and self._state.view.active != self.index:
            self.commands.view(active=self.index)

    def _set_layer(self, layer: Layer) -> None:
        panes = list(self.commands.store.state.view.panes)
        panes[self.index] = layer
        self.commands.view(panes=tuple(panes))

    def _set_own_grid(self, own: bool) -> None:
        self.commands.view(own_grid=own)
        self.commands.looks.reset_limits("grid")

    def _reset_limits(self) -> None:
        if self._content is not None:
            self.commands.looks.reset_limits(self._content.layer)

    def _set_limits(self, low: float, high: float) -> None:
        """Set limits that were dragged, in the unit in which they are kept."""
        if self._content is not None:
            factor = self._content.factor or 1.0
            self.commands.looks.set_limits(
                self._content.layer, *sorted((low / factor, high / factor))
            )


def has_compass(panes: tuple[Layer, ...], index: int) -> bool:
    """Return whether a pane tells north and east: those of the exposure do, else the first."""
    return panes[index] == "exposure" if "exposure" in panes else index == 0
