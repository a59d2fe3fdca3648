"""What a person can do with masks by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from skyframe_gui.app.model.hand_masks import MaskItem
from skyframe_gui.app.model.mask_rows import selected_mask
from skyframe_gui.app.model.problems import clear_problem, report
from skyframe_gui.app.model.queries import visit_of
from skyframe_gui.app.model.results import Problem
from skyframe_gui.engine.errors import SkyFrameError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from skyframe_gui.app.model.shown import Shown
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.engine.hand_masks import HandMask

ORIGIN = "masks"
AWAITED = "The exposure is still being read; try again in a moment."


class MaskCommands:
    """A part of the `Commands`.

    Parameters
    ----------
    store : Store
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, masks: Iterable[MaskItem]) -> None:
        """Mask regions; one that is there already is not added again."""
        now = self._store.state.hand_masks
        fresh = tuple(one for one in dict.fromkeys(masks) if one not in now)
        if fresh:
            self._store.edit(f"mask {_counted(len(fresh))}", hand_masks=(*now, *fresh))

    def draw(self, mask: HandMask, shown: Shown) -> None:
        """Mask what was drawn over an exposure, as wide as the view says, and select it.

        Parameters
        ----------
        mask : HandMask
            In the exposure's parent pixels.
        shown : Shown
        """
        view = self._store.state.view
        mask = self._as_wanted(mask, shown, view.mask_sky) or mask
        visit = visit_of(self._store.state, shown.key) if view.mask_visits else ""
        item = MaskItem(mask, "" if visit else shown.key, visit)
        with self._store.batch():
            self.add([item])
            self.select(item)

    def select(self, item: MaskItem | None) -> None:
        """Select a mask, or none."""
        state = self._store.state
        number = None if item is None else item.number
        self._store.set(selection=replace(state.selection, mask=number))

    def change(self, old: MaskItem, mask: HandMask) -> None:
        """Put another region in the place of one."""
        self._put("change a mask by hand", old, replace(old, mask=mask))

    def reshape(self, old: MaskItem, mask: HandMask, shown: Shown) -> None:
        """Put a region in parent pixels of an exposure in the place of one, on the sky if that is.

        Parameters
        ----------
        old : MaskItem
        mask : HandMask
        shown : Shown
            The exposure over which it was drawn.
        """
        found = self._as_wanted(mask, shown, old.mask.on_sky)
        if found is not None:
            self.change(old, found)

    def put_on_sky(self, old: MaskItem, on_sky: bool) -> None:
        """Let a mask hold its place on the sky, or its pixels, as the shown exposure has them."""
        shown = self._store.state.results.shown
        if shown is None or on_sky == old.mask.on_sky:
            return
        found = self._as_wanted(old.mask, shown, on_sky)
        if found is not None:
            what = "on the sky" if on_sky else "in pixels"
            self._put(f"keep a mask by hand {what}", old, replace(old, mask=found))

    def spread(self, old: MaskItem, whole_visit: bool) -> None:
        """Let a mask be one of the whole visit, or of the shown exposure alone."""
        state = self._store.state
        shown = state.results.shown
        visit = "" if shown is None else visit_of(state, shown.key)
        if shown is None or not visit or whole_visit == (not old.exposure):
            return
        fresh = replace(old, exposure="" if whole_visit else shown.key, visit="")
        if whole_visit:
            fresh = replace(fresh, visit=visit)
        what = "all of a visit" if whole_visit else "one exposure"
        self._put(f"mask {what} by hand", old, fresh)

    def remove(self, masks: Iterable[MaskItem]) -> None:
        """Take masks away."""
        gone = frozenset(masks)
        rest = tuple(one for one in self._store.state.hand_masks if one not in gone)
        n = len(self._store.state.hand_masks) - len(rest)
        if n:
            self._store.edit(f"remove {_counted(n)}", hand_masks=rest)

    def remove_selected(self) -> bool:
        """Take the selected mask away; return whether there was one."""
        item = selected_mask(self._store.state)
        if item is not None:
            self.remove([item])
        return item is not None

    def _put(self, label: str, old: MaskItem, fresh: MaskItem) -> None:
        masks = self._store.state.hand_masks
        # What is as another one already is would be masked twice.
        kept = tuple(one for one in masks if one != fresh or one == old)
        found = tuple(fresh if one == old else one for one in kept)
        self._store.edit(label, hand_masks=found)

    def _as_wanted(self, mask: HandMask, shown: Shown, on_sky: bool) -> HandMask | None:
        """Return a mask on the sky or in pixels; None, with a sentence, where that cannot be."""
        from skyframe_gui.files import sky_masks

        if mask.on_sky == on_sky:
            return mask
        try:
            if shown.exposure is None:
                raise SkyFrameError(AWAITED)
            convert = sky_masks.on_sky if on_sky else sky_masks.in_pixels
            found = convert(mask, shown.exposure.wcs, shown.xy0)
        except SkyFrameError as error:
            report(self._store, Problem(ORIGIN, str(error)))
            return None
        clear_problem(self._store, ORIGIN)
        return found


def _counted(n: int) -> str:
    return "1 mask by hand" if n == 1 else f"{n} masks by hand"
