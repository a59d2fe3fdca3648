"""A window over the session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.session import Session
    from skyframe_gui.ui.window import MainWindow


@pytest.fixture
def window(qtbot: QtBot, session: Session, commands: Commands) -> MainWindow:
    from skyframe_gui.ui.window import MainWindow

    made = MainWindow(session, commands)
    qtbot.addWidget(made)
    made.show()
    return made
