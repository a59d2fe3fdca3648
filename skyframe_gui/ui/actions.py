"""One table of everything that menus, toolbar and keys do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QMainWindow, QMenu, QMenuBar

from skyframe_gui.app.derived import included, open_sky_frames
from skyframe_gui.ui.theme import icon

if TYPE_CHECKING:
    from collections.abc import Callable

    from skyframe_gui.app.state import State
    from skyframe_gui.ui.deeds import Deeds
    from skyframe_gui.ui.theme import Palette

MENUS = ("File", "Edit", "View", "Image", "Samples", "Stack", "Help")


@dataclass(frozen=True)
class Entry:
    """One thing that can be done.

    Attributes
    ----------
    id : str
    text : str
        As menus say it.
    menu : str
        One of `MENUS`, with "/" for a submenu.
    keys : str
        The shortcut, "" for none; several with a blank between.
    run : callable
        Called with the `Deeds`.
    enabled, checked : callable, optional
        Called with the state; without ``checked`` it is no switch.
    icon : str
        Of the icon set, "" for none.
    separator : bool
        Whether a line goes before it.
    """

    id: str
    text: str
    menu: str
    keys: str
    run: Callable[[Deeds], Any]
    enabled: Callable[[State], bool] = lambda state: True
    checked: Callable[[State], bool] | None = None
    icon: str = ""
    separator: bool = False


def _has_exposure(state: State) -> bool:
    return state.results.shown is not None


def _can_fit(state: State) -> bool:
    return bool(open_sky_frames(state)) and bool(state.selection.exposure)


def _view(name: str) -> dict[str, Any]:
    return {
        "run": lambda d: d.commands.view(**{name: not getattr(d.session.state.view, name)}),
        "checked": lambda s: getattr(s.view, name),
        "enabled": _has_exposure,
    }


TABLE: tuple[Entry, ...] = (
    Entry(
        "open", "Open files…", "File", "Ctrl+O", lambda d: d.ask_open(), icon="folder-open-outline"
    ),
    Entry("open-folder", "Open folder…", "File", "Ctrl+Shift+O", lambda d: d.ask_open_folder()),
    Entry("demo", "Try the demo", "File", "Ctrl+D", lambda d: d.open_demo()),
    Entry(
        "build",
        "Build sky frame",
        "Stack",
        "Ctrl+B",
        lambda d: d.commands.build(),
        lambda s: bool(included(s)),
        icon="layers-triple-outline",
    ),
    Entry(
        "fit", "Fit", "Samples", "F", lambda d: d.commands.fit(), _can_fit, icon="chart-bell-curve"
    ),
    Entry("quit", "Quit", "File", "Ctrl+Q", lambda d: d.close(), separator=True),
    Entry(
        "undo",
        "Undo",
        "Edit",
        "Ctrl+Z",
        lambda d: d.session.undo(),
        icon="undo",
    ),
    Entry("redo", "Redo", "Edit", "Ctrl+Shift+Z", lambda d: d.session.redo(), icon="redo"),
    Entry(
        "one-pane",
        "One pane",
        "Image",
        "1",
        lambda d: d.commands.lay_out(1),
        _has_exposure,
        lambda s: len(s.view.panes) == 1,
        "square-outline",
    ),
    Entry(
        "two-panes",
        "Two panes",
        "Image",
        "2",
        lambda d: d.commands.lay_out(2),
        _has_exposure,
        lambda s: len(s.view.panes) == 2,
        "view-split-vertical",
    ),
    Entry(
        "four-panes",
        "Four panes",
        "Image",
        "4",
        lambda d: d.commands.lay_out(4),
        _has_exposure,
        lambda s: len(s.view.panes) == 4,
        "view-grid-outline",
    ),
    Entry("edges", "Bin edges", "Image", "G", icon="grid", separator=True, **_view("edges")),
    Entry("boxes", "Sample boxes", "Image", "S", icon="vector-square", **_view("boxes")),
    Entry("masks", "Mask planes", "Image", "P", icon="layers-outline", **_view("masks")),
    Entry("crosshair", "Crosshair", "Image", "X", icon="crosshairs", **_view("crosshair")),
    Entry(
        "link",
        "Link panes",
        "Image",
        "L",
        lambda d: d.commands.link(not d.session.state.view.linked),
        _has_exposure,
        lambda s: s.view.linked,
        "link-variant",
    ),
    Entry(
        "blink",
        "Blink before and after",
        "Image",
        "B Shift+B",
        lambda d: d.commands.view(before=not d.session.state.view.before),
        _has_exposure,
        lambda s: s.view.before,
        "swap-horizontal-bold",
        separator=True,
    ),
    Entry(
        "previous",
        "Previous detector",
        "Image",
        "PgUp",
        lambda d: d.commands.step_exposure(-1),
        _has_exposure,
        separator=True,
    ),
    Entry(
        "next",
        "Next detector",
        "Image",
        "PgDown",
        lambda d: d.commands.step_exposure(1),
        _has_exposure,
    ),
    Entry(
        "theme",
        "Light or dark",
        "View",
        "Ctrl+T",
        lambda d: d.commands.view(
            theme="light" if d.session.state.view.theme == "dark" else "dark"
        ),
        icon="theme-light-dark",
    ),
    Entry(
        "shortcuts",
        "Shortcuts",
        "Help",
        "?",
        lambda d: d.show_shortcuts(),
        icon="help-circle-outline",
    ),
    Entry("about", "About", "Help", "", lambda d: d.show_about()),
)


class Actions:
    """The table as Qt actions of a window, kept up to date with the state."""

    def __init__(self, window: QMainWindow, deeds: Deeds) -> None:
        self._session = deeds.session
        bar = QMenuBar(window)
        window.setMenuBar(bar)
        self.by_id: dict[str, QAction] = {}
        self.menus: dict[str, QMenu] = {}
        for entry in TABLE:
            action = QAction(entry.text, window)
            action.setShortcuts([QKeySequence(key) for key in entry.keys.split()])
            action.setCheckable(entry.checked is not None)
            action.triggered.connect(lambda _=False, run=entry.run: run(deeds))
            window.addAction(action)
            self.by_id[entry.id] = action
        for menu in MENUS:
            top = QMenu(menu, bar)
            bar.addMenu(top)
            self.menus[menu] = top
            for entry in TABLE:
                if entry.menu == menu:
                    if entry.separator:
                        top.addSeparator()
                    top.addAction(self.by_id[entry.id])

    def update(self, state: State) -> None:
        """Switch actions on and off, and name what undo and redo would do."""
        for entry in TABLE:
            action = self.by_id[entry.id]
            action.setEnabled(entry.enabled(state))
            if entry.checked is not None:
                action.setChecked(entry.checked(state))
        session = self._session
        for name, label in (("undo", session.undo_label), ("redo", session.redo_label)):
            action = self.by_id[name]
            action.setText(f"{name.capitalize()} {label}".strip())
            action.setEnabled(bool(label))

    def dress(self, palette: Palette) -> None:
        """Give the icons a theme's colours."""
        for entry in TABLE:
            if entry.icon:
                self.by_id[entry.id].setIcon(icon(entry.icon, palette.text, palette.text3))


def rows() -> list[tuple[str, str, str]]:
    """Return (menu, text, keys) of every entry that has keys, for the shortcut sheet."""
    return [(entry.menu, entry.text, entry.keys) for entry in TABLE if entry.keys]
