"""Masks by hand in a session: what they change, how they are undone, kept and exported."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from skyframe_gui.app.export.plan import make_plan
from skyframe_gui.app.export.values import Wishes
from skyframe_gui.app.export.write import export, save_sky_frame
from skyframe_gui.app.model.hand_masks import MaskItem
from skyframe_gui.app.model.items import BadFile, ExposureItem, SkyFrameItem
from skyframe_gui.app.model.queries import open_exposures, visit_of
from skyframe_gui.app.model.requests import request_of
from skyframe_gui.app.model.state import State
from skyframe_gui.app.model.view import Selection
from skyframe_gui.app.project.restore import document_of, restore
from skyframe_gui.app.project.unsaved import losses, work_of
from skyframe_gui.app.work.cache import Memory
from skyframe_gui.app.work.fit_visit import fit_visit
from skyframe_gui.app.work.kept import Kept
from skyframe_gui.app.work.residual_stages import residual_of
from skyframe_gui.app.work.scan import open_one
from skyframe_gui.app.work.stages import Stages
from skyframe_gui.engine import MaskPlanes, SkyMeasurementConfig, Watch
from skyframe_gui.engine.hand_masks import HandMask, masked_pixels
from skyframe_gui.files import write_exposure
from skyframe_gui.files.session_file import parse_session, session_text
from skyframe_gui.workflow.build import build_sky_frames
from skyframe_gui.workflow.outputs import write_built

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from nights import Night

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.requests import Request

CONFIG = SkyMeasurementConfig()
CIRCLE = HandMask("circle", (60.0, 40.0, 25.0))


@pytest.fixture(scope="module")
def sky(night: Night, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    written, failed = write_built(
        build_sky_frames(night.paths, CONFIG), tmp_path_factory.mktemp("sky"), CONFIG, False
    )
    assert not failed
    return [path for _, path in written]


def state_of(paths: Iterable[object], **more: object) -> State:
    items = [one for path in paths for one in open_one(str(path))]
    assert not any(isinstance(one, BadFile) for one in items)
    exposures = tuple(one for one in items if isinstance(one, ExposureItem))
    frames = tuple(one for one in items if isinstance(one, SkyFrameItem))
    state = State(
        exposures=exposures,
        sky_frames=frames,
        selection=Selection(exposure=exposures[0].key),
    )
    return replace(state, **more)  # type: ignore[arg-type]


def fitted(stages: Stages, state: State) -> tuple[Request, object]:
    request = request_of(state)
    return request, fit_visit(stages, request, range(len(request.members)), None)


def test_the_numbers_are_those_of_a_file_that_has_the_mask(
    night: Night, sky: list[str], tmp_path: Path
) -> None:
    state = state_of([*night.science, *sky])
    key = state.exposures[0].key
    masked = replace(state, hand_masks=(MaskItem(CIRCLE, exposure=key),))
    stages = Stages(Memory())
    first = state.exposures[0].source.read()
    bit = next(b for b in range(9, 31) if b not in first.planes.values())
    pixels = first.mask.copy()
    pixels[masked_pixels([CIRCLE], first.bbox)] |= 1 << bit
    planes = MaskPlanes({**first.planes, "MINE": bit})
    path = tmp_path / night.science[0].split("/")[-1]
    write_exposure(path, first.with_planes(mask=pixels, planes=planes))
    stats = CONFIG.stats.model_copy(update={"mask": (*CONFIG.stats.mask, "MINE")})
    background = CONFIG.background.model_copy(update={"mask": (*CONFIG.background.mask, "MINE")})
    config = CONFIG.model_copy(update={"stats": stats, "background": background})
    config = SkyMeasurementConfig.model_validate(config.model_dump())
    theirs = state_of([path, *night.science[1:], *sky], config=config)

    before = fitted(stages, state)[1]
    request, ours = fitted(stages, masked)
    _, same = fitted(stages, theirs)
    assert ours.solution.scale == same.solution.scale != before.solution.scale
    np.testing.assert_array_equal(ours.samples[0].image, same.samples[0].image)
    np.testing.assert_array_equal(ours.samples[0].good_fraction, same.samples[0].good_fraction)
    item, other = request.members[0], theirs.exposures[0]
    grids = [
        stages.grid(item, CONFIG.background, state.options, None),
        stages.grid(other, config.background, state.options, None),
    ]
    np.testing.assert_array_equal(grids[0].values, grids[1].values)
    np.testing.assert_array_equal(grids[0].n_good, grids[1].n_good)
    maps = [
        residual_of(stages, item, request.frames[0], CONFIG, state.options, 1.0),
        residual_of(stages, other, request.frames[0], config, state.options, 1.0),
    ]
    np.testing.assert_array_equal(maps[0].exact.values, maps[1].exact.values)
    # And the numbers without any mask are as they were.
    again = fitted(stages, replace(masked, hand_masks=()))[1]
    assert again.solution.scale == before.solution.scale


def test_what_is_kept_on_disk_of_an_unmasked_exposure_is_not_taken(
    night: Night, sky: list[str], tmp_path: Path
) -> None:
    state = state_of([*night.science, *sky])
    masked = replace(state, hand_masks=(MaskItem(CIRCLE, exposure=state.exposures[0].key),))
    kept = Kept(tmp_path / "kept")
    scales = [
        fitted(Stages(Memory(), kept), one)[1].solution.scale for one in (state, masked, state)
    ]
    assert scales[0] == scales[2] != scales[1]


def test_a_mask_of_a_visit_is_one_of_all_its_exposures(night: Night) -> None:
    state = state_of(night.paths)
    key = state.exposures[0].key
    visit = visit_of(state, key)
    masked = replace(state, hand_masks=(MaskItem(CIRCLE, visit=visit),))
    for item in open_exposures(masked):
        own = (CIRCLE,) if visit_of(state, item.key) == visit else ()
        assert item.source.hand_masks == own
    assert sum(bool(item.source.hand_masks) for item in open_exposures(masked)) >= 1


def test_a_mask_is_added_changed_removed_and_undone(
    commands: Commands, idle: Callable[[], None], night: Night
) -> None:
    store = commands.store
    commands.open(night.science)
    idle()
    level = store.state.results.shown.exposure.planes
    assert "USER" not in level
    item = MaskItem(CIRCLE, exposure=store.state.selection.exposure)
    commands.masks.add([item, item])
    idle()
    assert store.state.hand_masks == (item,)
    shown = store.state.results.shown.exposure
    bit = shown.planes["USER"]
    np.testing.assert_array_equal((shown.mask >> bit) & 1 != 0, masked_pixels([CIRCLE], shown.bbox))
    larger = HandMask("circle", (60.0, 40.0, 30.0))
    commands.masks.change(item, larger)
    assert store.state.hand_masks == (replace(item, mask=larger),)
    commands.masks.remove(store.state.hand_masks)
    assert store.state.hand_masks == ()
    for _ in range(2):
        commands.undo()
    assert store.state.hand_masks == (item,)
    commands.undo()
    idle()
    assert store.state.hand_masks == ()
    assert "USER" not in store.state.results.shown.exposure.planes
    commands.redo()
    assert store.state.hand_masks == (item,)
    idle()


def test_an_export_has_the_plane_and_names_the_masks(
    night: Night, sky: list[str], tmp_path: Path
) -> None:
    state = state_of([*night.science, *sky])
    masks = (
        MaskItem(CIRCLE, exposure=state.exposures[0].key),
        MaskItem(HandMask("box", (30.0, 20.0, 12.0, 8.0, 0.0)), exposure=state.exposures[0].key),
    )
    wishes = Wishes(folder=tmp_path / "out", scope="visit", subtracted=True)
    done = export(
        Stages(Memory()), make_plan(replace(state, hand_masks=masks), wishes), {}, Watch()
    )
    assert not done.failed
    bbox = state.exposures[0].source.bbox
    name = state.exposures[0].source.path.stem
    path = next(one for one in done.paths if name in one)
    with fits.open(path) as file:
        header = file[0].header
        bit = file["MASK"].header["MP_USER"]
        found = (file["MASK"].data >> bit) & 1 != 0
        x0, y0 = bbox[:2]
        assert header["SFMSK1"] == f"image;circle({61 - x0},{41 - y0},25)"
        assert header["SFMSK2"].startswith("image;box(")
        assert "SFMSK3" not in header
    np.testing.assert_array_equal(found, masked_pixels([m.mask for m in masks], bbox))
    assert found.sum() > 1900
    for other in set(done.paths) - {path}:
        assert "SFMSK1" not in fits.getheader(other)
    # The exported file's own plane is left out where it is measured again.
    again = open_one(path)[0]
    assert "USER" in again.source.planes


def test_a_built_sky_frame_names_the_masks_of_its_exposures(
    commands: Commands, idle: Callable[[], None], night: Night, tmp_path: Path
) -> None:
    store = commands.store
    commands.open(night.paths)
    idle()
    first = next(one for one in store.state.exposures if one.source.detector == "1")
    commands.masks.add([MaskItem(CIRCLE, exposure=first.key)])
    commands.build()
    idle()
    frames = {one.detector: one for one in store.state.sky_frames}
    for detector, frame in frames.items():
        path = tmp_path / f"sky{detector}.fits"
        save_sky_frame(commands.program, frame.key, str(path), overwrite=False)
        idle()
        header = fits.getheader(path)
        x0, y0, *_ = first.source.bbox
        named = f"{first.source.name}: image;circle({61 - x0},{41 - y0},25)"
        assert header.get("SFMSK1") == (named if detector == first.source.detector else None)
        assert "SFMSK2" not in header


def test_a_session_file_keeps_them(
    commands: Commands, idle: Callable[[], None], night: Night, tmp_path: Path
) -> None:
    store = commands.store
    commands.open(night.science)
    idle()
    masks = (
        MaskItem(CIRCLE, exposure=store.state.exposures[0].key),
        MaskItem(HandMask("circle", (150.0, 2.0, 0.01), on_sky=True), visit="9001"),
    )
    commands.masks.add(masks)
    idle()
    assert any("masks by hand" in one for one in losses(work_of(store.state), None, ""))
    text = session_text(document_of(store.state, tmp_path))
    document, notes = parse_session(text)
    assert not notes
    restore(document, tmp_path, commands.program)
    idle()
    assert store.state.hand_masks == masks
    assert store.undo_label == ""


def test_damaged_masks_are_left_out_and_told(night: Night, tmp_path: Path) -> None:
    state = state_of(night.science)
    key = state.exposures[0].key
    good = MaskItem(CIRCLE, exposure=key)
    text = session_text(document_of(replace(state, hand_masks=(good,)), tmp_path))
    content = json.loads(text)
    first = content["hand_masks"][0]
    content["hand_masks"] = [
        {**first, "shape": "star"},
        {**first, "numbers": [1, 2]},
        {**first, "numbers": [1, 2, -3]},
        {**first, "numbers": [1, 2, "__import__('os')"]},
        {**first, "numbers": None},
        7,
        first,
    ]
    document, notes = parse_session(json.dumps(content))
    assert [one.mask() for one in document.hand_masks] == [CIRCLE]
    assert notes[0].startswith("hand_masks") or notes[0].startswith("6 of 7"), notes
