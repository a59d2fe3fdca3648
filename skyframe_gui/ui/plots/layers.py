"""Samples as marks by class and round: how each of them looks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
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
MANY_ALPHA = 0.8
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
        used = self._seen(self.points.marks == Mark.USED)
        for part, factor, colour in self._parts(used, self.palette.accent):
            x, y = self.x[part], self.y[part]
            draw_dots(painter, self.area, x, y, size * factor, colour, USED_ALPHA, scale)

    def draw_others(self, painter: QPainter) -> None:
        """Draw all other samples, the rarest on top."""
        x, y, palette = self.x, self.y, self.palette
        kinds = self.points.marks
        none = self._seen(kinds == Mark.NO_DATA)
        if not self._drew_many(painter, none, NO_DATA, palette.no_data):
            marks.crosses(painter, x[none], y[none], NO_DATA, palette.no_data)
        hollow = with_alpha(palette.plot, 0.55)
        for kind, size, inside in ((Mark.EARLIER, EARLIER, hollow), (Mark.NEW, NEW, None)):
            for number, colour in enumerate(round_colours(palette, self.points.n_rounds)):
                chosen = self._seen((kinds == kind) & (self.points.rounds == number))
                for part, factor, shade in self._parts(chosen, colour):
                    if self._drew_many(painter, part, size * factor, shade):
                        continue
                    marks.squares(painter, x[part], y[part], size * factor, shade, inside)
        hand = self._seen(kinds == Mark.BY_HAND)
        if not self._drew_many(painter, hand, BY_HAND, palette.by_hand):
            marks.triangles(painter, x[hand], y[hand], BY_HAND, palette.by_hand)

    def _drew_many(self, painter: QPainter, chosen: Chosen, size: float, colour: str) -> bool:
        """Draw so many marks that their shape cannot be seen as dots; return whether it was so."""
        if np.count_nonzero(chosen) <= marks.MANY:
            return False
        device = painter.device()
        scale = 1.0 if device is None else device.devicePixelRatioF()
        x, y = self.x[chosen], self.y[chosen]
        draw_dots(painter, self.area, x, y, size, colour, MANY_ALPHA, scale)
        return True

    @cached_property
    def _inside(self) -> Chosen:
        area, x, y = self.area.adjusted(-9, -9, 9, 9), self.x, self.y
        across = (x > area.left()) & (x < area.right())
        return across & (y > area.top()) & (y < area.bottom())

    def _seen(self, chosen: Chosen) -> Chosen:
        return chosen & self._inside

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


def draw_dots(
    painter: QPainter,
    area: QRectF,
    x: Floats,
    y: Floats,
    size: float,
    colour: str,
    alpha: float,
    scale: float,
) -> None:
    """Draw dots inside of an area as one picture, ``scale`` device pixels to the pixel."""
    width, height = round(area.width() * scale), round(area.height() * scale)
    if width < 1 or height < 1:
        return
    left, top = (x - area.left()) * scale, (y - area.top()) * scale
    picture = marks.dots(width, height, left, top, size * scale, colour, alpha)
    picture.setDevicePixelRatio(scale)
    painter.drawImage(area.topLeft(), picture)
