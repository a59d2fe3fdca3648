"""What measures by hand, in the menu Image: the cut, the box, the circle."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from skyframe_gui.ui.actions.action import Action
from skyframe_gui.ui.actions.zoom_menu import has_images
from skyframe_gui.ui.panels.images import ImagesPanel

if TYPE_CHECKING:
    from skyframe_gui.app.model.cuts import CutKind, Tool
    from skyframe_gui.ui.actions.action import Context


def _take(context: Context, tool: Tool) -> None:
    """Take a tool in hand, or lay it down; its numbers come into view."""
    state = context.store.state
    if state.view.tool == tool:
        context.commands.cuts.use("")
        return
    context.commands.cuts.use(tool)
    _reveal(context, "profile" if tool == "cut" else "region")


def _reveal(context: Context, name: str) -> None:
    context.reveal(name)
    images = context.panels.get(ImagesPanel)
    view = context.store.state.view
    if view.workspace == "visit" and view.active < len(images.panes):
        images.panes[view.active].canvas.setFocus()  # where Esc and Del work


def _turn(context: Context, kind: CutKind) -> None:
    context.commands.cuts.turn(kind)
    _reveal(context, "profile")


_action = partial(Action, menu="Image", enabled=has_images)

ACTIONS: tuple[Action, ...] = (
    _action(
        id="cut",
        text="Cut: profile along a line or band",
        keys="C",
        icon="ruler",
        run=lambda c: _take(c, "cut"),
        checked=lambda s: s.view.tool == "cut",
        separator=True,
    ),
    _action(
        id="box",
        text="Box: numbers of its pixels",
        keys="R",
        icon="select",
        run=lambda c: _take(c, "box"),
        checked=lambda s: s.view.tool == "box",
    ),
    _action(
        id="circle",
        text="Circle: numbers of its pixels",
        keys="Shift+R",
        icon="circle-outline",
        run=lambda c: _take(c, "circle"),
        checked=lambda s: s.view.tool == "circle",
    ),
    _action(id="row", text="Cut along the row of the cursor", run=lambda c: _turn(c, "row")),
    _action(
        id="column", text="Cut along the column of the cursor", run=lambda c: _turn(c, "column")
    ),
    _action(
        id="remove-cut",
        text="Remove cut or box",
        run=lambda c: c.commands.cuts.remove(),
        enabled=lambda s: s.view.cut is not None or s.view.region is not None,
    ),
)
