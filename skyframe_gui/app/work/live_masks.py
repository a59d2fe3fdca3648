"""Counts the pixels that each mask by hand masks in the shown exposure."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject

from skyframe_gui.app.model.mask_rows import own_masks
from skyframe_gui.app.model.problems import report
from skyframe_gui.app.model.remembered import same
from skyframe_gui.app.work.lane import Lane, track
from skyframe_gui.engine.errors import SkyFrameError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from skyframe_gui.app.model.hand_masks import MaskItem
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.engine import Exposure
    from skyframe_gui.engine.hand_masks import HandMask


class LiveMasks(QObject):
    """Keeps the numbers of masked pixels up to date.

    Parameters
    ----------
    store : Store
    """

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        self._asked: tuple[object, ...] = ()
        self.lane = Lane("masks")
        track(store, self.lane)
        store.changed.connect(self._on_changed)

    def close(self, seconds: float = 1.0) -> bool:
        """Stop; return whether that was in time."""
        return self.lane.close(seconds)

    def _on_changed(self, old: State, new: State) -> None:
        shown = new.results.shown
        masks = () if shown is None else own_masks(new, shown.key)
        exposure = None if shown is None else shown.exposure
        if not masks:
            self._asked = ()
            if new.results.masked is not None:
                self._store.set(results=replace(new.results, masked=None))
        elif exposure is not None and not same((masks, exposure), self._asked):
            self._asked = (masks, exposure)
            self.lane.submit(
                "Masked pixels",
                lambda watch: count(masks, exposure),
                self._on_counted,
                failed=partial(report, self._store),
            )

    def _on_counted(self, found: Mapping[HandMask, int]) -> None:
        if self._asked:
            self._store.set(results=replace(self._store.state.results, masked=found))


def count(items: Sequence[MaskItem], exposure: Exposure) -> Mapping[HandMask, int]:
    """Return how many pixels of an exposure each mask masks; none where it is elsewhere."""
    from skyframe_gui.engine.hand_masks import count_pixels
    from skyframe_gui.files.sky_masks import in_pixels

    found = {}
    for item in items:
        try:
            mask = in_pixels(item.mask, exposure.wcs, exposure.xy0)
        except SkyFrameError:  # on another part of the sky
            found[item.mask] = 0
        else:
            found[item.mask] = count_pixels(mask, exposure.bbox)
    return MappingProxyType(found)
