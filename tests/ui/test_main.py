"""The start and the end of the program: its window as it was left, signals, preferences."""

from __future__ import annotations

import json
import signal
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from PyQt6.QtCore import QEvent
from PyQt6.QtWidgets import QApplication, QMainWindow, QWidget

from skyframe_gui.app.model.items import Recent
from skyframe_gui.app.work import cache
from skyframe_gui.ui import main

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.ui.window import MainWindow


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Keep preferences in a folder of the test, and Python's own hook for what is not caught."""
    monkeypatch.setenv("SKYFRAME_GUI_HOME", str(tmp_path))
    hook = sys.excepthook
    yield tmp_path
    sys.excepthook = hook


@pytest.fixture
def started(home: Path, qtbot: QtBot) -> Iterator[Callable[[], tuple[MainWindow, Commands]]]:
    """Start the program, and end it after the test."""
    made: list[tuple[MainWindow, Commands]] = []

    def start() -> tuple[MainWindow, Commands]:
        window, commands = main.make_window()
        qtbot.addWidget(window)
        made.append((window, commands))
        return window, commands

    yield start
    for window, commands in made:
        window.close()
        assert commands.program.close()


def test_the_next_start_is_as_the_last_was_left(
    home: Path, started: Callable[[], tuple[MainWindow, Commands]]
) -> None:
    window, commands = started()
    assert sys.excepthook == window.on_fault
    assert commands.store.state.view.theme == "dark"
    window.resize(1100, 700)
    window.show()
    commands.view(theme="light")
    commands.folders["open"] = str(home)
    recent = (Recent("/sky/night.sky", "6 visits", "2026-01-02T18:04"),)
    commands.store.set(recent=recent)
    window.close()
    told = json.loads((home / "preferences.json").read_text())
    assert told["folders"] == {"open": str(home)}
    again, others = started()
    state = others.store.state
    assert (state.view.theme, others.folders["open"]) == ("light", str(home))
    assert [one.path for one in state.recent] == ["/sky/night.sky"]
    assert again.height() == 700
    assert state.log == ()


def test_what_cannot_be_used_of_the_preferences_is_logged_once(
    home: Path, started: Callable[[], tuple[MainWindow, Commands]]
) -> None:
    (home / "preferences.json").write_text("{")
    window, commands = started()
    (line,) = [one for one in commands.store.state.log if "preferences.json" in one]
    window.close()
    assert [one for one in commands.store.state.log if "preferences.json" in one] == [line]


def test_the_memory_for_planes_is_what_the_preferences_say(
    home: Path,
    started: Callable[[], tuple[MainWindow, Commands]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window, _ = started()
    window.close()
    kept = home / "preferences.json"
    kept.write_text(json.dumps(json.loads(kept.read_text()) | {"memory_mb": 300}))
    budgets: list[int] = []
    memory = cache.Memory

    def made(budget: int) -> cache.Memory:
        budgets.append(budget)
        return memory(budget)

    monkeypatch.setattr(cache, "Memory", made)
    started()
    assert budgets == [300 << 20]


def test_preferences_are_kept_soon_after_what_was_opened_or_another_theme(
    home: Path,
    started: Callable[[], tuple[MainWindow, Commands]],
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(main, "PAUSE_MS", 1)
    _, commands = started()
    kept = home / "preferences.json"
    commands.view(linked=False)
    qtbot.wait(20)
    assert not kept.exists()
    commands.view(theme="light")
    qtbot.waitUntil(kept.exists)
    kept.unlink()
    commands.store.set(recent=(Recent("/sky/x.sky", "", "2026-01-02T18:04"),))
    qtbot.waitUntil(kept.exists)


def test_a_watch_calls_once_and_before_the_window_itself(qtbot: QtBot) -> None:
    calls: list[str] = []

    class Window(QWidget):
        def closeEvent(self, a0: object) -> None:
            calls.append("window")

    window: Any = Window()
    qtbot.addWidget(window)
    main._EventWatch(window, QEvent.Type.Close, lambda: calls.append("watch"))
    window.show()
    assert calls == []
    window.close()
    window.show()
    window.close()
    assert calls == ["watch", "window", "window"]


class Ended(QMainWindow):
    """A window that notes what is asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        program = SimpleNamespace(close=lambda: self.asked.append("program closed"))
        self.commands = SimpleNamespace(program=program)

    def close(self) -> bool:
        self.asked.append("closed")
        return True


@pytest.fixture
def interrupts(qtbot: QtBot) -> Iterator[tuple[main._Interrupts, Ended]]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    window: Any = Ended()
    qtbot.addWidget(window)
    made = main._Interrupts(window)
    yield made, window
    made.close()
    assert {number: signal.getsignal(number) for number in before} == before


def test_ctrl_c_closes_the_window_which_may_ask(
    interrupts: tuple[main._Interrupts, Ended], qtbot: QtBot
) -> None:
    _, window = interrupts
    signal.raise_signal(signal.SIGINT)
    qtbot.waitUntil(lambda: bool(window.asked))
    assert window.asked == ["closed"]


def test_who_is_told_to_end_saves_first_and_asks_nothing(
    interrupts: tuple[main._Interrupts, Ended], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, window = interrupts
    codes: list[int] = []
    monkeypatch.setattr(QApplication, "exit", codes.append)
    written: list[bool] = []
    lane = SimpleNamespace(busy=True)
    made.autosave = SimpleNamespace(  # type: ignore[assignment]
        write_now=lambda: written.append(True), lane=lane
    )
    signal.raise_signal(signal.SIGTERM)
    qtbot.waitUntil(lambda: bool(written))
    qtbot.wait(3 * main.LOOK_MS)
    assert (codes, window.asked) == ([], [])
    lane.busy = False
    qtbot.waitUntil(lambda: bool(codes))
    assert (written, codes, window.asked) == ([True], [143], ["program closed"])


def test_a_save_that_takes_too_long_is_not_waited_for(
    interrupts: tuple[main._Interrupts, Ended], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, _ = interrupts
    codes: list[int] = []
    monkeypatch.setattr(QApplication, "exit", codes.append)
    monkeypatch.setattr(main, "SAVE_SECONDS", 3 * main.LOOK_MS / 1000)
    made.autosave = SimpleNamespace(  # type: ignore[assignment]
        write_now=lambda: None, lane=SimpleNamespace(busy=True)
    )
    signal.raise_signal(signal.SIGTERM)
    qtbot.waitUntil(lambda: bool(codes))
    assert made._n_looked == 3
