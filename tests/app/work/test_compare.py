"""A against B, and sweeps: the same numbers as each config alone."""

from __future__ import annotations

import threading
from dataclasses import replace
from types import MappingProxyType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from made_items import a_frame, an_exposure

from skyframe_gui.app.model.looks import with_look
from skyframe_gui.app.model.pins import is_of_pin, is_stale, pin_of
from skyframe_gui.app.model.view import Selection
from skyframe_gui.app.work import compare
from skyframe_gui.engine import SkyFrameError, measure_residual, solve_scales
from skyframe_gui.workflow import jobs, reading
from skyframe_gui.workflow.options import MaskObjects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nights import Night
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.store import Store


@pytest.fixture
def visit(night: Night, commands: Commands, store: Store, idle: Callable[[], None]) -> Store:
    commands.open(night.paths)
    idle()
    commands.build()
    idle()
    commands.open(night.science)
    idle()
    key = next(i.key for i in store.state.exposures if "science-d1" in i.key)
    commands.select_exposure(key)
    idle()
    return store


def test_a_and_b_show_what_differs_and_who_is_rejected_where(
    visit: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    config = visit.state.config
    commands.set_config(config.model_copy(update={"skyRej": 1.2}))
    commands.pins.pin("A")
    commands.set_config(config.model_copy(update={"skyRej": 1.6}))
    commands.pins.pin("B")
    idle()
    found = visit.state.results.compare
    assert found is not None
    assert found.differing == (("skyRej", "1.2", "1.6"),)
    assert found.same_boxes
    samples = found.a.samples
    for fit, rejection in ((found.a, 1.2), (found.b, 1.6)):
        expected = solve_scales(samples, config.model_copy(update={"skyRej": rejection}))
        assert fit.solution.scale == expected.scale
    in_a = found.a.solution.rejected_at >= 0
    in_b = found.b.solution.rejected_at >= 0
    assert len(found.only_a) == int((in_a & ~in_b).sum()) > 0
    assert len(found.only_b) == int((in_b & ~in_a).sum())
    assert len(found.both) == int((in_a & in_b).sum())


def test_progress_names_the_side_that_is_being_fitted(
    visit: Store, commands: Commands, idle: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    labels: list[str] = []
    whole = compare.fit_whole_visit

    def fit(*arguments: Any) -> Any:
        labels.append(arguments[4])
        return whole(*arguments)

    monkeypatch.setattr(compare, "fit_whole_visit", fit)
    commands.pins.pin("A")
    commands.set_config(visit.state.config.model_copy(update={"skyRej": 1.5}))
    commands.pins.pin("B")
    idle()
    assert labels[-2:] == ["Compare A and B: A", "Compare A and B: B"]


def test_other_boxes_cannot_be_told_apart_one_by_one(
    visit: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    commands.pins.pin("A")
    commands.set_config(visit.state.config.model_copy(update={"xNumSamples": 6}))
    commands.pins.pin("B")
    idle()
    found = visit.state.results.compare
    assert found is not None
    assert not found.same_boxes
    assert found.both == ()
    assert np.isfinite(found.a.solution.scale - found.b.solution.scale)


def test_blinking_between_a_and_b_takes_the_one_and_then_the_other(
    visit: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    commands.pins.pin("A")
    a = visit.state.config
    commands.set_config(a.model_copy(update={"skyRej": 1.5}))
    commands.pins.pin("B")
    idle()
    commands.pins.swap_pins()
    assert visit.state.config == a
    commands.pins.swap_pins()
    assert visit.state.config.skyRej == 1.5
    visit.undo()
    assert visit.state.config == a


def test_unpinning_takes_the_comparison_away(
    visit: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    commands.pins.pin("A")
    commands.pins.pin("B")
    idle()
    assert visit.state.results.compare is not None
    commands.pins.unpin()
    idle()
    assert visit.state.results.compare is None


def test_a_failure_goes_with_what_was_compared(
    visit: Store, commands: Commands, idle: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise SkyFrameError("A cannot be fitted to this visit.")

    def told() -> list[str]:
        return [one.text for one in visit.state.problems if one.origin == "compare"]

    commands.pins.pin("A")
    commands.pins.pin("B")
    idle()
    with monkeypatch.context() as patch:
        patch.setattr(compare, "compare", fails)
        commands.pins.swap_pins()
        commands.set_config(visit.state.config.model_copy(update={"skyRej": 1.25}))
        commands.pins.pin("B")
        idle()
        assert told() == ["A cannot be fitted to this visit."]
        commands.pins.unpin()
        idle()
        assert not told(), "nobody compares"
        commands.pins.pin("A")
        commands.pins.pin("B")
        idle()
        assert told()
    commands.set_config(visit.state.config.model_copy(update={"skyRej": 1.75}))
    commands.pins.pin("B")
    idle()
    assert not told(), "another comparison went well"


def test_a_sweep_gives_at_each_point_what_the_config_alone_gives(
    visit: Store,
    commands: Commands,
    idle: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_pixels(*_: object, **__: object) -> None:
        raise AssertionError("the samples were measured again")

    monkeypatch.setattr(reading, "measure_scale", no_pixels)
    commands.sweep({"skyRej": (1.2, 2.0, 3.0), "skyIter": (1, 3)})
    idle()
    sweep = visit.state.results.sweep
    assert sweep is not None
    assert sweep.complete
    assert [point.values for point in sweep.points[:3]] == [(1.2, 1), (1.2, 3), (2.0, 1)]
    fit = visit.state.results.fit
    assert fit is not None
    for point in sweep.points:
        expected = solve_scales(fit.samples, sweep.config_of(point))
        assert point.scale == expected.scale
        assert point.n_rejected == int((expected.rejected_at >= 0).sum())
    commands.set_config(sweep.config_of(sweep.points[0]), "take a config of the sweep")
    assert visit.state.config.skyRej == 1.2


def test_a_sweep_runs_over_a_too_with_all_else_as_it_was_pinned(
    visit: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    state = visit.state
    commands.set_config(state.config.model_copy(update={"skyIter": 1, "skyRej": 2.0}))
    commands.pins.pin("A")
    commands.set_config(state.config.model_copy(update={"skyIter": 3, "skyRej": 1.5}))
    idle()
    commands.sweep({"skyRej": (1.2, 1.5)})
    idle()
    sweep = visit.state.results.sweep
    assert sweep is not None
    assert sweep.pinned is not None
    assert [one.values for one in sweep.pinned.points] == [(1.2,), (1.5,)]
    assert sweep.config.skyIter == 3
    assert sweep.pinned.config.skyIter == 1
    found = visit.state.results.compare
    assert found is not None
    for one, other in ((sweep, 3), (sweep.pinned, 1)):
        config = one.config_of(one.points[0])
        assert (config.skyIter, config.skyRej) == (other, 1.2)
        commands.set_config(config)
        idle()
        fit = visit.state.results.fit
        assert fit is not None
        assert one.points[0].scale == fit.solution.scale
    assert is_of_pin(visit.state, sweep)
    commands.set_config(sweep.pinned.config.model_copy(update={"skyRej": 1.2}))
    commands.pins.pin("A")
    assert is_of_pin(visit.state, sweep), "only the swept field is another one"
    commands.set_config(sweep.pinned.config.model_copy(update={"skyIter": 2}))
    commands.pins.pin("A")
    assert not is_of_pin(visit.state, sweep)
    commands.pins.unpin()
    assert not is_of_pin(visit.state, sweep)
    commands.sweep({"skyRej": (1.2,)})
    idle()
    sweep = visit.state.results.sweep
    assert sweep is not None
    assert sweep.pinned is None


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"skyRej": (1.0, -1.0)}, "skyRej"),
        ({"skyReject": (1.0,)}, "no field skyReject"),
        ({"skyRej": tuple(1 + i / 100 for i in range(100)), "skyIter": tuple(range(100))}, "10000"),
    ],
)
def test_an_impossible_sweep_is_a_sentence(
    visit: Store,
    commands: Commands,
    idle: Callable[[], None],
    fields: dict[str, tuple[float, ...]],
    words: str,
) -> None:
    commands.sweep(fields)
    idle()
    assert any(words in problem.text for problem in visit.state.problems)
    assert all(problem.detail == "" for problem in visit.state.problems)
    commands.sweep({"skyRej": (2.0, 3.0)})
    idle()
    assert not visit.state.problems, "it was of the sweep before"


def test_with_only_a_pinned_b_is_what_is_set_now_and_follows_it(
    visit: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    commands.pins.pin("A")
    idle()
    found = visit.state.results.compare
    assert found is not None
    assert found.differing == ()
    for rejection in (1.3, 1.7):
        commands.set_config(visit.state.config.model_copy(update={"skyRej": rejection}))
        assert is_stale(visit.state, visit.state.results.compare or pytest.fail("nothing"))
        idle()
        found = visit.state.results.compare
        assert found is not None
        assert [row[2] for row in found.differing] == [str(rejection)]
        fit = visit.state.results.fit
        assert fit is not None
        assert found.b.solution.scale == fit.solution.scale
        assert not is_stale(visit.state, found)


def test_a_pin_alone_as_b_is_compared_with_nothing(
    visit: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    commands.pins.pin("B")
    idle()
    assert visit.state.results.compare is None


def test_both_residual_maps_are_the_engines_in_the_same_bins(
    visit: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    commands.pins.pin("A")
    background = visit.state.config.background.model_copy(update={"xBinSize": 48, "yBinSize": 40})
    commands.set_config(visit.state.config.model_copy(update={"background": background}))
    commands.set_config(visit.state.config.model_copy(update={"skyRej": 1.2}))
    idle()
    found = visit.state.results.compare
    assert found is not None
    assert found.pictures is not None
    assert found.pictures.key == visit.state.selection.exposure
    a, b = found.pictures.maps
    assert a.exact.values.shape == b.exact.values.shape
    item = next(one for one in visit.state.exposures if one.key == found.pictures.key)
    exposure = commands.program.stages.exposure(item, visit.state.options, None)
    for one, fit, model in zip((a, b), found.fits, found.pictures.models, strict=True):
        expected = measure_residual(exposure, model.levels[0], fit.solution.scale, background)
        np.testing.assert_array_equal(one.exact.values, expected.values)


def test_the_gradients_of_both_are_those_of_the_finding(
    visit: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    commands.pins.pin("A")
    idle()
    found = visit.state.results.compare
    assert found is not None
    assert set(found.rises[0]) == {"x", "y"}
    rise, error = found.rises[0]["x"]
    assert np.isfinite(rise)
    assert error > 0
    told = [one for one in found.a.findings if one.kind == "gradient"]
    for one in told:
        assert one.numbers["rise_x"] == rise


def test_b_is_pinned_as_a_and_both_are_exchanged(
    visit: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    commands.pins.pin("A")
    first = visit.state.config
    commands.set_config(first.model_copy(update={"skyRej": 1.5}))
    commands.pins.exchange_pins()
    assert visit.state.pins["A"].config.skyRej == 1.5
    assert visit.state.pins["B"].config == first
    commands.pins.pin_b_as_a()
    assert set(visit.state.pins) == {"A"}
    assert visit.state.pins["A"].config == first
    assert visit.state.config.skyRej == 1.5, "what is set has not changed"


@pytest.mark.parametrize("what", ["compare", "sweep"])
def test_exposures_of_a_visit_are_sampled_at_the_same_time(
    visit: Store,
    commands: Commands,
    idle: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    what: str,
) -> None:
    monkeypatch.setattr(jobs.os, "cpu_count", lambda: 2)
    n_members = len(visit.state.results.fit.keys)
    assert n_members > 1
    config = visit.state.config.model_copy(update={"xNumSamples": 7})
    together = threading.Barrier(2, timeout=20)
    measured, met = reading.measure_scale, []

    def meet(exposure: Any, model: Any, told: Any, *more: Any, **how: Any) -> Any:
        if told.xNumSamples == 7 and len(met) < 2 * (n_members // 2):
            met.append(together.wait())  # alone in here it waits for another in vain
        return measured(exposure, model, told, *more, **how)

    if what == "sweep":
        monkeypatch.setattr(reading, "measure_scale", meet)
        commands.sweep({"xNumSamples": (7,)})
        idle()
        (point,) = visit.state.results.sweep.points
        assert not point.why
    else:
        commands.pins.pin("A")
        monkeypatch.setattr(reading, "measure_scale", meet)
        pin = commands.store.state.pins["A"]
        commands.store.set(pins={"A": replace(pin, config=config), "B": pin})
        idle()
        assert visit.state.results.compare.a.solution.n_used > 0
    assert len(met) >= 2
    assert not visit.state.problems


class Asked:
    """Stands for the fits of A and B: notes what is asked for."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def __call__(self, stages: Any, requests: Any, pins: Any, watch: Any, *more: Any) -> Any:
        self.calls.append((requests, pins, *more))
        return SimpleNamespace(pictures=None, pins=pins)


@pytest.fixture
def alone(store: Store, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The comparison without the rest of the program, on exposures that are no files."""
    asked = Asked()
    monkeypatch.setattr(compare, "compare", asked)
    store.set(
        exposures=(an_exposure("one.fits"), an_exposure("two.fits", detector="2")),
        sky_frames=(a_frame("s1"), a_frame("s2", detector="2")),
        selection=Selection(exposure="/night/one.fits[1]"),
    )
    made = compare.Compare(store, object())  # type: ignore[arg-type]

    def settle() -> list[tuple[Any, ...]]:
        qtbot.waitUntil(lambda: not made.lane.busy)
        calls, asked.calls = asked.calls, []
        return calls

    yield settle
    assert made.close()


def test_the_two_are_fitted_anew_when_what_they_depend_on_changes(store: Store, alone: Any) -> None:
    a = pin_of(store.state)
    assert alone() == [], "nothing is pinned"
    store.set(pins=MappingProxyType({"A": a}))
    ((requests, pins, key, bins),) = alone()
    assert [one.members for one in requests] == [store.state.exposures] * 2
    assert (pins, key, bins) == ((a, a), "/night/one.fits[1]", (32, 32))
    assert store.state.results.compare.pins == (a, a)
    store.set(log=("x",))
    assert alone() == []
    other = store.state.config.model_copy(update={"skyRej": 2.0})
    changes: list[dict[str, Any]] = [
        {"config": other},
        {"options": replace(store.state.options, mask_objects=MaskObjects.NEVER)},
        {"excluded_samples": frozenset({("/night/one.fits[1]", (0, 0, 9, 9))})},
        {"looks": with_look(store.state.looks, "residual", bins=16)},
        {"selection": Selection(exposure="/night/two.fits[1]")},
        {"selection": Selection(exposure="/night/two.fits[1]", sky_frame="s2")},
        {"pins": MappingProxyType({"A": a, "B": a})},
    ]
    for change in changes:
        store.set(**change)
        assert len(alone()) == 1, change
    store.set(pins=MappingProxyType({"A": a, "B": pin_of(store.state)}))
    ((requests, pins, key, bins),) = alone()
    assert pins == (a, pin_of(store.state))
    assert (requests[0].config, requests[1].config) == (a.config, other)
    assert (key, bins) == ("/night/two.fits[1]", (16, 16))
    store.set(pins=MappingProxyType({}))
    assert alone() == []
    assert store.state.results.compare is None
    store.set(exposures=(), selection=Selection())
    store.set(pins=MappingProxyType({"A": a}))
    assert alone() == [], "there is nothing to fit"
