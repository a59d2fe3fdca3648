"""What several parts of the program ask of a state: one answer each, right at its edges."""

from __future__ import annotations

import math
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from fitted_visits import make_fit
from made_items import NIGHT, a_frame, a_sky_frame, a_source, an_exposure

from skyframe_gui.app.model import missing, problems, queries, requests
from skyframe_gui.app.model.comparison import Pin, Sweep, with_fields
from skyframe_gui.app.model.config_hints import background_hints, background_note
from skyframe_gui.app.model.items import Assigned, BadFile, Facts, Options, Recent
from skyframe_gui.app.model.looks import with_look
from skyframe_gui.app.model.pins import is_of_pin, pin_of, sides_of
from skyframe_gui.app.model.pins import is_stale as is_stale_pair
from skyframe_gui.app.model.recent import MOST, contents, with_opened
from skyframe_gui.app.model.results import Job, Problem, Results
from skyframe_gui.app.model.shown import Shown
from skyframe_gui.app.model.state import State
from skyframe_gui.app.model.store import Store
from skyframe_gui.app.model.view import Selection, View
from skyframe_gui.engine import BinGrid, SkyFrameError, SkyMeasurementConfig
from skyframe_gui.engine.config import SkyStatsConfig
from skyframe_gui.files.fits.exposure_planes import PlaneRef
from skyframe_gui.workflow.options import MaskObjects, Normalise

if TYPE_CHECKING:
    from pathlib import Path

    from skyframe_gui.app.model.items import ExposureItem

ONE, TWO = an_exposure("one.fits"), an_exposure("two.fits", detector="2")
LATER = an_exposure("later.fits", visit="8", date="2026-01-02T04:00:00")
ALL = (ONE, TWO, LATER)
SKY_1, NEWER_1, SKY_2 = a_frame("s1"), a_frame("n1"), a_frame("s2", detector="2")
FRAMES = (SKY_1, NEWER_1, SKY_2)
CONFIG = SkyMeasurementConfig()


def looking_at(item: ExposureItem | None = ONE, sky_frame: str = "", **more: Any) -> State:
    selection = Selection(exposure=item.key if item else "", sky_frame=sky_frame)
    return State(**{"exposures": ALL, "sky_frames": FRAMES, "selection": selection} | more)


def a_shown(key: str = ONE.key, **more: Any) -> Shown:
    return Shown(key=key, width=100, height=80, xy0=(0, 0), **more)


def test_the_engine_is_prepared_while_its_own_job_runs() -> None:
    jobs = Job(lane="full", label="x"), Job(lane="warm-up", label="x")
    assert not queries.engine_is_prepared(State(jobs=jobs[:1]))
    assert queries.engine_is_prepared(State(jobs=jobs))


def test_the_list_has_what_was_not_taken_off_it_as_a_person_has_named_it() -> None:
    state = looking_at()
    assert queries.open_exposures(state) is ALL
    off = replace(state, removed=frozenset({TWO.key, "s1"}))
    assert queries.open_exposures(off) == (ONE, LATER)
    assert queries.open_sky_frames(off) == (NEWER_1, SKY_2)
    named = replace(off, assigned={LATER.key: Assigned(visit="7", detector="9", filter="g")})
    (same, other) = queries.open_exposures(named)
    assert same is ONE
    assert (other.source.visit, other.source.detector, other.source.filter) == ("7", "9", "g")
    assert other.source.date == LATER.source.date
    assert queries.open_exposure(named, LATER.key) == other
    assert queries.open_exposure(named, TWO.key) is None
    night = Assigned(visit="7", detector="9", night="2026-01-05")
    assert night.source(LATER.source).date == ""
    same_night = replace(night, night=LATER.source.night)
    assert same_night.source(LATER.source).date == LATER.source.date


