"""The main window: docks made from the panels, menus made from the actions."""

from __future__ import annotations

import os
import sys
import traceback
from dataclasses import fields
from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, Qt, QTimer
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtWidgets import QApplication, QMainWindow, QStatusBar, QToolBar, QWidget

from skyframe_gui.app.commands import Commands
from skyframe_gui.app.model.problems import report
from skyframe_gui.app.model.results import Problem
from skyframe_gui.app.program import Program
from skyframe_gui.ui import theme
from skyframe_gui.ui.actions import file_menu, zoom_menu
from skyframe_gui.ui.actions.action import Context, is_open
from skyframe_gui.ui.actions.action_table import TABLE
from skyframe_gui.ui.actions.menus import Actions
from skyframe_gui.ui.actions.stack_menu import save_sky_frame
from skyframe_gui.ui.arrangement import Arrangement
from skyframe_gui.ui.centre import Centre
from skyframe_gui.ui.data.tree_menu import paths_of
from skyframe_gui.ui.focus_ring import FocusRing
from skyframe_gui.ui.focus_way import FocusWay
from skyframe_gui.ui.panel import Area, Panel, PanelPainter, Panels, discover
from skyframe_gui.ui.panels.config import ConfigPanel
from skyframe_gui.ui.panels.correction import CorrectionPanel
from skyframe_gui.ui.panels.data import DataPanel
from skyframe_gui.ui.panels.images import ImagesPanel
from skyframe_gui.ui.panels.problems import ProblemsPanel
from skyframe_gui.ui.panels.start import StartPanel
from skyframe_gui.ui.screen import first_geometry, free_area, move_into_view
from skyframe_gui.ui.session_files import SessionFiles
from skyframe_gui.ui.toolbar import ToolBar
from skyframe_gui.ui.top_bar import TopBar
from skyframe_gui.ui.widgets import in_column, in_row, one_shot
from skyframe_gui.ui.workspaces import STATUS, Room

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from PyQt6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QResizeEvent, QShowEvent

    from skyframe_gui.app.model.pointer import Pointed
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.ui.docks import Dock

SETTLED_MS = 200
"""Until then the system has put its frame around a window that was shown."""
AWAITED_MS = 100
"""An answer that comes sooner is painted once, not after the news that it is awaited."""


