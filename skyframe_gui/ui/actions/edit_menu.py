"""The menu Edit: undo, what is included, configs A and B."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.ui.actions.action import Action, is_open
from skyframe_gui.ui.panels.config import ConfigPanel
from skyframe_gui.ui.panels.data import DataPanel

if TYPE_CHECKING:
    from skyframe_gui.ui.actions.action import Context


def find(context: Context) -> None:
    """Go to the filter of the data panel."""
    context.reveal("data")
    context.panels.get(DataPanel).open_filter()


ACTIONS: tuple[Action, ...] = (
    Action(
        "undo",
        "Undo",
        "Edit",
        "Ctrl+Z",
        lambda c: c.commands.undo(),
        icon="undo",
    ),
    Action("redo", "Redo", "Edit", "Ctrl+Shift+Z", lambda c: c.commands.redo(), icon="redo"),
    Action(
        "toggle-included",
        "Include or leave out",
        "Edit",
        "",
        lambda c: c.panels.get(DataPanel).toggle(),
        is_open,
        separator=True,
    ),
    Action(
        "assign",
        "Set visit and detector…",
        "Edit",
        "",
        lambda c: c.panels.get(DataPanel).assign_selected(),
        is_open,
    ),
    Action(
        "config-reset", "Reset config", "Edit", "", lambda c: c.panels.get(ConfigPanel).reset_all()
    ),
    Action("find", "Filter data", "Edit", "Ctrl+F", find),
    Action("pin-a", "Pin A", "Edit", "Alt+A", lambda c: c.commands.pin("A"), separator=True),
    Action("pin-b", "Pin B", "Edit", "Alt+B", lambda c: c.commands.pin("B")),
    Action(
        "swap-pins",
        "Blink between A and B",
        "Edit",
        "Alt+X",
        lambda c: c.commands.swap_pins(),
        lambda s: len(s.pins) == 2,
    ),
    Action(
        "take-a", "Take A", "Edit", "", lambda c: c.commands.take_pin("A"), lambda s: "A" in s.pins
    ),
    Action(
        "take-b", "Take B", "Edit", "", lambda c: c.commands.take_pin("B"), lambda s: "B" in s.pins
    ),
    Action(
        "unpin", "Clear A and B", "Edit", "", lambda c: c.commands.unpin(), lambda s: bool(s.pins)
    ),
)
