"""Pieces of one measurement on several threads, each a look at the watch."""

from __future__ import annotations

import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Generic, TypeVar

from skyframe_gui.engine.progress import step

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from skyframe_gui.engine.progress import Watch

T = TypeVar("T")

_helpers: ThreadPoolExecutor | None = None
_lock = threading.Lock()


def _forget_helpers() -> None:
    """Threads do not live on in a forked process."""
    global _helpers, _lock
    _helpers, _lock = None, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_helpers)


def _help(task: Callable[[], None]) -> Future[None]:
    """Have a task done by one of the threads that help whoever calls.

    They are made once: a thread for each measurement costs as much as a small detector's bins, and
    callers side by side would have more threads than there are processors.
    """
    global _helpers
    with _lock:
        if _helpers is None:
            _helpers = ThreadPoolExecutor(max((os.cpu_count() or 1) - 1, 1), "pieces")
        return _helpers.submit(task)


class _Pieces(Generic[T]):
    """Pieces of which each is taken by one thread."""

    def __init__(self, function: Callable[[T], None], pieces: Sequence[T]) -> None:
        self._function = function
        self._pieces = pieces
        self._lock = threading.Lock()
        self._taken = 0
        self.n_done = 0
        self.errors: list[tuple[int, BaseException]] = []

    def do_one(self) -> bool:
        """Do the next piece; False where none is left."""
        with self._lock:
            index = self._taken
            if index >= len(self._pieces):
                return False
            self._taken += 1
        try:
            self._function(self._pieces[index])
        except BaseException as error:
            self.stop()
            with self._lock:
                self.errors.append((index, error))
            return False
        with self._lock:
            self.n_done += 1
        return True

    def do_all(self) -> None:
        """Do pieces until none is left."""
        while self.do_one():
            pass

    def stop(self) -> None:
        """Leave what nobody has begun."""
        with self._lock:
            self._taken = len(self._pieces)


def run_pieces(
    function: Callable[[T], None],
    pieces: Sequence[T],
    watch: Watch | None,
    label: str,
    threads: int | None,
) -> None:
    """Call ``function`` on every piece; it writes its results where no other piece does.

    Parameters
    ----------
    function : callable
        Spends its time in kernels, which release the GIL.
    pieces : sequence
        What it is called with.
    watch, label : optional
        Told how many are done, in the thread that calls.
    threads : int, optional
        At most so many, that which calls among them; by default one for each processor.

    Raises
    ------
    Cancelled
        The watch said so; nothing is left running.
    """
    n, told = len(pieces), 0
    shared = _Pieces(function, pieces)

    def tell() -> None:
        nonlocal told
        while told <= shared.n_done < n:
            step(watch, told, n, label)
            told += 1

    helpers: list[Future[None]] = []
    try:
        tell()
        helpers = [_help(shared.do_all) for _ in range(min(threads or os.cpu_count() or 1, n) - 1)]
        while shared.do_one():
            tell()
    finally:
        shared.stop()
        # One that has not begun would only find that nothing is left.
        wait([helper for helper in helpers if not helper.cancel()])
    if shared.errors:
        raise min(shared.errors)[1]
    while told <= n:
        step(watch, told, n, label)
        told += 1
