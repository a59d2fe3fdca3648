"""The window is painted before pyqtgraph is imported, which takes a tenth of a second."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from skyframe_gui.ui.workspaces import ABOUT

SCRIPT = """
import sys
from dataclasses import replace
from PyQt6.QtCore import QEvent, QObject
from PyQt6.QtWidgets import QApplication
from skyframe_gui.app.model.store import Store
from skyframe_gui.ui.window import MainWindow

app = QApplication([])

class Watch(QObject):
    def eventFilter(self, target, event):
        if event.type() == QEvent.Type.Paint and not seen:
            seen.append("pyqtgraph" in sys.modules)
        return False

seen = []
watch = Watch()
app.installEventFilter(watch)
store = Store()
store.set(view=replace(store.state.view, workspace=sys.argv[1]))
window = MainWindow(store)
window.show()
while not seen:
    app.processEvents()
app.removeEventFilter(watch)
print("at the first paint:", seen[0])
window.close()
window.deleteLater()
app.processEvents()
"""


@pytest.mark.parametrize("workspace", ABOUT)
def test_pyqtgraph_is_not_imported_before_the_first_paint(workspace: str) -> None:
    """Nor is it in the workspace that a person was in when the window was last closed."""
    found = subprocess.run(
        [sys.executable, "-c", SCRIPT, workspace],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
    )
    assert "at the first paint: False" in found.stdout, found.stdout + found.stderr
    assert found.returncode == 0, found.stderr


def test_no_module_of_a_panel_imports_it() -> None:
    script = (
        "import sys; from skyframe_gui.ui.panel import discover; discover(); "
        "print([name for name in sys.modules if name.startswith('pyqtgraph')])"
    )
    found = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
    )
    assert found.stdout.strip() == "[]", found.stdout + found.stderr
