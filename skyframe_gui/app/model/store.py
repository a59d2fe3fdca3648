"""The one holder of the state: replaces it, tells of it once, and remembers what can be undone."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import fields, replace
from typing import TYPE_CHECKING, cast

from PyQt6.QtCore import QObject, pyqtSignal

from skyframe_gui.app.model.history import Edit, keep_within_bounds
from skyframe_gui.app.model.pointer import Pointer
from skyframe_gui.app.model.state import UNDOABLE, State

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from typing import Unpack

    from skyframe_gui.app.model.state import Changes

MERGE_SECONDS = 1.0
"""Edits of the same thing within this time, as while a slider moves, are undone batch."""
SEPARATE = frozenset(
    {
        "excluded_members",
        "excluded_exposures",
        "excluded_samples",
        "hand_masks",
        "built_sets",
        "removed",
        "pins",
    }
)
"""Fields of which each edit is an act of its own, however soon it follows another."""


class Store(QObject):
    """Holds the `State`. Lives in the GUI thread and is changed there only.

    Attributes
    ----------
    changed : signal (old: State, new: State)
        The only one. Sent once for each change; a change made while it is being sent is told
        afterwards, so that every receiver sees the states in the same order.
    pointer : Pointer
        Where the mouse is, with a signal of its own.
    """

    changed = pyqtSignal(object, object)

    def __init__(self, state: State | None = None) -> None:
        super().__init__()
        self.pointer = Pointer()
        self._state = state or State()
        self._emitted = self._state
        self._is_emitting = False
        self._n_set = 0
        self._done: list[Edit] = []
        self._undone: list[Edit] = []

    @property
    def state(self) -> State:
        """The newest state."""
        return self._state

    def set(self, **changes: Unpack[Changes]) -> None:
        """Replace fields of the state; what equals the present state is not told."""
        if all(_same(getattr(self._state, name), value) for name, value in changes.items()):
            return
        self._state = replace(self._state, **changes)
        self._n_set += 1
        if not self._is_emitting:
            with self.batch():
                pass

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Tell of all that is set inside as of one change, at the end."""
        if self._is_emitting:
            yield
            return
        self._is_emitting = True
        try:
            yield
        finally:
            try:
                while self._emitted is not self._state:
                    old, self._emitted = self._emitted, self._state
                    n_set, self._n_set = self._n_set, 0
                    # One set has been compared already; of several the last may undo the first.
                    if n_set == 1 or not _equal(old, self._emitted):
                        self.changed.emit(old, self._emitted)
            finally:
                self._is_emitting = False

    def edit(self, label: str, **changes: Unpack[Changes]) -> None:
        """Replace fields that a person changes, so that it can be undone.

        Parameters
        ----------
        label : str
            What was done, as the Edit menu will say it: "change skyRej".
        **changes
            Fields named in `UNDOABLE`.
        """
        unknown = set(changes) - set(UNDOABLE)
        if unknown:
            raise ValueError(f"{', '.join(sorted(unknown))} cannot be undone; use set()")
        was = {name: getattr(self._state, name) for name in changes}
        if all(_same(was[name], value) for name, value in changes.items()):
            return
        before = cast("Changes", was)
        now = time.monotonic()
        last = self._done[-1] if self._done and not self._undone else None
        if (
            last
            and last.label == label
            and now - last.at < MERGE_SECONDS
            and set(last.after) == set(changes)
            and not SEPARATE.intersection(changes)
        ):
            last.after, last.at = changes, now
        else:
            self._done.append(Edit(label, before, changes, now))
        self._undone.clear()
        with self.batch():
            self.set(**changes)
            self._let_go()

    @property
    def undo_label(self) -> str:
        """What `undo` would take back; "" for nothing."""
        return self._done[-1].label if self._done else ""

    @property
    def redo_label(self) -> str:
        """What `redo` would do again; "" for nothing."""
        return self._undone[-1].label if self._undone else ""

    def undo(self) -> None:
        """Take the last edit back."""
        if self._done:
            edit = self._done.pop()
            self._undone.append(edit)
            self.set(**edit.before)

    def redo(self) -> None:
        """Do what was undone last again."""
        if self._undone:
            edit = self._undone.pop()
            self._done.append(edit)
            self.set(**edit.after)

    def keep_open(self, keys: Collection[str]) -> None:
        """Take items that a person has opened out of all edits: none of them closes one again."""
        opened = frozenset(keys)
        for edits in (self._done, self._undone):
            for edit in edits:
                for fields_ in (edit.before, edit.after):
                    if "removed" in fields_ and fields_["removed"] & opened:
                        fields_["removed"] = fields_["removed"] - opened
            edits[:] = [
                one for one in edits if "removed" not in one.after or one.before != one.after
            ]

    def take_roles(self, keys: Collection[str]) -> None:
        """Leave exposures that were just opened out of sky frames and science.

        In all edits, too: none of them gives a role to what was not there yet.
        """
        for edit in (*self._done, *self._undone):
            for fields_ in (edit.before, edit.after):
                if "excluded_members" in fields_:
                    fields_["excluded_members"] |= frozenset(keys)
                if "excluded_exposures" in fields_:
                    fields_["excluded_exposures"] |= frozenset(keys)
        state = self._state
        self.set(
            excluded_members=state.excluded_members | frozenset(keys),
            excluded_exposures=state.excluded_exposures | frozenset(keys),
        )

    def forget_edits(self) -> None:
        """Start a new history, as after opening a session file."""
        self._done.clear()
        self._undone.clear()
        self._let_go()

    def _let_go(self) -> None:
        """Let sky frames go that are off the list and that nothing brings back to it."""
        self.set(sky_frames=keep_within_bounds(self._state, self._done))


def _equal(old: State, new: State) -> bool:
    return all(_same(getattr(old, one.name), getattr(new, one.name)) for one in fields(old))


def _same(one: object, other: object) -> bool:
    return one is other or bool(one == other)
