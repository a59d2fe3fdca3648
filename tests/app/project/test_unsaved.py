"""What would be lost, what a session file says of a state, and what is left of its files."""

from __future__ import annotations

import math
import os
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
from made_items import a_frame, a_sky_frame, an_exposure

from skyframe_gui.app.model.comparison import Pin
from skyframe_gui.app.model.items import Assigned, BadFile, Options
from skyframe_gui.app.model.state import State
from skyframe_gui.app.model.view import Frame, Selection, View
from skyframe_gui.app.project import unsaved
from skyframe_gui.app.project.check import check, free_key, key_of, located, options_of, sample_of
from skyframe_gui.app.project.document import date_of, document_of, moved_records, options_record
from skyframe_gui.app.project.preferences import merged
from skyframe_gui.app.project.rebuild import why_not_rebuilt
from skyframe_gui.app.project.unsaved import Work, losses, work_of
from skyframe_gui.app.project.view import taken_view
from skyframe_gui.engine import SkyMeasurementConfig, Watch
from skyframe_gui.files import write_sky_frame
from skyframe_gui.files.session_file import (
    FileRecord,
    ItemRef,
    OptionsRecord,
    SampleRecord,
    SessionDocument,
    UnsavedRecord,
    digest_of,
    read_session,
    write_session,
)
from skyframe_gui.workflow.options import MaskObjects, Normalise

if TYPE_CHECKING:
    from pathlib import Path

ONE, TWO = an_exposure("one.fits"), an_exposure("two.fits", detector="2")
SAMPLE = (ONE.key, (0, 1, 10, 20))
BUILT = a_frame("built 1", sources=(ONE.source, TWO.source))
SAVED, SECOND = a_frame("/night/sky.fits"), a_frame("/night/sky2.fits")
CONFIG = SkyMeasurementConfig(skyRej=4.5)
NEVER = Options(MaskObjects.NEVER)


# What would be lost ----------------------------------------------------------------------------

NOTHING = Work()
FRAME = ("built 1", frozenset[str]())
IN_A = "in a.sky as they are now"


@pytest.mark.parametrize(
    ("changes", "saved", "name", "lost"),
    [
        ({}, None, "", ()),
        ({"frames": {FRAME}}, None, "", ("A sky frame that was built here is in no file.",)),
        (
            {"frames": {FRAME, ("built 2", frozenset())}},
            NOTHING,
            "a.sky",
            ("2 sky frames that were built here are in no file.",),
        ),
        (
            {"excluded_samples": {SAMPLE}},
            None,
            "",
            ("The samples excluded by hand are not in a session file.",),
        ),
        (
            {"excluded_samples": {SAMPLE}, "excluded_members": {"a"}},
            NOTHING,
            "a.sky",
            (
                f"The samples excluded by hand are not {IN_A}.",
                f"Which exposures serve sky frames and which are science is not {IN_A}.",
            ),
        ),
        (
            {"excluded_exposures": {"a"}},
            None,
            "",
            ("Which exposures serve sky frames and which are science is not in a session file.",),
        ),
        ({"config": CONFIG}, None, "", ()),
        ({"config": CONFIG}, NOTHING, "a.sky", ("a.sky does not have the last changes.",)),
        ({"config": CONFIG}, Work(config=CONFIG), "a.sky", ()),
        ({"files": {"a"}}, Work(), "", ()),
    ],
)
def test_what_would_be_lost_is_told_in_sentences(
    changes: dict[str, Any], saved: Work | None, name: str, lost: tuple[str, ...]
) -> None:
    changes = {key: frozenset(one) if isinstance(one, set) else one for key, one in changes.items()}
    assert losses(replace(NOTHING, **changes), saved, name) == lost


def test_settings_alone_are_work_where_that_is_asked() -> None:
    both = Work(config=CONFIG, options=NEVER)
    assert losses(both, None, "", with_config=True) == (
        "The config that differs from its preset is not in a session file.",
        "The options for objects and levels are not in a session file.",
    )
    assert losses(both, None, "") == ()
    assert losses(both, both, "", with_config=True) == ()
    assert losses(replace(both, preset=CONFIG), None, "", with_config=True) == (
        "The options for objects and levels are not in a session file.",
    )
    assert losses(both, Work(), "a.sky", with_config=True) == (
        "a.sky does not have the last changes.",
    )


