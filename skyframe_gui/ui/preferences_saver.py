"""Gives a window the shape it had when it was last closed, and keeps it for the next time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QObject

from skyframe_gui.app.model.problems import write_log
from skyframe_gui.ui.widgets import one_shot

if TYPE_CHECKING:
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.project.preferences import Prefs
    from skyframe_gui.ui.window import MainWindow

PAUSE_MS = 2000


class PreferencesSaver(QObject):
    """Saves preferences when the window closes, and soon after something was opened.

    Parameters
    ----------
    window : MainWindow
    prefs : Prefs
    """

    def __init__(self, window: MainWindow, prefs: Prefs) -> None:
        super().__init__(window)
        self._window = window
        self._prefs = prefs
        self._n_logged = 0
        self._pause = one_shot(self, self.save, PAUSE_MS)
        self._restore()
        window.store.changed.connect(self._on_changed)
        window.installEventFilter(self)
        self._log_notes()

    def save(self) -> None:
        """Write the preferences now."""
        window = self._window
        self._pause.stop()
        self._prefs.remember(
            window.store,
            geometry=bytes(window.saveGeometry().data()),
            layouts=window.arrangement.record(),
            folders=window.commands.folders,
        )
        self._prefs.save()
        self._log_notes()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Save before the window closes: afterwards its docks are gone."""
        if event is not None and event.type() == QEvent.Type.Close and watched is self._window:
            self._window.store.changed.disconnect(self._on_changed)
            self._window.removeEventFilter(self)
            self.save()
        return super().eventFilter(watched, event)

    def _restore(self) -> None:
        # What Qt does not take of it (another screen, other docks) stays as at the first start.
        window, prefs = self._window, self._prefs
        if prefs.geometry:
            window.restoreGeometry(prefs.geometry)
        if prefs.layouts:
            window.arrangement.restore(prefs.layouts)

    def _on_changed(self, old: State, new: State) -> None:
        if old.recent != new.recent or old.view.theme != new.view.theme:
            self._pause.start()

    def _log_notes(self) -> None:
        lines = self._prefs.notes[self._n_logged :]
        self._n_logged = len(self._prefs.notes)
        write_log(self._window.store, *lines)
