"""Files that other programs write anew, cut short or take away while they are open here."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PyQt6.QtCore import Qt

from skyframe_gui.app.export.plan import make_plan
from skyframe_gui.app.export.values import Wishes
from skyframe_gui.app.export.write import export
from skyframe_gui.app.model.hand_masks import MaskItem
from skyframe_gui.app.model.queries import open_exposure, open_exposures
from skyframe_gui.app.model.view import Frame
from skyframe_gui.engine import Exposure, SkyFrameError
from skyframe_gui.engine.hand_masks import HandMask
from skyframe_gui.files import read_exposures, write_sky_frame
from skyframe_gui.files.fits.write import write_exposure
from skyframe_gui.ui.data.tips import tip_of
from skyframe_gui.ui.data.tree_menu import Offers, menu_of
from skyframe_gui.ui.images.content import content_of
from skyframe_gui.ui.panels.data import DataPanel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nights import Night
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.data.tree_rows import Row
    from skyframe_gui.ui.window import MainWindow


@pytest.fixture
def folder(night: Night, tmp_path: Path) -> Path:
    """A science visit and two of the night's, which are few enough to be opened in no time."""
    made = tmp_path / "copy"
    made.mkdir()
    for one in (*night.science, *night.paths[:4]):
        shutil.copy(one, made)
    return made


@pytest.fixture
def shown(
    window: MainWindow, commands: Commands, folder: Path, idle: Callable[[], None]
) -> MainWindow:
    """A visit of two detectors and the night that its sky frames are built of."""
    commands.changes.set_pause(30)
    commands.open(sorted(folder.iterdir()))
    idle()
    commands.build()
    idle()
    commands.select_exposure(next(k for k in keys(commands.store.state) if "science-d1" in k))
    idle()
    window.activateWindow()
    return window


def now(window: MainWindow) -> State:
    return window.store.state


def keys(state: State) -> list[str]:
    return [item.key for item in state.exposures]


def path_of(state: State) -> str:
    item = open_exposure(state, state.selection.exposure)
    assert item is not None
    return str(item.source.path)


def add(path: str, value: float) -> bytes:
    """Return what a file holds with a value added to its pixels; the file itself stays."""
    exposure = read_exposures(path)[0]
    exposure.image.setflags(write=True)
    exposure.image[:] += np.float32(value)
    beside = f"{path}.new"
    write_exposure(beside, exposure)
    with open(beside, "rb") as file:
        data = file.read()
    os.unlink(beside)
    return data


def renamed_over(path: str, data: bytes) -> None:
    with open(f"{path}.part", "wb") as file:
        file.write(data)
    os.replace(f"{path}.part", path)


def in_place(path: str, data: bytes) -> None:
    with open(path, "r+b") as file:
        file.write(data)
        file.truncate()


def row(window: MainWindow) -> Row:
    key = now(window).selection.exposure
    tree = window.panels.get(DataPanel).tree
    return next(one for one in tree._model.rows() if one.id == key)


def told(window: MainWindow) -> str:
    return next((one.text for one in now(window).problems if one.origin == "files"), "")


def middle(window: MainWindow) -> float:
    """The median of the pixels that the panes show."""
    shown = now(window).results.shown
    assert shown is not None
    assert shown.exposure is not None
    return float(np.median(shown.exposure.image))


