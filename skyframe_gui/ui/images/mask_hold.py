"""Masks by hand under the mouse and the keys: pointed at, selected, moved, resized, turned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt

from skyframe_gui.app.model.mask_rows import selected_mask
from skyframe_gui.ui.images.mask_grips import (
    AWAY,
    MOVE,
    NEAR,
    grip_at,
    grips_of,
    is_inside,
    is_on_line,
    pulled,
    without_corner,
)
from skyframe_gui.ui.images.mask_overlay import ShapeOver, near, shapes_over

if TYPE_CHECKING:
    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.hand_masks import MaskItem
    from skyframe_gui.app.model.shown import Shown
    from skyframe_gui.engine.hand_masks import HandMask
    from skyframe_gui.ui.graph.image_view import ImageView
    from skyframe_gui.ui.images.canvas_layers import CanvasLayers

    Place = tuple[float, float]


@dataclass(frozen=True)
class Hold:
    """What the mouse has, or would have, hold of."""

    shape: ShapeOver
    what: str
    """See `Grip`; "move", or "" for a mask that a click selects."""


class MaskHold:
    """Turns the mouse over one image, and keys, into changes of the masks that are there.

    Parameters
    ----------
    commands : Commands
    view : ImageView
    layers : CanvasLayers
        What the image shows; it gets what is pointed at, and what a drag has made of it so far.

    Attributes
    ----------
    cursor : Qt.CursorShape or None
        How the cursor should look where the mouse is; None where there is nothing to take.
    """

    def __init__(self, commands: Commands, view: ImageView, layers: CanvasLayers) -> None:
        self._commands, self._view, self._layers = commands, view, layers
        self.cursor: Qt.CursorShape | None = None
        self._hold: Hold | None = None
        self._nudged: tuple[ShapeOver, HandMask] | None = None

    @property
    def _shown(self) -> Shown | None:
        content = self._layers.content
        return None if content is None or content.why else content.shown

    @property
    def _shapes(self) -> tuple[ShapeOver, ...]:
        state, shown = self._commands.store.state, self._shown
        return () if shown is None else shapes_over(state, shown)

    @property
    def selected(self) -> ShapeOver | None:
        """The selected mask, where it is over this image."""
        item = selected_mask(self._commands.store.state)
        number = None if item is None else item.number
        return next((one for one in self._shapes if one.item.number == number), None)

    def at(self, x: float, y: float) -> Hold | None:
        """Return what is to be had at a place: a grip, the selected mask, or another one.

        A mask is taken at its outline; inside only if it is selected, or where masks are drawn.
        """
        tool = self._commands.store.state.view.tool
        if self._layers.draft is not None or (tool and not tool.startswith("mask-")):
            return None
        place, zoom, selected = (x, y), self._view.viewport_now.frame.zoom, self.selected
        known = self._layers.pointed_mask
        shapes = near(self._shapes, place, (AWAY + NEAR) / zoom)[::-1]
        ready = [selected] if selected is not None else []
        ready += [one for one in shapes if one.item.number == known and one is not selected]
        for one in ready:
            what = grip_at(grips_of(one.mask, zoom), place, zoom)
            if what:
                return Hold(one, what)
        if selected is not None and (
            is_inside(selected.mask, place) or is_on_line(selected.mask, place, zoom)
        ):
            return Hold(selected, MOVE)
        for one in shapes:
            if is_on_line(one.mask, place, zoom) or (tool and is_inside(one.mask, place)):
                return Hold(one, "")
        return None

    def point(self, at: Place | None) -> None:
        """Show what is under the mouse: its grips, and by the cursor's shape what a drag does."""
        if self._hold is not None:
            return
        found = None if at is None else self.at(*at)
        # What lies inside of a selected mask can be clicked at, so that nothing is shown there.
        number = None if found is None else found.shape.item.number
        if number != self._layers.pointed_mask:
            self._layers.pointed_mask = number
            self._layers.refresh()
        self.cursor = _cursor_of(found)

    def begins(self, x: float, y: float, grips_only: bool = False) -> bool:
        """Take hold of a mask where a drag begins; return whether there is one to be had."""
        found = self.at(x, y)
        if found is None or not found.what or (grips_only and found.what == MOVE):
            return False
        self._hold = found
        return True

    def draw(self, start: Place, now: Place, shift: bool, ends: bool) -> None:
        """Show what a drag makes of the mask; where it ends it is masked like that."""
        hold = self._hold
        if hold is None:
            return
        mask = pulled(hold.shape.mask, hold.what, start, now, shift)
        self._show(hold.shape.item, mask)
        if ends:
            self._hold = None
            self.put(hold.shape, mask)

    def click(self, x: float, y: float) -> bool:
        """Select the mask at a place; return whether the click was one for masks.

        A click inside of the selected mask is for what lies under it, beside it takes it back.
        """
        found = self.at(x, y)
        if found is None:
            if self._commands.store.state.selection.mask is not None:
                self._commands.masks.select(None)
            return False
        if found.what == MOVE and not is_on_line(
            found.shape.mask, (x, y), self._view.viewport_now.frame.zoom
        ):
            return False
        self._commands.masks.select(found.shape.item)
        return True

    def nudge(self, dx: int, dy: int) -> bool:
        """Show the selected mask so much farther; return whether there is one. See `settle`."""
        selected = self.selected
        if selected is None:
            return False
        mask = selected.mask if self._nudged is None else self._nudged[1]
        mask = mask.moved(dx, dy)
        self._nudged = (selected, mask)
        self._show(selected.item, mask)
        return True

    def settle(self) -> None:
        """Mask where the keys have brought it: all that a key that was held has done is one."""
        if self._nudged is not None:
            (shape, mask), self._nudged = self._nudged, None
            self.put(shape, mask)

    def drop(self) -> bool:
        """Leave the mask as it was before the drag; return whether there was one."""
        had = self._hold is not None or self._nudged is not None
        if had:
            self._hold = self._nudged = None
            self._show(None, None)
        return had

    def remove(self) -> bool:
        """Take the selected mask away, else where masks are drawn the one under the mouse."""
        if self._commands.masks.remove_selected():
            return True
        number = self._layers.pointed_mask
        pointed = [one.item for one in self._shapes if one.item.number == number]
        self._commands.masks.remove(pointed)
        return bool(pointed)

    def corner_at(self, x: float, y: float) -> tuple[ShapeOver, HandMask] | None:
        """Return a polygon without the corner at a place; None where none can be taken away."""
        found = self.at(x, y)
        less = None if found is None else without_corner(found.shape.mask, found.what)
        return None if found is None or less is None else (found.shape, less)

    def put(self, shape: ShapeOver, mask: HandMask) -> None:
        """Put a region in pixels of the image in the place of a mask, and select it."""
        shown, is_here = self._shown, shape in self._shapes
        self._show(None, None)
        if shown is not None and is_here:
            masks = self._commands.masks
            with self._commands.store.batch():
                if mask != shape.mask:
                    masks.reshape(shape.item, mask.moved(*shown.xy0), shown)
                masks.select(shape.item)

    def _show(self, item: MaskItem | None, mask: HandMask | None) -> None:
        self._layers.held = None if item is None or mask is None else (item.number, mask)
        self._layers.refresh()


def _cursor_of(found: Hold | None) -> Qt.CursorShape | None:
    if found is None:
        return None
    if found.what == MOVE:
        return Qt.CursorShape.SizeAllCursor
    return Qt.CursorShape.PointingHandCursor
