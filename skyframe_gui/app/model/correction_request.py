"""What a sky correction and its pictures are made for in a state, and whether it is still that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.app.model.correction import LAYER
from skyframe_gui.app.model.requests import algorithm_of, request_of

if TYPE_CHECKING:
    from collections.abc import Hashable

    from skyframe_gui.app.model.correction import CorrectionRun
    from skyframe_gui.app.model.requests import Request
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.view import CorrectionPart


def correction_inputs(state: State, of: Request | None = None) -> Hashable:
    """Return all of a state that a visit's correction depends on; by default the shown one's."""
    request = of or request_of(state)
    return (
        request.visit,
        tuple(
            (item.key, item.stamps, item.source.identity, item.source.hand_masks)
            for item in request.members
        ),
        tuple((frame.sky_frame, algorithm_of(frame, state.config)) for frame in request.frames),
        state.correction,
        state.config,
    )


def shown_stage(state: State) -> int:
    """Return which of the stages is shown: the chosen one, else the last; -1 for none."""
    run = state.results.correction
    if run is None or not run.stages:
        return -1
    chosen = state.view.correction_stage
    last = len(run.stages) - 1
    return last if chosen is None else min(chosen, last)


def wanted_picture(state: State) -> tuple[CorrectionRun, int, CorrectionPart, str] | None:
    """Return run, stage, part and exposure whose picture a pane asks for; None for none."""
    run, shown = state.results.correction, state.results.shown
    stage = shown_stage(state)
    if LAYER not in state.view.panes or run is None or shown is None or stage < 0:
        return None
    if shown.key not in run.detectors:
        return None
    return run, stage, state.view.correction_part, shown.key
