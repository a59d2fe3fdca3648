"""A session comes back: from its file, from another folder, with files gone, after a crash."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyframe_gui.app.commands import Commands
from skyframe_gui.app.model.cuts import Cut, Region
from skyframe_gui.app.model.limits import limits_of, preset_name
from skyframe_gui.app.model.looks import (
    DIFFERENCES,
    LAYERS,
    LOOKED,
    SMOOTHED,
    STRETCHES,
    Look,
    colours_of,
    looks_of_old,
    placed_looks,
    plain_looks,
    presets_of,
    taken_looks,
)
from skyframe_gui.app.model.sky_sets import sky_sets
from skyframe_gui.app.model.state import State
from skyframe_gui.app.model.store import Store
from skyframe_gui.app.model.view import Frame, Selection, View
from skyframe_gui.app.program import Program
from skyframe_gui.app.project.autosave import Autosave, LeftOver, left_over
from skyframe_gui.app.project.rebuild import rebuild
from skyframe_gui.app.project.restore import Restored, document_of, restore
from skyframe_gui.app.project.view import PASSING, plain_view, taken_view
from skyframe_gui.engine import SkyCorrectionConfig, SkyMeasurementConfig
from skyframe_gui.files import read_sky_frame, write_sky_frame
from skyframe_gui.files.session_file import (
    FileRecord,
    SessionDocument,
    parse_session,
    read_session,
    session_text,
    write_session,
)
from skyframe_gui.workflow.build import build_sky_frames

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nights import Night
    from pytestqt.qtbot import QtBot

CONFIG = SkyMeasurementConfig.model_validate({"skyRej": 4.0, "background": {"xBinSize": 40}})
CONFIG_FIELDS = (
    "config",
    "preset",
    "preset_name",
    "options",
    "correction",
    "excluded_members",
    "excluded_exposures",
    "excluded_samples",
    "assigned",
    "pins",
)

OLD_SESSION = Path(__file__).parents[2] / "data" / "v0.1.0" / "night.sky"


@pytest.fixture
def folder(night: Night, tmp_path: Path) -> Path:
    """Two detectors of a science visit, two exposures of the night, and a sky frame in a file."""
    place = tmp_path / "work"
    place.mkdir()
    for path in (*night.science, *night.paths[:2]):
        shutil.copy2(path, place)
    (place / "sky").mkdir()
    built = build_sky_frames(night.paths[:2], SkyMeasurementConfig()).sky_frames[0]
    write_sky_frame(place / "sky" / "sky.fits", built.sky_frame, built.detector)
    return place


@pytest.fixture
def other(qapp: object) -> Iterator[Commands]:
    """The program started again."""
    made = Commands(Program(Store()))
    made.program.live.set_pause(20)
    yield made
    assert made.program.close(), "work went on after the end"


@pytest.fixture
def opened(
    folder: Path, commands: Commands, idle: Callable[[], None]
) -> tuple[Commands, list[str]]:
    """A session with something of everything."""
    commands.open([folder])
    idle()
    keys = [item.key for item in commands.store.state.exposures]
    science = [key for key in keys if "science" in key]
    commands.set_config(CONFIG)
    commands.set_options(mask_objects=type(commands.store.state.options.mask_objects).NEVER)
    size = {"xSize": 122.88, "ySize": 122.88}
    correction = SkyCorrectionConfig.model_validate({"bgModel1": size, "bgModel2": size})
    commands.set_correction(config=correction, preset="HSC", camera="four.json", base=correction)
    commands.set_role("sky", [key for key in keys if key not in science][:1], False)
    commands.set_role("science", science[1:], False)
    commands.select_exposure(science[0])
    idle()
    fit = commands.store.state.results.fit
    assert fit is not None
    box = tuple(int(one) for one in fit.samples[0].boxes[3])
    commands.exclude_samples([(science[0], box)])
    commands.pins.pin("A")
    commands.select_sky_frame(commands.store.state.sky_frames[0].key)
    commands.set_config(CONFIG.model_copy(update={"skyRej": 5.0}))
    commands.pins.pin("B")
    commands.set_config(CONFIG)
    commands.assign(science[1], "2001", "7")
    commands.select_samples([(science[0], box)])
    commands.show_step(1)
    commands.view(panes=("model", "exposure"))
    commands.looks.set_stretch("exposure", "asinh")
    commands.looks.set_limits("exposure", 10.0, 20.0)
    commands.looks.set_limits("subtracted", -8.0, 8.0)
    commands.looks.set_colours("residual", "viridis")
    commands.looks.set_residual_bins(24)
    idle()
    return commands, keys


def reopened(
    document: SessionDocument, folder: Path, into: Commands, qtbot: QtBot, notes: Any = ()
) -> Restored:
    ends: list[Restored] = []
    restore(document, folder, into.program, ends.append, notes)
    qtbot.waitUntil(lambda: bool(ends), timeout=30_000)
    qtbot.waitUntil(lambda: not into.program.busy, timeout=60_000)
    qtbot.wait(30)
    return ends[0]


def test_a_session_comes_back_from_its_file(
    opened: tuple[Commands, list[str]], other: Commands, folder: Path, qtbot: QtBot
) -> None:
    before = opened[0].store.state
    path = folder / "mine.sky"
    write_session(path, document_of(before, folder, "AAEC"))
    document, notes = read_session(path)
    assert notes == ()
    assert not any(os.path.isabs(one.path) for one in document.files)
    ended = reopened(document, folder, other, qtbot)
    after = other.store.state
    for name in (*CONFIG_FIELDS, "selection", "removed"):
        assert getattr(after, name) == getattr(before, name), name
    assert {item.key for item in after.exposures} == {item.key for item in before.exposures}
    assert [item.key for item in after.sky_frames] == [item.key for item in before.sky_frames]
    assert limits_of(after, "exposure") == (10.0, 20.0)
    assert limits_of(after, "model") == limits_of(before, "model")
    assert after.looks == before.looks
    assert after.looks["exposure"].stretch == "asinh"
    assert after.view.panes == ("model", "exposure")
    assert after.bad_files == ()
    assert after.facts.keys() == before.facts.keys()
    assert after.results.fit is not None
    assert after.results.fit.solution.scale == before.results.fit.solution.scale
    assert other.store.undo_label == ""
    assert ended.notes == ()
    assert ended.layout == "AAEC"
    assert after.pins["A"].excluded_samples
    assert after.pins["B"].sky_frame


def test_what_release_0_1_0_has_saved_is_worked_on_again(
    night: Night, commands: Commands, tmp_path: Path, qtbot: QtBot
) -> None:
    for path in (*night.science, *night.paths):
        shutil.copy2(path, tmp_path)
    document, notes = read_session(OLD_SESSION)
    assert (document.program, notes) == ("0.1.0", ())
    ended = reopened(document, tmp_path, commands, qtbot)
    state = commands.store.state
    assert len(state.exposures) == 12
    assert all("copied" in note for note in ended.notes), "of their dates only"
    assert not ended.incomplete
    assert (state.config.skyRej, state.config.xNumSamples) == (2.5, 5)
    science = str(tmp_path / "science-d1.fits[1]")
    assert state.selection.exposure == science
    assert state.excluded_members == {str(tmp_path / "v1003-d1.fits[1]")}
    assert state.excluded_exposures == state.excluded_members, "it was not fitted either"
    assert state.excluded_samples == {(science, (48, 0, 96, 50))}
    assert state.pins["A"].excluded_samples == state.excluded_samples
    assert [(one.key, len(one.exposures)) for one in ended.unbuilt] == [
        ("built 1", 6),
        ("built 2", 6),
    ]
    assert state.view.panes == ("exposure", "grid", "model", "subtracted")
    assert state.view.masks
    assert state.view.plane_colours == {"SAT": "#ff0000"}
    look = state.looks["exposure"]
    assert (look.stretch, look.preset, look.colours) == ("asinh", "99 %", "inferno")
    assert limits_of(state, "subtracted") == pytest.approx((-129.353, 129.353), abs=0.001)


def test_a_folder_that_was_moved_with_its_session_opens_there(
    opened: tuple[Commands, list[str]], other: Commands, folder: Path, qtbot: QtBot
) -> None:
    before = opened[0].store.state
    (folder / "sessions").mkdir()
    write_session(folder / "sessions" / "a.sky", document_of(before, folder / "sessions"))
    moved = folder.rename(folder.with_name("moved"))
    document, _ = read_session(moved / "sessions" / "a.sky")
    reopened(document, moved / "sessions", other, qtbot)
    after = other.store.state
    assert after.bad_files == ()
    assert len(after.exposures) == len(before.exposures)
    assert all(str(item.source.path).startswith(str(moved)) for item in after.exposures)
    keys = {item.key for item in after.exposures}
    assert after.excluded_members
    assert after.excluded_members <= keys
    assert {key for key, _ in after.excluded_samples} <= keys
    assert after.selection.exposure in keys
    assert len(after.selection.samples) == 1


def test_a_missing_file_is_a_row_and_the_others_open(
    opened: tuple[Commands, list[str]], other: Commands, folder: Path, qtbot: QtBot
) -> None:
    before = opened[0].store.state
    document = document_of(before, folder)
    gone = next(item for item in before.exposures if item.key in before.excluded_members)
    os.unlink(gone.source.path)
    reopened(document, folder, other, qtbot)
    after = other.store.state
    (row,) = after.bad_files
    assert row.path == str(gone.source.path)
    assert "is missing" in row.why
    assert len(after.exposures) == len(before.exposures) - 1
    # Saved again while it is missing, the session still knows what was excluded.
    again = document_of(after, folder)
    assert again.excluded_members == document.excluded_members
    assert {one.path for one in again.files} == {one.path for one in document.files}


def test_a_changed_file_is_opened_and_a_row_says_so(
    opened: tuple[Commands, list[str]], other: Commands, folder: Path, qtbot: QtBot
) -> None:
    before = opened[0].store.state
    document = document_of(before, folder)
    one, two = (Path(before.exposures[n].source.path) for n in (0, 1))
    one.write_bytes(one.read_bytes() + bytes(2880))
    os.utime(two, ns=(0, two.stat().st_mtime_ns + 3_600_000_000_000))
    reopened(document, folder, other, qtbot)
    after = other.store.state
    why = {row.path: row.why for row in after.bad_files}
    assert set(why) == {str(one), str(two)}
    assert all(row.opened for row in after.bad_files)
    assert "has changed since the session was saved" in why[str(one)]
    assert "bytes instead of" in why[str(one)]
    assert "the date " in why[str(two)]
    assert str(two) in {str(item.source.path) for item in after.exposures}


def test_a_night_that_was_copied_has_one_note_and_no_rows(
    opened: tuple[Commands, list[str]], other: Commands, folder: Path, qtbot: QtBot
) -> None:
    document = document_of(opened[0].store.state, folder)
    for path in folder.rglob("*.fits"):
        os.utime(path, (1e9, 1e9))
    ended = reopened(document, folder, other, qtbot)
    assert other.store.state.bad_files == ()
    assert len(ended.notes) == 1
    assert "copied" in ended.notes[0]


def test_what_a_session_names_is_opened_as_a_file_or_not_at_all(
    other: Commands, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    paths = ["..", "/", "~/x.fits", "$HOME/x.fits", "a\0b", "\ud800", "x" * 5000, "a/../b.fits"]
    document = SessionDocument(files=tuple(FileRecord(path=path) for path in paths))
    reopened(document, tmp_path, other, qtbot)
    rows = other.store.state.bad_files
    assert len(rows) == len(paths)
    assert any(row.path == str(tmp_path / "~" / "x.fits") for row in rows)
    assert any(row.path == str(tmp_path / "b.fits") for row in rows)
    assert list(tmp_path.iterdir()) == []


def test_a_session_takes_the_place_of_what_was_open(
    opened: tuple[Commands, list[str]], folder: Path, qtbot: QtBot
) -> None:
    commands, _ = opened
    only = next(path for path in folder.glob("science*"))
    document = SessionDocument(files=(FileRecord(path=only.name),))
    ended = reopened(document, folder, commands, qtbot)
    state = commands.store.state
    assert ended.notes == ()
    assert [str(item.source.path) for item in state.exposures] == [str(only)]
    assert (state.sky_frames, state.excluded_samples) == ((), frozenset())
    assert (state.excluded_members, state.excluded_exposures) == (frozenset(), frozenset())
    assert state.config == SkyMeasurementConfig()
    assert state.results.fit is None
    assert commands.store.undo_label == ""


@pytest.mark.parametrize("while_opening", [False, True])
def test_of_two_sessions_opened_at_once_the_last_counts(
    folder: Path,
    other: Commands,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    while_opening: bool,
) -> None:
    first, second = (
        SessionDocument(files=(FileRecord(path=path.name),), preset_name=path.name)
        for path in sorted(folder.glob("*.fits"))[:2]
    )
    ends: list[tuple[str, Restored]] = []
    really_open = other.program.loader.open

    def open_and_change_mind(paths: Any, **how: bool) -> None:
        really_open(paths, **how)
        monkeypatch.setattr(other.program.loader, "open", really_open)
        restore(second, folder, other.program, lambda ended: ends.append(("second", ended)))

    if while_opening:
        monkeypatch.setattr(other.program.loader, "open", open_and_change_mind)
    restore(first, folder, other.program, lambda ended: ends.append(("first", ended)))
    if not while_opening:
        restore(second, folder, other.program, lambda ended: ends.append(("second", ended)))
    qtbot.waitUntil(lambda: "second" in dict(ends), timeout=30_000)
    qtbot.waitUntil(lambda: not other.program.busy, timeout=60_000)
    qtbot.wait(30)
    assert [name for name, _ in ends] == ["second"]
    state = other.store.state
    assert [item.source.name for item in state.exposures] == [second.files[0].path]


def test_a_sky_frame_that_was_not_saved_is_named_and_built_again(
    commands: Commands, other: Commands, folder: Path, qtbot: QtBot, idle: Callable[[], None]
) -> None:
    commands.open(sorted(folder.glob("v*.fits")))
    idle()
    commands.build()
    idle()
    before = commands.store.state
    assert before.sky_frames
    document = document_of(before, folder)
    commands.set_config(CONFIG)
    ended = reopened(document, folder, other, qtbot)
    assert len(ended.unbuilt) == len(before.sky_frames)
    assert ended.notes == ()
    for record in ended.unbuilt:
        assert rebuild((record,), folder, other.program) == ()
    qtbot.wait(30)
    qtbot.waitUntil(lambda: not other.program.busy, timeout=60_000)
    after = other.store.state
    assert len({item.key for item in after.sky_frames}) == len(before.sky_frames)
    for old, new in zip(before.sky_frames, after.sky_frames, strict=True):
        assert new.detector == old.detector
        assert new.made_with == old.made_with
        np.testing.assert_array_equal(new.sky_frame.grid.values, old.sky_frame.grid.values)


def test_an_older_sky_frame_that_is_built_again_does_not_take_over_from_a_saved_newer_one(
    commands: Commands, other: Commands, folder: Path, qtbot: QtBot, idle: Callable[[], None]
) -> None:
    commands.open(sorted(folder.glob("v*.fits")))
    idle()
    commands.build()
    idle()
    n = len(commands.store.state.sky_frames)
    commands.set_role("sky", [commands.store.state.exposures[0].key], False)
    commands.build()
    idle()
    frames = commands.store.state.sky_frames
    saved = []
    for number, item in enumerate(frames[n:]):
        path = folder / f"saved-{number}.fits"
        write_sky_frame(path, item.sky_frame, detector=item.detector)
        saved.append(replace(item, path=str(path)))
    document = document_of(replace(commands.store.state, sky_frames=(*frames[:n], *saved)), folder)
    ended = reopened(document, folder, other, qtbot)
    assert len(ended.unbuilt) == n
    for record in ended.unbuilt:
        rebuild((record,), folder, other.program)
    qtbot.wait(30)
    qtbot.waitUntil(lambda: not other.program.busy, timeout=60_000)
    after = other.store.state.sky_frames
    assert len(after) == len(frames)
    assert [item.path for item in after[n:]] == [item.path for item in saved]
    assert all(not item.path for item in after[:n])


def test_an_exported_sky_frame_is_one_of_the_session_s_files(
    commands: Commands, folder: Path, idle: Callable[[], None], tmp_path: Path
) -> None:
    commands.open(sorted(folder.glob("v*.fits")))
    idle()
    commands.build()
    idle()
    (item, *rest) = commands.store.state.sky_frames
    saved = replace(item, path=str(folder / "sky" / "sky.fits"))
    state = replace(
        commands.store.state,
        sky_frames=(saved, *rest),
        selection=replace(commands.store.state.selection, sky_frame=item.key),
    )
    document = document_of(state, folder)
    assert "sky/sky.fits" in {one.path for one in document.files}
    assert document.selection.sky_frame is not None
    assert document.selection.sky_frame.file == "sky/sky.fits"
    assert len(document.unsaved) == len(rest)


def test_sets_come_back_with_names_what_is_in_use_and_what_is_out_of_each(
    commands: Commands, other: Commands, folder: Path, idle: Callable[[], None], qtbot: QtBot
) -> None:
    commands.open([str(path) for path in sorted(folder.glob("*.fits"))])
    idle()
    commands.build()
    idle()
    commands.build()
    idle()
    newer, older = sky_sets(commands.store.state)
    commands.sets.rename(older.key, "all")
    commands.sets.use(older.key)
    commands.select_sky_frame(older.frames[0].key, alone=True)
    idle()
    out = older.frames[0].members[0]
    commands.sets.switch_member(out)
    idle()
    before = commands.store.state
    document, notes = parse_session(session_text(document_of(before, folder)))
    assert notes == ()
    ended = reopened(document, folder, other, qtbot)
    for record in ended.unbuilt:
        rebuild((record,), folder, other.program)
    qtbot.wait(30)
    qtbot.waitUntil(lambda: not other.program.busy, timeout=60_000)
    after = other.store.state
    assert [one.name for one in sky_sets(after)] == [newer.name, "all"]
    assert after.chosen_sets == before.chosen_sets == {older.key}
    told = [
        (one.detector, one.set_key, one.made_at, one.excluded_members) for one in after.sky_frames
    ]
    assert sorted(told) == sorted(
        (one.detector, one.set_key, one.made_at, one.excluded_members) for one in before.sky_frames
    )
    assert {out} in [one.excluded_members for one in after.sky_frames]
    undone = commands.store
    undone.undo()
    undone.undo()
    assert not undone.state.chosen_sets


# Autosave --------------------------------------------------------------------------------------


@pytest.fixture
def autosave(store: Store, tmp_path: Path) -> Iterator[Autosave]:
    made = Autosave(store, tmp_path / "prefs", layout=lambda: "AAEC", every=0.05)
    yield made
    assert made.close()


def crash(autosave: Autosave, qtbot: QtBot) -> None:
    """Leave everything as a process leaves it that is no more."""
    autosave._store.changed.disconnect(autosave._on_changed)
    autosave.write_now()
    qtbot.waitUntil(lambda: not autosave.lane.busy, timeout=10_000)
    lock = autosave.path.with_suffix(".lock")
    text = lock.read_text().splitlines()
    text[0] = "999999999"
    autosave._lock.unlock()
    lock.write_text("\n".join(text) + "\n")


def test_the_session_is_written_after_a_change_and_removed_at_the_end(
    autosave: Autosave, commands: Commands, folder: Path, idle: Callable[[], None], qtbot: QtBot
) -> None:
    assert not autosave.path.parent.exists()
    commands.open([folder])
    idle()
    commands.set_config(CONFIG)
    qtbot.waitUntil(lambda: autosave.path.exists(), timeout=10_000)
    qtbot.waitUntil(lambda: read_session(autosave.path)[0].config == CONFIG, timeout=10_000)
    document, notes = read_session(autosave.path)
    assert notes == ()
    assert document.layout == "AAEC"
    assert len(document.files) == 5
    assert left_over(autosave.path.parent) == ()  # of a run that goes on
    assert autosave.close()
    assert list(autosave.path.parent.iterdir()) == []


def test_looking_about_writes_nothing(
    autosave: Autosave, commands: Commands, folder: Path, idle: Callable[[], None], qtbot: QtBot
) -> None:
    commands.open([folder])
    idle()
    qtbot.waitUntil(lambda: autosave.path.exists(), timeout=10_000)
    qtbot.waitUntil(lambda: not autosave.lane.busy and not autosave._pause.isActive())
    written = autosave.path.stat().st_mtime_ns
    commands.point((3.0, 4.0))
    key = commands.store.state.exposures[0].key
    commands.hover((key, (0, 0, 1, 1)))
    commands.store.set(log=("x",))
    qtbot.wait(200)
    assert autosave.path.stat().st_mtime_ns == written


def test_after_a_crash_the_session_is_offered_with_its_unsaved_sky_frames(
    autosave: Autosave,
    commands: Commands,
    other: Commands,
    folder: Path,
    idle: Callable[[], None],
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    commands.open(sorted(folder.glob("*.fits")))
    idle()
    commands.build()
    idle()
    before = commands.store.state
    commands.select_sky_frame(before.sky_frames[0].key)
    before_use = commands.store.state.chosen_sets
    idle()
    crash(autosave, qtbot)

    (left,) = left_over(tmp_path / "prefs")
    assert (left.n_files, left.n_unsaved, left.why) == (4, len(before.sky_frames), "")
    assert left.saved
    ends: list[Restored] = []
    again = Autosave(other.store, tmp_path / "prefs", every=0.05)
    left.restore(other.program, ends.append)
    qtbot.waitUntil(lambda: bool(ends), timeout=30_000)
    assert left.path.exists()
    again.replaces(left)
    assert ends[0].unbuilt == ()
    after = other.store.state
    assert len(after.exposures) == len(before.exposures)
    assert after.chosen_sets == {after.sky_frames[0].set_key} == before_use
    for old, new in zip(before.sky_frames, after.sky_frames, strict=True):
        assert new.path == ""  # still to be saved
        assert (new.detector, new.made_with, new.unit) == (old.detector, old.made_with, old.unit)
        np.testing.assert_array_equal(new.sky_frame.grid.values, old.sky_frame.grid.values)
        np.testing.assert_array_equal(new.sky_frame.clipped, old.sky_frame.clipped)
    # The old autosave stays until the session is saved, and nobody else is offered it.
    qtbot.waitUntil(lambda: again.path.exists(), timeout=10_000)
    qtbot.waitUntil(lambda: not again.lane.busy, timeout=10_000)
    assert left.path.exists()
    assert left_over(tmp_path / "prefs") == ()
    again.let_go()
    assert not left.path.exists()
    assert not left.path.with_suffix("").exists()
    document, _ = read_session(again.path)
    for record in document.unsaved:
        assert np.isfinite(read_sky_frame(record.file).grid.values).any()
    qtbot.waitUntil(lambda: not other.program.busy, timeout=60_000)
    assert again.close()


def test_a_process_that_dies_leaves_its_session_to_the_next(
    night: Night, tmp_path: Path, qapp: object
) -> None:
    code = f"""
