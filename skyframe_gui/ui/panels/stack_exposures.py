"""The exposures of the sky frame, ranked by how far each pulls it; Space takes one out or in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.ui.stack.exposures_table import ExposuresTable
from skyframe_gui.ui.stack.stack_panel import StackPanel
from skyframe_gui.ui.widgets import text_label

if TYPE_CHECKING:
    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.stack.stack_rows import Stack
    from skyframe_gui.ui.theme import Palette

FOOT = (
    "<b>Space</b> includes or excludes the exposure; the frame is averaged again at once from the "
    "stored grids."
)


class StackExposuresPanel(StackPanel):
    """The table and what its key does."""

    id = "stack-exposures"
    title = "Exposures by pull"
    area = "bottom"
    order = 12

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self.table = ExposuresTable()
        self.foot = text_label(FOOT, "hint", wraps=True, margins=(12, 5, 12, 6))
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.foot)
        self.setFocusProxy(self.table)
        self.table.chosen.connect(commands.select_stack_exposure)
        self.table.switched.connect(lambda key, _: commands.sets.switch_member(key))

    def watches(self, state: State) -> object:
        """Return also what is left out: the checkbox answers before the frame does."""
        view = state.results.stack
        members = () if view is None else view.members
        out = (state.excluded_members, *state.set_exclusions.values())
        return super().watches(state), tuple(keys.intersection(members) for keys in out)

    def paint_stack(self, stack: Stack, state: State, palette: Palette) -> None:
        """Paint the exposures."""
        self.table.show_stack(stack, palette)
