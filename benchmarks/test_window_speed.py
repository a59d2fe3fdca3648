"""The whole window with one 4096 x 4096 exposure: a moved control to repainted panes, and gaps.

The gap test also stands for "the window never freezes": it runs a full fit, a build and an opening
while a timer of the event loop ticks, and prints the longest time without a tick.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pytest
from PyQt6.QtCore import QEventLoop, QTimer
from PyQt6.QtWidgets import QApplication

from skyframe_gui.app.commands import Commands
from skyframe_gui.app.model.store import Store
from skyframe_gui.app.program import Program
from skyframe_gui.engine import Exposure, MaskPlanes
from skyframe_gui.files import write_exposure
from skyframe_gui.ui.window import MainWindow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytest_benchmark.fixture import BenchmarkFixture

SIZE = 4096


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder: Path = tmp_path_factory.mktemp("large")
    rng = np.random.default_rng(1)
    y, x = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32)
    sky = 1000 * (1 + 0.02 * np.sin(x / 1500) * np.cos(y / 1200))
    paths = []
    for number in range(3):
        image = (sky * (1 + 0.01 * number) + rng.normal(0, 8, sky.shape)).astype(np.float32)
        mask = np.where(rng.random(sky.shape) < 0.01, 32, 0).astype(np.int32)
        path = folder / f"v{number}.fits"
        exposure = Exposure(
            image, mask, planes=MaskPlanes.LSST_DEFAULT, detector="1", visit=str(number)
        )
        write_exposure(path, exposure)
        paths.append(str(path))
    return paths


def wait(until: Callable[[], bool], seconds: float = 120) -> None:
    loop = QEventLoop()
    look = QTimer()
    look.timeout.connect(lambda: loop.quit() if until() else None)
    look.start(5)
    QTimer.singleShot(int(1000 * seconds), loop.quit)
    loop.exec()


@pytest.fixture(scope="module")
def window(files: list[str]) -> Iterator[MainWindow]:
    app = QApplication.instance() or QApplication([])
    store = Store()
    commands = Commands(Program(store))
    made = MainWindow(store, commands)
    made.show()
    commands.open(files)
    wait(lambda: not commands.program.busy)
    commands.build()
    wait(lambda: not commands.program.busy)
    yield made
    made.program.close()
    del app


def test_slider_to_repainted_panes(benchmark: BenchmarkFixture, window: MainWindow) -> None:
    """SkyRej moves as a dragged slider does: the new fit is shown in all panels, then painted."""
    commands, store = window.commands, window.store
    values = iter(np.linspace(2.0, 4.0, 100_000))

    def move() -> None:
        before = store.state.results.fit
        config = store.state.config.model_copy(update={"skyRej": float(next(values))})
        commands.set_config(config, "change skyRej")
        loop = QEventLoop()
        store.changed.connect(
            lambda old, new: loop.quit() if new.results.fit is not before else None
        )
        loop.exec()
        store.changed.disconnect()
        store.changed.connect(window._on_changed)
        store.changed.connect(commands.program.live._on_changed)
        window.panel("images").repaint()

    benchmark.pedantic(move, rounds=30, warmup_rounds=3)
    wait(lambda: not commands.program.busy)


def test_longest_gap_of_the_event_loop(window: MainWindow, files: list[str]) -> None:
    commands, store = window.commands, window.store
    gaps: list[float] = []
    last = [time.perf_counter()]

    def tick() -> None:
        now = time.perf_counter()
        gaps.append(now - last[0])
        last[0] = now

    timer = QTimer()
    timer.timeout.connect(tick)
    deeds: dict[str, Callable[[], None]] = {
        "new samples": lambda: commands.set_config(
            store.state.config.model_copy(update={"xNumSamples": 11})
        ),
        "new bins": lambda: commands.set_config(
            store.state.config.model_copy(
                update={
                    "background": store.state.config.background.model_copy(update={"xBinSize": 128})
                }
            )
        ),
        "build": commands.build,
        "next exposure": lambda: commands.select_exposure(store.state.exposures[1].key),
        "open again": lambda: commands.open(files),
    }
    print()
    for name, deed in deeds.items():
        last[0] = time.perf_counter()
        gaps.clear()
        timer.start(2)
        begun = time.perf_counter()
        deed()
        wait(lambda: not commands.program.busy)
        timer.stop()
        print(
            f"{name}: {time.perf_counter() - begun:.2f} s, longest gap {1e3 * max(gaps):.1f} ms, "
            f"99 % of the ticks within {1e3 * float(np.percentile(gaps, 99)):.1f} ms"
        )