def test_a_role_is_for_those_that_have_it_and_can_be_used() -> None:
    state = looking_at(
        excluded_members=frozenset({ONE.key}),
        excluded_exposures=frozenset({TWO.key}),
        facts={LATER.key: Facts(problem="It is gone."), ONE.key: Facts()},
    )
    assert queries.exposures_for(state, "sky") == (TWO,)
    assert queries.exposures_for(state, "science") == (ONE,)
    assert queries.excluded(state, "sky") == {ONE.key}


def test_why_there_is_none_for_a_role_names_what_to_tick() -> None:
    everything = frozenset(item.key for item in ALL)
    bad = {item.key: Facts(problem="no") for item in ALL}
    state = looking_at()
    assert queries.why_none_for(State(), "sky") == "No exposure is open; open one first."
    assert queries.why_none_for(state, "sky") == ""
    assert queries.why_none_for(replace(state, facts=bad), "sky") == (
        "No exposure can be used; the Data panel says why at each."
    )
    out = replace(state, excluded_members=everything, excluded_exposures=everything)
    assert queries.why_none_for(out, "sky") == (
        "Every exposure is left out of sky frames; tick sky at one in the Data panel first."
    )
    assert queries.why_none_for(out, "science") == (
        "No exposure is science; tick sci at one in the Data panel first."
    )
    # Excluded or bad, one of them could be ticked and still not be used.
    mixed = replace(state, facts=bad, excluded_members=everything - {ONE.key})
    assert "the Data panel says why" in queries.why_none_for(mixed, "sky")


def test_a_visit_is_that_of_its_exposures() -> None:
    state = looking_at(TWO)
    assert queries.shown_visit(state) == ("7", (ONE, TWO))
    assert queries.visit_of(state, LATER.key) == "8"
    assert queries.visit_of(state, "gone") == ""
    assert queries.shown_visit(looking_at(None)) == ("", ())
    assert queries.shown_exposure(state) is TWO


def test_the_sky_frame_of_an_exposure_is_the_selected_one_or_the_newest() -> None:
    assert queries.sky_frames_for(looking_at(), ONE.source) == (SKY_1, NEWER_1)
    assert queries.sky_frame_of(looking_at(), ONE.source) is NEWER_1
    assert queries.sky_frame_of(looking_at(sky_frame="s1"), ONE.source) is SKY_1
    assert queries.sky_frame_of(looking_at(sky_frame="s1"), TWO.source) is SKY_2
    assert queries.sky_frame_of(looking_at(sky_frames=()), ONE.source) is None
    assert queries.sky_frames_in_use(looking_at(sky_frame="s1")) == (SKY_1, SKY_2)
    assert queries.sky_frames_in_use(looking_at()) == (NEWER_1, SKY_2)


def test_the_scale_on_screen_is_the_fitted_one_or_the_one_that_is_tried() -> None:
    fit = make_fit()
    solution = fit.solution
    shown, trial = a_shown(fit.keys[1]), View(trial=2.5)
    state = State(results=Results(shown=shown, fit=fit))
    assert queries.scale_of(state) == (solution.scale, solution.error)
    assert queries.scale_of(replace(state, view=trial)) == (2.5, solution.error)
    unknown = replace(fit, solution=replace(solution, error=math.nan))
    tried = State(results=Results(shown=shown, fit=unknown), view=trial)
    assert queries.scale_of(tried)[0] == solution.scale  # type: ignore[index]  # it has one
    failed = replace(fit, solution=replace(solution, scale=math.nan))
    assert queries.scale_of(State(results=Results(shown=shown, fit=failed))) is None
    assert queries.scale_of(State(results=Results(shown=a_shown("x"), fit=fit))) is None
    assert queries.scale_of(State(results=Results(fit=fit))) is None
    assert queries.scale_of(State(results=Results(shown=shown))) is None


def test_a_stamp_is_size_and_time_of_a_file_and_nothing_where_it_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"12345")
    os.utime(path, ns=(1, 1_700_000_000_123_456_789))
    assert queries.stamp_of(path) == (5, 1_700_000_000_123_456_789)
    assert queries.stamp_of(tmp_path / "b") == (0, 0)


