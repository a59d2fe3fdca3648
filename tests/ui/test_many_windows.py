"""Windows that were made, used and closed are gone, and the library under them holds nothing."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING

import pyqtgraph as pg
import pytest
from PyQt6.QtCore import QCoreApplication, QEvent
from PyQt6.QtWidgets import QApplication
from seen import state_of

from skyframe_gui.app.commands import Commands
from skyframe_gui.app.model.store import Store
from skyframe_gui.app.program import Program
from skyframe_gui.ui.window import MainWindow

if TYPE_CHECKING:
    from nights import Night
    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
N_WINDOWS = 10


def use(night: Night, qtbot: QtBot) -> list[weakref.ref[object]]:
    """Open a window with all its pictures, leave a menu of a pane open in it, and close it."""
    state = state_of(night)
    store = Store()
    window = MainWindow(store, Commands(Program(store)))
    window.resize(1280, 720)
    window.show()
    store.changed.disconnect(window.commands.program.live._on_changed)
    store.changed.disconnect(window.commands.program.live_map._on_changed)
    store.set(
        results=state.results,
        exposures=state.exposures,
        sky_frames=state.sky_frames,
        selection=state.selection,
    )
    for workspace in ("stack", "visit"):
        window.commands.show_workspace(workspace)
        qtbot.wait(1)
    panes = window.panel("images").panes
    assert len(panes) == 4
    panes[0].open_menu()
    assert QApplication.activePopupWidget() is not None
    # The views themselves are told apart by the library; what holds one of them holds all.
    kept = [weakref.ref(window), *(weakref.ref(pane.canvas.view.box) for pane in panes)]
    window.close()
    window.deleteLater()
    return kept


def test_windows_that_close_leave_nothing_behind(
    night: Night, qtbot: QtBot, qapp: QApplication
) -> None:
    left: list[int] = []
    known: list[weakref.ref[object]] = []
    for _ in range(N_WINDOWS):
        known += use(night, qtbot)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        QCoreApplication.processEvents()
        gc.collect()
        left.append(len(pg.ViewBox.AllViews))
    alive = sum(one() is not None for one in known)
    assert alive <= len(known) // N_WINDOWS, "more than the last window is held"
    assert left[-1] <= left[4], "the library holds views of windows that are closed"
    assert not pg.ViewBox.NamedViews
