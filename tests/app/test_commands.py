"""What a person does changes what it should, can be taken back, and is called what it is."""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
from made_items import a_frame, a_sky_frame, an_exposure

from skyframe_gui.app.model.items import Assigned, Options
from skyframe_gui.app.model.limits import (
    layers_sharing_limits,
    limits_of,
    preset_name,
    with_limits_of,
    with_map_limits,
)
from skyframe_gui.app.model.looks import (
    DEFAULT_LOOKS,
    LOOKED,
    Look,
    looks_of_old,
    placed_looks,
    plain_looks,
    taken_looks,
    with_look,
)
from skyframe_gui.app.model.pins import pin_of
from skyframe_gui.app.model.queries import (
    excluded,
    excluded_from,
    exposures_for,
    sky_frame_of,
    sky_frames_for,
)
from skyframe_gui.app.model.results import Problem, Results
from skyframe_gui.app.model.shown import Shown
from skyframe_gui.app.model.sky_sets import (
    free_set,
    left_behind,
    set_of_frame,
    sets_in_use,
    sets_that_are_ticked,
    sky_set,
    sky_sets,
)
from skyframe_gui.app.model.state import State
from skyframe_gui.app.model.view import LAYOUTS, Frame, Selection, View
from skyframe_gui.engine import BinGrid, SkyMeasurementConfig
from skyframe_gui.workflow.options import MaskObjects

if TYPE_CHECKING:
    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.store import Store

ONE, TWO = an_exposure("one.fits"), an_exposure("two.fits", detector="2")
LATER = an_exposure("later.fits", visit="8", date="2026-01-02T04:00:00")
SKY = a_frame("s1")
SAMPLE, OTHER = (ONE.key, (0, 0, 10, 20)), (ONE.key, (10, 0, 20, 20))
CONFIG = SkyMeasurementConfig(skyRej=4.5)


@pytest.fixture
def quiet(commands: Commands) -> Commands:
    """Three exposures are open, which nobody works on: there are no files behind them."""
    commands.store.changed.disconnect()
    commands.store.set(
        exposures=(ONE, TWO, LATER),
        sky_frames=(SKY,),
        selection=Selection(exposure=ONE.key, samples=frozenset({SAMPLE})),
    )
    return commands


def test_each_edit_has_its_name_in_the_menu_and_is_taken_back(quiet: Commands) -> None:
    store, start = quiet.store, quiet.store.state
    made: list[tuple[str, Any]] = [
        ("close 1 file", lambda: quiet.close_items([TWO.key])),
        ("close 2 files", lambda: quiet.close_items([TWO.key, "s1"])),
        ("leave 1 exposure out of sky frames", lambda: quiet.set_role("sky", [ONE.key], False)),
        ("take 2 exposures as no science",
         lambda: quiet.set_role("science", [ONE.key, TWO.key], False)),
        ("leave 1 exposure out of sky frames", lambda: quiet.sets.switch_member(ONE.key)),
        ("1 exposure for sky only", lambda: quiet.set_only_role("sky", [ONE.key])),
        ("2 exposures for science only",
         lambda: quiet.set_only_role("science", [ONE.key, TWO.key])),
        ("set what an exposure is of", lambda: quiet.assign(ONE.key, "9", "2")),
        ("limits of the sky model", lambda: quiet.looks.set_limits("model", 1.0, 2.0)),
        ("limits preset of the exposure",
         lambda: quiet.looks.set_limits_preset("exposure", "90 %")),
        ("stretch of the bin grid", lambda: quiet.looks.set_stretch("grid", "sqrt")),
        ("colours of the subtracted exposure",
         lambda: quiet.looks.set_colours("subtracted", "CET-D4")),
        ("bins of the residual map", lambda: quiet.looks.set_residual_bins(8)),
        ("change the config", lambda: quiet.set_config(CONFIG)),
        ("change skyRej", lambda: quiet.set_config(CONFIG, "change skyRej")),
        ("use a camera", lambda: quiet.set_preset("a camera", CONFIG)),
        ("pin A", lambda: quiet.pins.pin("A")),
        ("change options", lambda: quiet.set_options(mask_objects=MaskObjects.NEVER)),
        ("exclude 1 sample", lambda: quiet.exclude_samples([SAMPLE])),
        ("exclude 2 samples", lambda: quiet.exclude_samples([SAMPLE, OTHER])),
    ]  # fmt: skip
    for label, act in made:
        store.forget_edits()
        act()
        assert store.undo_label == label
        assert store.state != start, label
        quiet.undo()
        assert (store.undo_label, store.redo_label) == ("", label)
        for name in ("removed", "config", "looks", "pins", "options", "assigned"):
            assert getattr(store.state, name) == getattr(start, name), label
        assert store.state.excluded_members == frozenset(), label
        assert store.state.excluded_exposures == frozenset(), label


