"""A built sky frame follows the exposures that are left out, at once and from the stored bins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from skyframe_gui.app import stages
from skyframe_gui.engine import average_backgrounds
from skyframe_gui.workflow.build import build_sky_frames

if TYPE_CHECKING:
    from collections.abc import Callable

    from nights import Night

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.session import Session


@pytest.fixture
def built(night: Night, commands: Commands, session: Session, idle: Callable[[], None]) -> Session:
    commands.open(night.paths)
    idle()
    commands.build()
    idle()
    return session


def test_leaving_an_exposure_out_averages_the_frame_again_without_it(
    built: Session,
    night: Night,
    commands: Commands,
    idle: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_pixels(*_: object, **__: object) -> None:
        raise AssertionError("the bins were measured again")

    monkeypatch.setattr(stages, "measure_background", no_pixels)
    item = built.state.sky_frames[0]
    commands.set_included([item.members[1]], include=False)
    idle()
    (expected,) = (
        one
        for one in build_sky_frames(night.paths, built.state.config).sky_frames
        if one.detector == item.detector
    )
    rest = [grid for index, grid in enumerate(expected.grids) if index != 1]
    new = built.state.sky_frames[0]
    np.testing.assert_array_equal(new.sky_frame.grid.values, average_backgrounds(rest).grid.values)
    assert new.outside == {item.members[1]}
    np.testing.assert_array_equal(
        built.state.sky_frames[1].sky_frame.grid.values,
        build_sky_frames(night.paths, built.state.config).sky_frames[1].sky_frame.grid.values,
    )


def test_undo_brings_the_frame_back_exactly(
    built: Session, commands: Commands, idle: Callable[[], None]
) -> None:
    item = built.state.sky_frames[0]
    commands.set_included(item.members[:2], include=False)
    idle()
    assert built.state.sky_frames[0].sky_frame is not item.sky_frame
    built.undo()
    idle()
    np.testing.assert_array_equal(
        built.state.sky_frames[0].sky_frame.grid.values, item.sky_frame.grid.values
    )


def test_leaving_all_out_is_a_sentence_and_the_frame_stays(
    built: Session, commands: Commands, idle: Callable[[], None]
) -> None:
    item = built.state.sky_frames[0]
    commands.set_included(item.members, include=False)
    idle()
    assert any("are left out" in problem.text for problem in built.state.problems)
    assert built.state.sky_frames[0].sky_frame is item.sky_frame
    built.undo()
    idle()
    assert built.state.problems == ()


def test_the_stack_tells_of_every_exposure_also_of_those_left_out(
    built: Session, commands: Commands, idle: Callable[[], None]
) -> None:
    view = built.state.results.stack
    assert view is not None
    item = next(one for one in built.state.sky_frames if one.key == view.key)
    assert view.members == item.members
    assert np.all(view.pulls.rms > 0)
    pull_before = view.pulls.rms[2]
    commands.set_included([view.members[2]], include=False)
    idle()
    view = built.state.results.stack
    assert view is not None
    assert view.inside == (True, True, False, True, True)
    # Leaving it out moved the frame by its pull; bringing it back would move it as far.
    assert view.pulls.rms[2] == pytest.approx(pull_before, rel=1e-4)
    assert view.residuals.shape == view.values.shape
    assert np.nanmax(np.abs(np.nanmedian(view.residuals, axis=(1, 2)))) < 1e-3
