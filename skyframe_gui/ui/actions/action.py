"""What an action is, and what it may use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from skyframe_gui.ui.workspaces import AT_HOME

if TYPE_CHECKING:
    from collections.abc import Callable

    from PyQt6.QtWidgets import QMainWindow

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.ui.arrangement import Arrangement
    from skyframe_gui.ui.panel import Panel, Panels
    from skyframe_gui.ui.session_files import SessionFiles

MENUS = ("File", "Edit", "View", "Image", "Samples", "Stack", "Help")


@dataclass(frozen=True, eq=False, kw_only=True)
class Context:
    """What an action may use of a window.

    Attributes
    ----------
    window : QMainWindow
        Over which dialogs open.
    commands : Commands
    panels : Panels
    arrangement : Arrangement
    files : SessionFiles
    actions : tuple of Action
        All actions.
    next_panel : callable
        Takes the keys to the next panel where it is called with True, else to the one before.
    """

    window: QMainWindow
    commands: Commands
    panels: Panels
    arrangement: Arrangement
    files: SessionFiles
    actions: tuple[Action, ...]
    next_panel: Callable[[bool], None]

    @property
    def store(self) -> Store:
        """The holder of the state."""
        return self.commands.store

    def reveal(self, name: str) -> Panel:
        """Go to where a panel is at home, open it there, and return it."""
        home = AT_HOME.get(name)
        if home is not None:
            self.commands.show_workspace(home)
        if name in self.arrangement.names:
            self.arrangement.open_dock(name)
        return self.panels[name]


@dataclass(frozen=True, kw_only=True)
class Action:
    """One thing that can be done.

    Attributes
    ----------
    id : str
    text : str
        As menus say it.
    menu : str
        One of `MENUS`.
    run : callable
        Called with the `Context`.
    keys : str
        The shortcut, "" for none; several with a blank between.
    enabled, checked : callable, optional
        Called with the state; without ``checked`` it is no switch.
    icon : str
        Of the icon set, "" for none.
    separator : bool
        Whether a line goes before it, or before the submenu that it is the first of.
    under : str
        The submenu that it stands in, "" for none.
    of_pointed : bool
        Whether it can also be done to the sample under the mouse.
    """

    id: str
    text: str
    menu: str
    run: Callable[[Context], object]
    keys: str = ""
    enabled: Callable[[State], bool] = lambda state: True
    checked: Callable[[State], bool] | None = None
    icon: str = ""
    separator: bool = False
    under: str = ""
    of_pointed: bool = False


def is_open(state: State) -> bool:
    """Whether anything is open."""
    return bool(state.exposures or state.sky_frames or state.bad_files)


def has_exposure(state: State) -> bool:
    """Whether an exposure is shown."""
    return state.results.shown is not None


def has_fit(state: State) -> bool:
    """Whether there is a fit."""
    return state.results.fit is not None
