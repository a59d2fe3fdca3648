"""What a person can do with sets of sky frames: use, name, pin and throw them away."""

from __future__ import annotations

import time
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from skyframe_gui.app.model.pins import pin_of
from skyframe_gui.app.model.queries import inspected, open_exposures, shown_detector
from skyframe_gui.app.model.sky_sets import covers, sky_set, sky_sets

if TYPE_CHECKING:
    from collections.abc import Iterable

    from skyframe_gui.app.model.items import Role
    from skyframe_gui.app.model.sky_sets import SkySet
    from skyframe_gui.app.model.store import Store


class Selecting(Protocol):
    """What a set's frames and exposures are shown and switched with: the `Commands`."""

    store: Store

    def select_exposure(self, key: str) -> None:
        """Show an exposure."""

    def select_sky_frame(self, key: str, alone: bool = False) -> None:
        """Use a sky frame; ``alone`` shows it without any exposure."""

    def switch_role(self, role: Role, keys: Iterable[str]) -> None:
        """Take a role from exposures or give it to them."""


class SetCommands:
    """The part of the `Commands` that is about sets of sky frames; each is named by its key."""

    def __init__(self, commands: Selecting) -> None:
        self._commands = commands
        self._store = commands.store

    def use(self, key: str) -> None:
        """Use a set of sky frames for all detectors of its instrument and filter.

        One that does not tell its filter, for those of every filter.
        """
        state = self._store.state
        wanted = sky_set(state, key)
        if wanted is None:
            return
        others = {one.key for one in sky_sets(state) if covers(wanted, one)}
        with self._store.batch():
            self._store.edit(
                f"use {wanted.name}", chosen_sets=(state.chosen_sets - others) | {wanted.key}
            )
            if state.selection.exposure:
                self._store.set(selection=replace(state.selection, sky_frame=""))
            else:
                self._commands.select_sky_frame(self._frame_of_set(wanted), alone=True)

    def look_at(self, key: str) -> None:
        """Show a set's sky frame of the shown detector, without any exposure."""
        wanted = sky_set(self._store.state, key)
        if wanted is not None:
            self._commands.select_sky_frame(self._frame_of_set(wanted), alone=True)

    def _frame_of_set(self, wanted: SkySet) -> str:
        frames, detector = wanted.frames, shown_detector(self._store.state)
        return next((item.key for item in frames if item.detector == detector), frames[0].key)

    def rename(self, key: str, name: str) -> None:
        """Give a set of sky frames another name; "" for its own."""
        names = {**self._store.state.set_names, key: name.strip()}
        self._store.edit("name a sky set", set_names=MappingProxyType(names))

    def throw_away(self, key: str) -> None:
        """Take a set of sky frames off the list; files stay."""
        state, wanted = self._store.state, sky_set(self._store.state, key)
        if wanted is None:
            return
        keys = {item.key for item in wanted.frames}
        self._store.edit(
            f"throw {wanted.name} away",
            removed=state.removed | keys,
            chosen_sets=state.chosen_sets - {key},
        )
        if not state.selection.exposure and state.selection.sky_frame in keys:
            there = open_exposures(self._store.state)
            self._commands.select_exposure(there[0].key if there else "")

    def pin(self, name: str, key: str) -> None:
        """Keep what is set now, with a set of sky frames, as A or B."""
        wanted = sky_set(self._store.state, key)
        if wanted is not None:
            pin = replace(
                pin_of(self._store.state),
                sky_frame=wanted.frames[0].key,
                at=time.strftime("%H:%M"),
            )
            pins = {**self._store.state.pins, name: pin}
            self._store.edit(f"pin {name}", pins=MappingProxyType(pins))

    def switch_member(self, key: str) -> None:
        """Leave an exposure out of the set that is inspected, or take it back in.

        With the newest set the exposure's role changes; an older one keeps to itself what is out.
        """
        state = self._store.state
        frame = inspected(state)
        if frame is None or frame.set_key not in state.set_exclusions:
            self._commands.switch_role("sky", [key])
            return
        out = state.set_exclusions[frame.set_key] ^ {key}
        exclusions = {**state.set_exclusions, frame.set_key: out}
        what = "leave 1 exposure out of" if key in out else "take 1 exposure back into"
        self._store.edit(f"{what} a sky set", set_exclusions=MappingProxyType(exclusions))
