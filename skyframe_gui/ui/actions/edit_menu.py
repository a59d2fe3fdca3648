"""The menu Edit: undo, what exposures are for, configs A and B."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from skyframe_gui.app.model.problems import write_log
from skyframe_gui.numbers import plural, size_of
from skyframe_gui.ui.actions.action import Action, is_open
from skyframe_gui.ui.panels.config import ConfigPanel
from skyframe_gui.ui.panels.data import DataPanel

if TYPE_CHECKING:
    from skyframe_gui.ui.actions.action import Context
    from skyframe_gui.workflow.cache import Swept


def find(context: Context) -> None:
    """Go to the filter of the data panel."""
    context.reveal("data")
    context.panels.get(DataPanel).open_filter()


def forget_kept(context: Context) -> None:
    """Take away what is kept on disk of measured exposures; they are read again when needed."""
    program, store = context.commands.program, context.commands.store

    def tell(swept: Swept) -> None:
        size = size_of(swept.n_bytes)
        write_log(store, f"{plural(swept.n_files, 'kept measurement')} deleted, {size}.")

    program.tasks.run("Delete kept measurements", lambda watch: program.stages.kept.empty(), tell)


_action = partial(Action, menu="Edit")

ACTIONS: tuple[Action, ...] = (
    _action(id="undo", text="Undo", keys="Ctrl+Z", run=lambda c: c.commands.undo(), icon="undo"),
    _action(
        id="redo", text="Redo", keys="Ctrl+Shift+Z", run=lambda c: c.commands.redo(), icon="redo"
    ),
    _action(
        id="toggle-sky",
        text="Use for sky frames, or leave out",
        keys="Y",
        run=lambda c: c.panels.get(DataPanel).switch_role("sky"),
        enabled=is_open,
        separator=True,
    ),
    _action(
        id="toggle-science",
        text="Fit and export as science, or not",
        keys="Shift+Y",
        run=lambda c: c.panels.get(DataPanel).switch_role("science"),
        enabled=is_open,
    ),
    _action(
        id="assign",
        text="Set visit and detector…",
        run=lambda c: c.panels.get(DataPanel).assign_selected(),
        enabled=is_open,
    ),
    _action(
        id="config-reset", text="Reset config", run=lambda c: c.panels.get(ConfigPanel).reset_all()
    ),
    _action(id="forget-kept", text="Delete kept measurements", run=forget_kept),
    _action(id="find", text="Filter data", keys="Ctrl+F", run=find),
    _action(
        id="pin-a",
        text="Pin A",
        keys="Alt+A",
        run=lambda c: c.commands.pins.pin("A"),
        separator=True,
    ),
    _action(id="pin-b", text="Pin B", keys="Alt+B", run=lambda c: c.commands.pins.pin("B")),
    _action(
        id="swap-pins",
        text="Blink between A and B",
        keys="Alt+X",
        run=lambda c: c.commands.pins.swap_pins(),
        enabled=lambda s: len(s.pins) == 2,
    ),
    _action(
        id="take-a",
        text="Take A",
        run=lambda c: c.commands.pins.take_pin("A"),
        enabled=lambda s: "A" in s.pins,
    ),
    _action(
        id="take-b",
        text="Take B",
        run=lambda c: c.commands.pins.take_pin("B"),
        enabled=lambda s: "B" in s.pins,
    ),
    _action(
        id="unpin",
        text="Clear A and B",
        run=lambda c: c.commands.pins.unpin(),
        enabled=lambda s: bool(s.pins),
    ),
)
