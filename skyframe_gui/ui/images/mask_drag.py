"""Masks by hand drawn over an image: a drag draws a shape, clicks the corners of a polygon."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine import SkyFrameError
from skyframe_gui.engine.hand_masks import HandMask, outline_of

if TYPE_CHECKING:
    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.cuts import Tool
    from skyframe_gui.ui.images.canvas_layers import CanvasLayers

    Place = tuple[float, float]

POLYGON: Tool = "mask-polygon"


class MaskDrag:
    """Turns drags and clicks over one image into masks by hand of its exposure.

    Parameters
    ----------
    commands : Commands
    layers : CanvasLayers
        What the image shows; it gets the outline of what is being drawn.
    """

    def __init__(self, commands: Commands, layers: CanvasLayers) -> None:
        self._commands, self._layers = commands, layers
        self._corners: list[Place] = []

    @property
    def tool(self) -> Tool:
        """The tool in hand where it is one for masks, else ""."""
        tool = self._commands.store.state.view.tool
        return tool if tool.startswith("mask-") else ""

    def click(self, x: float, y: float) -> bool:
        """Put a corner of a polygon; return whether one is being drawn."""
        if self.tool != POLYGON:
            return False
        self._corners.append((x, y))
        self._show(np.array(self._corners))
        return True

    def close(self) -> bool:
        """Close the polygon that is being drawn; return whether there was one."""
        corners = self._corners
        if self.tool != POLYGON or not corners:
            return False
        self._add(_made("polygon", tuple(one for corner in corners for one in corner)))
        self.drop()
        return True

    def drop(self) -> bool:
        """Draw no further at what is being drawn; return whether there was anything."""
        was = self._layers.draft is not None
        self._corners = []
        self._show(None)
        return was

    def draw(self, start: Place, now: Place, shift: bool, ends: bool) -> None:
        """Show what a drag draws; where it ends that is masked."""
        tool = self.tool
        if not tool or tool == POLYGON:
            return
        mask = drawn_mask(tool, start, now)
        self._show(None if mask is None or ends else outline_of(mask))
        if ends:
            self._add(mask)

    def _add(self, mask: HandMask | None) -> None:
        content = self._layers.content
        if mask is not None and content is not None and content.shown.exposure is not None:
            shown = content.shown
            self._commands.masks.draw(mask.moved(*shown.xy0), shown)

    def _show(self, outline: np.ndarray | None) -> None:
        self._layers.draft = outline
        self._layers.refresh()


def drawn_mask(tool: Tool, start: Place, now: Place) -> HandMask | None:
    """Return what a drag draws, in pixels of the image; None where it is too small.

    A circle from its middle; the others between two corners, a box along the edges of pixels.
    """
    (x0, y0), (x1, y1) = start, now
    if tool == "mask-circle":
        return _made("circle", (x0, y0, math.hypot(x1 - x0, y1 - y0)))
    if tool == "mask-box":
        left, right, below, above = (round(v) for v in (*sorted((x0, x1)), *sorted((y0, y1))))
        size = (right - left + 1.0, above - below + 1.0)
        return _made("box", ((left + right) / 2, (below + above) / 2, *size, 0.0))
    middle = ((x0 + x1) / 2, (y0 + y1) / 2)
    return _made("ellipse", (*middle, abs(x1 - x0) / 2, abs(y1 - y0) / 2, 0.0))


def _made(shape: str, numbers: tuple[float, ...]) -> HandMask | None:
    try:
        return HandMask(shape, numbers)  # type: ignore[arg-type]  # one of its words
    except SkyFrameError:
        return None