class MainWindow(QMainWindow):
    """Shows a session.

    Parameters
    ----------
    store : Store
    commands : Commands, optional
    """

    def __init__(self, store: Store, commands: Commands | None = None) -> None:
        super().__init__()
        self.store = store
        self.commands = commands or Commands(Program(store))
        self.setWindowTitle("skyframe_gui")
        self.setAcceptDrops(True)
        self.setGeometry(first_geometry(free_area()))
        self._has_frame = False
        self._settled = one_shot(self, partial(move_into_view, self), SETTLED_MS)
        self.panels = Panels(self.commands, discover(), self._on_unmade)
        self._painter = PanelPainter(store, self.on_fault)
        self._turns = self.commands.program.turns
        self._awaited = one_shot(self, partial(self._turns.give, self._paint), AWAITED_MS)
        self._is_closed = False
        self._image = (1, 1)
        self.arrangement = Arrangement(self, self.panels)
        self.files = SessionFiles(self, self.commands, self.arrangement)
        self.context = Context(
            window=self,
            commands=self.commands,
            panels=self.panels,
            arrangement=self.arrangement,
            files=self.files,
            actions=TABLE,
            next_panel=lambda forward: self._way.next_panel(forward),
        )
        self.actions_ = Actions(self.context)
        self.top_bar = TopBar(self.actions_, self.commands, self.actions_.menu_bar)
        self.toolbar = ToolBar(
            self.actions_,
            self.commands,
            partial(zoom_menu.active_canvas, self.context),
            lambda: self.panels.get(ImagesPanel).shape,
        )
        for name in ("images", "compare"):
            self.panel(name).installEventFilter(self.toolbar)
        self._make_centre()
        heads = (self.top_bar, self.toolbar, *self._of("top"))
        self._way = FocusWay(self, heads, self._centre, self._of("status"))
        self._rescue = one_shot(self, self._way.rescue, SETTLED_MS)
        self._ring = FocusRing(self, store)
        self.arrangement.changed.connect(self._paint)
        self.arrangement.changed.connect(self._way.rescue)
        self.actions_.add_docks(
            [self.panels.kinds[name] for name in self.arrangement.names], self.arrangement
        )
        self._wire()
        store.changed.connect(self._on_changed)
        store.pointer.moved.connect(self._on_pointed)
        # Last: with a style sheet every widget is slower to make.
        self._apply_theme()
        self._paint()
        self.setFocus()  # not the first button: keys mean the images until something is chosen

    def panel(self, name: str) -> Panel:
        """Return a panel by its id."""
        return self.panels[name]

    @property
    def docks(self) -> dict[str, Dock]:
        """The docks that are made, by their names."""
        return self.arrangement.docks

    def _wire(self) -> None:
        """Connect what panels ask for that only a window can give."""
        context, panels = self.context, self.panels
        start, data = panels.get(StartPanel), panels.get(DataPanel)
        start.open_files.connect(partial(file_menu.ask_open, context))
        start.open_folder.connect(partial(file_menu.ask_open_folder, context))
        start.try_demo.connect(partial(file_menu.open_demo, context))
        panels.get(ProblemsPanel).details.connect(lambda: context.reveal("log"))
        panels.get(ConfigPanel).compare_wanted.connect(lambda: context.reveal("compare"))
        panels.get(CorrectionPanel).export_wanted.connect(
            partial(file_menu.export_corrected, context)
        )
        data.header_wanted.connect(lambda: context.reveal("header"))
        data.save_wanted.connect(partial(save_sky_frame, context))
        self.files.renamed.connect(self._show_session)
        self.files.saved.connect(self._show_session)

    def _make_centre(self) -> None:
        self._centre = Centre(self._of("centre"))
        column = in_column()
        for panel in self._of("top"):
            column.addWidget(panel)
        column.addWidget(self._centre, 1)
        body = QWidget()
        body.setLayout(column)
        self.setCentralWidget(body)
        self.setMenuWidget(self.top_bar)
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
        row = in_row(on=foot)
        for index, panel in enumerate(self._of("status")):
            row.addWidget(panel, 1 if index == 0 else 0)
        status = QStatusBar()
        status.addWidget(foot, 1)
        status.setSizeGripEnabled(False)
        status.setContentsMargins(0, 0, 0, 0)
        status.setFixedHeight(STATUS)  # with what Qt adds it would be five pixels more
        self.setStatusBar(status)

    def _of(self, area: Area) -> list[Panel]:
        return [self.panels[name] for name in self.panels.of(area)]

    def _on_changed(self, old: State, new: State) -> None:
        if old.view.theme != new.view.theme:
            self._apply_theme()
        changed = {one.name for one in fields(new) if _differ(old, new, one.name)}
        if changed == {"jobs"}:  # bars, titles and places have nothing of it
            self._turns.run(self._while_open(self._panel_steps()))
        elif changed == {"config"} and new.results.fit is not None:
            self._awaited.start()
            self._paint()
        else:
            self._awaited.stop()
            self._paint()

    def _on_pointed(self, pointed: Pointed) -> None:
        self.actions_.follow(pointed)
        for panel in self.panels:
            # Most have nothing to follow, and this is asked at each move of the mouse.
            if type(panel).follow is not Panel.follow and self._on_screen(panel):
                self._painter.guard(panel, panel.follow, pointed)

    def _paint(self) -> None:
        """Paint what is visible and has changed; the rest stays dirty until it is exposed."""
        self._turns.run(self._while_open(self._steps()))

    def _while_open(self, steps: Iterator[Callable[[], None]]) -> Iterator[Callable[[], None]]:
        """Leave out what is still to be painted when the window goes."""
        while not self._is_closed and (step := next(steps, None)) is not None:
            yield step

    def _steps(self) -> Iterator[Callable[[], None]]:
        """Yield what is to be painted, each with the state of its time."""
        yield self._show_arranged
        yield self.arrangement.paint_again
        yield self._show_around
        yield from self._panel_steps()
        yield self.toolbar.show_panes  # only now the panes have the image, whose size it zooms
        for panel in self._of("centre"):
            yield partial(self._guard, panel, partial(self._centre.show_subject, panel))
        for dock in tuple(self.docks.values()):
            if dock.panels:
                yield partial(self._guard, dock.panels[0], dock.show_state)
        yield self._rescue.start

    def _panel_steps(self) -> Iterator[Callable[[], None]]:
        for panel in tuple(self.panels):  # others are made while turns pass
            # An answer that comes at once is painted once, not after the news that it is awaited.
            if panel.shows_results and self._awaited.isActive():
                continue
            if self._on_screen(panel):
                yield partial(self._paint_panel, panel)

    def _show_arranged(self) -> None:
        self._arrange(self.store.state, is_held=True)

    def _show_around(self) -> None:
        state = self.store.state
        self.actions_.update(state)
        self.top_bar.show_state(state, not is_open(state))
        self.toolbar.show_state(state, not is_open(state))

    def _paint_panel(self, panel: Panel) -> None:
        self._painter.paint(panel, self.store.state)

    def _guard(self, panel: Panel, show: Callable[[State], None]) -> None:
        self._painter.guard(panel, show, self.store.state)

    def _on_unmade(self, error: Exception) -> None:
        """Report, when the window is there, that a panel could not be made."""
        QTimer.singleShot(0, partial(self.on_fault, type(error), error, error.__traceback__))

    def _on_screen(self, panel: Panel) -> bool:
        if panel.area == "centre":
            return self._centre.shown is panel
        if panel.id in self.arrangement.names:
            return self.arrangement.on_screen(panel)
        return not panel.isHidden()

    def _arrange(self, state: State, is_held: bool = False) -> None:
        """Show the workspace that the state asks for; held: it is painted when it is let go."""
        shown = state.results.shown
        room = Room(
            width=self.width(),
            height=self.height(),
            # Until something is shown nothing is known of its shape: it stays as it is.
            image=self._image if shown is None else (shown.width, shown.height),
            n_panes=len(state.view.panes),
            pane_shape=state.view.pane_shape,
        )
        self._image = room.image
        name, is_empty = state.view.workspace, not is_open(state)
        if self._centre.shown is self.panels.get(ImagesPanel):
            # All panes would be laid out anew for each dock that goes.
            self._centre.show_panel(self.panel(self.arrangement.centre_of(name, room, is_empty)))
        self.arrangement.show_workspace(name, room, is_empty, is_held)
        plan = self.arrangement.plan
        if plan is not None:
            self._centre.show_panel(self.panel(plan.centre))
        self._way.rescue()

    def _show_session(self) -> None:
        name = os.path.basename(self.files.path)
        self.top_bar.show_session(name, self.isWindowModified())

    def _apply_theme(self) -> None:
        app, palette = QApplication.instance(), theme.palette_of(self.store.state)
        if isinstance(app, QApplication):
            theme.apply(app, palette)
            # Not of the application: to put another one in its place takes Qt five times as long.
            self.setStyleSheet(theme.style_sheet(palette))
        self.actions_.apply_theme(palette)
        self.top_bar.apply_theme(palette)
        self.arrangement.apply_theme(palette)

    def focusNextPrevChild(self, next: bool) -> bool:
        """Go as the eye goes."""
        return self._way.step(next)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Let docks and toolbar suit the new width."""
        super().resizeEvent(event)
        self._arrange(self.store.state)
        self.toolbar.fit_width(self.width())

    def showEvent(self, event: QShowEvent | None) -> None:
        """Look once, when the frame is there, whether all of it is on the screen."""
        super().showEvent(event)
        if not self._has_frame:
            self._has_frame = True
            self._settled.start()

    def event(self, event: QEvent | None) -> bool:
        """Notice a separator that is dragged: from then on the docks are where a person wants."""
        if (
            event is not None
            and event.type() == QEvent.Type.MouseButtonPress
            and isinstance(event, QMouseEvent)
            and self.isSeparator(event.position().toPoint())
        ):
            self.arrangement.keep_positions()
        return super().event(event)

    def changeEvent(self, event: QEvent | None) -> None:
        """Tell at the session's name whether it is saved; look at files that others may write."""
        super().changeEvent(event)
        if event is None:
            return
        if event.type() == QEvent.Type.ModifiedChange:
            self._show_session()
        elif event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.commands.changes.look_at_visit()

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Stop the work first, then go."""
        self._is_closed = True
        self.store.changed.disconnect(self._on_changed)
        self.store.pointer.moved.disconnect(self._on_pointed)
        self.arrangement.adopt()
        self.commands.program.close()
        super().closeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        """Take files and folders."""
        if event is not None and paths_of(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        """Open what was dropped."""
        if event is not None:
            self.commands.open(paths_of(event.mimeData()))
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
        report(self.store, Problem("window", text, detail))


def _differ(old: State, new: State, name: str) -> bool:
    return getattr(old, name) is not getattr(new, name)
