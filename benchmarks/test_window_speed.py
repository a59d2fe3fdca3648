"""The whole window with one exposure of 4096 x 4096, and with a visit of 40 of 1024 x 1024.

From a control that is moved to what is painted of it, and the longest time in which the event loop
does nothing else. Times are of the clock: a person waits for lanes and kernels, too.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PyQt6.QtCore import QEventLoop, QTimer
from PyQt6.QtWidgets import QApplication

from skyframe_gui.app.collector import Collector
from skyframe_gui.app.commands import Commands
from skyframe_gui.app.model.store import Store
from skyframe_gui.app.model.view import PANES
from skyframe_gui.app.program import Program
from skyframe_gui.app.work.warmup import LIBRARIES
from skyframe_gui.engine import Exposure, MaskPlanes
from skyframe_gui.files import write_exposure
from skyframe_gui.ui.preload import Preload
from skyframe_gui.ui.window import MainWindow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Table
    from pytest_benchmark.fixture import BenchmarkFixture

    from skyframe_gui.app.model.state import State

SIZES = {"1 detector": (1, 4096), "40 detectors": (40, 1024)}
NIGHTS = 3


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    rng = np.random.default_rng(1)
    found: dict[str, list[str]] = {}
    for name, (n, size) in SIZES.items():
        folder: Path = tmp_path_factory.mktemp("visits")
        y, x = np.mgrid[0:size, 0:size].astype(np.float32)
        sky = 1000 * (1 + 0.02 * np.sin(x / 0.4 / size) * np.cos(y / 0.3 / size))
        found[name] = []
        for detector in range(n):
            for number in range(NIGHTS):
                image = (sky * (1 + 0.01 * number) + rng.normal(0, 8, sky.shape)).astype(np.float32)
                mask = np.where(rng.random(sky.shape) < 0.01, 32, 0).astype(np.int32)
                exposure = Exposure(
                    image,
                    mask,
                    planes=MaskPlanes.LSST_DEFAULT,
                    detector=str(detector),
                    visit=str(number),
                )
                path = folder / f"v{number}-d{detector}.fits"
                write_exposure(path, exposure)
                found[name].append(str(path))
    return found


def wait(until: Callable[[], bool], seconds: float = 120) -> None:
    loop, look = QEventLoop(), QTimer()
    look.timeout.connect(lambda: loop.quit() if until() else None)
    look.start(2)
    QTimer.singleShot(int(1000 * seconds), loop.quit)
    loop.exec()
    assert until()


class Gaps:
    """The longest time between two ticks of a timer of the event loop."""

    def __init__(self) -> None:
        self.longest, self._last = 0.0, time.perf_counter()
        self._timer = QTimer()
        self._timer.timeout.connect(self._tick)
        self._timer.start(1)

    def _tick(self) -> None:
        now = time.perf_counter()
        self.longest, self._last = max(self.longest, now - self._last), now

    def end(self) -> float:
        """Return it, in milliseconds."""
        self._timer.stop()
        return 1e3 * self.longest


class Shown:
    """A window in which the files of a visit, and frames that were built of them, are open."""

    def __init__(self, name: str, paths: list[str], table: Table) -> None:
        self.name = name
        self.app = QApplication.instance() or QApplication([])
        self.store = Store()
        self.commands = Commands(Program(self.store))
        self.program = self.commands.program
        self.window = MainWindow(self.store, self.commands)
        self.collector = Collector(self.program)  # as the program itself does
        self.window.resize(1600, 1000)
        self.window.show()
        ready: list[bool] = []
        preload = Preload(self.window)
        preload.imported.connect(lambda: ready.append(True))
        preload.start()
        wait(lambda: bool(ready) and not preload.busy)
        for library in LIBRARIES:  # which the program itself imports in a thread by then
            import_module(library)
        gc.collect()
        gaps = Gaps()
        self.commands.open(paths)
        self.settle()
        table.note(f"longest gap, opening {name}", gaps.end())
        gaps = Gaps()
        self.commands.build()
        self.settle()
        if name != "1 detector":
            table.note(f"longest gap, building {name}", gaps.end())
        item = next(one for one in self.store.state.exposures if one.source.visit == "0")
        self.commands.select_exposure(item.key)
        self.settle()
        assert self.store.state.results.fit is not None

    def settle(self) -> None:
        """Let all work end."""
        wait(lambda: not self.program.busy)
        QApplication.processEvents()

    def until_painted(self, deed: Callable[[], None], part: Callable[[State], object]) -> None:
        """Do something, and wait until a part of the state is another one and is painted."""
        before = part(self.store.state)
        loop = QEventLoop()

        def look(_: State, new: State) -> None:
            if part(new) is not before:
                loop.quit()

        self.store.changed.connect(look)
        deed()
        if part(self.store.state) is before:
            QTimer.singleShot(20_000, loop.quit)
            loop.exec()
        self.store.changed.disconnect(look)
        assert part(self.store.state) is not before
        while self.program.turns.busy:
            QApplication.processEvents()
        QApplication.processEvents()

    def set(self, **changes: Any) -> None:
        """Change the config."""
        self.commands.set_config(self.store.state.config.model_copy(update=changes))

    def background(self, **changes: Any) -> None:
        """Change its background part."""
        self.set(background=self.store.state.config.background.model_copy(update=changes))

    def close(self) -> None:
        """Close the window and its work."""
        self.program.close()
        self.collector.close()
        self.window.close()


@pytest.fixture(scope="module", params=list(SIZES))
def shown(
    request: pytest.FixtureRequest, files: dict[str, list[str]], table: Table
) -> Iterator[Shown]:
    made = Shown(request.param, files[request.param], table)
    yield made
    made.close()


def fit_of(state: State) -> object:
    return state.results.fit


@pytest.mark.parametrize(("what", "panes"), [("one pane", ("subtracted",)), ("four panes", PANES)])
def test_trial_scale(
    benchmark: BenchmarkFixture, table: Table, shown: Shown, what: str, panes: tuple[Any, ...]
) -> None:
    shown.commands.view(panes=panes)
    shown.settle()
    scales = iter(np.linspace(0.9, 1.1, 10_000))

    def drag() -> None:
        shown.commands.view(trial=float(next(scales)))
        QApplication.processEvents()

    table.time(benchmark, f"trial scale, {shown.name}, {what}", drag, rounds=40)
    shown.commands.view(trial=None, panes=PANES)
    shown.settle()


def test_config_to_the_first_new_fit(
    benchmark: BenchmarkFixture, table: Table, shown: Shown
) -> None:
    values = iter(np.linspace(2.0, 4.0, 10_000))
    row = f"skyRej to the first new fit, {shown.name}"
    table.time(
        benchmark,
        row,
        lambda: shown.until_painted(lambda: shown.set(skyRej=float(next(values))), fit_of),
        rounds=12,
        setup=shown.settle,
    )


def test_samples_to_the_first_new_fit(
    benchmark: BenchmarkFixture, table: Table, shown: Shown
) -> None:
    numbers = iter(range(5, 100))
    row = f"xNumSamples to the first new fit, {shown.name}"
    table.time(
        benchmark,
        row,
        lambda: shown.until_painted(lambda: shown.set(xNumSamples=next(numbers)), fit_of),
        rounds=9,
        setup=shown.settle,
    )


def test_algorithm_to_the_first_new_fit(
    benchmark: BenchmarkFixture, table: Table, shown: Shown
) -> None:
    styles = iter(["AKIMA_SPLINE", "NATURAL_SPLINE", "LINEAR"] * 10)
    row = f"algorithm to the first new fit, {shown.name}"
    table.time(
        benchmark,
        row,
        lambda: shown.until_painted(lambda: shown.background(algorithm=next(styles)), fit_of),
        rounds=9,
        setup=shown.settle,
    )


def test_bins_to_the_new_grid(benchmark: BenchmarkFixture, table: Table, shown: Shown) -> None:
    sizes = iter([64, 96, 128, 160, 192, 224] * 4)
    row = f"xBinSize to the new grid, {shown.name}"

    def grid(state: State) -> object:
        return None if state.results.shown is None else state.results.shown.grid

    table.time(
        benchmark,
        row,
        lambda: shown.until_painted(lambda: shown.background(xBinSize=next(sizes)), grid),
        rounds=9,
        setup=shown.settle,
    )


def test_step_of_a_film(benchmark: BenchmarkFixture, table: Table, shown: Shown) -> None:
    """To the next visit's exposure, which was read ahead while this one stood."""
    shown.commands.film.choose("night")

    def key(state: State) -> object:
        return None if state.results.shown is None else state.results.shown.key

    table.time(
        benchmark,
        f"step of a film, {shown.name}",
        lambda: shown.until_painted(lambda: shown.commands.film.step(1), key),
        rounds=9,
        setup=shown.settle,
    )
    shown.commands.film.end()
    shown.settle()


