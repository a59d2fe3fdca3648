"""Start the program with its window, and end it."""

from __future__ import annotations

import gc
import signal
import socket
import sys
from typing import TYPE_CHECKING

from PyQt6 import sip
from PyQt6.QtCore import QEvent, QObject, QSocketNotifier, Qt, QTimer
from PyQt6.QtGui import QGuiApplication, QIcon
from PyQt6.QtWidgets import QApplication

from skyframe_gui import __version__
from skyframe_gui.app.model.problems import write_log
from skyframe_gui.resource import resource_path
from skyframe_gui.ui.widgets import one_shot

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.project.autosave import Autosave
    from skyframe_gui.app.project.preferences import Prefs
    from skyframe_gui.ui.crash_recovery import CrashRecovery
    from skyframe_gui.ui.window import MainWindow

LOOK_MS = 20
SAVE_SECONDS = 10.0
"""So long a program that is told to end takes to keep what is not saved."""


def run(paths: Sequence[str] = ()) -> int:
    """Open the window with some files and return the exit status when it is closed."""
    gc.disable()  # until the first paint: what is made by then stays, and is gone through in vain
    app = make_application()
    window, commands = make_window()
    window.show()

    from skyframe_gui.app.collector import Collector
    from skyframe_gui.app.work.warmup import WarmUp
    from skyframe_gui.ui.preload import Preload, import_shared

    collector = Collector(commands.program)
    warm_up = WarmUp(commands.store, commands.program.live, commands.program.tasks)

    def when_shown() -> None:
        gc.enable()
        import_shared()
        warm_up.start()  # first: jobs of these files wait for it
        interrupts.autosave = start_recovery(window).autosave
        if paths:
            commands.open(paths)
        Preload(window).start()

    _EventWatch(window, QEvent.Type.Paint, lambda: QTimer.singleShot(0, when_shown))
    # Ahead of the lanes: jobs in them wait for the warm-up.
    app.aboutToQuit.connect(warm_up.close)
    _EventWatch(window, QEvent.Type.Close, warm_up.close)
    interrupts = _Interrupts(window)
    try:
        return app.exec()
    finally:
        gc.enable()
        collector.close()
        interrupts.close()
        sys.excepthook = sys.__excepthook__
        # Before the application goes, which Python would otherwise let happen in any order.
        window.deleteLater()
        app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def make_application() -> QApplication:
    """Return the application with the program's name and looks."""
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(
        Qt.HighDpiScaleFactorRoundingPolicy.PassThrough
    )
    app = QApplication(sys.argv[:1])
    app.setApplicationName("skyframe_gui")
    app.setApplicationDisplayName("skyframe_gui")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("skyframe_gui")
    app.setWindowIcon(QIcon(str(resource_path("icons/skyframe_gui.svg"))))
    return app


def make_window() -> tuple[MainWindow, Commands]:
    """Return the window and its commands, with everything as it was when it was last closed."""
    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.app.program import Program
    from skyframe_gui.app.project.preferences import Prefs
    from skyframe_gui.app.work.cache import Memory
    from skyframe_gui.app.work.kept import Kept
    from skyframe_gui.ui.window import MainWindow

    prefs = Prefs.load()
    store = Store()
    prefs.apply_to(store)
    kept = Kept(prefs.measurements, prefs.kept_mb << 20)
    commands = Commands(Program(store, Memory(prefs.memory_mb << 20), kept))
    commands.folders.update(prefs.folders)
    window = MainWindow(store, commands)
    sys.excepthook = window.on_fault
    PreferencesSaver(window, prefs)
    return window, commands


def start_recovery(window: MainWindow) -> CrashRecovery:
    """Autosave from now on, offer what a crash has left, and ask before work is lost."""
    from skyframe_gui.app.project.preferences import prefs_folder
    from skyframe_gui.ui.crash_recovery import CrashRecovery

    return CrashRecovery(window, window.files, prefs_folder() / "autosave")


class _EventWatch(QObject):
    """Calls a function when an event comes to the window for the first time, before the window."""

    def __init__(self, window: MainWindow, kind: QEvent.Type, then: Callable[[], None]) -> None:
        super().__init__(window)
        self._kind, self._then = kind, then
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event is not None and event.type() == self._kind and watched is not None:
            watched.removeEventFilter(self)
            self._then()
        return super().eventFilter(watched, event)


class _Interrupts:
    """Closes the window on Ctrl-C in the terminal; on SIGTERM autosaves and ends, asking nothing.

    Qt's loop runs no Python while nothing happens. Python writes a byte to a socket for every
    signal; Qt wakes up for that.
    """

    def __init__(self, window: MainWindow) -> None:
        self.autosave: Autosave | None = None
        self._window = window
        self._read, self._write = socket.socketpair()
        for end in (self._read, self._write):
            end.setblocking(False)
        self._old_fd = signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)
        self._old_handlers = {
            number: signal.signal(number, lambda *_: None)
            for number in (signal.SIGINT, signal.SIGTERM)
        }
        self._notifier = QSocketNotifier(
            sip.voidptr(self._read.fileno()), QSocketNotifier.Type.Read
        )
        self._notifier.activated.connect(self._on_signal)
        self._n_looked = 0
        self._look = one_shot(window, self._end_when_saved, LOOK_MS)

    def _on_signal(self) -> None:
        numbers = self._read.recv(64)
        if signal.SIGTERM in numbers:
            if self.autosave is not None and not self._look.isActive():
                self.autosave.write_now()
            self._look.start()
        elif signal.SIGINT in numbers:
            self._window.close()

    def _end_when_saved(self) -> None:
        """End without closing the window, which would ask, and would remove the autosave."""
        self._n_looked += 1
        is_saving = self.autosave is not None and self.autosave.lane.busy
        if is_saving and self._n_looked * LOOK_MS < SAVE_SECONDS * 1000:
            self._look.start()
            return
        self._window.commands.program.close()
        QApplication.exit(128 + signal.SIGTERM)

    def close(self) -> None:
        """Give the signals back."""
        self._notifier.setEnabled(False)
        for number, handler in self._old_handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._old_fd)
        self._read.close()
        self._write.close()


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
