"""Every detector of the visit in its place, in one stretch."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt

from skyframe_gui.app.model.display_limits import finite_of, histogram_of
from skyframe_gui.app.model.pointer import PlanePoint
from skyframe_gui.ui.camera.camera_panel import CameraPanel
from skyframe_gui.ui.camera.facts import plane_scale, short
from skyframe_gui.ui.camera.rows import subject_of
from skyframe_gui.ui.images.stretch import RESIDUAL, backward_lookup, lookup
from skyframe_gui.ui.samples.controls import Segments, control_bar
from skyframe_gui.ui.widgets import in_row, text_label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PyQt6.QtGui import QKeyEvent

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.shown import Histogram
    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.camera.plane_picture import PlaneLayer
    from skyframe_gui.ui.camera.rows import Plane
    from skyframe_gui.ui.graph.level_bar import LevelBar
    from skyframe_gui.ui.graph.plane_view import PlaneView
    from skyframe_gui.ui.theme import Palette

LAYERS = (
    ("residual", "residual", "What is left in the good pixels without the sky model"),
    ("exposure", "exposure", "The exposures as they are"),
    ("model", "model", "The sky model times the visit's scale"),
    ("good", "good pixels", "The part of the pixels that the fit can use"),
)
NAMES: dict[str, PlaneLayer] = {
    "residual": "residual",
    "exposure": "exposure",
    "model": "model",
    "good": "good",
}
COLOURS = {"exposure": "grey", "model": "viridis", "good": "cividis"}


class FocalPlanePanel(CameraPanel):
    """The focal plane, what of it is shown, and its level bar."""

    id = "focal-plane"
    title = "Focal plane"
    area = "centre"
    headed = True
    order = 20

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self.layers = Segments(LAYERS)
        self.layers.check("residual")
        self.layers.chosen.connect(self._choose)
        self.words = text_label("", "text2", pixels=11, shrinks=True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.body.addWidget(control_bar(self.layers, (self.words, 1)))
        self.place_note = text_label(
            "", "text2", pixels=11, wraps=True, margins=(12, 4, 12, 4), plain=True
        )
        self.body.addWidget(self.place_note)
        self._row = in_row()
        self.body.addLayout(self._row, 1)
        self.view: PlaneView | None = None
        self.bar: LevelBar | None = None
        self._layer: PlaneLayer = "residual"
        self._measured: dict[PlaneLayer, tuple[object, tuple[float, float]]] = {}
        self._by_hand: dict[PlaneLayer, tuple[float, float]] = {}
        self._counted: tuple[object, Histogram | None] = (None, None)
        self._shown: tuple[Plane, float, str, Palette] | None = None

    def prepare(self) -> Iterator[None]:
        """Make the view and its bar."""
        self._made_parts()
        yield

    def watches(self, state: State) -> object:
        """Return the detectors and the scale."""
        return super().watches(state), plane_scale(state)

    def subject(self, state: State) -> str:
        """Return the visit."""
        return subject_of(state)

    def paint_plane(self, plane: Plane, state: State, palette: Palette) -> None:
        """Paint the detectors."""
        self._shown = (plane, plane_scale(state), state.selection.exposure, palette)
        note = plane.view.layout.note
        self.place_note.setText(note)
        self.place_note.setVisible(bool(note))
        self._paint()

    def _paint(self) -> None:
        from skyframe_gui.ui.camera.plane_picture import PlaneContent
        from skyframe_gui.ui.graph.levels import Levels

        if self._shown is None:
            return
        plane, scale, selected, palette = self._shown
        view, bar = self._made_parts()
        limits = self._limits(plane, scale)
        symmetric = self._layer == "residual"
        lut = lookup(RESIDUAL[palette.name] if symmetric else COLOURS[self._layer])
        if self._layer == "good":
            lut = backward_lookup(COLOURS["good"])  # what is missing is bright
        unit = "%" if self._layer == "good" else plane.unit
        content = PlaneContent(
            plane=plane,
            layer=self._layer,
            scale=scale,
            limits=limits,
            lut=lut,
            nothing=int(palette.masked.removeprefix("#"), 16) | 0xFF000000,
        )
        view.show_plane(content, selected, palette)
        levels = Levels(
            limits=limits,
            lut=lut,
            unit=unit,
            symmetric=symmetric,
            histogram=self._histogram(plane, scale),
        )
        bar.show_levels(levels, palette)
        self.words.setText(self._words(plane, scale, limits, unit))

    def _words(self, plane: Plane, scale: float, limits: tuple[float, float], unit: str) -> str:
        """Return how it is coloured, and of what."""
        view = plane.view
        blocks = [one.block for one in view.thumbnails.values()]
        if self._layer == "residual":
            blocks = [one.side for one in view.bins.values()]
        size = f"bins of {max(blocks, key=blocks.count)} px" if blocks else ""
        if view.missing:
            size = f"{view.missing} still to be read"
        if self._layer in ("residual", "model") and not math.isfinite(scale):
            return "no fit: nothing to subtract"
        if self._layer == "residual":
            return f"good pixels in {size}, symmetric ± {short(limits[1], unit)}"
        return size

    def _limits(self, plane: Plane, scale: float) -> tuple[float, float]:
        """Return the colours' limits: by hand, else as first measured on what is whole."""
        from skyframe_gui.ui.camera.plane_picture import measured_limits

        layer, view = self._layer, plane.view
        if layer in self._by_hand:
            return self._by_hand[layer]
        is_final = view.fit is not None and view.fit.is_final
        of = (view.visit, len(view.thumbnails), is_final)
        if layer not in self._measured or self._measured[layer][0] != of:
            self._measured[layer] = (of, measured_limits(plane, layer, scale))
        return self._measured[layer][1]

    def _histogram(self, plane: Plane, scale: float) -> Histogram | None:
        """Return how the values are spread; while a scale is tried, as they were before."""
        from skyframe_gui.ui.camera.plane_picture import values_of

        of = (plane, self._layer, math.isfinite(scale))
        if self._counted[0] != of:
            finite = finite_of(values_of(plane, self._layer, scale))
            self._counted = (of, histogram_of(finite) if finite.size else None)
        return self._counted[1]

    def _made_parts(self) -> tuple[PlaneView, LevelBar]:
        """Return the view and its bar, made when there is something to show."""
        if self.view is None or self.bar is None:
            from skyframe_gui.ui.graph.level_bar import LevelBar
            from skyframe_gui.ui.graph.plane_view import PlaneView

            self.view, self.bar = PlaneView(), LevelBar()
            self.view.chosen.connect(self.commands.select_exposure)
            self.view.opened.connect(self.commands.open_in_visit)
            self.view.hovered.connect(self._on_hovered)
            self.setFocusProxy(self.view)
            self.bar.dragged.connect(self._limit)
            self.view.reset.connect(self._measure)
            self.bar.reset.connect(self._measure)
            self._row.addWidget(self.view, 1)
            self._row.addWidget(self.bar)
        return self.view, self.bar

    def _choose(self, name: str) -> None:
        self._layer = NAMES[name]
        self._paint()

    def _limit(self, low: float, high: float) -> None:
        self._by_hand[self._layer] = (low, high)
        self._paint()

    def _measure(self) -> None:
        self._by_hand.pop(self._layer, None)
        self._measured.pop(self._layer, None)
        self._paint()

    def _on_hovered(self, found: object) -> None:
        if not isinstance(found, tuple):
            self.commands.point_at_plane(None)
            return
        row, x, y, place = found
        self.commands.point_at_plane(
            PlanePoint(key=row.key, name=row.name, pixel=(x, y), place=place)
        )

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Go to the next detector in a direction, or open the selected one."""
        if event is None or self._shown is None:
            super().keyPressEvent(event)
            return
        plane, _, selected, _ = self._shown
        if not self.walk(event, plane, selected):
            super().keyPressEvent(event)
