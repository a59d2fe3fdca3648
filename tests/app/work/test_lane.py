"""Lanes: the newest wins, the last always arrives, failures are told, nothing is left running."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from PyQt6.QtCore import QTimer

from skyframe_gui.app.work.lane import Lane, track
from skyframe_gui.engine import SkyFrameError, Watch

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.results import Job, Problem
    from skyframe_gui.app.model.store import Store


class Gate:
    """Work that waits until the test lets it go on, or until it is cancelled."""

    def __init__(self, value: Any) -> None:
        self.value = value
        self.begun = threading.Event()
        self.go_on = threading.Event()
        self.ended = threading.Event()

    def __call__(self, watch: Watch) -> Any:
        self.begun.set()
        try:
            while not self.go_on.wait(0.01):
                watch.step(0, 1, "waiting")
        finally:
            self.ended.set()
        return self.value


@pytest.fixture
def lane(qtbot: QtBot) -> Any:
    made: list[Lane] = []

    def make(**how: Any) -> Lane:
        made.append(Lane("test", **how))
        return made[-1]

    yield make
    for one in made:
        assert one.close(), "a lane did not end"


def test_work_runs_in_another_thread_and_its_result_arrives_in_the_gui_thread(
    lane: Callable[..., Lane], qtbot: QtBot
) -> None:
    threads: list[int] = []
    worker: list[int] = []
    here = lane()
    here.submit(
        "look",
        lambda _: worker.append(threading.get_ident()),
        lambda _: threads.append(threading.get_ident()),
    )
    qtbot.waitUntil(lambda: bool(threads))
    assert threads == [threading.get_ident()]
    assert worker != threads


def test_of_many_requests_the_running_is_finished_and_only_the_newest_follows(
    lane: Callable[..., Lane], qtbot: QtBot
) -> None:
    here = lane()
    first = Gate("first")
    shown: list[Any] = []
    here.submit("first", first, shown.append)
    assert first.begun.wait(5)
    for number in range(50):
        here.submit(str(number), lambda _, n=number: n, shown.append)
    first.go_on.set()
    qtbot.waitUntil(lambda: not here.busy and len(shown) == 2)
    assert shown == ["first", 49]


def test_the_last_request_always_arrives_however_fast_they_come(
    lane: Callable[..., Lane], qtbot: QtBot
) -> None:
    here = lane()
    shown: list[int] = []

    def work(number: int) -> Callable[[Watch], int]:
        def run(_: Watch) -> int:
            time.sleep(0.002)
            return number

        return run

    for number in range(200):
        here.submit("drag", work(number), shown.append)
        qtbot.wait(1)
    qtbot.waitUntil(lambda: bool(shown) and shown[-1] == 199)
    assert shown == sorted(shown)
    assert len(shown) > 20, "a dragged slider showed nothing on its way"


def test_a_lane_that_interrupts_gives_up_the_running_job_for_the_new_one(
    lane: Callable[..., Lane], qtbot: QtBot
) -> None:
    here = lane(interrupts=True)
    first = Gate("first")
    shown: list[Any] = []
    gone: list[str] = []
    here.submit("first", first, shown.append, cancelled=lambda: gone.append("first"))
    assert first.begun.wait(5)
    here.submit("second", lambda _: "second", shown.append)
    qtbot.waitUntil(lambda: shown == ["second"])
    assert gone == ["first"]


def test_a_lane_that_keeps_all_does_everything_in_order(
    lane: Callable[..., Lane], qtbot: QtBot
) -> None:
    here = lane(keeps_all=True)
    shown: list[int] = []
    for number in range(30):
        here.submit(str(number), lambda _, n=number: n, shown.append)
    qtbot.waitUntil(lambda: len(shown) == 30)
    assert shown == list(range(30))


def test_an_expected_failure_arrives_as_its_sentence(
    lane: Callable[..., Lane], qtbot: QtBot
) -> None:
    problems: list[Problem] = []

    def fails(_: Watch) -> None:
        raise SkyFrameError("a.fits is cut short; copy it again.")

    here = lane()
    here.submit("read", fails, failed=problems.append)
    qtbot.waitUntil(lambda: bool(problems))
    assert problems[0].text == "a.fits is cut short; copy it again."
    assert problems[0].detail == ""


def test_a_fault_of_the_program_arrives_with_its_traceback_and_the_lane_goes_on(
    lane: Callable[..., Lane], qtbot: QtBot
) -> None:
    problems: list[Problem] = []
    shown: list[str] = []
    here = lane()
    here.submit("divide", lambda _: 1 // 0, failed=problems.append)
    qtbot.waitUntil(lambda: bool(problems))
    assert "ZeroDivisionError" in problems[0].text
    assert "Traceback" in problems[0].detail
    here.submit("next", lambda _: "next", shown.append)
    qtbot.waitUntil(lambda: shown == ["next"])


def test_too_little_memory_is_a_sentence(lane: Callable[..., Lane], qtbot: QtBot) -> None:
    problems: list[Problem] = []

    def greedy(_: Watch) -> None:
        raise MemoryError

    here = lane()
    here.submit("Build", greedy, failed=problems.append)
    qtbot.waitUntil(lambda: bool(problems))
    assert "memory" in problems[0].text
    assert problems[0].detail == ""


def test_cancel_ends_the_running_job_and_drops_the_waiting(
    lane: Callable[..., Lane], qtbot: QtBot
) -> None:
    here = lane(keeps_all=True)
    first = Gate("first")
    shown: list[Any] = []
    gone: list[str] = []
    here.submit("first", first, shown.append, cancelled=lambda: gone.append("first"))
    here.submit("second", lambda _: "second", shown.append, cancelled=lambda: gone.append("2nd"))
    assert first.begun.wait(5)
    here.cancel()
    assert first.ended.wait(0.2), "cancel took longer than 200 ms"
    qtbot.waitUntil(lambda: len(gone) == 2 and not here.busy)
    assert shown == []


def test_a_result_that_came_after_the_cancel_is_not_shown(
    lane: Callable[..., Lane], qtbot: QtBot
) -> None:
    here = lane()
    release = threading.Event()
    shown: list[str] = []
    gone: list[str] = []

    def deaf(_: Watch) -> str:
        release.wait(5)
        return "late"

    here.submit("deaf", deaf, shown.append, cancelled=lambda: gone.append("deaf"))
    here.cancel()
    qtbot.wait(20)
    if not gone:  # it was running already when it was cancelled
        release.set()
    qtbot.waitUntil(lambda: gone == ["deaf"])
    assert shown == []
    release.set()


def test_partial_results_arrive_thinned_but_the_last_one_always(
    lane: Callable[..., Lane], qtbot: QtBot
) -> None:
    here = lane()
    partial: list[int] = []
    done: list[str] = []

    def work(watch: Watch) -> str:
        for number in range(500):
            watch.publish(number)
            if number % 100 == 0:
                time.sleep(0.02)
        return "done"

    here.submit("fit", work, done.append, published=partial.append)
    qtbot.waitUntil(lambda: bool(done))
    assert partial[-1] == 499
    assert len(partial) < 20


def test_a_partial_result_waits_until_the_last_one_is_painted_and_the_newest_takes_its_place(
    lane: Callable[..., Lane], qtbot: QtBot
) -> None:
    here = lane()
    partial: list[int] = []
    busy: list[int] = []
    begun, all_sent, go_on, second = (threading.Event() for _ in range(4))

    def shows(number: int) -> None:
        partial.append(number)
        if len(partial) == 1:
            begun.set()
            all_sent.wait(5)  # a window that is slow to take it in
            busy.extend(range(len(sent)))
            go_on.set()
        else:
            second.set()

    sent: list[int] = []

    def work(watch: Watch) -> None:
        for number in range(100):
            watch.publish(number)
            sent.append(number)
            begun.wait(5)
        all_sent.set()
        go_on.wait(5)
        second.wait(5)
        watch.publish(100)
        time.sleep(0.3)

    ended: list[None] = []
    here.submit("fit", work, ended.append, published=shows)
    qtbot.waitUntil(lambda: bool(ended))
    assert len(busy) > 50, "nothing was handed out while the window was slow"
    assert partial == [0, 99, 100]


def test_the_end_of_a_job_with_its_last_partial_result_is_one_change(
    lane: Callable[..., Lane], qtbot: QtBot, store: Store
) -> None:
    here = lane()
    track(store, here)
    told: list[tuple[str, ...]] = []
    store.changed.connect(lambda old, new: told.append(new.log))

    def work(watch: Watch) -> str:
        time.sleep(0.3)  # long enough to be told of
        watch.publish("first")
        noted.wait(5)
        watch.publish("last")  # waits, as the first one is not painted yet
        return "done"

    noted = threading.Event()

    def note(line: str) -> None:
        store.set(log=(*store.state.log, line))
        noted.set()

    here.submit("fit", work, note, published=note)
    qtbot.waitUntil(lambda: "done" in store.state.log)
    assert not store.state.jobs
    assert store.state.log[-2:] == ("last", "done")
    assert not [log for log in told if "last" in log and "done" not in log]


def test_quick_work_is_not_told_of(lane: Callable[..., Lane], qtbot: QtBot) -> None:
    here = lane()
    jobs: list[Job | None] = []
    here.progressed.connect(jobs.append)
    done: list[None] = []
    here.submit("quick", lambda watch: watch.step(0, 1, "now"), done.append)
    qtbot.waitUntil(lambda: bool(done))
    qtbot.wait(200)
    assert jobs == [None]


def test_progress_is_told_at_most_20_times_a_second_and_ends_with_nothing_running(
    lane: Callable[..., Lane], qtbot: QtBot
) -> None:
    ticks = turns = 0
    here = lane(clock=lambda: ticks / 1024)
    jobs: list[Job | None] = []
    here.progressed.connect(jobs.append)

    def turned() -> None:
        nonlocal turns
        turns += 1

    timer = QTimer()
    timer.timeout.connect(turned)
    timer.start(0)

    def work(watch: Watch) -> None:
        nonlocal ticks
        while not jobs:  # it is told that this runs
            time.sleep(0.001)
        for ticks in range(16, 1025, 16):
            watch.step(ticks, 1024, "counting")
            now = turns  # whatever was told has arrived some turns later, alone
            while turns < now + 4:
                time.sleep(0.0001)

    here.submit("count", work)
    qtbot.waitUntil(lambda: bool(jobs) and jobs[-1] is None, timeout=60_000)
    timer.stop()
    first, *steps, _ = jobs
    assert first is not None
    assert (first.label, first.done) == ("count", 0)
    told = [job.done for job in steps if job is not None]
    assert told == [*range(160, 1024, 64)], "after 0.15 s, then each 0.05 s or more"
    last = steps[-1]
    assert last is not None
    assert (last.label, last.seconds_left) == ("counting", 1 / 32)


def test_closing_while_busy_ends_the_thread_and_nothing_is_told_afterwards(qtbot: QtBot) -> None:
    here = Lane("busy")
    gate = Gate("never")
    shown: list[Any] = []
    here.submit("wait", gate, shown.append)
    assert gate.begun.wait(5)
    begun = time.monotonic()
    assert here.close(1.0)
    assert time.monotonic() - begun < 1.0
    gate.go_on.set()
    here.submit("after", lambda _: "after", shown.append)
    qtbot.wait(50)
    assert shown == []
    assert not [t for t in threading.enumerate() if t.name == "busy"]


def test_a_busy_lane_has_the_whole_time_of_the_end_and_none_takes_anything_new(
    commands: Commands,
) -> None:
    begun = threading.Event()

    def slow(watch: Watch) -> None:
        begun.set()
        time.sleep(0.5)  # longer than between two steps of anything, as under load
        watch.step(1, 2)

    later: list[str] = []
    commands.program.compare.lane.submit("slow", slow)
    assert begun.wait(5)
    # What is dropped while it waits may ask another lane for something, in answer.
    commands.program.compare.lane.submit(
        "dropped",
        lambda _: None,
        cancelled=lambda: commands.program.tasks.lane.submit("late", lambda _: later.append("ran")),
    )
    assert commands.program.close()
    assert not [t for t in threading.enumerate() if t.name in ("compare", "task")]
    assert later == []