def test_the_frame_on_screen_is_the_one_of_the_list_as_it_is_now() -> None:
    old = a_frame("built 1", sources=(ONE.source, TWO.source))
    again = replace(old, name="built from 1 of 2")
    state = State(sky_frames=(again, SKY_1), results=Results(shown=a_shown(sky_frame=old)))
    assert queries.frame_on_screen(state) is again
    assert queries.inspected(state) is again
    gone = replace(state, sky_frames=())
    assert queries.frame_on_screen(gone) is old
    of_file = State(sky_frames=FRAMES, results=Results(shown=a_shown(sky_frame=SKY_1)))
    assert queries.frame_on_screen(of_file) is SKY_1
    assert queries.inspected(of_file) is None
    assert queries.frame_on_screen(State(results=Results(shown=a_shown()))) is None
    assert queries.frame_on_screen(State()) is None


def test_bins_of_the_map_are_chosen_or_those_of_the_config() -> None:
    background = CONFIG.background.model_copy(
        update={"xBinSize": 30, "yBinSize": 50, "algorithm": "LINEAR"}
    )
    state = State(config=CONFIG.model_copy(update={"background": background}))
    assert queries.bins_of(state) == (30, 50)
    assert queries.background_of(state) == background.model_copy(update={"algorithm": "CONSTANT"})
    chosen = replace(state, looks=with_look(state.looks, "residual", bins=16))
    assert queries.bins_of(chosen) == (16, 16)
    found = queries.background_of(chosen)
    assert (found.xBinSize, found.yBinSize) == (16, 16)


def test_inputs_are_all_files_that_are_read_and_none_that_was_made_here() -> None:
    planes = {name: PlaneRef(NIGHT / f"{name}.fits", 0) for name in ("mask", "variance", "weight")}
    item = an_exposure(
        "two.fits",
        image=PlaneRef(NIGHT / "pixels.fits", 0),
        mask=planes["mask"],
        variance=planes["variance"],
        more_masks=(planes["weight"],),
    )
    saved = a_frame("built 1", sources=(ONE.source,), path="/night/saved.fits")
    state = State(exposures=(ONE, item), sky_frames=(SKY_1, saved, a_frame("x", path="")))
    found = ["one", "pixels", "mask", "variance", "weight", "two"]
    assert queries.inputs_of(state) == (*(f"/night/{name}.fits" for name in found), "s1")


# What the engine is asked ----------------------------------------------------------------------


def test_a_request_has_the_science_of_the_visit_that_has_sky_frames() -> None:
    found = requests.request_of(looking_at(excluded_samples=frozenset({(ONE.key, (0, 0, 1, 1))})))
    assert (found.shown, found.sky_frame, found.visit) == (ONE, NEWER_1, "7")
    assert (found.members, found.frames) == ((ONE, TWO), (NEWER_1, SKY_2))
    assert found.excluded_samples == {(ONE.key, (0, 0, 1, 1))}
    without = requests.request_of(looking_at(excluded_exposures=frozenset({ONE.key})))
    assert (without.shown, without.members, without.frames) == (ONE, (TWO,), (SKY_2,))
    bare = requests.request_of(looking_at(TWO, sky_frames=(SKY_1,)))
    assert (bare.shown, bare.sky_frame, bare.members) == (TWO, None, (ONE,))
    alone = requests.request_of(looking_at(None, sky_frame="s2"))
    assert (alone.shown, alone.sky_frame, alone.visit, alone.members) == (None, SKY_2, "", ())
    nothing = requests.request_of(looking_at(None))
    assert (nothing.shown, nothing.sky_frame) == (None, None)