def test_work_is_what_is_on_the_list_and_what_was_decided() -> None:
    state = State(
        exposures=(ONE, TWO),
        sky_frames=(BUILT, SAVED, replace(BUILT, key="built 2", excluded_members=frozenset("x"))),
        removed=frozenset({TWO.key}),
        config=CONFIG,
        preset_name="p",
    )
    work = work_of(state)
    assert work.files == {ONE.key, SAVED.path}
    assert work.frames == {("built 1", frozenset()), ("built 2", frozenset("x"))}
    assert (work.config, work.preset, work.preset_name) == (CONFIG, SkyMeasurementConfig(), "p")
    assert work_of(replace(state, view=View(masks=True), log=("x",))) == work
    changes: dict[str, Any] = {
        "preset": CONFIG,
        "options": NEVER,
        "excluded_members": frozenset("a"),
        "excluded_exposures": frozenset("a"),
        "excluded_samples": frozenset({SAMPLE}),
        "assigned": {"a": Assigned(visit="", detector="")},
        "pins": {"A": Pin(config=CONFIG, options=NEVER)},
        "removed": frozenset({SAVED.key}),
    }
    for name, value in changes.items():
        assert work_of(replace(state, **{name: value})) != work, name


@pytest.mark.parametrize(
    ("state", "name", "title"),
    [
        (State(), "", "skyframe_gui"),
        (State(), "a.sky", "a.sky[*]"),
        (State(bad_files=(BadFile("a", "b"),)), "", "new session[*]"),
        (State(exposures=(ONE,)), "", "new session[*]"),
        (
            State(exposures=(ONE,), selection=Selection(exposure=ONE.key)),
            "a.sky",
            "a.sky[*] \N{EM DASH} visit 7, det 1",
        ),
    ],
)
def test_a_window_is_called_after_its_file_and_what_it_shows(
    state: State, name: str, title: str
) -> None:
    assert unsaved.title_of(state, name) == title


@pytest.mark.parametrize(
    ("known", "title"),
    [
        ({"visit": ""}, "det 1"),
        ({"detector": ""}, "visit 7"),
        ({"visit": "", "detector": ""}, "a.fits"),
    ],
)
def test_what_is_not_known_of_an_exposure_is_not_in_the_title(
    known: dict[str, str], title: str
) -> None:
    item = an_exposure(**known)
    state = State(exposures=(item,), selection=Selection(exposure=item.key))
    assert unsaved.title_of(state, "") == f"new session[*] \N{EM DASH} {title}"


# Files -----------------------------------------------------------------------------------------


def test_another_name_is_the_first_that_is_free(tmp_path: Path) -> None:
    folder = str(tmp_path)
    assert unsaved.another_name(folder, "night.sky") == "night-2.sky"
    (tmp_path / "night-2.sky").touch()
    (tmp_path / "night-3.sky").symlink_to("nowhere")
    assert unsaved.another_name(folder, "night.sky") == "night-4.sky"


def test_a_file_that_is_newer_than_another_has_another_digest(tmp_path: Path) -> None:
    one, other = tmp_path / "a.sky", tmp_path / "b.sky"
    one.write_text("a")
    other.write_text("b")
    os.utime(one, ns=(5, 1000))
    os.utime(other, ns=(5, 1000))
    assert unsaved.digest_at(str(one)) == digest_of(str(one))
    assert unsaved.digest_at(str(one), str(other)) == digest_of(str(one))
    os.utime(one, ns=(5, 2000))
    assert unsaved.digest_at(str(one), str(other)) == "changed"
    assert unsaved.digest_at(str(one), str(tmp_path / "c")) == ""
    assert unsaved.digest_at(str(tmp_path / "c")) == digest_of(str(tmp_path / "c")) == ""


def test_a_file_that_says_more_is_not_replaced_unasked(tmp_path: Path) -> None:
    path = tmp_path / "a.sky"
    assert not unsaved.holds_more("")
    assert not unsaved.holds_more(str(path))
    write_session(path, SessionDocument())
    assert not unsaved.holds_more(str(path))
    path.write_text(path.read_text().replace('"layout"', '"loyout"'))
    assert unsaved.holds_more(str(path))
    path.write_text("a letter")
    assert unsaved.holds_more(str(path))


