"""A lane: one thread, one job running, the newest (or all) of the others waiting."""

from __future__ import annotations

import threading
import time
import traceback
from collections import deque
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from skyframe_gui.app.model.results import Job, Problem
from skyframe_gui.app.work.priority import give_way
from skyframe_gui.app.work.turns import Turns
from skyframe_gui.engine import Cancelled, SkyFrameError, Watch

if TYPE_CHECKING:
    from collections.abc import Callable

    from skyframe_gui.app.model.store import Store

Result = TypeVar("Result")
"""What a job ends with."""
THIN_SECONDS = 0.05
"""Progress and partial results are told at most this often."""
QUICK_SECONDS = 0.1
"""Work that ends sooner is not told of: that it runs would flicker, and cost a paint."""
RATE_SECONDS = 0.5
"""Nobody can tell the time left before so long."""


@dataclass(eq=False, kw_only=True)
class _Ticket(Generic[Result]):
    label: str
    work: Callable[[Watch], Result]
    done: Callable[[Result], None] | None
    published: Callable[[object], None] | None
    failed: Callable[[Problem], None] | None
    cancelled: Callable[[], None] | None
    watch: Watch = field(default_factory=Watch)
    begun: float = 0.0
    reported: float = 0.0
    held: list[object] = field(default_factory=list)
    """The newest partial result, while the one before is being painted."""
    is_painted: bool = True
    step: Job | None = None
    """The newest progress, until the GUI thread takes it."""


