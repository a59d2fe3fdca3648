"""What is under the cursor: place, sky coordinates, every layer's value, mask planes, bin."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from PyQt6.QtCore import QPointF, QSize, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter
from PyQt6.QtWidgets import QSizePolicy

from skyframe_gui.app.model.places import convention_words, offset_of
from skyframe_gui.app.model.region_rows import row_of, shown_layer
from skyframe_gui.numbers import (
    MINUS,
    NONE,
    SIGMA,
    decimals_for,
    declination,
    digits,
    fixed,
    hours,
    with_error,
)
from skyframe_gui.ui.camera.facts import plane_facts
from skyframe_gui.ui.images.facts import edges_grid, is_own_grid, pixel_error, scale_of, units_of
from skyframe_gui.ui.panel import Panel
from skyframe_gui.ui.theme import DARK, font, palette_of
from skyframe_gui.ui.widgets import one_shot

if TYPE_CHECKING:
    from PyQt6.QtGui import QMouseEvent, QPaintEvent

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.pointer import PlanePoint, Pointed
    from skyframe_gui.app.model.shown import Shown
    from skyframe_gui.app.model.state import State
    from skyframe_gui.engine import BinGrid

    Place = tuple[float, float]

LEFT, GAP, LABEL_GAP = 12, 10, 5
PLACE = "x y"
WITH_PANES = ("visit", "compare")
"""The workspaces in which boxes are drawn and pixels are counted."""
SPARED = ("masked", "n", "own bin", "bin", SIGMA, "median", PLACE, "map")
"""Labels of what goes first where there is too little room; of the place how it is counted."""
TIP = (
    "Pixel centres are whole numbers.\nParent coordinates, as LSST counts them, begin at the "
    "exposure's xy0, those of the file at its first pixel, which is 0, or 1 as in FITS.\n"
    "A click on x and y counts in another way."
)


class Part(NamedTuple):
    """A name in grey, its value, and perhaps in grey what the value means."""

    label: str
    value: str
    note: str = ""


class ReadoutPanel(Panel):
    """The left part of the status bar."""

    id = "readout"
    title = "Readout"
    area = "status"
    order = 0

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setToolTip(TIP)
        self.setAccessibleName("Values under the cursor")
        self.parts: list[Part] = []
        self._state: State | None = None
        self._cursor: Place | None = None
        self._plane: PlanePoint | None = None
        self._palette = DARK
        self._place_end = 0.0
        # Single pixels are quick, sky coordinates not so: once for all moves of one turn.
        self._soon = one_shot(self, self._read)

    def watches(self, state: State) -> object:
        """Return the results and bins that are read."""
        view = state.view
        return (
            state.results,
            view.workspace,
            view.own_grid,
            view.region,
            view.in_file,
            view.counts_from_one,
            view.trial,
            view.theme,
            state.exposures,
        )

    def show_state(self, state: State) -> None:
        """Paint the state, at the end of this turn of the event loop."""
        self._state = state
        self._palette = palette_of(state)
        self._soon.start()
        self.update()

    def follow(self, pointed: Pointed) -> None:
        """Read another place, at the end of this turn of the event loop."""
        if (pointed.cursor, pointed.plane) != (self._cursor, self._plane):
            self._cursor, self._plane = pointed.cursor, pointed.plane
            self._soon.start()

    def text(self) -> str:
        """Return everything as one line."""
        return "  ".join(f"{part.label} {part.value} {part.note}".strip() for part in self.parts)

    def sizeHint(self) -> QSize:
        """Return a size; the width is what is left."""
        return QSize(200, 28)

    def _read(self) -> None:
        state = self._state
        self.parts = []
        if state is not None and self._plane is not None:
            self.parts = [Part(*one) for one in plane_facts(state, self._plane)]
        elif state is not None:
            self.parts = parts_of(state, self._cursor) or counting(state)
            if state.view.workspace in WITH_PANES:
                self.parts = with_region(self.parts, state)
        self.setAccessibleDescription(self.text())
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Paint the parts; what does not even then fit is left out from the right."""
        painter = QPainter(self)
        palette = self._palette
        label_font, value_font = font(12), font(12)
        metrics = QFontMetricsF(value_font)
        baseline = self.height() / 2 + (metrics.ascent() - metrics.descent()) / 2
        x = float(LEFT)
        for index, part in enumerate(self.fitting()):
            start = x + (2 * GAP + 1 if index else 0)
            room = self.width() - start - 4
            label_width = metrics.horizontalAdvance(part.label)
            label_width += LABEL_GAP if part.label else 0
            if room < label_width + metrics.horizontalAdvance(part.value[:3]):
                break
            if index:
                painter.setPen(QColor(palette.border))
                painter.drawLine(
                    QPointF(x + GAP + 0.5, self.height() / 2 - 7),
                    QPointF(x + GAP + 0.5, self.height() / 2 + 7),
                )
            painter.setFont(label_font)
            painter.setPen(QColor(palette.text2))
            painter.drawText(QPointF(start, baseline), part.label)
            value = metrics.elidedText(part.value, Qt.TextElideMode.ElideRight, room - label_width)
            painter.setFont(value_font)
            painter.setPen(QColor(palette.text))
            painter.drawText(QPointF(start + label_width, baseline), value)
            x = start + label_width + metrics.horizontalAdvance(value)
            room -= label_width + metrics.horizontalAdvance(value) + LABEL_GAP
            if part.note and room >= metrics.horizontalAdvance(part.note):
                painter.setPen(QColor(palette.text2))
                painter.drawText(QPointF(x + LABEL_GAP, baseline), part.note)
                x += LABEL_GAP + metrics.horizontalAdvance(part.note)
            if part.label == PLACE:
                self._place_end = x
        painter.end()

    def fitting(self) -> list[Part]:
        """Return the parts without what can be spared where there is too little room for all."""
        metrics = QFontMetricsF(font(12))

        def width(part: Part) -> float:
            words = (part.label, part.value, part.note)
            gaps = LABEL_GAP * (bool(part.label) + bool(part.note)) + 2 * GAP + 1
            return sum(map(metrics.horizontalAdvance, words)) + gaps

        parts, room = list(self.parts), self.width() - LEFT - 4 + 2 * GAP + 1
        for spared in SPARED:
            if sum(map(width, parts)) <= room:
                break
            if spared == PLACE:
                parts = [one._replace(note="") if one.label == PLACE else one for one in parts]
            else:
                parts = [one for one in parts if one.label.partition(" (")[0] != spared]
        return parts

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Count x and y in another way."""
        has_place = bool(self.parts) and self.parts[0].label == PLACE
        if (
            event is not None
            and has_place
            and event.button() == Qt.MouseButton.LeftButton
            and event.pos().x() <= self._place_end
        ):
            self.commands.panes.count_otherwise()
            return
        super().mousePressEvent(event)


def parts_of(state: State, cursor: Place | None) -> list[Part]:
    """Return what is at a place of the shown exposure; nothing where that is on no image."""
    shown = state.results.shown
    if shown is None or cursor is None:
        return []
    x, y = cursor
    column, row = math.floor(x + 0.5), math.floor(y + 0.5)
    if not (0 <= column < shown.width and 0 <= row < shown.height):
        return []
    dx, dy = offset_of(state.view, shown)
    place_text = f"{fixed(x + dx, 1)}  {fixed(y + dy, 1)}"
    parts = [Part(PLACE, place_text, convention_words(state.view, shown))]
    place = sky_place(getattr(shown.exposure, "wcs", None), x, y)
    if place:
        parts.append(place)
    compared = _compared(state, shown, column, row)
    if compared:
        return [*parts, *compared]
    parts += _values(state, shown, column, row)
    parts += _map(state, shown, column, row)
    if shown.exposure is not None:
        parts.append(Part("mask", mask_names(shown, column, row)))
    parts += _bin(state, shown, column, row)
    return parts


def counting(state: State) -> list[Part]:
    """Return how x and y are counted while the mouse is on no image, so that it can be clicked."""
    shown = state.results.shown
    if shown is None or state.view.workspace not in WITH_PANES:
        return []
    return [Part(PLACE, NONE, convention_words(state.view, shown))]


def sky_place(wcs: Any, x: float, y: float) -> Part | None:
    """Return the sky coordinates of a pixel of the image; None where it has none."""
    if wcs is None:
        return None
    try:
        values = [float(value) for value in wcs.pixel_to_world_values(x, y)]
    except Exception:  # wcslib raises what it likes where coordinates cannot be
        return None
    first = int(getattr(wcs.wcs, "lng", 0))
    if first not in (0, 1) or len(values) != 2 or not all(map(math.isfinite, values)):
        return None
    longitude, latitude = values[first], values[1 - first]
    kind = str(wcs.wcs.ctype[first])
    if kind.startswith("RA"):
        return Part("", f"{hours(longitude)}  {declination(latitude)}")
    label = "l b" if kind.startswith("GLON") else "lon lat"
    return Part(label, f"{fixed(longitude, 5)}°  {fixed(latitude, 5, sign=True)}°")


def mask_names(shown: Shown, column: int, row: int) -> str:
    """Return the names of the planes that a pixel is in."""
    exposure = shown.exposure
    if exposure is None or not exposure.has_mask:
        return "not in the file"
    bits = int(exposure.mask[row, column])
    names = [name for name, bit in exposure.planes.items() if bits >> bit & 1]
    return ", ".join(names) or NONE


def _values(state: State, shown: Shown, column: int, row: int) -> list[Part]:
    """Return the value of every layer, with the digits that the noise allows."""
    unit, sky_unit = units_of(state)
    decimals = decimals_for(pixel_error(shown))
    pixel = None if shown.exposure is None else shown.exposure.image[row, column]
    found = (1.0, 0.0) if shown.own else scale_of(state)
    sky = None if shown.model is None or shown.model.first else shown.model.levels[0][row, column]
    parts = []
    if pixel is not None:
        parts.append(Part("exposure", fixed(float(pixel), decimals)))
    if sky is None:
        return parts
    if found is None:
        sky_text = digits(float(sky), 6, "" if sky_unit == "sky frame" else sky_unit)
        parts.append(Part("sky frame", sky_text))
        if pixel is not None:
            parts[0] = Part("exposure", f"{parts[0].value} {unit}")
        return parts
    # As the engine does it: product and difference are each rounded to float32.
    taken = _float32(found[0]) * sky
    name = "own background" if shown.own else "model"
    parts.append(Part(name, fixed(float(taken), decimals)))
    if pixel is not None:
        parts.append(Part("subtracted", f"{fixed(float(pixel - taken), decimals)} {unit}"))
    return parts


def with_region(parts: list[Part], state: State) -> list[Part]:
    """Return the parts with what is left in the box, before the bin: what is last goes first."""
    found, shown, region = state.results.region, state.results.shown, state.view.region
    if found is None or shown is None or region is None or found.key != shown.key:
        return parts
    layer = shown_layer(found)
    row = row_of(layer, found.layers[layer])
    place = next((at for at, part in enumerate(parts) if "bin (" in part.label), len(parts))
    return [
        *parts[:place],
        Part(f"{region.shape}, {layer}", f"mean {row.mean} ± {row.error}"),
        Part("median", row.median),
        Part(SIGMA, row.sigma),
        *parts[place:],
        Part("n", row.n),
        Part("masked", row.masked),
    ]


def _map(state: State, shown: Shown, column: int, row: int) -> list[Part]:
    """Return the residual map's value with its error, where there is a map of this exposure."""
    found = state.results.residual
    scale = (1.0, 0.0) if shown.own else scale_of(state)
    if found is None or found.key != shown.key or scale is None:
        return []
    place = _bin_at(found.exact, shown, column, row)
    if place is None:
        return []
    i, j = place
    value = float(found.at(scale[0]).values[j, i])
    if not math.isfinite(value):
        return [Part("map", "no data")]
    text = with_error(value, float(found.exact.errors[j, i]), units_of(state)[0])
    return [Part("map", text)]


