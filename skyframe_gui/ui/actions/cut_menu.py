"""What measures by hand, in the menu Image: the cut, the box, the circle."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from skyframe_gui.ui.actions.action import Action
from skyframe_gui.ui.actions.zoom_menu import has_images
from skyframe_gui.ui.panels.compare import ComparePanel
from skyframe_gui.ui.panels.images import ImagesPanel
from skyframe_gui.ui.panels.profile import ProfilePanel
from skyframe_gui.ui.panels.region import RegionPanel

if TYPE_CHECKING:
    from skyframe_gui.app.model.cuts import CutKind, Tool
    from skyframe_gui.ui.actions.action import Context
    from skyframe_gui.ui.images.canvas import Canvas


def _take(context: Context, tool: Tool) -> None:
    """Take a tool in hand, or lay it down; its numbers come into view."""
    state = context.store.state
    if state.view.tool == tool:
        context.commands.cuts.use("")
        return
    context.commands.cuts.use(tool)
    _reveal(context, "profile" if tool == "cut" else "region")


def _reveal(context: Context, name: str) -> None:
    canvas = canvas_in_use(context)
    context.reveal(name)
    if canvas is not None:
        canvas.setFocus()  # where Esc and Del work


def canvas_in_use(context: Context) -> Canvas | None:
    """Return the image that keys are meant for: the one in focus, else that of the active pane."""
    view, panels = context.store.state.view, context.panels
    if view.workspace == "compare":
        columns = panels.get(ComparePanel).columns
        canvases, at = () if columns is None else columns.canvases, 0
    else:
        panes = panels.get(ImagesPanel).panes if view.workspace == "visit" else []
        canvases, at = tuple(one.canvas for one in panes), view.active
    focused = [one for one in canvases if one.hasFocus()]
    return next(iter((*focused, *canvases[at : at + 1])), None)


def _turn(context: Context, kind: CutKind) -> None:
    context.commands.cuts.turn(kind)
    _reveal(context, "profile")


def _save(context: Context, kind: type[ProfilePanel | RegionPanel]) -> None:
    """Show what is measured, and ask where to save it."""
    context.reveal(kind.id)
    context.panels.get(kind).ask_save()


_action = partial(Action, menu="Image", under="Cut and box", enabled=has_images)

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
        id="save-profile",
        text="Save profile…",
        run=lambda c: _save(c, ProfilePanel),
        enabled=lambda s: has_images(s) and s.results.profile is not None,
    ),
    _action(
        id="save-box",
        text="Save numbers of the box…",
        run=lambda c: _save(c, RegionPanel),
        enabled=lambda s: has_images(s) and s.results.region is not None,
    ),
    _action(
        id="remove-cut",
        text="Remove cut or box",
        run=lambda c: c.commands.cuts.remove(),
        enabled=lambda s: s.view.cut is not None or s.view.region is not None,
    ),
)
