"""The main window: docks made from the panels, menus made from the actions."""

from __future__ import annotations

import sys
import traceback
from typing import TYPE_CHECKING

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QMainWindow,
    QStackedWidget,
    QStatusBar,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from skyframe_gui.app.commands import Commands
from skyframe_gui.app.reports import report
from skyframe_gui.app.state import Problem
from skyframe_gui.ui import theme
from skyframe_gui.ui.actions import Actions
from skyframe_gui.ui.arrange import Arrangement
from skyframe_gui.ui.deeds import Deeds
from skyframe_gui.ui.panel import Panel, discover
from skyframe_gui.ui.toolbar import ToolBar

if TYPE_CHECKING:
    from types import TracebackType

    from PyQt6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QResizeEvent

    from skyframe_gui.app.session import Session
    from skyframe_gui.app.state import State
    from skyframe_gui.ui.docks import Dock

SIZE = (1440, 900)


class MainWindow(QMainWindow):
    """Shows a session.

    Parameters
    ----------
    session : Session
    commands : Commands, optional
    """

    def __init__(self, session: Session, commands: Commands | None = None) -> None:
        super().__init__()
        self.session = session
        self.commands = commands or Commands(session)
        self.setWindowTitle("skyframe_gui")
        self.setAcceptDrops(True)
        self.resize(_first_size())
        self.panels: list[Panel] = [kind(self.commands) for kind in discover()]
        self._seen: dict[str, object] = {}
        self._empty: bool | None = None
        self.deeds = Deeds(self, self.commands)
        self.actions_ = Actions(self, self.deeds)
        self.toolbar = ToolBar(self.actions_, self.commands)
        self._make_centre()
        self.arrangement = Arrangement(self, self.panels)
        for dock in self.docks.values():
            dock.exposed.connect(self._on_exposed)
        self.actions_.add_docks(list(self.docks.values()), self.arrangement.reset)
        self.deeds.wire(self)
        session.changed.connect(self._on_changed)
        self._dress()
        self._paint(session.state)

    def panel(self, name: str) -> Panel:
        """Return a panel by its id."""
        return next(panel for panel in self.panels if panel.id == name)

    def restore_layout(self, layout: bytes) -> None:
        """Put the docks where they were when ``layout`` was saved; what Qt refuses stays."""
        self.arrangement.show_bottom(True)
        self.restoreState(layout)
        self.arrangement.show_bottom(not self._empty)

    @property
    def docks(self) -> dict[str, Dock]:
        """The docks by their names."""
        return self.arrangement.docks

    def reveal(self, name: str) -> Panel | None:
        """Open the dock of a panel and bring it to the front; return the panel."""
        return self.arrangement.reveal(name)

    def _make_centre(self) -> None:
        self._centre = QStackedWidget()
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for panel in self._of("top"):
            column.addWidget(panel)
        for panel in self._of("centre"):
            self._centre.addWidget(panel)
        column.addWidget(self._centre, 1)
        body = QWidget()
        body.setLayout(column)
        self.setCentralWidget(body)
        # A tool bar that QMainWindow manages, so that it spans the window over the docks.
        bar = QToolBar("Toolbar")
        self.addToolBar(bar)
        bar.setObjectName("bar")
        bar.setMovable(False)
        bar.setContentsMargins(0, 0, 0, 0)
        bar.addWidget(self.toolbar)
        foot = QWidget()
        foot.setObjectName("statusbar")
        foot.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        foot.setFixedHeight(28)
        row = QHBoxLayout(foot)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for index, panel in enumerate(self._of("status")):
            row.addWidget(panel, 1 if index == 0 else 0)
        status = QStatusBar()
        status.addWidget(foot, 1)
        status.setSizeGripEnabled(False)
        status.setContentsMargins(0, 0, 0, 0)
        self.setStatusBar(status)

    def _of(self, area: str) -> list[Panel]:
        return [panel for panel in self.panels if panel.area == area]

    def _on_changed(self, old: State, new: State) -> None:
        if old.view.theme != new.view.theme:
            self._dress()
        self._paint(new)

    def _on_exposed(self) -> None:
        self._paint(self.session.state)

    def _paint(self, state: State) -> None:
        """Paint what is visible and has changed; the rest stays dirty until it is exposed."""
        centre = self._centre
        empty = _is_empty(state)
        wanted = self.panel("start" if empty else "images")
        if empty is not self._empty:
            self._empty = empty
            self.arrangement.show_bottom(not empty)
        if centre.currentWidget() is not wanted:
            centre.setCurrentWidget(wanted)
        self.actions_.update(state)
        self.toolbar.show_state(state)
        for panel in self.panels:
            if panel.isHidden() or not self.arrangement.on_screen(panel):
                continue
            watched = (panel.watches(state), state.view.theme)
            if panel.id not in self._seen or self._seen[panel.id] != watched:
                self._seen[panel.id] = watched
                panel.show_state(state)
        for dock in self.docks.values():
            dock.paint(state)

    def _dress(self) -> None:
        palette = theme.palette_of(self.session.state)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme.apply(app, palette)
        self.actions_.dress(palette)
        self.toolbar.dress(palette)
        for dock in self.docks.values():
            dock.header.dress(palette)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Let docks and toolbar suit the new width."""
        super().resizeEvent(event)
        self.arrangement.suit(self.width())
        self.toolbar.suit(self.width())

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Stop the work first, then go."""
        self.arrangement.show_bottom(True)  # its docks are closed for now only
        self.session.changed.disconnect(self._on_changed)
        self.commands.close()
        super().closeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        """Take files and folders."""
        if event is not None and _paths_in(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        """Open what was dropped."""
        if event is not None:
            self.commands.open(_paths_in(event))
            event.acceptProposedAction()

    def on_fault(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """Report a fault of the program and go on; for ``sys.excepthook``."""
        if issubclass(kind, KeyboardInterrupt):
            self.close()
            return
        detail = "".join(traceback.format_exception(kind, error, trace))
        print(detail, file=sys.stderr)
        text = f"A fault of the program ({kind.__name__}: {error}); nothing is lost, go on."
        report(self.session, Problem("window", text, detail))


def _first_size() -> QSize:
    """Return the usual size, or less where the screen is smaller."""
    screen = QApplication.primaryScreen()
    # The offscreen platform's screen is a made-up one.
    if screen is None or QApplication.platformName() == "offscreen":
        return QSize(*SIZE)
    return QSize(*SIZE).boundedTo(screen.availableGeometry().size())


def _paths_in(event: QDropEvent) -> list[str]:
    data = event.mimeData()
    urls = data.urls() if data is not None else []
    return [url.toLocalFile() for url in urls if url.isLocalFile()]


def _is_empty(state: State) -> bool:
    return not (state.exposures or state.sky_frames or state.bad_files)
