"""Every detector of the visit in its place, in one stretch."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PyQt6.QtCore import QSignalBlocker

from skyframe_gui.app.model.display_limits import finite_of, histogram_of, quantiles_of
from skyframe_gui.app.model.looks import DIFFERENCES
from skyframe_gui.app.model.pointer import PlanePoint
from skyframe_gui.numbers import plural
from skyframe_gui.ui.camera.camera_panel import CameraPanel
from skyframe_gui.ui.camera.facts import plane_scale, short
from skyframe_gui.ui.camera.rows import NOT_OPENED, subject_of
from skyframe_gui.ui.images.stretch import backward_lookup, lookup, map_name
from skyframe_gui.ui.plain_text import plain_tip
from skyframe_gui.ui.samples.controls import IconButton, Segments, control_bar
from skyframe_gui.ui.widgets import ElidedLabel, in_row, text_label

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.camera_view import CameraView
    from skyframe_gui.app.model.shown import Histogram
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.view import PlaneLayer, View
    from skyframe_gui.ui.camera.plane_picture import PlaneContent
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
GOOD_COLOURS = "cividis"


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
        self.layers.chosen.connect(self._choose)
        self.words = ElidedLabel("text2", 11, right=True)
        self.amplifiers = IconButton(
            "view-column-outline", "Lines between amplifiers, where detectors are large", True
        )
        self.amplifiers.toggled.connect(self._show_amplifiers)
        self.body.addWidget(control_bar(self.layers, self.amplifiers, (self.words, 1)))
        self.place_note = text_label(
            "", "text2", pixels=11, wraps=True, margins=(12, 4, 12, 4), plain=True
        )
        self.body.addWidget(self.place_note)
        self._row = in_row()
        self.body.addLayout(self._row, 1)
        self.view: PlaneView | None = None
        self.bar: LevelBar | None = None
        self._measured: dict[PlaneLayer, tuple[object, tuple[float, float]]] = {}
        self._counted: tuple[object, Histogram | None] = (None, None)
        self.show_choices(commands.store.state.view)

    def prepare(self) -> Iterator[None]:
        """Make the view and its bar."""
        self._made_parts()
        yield

    def watches(self, state: State) -> object:
        """Return the detectors, the scale, and what is shown of them."""
        view = state.view
        choices = view.plane_layer, view.plane_limits, view.amplifiers, state.looks
        return super().watches(state), plane_scale(state), choices

    def subject(self, state: State) -> str:
        """Return the visit."""
        return subject_of(state)

    def show_choices(self, view: View) -> None:
        """Switch the layer on."""
        self.layers.check(view.plane_layer)
        with QSignalBlocker(self.amplifiers):
            self.amplifiers.setChecked(view.amplifiers)

    def paint_plane(self, plane: Plane, state: State, palette: Palette) -> None:
        """Paint the detectors."""
        from skyframe_gui.ui.camera.plane_picture import PlaneContent
        from skyframe_gui.ui.graph.levels import Levels

        self.amplifiers.apply_theme(palette)
        self.amplifiers.setVisible(bool(len(plane.amplifiers)))
        note = plane.view.layout.note
        self.place_note.setText(note)
        self.place_note.setVisible(bool(note))
        layer, scale = state.view.plane_layer, plane_scale(state)
        view, bar = self._made_parts()
        limits = state.view.plane_limits.get(layer) or self._measured_limits(plane, layer, scale)
        symmetric = layer == "residual"
        lut = self._colours(plane, state, limits, scale)
        unit = "%" if layer == "good" else plane.unit
        content = PlaneContent(
            plane=plane,
            layer=layer,
            scale=scale,
            limits=limits,
            lut=lut,
            nothing=int(palette.masked.removeprefix("#"), 16) | 0xFF000000,
        )
        view.show_plane(content, state.selection.exposure, palette, state.view.amplifiers)
        levels = Levels(
            limits=limits,
            lut=lut,
            unit=unit,
            symmetric=symmetric,
            histogram=self._histogram(plane, layer, scale),
        )
        bar.show_levels(levels, palette)
        words = _words(plane, content, unit)
        self.words.setText(words)
        self.words.setToolTip(plain_tip(words))

    def _measured_limits(
        self, plane: Plane, layer: PlaneLayer, scale: float
    ) -> tuple[float, float]:
        """Return the colours' limits as first measured on what is whole."""
        from skyframe_gui.ui.camera.plane_picture import measured_limits

        view = plane.view
        is_final = view.fit is not None and view.fit.is_final
        of = (view.visit, len(view.thumbnails), is_final)
        if layer not in self._measured or self._measured[layer][0] != of:
            self._measured[layer] = (of, measured_limits(plane, layer, scale))
        return self._measured[layer][1]

    def _colours(
        self, plane: Plane, state: State, limits: tuple[float, float], scale: float
    ) -> NDArray[np.uint32]:
        """Return the colours of the shown layer: those that it has in the panes, too."""
        layer = state.view.plane_layer
        if layer == "good":
            return backward_lookup(GOOD_COLOURS)  # what is missing is bright
        look, quantiles = state.looks[layer], None
        if look.stretch == "histogram":
            from skyframe_gui.ui.camera.plane_picture import values_of

            finite = finite_of(values_of(plane, layer, scale))
            quantiles = quantiles_of(finite) if finite.size else None
        name = map_name(look.colours, state.view.theme)
        about_zero = layer in DIFFERENCES
        return lookup(name, look.stretch, limits, quantiles, about_zero=about_zero)

    def _histogram(self, plane: Plane, layer: PlaneLayer, scale: float) -> Histogram | None:
        """Return how the values are spread; while a scale is tried, as they were before."""
        from skyframe_gui.ui.camera.plane_picture import values_of

        of = (plane, layer, math.isfinite(scale))
        if self._counted[0] != of:
            finite = finite_of(values_of(plane, layer, scale))
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

    def _show_amplifiers(self, on: bool) -> None:
        self.commands.view(amplifiers=on)

    def _choose(self, name: str) -> None:
        self.commands.view(plane_layer=NAMES[name])

    def _limit(self, low: float, high: float) -> None:
        self._set_limits((low, high))

    def _measure(self) -> None:
        self._measured.clear()
        self._set_limits(None)

    def _set_limits(self, limits: tuple[float, float] | None) -> None:
        """Keep limits of the shown layer, or take measured ones."""
        layer = self.commands.store.state.view.plane_layer
        self.commands.looks.set_plane_limits(layer, limits)

    def _on_hovered(self, found: object) -> None:
        if not isinstance(found, tuple):
            self.commands.point_at_plane(None)
            return
        row, x, y, place = found
        self.commands.point_at_plane(
            PlanePoint(key=row.key, name=row.name, pixel=(x, y), place=place)
        )


def _words(plane: Plane, content: PlaneContent, unit: str) -> str:
    """Return how it is coloured, and of what."""
    view, layer = plane.view, content.layer
    closed = sum(row.why == NOT_OPENED for row in plane.rows)
    told = _seen_words(view, layer, content, unit)
    if not closed:
        return told
    more = f"{closed} of {plural(len(plane.rows), 'detector')} not opened yet"
    return f"{told}; {more}" if told else more


def _seen_words(view: CameraView, layer: PlaneLayer, content: PlaneContent, unit: str) -> str:
    blocks = [one.block for one in view.thumbnails.values()]
    if layer == "residual":
        blocks = [one.side for one in view.bins.values()]
    size = f"bins of {max(blocks, key=blocks.count)} px" if blocks else ""
    if view.missing:
        size = f"{view.missing} still to be read"
    if layer in ("residual", "model") and not math.isfinite(content.scale):
        return "no fit: nothing to subtract"
    if layer == "residual":
        return f"good pixels in {size}, symmetric ± {short(content.limits[1], unit)}"
    return size
