"""One state, told once; undo and redo of what a person changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyframe_gui.app.model import store as session_module
from skyframe_gui.app.model.state import State
from skyframe_gui.app.model.store import Session
from skyframe_gui.engine import SkyMeasurementConfig

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

OTHER = SkyMeasurementConfig(skyRej=4.0)
THIRD = SkyMeasurementConfig(skyRej=5.0)


@pytest.fixture(autouse=True)
def _application(qapp: object) -> None:
    """Signals need an application."""


def told(session: Session) -> list[tuple[State, State]]:
    pairs: list[tuple[State, State]] = []
    session.changed.connect(lambda old, new: pairs.append((old, new)))
    return pairs


def test_what_is_set_together_is_told_as_one_change(session: Session) -> None:
    pairs = told(session)
    before = session.state

    def set_and_fail() -> None:
        with session.together():
            session.set(log=("a",))
            with session.together():
                session.set(left_out=frozenset({"b"}))
            assert session.state.left_out == {"b"}
            assert not pairs
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):  # a fault hides nothing
        set_and_fail()
    assert pairs == [(before, session.state)]
    assert session.state.log == ("a",)


def test_a_change_is_told_once_with_the_state_before_and_after() -> None:
    session = Session()
    before = session.state
    pairs = told(session)
    session.set(config=OTHER, log=("a line",))
    assert len(pairs) == 1
    assert pairs[0] == (before, session.state)
    assert session.state.config == OTHER


def test_what_equals_the_present_state_is_not_told() -> None:
    session = Session()
    pairs = told(session)
    session.set(config=SkyMeasurementConfig(), log=())
    assert pairs == []


def test_a_change_made_while_another_is_told_reaches_everyone_in_the_same_order() -> None:
    session = Session()
    seen: list[tuple[float, float]] = []

    def answers(_old: State, new: State) -> None:
        if new.config == OTHER:
            session.set(config=THIRD)

    session.changed.connect(answers)
    session.changed.connect(lambda old, new: seen.append((old.config.skyRej, new.config.skyRej)))
    session.set(config=OTHER)
    assert seen == [(3.0, 4.0), (4.0, 5.0)]


def test_a_state_is_frozen() -> None:
    with pytest.raises(AttributeError):
        State().log = ()  # type: ignore[misc]  # that is what is tested


def test_undo_gives_back_what_a_person_had_and_redo_does_it_again() -> None:
    session = Session()
    session.edit("change skyRej", config=OTHER)
    session.edit("leave out 1 exposure", left_out=frozenset({"a"}))
    assert session.undo_label == "leave out 1 exposure"
    session.undo()
    assert session.state.left_out == frozenset()
    assert session.state.config == OTHER
    session.undo()
    assert session.state.config == SkyMeasurementConfig()
    assert session.undo_label == ""
    session.redo()
    session.redo()
    assert session.state.config == OTHER
    assert session.state.left_out == {"a"}


def test_a_dragged_slider_is_one_step_of_undo(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(session_module.time, "monotonic", lambda: now[0])
    session = Session()
    for number in range(20):
        now[0] += 0.1
        session.edit("change skyRej", config=SkyMeasurementConfig(skyRej=3.1 + number))
    now[0] += 10
    session.edit("change skyRej", config=SkyMeasurementConfig(skyRej=50.0))
    session.undo()
    assert session.state.config.skyRej == 22.1
    session.undo()
    assert session.state.config.skyRej == 3.0


def test_loading_and_results_do_not_come_between_an_edit_and_its_undo() -> None:
    session = Session()
    session.edit("change skyRej", config=OTHER)
    session.set(log=("a file was opened",))
    session.undo()
    assert session.state.config == SkyMeasurementConfig()
    assert session.state.log == ("a file was opened",)


def test_a_new_edit_ends_what_could_be_redone() -> None:
    session = Session()
    session.edit("change skyRej", config=OTHER)
    session.undo()
    session.edit("change skyRej", config=THIRD)
    session.redo()
    assert session.state.config == THIRD


def test_results_cannot_be_made_undoable_by_mistake() -> None:
    with pytest.raises(ValueError, match="results"):
        Session().edit("no", results=None)


@given(st.lists(st.sampled_from(["undo", "redo", 1.0, 2.0, 3.5, 4.0]), max_size=40))
def test_undo_and_redo_are_each_others_opposite(steps: list[str | float]) -> None:
    session = Session()
    past: list[float] = [3.0]
    future: list[float] = []
    for number, step in enumerate(steps):
        if step == "undo":
            session.undo()
            if len(past) > 1:
                future.append(past.pop())
        elif step == "redo":
            session.redo()
            if future:
                past.append(future.pop())
        elif step != past[-1]:
            assert isinstance(step, float)
            # A label of its own each, so that nothing is merged.
            session.edit(f"edit {number}", config=SkyMeasurementConfig(skyRej=step))
            past.append(step)
            future.clear()
        assert session.state.config.skyRej == past[-1]


def test_the_signal_reaches_no_one_after_disconnecting(qtbot: QtBot) -> None:
    session = Session()
    pairs = told(session)
    session.changed.disconnect()
    session.set(log=("a line",))
    assert pairs == []
