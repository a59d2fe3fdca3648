"""Session files through the window: saved, opened, offered after a crash, asked for at the end."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits
from PyQt6.QtWidgets import QFileDialog, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from skyframe_gui.app.commands import Commands
from skyframe_gui.app.model.items import ExposureItem, Options
from skyframe_gui.app.model.state import State
from skyframe_gui.app.model.store import Store
from skyframe_gui.app.model.view import Selection
from skyframe_gui.app.program import Program
from skyframe_gui.app.project.unsaved import title_of
from skyframe_gui.app.work.scan import open_one
from skyframe_gui.app.work.warmup import LABEL
from skyframe_gui.engine import SkyMeasurementConfig
from skyframe_gui.files import read_sky_frame
from skyframe_gui.files.session_file import read_session, write_session
from skyframe_gui.ui.crash_recovery import CrashRecovery
from skyframe_gui.ui.panels.problems import ProblemsPanel
from skyframe_gui.ui.window import MainWindow
from skyframe_gui.workflow.options import Normalise

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nights import Night

    from skyframe_gui.app.model.view import ViewChanges
    from skyframe_gui.engine import Watch
    from skyframe_gui.ui.session_files import SessionFiles


def make_folder(night: Night, place: Path) -> Path:
    """Put a science visit of two detectors there, and two exposures of the night."""
    place.mkdir()
    for path in (*night.science, *night.paths[:2]):
        shutil.copy2(path, place)
    return place


@pytest.fixture
def folder(night: Night, tmp_path: Path) -> Path:
    return make_folder(night, tmp_path / "work")


@pytest.fixture
def files(window: MainWindow) -> SessionFiles:
    return window.files


def rest(qtbot: QtBot, window: MainWindow) -> None:
    """Wait until files are open and session files are read and written."""
    files, program = window.files, window.commands.program
    for _ in range(3):  # what one of them ends, the other may begin
        qtbot.wait(10)  # what was just asked for has begun
        while program.busy:  # one result may ask for the next
            qtbot.waitUntil(lambda: not program.busy, timeout=60_000)
            qtbot.wait(10)
        qtbot.waitUntil(lambda: not files.lane.busy and not files.restoring, timeout=30_000)


@pytest.fixture
def at_rest(qtbot: QtBot, window: MainWindow) -> Callable[[], None]:
    return partial(rest, qtbot, window)


def question(window: MainWindow, name: str) -> QMessageBox:
    (box,) = (box for box in window.findChildren(QMessageBox, name) if box.isVisible())
    return box


def answer(window: MainWindow, name: str, text: str) -> None:
    box = question(window, name)
    next(button for button in box.findChildren(QPushButton) if button.text() == text).click()


def choose(dialog: QFileDialog, path: Path, qtbot: QtBot) -> None:
    """Have the dialog give a file, as if a person had typed it."""
    dialog.fileSelected.emit(str(path))
    dialog.reject()


def press(window: MainWindow, action: str) -> None:
    window.actions_.by_id[action].trigger()


def put_up(window: MainWindow) -> QFileDialog:
    (dialog,) = (one for one in window.findChildren(QFileDialog) if one.isVisible())
    return dialog


def work(commands: Commands, folder: Path, at_rest: Callable[[], None]) -> None:
    """Build a sky frame, exclude a sample, leave an exposure out and pin A, as a person does."""
    commands.open([folder])
    at_rest()
    keys = [item.key for item in commands.store.state.exposures]
    commands.set_role("sky", [key for key in keys if "science" in key], False)
    commands.build()
    at_rest()
    commands.select_exposure(next(key for key in keys if "science" in key))
    at_rest()
    fit = commands.store.state.results.fit
    assert fit is not None
    box = tuple(int(one) for one in fit.samples[0].boxes[3])
    commands.exclude_samples([(fit.keys[0], box)])
    commands.pins.pin("A")
    commands.looks.set_stretch("exposure", "asinh")
    at_rest()


@pytest.fixture
def working(
    window: MainWindow, commands: Commands, folder: Path, at_rest: Callable[[], None]
) -> MainWindow:
    work(commands, folder, at_rest)
    return window


def test_a_session_is_saved_and_opened_again(
    working: MainWindow,
    commands: Commands,
    files: SessionFiles,
    folder: Path,
    at_rest: Callable[[], None],
    qtbot: QtBot,
) -> None:
    before = commands.store.state
    assert working.isWindowModified()
    commands.show_workspace("stack")
    working.arrangement.open_dock("log")
    commands.show_workspace("visit")
    press(working, "save-session")
    choose(put_up(working), folder / "mine.sky", qtbot)
    at_rest()
    assert working.windowTitle().startswith("mine.sky[*] — visit 2001, det ")
    assert not working.isWindowModified()
    assert before.results.fit is not None
    scale = before.results.fit.solution.scale

    press(working, "new-session")  # everything is in the file: nothing is asked
    at_rest()
    assert commands.store.state.exposures == ()
    assert working.windowTitle() == "skyframe_gui"
    commands.view(workspace="visit")
    working.arrangement.restore({})

    commands.open([folder / "mine.sky"])  # as a drop, the recent list and the command line do
    at_rest()
    after = commands.store.state
    assert len(after.sky_frames) == len(before.sky_frames)  # built again
    for old, new in zip(before.sky_frames, after.sky_frames, strict=True):
        assert (new.detector, new.members) == (old.detector, old.members)
    for name in (
        "config",
        "options",
        "excluded_members",
        "excluded_exposures",
        "excluded_samples",
        "assigned",
    ):
        assert getattr(after, name) == getattr(before, name), name
    assert after.pins["A"].excluded_samples == before.pins["A"].excluded_samples
    assert after.selection.exposure == before.selection.exposure
    assert after.looks["exposure"].stretch == "asinh"
    assert after.view.workspace == "visit"
    assert not working.arrangement.is_open("log")
    commands.show_workspace("stack")
    assert working.arrangement.is_open("log"), "the docks of each workspace come back"
    assert after.results.fit is not None
    assert after.results.fit.solution.scale == scale
    assert after.recent[0].path == str(folder / "mine.sky")
    assert "4 exposures" in after.recent[0].contents
    assert str(folder) in {one.path for one in after.recent}, "what was opened before is kept"
    assert not working.isWindowModified(), "building again is no change"
    assert files.losses() == ()


def test_the_title_marks_changes_until_they_are_saved(
    working: MainWindow,
    commands: Commands,
    files: SessionFiles,
    folder: Path,
    at_rest: Callable[[], None],
    qtbot: QtBot,
) -> None:
    choose(files.save_as(), folder / "mine.sky", qtbot)
    at_rest()
    commands.looks.set_stretch("exposure", "log")
    commands.hover(None)
    assert not working.isWindowModified(), "looking about is no change"
    config = commands.store.state.config
    commands.set_config(config.model_copy(update={"skyRej": 7.0}))
    assert working.isWindowModified()
    commands.store.undo()
    assert not working.isWindowModified()
    commands.store.redo()
    press(working, "save-session")
    at_rest()
    assert not working.isWindowModified()
    assert read_session(folder / "mine.sky")[0].config.skyRej == 7.0


def test_a_moved_folder_opens_and_a_missing_file_is_a_row(
    working: MainWindow,
    commands: Commands,
    files: SessionFiles,
    folder: Path,
    at_rest: Callable[[], None],
    qtbot: QtBot,
) -> None:
    choose(files.save_as(), folder / "mine.sky", qtbot)
    at_rest()
    moved = folder.rename(folder.with_name("moved"))
    gone = next(moved.glob("science-d*1.fits"))
    os.unlink(gone)
    press(working, "open-session")
    choose(put_up(working), moved / "mine.sky", qtbot)
    at_rest()
    state = commands.store.state
    (row,) = state.bad_files
    assert row.path == str(gone)
    assert "is missing" in row.why
    assert all(str(item.source.path).startswith(str(moved)) for item in state.exposures)
    assert files.path == str(moved / "mine.sky")


def test_a_sky_frame_is_not_built_of_less_and_not_forgotten(
    working: MainWindow,
    commands: Commands,
    files: SessionFiles,
    folder: Path,
    at_rest: Callable[[], None],
    qtbot: QtBot,
) -> None:
    path = folder / "mine.sky"
    choose(files.save_as(), path, qtbot)
    at_rest()
    before = read_session(path)[0]
    lost = folder / before.unsaved[0].exposures[0].file
    away = lost.rename(lost.with_suffix(".away"))
    commands.open([path])
    at_rest()
    state = commands.store.state
    assert len(state.sky_frames) == len(before.unsaved) - 1
    assert any("1 of its 1 exposures are not here" in one.text for one in state.problems)
    (folder / "sub").mkdir()
    choose(files.save_as(), folder / "sub" / "again.sky", qtbot)
    at_rest()
    away.rename(lost)
    commands.open([folder / "sub" / "again.sky"])
    at_rest()
    assert len(commands.store.state.sky_frames) == len(before.unsaved)


def test_files_dropped_with_a_session_are_opened_after_it(
    working: MainWindow,
    commands: Commands,
    files: SessionFiles,
    folder: Path,
    night: Night,
    at_rest: Callable[[], None],
    qtbot: QtBot,
) -> None:
    choose(files.save_as(), folder / "mine.sky", qtbot)
    at_rest()
    commands.open([night.paths[3], folder / "mine.sky"])
    at_rest()
    names = {str(item.source.path) for item in commands.store.state.exposures}
    assert len(names) == 5
    assert night.paths[3] in names
    assert working.isWindowModified()


def test_a_damaged_or_newer_file_opens_and_says_what_was_left_out(
    working: MainWindow,
    commands: Commands,
    files: SessionFiles,
    folder: Path,
    at_rest: Callable[[], None],
    qtbot: QtBot,
) -> None:
    path = folder / "mine.sky"
    choose(files.save_as(), path, qtbot)
    at_rest()
    text = path.read_text().replace('"version": 2', '"version": 9', 1)
    path.write_text(text.replace('"pins": {\n  "A"', '"pins": {\n  "Z"', 1))
    commands.open([path])
    at_rest()
    state = commands.store.state
    (problem,) = (one for one in state.problems if one.origin == "session")
    assert "newer" in problem.text
    assert any("pins.Z" in line for line in state.log)
    assert state.exposures


@pytest.mark.parametrize("damage", ["newer", "unknown", "value", "cut", "view"])
def test_a_session_file_that_was_opened_in_part_is_not_replaced_by_save(
    window: MainWindow,
    commands: Commands,
    files: SessionFiles,
    folder: Path,
    at_rest: Callable[[], None],
    qtbot: QtBot,
    damage: str,
) -> None:
    path = folder / "night.sky"
    commands.open([folder])
    at_rest()
    choose(files.save_as(), path, qtbot)
    at_rest()
    text = path.read_text()
    if damage == "cut":
        text = text[: text.index('"selection"')]
    else:
        old, new = {
            "newer": ('"version": 2', '"version": 9'),
            "unknown": ('"version": 2', '"version": 2, "comments": "mine"'),
            "value": ('"mask_objects": "auto"', '"mask_objects": "some"'),
            "view": ('"stretch": "', '"stretch": "odd'),
        }[damage]
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text)
    (folder / "night-2.sky").write_text("another one")
    commands.open([path])
    at_rest()
    assert files.path == str(path)
    (problem,) = (one for one in commands.store.state.problems if one.origin == "session")
    assert "asks for another name" in problem.text

    press(window, "save-session")
    dialog = put_up(window)
    assert [os.path.basename(one) for one in dialog.selectedFiles()] == ["night-3.sky"]
    choose(dialog, path, qtbot)  # a person may want it gone, and is asked
    answer(window, "replace", "Cancel")
    at_rest()
    assert path.read_text() == text
    press(window, "save-session")
    choose(put_up(window), folder / "night-3.sky", qtbot)
    at_rest()
    assert path.read_text() == text
    assert read_session(folder / "night-3.sky")[1] == ()
    commands.set_config(SkyMeasurementConfig(skyRej=5))
    press(window, "save-session")  # under its new name nothing is asked
    at_rest()
    assert read_session(folder / "night-3.sky")[0].config.skyRej == 5
    assert path.read_text() == text


def test_a_file_that_was_opened_in_part_is_kept_after_a_crash_too(
    restarted: MainWindow, folder: Path, qtbot: QtBot
) -> None:
    path = folder / "mine.sky"
    text = path.read_text().replace('"version": 2', '"version": 9', 1)
    path.write_text(text)
    restored(restarted, qtbot)
    restarted.files.save()
    put_up(restarted).reject()
    assert path.read_text() == text
    end(restarted)


def test_all_that_was_left_out_of_a_session_is_behind_details(
    window: MainWindow, commands: Commands, folder: Path, at_rest: Callable[[], None]
) -> None:
    path = folder / "odd.sky"
    path.write_text('{"format": "skyframe_gui session", "version": 1, "a": 1, "b": 2, "c": 3}')
    commands.open([path])
    at_rest()
    state = commands.store.state
    (problem,) = (one for one in state.problems if one.origin == "session")
    assert "2 more in the log" in problem.text
    notes = problem.notes.splitlines()
    assert len(notes) == 3
    assert set(notes) <= set(state.log)
    panel = window.panel("problems")
    assert isinstance(panel, ProblemsPanel)
    (card,) = panel.cards
    assert card.objectName() == "warningCard", "it is no fault of the program"
    assert "Details" in {button.text() for button in card.findChildren(QPushButton)}


def test_what_is_no_session_leaves_the_present_one_alone(
    working: MainWindow,
    commands: Commands,
    folder: Path,
    at_rest: Callable[[], None],
    qtbot: QtBot,
) -> None:
    before = commands.store.state.exposures
    (folder / "junk.sky").write_text("junk")
    commands.open([folder / "junk.sky"])
    answer(working, "lose", "Open without saving")
    at_rest()
    state = commands.store.state
    assert state.exposures == before
    assert any("is not a session file" in one.text for one in state.problems)


def test_a_file_is_replaced_only_when_that_was_said(
    working: MainWindow,
    files: SessionFiles,
    folder: Path,
    at_rest: Callable[[], None],
    qtbot: QtBot,
) -> None:
    path = folder / "mine.sky"
    path.write_text("something else")
    choose(files.save_as(), path, qtbot)
    answer(working, "replace", "Cancel")
    at_rest()
    assert path.read_text() == "something else"
    choose(files.save_as(), path, qtbot)
    answer(working, "replace", "Replace")
    at_rest()
    assert read_session(path)[0].files


def changed_elsewhere(path: Path) -> bytes:
    """Save into a session file as another window does that knows another config."""
    document, _ = read_session(path)
    config = document.config.model_copy(update={"skyRej": 7.5})
    write_session(path, document.model_copy(update={"config": config}), overwrite=True)
    return path.read_bytes()


def test_a_session_file_that_another_window_has_written_is_replaced_only_after_a_question(
    working: MainWindow,
    files: SessionFiles,
    folder: Path,
    at_rest: Callable[[], None],
    qtbot: QtBot,
) -> None:
    path = folder / "mine.sky"
    choose(files.save_as(), path, qtbot)
    at_rest()
    files.save()  # our own saving is no change
    at_rest()
    theirs = changed_elsewhere(path)
    files.save()
    at_rest()
    assert "mine.sky was changed" in question(working, "changed").text()
    answer(working, "changed", "Cancel")
    at_rest()
    assert path.read_bytes() == theirs
    files.save()
    at_rest()
    answer(working, "changed", "Save as…")
    choose(put_up(working), folder / "other.sky", qtbot)
    at_rest()
    assert path.read_bytes() == theirs
    assert files.path == str(folder / "other.sky")
    files.open_path(str(path))
    at_rest()
    theirs = path.read_bytes().replace(b"7.5", b"7.6")
    path.write_bytes(theirs)
    files.save()
    at_rest()
    answer(working, "changed", "Replace")
    at_rest()
    assert path.read_bytes() != theirs
    path.touch()  # another date alone takes nothing away
    files.save()
    at_rest()
    assert not [box for box in working.findChildren(QMessageBox, "changed") if box.isVisible()]
    path.unlink()
    files.save()
    at_rest()
    assert read_session(path)[0].files


def test_a_new_session_asks_before_built_sky_frames_are_lost(
    working: MainWindow, commands: Commands, at_rest: Callable[[], None]
) -> None:
    press(working, "new-session")
    assert "sky frame" in question(working, "lose").text()
    answer(working, "lose", "Cancel")
    at_rest()
    assert commands.store.state.sky_frames
    press(working, "new-session")
    answer(working, "lose", "Go on without saving")
    at_rest()
    assert commands.store.state.sky_frames == ()


# Closing ---------------------------------------------------------------------------------------


def test_closing_asks_first_and_saves_when_that_is_wanted(
    working: MainWindow,
    files: SessionFiles,
    folder: Path,
    at_rest: Callable[[], None],
    qtbot: QtBot,
) -> None:
    files.guard.start()
    assert not working.close()
    text = question(working, "lose").text()
    assert "built here" in text
    assert "excluded by hand" in text
    answer(working, "lose", "Cancel")
    assert working.isVisible()
    qtbot.wait(10)
    assert not working.close()
    answer(working, "lose", "Save session")
    choose(put_up(working), folder / "end.sky", qtbot)
    qtbot.waitUntil(lambda: not working.isVisible(), timeout=10_000)
    assert read_session(folder / "end.sky")[0].unsaved


def test_closing_without_saving_closes(
    working: MainWindow, files: SessionFiles, qtbot: QtBot
) -> None:
    files.guard.start()
    working.close()
    answer(working, "lose", "Close without saving")
    qtbot.waitUntil(lambda: not working.isVisible(), timeout=10_000)


def test_a_window_in_which_nothing_was_done_closes_at_once(
    window: MainWindow,
    commands: Commands,
    files: SessionFiles,
    folder: Path,
    at_rest: Callable[[], None],
) -> None:
    commands.open([folder])
    at_rest()
    files.guard.start()
    assert window.close()


@pytest.mark.parametrize("what", ["config", "options"])
def test_settings_that_were_changed_are_asked_for_before_they_are_gone(
    window: MainWindow,
    commands: Commands,
    files: SessionFiles,
    folder: Path,
    at_rest: Callable[[], None],
    what: str,
) -> None:
    commands.open([folder])
    at_rest()
    files.guard.start()
    if what == "config":
        commands.set_config(SkyMeasurementConfig(skyRej=5))
    else:
        commands.set_options(normalise=Normalise.LEVEL)
    assert not window.close()
    assert what in question(window, "lose").text()
    answer(window, "lose", "Cancel")
    if what == "config":
        commands.set_preset("mine", SkyMeasurementConfig(skyRej=5))
    else:
        commands.set_options(normalise=Options().normalise)
    assert files.losses() == (), "what a preset says is not lost"


@pytest.mark.parametrize("unsaved", [False, True])
def test_closing_in_the_middle_of_an_export_asks_once(
    window: MainWindow,
    commands: Commands,
    files: SessionFiles,
    folder: Path,
    at_rest: Callable[[], None],
    qtbot: QtBot,
    unsaved: bool,
) -> None:
    def work(watch: Watch) -> None:
        while True:
            time.sleep(0.005)
            watch.step(0, 1)

    commands.open([folder])
    at_rest()
    files.guard.start()
    if unsaved:
        commands.set_config(SkyMeasurementConfig(skyRej=5))
        at_rest()
    commands.program.tasks.run("Write 8 files", work, lambda _: None)
    name, text = ("lose", "Close without saving") if unsaved else ("stop", "Stop and close")
    assert not window.close()
    assert not window.close(), "the question is open still"
    assert "Write 8 files" in question(window, name).text()
    answer(window, name, "Cancel")
    qtbot.wait(10)
    assert window.isVisible()
    assert commands.program.tasks.lane.busy
    assert not window.close()
    answer(window, name, text)
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=10_000)


def test_the_preparing_of_the_engine_keeps_no_window_open(
    window: MainWindow, commands: Commands, files: SessionFiles
) -> None:
    def wait(watch: Watch) -> None:
        while True:
            time.sleep(0.005)
            watch.step(0, 1)

    files.guard.start()
    commands.program.tasks.lane.submit(LABEL, wait)
    assert window.close()


def test_a_role_given_to_what_was_subtracted_before_is_there_in_the_next_session(
    window: MainWindow,
    commands: Commands,
    files: SessionFiles,
    folder: Path,
    at_rest: Callable[[], None],
    qtbot: QtBot,
) -> None:
    for name in ("science-d1.fits", "science-d2.fits"):
        for keyword, value in (("SFVERS", "0.2.0"), ("SFSCALE", 1.25)):
            fits.setval(folder / name, keyword, value=value)
    commands.open([folder])
    at_rest()
    state = commands.store.state
    first, second = (i.key for i in state.exposures if i.source.subtracted)
    commands.set_role("science", [first], True)
    choose(files.save_as(), folder / "mine.sky", qtbot)
    at_rest()
    files.open_path(str(folder / "mine.sky"))
    at_rest()
    state = commands.store.state
    assert state.excluded_exposures == {second}
    assert state.excluded_members == {first, second}
    assert files.losses() == ()


def test_closing_waits_for_a_save_that_has_begun(
    working: MainWindow, files: SessionFiles, folder: Path, qtbot: QtBot
) -> None:
    files.guard.start()
    choose(files.save_as(), folder / "mine.sky", qtbot)
    assert not working.close()
    qtbot.waitUntil(lambda: not working.isVisible(), timeout=10_000)
    assert read_session(folder / "mine.sky")[0].by_hand


# After a crash ---------------------------------------------------------------------------------


CAMERA_CHOICES: ViewChanges = {
    "plane_layer": "exposure",
    "plane_limits": MappingProxyType({"exposure": (900.0, 1100.0)}),
    "own_number": "sigma",
    "tile_order": "rejected",
    "tile_plot": "residuals",
}


def opened_window() -> MainWindow:
    commands = Commands(Program(Store()))
    commands.program.live.set_pause(20)
    window = MainWindow(commands.store, commands)
    window.show()
    return window


@pytest.fixture(scope="module")
def crash(
    night: Night,
    tmp_path_factory: pytest.TempPathFactory,
    qapp: object,
    request: pytest.FixtureRequest,
) -> Path:
    """A window is gone as with its process, and its autosave is left; made once, to be copied."""
    root, qtbot = tmp_path_factory.mktemp("crash"), QtBot(request)
    folder = make_folder(night, root / "work")
    window = opened_window()
    at_rest, files = partial(rest, qtbot, window), window.files
    work(window.commands, folder, at_rest)
    choose(files.save_as(), folder / "mine.sky", qtbot)
    at_rest()
    place = root / "prefs" / "autosave"
    recovery = CrashRecovery(window, files, place, every=0.05)
    window.commands.exclude_samples(window.store.state.excluded_samples, exclude=False)
    window.commands.view(**CAMERA_CHOICES)
    at_rest()
    recovery.autosave.write_now()
    qtbot.waitUntil(lambda: not recovery.autosave.lane.busy, timeout=10_000)
    kept = place.with_name("kept")
    shutil.copytree(place, kept)
    end(window)
    assert window.commands.program.close(), "work went on after the end"
    window.deleteLater()
    assert list(place.iterdir()) == [], "a window that closes leaves nothing"
    (path,) = kept.glob("run-*.sky")
    (kept / f"{path.stem}.lock").unlink()
    path.write_text(path.read_text().replace(str(place / path.stem), str(kept / path.stem)))
    return root


@pytest.fixture
def crashed(crash: Path, folder: Path, tmp_path: Path) -> Path:
    """Return the folder of what a crash has left of the work in this test's folder."""
    shutil.copy2(crash / "work" / "mine.sky", folder)
    kept = tmp_path / "prefs" / "kept"
    shutil.copytree(crash / "prefs" / "kept", kept)
    for path in (folder / "mine.sky", *kept.glob("run-*.sky")):
        path.write_text(path.read_text().replace(str(crash), str(tmp_path)))
    return kept