def test_what_was_left_out_is_taken_back_in_under_its_own_name(quiet: Commands) -> None:
    store = quiet.store
    store.set(
        excluded_members=frozenset({ONE.key}),
        excluded_exposures=frozenset({TWO.key}),
        excluded_samples=frozenset({SAMPLE, OTHER}),
    )
    quiet.set_role("sky", [ONE.key], True)
    assert (store.undo_label, store.state.excluded_members) == (
        "use 1 exposure for sky frames",
        frozenset(),
    )
    quiet.set_role("science", [TWO.key], True)
    assert (store.undo_label, store.state.excluded_exposures) == (
        "take 1 exposure as science",
        frozenset(),
    )
    quiet.exclude_samples([SAMPLE], False)
    assert (store.undo_label, store.state.excluded_samples) == ("restore 1 sample", {OTHER})


def test_a_role_is_switched_for_all_of_the_chosen(quiet: Commands) -> None:
    state = lambda: quiet.store.state  # noqa: E731
    quiet.switch_role("science", [])
    assert quiet.store.undo_label == ""
    quiet.switch_role("science", [ONE.key])
    assert state().excluded_exposures == {ONE.key}
    quiet.switch_role("science", [ONE.key, TWO.key])
    assert state().excluded_exposures == {ONE.key, TWO.key}
    quiet.switch_role("science", [ONE.key, TWO.key])
    assert state().excluded_exposures == frozenset()
    quiet.set_only_role("sky", [ONE.key])
    assert (state().excluded_members, state().excluded_exposures) == (frozenset(), {ONE.key})
    quiet.set_only_role("science", [ONE.key])
    assert (state().excluded_members, state().excluded_exposures) == ({ONE.key}, frozenset())
    quiet.sets.switch_member(ONE.key)
    assert state().excluded_members == frozenset()


def test_what_is_assigned_by_hand_is_kept_field_by_field(quiet: Commands) -> None:
    quiet.assign(ONE.key, "9", "2", "g", "Other", "2026-05-05")
    quiet.assign(TWO.key, "8", "3")
    assert quiet.store.state.assigned == {
        ONE.key: Assigned(
            visit="9", detector="2", filter="g", instrument="Other", night="2026-05-05"
        ),
        TWO.key: Assigned(visit="8", detector="3"),
    }


def test_the_shown_exposure_that_is_closed_gives_way_to_the_next(quiet: Commands) -> None:
    quiet.close_items([LATER.key])
    assert quiet.store.state.selection.exposure == ONE.key
    quiet.close_items([ONE.key])
    assert quiet.store.state.selection.exposure == TWO.key
    quiet.close_items([TWO.key])
    assert quiet.store.state.selection.exposure == ""
    quiet.undo()
    assert quiet.store.state.selection.exposure == TWO.key
    quiet.redo()
    quiet.undo()
    quiet.select_sky_frame("s1", alone=True)
    quiet.undo()
    assert quiet.store.state.selection.exposure == "", "a sky frame is looked at"


def test_within_a_visit_samples_and_a_tried_scale_stay(quiet: Commands) -> None:
    selection = lambda: quiet.store.state.selection  # noqa: E731
    quiet.view(trial=2.0)
    quiet.hover(SAMPLE)
    quiet.select_exposure(TWO.key)
    assert (selection().exposure, selection().samples) == (TWO.key, {SAMPLE})
    assert quiet.store.pointer.now.sample is None
    assert quiet.store.state.view.trial == 2.0
    quiet.select_exposure(LATER.key)
    assert (selection().exposure, selection().samples) == (LATER.key, frozenset())
    assert quiet.store.state.view.trial is None
    quiet.select_sky_frame("s1")
    assert (selection().exposure, selection().sky_frame) == (LATER.key, "")
    quiet.select_samples([SAMPLE])
    quiet.select_sky_frame("s2", alone=True)
    assert selection() == Selection(sky_frame="s2")


def test_steps_go_round_in_the_visit(quiet: Commands) -> None:
    seen = []
    for by in (1, 1, -1, -1):
        quiet.step_exposure(by)
        seen.append(quiet.store.state.selection.exposure)
    assert seen == [TWO.key, ONE.key, TWO.key, ONE.key]
    quiet.select_exposure("")
    quiet.step_exposure(1)
    assert quiet.store.state.selection.exposure == ""


def test_samples_bins_rounds_and_members_are_selected(quiet: Commands) -> None:
    selection = lambda: quiet.store.state.selection  # noqa: E731
    quiet.select_samples([OTHER])
    assert selection().samples == {OTHER}
    quiet.select_samples([SAMPLE, OTHER], add=True)
    assert selection().samples == {SAMPLE}
    quiet.select_bin((3, 4))
    quiet.show_step(2)
    quiet.select_stack_exposure("member")
    assert (selection().bin, selection().step, selection().stack_exposure) == ((3, 4), 2, "member")
    quiet.select_bin(None)
    quiet.show_step(None)
    assert (selection().bin, selection().step) == (None, None)


