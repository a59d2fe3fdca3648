"""How long work reports its progress and learns that it is no longer wanted."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Cancelled(Exception):
    """The user asked the running work to stop."""


class Watch:
    """Progress reports in one direction, cancellation in the other.

    Every long engine or workflow call takes a ``watch`` and calls `step` at least every 50 ms.

    Parameters
    ----------
    on_step : callable, optional
        Called as ``on_step(done, total, label)``, in the thread that does the work.
    on_publish : callable, optional
        Called with a frozen partial result, in the thread that does the work.
    """

    def __init__(
        self,
        on_step: Callable[[int, int, str], None] | None = None,
        on_publish: Callable[[object], None] | None = None,
    ) -> None:
        self._on_step = on_step
        self._on_publish = on_publish
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """Make the next `step` raise `Cancelled`. May be called from any thread."""
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._cancelled.is_set()

    def step(self, done: int, total: int, label: str = "") -> None:
        """Report that ``done`` of ``total`` units are finished.

        Raises
        ------
        Cancelled
            The work is no longer wanted.
        """
        if self._cancelled.is_set():
            raise Cancelled(label)
        if self._on_step is not None:
            self._on_step(done, total, label)

    def publish(self, partial: object) -> None:
        """Hand out a partial result; it must be frozen (arrays not writeable)."""
        if self._on_publish is not None:
            self._on_publish(partial)

    def part(self, label: str = "") -> Watch:
        """Return a watch for a sub-task: cancelled together with this one, its steps not shown.

        Parameters
        ----------
        label : str
            Not shown; named in the `Cancelled` that the sub-task raises.
        """
        return _Part(self, label)

    def heard_by(self, on_publish: Callable[[object], None]) -> Watch:
        """Return a watch that is this one, but for what is published: that goes somewhere else."""
        return _Part(self, "", self.step, on_publish)


class _Part(Watch):
    def __init__(
        self,
        whole: Watch,
        label: str,
        on_step: Callable[[int, int, str], None] | None = None,
        on_publish: Callable[[object], None] | None = None,
    ) -> None:
        super().__init__(on_step, on_publish)
        self._whole = whole
        self._label = label

    @property
    def cancelled(self) -> bool:
        return super().cancelled or self._whole.cancelled

    def step(self, done: int, total: int, label: str = "") -> None:
        super().step(done, total, label)
        if self._whole.cancelled:
            raise Cancelled(self._label or label)


def step(watch: Watch | None, done: int, total: int, label: str = "") -> None:
    """Call ``watch.step`` where there is a watch."""
    if watch is not None:
        watch.step(done, total, label)
