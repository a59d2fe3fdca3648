"""The maps of the sky frame on screen; a click or the arrow keys choose a bin."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from skyframe_gui.app.model.looks import FRAMES, STRETCHES, colours_of
from skyframe_gui.app.model.queries import frame_on_screen
from skyframe_gui.ui import theme
from skyframe_gui.ui.samples.controls import Segments
from skyframe_gui.ui.stack.frame_maps import (
    NOT_TOLD,
    bin_facts,
    maps_of,
    measured_limits,
    n_in_frame,
)
from skyframe_gui.ui.stack.stack_panel import StackPanel
from skyframe_gui.ui.stack.stack_rows import empty_note
from skyframe_gui.ui.toolbar_fields import fill, make_combo
from skyframe_gui.ui.widgets import text_label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PyQt6.QtWidgets import QWidget

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.items import SkyFrameItem
    from skyframe_gui.app.model.looks import Layer, Look
    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.graph.map_set import MapSet
    from skyframe_gui.ui.stack.frame_maps import Limits, Maps
    from skyframe_gui.ui.theme import Palette

FOOT = 26
NAMES = ("Value", "Error", "Used", "Clipped")
WHICH = (
    ("value", "value", "Stretch and colours here are those of the value"),
    ("error", "error", "Stretch and colours here are those of the error"),
)
HINT = "Click a bin, or choose one with the arrow keys."


class StackMapsPanel(StackPanel):
    """Value, error, used and clipped."""

    id = "stack-maps"
    title = "Sky frame"
    area = "centre"
    headed = True
    order = 10

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self.view: MapSet | None = None
        self.foot = text_label(HINT, pixels=12, margins=(10, 0, 10, 0))
        self.foot.setFixedHeight(FOOT)
        # Long words may be cut off, but never make the dock wider.
        self.foot.setMinimumWidth(1)
        self.body.addWidget(self.foot)
        self.which = Segments(WHICH, small=True)
        self.which.chosen.connect(self._choose)
        self.stretch = make_combo("Stretch of the chosen map")
        self.colours = make_combo("Colours of the chosen map")
        self.stretch.textActivated.connect(
            lambda text: commands.looks.set_stretch(self._layer, text)
        )
        self.colours.textActivated.connect(
            lambda text: commands.looks.set_colours(self._layer, text)
        )
        self._layer: Layer = FRAMES[0]
        self._maps: Maps | None = None
        self._limits: Limits | None = None
        self._drawn: tuple[Look, ...] = ()
        self._selected: tuple[int, int] | None = None
        self._palette: Palette = theme.DARK

    def watches(self, state: State) -> object:
        """Return the sky frame and the bin."""
        return frame_on_screen(state), state.selection.bin, *(state.looks[one] for one in FRAMES)

    def header_widgets(self) -> list[QWidget]:
        """Return how the map of value, or of error, is drawn."""
        return [self.which, self.stretch, self.colours]

    def subject(self, state: State) -> str:
        """Return detector, filter and number of exposures."""
        item = frame_on_screen(state)
        if item is None:
            return ""
        words = [f"detector {item.detector}" if item.detector else item.name]
        if item.built is not None:
            n, of = n_in_frame(item), len(item.members)
            words.append(f"{n} of {of} exposures in the frame")
        else:
            words.append(item.name if item.detector else "")
        return ", ".join(word for word in words if word)

    def show_state(self, state: State) -> None:
        """Paint the maps of the sky frame on screen."""
        self._palette = theme.palette_of(state)
        item = frame_on_screen(state)
        for one in self.header_widgets():
            one.setVisible(item is not None)
        if item is None:
            self.show_note(empty_note(state), self._palette)
            return
        self.show_page()
        self._selected = state.selection.bin
        self._show_look(state)
        self._show(item, state.looks)

    def _choose(self, name: str) -> None:
        self._layer = FRAMES[[one for one, *_ in WHICH].index(name)]
        self._show_look(self.commands.store.state)

    def _show_look(self, state: State) -> None:
        look = state.looks[self._layer]
        self.which.check(WHICH[FRAMES.index(self._layer)][0])
        fill(self.stretch, STRETCHES, look.stretch)
        fill(self.colours, colours_of(self._layer), look.colours)

    def _show(self, item: SkyFrameItem, looks: Mapping[Layer, Look]) -> None:
        before = self._maps
        drawn = tuple(looks[one] for one in FRAMES)
        # What changes on screen when an exposure is left out is the frame, not the colours.
        if before is None or self._limits is None or before.item.key != item.key:
            self._limits = measured_limits(item)
        if before is None or before.item is not item or self._drawn != drawn:
            self._drawn = drawn
            self._maps = maps_of(item, self._limits, looks)
        assert self._maps is not None, "made just above"
        self._paint(self._maps)
        self._show_bin(None)

    def _paint(self, maps: Maps) -> None:
        from skyframe_gui.ui.graph.map_content import MapContent

        contents = [
            MapContent(
                coloured=one.coloured,
                extent=maps.extent,
                title=one.title,
                subject=one.subject,
                unit=one.unit,
                filled=maps.filled,
                why="" if one.coloured is not None else NOT_TOLD,
            )
            for one in maps.maps
        ]
        self._made_view().show_maps(contents, self._selected, self._palette)

    def _made_view(self) -> MapSet:
        """Return the maps, made when there is something to show."""
        if self.view is None:
            from skyframe_gui.ui.graph.map_set import MapSet

            self.view = MapSet([f"{name} of the sky frame" for name in NAMES])
            self.view.chosen.connect(self.commands.select_bin)
            self.view.hovered.connect(self._show_bin)
            self.view.reset.connect(self._measure)
            self.view.limited.connect(self._limit)
            self.body.insertWidget(0, self.view, 1)
            self.setFocusProxy(self.view)
        return self.view

    def _measure(self, which: int) -> None:
        """Measure the limits of value or error again."""
        if self._maps is None or self._limits is None or which > 1:
            return  # counts have theirs from all exposures
        value, error = self._limits
        fresh = measured_limits(self._maps.item)
        self._limits = (fresh[0], error) if which == 0 else (value, fresh[1])
        self._drawn = ()
        state = self.commands.store.state
        if state.looks[FRAMES[which]].by_hand is None:
            self._show(self._maps.item, state.looks)
        self.commands.looks.reset_limits(FRAMES[which])

    def _limit(self, which: int, low: float, high: float) -> None:
        if which < len(FRAMES):
            self.commands.looks.set_limits(FRAMES[which], low, high)

    def _show_bin(self, place: tuple[int, int] | None) -> None:
        """Write of the bin under the cursor, else of the selected one."""
        place = place or self._selected
        maps = self._maps
        if maps is None or place is None:
            self.foot.setText(f'<span style="color:{self._palette.text2}">{HINT}</span>')
            return
        ny, nx = maps.shape
        if place[0] >= nx or place[1] >= ny:
            return
        quiet = f'<span style="color:{self._palette.text2}">'
        facts = [f"{quiet}{name}</span> {escape(text)}" for name, text in bin_facts(maps, place)]
        self.foot.setText("&nbsp;&nbsp;&nbsp; ".join(facts))