@pytest.mark.parametrize("shown", ["40 detectors"], indirect=True)
def test_all_detectors_sampled_anew(
    benchmark: BenchmarkFixture, table: Table, shown: Shown
) -> None:
    numbers = iter(range(5, 100))

    def whole() -> None:
        shown.set(xNumSamples=next(numbers))
        shown.settle()

    table.time(benchmark, "xNumSamples, all 40 detectors", whole, rounds=3)
    gaps = Gaps()
    whole()
    table.note("longest gap, sampling 40 detectors anew", gaps.end())


STEPPED = """
import sys
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication
from skyframe_gui.app.commands import Commands
from skyframe_gui.app.model.store import Store
from skyframe_gui.app.program import Program
from skyframe_gui.ui.window import MainWindow

app = QApplication([])
store = Store()
commands = Commands(Program(store))
window = MainWindow(store, commands)
window.resize(1600, 1000)
window.show()
deeds = [lambda: commands.open(sys.argv[1:]), commands.build]
deeds += [lambda n=n: commands.select_exposure(store.state.exposures[n].key) for n in range(3)]

def look():
    if commands.program.busy:
        return
    if deeds:
        deeds.pop(0)()
        return
    lines = open("/proc/self/status").read().splitlines()
    print(next(line for line in lines if line.startswith("VmRSS")), flush=True)
    commands.program.close()
    app.quit()

timer = QTimer()
timer.timeout.connect(look)
timer.start(300)
app.exec()
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells it")
def test_memory(
    benchmark: BenchmarkFixture, table: Table, files: dict[str, list[str]], tmp_path: Path
) -> None:
    """Of a process of its own, in which a frame was built of the three exposures."""

    def step() -> str:
        return subprocess.run(
            [sys.executable, "-c", STEPPED, *files["1 detector"]],
            check=True,
            capture_output=True,
            text=True,
            timeout=300,
            env={**os.environ, "SKYFRAME_GUI_HOME": str(tmp_path)},
        ).stdout

    told = benchmark.pedantic(step, rounds=1)
    table.note("memory with three 4k exposures shown", int(told.split()[1]) / 1024)
