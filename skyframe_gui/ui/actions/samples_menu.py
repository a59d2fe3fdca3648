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
        id="fit",
        text="Fit",
        menu="Samples",
        keys="F",
        run=lambda c: c.commands.fit(),
        enabled=_can_fit,
        icon="chart-bell-curve",
    ),
    Action(
        id="exclude",
        text="Exclude sample",
        menu="Samples",
        keys="D",
        run=lambda c: c.commands.exclude_pointed(True),
        enabled=_has_sample,
        separator=True,
        of_pointed=True,
    ),
    Action(
        id="restore",
        text="Restore sample",
        menu="Samples",
        keys="U",
        run=lambda c: c.commands.exclude_pointed(False),
        enabled=_has_sample,
        of_pointed=True,
    ),
    Action(
        id="clear-samples",
        text="Select no sample",
        menu="Samples",
        run=lambda c: c.commands.select_samples(()),
        enabled=_has_sample,
    ),
    Action(
        id="step-back",
        text="Step back",
        menu="Samples",
        keys=",",
        run=lambda c: step(c, -1),
        enabled=has_fit,
        separator=True,
    ),
    Action(
        id="step-on",
        text="Step on",
        menu="Samples",
        keys=".",
        run=lambda c: step(c, 1),
        enabled=has_fit,
    ),
    Action(
        id="next-finding",
        text="Next warning",
        menu="Samples",
        keys="N",
        run=show_next_finding,
        enabled=lambda s: s.results.fit is not None and bool(s.results.fit.findings),
    ),
    Action(
        id="last-line",
        text="Line of the last step",
        menu="Samples",
        keys="O",
        run=lambda c: c.panels.get(SamplesPanel).toggle_last_line(),
        enabled=has_fit,
    ),
    Action(
        id="compare",
        text="Compare A and B",
        menu="Samples",
        run=lambda c: c.reveal("compare"),
        separator=True,
    ),
    Action(
        id="sweep",
        text="Sweep a field of the config",
        menu="Samples",
        run=lambda c: c.reveal("sweep"),
    ),
)
