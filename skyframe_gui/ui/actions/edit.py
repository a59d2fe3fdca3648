"""The menu Edit: undo, what is included, configs A and B."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.ui.actions.entry import Entry, is_open
from skyframe_gui.ui.panels.config import ConfigPanel
from skyframe_gui.ui.panels.data import DataPanel

if TYPE_CHECKING:
    from skyframe_gui.ui.actions.entry import Context


def find(context: Context) -> None:
    """Go to the filter of the data panel."""
    context.reveal("data")
    context.panels.get(DataPanel).open_filter()


ENTRIES: tuple[Entry, ...] = (
    Entry(
        "undo",
        "Undo",
        "Edit",
        "Ctrl+Z",
        lambda c: c.session.undo(),
        icon="undo",
    ),
    Entry("redo", "Redo", "Edit", "Ctrl+Shift+Z", lambda c: c.session.redo(), icon="redo"),
    Entry(
        "toggle-included",
        "Include or leave out",
        "Edit",
        "",
        lambda c: c.panels.get(DataPanel).toggle(),
        is_open,
        separator=True,
    ),
    Entry(
        "assign",
        "Set visit and detector…",
        "Edit",
        "",
        lambda c: c.panels.get(DataPanel).assign_selected(),
        is_open,
    ),
    Entry(
        "config-reset", "Reset config", "Edit", "", lambda c: c.panels.get(ConfigPanel).reset_all()
    ),
    Entry("find", "Filter data", "Edit", "Ctrl+F", find),
    Entry("pin-a", "Pin A", "Edit", "Alt+A", lambda c: c.commands.pin("A"), separator=True),
    Entry("pin-b", "Pin B", "Edit", "Alt+B", lambda c: c.commands.pin("B")),
    Entry(
        "swap-pins",
        "Blink between A and B",
        "Edit",
        "Alt+X",
        lambda c: c.commands.swap_pins(),
        lambda s: len(s.pins) == 2,
    ),
    Entry(
        "take-a", "Take A", "Edit", "", lambda c: c.commands.take_pin("A"), lambda s: "A" in s.pins
    ),
    Entry(
        "take-b", "Take B", "Edit", "", lambda c: c.commands.take_pin("B"), lambda s: "B" in s.pins
    ),
    Entry(
        "unpin", "Clear A and B", "Edit", "", lambda c: c.commands.unpin(), lambda s: bool(s.pins)
    ),
)