def test_a_sample_is_shown_in_the_middle_of_the_panes(quiet: Commands) -> None:
    view = lambda: quiet.store.state.view  # noqa: E731
    quiet.show_sample((TWO.key, (10, 40, 20, 61)))
    assert set(view().frames) == {None}, "the whole exposure is there"
    assert quiet.store.state.selection.exposure == TWO.key
    assert quiet.store.pointer.now.sample == (TWO.key, (10, 40, 20, 61))
    quiet.panes.link(False)
    quiet.view(active=1)
    quiet.panes.move(1, Frame(0, 0, 2.0))
    quiet.show_sample((TWO.key, (10, 40, 20, 61)))
    assert view().frames == (None, Frame(14.5, 50.0, 2.0), None, None, None, None)
    quiet.panes.link(True)
    assert view().frames == (Frame(14.5, 50.0, 2.0),) * 6
    quiet.panes.move(3, Frame(1, 2, 3))
    assert view().frames == (Frame(1, 2, 3),) * 6


def test_another_workspace_is_shown_without_what_hung_on_the_last(quiet: Commands) -> None:
    quiet.view(blinking=True, before=True)
    quiet.point((1.0, 2.0))
    quiet.show_workspace("visit")
    view = quiet.store.state.view
    assert (view.workspace, view.blinking, view.before) == ("visit", True, True)
    quiet.show_workspace("compare")
    view = quiet.store.state.view
    assert (view.workspace, view.blinking, view.before) == ("compare", False, False)
    assert quiet.store.pointer.now.cursor is None
    quiet.switch("edges")
    quiet.switch("masks")
    view = quiet.store.state.view
    assert (view.edges, view.masks) == (False, True)


def test_one_pane_shows_what_the_active_one_did(quiet: Commands) -> None:
    view = lambda: quiet.store.state.view  # noqa: E731
    quiet.panes.lay_out(6, (3, 2))
    assert (view().panes, view().pane_shape) == (LAYOUTS[6], (3, 2))
    quiet.view(active=4)
    quiet.panes.lay_out(1)
    assert (view().panes, view().pane_shape, view().active) == (("grid",), None, 0)
    quiet.panes.lay_out(2)
    quiet.view(active=1)
    quiet.panes.lay_out(4)
    assert (view().panes, view().active) == (LAYOUTS[4], 1)
    quiet.view(active=7)
    quiet.panes.lay_out(1)
    assert view().panes == LAYOUTS[1]


def test_pins_are_kept_with_their_time_exchanged_and_taken(quiet: Commands) -> None:
    store = quiet.store
    pins = lambda: store.state.pins  # noqa: E731
    quiet.pins.pin_b_as_a()
    quiet.pins.exchange_pins()
    quiet.pins.swap_pins()
    quiet.pins.take_pin("A")
    assert (pins(), store.undo_label) == ({}, "")
    quiet.pins.pin("A")
    first = pins()["A"]
    assert re.fullmatch(r"\d\d:\d\d", first.at)
    quiet.set_config(CONFIG)
    quiet.select_sky_frame("s1")
    quiet.exclude_samples([SAMPLE])
    now = pin_of(store.state)
    quiet.pins.exchange_pins()
    assert (store.undo_label, pins()) == ("swap A and B", {"A": now, "B": first})
    assert pins()["A"].at
    quiet.pins.pin_b_as_a()
    assert (store.undo_label, pins()) == ("pin B as A", {"A": first})
    assert pins()["A"].at == first.at
    quiet.pins.pin("B")
    quiet.pins.swap_pins()
    assert store.undo_label == "take A"
    assert pin_of(store.state) == first
    quiet.pins.swap_pins()
    assert store.undo_label == "take B"
    assert pin_of(store.state) == now
    quiet.set_config(SkyMeasurementConfig(skyRej=9))
    quiet.pins.swap_pins()
    assert pin_of(store.state) == first
    quiet.pins.unpin()
    assert (store.undo_label, pins()) == ("unpin A and B", {})


def test_a_preset_is_config_and_what_it_is_compared_with(quiet: Commands) -> None:
    quiet.set_preset("a camera", CONFIG)
    state = quiet.store.state
    assert (state.config, state.preset, state.preset_name) == (CONFIG, CONFIG, "a camera")
    quiet.set_options(mask_objects=MaskObjects.ALWAYS)
    assert quiet.store.state.options == Options(MaskObjects.ALWAYS)


