"""Reports that threads send at once leave the event loop its turns between them."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from PyQt6.QtCore import QTimer

from skyframe_gui.app.work.lane import Lane
from skyframe_gui.app.work.turns import Turns

if TYPE_CHECKING:
    import pytest
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.model.results import Job
    from skyframe_gui.engine import Watch


def test_between_two_calls_the_event_loop_does_other_things(qtbot: QtBot) -> None:
    turns, order = Turns(), []
    other = QTimer()
    other.timeout.connect(lambda: order.append("key"))
    other.start(0)
    for name in "abc":
        turns.give(lambda name=name: order.append(name))
    qtbot.waitUntil(lambda: "c" in order, timeout=5000)
    other.stop()
    assert [one for one in order if one != "key"] == ["a", "b", "c"]
    between = order[order.index("a") : order.index("c")]
    assert between.count("key") >= 2, order


def test_one_that_raises_does_not_keep_the_next_from_its_turn(
    qtbot: QtBot, capsys: pytest.CaptureFixture[str]
) -> None:
    turns, order = Turns(), []
    turns.give(lambda: 1 // 0)
    turns.give(lambda: order.append("next"))
    with qtbot.captureExceptions() as raised:
        qtbot.waitUntil(lambda: bool(order), timeout=5000)
    assert [kind for kind, *_ in raised] == [ZeroDivisionError]


def test_a_busy_window_is_told_the_newest_progress_once(qtbot: QtBot) -> None:
    told: list[Job] = []
    ended = threading.Event()

    def work(watch: Watch) -> None:
        for step in range(1, 8):
            time.sleep(0.06)  # longer than the lane thins
            watch.step(step, 8)
        ended.set()
        time.sleep(0.2)

    lane = Lane("test")
    lane.progressed.connect(lambda job: told.append(job) if job else None)
    lane.submit("count", work)
    assert ended.wait(10), "the window's thread is busy until here"
    qtbot.waitUntil(lambda: not lane.busy, timeout=5000)
    assert lane.close()
    counts = [job.done for job in told if job.total == 8]
    assert counts == [7], counts
