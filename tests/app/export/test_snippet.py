"""The copied lines of Python come to the numbers of the screen, to the bit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from skyframe_gui.app.export.snippet import snippet_of
from skyframe_gui.app.model.hand_masks import MaskItem
from skyframe_gui.app.model.items import Options
from skyframe_gui.app.model.requests import request_of
from skyframe_gui.app.model.state import State
from skyframe_gui.app.model.view import Selection
from skyframe_gui.app.work.cache import Memory
from skyframe_gui.app.work.fit_visit import fit_visit
from skyframe_gui.app.work.scan import open_one
from skyframe_gui.app.work.stages import Stages
from skyframe_gui.engine import (
    BackgroundModel,
    SkyFrameError,
    SkyMeasurementConfig,
    measure_residual,
    subtract_sky_frame,
)
from skyframe_gui.engine.hand_masks import HandMask
from skyframe_gui.workflow.build import build_sky_frames
from skyframe_gui.workflow.options import MaskObjects
from skyframe_gui.workflow.outputs import write_built

if TYPE_CHECKING:
    from nights import Night

CONFIG = SkyMeasurementConfig.model_validate(
    {"xNumSamples": 5, "skyRej": 2.5, "background": {"xBinSize": 24, "algorithm": "AKIMA_SPLINE"}}
)


@pytest.fixture(scope="module")
def opened(night: Night, tmp_path_factory) -> State:
    folder = tmp_path_factory.mktemp('it\'s a "sky"')
    written, failed = write_built(
        build_sky_frames(night.paths, CONFIG), folder, CONFIG, False, {"normalise": "none"}
    )
    assert not failed
    exposures = tuple(one for path in night.science for one in open_one(path))
    frames = tuple(one for _, path in written for one in open_one(path))
    return State(
        exposures=exposures,
        sky_frames=frames,
        selection=Selection(exposure=exposures[1].key),
        config=CONFIG,
    )


def fitted(state: State) -> State:
    request = request_of(state)
    fit = fit_visit(Stages(Memory()), request, range(len(request.members)), None)
    return replace(state, results=replace(state.results, fit=fit))


def run(text: str) -> dict[str, object]:
    names: dict[str, object] = {}
    exec(compile(text, "snippet", "exec"), names)
    return names


@pytest.mark.parametrize("objects", [MaskObjects.AUTO, MaskObjects.ALWAYS])
def test_it_comes_to_the_same_scale_samples_and_pixels(opened, objects) -> None:
    first = fitted(replace(opened, options=Options(mask_objects=objects)))
    by_hand = [
        (first.results.fit.keys[k // 25], tuple(first.results.fit.samples[k // 25].boxes[k % 25]))
        for k in (3, 30)
    ]
    state = fitted(replace(first, excluded_samples=frozenset(by_hand)))
    fit = state.results.fit
    assert (fit.solution.rejected_at == -3).sum() == 2
    found = run(snippet_of(state))
    assert found["solution"].scale == fit.solution.scale
    np.testing.assert_array_equal(found["solution"].rejected_at, fit.solution.rejected_at)
    for ours, theirs in zip(found["samples"], fit.samples, strict=True):
        np.testing.assert_array_equal(ours.image, theirs.image)
        np.testing.assert_array_equal(ours.sky, theirs.sky)
    item = opened.exposures[1]
    (frame,) = (one for one in request_of(state).frames if one.detector == item.source.detector)
    model = BackgroundModel(frame.sky_frame.grid, "AKIMA_SPLINE")
    exposure = Stages(Memory()).exposure(item, state.options, None)
    assert found["exposure"].name == exposure.name
    image = subtract_sky_frame(exposure, model, fit.solution.scale).image
    np.testing.assert_array_equal(found["subtracted"].image, image)
    residual = measure_residual(exposure, model, fit.solution.scale, CONFIG.background)
    np.testing.assert_array_equal(found["residual"].values, residual.values)


def test_where_nothing_is_excluded_nothing_is(opened) -> None:
    state = fitted(opened)
    assert run(snippet_of(state))["solution"].scale == state.results.fit.solution.scale


def test_what_is_masked_by_hand_is_left_out_there_too(opened) -> None:
    plain = fitted(opened)
    masks = (
        MaskItem(mask=HandMask("circle", (40.0, 60.0, 25.5)), exposure=opened.exposures[0].key),
        MaskItem(mask=HandMask("box", (20, 30, 31, 17, 12.5)), exposure=opened.exposures[1].key),
    )
    state = fitted(replace(opened, hand_masks=masks))
    fit = state.results.fit
    assert fit.solution.scale != plain.results.fit.solution.scale
    found = run(snippet_of(state))
    assert found["solution"].scale == fit.solution.scale
    for ours, theirs in zip(found["samples"], fit.samples, strict=True):
        np.testing.assert_array_equal(ours.good_fraction, theirs.good_fraction)


def test_its_first_line_tells_what_was_on_the_screen(opened) -> None:
    state = fitted(opened)
    text = snippet_of(state)
    assert text.startswith("# Visit ")
    assert ", 2 detectors, scale " in text.splitlines()[0]


@pytest.mark.parametrize("gone", ["no fit", "an old fit", "a part of a fit"])
def test_without_a_finished_fit_it_is_a_sentence(opened, gone) -> None:
    state = fitted(opened)
    if gone == "no fit":
        state = opened
    elif gone == "an old fit":
        state = replace(state, config=CONFIG.model_copy(update={"skyRej": 3.0}))
    else:
        part = fit_visit(Stages(Memory()), request_of(state), [0], None)
        state = replace(state, results=replace(state.results, fit=part))
    with pytest.raises(SkyFrameError, match="no finished fit to be repeated"):
        snippet_of(state)


def test_frames_that_are_in_no_file_are_to_be_saved_first(opened) -> None:
    frames = tuple(replace(one, path="") for one in opened.sky_frames)
    state = fitted(replace(opened, sky_frames=frames))
    with pytest.raises(SkyFrameError, match=r"is in no file .* save the sky frames first"):
        snippet_of(state)


def test_a_name_with_a_line_end_is_no_line_of_code(opened: State) -> None:
    state = fitted(opened)
    fit = state.results.fit
    assert fit is not None
    fit = replace(fit, visit="7\nraise SystemExit  #")
    found = snippet_of(replace(state, results=replace(state.results, fit=fit)))
    assert "raise SystemExit" in found
    assert not [line for line in found.splitlines() if line.startswith("raise")]
