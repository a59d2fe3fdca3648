"""Reports of the lanes, one in each turn of the event loop: keys come between them."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

LONG_SECONDS = 0.002
"""A turn that has taken as long leaves the steps that remain to the next ones."""


class Turns(QObject):
    """Calls what it is given in the same order, never two in one turn of the event loop.

    Qt delivers all that several threads have sent before it looks at what a person does, and each
    report is a change that panels paint. One a turn keeps the window answering.
    """

    def __init__(self) -> None:
        super().__init__()
        self._waiting: deque[Callable[[], None]] = deque()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._take)
        self._since: float | None = None

    @property
    def busy(self) -> bool:
        """Whether something waits for its turn."""
        return bool(self._waiting)

    def give(self, call: Callable[[], None]) -> None:
        """Have something called in a turn of its own."""
        self._waiting.append(call)
        if not self._timer.isActive():
            self._timer.start(0)

    def run(self, steps: Iterable[Callable[[], None]]) -> None:
        """Take steps in their order: all at once, or within a turn so many as it has time for.

        What a person does is answered whole. What a report brings goes on in the next turns, before
        the next report has its own.
        """
        left = iter(steps)
        for step in left:
            step()
            if self._since is not None and time.perf_counter() - self._since > LONG_SECONDS:
                self._waiting.appendleft(lambda: self.run(left))
                self._timer.start(0)
                return

    def _take(self) -> None:
        # Stopped before the call, which may raise or open a dialog.
        call = self._waiting.popleft()
        if not self._waiting:
            self._timer.stop()
        self._since = time.perf_counter()
        try:
            call()
        finally:
            self._since = None