def _compared(state: State, shown: Shown, column: int, row: int) -> list[Part]:
    """Return what the residual maps of A and of B have there, while these are compared."""
    found = state.results.compare
    if state.view.workspace != "compare" or found is None or found.pictures is None:
        return []
    if found.pictures.key != shown.key:
        return []
    one, other = (each.exact for each in found.pictures.maps)
    place = _bin_at(one, shown, column, row)
    if place is None or one.values.shape != other.values.shape:
        return []
    i, j = place
    a, b = float(one.values[j, i]), float(other.values[j, i])
    error = float(one.errors[j, i])
    parts = [Part("bin", f"({i}, {j})")]
    if not math.isfinite(a - b):
        return [*parts, Part("A, B", "no data")]
    parts += [
        Part(name, with_error(value, float(grid.errors[j, i])))
        for name, value, grid in (("A", a, one), ("B", b, other))
    ]
    apart = fixed(a - b, decimals_for(min(abs(a - b) or error, error)), sign=True)
    parts.append(Part(f"A {MINUS} B", f"{apart} {units_of(state)[0]}"))
    parts.append(Part("good pixels", str(int(one.n_good[j, i]))))
    return parts


def _bin_at(grid: BinGrid, shown: Shown, column: int, row: int) -> tuple[int, int] | None:
    """Return column and row of the bin that a pixel is in."""
    import numpy as np

    x = column + shown.xy0[0] - grid.bbox[0]
    y = row + shown.xy0[1] - grid.bbox[1]
    i = int(np.searchsorted(grid.x_edges, x, side="right")) - 1
    j = int(np.searchsorted(grid.y_edges, y, side="right")) - 1
    ny, nx = grid.values.shape
    return (i, j) if 0 <= i < nx and 0 <= j < ny else None


def _bin(state: State, shown: Shown, column: int, row: int) -> list[Part]:
    grid = edges_grid(state.view, shown)
    place = None if grid is None else _bin_at(grid, shown, column, row)
    if grid is None or place is None:
        return []
    i, j = place
    value, error = float(grid.values[j, i]), float(grid.errors[j, i])
    text = digits(value) if not error > 0 else fixed(value, decimals_for(error))
    if not math.isfinite(value):
        text = "no data"
    own = "own " if is_own_grid(state.view, shown) else ""
    return [Part(f"{own}bin ({i}, {j})", text)]


def _float32(value: float) -> Any:
    import numpy as np

    return np.float32(value)
