"""What is asked before work would be lost: when the window closes, or another session comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QObject, QTimer

from skyframe_gui.ui.dialogs.questions import ask_before_losing, ask_to_stop

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PyQt6.QtWidgets import QMainWindow, QMessageBox

    from skyframe_gui.app.work.lane import Lane


class LossGuard(QObject):
    """Keeps a window open while something would be lost or is being saved.

    Parameters
    ----------
    window : QMainWindow
    lane : Lane
        In which sessions are saved; closed with the window.
    losses : callable
        Returns what would be lost now, a sentence each.
    running : callable
        Returns what closing would stop, a sentence each.
    save : callable
        Saves the session and then calls what it is given.

    Attributes
    ----------
    is_on : bool
        Whether closing the window is asked about.
    """

    def __init__(
        self,
        window: QMainWindow,
        lane: Lane,
        losses: Callable[[], tuple[str, ...]],
        running: Callable[[], tuple[str, ...]],
        save: Callable[[Callable[[], None]], None],
    ) -> None:
        super().__init__(window)
        self._window, self._lane = window, lane
        self._losses, self._running, self._save = losses, running, save
        self.is_on = False
        self._question: QMessageBox | None = None
        window.installEventFilter(self)

    def ask_first(self, without: str, go_on: Callable[[], None]) -> None:
        """Go on, after a question where something would be lost.

        ``without``: what going on is called, such as "Open without saving".
        """
        lost = self._losses()
        if lost:
            self._ask(without, lost, go_on)
        else:
            go_on()

    def _ask(self, without: str, lost: Sequence[str], go_on: Callable[[], None]) -> None:
        if self._question is not None:
            self._question.raise_()
            return

        self.put_question(
            ask_before_losing(self._window, lost, without, lambda: self._save(go_on), go_on)
        )

    def put_question(self, box: QMessageBox) -> None:
        """Keep an open question: until it is answered no other one is asked."""

        def answered() -> None:
            self._question = None

        self._question = box
        box.finished.connect(answered)

    def start(self) -> None:
        """From now on ask before the window is closed, where something would be lost."""
        self.is_on = True
        # The filter that was installed last is asked first: the others take closing for certain.
        self._window.removeEventFilter(self)
        self._window.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Keep the window open while something would be lost or is being saved."""
        if event is None or event.type() != QEvent.Type.Close or watched is not self._window:
            return super().eventFilter(watched, event)
        if self.is_on and self._keeps_open():
            event.ignore()
            return True
        self._lane.close()
        return super().eventFilter(watched, event)

    def _keeps_open(self) -> bool:
        if self._lane.busy:
            QTimer.singleShot(100, self._window.close)
            return True
        lost, running = self._losses(), self._running()
        if lost:
            self._ask("Close without saving", (*lost, *running), self._close)
        elif running and self._question is None:
            self.put_question(ask_to_stop(self._window, running, self._close))
        elif running and self._question is not None:
            self._question.raise_()
        return bool(lost or running)

    def _close(self) -> None:
        self.is_on = False
        # Not from within the question, whose parent the window is.
        QTimer.singleShot(0, self._window.close)
