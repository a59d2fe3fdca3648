"""The menu Image: panes, what is drawn over them, where they look."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from skyframe_gui.ui.actions.action import Action, has_exposure
from skyframe_gui.ui.images.planes import next_veil
from skyframe_gui.ui.panels.images import ImagesPanel

if TYPE_CHECKING:
    from collections.abc import Callable

    from skyframe_gui.app.model.looks import CompareLayer
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.view import Switch
    from skyframe_gui.ui.actions.action import Context


def choose_planes(context: Context) -> None:
    """Open the list of mask planes in the active pane."""
    images = context.panels.get(ImagesPanel)
    if images.panes:
        images.panes[context.store.state.view.active].open_planes()


def toggle_own_grid(context: Context) -> None:
    """Show the exposure's own bins in the place of the sky frame's, or these again."""
    context.commands.view(own_grid=not context.store.state.view.own_grid)
    context.commands.reset_limits("grid")


def reset_limits(context: Context) -> None:
    """Measure the limits of the layer that the toolbar speaks of again."""
    context.commands.reset_limits(context.store.state.view.active_layer)


def zoom_to_pixels(context: Context) -> None:
    """Show one screen pixel for each pixel of the exposure."""
    ratio = context.window.devicePixelRatioF()
    context.commands.zoom(context.store.state.view.active_frame, 1.0 / ratio)


def blink(context: Context) -> None:
    """Show before and after in turn, key by key; in Compare let A and B blink by themselves."""
    view = context.store.state.view
    if view.workspace == "compare":
        context.commands.view(blinking=not view.blinking)
    else:
        context.commands.view(before=not view.before)


def _shows(*layers: CompareLayer) -> Callable[[State], bool]:
    """Return whether an exposure is shown, and if in Compare then one of these layers of it."""

    def shows(state: State) -> bool:
        view = state.view
        return has_exposure(state) and (view.workspace != "compare" or view.compared in layers)

    return shows


def _blinks(state: State) -> bool:
    """Whether there are two pictures to blink between."""
    return has_exposure(state) and (state.view.workspace != "compare" or "A" in state.pins)


class _Switch(TypedDict):
    run: Callable[[Context], object]
    checked: Callable[[State], bool]
    enabled: Callable[[State], bool]


def _view(name: Switch, enabled: Callable[[State], bool] = has_exposure) -> _Switch:
    """Return what switches a field of the `View` over."""
    return {
        "run": lambda c: c.commands.switch(name),
        "checked": lambda s: bool(getattr(s.view, name)),
        "enabled": enabled,
    }


ACTIONS: tuple[Action, ...] = (
    Action(
        "one-pane",
        "One pane",
        "Image",
        "1",
        lambda c: c.commands.lay_out(1),
        has_exposure,
        lambda s: len(s.view.panes) == 1,
        "square-outline",
    ),
    Action(
        "two-panes",
        "Two panes",
        "Image",
        "2",
        lambda c: c.commands.lay_out(2),
        has_exposure,
        lambda s: len(s.view.panes) == 2,
        "view-split-vertical",
    ),
    Action(
        "four-panes",
        "Four panes",
        "Image",
        "4",
        lambda c: c.commands.lay_out(4, (2, 2)),
        has_exposure,
        lambda s: len(s.view.panes) == 4 and s.view.pane_shape != (4, 1),
        "view-grid-outline",
    ),
    Action(
        "row-of-panes",
        "Four panes in a row",
        "Image",
        "3",
        lambda c: c.commands.lay_out(4, (4, 1)),
        has_exposure,
        lambda s: len(s.view.panes) == 4 and s.view.pane_shape == (4, 1),
        "view-column-outline",
    ),
    Action(
        "auto-panes",
        "Four panes, as large as can be",
        "Image",
        "",
        lambda c: c.commands.lay_out(4),
        has_exposure,
        lambda s: len(s.view.panes) == 4 and s.view.pane_shape is None,
    ),
    Action(
        "six-panes",
        "Six panes",
        "Image",
        "6",
        lambda c: c.commands.lay_out(6),
        has_exposure,
        lambda s: len(s.view.panes) == 6,
        "view-module-outline",
    ),
    Action(
        "edges", "Bin edges", "Image", "G", icon="grid", separator=True, **_view("edges", _shows())
    ),
    Action("boxes", "Sample boxes", "Image", "S", icon="vector-square", **_view("boxes")),
    Action(
        "masks",
        "Mask planes",
        "Image",
        "P",
        icon="layers-outline",
        **_view("masks", _shows("subtracted")),
    ),
    Action(
        "veil",
        "Masked pixels: veil, full, hidden",
        "Image",
        "M",
        lambda c: c.commands.view(veil=next_veil(c.store.state.view.veil)),
        _shows("subtracted"),
    ),
    Action(
        "planes",
        "Choose mask planes…",
        "Image",
        "Shift+P",
        choose_planes,
        _shows(),
    ),
    Action(
        "own-grid",
        "Bins of the exposure itself",
        "Image",
        "Shift+G",
        toggle_own_grid,
        _shows(),
        lambda s: s.view.own_grid,
    ),
    Action(
        "fit-view",
        "Whole exposure",
        "Image",
        "0",
        lambda c: c.commands.move(c.store.state.view.active_frame, None),
        has_exposure,
        lambda s: s.view.frames[s.view.active_frame] is None,
    ),
    Action(
        "one-to-one",
        "One screen pixel a pixel",
        "Image",
        "9",
        zoom_to_pixels,
        has_exposure,
    ),
    Action(
        "link-limits",
        "Link limits of exposure and subtracted",
        "Image",
        "",
        **_view("limits_linked", _shows()),
    ),
    Action(
        "reset-limits",
        "Measure limits again",
        "Image",
        "Shift+L",
        reset_limits,
        has_exposure,
    ),
    Action("crosshair", "Crosshair", "Image", "X", icon="crosshairs", **_view("crosshair")),
    Action(
        "link",
        "Link panes",
        "Image",
        "L",
        lambda c: c.commands.link(not c.store.state.view.linked),
        _shows(),
        lambda s: s.view.linked,
        "link-variant",
    ),
    Action(
        "blink",
        "Blink before and after",
        "Image",
        "B Shift+B",
        blink,
        _blinks,
        lambda s: s.view.blinking if s.view.workspace == "compare" else s.view.before,
        "swap-horizontal-bold",
        separator=True,
    ),
    Action("blinking", "Blink by itself", "Image", "Ctrl+Shift+B", **_view("blinking", _blinks)),
    Action(
        "previous",
        "Previous detector",
        "Image",
        "PgUp",
        lambda c: c.commands.step_exposure(-1),
        has_exposure,
        separator=True,
    ),
    Action(
        "next",
        "Next detector",
        "Image",
        "PgDown",
        lambda c: c.commands.step_exposure(1),
        has_exposure,
    ),
)