def test_a_file_that_is_written_anew_is_told_of_and_f5_takes_it_with_all_that_follows_from_it(
    shown: MainWindow,
    commands: Commands,
    qtbot: QtBot,
    idle: Callable[[], None],
) -> None:
    path, before = path_of(now(shown)), middle(shown)
    key = now(shown).selection.exposure
    mask = MaskItem(HandMask("circle", (50.0, 60.0, 8.0)), key)
    commands.masks.add([mask])
    idle()
    fit = now(shown).results.fit
    assert fit is not None
    box = tuple(int(one) for one in fit.samples[fit.keys.index(key)].boxes[2])
    commands.exclude_samples([(key, box)])  # type: ignore[list-item]
    idle()
    scale = now(shown).results.fit.solution.scale  # type: ignore[union-attr]
    renamed_over(path, add(path, 300.0))
    qtbot.waitUntil(lambda: bool(told(shown)))
    assert os.path.basename(path) in told(shown)
    assert "F5" in told(shown)
    qtbot.waitUntil(lambda: row(shown).mark == "changed")
    assert "changed on disk" in tip_of(now(shown), row(shown))
    content = content_of(now(shown), "exposure")
    assert content is not None
    assert "changed on disk" in content.subject
    # Until it is asked for, all that is shown is of the old file.
    idle()
    assert middle(shown) == before
    assert now(shown).results.fit.solution.scale == scale  # type: ignore[union-attr]
    qtbot.keyClick(shown, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: not told(shown))
    idle()
    assert middle(shown) == pytest.approx(before + 300.0, abs=0.01)
    assert now(shown).results.fit.solution.scale != scale  # type: ignore[union-attr]
    assert row(shown).mark == "ok"
    assert now(shown).facts[key].level == pytest.approx(middle(shown), abs=30)
    assert now(shown).hand_masks == (mask,)
    # The science exposure is in the sky frame, too, which is of its old pixels.
    words = [one.text for one in now(shown).problems if one.origin == "reload"]
    assert len(words) == 1
    assert "“set 1” was built of what was reloaded" in words[0]
    assert now(shown).excluded_samples == {(key, box)}
    exposure = now(shown).results.shown.exposure  # type: ignore[union-attr]
    assert exposure is not None
    assert exposure.mask[60, 50] & exposure.planes.left_out(("USER",))


