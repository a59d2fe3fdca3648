"""Reports that threads send at once leave the event loop its turns between them."""

from __future__ import annotations

import threading
import time
from functools import partial
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


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def perf_counter(self) -> float:
        return self.now


def test_what_a_person_does_is_answered_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, done = Clock(), []
    monkeypatch.setattr("skyframe_gui.app.work.turns.time", clock)

    def step(name: str) -> None:
        done.append(name)
        clock.now += 1.0

    turns = Turns()
    turns.run(lambda name=name: step(name) for name in "abc")
    assert done == ["a", "b", "c"]
    assert not turns.busy


def test_a_long_answer_to_a_report_goes_on_in_the_next_turns_before_other_reports(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, done = Clock(), []
    monkeypatch.setattr("skyframe_gui.app.work.turns.time", clock)

    def step(name: str, seconds: float = 1.0) -> None:
        done.append(name)
        clock.now += seconds

    turns = Turns()
    steps = [partial(step, "a", 0.0), *(partial(step, name) for name in "bcd")]
    turns.give(lambda: turns.run(steps))
    turns.give(partial(step, "next report"))
    other = QTimer()
    other.timeout.connect(lambda: done.append("key"))
    other.start(0)
    qtbot.waitUntil(lambda: not turns.busy, timeout=5000)
    other.stop()
    assert [one for one in done if one != "key"] == ["a", "b", "c", "d", "next report"]
    assert done.index("b") == done.index("a") + 1, "short ones share a turn"
    between = done[done.index("b") : done.index("d")]
    assert "key" in between, done
    turns.run([partial(step, "x"), partial(step, "y")])
    assert done[-2:] == ["x", "y"], "after a turn has ended, a person's deed is answered whole"