@pytest.fixture
def restarted(crashed: Path, qtbot: QtBot) -> MainWindow:
    """The program started again."""
    window = opened_window()
    qtbot.addWidget(window)
    recovery = CrashRecovery(window, window.files, crashed, every=0.05)
    window.setProperty("recovery", recovery)
    qtbot.waitUntil(lambda: bool(recovery.cards), timeout=10_000)
    return window


def end(window: MainWindow) -> None:
    window.files.guard.is_on = False
    window.close()


def test_what_a_crash_left_is_offered_and_restored(
    restarted: MainWindow, crashed: Path, folder: Path, qtbot: QtBot
) -> None:
    recovery, files = restarted.property("recovery"), restarted.files
    (card,) = recovery.cards
    assert card.isVisible()
    assert "The last session did not close properly." in card.text.text()
    assert "mine.sky was saved by itself at " in card.text.text()
    card.restore.click()
    qtbot.waitUntil(lambda: not files.restoring and not files.lane.busy, timeout=30_000)
    state = restarted.store.state
    assert len(state.exposures) == 4
    assert state.excluded_samples == frozenset(), "the last change before the crash"
    kept = {name: getattr(state.view, name) for name in CAMERA_CHOICES}
    assert kept == CAMERA_CHOICES
    assert state.sky_frames
    assert all(not item.path for item in state.sky_frames)
    assert files.path == str(folder / "mine.sky")
    assert restarted.isWindowModified()
    assert files.losses()
    assert recovery.cards == []
    # What the crash has left stays until the session is saved, beside this window's own.
    qtbot.waitUntil(lambda: recovery.autosave.path.exists(), timeout=10_000)
    qtbot.waitUntil(lambda: not recovery.autosave.lane.busy, timeout=10_000)
    assert len(list(crashed.glob("run-*.sky"))) == 2
    theirs = changed_elsewhere(folder / "mine.sky")
    files.save()
    qtbot.waitUntil(lambda: not files.lane.busy, timeout=10_000)
    assert (folder / "mine.sky").read_bytes() == theirs
    answer(restarted, "changed", "Replace")
    qtbot.waitUntil(lambda: not files.lane.busy, timeout=10_000)
    qtbot.waitUntil(lambda: len(list(crashed.glob("run-*.sky"))) == 1, timeout=10_000)
    assert recovery.autosave.path.exists()
    document, _ = read_session(folder / "mine.sky")
    assert len(document.unsaved) == len(state.sky_frames)
    qtbot.waitUntil(lambda: not restarted.commands.program.busy, timeout=30_000)
    end(restarted)


