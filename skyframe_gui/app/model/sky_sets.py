"""Sets of sky frames: what one build made, or files that are named alike, one of each detector."""

from __future__ import annotations

import os
import re
from collections import Counter
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from skyframe_gui.app.model.queries import (
    excluded,
    open_exposures,
    open_sky_frames,
    own_ticks,
    sky_frames_in_use,
)
from skyframe_gui.app.model.remembered import Remembered

if TYPE_CHECKING:
    from collections.abc import Iterable

    from skyframe_gui.app.model.items import SkyFrameItem
    from skyframe_gui.app.model.state import Changes, State
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
    called = {key: _name(items) for key, items in groups.items()}
    kinds = Counter((called[key], items[0].identity.filter) for key, items in groups.items())
    sets = []
    for key, items in groups.items():
        name = state.set_names.get(key) or called[key]
        if name == called[key] and kinds[name, items[0].identity.filter] > 1:
            name = _name_among_alike(items, name)
        sets.append(SkySet(key=key, name=name, frames=tuple(items)))
    return tuple(reversed(sets))


def _name(items: list[SkyFrameItem]) -> str:
    first = items[0]
    if first.set:
        return first.set
    if first.dataset is not None:
        return first.dataset.run
    return first.name if len(items) == 1 else _folder(first) or first.name


def _name_among_alike(items: list[SkyFrameItem], name: str) -> str:
    """Return what tells a set from others of its name and filter: its folder, or its instrument."""
    first = items[0]
    folder = "" if first.set else _folder(first)
    return folder or " ".join(filter(None, (name, first.identity.instrument)))


def _folder(item: SkyFrameItem) -> str:
    return os.path.basename(os.path.dirname(item.path)) if item.path else ""


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
        (frames, open_exposures(state), state.selection.sky_frame, state.chosen_sets),
        lambda: frozenset(item.set_key for item in sky_frames_in_use(state)),
    )


_in_use = Remembered["frozenset[str]"]()


def covers(one: SkySet, other: SkySet) -> bool:
    """Whether a set serves all that another one serves, as far as instrument and filter tell.

    What does not tell its filter serves each.
    """
    pairs = zip(one.frames[0].identity.frame, other.frames[0].identity.frame, strict=True)
    instrument, _, filter = pairs
    return all(not ours or ours == theirs for ours, theirs in (instrument, filter))


def sets_that_are_ticked(state: State) -> tuple[SkySet, ...]:
    """Return the sets in use that are not the newest and whose members the sky ticks show."""
    keys = set(own_ticks(state).values())
    return tuple(one for one in sky_sets(state) if one.key in keys)


def ticked(state: State, keys: frozenset[str], on: bool) -> Changes:
    """Return the changes that take exposures into sky frames, or leave them out.

    What is left out of an older set that is in use is its own; no other set and no build knows it.
    """
    own = own_ticks(state)
    rest = keys.difference(own)
    out = state.excluded_members
    changes: Changes = {"excluded_members": out - rest if on else out | rest}
    exclusions = dict(state.set_exclusions)
    for key in keys.intersection(own):
        one = own[key]
        exclusions[one] = exclusions[one] - {key} if on else exclusions[one] | {key}
    if exclusions != state.set_exclusions:
        changes["set_exclusions"] = MappingProxyType(exclusions)
    return changes


def left_behind(state: State, newer: Iterable[SkyFrameItem]) -> Changes:
    """Return what a build changes of the sets before it, and of what the new one is without.

    From now on those are what was built, whatever is left out of the new one; the new one is
    without what was not ticked, whichever set had these ticks.
    """
    kinds = {item.identity.frame.kind for item in newer}
    older = [one for one in sky_sets(state) if one.frames[0].identity.frame.kind in kinds]
    exclusions = dict(state.set_exclusions)
    for one in older:
        if one.key not in exclusions:
            exclusions[one.key] = _not_in(state, one)
    chosen = state.chosen_sets.difference(one.key for one in older)
    others = [one for one in sky_sets(state) if one.key in chosen]
    # What was just built is what is wanted, also where a set that serves every filter was chosen.
    new = (SkySet(key=item.set_key, name="", frames=(item,)) for item in newer)
    chosen |= {one.key for one in new if any(covers(other, one) for other in others)}
    keys, out = {one.key for one in older}, excluded(state, "sky")
    own = {key for key, one in own_ticks(state).items() if one in keys}
    return {
        "chosen_sets": chosen,
        "set_exclusions": MappingProxyType(exclusions),
        "excluded_members": (state.excluded_members - own) | (out & own),
    }


def _not_in(state: State, one: SkySet) -> frozenset[str]:
    """Return the exposures of a set's instrument and filter that it was not built from."""
    kind = one.frames[0].identity.frame.kind
    members = {key for item in one.frames for key in item.members}
    return frozenset(
        item.key
        for item in open_exposures(state)
        if item.key not in members and members and item.source.identity.frame.kind == kind
    )


def free_set(state: State) -> str:
    """Return a name such as "set 2" for a new build: of a higher number than all others."""
    taken = {item.set for item in state.sky_frames} | state.built_sets
    numbers = [int(name[4:]) for name in taken if re.fullmatch(r"set [0-9]{1,9}", name)]
    return f"set {max(numbers, default=0) + 1}"
