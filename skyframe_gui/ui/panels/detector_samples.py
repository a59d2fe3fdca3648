"""Samples against the sky model, a small plot for each detector."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.ui.camera.camera_panel import CameraPanel
from skyframe_gui.ui.camera.facts import short
from skyframe_gui.ui.camera.multiples import MultiplesView
from skyframe_gui.ui.camera.rows import no_fit_note, plane_of
from skyframe_gui.ui.camera.tiles import in_order, shows_first, tiles_of
from skyframe_gui.ui.plain_text import plain_tip
from skyframe_gui.ui.samples.controls import Segments

if TYPE_CHECKING:
    from PyQt6.QtGui import QResizeEvent
    from PyQt6.QtWidgets import QWidget

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.view import TileOrder, TilePlot, View
    from skyframe_gui.ui.camera.rows import Plane
    from skyframe_gui.ui.camera.tiles import Tiles
    from skyframe_gui.ui.theme import Palette

ORDERS = (
    ("deviation", "deviation", "The detectors farthest from the visit's scale first"),
    ("rejected", "rejected", "Those with the most rejected samples first"),
    ("number", "number", "By their numbers or names"),
)
SHOWS = (
    ("samples", "samples", "Image samples against the sky model's"),
    ("residuals", "residuals", "What the visit's line leaves, against the sky model's samples"),
)
CHOICES: dict[str, TilePlot] = {"samples": "samples", "residuals": "residuals"}
LEGEND = (
    "Solid: the visit's line, with the band beyond which samples are rejected; dotted: the "
    "detector's own; squares: rejected"
)
"""There is not always room for it beside the title."""
WIDE_FOR_SHOWS = 560
"""Width from which on all choices have room beside the titles."""
NAMES: dict[str, TileOrder] = {"deviation": "deviation", "rejected": "rejected", "number": "number"}


class DetectorSamplesPanel(CameraPanel):
    """The plots and their order."""

    id = "detector-samples"
    title = "Samples of each detector"
    area = "right"
    order = 21

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self.orders = Segments(ORDERS, small=True)
        self.orders.chosen.connect(self._choose)
        self.shows = Segments(SHOWS, small=True)
        self.shows.chosen.connect(self._show)
        self.view = MultiplesView()
        self.view.chosen.connect(self.commands.select_exposure)
        self.view.opened.connect(self.commands.open_in_visit)
        self.body.addWidget(self.view)
        self.setFocusProxy(self.view)
        self.show_choices(commands.store.state.view)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Leave the title its room: with less the choice of what is shown goes."""
        super().resizeEvent(event)
        self.shows.setVisible(self.width() >= WIDE_FOR_SHOWS)

    def header_widgets(self) -> list[QWidget]:
        """Return the choices of what is shown, and in which order."""
        return [self.shows, self.orders]

    def watches(self, state: State) -> object:
        """Return the samples, and how they are shown."""
        view = state.view
        choices = view.tile_order, view.tile_plot
        # While another fit is made the note's words change, and what stands in its place does not.
        note = self.note_for(state, plane_of(state))
        return super().watches(state), note, state.config.skyRej, choices

    def subject(self, state: State) -> str:
        """Return the range of every plot."""
        plane = plane_of(state)
        tiles = None if plane is None else tiles_of(plane, state.config.skyRej)
        if plane is None or tiles is None:
            return ""
        plot = state.view.tile_plot or shows_first(tiles)
        return f"{_range_of(tiles, plane, plot)}; dotted: own"

    def note_for(self, state: State, plane: Plane | None) -> tuple[str, str, str] | None:
        """Say what to do where there is no fit."""
        there = plane is not None and tiles_of(plane, state.config.skyRej) is not None
        return None if there else no_fit_note(state)

    def show_choices(self, view: View) -> None:
        """Switch the order on, and what the samples are against where that is chosen."""
        self.orders.check(view.tile_order)
        if view.tile_plot is not None:
            self.shows.check(view.tile_plot)

    def paint_plane(self, plane: Plane, state: State, palette: Palette) -> None:
        """Paint the plots."""
        tiles = tiles_of(plane, state.config.skyRej)
        assert tiles is not None, "note_for has looked"
        plot, order = state.view.tile_plot or shows_first(tiles), state.view.tile_order
        self.shows.check(plot)
        self.view.setToolTip(plain_tip(f"{LEGEND}; {_range_of(tiles, plane, plot)}"))
        ordered = in_order(tiles.tiles, order)
        self.view.show_tiles(tiles, ordered, plot, state.selection.exposure, palette)

    def _show(self, name: str) -> None:
        self.commands.view(tile_plot=CHOICES[name])

    def _choose(self, name: str) -> None:
        self.commands.view(tile_order=NAMES[name])


def _range_of(tiles: Tiles, plane: Plane, plot: TilePlot) -> str:
    up = short(tiles.residual_up if plot == "residuals" else tiles.up, plane.unit)
    return f"each {up} by {short(tiles.across)}"
