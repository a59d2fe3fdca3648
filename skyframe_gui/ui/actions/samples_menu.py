"""The menu Samples: the fit, its rounds, and what is excluded by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.app.model.queries import open_sky_frames
from skyframe_gui.app.model.rejection_steps import shown_step, steps_of
from skyframe_gui.ui.actions.action import Action, has_fit
from skyframe_gui.ui.panels.fit import FitPanel
from skyframe_gui.ui.panels.samples import SamplesPanel

if TYPE_CHECKING:
    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.actions.action import Context


def step(context: Context, by: int) -> None:
    """Show the next (1) or previous (-1) round of the fit."""
    state = context.store.state
    if state.results.fit is not None:
        last = len(steps_of(state.results.fit)) - 1
        number = shown_step(state.results.fit, state.selection).number + by
        context.commands.show_step(None if number >= last else max(number, 0))


def show_next_finding(context: Context) -> None:
    """Go to the next warning of the fit."""
    context.reveal("fit")
    context.panels.get(FitPanel).show_next_finding()


def _has_sample(state: State) -> bool:
    return bool(state.selection.samples)


def _can_fit(state: State) -> bool:
    return bool(open_sky_frames(state)) and bool(state.selection.exposure)


ACTIONS: tuple[Action, ...] = (
    Action(
        "fit", "Fit", "Samples", "F", lambda c: c.commands.fit(), _can_fit, icon="chart-bell-curve"
    ),
    Action(
        "exclude",
        "Exclude sample",
        "Samples",
        "D",
        lambda c: c.commands.exclude_pointed(True),
        _has_sample,
        separator=True,
        of_pointed=True,
    ),
    Action(
        "restore",
        "Restore sample",
        "Samples",
        "U",
        lambda c: c.commands.exclude_pointed(False),
        _has_sample,
        of_pointed=True,
    ),
    Action(
        "clear-samples",
        "Select no sample",
        "Samples",
        "",
        lambda c: c.commands.select_samples(()),
        _has_sample,
    ),
    Action(
        "step-back", "Step back", "Samples", ",", lambda c: step(c, -1), has_fit, separator=True
    ),
    Action("step-on", "Step on", "Samples", ".", lambda c: step(c, 1), has_fit),
    Action(
        "next-finding",
        "Next warning",
        "Samples",
        "N",
        show_next_finding,
        lambda s: s.results.fit is not None and bool(s.results.fit.findings),
    ),
    Action(
        "last-line",
        "Line of the last step",
        "Samples",
        "O",
        lambda c: c.panels.get(SamplesPanel).toggle_last_line(),
        has_fit,
    ),
    Action(
        "compare", "Compare A and B", "Samples", "", lambda c: c.reveal("compare"), separator=True
    ),
    Action("sweep", "Sweep a field of the config", "Samples", "", lambda c: c.reveal("sweep")),
)
