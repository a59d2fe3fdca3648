"""The residual map follows every control: at once, then exactly, and never moves its limits."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from nights import SEED
from PyQt6.QtCore import QEventLoop, QTimer

from skyframe_gui.app.commands import Commands
from skyframe_gui.app.model.limits import BY_HAND, is_by_hand, limits_of, preset_name
from skyframe_gui.app.model.results import Results
from skyframe_gui.app.model.store import Store
from skyframe_gui.app.program import Program
from skyframe_gui.app.work import residual_stages
from skyframe_gui.app.work.residual_stages import residual_inputs
from skyframe_gui.engine import (
    BackgroundConfig,
    SkyMeasurementConfig,
    measure_background,
    subtract_sky_frame,
)
from skyframe_gui.files import write_exposure
from skyframe_gui.simulate import simulate_visit
from skyframe_gui.ui.images.content import content_of
from skyframe_gui.workflow.demo import CAMERA, N_EXPOSURES, SCIENCE_LEVEL, SCIENCE_VISIT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from nights import Night
    from numpy.typing import NDArray
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.model.residual_map import ResidualMap
    from skyframe_gui.app.model.state import State


@pytest.fixture
def visit(night: Night, commands: Commands, store: Store, idle: Callable[[], None]) -> Store:
    """The science visit with sky frames built from the night, all results there."""
    commands.open([*night.paths, *night.science])
    idle()
    science = [one.key for one in store.state.exposures if "science" in one.key]
    commands.set_role("sky", science, False)
    commands.build()
    idle()
    commands.select_exposure(science[0])
    idle()
    return store


def map_of(state: State) -> ResidualMap:
    found = state.results.residual
    assert found is not None
    assert found.key == state.results.shown.key
    return found


def by_hand(state: State, scale: float, background: BackgroundConfig) -> NDArray[np.float32]:
    """What the engine says of the subtracted exposure."""
    shown = state.results.shown
    return measure_background(
        subtract_sky_frame(shown.exposure, shown.sky, scale), background
    ).values


def painted(state: State) -> NDArray[np.float32]:
    content = content_of(state, "residual")
    assert content is not None
    assert not content.why
    return content.grid.values


def test_the_map_is_that_of_the_subtracted_exposure(visit: Store) -> None:
    state = visit.state
    scale = state.results.fit.solution.scale
    found = map_of(state)
    assert found.scale == scale
    np.testing.assert_array_equal(painted(state), by_hand(state, scale, state.config.background))
    content = content_of(state, "residual")
    assert content.title == "Residual map"
    assert content.subject == "32 px"
    assert content.limits[0] == -content.limits[1] < 0
    assert not content.stale
    assert content.hatched.shape == content.grid.values.shape
    assert (content.hatched == np.isnan(content.grid.values)).all()
    assert content.histogram is not None


def test_the_limits_are_those_of_the_map_at_the_scale_of_the_whole_visit(visit: Store) -> None:
    found = map_of(visit.state)
    assert visit.state.results.fit.complete
    assert limits_of(visit.state, "residual") == found.limits["98 %"]


def test_while_files_are_opened_the_limits_follow_the_growing_visit(
    visit: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    science = [one.key for one in visit.state.exposures if "science" in one.key]
    store = Store(replace(visit.state, exposures=(), results=Results()))
    other = Commands(Program(store))
    other.program.live.set_pause(20)
    try:
        for item in [one for one in visit.state.exposures if one.key in science]:
            store.set(exposures=(*store.state.exposures, item))
            idle_of(other)
        assert store.state.results.fit.n_members == len(science) == 2
        assert limits_of(store.state, "residual") == map_of(store.state).limits["98 %"]
        settled = limits_of(store.state, "residual")
        for include in (False, True):
            other.set_role("science", science[1:], include)
            idle_of(other)
            assert limits_of(store.state, "residual") == settled, "leaving out moved the limits"
    finally:
        assert other.program.close()


def idle_of(commands: Commands) -> None:
    loop = QEventLoop()
    timer = QTimer()
    timer.timeout.connect(lambda: None if commands.program.busy else loop.quit())
    timer.start(40)
    loop.exec()
    timer.stop()


def test_a_tried_scale_changes_the_map_at_once_and_then_exactly(
    visit: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    exact = map_of(visit.state)
    limits = limits_of(visit.state, "residual")
    scale = exact.scale
    for step in range(1, 6):
        commands.view(trial=scale * (1 + 0.002 * step))
        assert visit.state.results.residual is exact, "nothing was measured yet"
        assert (painted(visit.state) < exact.exact.values)[~exact.without_data].all()
    at_once = painted(visit.state)
    idle()
    then = map_of(visit.state)
    assert then.scale == visit.state.view.trial
    wanted = by_hand(visit.state, then.scale, visit.state.config.background)
    np.testing.assert_array_equal(painted(visit.state), wanted)
    good = np.isfinite(wanted) & (then.exact.n_good > 30)
    assert (np.abs(at_once - wanted) / then.exact.errors)[good].max() < 0.3
    assert limits_of(visit.state, "residual") == limits
    commands.view(trial=None)
    np.testing.assert_allclose(painted(visit.state), exact.exact.values, atol=0.3)
    idle()
    np.testing.assert_array_equal(painted(visit.state), exact.exact.values)


def test_while_the_slider_moves_nothing_is_measured(
    visit: Store, commands: Commands, qtbot: QtBot
) -> None:
    made = commands.program.stages.memory.made["residual"]
    commands.program.live_map._rest.setInterval(300)
    scale = map_of(visit.state).scale
    for step in range(20):
        commands.view(trial=scale * (1 + 0.001 * step))
        qtbot.wait(15)
    assert commands.program.stages.memory.made["residual"] == made
    qtbot.waitUntil(lambda: not commands.program.busy, timeout=30_000)
    assert commands.program.stages.memory.made["residual"] == made + 1


def test_a_new_fit_moves_the_map_with_it(
    visit: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    before = map_of(visit.state)
    limits = limits_of(visit.state, "residual")
    commands.set_config(visit.state.config.model_copy(update={"skyRej": 0.8, "skyIter": 5}))
    idle()
    scale = visit.state.results.fit.solution.scale
    assert scale != before.scale
    np.testing.assert_array_equal(
        painted(visit.state), by_hand(visit.state, scale, visit.state.config.background)
    )
    assert limits_of(visit.state, "residual") == limits


def test_bins_and_statistic_of_the_config_and_bins_of_ones_own(
    visit: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    background = BackgroundConfig(statistic="MEAN", xBinSize=40, yBinSize=50, mask=("SAT",))
    limits = limits_of(visit.state, "residual")
    commands.set_config(SkyMeasurementConfig(background=background))
    assert content_of(visit.state, "residual").stale
    idle()
    scale = map_of(visit.state).scale
    np.testing.assert_array_equal(painted(visit.state), by_hand(visit.state, scale, background))
    assert content_of(visit.state, "residual").subject == f"40 {chr(215)} 50 px"
    commands.looks.set_residual_bins(64)
    idle()
    wide = background.model_copy(update={"xBinSize": 64, "yBinSize": 64})
    np.testing.assert_array_equal(painted(visit.state), by_hand(visit.state, scale, wide))
    assert content_of(visit.state, "residual").subject == "64 px"
    assert limits_of(visit.state, "residual") == limits
    visit.undo()
    idle()
    np.testing.assert_array_equal(painted(visit.state), by_hand(visit.state, scale, background))


def test_a_map_of_another_statistic_is_marked_until_it_is_measured(
    visit: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    """The fit does not depend on it, so that nothing else would tell."""
    background = visit.state.config.background.model_copy(update={"statistic": "MEDIAN"})
    commands.set_config(visit.state.config.model_copy(update={"background": background}))
    assert content_of(visit.state, "residual").stale
    assert not content_of(visit.state, "subtracted").stale
    idle()
    assert not content_of(visit.state, "residual").stale


def test_what_hinders_the_map_is_told_in_its_pane_until_another_one_is_made(
    visit: Store,
    commands: Commands,
    idle: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(residual_stages, "measure_residual", full)
        commands.looks.set_residual_bins(50)
        idle()
    (problem,) = visit.state.problems
    assert "not enough memory" in problem.text
    assert content_of(visit.state, "residual").stale
    without = replace(visit.state, results=replace(visit.state.results, residual=None))
    assert content_of(without, "residual").why == problem.text
    commands.looks.set_residual_bins(60)
    idle()
    assert not visit.state.problems
    assert not content_of(visit.state, "residual").why


def test_another_sky_frame_of_the_same_name_has_a_map_of_its_own(
    visit: Store, commands: Commands
) -> None:
    """A file that has changed keeps its key; the old one's address may be used again."""
    request = commands.program.live_map.wanted(visit.state)
    assert request is not None
    seen = set()
    for _ in range(20):
        other = replace(request.frame, sky_frame=replace(request.frame.sky_frame))
        seen.add(
            residual_inputs(request.item, other, request.config, request.options, request.bins)
        )
    assert len(seen) == 20


