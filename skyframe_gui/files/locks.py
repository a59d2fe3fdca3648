"""Locks on open files, by which others know that a process still writes: they end with it."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

STOPS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
"""What ends a program that does not see to it."""


def lock(descriptor: int) -> bool | None:
    """Lock an open file without waiting, until it is closed or the process ends.

    Returns
    -------
    bool or None
        Whether the lock is ours now; None where the file system has no locks.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return None
    return True


def is_here(descriptor: int) -> bool:
    """Whether an open file still has a name: whoever removes one holds its lock."""
    return os.fstat(descriptor).st_nlink > 0


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold back Ctrl-C and the like until the block has ended; it must be a short one."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Python interrupts no other
        return
    came: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        came.append(number)

    # One that was not set from Python could not be set back.
    old = {number: signal.getsignal(number) for number in STOPS}
    old = {number: handler for number, handler in old.items() if handler is not None}
    try:
        for number in old:
            signal.signal(number, note)
        yield
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)
        for number in came:
            signal.raise_signal(number)
