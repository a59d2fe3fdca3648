"""Session files are read as far as they can be, say what they lost, and never harm an old one."""

from __future__ import annotations

import json
import math
import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from skyframe_gui.engine import SkyCorrectionConfig, SkyFrameError, SkyMeasurementConfig
from skyframe_gui.files import session_file
from skyframe_gui.files.session_file import (
    FORMAT,
    AssignedRecord,
    CorrectionRecord,
    FileRecord,
    ItemRef,
    OptionsRecord,
    PinRecord,
    SampleRecord,
    SelectionRecord,
    SessionDocument,
    UnsavedRecord,
    parse_session,
    read_session,
    session_text,
    write_session,
)

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import BaseModel

CONFIG = SkyMeasurementConfig.model_validate({"skyRej": 4.5, "stats": {"mask": ["SAT"]}})
SIZE = {"xSize": 122.88, "ySize": 122.88, "pixelSize": 0.015}
ITEM = ItemRef(file="night/a.fits", part="[1]")
SAMPLE = SampleRecord(item=ITEM, box=(0, 0, 60, 50))
FULL = SessionDocument(
    saved="2026-01-02T03:04:05+00:00",
    config=CONFIG,
    preset_name="HSC",
    options=OptionsRecord(mask_objects="never", normalise="auto", camera="/tables/mine.json"),
    correction=CorrectionRecord(
        config=SkyCorrectionConfig.model_validate(
            {"bgModel1": SIZE, "bgModel2": {**SIZE, "minFrac": 0.5}, "doSky": False}
        ),
        preset="HSC",
        camera="/data/camera.json",
    ),
    pins={"A": PinRecord(config=CONFIG, by_hand=(SAMPLE,)), "B": PinRecord(config=CONFIG)},
    files=(
        FileRecord(path="night/a.fits", size=12, date="2026-01-01T00:00:00+00:00"),
        FileRecord(path="../elsewhere/ü\udcff.fits"),
        FileRecord(path="/data/$HOME/~b.fits", size=1 << 40),
    ),
    excluded_members=(ITEM, ItemRef(file="night/b.fits", part="[2]")),
    excluded_exposures=(ITEM,),
    by_hand=(SAMPLE,),
    assigned=(AssignedRecord(item=ITEM, visit="12", detector="050"),),
    closed=(ITEM,),
    unsaved=(UnsavedRecord(key="built 1", name="n", exposures=(ITEM,), config=CONFIG),),
    selection=SelectionRecord(exposure=ITEM, samples=(SAMPLE,), step=2),
    view={"panes": ["model"], "limits": {"model": [1.0, 2.5]}},
    layout="AAEC",
)


def changed(**fields: Any) -> str:
    content = json.loads(session_text(FULL))
    content.update(fields)
    return json.dumps(content)


def test_a_session_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.sky"
    write_session(path, FULL)
    assert read_session(path) == (FULL, ())
    assert json.loads(path.read_text())["version"] == 2


def test_paths_stay_what_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    document, _ = parse_session(session_text(FULL))
    assert [one.path for one in document.files] == [one.path for one in FULL.files]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("fields", "lost", "same"),
    [
        ({"options": "fast"}, "options was left out: a text instead", "config"),
        ({"config": {"skyRej": -1, "skyIter": 5}}, "config.skyRej was left out", "files"),
        ({"config": {"stats": {"clip": True, "nIter": 2}}}, "config.stats.clip was", "files"),
        ({"by_hand": [{"item": {}, "box": [1, 2]}, 3]}, "2 of 2 of by_hand were left out", "files"),
        ({"layout": "not base64!"}, "layout was left out: it is not base64", "view"),
        ({"pins": {"A": 3}}, "pins.A was left out: a number instead", "view"),
        ({"view": [1]}, "view was left out", "selection"),
        ({"assigned": [{"visit": "1"}]}, "1 of 1 of assigned were left out: item is", "view"),
        ({"selection": {"step": -1}}, "selection.step was left out", "files"),
        ({"telescope": 3}, "telescope is not known and was left out", "selection"),
        ({"files": None}, "files was left out: nothing instead of a list", "selection"),
    ],
)
def test_a_damaged_field_costs_that_field_only(
    fields: dict[str, Any], lost: str, same: str
) -> None:
    document, notes = parse_session(changed(**fields))
    assert any(note.startswith(lost) for note in notes), notes
    assert len(notes) == 1
    assert getattr(document, same) == getattr(FULL, same)