def test_a_problem_is_dismissed_alone_and_only_a_lane_that_is_meant_is_stopped(
    quiet: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet.store.set(problems=(Problem("open", "a"), Problem("fit", "b")))
    quiet.dismiss("open")
    assert quiet.store.state.problems == (Problem("fit", "b"),)
    stopped: list[str] = []
    for lane in quiet.program.lanes:
        monkeypatch.setattr(lane, "cancel", lambda name=lane.name: stopped.append(name))
    quiet.cancel("task")
    assert stopped == ["task"]


def test_one_session_is_opened_and_of_others_the_log_tells(quiet: Commands) -> None:
    asked: list[tuple[str, list[str]]] = []
    quiet.open_session = lambda path, others: asked.append((path, list(others)))
    quiet.open(["a.fits", "one.sky", "two.SKY"])
    assert asked == [("one.sky", ["a.fits"])]
    assert quiet.store.state.log == ("Only one.sky was opened; one session is open at a time.",)
    quiet.open(["one.sky"])
    assert len(quiet.store.state.log) == 1


# Edits and their history -----------------------------------------------------------------------


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    from skyframe_gui.app.model import store

    now = [0.0]
    monkeypatch.setattr(store.time, "monotonic", lambda: now[0])
    return now


@pytest.mark.parametrize(("seconds", "n"), [(0.99, 1), (1.0, 2)])
def test_edits_of_one_name_are_one_step_within_a_second(
    store: Store, clock: list[float], seconds: float, n: int
) -> None:
    for number in (1, 2):
        store.edit("drag", config=SkyMeasurementConfig(skyRej=number))
        clock[0] += seconds
    for _ in range(n):
        store.undo()
    assert store.state.config == SkyMeasurementConfig()
    assert store.undo_label == ""


def test_edits_of_other_names_or_fields_or_after_undo_are_steps_of_their_own(
    store: Store, clock: list[float]
) -> None:
    one, two = SkyMeasurementConfig(skyRej=1), SkyMeasurementConfig(skyRej=2)
    store.edit("a", config=one)
    store.edit("b", config=two)
    store.undo()
    assert (store.state.config, store.redo_label) == (one, "b")
    store.edit("a", config=two)
    store.undo()
    assert (store.state.config, store.undo_label, store.redo_label) == (one, "a", "a")
    store.edit("a", config=two, options=Options(MaskObjects.NEVER))
    store.undo()
    assert (store.state.config, store.undo_label) == (one, "a")
    store.edit("a", config=one)
    assert store.redo_label == "a", "nothing has changed"


def test_no_more_than_500_edits_can_be_taken_back(store: Store) -> None:
    for number in range(502):
        store.edit(f"edit {number}", config=SkyMeasurementConfig(skyIter=number + 10))
    for _ in range(600):
        store.undo()
    assert store.state.config.skyIter == 11
    store.forget_edits()
    assert (store.undo_label, store.redo_label) == ("", "")


def test_what_is_opened_again_leaves_edits_that_do_other_things(store: Store) -> None:
    store.edit("close a", removed=frozenset({"a"}))
    store.edit("close b and c", removed=frozenset({"a", "b", "c"}))
    store.edit("change", config=CONFIG)
    store.keep_open(["a", "b"])
    store.set(removed=frozenset({"c"}))
    assert store.undo_label == "change"
    store.undo()
    assert store.undo_label == "close b and c"
    store.undo()
    assert (store.state.removed, store.undo_label) == (frozenset(), "")
    store.redo()
    assert store.state.removed == {"c"}


# Limits ----------------------------------------------------------------------------------------

PAIRS = {"95 %": (0.0, 9.5), "98 %": (0.0, 9.8), "zscale": (1.0, 5.0)}


def measured(**more: Any) -> dict[str, Any]:
    return {"exposure": PAIRS, "grid": PAIRS, "model": {"98 %": (2.0, 4.0)}} | more


def a_shown(**more: Any) -> Shown:
    return Shown(**({"key": "a", "width": 10, "height": 10, "xy0": (0, 0)} | more))


def test_limits_are_the_presets_or_the_first_that_are_known() -> None:
    state = State(view=View(measured=measured()))
    assert limits_of(state, "exposure") == (1.0, 5.0)
    assert limits_of(state, "grid") == (0.0, 9.8)
    assert limits_of(state, "subtracted") == (0.0, 1.0), "nothing is known of it"
    other = replace(state, looks=with_look(state.looks, "model", preset="95 %"))
    assert limits_of(other, "model") == (2.0, 4.0)
    own = measured(**{"own grid": {"98 %": (7.0, 8.0)}})
    both = State(view=View(measured=own))
    assert limits_of(both, "grid") == (0.0, 9.8)
    both = replace(both, view=replace(both.view, own_grid=True))
    assert (limits_of(both, "grid"), limits_of(both, "model")) == ((7.0, 8.0), (2.0, 4.0))
    without = replace(state, view=replace(state.view, own_grid=True))
    assert limits_of(without, "grid") == (0.0, 9.8)
    # By hand to what the preset measures is not by hand.
    same = replace(state, looks=with_look(state.looks, "grid", by_hand=(0.0, 9.8)))
    assert preset_name(same, "grid") == "98 %"
    hand = with_look(state.looks, "grid", by_hand=(0.0, 1.0), of="k")
    assert preset_name(replace(state, looks=hand), "grid") == "98 %"
    for chosen in (Selection(exposure="k"), Selection(sky_frame="k")):
        assert preset_name(replace(state, looks=hand, selection=chosen), "grid") == "by hand"


def test_grid_and_model_part_where_the_grid_is_the_exposures_own() -> None:
    grid = BinGrid.from_values([[1.0]], (0, 0, 9, 9))
    shown = a_shown(grid=grid)
    state = State(view=View(own_grid=True), results=Results(shown=shown))
    assert layers_sharing_limits(state, "grid") == ("grid",)
    assert layers_sharing_limits(state, "exposure") == ("exposure",)
    together = ("grid", "model")
    assert layers_sharing_limits(replace(state, view=View()), "model") == together
    for other in (a_shown(), a_shown(grid=grid, own=True)):
        assert layers_sharing_limits(replace(state, results=Results(shown=other)), "grid") == (
            together
        )
    assert layers_sharing_limits(State(view=View(own_grid=True)), "grid") == together


def test_limits_are_measured_anew_for_the_layers_that_are_meant() -> None:
    new = {"exposure": {"zscale": (6.0, 7.0)}, "grid": {"98 %": (6.0, 7.0)}}
    shown = a_shown(limits={**new, "own grid": {"98 %": (3.0, 4.0)}})
    state = State(view=View(measured=measured()), results=Results(shown=shown))
    found = with_limits_of(state, ("grid", "model")).measured
    assert found == {**measured(), "grid": new["grid"], "own grid": {"98 %": (3.0, 4.0)}}
    assert with_limits_of(state, ("exposure",)).measured == {
        **measured(),
        "exposure": new["exposure"],
    }
    assert with_limits_of(replace(state, results=Results()), ("grid",)) is state.view

    class Map:
        limits = MappingProxyType({"98 %": (-1.0, 1.0)})

    a_map: Any = Map()
    view = with_map_limits(View(), a_map)
    assert view.measured == {"residual": a_map.limits}
    assert with_map_limits(view, None, again=True) is view
    there = View(measured={"residual": {"98 %": (-9.0, 9.0)}})
    assert with_map_limits(there, a_map) is there
    assert with_map_limits(there, a_map, again=True) == view
    assert with_map_limits(view, a_map, again=True) is view
    on_screen = State(view=there, results=Results(residual=a_map))
    assert with_limits_of(on_screen, ("residual",)) == view
    assert with_limits_of(on_screen, ("subtracted",)) is there


# Looks in files --------------------------------------------------------------------------------


def test_of_looks_each_thing_that_cannot_be_is_told_by_name() -> None:
    looks, notes = taken_looks(
        {
            "model": {"stretch": "log", "preset": "3 sigma", "colours": "CET-D4", "bins": 8},
            "residual": {"bins": 4, "of": "shown", "by_hand": [1, 1]},
            "subtracted": {"bins": 8, "by_hand": [-1, 2.5], "of": "there"},
            "exposure": {"by_hand": [0, 1], "of": "shown", "x" * 70: 1},
            "grid": 3,
            "y" * 70: {},
        }
    )
    choice, unknown = "this program has no such choice", "it is not known here, or out of bounds"
    assert notes == (
        f"looks.{'y' * 60} is not known and was left out.",
        f"looks.exposure.{'x' * 60} was left out: {unknown}.",
        "looks.grid. was left out: it is no table.",
        f"looks.model.preset was left out: {choice}.",
        f"looks.model.colours was left out: {choice}.",
        f"looks.model.bins was left out: {unknown}.",
        f"looks.subtracted.bins was left out: {unknown}.",
        f"looks.subtracted.of was left out: {choice}.",
        "looks.residual.by_hand was left out: two numbers are needed, the lower one first.",
    )
    assert looks == {
        **DEFAULT_LOOKS,
        "model": replace(DEFAULT_LOOKS["model"], stretch="log"),
        "residual": replace(DEFAULT_LOOKS["residual"], bins=4),
        "subtracted": replace(DEFAULT_LOOKS["subtracted"], by_hand=(-1.0, 2.5)),
        "exposure": replace(DEFAULT_LOOKS["exposure"], by_hand=(0.0, 1.0), of="shown"),
    }
    assert taken_looks([]) == (DEFAULT_LOOKS, ("looks was left out: it is no table.",))
    assert len(taken_looks({f"name {number}": 1 for number in range(20)})[1]) == 10


@pytest.mark.parametrize(
    ("value", "taken"),
    [
        (4, True), (3, False), (65536, True), (65537, False), (True, False), (8.0, False),
        ("8", False),
    ],
)  # fmt: skip
def test_bins_of_the_map_are_whole_and_within_bounds(value: object, taken: bool) -> None:
    looks, notes = taken_looks({"residual": {"bins": value}})
    assert (looks["residual"].bins == value and not notes) is taken


@pytest.mark.parametrize(
    ("pair", "taken"),
    [
        ([1, 2], True), ((1, 2.5), True), ([-1e30, 1e30], True), ([-1.1e30, 0], False),
        ([0, 1.1e30], False), ([2, 2], False), ([1, 2, 3], False), ([True, 2], False),
        ([0, True], False), (["1", 2], False), ([0, 10**400], False), (None, False), ("12", False),
    ],
)  # fmt: skip
def test_limits_by_hand_are_two_numbers_in_order(pair: Any, taken: bool) -> None:
    looks, _ = taken_looks({"model": {"by_hand": pair}})
    wanted = (float(pair[0]), float(pair[1])) if taken else None
    assert looks["model"].by_hand == wanted


def test_looks_are_written_with_what_differs_from_the_config_and_by_hand() -> None:
    looks = with_look(DEFAULT_LOOKS, "exposure", by_hand=(1.0, 2.0), of="a")
    looks = with_look(looks, "subtracted", by_hand=(-1.0, 1.0))
    looks = with_look(looks, "residual", bins=4)
    plain = {"stretch": "linear", "preset": "zscale", "colours": "grey"}
    found = plain_looks(looks, "a")
    assert found["exposure"] == {**plain, "by_hand": [1.0, 2.0], "of": "shown"}
    assert found["subtracted"]["by_hand"] == [-1.0, 1.0]
    assert found["subtracted"]["of"] == ""
    assert found["residual"]["bins"] == 4
    assert "bins" not in found["exposure"]
    assert plain_looks(looks)["exposure"] == plain
    assert plain_looks(looks, "b")["exposure"] == plain
    assert set(found) == set(LOOKED)
    placed = placed_looks(taken_looks(found)[0], "b")
    assert (placed["exposure"].of, placed["subtracted"].of) == ("b", "")


def test_the_view_of_an_old_file_is_taken_as_far_as_it_is_sound() -> None:
    old = {"stretch": "log", "limits_mode": "cube", "limits": {"exposure": [1, 2], "grid": [2, 1]}}
    looks = looks_of_old(old)
    assert looks["exposure"] == Look(stretch="log", by_hand=(1.0, 2.0), of="shown")
    assert looks["grid"] == DEFAULT_LOOKS["grid"]
    assert looks_of_old({"limits": 3}) == DEFAULT_LOOKS


# Sets of sky frames ------------------------------------------------------------------------------


def a_set(name: str, made_at: str = "", **more: Any) -> tuple[Any, ...]:
    """Return the sky frames of a build: of two detectors."""
    return tuple(
        a_frame(
            f"{name} {detector}",
            (ONE.source, TWO.source),
            detector=detector,
            set=name,
            made_at=made_at,
            made_with=CONFIG,
            members=(ONE.key, TWO.key),
            **more,
        )
        for detector in ("1", "2")
    )


@pytest.fixture
def sets(quiet: Commands) -> Commands:
    frames = (*a_set("set 1"), *a_set("set 2", "2026-01-02T03:04"), SKY)
    quiet.store.set(sky_frames=frames, built_sets=frozenset({"set 1", "set 2"}))
    return quiet


KEYS = ("set 1|cam|r", "set 2|cam|r")


def test_sets_are_listed_newest_first_with_what_is_in_them(sets: Commands) -> None:
    files, newer, older = sky_sets(sets.store.state)
    assert (files.name, newer.key, older.key) == ("s1", KEYS[1], KEYS[0])
    assert (newer.name, newer.filter, newer.n_exposures) == ("set 2", "r", 2)
    assert (newer.made_at, older.made_at, files.config) == ("2026-01-02T03:04", "", None)
    assert (newer.config, newer.unsaved, files.unsaved) == (CONFIG, newer.frames, ())
    part = replace(newer.frames[0], excluded_members=frozenset({ONE.key, TWO.key}))
    assert replace(newer, frames=(part,)).n_exposures == 0
    assert replace(newer, frames=(part, newer.frames[1])).n_exposures == 2
    undone = replace(sets.store.state, built_sets=frozenset({"set 1"}))
    assert [one.name for one in sky_sets(undone)] == ["s1", "set 1"]
    assert (free_set(sets.store.state), free_set(State())) == ("set 3", "set 1")
    assert set_of_frame(sets.store.state, "gone") is None


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (("/n/sky-1.fits", "/n/sky-2.fits"), ["n"]),
        (("/n/sky-1.fits",), ["sky-1.fits"]),
        (("sky-1.fits", "sky-2.fits"), ["sky-1.fits"]),
        (("/n/2-sky-1.fits", "/n/2-sky-2.fits"), ["n"]),
        (("/n/sky-11.fits", "/n/sky-2.fits"), ["sky-2.fits", "sky-11.fits"]),
        (("/n/sky-001.fits", "/n/sky-002.fits"), ["n"]),
        (("/n/sky-1.fits", "/m/sky-2.fits"), ["sky-2.fits", "sky-1.fits"]),
    ],
)
def test_files_that_are_named_alike_are_a_set(paths: tuple[str, ...], names: list[str]) -> None:
    frames = tuple(
        a_frame(path, name=path.rpartition("/")[2], detector=str(number))
        for number, path in enumerate(paths, 1)
    )
    assert [one.name for one in sky_sets(State(sky_frames=frames))] == names