def test_saving_writes_beside_it_only_what_cannot_be_built_again(tmp_path: Path) -> None:
    path = str(tmp_path / "a.sky")
    lonely = replace(BUILT, key="recovered 1", built=None, members=())
    apart = replace(BUILT, key="built 2", members=("gone",) * 2)
    state = State(exposures=(ONE, TWO), sky_frames=(BUILT, lonely, apart), config=CONFIG)
    steps: list[tuple[int, int, str]] = []
    watch = Watch(lambda *step: steps.append(step))
    record = UnsavedRecord(key="other", name="of another file")
    saved = unsaved.save_session(path, state, "AAEC", (record,), watch)
    assert steps == [(0, 2, "Save a.sky"), (1, 2, "Save a.sky")]
    assert sorted(one.name for one in (tmp_path / "a-sky-frames").iterdir()) == [
        "built-2.fits",
        "recovered-1.fits",
    ]
    document, notes = read_session(path)
    assert (saved.digest, saved.notes, notes) == (digest_of(path), (), ())
    assert [(one.key, one.file) for one in document.unsaved] == [
        ("built 1", ""),
        ("recovered 1", "a-sky-frames/recovered-1.fits"),
        ("built 2", "a-sky-frames/built-2.fits"),
        ("other", ""),
    ]
    assert (document.layout, document.config) == ("AAEC", CONFIG)
    # The copies say with which config they were made, and are replaced.
    unsaved.save_session(path, state, "", (), watch, expected=saved.digest)
    with pytest.raises(unsaved.ChangedError) as caught:
        unsaved.save_session(path, state, "", (), watch, expected=saved.digest)
    assert str(caught.value) == "a.sky was changed on the disk since it was opened or saved here."
    os.unlink(path)
    unsaved.save_session(path, State(), "", (), watch, expected=saved.digest)
    alone = tmp_path / "alone"
    alone.mkdir()
    unsaved.save_session(str(alone / "b.sky"), State(), "", (), watch)
    assert [one.name for one in alone.iterdir()] == ["b.sky"]


# The document ----------------------------------------------------------------------------------


def test_a_session_file_says_all_of_a_state_relative_to_its_folder() -> None:
    bad = BadFile("/night/bad.fits", "It is bad.")
    state = State(
        exposures=(ONE, TWO, an_exposure("three.fits")),
        sky_frames=(BUILT, SAVED, SECOND),
        bad_files=(bad, BadFile("/", "A folder.")),
        removed=frozenset({TWO.key, "/night/three.fits[1]", SECOND.key}),
        config=CONFIG,
        preset_name="p",
        options=Options(MaskObjects.NEVER, Normalise.LEVEL),
        excluded_members=frozenset({TWO.key, ONE.key, "gone", "/night/bad.fits[2]"}),
        excluded_exposures=frozenset({ONE.key}),
        excluded_samples=frozenset({SAMPLE, ("gone", (0, 0, 1, 1))}),
        assigned={
            ONE.key: Assigned(visit="9", detector="8", filter="g", instrument="I", night="n"),
            "gone": Assigned(visit="", detector=""),
        },
        pins={"A": Pin(config=CONFIG, options=NEVER, sky_frame=SAVED.key,
                       excluded_samples=frozenset({SAMPLE, ("gone", (0, 0, 1, 1))}))},
        selection=Selection(exposure=ONE.key, sky_frame="built 1", step=2,
                            samples=frozenset({SAMPLE, ("gone", (0, 0, 1, 1))})),
    )  # fmt: skip
    found = document_of(state, "/night/sub", "AAEC", copies={"built 1": "/night/sub/c/1.fits"})
    one, two = (ItemRef(file=f"../{name}.fits", part="[1]") for name in ("one", "two"))
    sample = SampleRecord(item=one, box=(0, 1, 10, 20))
    assert [(record.path, record.size) for record in found.files] == [
        ("../one.fits", 10),
        ("../sky.fits", 0),
        ("../bad.fits", 0),
    ]
    assert found.files[0].date == "1970-01-01T00:00:00+00:00"
    assert found.excluded_members == (ItemRef(file="../bad.fits", part="[2]"), one, two)
    assert found.excluded_exposures == (one,)
    assert found.by_hand == (sample,)
    (assigned,) = found.assigned
    assert (assigned.item, assigned.visit, assigned.detector) == (one, "9", "8")
    assert (assigned.filter, assigned.instrument, assigned.night) == ("g", "I", "n")
    assert found.closed == ()
    (record,) = found.unsaved
    assert (record.key, record.name, record.detector, record.unit) == (
        "built 1",
        "built 1",
        "1",
        "electron",
    )
    assert (record.exposures, record.file) == ((one, two), "c/1.fits")
    assert record.newer == ("../sky.fits",)
    assert found.selection.exposure == one
    assert found.selection.sky_frame == ItemRef(part="built 1")
    assert (found.selection.samples, found.selection.step) == ((sample,), 2)
    assert found.options == OptionsRecord(mask_objects="never", normalise="level")
    assert found.pins["A"].sky_frame == ItemRef(file="../sky.fits")
    assert found.pins["A"].by_hand == (sample,)
    assert (found.layout, found.preset_name, found.autosave_of) == ("AAEC", "p", "")
    assert found.view["looks"]["exposure"]["stretch"] == "linear"
    assert found.saved.endswith("+00:00")
    far = document_of(state, None, autosave_of="/night/a.sky")
    assert (far.files[0].path, far.autosave_of) == ("/night/one.fits", "/night/a.sky")
    parts = replace(ONE, key="/night/one.fits[2]")
    half = document_of(State(exposures=(ONE, parts), removed=frozenset({parts.key})), None)
    assert half.closed == (ItemRef(file="/night/one.fits", part="[2]"),)


