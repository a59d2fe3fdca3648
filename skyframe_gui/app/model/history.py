"""What can be undone, and what is kept for no other reason."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from skyframe_gui.app.model.queries import open_sky_frames
from skyframe_gui.app.model.remembered import Remembered
from skyframe_gui.app.model.sizes import OBJECT, size_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skyframe_gui.app.model.items import SkyFrameItem
    from skyframe_gui.app.model.state import Changes, State

MOST_EDITS = 500
MOST_BYTES = 256 << 20
"""Of what is kept for undo alone: sky frames that are off the list, and the edits themselves."""


@dataclass
class Edit:
    """A change that can be taken back: its name, and the fields before and after."""

    label: str
    before: Changes
    after: Changes
    at: float

    @property
    def n_bytes(self) -> int:
        """About how many bytes it has by itself: what is in its sets is in others, too."""
        sets = (one for one in self.after.values() if isinstance(one, Collection))
        return OBJECT * sum(1 + len(one) for one in sets)


def keep_within_bounds(state: State, edits: list[Edit]) -> tuple[SkyFrameItem, ...]:
    """Forget the oldest edits as far as `MOST_EDITS` and `MOST_BYTES` ask for it.

    Returns
    -------
    tuple of SkyFrameItem
        Those that are on the list, or that undo or redo may bring back to it.
    """
    del edits[:-MOST_EDITS]
    n_bytes = sum(edit.n_bytes for edit in edits)
    state = replace(state, sky_frames=_within(state, edits))
    while edits and n_bytes + _bytes_off_list(state) > MOST_BYTES:
        n_bytes -= edits.pop(0).n_bytes
        state = replace(state, sky_frames=_within(state, edits))
    return state.sky_frames


def _within(state: State, edits: Sequence[Edit]) -> tuple[SkyFrameItem, ...]:
    on_list = open_sky_frames(state)
    if len(on_list) == len(state.sky_frames):
        return state.sky_frames
    there = {item.key for item in on_list}
    changes = [fields for edit in edits for fields in (edit.before, edit.after)]
    sets = state.built_sets.union(*(one["built_sets"] for one in changes if "built_sets" in one))
    gone = state.removed.intersection(*(one["removed"] for one in changes if "removed" in one))
    kept = tuple(
        item
        for item in state.sky_frames
        if item.key in there or (item.key not in gone and (not item.set or item.set in sets))
    )
    return kept if len(kept) < len(state.sky_frames) else state.sky_frames


def _bytes_off_list(state: State) -> int:
    """Return the bytes of the sky frames off the list; what they share with others is none."""
    on_list = open_sky_frames(state)
    return _off_list.of(
        (state.sky_frames, on_list),
        lambda: (
            size_of(state.sky_frames) - size_of(on_list)
            if len(on_list) < len(state.sky_frames)
            else 0
        ),
    )


_off_list = Remembered[int]()