def restored(window: MainWindow, qtbot: QtBot) -> State:
    """Restore, and wait for what is built again."""
    files = window.files
    window.property("recovery").cards[0].restore.click()
    qtbot.waitUntil(lambda: not files.restoring and not files.lane.busy, timeout=30_000)
    qtbot.waitUntil(lambda: not window.commands.program.busy, timeout=30_000)
    qtbot.wait(30)
    qtbot.waitUntil(lambda: not window.commands.program.busy, timeout=30_000)
    return window.store.state


def test_sky_frames_recovered_from_a_crash_have_their_exposures_again(
    restarted: MainWindow, folder: Path, qtbot: QtBot
) -> None:
    state = restored(restarted, qtbot)
    names = {name for name in os.listdir(folder) if not name.startswith("science")}
    assert state.sky_frames
    for item in state.sky_frames:
        assert item.built is not None
        assert len(item.members) == len(item.built.sources) > 0
        assert {source.name for source in item.built.sources} <= names
    assert [one.text for one in state.problems] == []
    end(restarted)


def test_a_recovered_sky_frame_whose_exposures_give_other_values_is_kept(
    restarted: MainWindow, crashed: Path, folder: Path, qtbot: QtBot
) -> None:
    (path,) = crashed.glob("run-*.sky")
    document, _ = read_session(path)
    (one, *rest) = document.unsaved
    assert one.config is not None
    other = one.config.background.model_copy(update={"xBinSize": 40})
    one = one.model_copy(update={"config": one.config.model_copy(update={"background": other})})
    changed = document.model_copy(update={"unsaved": (one, *rest)})
    write_session(path, changed, overwrite=True)
    values = read_sky_frame(one.file).grid.values
    state = restored(restarted, qtbot)
    assert any("was kept as it was recovered" in one.text for one in state.problems)
    (item,) = (item for item in state.sky_frames if item.built is None)
    np.testing.assert_array_equal(item.sky_frame.grid.values, values)
    assert len(state.sky_frames) == len(document.unsaved)
    end(restarted)


