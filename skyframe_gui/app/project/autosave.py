"""Autosave: what is worked on, written beside the preferences, and offered after a crash."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QLockFile, QObject, QTimer

from skyframe_gui.app.model.items import EMPTY
from skyframe_gui.app.model.problems import clear_problem, report
from skyframe_gui.app.model.state import UNDOABLE
from skyframe_gui.app.project.document import document_of, unsaved_sky_frames
from skyframe_gui.app.project.restore import restore
from skyframe_gui.app.work.lane import Lane
from skyframe_gui.engine import SkyFrameError
from skyframe_gui.files.atomic import ensure_folder
from skyframe_gui.files.recovery import recover
from skyframe_gui.files.session_file import SUFFIX, read_session, write_session

if TYPE_CHECKING:
    from collections.abc import Callable

    from skyframe_gui.app.model.items import SkyFrameItem
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.app.program import Program
    from skyframe_gui.app.project.restore import Restored
    from skyframe_gui.engine import SkyFrame, Watch

EVERY_SECONDS = 5.0
_NAME = re.compile(r"run-\d+-[0-9a-f]{8}")
_KEPT = ("exposures", "sky_frames", "bad_files", *UNDOABLE, "selection", "view")
"""Fields of the state that a session file tells of."""


class Autosave(QObject):
    """Writes the session some seconds after it changes; nothing is left of it after `close`.

    Each run has a file of its own, a folder for its sky frames that are not saved, and a lock by
    which others know that it runs.

    Parameters
    ----------
    store : Store
    folder : path
        For the autosaves of all runs; made when the first is written.
    layout : callable, optional
        Gives the window's layout as base64; called in the GUI thread.
    of : callable, optional
        Gives the path of the session file that is worked on, "" for none; called in the GUI thread.
    every : float
        Seconds; not more often than this.
    """

    def __init__(
        self,
        store: Store,
        folder: str | os.PathLike[str],
        layout: Callable[[], str] | None = None,
        of: Callable[[], str] | None = None,
        every: float = EVERY_SECONDS,
    ) -> None:
        super().__init__()
        self._store = store
        self._layout = layout or (lambda: "")
        self._of = of or str
        self._report = partial(report, store)
        # A token beside the process id: after a restart of the machine ids begin anew.
        stem = Path(folder) / f"run-{os.getpid()}-{secrets.token_hex(4)}"
        self.path = stem.with_name(stem.name + SUFFIX)
        self._frames = stem
        self._lock = _lock_of(self.path)
        self._copied: dict[str, tuple[SkyFrame, Path]] = {}
        self._n_copies = 0
        self._replaced: list[tuple[LeftOver, QLockFile]] = []
        self.lane = Lane("autosave")
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(int(every * 1000))
        self._pause.timeout.connect(self.write_now)
        store.changed.connect(self._on_changed)

    def write_now(self) -> None:
        """Write the session without waiting; in the background."""
        self._pause.stop()
        state, layout, of = self._store.state, self._layout(), self._of()
        self.lane.submit(
            "Autosave",
            lambda watch: self._write(state, layout, of, watch),
            lambda _: clear_problem(self._store, "autosave"),
            failed=self._report,
        )

    def replaces(self, left: LeftOver) -> None:
        """Keep the autosave of a crashed run until `let_go` or `close`.

        Another crash leaves it once more. Until then it is locked: other windows, which find what
        nobody works on, must not offer it.
        """
        lock = _lock_of(left.path)
        lock.tryLock(0)
        self._replaced.append((left, lock))
        self._pause.start()

    def let_go(self) -> None:
        """Remove the autosaves that were restored here: what they have is saved."""
        for left, lock in self._replaced:
            lock.unlock()
            left.discard()
        self._replaced.clear()

    def close(self, seconds: float = 1.0) -> bool:
        """End without a trace; return whether the writing has ended in time.

        What was restored goes, too: its owner has seen it, and has saved it or wants it no more.
        """
        self._pause.stop()
        with contextlib.suppress(TypeError):  # closed before
            self._store.changed.disconnect(self._on_changed)
        ended = self.lane.close(seconds)
        self.let_go()
        _remove(self.path)
        self._lock.unlock()
        return ended

    def _on_changed(self, old: State, new: State) -> None:
        if _kept(old) != _kept(new) and not self._pause.isActive():
            self._pause.start()

    def _write(self, state: State, layout: str, of: str, watch: Watch) -> None:
        """Write sky frames first: the session file names what is there already."""
        if not (state.exposures or state.sky_frames or state.bad_files):
            _remove(self.path)
            return
        try:
            ensure_folder(self.path.parent)
            if not self._lock.isLocked() and not self._lock.tryLock(0):
                raise SkyFrameError(f"{self.path} cannot be locked.")
            copies = self._copy_frames(unsaved_sky_frames(state), watch)
            document = document_of(state, None, layout, copies=copies, autosave_of=of)
            write_session(self.path, document, overwrite=True)
        except SkyFrameError as error:
            raise SkyFrameError(
                f"The session could not be kept for the case of a crash: {error}"
            ) from error
        kept = set(copies.values())
        for path in self._frames.glob("*.fits"):
            if str(path) not in kept:
                _unlink(path)

    def _copy_frames(self, items: tuple[SkyFrameItem, ...], watch: Watch) -> dict[str, str]:
        """Write the sky frames that are in no file; those that are here already are left."""
        from skyframe_gui.files import Provenance, write_sky_frame

        if items:
            ensure_folder(self._frames)
        done: dict[str, tuple[SkyFrame, Path]] = {}
        for number, item in enumerate(items):
            watch.step(number, len(items), "Autosave")
            known, path = self._copied.get(item.key, (None, self._frames))
            if known is not item.sky_frame or not path.exists():
                self._n_copies += 1
                path = self._frames / f"sky-{self._n_copies}.fits"
                provenance = Provenance(config=item.made_with)
                write_sky_frame(path, item.sky_frame, item.detector, provenance)
            done[item.key] = (item.sky_frame, path)
        self._copied = done
        return {key: str(path) for key, (_, path) in done.items()}


@dataclass(frozen=True, kw_only=True)
class LeftOver:
    """The autosave of a run that did not end well.

    Attributes
    ----------
    path : Path
    saved : str
        When it was written last, UTC, ISO 8601; "" where it cannot be read.
    n_files, n_unsaved : int
        Files that were open, and sky frames that were not saved.
    why : str
        Why it cannot be restored, as a sentence; "" where it can.
    of : str
        Path of the session file that was worked on; "" where there was none.
    """

    path: Path
    saved: str = ""
    n_files: int = 0
    n_unsaved: int = 0
    why: str = ""
    of: str = ""

    def restore(self, program: Program, finished: Callable[[Restored], None] | None = None) -> None:
        """Restore it, see `restore.restore`; it stays until `discard`.

        Raises
        ------
        SkyFrameError
            It cannot be read.
        """
        document, notes = read_session(self.path)
        restore(document, self.path.parent, program, finished, notes)

    def discard(self) -> None:
        """Remove it, with its sky frames."""
        _remove(self.path)
        _unlink(self.path.with_suffix(".lock"))


def left_over(folder: str | os.PathLike[str]) -> tuple[LeftOver, ...]:
    """Return the autosaves of runs that have ended without removing them, newest first.

    A run that goes on holds its lock, which names its process; that of a dead process is nobody's.
    """
    found: list[tuple[float, LeftOver]] = []
    recover(folder)  # an autosave that was being written; nobody but this program knows the folder
    try:
        paths = [path for path in Path(folder).iterdir() if path.suffix == SUFFIX]
    except OSError:  # there is none, as before the first run
        return ()
    for path in paths:
        if not _NAME.fullmatch(path.stem):
            continue
        lock = _lock_of(path)
        if not lock.tryLock(0):
            continue
        lock.unlock()
        try:
            date = path.stat().st_mtime
            document, _ = read_session(path)
        except FileNotFoundError:  # another window has just restored it
            continue
        except (OSError, SkyFrameError) as error:
            found.append((0.0, LeftOver(path=path, why=str(error))))
            continue
        one = LeftOver(
            path=path,
            saved=document.saved,
            n_files=len(document.files),
            n_unsaved=len(document.unsaved),
            of=document.autosave_of,
        )
        found.append((date, one))
    return tuple(one for _, one in sorted(found, key=lambda pair: pair[0], reverse=True))


def _kept(state: State) -> tuple[object, ...]:
    view = replace(state.view, before=False, blinking=False)
    view = replace(view, film="", film_place=0, held_limits=EMPTY)
    kept = {one.name: getattr(state, one.name) for one in fields(state) if one.name in _KEPT}
    if state.view.film == "playing":
        kept["selection"] = None  # the film's, and another one in a moment
    return tuple({**kept, "view": view}.values())


def _lock_of(path: Path) -> QLockFile:
    lock = QLockFile(str(path.with_suffix(".lock")))
    lock.setStaleLockTime(0)  # an old lock is as good as a new one while its process lives
    return lock


def _remove(path: Path) -> None:
    """Remove an autosave and its sky frames; what cannot be removed is offered another time."""
    _unlink(path)
    shutil.rmtree(path.with_suffix(""), ignore_errors=True)


def _unlink(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()
