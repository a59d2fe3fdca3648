"""A window over the session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PyQt6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PyQt6.QtGui import QCursor
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QWidget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nights import Night
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.ui.window import MainWindow


@pytest.fixture(autouse=True)
def _look_of_the_program(qapp: QApplication) -> None:
    """Give widgets the program's own font and colours, so that every machine draws them alike."""
    from skyframe_gui.ui import theme

    theme.apply(qapp, theme.DARK)


@pytest.fixture(autouse=True)
def _cursor_is_elsewhere(qapp: QApplication) -> None:
    """Take the one cursor off the screen: a window shown under it would be hovered at once.

    A button that the test before has pressed and not let go would be held, too.
    """
    QCursor.setPos(QPoint(-9000, -9000))
    buttons = (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton)
    for button in buttons:
        if QApplication.mouseButtons() & button:
            QTest.mouseRelease(QWidget(), button)


@pytest.fixture(autouse=True)
def _windows_are_gone(qapp: QApplication) -> Iterator[None]:
    """Delete what a test has closed: without a running event loop Qt would keep all of it."""
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def qtbot(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[QtBot]:
    """Hold what a test has given to be closed until Qt has deleted it.

    A view that Python's collector takes apart before, part by part, crashes the process.
    """
    held: list[QWidget] = []
    add = qtbot.addWidget

    def keep(widget: QWidget, **how: Any) -> None:
        held.append(widget)
        add(widget, **how)

    monkeypatch.setattr(qtbot, "addWidget", keep)
    yield qtbot
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def window(qtbot: QtBot, store: Store, commands: Commands) -> MainWindow:
    from skyframe_gui.ui.window import MainWindow

    made = MainWindow(store, commands)
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def opened(commands: Commands, night: Night, idle: Callable[[], None]) -> None:
    """Open a night and build its sky frames."""
    commands.open([*night.science, *night.paths])
    idle()
    commands.build()
    idle()