def test_a_fit_depends_on_all_that_it_reads_and_on_nothing_else() -> None:
    state = looking_at()
    first = requests.fit_inputs(requests.request_of(state))
    built = a_frame("n1", sources=(ONE.source,))
    changes: list[tuple[bool, dict[str, Any]]] = [
        (True, {"config": CONFIG.model_copy(update={"skyIter": 1})}),
        (True, {"config": CONFIG.model_copy(update={"skyRej": 1.0})}),
        (True, {"config": CONFIG.model_copy(update={"xNumSamples": 2})}),
        (True, {"config": CONFIG.model_copy(update={"yNumSamples": 2})}),
        (True, {"config": CONFIG.model_copy(update={"stats": SkyStatsConfig(nIter=1)})}),
        (True, {"options": Options(mask_objects=MaskObjects.NEVER)}),
        (True, {"excluded_samples": frozenset({(ONE.key, (0, 0, 1, 1))})}),
        (True, {"exposures": (replace(ONE, stamp=(10, 21)), TWO, LATER)}),
        (True, {"exposures": (ONE, LATER)}),
        (True, {"assigned": {ONE.key: Assigned(visit="7", detector="1", filter="g")}}),
        (True, {"sky_frames": (SKY_1, SKY_2)}),
        (True, {"sky_frames": (SKY_1, replace(NEWER_1, sky_frame=a_sky_frame()), SKY_2)}),
        (True, {"sky_frames": (SKY_1, built, SKY_2)}),
        (False, {"options": Options(normalise=Normalise.LEVEL)}),
        (False, {"excluded_members": frozenset({ONE.key})}),
        (False, {"selection": Selection(exposure=TWO.key)}),
        (False, {"sky_frames": (NEWER_1, SKY_2)}),
    ]
    for differs, change in changes:
        found = requests.fit_inputs(requests.request_of(replace(state, **change)))
        assert (found != first) is differs, change
    later = requests.fit_inputs(requests.request_of(looking_at(LATER)))
    assert later != first


def test_a_style_is_the_files_own_or_that_of_the_config_for_what_was_built_here() -> None:
    def config(algorithm: str | None) -> SkyMeasurementConfig:
        background = CONFIG.background.model_copy(update={"algorithm": algorithm})
        return CONFIG.model_copy(update={"background": background})

    built = a_frame("built 1", sources=(ONE.source,))
    assert requests.algorithm_of(SKY_1, config("CONSTANT")) == "LINEAR"
    assert requests.algorithm_of(built, config("CONSTANT")) == "CONSTANT"
    assert requests.algorithm_of(built, config("NONE")) == "LINEAR"
    assert requests.algorithm_of(built, config(None)) == "LINEAR"


def test_a_fit_is_stale_when_it_is_of_something_else() -> None:
    state = looking_at()
    of_now = replace(make_fit(), made_from=requests.fit_inputs(requests.request_of(state)))
    assert not requests.fit_is_stale(state)
    state = replace(state, results=Results(fit=of_now))
    assert not requests.fit_is_stale(state)
    other = replace(state, config=CONFIG.model_copy(update={"skyRej": 1.0}))
    assert requests.fit_is_stale(other)


# A and B ---------------------------------------------------------------------------------------


def test_a_side_is_pinned_or_what_is_set_now() -> None:
    state = looking_at(sky_frame="s1", excluded_samples=frozenset({(ONE.key, (0, 0, 1, 1))}))
    now = pin_of(state)
    assert now == Pin(
        config=state.config,
        options=state.options,
        sky_frame="s1",
        excluded_samples=state.excluded_samples,
    )
    a, b = replace(now, sky_frame="a"), replace(now, sky_frame="b")
    assert sides_of(state) is None
    assert sides_of(replace(state, pins={"B": b})) is None
    assert sides_of(replace(state, pins={"A": a})) == (a, now)
    assert sides_of(replace(state, pins={"A": a, "B": b})) == (a, b)


def a_sweep(state: State, values: tuple[object, ...] = (2.0, 4.0), **more: Any) -> Sweep:
    made_from = requests.fit_inputs(requests.request_of(state))
    known = {"fields": ("skyRej",), "values": (values,), "visit": "7", "config": state.config}
    return Sweep(**(known | {"made_from": made_from} | more))


