"""Results follow the state: the right work, no more of it, and failures that hide nothing."""

from __future__ import annotations

import gc
import shutil
import threading
import time
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from skyframe_gui.app.commands import Commands
from skyframe_gui.app.model.items import ExposureItem
from skyframe_gui.app.model.requests import fit_is_stale, parts_of_request, request_of
from skyframe_gui.app.model.state import State
from skyframe_gui.app.model.view import Selection
from skyframe_gui.app.program import Program
from skyframe_gui.app.work import fit_visit as fitting
from skyframe_gui.app.work import live
from skyframe_gui.app.work.cache import Memory
from skyframe_gui.app.work.fit_visit import fit_visit
from skyframe_gui.app.work.live import Preview
from skyframe_gui.app.work.scan import open_one
from skyframe_gui.engine import Exposure, SkyMeasurementConfig, measure_scale, solve_scales
from skyframe_gui.files import read_exposures, write_exposure
from skyframe_gui.files.fits import exposure_planes
from skyframe_gui.workflow import reading
from skyframe_gui.workflow.build import build_sky_frames

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nights import Night
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.model.store import Store

Idle = "Callable[[], None]"


class Counted:
    """An engine function that counts its calls and may be slowed down."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.calls = 0
        self.gate: threading.Event | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.calls += 1
        watch = next((a for a in (*args, *kwargs.values()) if hasattr(a, "cancelled")), None)
        while self.gate is not None and not self.gate.wait(0.005):
            if watch is not None:
                watch.step(0, 1, "slowed down")
        return self.function(*args, **kwargs)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> dict[str, Counted]:
    counted = {}
    for name in ("measure_background", "measure_scale", "solve_scales"):
        owner = fitting if name == "solve_scales" else reading
        counted[name] = Counted(getattr(owner, name))
        monkeypatch.setattr(owner, name, counted[name])
    return counted


def reset(engine: dict[str, Counted]) -> None:
    for one in engine.values():
        one.calls = 0


def calls(engine: dict[str, Counted]) -> dict[str, int]:
    return {name: one.calls for name, one in engine.items()}


@pytest.fixture
def visit(night: Night, commands: Commands, store: Store, idle: Callable[[], None]) -> Store:
    """The science visit with sky frames built from the night, all results there."""
    commands.open(night.paths)
    idle()
    commands.build()
    idle()
    for item in store.state.exposures:
        if "science" not in item.source.name:
            commands.close_items([item.key])
    commands.open(night.science)
    idle()
    commands.select_exposure(store.state.exposures[-2].key)
    idle()
    return store


def config_of(store: Store, **changes: Any) -> SkyMeasurementConfig:
    return store.state.config.model_copy(update=changes)


def test_the_visits_scale_is_that_of_the_engine_by_hand(visit: Store, night: Night) -> None:
    config = visit.state.config
    built = {
        one.detector: one.sky_frame for one in build_sky_frames(night.paths, config).sky_frames
    }
    exposures = [exposure for path in night.science for exposure in read_exposures(path)]
    samples = [measure_scale(one, built[one.detector].model(), config) for one in exposures]
    expected = solve_scales(samples, config)
    fit = visit.state.results.fit
    assert fit is not None
    assert fit.complete
    assert fit.solution.scale == expected.scale
    assert fit.solution.error == expected.error
    np.testing.assert_array_equal(fit.solution.rejected_at, expected.rejected_at)
    assert not fit_is_stale(visit.state)


@pytest.fixture
def slow_masks(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Masks are read when the event is set; every image is large."""
    gate = threading.Event()
    read = exposure_planes.read_mask_plane

    def slowly(*given: Any) -> Any:
        gate.wait(30)
        return read(*given)

    monkeypatch.setattr(exposure_planes, "read_mask_plane", slowly)
    monkeypatch.setattr(live, "LARGE_IMAGE", 1)
    yield gate
    gate.set()


