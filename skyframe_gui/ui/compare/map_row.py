"""The residual maps of A, B and their difference, and what is said of the box under the cursor."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QLabel, QVBoxLayout, QWidget

from skyframe_gui.ui.graph.cells import Frame
from skyframe_gui.ui.graph.grid_map import MapContent
from skyframe_gui.ui.graph.map_triple import MapTriple
from skyframe_gui.ui.images.stretch import RESIDUAL
from skyframe_gui.ui.plots import chips
from skyframe_gui.ui.plots.axes import decimals_for, number
from skyframe_gui.ui.plots.colours import round_colours
from skyframe_gui.ui.stack.pictures import Coloured
from skyframe_gui.ui.theme import DARK

if TYPE_CHECKING:
    from skyframe_gui.app.state import SampleId
    from skyframe_gui.ui.compare.residual_maps import BoxMap, BoxMaps, Place
    from skyframe_gui.ui.theme import Palette

FOOT = 24
NO_DIFFERENCE = "A and B have different boxes: no difference."
NOTHING = "No exposure is in both fits."


class MapRow(QWidget):
    """Three maps whose boxes are hovered and selected like samples everywhere else.

    Attributes
    ----------
    hovered : signal (SampleId or None)
    picked : signal (SampleId, whether it is added to the selection)
    """

    hovered = pyqtSignal(object)
    picked = pyqtSignal(object, bool)

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumHeight(136)
        self.triple = MapTriple("Residuals in the sample boxes")
        self.foot = QLabel()
        self.foot.setFixedHeight(FOOT)
        self.foot.setContentsMargins(8, 0, 8, 0)
        self.foot.setMinimumWidth(1)
        self.foot.setStyleSheet("font-size: 11px")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.triple, 1)
        column.addWidget(self.foot)
        self.setFocusProxy(self.triple)
        self._maps: BoxMaps | None = None
        self._palette: Palette = DARK
        self._unit = ""
        self._selected: frozenset[SampleId] = frozenset()
        self._lit: SampleId | None = None
        self._halves = (1.0, 1.0)
        self._contents: tuple[MapContent, ...] = ()
        self.triple.chosen.connect(self._on_chosen)
        self.triple.hovered.connect(self._on_hovered)
        self.triple.limited.connect(self._limit)
        self.triple.reset.connect(self._measure)

    def show_maps(
        self,
        maps: BoxMaps | None,
        unit: str,
        selected: frozenset[SampleId],
        lit: SampleId | None,
        palette: Palette,
    ) -> None:
        """Paint maps with some boxes selected and perhaps one lit up."""
        changed = maps is not self._maps or palette is not self._palette or unit != self._unit
        if maps is not None and maps is not self._maps:
            self._halves = (maps.half, maps.half_apart)
        self._maps, self._palette, self._unit = maps, palette, unit
        self._selected, self._lit = selected, lit
        if changed:
            self._contents = self._make_contents()
        self._paint()

    def words(self) -> list[chips.Word]:
        """Return what is said of the box that is lit up."""
        if self._maps is None or self._lit is None:
            return []
        decimals = decimals_for(self._maps.half / 10)
        words: list[chips.Word] = []
        for one in self._maps.maps:
            place = one.places.get(self._lit)
            if place is None:
                continue
            if not words:
                words.append(chips.Word(f"box ({place[0]}, {place[1]})"))
            residual = number(float(one.values[place[1], place[0]]), decimals, sign=True)
            words += chips.value(one.title, residual)
        return [*words, chips.Word(self._unit, joined=True)] if words and self._unit else words

    def _paint(self) -> None:
        maps = () if self._maps is None else self._maps.maps
        chosen = [
            frozenset(one.places[sample] for sample in self._selected if sample in one.places)
            for one in maps
        ]
        frames = [self._frames(one) for one in maps]
        while len(chosen) < len(self.triple.maps):
            chosen.append(frozenset())
            frames.append(())
        self.triple.show_contents(self._contents, self._palette, chosen, frames)
        for view, one in zip(self.triple.maps, maps, strict=False):
            view.show_under(None if self._lit is None else one.places.get(self._lit))
        told = " ".join(word.text for word in self.words())
        if not told:
            told = NOTHING if self._maps is None else f"residuals of detector {self._maps.detector}"
        self.foot.setText(told)
        self.setAccessibleDescription(told)

    def _make_contents(self) -> tuple[MapContent, ...]:
        if self._maps is None:
            nothing = MapContent(None, (1.0, 1.0), why=NOTHING)
            return (nothing, nothing, nothing)
        made = []
        for one, apart in zip(self._maps.maps, (False, False, True), strict=False):
            half = self._halves[int(apart)]
            coloured = Coloured(
                one.values, (-half, half), RESIDUAL[self._palette.name], symmetric=True
            )
            rms = ""
            if math.isfinite(one.rms):
                rms = f"rms {number(one.rms, decimals_for(self._maps.half / 10))}"
            made.append(
                MapContent(coloured, self._maps.extent, one.title, rms, self._unit, hatched=True)
            )
        if len(made) < len(self.triple.maps):
            made.append(MapContent(None, self._maps.extent, why=NO_DIFFERENCE))
        return tuple(made)

    def _frames(self, one: BoxMap) -> tuple[Frame, ...]:
        assert self._maps is not None, "framed where there are maps only"
        colours = round_colours(DARK, self._maps.n_rounds)
        (ny, nx), (width, height) = one.values.shape, self._maps.extent
        across, up = width / nx, height / ny
        inset = 0.1
        return tuple(
            Frame(
                (
                    (column + inset) * across,
                    (row + inset) * up,
                    (column + 1 - inset) * across,
                    (row + 1 - inset) * up,
                ),
                colours[int(one.rejected[row, column])],
                str(int(one.rejected[row, column]) + 1),
            )
            for row, column in np.argwhere(one.rejected >= 0).tolist()
        )

    def _limit(self, apart: bool, low: float, high: float) -> None:
        self._halves = (self._halves[0], high) if apart else (high, self._halves[1])
        self._contents = self._make_contents()
        self._paint()

    def _measure(self, apart: bool) -> None:
        if self._maps is not None:
            half = self._maps.half_apart if apart else self._maps.half
            self._limit(apart, -half, half)

    def _sample(self, place: Place | None) -> SampleId | None:
        if self._maps is None or place is None:
            return None
        return self._maps.maps[0].samples.get(place) or self._maps.maps[1].samples.get(place)

    def _on_chosen(self, place: Place | None, add: bool) -> None:
        found = self._sample(place)
        if found is not None:
            self.picked.emit(found, add)

    def _on_hovered(self, place: Place | None) -> None:
        found = self._sample(place)
        if found != self._lit:
            self.hovered.emit(found)
