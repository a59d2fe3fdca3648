"""Opening files: what becomes of good and bad ones, and that nothing else is lost."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from skyframe_gui.app.model.hand_masks import MaskItem
from skyframe_gui.app.model.items import BadFile, Recent
from skyframe_gui.app.model.queries import exposures_for, open_exposures, open_sky_frames, visits
from skyframe_gui.app.model.recent import MOST, with_opened
from skyframe_gui.app.work import scan
from skyframe_gui.app.work.scan import open_all
from skyframe_gui.engine import Cancelled, Watch
from skyframe_gui.engine.hand_masks import HandMask
from skyframe_gui.files.folders import files_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nights import Night
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.store import Store

DATA = Path(__file__).parents[2] / "data" / "fits"


@pytest.fixture
def open_files(commands: Commands, idle: Callable[[], None]) -> Callable[..., State]:
    """Open files, wait until levels are measured, and return the state."""

    def run(*paths: object) -> State:
        commands.open([str(path) for path in paths])
        idle()
        return commands.store.state

    return run


def names(state: State) -> list[str]:
    return [Path(item.source.path).name for item in open_exposures(state)]


def test_exposures_come_with_level_and_masked_part(
    night: Night, open_files: Callable[..., State]
) -> None:
    state = open_files(*night.paths[:2])
    for item in state.exposures:
        facts = state.facts[item.key]
        assert 500 < facts.level < 3000
        assert 0 < facts.masked < 0.5
        assert not facts.problem


def test_every_detector_of_a_mosaic_is_a_row_of_its_own(open_files: Callable[..., State]) -> None:
    state = open_files(DATA / "hst_wfc3_flc.fits.gz")
    assert {item.source.detector for item in state.exposures} == {"1", "2"}
    assert len({item.key for item in state.exposures}) == 2
    assert not state.bad_files


def test_a_folder_is_searched_to_its_bottom_and_other_files_are_passed_over(
    night: Night, tmp_path: Path, open_files: Callable[..., State]
) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (tmp_path / ".hidden").mkdir()
    shutil.copy(night.paths[0], deep / "one.fits")
    shutil.copy(night.paths[1], tmp_path / ".hidden" / "two.fits")
    (deep / "notes.txt").write_text("no image")
    state = open_files(tmp_path)
    assert names(state) == ["one.fits"]
    assert not state.bad_files


def test_masks_and_weights_in_a_folder_belong_to_their_image(
    tmp_path: Path, open_files: Callable[..., State]
) -> None:
    for path in DATA.glob("c4d_150110_053718_oo*"):
        shutil.copy(path, tmp_path)
    state = open_files(tmp_path)
    assert len(state.exposures) == 1
    assert state.exposures[0].source.has_mask
    assert not state.bad_files


def test_a_mask_that_was_named_is_refused_with_a_reason(open_files: Callable[..., State]) -> None:
    state = open_files(DATA / "c4d_150110_053718_ood_z_ls9.S4.fits.gz")
    assert "mask without its image" in state.bad_files[0].why


def test_a_file_given_twice_or_with_its_folder_is_one_row(
    night: Night, tmp_path: Path, open_files: Callable[..., State]
) -> None:
    shutil.copy(night.paths[0], tmp_path / "one.fits")
    state = open_files(tmp_path / "one.fits", tmp_path, tmp_path / "one.fits")
    assert names(state) == ["one.fits"]
    assert names(open_files(tmp_path)) == ["one.fits"]


def test_bad_files_become_rows_and_the_good_ones_load_on(
    night: Night, tmp_path: Path, open_files: Callable[..., State]
) -> None:
    (tmp_path / "text.fits").write_text("this is no FITS file")
    whole = Path(night.paths[1]).read_bytes()
    (tmp_path / "cut.fits").write_bytes(whole[:3000])
    (tmp_path / "empty").mkdir()
    gone = tmp_path / "gone.fits"
    state = open_files(
        night.paths[0],
        tmp_path / "text.fits",
        tmp_path / "cut.fits",
        gone,
        tmp_path / "empty",
        night.paths[1],
    )
    assert names(state) == [Path(path).name for path in night.paths[:2]]
    why = {Path(one.path).name: one.why for one in state.bad_files}
    assert set(why) == {"text.fits", "cut.fits", "gone.fits", "empty"}
    assert "not a FITS file" in why["text.fits"]
    assert "holds no FITS files" in why["empty"]
    for name, sentence in why.items():
        assert name in sentence
        assert sentence.endswith(".")
    assert not state.problems


def test_a_folder_that_cannot_be_searched_is_a_row(
    night: Night, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(night.paths[0], tmp_path / "fine.fits")
    bad = str(tmp_path / "locked")

    def walk(path: str, onerror: Callable[[OSError], None]) -> Iterator[object]:
        onerror(PermissionError(13, "Permission denied", bad))
        yield str(tmp_path), [], ["fine.fits"]

    monkeypatch.setattr(os, "walk", walk)
    found = open_all((str(tmp_path),), Watch())
    assert [type(one).__name__ for one in found.items] == ["BadFile", "ExposureItem"]
    assert isinstance(found.items[0], BadFile)
    assert "Permission denied" in found.items[0].why


def test_a_fault_of_the_program_in_one_file_leaves_the_others(
    night: Night, open_files: Callable[..., State], monkeypatch: pytest.MonkeyPatch
) -> None:
    import skyframe_gui.files as files

    real = files.kind_of

    def stumbles(path: str) -> str:
        if path == night.paths[0]:
            raise ZeroDivisionError("a fault")
        return real(path)

    monkeypatch.setattr(files, "kind_of", stumbles)
    state = open_files(*night.paths[:3])
    assert len(state.exposures) == 2
    assert "fault of the program" in state.bad_files[0].why
    assert any(line.startswith("Traceback") for line in state.log)
    assert any("in stumbles" in line for line in state.log)


def test_a_file_that_vanishes_after_it_was_listed_says_so_and_is_not_used(
    night: Night, tmp_path: Path, open_files: Callable[..., State], commands: Commands
) -> None:
    path = tmp_path / "one.fits"
    shutil.copy(night.paths[0], path)
    state = open_files(path, night.paths[1])
    item = state.exposures[0]
    path.unlink()
    from skyframe_gui.app.work.loader import facts_of

    facts = facts_of(item, ())
    assert "is gone" in facts.problem
    commands.store.set(facts={**state.facts, item.key: facts})
    assert [one.key for one in exposures_for(commands.store.state, "sky")] == [
        state.exposures[1].key
    ]


def test_a_file_that_changed_since_it_was_listed_says_so(
    night: Night, tmp_path: Path, open_files: Callable[..., State]
) -> None:
    from skyframe_gui.app.work.loader import facts_of

    path = tmp_path / "one.fits"
    shutil.copy(night.paths[0], path)
    item = open_files(path).exposures[0]
    shutil.copy(night.paths[2], path)
    os.utime(path, (1, 1))
    assert "changed" in facts_of(item, ()).problem


def test_a_changed_file_that_is_opened_again_takes_the_place_of_the_old_one(
    night: Night, tmp_path: Path, open_files: Callable[..., State]
) -> None:
    path = tmp_path / "one.fits"
    shutil.copy(night.paths[0], path)
    before = open_files(path)
    shutil.copy(night.paths[2], path)
    os.utime(path, (1, 1))
    after = open_files(path)
    assert len(after.exposures) == 1
    assert after.exposures[0].source.visit != before.exposures[0].source.visit
    key = after.exposures[0].key
    assert after.facts[key].level != before.facts[key].level


def test_detectors_that_a_mosaic_has_lost_leave_the_list(
    tmp_path: Path, open_files: Callable[..., State]
) -> None:
    path = tmp_path / "mosaic.fits"
    planes = [fits.ImageHDU(np.ones((20, 30), np.float32), name=f"CCD{n}") for n in range(3)]
    fits.HDUList([fits.PrimaryHDU(), *planes]).writeto(path)
    assert len(open_files(path).exposures) == 3
    fits.HDUList([fits.PrimaryHDU(), *planes[:2]]).writeto(path, overwrite=True)
    assert len(open_files(path).exposures) == 2


def test_a_file_that_is_mended_and_opened_again_is_no_bad_file_any_more(
    night: Night, tmp_path: Path, open_files: Callable[..., State]
) -> None:
    path = tmp_path / "one.fits"
    path.write_text("broken")
    assert open_files(path).bad_files
    shutil.copy(night.paths[0], path)
    state = open_files(path)
    assert not state.bad_files
    assert len(state.exposures) == 1


def test_an_exposure_without_a_finite_pixel_says_that_it_cannot_be_used(
    tmp_path: Path, open_files: Callable[..., State]
) -> None:
    path = tmp_path / "nan.fits"
    fits.PrimaryHDU(np.full((30, 40), np.nan, np.float32)).writeto(path)
    state = open_files(path)
    assert "no pixel with a finite value" in state.facts[state.exposures[0].key].problem
    assert not exposures_for(state, "science")


def test_closed_rows_come_back_by_undo_and_by_opening_again(
    night: Night, open_files: Callable[..., State], commands: Commands, store: Store
) -> None:
    state = open_files(*night.paths[:2], "/no/such/file.fits")
    commands.close_items([state.exposures[0].key])
    assert len(open_exposures(store.state)) == 1
    store.undo()
    assert len(open_exposures(store.state)) == 2
    commands.close_items([item.key for item in state.exposures])
    assert not open_exposures(store.state)
    assert len(open_exposures(open_files(night.paths[0]))) == 1


def test_what_was_opened_again_is_closed_by_no_undo_and_no_redo(
    open_files: Callable[..., State], commands: Commands, night: Night
) -> None:
    one, other, third = night.paths[:3]
    keys = [item.key for item in open_files(one, other, third).exposures]
    for key in keys:
        commands.close_items([key])
    commands.undo()
    assert names(commands.store.state) == [Path(third).name]
    open_files(one)
    commands.redo()
    assert names(commands.store.state) == [Path(one).name]
    commands.undo()
    commands.undo()
    assert names(commands.store.state) == [Path(path).name for path in (one, other, third)]
    # The edit that closed nothing but what was opened again is none any more.
    assert commands.store.undo_label == ""
    commands.redo()
    commands.redo()
    assert commands.store.redo_label == ""
    assert names(commands.store.state) == [Path(one).name]


def test_what_is_closed_while_a_folder_is_read_stays_closed(
    night: Night,
    commands: Commands,
    store: Store,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scan, "BATCH_SECONDS", 0.0)
    closed: list[str] = []

    def close_first(old: State, new: State) -> None:
        if new.exposures and not closed:
            closed.append(new.exposures[0].key)
            commands.close_items(closed)

    store.changed.connect(close_first)
    commands.open(night.paths)
    lanes = (commands.program.loader.opening, commands.program.loader.survey)
    qtbot.waitUntil(lambda: len(store.state.exposures) == len(night.paths), timeout=30_000)
    qtbot.waitUntil(lambda: not any(lane.busy for lane in lanes), timeout=30_000)
    assert closed[0] not in [item.key for item in open_exposures(store.state)]
    assert len(open_exposures(store.state)) == len(night.paths) - 1


def test_a_cancelled_opening_keeps_what_was_read_and_says_so(
    night: Night,
    commands: Commands,
    store: Store,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scan, "BATCH_SECONDS", 0.0)

    def cancel(old: State, new: State) -> None:
        if new.exposures and not old.exposures:
            commands.cancel("open")

    store.changed.connect(cancel)
    commands.open(night.paths * 3 + [str(night.folder)])
    qtbot.waitUntil(lambda: not commands.program.loader.opening.busy, timeout=30_000)
    qtbot.waitUntil(lambda: any("cancelled" in line for line in store.state.log))
    n = len(store.state.exposures)
    assert 0 < n < len(night.paths) + len(night.science)
    qtbot.waitUntil(lambda: len(store.state.facts) == n, timeout=30_000)


def test_a_search_can_be_cancelled(tmp_path: Path) -> None:
    watch = Watch()
    watch.cancel()
    with pytest.raises(Cancelled):
        files_in(str(tmp_path), watch)


def test_opening_many_files_leaves_the_event_loop_alive_and_the_session_quiet(
    night: Night, tmp_path: Path, commands: Commands, store: Store, qtbot: QtBot
) -> None:
    from PyQt6.QtCore import QTimer

    for n in range(60):
        shutil.copy(night.paths[n % len(night.paths)], tmp_path / f"{n}.fits")
    ticks: list[int] = []
    timer = QTimer()
    timer.timeout.connect(lambda: ticks.append(len(store.state.exposures)))
    timer.start(5)
    changes: list[int] = []
    store.changed.connect(
        lambda old, new: changes.append(1) if old.exposures is not new.exposures else None
    )
    commands.open([tmp_path])
    qtbot.waitUntil(lambda: len(store.state.exposures) == 60, timeout=60_000)
    timer.stop()
    assert len(ticks) > 10
    assert len(changes) < 30  # in batches, not one by one
    qtbot.waitUntil(lambda: len(store.state.facts) == 60, timeout=60_000)
    assert [Path(i.source.path).name for i in store.state.exposures][:3] == [
        "0.fits",
        "1.fits",
        "2.fits",
    ]


def test_visits_are_those_of_the_headers_until_a_person_says_otherwise(
    night: Night, open_files: Callable[..., State], commands: Commands, store: Store
) -> None:
    state = open_files(*night.paths[:4])
    assert [len(members) for members in visits(open_exposures(state)).values()] == [2, 2]
    commands.assign(state.exposures[0].key, "77", "9")
    groups = visits(open_exposures(store.state))
    assert len(groups) == 3
    assert groups["77"][0].source.detector == "9"
    store.undo()
    assert len(visits(open_exposures(store.state))) == 2


def test_what_was_opened_is_remembered_newest_first(
    night: Night, tmp_path: Path, open_files: Callable[..., State]
) -> None:
    open_files(night.folder)
    state = open_files(night.paths[0])
    assert [one.path for one in state.recent] == [night.paths[0], str(night.folder)]
    assert state.recent[0].contents == "1 visit, 1 exposure"
    assert state.recent[1].contents.startswith("6 visits, 12 exposures")
    again = open_files(night.folder)
    assert [one.path for one in again.recent] == [str(night.folder), night.paths[0]]
    assert open_files(tmp_path / "gone.fits").recent == again.recent


def test_several_files_of_a_folder_are_remembered_as_the_folder(
    night: Night, open_files: Callable[..., State]
) -> None:
    state = open_files(*night.paths[:4])
    assert [(one.path, one.contents) for one in state.recent] == [
        (str(night.folder), "2 visits, 4 exposures")
    ]


def test_the_list_of_recent_files_does_not_grow_for_ever(
    night: Night, open_files: Callable[..., State]
) -> None:
    items = open_files(night.paths[0]).exposures
    old = tuple(Recent(f"/{n}") for n in range(MOST))
    new = with_opened(old, (night.paths[0],), items)
    assert len(new) == MOST
    assert new[0].path == night.paths[0]
    assert new[-1].path == f"/{MOST - 2}"


def test_det2_comes_before_det10(tmp_path: Path) -> None:
    for n in (10, 2, 1):
        (tmp_path / f"det{n}.fits").touch()
    found = [Path(path).name for path, _ in files_in(str(tmp_path))]
    assert found == ["det1.fits", "det2.fits", "det10.fits"]


def test_a_sky_frame_alone_is_shown_and_measured_by_nobody(
    night: Night,
    tmp_path: Path,
    open_files: Callable[..., State],
    commands: Commands,
    idle: Callable[[], None],
) -> None:
    from skyframe_gui.files import write_sky_frame

    open_files(*night.paths[::2])
    commands.build()
    idle()
    built = commands.store.state.sky_frames[0]
    path = tmp_path / "sky.fits"
    write_sky_frame(path, built.sky_frame, detector=built.detector)
    commands.close_items([item.key for item in commands.store.state.exposures])
    commands.close_items([built.key])
    state = open_files(path)
    frames = open_sky_frames(state)
    assert [frame.detector for frame in frames] == [built.detector]
    assert frames[0].key not in state.facts


def test_level_and_masked_part_follow_masks_by_hand(
    night: Night, open_files: Callable[..., State], commands: Commands, idle: Callable[[], None]
) -> None:
    state = open_files(*night.paths[:2])
    one, other = (item.key for item in state.exposures)
    before = state.facts
    commands.masks.add([MaskItem(HandMask("circle", (60.0, 40.0, 25.0)), exposure=one)])
    idle()
    after = commands.store.state.facts
    assert after[one].masked > before[one].masked
    assert after[one].level != before[one].level
    assert after[other] == before[other]
    commands.undo()
    idle()
    assert commands.store.state.facts == before
