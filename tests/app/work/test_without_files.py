"""The program on exposures that are remembered: nothing is read, every part is looked at."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from made_items import a_frame, a_sky_frame, an_exposure
from PyQt6.QtCore import QTimer

from skyframe_gui.app.model.items import Options
from skyframe_gui.app.model.missing import why_no_fit
from skyframe_gui.app.model.state import State
from skyframe_gui.app.model.store import Store
from skyframe_gui.app.model.view import Selection, View
from skyframe_gui.app.program import Program
from skyframe_gui.app.project.autosave import Autosave
from skyframe_gui.app.work.pyramids import image_pyramid, masked_pyramid
from skyframe_gui.app.work.residual_stages import residual_of
from skyframe_gui.app.work.stages import Stages, exposure_key
from skyframe_gui.engine import (
    BackgroundModel,
    Exposure,
    MaskPlanes,
    SkyFrameError,
    SkyMeasurementConfig,
    mean_of_model,
    measure_background,
    measure_residual,
    measure_scale,
    solve_scales,
)
from skyframe_gui.files.session_file import read_session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands

CONFIG = SkyMeasurementConfig()
PLANES = MaskPlanes({"SAT": 0, "CR": 1})
ONE = an_exposure("one.fits", has_mask=True, planes=PLANES, xy0=(5, 7))
TWO = an_exposure("two.fits", detector="2", has_mask=True, planes=PLANES)
SKY_1 = a_frame("s1", sky_frame=a_sky_frame([[1.0, 1.1], [0.9, 1.2]], size=(120, 100)))
SKY_2 = a_frame("s2", detector="2", sky_frame=a_sky_frame([[1.0, 1.1]], detector="2"))


def pixels(item: Any) -> Exposure:
    rng = np.random.default_rng(int(item.source.detector))
    image = rng.normal(1000.0, 5.0, (80, 100)).astype(np.float32)
    mask = np.zeros(image.shape, np.int32)
    mask[:10] = 1
    image[:10] += 9000
    return Exposure(
        image,
        mask,
        planes=PLANES,
        xy0=item.source.xy0,
        detector=item.source.detector,
        visit="7",
        name=item.source.name,
    )


def remember(stages: Stages, *items: Any) -> list[Exposure]:
    found = [pixels(item) for item in items]
    for item, exposure in zip(items, found, strict=True):
        stages.memory.get("exposure", exposure_key(item, Options()), lambda one=exposure: one)
    return found


@pytest.fixture
def looking(commands: Commands, idle: Callable[[], None]) -> Commands:
    """Exposure one is shown; of the visit two cannot be read."""
    remember(commands.program.stages, ONE)
    commands.store.set(
        exposures=(ONE, TWO),
        sky_frames=(SKY_1, SKY_2),
        selection=Selection(exposure=ONE.key),
    )
    idle()
    return commands


def test_what_is_shown_is_what_the_engine_makes_of_it(looking: Commands) -> None:
    state = looking.store.state
    exposure = pixels(ONE)
    shown = state.results.shown
    assert shown is not None
    assert (shown.key, shown.width, shown.height, shown.xy0) == (ONE.key, 100, 80, (5, 7))
    assert (shown.own, shown.sky_frame, shown.planes) == (False, SKY_1, PLANES)
    assert shown.image is not None
    assert shown.masks is not None
    assert shown.masked is not None
    np.testing.assert_array_equal(shown.image.levels[0], exposure.image)
    np.testing.assert_array_equal(shown.masks.levels[0], exposure.mask)
    bits = PLANES.bits(["SAT"])
    for found, wanted in zip(
        (*shown.image.levels[1:], *shown.masked.levels),
        (*image_pyramid(exposure.image).levels[1:], *masked_pyramid(exposure.mask, bits).levels),
        strict=True,
    ):
        np.testing.assert_array_equal(found, wanted)
    assert shown.masked.first == 1
    grid = measure_background(exposure, state.config.background)
    np.testing.assert_array_equal(shown.grid.values, grid.values)
    sky = BackgroundModel(SKY_1.sky_frame.grid, "LINEAR")
    assert shown.model is not None
    wanted = sky.image(sky.box_of(exposure.bbox, "one.fits"))
    np.testing.assert_array_equal(shown.model.levels[0], wanted)
    good = exposure.image[10:].astype(float)
    assert shown.level == pytest.approx(np.median(good), rel=1e-4)
    assert set(shown.limits) == {"exposure", "subtracted", "own grid", "grid", "model"}
    assert set(shown.histograms) == set(shown.quantiles) == set(shown.limits)


def test_a_visit_of_which_one_cannot_be_read_is_fitted_without_it_and_says_so(
    looking: Commands, idle: Callable[[], None]
) -> None:
    state = looking.store.state
    fit = state.results.fit
    assert fit is not None
    assert (fit.keys, fit.n_members) == ((ONE.key,), 2)
    assert (fit.complete, fit.ended) == (False, True)
    kinds = [one.kind for one in fit.findings]
    assert "few-exposures" in kinds, "what is to be said is said, though one is missing"
    sky = BackgroundModel(SKY_1.sky_frame.grid, "LINEAR")
    samples = measure_scale(pixels(ONE), sky, CONFIG)
    assert fit.solution.scale == solve_scales([samples], CONFIG).scale
    gone = "/night/two.fits is gone; put it back, or take it off the list and go on without it."
    assert [(one.origin, one.text) for one in state.problems] == [
        ("full", f"Visit 7 is fitted without 1 of its 2 exposures. {gone}")
    ]
    looking.select_exposure(TWO.key)
    idle()
    assert ("preview", gone) in [(one.origin, one.text) for one in looking.store.state.problems]
    remember(looking.program.stages, TWO)
    looking.set_config(CONFIG.model_copy(update={"skyRej": 9.0}))
    idle()
    state = looking.store.state
    assert state.problems == ()
    assert state.results.fit is not None
    assert state.results.fit.complete
    assert state.results.shown is not None
    assert state.results.shown.key == TWO.key
    looking.set_role("science", [ONE.key, TWO.key], False)
    idle()
    assert looking.store.state.results.fit is None


def test_the_map_comes_with_its_exposure_and_follows_its_scale(
    looking: Commands, idle: Callable[[], None]
) -> None:
    state = looking.store.state
    found, fit = state.results.residual, state.results.fit
    assert found is not None
    assert fit is not None
    assert (found.key, found.scale) == (ONE.key, fit.solution.scale)
    exposure, background = pixels(ONE), state.config.background
    sky = BackgroundModel(SKY_1.sky_frame.grid, "LINEAR")
    model = sky.image(sky.box_of(exposure.bbox, "one.fits"))
    wanted = measure_residual(exposure, model, found.scale, background)
    np.testing.assert_array_equal(found.exact.values, wanted.values)
    np.testing.assert_array_equal(found.exact.errors, wanted.errors)
    np.testing.assert_array_equal(found.model_means, mean_of_model(exposure, model, background))
    looking.view(trial=500.0)
    idle()
    found = looking.store.state.results.residual
    assert found is not None
    assert found.scale == 500.0
    own = residual_of(looking.program.stages, ONE, None, CONFIG, Options(), 1.0, (20, 40))
    assert own.exact.values.shape == (2, 5)
    assert (own.background.xBinSize, own.background.yBinSize) == (20, 40)
    assert abs(np.nanmean(own.exact.values)) < 5
    assert own is residual_of(looking.program.stages, ONE, None, CONFIG, Options(), 1.0, (20, 40))


def test_a_sky_frame_alone_is_shown_with_its_own_size_and_place(
    looking: Commands, idle: Callable[[], None]
) -> None:
    looking.select_sky_frame("s1", alone=True)
    idle()
    shown = looking.store.state.results.shown
    assert shown is not None
    assert (shown.key, shown.width, shown.height, shown.xy0) == ("s1", 120, 100, (0, 0))
    assert (shown.exposure, shown.image, shown.grid, shown.own) == (None, None, None, False)
    assert shown.model is not None
    model = BackgroundModel(SKY_1.sky_frame.grid, "LINEAR")
    np.testing.assert_array_equal(shown.model.levels[0], model.image())
    assert shown.sky is not None
    assert shown.sky.algorithm == "LINEAR"
    assert set(shown.limits) == {"grid", "model"}
    assert looking.store.state.results.fit is None
    looking.close_items([ONE.key, TWO.key, "s1", "s2"])
    idle()
    results = looking.store.state.results
    assert (results.shown, results.fit, results.residual) == (None, None, None)


def test_an_exposure_without_a_sky_frame_has_its_own_background(
    looking: Commands, idle: Callable[[], None]
) -> None:
    looking.close_items(["s1", "s2"])
    idle()
    state = looking.store.state
    shown = state.results.shown
    assert shown is not None
    assert shown.model is not None
    assert (shown.own, shown.sky_frame) == (True, None)
    grid = measure_background(pixels(ONE), state.config.background)
    model = BackgroundModel(grid, state.config.background.algorithm)
    np.testing.assert_array_equal(shown.model.levels[0], model.image())
    assert state.results.residual is not None
    assert state.results.residual.scale == 1.0
    assert shown.limits["model"] == shown.limits["own grid"]


def test_a_comparison_ends_with_its_pin(looking: Commands, idle: Callable[[], None]) -> None:
    remember(looking.program.stages, TWO)
    looking.pins.pin("A")
    idle()
    found = looking.store.state.results.compare
    assert found is not None
    assert found.pictures is not None
    assert found.pictures.key == ONE.key
    looking.looks.set_colours("exposure", "magma")
    looking.store.set(log=("x",))
    idle()
    assert looking.store.state.results.compare is found, "nothing of it has changed"
    looking.looks.set_residual_bins(20)
    idle()
    newer = looking.store.state.results.compare
    assert newer is not None
    assert newer is not found
    assert newer.pictures is not None
    assert newer.pictures.maps[0].exact.values.shape == (4, 5)
    looking.select_exposure(TWO.key)
    idle()
    again = looking.store.state.results.compare
    assert again is not None
    assert again.pictures is not None
    assert again.pictures.key == TWO.key
    looking.pins.unpin()
    idle()
    assert looking.store.state.results.compare is None
    looking.pins.pin("A")
    idle()
    assert looking.store.state.results.compare is not None


# The parts -------------------------------------------------------------------------------------


@pytest.fixture
def program(qapp: object) -> Iterator[Program]:
    made = Program(Store())
    yield made
    assert made.close()


PARTS = {
    "live": ("preview", "full"),
    "live_map": ("map",),
    "live_cuts": ("profile", "region"),
    "live_masks": ("masks",),
    "live_camera": ("camera",),
    "live_night": ("night",),
    "film": ("film",),
    "loader": ("open", "survey"),
    "follow": ("follow",),
    "changes": ("files",),
    "tasks": ("task",),
    "repositories": ("repository",),
    "stacks": ("stack", "stack bin"),
    "compare": ("compare",),
    "sweeps": ("sweep",),
    "corrections": ("correction", "correction picture"),
    "places": ("places",),
}


@pytest.mark.parametrize("name", list(PARTS))
def test_a_part_that_is_closed_takes_nothing_new(program: Program, name: str) -> None:
    assert [lane.name for lane in program.lanes] == [one for of in PARTS.values() for one in of]
    assert getattr(program, name).close() is True
    for lane in program.lanes:
        if lane.name in PARTS[name]:
            lane.submit("x", lambda _: None)
            assert not lane.busy
    assert not program.busy


def test_each_lane_is_told_of_while_it_works(program: Program, qtbot: QtBot) -> None:
    """The stack's two and looks into folders are quick, and nobody waits for what a film reads
    ahead: that they run is not told."""
    untold = {"stack", "stack bin", "follow", "film"}
    for lane in program.lanes:
        lane.progressed.emit(None)
        before = program.store.state.jobs
        lane.progressed.emit(_job(lane.name))
        assert (program.store.state.jobs != before) is (lane.name not in untold), lane.name


def _job(name: str) -> Any:
    from skyframe_gui.app.model.results import Job

    return Job(lane=name, label="x")


def test_pauses_are_as_long_as_a_person_may_wait(
    program: Program, tmp_path: Path, store: Store
) -> None:
    timers = {name: getattr(program, name).findChild(QTimer) for name in ("live", "live_map")}
    autosave = Autosave(store, tmp_path)
    timers["autosave"] = autosave.findChild(QTimer)
    assert {name: timer.interval() for name, timer in timers.items()} == {
        "live": 400,
        "live_map": 150,
        "autosave": 5000,
    }
    assert all(timer.isSingleShot() for timer in timers.values())
    assert autosave.close()
    store.set(exposures=(ONE,))
    assert not timers["autosave"].isActive()
    assert autosave.close()


# Autosave --------------------------------------------------------------------------------------


@pytest.fixture
def autosave(store: Store, tmp_path: Path) -> Iterator[Autosave]:
    made = Autosave(store, tmp_path / "saved", of=lambda: "/night/a.sky", every=60)
    yield made
    made.close()


def written(autosave: Autosave, qtbot: QtBot) -> list[str]:
    autosave.write_now()
    qtbot.waitUntil(lambda: not autosave.lane.busy, timeout=20_000)
    folder = autosave.path.with_suffix("")
    return sorted(one.name for one in folder.iterdir()) if folder.exists() else []


def test_what_is_in_no_file_is_kept_once_and_goes_with_it(
    store: Store, autosave: Autosave, qtbot: QtBot
) -> None:
    first, second = (replace(a_frame(f"built {n}"), path="") for n in (1, 2))
    store.set(exposures=(ONE,), sky_frames=(first, second))
    assert written(autosave, qtbot) == ["sky-1.fits", "sky-2.fits"]
    document, _ = read_session(autosave.path)
    assert document.autosave_of == "/night/a.sky"
    folder = autosave.path.with_suffix("")
    assert [one.file for one in document.unsaved] == [str(folder / f"sky-{n}.fits") for n in (1, 2)]
    times = [(folder / "sky-1.fits").stat().st_mtime_ns]
    changed = replace(second, sky_frame=a_sky_frame([[9.0]]))
    store.set(sky_frames=(first, changed))
    assert written(autosave, qtbot) == ["sky-1.fits", "sky-3.fits"]
    (folder / "sky-1.fits").unlink()
    assert written(autosave, qtbot) == ["sky-3.fits", "sky-4.fits"]
    store.set(sky_frames=(replace(first, path="/x"),))
    assert written(autosave, qtbot) == []
    assert autosave.path.exists()
    assert times
    store.set(exposures=(), sky_frames=())
    written(autosave, qtbot)
    assert not autosave.path.exists(), "nothing is open"


def test_looks_that_pass_are_no_reason_to_write(
    store: Store, autosave: Autosave, qtbot: QtBot
) -> None:
    timer = autosave.findChild(QTimer)
    for change in (
        {"view": View(before=True)},
        {"view": View(blinking=True)},
        {"log": ("x",)},
    ):
        store.set(**change)
        assert not timer.isActive(), change
    for change in (
        {"view": View(masks=True)},
        {"config": CONFIG.model_copy(update={"skyRej": 9.0})},
        {"selection": Selection(sky_frame="x")},
        {"exposures": (ONE,)},
    ):
        store.set(**change)
        assert timer.isActive(), change
        timer.stop()


def test_an_autosave_that_fails_says_what_for(
    store: Store, autosave: Autosave, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from skyframe_gui.app.project import autosave as module

    def refuse(*_: Any, **__: Any) -> None:
        raise SkyFrameError("The disk is full.")

    store.set(exposures=(ONE,))
    with monkeypatch.context() as patch:
        patch.setattr(module, "write_session", refuse)
        written(autosave, qtbot)
    assert [(one.origin, one.text) for one in store.state.problems] == [
        ("autosave", "The session could not be kept for the case of a crash: The disk is full.")
    ]
    written(autosave, qtbot)
    assert store.state.problems == ()


# What is missing -------------------------------------------------------------------------------


def test_why_there_is_no_fit_names_the_visit() -> None:
    nothing = frozenset({ONE.key, TWO.key})
    known = {"exposures": (ONE, TWO), "sky_frames": (SKY_1,)}
    state = State(**known, selection=Selection(exposure=ONE.key), excluded_exposures=nothing)
    assert why_no_fit(state) == (
        "No exposure of visit 7 is science: tick sci in the Data panel to fit it."
    )
    assert why_no_fit(replace(state, excluded_exposures=frozenset())) == (
        "The fit of visit 7 comes as soon as it is ready."
    )
    nameless = an_exposure("x.fits", visit="")
    state = State(exposures=(nameless,), sky_frames=(SKY_1,),
                  selection=Selection(exposure=nameless.key))  # fmt: skip
    assert why_no_fit(state) == "The fit of x comes as soon as it is ready."