def test_sets_of_one_name_and_filter_are_called_by_what_tells_them_apart() -> None:
    frames = [
        a_frame(f"/n/sky-of-{band}/sky-3.fits", name="sky-3.fits", sky_frame=a_sky_frame(filter=""))
        for band in "gr"
    ]
    for camera in ("MegaPrime", "GMOS-N"):
        for band in "ri" if camera == "GMOS-N" else "r":
            sky_frame = a_sky_frame(instrument=camera, filter=band)
            frames.append(a_frame(camera, (ONE.source,), set="set 1", sky_frame=sky_frame))
    state = State(sky_frames=tuple(frames), built_sets=frozenset({"set 1"}))
    names = [one.name for one in reversed(sky_sets(state))]
    assert names == ["sky-of-g", "sky-of-r", "set 1 MegaPrime", "set 1 GMOS-N", "set 1"]
    named = replace(state, set_names=MappingProxyType({sky_sets(state)[1].key: "mine"}))
    assert sky_sets(named)[1].name == "mine"


def test_a_set_is_used_for_its_kind_and_can_be_taken_back(sets: Commands) -> None:
    store = sets.store
    assert sets_in_use(store.state) == {KEYS[1], SKY.set_key}
    sets.sets.use("gone")
    assert store.undo_label == ""
    store.set(selection=Selection(exposure=ONE.key, sky_frame="s1"), chosen_sets=frozenset({"x"}))
    sets.select_sky_frame("set 1 2")
    assert (store.undo_label, store.state.chosen_sets) == ("use set 1", {"x", KEYS[0]})
    assert store.state.selection == Selection(exposure=ONE.key)
    sets.sets.use(KEYS[1])
    assert store.state.chosen_sets == {"x", KEYS[1]}
    sets.undo()
    assert store.state.chosen_sets == {"x", KEYS[0]}
    assert sets_in_use(store.state) == {KEYS[0]}
    sets.sets.look_at(KEYS[0])
    assert store.state.selection == Selection(sky_frame="set 1 1")
    sets.step_exposure(1)
    assert store.state.selection.sky_frame == "set 1 2"
    sets.sets.use(KEYS[1])
    assert store.state.selection == Selection(sky_frame="set 2 2"), "the same detector"
    sets.step_exposure(-1)
    sets.step_exposure(-1)
    assert store.state.selection.sky_frame == "set 2 2"
    sets.select_exposure(TWO.key)
    sets.sets.look_at(KEYS[1])
    assert store.state.selection.sky_frame == "set 2 2"
    sets.sets.look_at("gone")
    assert store.state.selection.sky_frame == "set 2 2"