def test_the_first_image_is_shown_before_its_mask_is_read(
    night: Night,
    commands: Commands,
    store: Store,
    idle: Callable[[], None],
    qtbot: QtBot,
    slow_masks: threading.Event,
) -> None:
    commands.open(night.paths[:1])
    qtbot.waitUntil(lambda: store.state.results.shown is not None)
    early = store.state.results.shown
    assert early is not None
    assert early.exposure is not None
    assert not early.exposure.has_mask
    assert early.image is not None
    assert early.grid is early.model is early.masks is None
    limits = store.state.view.measured["exposure"]
    slow_masks.set()
    idle()
    whole = store.state.results.shown
    assert whole is not None
    assert whole.exposure is not None
    assert whole.exposure.has_mask
    assert whole.model is not None
    assert whole.image is not None
    for one, other in zip(whole.image.levels, early.image.levels, strict=True):
        np.testing.assert_array_equal(one, other)
    assert store.state.view.measured["exposure"] == limits, "the colours must not change"
    assert store.state.view.measured["subtracted"] == whole.limits["subtracted"]


@pytest.mark.parametrize(("seconds", "comes"), [(0.0, True), (100.0, False)])
def test_the_next_image_comes_before_its_mask_only_from_a_slow_file(
    night: Night,
    commands: Commands,
    store: Store,
    idle: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    slow_masks: threading.Event,
    seconds: float,
    comes: bool,
) -> None:
    slow_masks.set()
    commands.open(night.paths[:3])
    idle()
    monkeypatch.setattr(live, "EARLY_SECONDS", seconds)
    looks: list[bool] = []
    store.changed.connect(
        lambda old, new: (
            looks.append(new.results.shown.model is None)
            if new.results.shown is not old.results.shown
            else None
        )
    )
    now = store.state.results.shown
    assert now is not None
    other = next(item for item in store.state.exposures if item.key != now.key)
    commands.select_exposure(other.key)
    idle()
    assert looks[-1:] == [False]
    assert (True in looks) == comes


def test_a_preview_that_comes_late_does_not_take_the_whole_fit_away(
    visit: Store, commands: Commands
) -> None:
    fit, request = visit.state.results.fit, request_of(visit.state)
    part = fit_visit(commands.program.stages, request, [0], None)
    assert fit.complete
    assert not part.complete
    commands.program.live._on_look(
        request, Preview(shown=visit.state.results.shown, fit=part, can_fit=True, problems=())
    )
    assert visit.state.results.fit is fit


