"""The menu Stack: sky frames, built, looked into and saved."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from skyframe_gui.app.model.queries import is_for, open_exposures, open_sky_frames
from skyframe_gui.ui.actions.action import Action

if TYPE_CHECKING:
    from skyframe_gui.ui.actions.action import Context


def save_sky_frame(context: Context, key: str = "") -> None:
    """Ask where to save a sky frame: the given one, else the one that is looked at."""
    from skyframe_gui.ui.dialogs import files

    state = context.store.state
    shown = state.results.shown
    frame = None if shown is None else shown.sky_frame
    if not key:
        frames = open_sky_frames(state)
        key = frame.key if frame is not None else frames[-1].key if frames else ""
    if key:
        files.ask_save_sky_frame(context.window, context.commands, key)


def toggle_exposure(context: Context) -> None:
    """Leave the exposure that is selected in the stack out of the frame, or take it back in."""
    state = context.store.state
    key = state.selection.stack_exposure
    if key:
        context.commands.sets.switch_member(key)


_action = partial(Action, menu="Stack")

ACTIONS: tuple[Action, ...] = (
    _action(
        id="build",
        text="Build sky frame",
        keys="Ctrl+B",
        run=lambda c: c.commands.build(),
        enabled=lambda s: any(is_for(s, item, "sky") for item in open_exposures(s)),
        icon="layers-triple-outline",
    ),
    _action(
        id="save-sky-frame",
        text="Save sky frame…",
        keys="Ctrl+Shift+S",
        run=save_sky_frame,
        enabled=lambda s: bool(open_sky_frames(s)),
    ),
    _action(
        id="stack",
        text="Stack inspector",
        keys="Ctrl+Shift+I",
        run=lambda c: c.commands.show_workspace("stack"),
        enabled=lambda s: bool(open_sky_frames(s)),
        separator=True,
    ),
    _action(
        id="stack-toggle",
        text="Take the selected exposure out of the frame, or in",
        run=toggle_exposure,
        enabled=lambda s: bool(s.selection.stack_exposure),
    ),
    _action(
        id="stack-clear-bin",
        text="Select no bin",
        run=lambda c: c.commands.select_bin(None),
        enabled=lambda s: s.selection.bin is not None,
    ),
)
