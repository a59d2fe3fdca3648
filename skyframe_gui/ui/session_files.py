"""Session files in the window: save, open, and the title."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from skyframe_gui.app.model.problems import clear_problem, report, write_log
from skyframe_gui.app.model.queries import open_exposures, open_sky_frames
from skyframe_gui.app.model.recent import with_session
from skyframe_gui.app.model.results import Problem
from skyframe_gui.app.project.unbuilt import Unbuilt
from skyframe_gui.app.project.unsaved import (
    ChangedError,
    another_name,
    digest_at,
    holds_more,
    losses,
    save_session,
    title_of,
    work_of,
)
from skyframe_gui.app.work.lane import Lane
from skyframe_gui.ui.arrangement import layout_of, restore_layout
from skyframe_gui.ui.dialogs.questions import ask_changed, ask_file, ask_replace
from skyframe_gui.ui.loss_guard import LossGuard

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PyQt6.QtWidgets import QFileDialog, QMainWindow

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.items import ExposureItem, Recent, SkyFrameItem
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.project.autosave import LeftOver
    from skyframe_gui.app.project.restore import Restored
    from skyframe_gui.app.project.unsaved import SavedAs, Work
    from skyframe_gui.engine import Watch
    from skyframe_gui.files.session_file import SessionDocument
    from skyframe_gui.ui.arrangement import Arrangement

Read = tuple["SessionDocument", tuple[str, ...], bool, str]
ORIGIN = "session"


class SessionFiles(QObject):
    """Saves and opens session files for a window, and keeps its title.

    Parameters
    ----------
    window : QMainWindow
        Over which is asked, and whose title names the session.
    commands : Commands

    Attributes
    ----------
    path : str
        The session file that is worked on; "" while there is none.
    restoring : bool
        Whether one is being opened.
    guard : LossGuard
        Asks where something would be lost.
    renamed : signal ()
        It is another session file now.
    saved : signal ()
        The session was saved into its file.
    """

    renamed = pyqtSignal()
    saved = pyqtSignal()

    def __init__(self, window: QMainWindow, commands: Commands, arrangement: Arrangement) -> None:
        super().__init__(window)
        self.path = ""
        self.restoring = False
        self._window = window
        self._commands = commands
        self._arrangement = arrangement
        self._store = commands.store
        self._saved: Work | None = None
        self._unbuilt = Unbuilt()
        # Whether the file says more than was understood, which saving into it would lose.
        self._incomplete = False
        # Of the file as it was read or saved here: another window may have saved into it since.
        self._digest = ""
        # Not a lane of the commands: opening files, or closing the window, must not stop a save.
        self.lane = Lane(ORIGIN, keeps_all=True)
        self.guard = LossGuard(window, self.lane, self.losses, self.running, self.save)
        commands.open_session = self.open_path
        self._store.changed.connect(self._show_title)

    # Save ------------------------------------------------------------------------------------

    def save(self, then: Callable[[], None] | None = None) -> None:
        """Save the session into its file; ask for one where there is none.

        Another one is asked for where the file was opened in part: the rest of it is kept. Where
        it has changed on the disk, the person is asked.
        """
        if self.path and not self._incomplete:
            self._write(self.path, then, self._digest)
        else:
            self.save_as(then)

    def save_as(self, then: Callable[[], None] | None = None) -> QFileDialog:
        """Ask for a file and save the session into it."""

        def chosen(path: str) -> None:
            own = os.path.abspath(path) == self.path and not self._incomplete
            if os.path.lexists(path) and not own:
                ask_replace(self._window, path, lambda: self._write(path, then))
            else:
                self._write(path, then, self._digest if own else "")

        start = os.path.dirname(self.path) or self._folder()
        name = os.path.basename(self.path) or "night.sky"
        if self._incomplete:
            name = another_name(start, name)
        return ask_file(self._window, start, chosen, name)

    def _write(
        self, path: str, then: Callable[[], None] | None, expected: str | None = None
    ) -> None:
        """Write the session; ``expected`` is the digest of the file that it may replace."""
        path = os.path.abspath(path)
        name = os.path.basename(path)
        if self.restoring:  # what is not open yet would be missing in the file
            text = f"{name} was not saved, as a session is being opened; save again after that."
            report(self._store, Problem(ORIGIN, text))
            return
        state, layout = self._store.state, layout_of(self._arrangement)
        unbuilt = self._unbuilt.records_in(os.path.dirname(path))
        self._commands.folders["session"] = os.path.dirname(path)

        def done(saved: SavedAs | ChangedError) -> None:
            if isinstance(saved, ChangedError):
                self._ask_changed(path, str(saved), then)
                return
            self.path, self._saved, self._incomplete = path, work_of(state), False
            self._digest = saved.digest
            self.renamed.emit()
            self.saved.emit()
            clear_problem(self._store, ORIGIN)
            write_log(self._store, *saved.notes, f"Saved {path}.")
            self._remember(path, state, self._store.state.recent)
            self._show_title()
            if then is not None:
                then()

        def work(watch: Watch) -> SavedAs | ChangedError:
            try:
                return save_session(path, state, layout, unbuilt, watch, expected)
            except ChangedError as error:  # a question, no problem
                return error

        self.lane.submit(f"Save {name}", work, done, failed=partial(report, self._store))

    def _ask_changed(self, path: str, text: str, then: Callable[[], None] | None) -> None:
        """Ask what to do where a session file has changed on the disk."""
        self.guard.put_question(
            ask_changed(
                self._window,
                text,
                lambda: self._write(path, then),
                lambda: self.save_as(then),
            )
        )

    # Open ------------------------------------------------------------------------------------

    def new(self) -> None:
        """Close all files; ask first where something would be lost."""
        self.guard.ask_first("Go on without saving", self._begin_new)

    def open(self) -> QFileDialog:
        """Ask for a session file and open it."""
        return ask_file(self._window, self._folder(), self.open_path)

    def _folder(self) -> str:
        folders = self._commands.folders
        return folders.get("session", "") or folders.get("open", "")

    def open_path(self, path: str, others: Sequence[str] = ()) -> None:
        """Open a session file, then other files; ask first where something would be lost."""
        path = os.path.abspath(path)
        self._commands.folders["session"] = os.path.dirname(path)
        self.guard.ask_first("Open without saving", lambda: self._read(path, path, tuple(others)))

    def restore(self, left: LeftOver, done: Callable[[], None]) -> None:
        """Open what a crash has left, as changes of its session file that are not saved."""
        self._read(str(left.path), left.of, (), done)

    def _read(
        self,
        path: str,
        of: str,
        others: tuple[str, ...],
        done: Callable[[], None] | None = None,
    ) -> None:
        """Read a session file and put it in the place of the present session."""
        from skyframe_gui.app.project.restore import restore
        from skyframe_gui.files.session_file import read_session

        recent = self._store.state.recent
        # From here on: what is saved meanwhile would be told of another session.
        self.restoring = True

        def put(read: Read) -> None:
            document, notes, cut, digest = read
            folder = os.path.dirname(path)
            self.path, self._saved, self._unbuilt = "", None, Unbuilt()
            self._incomplete = False

            def finished(ended: Restored) -> None:
                self.path, self.restoring, self._digest = of, False, digest
                self._incomplete = ended.incomplete or cut
                self._saved = work_of(self._store.state) if done is None else None
                restore_layout(self._arrangement, ended.layout)
                if done is None:
                    self._remember(path, self._store.state, recent)
                self._unbuilt = Unbuilt(ended.unbuilt, folder)
                program = self._commands.program
                missing = self._unbuilt.build(program, ended.recovered, self._on_built)
                notes = (*ended.notes, *missing)
                self._report_notes(os.path.basename(of or path), notes)
                self._show_title()
                self.renamed.emit()
                if done is not None:
                    done()
                if others:
                    self._commands.program.loader.open(others)

            restore(document, folder, self._commands.program, finished, notes, self._on_cancelled)
            self._show_title()

        def failed(problem: Problem) -> None:
            self.restoring = False
            report(self._store, problem)

        def work(watch: Watch) -> Read:
            kept = of != path  # an autosave; its session may have been saved after it
            # Before it is read: what changes in between is noticed when it is saved.
            digest = digest_at(of, path if kept else "") if of else ""
            return (*read_session(path), kept and holds_more(of), digest)

        self.lane.submit(
            "Open session",
            work,
            put,
            failed=failed,
        )

    def _begin_new(self) -> None:
        from skyframe_gui.app.project.restore import empty_session

        empty_session(self._commands.program)
        self.path, self._saved, self.restoring, self._unbuilt = "", None, False, Unbuilt()
        self._incomplete = False
        self._show_title()
        self.renamed.emit()

    def _on_cancelled(self) -> None:
        self.restoring = False
        self._show_title()

    def _on_built(self) -> None:
        # It is in the session file, as that tells how to build it: nothing has changed.
        if self._saved is not None:
            now = work_of(self._store.state)
            self._saved = replace(self._saved, frames=now.frames, pins=now.pins)
            self._show_title()

    def _report_notes(self, name: str, notes: tuple[str, ...]) -> None:
        """Show what could not be had as it was saved."""
        if not notes:
            clear_problem(self._store, ORIGIN)
            return
        rest = f" ({len(notes) - 1} more in the log)" if len(notes) > 1 else ""
        problems = [one for one in self._store.state.problems if one.origin != ORIGIN]
        text = f"{name}: {notes[0].rstrip('.')}{rest}."
        if self._incomplete:
            text += " Save session asks for another name, so that this file stays as it is."
        self._store.set(problems=(*problems, Problem(ORIGIN, text, notes="\n".join(notes))))

    # What would be lost ------------------------------------------------------------------------

    def losses(self) -> tuple[str, ...]:
        """Return what would be lost if the session were closed now, a sentence each."""
        if self.restoring:  # it is in its file still
            return ()
        state = self._store.state
        if not (state.exposures or state.sky_frames):
            return ()
        name = os.path.basename(self.path)
        return losses(work_of(state), self._saved, name, with_config=self.guard.is_on)

    def running(self) -> tuple[str, ...]:
        """Return which builds and exports closing would stop, a sentence each."""
        from skyframe_gui.app.work.warmup import LABEL  # late: the window begins without it

        labels = self._commands.program.tasks.lane.labels
        return tuple(f"{one}: not done, closing stops it." for one in labels if one != LABEL)

    # What is seen ----------------------------------------------------------------------------

    def _remember(self, path: str, state: State, recent: tuple[Recent, ...]) -> None:
        """Put a session file on top of a list of what was opened."""
        items: list[ExposureItem | SkyFrameItem] = [*open_exposures(state), *open_sky_frames(state)]
        self._store.set(recent=with_session(recent, path, items))

    def _show_title(self) -> None:
        state = self._store.state
        window = self._window
        window.setWindowTitle(title_of(state, os.path.basename(self.path)))
        is_open = bool(state.exposures or state.sky_frames)
        changed = is_open and not self.restoring and work_of(state) != self._saved
        if changed is not window.isWindowModified():
            window.setWindowModified(changed)
