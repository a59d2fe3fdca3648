"""Start the window."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def run(paths: Sequence[str] = ()) -> int:
    """Open the window with some files and return the exit status when it is closed."""
    from PyQt6.QtWidgets import QApplication

    from skyframe_gui.app.session import Session
    from skyframe_gui.ui.window import MainWindow

    app = QApplication(sys.argv[:1])
    app.setApplicationName("skyframe_gui")
    window = MainWindow(Session())
    sys.excepthook = window.on_fault
    window.show()
    window.commands.open(paths)
    return app.exec()
