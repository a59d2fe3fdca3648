"""Follows folders that are still being filled, while all their visits are looked at."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PyQt6.QtCore import QObject, QTimer

from skyframe_gui.app.model.problems import report, write_log
from skyframe_gui.app.model.queries import engine_is_prepared
from skyframe_gui.app.work.lane import Lane
from skyframe_gui.files.folders import files_in
from skyframe_gui.text import on_one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from skyframe_gui.app.model.items import Stamp
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.app.work.loader import Loader
    from skyframe_gui.engine import Watch

LANE = "follow"
LOOK_MS = 2000
"""A file is opened when it has been the same in two looks. (Folders on network disks tell nobody
that something has come, so they are looked at.)"""
MOST_NAMED = 3
ANY = (-1, -1)
"""Of a file that is let be, whatever becomes of it."""


class Look(NamedTuple):
    """What a look into the folders has found."""

    there: dict[str, Stamp]
    ready: tuple[str, ...]
    """New or changed, and whole as it seems."""
    growing: tuple[str, ...]


class Follow(QObject):
    """Looks into the folders that were opened, and has new files opened once they are whole.

    Parameters
    ----------
    store : Store
    loader : Loader
    look_ms : int
        See `LOOK_MS`.
    """

    def __init__(self, store: Store, loader: Loader, look_ms: int = LOOK_MS) -> None:
        super().__init__()
        self._store = store
        self._loader = loader
        self._there: dict[str, Stamp] = {}
        self._said: set[str] = set()
        self._closed = False
        self.lane = Lane(LANE)
        self._timer = QTimer(self)
        self._timer.setInterval(look_ms)
        self._timer.timeout.connect(self.look)
        store.changed.connect(self._on_changed)

    def close(self, seconds: float = 1.0) -> bool:
        """Stop; return whether that was in time."""
        self._closed = True
        self._timer.stop()
        return self.lane.close(seconds)

    def set_pause(self, milliseconds: int) -> None:
        """Look so often."""
        self._timer.setInterval(milliseconds)

    def _on_changed(self, old: State, new: State) -> None:
        wanted = new.view.workspace == "night" and not engine_is_prepared(new)
        if self._closed or wanted == self._timer.isActive():
            return
        if wanted:
            self._timer.start()
        else:
            self._timer.stop()

    def look(self) -> None:
        """Look into the folders now."""
        folders = tuple(self._loader.folders)
        if self._closed or not folders or self.lane.busy or self._loader.opening.busy:
            return
        state = self._store.state
        known = dict(self._loader.looked_at)
        # What a person took off the list stays off it.
        known |= dict.fromkeys(map(_path_of, state.removed), ANY)
        self.lane.submit(
            "Look for new files",
            partial(look_into, folders, known, dict(self._there)),
            self._on_look,
            failed=partial(report, self._store),
        )

    def _on_look(self, found: Look) -> None:
        self._there = found.there
        fresh = [path for path in found.growing if path not in self._said]
        self._said.update(fresh)
        for path in fresh[:MOST_NAMED]:
            name = on_one_line(os.path.basename(path))
            write_log(self._store, f"{name} is still being written; it is opened when it is whole.")
        if found.ready:
            self._said.difference_update(found.ready)
            self._loader.open(found.ready, followed=True)


def _path_of(key: str) -> str:
    return key.rpartition("[")[0] if key.endswith("]") else key


def look_into(
    folders: tuple[str, ...], known: Mapping[str, Stamp], before: Mapping[str, Stamp], watch: Watch
) -> Look:
    """Return what is in folders that is new or has changed; in the lane.

    Parameters
    ----------
    folders : tuple of str
    known : mapping of str to (size, time)
        The files that are open.
    before : mapping of str to (size, time)
        What the look before has found.
    """
    there: dict[str, Stamp] = {}
    ready, growing = [], []
    for folder in folders:
        for path, _ in files_in(folder, watch, lambda error: None):
            try:
                stat = os.stat(path)
            except OSError:
                continue  # gone since
            there[path] = stamp = (stat.st_size, stat.st_mtime_ns)
            if known.get(path) in (stamp, ANY):
                continue
            if before.get(path) == stamp:
                ready.append(path)
            elif path in before:
                growing.append(path)
    return Look(there, tuple(ready), tuple(growing))
