"""A window over the session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import QCoreApplication, QEvent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PyQt6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.ui.window import MainWindow


@pytest.fixture(autouse=True)
def _windows_are_gone(qapp: QApplication) -> Iterator[None]:
    """Delete what a test has closed: without a running event loop Qt would keep all of it."""
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def window(qtbot: QtBot, store: Store, commands: Commands) -> MainWindow:
    from skyframe_gui.ui.window import MainWindow

    made = MainWindow(store, commands)
    qtbot.addWidget(made)
    made.show()
    return made