def test_limits_follow_another_sky_frame_but_not_one_without_some_exposures(
    visit: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    """Another frame, such as one of another filter, may leave a hundred times as much."""
    own = visit.state.results.shown.sky_frame
    before = limits_of(visit.state, "residual")
    commands.set_role("sky", own.members[:1], False)
    idle()
    assert map_of(visit.state).limits["98 %"] != before
    assert limits_of(visit.state, "residual") == before, "what changes is the map, not its colours"
    turned = own.sky_frame.grid.values[::-1].copy()
    frame = replace(own.sky_frame, grid=replace(own.sky_frame.grid, values=turned))
    other = replace(own, key="turned", set="", sky_frame=frame, built=None, members=())
    visit.set(sky_frames=(*visit.state.sky_frames, other))
    for wanted in (other, own):
        commands.select_sky_frame(wanted.key)
        idle()
        assert visit.state.results.shown.sky_frame.key == wanted.key
        found = map_of(visit.state)
        assert found.scale == visit.state.results.fit.solution.scale
        assert limits_of(visit.state, "residual") == found.limits["98 %"]
        assert is_by_hand(visit.state, "residual") is False
    commands.looks.set_limits("residual", -7.0, 7.0)
    commands.select_sky_frame(other.key)
    idle()
    assert limits_of(visit.state, "residual") == (-7.0, 7.0)
    assert preset_name(visit.state, "residual") == BY_HAND
    assert content_of(visit.state, "residual").subject.endswith("limits by hand")
    assert "by hand" not in content_of(visit.state, "subtracted").subject
    commands.looks.reset_limits("residual")
    assert "by hand" not in content_of(visit.state, "residual").subject


def test_another_exposure_comes_with_its_map_and_its_limits(
    visit: Store, commands: Commands, qtbot: QtBot
) -> None:
    other = [one.key for one in visit.state.exposures if "science" in one.key][1]
    seen = []
    visit.changed.connect(lambda old, new: seen.append((new.results.shown, new.results.residual)))
    commands.select_exposure(other)
    qtbot.waitUntil(lambda: not commands.program.busy, timeout=30_000)
    assert all(shown.key == residual.key for shown, residual in seen)
    assert limits_of(visit.state, "residual") == map_of(visit.state).limits["98 %"]


def test_no_map_is_measured_that_no_pane_shows(
    visit: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    commands.panes.lay_out(2)
    made = commands.program.stages.memory.made["residual"]
    commands.looks.set_residual_bins(48)
    commands.view(trial=1.5)
    idle()
    assert commands.program.stages.memory.made["residual"] == made
    commands.panes.lay_out(4)
    idle()
    background = map_of(visit.state).background
    assert (background.xBinSize, background.yBinSize) == (48, 48)
    assert map_of(visit.state).scale == 1.5


def test_before_is_the_exposure_in_the_same_bins(visit: Store) -> None:
    one = replace(visit.state, view=replace(visit.state.view, before=True))
    content, after = content_of(one, "residual"), content_of(visit.state, "residual")
    shown = visit.state.results.shown
    wanted = shown.grid.values - shown.level
    good = np.isfinite(wanted) & (shown.grid.n_good > 30)
    assert (np.abs(content.grid.values - wanted) / shown.grid.errors)[good].max() < 0.5
    assert content.limits == after.limits
    assert content.title == "Before"


def test_without_a_scale_the_map_says_what_the_subtracted_pane_says(visit: Store) -> None:
    one = replace(visit.state, results=replace(visit.state.results, fit=None))
    assert content_of(one, "residual").why == content_of(one, "subtracted").why != ""


def test_the_map_of_the_exposures_own_background_is_flat(
    night: Night, commands: Commands, store: Store, idle: Callable[[], None]
) -> None:
    commands.open(night.science[:1])
    idle()
    commands.select_exposure(store.state.exposures[0].key)
    idle()
    found = map_of(store.state)
    assert found.scale == 1.0
    spread = np.nanstd(store.state.results.shown.grid.values)
    assert np.nanstd(found.exact.values) < 0.3 * spread


def test_a_large_map_costs_the_window_next_to_nothing(visit: Store) -> None:
    """What a moved slider asks of the GUI thread, for 4096 x 4096 pixels in bins of 16."""
    found = map_of(visit.state)
    side = 256
    grid = replace(
        found.exact,
        **{
            name: np.resize(getattr(found.exact, name), (side, side))
            for name in ("values", "errors", "mask", "n_good", "n_clipped")
        },
    )
    large = replace(found, exact=grid, model_means=np.resize(found.model_means, (side, side)))
    state = replace(visit.state, results=replace(visit.state.results, residual=large))
    times = []
    for step in range(20):
        one = replace(state, view=replace(state.view, trial=found.scale * (1 + 0.001 * step)))
        begin = time.thread_time()
        content_of(one, "residual")
        times.append(time.thread_time() - begin)
    assert np.median(times) < 0.008


@pytest.fixture
def tilted(tmp_path: Path, qapp: object) -> Iterator[tuple[Commands, float]]:
    """The demonstration's night, and a visit with a gradient of 11 electrons along x."""
    from skyframe_gui.simulate import simulate_night
    from skyframe_gui.workflow.build import build_sky_frames
    from skyframe_gui.workflow.outputs import write_built

    camera = replace(CAMERA, n_detectors=1, seed=SEED)
    paths = []
    for number, one in enumerate(simulate_night(camera, N_EXPOSURES, SEED, mask_objects=True)):
        path = tmp_path / f"v{number}.fits"
        write_exposure(path, one)
        paths.append(str(path))
    size = 11.0 * camera.radius / camera.width
    (science,) = simulate_visit(
        camera, SEED, SCIENCE_VISIT, SCIENCE_LEVEL, gradient=size, mask_objects=True
    )
    target = tmp_path / "science.fits"
    write_exposure(target, science.exposure)
    config = SkyMeasurementConfig()
    built = build_sky_frames(paths, config)
    frames = [path for _, path in write_built(built, tmp_path, config, overwrite=False)[0]]
    made = Commands(Program(Store()))
    made.program.live.set_pause(20)
    made.open([target, *frames])
    yield made, 11.0
    assert made.program.close()


def test_a_gradient_that_single_pixels_hide_is_in_the_map(
    tilted: tuple[Commands, float], qtbot: QtBot
) -> None:
    commands, size = tilted
    store = commands.store
    qtbot.waitUntil(lambda: not commands.program.busy, timeout=60_000)
    commands.select_exposure(store.state.exposures[0].key)
    qtbot.waitUntil(lambda: not commands.program.busy, timeout=60_000)
    shown, grid = store.state.results.shown, map_of(store.state).exact
    noise = shown.limits["subtracted"]["3 \N{GREEK SMALL LETTER SIGMA}"][1] / 3
    assert noise > 2 * size, "single pixels would show it, too"
    x, y = np.meshgrid(grid.x_centers / grid.width, grid.y_centers / grid.height)
    good = np.isfinite(grid.values) & (grid.n_good > 100)
    plane = np.stack([x[good], y[good], np.ones(good.sum())], axis=1)
    weights = 1 / grid.errors[good, np.newaxis]
    found, *_ = np.linalg.lstsq(plane * weights, grid.values[good] * weights[:, 0], rcond=None)
    assert found[0] == pytest.approx(size, abs=1.5)
    assert abs(found[1]) < 1.5
    # It is seen: the colours tell its two ends apart, and they differ by many times the noise.
    high = limits_of(store.state, "residual")[1]
    assert size / 2 < high < 3 * size
    assert np.median(grid.errors[good]) < size / 5
