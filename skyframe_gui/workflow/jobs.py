"""Run one small function over many inputs in any executor, with progress and cancel."""

from __future__ import annotations

import os
import queue
from collections import deque
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from skyframe_gui.engine import SkyFrameError, Watch
from skyframe_gui.engine.progress import step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

T = TypeVar("T")
R = TypeVar("R")

LOOK_SECONDS = 0.05
"""How often the waiting thread looks whether it was cancelled."""
AHEAD = 4
"""Tasks that are handed out for each worker: one to work on, the others so that it never waits."""
UNKNOWN = 4096
"""Tasks that are handed out where nobody tells how many workers there are."""


@dataclass(frozen=True)
class Failure:
    """A file that could not be used, and why, as a sentence for the user.

    Attributes
    ----------
    path, why : str
    visit : str
        Where it failed with its whole visit, for a cause that is not the file's own.
    """

    path: str
    why: str
    visit: str = ""


class WorkersError(SkyFrameError):
    """The workers cannot go on, whatever they are given: it is no fault of an exposure."""


@dataclass(frozen=True)
class Outcome(Generic[R]):
    """What came of one input: a value, or the sentence that says why there is none."""

    value: R | None = None
    why: str = ""


@contextmanager
def workers(executor: Executor | None) -> Iterator[Executor]:
    """Give the caller's executor, or one of our own with a thread for each processor."""
    if executor is not None:
        yield executor
        return
    own = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="skyframe")
    try:
        yield own
    finally:
        # Not waited for: whoever cancelled gets the answer now, a thread that is in the middle of
        # reading a file ends by itself at its next look at the watch.
        own.shutdown(wait=False, cancel_futures=True)


def run_all(
    executor: Executor,
    function: Callable[[T, Watch | None], R],
    inputs: Sequence[T],
    watch: Watch | None,
    label: str,
) -> list[Outcome[R]]:
    """Return what came of each input, in their order.

    At most as many inputs are worked on at a time as the executor has workers, so a function that
    loads one exposure and returns something small needs the memory of one exposure per worker; and
    no more than `AHEAD` a worker are handed out, so that a night of any size is linear in time.

    Parameters
    ----------
    executor : concurrent.futures.Executor
        Threads here, processes or a cluster elsewhere: function and inputs must then be picklable.
    function : callable
        Called as ``function(input, watch)``; the watch is None in another process.
    inputs : sequence
        What to work on.
    watch : Watch, optional
        Told of every finished input.
    label : str
        What is being done, for the progress.

    Raises
    ------
    Cancelled
        The watch said so. Inputs not yet begun are dropped, the running ones told.
    WorkersError
        The workers were lost.
    Exception
        Any error that is not a `SkyFrameError` is a fault of the program and goes on up.
    """
    part = Watch() if watch is None else watch.part(label)
    inner = part if isinstance(executor, ThreadPoolExecutor) else None
    outcomes: list[Outcome[R]] = [Outcome() for _ in inputs]
    futures: dict[Future[R], int] = {}
    ended: queue.SimpleQueue[Future[R]] = queue.SimpleQueue()
    waiting, most = deque(range(len(inputs))), _most_at_once(executor)
    try:
        step(watch, 0, len(inputs), label)
        while waiting or futures:
            while waiting and len(futures) < most:
                index = waiting.popleft()
                future = executor.submit(function, inputs[index], inner)
                futures[future] = index
                future.add_done_callback(ended.put)
            for future in _those_in(ended):
                outcomes[futures.pop(future)] = _outcome(future)
            step(watch, len(inputs) - len(waiting) - len(futures), len(inputs), label)
    except BaseException:
        part.cancel()
        for future in futures:
            future.cancel()
        raise
    return outcomes


def _most_at_once(executor: Executor) -> int:
    """Return how many tasks an executor is to hold at a time."""
    n_workers = getattr(executor, "_max_workers", None)  # of threads and processes alike
    return AHEAD * n_workers if isinstance(n_workers, int) else UNKNOWN


def _those_in(ended: queue.SimpleQueue[Future[R]]) -> Iterator[Future[R]]:
    """Yield what has ended, after a wait for the first."""
    try:
        yield ended.get(timeout=LOOK_SECONDS)
        while True:
            yield ended.get_nowait()
    except queue.Empty:
        return


def _outcome(future: Future[R]) -> Outcome[R]:
    try:
        return Outcome(future.result())
    except WorkersError:
        raise
    except SkyFrameError as error:
        return Outcome(why=str(error))
    except MemoryError:
        return Outcome(why="There is not enough memory for this exposure; use fewer workers.")
