"""What the panels at the right of A and B have in common: lines, or what is to be done first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QScrollArea, QWidget

from skyframe_gui.ui import theme
from skyframe_gui.ui.compare.compared import next_step, watched
from skyframe_gui.ui.panel import Panel
from skyframe_gui.ui.widgets import in_column, text_label

if TYPE_CHECKING:
    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.comparison import Comparison
    from skyframe_gui.app.model.state import State


class ComparisonPanel(Panel):
    """A column that scrolls, with a sentence in it while nothing is compared."""

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self.hint = text_label(role="hint", plain=True, wraps=True, margins=(10, 8, 10, 8))
        self.page = QWidget()
        self.body = in_column(on=self.page)
        scroll = QScrollArea()
        scroll.setAccessibleName(f"{self.title} of A and B")
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self.page)
        in_column(self.hint, (scroll, 1), on=self)

    def watches(self, state: State) -> object:
        """Return the pins and their comparison."""
        return watched(state)

    def show_state(self, state: State) -> None:
        """Paint the comparison, or say how to get one."""
        found = state.results.compare
        self.hint.setVisible(found is None)
        self.page.setVisible(found is not None)
        if found is None:
            title, text = next_step(state)
            self.hint.setText(f"{title}. {text}")
        else:
            self.show_comparison(state, found, theme.palette_of(state))

    def show_comparison(self, state: State, found: Comparison, palette: theme.Palette) -> None:
        """Paint a comparison."""
        raise NotImplementedError
