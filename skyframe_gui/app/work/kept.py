"""What the window has measured of exposures, kept on disk from one start to the next."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from skyframe_gui.engine import SkyFrameError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from skyframe_gui.workflow.cache import Cache, Swept

PART = 1 / 64
"""Of the limit: when so much may have been written, it is looked whether there is too much."""
ENTRY = 60_000
"""Bytes of an entry, at most as a rule."""


class Kept:
    """A folder of measurements with a limit; may be used from any thread.

    Nothing ever fails for it: what cannot be kept is told once, and measured again another time.

    Parameters
    ----------
    folder : Path or None
        None keeps nothing.
    limit : int
        Bytes; the entries that were not used for longest go first.
    """

    def __init__(self, folder: Path | None = None, limit: int = 2 << 30) -> None:
        self.folder = folder if limit > 0 else None
        self.limit = limit
        self._lock = threading.Lock()
        self._cache: Cache | None = None
        self._is_open = False
        self._asked = limit  # the first one looks
        self._notes: dict[str, None] = {}
        self._told: set[str] = set()

    @property
    def cache(self) -> Cache | None:
        """The cache, made when it is asked for at first; None where there can be none."""
        from skyframe_gui.workflow.cache import Cache

        with self._lock:
            if not self._is_open and self.folder is not None:
                self._is_open = True
                try:
                    self._cache = Cache.at(self.folder)
                except SkyFrameError as error:
                    self._note(f"What is measured of exposures is not kept: {error}")
            return self._cache

    def take_notes(self, notes: Iterable[str]) -> None:
        """Take what is to be told of entries, and see that there are not too many."""
        with self._lock:
            for note in notes:
                self._note(note)
            self._asked += ENTRY
            if self._asked < PART * self.limit or self._cache is None:
                return
            self._asked, cache = 0, self._cache
        cache.sweep(self.limit)

    def fresh_notes(self) -> tuple[str, ...]:
        """Return what has not been told yet."""
        with self._lock:
            fresh = tuple(self._notes)
            self._notes.clear()
        return fresh

    def empty(self) -> Swept:
        """Take everything away; return how much that was."""
        from skyframe_gui.workflow.cache import Swept

        cache = self.cache
        return Swept(0, 0) if cache is None else cache.sweep(0)

    def _note(self, note: str) -> None:
        if note not in self._told:
            self._told.add(note)
            self._notes[note] = None
