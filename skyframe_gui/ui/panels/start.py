"""Start."""

from __future__ import annotations

from skyframe_gui.app.state import State
from skyframe_gui.ui.panel import Panel


class StartPanel(Panel):
    """Not yet."""

    id = "start"
    title = "Start"
    area = "centre"

    def watches(self, state: State) -> object:
        """Return nothing."""
        return None

    def show_state(self, state: State) -> None:
        """Paint nothing."""
