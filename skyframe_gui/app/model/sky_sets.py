"""Sets of sky frames: what one build made, or files that are named alike, one of each detector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from skyframe_gui.app.model.queries import open_sky_frames, sky_frames_in_use
from skyframe_gui.app.model.remembered import Remembered

if TYPE_CHECKING:
    from skyframe_gui.app.model.items import SkyFrameItem
    from skyframe_gui.app.model.state import State
    from skyframe_gui.engine import SkyMeasurementConfig


@dataclass(frozen=True, eq=False, kw_only=True)
class SkySet:
    """A set of sky frames of one instrument and filter.

    Attributes
    ----------
    key, name : str
    frames : tuple of SkyFrameItem
        In the order of the list.
    n_exposures : int
        In the frame that has most; 0 where nobody knows.
    """

    key: str
    name: str
    frames: tuple[SkyFrameItem, ...]

    @property
    def filter(self) -> str:
        """The physical filter; "" where it is not known."""
        return self.frames[0].identity.filter

    @property
    def n_exposures(self) -> int:
        """How many exposures are in the frame that has most; 0 where nobody knows."""
        return max(len(item.members) - len(item.excluded_members) for item in self.frames)

    @property
    def made_at(self) -> str:
        """Local time of the build, ISO 8601 to the minute; "" for files."""
        return self.frames[0].made_at

    @property
    def config(self) -> SkyMeasurementConfig | None:
        """What it was built with, where known."""
        return self.frames[0].made_with

    @property
    def unsaved(self) -> tuple[SkyFrameItem, ...]:
        """Its sky frames that are in no file."""
        return tuple(item for item in self.frames if not item.path)


def sky_sets(state: State) -> tuple[SkySet, ...]:
    """Return the sets on the list, the newest first."""
    frames = open_sky_frames(state)
    return _sky_sets.of((frames, state.set_names), lambda: _sets_of(frames, state))


_sky_sets = Remembered["tuple[SkySet, ...]"]()


def _sets_of(frames: tuple[SkyFrameItem, ...], state: State) -> tuple[SkySet, ...]:
    groups: dict[str, list[SkyFrameItem]] = {}
    for item in frames:
        groups.setdefault(item.set_key, []).append(item)
    sets = (
        SkySet(key=key, name=state.set_names.get(key) or _name(items), frames=tuple(items))
        for key, items in groups.items()
    )
    return tuple(reversed(tuple(sets)))


def _name(items: list[SkyFrameItem]) -> str:
    first = items[0]
    if first.set:
        return first.set
    if not first.path:
        return first.name
    import os

    folder = os.path.basename(os.path.dirname(first.path))
    return first.name if len(items) == 1 or not folder else folder


def sky_set(state: State, key: str) -> SkySet | None:
    """Return a set by its key; None where it is not on the list."""
    return next((one for one in sky_sets(state) if one.key == key), None)


def set_of_frame(state: State, key: str) -> SkySet | None:
    """Return the set of a sky frame by the frame's key; None where it is not on the list."""
    return next((one for one in sky_sets(state) if any(i.key == key for i in one.frames)), None)


def sets_in_use(state: State) -> frozenset[str]:
    """Return the keys of the sets whose sky frames are subtracted."""
    frames = open_sky_frames(state)
    return _in_use.of(
        (frames, state.selection.sky_frame, state.chosen_sets),
        lambda: frozenset(item.set_key for item in sky_frames_in_use(state)),
    )


_in_use = Remembered["frozenset[str]"]()


def free_set(state: State) -> str:
    """Return a name such as "set 2" that no build of the session has."""
    taken = {item.set for item in state.sky_frames}
    return next(name for n in range(1, len(taken) + 2) if (name := f"set {n}") not in taken)
