"""From the start of the program to its first picture, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_benchmark.fixture import BenchmarkFixture

CODE = """
import os, sys
from PyQt6.QtCore import QEvent
from skyframe_gui.ui import main
from skyframe_gui.ui.window import MainWindow

def event(self, event, true=MainWindow.event):
    done = true(self, event)
    if event.type() == QEvent.Type.Paint:
        os._exit(0)
    return done

MainWindow.event = event
main.run()
"""


def test_from_start_to_the_first_picture(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    environment = {**os.environ, "SKYFRAME_GUI_HOME": str(tmp_path)}
    environment.setdefault("QT_QPA_PLATFORM", "offscreen")

    def start() -> None:
        subprocess.run([sys.executable, "-c", CODE], check=True, env=environment, timeout=60)

    benchmark.pedantic(start, rounds=5, warmup_rounds=1)
