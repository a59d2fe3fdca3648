"""What comes of A and of B in numbers, and A minus B."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from typing_extensions import override

from skyframe_gui.app.model.config_hints import exposure_unit, scale_unit
from skyframe_gui.ui.compare import comparison_words
from skyframe_gui.ui.compare.column_contents import TITLES, map_rms
from skyframe_gui.ui.compare.compare_panel import ComparisonPanel
from skyframe_gui.ui.compare.compared import names_of_frames, watched
from skyframe_gui.ui.compare.lines_table import LinesTable
from skyframe_gui.ui.samples.controls import IconButton
from skyframe_gui.ui.widgets import text_label

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QWidget

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.comparison import Comparison
    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.theme import Palette

OLDER = "of older settings"


class CompareResultsPanel(ComparisonPanel):
    """A line for each number, and a sentence on what the difference of the scales comes to."""

    id = "compare-results"
    title = "Results"
    area = "right"
    order = 11

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Results; Ctrl+C copies them")
        self.table = LinesTable()
        self.headline = text_label(
            plain=True, wraps=True, shrinks=True, margins=(8, 5, 8, 5), tip=comparison_words.SHARED
        )
        self.copy = IconButton(
            "content-copy", "Copy fields and results as text (Ctrl+C)", small=True
        )
        self.copy.clicked.connect(self.copy_text)
        self.body.addWidget(self.table)
        self.body.addWidget(self.headline)
        self.body.addStretch(1)
        self._lines: tuple[comparison_words.Line, ...] = ()

    def header_widgets(self) -> list[QWidget]:
        """Return the button that copies."""
        return [self.copy]

    def subject(self, state: State) -> str:
        """Return the visit, and whether the numbers are older than the settings."""
        found = state.results.compare
        if found is None:
            return ""
        n = found.a.n_members
        subject = f"visit {found.a.visit}, {n} detector{'' if n == 1 else 's'}"
        return f"{subject}, {OLDER}" if watched(state).is_stale else subject

    def show_comparison(self, state: State, found: Comparison, palette: Palette) -> None:
        """List the numbers."""
        stale = watched(state).is_stale
        unit, frame_unit = exposure_unit(state, found.a), scale_unit(state, found.a)
        results = comparison_words.number_lines(found, frame_unit, unit, map_rms(found))
        fields = comparison_words.field_lines(found, names_of_frames(state))
        self._lines = (*fields, *results)
        self.table.apply_theme(palette, stale)
        self.table.show_lines(("", *TITLES), results)
        self.headline.setText(comparison_words.headline(found, frame_unit))
        colour = palette.text3 if stale else palette.text
        self.headline.setStyleSheet(f"font-size: 12px; color: {colour}")
        self.copy.apply_theme(palette)

    @override
    def copied_text(self) -> str:
        return comparison_words.as_text(self._lines)
