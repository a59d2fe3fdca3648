"""Config and sky frame of A and of B: what is not the same in both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.ui.compare import comparison_words
from skyframe_gui.ui.compare.column_contents import TITLES
from skyframe_gui.ui.compare.compare_panel import ComparisonPanel
from skyframe_gui.ui.compare.compared import names_of_frames, watched
from skyframe_gui.ui.compare.lines_table import LinesTable
from skyframe_gui.ui.samples.controls import Segments

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QWidget

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.comparison import Comparison
    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.theme import Palette

WHICH = (
    ("different", "different", "Only what is not the same in A and in B"),
    ("all", "all", "All fields"),
)
NO_DIFFERENCE = "nothing differs"


class CompareFieldsPanel(ComparisonPanel):
    """A line for each field."""

    id = "compare-fields"
    title = "Config and frame"
    area = "right"
    order = 10

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self.table = LinesTable()
        self.which = Segments(WHICH, small=True)
        self.which.check("different")
        self.which.chosen.connect(lambda _: self.show_state(commands.store.state))
        self.body.addWidget(self.table)
        self.body.addStretch(1)

    def header_widgets(self) -> list[QWidget]:
        """Return the choice of fields."""
        return [self.which]

    def subject(self, state: State) -> str:
        """Return how many fields differ."""
        found = state.results.compare
        if found is None:
            return ""
        n = len(found.differing)
        return f"{n} differ{'s' if n == 1 else ''}" if n else NO_DIFFERENCE

    def show_comparison(self, state: State, found: Comparison, palette: Palette) -> None:
        """List the fields."""
        self.table.apply_theme(palette, watched(state).is_stale)
        lines = comparison_words.field_lines(
            found, names_of_frames(state), self.which.checked("all")
        )
        self.table.show_lines(("field", *TITLES), lines)
