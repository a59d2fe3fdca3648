"""The sky correction of the shown visit: the command line's numbers, stage by stage, in a lane."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from corrections import G10, write_case
from golden import ulp_of

from skyframe_gui.app.model.correction import LANE
from skyframe_gui.app.model.correction_request import correction_inputs
from skyframe_gui.engine import BackgroundList
from skyframe_gui.files import read_exposures
from skyframe_gui.files.config.correction import read_correction

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from corrections import RecordedVisit

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.correction import CorrectionRun
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.store import Store

SIXTEEN = 16 * ulp_of(900.0)


@pytest.fixture
def recorded(tmp_path: Path, commands: Commands, idle: Callable[[], None]) -> RecordedVisit:
    """Open a recorded visit whose lists lie beside its exposures, and say how it is corrected."""
    visit = write_case(1, tmp_path)
    for path in visit.lists:
        path.rename(visit.exposures[0].parent / path.name)
    commands.open([*visit.exposures, *visit.sky])
    idle()
    items = commands.store.state.exposures
    commands.set_only_role("science", [item.key for item in items])
    commands.select_exposure(items[2].key)
    commands.set_correction(
        config=read_correction(None, visit.settings).over({}), camera=str(visit.camera)
    )
    idle()
    return visit


def corrected(commands: Commands, idle: Callable[[], None]) -> CorrectionRun:
    commands.correct()
    idle()
    run = commands.store.state.results.correction
    assert run is not None, commands.store.state.problems
    return run


def test_it_has_the_recorded_numbers(
    recorded: RecordedVisit, commands: Commands, idle: Callable[[], None]
) -> None:
    run = corrected(commands, idle)
    assert run.finished is not None
    assert run.camera == "four"
    assert sorted(run.detectors.values()) == recorded.detectors
    fitted = next(stage.solution for stage in run.stages if stage.solution is not None)
    assert fitted.scale == pytest.approx(recorded.case["scale"], rel=1e-5)
    for name in recorded.detectors:
        total = run.stages[-1].backgrounds[name].image()
        sy, sx = recorded.case["step"]
        np.testing.assert_allclose(total[::sy, ::sx], G10[f"c1_T_{name}"], atol=SIXTEEN, rtol=0)


def test_stages_are_shown_as_they_are_finished(
    recorded: RecordedVisit, commands: Commands, store: Store, idle: Callable[[], None]
) -> None:
    seen: list[tuple[str, ...]] = []

    def look(_: State, state: State) -> None:
        run = state.results.correction
        if run is not None:
            seen.append(tuple(stage.name for stage in run.stages))

    store.changed.connect(look)
    corrected(commands, idle)
    whole = ("restored", "background 1", "sky", "background 1 undone", "background 2")
    assert seen[-1] == whole
    assert all(one == whole[: len(one)] for one in seen)


@pytest.mark.parametrize(
    ("stage", "part"), [(0, "sum"), (1, "added"), (2, "added"), (3, "added"), (4, "corrected")]
)
def test_a_pane_shows_what_is_chosen_of_a_stage(
    stage: int,
    part: str,
    recorded: RecordedVisit,
    commands: Commands,
    store: Store,
    idle: Callable[[], None],
) -> None:
    run = corrected(commands, idle)
    commands.show_correction(stage, part)  # type: ignore[arg-type]
    idle()
    assert store.state.view.panes[-1] == "correction"
    picture = store.state.results.correction_picture
    assert picture is not None
    assert picture.image is not None
    (given,) = read_exposures(recorded.exposures[2])
    lists = [one.backgrounds["2"] for one in run.stages]
    expected = {
        (0, "sum"): lambda: lists[0].image(),
        (1, "added"): lambda: BackgroundList(lists[1].models[-1:]).image(),
        (2, "added"): lambda: BackgroundList(lists[2].models[-1:]).image(),
        (3, "added"): lambda: -BackgroundList(lists[1].models[-1:]).image(),
        (4, "corrected"): lambda: given.image - lists[4].image(),
    }[stage, part]()
    np.testing.assert_allclose(picture.image.levels[0], expected, atol=SIXTEEN)
    low, high = store.state.view.measured["correction"]["min-max"]
    assert low < high


def test_another_exposure_gets_its_own_picture(
    recorded: RecordedVisit, commands: Commands, store: Store, idle: Callable[[], None]
) -> None:
    corrected(commands, idle)
    commands.show_correction(None, "sum")
    idle()
    other = store.state.exposures[0].key
    commands.select_exposure(other)
    idle()
    picture = store.state.results.correction_picture
    assert picture is not None
    assert picture.key == other


def test_other_settings_make_it_old(
    recorded: RecordedVisit, commands: Commands, store: Store, idle: Callable[[], None]
) -> None:
    run = corrected(commands, idle)
    assert run.made_from == correction_inputs(store.state)
    commands.set_config(store.state.config.model_copy(update={"skyRej": 2.0}))
    idle()
    assert run.made_from != correction_inputs(store.state)
    again = corrected(commands, idle)
    assert again.made_from == correction_inputs(store.state)
    commands.undo()
    assert again.made_from != correction_inputs(store.state)


def test_why_it_cannot_be_is_told(
    recorded: RecordedVisit, commands: Commands, store: Store, idle: Callable[[], None]
) -> None:
    commands.set_correction(camera="")
    commands.correct()
    idle()
    (problem,) = [one for one in store.state.problems if one.origin == LANE]
    assert "give a table" in problem.text
    commands.set_correction(camera=str(recorded.camera))
    corrected(commands, idle)
    assert all(one.origin != LANE for one in store.state.problems)


def test_without_a_visit_it_says_so(
    commands: Commands, store: Store, idle: Callable[[], None]
) -> None:
    commands.correct()
    idle()
    assert "There is no visit to correct" in store.state.problems[0].text
