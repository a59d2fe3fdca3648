"""Whoever does the same things all day has no more in memory in the evening than at noon."""

from __future__ import annotations

import gc
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import QCoreApplication, QEvent, QObject
from PyQt6.QtWidgets import QApplication, QDialog

from skyframe_gui.app.model.results import Job
from skyframe_gui.engine import SkyMeasurementConfig
from skyframe_gui.ui.workspaces import ABOUT

if TYPE_CHECKING:
    from collections.abc import Callable

    from nights import Night

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.ui.window import MainWindow

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
LANES = ("task", "full", "open", "survey", "preview")


def a_round(window: MainWindow, commands: Commands, idle: Callable[[], None]) -> None:
    """Do something of everything, and leave all as it was."""
    store = window.store
    for workspace in ABOUT:
        commands.show_workspace(workspace)
        idle()
    commands.show_workspace("visit")
    for item in store.state.exposures[:2]:
        commands.select_exposure(item.key)
        idle()
    commands.build()
    idle()
    commands.undo()
    commands.set_config(SkyMeasurementConfig(skyRej=4.0))
    idle()
    commands.set_config(SkyMeasurementConfig())
    idle()
    for lane in LANES:
        store.set(jobs=(Job(lane=lane, label="A job"),))
        store.set(jobs=())
    for pane in window.panel("images").panes:  # type: ignore[attr-defined]  # of that panel
        pane.open_menu()
        popup = QApplication.activePopupWidget()
        assert popup is not None
        popup.close()
    for name in ("export", "open"):
        window.actions_.by_id[name].trigger()
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, QDialog) and widget.isVisible():
                widget.reject()
    store.forget_edits()
    idle()


def objects_of(window: MainWindow) -> Counter[str]:
    """Return how many objects of each of Qt's classes there are in the window and over it."""
    gc.collect()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    tops = [one for one in QApplication.topLevelWidgets() if one.isWindow()]
    found = {id(one): one for top in (window, *tops) for one in (top, *top.findChildren(QObject))}
    return Counter(type(one).__name__ for one in found.values())


def test_the_same_things_again_leave_no_more_behind(
    night: Night,
    window: MainWindow,
    commands: Commands,
    store: Store,
    idle: Callable[[], None],
) -> None:
    window.show()
    commands.open([*night.paths, *night.science])
    idle()
    commands.build()
    idle()
    for _ in range(2):  # panels and dialogs are made when they are first wanted
        a_round(window, commands, idle)
    before, n_frames = objects_of(window), len(store.state.sky_frames)
    for _ in range(2):
        a_round(window, commands, idle)
    more = objects_of(window) - before
    assert not more, f"left behind by two rounds: {dict(more)}"
    assert len(store.state.sky_frames) == n_frames == 2
