"""The window builds, chooses and writes by instrument, detector and filter, too."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits
from typer.testing import CliRunner

from skyframe_gui.app.export.plan import make_plan
from skyframe_gui.app.export.values import Wishes
from skyframe_gui.app.export.write import export
from skyframe_gui.app.model.normalise_hint import normalise_hint
from skyframe_gui.app.model.queries import (
    open_exposures,
    open_sky_frames,
    sky_frame_of,
    sky_frames_for,
    sky_frames_in_use,
    visits,
)
from skyframe_gui.cli import app
from skyframe_gui.engine import Exposure, Watch
from skyframe_gui.files import sha256_of, write_exposure
from skyframe_gui.simulate import Camera, simulate_night, table_of
from skyframe_gui.workflow import cameras
from skyframe_gui.workflow.build import build_sky_frames
from skyframe_gui.workflow.options import MaskObjects, Normalise

if TYPE_CHECKING:
    from collections.abc import Callable

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.items import ExposureItem
    from skyframe_gui.app.model.results import Problem
    from skyframe_gui.app.model.state import State

CASES = Path(__file__).parents[2] / "data" / "cases"


@pytest.fixture
def opened(commands: Commands, idle: Callable[[], None]) -> Callable[..., State]:
    def run(*names: str) -> State:
        commands.set_options(mask_objects=MaskObjects.NEVER, normalise=Normalise.LEVEL)
        commands.open([str(path) for name in names for path in sorted(CASES.glob(name))])
        idle()
        return commands.store.state

    return run


def named(state: State, name: str) -> ExposureItem:
    return next(one for one in open_exposures(state) if one.source.name.startswith(name))


def test_one_build_makes_a_frame_of_each_filter_and_each_exposure_finds_its_own(
    opened: Callable[..., State], commands: Commands, idle: Callable[[], None], tmp_path: Path
) -> None:
    opened("filters/[rg]?.fits.gz")
    commands.build()
    idle()
    state = opened("filters/science-r.fits.gz")
    frames = open_sky_frames(state)
    assert [(one.identity.filter, len(one.members)) for one in frames] == [("g", 3), ("r", 3)]
    assert len(sky_frames_in_use(state)) == 2
    for item in open_exposures(state):
        found = sky_frame_of(state, item.source)
        assert found is not None
        assert found.identity.filter == item.source.filter
    science = named(state, "science")
    commands.select_exposure(science.key)
    commands.select_sky_frame(frames[0].key)  # of g: it is no choice for r
    idle()
    fit = commands.store.state.results.fit
    assert fit is not None
    assert fit.solution.scale == pytest.approx(696.8, abs=0.3)
    plan = make_plan(
        commands.store.state, Wishes(folder=tmp_path, subtracted=True, sky_frames=True)
    )
    done = export(commands.program.stages, plan, {}, Watch())
    assert not done.failed
    written = {Path(path).name for path in done.paths}
    assert {"sky-3-r.fits", "sky-3-g.fits", "science-r-sub.fits"} <= written
    header = fits.getheader(tmp_path / "science-r-sub.fits")
    assert header["SFSKY"] == "sky-3-r.fits"
    assert header["SFSKYSUM"] == sha256_of(tmp_path / "sky-3-r.fits")
    assert any("SKYIN0003=r2.fits.gz" in str(value) for value in header.values())
    assert fits.getheader(tmp_path / "sky-3-r.fits")["NCOMBINE"] == 3


def test_a_frame_of_another_filter_is_told_where_the_fit_is(
    opened: Callable[..., State], commands: Commands, idle: Callable[[], None]
) -> None:
    state = opened("filters/g?.fits.gz")
    commands.build()
    idle()
    state = opened("filters/science-r.fits.gz")
    commands.select_exposure(named(state, "science").key)
    idle()
    fit = commands.store.state.results.fit
    assert fit is not None
    found = {one.kind: one for one in fit.findings}
    assert "it is of filter r, the sky frame of filter g" in found["another-sky-frame"].text
    assert "no-description" in found
    sentence = "science-r.fits.gz: it is of filter r, the sky frame of filter g."
    assert commands.store.state.log.count(sentence) == 1
    assert not any("filter g" in one.text for one in commands.store.state.problems)
    # Who knows better says so, and it is told no more.
    commands.assign(named(state, "science").key, "200", "3", filter="g")
    idle()
    fit = commands.store.state.results.fit
    assert fit is not None
    assert "another-sky-frame" not in {one.kind for one in fit.findings}


def test_nights_are_told_apart_also_by_hand(
    opened: Callable[..., State], commands: Commands
) -> None:
    state = opened("nights/n*.fits.gz")
    assert set(visits(open_exposures(state))) == {"12-2023-12-31", "12-2024-01-04"}
    second = open_exposures(state)[1]
    commands.assign(second.key, "12", "4", night="2023-12-31")
    groups = visits(open_exposures(commands.store.state))
    assert {name: len(members) for name, members in groups.items()} == {"12": 2}


def test_a_binned_exposure_is_fitted_with_its_frame(
    opened: Callable[..., State], commands: Commands, idle: Callable[[], None]
) -> None:
    state = opened("filters/sky-of-r/*", "binned-2x2.fits.gz")
    (item,) = open_exposures(state)
    assert len(sky_frames_for(state, item.source)) == 1
    commands.select_exposure(item.key)
    idle()
    fit = commands.store.state.results.fit
    assert fit is not None
    assert fit.solution.scale == pytest.approx(2800, rel=0.005)
    assert not any("lower left corner" in line for line in commands.store.state.log)


def test_units_are_not_fitted_together(
    opened: Callable[..., State], commands: Commands, idle: Callable[[], None], tmp_path: Path
) -> None:
    for place, unit in ((3, "adu"), (4, "electron")):
        with fits.open(CASES / "nights" / "n1-det3.fits.gz") as file:
            file[0].header.update({"CCDNUM": place, "BUNIT": unit})
            file.writeto(tmp_path / f"{place}.fits")
    opened("nights/sky-?.fits.gz")
    commands.open([tmp_path])
    idle()
    state = commands.store.state
    commands.select_exposure(named(state, "3").key)
    idle()
    assert any("different units (adu and electron)" in one.text for one in state_problems(commands))


def state_problems(commands: Commands) -> tuple[Problem, ...]:
    return commands.store.state.problems


def test_build_over_the_focal_plane_is_the_command_lines(
    commands: Commands,
    idle: Callable[[], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    camera = Camera(n_detectors=4, width=200, height=180, seed=6)
    table = tmp_path / "camera.json"
    table.write_text(table_of(camera, 200))
    monkeypatch.setattr(cameras, "known_camera", lambda name: str(table))
    paths = [tmp_path / f"{number}.fits" for number in range(8)]
    for path, exposure in zip(paths, simulate_night(camera, 2, 1), strict=True):
        write_exposure(path, exposure)
    commands.set_options(normalise=Normalise.FOCAL_PLANE)
    commands.open([str(path) for path in paths])
    idle()
    commands.build()
    idle()
    state = commands.store.state
    expected = build_sky_frames(paths, state.config, normalise=Normalise.FOCAL_PLANE)
    frames = open_sky_frames(state)
    assert [one.unit for one in frames] == ["sky level"] * 4
    for ours, theirs in zip(frames, expected.sky_frames, strict=True):
        np.testing.assert_array_equal(ours.sky_frame.grid.values, theirs.sky_frame.grid.values)
    assert any("over the focal plane of SkySim" in line for line in state.log)


@pytest.mark.parametrize("how", [Normalise.AUTO, Normalise.FOCAL_PLANE, Normalise.NONE])
def test_build_with_a_chosen_camera_writes_the_files_of_the_command(
    how: Normalise, commands: Commands, idle: Callable[[], None], tmp_path: Path
) -> None:
    camera = Camera(n_detectors=4, width=200, height=180, seed=6)
    table = tmp_path / "camera.json"
    table.write_text(table_of(camera, 200))
    paths = [tmp_path / f"{number}.fits" for number in range(8)]
    for path, exposure in zip(paths, simulate_night(camera, 2, 1), strict=True):
        write_exposure(path, exposure)
    command = ["build", *map(str, paths), "-o", str(tmp_path / "theirs"), "--quiet"]
    command += ["--normalise", str(how)]
    command += [] if how is Normalise.NONE else ["--camera", str(table)]
    assert CliRunner().invoke(app, command).exit_code == 0
    # Where nothing is laid out it does not count which camera is chosen.
    commands.set_options(normalise=how, camera=str(table))
    commands.open([str(path) for path in paths])
    idle()
    commands.build()
    idle()
    frames = open_sky_frames(commands.store.state)
    done = Normalise.NONE if how is Normalise.NONE else Normalise.FOCAL_PLANE
    assert {item.made_options.normalise for item in frames if item.made_options} == {done}
    assert [one.unit == "sky level" for one in frames] == [done is Normalise.FOCAL_PLANE] * 4
    plan = make_plan(commands.store.state, Wishes(folder=tmp_path / "ours", sky_frames=True))
    export(commands.program.stages, plan, {}, Watch())
    names = sorted(path.name for path in (tmp_path / "theirs").iterdir())
    assert len(names) == 4
    for name in names:
        ours, theirs = (tmp_path / where / name for where in ("ours", "theirs"))
        assert ours.read_bytes() == theirs.read_bytes()


def test_why_a_build_has_no_focal_plane_is_told(
    commands: Commands, idle: Callable[[], None], tmp_path: Path
) -> None:
    camera = Camera(n_detectors=2, width=200, height=180, seed=6)
    for number, exposure in enumerate(simulate_night(camera, 2, 1)):
        bare = Exposure(exposure.image, detector=exposure.detector, visit=exposure.visit)
        write_exposure(tmp_path / f"{number}.fits", bare)
    commands.open([str(tmp_path)])
    idle()
    commands.set_options(normalise=Normalise.AUTO)
    told = "no table of a camera without a name"
    assert normalise_hint(commands.store.state).startswith(told)
    commands.build()
    idle()
    (item, *_) = open_sky_frames(commands.store.state)
    assert item.made_options is not None
    assert item.made_options.normalise is Normalise.NONE
    log = commands.store.state.log
    assert any("The exposures are not normalised. There is no table" in line for line in log)
    commands.set_options(normalise=Normalise.FOCAL_PLANE)
    commands.build()
    idle()
    (problem,) = [one for one in commands.store.state.problems if one.origin == "task"]
    assert "Nothing tells where the detectors of the exposures lie" in problem.text
    assert "(in the window: camera)" in problem.text