def test_a_set_is_named_pinned_and_thrown_away(sets: Commands) -> None:
    store = sets.store
    sets.sets.rename(KEYS[0], "  mine ")
    assert (store.undo_label, store.state.set_names) == ("name a sky set", {KEYS[0]: "mine"})
    sets.sets.use(KEYS[0])
    assert store.undo_label == "use mine"
    sets.sets.rename(KEYS[0], "")
    assert sky_set(store.state, KEYS[0]).name == "set 1"  # type: ignore[union-attr]
    sets.sets.pin("B", KEYS[1])
    pin = store.state.pins["B"]
    assert (store.undo_label, pin.sky_frame, pin.config) == ("pin B", "set 2 1", store.state.config)
    assert re.fullmatch(r"\d\d:\d\d", pin.at)
    sets.sets.pin("A", "gone")
    sets.sets.throw_away("gone")
    assert store.undo_label == "pin B"
    sets.sets.throw_away(KEYS[0])
    assert store.undo_label == "throw set 1 away"
    assert store.state.removed == {"set 1 1", "set 1 2"}
    assert store.state.chosen_sets == frozenset()
    assert store.state.selection.exposure == ONE.key
    sets.sets.look_at(KEYS[1])
    sets.sets.throw_away(KEYS[1])
    assert store.state.selection.exposure == ONE.key, "what was looked at is gone"
    store.set(exposures=())
    sets.sets.look_at(SKY.set_key)
    sets.sets.throw_away(SKY.set_key)
    assert store.state.selection.exposure == ""


