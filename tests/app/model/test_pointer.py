"""The mouse moves all the time: who follows it is told of each move once, and the state is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from skyframe_gui.app.model.pointer import Pointed

if TYPE_CHECKING:
    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.items import SampleId
    from skyframe_gui.app.model.store import Store

ONE, TWO = ("k", (0, 0, 1, 1)), ("k", (1, 0, 2, 1))


def test_a_move_is_told_once_and_changes_no_state(store: Store, commands: Commands) -> None:
    told: list[Pointed] = []
    store.pointer.moved.connect(told.append)
    before = store.state
    commands.point((1.0, 2.0))
    commands.point((1.0, 2.0))
    commands.hover(ONE)
    commands.point(None)
    assert told == [Pointed((1.0, 2.0)), Pointed((1.0, 2.0), ONE), Pointed(None, ONE)]
    assert store.state is before


def test_of_another_exposure_nothing_stays_lit_up(store: Store, commands: Commands) -> None:
    commands.hover(ONE)
    commands.select_exposure("another")
    assert store.pointer.now.sample is None


@pytest.mark.parametrize(
    ("selected", "lit", "expected"), [({ONE, TWO}, None, {ONE, TWO}), ({ONE}, TWO, {TWO})]
)
def test_keys_speak_of_the_sample_under_the_mouse_first(
    store: Store,
    commands: Commands,
    selected: set[SampleId],
    lit: SampleId | None,
    expected: set[SampleId],
) -> None:
    commands.select_samples(selected)
    commands.hover(lit)
    commands.exclude_pointed()
    assert store.state.by_hand == expected


def test_without_either_a_key_does_nothing(store: Store, commands: Commands) -> None:
    commands.exclude_pointed()
    assert store.state.by_hand == frozenset()
    assert not store.undo_label