import os
from PyQt6.QtCore import QCoreApplication
app = QCoreApplication([])
from skyframe_gui.app.project.autosave import Autosave
from skyframe_gui.app.work.loader import Loader
from skyframe_gui.app.model.store import Store
session = Store()
autosave = Autosave(session, {str(tmp_path)!r}, every=0.01)
loader = Loader(session)
loader.open([{night.science[0]!r}])
while not autosave.path.exists():
    app.processEvents()
os._exit(1)
"""
    subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        timeout=120,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    (left,) = left_over(tmp_path)
    assert (left.n_files, left.why) == (1, "")
    left.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_left_over_that_cannot_be_read_says_so(tmp_path: Path, qapp: object) -> None:
    path = tmp_path / "run-999999999-0123abcd.sky"
    path.write_text("junk")
    (tmp_path / "notes.sky").write_text("a person's own file")
    (left,) = left_over(tmp_path)
    assert isinstance(left, LeftOver)
    assert "is not a session file" in left.why
    assert left_over(tmp_path / "nowhere") == ()


def test_a_full_disk_is_told_and_the_older_autosave_stays_whole(
    autosave: Autosave,
    commands: Commands,
    folder: Path,
    idle: Callable[[], None],
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    commands.open([folder])
    idle()
    qtbot.waitUntil(lambda: autosave.path.exists(), timeout=10_000)
    qtbot.waitUntil(lambda: not autosave.lane.busy and not autosave._pause.isActive())

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    def problems() -> list[str]:
        return [one.text for one in commands.store.state.problems if one.origin == "autosave"]

    before = autosave.path.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        commands.set_config(CONFIG)
        qtbot.waitUntil(lambda: bool(problems()), timeout=10_000)
    assert "the disk is full" in problems()[0]
    assert autosave.path.read_bytes() == before
    commands.set_config(SkyMeasurementConfig(skyRej=7))
    qtbot.waitUntil(lambda: not problems(), timeout=10_000)
    assert read_session(autosave.path)[0].config.skyRej == 7


# The view --------------------------------------------------------------------------------------


def test_every_field_of_the_view_goes_through_a_session_file() -> None:
    view = View(
        workspace="stack",
        panes=("model",),
        pane_shape=(1, 1),
        measured=MappingProxyType({"model": MappingProxyType({"98 %": (1.0, 2.0)})}),
        frames=(Frame(1.0, 2.0, 0.5), None, None, None, None, None),
        linked=False,
        limits_linked=True,
        edges=False,
        boxes=False,
        compared="model",
        on_difference=True,
        masks=True,
        crosshair=False,
        compass=False,
        overview=True,
        magnifier=True,
        veil="full",
        hidden_planes=frozenset({"SAT", "BAD"}),
        plane_opacity=0.9,
        plane_colours=MappingProxyType({"SAT": "#00ff00"}),
        own_grid=True,
        correction_stage=2,
        correction_part="added",
        plane_layer="good",
        plane_limits=MappingProxyType({"exposure": (-1.5, 2.5)}),
        amplifiers=False,
        own_number="rejected",
        tile_order="number",
        tile_plot="residuals",
        detector_order="radius",
        in_file=True,
        counts_from_one=True,
        reel="marked",
        film_seconds=2.5,
        film_back=True,
        cut=Cut(x0=1.5, y0=2, x1=30, y1=4, width=5, step=2, kind="row"),
        region=Region(x0=1, y0=2, x1=3, y1=4.5, shape="circle"),
        mask_visits=True,
        mask_sky=True,
    )
    untouched = {"active", *PASSING}
    for one in fields(View):
        assert one.name in untouched or getattr(view, one.name) != getattr(View(), one.name), (
            f"{one.name} is new: try it here, too"
        )
    assert taken_view(plain_view(view), View()) == (view, ())


LOOKS = MappingProxyType(
    {
        layer: Look(
            stretch=STRETCHES[index % len(STRETCHES)],
            preset=presets_of(layer)[-1 - index % 7],
            colours=colours_of(layer)[index % 6],
            by_hand=(float(index), index + 0.5),
            of="" if layer in DIFFERENCES else "here",
            bins=48 if layer == "residual" else None,
            smooth=1.5 if layer in SMOOTHED else 0.0,
        )
        for index, layer in enumerate(LOOKED)
    }
)
"""No field as it is at the first start."""


def test_every_field_of_the_looks_goes_through_a_session_file() -> None:
    plain = json.loads(json.dumps(plain_looks(LOOKS, "here")))
    looks, notes = taken_looks(plain)
    assert notes == ()
    assert placed_looks(looks, "here") == LOOKS


def test_limits_by_hand_of_an_exposure_that_is_not_looked_at_are_not_saved() -> None:
    looks = taken_looks(plain_looks(LOOKS, "another"))[0]
    for layer in LAYERS:
        held = LOOKS[layer].by_hand if layer in DIFFERENCES else None
        assert looks[layer].by_hand == held


def test_the_view_of_version_0_1_0_gives_the_same_looks() -> None:
    old = {
        "panes": ["exposure", "grid", "model", "subtracted"],
        "stretch": "log",
        "limits_mode": "99 %",
        "colours": "viridis",
        "limits": {"exposure": [10.0, 20.0], "model": [0.5, 1.5], "subtracted": [-6.0, 6.0]},
        "frames": [{"x": 1.0, "y": 2.0, "zoom": 0.5}] * 4,
    }
    view, notes = taken_view(old, View())
    assert notes == ()
    assert view.frames == (Frame(1.0, 2.0, 0.5),) * 6
    assert view.panes == ("exposure", "grid", "model", "subtracted")
    looks = placed_looks(looks_of_old(old), "a")
    state = State(view=view, looks=looks, selection=Selection(exposure="a"))
    look = looks["exposure"]
    assert (look.stretch, look.preset, look.colours) == ("log", "99 %", "viridis")
    assert limits_of(state, "exposure") == (10.0, 20.0)
    assert limits_of(state, "model") == (0.5, 1.5)
    assert limits_of(state, "subtracted") == (-6.0, 6.0)
    other = replace(state, selection=Selection(exposure="b"))
    assert looks["subtracted"].by_hand != limits_of(other, "subtracted"), "it was never for all"


def test_limits_of_version_0_1_0_that_were_measured_are_not_by_hand() -> None:
    measured = {"exposure": {"zscale": (10.0, 20.0)}}
    looks = placed_looks(looks_of_old({"limits": {"exposure": [10.0, 20.0]}}), "a")
    state = State(view=View(measured=measured), looks=looks, selection=Selection(exposure="a"))
    assert preset_name(state, "exposure") == "zscale"


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=8,
)
view_names = st.sampled_from([one.name for one in fields(View)])


@given(st.dictionaries(view_names | st.text(max_size=6), plain))
def test_any_view_gives_one_that_can_be_shown(data: dict[str, Any]) -> None:
    view, notes = taken_view(data, View())
    assert 0 <= view.active < len(view.panes) in (1, 2, 4, 6)
    assert len(view.frames) == 6
    assert all(low < high for one in view.measured.values() for low, high in one.values())
    assert all(note.endswith(".") for note in notes)
    hash(view.hidden_planes)


def test_a_view_that_is_wrong_all_over_stays_as_it_is() -> None:
    view = View(masks=True)
    left, notes = taken_view({f"name {n}": n for n in range(100_001)}, view)
    assert left == view
    assert notes == ("view was left out: more than 100000 things in it are wrong.",)


look_names = st.sampled_from(["stretch", "preset", "colours", "by_hand", "of", "bins"])
a_look = st.dictionaries(look_names | st.text(max_size=6), plain)


@given(plain | st.dictionaries(st.sampled_from(LOOKED) | st.text(max_size=6), a_look | plain))
def test_any_looks_give_some_that_can_be_shown(data: Any) -> None:
    looks, notes = taken_looks(data)
    assert tuple(looks) == LOOKED
    for layer, look in looks.items():
        assert look.stretch in STRETCHES
        assert look.preset in presets_of(layer)
        assert look.colours in colours_of(layer)
        assert look.by_hand is None or look.by_hand[0] < look.by_hand[1]
        assert look.bins is None or look.bins >= 4
    assert all(note.endswith(".") for note in notes)


def test_a_state_without_anything_is_a_session_too(tmp_path: Path) -> None:
    write_session(tmp_path / "empty.sky", document_of(State(), tmp_path))
    document, notes = read_session(tmp_path / "empty.sky")
    assert (document.files, notes) == ((), ())
