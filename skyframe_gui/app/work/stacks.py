"""Sky frames that were built here follow the exposures that are left out, and tell who pulls."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject

from skyframe_gui.app.model.problems import clear_problem, report
from skyframe_gui.app.model.queries import excluded_from, inspected
from skyframe_gui.app.model.stack_view import has_bin
from skyframe_gui.app.work.lane import Lane
from skyframe_gui.app.work.stack_views import average_again, bin_view, stack_view

if TYPE_CHECKING:
    from skyframe_gui.app.model.items import SkyFrameItem
    from skyframe_gui.app.model.stack_view import BinView, StackView
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.engine import Watch


class Stacks(QObject):
    """Averages built sky frames again when exposures are left out or taken back in.

    Looks also at the stack of the sky frame on screen, and at its selected bin.

    Parameters
    ----------
    store : Store
    """

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        self._asked: frozenset[object] = frozenset()
        self._asked_bin: object = None
        self.lane = Lane("stack")
        self.bins = Lane("stack bin")
        store.changed.connect(self._on_changed)

    def close(self, seconds: float = 1.0) -> bool:
        """Stop everything; return whether it has ended in time."""
        ended = [lane.close(seconds / 2) for lane in (self.lane, self.bins)]
        return all(ended)

    def _on_changed(self, old: State, new: State) -> None:
        if not (
            old.excluded_members is new.excluded_members
            and old.set_exclusions is new.set_exclusions
            and old.sky_frames is new.sky_frames
            and old.removed is new.removed
            and old.results.shown is new.results.shown
        ):
            self._follow_frames(new)
        if old.selection.bin != new.selection.bin or old.results.stack is not new.results.stack:
            self._follow_bin(new)

    def _follow_frames(self, state: State) -> None:
        behind = tuple(
            item for item in state.sky_frames if excluded_from(state, item) != item.excluded_members
        )
        looked_at = inspected(state)
        outside = {item.key: excluded_from(state, item) for item in behind}
        missing: set[object] = set(outside.items())
        if looked_at is not None and (
            looked_at.key in outside or not _is_seen(state.results.stack, looked_at)
        ):
            missing.add((looked_at.key, excluded_from(state, looked_at), "stack"))
        # What was asked for is on its way, or has failed and would again.
        is_asked = missing <= self._asked
        if not (missing and is_asked):
            self._asked = frozenset(missing)
        if not missing:
            clear_problem(self._store, self.lane.name)
        if is_asked:
            return
        place = state.selection.bin
        self.lane.submit(
            "Average the stack",
            lambda watch: _follow(behind, outside, looked_at, place, watch),
            self._on_followed,
            published=self._on_followed,
            failed=partial(report, self._store),
            cancelled=self._forget,
        )

    def _forget(self) -> None:
        self._asked = frozenset()

    def _on_followed(self, found: Followed) -> None:
        state = self._store.state
        by_key = {item.key: item for item in found.again}
        frames = tuple(by_key.get(item.key, item) for item in state.sky_frames)
        results = state.results
        if found.stack is not None:
            results = replace(results, stack=found.stack, bin=found.bin)
        self._store.set(sky_frames=frames if found.again else state.sky_frames, results=results)
        if found.stack is not None or not found.partial:
            clear_problem(self._store, self.lane.name)

    def _follow_bin(self, state: State) -> None:
        stack, place, bin_ = state.results.stack, state.selection.bin, state.results.bin
        if stack is None or place is None or not has_bin(stack, place):
            self._asked_bin = None
            self._store.set(results=replace(self._store.state.results, bin=None))
            return
        if bin_ is not None and bin_.stack is stack and bin_.place == place:
            return
        if self._asked_bin == (stack, place):
            return
        self._asked_bin = (stack, place)
        self.bins.submit(
            "Look at the bin",
            lambda watch: bin_view(stack, place),
            self._on_bin,
            failed=partial(report, self._store),
        )

    def _on_bin(self, found: BinView) -> None:
        state = self._store.state
        if found.stack is state.results.stack and found.place == state.selection.bin:
            self._store.set(results=replace(state.results, bin=found))
        clear_problem(self._store, self.bins.name)


@dataclass(frozen=True, eq=False)
class Followed:
    """What the lane has made: sky frames averaged again, and the stack of the one on screen."""

    again: tuple[SkyFrameItem, ...]
    stack: StackView | None = None
    bin: BinView | None = None
    partial: bool = False


def _is_seen(stack: StackView | None, item: SkyFrameItem) -> bool:
    return stack is not None and stack.key == item.key and stack.sky_frame is item.sky_frame


def _follow(
    behind: tuple[SkyFrameItem, ...],
    outside: dict[str, frozenset[str]],
    looked_at: SkyFrameItem | None,
    place: tuple[int, int] | None,
    watch: Watch,
) -> Followed:
    """Average again what is behind, the frame on screen first, and look at its stack; in the lane.

    The averages are told at once: leaving one out after the other takes several times as long.
    """
    again = []
    for item in sorted(behind, key=lambda item: item is not looked_at):
        averaged = average_again(item, outside[item.key], watch)
        again.append(averaged)
        if looked_at is not None and looked_at.key == item.key:
            looked_at = averaged
            watch.publish(Followed(tuple(again), partial=True))
    if looked_at is None:
        return Followed(tuple(again))
    stack = stack_view(looked_at, watch)
    in_it = place is not None and has_bin(stack, place)
    return Followed(tuple(again), stack, bin_view(stack, place) if place and in_it else None)
