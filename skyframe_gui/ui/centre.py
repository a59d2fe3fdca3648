"""The middle of the window: one panel at a time, under a title where it has one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QStackedWidget, QWidget

from skyframe_gui.ui.docks import Header
from skyframe_gui.ui.widgets import in_column

if TYPE_CHECKING:
    from collections.abc import Iterable

    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.panel import Panel


class Centre(QStackedWidget):
    """The panels of the middle, of which a workspace shows one."""

    def __init__(self, panels: Iterable[Panel]) -> None:
        super().__init__()
        self._headers: dict[Panel, Header] = {}
        self._frames: dict[Panel, QWidget] = {}
        for panel in panels:
            self._frames[panel] = self._under_title(panel) if panel.headed else panel
            self.addWidget(self._frames[panel])

    @property
    def shown(self) -> Panel | None:
        """The panel that is in front."""
        now = self.currentWidget()
        return next((panel for panel, frame in self._frames.items() if frame is now), None)

    def show_panel(self, panel: Panel) -> None:
        """Bring a panel to the front."""
        frame = self._frames[panel]
        if self.currentWidget() is not frame:
            self.setCurrentWidget(frame)

    def show_subject(self, panel: Panel, state: State) -> None:
        """Write a panel's subject beside its title, if it has one."""
        if panel in self._headers:
            self._headers[panel].set_subject(panel.subject(state))

    def _under_title(self, panel: Panel) -> QWidget:
        """Return a panel under a title, as a dock has one."""
        header = Header()
        header.set_panels([panel])
        self._headers[panel] = header
        body = QWidget()
        body.setObjectName("dockBody")
        body.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        in_column(header, (panel, 1), on=body)
        return body
