"""From the start of a program to what a person sees of it, in a process of its own."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from skyframe_gui.engine import Exposure
from skyframe_gui.files import write_exposure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Table
    from pytest_benchmark.fixture import BenchmarkFixture

WINDOW = """
import os, sys
from PyQt6.QtCore import QEvent
from skyframe_gui.ui import main
from skyframe_gui.ui.window import MainWindow

def event(self, event, true=MainWindow.event):
    done = true(self, event)
    if event.type() == QEvent.Type.Paint:
        {then}
    return done

MainWindow.event = event
main.run()
"""
RESIDENT = "print(next(one for one in open('/proc/self/status') if one.startswith('VmRSS')))"


def run(*words: str, **more: str) -> str:
    environment = {**os.environ, **more}
    environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    done = subprocess.run(
        [sys.executable, *words],
        check=True,
        env=environment,
        timeout=120,
        capture_output=True,
        text=True,
    )
    return done.stdout


@pytest.fixture(scope="module", autouse=True)
def modules_compiled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what Python compiles of modules, as an installed program does, whatever is set here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        patch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path_factory.mktemp("bytecode")))
        home = str(tmp_path_factory.mktemp("home"))
        run("-c", WINDOW.format(then="os._exit(0)"), SKYFRAME_GUI_HOME=home)
        yield


def test_first_window(benchmark: BenchmarkFixture, table: Table, tmp_path: Path) -> None:
    code = WINDOW.format(then="os._exit(0)")
    home = str(tmp_path)
    table.time(
        benchmark, "first window, warm", lambda: run("-c", code, SKYFRAME_GUI_HOME=home), rounds=9
    )


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="Linux tells it")
def test_memory_of_the_empty_window(
    benchmark: BenchmarkFixture, table: Table, tmp_path: Path
) -> None:
    # At the first picture, as 0.1.0 was measured; what compiled kernels need comes after it.
    code = WINDOW.format(then=f"{RESIDENT}; sys.stdout.flush(); os._exit(0)")
    told = benchmark.pedantic(lambda: run("-c", code, SKYFRAME_GUI_HOME=str(tmp_path)), rounds=1)
    table.note("memory of the empty window", int(told.split()[1]) / 1024)


def test_help(benchmark: BenchmarkFixture, table: Table) -> None:
    table.time(
        benchmark, "skyframe-gui --help", lambda: run("-m", "skyframe_gui", "--help"), rounds=9
    )


def test_info(benchmark: BenchmarkFixture, table: Table, tmp_path: Path) -> None:
    path = tmp_path / "one.fits"
    image = np.random.default_rng(1).normal(1000, 8, (1024, 1024)).astype(np.float32)
    write_exposure(path, Exposure(image))
    table.time(
        benchmark,
        "skyframe-gui info, one file",
        lambda: run("-m", "skyframe_gui", "info", str(path)),
        rounds=9,
    )


def test_kernels_from_nothing(benchmark: BenchmarkFixture, table: Table, tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    cache = str(tmp_path)
    benchmark.pedantic(
        lambda: run("-m", "skyframe_gui.app.work.warmup", NUMBA_CACHE_DIR=cache), rounds=1
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    table.note("kernels compiled, empty cache, CPU", seconds)
