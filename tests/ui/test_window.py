"""When the window paints what."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import QTimer

from skyframe_gui.app.model.requests import fit_is_stale
from skyframe_gui.ui.panels.images import ImagesPanel

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.ui.window import MainWindow


@pytest.fixture
def painted(window: MainWindow, opened: None, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether the fit was old, at each time that its panel was painted."""
    panel, found = window.panel("fit"), list[bool]()
    show = panel.show_state

    def note(state: State) -> None:
        found.append(fit_is_stale(state))
        show(state)

    monkeypatch.setattr(panel, "show_state", note)
    return found


def test_a_fit_that_follows_a_config_at_once_is_painted_once(
    window: MainWindow,
    painted: list[bool],
    commands: Commands,
    store: Store,
    idle: Callable[[], None],
) -> None:
    window._awaited.setInterval(60_000)  # however slow the machine
    commands.set_config(store.state.config.model_copy(update={"skyRej": 2.25}))
    assert painted == []
    idle()
    assert set(painted) == {False}


def test_numbers_are_told_to_be_old_where_the_fit_takes_a_moment(
    painted: list[bool],
    commands: Commands,
    store: Store,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    live = commands.program.live
    live.set_pause(60_000)
    monkeypatch.setattr(live.preview, "submit", lambda *_, **__: None)
    commands.set_config(store.state.config.model_copy(update={"xNumSamples": 9}))
    qtbot.waitUntil(lambda: bool(painted), timeout=10_000)
    assert painted == [True]


def test_what_a_person_does_meanwhile_is_painted_at_once(
    window: MainWindow, painted: list[bool], commands: Commands, store: Store
) -> None:
    window._awaited.setInterval(60_000)
    commands.program.live.set_pause(60_000)
    commands.set_config(store.state.config.model_copy(update={"xNumSamples": 9}))
    commands.view(theme="light")
    assert painted == [True]


def test_to_arrange_docks_and_to_paint_them_takes_a_turn_each(
    window: MainWindow, opened: None, commands: Commands, qtbot: QtBot
) -> None:
    window.resize(1280, 720)
    turns, seen = commands.program.turns, list[tuple[str, bool]]()
    beside = QTimer()

    def look() -> None:
        plan = window.arrangement.plan
        seen.append(("" if plan is None else plan.name, window.updatesEnabled()))

    beside.timeout.connect(look)
    beside.start(0)
    old = window.arrangement.plan
    turns.give(lambda: commands.show_workspace("stack"))  # as a report of a lane brings it
    qtbot.waitUntil(lambda: not turns.busy, timeout=10_000)
    look()
    beside.stop()
    assert old is not None
    assert (old.name, False) not in seen
    assert (seen[-1][0], False) in seen, "arranged, and not painted yet"
    assert seen[-1][0] != old.name
    assert seen[-1][1]
    commands.show_workspace("visit")
    assert window.updatesEnabled(), "a person's deed is answered whole"


def test_a_fault_while_docks_are_arranged_leaves_no_window_that_is_not_painted(
    window: MainWindow, opened: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window.arrangement, "_share_out", lambda: 1 // 0)
    state = replace(window.store.state, view=replace(window.store.state.view, workspace="stack"))
    with pytest.raises(ZeroDivisionError):
        window._arrange(state, is_held=True)
    assert window.updatesEnabled()


def test_panes_that_go_are_not_laid_out_for_each_dock_that_comes(
    window: MainWindow, opened: None, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.resize(1280, 720)
    window.show()
    panes, laid_out = window.panels.get(ImagesPanel), list[str]()
    monkeypatch.setattr(panes, "_arrange", lambda: laid_out.append("again"))
    commands.show_workspace("stack")
    assert panes.isHidden()
    assert laid_out == []
    commands.show_workspace("visit")
    assert not panes.isHidden()
    assert len(laid_out) <= 1