def test_what_was_restored_is_not_offered_again_after_an_orderly_end(
    restarted: MainWindow, crashed: Path, qtbot: QtBot
) -> None:
    recovery, files = restarted.property("recovery"), restarted.files
    recovery.autosave._pause.setInterval(60_000)
    recovery.cards[0].restore.click()
    qtbot.waitUntil(lambda: not files.restoring and not files.lane.busy, timeout=30_000)
    qtbot.waitUntil(lambda: not restarted.commands.program.busy, timeout=30_000)
    restarted.close()
    answer(restarted, "lose", "Close without saving")
    qtbot.waitUntil(lambda: not restarted.isVisible(), timeout=10_000)
    assert list(crashed.iterdir()) == []


def test_what_a_crash_left_is_discarded_after_a_question(
    restarted: MainWindow, crashed: Path, qtbot: QtBot
) -> None:
    recovery = restarted.property("recovery")
    (card,) = recovery.cards
    card.discard.click()
    answer(restarted, "discard", "Cancel")
    assert recovery.cards == [card]
    qtbot.wait(10)
    card.discard.click()
    answer(restarted, "discard", "Discard")
    qtbot.waitUntil(lambda: recovery.cards == [], timeout=10_000)
    assert list(crashed.iterdir()) == []
    end(restarted)


def test_the_title_names_the_session_and_what_is_shown(night: Night) -> None:
    assert title_of(State(), "") == "skyframe_gui"
    assert title_of(State(), "a.sky") == "a.sky[*]"
    items = [one for one in open_one(night.science[0]) if isinstance(one, ExposureItem)]
    state = State(exposures=tuple(items), selection=Selection(exposure=items[0].key))
    assert title_of(state, "") == "new session[*] — visit 2001, det 1"
    assert title_of(replace(state, selection=Selection()), "") == "new session[*]"
