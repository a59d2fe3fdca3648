"""The table of actions as menus and keys of a window."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QMenu, QMenuBar

from skyframe_gui.ui.actions.action import MENUS
from skyframe_gui.ui.plain_text import plain_tip
from skyframe_gui.ui.theme import icon
from skyframe_gui.ui.widgets import menu_switch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from skyframe_gui.app.model.pointer import Pointed
    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.actions.action import Action, Context
    from skyframe_gui.ui.arrangement import Arrangement
    from skyframe_gui.ui.panel import Panel
    from skyframe_gui.ui.theme import Palette

LETTERS = {"Stack": "S&tack"}
"""Alt and a letter open a menu: its first, but for those of which another has the same."""


class Actions:
    """The table as Qt actions of a window, kept up to date with the state."""

    def __init__(self, context: Context) -> None:
        self._context, self._store = context, context.store
        window = context.window
        self.menu_bar = bar = QMenuBar()
        self.by_id: dict[str, QAction] = {}
        self.menus: dict[str, QMenu] = {}
        for entry in context.actions:
            action = QAction(entry.text, window)
            action.setShortcuts([QKeySequence(key) for key in entry.keys.split()])
            action.setCheckable(entry.checked is not None)
            action.triggered.connect(partial(self._run, entry.run))
            window.addAction(action)
            action.setToolTip(_tip(action))
            self.by_id[entry.id] = action
        for menu in MENUS:
            top = QMenu(LETTERS.get(menu, f"&{menu}"), bar)
            bar.addMenu(top)
            self.menus[menu] = top
            submenus: dict[str, QMenu] = {}
            for entry in context.actions:
                if entry.menu != menu:
                    continue
                place = submenus.get(entry.under, top)
                if entry.separator:
                    place.addSeparator()
                if entry.under and place is top:
                    place = submenus[entry.under] = _submenu(top, entry.under)
                place.addAction(self.by_id[entry.id])

    def _run(self, run: Callable[[Context], object], _: bool = False) -> None:
        run(self._context)
        # Qt has switched it over; where nothing came of it, the state has the last word.
        self.update(self._store.state)

    def update(self, state: State) -> None:
        """Switch actions on and off, and name what undo and redo would do."""
        for entry in self._context.actions:
            action = self.by_id[entry.id]
            action.setEnabled(self._is_on(entry, state, self._store.pointer.now))
            if entry.checked is not None:
                action.setChecked(entry.checked(state))
        store = self._store
        for name, label in (("undo", store.undo_label), ("redo", store.redo_label)):
            action = self.by_id[name]
            action.setText(f"{name.capitalize()} {label}".strip())
            action.setToolTip(_tip(action))
            action.setEnabled(bool(label))

    def follow(self, pointed: Pointed) -> None:
        """Switch on what can be done to the sample under the mouse, or off."""
        for entry in self._context.actions:
            if entry.of_pointed:
                on = self._is_on(entry, self._store.state, pointed)
                self.by_id[entry.id].setEnabled(on)

    def _is_on(self, entry: Action, state: State, pointed: Pointed) -> bool:
        return entry.enabled(state) or (entry.of_pointed and pointed.sample is not None)

    def add_docks(self, panels: Sequence[type[Panel]], arrangement: Arrangement) -> None:
        """Let the View menu open and close docks, and put them back."""
        menu = self.menus["View"]
        menu.addSeparator()
        all_panels = _submenu(menu, "Panels")
        toggles = []
        for panel in panels:
            toggle = menu_switch(all_panels, panel.title)
            toggle.triggered.connect(
                lambda on, name=panel.id: (
                    arrangement.open_dock(name) if on else arrangement.close_dock(name)
                )
            )
            toggles.append((toggle, panel.id))
        again = QAction("Default layout of this workspace", menu)
        again.triggered.connect(lambda _=False: arrangement.reset())
        menu.addAction(again)

        def look() -> None:
            for toggle, name in toggles:
                toggle.setChecked(arrangement.is_open(name))

        all_panels.aboutToShow.connect(look)

    def apply_theme(self, palette: Palette) -> None:
        """Give the icons a theme's colours."""
        for entry in self._context.actions:
            if entry.icon:
                self.by_id[entry.id].setIcon(icon(entry.icon, palette.text, palette.text3))


def _submenu(menu: QMenu, title: str) -> QMenu:
    """Return a submenu at a menu's end: one long list would be higher than many screens."""
    made = QMenu(title, menu)
    menu.addMenu(made)
    return made


def _tip(action: QAction) -> str:
    """Return what a button of an action says under the cursor: what it does, and its first key."""
    key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    text = action.text().removesuffix("…")
    return plain_tip(f"{text} ({key})" if key else text)
