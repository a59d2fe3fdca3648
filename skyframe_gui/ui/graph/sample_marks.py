"""Samples as marks by class and round: how each of them looks, and those beyond the plot."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QPointF

from skyframe_gui.app.model.rejection_steps import Mark
from skyframe_gui.ui.graph.pixel_item import is_screen
from skyframe_gui.ui.samples import mark_shapes
from skyframe_gui.ui.samples.colours import LEVELS, fraction_colours, round_colours, with_alpha

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PyQt6.QtCore import QRectF
    from PyQt6.QtGui import QPainter

    from skyframe_gui.ui.samples.points import Emphasis, Points
    from skyframe_gui.ui.theme import Palette

    Chosen = NDArray[np.bool_]
    Floats = NDArray[np.float64]

USED, USED_LARGE, NEW, EARLIER, BY_HAND, NO_DATA = 4.5, 6.0, 7.0, 5.5, 10.0, 6.0
USED_ALPHA = 0.5
FEW, FEW_ALPHA = 100, 0.9
"""Used samples that are no more than this are drawn large and bright: nothing covers them."""
MANY_ALPHA = 0.8
SIZES = (0.55, 0.7, 0.85, 1.0, 1.2)
"""Of marks by their good-pixel fraction."""
BEYOND, BEYOND_PEN, MOST_BEYOND = 9.0, 1.5, 200
"""Size of the triangles at the edge; where there are more of them, their number alone tells."""


DRAWN_SCALE = 3.0
"""Pixels of the picture of many dots to one of a drawing."""


@dataclass(frozen=True, kw_only=True, eq=False)
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

    def draw_used(self, painter: QPainter, size: float) -> None:
        """Draw the used samples as one picture."""
        is_used = self.points.marks == Mark.USED
        alpha = USED_ALPHA
        if np.count_nonzero(is_used) <= FEW:
            size, alpha = USED_LARGE, FEW_ALPHA
        used = self._seen(is_used)
        for part, factor, colour in self._parts(used, self.palette.accent):
            x, y = self.x[part], self.y[part]
            draw_dots(painter, self.area, x, y, size * factor, colour, alpha)

    def draw_others(self, painter: QPainter) -> None:
        """Draw all other samples, the rarest on top."""
        x, y, palette = self.x, self.y, self.palette
        kinds = self.points.marks
        none = self._seen(kinds == Mark.NO_DATA)
        if not self._drew_many(painter, none, NO_DATA, palette.no_data):
            mark_shapes.crosses(painter, x[none], y[none], NO_DATA, palette.no_data)
        hollow = with_alpha(palette.plot, 0.55)
        for kind, size, inside in ((Mark.EARLIER, EARLIER, hollow), (Mark.NEW, NEW, None)):
            for number, colour in enumerate(round_colours(palette, self.points.n_rounds)):
                chosen = self._seen((kinds == kind) & (self.points.rounds == number))
                for part, factor, shade in self._parts(chosen, colour):
                    if self._drew_many(painter, part, size * factor, shade):
                        continue
                    mark_shapes.squares(painter, x[part], y[part], size * factor, shade, inside)
        hand = self._seen(kinds == Mark.EXCLUDED)
        if not self._drew_many(painter, hand, BY_HAND, palette.excluded):
            mark_shapes.triangles(painter, x[hand], y[hand], BY_HAND, palette.excluded)

    def beyond(self) -> tuple[Chosen, Chosen]:
        """Return which samples are above the plot and which below."""
        across = (self.x >= self.area.left()) & (self.x <= self.area.right())
        return across & (self.y < self.area.top()), across & (self.y > self.area.bottom())

    def draw_beyond(self, painter: QPainter) -> None:
        """Draw hollow triangles at the edges beyond which there are samples."""
        edges = (self.area.top() + BEYOND, self.area.bottom() - BEYOND)
        for chosen, edge, up in zip(self.beyond(), edges, (True, False), strict=True):
            if np.count_nonzero(chosen) > MOST_BEYOND:
                continue
            for x, colour in zip(self.x[chosen].tolist(), self._colours_of(chosen), strict=True):
                mark_shapes.pointer(painter, QPointF(x, edge), BEYOND, colour, BEYOND_PEN, up)

    def _colours_of(self, chosen: Chosen) -> list[str]:
        palette = self.palette
        rounds = round_colours(palette, self.points.n_rounds)
        plain = {Mark.USED: palette.accent, Mark.EXCLUDED: palette.excluded}
        return [
            plain.get(Mark(kind)) or rounds[which]
            for kind, which in zip(
                self.points.marks[chosen].tolist(), self.points.rounds[chosen].tolist(), strict=True
            )
        ]

    def _drew_many(self, painter: QPainter, chosen: Chosen, size: float, colour: str) -> bool:
        """Draw so many marks that their shape cannot be seen as dots; return whether it was so."""
        if np.count_nonzero(chosen) <= mark_shapes.MANY:
            return False
        x, y = self.x[chosen], self.y[chosen]
        draw_dots(painter, self.area, x, y, size, colour, MANY_ALPHA)
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
) -> None:
    """Draw dots inside of an area as one picture; in a drawing one by one, if they are not many."""
    device = painter.device()
    scale = 1.0 if device is None else device.devicePixelRatioF()
    if not is_screen(painter):
        if len(x) <= mark_shapes.MANY:
            mark_shapes.discs(painter, x, y, size, with_alpha(colour, alpha))
            return
        scale = DRAWN_SCALE
    width, height = round(area.width() * scale), round(area.height() * scale)
    if width < 1 or height < 1:
        return
    left, top = (x - area.left()) * scale, (y - area.top()) * scale
    picture = mark_shapes.dots(width, height, left, top, size * scale, colour, alpha)
    picture.setDevicePixelRatio(scale)
    painter.drawImage(area.topLeft(), picture)
