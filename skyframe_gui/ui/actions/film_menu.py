"""What the menu Image has for marks and films."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from skyframe_gui.app.model.film import open_marks, pictures_of
from skyframe_gui.ui.actions.action import Action, has_exposure
from skyframe_gui.ui.images.film_bar import REELS

if TYPE_CHECKING:
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.view import Reel
    from skyframe_gui.ui.actions.action import Context

_action = partial(Action, menu="Image", under="Blink and film")


def mark(context: Context) -> None:
    """Mark what the active pane shows, in the workspace with panes."""
    if context.store.state.view.workspace == "visit":
        context.commands.film.mark_pane()


def _in_panes(state: State) -> bool:
    return has_exposure(state) and state.view.workspace == "visit"


def _is_marked(state: State) -> bool:
    shown, view = state.results.shown, state.view
    here = (shown.key if shown is not None else "", view.panes[view.active])
    return any((one.key, one.layer) == here for one in state.selection.marked)


def _reel(reel: Reel, text: str) -> Action:
    """Return what runs one kind of film."""
    return _action(
        id=f"film-{reel}",
        text=text,
        run=lambda c: c.commands.film.play(reel),
        enabled=lambda s: has_exposure(s) and len(pictures_of(s, reel)) > 1,
        checked=lambda s: bool(s.view.film) and s.view.reel == reel,
    )


_TEXTS: dict[Reel, str] = {
    "night": "Film of this detector through the night",
    "visits": "Film of this detector through all visits",
    "visit": "Film of the detectors of the visit",
    "marked": "Film of what is marked",
    "set": "Film of the sky frames of the set",
}

ACTIONS: tuple[Action, ...] = (
    _action(
        id="mark",
        text="Mark what the pane shows, to blink",
        keys="A",
        run=mark,
        enabled=_in_panes,
        checked=_is_marked,
        separator=True,
    ),
    _action(
        id="forget-marks",
        text="Forget all marks",
        keys="Shift+A",
        run=lambda c: c.commands.film.forget_marks(),
        enabled=lambda s: bool(open_marks(s)),
    ),
    _action(
        id="film",
        text="Play the film, or let it stand",
        keys="V",
        run=lambda c: c.commands.film.toggle(),
        enabled=has_exposure,
        checked=lambda s: s.view.film == "playing",
        icon="filmstrip",
    ),
    *(_reel(reel, _TEXTS[reel]) for reel in REELS),
)
