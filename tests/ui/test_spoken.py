"""What a screen reader says of the window, of every dock and of every dialog: a name for each."""

from __future__ import annotations

import re
import sys
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PyQt6.QtWidgets import QApplication, QToolButton, QWidget
from seen import state_of
from spoken import Role, Spoken, walk

from skyframe_gui.app.commands import Commands
from skyframe_gui.app.model.results import Problem
from skyframe_gui.app.model.store import Store
from skyframe_gui.app.program import Program
from skyframe_gui.ui.form.exchange import ExportDialog, PasteDialog
from skyframe_gui.ui.form.form_row import Row
from skyframe_gui.ui.window import MainWindow
from skyframe_gui.ui.workspaces import ABOUT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nights import Night
    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Qt's library is called by name")

DIALOGS = ("export", "shortcuts", "manual", "about", "go-to", "planes", "assign", "open-repository")
CELLS = (Role.CELL, Role.LIST_ITEM, Role.TREE_ITEM)


def is_field(one: Spoken) -> bool:
    """Whether it is a field of a config, which is named as the config has it."""
    parent = one.widget.parent() if one.widget is not None else None
    while parent is not None and not isinstance(parent, Row):
        parent = parent.parent()
    return parent is not None


def wrong_with(one: Spoken) -> str:
    """Return what is wrong with the name of something; "" where it is well."""
    name = one.name
    if one.role == Role.HEADER:
        return "" if re.search(r"\w", name) and name == name.strip() else "a column without a name"
    if one.role in CELLS or not one.is_worked:
        return ""
    if one.role == Role.COMBO:  # on Linux Qt gives what is chosen in the name's place
        return "" if one.description else "a choice of which nothing is said"
    if not name.strip():
        return "no name"
    if one.role == Role.MENU_ITEM:
        return ""
    if not re.search(r"[A-Za-z]{2}", name):
        return "a bare symbol"
    if not is_field(one) and re.search(r"/\w+/|[a-z]_[a-z]|^dock-|\.fits\b|[a-z]\.[a-z]", name):
        return "a path, or what only the program calls it"
    if isinstance(one.widget, QToolButton):
        action = one.widget.defaultAction()
        if not one.widget.toolTip() and not one.widget.text():
            return "an icon without a tip"
        if action is not None and (key := action.shortcut().toString()):
            return "" if f"({key})" in one.widget.toolTip() else f"no key {key} in its tip"
    return ""


def complaints(top: QWidget) -> list[str]:
    """Return what is wrong with the names of all that is seen of a window."""
    found, names = [], Counter[tuple[int, str]]()
    for one in walk(top):
        if wrong := wrong_with(one):
            found.append(f"{wrong}: {one}")
        if one.is_worked and one.role not in (*CELLS, Role.COMBO, Role.MENU_ITEM, Role.TEXT):
            names[one.role, one.name] += 1
    return found + [f"{n} are called {name!r}" for (_, name), n in names.items() if n > 1]


@pytest.fixture
def window(qtbot: QtBot, night: Night) -> Iterator[MainWindow]:
    store = Store(state_of(night))
    made = MainWindow(store, Commands(Program(store)))
    made.resize(1440, 900)
    made.show()
    yield made
    qtbot.waitUntil(lambda: not made.commands.program.busy, timeout=30_000)
    made.close()
    made.deleteLater()


def test_all_of_the_start_page_has_a_name(qtbot: QtBot) -> None:
    store = Store()
    made = MainWindow(store, Commands(Program(store)))
    qtbot.addWidget(made)
    made.show()
    assert complaints(made) == []
    said = [one.name for one in walk(made)]
    assert {"Open files", "Visit", "Low limit of the shown layer"} <= set(said)
    assert made.commands.program.close()


def test_all_of_every_workspace_and_dock_and_dialog_has_a_name(
    window: MainWindow, qtbot: QtBot
) -> None:
    store, commands = window.store, window.commands
    commands.pins.pin("A")
    commands.set_config(store.state.config.model_copy(update={"skyRej": 1.5}))
    commands.pins.pin("B")
    store.set(problems=(Problem("open", "One file could not be read.", "why"),))
    for workspace in ABOUT:
        commands.show_workspace(workspace)
        qtbot.wait(20)
        qtbot.waitUntil(lambda: not commands.program.busy, timeout=30_000)
        qtbot.wait(20)
        assert complaints(window) == [], workspace
    commands.show_workspace("visit")
    for name in window.arrangement.names:
        window.arrangement.open_dock(name)
        window.panel(name).show_state(store.state)
        dock = window.arrangement.dock_of(name)
        assert dock is not None
        assert complaints(dock) == [], name
    for name in DIALOGS:
        known = set(QApplication.topLevelWidgets())
        window.actions_.by_id[name].trigger()
        qtbot.wait(1)
        for dialog in set(QApplication.topLevelWidgets()) - known:
            if dialog.isVisible():
                assert complaints(dialog) == [], name
                dialog.close()
    state = replace(store.state)
    config = ExportDialog(window, state.config, state.preset, "LSST defaults", lambda *_: None)
    for other in (PasteDialog(window), config):
        other.show()
        assert complaints(other) == []
        other.close()
