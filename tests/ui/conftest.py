"""A window, its session, and how to wait until all work is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from skyframe_gui.app.commands import Commands
from skyframe_gui.app.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytestqt.qtbot import QtBot

    from skyframe_gui.ui.window import MainWindow

Idle = "Callable[[], None]"


@pytest.fixture
def session(qapp: object) -> Session:
    return Session()


@pytest.fixture
def commands(session: Session) -> Iterator[Commands]:
    made = Commands(session)
    made.live._pause.setInterval(20)
    yield made
    assert made.close(), "work went on after the end"


@pytest.fixture
def window(qtbot: QtBot, session: Session, commands: Commands) -> MainWindow:
    from skyframe_gui.ui.window import MainWindow

    made = MainWindow(session, commands)
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def idle(qtbot: QtBot, commands: Commands) -> Callable[[], None]:
    def wait() -> None:
        def done() -> bool:
            return not commands.live._pause.isActive() and not any(
                lane.busy for lane in commands.lanes
            )

        qtbot.wait(30)  # what was just asked for has begun
        qtbot.waitUntil(done, timeout=60_000)
        qtbot.wait(30)  # and its last report has arrived

    return wait