class Lane(QObject):
    """Runs jobs one after the other in a thread of its own; tells of them in the GUI thread.

    Parameters
    ----------
    name : str
        Of the thread, and of the jobs and problems that it tells of.
    interrupts : bool
        Whether a new job cancels the running one. Else the running one is finished, so that a
        slider dragged faster than the work still shows every result that is ready.
    keeps_all : bool
        Whether all waiting jobs are done in their order. Else only the newest waits.
    clock : callable
        Seconds since any moment, by which progress is told.

    Attributes
    ----------
    progressed : signal (Job or None)
        None when nothing is running any more. At most 20 a second.
    """

    progressed = pyqtSignal(object)
    _reported = pyqtSignal(object, str, object)

    def __init__(
        self,
        name: str,
        *,
        interrupts: bool = False,
        keeps_all: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self.name = name
        self._clock = clock
        self._interrupts = interrupts
        self._keeps_all = keeps_all
        self._waiting: deque[_Ticket[Any]] = deque()
        self._running: _Ticket[Any] | None = None
        self._unfinished = 0
        self._wake = threading.Condition()
        self._closed = False
        self._thread: threading.Thread | None = None
        self.batch: Callable[[], AbstractContextManager[None]] = nullcontext
        self.turns = Turns()
        # Sent by the lane's thread and received by an object of the GUI thread: Qt queues it.
        self._reported.connect(self._on_reported)

    @property
    def busy(self) -> bool:
        """Whether a job runs or waits, or has ended without its end being told yet."""
        return self._unfinished > 0

    @property
    def labels(self) -> tuple[str, ...]:
        """What runs and what waits behind it, by what it is called."""
        with self._wake:
            running = () if self._running is None else (self._running,)
            return tuple(ticket.label for ticket in (*running, *self._waiting))

    def submit(
        self,
        label: str,
        work: Callable[[Watch], Result],
        done: Callable[[Result], None] | None = None,
        *,
        published: Callable[[Any], None] | None = None,
        failed: Callable[[Problem], None] | None = None,
        cancelled: Callable[[], None] | None = None,
    ) -> None:
        """Have ``work(watch)`` run in the lane's thread.

        Parameters
        ----------
        label : str
            What it does, for the status bar.
        work : callable
            Gets frozen values only; calls ``watch.step`` often.
        done, published, failed, cancelled : callable, optional
            Called in the GUI thread: with the result, with partial results (the next one when the
            last one was painted, and then the newest; the last one before the end always arrives),
            with a `Problem`, without anything. A job that was dropped while it waited, or was
            overtaken, calls nothing.
        """
        if self._closed:
            return
        ticket = _Ticket(
            label=label,
            work=work,
            done=done,
            published=published,
            failed=failed,
            cancelled=cancelled,
        )
        ticket.watch = Watch(
            lambda *step: self._step(ticket, *step), lambda value: self._publish(ticket, value)
        )
        with self._wake:
            if not self._keeps_all:
                self._unfinished -= len(self._waiting)
                self._waiting.clear()
            self._waiting.append(ticket)
            self._unfinished += 1
            if self._interrupts and self._running is not None:
                self._running.watch.cancel()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
                self._thread.start()
            self._wake.notify()

    def cancel(self) -> None:
        """Stop the running job and drop those that wait."""
        with self._wake:
            dropped = list(self._waiting)
            self._waiting.clear()
            self._unfinished -= len(dropped)
            if self._running is not None:
                self._running.watch.cancel()
        for ticket in dropped:
            if ticket.cancelled is not None:
                ticket.cancelled()

    def close(self, seconds: float = 1.0) -> bool:
        """Cancel everything and end the thread; return whether it has ended in time."""
        with self._wake:
            self._closed = True
            self._waiting.clear()
            if self._running is not None:
                self._running.watch.cancel()
            self._wake.notify()
        if self._thread is None:
            return True
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        give_way()
        while True:
            with self._wake:
                while not self._waiting and not self._closed:
                    self._wake.wait()
                if self._closed:
                    return
                ticket = self._running = self._waiting.popleft()
            ticket.begun = self._clock()
            ticket.reported = ticket.begun + QUICK_SECONDS
            self._report(ticket, "begun", None)
            try:
                kind, value = "done", ticket.work(ticket.watch)
            except Cancelled:
                kind, value = "cancelled", None
            except SkyFrameError as error:
                kind, value = "failed", Problem(self.name, str(error))
            except MemoryError:
                kind = "failed"
                value = Problem(
                    self.name,
                    f"{ticket.label}: there is not enough memory; close other exposures or "
                    "programs and try again.",
                )
            except Exception as error:
                kind = "failed"
                value = Problem(
                    self.name,
                    f"{ticket.label} stopped by a fault of the program "
                    f"({type(error).__name__}: {error}); the log has the details.",
                    traceback.format_exc(),
                )
            with self._wake:
                self._running = None
            self._report(ticket, kind, value)
            del ticket, value  # while the lane waits it keeps neither inputs nor result

    def _report(self, ticket: _Ticket[Any], kind: str, value: object) -> None:
        if not self._closed:
            self._reported.emit(ticket, kind, value)

    def _step(self, ticket: _Ticket[Any], done: int, total: int, label: str) -> None:
        now = self._clock()
        if now - ticket.reported < THIN_SECONDS:
            return
        ticket.reported = now
        spent = now - ticket.begun
        left = None
        if 0 < done <= total and spent > RATE_SECONDS:
            left = spent * (total - done) / done
        with self._wake:
            is_awaited = ticket.step is not None
            ticket.step = Job(
                lane=self.name,
                label=label or ticket.label,
                done=done,
                total=total,
                seconds_left=left,
            )
        # One report is enough, however long the GUI thread is busy: it takes the newest.
        if not is_awaited:
            self._report(ticket, "step", None)

    def _publish(self, ticket: _Ticket[Any], value: object) -> None:
        with self._wake:
            ticket.held[:] = [value]
            if not ticket.is_painted:
                return
            ticket.is_painted = False
        self._report(ticket, "published", None)

    def _hand_over(self, ticket: _Ticket[Any]) -> None:
        """Hand over the newest partial result, if there is one; in the GUI thread."""
        with self._wake:
            values = ticket.held[:]
            ticket.held.clear()
            ticket.is_painted = not values
        if not values or self._closed:
            return
        if not ticket.watch.cancelled and ticket.published is not None:
            with self.batch():
                ticket.published(values[0])
        # A timer has its turn when what was asked to be painted is painted.
        QTimer.singleShot(
            round(1e3 * THIN_SECONDS), lambda: self.turns.give(lambda: self._hand_over(ticket))
        )

    def _on_reported(self, ticket: _Ticket[Any], kind: str, value: object) -> None:
        self.turns.give(lambda: self._on_report(ticket, kind, value))

    def _on_report(self, ticket: _Ticket[Any], kind: str, value: Any) -> None:
        if self._closed:
            return
        if kind == "begun":
            QTimer.singleShot(round(1e3 * QUICK_SECONDS), lambda: self._report_running(ticket))
        elif kind == "published":
            self._hand_over(ticket)
        elif kind == "step":
            with self._wake:
                step, ticket.step = ticket.step, None
            if step is not None:
                self._progress(ticket, step)
        else:
            with self.batch():
                self._on_end(ticket, kind, value)

    def _report_running(self, ticket: _Ticket[Any]) -> None:
        """Tell that a job runs, where it still does."""
        if self._running is ticket and not self._closed:
            self._progress(ticket, Job(lane=self.name, label=ticket.label))

    def _progress(self, ticket: _Ticket[Any], job: Job) -> None:
        if not ticket.watch.cancelled:
            self.progressed.emit(job)

    def _on_end(self, ticket: _Ticket[Any], kind: str, value: Any) -> None:
        with self._wake:
            self._unfinished -= 1
            held = ticket.held[:]
            ticket.held.clear()
        if not self.busy:
            self.progressed.emit(None)
        stopped = ticket.watch.cancelled
        if held and not stopped and ticket.published is not None:
            ticket.published(held[0])
        if kind == "cancelled" or stopped:
            if ticket.cancelled is not None:
                ticket.cancelled()
        elif kind == "done":
            if ticket.done is not None:
                ticket.done(value)
        elif ticket.failed is not None:
            ticket.failed(value)


def track(store: Store, lane: Lane) -> None:
    """Keep the state's jobs up to date with what a lane is doing; one report is one change."""

    def progressed(job: Job | None) -> None:
        others = tuple(one for one in store.state.jobs if one.lane != lane.name)
        store.set(jobs=others if job is None else (*others, job))

    lane.progressed.connect(progressed)
    lane.batch = store.batch
