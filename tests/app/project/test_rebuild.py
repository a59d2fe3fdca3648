"""Sky frames of a session file that are built again take the place that they had."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from made_items import NIGHT, a_frame, a_sky_frame, an_exposure

from skyframe_gui.app.model.comparison import Pin
from skyframe_gui.app.model.items import Options
from skyframe_gui.app.model.results import Problem, Results
from skyframe_gui.app.model.shown import Shown
from skyframe_gui.app.model.view import Frame, Selection, View
from skyframe_gui.app.project import rebuild as rebuilding
from skyframe_gui.app.project import restore as restoring
from skyframe_gui.engine import SkyMeasurementConfig
from skyframe_gui.files.session_file import ItemRef, OptionsRecord, UnsavedRecord
from skyframe_gui.workflow.build import BuildResult
from skyframe_gui.workflow.jobs import Failure
from skyframe_gui.workflow.options import MaskObjects, Normalise

if TYPE_CHECKING:
    from collections.abc import Callable

    from skyframe_gui.app.commands import Commands

CONFIG = SkyMeasurementConfig(skyRej=4.5)
ONE, TWO = an_exposure("one.fits"), an_exposure("two.fits", detector="2")
REFS = tuple(ItemRef(file=f"{name}.fits", part="[1]") for name in ("one", "two", "gone"))
NEVER = Options(MaskObjects.NEVER, Normalise.LEVEL)
RECORD = UnsavedRecord(
    key="built 1",
    name="mine",
    detector="1",
    unit="adu",
    exposures=REFS[:2],
    config=CONFIG,
    options=OptionsRecord(mask_objects="never", normalise="level"),
    newer=("sky.fits",),
)


def a_built(detector: str, *items: Any, values: Any = ((1.0, 2.0), (3.0, 4.0))) -> Any:
    frame = a_sky_frame(values, detector=detector)
    return a_frame("x", tuple(item.source for item in items), sky_frame=frame).built


@pytest.fixture
def quiet(commands: Commands) -> Commands:
    """Two exposures and a saved sky frame are open, which nobody works on."""
    program = commands.program
    for part in (program.live, program.live_map, program.stacks, program.compare):
        commands.store.changed.disconnect(part._on_changed)
    commands.store.set(
        exposures=(ONE, TWO), sky_frames=(a_frame("old"), a_frame("/night/sky.fits"))
    )
    return commands


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What is asked to be built; the first entry is what comes of it."""
    asked: list[Any] = []
    result = [
        BuildResult((a_built("1", ONE), a_built("2", TWO, ONE)), (Failure("x", "No."),), ("N.",))
    ]

    def build(stages: Any, items: Any, config: Any, options: Any, watch: Any) -> BuildResult:
        asked.append((items, config, options))
        return result[0]

    monkeypatch.setattr(rebuilding, "build", build)
    asked.append(result)
    return asked


