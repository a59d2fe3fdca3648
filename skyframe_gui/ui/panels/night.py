"""All visits in a table, with what is odd in each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.ui.badge import night_count
from skyframe_gui.ui.night.night_panel import NightPanel
from skyframe_gui.ui.night.night_table import NightTable
from skyframe_gui.ui.night.night_words import subject_of

if TYPE_CHECKING:
    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.night_view import VisitRow
    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.badge import BadgeCount
    from skyframe_gui.ui.theme import Palette


class NightTablePanel(NightPanel):
    """The table."""

    id = "night"
    title = "Night"
    area = "centre"
    order = 30
    headed = True

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self.table = NightTable()
        self.body.addWidget(self.table, 1)
        self.setFocusProxy(self.table)
        self.table.chosen.connect(self.choose)
        self.table.opened.connect(self.open_visit)

    def subject(self, state: State) -> str:
        """Return night, filter and how many visits there are."""
        night = state.results.night
        return "" if night is None or not night.rows else subject_of(night.rows)

    def badge(self, state: State) -> BadgeCount:
        """Return how many visits have a warning."""
        return night_count(state)

    def paint_rows(self, rows: tuple[VisitRow, ...], selected: str, palette: Palette) -> None:
        """Paint the table."""
        self.table.show_rows(rows, selected, palette)

    def copied_text(self) -> str:
        """Return the table as text."""
        return self.table.text_of_all() if self._rows else ""
