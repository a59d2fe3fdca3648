"""What the window will need, made ready in the moments after its first paint.

The library under the pictures takes a tenth of a second to import, and a pane some milliseconds to
make. Neither belongs before the first paint, nor between a person's first file and its picture.
"""

from __future__ import annotations

import importlib
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from skyframe_gui.ui.panel import Panel
    from skyframe_gui.ui.window import MainWindow

MODULES = ("skyframe_gui.ui.images.pane", "skyframe_gui.ui.graph.plot")
SHARED = ("colorama",)
"""What the library under the pictures imports, and the kernels' compiler, too."""


def import_shared() -> None:
    """Import what several threads would import at once, before the first of them begins.

    Two threads that begin with a package and with a module in it at one moment can fail: to the one
    the package is imported, and it is gone to the other.
    """
    for module in SHARED:
        with suppress(ImportError):  # then whoever needs it tells of that
            importlib.import_module(module)


class Preload(QObject):
    """Imports in a thread, then lets panels make their parts, one in each turn of the event loop.

    Parameters
    ----------
    window : MainWindow
        Of which it is a child; with it the making ends.
    """

    imported = pyqtSignal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._steps: Iterator[None] = iter(())
        self._turn = QTimer(self)
        self._turn.timeout.connect(self._make_one)
        self.imported.connect(self._begin)

    @property
    def busy(self) -> bool:
        """Whether something is still to be made."""
        return self._turn.isActive()

    def start(self) -> None:
        """Begin; panels that are shown meanwhile make what they need themselves."""
        threading.Thread(target=self._import, name="preload", daemon=True).start()

    def _import(self) -> None:
        for module in MODULES:
            importlib.import_module(module)
        try:
            self.imported.emit()
        except RuntimeError:
            return  # the window is gone

    def _begin(self) -> None:
        self._steps = self._parts()
        self._turn.start(0)

    def _parts(self) -> Iterator[None]:
        """Make one part after the other: what a first file needs, then what it may need later."""
        window = self._window
        ready = [panel.id for panel in window.panels]
        for name in ready:
            yield from self._prepared(window.panels[name])
        for name in window.panels.kinds:
            window.arrangement.make(name)
            yield
            if name not in ready:
                yield from self._prepared(window.panels[name])
            window.arrangement.put_away(name)
            yield

    def _prepared(self, panel: Panel) -> Iterator[None]:
        """Let a panel make its parts; one that fails does not stop the others."""
        try:
            yield from panel.prepare()
        except Exception as error:
            self._window.on_fault(type(error), error, error.__traceback__)

    def _make_one(self) -> None:
        # Of a window that is being closed nothing more is made.
        if not self._window.isVisible() or next(self._steps, self) is self:
            self._turn.stop()
