"""What is on the screen as lines of Python that come to the same numbers."""

from __future__ import annotations

from pprint import pformat
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui import __version__
from skyframe_gui.app.model.requests import algorithm_of, request_of
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.scale import EXCLUDED
from skyframe_gui.text import on_one_line

if TYPE_CHECKING:
    from skyframe_gui.app.model.state import State

LINES = '''\
# {title}
from dataclasses import replace

import numpy as np

from skyframe_gui.engine import (
    BackgroundModel,
    SkyMeasurementConfig,
    measure_residual,
    measure_scale,
    solve_scales,
    subtract_sky_frame,
)
from skyframe_gui.engine.hand_masks import HandMask
from skyframe_gui.files import read_sky_frame, scan
from skyframe_gui.workflow.frames import brought_to
from skyframe_gui.workflow.options import MaskObjects, with_objects_masked

config = SkyMeasurementConfig.model_validate({config})
objects = MaskObjects("{objects}")
members = {members}
"""Of each detector: its file and its name there, its sky frame, how that is interpolated, and what
is masked by hand."""


def open_one(path, name, frame, algorithm, masks):
    """Return exposure and model."""
    (source,) = (one for one in scan(path) if one.name == name)
    source = replace(source, hand_masks=masks)
    grid = brought_to(read_sky_frame(frame), source).grid
    exposure = with_objects_masked(source.read(), objects, None)
    return exposure, BackgroundModel(grid, algorithm)


samples = []
for member in members:
    exposure, model = open_one(*member)
    samples.append(measure_scale(exposure, model, config))
excluded = np.zeros(sum(map(len, samples)), bool)
excluded[{excluded}] = True
solution = solve_scales(samples, config, excluded)
print(solution)
'''
SHOWN = """
exposure, model = open_one(*members[{shown}])
subtracted = subtract_sky_frame(exposure, model, solution.scale)
residual = measure_residual(exposure, model, solution.scale, config.background)
"""


def snippet_of(state: State) -> str:
    """Return lines that read the shown visit's files and fit and subtract as the window does.

    Raises
    ------
    SkyFrameError
        There is no finished fit, or a sky frame of it is in no file.
    """
    request, fit = request_of(state), state.results.fit
    if fit is None or not fit.complete or fit.made_from != request.inputs:
        raise SkyFrameError(
            "There is no finished fit to be repeated; choose an exposure of a science visit and "
            "wait for its fit."
        )
    unsaved = [frame.name for frame in request.frames if not frame.path]
    if unsaved:
        raise SkyFrameError(
            f"Sky frame {unsaved[0]} is in no file that Python could read; save the sky frames "
            "first (Export, Sky frames)."
        )
    config = state.config.model_dump(mode="json", exclude_defaults=True)
    members = [
        (
            str(item.source.path),
            item.source.name,
            frame.path,
            algorithm_of(frame, state.config),
            item.source.hand_masks,
        )
        for item, frame in zip(request.members, request.frames, strict=True)
    ]
    text = LINES.format(
        title=_title(state, fit.visit, len(members)),
        config=pformat(config, width=88, sort_dicts=False),
        objects=state.options.mask_objects.value,
        members=pformat(members, width=88),
        excluded=np.flatnonzero(fit.solution.rejected_at == EXCLUDED).tolist(),
    )
    shown = [
        number
        for number, item in enumerate(request.members)
        if item.key == state.selection.exposure
    ]
    return text + (SHOWN.format(shown=shown[0]) if shown else "")


def _title(state: State, visit: str, n: int) -> str:
    fit = state.results.fit
    scale = "" if fit is None else f", scale {fit.solution.scale:.6g}"
    # A name with a line's end would go on as code.
    return on_one_line(
        f"Visit {visit}, {n} detectors{scale}, as skyframe_gui {__version__} showed it."
    )
