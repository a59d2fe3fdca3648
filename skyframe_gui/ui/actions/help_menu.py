"""The menu Help: the manual, all keys, and what this program is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.ui.actions.action import Action
from skyframe_gui.ui.theme import palette_of

if TYPE_CHECKING:
    from skyframe_gui.ui.actions.action import Context


def show_shortcuts(context: Context) -> None:
    """Show all keys."""
    from skyframe_gui.ui.dialogs.shortcuts import Shortcuts

    palette = palette_of(context.store.state)
    Shortcuts(context.window, palette, context.actions).show()


def show_manual(context: Context) -> None:
    """Open the manual."""
    from skyframe_gui.ui.dialogs.manual import Manual

    Manual(context.window).show()


def show_about(context: Context) -> None:
    """Say what this program is."""
    from skyframe_gui.ui.dialogs.about import About

    About(context.window).show()


ACTIONS: tuple[Action, ...] = (
    Action(
        id="manual",
        text="Manual",
        menu="Help",
        keys="F1",
        run=show_manual,
        icon="book-open-variant",
    ),
    Action(
        id="shortcuts",
        text="Shortcuts",
        menu="Help",
        keys="?",
        run=show_shortcuts,
        icon="help-circle-outline",
    ),
    Action(id="about", text="About", menu="Help", run=show_about),
)