def test_records_move_with_their_files_to_another_folder() -> None:
    record = UnsavedRecord(
        key="k", file="c/1.fits", exposures=(ItemRef(file="one.fits", part="[1]"),)
    )
    moved, bare = moved_records((record, UnsavedRecord(key="b")), "/night", "/other/x")
    assert moved.file == "../../night/c/1.fits"
    assert moved.exposures == (ItemRef(file="../../night/one.fits", part="[1]"),)
    assert bare == UnsavedRecord(key="b")


@pytest.mark.parametrize(
    ("stamp", "date"),
    [
        ((1, 0), ""),
        ((0, 1_700_000_000_123_456_789), "2023-11-14T22:13:20.123456+00:00"),
        ((0, 10**30), ""),
    ],
)
def test_a_date_is_that_of_the_stamp(stamp: tuple[int, int], date: str) -> None:
    assert date_of(stamp) == date


# What is left of its files ---------------------------------------------------------------------


def test_words_of_a_session_file_are_keys_of_the_program() -> None:
    assert located("../a.fits", "/night/sub") == "/night/a.fits"
    assert key_of(ItemRef(file="a.fits", part="[2]"), "/night") == "/night/a.fits[2]"
    assert key_of(ItemRef(part="built 3"), "/night") == "built 3"
    record = SampleRecord(item=ItemRef(file="a.fits", part="[1]"), box=(1, 2, 3, 4))
    assert sample_of(record, "/night") == ("/night/a.fits[1]", (1, 2, 3, 4))
    record_of_options = OptionsRecord(mask_objects="always", normalise="auto", camera="HSC")
    assert options_of(record_of_options) == Options(MaskObjects.ALWAYS, Normalise.AUTO, "HSC")
    assert options_record(options_of(record_of_options)) == record_of_options
    assert free_key("built", ()) == "built 1"
    assert free_key("built", (BUILT, replace(BUILT, key="built 3"))) == "built 2"
    assert free_key("built", (BUILT, replace(BUILT, key="built 2"))) == "built 3"


HOUR = 3_600_000_000_000
NOW = 1_700_000_000_000_000_000


def a_session(folder: Path, **more: Any) -> SessionDocument:
    files = []
    for name in ("a", "b"):
        path = folder / name
        path.write_bytes(b"12345")
        os.utime(path, ns=(NOW, NOW))
        files.append(FileRecord(path=name, size=5, date=date_of((5, NOW))))
    return SessionDocument(files=tuple(files), **more)


def checked(document: SessionDocument, folder: Path) -> Any:
    return check(document, str(folder), Watch())