def test_an_older_set_keeps_to_itself_what_is_left_out_of_it(sets: Commands) -> None:
    store = sets.store
    frame = store.state.sky_frames[0]
    shown = Shown(key="a", width=1, height=1, xy0=(0, 0), sky_frame=frame)
    store.set(results=Results(shown=shown))
    sets.sets.switch_member(ONE.key)
    assert store.state.excluded_members == {ONE.key}
    sets.undo()
    store.set(set_exclusions=MappingProxyType({KEYS[0]: frozenset({TWO.key})}))
    sets.sets.switch_member(ONE.key)
    assert store.undo_label == "leave 1 exposure out of a sky set"
    assert store.state.set_exclusions == {KEYS[0]: {ONE.key, TWO.key}}
    assert store.state.excluded_members == frozenset()
    sets.sets.switch_member(TWO.key)
    assert store.undo_label == "take 1 exposure back into a sky set"
    assert store.state.set_exclusions == {KEYS[0]: {ONE.key}}


def test_the_next_visit_is_shown_at_the_same_detector(quiet: Commands) -> None:
    later = an_exposure("l2.fits", visit="8", date="2026-01-02T04:00:00", detector="2")
    other = an_exposure("n.fits", visit="9", date="2026-01-03T04:00:00", night="2026-01-02")
    quiet.store.set(exposures=(ONE, TWO, LATER, later, other))
    seen = []
    for exposure, by in ((ONE, 1), (LATER, 1), (other, 1), (other, -1), (TWO, 1), (later, 1)):
        quiet.select_exposure(exposure.key)
        quiet.step_visit(by)
        seen.append(quiet.store.state.selection.exposure)
    assert seen == [LATER.key, other.key, other.key, LATER.key, later.key, later.key]
    quiet.select_exposure(later.key)
    quiet.step_visit(-1)
    assert quiet.store.state.selection.exposure == TWO.key
    quiet.select_exposure("")
    quiet.step_visit(1)
    assert quiet.store.state.selection.exposure == ""


