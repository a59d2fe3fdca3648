"""Where the panes look, in the menu Image: zoom and places, and what helps to find them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from skyframe_gui.ui.actions.action import Action, has_exposure
from skyframe_gui.ui.panels.compare import ComparePanel
from skyframe_gui.ui.panels.images import ImagesPanel

if TYPE_CHECKING:
    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.actions.action import Context
    from skyframe_gui.ui.images.canvas import Canvas


def has_images(state: State) -> bool:
    """Whether an exposure stands in panes or columns."""
    return has_exposure(state) and state.view.workspace in ("visit", "compare")


def active_canvas(context: Context) -> Canvas | None:
    """Return the image of the active pane, or that of A in Compare; None where there is none."""
    panels = context.panels
    compares = context.store.state.view.workspace == "compare"
    return panels.get(ComparePanel).canvas if compares else panels.get(ImagesPanel).canvas


def zoom_to(context: Context, pixels: int) -> None:
    """Show so many screen pixels for each pixel of the exposure."""
    canvas = active_canvas(context)
    if canvas is not None:
        canvas.zoom_to(pixels / context.window.devicePixelRatioF())


def ask_position(context: Context) -> None:
    """Open the field that takes a place."""
    canvas = active_canvas(context)
    if canvas is not None:
        canvas.open_position()


_action = partial(Action, menu="Image", enabled=has_images)

ACTIONS: tuple[Action, ...] = (
    _action(
        id="fit-view",
        text="Whole exposure",
        under="Zoom and place",
        keys="0",
        run=lambda c: c.commands.panes.move(c.store.state.view.active_frame, None),
        enabled=has_exposure,
        checked=lambda s: s.view.frames[s.view.active_frame] is None,
        separator=True,
    ),
    _action(
        id="one-to-one",
        text="One screen pixel a pixel",
        under="Zoom and place",
        keys="9",
        run=lambda c: zoom_to(c, 1),
    ),
    _action(
        id="two-to-one",
        text="Two screen pixels a pixel",
        under="Zoom and place",
        keys="8",
        run=lambda c: zoom_to(c, 2),
    ),
    _action(
        id="go-to",
        text="Go to position…",
        under="Zoom and place",
        keys="Ctrl+G",
        run=ask_position,
    ),
    _action(
        id="compass",
        text="North, east and scale bar",
        keys="E",
        icon="compass-outline",
        run=lambda c: c.commands.switch("compass"),
        checked=lambda s: s.view.compass,
    ),
    _action(
        id="overview",
        text="Overview of the whole exposure",
        keys="W",
        run=lambda c: c.commands.switch("overview"),
        checked=lambda s: s.view.overview,
    ),
    _action(
        id="magnifier",
        text="Magnifier of the pixels under the mouse",
        keys="Z",
        run=lambda c: c.commands.switch("magnifier"),
        checked=lambda s: s.view.magnifier,
    ),
)
