"""A folder that holds what was exported before is opened: nothing of the night is spoilt by it."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from astropy.io import fits

from skyframe_gui.app.model.queries import exposures_for, open_exposures, visits
from skyframe_gui.app.project.unsaved import losses, work_of
from skyframe_gui.app.work import loader
from skyframe_gui.engine import BackgroundModel, BinGrid
from skyframe_gui.files import write_background_list

if TYPE_CHECKING:
    from collections.abc import Callable

    from nights import Night

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.store import Store


def mark_as_subtracted(path: Path) -> None:
    for keyword, value in (("SFVERS", "0.2.0"), ("SFSKY", "sky-1.fits"), ("SFSCALE", 1.25)):
        fits.setval(path, keyword, value=value)


@pytest.fixture
def folder(night: Night, tmp_path: Path) -> Path:
    """Return a folder with a visit of two detectors, and what an export made of it."""
    place = tmp_path / "place"
    place.mkdir()
    for path in map(Path, night.science):
        shutil.copy(path, place)
        made = shutil.copy(path, place / f"{path.stem}-sub.fits")
        mark_as_subtracted(made)
    return place


@pytest.fixture
def opened(commands: Commands, folder: Path, idle: Callable[[], None]) -> State:
    commands.open([folder])
    idle()
    return commands.store.state


def names(items: object) -> list[str]:
    return sorted(item.source.name for item in items)  # type: ignore[attr-defined]


ORIGINALS = ["science-d1.fits", "science-d2.fits"]
MADE = ["science-d1-sub.fits", "science-d2-sub.fits"]


def test_they_open_without_a_role_and_the_log_says_why(opened: State) -> None:
    assert names(open_exposures(opened)) == sorted(ORIGINALS + MADE)
    assert names(exposures_for(opened, "sky")) == ORIGINALS
    assert names(exposures_for(opened, "science")) == ORIGINALS
    (line,) = [one for one in opened.log if "SFSCALE" in one]
    assert line == (
        "science-d1-sub.fits, science-d2-sub.fits were subtracted with a sky frame before (SFSKY, "
        "SFSCALE), so they are left out of sky frames; they are no science, either, until sky or "
        "sci is ticked in the Data panel."
    )


def test_the_visit_of_their_originals_stays_whole(opened: State) -> None:
    groups = {name: names(members) for name, members in visits(open_exposures(opened)).items()}
    assert groups == {"2001": ORIGINALS, "2001-subtracted": MADE}


def test_a_person_can_give_them_a_role_and_nothing_takes_it_again(
    opened: State, commands: Commands, folder: Path, idle: Callable[[], None]
) -> None:
    keys = [item.key for item in opened.exposures if item.source.subtracted]
    commands.set_role("sky", keys, True)
    commands.open([folder])
    idle()
    state = commands.store.state
    assert names(exposures_for(state, "sky")) == sorted(ORIGINALS + MADE)
    assert names(exposures_for(state, "science")) == ORIGINALS


def test_undoing_what_was_done_before_gives_them_no_role(
    commands: Commands, night: Night, folder: Path, store: Store, idle: Callable[[], None]
) -> None:
    commands.open(night.paths[:2])
    idle()
    key = store.state.exposures[0].key
    commands.set_role("sky", [key], False)
    commands.open([folder])
    idle()
    commands.undo()
    for role in ("sky", "science"):
        assert not {*MADE} & {*names(exposures_for(store.state, role))}  # type: ignore[arg-type]
    assert key in {item.key for item in exposures_for(store.state, "sky")}
    commands.redo()
    assert not {*MADE} & {*names(exposures_for(store.state, "sky"))}


def test_nobody_is_asked_to_save_roles_that_they_opened_with(opened: State) -> None:
    assert losses(work_of(opened), None, "") == ()


def test_that_one_is_in_a_sky_frame_is_told_when_it_is_built(
    opened: State, commands: Commands, store: Store, idle: Callable[[], None]
) -> None:
    commands.build()
    idle()
    assert [one for one in store.state.problems if one.origin == "task"] == []
    keys = [item.key for item in opened.exposures if item.source.name == MADE[0]]
    commands.set_role("sky", keys, True)
    commands.build()
    idle()
    (told,) = [one.text for one in store.state.problems if one.origin == "task"]
    assert told.startswith("science-d1-sub.fits: sky-1.fits times 1.25 was subtracted from it")
    commands.set_role("sky", keys, False)
    commands.build()
    idle()
    assert [one for one in store.state.problems if one.origin == "task"] == []


def test_levels_that_differ_are_told_when_a_sky_frame_is_built(
    night: Night, tmp_path: Path, commands: Commands, store: Store, idle: Callable[[], None]
) -> None:
    faint = Path(shutil.copy(night.science[0], tmp_path / "faint.fits"))
    with fits.open(faint, mode="update") as file:
        for hdu in file:
            if hdu.name == "IMAGE" or (hdu.data is not None and hdu.data.dtype.kind == "f"):
                hdu.data = hdu.data / 4
                break
    fits.setval(faint, "DATE-OBS", value="2024-03-01T01:02:03")
    commands.open([night.science[0], faint])
    idle()
    commands.build()
    idle()
    (told,) = [one.text for one in store.state.problems if one.origin == "task"]
    assert "sky levels from" in told
    assert "normalise" in told
    assert told in store.state.log


def test_a_background_list_is_named_and_is_no_failure(
    tmp_path: Path, commands: Commands, idle: Callable[[], None]
) -> None:
    grid = BinGrid.from_values([[1.0, 2.0], [3.0, 4.0]], (0, 0, 63, 63))
    write_background_list(tmp_path / "v-background.fits", [BackgroundModel(grid, "LINEAR")])
    commands.open([tmp_path])
    idle()
    (one,) = commands.store.state.bad_files
    assert one.kind == "background list"
    assert one.why == "v-background.fits is a background list; there is nothing to open in it."


# A build that is asked for too early -----------------------------------------------------------


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Hold every opening until it is let go."""
    go_on = threading.Event()
    really = loader.open_all

    def slowly(wanted: tuple[str, ...], watch: object, **how: object) -> object:
        while not go_on.wait(0.005):
            watch.step(0, 0)  # type: ignore[attr-defined]
        return really(wanted, watch, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(loader, "open_all", slowly)
    return go_on


def test_a_build_waits_for_the_files_and_says_so(
    night: Night, commands: Commands, store: Store, held: threading.Event, idle: Callable[[], None]
) -> None:
    commands.open(night.paths[:4])
    commands.open(night.paths[4:])
    commands.build()
    commands.build()  # an impatient person
    (told,) = [one.text for one in store.state.problems]
    assert "still being opened" in told
    held.set()
    idle()
    assert store.state.problems == ()
    assert [len(one.members) for one in store.state.sky_frames] == [5, 5], "of all, and once"


def test_a_build_whose_files_are_cancelled_is_dropped_and_that_is_told(
    night: Night, commands: Commands, store: Store, held: threading.Event, idle: Callable[[], None]
) -> None:
    commands.open(night.paths)
    commands.build()
    commands.cancel("open")
    idle()
    (told,) = [one.text for one in store.state.problems]
    assert "opening was cancelled" in told
    held.set()
    commands.open(night.paths)
    idle()
    assert store.state.sky_frames == (), "what was dropped does not come back"
    commands.build()
    idle()
    assert len(store.state.sky_frames) == 2


def test_flat_fields_and_copies_open_without_a_role(
    night: Night, tmp_path: Path, commands: Commands, store: Store, idle: Callable[[], None]
) -> None:
    copy = Path(shutil.copy(night.science[0], tmp_path / f"copy-of-{Path(night.science[0]).name}"))
    flat = Path(shutil.copy(night.science[0], tmp_path / "f.fits"))
    fits.setval(flat, "OBSTYPE", value="dome flat")
    commands.open([copy, night.science[0], flat])
    idle()
    state = store.state
    assert names(exposures_for(state, "sky")) == [Path(night.science[0]).name]
    assert names(exposures_for(state, "science")) == [Path(night.science[0]).name]
    assert any("f.fits (OBSTYPE dome flat) is no exposure" in line for line in state.log)
    assert any(f"{copy.name} (as {Path(night.science[0]).name})" in line for line in state.log)
