"""The way of the keyboard: Tab goes as the eye goes, F6 from panel to panel, a ring shows where."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QApplication, QComboBox, QDockWidget, QLineEdit, QWidget
from seen import state_of

from skyframe_gui.app.commands import Commands
from skyframe_gui.app.model.rejection_steps import rows_of
from skyframe_gui.app.model.store import Store
from skyframe_gui.app.program import Program
from skyframe_gui.ui.data.tree import DataTree
from skyframe_gui.ui.images.canvas import Canvas
from skyframe_gui.ui.night.night_table import NightTable
from skyframe_gui.ui.window import MainWindow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nights import Night
    from pytestqt.qtbot import QtBot

SHIFT, PLAIN = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def window(qtbot: QtBot, night: Night) -> Iterator[MainWindow]:
    store = Store(state_of(night))
    made = MainWindow(store, Commands(Program(store)))
    made.resize(1440, 900)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    yield made
    qtbot.waitUntil(lambda: not made.commands.program.busy, timeout=30_000)
    made.close()
    made.deleteLater()


def focused() -> QWidget:
    found = QApplication.focusWidget()
    assert found is not None, "nothing has the keys"
    return found


def press(qtbot: QtBot, key: Qt.Key, modifier: Qt.KeyboardModifier = PLAIN) -> QWidget:
    qtbot.keyClick(focused(), key, modifier)
    return focused()


def place_of(widget: QWidget) -> QWidget | None:
    """Return the dock, or what else of the window's first level, a widget is in."""
    one: QWidget | None = widget
    while one is not None and not isinstance(one, QDockWidget):
        if one.objectName() in ("topBar", "toolbar"):
            return one
        one = one.parentWidget()
    return one


def ring_of(window: MainWindow) -> QWidget | None:
    return window._ring.around


def test_tab_goes_through_the_window_as_it_is_read(window: MainWindow, qtbot: QtBot) -> None:
    stops = [press(qtbot, Qt.Key.Key_Tab)]
    while (now := press(qtbot, Qt.Key.Key_Tab)) is not stops[0]:
        assert now not in stops, f"a loop at {now.accessibleName()}"
        stops.append(now)
    places = [place_of(one) for one in stops]
    order = [place for at, place in enumerate(places) if at == 0 or place is not places[at - 1]]
    assert len(order) == len(set(map(id, order))), "a panel is left and met again"
    names = ["the middle" if one is None else one.objectName() for one in order]
    first = ["topBar", "toolbar", "dock-data", "the middle", "dock-samples"]
    assert names[:5] == first
    assert names[-2:] == ["dock-fit", "dock-config"]
    heads = [one for one in stops if place_of(one) is window.docks["config"]][:4]
    across = [one.mapTo(window, QPoint()).x() for one in heads]
    assert across == sorted(across), "the title is gone through from the left"
    assert press(qtbot, Qt.Key.Key_Backtab, SHIFT) is stops[-1]


def test_f6_goes_from_panel_to_panel_and_comes_back_to_what_was_used(
    window: MainWindow, qtbot: QtBot
) -> None:
    met = [press(qtbot, Qt.Key.Key_F6)]
    while (now := press(qtbot, Qt.Key.Key_F6)) is not met[0]:
        met.append(now)
        assert len(met) < 20
    assert isinstance(met[0], DataTree)
    assert isinstance(met[1], Canvas)
    assert window.toolbar.isAncestorOf(met[-1])
    shown = [dock for dock in window.docks.values() if dock.isVisible()]
    reached = {place_of(one) for one in met}
    empty = {window.docks["profile"], window.docks["region"]}
    assert set(shown) - empty <= reached
    line = press(qtbot, Qt.Key.Key_Backtab, SHIFT)
    assert isinstance(line, QLineEdit)
    press(qtbot, Qt.Key.Key_F6)
    assert press(qtbot, Qt.Key.Key_F6, SHIFT) is line