def test_a_sweep_is_stale_when_what_it_holds_fast_has_changed() -> None:
    state = looking_at()
    sweep = a_sweep(state)
    assert not is_stale_pair(state, sweep)
    # The config of now may be any other: the sweep has its own.
    assert not is_stale_pair(replace(state, config=CONFIG.model_copy(update={"skyIter": 1})), sweep)
    assert is_stale_pair(replace(state, options=Options(MaskObjects.NEVER)), sweep)
    assert not sweep.complete
    point = with_fields(CONFIG, {"skyRej": 2.0})
    assert point.skyRej == 2.0
    with pytest.raises(SkyFrameError, match=r"^The sweep: the config has no field colour\.$"):
        with_fields(CONFIG, {"colour": 2.0})


def test_a_sweep_of_the_pin_is_of_it_until_another_is_pinned() -> None:
    state = looking_at()
    pin = pin_of(state)
    pinned = replace(state, pins={"A": pin})
    sweep = replace(a_sweep(state), pinned=a_sweep(state))
    assert is_of_pin(pinned, sweep)
    assert not is_of_pin(state, sweep)
    assert not is_of_pin(pinned, a_sweep(state))

    def with_pin(**changes: Any) -> State:
        return replace(state, pins={"A": replace(pin, **changes)})

    assert is_of_pin(with_pin(config=CONFIG.model_copy(update={"skyRej": 9.0})), sweep)
    assert not is_of_pin(with_pin(config=CONFIG.model_copy(update={"skyIter": 1})), sweep)
    assert not is_of_pin(with_pin(options=Options(MaskObjects.NEVER)), sweep)
    assert not is_of_pin(with_pin(sky_frame="s1"), sweep)


# What was opened before, and the log ------------------------------------------------------------


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ((), ""),
        ((ONE,), "1 visit, 1 exposure"),
        ((ONE, TWO), "1 visit, 2 exposures"),
        ((ONE, LATER, SKY_1), "2 visits, 2 exposures, 1 sky frame"),
        ((SKY_1, SKY_2), "2 sky frames"),
        ((an_exposure(visit=""),), "1 exposure"),
    ],
)
def test_contents_count_each_kind_that_is_there(items: Any, expected: str) -> None:
    assert contents(items) == expected


def test_what_was_opened_comes_first_and_a_folder_for_several_of_its_files() -> None:
    bad = BadFile("/night/bad.fits", "no")
    before = (Recent("/night"), Recent("/else"))
    one = str(ONE.source.path)
    (first, *rest) = with_opened(before, [one, bad.path], [ONE, bad])
    assert (first.path, first.contents, rest) == (one, "1 visit, 1 exposure", list(before))
    assert len(first.opened) == len("2026-01-02T03:04")
    two = with_opened(before, [one, str(TWO.source.path)], [ONE, TWO])
    assert [(item.path, item.contents) for item in two] == [
        ("/night", "1 visit, 2 exposures"),
        ("/else", ""),
    ]
    frame = with_opened((), ["s1"], [SKY_1])
    assert [(item.path, item.contents) for item in frame] == [("s1", "1 sky frame")]
    folder = with_opened((), ["/night", "/nig"], [ONE, LATER])
    assert [(item.path, item.contents) for item in folder] == [("/night", "2 visits, 2 exposures")]
    assert with_opened(before, ["/night/bad.fits"], [bad]) == before
    many = tuple(Recent(str(number)) for number in range(MOST))
    assert len(with_opened(many, [one], [ONE])) == MOST == 20


@pytest.fixture
def logging(qapp: object) -> Store:
    return Store()


