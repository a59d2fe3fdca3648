"""The toolbar: what is done most often, and how the images look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QToolButton, QWidget

from skyframe_gui.app.limits import BY_HAND, preset_name
from skyframe_gui.app.looks import STRETCHES, colours_of, presets_of
from skyframe_gui.app.pictures import Shown

if TYPE_CHECKING:
    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.state import Layer, State
    from skyframe_gui.ui.actions import Actions

WORDS = ("open", "build", "export")
SHORT = {"open": "Open", "build": "Build", "export": "Export"}
PANES = ("one-pane", "two-panes", "four-panes", "row-of-panes")
NARROW = 1440
OVERLAYS = ("edges", "boxes", "masks", "crosshair", "link")


class ToolBar(QWidget):
    """Buttons for actions of the table, and three choices of the looks of the active pane."""

    def __init__(self, actions: Actions, commands: Commands) -> None:
        super().__init__()
        self.setObjectName("toolbar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(36)
        self._actions = actions
        self._buttons: dict[str, QToolButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(4)
        for name in WORDS:
            if name in actions.by_id:
                self._add(row, name, words=True)
        _add_line(row)
        for name in PANES:
            self._add(row, name)
        _add_line(row)
        self.stretch = _combo("Stretch of the active pane")
        self.limits = _combo("Limits of the active pane")
        self.colours = _combo("Colours of the active pane")
        self.stretch.textActivated.connect(
            lambda text: commands.set_stretch(self._layer(commands.session.state), text)
        )
        self.limits.textActivated.connect(
            lambda text: commands.set_limits_preset(self._layer(commands.session.state), text)
        )
        self.colours.textActivated.connect(
            lambda text: commands.set_colours(self._layer(commands.session.state), text)
        )
        for combo in (self.stretch, self.limits, self.colours):
            row.addWidget(combo)
        _add_line(row)
        for name in OVERLAYS:
            self._add(row, name)
        _add_line(row)
        self._add(row, "blink")
        row.addStretch(1)

    def show_state(self, state: State) -> None:
        """Paint the choices."""
        layer = self._layer(state)
        look, preset = state.looks[layer], preset_name(state, layer)
        limits = (*presets_of(layer), *((BY_HAND,) if preset == BY_HAND else ()))
        for combo, choices, value in (
            (self.stretch, STRETCHES, look.stretch),
            (self.limits, limits, preset),
            (self.colours, colours_of(layer), look.colours),
        ):
            if [combo.itemText(index) for index in range(combo.count())] != list(choices):
                combo.clear()
                combo.addItems(choices)
            combo.setCurrentText(value)
            combo.setEnabled(isinstance(state.results.shown, Shown))
        for name, text in SHORT.items():
            if name in self._buttons:  # an action's own text is longer, and comes back with it
                self._buttons[name].setText(text)

    @staticmethod
    def _layer(state: State) -> Layer:
        return state.view.panes[state.view.active]

    def suit(self, width: int) -> None:
        """Leave the words away where the window is too narrow for them."""
        style = (
            Qt.ToolButtonStyle.ToolButtonIconOnly
            if width < NARROW
            else Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        )
        for name in WORDS:
            if name in self._buttons:
                self._buttons[name].setToolButtonStyle(style)

    def _add(self, row: QHBoxLayout, name: str, words: bool = False) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(self._actions.by_id[name])
        button.setIconSize(QSize(18, 18))
        if words:
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setFixedHeight(28)
        else:
            button.setFixedSize(30, 26)
        button.setProperty("flat", True)
        row.addWidget(button)
        self._buttons[name] = button
        return button


def _combo(tip: str) -> QComboBox:
    combo = QComboBox()
    combo.setToolTip(tip)
    combo.setAccessibleName(tip)
    combo.setFixedSize(84, 26)
    return combo


def _add_line(row: QHBoxLayout) -> None:
    line = QFrame()
    line.setFrameShape(QFrame.Shape.VLine)
    line.setFixedHeight(20)
    line.setProperty("rule", True)
    row.addSpacing(6)
    row.addWidget(line)
    row.addSpacing(6)
