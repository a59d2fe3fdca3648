"""The menu View: workspaces and theme; the docks follow when they are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.ui.actions.action import Action, is_open
from skyframe_gui.ui.workspaces import ABOUT

if TYPE_CHECKING:
    from skyframe_gui.app.model.view import Workspace
    from skyframe_gui.ui.actions.action import Context


def toggle_theme(context: Context) -> None:
    """Change between dark and light."""
    dark = context.store.state.view.theme == "dark"
    context.commands.view(theme="light" if dark else "dark")


def _workspace(name: Workspace) -> Action:
    return Action(
        id=f"workspace-{name}",
        text=ABOUT[name].title,
        menu="View",
        keys=f"Ctrl+{list(ABOUT).index(name) + 1}",
        run=lambda c: c.commands.show_workspace(name),
        enabled=is_open,
        checked=lambda s: is_open(s) and s.view.workspace == name,
    )


ACTIONS: tuple[Action, ...] = (
    *(_workspace(name) for name in ABOUT),
    Action(
        id="theme",
        text="Light or dark",
        menu="View",
        keys="Ctrl+T",
        run=toggle_theme,
        icon="theme-light-dark",
        separator=True,
    ),
    Action(
        id="next-panel",
        text="Next panel",
        menu="View",
        keys="F6",
        run=lambda c: c.next_panel(True),
        separator=True,
    ),
    Action(
        id="previous-panel",
        text="Previous panel",
        menu="View",
        keys="Shift+F6",
        run=lambda c: c.next_panel(False),
    ),
)
