"""Keeps Python's collector of garbage away from what stays until the end anyway."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from skyframe_gui.app.model.results import Job
    from skyframe_gui.app.program import Program

RARELY = 1000
"""Collections of the middle generation to one of everything, while libraries are imported."""
QUIET_MS = 200
"""The end of one job is often the beginning of the next: so long must there be none."""


class Collector(QObject):
    """Spares the window the collections that go through everything.

    One of them takes a tenth of a second when numba is loaded, in whatever thread it falls, and no
    Python runs meanwhile. Almost all that it looks at are functions and classes. So while
    libraries come, with the first file, there is none; when the work has ended, what was imported
    is taken out of what is ever looked at, and the collections, now short, are as always.

    Parameters
    ----------
    program : Program
        Whose work is watched.
    """

    def __init__(self, program: Program) -> None:
        super().__init__()
        self._program = program
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.setInterval(QUIET_MS)
        self._quiet.timeout.connect(self._look)
        self._usual = gc.get_threshold()
        self._n_modules = 0
        gc.set_threshold(*self._usual[:2], RARELY)
        for lane in program.lanes:
            lane.progressed.connect(self._on_progress)

    def _on_progress(self, job: Job | None) -> None:
        if job is None:
            self._quiet.start()

    def _look(self) -> None:
        if not self._program.busy and len(sys.modules) > self._n_modules:
            self._n_modules = len(sys.modules)
            gc.collect(1)  # the young ones only: some milliseconds
            gc.freeze()
            gc.set_threshold(*self._usual)

    def close(self) -> None:
        """Let the collector go through everything again."""
        self._quiet.stop()
        for lane in self._program.lanes:
            lane.progressed.disconnect(self._on_progress)
        gc.set_threshold(*self._usual)
        gc.unfreeze()
