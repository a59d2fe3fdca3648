"""After the first paint the panes are made ready, and a person who is faster loses nothing."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from seen import state_of

from skyframe_gui.ui.preload import Preload

if TYPE_CHECKING:
    import pytest
    from nights import Night
    from pytestqt.qtbot import QtBot

    from skyframe_gui.ui.window import MainWindow


def test_the_panes_are_there_before_the_first_exposure(qtbot: QtBot, window: MainWindow) -> None:
    images = window.panel("images")
    assert images.panes == []
    preload = Preload(window)
    with qtbot.waitSignal(preload.imported, timeout=20_000):
        preload.start()
    qtbot.waitUntil(lambda: not preload.busy, timeout=5000)
    assert len(images.panes) == 4
    assert all(pane.isHidden() for pane in images.panes)


def test_an_exposure_that_is_shown_meanwhile_makes_its_panes_itself(
    qtbot: QtBot, window: MainWindow, night: Night
) -> None:
    images = window.panel("images")
    preload = Preload(window)
    preload._begin()
    window.store.changed.disconnect(window.commands.program.live._on_changed)
    window.store.set(results=state_of(night).results, exposures=state_of(night).exposures)
    qtbot.waitUntil(lambda: not preload.busy, timeout=5000)
    assert [pane.isHidden() for pane in images.panes] == [False] * 4
    window.store.changed.connect(window.commands.program.live._on_changed)


def test_a_panel_that_cannot_prepare_does_not_stop_the_others(
    qtbot: QtBot,
    window: MainWindow,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail() -> None:
        raise RuntimeError("no such picture")

    monkeypatch.setattr(window.panel("config"), "prepare", fail)
    preload = Preload(window)
    preload._begin()
    qtbot.waitUntil(lambda: not preload.busy, timeout=10_000)
    assert "no such picture" in capsys.readouterr().err
    assert set(window.docks) == set(window.arrangement.names)


def test_of_a_window_that_is_closed_nothing_more_is_made(qtbot: QtBot, window: MainWindow) -> None:
    preload = Preload(window)
    preload._begin()
    made = len(window.docks)
    window.close()
    qtbot.waitUntil(lambda: not preload.busy, timeout=10_000)
    assert len(window.docks) == made


def test_what_was_made_and_never_shown_goes_with_the_window(
    window: MainWindow,
) -> None:
    for name in window.panels.kinds:  # as a window that is closed while they are made
        window.arrangement.make(name)
    made = [*window.docks.values(), *window.panels]
    assert len(made) > 40
    assert any(part.parent() is None for part in made), "nothing would be left behind"
    window.close()
    assert all(window.isAncestorOf(part) for part in made)


def test_docks_have_their_place_before_the_first_file_and_are_not_seen(
    qtbot: QtBot, window: MainWindow
) -> None:
    shown = [name for name, dock in window.docks.items() if not dock.isHidden()]
    preload = Preload(window)
    preload._begin()
    qtbot.waitUntil(lambda: not preload.busy, timeout=10_000)
    assert len(window.docks) > len(shown) + 10
    assert all(window.isAncestorOf(dock) for dock in window.docks.values())
    assert [name for name, dock in window.docks.items() if not dock.isHidden()] == shown
    assert not any(layout.custom for layout in window.arrangement._layouts.values())


def test_the_plots_are_there_before_the_first_fit(qtbot: QtBot, window: MainWindow) -> None:
    panels = [window.panel(name) for name in ("samples", "residuals")]
    assert not any(panel.made for panel in panels)
    preload = Preload(window)
    preload._begin()
    qtbot.waitUntil(lambda: not preload.busy, timeout=10_000)
    assert all(panel.made for panel in panels)


def test_plots_that_are_half_made_are_finished_when_a_fit_is_shown(
    qtbot: QtBot, window: MainWindow, night: Night
) -> None:
    residuals = window.panel("residuals")
    steps = residuals.prepare()
    next(steps)
    window.store.changed.disconnect(window.commands.program.live._on_changed)
    window.store.set(results=state_of(night).results, exposures=state_of(night).exposures)
    assert residuals.made
    assert residuals.plot.isVisible()
    assert list(steps) == []
    window.store.changed.connect(window.commands.program.live._on_changed)


def test_what_two_threads_would_import_is_there_before_the_first_of_them_begins() -> None:
    script = """
import os, sys
from skyframe_gui.app.work.warmup import WarmUp
from skyframe_gui.ui import main

def begin(self):
    print("ready" if "colorama" in sys.modules else "too early", flush=True)
    os._exit(0)

WarmUp.start = begin
main.run()
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.strip() == "ready", done.stderr
