"""The mouse moves all the time: who follows it is told of each move once, and the state is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fitted_visits import make_fit

from skyframe_gui.app.model.pointer import Pointed
from skyframe_gui.app.model.rejection_steps import rows_of
from skyframe_gui.app.model.results import Results

if TYPE_CHECKING:
    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.items import SampleId
    from skyframe_gui.app.model.store import Store

ONE = ("k", (0, 0, 1, 1))


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


@pytest.fixture
def samples(store: Store) -> list[SampleId]:
    """A visit of one detector is fitted; its samples."""
    fit = make_fit()
    store.set(log=("",))  # Live takes the fit of no files away once, at the first change
    store.set(results=Results(fit=fit))
    rows = rows_of(fit)
    return [rows.ids(index) for index in range(3)]


@pytest.mark.parametrize(("selected", "lit", "expected"), [((0, 1), None, (0, 1)), ((0,), 1, (1,))])
def test_keys_speak_of_the_sample_under_the_mouse_first(
    store: Store,
    commands: Commands,
    samples: list[SampleId],
    selected: tuple[int, ...],
    lit: int | None,
    expected: tuple[int, ...],
) -> None:
    commands.select_samples([samples[index] for index in selected])
    commands.hover(None if lit is None else samples[lit])
    commands.exclude_pointed()
    assert store.state.excluded_samples == {samples[index] for index in expected}


def test_without_either_a_key_does_nothing(
    store: Store, commands: Commands, samples: list[SampleId]
) -> None:
    commands.exclude_pointed()
    assert store.state.excluded_samples == frozenset()
    assert not store.undo_label


def test_a_sample_of_boxes_that_are_gone_is_not_excluded(
    store: Store, commands: Commands, samples: list[SampleId]
) -> None:
    key, (x0, y0, x1, y1) = samples[0]
    commands.hover((key, (x0, y0, x1 + 1, y1 + 1)))
    commands.exclude_pointed()
    assert store.state.excluded_samples == frozenset()


def test_in_another_workspace_nothing_stays_lit_up(store: Store, commands: Commands) -> None:
    commands.point((1.0, 2.0))
    commands.hover(ONE)
    commands.show_workspace("stack")
    assert store.pointer.now == Pointed()