def labels_of(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    labels: list[str] = []
    run = commands.program.tasks.run

    def noted(label: str, *arguments: Any, **more: Any) -> None:
        labels.append(label)
        run(label, *arguments, **more)

    monkeypatch.setattr(commands.program.tasks, "run", noted)
    return labels


def test_what_is_built_again_stands_before_what_is_newer_and_is_meant_by_its_old_name(
    quiet: Commands, builds: list[Any], idle: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, labels = quiet.store, labels_of(quiet, monkeypatch)
    a, b = (Pin(config=CONFIG, options=NEVER, sky_frame=name) for name in ("built 1", "other"))
    store.set(selection=Selection(sky_frame="built 1"), pins=MappingProxyType({"A": a, "B": b}))
    ends: list[str] = []
    notes = rebuilding.rebuild((RECORD,), NIGHT, quiet.program, ends.append)
    idle()
    assert (notes, ends, labels) == ((), ["built 1"], ["Build sky frame from 2 exposures"])
    assert builds[1:] == [((ONE, TWO), CONFIG, NEVER)]
    frames = store.state.sky_frames
    assert [item.key for item in frames] == ["old", "rebuilt 1", "rebuilt 2", "/night/sky.fits"]
    first, second = frames[1:3]
    assert (first.name, second.name) == ("built from 1", "built from 2")
    assert (first.detector, first.unit, first.made_with) == ("1", "adu", CONFIG)
    assert (first.made_options, second.members) == (NEVER, (TWO.key, ONE.key))
    assert store.state.selection.sky_frame == "rebuilt 1"
    assert [pin.sky_frame for pin in store.state.pins.values()] == ["rebuilt 1", "other"]
    assert store.state.log == ("No.", "N.")


def test_without_some_of_its_exposures_it_is_built_from_the_rest_and_told(
    quiet: Commands, builds: list[Any], idle: Callable[[], None]
) -> None:
    store = quiet.store
    record = RECORD.model_copy(
        update={"exposures": REFS[1:], "name": "", "config": None, "options": None, "newer": ()}
    )
    told = (
        "built 1: 1 of the 2 exposures that it was built from are not open; it is built again "
        "without them.",
    )
    builds[0][0] = BuildResult((a_built("2", TWO),), ())
    assert rebuilding.rebuild((record,), NIGHT, quiet.program) == told
    idle()
    assert builds[1:] == [((TWO,), store.state.config, store.state.options)]
    assert store.state.log[:1] == told
    assert [item.key for item in store.state.sky_frames[2:]] == ["rebuilt 1"]
    rebuilding.rebuild((record,), NIGHT, quiet.program)
    restoring.empty_session(quiet.program)
    idle()
    assert store.state.sky_frames == (), "another session was begun meanwhile"


def of_set(detector: str, exposures: tuple[ItemRef, ...], **more: Any) -> UnsavedRecord:
    update = {"key": f"built {detector}", "detector": detector, "exposures": exposures, "set": "a"}
    return RECORD.model_copy(update={**update, "newer": (), **more})


def test_what_can_be_built_at_once_is_of_one_set_and_config_with_each_detector_once() -> None:
    other = SkyMeasurementConfig(skyRej=2)
    one, two = of_set("1", REFS[:1]), of_set("2", REFS[1:2])
    again, elsewhere = of_set("1", REFS[:1], key="i"), of_set("3", REFS[:1], set="b")
    changed = of_set("4", REFS[:1], config=other)
    assert rebuilding.in_builds((one, elsewhere, two, again, changed)) == (
        (one, two),
        (elsewhere,),
        (again,),
        (changed,),
    )


def test_the_frames_of_a_set_are_built_again_at_once_and_the_one_that_cannot_be_is_told(
    quiet: Commands, builds: list[Any], idle: Callable[[], None]
) -> None:
    store, ends = quiet.store, list[str]()
    records = (of_set("1", REFS[:1]), of_set("2", REFS[1:2]), of_set("3", REFS[1:2]))
    changes: list[int] = []
    store.changed.connect(lambda old, new: changes.append(len(new.sky_frames)))
    rebuilding.rebuild(records, NIGHT, quiet.program, ends.append)
    idle()
    assert [asked[0] for asked in builds[1:]] == [(ONE, TWO, TWO)]
    assert ends == ["built 1", "built 2"]
    assert [item.detector for item in store.state.sky_frames[2:]] == ["1", "2"]
    assert {item.set for item in store.state.sky_frames[2:]} == {"a"}
    assert 3 not in changes
    (problem,) = store.state.problems
    assert problem.text.startswith("The sky frame mine of detector 3 could not be built again")


def test_recovered_copies_of_a_set_get_their_exposures_at_once(
    quiet: Commands, builds: list[Any], idle: Callable[[], None]
) -> None:
    store, ends = quiet.store, list[str]()
    copies = [
        replace(a_frame(f"recovered {name}", detector=name), path="", name="mine")
        for name in ("1", "2")
    ]
    store.set(sky_frames=tuple(copies))
    records = (of_set("1", REFS[:1]), of_set("2", REFS[1:2]))
    pairs = tuple((item.key, one) for item, one in zip(copies, records, strict=True))
    rebuilding.complete(pairs, NIGHT, quiet.program, ends.append)
    idle()
    assert len(builds) == 2
    assert ends == ["built 1", "built 2"]
    members = [item.members for item in store.state.sky_frames]
    assert members == [(ONE.key,), (TWO.key, ONE.key)]


def test_a_recovered_copy_gets_its_exposures_where_it_has_the_same_values(
    quiet: Commands, builds: list[Any], idle: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, labels = quiet.store, labels_of(quiet, monkeypatch)
    copy = replace(a_frame("recovered 1", detector="1"), path="", name="mine")
    store.set(sky_frames=(copy,))
    ends: list[str] = []

    def complete(record: UnsavedRecord = RECORD, key: str = "recovered 1") -> None:
        rebuilding.complete(((key, record),), NIGHT, quiet.program, ends.append)
        idle()

    complete()
    (found,) = store.state.sky_frames
    assert (ends, labels) == (["built 1"], ["Find the 2 exposures of mine"])
    assert builds[1:] == [((ONE, TWO), CONFIG, NEVER)]
    assert (found.key, found.name, found.members) == ("recovered 1", "mine", (ONE.key,))
    assert found.built is builds[0][0].sky_frames[0]
    assert found.made_options == NEVER
    store.set(sky_frames=(copy,))
    builds[0][0] = BuildResult((a_built("2", TWO), a_built("1", ONE, values=[[9.0]])), ())
    complete()
    assert store.state.sky_frames == (copy,)
    told = "The sky frame mine of detector 1 was kept as it was recovered, as its exposures give "
    told += "other values now; build it again to see what is behind it."
    assert store.state.problems == (Problem("recovered 1", told),)
    # Nothing is begun where it could not end well.
    for record, key in (
        (RECORD, "gone"),
        (RECORD.model_copy(update={"config": None}), "recovered 1"),
        (RECORD.model_copy(update={"exposures": REFS}), "recovered 1"),
    ):
        complete(record, key)
    assert (len(labels), ends) == (2, ["built 1"])


def test_a_copy_of_which_some_are_left_out_now_is_found_in_the_average_of_the_others(
    quiet: Commands, builds: list[Any], idle: Callable[[], None]
) -> None:
    store = quiet.store
    whole = a_built("1", ONE, TWO, values=np.full((2, 2), 2.0))
    grids = tuple(a_sky_frame(np.full((2, 2), value)).grid for value in (1.0, 3.0))
    builds[0][0] = BuildResult((replace(whole, grids=grids),), ())
    half = replace(a_frame("recovered 1", sky_frame=a_sky_frame(np.full((2, 2), 3.0))), path="")
    store.set(sky_frames=(half,), excluded_members=frozenset({ONE.key, "another"}))
    rebuilding.complete((("recovered 1", RECORD),), NIGHT, quiet.program, lambda _: None)
    idle()
    (found,) = store.state.sky_frames
    assert found.built is not None
    assert found.excluded_members == {ONE.key}
    store.set(sky_frames=(half,), excluded_members=frozenset({ONE.key, TWO.key}))
    rebuilding.complete((("recovered 1", RECORD),), NIGHT, quiet.program, lambda _: None)
    idle()
    assert store.state.sky_frames == (half,)


# Limits and frames of a session ------------------------------------------------------------------


def test_saved_limits_are_put_when_the_exposure_is_shown_and_only_then(quiet: Commands) -> None:
    store = quiet.store
    frames = (Frame(1, 2, 3),) * 6
    saved = View(measured={"exposure": {"zscale": (5.0, 6.0)}}, frames=frames)
    own = View(measured={"exposure": {"zscale": (0.0, 1.0)}, "model": {"98 %": (0.0, 1.0)}})

    def shown(key: str) -> None:
        store.set(results=Results(shown=Shown(key=key, width=1, height=1, xy0=(0, 0))), view=own)

    def measured() -> Any:
        return store.state.view.measured["exposure"]["zscale"]

    store.set(selection=Selection(exposure=ONE.key))
    restoring._keep_limits(store, saved, ONE.key)
    shown(ONE.key)
    assert (measured(), store.state.view.frames) == ((5.0, 6.0), frames)
    assert set(store.state.view.measured) == {"exposure", "model"}
    shown(ONE.key)
    assert measured() == (0.0, 1.0), "once"
    store.set(results=Results())
    restoring._keep_limits(store, saved, ONE.key)
    store.set(selection=Selection(exposure=TWO.key))
    store.set(selection=Selection(exposure=ONE.key))
    shown(ONE.key)
    assert measured() == (0.0, 1.0), "another one was looked at meanwhile"
    restoring._keep_limits(store, saved, ONE.key)
    assert measured() == (5.0, 6.0), "it is shown already"
    shown(TWO.key)
    restoring._keep_limits(store, saved, ONE.key)
    shown(ONE.key)
    assert measured() == (0.0, 1.0)
