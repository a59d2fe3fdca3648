"""When the window paints what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from skyframe_gui.app.model.requests import fit_is_stale

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
