"""A built sky frame follows the exposures that are left out, at once and from the stored bins."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest

from skyframe_gui.app.model.stack_view import OUTSIDE, USED
from skyframe_gui.app.work import stacks
from skyframe_gui.engine import average_backgrounds
from skyframe_gui.workflow import reading
from skyframe_gui.workflow.build import build_sky_frames

if TYPE_CHECKING:
    from collections.abc import Callable

    from nights import Night
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.items import SkyFrameItem
    from skyframe_gui.app.model.stack_view import StackView
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.engine import Watch


@pytest.fixture
def built(night: Night, commands: Commands, store: Store, idle: Callable[[], None]) -> Store:
    commands.open(night.paths)
    idle()
    commands.build()
    idle()
    return store


def test_leaving_an_exposure_out_averages_the_frame_again_without_it(
    built: Store,
    night: Night,
    commands: Commands,
    idle: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_pixels(*_: object, **__: object) -> None:
        raise AssertionError("the bins were measured again")

    item = built.state.sky_frames[0]
    with monkeypatch.context() as patch:
        patch.setattr(reading, "measure_background", no_pixels)
        commands.set_role("sky", [item.members[1]], False)
        idle()
    (expected,) = (
        one
        for one in build_sky_frames(night.paths, built.state.config).sky_frames
        if one.detector == item.detector
    )
    rest = [grid for index, grid in enumerate(expected.grids) if index != 1]
    new = built.state.sky_frames[0]
    np.testing.assert_array_equal(new.sky_frame.grid.values, average_backgrounds(rest).grid.values)
    assert new.excluded_members == {item.members[1]}
    np.testing.assert_array_equal(
        built.state.sky_frames[1].sky_frame.grid.values,
        build_sky_frames(night.paths, built.state.config).sky_frames[1].sky_frame.grid.values,
    )


def test_undo_brings_the_frame_back_exactly(
    built: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    item = built.state.sky_frames[0]
    commands.set_role("sky", item.members[:2], False)
    idle()
    assert built.state.sky_frames[0].sky_frame is not item.sky_frame
    built.undo()
    idle()
    np.testing.assert_array_equal(
        built.state.sky_frames[0].sky_frame.grid.values, item.sky_frame.grid.values
    )


def test_leaving_all_out_is_a_sentence_and_the_frame_stays(
    built: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    item = built.state.sky_frames[0]
    commands.set_role("sky", item.members, False)
    idle()
    assert any("are left out" in problem.text for problem in built.state.problems)
    assert built.state.sky_frames[0].sky_frame is item.sky_frame
    built.undo()
    idle()
    assert built.state.problems == ()


def test_an_older_set_stays_what_was_built_and_keeps_its_own_exclusions(
    built: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    older = built.state.sky_frames[0]
    gone, other = older.members[:2]
    commands.set_role("sky", [gone], False)
    idle()
    assert built.state.sky_frames[0].excluded_members == {gone}, "the newest follows at once"
    commands.build()
    idle()
    outside = {item.key: item.excluded_members for item in built.state.sky_frames}
    assert not outside[older.key], "it is what it was built from, to be compared with"
    told = "set 1 is again all of what it was built from; set 2 is without what was left out of it."
    assert built.state.log.count(told) == 1
    newer = next(item for item in built.state.sky_frames[2:] if item.detector == older.detector)
    assert gone not in newer.members
    commands.build()
    idle()
    assert built.state.log.count(told) == 1, "of set 2 nothing was left out"
    built.undo()
    idle()
    commands.select_sky_frame(older.key, alone=True)
    idle()
    commands.sets.switch_member(other)
    idle()
    outside = {item.key: item.excluded_members for item in built.state.sky_frames}
    assert (outside[older.key], outside[newer.key]) == ({other}, frozenset())
    assert built.state.excluded_members == {gone}
    built.undo()
    idle()
    assert not built.state.sky_frames[0].excluded_members
    built.undo()  # the build
    idle()
    assert built.state.sky_frames[0].excluded_members == {gone}, "it is the newest again"


def test_the_stack_tells_of_every_exposure_also_of_those_left_out(
    built: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    view = built.state.results.stack
    assert view is not None
    item = next(one for one in built.state.sky_frames if one.key == view.key)
    assert view.members == item.members
    assert np.all(view.pulls.rms > 0)
    pull_before = view.pulls.rms[2]
    commands.set_role("sky", [view.members[2]], False)
    idle()
    view = built.state.results.stack
    assert view is not None
    assert view.inside == (True, True, False, True, True)
    # Leaving it out moved the frame by its pull; bringing it back would move it as far.
    assert view.pulls.rms[2] == pytest.approx(pull_before, rel=1e-4)
    assert view.residuals.shape == view.values.shape
    assert np.nanmax(np.abs(np.nanmedian(view.residuals, axis=(1, 2)))) < 1e-3


def test_the_selected_bin_tells_what_every_exposure_has_in_it(
    built: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    view = built.state.results.stack
    assert view is not None
    commands.select_bin((1, 2))
    idle()
    found = built.state.results.bin
    assert found is not None
    np.testing.assert_array_equal(found.values, view.values[:, 2, 1])
    assert found.value == view.sky_frame.grid.values[2, 1]
    assert found.count(USED) == view.sky_frame.n_used[2, 1]
    kept = found.values[(found.values >= found.low[-1]) & (found.values <= found.high[-1])]
    assert len(kept) == found.count(USED)
    assert found.value == pytest.approx(kept.mean(), rel=1e-6)
    x0, x1, y0, y1 = found.box
    assert (x0, x1) == tuple(view.sky_frame.grid.x_edges[1:3])
    assert (y0, y1) == tuple(view.sky_frame.grid.y_edges[2:4])


def test_the_bin_follows_when_an_exposure_is_left_out(
    built: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    commands.select_bin((0, 0))
    idle()
    before = built.state.results.bin
    assert before is not None
    key = before.stack.members[3]
    commands.set_role("sky", [key], False)
    idle()
    after = built.state.results.bin
    assert after is not None
    assert after.stack is built.state.results.stack
    assert after.clipped_at[3] == OUTSIDE
    assert after.values[3] == before.values[3]
    rest = np.delete(before.values, 3)
    kept = rest[(rest >= after.low[-1]) & (rest <= after.high[-1])]
    assert after.value == pytest.approx(kept.mean(), rel=1e-6)


def test_a_sky_frame_says_from_how_many_it_is_now(
    built: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    view = built.state.results.stack
    assert view is not None
    n = len(view.members)

    def name() -> str:
        return next(item.name for item in built.state.sky_frames if item.members == view.members)

    assert name() == f"built from {n}"
    commands.set_role("sky", [view.members[0]], False)
    idle()
    assert name() == f"built from {n - 1} of {n}"
    commands.set_role("sky", [view.members[0]], True)
    idle()
    assert name() == f"built from {n}"


def test_a_bin_that_the_frame_lacks_is_no_bin(
    built: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    commands.select_bin((0, 0))
    idle()
    assert built.state.results.bin is not None
    commands.select_bin((900, 0))
    idle()
    assert built.state.results.bin is None
    assert built.state.problems == ()


def test_the_stack_is_looked_at_once_for_each_change(
    built: Store,
    commands: Commands,
    idle: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls = []
    true = stacks.stack_view

    def counted(item: SkyFrameItem, watch: Watch | None = None) -> StackView:
        calls.append(item.key)
        return true(item, watch)

    monkeypatch.setattr(stacks, "stack_view", counted)
    view = built.state.results.stack
    assert view is not None
    commands.set_role("sky", [view.members[0]], False)
    idle()
    assert len(calls) == 1
    commands.point((3.0, 4.0))
    commands.select_stack_exposure(view.members[1])
    idle()
    assert len(calls) == 1


def test_the_average_arrives_before_the_pulls(
    built: Store,
    commands: Commands,
    idle: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    go_on = threading.Event()
    true = stacks.stack_view

    def slow(item: SkyFrameItem, watch: Watch | None = None) -> StackView:
        go_on.wait(20)
        return true(item, watch)

    monkeypatch.setattr(stacks, "stack_view", slow)
    view = built.state.results.stack
    assert view is not None
    place = next(at for at, one in enumerate(built.state.sky_frames) if one.key == view.key)
    old = built.state.sky_frames[place].sky_frame
    commands.set_role("sky", [view.members[0]], False)
    qtbot.waitUntil(lambda: built.state.sky_frames[place].sky_frame is not old)
    assert built.state.results.stack is view
    go_on.set()
    idle()
    assert built.state.results.stack is not view
