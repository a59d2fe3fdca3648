"""Samples as marks by class and round: how each of them looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from skyframe_gui.app.steps import Mark
from skyframe_gui.ui.plots import marks
from skyframe_gui.ui.plots.colours import LEVELS, fraction_colours, round_colours, with_alpha

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PyQt6.QtCore import QRectF
    from PyQt6.QtGui import QPainter

    from skyframe_gui.ui.plots.plot import Floats
    from skyframe_gui.ui.theme import Palette

    Chosen = NDArray[np.bool_]

USED, USED_LARGE, NEW, EARLIER, BY_HAND, NO_DATA = 4.5, 6.0, 7.0, 5.5, 10.0, 6.0
USED_ALPHA = 0.5
SIZES = (0.55, 0.7, 0.85, 1.0, 1.2)
"""Of marks by their good-pixel fraction."""
Emphasis = Literal["none", "size", "colour"]


@dataclass(frozen=True, eq=False)
class Points:
    """What is drawn.

    Attributes
    ----------
    x, y : float array [n]
        Not finite where a sample has no place; then it is drawn on the floor, or not at all.
    marks : int array [n]
        The `Mark` of each.
    rounds : int array [n]
        Which round dropped it, as in `ScaleSolution.rejected_at`.
    fraction : float array [n]
        Good pixels by pixels, 0 to 1.
    n_rounds : int
        How many rounds there are at all.
    """

    x: Floats
    y: Floats
    marks: NDArray[np.int8]
    rounds: NDArray[np.int64]
    fraction: Floats
    n_rounds: int


@dataclass(frozen=True, eq=False)
class Layers:
    """Draws marks at their places on a widget.

    Attributes
    ----------
    points : Points
    x, y : float array [n]
        Where they are, in pixels of the widget.
    area : QRectF
        What of the widget is painted.
    palette : Palette
    emphasis : {"none", "size", "colour"}
        What the good-pixel fraction changes.
    """

    points: Points
    x: Floats
    y: Floats
    area: QRectF
    palette: Palette
    emphasis: Emphasis

    def draw_used(self, painter: QPainter, size: float, scale: float) -> None:
        """Draw the used samples as one picture, ``scale`` device pixels to the pixel."""
        area = self.area
        width, height = round(area.width() * scale), round(area.height() * scale)
        if width < 1 or height < 1:
            return
        used = self._seen(self.points.marks == Mark.USED)
        for part, factor, colour in self._parts(used, self.palette.accent):
            picture = marks.dots(
                width,
                height,
                (self.x[part] - area.left()) * scale,
                (self.y[part] - area.top()) * scale,
                size * factor * scale,
                colour,
                USED_ALPHA,
            )
            picture.setDevicePixelRatio(scale)
            painter.drawImage(area.topLeft(), picture)

    def draw_others(self, painter: QPainter) -> None:
        """Draw all other samples, the rarest on top."""
        x, y, palette = self.x, self.y, self.palette
        kinds = self.points.marks
        none = self._seen(kinds == Mark.NO_DATA)
        marks.crosses(painter, x[none], y[none], NO_DATA, palette.no_data)
        hollow = with_alpha(palette.plot, 0.55)
        for kind, size, inside in ((Mark.EARLIER, EARLIER, hollow), (Mark.NEW, NEW, None)):
            for number, colour in enumerate(round_colours(palette, self.points.n_rounds)):
                chosen = self._seen((kinds == kind) & (self.points.rounds == number))
                for part, factor, shade in self._parts(chosen, colour):
                    marks.squares(painter, x[part], y[part], size * factor, shade, inside)
        hand = self._seen(kinds == Mark.BY_HAND)
        marks.triangles(painter, x[hand], y[hand], BY_HAND, palette.by_hand)

    def _seen(self, chosen: Chosen) -> Chosen:
        area, x, y = self.area.adjusted(-9, -9, 9, 9), self.x, self.y
        across = (x > area.left()) & (x < area.right())
        return chosen & across & (y > area.top()) & (y < area.bottom())

    def _parts(self, chosen: Chosen, colour: str) -> list[tuple[Chosen, float, str]]:
        """Return marks in groups of one size and colour."""
        if self.emphasis == "none":
            return [(chosen, 1.0, colour)]
        levels = np.clip((self.points.fraction * LEVELS).astype(int), 0, LEVELS - 1)
        parts = ((level, chosen & (levels == level)) for level in range(LEVELS))
        if self.emphasis == "size":
            return [(part, SIZES[level], colour) for level, part in parts if part.any()]
        shades = fraction_colours(self.palette)
        return [(part, 1.0, shades[level]) for level, part in parts if part.any()]