def test_a_problem_takes_the_place_of_an_older_one_of_its_origin(logging: Store) -> None:
    one, other = Problem("open", "First."), Problem("fit", "Second.", "line 1\nline 2")
    again = Problem("open", "Third.")
    for problem in (one, other, again):
        problems.report(logging, problem)
    assert logging.state.problems == (other, again)
    assert logging.state.log == ("First.", "Second.", "line 1", "line 2", "Third.")
    problems.clear_problem(logging, "fit")
    assert logging.state.problems == (again,)
    before = logging.state
    problems.clear_problem(logging, "fit")
    problems.write_log(logging)
    assert logging.state is before


def test_of_a_long_log_the_end_is_kept(logging: Store) -> None:
    problems.write_log(logging, *(f"line {number}" for number in range(1999)))
    problems.write_log(logging, "a", "b")
    assert len(logging.state.log) == 2000
    assert (logging.state.log[0], logging.state.log[-1]) == ("line 1", "b")


def test_a_source_that_belongs_to_no_visit_is_one_of_its_own() -> None:
    nameless = (an_exposure("x.fits", visit=""), an_exposure("y.fits", visit=""))
    assert queries.visits(nameless) == {"x": nameless[:1], "y": nameless[1:]}
    assert a_source("x.fits").path == NIGHT / "x.fits"


# What is missing, and what does nothing -----------------------------------------------------------


def test_fields_that_do_nothing_with_a_frame_from_a_file_say_so() -> None:
    grid = BinGrid.from_values(np.ones((2, 3)), (10, 20, 129, 119))
    frame = a_frame("s1", sky_frame=replace(a_sky_frame(), grid=grid))
    idle = "not in the fit: sky frame from file"
    times = "\N{MULTIPLICATION SIGN}"
    assert background_hints(looking_at(sky_frames=(frame,))) == {
        "background.statistic": idle,
        "background.xBinSize": f"sky frame from file: bins of 40 {times} 50 px",
        "background.algorithm": "sky frame from file: LINEAR is used",
        "background.mask": idle,
    }
    assert background_note(looking_at(sky_frames=(frame,))) == "for the next build"
    assert background_hints(looking_at(sky_frames=())) == {}
    assert background_note(looking_at(sky_frames=())) == ""


def test_fields_that_a_set_was_built_with_otherwise_ask_for_a_new_build() -> None:
    made = SkyMeasurementConfig()
    built = replace(a_frame("built 1", sources=(ONE.source,)), made_with=made)
    background = made.background.model_copy(
        update={"xBinSize": 40, "algorithm": "LINEAR", "mask": ("SAT",)}
    )
    state = looking_at(sky_frames=(built,))
    assert background_hints(state) == {}
    assert background_note(state) == ""
    state = replace(state, config=made.model_copy(update={"background": background}))
    planes = "SAT, BAD, EDGE, DETECTED, DETECTED_NEGATIVE, NO_DATA"
    assert background_hints(state) == {
        "background.xBinSize": "made with 32; build again to use this",
        "background.mask": f"made with {planes}; build again to use this",
    }
    assert background_note(state) == "changes need a new build"


@pytest.mark.parametrize(
    ("detectors", "words"),
    [
        (("2",), "det 2"),
        (("10", "2", "det 3"), "det 2, 3, 10"),
        (("2", "3", "4", "5"), "det 2, 3, 4, 5"),
        (("2", "3", "4", "5", "6"), "5 other detectors"),
        (("",), "other detectors"),
    ],
)
def test_detectors_of_what_is_open_are_named_in_order(
    detectors: tuple[str, ...], words: str
) -> None:
    items = tuple(
        an_exposure(f"{number}.fits", detector=one) for number, one in enumerate(detectors)
    )
    state = looking_at(None, sky_frame="s1", exposures=items, sky_frames=(SKY_1,))
    assert missing.why_no_exposure(state) == (
        f"The sky frame is of det 1, but the open exposures are of {words}."
    )


