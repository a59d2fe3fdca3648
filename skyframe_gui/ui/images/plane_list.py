"""The list of mask planes: which are drawn over the images, in which colour, how strongly."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QColor, QIcon, QPainter, QPixmap
from PyQt6.QtWidgets import (
    QCheckBox,
    QColorDialog,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QSlider,
    QToolButton,
    QWidget,
)

from skyframe_gui.ui.images.planes import plane_colour
from skyframe_gui.ui.plain_text import plain_tip
from skyframe_gui.ui.widgets import in_column, in_row, text_label

if TYPE_CHECKING:
    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.state import State

SWATCH = 14


class PlaneList(QFrame):
    """A popup with a row for each plane; every change is seen at once."""

    def __init__(self, commands: Commands, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("dockBody")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFrameShape(QFrame.Shape.Box)
        self.commands = commands
        self.checks: dict[str, QCheckBox] = {}
        self.swatches: dict[str, QToolButton] = {}
        title = text_label("Mask planes over exposure and subtracted", "section")
        column = in_column(
            title, 4, self._shortcuts(), 4, on=self, margins=(12, 10, 12, 10), spacing=2
        )
        state = commands.store.state
        shown = state.results.shown
        planes = {} if shown is None or shown.planes is None else dict(shown.planes)
        for name, bit in sorted(planes.items(), key=lambda one: one[1]):
            column.addLayout(self._row(name, bit))
        column.addSpacing(6)
        column.addLayout(self._opacity(state))
        # A popup outlives no click beside it, so it may listen for as long as it is there.
        commands.store.changed.connect(self._on_changed)
        self.show_state(state)

    def show_state(self, state: State) -> None:
        """Paint the choices."""
        view, shown = state.view, state.results.shown
        planes = {} if shown is None or shown.planes is None else dict(shown.planes)
        for name, check in self.checks.items():
            check.setChecked(view.masks and name not in view.hidden_planes)
            if name in planes:
                self.swatches[name].setIcon(_swatch(plane_colour(view, name, planes[name])))

    def _on_changed(self, old: State, new: State) -> None:
        if old.view is not new.view:
            self.show_state(new)

    def _shortcuts(self) -> QHBoxLayout:
        row = in_row(spacing=14)
        for text, tip, which in (
            ("all", "Draw every plane", lambda: set(self.checks)),
            ("none", "Draw no plane", set),
            ("those of stats.mask", "Draw the planes that the samples leave out", self._of_stats),
        ):
            button = QPushButton(text)
            button.setAccessibleName(tip)
            button.setProperty("link", True)
            button.setToolTip(tip)
            button.clicked.connect(lambda _=False, which=which: self._draw_only(which()))
            row.addWidget(button)
        row.addStretch(1)
        return row

    def _row(self, name: str, bit: int) -> QHBoxLayout:
        check = QCheckBox(name.replace("&", "&&"))  # else a mark of its key
        check.setMinimumHeight(24)
        check.clicked.connect(lambda on, name=name: self._draw(name, on))
        swatch = QToolButton()
        swatch.setProperty("flat", True)
        swatch.setIconSize(QSize(SWATCH, SWATCH))
        swatch.setToolTip(plain_tip(f"Choose the colour of {name}"))
        swatch.setAccessibleName(f"Colour of {name}")
        swatch.clicked.connect(lambda _=False, name=name, bit=bit: self._ask_colour(name, bit))
        number = text_label(f"bit {bit}", "hint")
        self.checks[name], self.swatches[name] = check, swatch
        return in_row((check, 1), number, swatch, spacing=-1)

    def _opacity(self, state: State) -> QHBoxLayout:
        label = text_label("opacity", "text2")
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(5, 100)
        self.opacity.setValue(round(100 * state.view.plane_opacity))
        self.opacity.setAccessibleName("Opacity of the mask planes")
        self.opacity.valueChanged.connect(
            lambda value: self.commands.view(plane_opacity=value / 100)
        )
        return in_row(label, (self.opacity, 1), spacing=-1)

    def _of_stats(self) -> set[str]:
        return set(self.commands.store.state.config.stats.mask) & set(self.checks)

    def _draw_only(self, names: set[str]) -> None:
        self.commands.view(masks=bool(names), hidden_planes=frozenset(set(self.checks) - names))

    def _draw(self, name: str, on: bool) -> None:
        view = self.commands.store.state.view
        hidden = view.hidden_planes if view.masks else frozenset(self.checks)
        hidden = hidden - {name} if on else hidden | {name}
        self.commands.view(masks=bool(set(self.checks) - hidden), hidden_planes=hidden)

    def _ask_colour(self, name: str, bit: int) -> None:
        view = self.commands.store.state.view
        dialog = QColorDialog(QColor(plane_colour(view, name, bit)), self.parentWidget())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(f"Colour of {name}")
        commands = self.commands

        def choose(colour: QColor) -> None:
            chosen = {**commands.store.state.view.plane_colours, name: colour.name()}
            commands.view(plane_colours=MappingProxyType(chosen))

        dialog.colorSelected.connect(choose)
        dialog.open()


def _swatch(colour: str) -> QIcon:
    picture = QPixmap(SWATCH, SWATCH)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawRoundedRect(0, 0, SWATCH, SWATCH, 3, 3)
    painter.end()
    return QIcon(picture)