def test_the_sound_part_of_a_damaged_config_is_kept() -> None:
    config = {"skyRej": -1, "skyIter": 5, "stats": {"clip": "x", "nIter": 2}}
    document, notes = parse_session(changed(config=config))
    assert (document.config.skyIter, document.config.stats.nIter) == (5, 2)
    assert (document.config.skyRej, document.config.stats.clip) == (3.0, 3.0)
    assert len(notes) == 2


def test_one_damaged_entry_of_a_list_leaves_the_others() -> None:
    files = [{"path": "a"}, {"path": 3}, {"size": 3}, {"path": "b"}]
    document, notes = parse_session(changed(files=files))
    assert [one.path for one in document.files] == ["a", "b"]
    assert notes == ("2 of 4 of files were left out: path: it is not a text.",)


def test_a_newer_version_opens_and_says_so() -> None:
    new = {"version": 7, "weather": "clear", "files": [{"path": "a", "colour": "red"}]}
    document, notes = parse_session(changed(**new))
    assert document.config == CONFIG
    assert [one.path for one in document.files] == ["a"]
    assert "version 7, newer than the 2" in notes[0]
    assert notes[1:] == (
        "files[0].colour is not known and was left out.",
        "weather is not known and was left out.",
    )


@pytest.mark.parametrize("version", [None, "1", 0, -3, 1.5, True, [1]])
def test_a_strange_version_is_told(version: Any) -> None:
    document, notes = parse_session(changed(version=version))
    assert document == FULL
    assert len(notes) == 1
    assert "does not tell its version" in notes[0]


def test_a_file_that_breaks_off_anywhere_opens_with_what_stands_before() -> None:
    text = session_text(FULL)
    begins = text.index('"program"')
    n_files = []
    for end in range(begins, len(text) - 2, 3):
        document, notes = parse_session(text[:end])
        assert "damaged" in notes[0]
        n_files.append(len(document.files))
        if end > text.index('"pins"'):
            assert document.config == CONFIG
    assert n_files == sorted(n_files)
    assert set(n_files) == {0, 1, 2, 3}


def test_what_stands_behind_damage_in_the_middle_is_given_up_and_told() -> None:
    text = session_text(FULL)
    at = text.index('"assigned"')
    document, notes = parse_session(text[:at] + "\x00\x07}}" + text[at:])
    assert document.by_hand == FULL.by_hand
    assert document.assigned == ()
    assert "damaged" in notes[0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "3",
        "SIMPLE  =                    T",
        '{"format": "something else"}',
        '{"format": ["skyframe_gui session"]}',
        "[" * 200_000,
        '{"a":' * 200_000,
        "9" * 10_000,
        '"\ud800',
    ],
)
def test_another_file_is_refused_by_name(text: str) -> None:
    with pytest.raises(SkyFrameError, match=r"^x\.sky: this is not a session file"):
        parse_session(text, "x.sky")


def test_what_is_wrong_in_a_record_that_is_left_out_is_not_told_of_by_itself() -> None:
    pins = {"A": {"config": 3, "options": "fast", "colour": 1}, "B": {"config": {"skyRej": 5.0}}}
    document, notes = parse_session(changed(pins=pins))
    assert document.pins["B"].config.skyRej == 5.0
    assert notes == ("pins.A was left out: config: a number instead of named values.",)


def test_a_list_of_plain_values_is_taken_whole_or_not_at_all() -> None:
    masks = {"background": {"mask": ["SAT", 3, "BAD"]}, "stats": {"mask": ["SAT"]}}
    by_hand = [{"item": {}, "box": [1, 2, 3, "4", 5]}, {"item": {}, "box": [1, 2, 3, 4]}]
    document, notes = parse_session(changed(config=masks, by_hand=by_hand))
    assert document.config.background == SkyMeasurementConfig().background
    assert document.config.stats.mask == ("SAT",)
    assert [one.box for one in document.by_hand] == [(1, 2, 3, 4)]
    assert [note.partition(":")[0] for note in notes] == [
        "config.background.mask was left out",
        "1 of 2 of by_hand were left out",
    ]