def test_what_is_missing_is_told_with_what_helps() -> None:
    alone = looking_at(None, sky_frame="s1", exposures=(), sky_frames=(SKY_1,))
    assert missing.why_no_exposure(alone) == (
        "Only sky frames are open: open an exposure of det 1."
    )
    assert missing.why_no_fit(alone) == missing.why_no_exposure(alone)
    there = replace(alone, exposures=ALL)
    by_itself = "A sky frame is looked at by itself: choose an exposure of det 1 in the list."
    assert missing.why_no_exposure(there) == missing.why_no_fit(there) == by_itself
    nameless = a_frame("s", sky_frame=a_sky_frame(detector=""))
    bare = replace(there, sky_frames=(nameless,), selection=Selection(sky_frame="s"))
    assert missing.why_no_exposure(bare) == by_itself.replace("det 1", "its detector")
    assert missing.why_no_fit(State()) == (
        "A fit needs an exposure and the sky frame of the same detector: open them."
    )
    assert missing.why_no_fit(looking_at(sky_frames=())) == (
        "There is no sky frame yet: build one from the exposures (Ctrl+B), or open one."
    )
    bad = {item.key: Facts(problem="no") for item in ALL}
    assert missing.why_no_fit(looking_at(facts=bad)) == (
        "No exposure of visit 7 can be used: the Data panel says why at each."
    )
    other = a_frame("s9", detector="9", sky_frame=a_sky_frame(detector="9"))
    assert missing.why_no_fit(looking_at(sky_frames=(other,))) == (
        "The sky frames are of det 9, but visit 7 is of det 1, 2: build or open its own."
    )
    bands = [
        a_frame(band, sky_frame=a_sky_frame(filter=band, instrument="")) for band in ("z", "g")
    ]
    assert missing.why_no_fit(looking_at(sky_frames=tuple(bands))) == (
        "The sky frames are of filter g, z, but visit 7 is of filter r: build or open its own."
    )
    cams = [a_frame(cam, sky_frame=a_sky_frame(instrument=cam, filter="r")) for cam in ("X", "Y")]
    assert missing.why_no_fit(looking_at(sky_frames=tuple(cams))) == (
        "No sky frame is of instrument, filter and detector of visit 7: build or open one."
    )


def test_why_there_is_no_image_is_told_by_what_is_open() -> None:
    opening = State(jobs=(Job(lane="open", label="x"),))
    assert missing.what_opens(opening) == (
        "Files are being opened",
        "The images appear by themselves.",
    )
    nothing = ("Nothing is open", "Open exposures, or drop their files or folder here.")
    assert missing.what_opens(State()) == nothing
    for state in (State(exposures=(ONE,)), State(sky_frames=(SKY_1,))):
        assert missing.what_opens(state) == (
            "Nothing to show yet",
            "Choose an exposure or a sky set in the Data panel; a large file takes a moment.",
        )
    bad = State(bad_files=(BadFile("a", "b"),))
    assert missing.what_opens(bad) == (
        "No exposure and no sky frame is open",
        "The Data panel says why of each file.",
    )
    assert missing.what_opens(replace(bad, removed=frozenset("a"))) == nothing


def test_nights_are_in_order_and_filters_as_they_were_opened() -> None:
    items = tuple(
        an_exposure(f"{visit}.fits", visit=visit, night=night, filter=band, date="")
        for visit, night, band in (
            ("5", "", "r"), ("4", "2026-01-02", "r"), ("3", "2026-01-01", "z"),
            ("2", "2026-01-01", "g"), ("1", "2026-01-01", "z"),
        )
    )  # fmt: skip
    assert list(queries.visits_by_night(State(exposures=items)).items()) == [
        (("2026-01-01", "z"), ("3", "1")),
        (("2026-01-01", "g"), ("2",)),
        (("2026-01-02", "r"), ("4",)),
        (("", "r"), ("5",)),
    ]
    assert queries.shown_detector(looking_at(TWO)) == "2"
    assert queries.shown_detector(looking_at(None, sky_frame="s2")) == "2"
    assert queries.shown_detector(looking_at(None)) == ""