def test_a_ring_is_where_keys_have_led_and_not_where_the_mouse_has(
    window: MainWindow, qtbot: QtBot
) -> None:
    assert ring_of(window) is None
    tree = press(qtbot, Qt.Key.Key_F6)
    assert ring_of(window) is tree
    press(qtbot, Qt.Key.Key_Backtab, SHIFT)
    assert ring_of(window) is None, "a line of text has its cursor"
    assert press(qtbot, Qt.Key.Key_Tab) is tree
    rings = [one for one in window.children() if type(one).__name__ == "_Ring"]
    assert [ring.isVisible() for ring in rings] == [True]  # type: ignore[attr-defined]
    at = QPoint(tree.mapTo(window, QPoint()))
    assert rings[0].geometry().topLeft() == at  # type: ignore[attr-defined]
    canvas = next(one for one in window.findChildren(Canvas) if one.isVisible())
    qtbot.mouseClick(canvas.view.viewport(), Qt.MouseButton.LeftButton)
    assert canvas.hasFocus()
    assert ring_of(window) is None


def test_the_keys_go_to_the_middle_when_what_had_them_is_gone(
    window: MainWindow, qtbot: QtBot
) -> None:
    press(qtbot, Qt.Key.Key_F6)
    window.arrangement.close_dock("data")
    assert isinstance(focused(), Canvas)
    window.arrangement.open_dock("data")
    press(qtbot, Qt.Key.Key_F6)
    window.commands.show_workspace("night")
    qtbot.waitUntil(lambda: isinstance(QApplication.focusWidget(), NightTable), timeout=20_000)


def test_j_selects_one_rejected_sample_after_the_other(window: MainWindow, qtbot: QtBot) -> None:
    store = window.store
    fit = store.state.results.fit
    assert fit is not None
    rows = rows_of(fit)
    dropped = [rows.ids(at) for at in np.flatnonzero(rows.rejected_at >= 0).tolist()]
    action = window.actions_.by_id["next-rejected"]
    assert action.isEnabled() == bool(dropped)
    state = store.state
    made = fit.solution.rejected_at.copy()
    made[[3, 9]] = 0
    solution = replace(fit.solution, rejected_at=made)
    store.set(results=replace(state.results, fit=replace(fit, solution=solution)))
    fit = store.state.results.fit
    assert fit is not None
    rows = rows_of(fit)
    wanted = [rows.ids(at) for at in np.flatnonzero(rows.rejected_at >= 0).tolist()]
    window.commands.hover(rows.ids(0))
    for sample in (*wanted, wanted[0]):
        press(qtbot, Qt.Key.Key_J)
        assert store.state.selection.samples == {sample}
        assert store.state.selection.exposure == sample[0]
    press(qtbot, Qt.Key.Key_J, SHIFT)
    assert store.state.selection.samples == {wanted[-1]}
    assert store.pointer.now.sample is None, "D would exclude what the mouse rests on"


def test_letters_choose_in_a_choice_and_are_no_keys_of_the_window(
    window: MainWindow, qtbot: QtBot
) -> None:
    combo = next(
        one
        for one in window.panel("config").findChildren(QComboBox)
        if one.findText("AKIMA_SPLINE") >= 0
    )
    combo.setFocus()
    before = window.store.state.view
    qtbot.keyClick(combo, Qt.Key.Key_L)  # L links the panes
    assert combo.currentText() == "LINEAR"
    assert window.store.state.view == before
    qtbot.keyClick(combo, Qt.Key.Key_2)
    assert len(window.store.state.view.panes) == 2, "no choice begins with it"


def test_alt_and_a_letter_open_each_menu(window: MainWindow) -> None:
    titles = [action.text() for action in window.actions_.menu_bar.actions()]
    letters = [title[title.index("&") + 1].casefold() for title in titles]
    assert len(set(letters)) == len(titles)
    taken = {key.toString() for one in window.actions_.by_id.values() for key in one.shortcuts()}
    assert not taken & {f"Alt+{letter.upper()}" for letter in letters}
