"""The menu Edit: undo, what exposures are for, configs A and B."""

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
        id="undo",
        text="Undo",
        menu="Edit",
        keys="Ctrl+Z",
        run=lambda c: c.commands.undo(),
        icon="undo",
    ),
    Action(
        id="redo",
        text="Redo",
        menu="Edit",
        keys="Ctrl+Shift+Z",
        run=lambda c: c.commands.redo(),
        icon="redo",
    ),
    Action(
        id="toggle-sky",
        text="Use for sky frames, or leave out",
        menu="Edit",
        keys="Y",
        run=lambda c: c.panels.get(DataPanel).switch_role("sky"),
        enabled=is_open,
        separator=True,
    ),
    Action(
        id="toggle-science",
        text="Fit and export as science, or not",
        menu="Edit",
        keys="Shift+Y",
        run=lambda c: c.panels.get(DataPanel).switch_role("science"),
        enabled=is_open,
    ),
    Action(
        id="assign",
        text="Set visit and detector…",
        menu="Edit",
        run=lambda c: c.panels.get(DataPanel).assign_selected(),
        enabled=is_open,
    ),
    Action(
        id="config-reset",
        text="Reset config",
        menu="Edit",
        run=lambda c: c.panels.get(ConfigPanel).reset_all(),
    ),
    Action(id="find", text="Filter data", menu="Edit", keys="Ctrl+F", run=find),
    Action(
        id="pin-a",
        text="Pin A",
        menu="Edit",
        keys="Alt+A",
        run=lambda c: c.commands.pin("A"),
        separator=True,
    ),
    Action(id="pin-b", text="Pin B", menu="Edit", keys="Alt+B", run=lambda c: c.commands.pin("B")),
    Action(
        id="swap-pins",
        text="Blink between A and B",
        menu="Edit",
        keys="Alt+X",
        run=lambda c: c.commands.swap_pins(),
        enabled=lambda s: len(s.pins) == 2,
    ),
    Action(
        id="take-a",
        text="Take A",
        menu="Edit",
        run=lambda c: c.commands.take_pin("A"),
        enabled=lambda s: "A" in s.pins,
    ),
    Action(
        id="take-b",
        text="Take B",
        menu="Edit",
        run=lambda c: c.commands.take_pin("B"),
        enabled=lambda s: "B" in s.pins,
    ),
    Action(
        id="unpin",
        text="Clear A and B",
        menu="Edit",
        run=lambda c: c.commands.unpin(),
        enabled=lambda s: bool(s.pins),
    ),
)
