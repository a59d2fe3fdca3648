"""Runs work in a process of its own that is killed at its n-th step on the disk, for every n."""

from __future__ import annotations

import os
import signal
import sys
import traceback
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RENAMES = ("link", "rename", "replace")
STEPS = (*RENAMES, "fsync", "ftruncate", "mkdir", "open", "rmdir", "unlink", "write")


def killed(work: Callable[[], None], at: int, calls: tuple[str, ...] = STEPS) -> bool:
    """Do ``work`` in a copy of this process that is killed before its call number ``at``.

    Returns
    -------
    bool
        False where it came to its end before.
    """
    with warnings.catch_warnings():  # of threads, which the copy has not and does not need
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        try:
            _arm(at, calls)
            work()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(1)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return True
    assert os.WIFEXITED(status), status
    assert os.WEXITSTATUS(status) == 0, "the work failed by itself"
    return False


def at_every_step(
    work: Callable[[], None], prepare: Callable[[], None], calls: tuple[str, ...] = STEPS
) -> Iterator[int]:
    """Prepare, do the work and kill it, until it comes to its end; give the numbers of kills."""
    for at in range(1, 10_000):
        prepare()
        if not killed(work, at, calls):
            return
        yield at


def _arm(at: int, calls: tuple[str, ...]) -> None:
    left = [at]

    def armed(real: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **kwargs: object) -> object:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **kwargs)

        return call

    for name in calls:
        real = getattr(os, name)
        fake = armed(real)
        for group in (os.supports_dir_fd, os.supports_follow_symlinks, os.supports_fd):
            if real in group:
                group.add(fake)
        setattr(os, name, fake)