def test_a_file_that_vanishes_or_is_cut_short_stays_on_screen_and_on_the_list_with_the_reason(
    shown: MainWindow, commands: Commands, qtbot: QtBot, idle: Callable[[], None]
) -> None:
    path, before = path_of(now(shown)), middle(shown)
    os.rename(path, f"{path}.away")
    qtbot.waitUntil(lambda: "gone" in told(shown))
    qtbot.waitUntil(lambda: row(shown).mark == "changed")
    assert "gone" in tip_of(now(shown), row(shown))
    os.rename(f"{path}.away", path)
    qtbot.waitUntil(lambda: row(shown).mark == "ok")
    assert not told(shown)
    with open(path, "rb") as file:
        whole = file.read()
    os.truncate(path, len(whole) // 3)
    qtbot.waitUntil(lambda: bool(told(shown)))
    commands.panes.move(0, None)
    commands.panes.move(0, Frame(100.0, 100.0, 4.0))
    commands.changes.reload([now(shown).selection.exposure])
    qtbot.waitUntil(lambda: "cut short" in told(shown))
    idle()
    assert "cut short" in tip_of(now(shown), row(shown))
    assert middle(shown) == before
    # Whole again, it can be taken.
    in_place(path, whole)
    commands.changes.reload([now(shown).selection.exposure])
    idle()
    assert row(shown).mark == "ok"
    assert not told(shown)


def test_files_reload_by_themselves_once_they_are_whole_where_that_is_wanted(
    shown: MainWindow, commands: Commands, qtbot: QtBot, idle: Callable[[], None]
) -> None:
    path, before = path_of(now(shown)), middle(shown)
    data = add(path, 70.0)
    commands.switch("reload_itself")
    limits = now(shown).view.measured
    # A program that writes slowly: the file is empty, then half there, then whole.
    os.truncate(path, 0)
    qtbot.wait(80)
    with open(path, "r+b") as file:
        file.write(data[: len(data) // 2])
    qtbot.wait(80)
    in_place(path, data)
    qtbot.waitUntil(lambda: middle(shown) > before + 60)
    idle()
    assert row(shown).mark == "ok"
    assert now(shown).view.measured == limits


def test_what_is_still_being_written_is_not_reloaded_before_two_looks_find_it_the_same(
    shown: MainWindow,
    commands: Commands,
    idle: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    changes, asked = commands.changes, []
    changes.set_pause(10**7)
    idle()
    monkeypatch.setattr(changes, "_reload", asked.append)
    commands.switch("reload_itself")
    path = path_of(now(shown))
    for size in (100, 200):
        os.truncate(path, size)
        changes.look()
        idle()
        assert not asked
    changes.look()
    idle()
    assert len(asked) == 1
    changes.look()  # what could not be read then is not read again and again
    idle()
    assert len(asked) == 1


def test_the_menu_of_a_row_reloads_it_and_a_window_that_comes_up_looks_at_its_visit(
    shown: MainWindow, commands: Commands, qtbot: QtBot, idle: Callable[[], None]
) -> None:
    other = next(key for key in keys(now(shown)) if "science-d2" in key)
    item = open_exposure(now(shown), other)
    assert item is not None
    path = str(item.source.path)
    renamed_over(path, add(path, 5.0))
    commands.changes.look_at_visit()
    qtbot.waitUntil(lambda: other in now(shown).facts and bool(now(shown).facts[other].on_disk))
    data = shown.panels.get(DataPanel)
    rows = [one for one in data.tree._model.rows() if one.id == other]
    menu = menu_of(data, commands, rows, Offers(lambda: None, lambda: None, None))
    next(one for one in menu.actions() if one.text() == "Reload from disk").trigger()
    idle()
    after = open_exposure(now(shown), other)
    assert after is not None
    assert after.stamp != item.stamp
    assert not now(shown).facts[other].on_disk


def test_nothing_is_written_or_shown_of_a_file_that_changes_while_it_is_read(
    shown: MainWindow, commands: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from skyframe_gui.app.export import visits

    path = path_of(now(shown))
    data = add(path, 9.0)
    wishes = Wishes(folder=tmp_path / "out", subtracted=True)
    plan = make_plan(now(shown), wishes)
    write = visits._write_subtracted

    def meanwhile(*args: object) -> object:
        written = write(*args)  # type: ignore[arg-type]
        in_place(path, data)
        return written

    monkeypatch.setattr(visits, "_write_subtracted", meanwhile)
    from skyframe_gui.engine import Watch

    stages = commands.program.stages
    exported = export(stages, plan, {}, Watch())
    assert any("has changed" in why for why in exported.failed)
    assert not list((tmp_path / "out").glob("**/*science-d1*"))
    # The same while an exposure is read.
    from skyframe_gui.files.fits import exposure_planes

    item = next(one for one in open_exposures(now(shown)) if "science-d2" in one.key)
    path = str(item.source.path)
    data, read = add(path, 9.0), exposure_planes._read_mask

    def under_it(*args: object) -> object:
        in_place(path, data)
        return read(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(exposure_planes, "_read_mask", under_it)
    stages.memory._large.clear()
    with pytest.raises(SkyFrameError, match="changed since it was opened"):
        stages.exposure(item, now(shown).options, None)


def test_a_sky_frame_whose_file_changes_is_told_of_at_its_set_and_reloaded(
    shown: MainWindow,
    commands: Commands,
    qtbot: QtBot,
    idle: Callable[[], None],
    tmp_path: Path,
) -> None:
    from skyframe_gui.files import write_sky_frame

    detector = open_exposure(now(shown), now(shown).selection.exposure)
    assert detector is not None
    built = now(shown).results.shown.sky_frame  # type: ignore[union-attr]
    assert built is not None
    path = tmp_path / "sky-1.fits"
    write_sky_frame(path, built.sky_frame, detector=built.detector)
    commands.open([path])
    idle()
    commands.select_sky_frame(str(path))
    idle()
    used = now(shown).results.shown.sky_frame  # type: ignore[union-attr]
    assert used is not None
    assert used.path == str(path)
    scale = now(shown).results.fit.solution.scale  # type: ignore[union-attr]
    commands.build()  # a newer one
    idle()
    commands.select_sky_frame(str(path))
    idle()
    order = [item.key for item in now(shown).sky_frames]
    grid = built.sky_frame.grid
    twice = replace(built.sky_frame, grid=replace(grid, values=grid.values * np.float32(2)))
    write_sky_frame(path, twice, detector=built.detector, overwrite=True)
    qtbot.waitUntil(lambda: "sky-1.fits" in told(shown))
    commands.changes.reload()
    qtbot.waitUntil(lambda: not told(shown))
    idle()
    fit = now(shown).results.fit
    assert fit is not None
    # The other detector of the visit has the sky frame that was built.
    assert scale / 2 < fit.solution.scale < 0.8 * scale
    there = now(shown).results.shown.sky_frame  # type: ignore[union-attr]
    assert there is not None
    assert [item.key for item in now(shown).sky_frames] == order, "it is no newer than it was"
    assert np.median(there.sky_frame.grid.values / grid.values) == pytest.approx(2, rel=1e-6)


def test_of_a_file_that_has_another_size_no_number_is_left_of_what_it_was(
    shown: MainWindow, commands: Commands, idle: Callable[[], None]
) -> None:
    path, key = path_of(now(shown)), now(shown).selection.exposure
    commands.view(panes=("exposure", "model", "subtracted", "residual"))
    commands.close_items([one for one in keys(now(shown)) if "science-d2" in one])
    idle()
    assert now(shown).results.residual is not None
    old = read_exposures(path)[0]
    smaller = Exposure(
        image=np.ascontiguousarray(old.image[:90, :80]) + np.float32(500),
        header=old.header,
        planes=old.planes,
        detector=old.detector,
        visit=old.visit,
    )
    write_exposure(f"{path}.part", smaller)
    os.replace(f"{path}.part", path)
    commands.changes.reload([key])
    idle()
    results = now(shown).results
    assert results.shown is not None
    assert results.shown.key == key
    assert (results.shown.width, results.shown.height) == (80, 90)
    assert middle(shown) == pytest.approx(float(np.median(smaller.image)))
    assert results.residual is None
    assert results.fit is None
    assert any("80 x 90 pixels" in one.text for one in now(shown).problems)


def test_the_name_of_a_file_that_has_changed_stays_on_one_line(
    window: MainWindow, commands: Commands, folder: Path, idle: Callable[[], None], qtbot: QtBot
) -> None:
    path = folder / "science\nd1.fits"
    (folder / "science-d1.fits").rename(path)
    commands.changes.set_pause(30)
    commands.open([path])
    idle()
    renamed_over(str(path), add(str(path), 3.0))
    qtbot.waitUntil(lambda: told(window) != "")
    assert "\n" not in told(window)
    assert "science" in told(window)
    commands.changes.reload()
    idle()
    assert not [line for line in now(window).log if "\n" in line]
    assert any("Reloaded science" in line for line in now(window).log)


def test_what_has_its_size_and_time_again_is_not_said_to_be_reloaded(
    shown: MainWindow, commands: Commands, idle: Callable[[], None]
) -> None:
    path, key = path_of(now(shown)), now(shown).selection.exposure
    was, held = os.stat(path), middle(shown)
    renamed_over(path, add(path, 500.0))
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))
    commands.changes.reload([key])
    idle()
    assert middle(shown) == held
    assert "taken for the same" in now(shown).log[-1]
    os.utime(path)
    commands.changes.reload([key])
    idle()
    assert middle(shown) == pytest.approx(held + 500.0, rel=1e-6)
    assert any(line.startswith("Reloaded ") for line in now(shown).log)


def test_a_sky_frame_that_was_only_touched_is_as_it_was_after_a_reload(
    shown: MainWindow, commands: Commands, tmp_path: Path, idle: Callable[[], None]
) -> None:
    first = next(one for one in now(shown).sky_frames if one.detector == "1")
    path = tmp_path / "saved.fits"
    write_sky_frame(path, first.sky_frame, detector="1")
    commands.open([path])
    idle()
    (item,) = (one for one in now(shown).sky_frames if one.path)
    os.utime(path, (5, 5))
    commands.changes.reload()
    idle()
    (after,) = (one for one in now(shown).sky_frames if one.path)
    assert after.sky_frame is item.sky_frame
    assert after.stamp[1] == 5 * 10**9
    assert any(line == "Reloaded saved.fits." for line in now(shown).log)
