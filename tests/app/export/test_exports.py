"""What is exported is what the command line writes, whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import yaml
from astropy.io import fits
from killer import RENAMES, at_every_step

from skyframe_gui.app.export.plan import make_plan
from skyframe_gui.app.export.values import Scope, Wishes
from skyframe_gui.app.export.write import arguments, config_text, export
from skyframe_gui.app.model.items import BadFile, ExposureItem, SkyFrameItem
from skyframe_gui.app.model.looks import with_look
from skyframe_gui.app.model.queries import exposures_for
from skyframe_gui.app.model.state import State
from skyframe_gui.app.model.view import Selection
from skyframe_gui.app.work.cache import Memory
from skyframe_gui.app.work.fit_visit import fit_visit
from skyframe_gui.app.work.scan import open_one
from skyframe_gui.app.work.stages import Stages
from skyframe_gui.app.work.tasks import build
from skyframe_gui.engine import (
    Cancelled,
    SkyFrameError,
    SkyMeasurementConfig,
    Watch,
    measure_background,
)
from skyframe_gui.files import (
    atomic,
    read_background_list,
    read_config,
    read_exposures,
    read_samples,
    read_sky_frame,
    sha256_of,
)
from skyframe_gui.workflow.build import build_sky_frames
from skyframe_gui.workflow.outputs import load_sky_frames, write_built
from skyframe_gui.workflow.subtract import subtract_visits

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nights import Night

CONFIG = SkyMeasurementConfig()
OTHER = CONFIG.model_copy(update={"xNumSamples": 5, "skyRej": 2.5})


@pytest.fixture(scope="module")
def sky(night: Night, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("sky")
    result = build_sky_frames(night.paths, CONFIG)
    written, failed = write_built(result, folder, CONFIG, False, {"normalise": "none"})
    assert not failed
    return [path for _, path in written]


@pytest.fixture(scope="module")
def stages() -> Stages:
    return Stages(Memory())


def state_of(paths: Iterable[str], **more: object) -> State:
    items = [one for path in paths for one in open_one(path)]
    assert not any(isinstance(one, BadFile) for one in items)
    exposures = tuple(one for one in items if isinstance(one, ExposureItem))
    frames = tuple(one for one in items if isinstance(one, SkyFrameItem))
    shown = exposures[0].key if exposures else ""
    state = State(exposures=exposures, sky_frames=frames, selection=Selection(exposure=shown))
    return replace(state, **more)


def visible(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("config", [CONFIG, OTHER])
def test_an_exported_visit_is_byte_for_byte_what_the_command_line_writes(
    night: Night, sky: list[str], stages: Stages, tmp_path: Path, config: SkyMeasurementConfig
) -> None:
    theirs = subtract_visits(
        night.science, load_sky_frames(sky), config, tmp_path / "theirs", background_list=True
    )
    assert not theirs.failed
    wishes = Wishes(
        folder=tmp_path / "ours", scope="visit", subtracted=True, background_list=True, samples=True
    )
    plan = make_plan(state_of([*night.science, *sky], config=config), wishes)
    done = export(stages, plan, {}, Watch())
    assert not done.failed
    assert visible(tmp_path / "ours") == visible(tmp_path / "theirs")
    assert len(done.paths) == 5
    for path in theirs.outputs:
        assert (tmp_path / "ours" / Path(path).name).read_bytes() == Path(path).read_bytes()


def test_only_the_shown_exposure_is_written_with_the_scale_of_its_visit(
    night: Night, sky: list[str], stages: Stages, tmp_path: Path
) -> None:
    theirs = subtract_visits(night.science, load_sky_frames(sky), CONFIG, tmp_path / "theirs")
    plan = make_plan(
        state_of([*night.science, *sky]),
        Wishes(folder=tmp_path / "ours", scope="shown", subtracted=True),
    )
    export(stages, plan, {}, Watch())
    assert visible(tmp_path / "ours") == ["science-d1-sub.fits"]
    ours = fits.getheader(tmp_path / "ours" / "science-d1-sub.fits")
    assert ours["SFSCALE"] == theirs.visits[0].fit.solution.scale


@pytest.mark.parametrize("bins", [None, 50])
def test_a_residual_map_is_the_bins_of_the_subtracted_exposure_beside_it(
    night: Night, sky: list[str], stages: Stages, tmp_path: Path, bins: int | None
) -> None:
    state = state_of([*night.science, *sky])
    state = replace(state, looks=with_look(state.looks, "residual", bins=bins))
    wishes = Wishes(folder=tmp_path, scope="visit", subtracted=True, residual_maps=True)
    plan = make_plan(state, wishes)
    assert "residual map, 2001, detector 1" in {one.what for one in plan.files}
    done = export(stages, plan, {}, Watch())
    assert not done.failed
    request = plan.visits[0].request
    n_findings = len(fit_visit(stages, request, range(len(request.members)), None).findings)
    assert n_findings > 0
    size = {} if bins is None else {"xBinSize": bins, "yBinSize": bins}
    background = CONFIG.background.model_copy(update=size)
    for detector in ("1", "2"):
        (subtracted,) = read_exposures(tmp_path / f"science-d{detector}-sub.fits")
        wanted = measure_background(subtracted, background)
        with fits.open(tmp_path / f"science-d{detector}-residual.fits", checksum=True) as file:
            file.verify("exception")
            np.testing.assert_array_equal(file["VALUE"].data, wanted.values)
            np.testing.assert_array_equal(file["ERROR"].data, wanted.errors)
            np.testing.assert_array_equal(file["N_GOOD"].data, wanted.n_good)
            np.testing.assert_array_equal(file["X_EDGES"].data, wanted.x_edges)
            np.testing.assert_array_equal(file["Y_EDGES"].data, wanted.y_edges)
            assert file["VALUE"].header["BUNIT"] == file["ERROR"].header["BUNIT"] == "electron"
            head = file[0].header
            assert head["BOX.MAXX"] == wanted.bbox[2]
            assert head["DETECTOR"] == detector
            assert head["SFCBXBIN"] == background.xBinSize
            beside = fits.getheader(tmp_path / f"science-d{detector}-sub.fits")
            assert head["SFSCALE"] == beside["SFSCALE"]
            assert head["SFNFIND"] == beside["SFNFIND"] == n_findings
            middle = file["VALUE"].header["CRVAL1"] + 2 * file["VALUE"].header["CDELT1"]
            assert middle == pytest.approx(wanted.bbox[0] + wanted.x_centers[2], abs=0.5)


def test_residual_maps_alone_write_no_exposure(
    night: Night, sky: list[str], stages: Stages, tmp_path: Path
) -> None:
    plan = make_plan(
        state_of([*night.science, *sky]), Wishes(folder=tmp_path, scope="shown", residual_maps=True)
    )
    export(stages, plan, {}, Watch())
    assert visible(tmp_path) == ["science-d1-residual.fits"]


def test_all_included_visits_are_written_and_what_is_left_out_is_not(
    night: Night, sky: list[str], stages: Stages, tmp_path: Path
) -> None:
    state = state_of([*night.science, *night.paths[:4], *sky])
    state = replace(state, excluded_exposures=frozenset({state.exposures[2].key}))
    plan = make_plan(state, Wishes(folder=tmp_path, scope="all", subtracted=True, samples=True))
    done = export(stages, plan, {}, Watch())
    assert not done.failed
    names = visible(tmp_path)
    assert sum(name.endswith("-sub.fits") for name in names) == 5
    assert "v1001-d1-sub.fits" not in names
    assert {"1001-samples.ecsv", "1002-samples.ecsv", "2001-samples.ecsv"} <= set(names)


def test_samples_excluded_by_hand_are_in_table_scale_and_header(
    night: Night, sky: list[str], stages: Stages, tmp_path: Path
) -> None:
    state = state_of([*night.science, *sky])
    wishes = Wishes(folder=tmp_path / "before", subtracted=True, samples=True)
    export(stages, make_plan(state, wishes), {}, Watch())
    before = read_samples(tmp_path / "before" / "2001-samples.ecsv")
    box = tuple(int(edge) for edge in before.samples[0].boxes[0])
    state = replace(state, excluded_samples=frozenset({(state.exposures[0].key, box)}))
    wishes = replace(wishes, folder=tmp_path / "after")
    export(stages, make_plan(state, wishes), {}, Watch())
    after = read_samples(tmp_path / "after" / "2001-samples.ecsv")
    assert after.solution.rejected_at[0] == -3
    assert after.solution.scale != before.solution.scale
    header = fits.getheader(tmp_path / "after" / "science-d1-sub.fits")
    assert header["SFSCALE"] == after.solution.scale
    assert "excluded_by_hand=1" in [header[f"SFX{n}"] for n in (1, 2, 3)]


def built_state(night: Night, stages: Stages, config: SkyMeasurementConfig = CONFIG) -> State:
    state = state_of(night.paths, config=config)
    result = build(stages, exposures_for(state, "sky"), config, state.options, Watch())
    frames = tuple(
        SkyFrameItem(
            key=f"built {n}",
            name="built",
            detector=one.detector,
            sky_frame=one.sky_frame,
            built=one,
            made_with=config,
        )
        for n, one in enumerate(result.sky_frames)
    )
    return replace(state, sky_frames=frames)


def test_a_built_sky_frame_is_written_as_the_command_line_does_in_the_chosen_style(
    night: Night, stages: Stages, tmp_path: Path
) -> None:
    state = built_state(night, stages)
    background = CONFIG.background.model_copy(update={"algorithm": "LINEAR"})
    chosen = CONFIG.model_copy(update={"background": background})
    state = replace(state, config=chosen)
    done = export(stages, make_plan(state, Wishes(folder=tmp_path, sky_frames=True)), {}, Watch())
    assert not done.failed
    assert visible(tmp_path) == ["sky-1.fits", "sky-2.fits"]
    choices = {"normalise": "none", "mask_objects": "auto", "mask_reading": "auto"}
    written, _ = write_built(
        build_sky_frames(night.paths, chosen), tmp_path / "theirs", chosen, False, choices
    )
    for (_, theirs), saved in zip(written, done.saved, strict=True):
        assert Path(saved.path).read_bytes() == Path(theirs).read_bytes()
        assert saved.sha256 == sha256_of(theirs)
        assert saved.algorithm == "LINEAR"
        assert read_sky_frame(saved.path).algorithm == "LINEAR"


def test_an_unsaved_sky_frame_is_told_as_such_in_the_subtracted_exposure(
    night: Night, stages: Stages, tmp_path: Path
) -> None:
    state = built_state(night, stages)
    wishes = Wishes(folder=tmp_path, scope="shown", subtracted=True, background_list=True)
    export(stages, make_plan(state, wishes), {}, Watch())
    (path,) = tmp_path.glob("*-sub.fits")
    header = fits.getheader(path)
    assert "SFSKYSUM" not in header
    assert "not saved" in str(header)
    (model,) = read_background_list(next(tmp_path.glob("*-background.fits")))
    assert model.algorithm == "NATURAL_SPLINE"


def test_configs_come_back_as_they_were(stages: Stages, tmp_path: Path) -> None:
    state = State(config=OTHER)
    wishes = Wishes(folder=tmp_path, configs=("changed", "complete", "yaml", "arguments"))
    done = export(stages, make_plan(state, wishes), {}, Watch())
    assert not done.failed
    assert read_config(tmp_path / "sky-config.py") == OTHER
    assert read_config(tmp_path / "sky-config-complete.py") == OTHER
    assert read_config(tmp_path / "sky-config.yaml") == OTHER
    assert len((tmp_path / "sky-config.py").read_text().splitlines()) == 2
    assert yaml.safe_load((tmp_path / "sky-config.yaml").read_text())["skyRej"] == 2.5
    assert arguments(OTHER) == ["-c skyCorr:sky.skyRej=2.5", "-c skyCorr:sky.xNumSamples=5"]
    assert config_text(CONFIG, "changed").startswith("#")


def test_pictures_are_written_under_their_names(stages: Stages, tmp_path: Path) -> None:
    plan = make_plan(State(), Wishes(folder=tmp_path, plots=("samples.png",)))
    export(stages, plan, {"samples.png": b"picture"}, Watch())
    assert (tmp_path / "samples.png").read_bytes() == b"picture"


def wishes_for_visit(folder: Path, **more: object) -> Wishes:
    return replace(Wishes(folder=folder, scope="visit", subtracted=True, samples=True), **more)


def test_existing_files_stay_until_replacing_is_allowed(
    night: Night, sky: list[str], stages: Stages, tmp_path: Path
) -> None:
    old = tmp_path / "science-d2-sub.fits"
    old.write_text("mine")
    state = state_of([*night.science, *sky])
    plan = make_plan(state, wishes_for_visit(tmp_path))
    assert [file.exists for file in plan.files] == [False, True, False]
    with pytest.raises(SkyFrameError, match=r"science-d2-sub\.fits exists"):
        export(stages, plan, {}, Watch())
    assert visible(tmp_path) == ["science-d2-sub.fits"]
    plan = make_plan(state, wishes_for_visit(tmp_path, replace=True))
    assert not plan.why_not
    assert not export(stages, plan, {}, Watch()).failed
    assert old.read_bytes() != b"mine"
    assert len(visible(tmp_path)) == 3


def test_an_input_is_never_a_target(night: Night, stages: Stages, tmp_path: Path) -> None:
    trap = tmp_path / "sky-1.fits"
    trap.write_bytes(Path(night.science[0]).read_bytes())
    state = built_state(night, stages)
    (item,) = open_one(str(trap))
    assert isinstance(item, ExposureItem)
    state = replace(state, exposures=(*state.exposures, item))
    plan = make_plan(state, Wishes(folder=tmp_path, sky_frames=True, replace=True))
    assert "one of the files that are open" in plan.why_not
    with pytest.raises(SkyFrameError, match="one of the files that are open"):
        export(stages, plan, {}, Watch())


def test_two_exposures_of_one_name_do_not_overwrite_each_other(
    night: Night, sky: list[str], tmp_path: Path
) -> None:
    twin = tmp_path / "science-d1.fits"
    twin.write_bytes(Path(night.paths[0]).read_bytes())
    state = state_of([*night.science, str(twin), *sky])
    plan = make_plan(state, Wishes(folder=tmp_path / "out", scope="all", subtracted=True))
    folder = Path(night.science[0]).parent.name
    called = {file.name for file in plan.files}
    assert {f"{folder}-science-d1-sub.fits", f"{tmp_path.name}-science-d1-sub.fits"} <= called
    assert not plan.why_not


@pytest.mark.parametrize("scope", ["shown", "visit", "all"])
def test_an_empty_session_says_what_to_do(tmp_path: Path, scope: Scope) -> None:
    plan = make_plan(State(), Wishes(folder=tmp_path, scope=scope, subtracted=True))
    assert "first" in plan.why_not
    assert make_plan(State(), Wishes(folder=tmp_path)).why_not == "Choose what to export."
    frames = make_plan(State(), Wishes(folder=tmp_path, sky_frames=True))
    assert frames.why_not == "No sky frame in use was built here; build one first."


def test_exposures_without_a_sky_frame_are_told(
    night: Night, sky: list[str], tmp_path: Path
) -> None:
    plan = make_plan(state_of([*night.science, sky[0]]), wishes_for_visit(tmp_path))
    assert [file.name for file in plan.files] == ["science-d1-sub.fits", "2001-samples.ecsv"]
    assert "1 exposure has no sky frame" in plan.notes[0]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_a_sentence(
    night: Night, sky: list[str], stages: Stages, tmp_path: Path
) -> None:
    tmp_path.chmod(0o500)
    try:
        plan = make_plan(state_of([*night.science, *sky]), wishes_for_visit(tmp_path))
        done = export(stages, plan, {}, Watch())
    finally:
        tmp_path.chmod(0o700)
    assert "may not be written to" in done.failed[0]
    assert visible(tmp_path) == []


def test_a_folder_that_refuses_is_a_sentence(
    night: Night, sky: list[str], stages: Stages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, *_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(self))

    plan = make_plan(state_of([*night.science, *sky]), wishes_for_visit(tmp_path))
    monkeypatch.setattr(Path, "mkdir", refuse)
    done = export(stages, plan, {}, Watch())
    assert str(tmp_path) in done.failed[0]
    assert done.paths == []


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_disk_that_fills_up_leaves_the_old_files_whole(
    night: Night,
    sky: list[str],
    stages: Stages,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    at: int,
) -> None:
    old = tmp_path / "science-d1-sub.fits"
    old.write_text("mine")
    plan = make_plan(state_of([*night.science, *sky]), wishes_for_visit(tmp_path, replace=True))
    true_sync, calls = os.fsync, []

    def full(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == at:
            raise OSError(errno.ENOSPC, "No space left on device")
        true_sync(descriptor)

    monkeypatch.setattr(atomic.os, "fsync", full)
    done = export(stages, plan, {}, Watch())
    # The folder is synced, too, and what goes wrong there is no loss.
    if done.failed:
        assert "the disk is full" in done.failed[0]
        assert ".part" not in done.failed[0]
        assert old.read_text() == "mine"
        assert visible(tmp_path) == ["science-d1-sub.fits"]
    else:
        assert at > 1


def test_names_given_before_the_last_fails_are_taken_back(
    night: Night, sky: list[str], stages: Stages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "2001-samples.ecsv").write_text("mine")
    state = state_of([*night.science, *sky])
    plan = make_plan(state, wishes_for_visit(tmp_path, replace=True))
    true_replace = os.replace

    def refuse(source: object, target: object, **more: object) -> None:
        if str(target).endswith("science-d2-sub.fits") and Path(str(target)).parent == tmp_path:
            raise OSError(errno.EIO, "Input/output error")
        true_replace(str(source), str(target))

    monkeypatch.setattr(os, "replace", refuse)
    done = export(stages, plan, {}, Watch())
    assert "science-d2-sub.fits cannot be written" in done.failed[0]
    assert visible(tmp_path) == ["2001-samples.ecsv"]
    assert (tmp_path / "2001-samples.ecsv").read_text() == "mine"


def test_an_exposure_that_vanished_stops_its_visit_and_no_other(
    night: Night, sky: list[str], stages: Stages, tmp_path: Path
) -> None:
    gone = tmp_path / "gone-d1.fits"
    gone.write_bytes(Path(night.science[0]).read_bytes())
    state = state_of([str(gone), night.science[1], *night.paths[:2], *sky])
    plan = make_plan(state, Wishes(folder=tmp_path / "out", scope="all", subtracted=True))
    gone.unlink()
    done = export(stages, plan, {}, Watch())
    assert "gone-d1.fits is gone" in done.failed[0]
    assert visible(tmp_path / "out") == ["v1001-d1-sub.fits", "v1001-d2-sub.fits"]


def test_cancel_in_the_middle_of_a_visit_leaves_nothing(
    night: Night, sky: list[str], stages: Stages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = make_plan(state_of([*night.science, *sky]), wishes_for_visit(tmp_path))
    watch = Watch()
    true_sync = os.fsync
    while_writing: list[list[str]] = []

    def cancel_and_go_on_writing(descriptor: int) -> None:
        true_sync(descriptor)
        if not any(name.endswith(".part") for name in visible(tmp_path)):
            return  # nothing is written yet
        watch.cancel()
        time.sleep(0.2)  # by now the export knows
        while_writing.append(visible(tmp_path))

    monkeypatch.setattr(atomic.os, "fsync", cancel_and_go_on_writing)
    with pytest.raises(Cancelled):
        export(stages, plan, {}, watch)
    assert visible(tmp_path) == []
    # What is removed under a writer comes back with its next file: the folder waits for them.
    assert while_writing
    assert all(any(name.endswith(".part") for name in names) for names in while_writing)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are copied here")
def test_an_export_killed_at_any_rename_is_finished_or_taken_back_by_the_next_one(
    night: Night, stages: Stages, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    science = state_of(night.science)
    state = replace(science, sky_frames=built_state(night, stages).sky_frames)
    wishes = replace(wishes_for_visit(folder), sky_frames=True, replace=True)
    plan = make_plan(state, wishes)
    export(stages, plan, {}, Watch())
    new = {path.name: path.read_bytes() for path in folder.iterdir()}
    of_sky = {name for name in new if name.startswith("sky-")}
    assert len(of_sky) == 2
    assert len(new) > 4

    def prepare() -> None:
        shutil.rmtree(folder)
        folder.mkdir()
        for name in new:
            (folder / name).write_bytes(b"old")

    seen: set[tuple[str, ...]] = set()
    for at in at_every_step(lambda: export(stages, plan, {}, Watch()), prepare, RENAMES):
        (note,) = export(stages, replace(plan, sky_frames=(), visits=()), {}, Watch()).notes
        assert "earlier run" in note
        changed = {path.name for path in folder.iterdir() if path.read_bytes() != b"old"}
        assert changed in (set(), of_sky, set(new)), at
        assert set(visible(folder)) == set(new)
        seen.add(tuple(sorted(changed)))
    assert len(seen) == 3


def test_a_fit_that_fails_writes_no_exposure_but_its_samples(
    night: Night, sky: list[str], stages: Stages, tmp_path: Path
) -> None:
    config = CONFIG.model_copy(update={"skyRej": 1e-9})
    state = state_of([*night.science, *sky], config=config)
    done = export(stages, make_plan(state, wishes_for_visit(tmp_path)), {}, Watch())
    assert "Visit 2001" in done.failed[0]
    assert visible(tmp_path) == []
    done = export(stages, make_plan(state, Wishes(folder=tmp_path, samples=True)), {}, Watch())
    assert not done.failed
    assert visible(tmp_path) == ["2001-samples.ecsv"]
