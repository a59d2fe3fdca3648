"""The window's thread comes before the lanes'."""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from skyframe_gui.workflow.jobs import workers

if TYPE_CHECKING:
    from collections.abc import Callable

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.work.lane import Lane
    from skyframe_gui.engine import Watch


def niceness(_: object = None) -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


@pytest.mark.skipif(sys.platform != "linux", reason="others know no priority of a thread")
def test_work_and_its_helpers_are_nicer_than_the_window(
    commands: Commands, idle: Callable[[], None]
) -> None:
    found: dict[str, list[int]] = {}

    def ask(lane: Lane) -> None:
        def work(watch: Watch) -> None:
            with workers(None) as pool:
                found[lane.name] = [niceness(), *pool.map(niceness, range(3))]

        lane.submit("ask", work)

    program, own = commands.program, niceness()
    for lane in (program.live.preview, program.live.full, program.loader.survey):
        ask(lane)
    idle()
    each = {one for nice in found.values() for one in nice}
    assert len(found) == 3
    assert len(each) == 1, "lanes are equals"
    assert min(each) > own or own >= 19, found
    assert niceness() == own


def test_who_wants_to_paint_waits_less_than_python_has_it(commands: Commands) -> None:
    assert sys.getswitchinterval() < 0.004, "its own is 5 ms"
