"""What was imported with the first file is never gone through again by the garbage collector."""

from __future__ import annotations

import gc
import sys
import types
from typing import TYPE_CHECKING

import pytest

from skyframe_gui.app.collector import Collector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.engine import Watch

NAME = "library_of_this_test"


@pytest.fixture
def collector(commands: Commands) -> Iterator[Collector]:
    made = Collector(commands.program)
    yield made
    made.close()
    library = sys.modules.pop(NAME, None)
    assert library is None or is_gone_through(library), "a closed one leaves all as it was"


def is_gone_through(value: object) -> bool:
    return any(one is value for one in gc.get_objects())


def test_libraries_come_in_peace_and_are_let_be_when_the_work_has_ended(
    commands: Commands, collector: Collector, idle: Callable[[], None], qtbot: QtBot
) -> None:
    library = types.ModuleType(NAME)
    during: list[int] = []

    def work(watch: Watch) -> None:
        sys.modules[NAME] = library
        during.append(gc.get_threshold()[2])

    collector._quiet.setInterval(50)
    commands.program.tasks.lane.submit("import", work)
    idle()
    assert during[0] > 100, "all is gone through while libraries come"
    assert gc.get_threshold()[2] > 100, "the next job may import more"
    qtbot.waitUntil(lambda: gc.get_threshold()[2] == 10, timeout=5000)  # as always from now on
    assert not is_gone_through(library)
    later = types.ModuleType("later")
    commands.program.tasks.lane.submit("nothing new", lambda watch: None)
    idle()
    qtbot.wait(80)
    assert is_gone_through(later), "only what libraries have brought is let be"


def test_what_refers_to_itself_still_goes(
    commands: Commands, collector: Collector, idle: Callable[[], None], qtbot: QtBot
) -> None:
    collector._quiet.setInterval(50)
    commands.program.tasks.lane.submit("first", lambda watch: None)
    idle()
    qtbot.waitUntil(lambda: gc.get_freeze_count() > 0, timeout=5000)
    gone: list[bool] = []

    class Circle:
        def __init__(self) -> None:
            self.self = self

        def __del__(self) -> None:
            gone.append(True)

    Circle()
    assert not gone
    gc.collect()
    assert gone
