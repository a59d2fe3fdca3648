"""Reports of the lanes, one in each turn of the event loop: keys come between them."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from collections.abc import Callable


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

    def give(self, call: Callable[[], None]) -> None:
        """Have something called in a turn of its own."""
        self._waiting.append(call)
        if not self._timer.isActive():
            self._timer.start(0)

    def _take(self) -> None:
        # Stopped before the call, which may raise or open a dialog.
        call = self._waiting.popleft()
        if not self._waiting:
            self._timer.stop()
        call()