def test_files_are_there_missing_or_changed_each_with_its_sentence(tmp_path: Path) -> None:
    steps: list[tuple[int, int, str]] = []
    document = a_session(tmp_path)
    found = check(document, str(tmp_path), Watch(lambda *step: steps.append(step)))
    a, b = str(tmp_path / "a"), str(tmp_path / "b")
    assert (found.present, found.rows, found.notes) == ((a, b), (), ())
    assert steps == [(number, 2, "Look for the session's files") for number in (0, 1)]
    os.utime(b, ns=(NOW, NOW + 2_000_000_000))
    assert checked(document, tmp_path).rows == ()
    os.utime(b, ns=(NOW, NOW + 2_100_000_000))
    after = "; it was opened as it is now, so look at what is excluded in it."
    changed = f"{b} has changed since the session was saved: it has "
    (row,) = checked(document, tmp_path).rows
    assert row.why == (
        f"{changed}the date 2023-11-14T22:13:22 instead of 2023-11-14T22:13:20{after}"
    )
    (tmp_path / "b").write_bytes(b"123456")
    os.utime(a, ns=(NOW, NOW - HOUR))
    found = checked(document, tmp_path)
    assert [one.path for one in found.rows] == [b, a]
    assert found.rows[0].why == f"{changed}6 bytes instead of 5{after}"
    assert found.present == (a, b)
    os.unlink(b)
    found = checked(document, tmp_path)
    assert found.present == (a,)
    assert [one.path for one in found.rows] == [b, a]
    assert found.rows[0].why == f"{b} is missing; put it back and open it, or go on without it."
    (tmp_path / "b").mkdir()
    assert checked(document, tmp_path).rows[0].why == (
        f"{b} is no file any more; go on without it."
    )


def test_all_files_with_other_dates_were_copied(tmp_path: Path) -> None:
    document = a_session(tmp_path)
    for name in ("a", "b"):
        os.utime(tmp_path / name, ns=(NOW, NOW + HOUR))
    found = checked(document, tmp_path)
    assert found.rows == ()
    assert found.notes == (
        "All 2 files have their size and another date than when the session was saved; it seems "
        "that they were copied.",
    )
    one = document.model_copy(update={"files": document.files[:1]})
    assert len(checked(one, tmp_path).rows) == 1, "one file alone has changed"
    missing = FileRecord(path="c")
    more = document.model_copy(update={"files": (*document.files, missing)})
    assert len(checked(more, tmp_path).rows) == 3
    odd = [FileRecord(path="a"), FileRecord(path="b", date="yesterday")]
    assert checked(document.model_copy(update={"files": tuple(odd)}), tmp_path).rows == ()


def test_what_was_not_saved_comes_from_its_copy_or_is_to_be_built(tmp_path: Path) -> None:
    write_sky_frame(tmp_path / "copy.fits", a_sky_frame(), "1")
    options = OptionsRecord(mask_objects="never")
    known = {"detector": "1", "unit": "adu"}
    records = (
        UnsavedRecord(key="built 1", name="n", file="copy.fits", options=options, **known),
        UnsavedRecord(key="built 2", file="copy.fits", config=CONFIG, **known),
        UnsavedRecord(key="built 3"),
        UnsavedRecord(key="built 4", file="lost.fits"),
    )
    found = checked(SessionDocument(unsaved=records), tmp_path)
    assert [key for key, _ in found.frames] == ["built 1", "built 2"]
    first, second = (item for _, item in found.frames)
    assert (first.key, first.name, first.detector, first.unit) == ("recovered 1", "n", "1", "adu")
    assert (first.made_with, first.made_options, first.path) == (None, NEVER, "")
    assert (second.key, second.name, second.made_with) == ("recovered 2", "built 2", CONFIG)
    assert second.made_options is None
    assert found.unbuilt == records[2:]
    (note,) = found.notes
    assert "lost.fits" in note


def test_why_a_sky_frame_cannot_be_built_again_names_what_is_missing() -> None:
    state = State(exposures=(ONE,))
    one, two = (ItemRef(file=f"{name}.fits", part="[1]") for name in ("one", "two"))

    def why(*exposures: ItemRef, **known: str) -> str:
        return why_not_rebuilt(
            UnsavedRecord(key="k", exposures=exposures, **known), "/night", state
        )

    assert why(one) == ""
    assert why(one, two, name="n", detector="3") == (
        "The sky frame n of detector 3 was not saved, and 1 of its 2 exposures are not here; put "
        "them back and open the session again."
    )
    assert why() == (
        "The sky frame k of detector (no name) was not saved, and nobody knows its exposures; "
        "build it again."
    )
    over_all = UnsavedRecord(
        key="k", exposures=(one,), options=OptionsRecord(normalise="focal-plane")
    )
    assert why_not_rebuilt(over_all, "/night", state) == (
        "The sky frame k of detector (no name) was not saved, and is normalised by all detectors "
        "of its visits; build it again from all of their exposures."
    )


