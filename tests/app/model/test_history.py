"""What was built and taken back is kept as long as undo or redo brings it again, and no longer."""

from __future__ import annotations

import gc
import weakref
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import numpy as np

from skyframe_gui.app.model import history
from skyframe_gui.app.model.items import SkyFrameItem
from skyframe_gui.app.model.queries import open_sky_frames
from skyframe_gui.app.model.sky_sets import free_set

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest
    from nights import Night
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.engine import SkyFrame

FRAME = 100_000
"""Bytes."""


def build(store: Store) -> None:
    """Put a sky frame on the list, as a build does."""
    name = free_set(store.state)
    frame = cast("SkyFrame", SimpleNamespace(values=np.zeros(FRAME, np.uint8)))
    item = SkyFrameItem(key=f"key of {name}", name=name, detector="1", sky_frame=frame, set=name)
    store.set(sky_frames=(*store.state.sky_frames, item))
    store.edit(f"build {name}", built_sets=store.state.built_sets | {name})


def throw_away(store: Store, *names: str) -> None:
    keys = {item.key for item in store.state.sky_frames if item.set in names}
    store.edit("throw away", removed=store.state.removed | keys)


def on_list(store: Store) -> list[str]:
    return [item.name for item in open_sky_frames(store.state)]


def held(store: Store) -> list[str]:
    return [item.name for item in store.state.sky_frames]


def test_what_undo_and_redo_bring_back_is_kept(store: Store) -> None:
    build(store)
    build(store)
    throw_away(store, "set 1")
    store.edit("name", set_names={"a": "b"})
    assert on_list(store) == ["set 2"]
    store.undo()
    store.undo()
    assert on_list(store) == ["set 1", "set 2"]
    store.undo()
    assert on_list(store) == ["set 1"]
    store.redo()
    store.redo()
    store.redo()
    assert on_list(store) == ["set 2"]
    store.undo()
    store.undo()
    assert on_list(store) == ["set 1", "set 2"]


def test_a_build_that_was_undone_goes_with_the_next_edit(store: Store) -> None:
    build(store)
    build(store)
    store.undo()
    assert held(store) == ["set 1", "set 2"]
    store.edit("name", set_names={"a": "b"})
    assert held(store) == ["set 1"]


def test_what_was_thrown_away_goes_when_the_history_begins_anew(store: Store) -> None:
    build(store)
    build(store)
    throw_away(store, "set 1")
    assert held(store) == ["set 1", "set 2"]
    store.forget_edits()
    assert held(store) == on_list(store) == ["set 2"]
    build(store)
    assert on_list(store) == ["set 2", "set 3"]


def test_the_oldest_edits_are_forgotten_with_the_sky_frames_that_only_they_keep(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "MOST_BYTES", 5 * FRAME)
    for _ in range(12):
        build(store)
        throw_away(store, held(store)[-1])
        assert len(held(store)) <= 5
    assert not on_list(store)
    n_undone = 0
    while store.undo_label:
        store.undo()
        n_undone += 1
        assert n_undone % 2 == len(on_list(store)), "a frame that can be had again was let go"
    assert 6 <= n_undone <= 10


def test_sky_frames_on_the_list_cost_no_edit(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MOST_BYTES", 2 * FRAME)
    for _ in range(12):
        build(store)
    assert len(on_list(store)) == 12
    for _ in range(12):
        store.undo()
    assert not on_list(store)


def test_many_edits_of_long_sets_stay_within_the_bound(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "MOST_BYTES", 1 << 20)
    keys: frozenset[str] = frozenset(map(str, range(1000)))
    for number in range(100):
        keys |= {f"another {number}"}
        store.edit("leave out", excluded_members=keys)
    n_undone = 0
    while store.undo_label:
        store.undo()
        n_undone += 1
    assert 10 <= n_undone <= 20
    assert len(store.state.excluded_members) == 1100 - n_undone


def test_what_was_built_and_undone_leaves_nothing_behind(
    night: Night, commands: Commands, store: Store, idle: Callable[[], None], qtbot: QtBot
) -> None:
    commands.open(night.paths)
    idle()
    gone: list[weakref.ref[SkyFrameItem]] = []
    for _ in range(3):
        commands.build()
        idle()
        gone += map(weakref.ref, store.state.sky_frames[-2:])
        commands.undo()
        idle()
    commands.set_config(store.state.config.model_copy(update={"skyRej": 4.0}))
    idle()
    assert len(gone) == 6

    def all_are_gone() -> bool:
        gc.collect()
        return all(one() is None for one in gone)

    qtbot.waitUntil(all_are_gone, timeout=5000)  # what says that a job runs asks once more
