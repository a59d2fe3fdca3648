"""Drags over an image that draw the cut and the region, or move them by their handles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.ui.images.cut_overlay import (
    drawn_cut,
    drawn_region,
    handle_at,
    moved_cut,
    moved_region,
)

if TYPE_CHECKING:
    from PyQt6.QtCore import QPointF

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.cuts import Cut, Region
    from skyframe_gui.app.model.view import View
    from skyframe_gui.ui.graph.image_view import ImageView
    from skyframe_gui.ui.images.canvas_layers import CanvasLayers

    Place = tuple[float, float]

OF_CUT = ("start", "end", "middle", "width")
"""Handles of the cut; the others are the region's."""


class CutDrag:
    """Turns the drags over one image into commands.

    Parameters
    ----------
    commands : Commands
    view : ImageView
    layers : CanvasLayers
        What the image shows.
    """

    def __init__(self, commands: Commands, view: ImageView, layers: CanvasLayers) -> None:
        self._commands, self._view, self._layers = commands, view, layers
        self._handle: str | None = None
        self._old: tuple[Cut | None, Region | None] = (None, None)

    @property
    def draws(self) -> bool:
        """Whether a drag draws something."""
        return bool(self._now.tool) and self._size is not None

    @property
    def _now(self) -> View:
        return self._commands.store.state.view

    @property
    def _size(self) -> tuple[int, int] | None:
        content = self._layers.content
        if content is None or content.why:
            return None
        return content.shown.width, content.shown.height

    def begins(self, at: QPointF) -> bool:
        """Take hold of a handle where a drag begins, or draw; return whether it is one of these."""
        size, view = self._size, self._now
        if size is None or view.tool.startswith("mask-"):
            return False
        self._handle = handle_at(view, size, self._view.viewport_now, at)
        self._old = view.cut, view.region
        return bool(self._handle or view.tool)

    def draw(self, start: Place, now: Place, shift: bool, ends: bool) -> None:
        """Draw, or move what the drag has taken hold of."""
        size, tool, handle = self._size, self._now.tool, self._handle
        cut, region = self._old
        if size is None:
            return
        start, now = _on_image(start, size), _on_image(now, size)
        cuts = self._commands.cuts
        if handle in OF_CUT and cut is not None:
            cuts.set_cut(moved_cut(cut, handle, start, now, size))
        elif handle and region is not None:
            cuts.set_region(moved_region(region, handle, start, now))
        elif tool == "cut":
            cuts.set_cut(drawn_cut(cut, start, now, shift))
        elif tool in ("box", "circle"):
            cuts.set_region(drawn_region(tool, start, now))


def _on_image(at: Place, size: tuple[int, int]) -> Place:
    """Return the nearest place that is on the image."""
    return min(max(at[0], 0.0), size[0] - 1.0), min(max(at[1], 0.0), size[1] - 1.0)
