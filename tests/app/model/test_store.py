"""One state, told once; undo and redo of what a person changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyframe_gui.app.model import store as session_module
from skyframe_gui.app.model.state import State
from skyframe_gui.app.model.store import Store
from skyframe_gui.engine import SkyMeasurementConfig

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

OTHER = SkyMeasurementConfig(skyRej=4.0)
THIRD = SkyMeasurementConfig(skyRej=5.0)


@pytest.fixture(autouse=True)
def _application(qapp: object) -> None:
    """Signals need an application."""


def told(store: Store) -> list[tuple[State, State]]:
    pairs: list[tuple[State, State]] = []
    store.changed.connect(lambda old, new: pairs.append((old, new)))
    return pairs


def test_what_is_set_together_is_told_as_one_change(store: Store) -> None:
    pairs = told(store)
    before = store.state

    def set_and_fail() -> None:
        with store.batch():
            store.set(log=("a",))
            with store.batch():
                store.set(excluded_members=frozenset({"b"}))
            assert store.state.excluded_members == {"b"}
            assert not pairs
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):  # a fault hides nothing
        set_and_fail()
    assert pairs == [(before, store.state)]
    assert store.state.log == ("a",)


def test_a_change_is_told_once_with_the_state_before_and_after() -> None:
    store = Store()
    before = store.state
    pairs = told(store)
    store.set(config=OTHER, log=("a line",))
    assert len(pairs) == 1
    assert pairs[0] == (before, store.state)
    assert store.state.config == OTHER


def test_what_equals_the_present_state_is_not_told() -> None:
    store = Store()
    pairs = told(store)
    store.set(config=SkyMeasurementConfig(), log=())
    assert pairs == []


def test_a_change_made_while_another_is_told_reaches_everyone_in_the_same_order() -> None:
    store = Store()
    seen: list[tuple[float, float]] = []

    def answers(_old: State, new: State) -> None:
        if new.config == OTHER:
            store.set(config=THIRD)

    store.changed.connect(answers)
    store.changed.connect(lambda old, new: seen.append((old.config.skyRej, new.config.skyRej)))
    store.set(config=OTHER)
    assert seen == [(3.0, 4.0), (4.0, 5.0)]


def test_a_state_is_frozen() -> None:
    with pytest.raises(AttributeError):
        State().log = ()  # type: ignore[misc]  # that is what is tested


def test_undo_gives_back_what_a_person_had_and_redo_does_it_again() -> None:
    store = Store()
    store.edit("change skyRej", config=OTHER)
    store.edit("leave out 1 exposure", excluded_members=frozenset({"a"}))
    assert store.undo_label == "leave out 1 exposure"
    store.undo()
    assert store.state.excluded_members == frozenset()
    assert store.state.config == OTHER
    store.undo()
    assert store.state.config == SkyMeasurementConfig()
    assert store.undo_label == ""
    store.redo()
    store.redo()
    assert store.state.config == OTHER
    assert store.state.excluded_members == {"a"}


def test_a_dragged_slider_is_one_step_of_undo(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(session_module.time, "monotonic", lambda: now[0])
    store = Store()
    for number in range(20):
        now[0] += 0.1
        store.edit("change skyRej", config=SkyMeasurementConfig(skyRej=3.1 + number))
    now[0] += 10
    store.edit("change skyRej", config=SkyMeasurementConfig(skyRej=50.0))
    store.undo()
    assert store.state.config.skyRej == 22.1
    store.undo()
    assert store.state.config.skyRej == 3.0


def test_two_samples_excluded_in_a_second_are_two_steps_of_undo() -> None:
    store = Store()
    one, two = ("k", (0, 0, 1, 1)), ("k", (1, 0, 2, 1))
    store.edit("exclude 1 sample", excluded_samples=frozenset({one}))
    store.edit("exclude 1 sample", excluded_samples=frozenset({one, two}))
    store.undo()
    assert store.state.excluded_samples == {one}


def test_what_is_set_and_set_back_together_is_told_to_nobody() -> None:
    store = Store()
    pairs = told(store)
    with store.batch():
        store.set(config=OTHER)
        store.set(config=SkyMeasurementConfig())
    assert pairs == []


def test_loading_and_results_do_not_come_between_an_edit_and_its_undo() -> None:
    store = Store()
    store.edit("change skyRej", config=OTHER)
    store.set(log=("a file was opened",))
    store.undo()
    assert store.state.config == SkyMeasurementConfig()
    assert store.state.log == ("a file was opened",)


def test_a_new_edit_ends_what_could_be_redone() -> None:
    store = Store()
    store.edit("change skyRej", config=OTHER)
    store.undo()
    store.edit("change skyRej", config=THIRD)
    store.redo()
    assert store.state.config == THIRD


def test_results_cannot_be_made_undoable_by_mistake() -> None:
    with pytest.raises(ValueError, match="results"):
        Store().edit("no", results=None)


@given(st.lists(st.sampled_from(["undo", "redo", 1.0, 2.0, 3.5, 4.0]), max_size=40))
def test_undo_and_redo_are_each_others_opposite(steps: list[str | float]) -> None:
    store = Store()
    past: list[float] = [3.0]
    future: list[float] = []
    for number, step in enumerate(steps):
        if step == "undo":
            store.undo()
            if len(past) > 1:
                future.append(past.pop())
        elif step == "redo":
            store.redo()
            if future:
                past.append(future.pop())
        elif step != past[-1]:
            assert isinstance(step, float)
            # A label of its own each, so that nothing is merged.
            store.edit(f"edit {number}", config=SkyMeasurementConfig(skyRej=step))
            past.append(step)
            future.clear()
        assert store.state.config.skyRej == past[-1]


def test_the_signal_reaches_no_one_after_disconnecting(qtbot: QtBot) -> None:
    store = Store()
    pairs = told(store)
    store.changed.disconnect()
    store.set(log=("a line",))
    assert pairs == []