def test_masks_by_hand_that_are_none_are_left_out() -> None:
    def at(declination: object, on_sky: object = True, **more: object) -> dict[str, object]:
        numbers = [10.0, declination, 0.1]
        return {"shape": "circle", "on_sky": on_sky, "numbers": numbers, **more}

    wrong = [at(95.0), at("north"), at(None), at(-40.0, on_sky="perhaps"), at(1.0, shape="star")]
    masks = [at(-40.0), *wrong, at(95.0, on_sky=False)]
    document, notes = parse_session(changed(hand_masks=masks))
    assert [one.mask().numbers[1] for one in document.hand_masks] == [-40.0, 95.0]
    assert [note.partition(":")[0] for note in notes] == ["5 of 7 of hand_masks were left out"]


@pytest.mark.parametrize(
    ("fields", "lost"),
    [
        ('"view": ' + '{"a": ' * 900 + "1" + "}" * 900, ["view.a was left out"]),
        ('"config": ' + "[" * 900 + "]" * 900, ["config was left out"]),
        ('"selection": {"step": -' + "9" * 4000 + "}", ["selection.step was left out"]),
        (
            '"config": {"skyRej": NaN, "skyIter": 1e999}',
            ["config.skyIter was", "config.skyRej was"],
        ),
        ('"files": [{"path": "a", "size": Infinity}]', ["files[0].size was left out"]),
        ('"pins": {"\\ud800": {}}', ["pins.? is not known"]),
        ('"\\udcff": 1', ["? is not known"]),
        ('"pins": {"C": {"config": {}}}', ["pins.C is not known"]),
        ('"files": {"0": {"path": "a"}}', ["files was left out: named values instead of a list"]),
    ],
)
def test_what_no_program_writes_costs_its_field_only(fields: str, lost: list[str]) -> None:
    text = f'{{"format": "{FORMAT}", "version": 1, "preset_name": "HSC", {fields}}}'
    document, notes = parse_session(text)
    assert document.preset_name == "HSC"
    assert len(notes) == len(lost)
    for note, begin in zip(notes, lost, strict=True):
        assert note.startswith(begin)
        assert len(note) < 250


def test_a_file_that_is_wrong_all_over_is_refused_in_a_sentence() -> None:
    with pytest.raises(SkyFrameError, match="more than 100000 things in it are wrong"):
        parse_session(changed(excluded_members=[0] * 100_001))
    with pytest.raises(SkyFrameError, match="too large"):
        parse_session(changed(excluded_members=[0] * (1 << 21)))


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**400, -(10**400)])
    | st.floats()
    | st.text(st.characters() | st.characters(categories=["Cs"]), max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)
names = st.sampled_from([*SessionDocument.model_fields, "version"])


def records(*models: type[BaseModel]) -> st.SearchStrategy[Any]:
    """Named values as a record has them, some of them sound and most of them not."""
    known = [name for model in models for name in model.model_fields]
    sound = st.sampled_from([json.loads(ITEM.model_dump_json()), [0, 0, 60, 50], 2, "a.fits"])
    return st.dictionaries(st.sampled_from(known), sound | json_values, max_size=5)


damaged = {
    "files": st.lists(records(FileRecord) | json_values, max_size=4),
    "by_hand": st.lists(records(SampleRecord) | json_values, max_size=4),
    "assigned": st.lists(records(AssignedRecord), max_size=3),
    "unsaved": st.lists(records(UnsavedRecord), max_size=3),
    "pins": st.dictionaries(st.sampled_from(["A", "B", "[key]", ""]), records(PinRecord)),
    "selection": records(SelectionRecord),
    "config": records(SkyMeasurementConfig),
}


@given(st.fixed_dictionaries({}, optional=damaged))
def test_any_damage_inside_of_records_gives_a_session_and_sentences(fields: dict[str, Any]) -> None:
    document, notes = parse_session(changed(**fields))
    assert all(note.endswith(".") and "\n" not in note for note in notes)
    assert document.preset_name == "HSC"
    again, none = parse_session(session_text(document))
    assert (again, none) == (document, ())


