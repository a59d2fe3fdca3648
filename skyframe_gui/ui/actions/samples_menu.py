"""The menu Samples: the fit, its rounds, and what is excluded by hand."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from skyframe_gui.app.model.problems import write_log
from skyframe_gui.app.model.queries import open_sky_frames
from skyframe_gui.app.model.rejection_steps import rows_of, shown_step, steps_of
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.ui.actions.action import Action, has_fit
from skyframe_gui.ui.clipboard import copy_text
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


def select_rejected(context: Context, by: int) -> None:
    """Select the next (1) or previous (-1) sample that a round dropped, and show its exposure."""
    state, commands = context.store.state, context.commands
    fit = state.results.fit
    if fit is None:
        return
    rows = rows_of(fit)
    dropped = [at for at, round_ in enumerate(rows.rejected_at.tolist()) if round_ >= 0]
    found = [rows.index(one) for one in state.selection.samples]
    chosen = sorted(at for at in found if at is not None)
    beyond = (
        dropped[::by]
        if not chosen
        else (
            [at for at in dropped if at > chosen[-1]]
            if by > 0
            else [at for at in reversed(dropped) if at < chosen[0]]
        )
    )
    nearest = next(iter([*beyond, *dropped[::by]]), None)
    if nearest is not None:
        sample = rows.ids(nearest)
        commands.hover(
            None
        )  # what is done next is done to the selected one, not to that of a mouse
        commands.select_exposure(sample[0])
        commands.select_samples([sample])


def show_next_finding(context: Context) -> None:
    """Go to the next warning of the fit."""
    context.reveal("fit")
    context.panels.get(FitPanel).show_next_finding()


def copy_as_python(context: Context) -> None:
    """Copy lines that repeat the fit in a notebook; the log says what came of it."""
    from skyframe_gui.app.export.snippet import snippet_of

    store = context.commands.store
    try:
        copy_text(snippet_of(store.state))
    except SkyFrameError as error:
        write_log(store, str(error))
        context.reveal("log")
        return
    write_log(store, "The fit was copied as Python; paste it into a notebook.")


def _has_sample(state: State) -> bool:
    return bool(state.selection.samples)


def _has_rejected(state: State) -> bool:
    fit = state.results.fit
    return fit is not None and bool((fit.solution.rejected_at >= 0).any())


def _can_fit(state: State) -> bool:
    return bool(open_sky_frames(state)) and bool(state.selection.exposure)


_action = partial(Action, menu="Samples")

ACTIONS: tuple[Action, ...] = (
    _action(
        id="fit",
        text="Fit",
        keys="F",
        run=lambda c: c.commands.fit(),
        enabled=_can_fit,
        icon="chart-bell-curve",
    ),
    _action(
        id="exclude",
        text="Exclude sample",
        keys="D",
        run=lambda c: c.commands.exclude_pointed(True),
        enabled=_has_sample,
        separator=True,
        of_pointed=True,
    ),
    _action(
        id="restore",
        text="Restore sample",
        keys="U",
        run=lambda c: c.commands.exclude_pointed(False),
        enabled=_has_sample,
        of_pointed=True,
    ),
    _action(
        id="next-rejected",
        text="Next rejected sample",
        keys="J",
        run=lambda c: select_rejected(c, 1),
        enabled=_has_rejected,
    ),
    _action(
        id="previous-rejected",
        text="Previous rejected sample",
        keys="Shift+J",
        run=lambda c: select_rejected(c, -1),
        enabled=_has_rejected,
    ),
    _action(
        id="clear-samples",
        text="Select no sample",
        run=lambda c: c.commands.select_samples(()),
        enabled=_has_sample,
    ),
    _action(
        id="step-back",
        text="Step back",
        keys=",",
        run=lambda c: step(c, -1),
        enabled=has_fit,
        separator=True,
    ),
    _action(id="step-on", text="Step on", keys=".", run=lambda c: step(c, 1), enabled=has_fit),
    _action(
        id="next-finding",
        text="Next warning",
        keys="N",
        run=show_next_finding,
        enabled=lambda s: s.results.fit is not None and bool(s.results.fit.findings),
    ),
    _action(
        id="last-line",
        text="Line of the last step",
        keys="O",
        run=lambda c: c.panels.get(SamplesPanel).toggle_last_line(),
        enabled=has_fit,
    ),
    _action(
        id="copy-python",
        text="Copy as Python",
        run=copy_as_python,
        enabled=has_fit,
        separator=True,
    ),
    _action(
        id="compare", text="Compare A and B", run=lambda c: c.reveal("compare"), separator=True
    ),
    _action(id="sweep", text="Sweep a field of the config", run=lambda c: c.reveal("sweep")),
    _action(
        id="correction",
        text="Correct the whole visit",
        run=lambda c: c.reveal("correction"),
        separator=True,
    ),
)