# The ticks and the set in use --------------------------------------------------------------------


def unticked(commands: Commands) -> set[str]:
    return set(excluded(commands.store.state, "sky"))


@pytest.fixture
def two_built(sets: Commands) -> Commands:
    """Of the first set LATER was no member; the second, the newest, is without TWO."""
    store = sets.store
    exclusions = {KEYS[0]: frozenset({LATER.key})}
    store.set(
        sky_frames=store.state.sky_frames[:-1],
        excluded_members=frozenset({TWO.key}),
        set_exclusions=MappingProxyType(exclusions),
    )
    return sets


def test_ticks_are_those_of_the_set_in_use_and_change_no_other(two_built: Commands) -> None:
    store = two_built.store
    first, second = store.state.sky_frames[0], store.state.sky_frames[2]
    assert unticked(two_built) == {TWO.key}
    assert sets_that_are_ticked(store.state) == ()
    two_built.sets.use(KEYS[0])
    assert unticked(two_built) == {LATER.key}
    assert [one.key for one in sets_that_are_ticked(store.state)] == [KEYS[0]]
    assert exposures_for(store.state, "sky") == (ONE, TWO), "Build takes what is ticked"
    two_built.set_role("sky", [ONE.key], on=False)
    assert excluded_from(store.state, first) == {ONE.key}
    assert excluded_from(store.state, second) == {TWO.key}
    two_built.sets.use(KEYS[1])
    assert unticked(two_built) == {TWO.key}
    two_built.set_role("sky", [ONE.key, TWO.key], on=False)
    two_built.set_role("sky", [TWO.key], on=True)
    assert excluded_from(store.state, second) == {ONE.key}
    two_built.sets.use(KEYS[0])
    two_built.set_only_role("sky", [ONE.key])
    assert excluded_from(store.state, first) == set()
    assert excluded_from(store.state, second) == {ONE.key}
    two_built.undo()
    assert excluded_from(store.state, first) == {ONE.key}


def test_a_build_leaves_older_sets_as_they_are_and_is_without_what_was_unticked(
    two_built: Commands,
) -> None:
    store = two_built.store
    two_built.sets.use(KEYS[0])
    two_built.set_role("sky", [ONE.key], on=False)
    changes = left_behind(store.state, a_set("set 3"))
    assert changes["chosen_sets"] == set()
    assert changes["excluded_members"] == {ONE.key, LATER.key}
    assert changes["set_exclusions"] == {KEYS[0]: {ONE.key, LATER.key}, KEYS[1]: {LATER.key}}
    # That of another filter concerns neither.
    other = a_frame("i", (LATER.source,), set="set 3", sky_frame=a_sky_frame(filter="i"))
    changes = left_behind(store.state, (other,))
    assert changes["chosen_sets"] == {KEYS[0]}
    assert changes["excluded_members"] == {TWO.key}


def test_a_set_of_an_unknown_filter_serves_each_filter_once_it_is_chosen(sets: Commands) -> None:
    store = sets.store
    unknown = a_frame("u.fits", sky_frame=a_sky_frame(filter="", instrument=""))
    store.set(sky_frames=(*store.state.sky_frames[:-1], unknown))
    built = store.state.sky_frames[2]
    assert unknown in sky_frames_for(store.state, ONE.source)
    assert sky_frame_of(store.state, ONE.source) is built
    assert sets_in_use(store.state) == {KEYS[1]}
    sets.sets.use(unknown.set_key)
    assert sky_frame_of(store.state, ONE.source) is unknown
    assert sets_in_use(store.state) == {unknown.set_key, KEYS[1]}, "of detector 2 there is no other"
    sets.sets.use(KEYS[1])
    assert sky_frame_of(store.state, ONE.source) is built
    assert sets_in_use(store.state) == {KEYS[1]}
    sets.sets.use(unknown.set_key)
    assert sky_frame_of(store.state, ONE.source) is unknown, "again"
    changes = left_behind(store.state, a_set("set 3"))
    assert changes["chosen_sets"] == {unknown.set_key, "set 3|cam|r"}, "it is what is wanted now"


def test_after_closing_one_goes_on_with_the_next_of_the_list(quiet: Commands) -> None:
    store = quiet.store
    quiet.select_exposure(TWO.key)
    quiet.close_items([TWO.key])
    assert store.state.selection.exposure == LATER.key
    quiet.close_items([LATER.key])
    assert store.state.selection.exposure == ONE.key
    quiet.close_items([ONE.key])
    assert store.state.selection.exposure == ""
