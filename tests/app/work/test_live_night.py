"""All visits in the background: the command's numbers, kept rows, and files that come later."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from skyframe_gui.app.work import follow
from skyframe_gui.app.work.follow import ANY, look_into
from skyframe_gui.engine import SkyMeasurementConfig, Watch
from skyframe_gui.workflow.night import measure_night
from skyframe_gui.workflow.outputs import LoadedSkyFrame

if TYPE_CHECKING:
    from collections.abc import Callable

    from nights import Night

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.night_view import NightView
    from skyframe_gui.app.model.store import Store


@pytest.fixture
def folder(night: Night, tmp_path: Path) -> Path:
    """A night that a test may change."""
    return Path(shutil.copytree(night.folder, tmp_path / "night"))


def looked_at(store: Store) -> NightView:
    view = store.state.results.night
    assert view is not None
    return view


def open_night(commands: Commands, idle: Callable[[], None], folder: Path) -> NightView:
    commands.open([str(folder)])
    idle()
    commands.build()
    idle()
    commands.show_workspace("night")
    idle()
    return looked_at(commands.store)


def test_the_rows_are_those_of_the_command(
    commands: Commands, idle: Callable[[], None], folder: Path
) -> None:
    view = open_night(commands, idle, folder)
    frames = [
        LoadedSkyFrame(item.key, "", item.sky_frame) for item in commands.store.state.sky_frames
    ]
    told = measure_night(sorted(folder.glob("*.fits")), frames, SkyMeasurementConfig())
    assert [row.visit for row in view.rows] == [row.visit for row in told.rows]
    assert len(view.rows) == 6
    for ours, theirs in zip(view.rows, told.rows, strict=True):
        assert ours.progress == "done"
        one = ours.numbers.as_dict()
        other = theirs.as_dict()
        # The window tells besides that a visit is in its own sky frame.
        mine, also = one.pop("findings"), other.pop("findings")
        assert [a for a in mine if a["kind"] != "in-its-sky-frame"] == also
        if one["state"] != other["state"]:
            assert one.pop("state") == f"{len(mine)} notes"
            assert other.pop("state") in (f"{len(also)} notes", "1 note", "ok")
        np.testing.assert_equal(one, other)


def test_another_config_fits_anew_what_it_changes_and_another_choice_nothing(
    commands: Commands, idle: Callable[[], None], folder: Path
) -> None:
    before = open_night(commands, idle, folder)
    made = commands.program.stages.memory.made
    n_samples = made["samples"]
    commands.select_exposure(before.rows[3].keys[0])
    idle()
    assert looked_at(commands.store).rows == before.rows
    config = commands.store.state.config
    commands.set_config(config.model_copy(update={"skyRej": 1.5}))
    idle()
    after = looked_at(commands.store)
    pairs = list(zip(before.rows, after.rows, strict=True))
    assert all(new.numbers.n_rejected >= old.numbers.n_rejected for old, new in pairs)
    assert sum(new.numbers.scale != old.numbers.scale for old, new in pairs) >= 3
    assert [row.numbers.level for row in after.rows] == [row.numbers.level for row in before.rows]
    assert made["samples"] == n_samples  # no pixel was looked at again
    assert commands.store.state.results.fit is not None
    scales = {row.visit: row.numbers.scale for row in after.rows}
    fit = commands.store.state.results.fit
    assert scales[fit.visit] == fit.solution.scale


def test_older_numbers_stay_until_there_are_new_ones(
    commands: Commands, idle: Callable[[], None], folder: Path
) -> None:
    before = open_night(commands, idle, folder)
    seen: list[NightView] = []

    def look(_: object, new: object) -> None:
        view = commands.store.state.results.night
        if view is not None and (not seen or seen[-1] is not view):
            seen.append(view)

    commands.store.changed.connect(look)
    config = commands.store.state.config
    commands.set_config(config.model_copy(update={"xNumSamples": 6}))
    idle()
    first = next(view for view in seen if view.rows[-1].progress == "waiting")
    assert first.rows[-1].numbers == before.rows[-1].numbers
    assert {row.progress for row in looked_at(commands.store).rows} == {"done"}


def test_visits_without_sky_frames_have_levels_and_nothing_runs_elsewhere(
    commands: Commands, idle: Callable[[], None], folder: Path
) -> None:
    commands.open([str(folder)])
    idle()
    assert commands.store.state.results.night is None
    commands.show_workspace("night")
    idle()
    rows = looked_at(commands.store).rows
    assert {row.state for row in rows} == {"level only"}
    assert all(900 < row.numbers.level < 1300 for row in rows)
    assert not any(row.warns for row in rows)


def test_a_detector_that_cannot_be_read_is_told_and_its_visit_goes_on(
    commands: Commands, idle: Callable[[], None], folder: Path
) -> None:
    commands.open([str(folder)])
    idle()
    commands.build()
    idle()
    for name in ("v1001-d2.fits", "v1003-d1.fits", "v1003-d2.fits"):
        (folder / name).unlink()
    commands.program.stages.memory._small.clear()
    commands.program.stages.memory._large.clear()
    commands.show_workspace("night")
    idle()
    rows = {row.visit: row for row in looked_at(commands.store).rows}
    assert (rows["1001"].numbers.n_failed, rows["1001"].numbers.n_used) == (1, 16)
    assert "v1003-d1.fits is gone" in rows["1003"].numbers.why
    assert rows["1003"].warns
    assert rows["1002"].numbers.n_failed == 0


def test_two_cameras_without_times_have_a_row_each(
    commands: Commands, idle: Callable[[], None], tmp_path: Path
) -> None:
    rng = np.random.default_rng(3)
    for camera in ("CamA", "CamB"):
        header = fits.Header({"INSTRUME": camera, "EXPNUM": 7, "FILTER": "r", "CCDNUM": 1})
        pixels = rng.normal(500, 3, (64, 64)).astype(np.float32)
        fits.writeto(tmp_path / f"{camera}.fits", pixels, header)
    commands.open([str(tmp_path)])
    idle()
    commands.show_workspace("night")
    idle()
    rows = looked_at(commands.store).rows
    assert [row.numbers.instrument for row in rows] == ["CamA", "CamB"]
    assert {row.numbers.start for row in rows} == {""}


def test_a_folder_that_is_being_filled_is_followed(
    commands: Commands, idle: Callable[[], None], night: Night, tmp_path: Path
) -> None:
    folder = tmp_path / "night"
    folder.mkdir()
    for path in night.paths[:4]:
        shutil.copy(path, folder)
    commands.program.follow.set_pause(3_600_000)  # it looks when it is told to
    assert len(open_night(commands, idle, folder).rows) == 2
    recent = commands.store.state.recent

    def look() -> None:
        commands.program.follow.look()
        idle()

    new = folder / Path(night.paths[4]).name
    data = Path(night.paths[4]).read_bytes()
    look()
    new.write_bytes(data[:30000])
    look()
    new.write_bytes(data[:60000])
    look()
    assert len(looked_at(commands.store).rows) == 2, "half a file was opened"
    said = [line for line in commands.store.state.log if "still being written" in line]
    assert len(said) == 1
    assert "v1003-d1.fits" in said[0]
    new.write_bytes(data)
    shutil.copy(night.paths[5], folder)
    for _ in range(3):
        look()
    rows = looked_at(commands.store).rows
    assert [row.visit for row in rows] == ["1001", "1002", "1003"]
    assert rows[-1].progress == "done"
    assert not commands.store.state.bad_files
    assert commands.store.state.recent == recent, "nobody has opened that file"


def test_a_file_that_was_opened_too_early_is_tried_again(
    commands: Commands, idle: Callable[[], None], night: Night, tmp_path: Path
) -> None:
    folder = tmp_path / "night"
    folder.mkdir()
    for path in night.paths[:4]:
        shutil.copy(path, folder)
    early = folder / "v1003-d1.fits"
    data = Path(night.paths[4]).read_bytes()
    early.write_bytes(data[:1000])
    commands.program.follow.set_pause(3_600_000)
    open_night(commands, idle, folder)
    assert [Path(one.path).name for one in commands.store.state.bad_files] == ["v1003-d1.fits"]
    early.write_bytes(data)
    for _ in range(2):
        commands.program.follow.look()
        idle()
    assert not commands.store.state.bad_files
    assert [row.visit for row in looked_at(commands.store).rows] == ["1001", "1002", "1003"]


def test_it_looks_by_itself_while_the_night_is_looked_at(
    commands: Commands, idle: Callable[[], None], folder: Path, qtbot: object
) -> None:
    commands.program.follow.set_pause(20)
    timer = commands.program.follow._timer
    open_night(commands, idle, folder)
    assert timer.isActive()
    extra = folder / "new.fits"
    shutil.copy(folder / "v1001-d1.fits", extra)
    with fits.open(extra, mode="update") as file:
        file[0].header["EXPNUM"] = 1999
    qtbot.waitUntil(  # type: ignore[attr-defined]
        lambda: any("new.fits" in item.key for item in commands.store.state.exposures),
        timeout=20_000,
    )
    commands.show_workspace("visit")
    assert not timer.isActive()
    idle()


def test_what_a_look_finds(tmp_path: Path) -> None:
    for name in ("a.fits", "b.fits", "c.fits", "d.fits", "note.txt"):
        (tmp_path / name).write_bytes(b"x" * 10)
    paths = {name: str(tmp_path / f"{name}.fits") for name in "abcd"}
    stamps = {
        name: (os.stat(path).st_size, os.stat(path).st_mtime_ns) for name, path in paths.items()
    }
    known = {paths["a"]: stamps["a"], paths["d"]: ANY}
    before = {paths["b"]: stamps["b"], paths["c"]: (5, 0), paths["d"]: stamps["d"]}
    found = look_into((str(tmp_path), str(tmp_path / "gone")), known, before, Watch())
    assert found.ready == (paths["b"],)
    assert found.growing == (paths["c"],)
    assert set(found.there) == set(paths.values())
    assert follow.LOOK_MS >= 1000