@given(st.dictionaries(names, json_values))
@example({"view": {"": math.inf}})
def test_any_values_give_a_session_and_sentences(fields: dict[str, Any]) -> None:
    document, notes = parse_session(json.dumps({"format": FORMAT, **fields}))
    assert all(note.endswith(".") and "\n" not in note for note in notes)
    assert parse_session(session_text(document))[0] == document


@given(json_values)
def test_any_json_gives_a_session_or_a_sentence(value: Any) -> None:
    with pytest.raises(SkyFrameError):
        parse_session(json.dumps(value))


@given(st.data())
def test_any_change_of_a_letter_gives_a_session_or_a_sentence(data: st.DataObject) -> None:
    text = session_text(FULL)
    at = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from('"{}[],:\\x0-') | st.characters())
    try:
        document, _ = parse_session(text[:at] + letter + text[at + 1 :])
    except SkyFrameError as error:
        assert "is not a session file" in str(error)  # noqa: PT017 - both outcomes are right
        return
    assert isinstance(document, SessionDocument)


def test_too_large_a_file_is_refused_unread(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(session_file, "LARGEST_FILE", 2000)
    path = tmp_path / "a.sky"
    path.write_text(session_text(FULL))
    with pytest.raises(SkyFrameError, match="too large for a session file"):
        read_session(path)
    with pytest.raises(SkyFrameError, match="too large for a session file"):
        write_session(tmp_path / "b.sky", FULL)
    assert not (tmp_path / "b.sky").exists()


def test_a_missing_file_a_folder_and_bytes_give_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "bytes.sky").write_bytes(bytes(range(256)))
    for name in ("gone.sky", ".", "bytes.sky", "nul\0.sky"):
        with pytest.raises(SkyFrameError, match="session file"):
            read_session(tmp_path / name)


def test_a_full_disk_leaves_the_old_session_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.sky"
    write_session(path, FULL)
    before = path.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SkyFrameError, match=r"a\.sky cannot be written: the disk is full"):
        write_session(path, SessionDocument(), overwrite=True)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["a.sky"]


def test_an_existing_session_is_replaced_only_when_told(tmp_path: Path) -> None:
    path = tmp_path / "a.sky"
    write_session(path, FULL)
    with pytest.raises(SkyFrameError, match="exists already"):
        write_session(path, SessionDocument())
    write_session(path, SessionDocument(), overwrite=True)
    assert read_session(path)[0] == SessionDocument()


def test_a_number_that_json_does_not_have_is_none() -> None:
    text = session_text(SessionDocument(view={"a": float("nan"), "b": [float("inf")]}))
    assert json.loads(text)["view"] == {"a": None, "b": [None]}


def test_what_was_left_out_until_version_1_has_neither_role() -> None:
    whole = json.loads(session_text(FULL))
    for name in ("excluded_members", "excluded_exposures"):
        del whole[name]
    whole |= {"version": 1, "left_out": [{"file": "night/b.fits", "part": "[2]"}]}
    document, notes = parse_session(json.dumps(whole))
    left_out = (ItemRef(file="night/b.fits", part="[2]"),)
    assert document.excluded_members == document.excluded_exposures == left_out
    assert notes == ()


@pytest.mark.parametrize("depth", [40, 400, 990, 3000, 100_000])
@pytest.mark.parametrize(
    ("left", "right"), [("[", "]"), ('{"a":', "}"), ("-", ""), ('{"view":', "}")]
)
@pytest.mark.parametrize("where", ["", "view", "pins", "files", "unknown"])
def test_no_depth_of_a_session_is_a_fault(
    depth: int, left: str, right: str, where: str, tmp_path: Path
) -> None:
    for end in ("1" + right * depth, ""):
        text = left * depth + end
        if where:
            text = session_text(FULL).rstrip().removesuffix("}") + f', "{where}": {text}}}'
        path = tmp_path / "deep.sky"
        path.write_text(text)
        try:
            _, notes = read_session(path)
        except SkyFrameError as error:
            notes = (str(error),)
        assert not any("recursion" in note for note in notes)
        assert all(len(note) < 1000 for note in notes)
