"""The menu Image: panes, what is drawn over them, where they look."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypedDict

from skyframe_gui.app.model.film import open_marks
from skyframe_gui.app.model.looks import SMOOTHED
from skyframe_gui.ui.actions.action import Action, has_exposure
from skyframe_gui.ui.images.planes import next_masked_mode
from skyframe_gui.ui.panels.images import ImagesPanel

if TYPE_CHECKING:
    from collections.abc import Callable

    from skyframe_gui.app.model.looks import CompareLayer
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.view import Switch
    from skyframe_gui.ui.actions.action import Context

ROW = (4, 1)


def choose_planes(context: Context) -> None:
    """Open the list of mask planes in the active pane."""
    images = context.panels.get(ImagesPanel)
    if images.panes:
        images.panes[context.store.state.view.active].open_planes()


def toggle_own_grid(context: Context) -> None:
    """Show the exposure's own bins in the place of the sky frame's, or these again."""
    context.commands.view(own_grid=not context.store.state.view.own_grid)
    context.commands.looks.reset_limits("grid")


def reset_limits(context: Context) -> None:
    """Measure the limits of the layer that the toolbar speaks of again."""
    view = context.store.state.view
    if view.workspace == "camera":
        context.commands.looks.set_plane_limits(view.plane_layer, None)
    else:
        context.commands.looks.reset_limits(view.active_layer)


def blink(context: Context, by: int = 1) -> None:
    """Show the next or previous of what is marked or runs; else before and after in turn.

    In Compare A and B blink by themselves.
    """
    view = context.store.state.view
    if view.workspace == "compare":
        context.commands.view(blinking=not view.blinking)
    elif not context.commands.film.blink(by):
        context.commands.view(before=not view.before)


def blink_by_itself(context: Context) -> None:
    """Let what is marked run as a film; else before and after, or A and B, change in turn."""
    state = context.store.state
    if state.view.workspace == "compare" or len(open_marks(state)) < 2:
        context.commands.switch("blinking")
    elif state.view.film == "playing":
        context.commands.film.toggle()
    else:
        context.commands.film.play("marked")


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


_action = partial(Action, menu="Image")


def _panes(
    id_: str,
    text: str,
    n: int,
    shape: tuple[int, int] | None = None,
    keys: str = "",
    icon: str = "",
) -> Action:
    """Return what shows so many panes, perhaps as (columns, rows)."""

    def checked(state: State) -> bool:
        now = state.view.pane_shape
        fits = now != ROW if shape == (2, 2) else n != 4 or now == shape
        return len(state.view.panes) == n and fits

    return _action(
        id=id_,
        text=text,
        under="Panes",
        keys=keys,
        run=lambda c: c.commands.panes.lay_out(n, shape),
        enabled=has_exposure,
        checked=checked,
        icon=icon,
    )


ACTIONS: tuple[Action, ...] = (
    _panes("one-pane", "One pane", 1, keys="1", icon="square-outline"),
    _panes("two-panes", "Two panes", 2, keys="2", icon="view-split-vertical"),
    _panes("four-panes", "Four panes", 4, (2, 2), keys="4", icon="view-grid-outline"),
    _panes("row-of-panes", "Four panes in a row", 4, ROW, keys="3", icon="view-column-outline"),
    _panes("auto-panes", "Four panes, as large as can be", 4),
    _panes("six-panes", "Six panes", 6, keys="6", icon="view-module-outline"),
    _action(
        id="edges",
        text="Bin edges",
        keys="G",
        icon="grid",
        separator=True,
        **_view("edges", _shows()),
    ),
    _action(id="boxes", text="Sample boxes", keys="S", icon="vector-square", **_view("boxes")),
    _action(
        id="masks",
        text="Mask planes",
        keys="P",
        icon="layers-outline",
        **_view("masks", _shows("subtracted")),
    ),
    _action(
        id="veil",
        text="Masked pixels: veil, full, hidden",
        keys="M",
        run=lambda c: c.commands.view(veil=next_masked_mode(c.store.state.view.veil)),
        enabled=_shows("subtracted"),
    ),
    _action(
        id="planes", text="Choose mask planes…", keys="Shift+P", run=choose_planes, enabled=_shows()
    ),
    _action(
        id="own-grid",
        text="Bins of the exposure itself",
        keys="Shift+G",
        run=toggle_own_grid,
        enabled=_shows(),
        checked=lambda s: s.view.own_grid,
    ),
    _action(
        id="link-limits",
        text="Link limits of exposure and subtracted",
        **_view("limits_linked", _shows()),
    ),
    _action(
        id="reset-limits",
        text="Measure limits again",
        keys="Shift+L",
        run=reset_limits,
        enabled=has_exposure,
    ),
    _action(
        id="smooth",
        text="Smooth on the screen",
        keys="Shift+S",
        run=lambda c: c.commands.looks.switch_smoothing(c.store.state.view.active_layer),
        enabled=lambda s: has_exposure(s) and s.view.active_layer in SMOOTHED,
        checked=lambda s: s.looks[s.view.active_layer].smooth > 0,
    ),
    _action(id="crosshair", text="Crosshair", keys="X", icon="crosshairs", **_view("crosshair")),
    _action(
        id="link",
        text="Link panes",
        keys="L",
        run=lambda c: c.commands.panes.link(not c.store.state.view.linked),
        enabled=_shows(),
        checked=lambda s: s.view.linked,
        icon="link-variant",
    ),
    _action(
        id="blink",
        text="Blink before and after, or what is marked",
        under="Blink and film",
        keys="B",
        run=blink,
        enabled=_blinks,
        checked=lambda s: s.view.blinking if s.view.workspace == "compare" else s.view.before,
        icon="swap-horizontal-bold",
        separator=True,
    ),
    _action(
        id="blink-back",
        text="Blink the other way round",
        under="Blink and film",
        keys="Shift+B",
        run=partial(blink, by=-1),
        enabled=_blinks,
    ),
    _action(
        id="blinking",
        text="Blink by itself",
        under="Blink and film",
        keys="Ctrl+Shift+B",
        run=blink_by_itself,
        enabled=_blinks,
        checked=lambda s: s.view.blinking or (s.view.film == "playing" and s.view.reel == "marked"),
    ),
    _action(
        id="previous",
        text="Previous detector",
        under="Detector and visit",
        keys="PgUp",
        run=lambda c: c.commands.step_exposure(-1),
        enabled=has_exposure,
    ),
    _action(
        id="next",
        text="Next detector",
        under="Detector and visit",
        keys="PgDown",
        run=lambda c: c.commands.step_exposure(1),
        enabled=has_exposure,
    ),
    Action(
        id="previous-visit",
        text="Same detector, previous visit",
        under="Detector and visit",
        menu="Image",
        keys="[",
        run=lambda c: c.commands.step_visit(-1),
        enabled=has_exposure,
    ),
    Action(
        id="next-visit",
        text="Same detector, next visit",
        under="Detector and visit",
        menu="Image",
        keys="]",
        run=lambda c: c.commands.step_visit(1),
        enabled=has_exposure,
    ),
)
