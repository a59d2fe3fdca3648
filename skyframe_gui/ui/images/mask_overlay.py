"""The masks by hand over an image: outlines with a hatch, and the grips of the selected one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QBrush, QColor, QPainter, QPen, QPolygonF

from skyframe_gui.app.model.mask_rows import own_masks
from skyframe_gui.app.model.remembered import Remembered
from skyframe_gui.engine.hand_masks import box_of, outline_of
from skyframe_gui.ui.images.mask_grips import grips_of
from skyframe_gui.ui.samples.colours import with_alpha
from skyframe_gui.ui.theme import DARK

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from skyframe_gui.app.model.hand_masks import MaskItem
    from skyframe_gui.app.model.shown import Shown
    from skyframe_gui.app.model.state import State
    from skyframe_gui.engine.hand_masks import HandMask
    from skyframe_gui.ui.images.geometry import Viewport

HATCH, CASING = 0.35, 0.55
GRIP, DOT = 3.5, 2.5
"""Half of the size of a grip, and of one that makes a corner."""


class ShapeOver(NamedTuple):
    """A mask over an image."""

    item: MaskItem
    mask: HandMask
    """In pixels of the image, whose first is 0."""


_shapes = Remembered["tuple[ShapeOver, ...]"]()


def shapes_over(state: State, shown: Shown) -> tuple[ShapeOver, ...]:
    """Return the masks by hand of what is shown, those on another part of the sky left out."""
    items = own_masks(state, shown.key)
    return _shapes.of((items, shown.exposure), lambda: _shapes_over(items, shown))


_outlines = Remembered["tuple[NDArray[np.float64], ...]"]()
_frames = Remembered["NDArray[np.float64]"]()


def outlines_over(shapes: tuple[ShapeOver, ...]) -> tuple[NDArray[np.float64], ...]:
    """Return the corners [n, 2] of each of the masks of `shapes_over`."""
    return _outlines.of((shapes,), lambda: tuple(outline_of(one.mask) for one in shapes))


def near(shapes: tuple[ShapeOver, ...], at: tuple[float, float], reach: float) -> list[ShapeOver]:
    """Return the masks of `shapes_over` that may have a place within so many pixels of them."""
    if not shapes:
        return []
    frames = _frames.of((shapes,), lambda: np.array([box_of(one.mask) for one in shapes]))
    low, high = frames[:, :2] - reach, frames[:, 2:] + reach
    return [shapes[n] for n in np.flatnonzero(((low <= at) & (at <= high)).all(axis=1))]


def _shapes_over(items: tuple[MaskItem, ...], shown: Shown) -> tuple[ShapeOver, ...]:
    from skyframe_gui.engine import SkyFrameError

    found = []
    for item in items:
        mask = item.mask
        if mask.on_sky:
            from skyframe_gui.files.sky_masks import in_pixels

            try:
                mask = in_pixels(mask, shown.exposure and shown.exposure.wcs, shown.xy0)
            except SkyFrameError:  # on another part of the sky
                continue
        x0, y0 = shown.xy0
        found.append(ShapeOver(item, mask.moved(-x0, -y0)))
    return tuple(found)


def draw_masks(
    painter: QPainter,
    outlines: Iterable[NDArray[np.float64]],
    viewport: Viewport,
    colour: str = DARK.excluded,
    width: float = 1.2,
) -> None:
    """Draw outlines, cased so that no image hides them, and a hatch inside."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    hatch = QBrush(with_alpha(DARK.excluded, HATCH), Qt.BrushStyle.BDiagPattern)
    for corners in outlines:
        shape = QPolygonF([viewport.to_pane(x, y) for x, y in corners.tolist()])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(with_alpha("#000000", CASING), width + 1.8))
        painter.drawPolygon(shape)
        painter.setBrush(hatch)
        painter.setPen(QPen(QColor(colour), width))
        painter.drawPolygon(shape)


def draw_held(painter: QPainter, mask: HandMask, viewport: Viewport, selected: bool) -> None:
    """Draw a mask that the mouse can take hold of, white where it is selected, and its grips."""
    colour = "#ffffff" if selected else DARK.excluded
    draw_masks(painter, (outline_of(mask),), viewport, colour, 1.6)
    grips = grips_of(mask, viewport.frame.zoom)
    turns = next((one for one in grips if one.what == "turn"), None)
    if turns is not None:
        end = viewport.to_pane(turns.x, turns.y)
        middle = viewport.to_pane(*mask.numbers[:2])
        away = (end - middle) / max(QPointF.dotProduct(end - middle, end - middle) ** 0.5, 1e-9)
        for pen in (QPen(with_alpha("#000000", CASING), 3), QPen(QColor(colour), 1)):
            painter.setPen(pen)
            painter.drawLine(end - away * (18.0 - 1.0), end)
    painter.setPen(QPen(with_alpha("#000000", 0.8), 1))
    for one in grips:
        at = viewport.to_pane(one.x, one.y)
        painter.setBrush(QColor("#ffffff") if selected else QColor(DARK.excluded))
        if one.what.startswith("side"):
            painter.setBrush(QColor(DARK.excluded))
            painter.drawEllipse(at, DOT, DOT)
        elif one.what == "turn":
            painter.drawEllipse(at, GRIP, GRIP)
        else:
            painter.drawRect(QRectF(at.x() - GRIP, at.y() - GRIP, 2 * GRIP, 2 * GRIP))