def test_a_preview_that_comes_when_all_is_closed_shows_nothing(
    visit: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    request, before = request_of(visit.state), visit.state.results
    commands.close_items([item.key for item in (*visit.state.exposures, *visit.state.sky_frames)])
    idle()
    assert visit.state.results.shown is None
    look = Preview(shown=before.shown, fit=before.fit, can_fit=True, problems=())
    commands.program.live._on_look(request, look)
    assert visit.state.results.shown is None
    assert visit.state.results.fit is None


def test_files_that_come_back_by_undo_are_shown(
    visit: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    commands.close_items([item.key for item in (*visit.state.exposures, *visit.state.sky_frames)])
    idle()
    commands.undo()
    idle()
    assert visit.state.results.shown is not None
    assert visit.state.selection.exposure == visit.state.results.shown.key


def test_another_rejection_threshold_solves_again_and_does_nothing_else(
    visit: Store, commands: Commands, idle: Callable[[], None], engine: dict[str, Counted]
) -> None:
    commands.set_config(config_of(visit, skyRej=1.5))
    idle()
    assert calls(engine) == {"measure_background": 0, "measure_scale": 0, "solve_scales": 1}
    assert visit.state.results.fit is not None
    assert visit.state.results.fit.solution.iterations[0].n_rejected > 0


def test_another_interpolation_uses_the_bins_that_are_there(
    visit: Store, commands: Commands, idle: Callable[[], None], engine: dict[str, Counted]
) -> None:
    before = visit.state.results.fit
    background = visit.state.config.background.model_copy(update={"algorithm": "LINEAR"})
    commands.set_config(config_of(visit, background=background))
    idle()
    assert engine["measure_background"].calls == 0
    assert engine["measure_scale"].calls == 2
    after = visit.state.results
    assert after.shown is not None
    assert after.shown.sky is not None
    assert after.shown.sky.algorithm == "LINEAR"
    assert after.fit is not None
    assert before is not None
    assert after.fit.solution.scale != before.solution.scale


def test_a_config_that_was_tried_before_costs_nothing(
    visit: Store, commands: Commands, idle: Callable[[], None], engine: dict[str, Counted]
) -> None:
    commands.set_config(config_of(visit, xNumSamples=5))
    idle()
    assert engine["measure_scale"].calls == 2
    reset(engine)
    commands.set_config(config_of(visit, xNumSamples=4))
    idle()
    assert calls(engine) == {"measure_background": 0, "measure_scale": 0, "solve_scales": 0}
    assert not fit_is_stale(visit.state)


def test_other_bins_are_measured_for_the_shown_exposure_only(
    visit: Store, commands: Commands, idle: Callable[[], None], engine: dict[str, Counted]
) -> None:
    background = visit.state.config.background.model_copy(update={"xBinSize": 16})
    commands.set_config(config_of(visit, background=background))
    idle()
    assert calls(engine) == {"measure_background": 1, "measure_scale": 0, "solve_scales": 0}
    shown = visit.state.results.shown
    assert shown is not None
    assert shown.grid is not None
    assert shown.grid.values.shape[1] == 15


def test_what_is_shown_is_stale_until_the_new_result_is_there(
    visit: Store,
    commands: Commands,
    idle: Callable[[], None],
    engine: dict[str, Counted],
    qtbot: QtBot,
) -> None:
    old = visit.state.results.fit
    engine["measure_scale"].gate = threading.Event()
    commands.set_config(config_of(visit, xNumSamples=6))
    qtbot.wait(60)
    assert visit.state.results.fit is old, "the last good result must stay"
    assert fit_is_stale(visit.state)
    engine["measure_scale"].gate.set()
    idle()
    assert not fit_is_stale(visit.state)


def test_a_dragged_slider_ends_with_its_last_value(
    visit: Store, commands: Commands, idle: Callable[[], None], qtbot: QtBot
) -> None:
    shown: list[float] = []
    visit.changed.connect(
        lambda old, new: (
            shown.append(new.results.fit.made_from[5])
            if new.results.fit is not old.results.fit
            else None
        )
    )
    for tenths in range(15, 60):
        commands.set_config(config_of(visit, skyRej=tenths / 10), "change skyRej")
        qtbot.wait(5)
    idle()
    assert shown[-1] == 5.9
    assert len(set(shown)) > 5, "nothing was shown on the way"


def test_excluding_by_hand_keeps_the_result_of_the_config_alone_beside_it(
    visit: Store, commands: Commands, idle: Callable[[], None], engine: dict[str, Counted]
) -> None:
    fit = visit.state.results.fit
    assert fit is not None
    box = tuple(int(edge) for edge in fit.samples[0].boxes[3])
    commands.exclude_samples([(fit.keys[0], box)])  # type: ignore[list-item]  # four numbers
    idle()
    assert calls(engine) == {"measure_background": 0, "measure_scale": 0, "solve_scales": 1}
    new = visit.state.results.fit
    assert new is not None
    assert new.solution.rejected_at[3] == -3
    assert new.alone.scale == fit.solution.scale
    assert new.solution.scale != new.alone.scale
    visit.undo()
    idle()
    assert visit.state.results.fit is not None
    assert visit.state.results.fit.solution.scale == fit.solution.scale


def test_an_exposure_that_is_no_science_is_not_in_the_fit_but_can_still_be_looked_at(
    visit: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    key = visit.state.selection.exposure
    commands.set_role("science", [key], False)
    idle()
    results = visit.state.results
    assert results.fit is not None
    assert key not in results.fit.keys
    assert len(results.fit.keys) == 1
    assert results.shown is not None
    assert results.shown.key == key


def test_algorithm_none_says_so_and_hides_nothing(
    visit: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    before = visit.state.results
    background = visit.state.config.background.model_copy(update={"algorithm": "NONE"})
    commands.set_config(config_of(visit, background=background))
    idle()
    assert len(visit.state.problems) == 1
    assert "NONE" in visit.state.problems[0].text
    assert visit.state.problems[0].detail == ""
    assert visit.state.results.shown is not None
    assert visit.state.results.fit is not None
    commands.store.undo()
    idle()
    assert visit.state.problems == ()
    assert visit.state.results.fit.solution.scale == before.fit.solution.scale  # type: ignore[union-attr]


def test_a_vanished_file_is_a_sentence_and_the_last_image_stays(
    night: Night, tmp_path: Path, commands: Commands, store: Store, idle: Callable[[], None]
) -> None:
    first, second = (Path(shutil.copy(path, tmp_path)) for path in night.science)
    commands.open([str(first)])
    idle()
    shown = store.state.results.shown
    commands.open([str(second)])
    # The facts of the second are wanted, but it goes before anybody looks.
    idle()
    second.unlink()
    commands.select_exposure(store.state.exposures[1].key)
    idle()
    (problem,) = store.state.problems
    assert second.name in problem.text
    assert "gone" in problem.text
    assert store.state.results.shown is shown
    commands.select_exposure(store.state.exposures[0].key)
    idle()
    assert store.state.problems == ()


def test_a_file_that_changed_is_not_mixed_up_with_the_one_that_was_opened(
    night: Night, tmp_path: Path, commands: Commands, store: Store, idle: Callable[[], None]
) -> None:
    path = Path(shutil.copy(night.science[0], tmp_path / "a.fits"))
    commands.open([str(path)])
    idle()
    shutil.copy(night.science[1], path)
    commands.set_options(mask_objects="never")
    idle()
    assert "has changed" in store.state.problems[0].text
    commands.dismiss("preview")
    commands.open([str(path)])
    idle()
    assert store.state.problems == ()
    assert store.state.results.shown is not None
    assert store.state.results.shown.exposure is not None
    np.testing.assert_array_equal(
        store.state.results.shown.exposure.image, read_exposures(night.science[1])[0].image
    )


def test_a_sky_frame_that_is_too_small_is_a_sentence_and_the_exposure_is_shown(
    visit: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    frames = list(visit.state.sky_frames)
    grid = frames[0].sky_frame.grid
    half = replace(grid, bbox=(0, 0, grid.width // 2 - 1, grid.height - 1))
    small = replace(frames[0].sky_frame, grid=half)
    wrong = replace(frames[0], key="small", sky_frame=small)
    visit.set(sky_frames=(*frames[1:], wrong))
    item = next(i for i in visit.state.exposures if i.source.detector == wrong.detector)
    commands.select_exposure(item.key)
    idle()
    assert any("covers x 0 to" in problem.text for problem in visit.state.problems)
    assert all(problem.detail == "" for problem in visit.state.problems)


def test_without_a_finite_sample_the_fit_says_why(
    visit: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    fit = visit.state.results.fit
    assert fit is not None
    everything = [
        (key, tuple(int(edge) for edge in box))
        for key, one in zip(fit.keys, fit.samples, strict=True)
        for box in one.boxes
    ]
    commands.exclude_samples(everything)  # type: ignore[arg-type]  # four numbers each
    idle()
    new = visit.state.results.fit
    assert new is not None
    assert np.isnan(new.solution.scale)
    assert "finite" in new.why
    assert np.isfinite(new.alone.scale)


def test_cancel_ends_a_full_run_within_200_ms(
    visit: Store, commands: Commands, engine: dict[str, Counted], qtbot: QtBot
) -> None:
    engine["measure_scale"].gate = threading.Event()
    commands.set_config(config_of(visit, xNumSamples=7))
    commands.fit()
    qtbot.waitUntil(lambda: engine["measure_scale"].calls > 0)
    begun = time.monotonic()
    commands.cancel("full")
    commands.cancel("preview")
    qtbot.waitUntil(
        lambda: not commands.program.live.preview.busy and not commands.program.live.full.busy
    )
    assert time.monotonic() - begun < 0.2


def test_closing_in_the_middle_of_a_run_takes_less_than_a_second(
    visit: Store, commands: Commands, engine: dict[str, Counted], qtbot: QtBot
) -> None:
    engine["measure_scale"].gate = threading.Event()
    commands.set_config(config_of(visit, xNumSamples=7))
    commands.fit()
    qtbot.waitUntil(lambda: engine["measure_scale"].calls > 0)
    begun = time.monotonic()
    assert commands.program.close()
    assert time.monotonic() - begun < 1.0


def test_a_build_that_is_cancelled_leaves_the_session_as_it_was(
    night: Night,
    commands: Commands,
    store: Store,
    idle: Callable[[], None],
    engine: dict[str, Counted],
    qtbot: QtBot,
) -> None:
    commands.open(night.paths)
    idle()
    engine["measure_background"].gate = threading.Event()
    commands.set_config(config_of(store, skyRej=2.0))
    commands.build()
    qtbot.waitUntil(lambda: engine["measure_background"].calls > 0)
    commands.cancel("task")
    engine["measure_background"].gate.set()
    idle()
    assert store.state.sky_frames == ()
    assert store.state.problems == ()
    assert "cancelled" in store.state.log[-1]


def test_a_build_is_that_of_the_command_line(
    night: Night, commands: Commands, store: Store, idle: Callable[[], None]
) -> None:
    commands.open(night.paths)
    idle()
    commands.build()
    idle()
    expected = build_sky_frames(night.paths, store.state.config).sky_frames
    assert [item.detector for item in store.state.sky_frames] == [b.detector for b in expected]
    for item, built in zip(store.state.sky_frames, expected, strict=True):
        np.testing.assert_array_equal(item.sky_frame.grid.values, built.sky_frame.grid.values)


def test_building_without_any_exposure_is_a_sentence(
    commands: Commands, store: Store, idle: Callable[[], None]
) -> None:
    commands.build()
    idle()
    assert "No exposure is open" in store.state.problems[0].text


class Reader:
    """A state that tells which of its fields are read."""

    def __init__(self, state: State) -> None:
        self.read: set[str] = set()
        self._state = state

    def __getattr__(self, name: str) -> object:
        self.read.add(name)
        return getattr(self._state, name)


def test_a_fit_follows_every_field_of_the_state_that_its_request_reads(visit: Store) -> None:
    known = {one.name for one in fields(State)}
    for_request, for_parts = Reader(visit.state), Reader(visit.state)
    assert request_of(for_request).members  # type: ignore[arg-type]
    parts_of_request(for_parts)  # type: ignore[arg-type]
    assert for_request.read & known <= for_parts.read


def test_another_config_is_one_change_and_one_for_its_answer(
    visit: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    commands.view(panes=("exposure", "subtracted"))  # a residual map comes by itself, after a rest
    commands.program.live.set_pause(400)
    idle()
    told: list[tuple[str, ...]] = []

    def note(old: State, new: State) -> None:
        names = (one.name for one in fields(new))
        told.append(tuple(n for n in names if getattr(old, n) is not getattr(new, n)))

    visit.changed.connect(note)
    commands.set_config(visit.state.config.model_copy(update={"skyRej": 2.25}))
    idle()
    assert told == [("config",), ("results",)]
    fit = visit.state.results.fit
    assert fit is not None
    assert fit.complete
    assert not fit_is_stale(visit.state)


def test_stepping_through_exposures_stays_within_the_memory_that_was_given(
    night: Night, store: Store, qtbot: QtBot
) -> None:
    budget = 4 << 20
    memory = Memory(budget)
    commands = Commands(Program(store, memory))
    commands.program.live.set_pause(20)
    most = 0

    def settled() -> bool:
        nonlocal most
        most = max(most, memory.bytes_held)
        shown = store.state.results.shown
        return not commands.program.busy and (
            shown is not None and shown.key == store.state.selection.exposure
        )

    commands.view(panes=("exposure", "residual"))
    commands.open([*night.paths, *night.science])
    qtbot.waitUntil(settled, timeout=60_000)
    commands.build()
    qtbot.waitUntil(settled, timeout=60_000)
    keys = [item.key for item in store.state.exposures]
    for n, key in enumerate((*keys, *keys)):
        commands.select_exposure(key)
        config = store.state.config.model_copy(update={"skyRej": 2 + n / 50})
        commands.set_config(config)
        qtbot.waitUntil(settled, timeout=60_000)
    assert commands.program.close()
    assert budget / 2 < most <= 1.2 * budget
    made = {name for name in memory.made if memory.made[name]}
    assert {"exposure", "grid", "masks", "pyramid", "masked", "limits", "model"} < made
    assert {"samples", "solution", "residual", "model means"} < made
    assert memory.made["exposure"] > len(keys), "nothing had to be dropped"

    def counts() -> bool:
        gc.collect()  # what was made anew under the same key counts as long as somebody holds it
        return sum(memory.stages().values()) == memory.bytes_held

    qtbot.waitUntil(counts)
    assert all(memory.stages().values()), "something is held that does not count"


def test_fits_of_a_part_of_a_visit_are_not_kept(
    visit: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    idle()
    live, request = commands.program.stages, request_of(visit.state)
    n = live.memory.made["solution"]
    fit = fit_visit(live, request, [0], None)
    assert len(fit.keys) == 1 < len(request.members)
    assert live.memory.made["solution"] == n


def test_an_exposure_of_a_corner_that_no_card_places_is_refused_in_one_sentence(
    night: Night, commands: Commands, store: Store, idle: Callable[[], None], tmp_path: Path
) -> None:
    (whole,) = read_exposures(night.science[0])
    part = Exposure(
        whole.image[:160, :200], whole.mask[:160, :200], None, whole.planes, whole.xy0,
        header=whole.header, detector=whole.detector, visit=whole.visit, name="part",
    )  # fmt: skip
    write_exposure(tmp_path / "part.fits", part)
    commands.open([*night.paths[:8], str(tmp_path / "part.fits")])
    idle()
    (key,) = (one.key for one in store.state.exposures if "part.fits" in one.key)
    commands.set_role("sky", [key], False)
    commands.build()
    idle()
    commands.select_exposure(key)
    idle()
    (told,) = {problem.text for problem in store.state.problems}
    assert "is 200 x 160 pixels but the sky frame of its detector 240 x 200" in told


def test_stepping_goes_through_the_visit_both_ways_and_round(
    night: Night, commands: Commands, store: Store
) -> None:
    items = [one for path in night.paths[:3] for one in open_one(path)]
    visit = tuple(
        replace(one, source=replace(one.source, visit="7", detector=str(number)))
        for number, one in enumerate(items)
        if isinstance(one, ExposureItem)
    )
    keys = [one.key for one in visit]
    store.set(exposures=visit, selection=Selection(exposure=keys[0]))
    shown = []
    for by in (1, 1, 1, -1):
        commands.step_exposure(by)
        shown.append(keys.index(store.state.selection.exposure))
    assert shown == [1, 2, 0, 2]