# The view --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "taken"),
    [
        ("workspace", "stack", True),
        ("workspace", "camera", True),
        ("panes", ["model"] * 2, True),
        ("panes", ["model"] * 3, False),
        ("pane_shape", [2, 2], True),
        ("pane_shape", [3, 1], False),
        ("pane_shape", [-2, -2], False),
        ("pane_shape", [0, 2], False),
        ("measured", {"model": {"x": [0, 1e30]}}, True),
        ("measured", {"own grid": {"x": [-1e30, 1]}}, True),
        ("measured", {"other": {"x": [0, 1]}}, False),
        ("measured", {"model": {"x": [1, 1]}}, False),
        ("measured", {"model": {"x": [0, 2e30]}}, False),
        ("measured", {"model": {"x": [-2e30, 0]}}, False),
        ("plane_opacity", 0, True),
        ("plane_opacity", 1, True),
        ("plane_opacity", 1.01, False),
        ("plane_opacity", -0.01, False),
        ("plane_colours", {"SAT": "#00FFaa"}, True),
        ("plane_colours", {"SAT": "#00FFaag"}, False),
        ("plane_colours", {"SAT": "red"}, False),
    ],
)
def test_a_choice_of_the_view_is_taken_within_its_bounds(
    name: str, value: object, taken: bool
) -> None:
    view, notes = taken_view({name: value}, View())
    assert (getattr(view, name) != getattr(View(), name)) is taken
    assert bool(notes) is not taken
    if notes:
        assert notes[0].startswith(f"view.{name} was left out")
        assert notes[0].endswith("this program has no such choice.")


@pytest.mark.parametrize(
    ("frame", "taken"),
    [
        ((1e7, -1e7, 1.0), True),
        ((1.1e7, 0.0, 1.0), False),
        ((0.0, -1.1e7, 1.0), False),
        ((0.0, 0.0, 2e-6), True),
        ((0.0, 0.0, 1e-6), False),
        ((0.0, 0.0, 9e5), True),
        ((0.0, 0.0, 1e6), False),
    ],
)
def test_a_frame_is_taken_as_far_as_pixels_reach(
    frame: tuple[float, float, float], taken: bool
) -> None:
    plain = dict(zip(("x", "y", "zoom"), frame, strict=True))
    view, _ = taken_view({"frames": [plain, *[None] * 5]}, View())
    assert view.frames == ((Frame(*frame) if taken else None), *[None] * 5)


def test_frames_are_as_many_as_there_may_be_panes() -> None:
    one, two = Frame(1, 2, 3), Frame(4, 5, 6)
    plain = [{"x": 1, "y": 2, "zoom": 3}, {"x": 4, "y": 5, "zoom": 6}]
    assert taken_view({"frames": plain}, View())[0].frames == (one, two, one, one, one, one)
    assert taken_view({"frames": []}, View())[0].frames == (None,) * 6
    assert taken_view({"frames": plain * 4}, View())[0].frames == (None,) * 6
    assert taken_view({"frames": plain * 3}, View())[0].frames == (one, two) * 3
    for active, found in ((3, 3), (4, 0), (-1, 0)):
        assert taken_view({"active": active}, View())[0].active == found
    kept, notes = taken_view({"before": True, "theme": "light", "trial": 3.0, "limits": {}}, View())
    assert (kept, notes) == (View(), ())
    assert taken_view({"theme": "light"}, View(), passing=())[0].theme == "light"
    frozen = taken_view({"measured": {"model": {"98 %": [0, 1]}}}, View())[0].measured
    assert isinstance(frozen, MappingProxyType)
    assert isinstance(frozen["model"], MappingProxyType)
    assert not math.isnan(frozen["model"]["98 %"][1])


# Preferences of two windows --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "ours", "theirs", "both"),
    [
        ({"a": 1}, {"a": 1}, {"a": 2}, {"a": 2}),
        ({"a": 1}, {"a": 3}, {"a": 2}, {"a": 3}),
        ({"a": 1}, {}, {"a": 2}, {}),
        ({}, {}, {"a": 2}, {"a": 2}),
        ({}, {"a": 1}, {}, {"a": 1}),
        ({"a": 1}, {"a": 1}, {}, {"a": 1}),
        ({"a": {"x": 1, "y": 1}}, {"a": {"x": 2, "y": 1}}, {"a": {"x": 1, "y": 3}},
         {"a": {"x": 2, "y": 3}}),
        ({"a": 1}, {"a": {"x": 2}}, {"a": {"y": 3}}, {"a": {"x": 2, "y": 3}}),
    ],
)  # fmt: skip
def test_of_two_windows_each_ones_changes_are_kept(
    known: Any, ours: Any, theirs: Any, both: Any
) -> None:
    assert merged(known, ours, theirs) == both
