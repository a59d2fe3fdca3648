"""What a night that is open costs: keys, mouse, arriving levels, whatever the number of exposures.

Nine exposures are one small visit, 189 one whole visit, 3,780 are 20 visits of 189 and 18,900 are
100. One visit is real, small files; the others are the same files under other visits, so that
nothing but the lists grows. All figures are medians of CPU of the window's thread: of what is done
before the call returns, and of all until what came of it is painted.
"""

from __future__ import annotations

import math
import os
import statistics
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pytest
from PyQt6.QtCore import QAbstractEventDispatcher, QEventLoop, QTimer
from PyQt6.QtWidgets import QApplication

from skyframe_gui.app.collector import Collector
from skyframe_gui.app.commands import Commands
from skyframe_gui.app.model.items import Facts
from skyframe_gui.app.model.rejection_steps import rows_of
from skyframe_gui.app.model.store import Store
from skyframe_gui.app.program import Program
from skyframe_gui.engine import (
    BackgroundConfig,
    Exposure,
    MaskPlanes,
    average_backgrounds,
    measure_background,
)
from skyframe_gui.files import write_exposure
from skyframe_gui.files.sky_frames import write_sky_frame
from skyframe_gui.ui.panels.data import DataPanel
from skyframe_gui.ui.preload import Preload
from skyframe_gui.ui.window import MainWindow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SIZES = (9, 189, 3780, 18900)
VISIT = 189
WIDTH, HEIGHT, BIN = 256, 192, 64
TYPED = "det 52"
MUST: dict[str, tuple[float, float, float, float]] = {
    "worst key in the filter, all": (16, 16, 16, 50),
    "same, visits of nine, all": (16, 16, 16, 50),
    "next exposure": (12, 12, 12, 12),
    "next exposure, all": (50, 50, 50, 50),
    "levels arrive": (10, 10, 10, 10),
    "levels arrive, all": (50, 50, 50, 50),
    "hover a sample": (8, 8, 8, 8),
    "hover a sample, all": (8, 8, 8, 8),
    "move the cursor": (4, 4, 4, 4),
    "move the cursor, all": (4, 4, 4, 4),
    "change the config": (50, 50, 50, 50),
    "change the config, all": (50, 50, 50, 50),
    "leave one out": (50, 50, 50, 50),
    "leave one out, all": (50, 50, 50, 50),
    "change the theme, all": (150, 150, 150, 150),
    "longest stretch while opening": (50, 50, 50, 50),
    "longest stretch while fitting": (50, 50, 50, 50),
}
"""Milliseconds at each of the sizes."""
measured: dict[str, dict[int, float]] = defaultdict(dict)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A visit of 189 detectors and a sky frame of each."""
    made = tmp_path_factory.mktemp("open")
    random = np.random.default_rng(1)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    config = BackgroundConfig(xBinSize=BIN, yBinSize=BIN)
    for detector in range(VISIT):
        sky = 1000 * (1 + 0.02 * np.sin(x / 90 + detector) * np.cos(y / 70))
        image = (sky + random.normal(0, 8, sky.shape)).astype(np.float32)
        mask = np.where(random.random(sky.shape) < 0.01, 32, 0).astype(np.int32)
        exposure = Exposure(
            image,
            mask,
            planes=MaskPlanes.LSST_DEFAULT,
            detector=str(detector),
            visit="2000",
        )
        grid = measure_background(exposure, config)
        write_sky_frame(
            made / f"sky-{detector}.fits", average_backgrounds([grid] * 3), str(detector)
        )
        write_exposure(made / f"v2000-d{detector}.fits", exposure)
    return made


@pytest.fixture(scope="module", autouse=True)
def table() -> Iterator[None]:
    yield
    print()
    print(f"{'ms of CPU, window thread':32}" + "".join(f"{size:>18,}" for size in SIZES))
    for name, musts in MUST.items():
        cells = ""
        for size, must in zip(SIZES, musts, strict=True):
            found = measured[name].get(size, math.nan)
            verdict = f"{found:.1f} ({must:g}{' !' * (found > must)})"
            cells += f"{verdict:>18}"
        print(f"{name:32}" + cells)


def wait(until: Callable[[], bool], seconds: float = 300) -> None:
    loop = QEventLoop()
    look = QTimer()
    look.timeout.connect(lambda: loop.quit() if until() else None)
    look.start(2)
    QTimer.singleShot(int(1000 * seconds), loop.quit)
    if not until():
        loop.exec()
    assert until(), "waited in vain"
    settle()


def settle() -> None:
    """Paint all that is to be painted, as the event loop does."""
    for _ in range(3):
        QApplication.sendPostedEvents()
        QApplication.processEvents()


def cost(deed: Callable[[], object], then: Callable[[], None] = settle) -> tuple[float, float]:
    """Return this thread's CPU for a deed, and for it with what follows, in milliseconds."""
    begun = time.thread_time()
    deed()
    told = time.thread_time()
    then()
    return 1e3 * (told - begun), 1e3 * (time.thread_time() - begun)


def note(name: str, size: int, costs: list[tuple[float, float]]) -> None:
    """Note the medians of what was done at once and of all, for those names that are wanted."""
    for one, column in zip((name, f"{name}, all"), zip(*costs, strict=True), strict=True):
        if one in MUST:
            measured[one][size] = statistics.median(column)


class Stretches:
    """The CPU between two turns of the event loop."""

    def __init__(self) -> None:
        self.all: list[float] = []
        self._since = time.thread_time()
        dispatcher = QAbstractEventDispatcher.instance()
        assert dispatcher is not None
        self._signals = (dispatcher.awake, dispatcher.aboutToBlock)
        for signal in self._signals:  # dispatchers differ in which of them comes before the work
            signal.connect(self._note)

    def _note(self) -> None:
        now = time.thread_time()
        self.all.append(1e3 * (now - self._since))
        self._since = now

    def end(self) -> float:
        for signal in self._signals:
            signal.disconnect(self._note)
        return max(self.all, default=0.0)


@pytest.fixture(scope="module", params=SIZES)
def window(request: pytest.FixtureRequest, folder: Path) -> Iterator[MainWindow]:
    size: int = request.param
    app = QApplication.instance() or QApplication([])
    store = Store()
    commands = Commands(Program(store))
    program = commands.program
    background = BackgroundConfig(xBinSize=BIN, yBinSize=BIN)
    store.set(config=store.state.config.model_copy(update={"background": background}))
    made = MainWindow(store, commands)
    collector = Collector(program)  # as the program itself does
    made.resize(1600, 1000)
    made.show()
    wait(lambda: not program.busy)
    preload = Preload(made)  # as the program does after the window's first paint
    ready: list[bool] = []
    preload.imported.connect(lambda: ready.append(True))
    preload.start()
    wait(lambda: bool(ready) and not preload.busy)
    n = min(size, VISIT)
    paths = [str(folder / f"{kind}{one}.fits") for one in range(n) for kind in ("sky-", "v2000-d")]
    stretches = Stretches()
    commands.open(paths)
    wait(lambda: not program.busy)
    measured["longest stretch while opening"][size] = stretches.end()
    assert len(store.state.exposures) == len(store.state.sky_frames) == n
    stretches = Stretches()
    commands.set_config(store.state.config.model_copy(update={"xNumSamples": 5}))
    wait(lambda: not program.busy)
    measured["longest stretch while fitting"][size] = stretches.end()
    fit = store.state.results.fit
    assert fit is not None
    assert fit.complete
    state = store.state
    items, facts = list(state.exposures), dict(state.facts)
    for visit in range(1, size // VISIT):
        for item in state.exposures:
            path = Path(f"/night/v{2000 + visit}-d{item.source.detector}.fits")
            source = replace(
                item.source,
                path=path,
                name=path.name,
                visit=str(2000 + visit),
                image=replace(item.source.image, path=path),
            )
            items.append(replace(item, key=f"{path}[0]", source=source))
            facts[f"{path}[0]"] = Facts(1000.0 + visit, 0.01)
    store.set(exposures=tuple(items), facts=MappingProxyType(facts))
    wait(lambda: not program.busy)
    yield made
    program.close()
    collector.close()
    made.close()
    del app


@pytest.fixture
def size(window: MainWindow) -> int:
    return len(window.store.state.exposures)


def test_keys_in_the_filter(window: MainWindow, size: int) -> None:
    panel = window.panel("data")
    assert isinstance(panel, DataPanel)
    texts = [TYPED[: n + 1] for n in range(len(TYPED))]
    texts += [*texts[-2::-1], ""]

    def worst(name: str) -> None:
        rounds: list[list[float]] = []
        begun = time.monotonic()
        while len(rounds) < 9 and (len(rounds) < 2 or time.monotonic() - begun < 20):
            rounds.append([cost(lambda text=text: panel.filter.setText(text))[1] for text in texts])
        # The first round is for what is made at the first look.
        each = [statistics.median(column) for column in zip(*rounds[1:], strict=True)]
        keys = ", ".join(f"{t!r} {c:.1f}" for t, c in zip(texts, each, strict=True))
        print(f"\n{size}: {keys}; at first {max(rounds[0]):.0f}")
        measured[name][size] = max(each)

    worst("worst key in the filter, all")
    store, before = window.store, window.store.state.exposures
    few = []
    for number, item in enumerate(before):
        visit = f"{item.source.visit}{number % VISIT // 9:02}"
        few.append(replace(item, source=replace(item.source, visit=visit)))
    store.set(exposures=tuple(few))
    wait(lambda: not window.commands.program.busy)
    worst("same, visits of nine, all")
    store.set(exposures=before)
    wait(lambda: not window.commands.program.busy)


def test_next_exposure(window: MainWindow, size: int) -> None:
    commands, store = window.commands, window.store
    costs = []
    for _ in range(30):
        before = store.state.results.shown
        costs.append(
            cost(
                lambda: commands.step_exposure(1),
                lambda before=before: wait(lambda: store.state.results.shown is not before),
            )
        )
    note("next exposure", size, costs[5:])
    wait(lambda: not commands.program.busy)


def test_levels_arrive(window: MainWindow, size: int) -> None:
    store, loader = window.store, window.commands.program.loader
    costs = []
    keys = [item.key for item in store.state.exposures]
    for number in range(30):
        some = {key: Facts(900.0 + number, 0.02) for key in keys[number % 7 :: max(size // 8, 1)]}
        costs.append(cost(lambda some=some: loader._on_facts(some)))
    note("levels arrive", size, costs)


def test_hover_and_cursor(window: MainWindow, size: int) -> None:
    commands = window.commands
    fit = window.store.state.results.fit
    assert fit is not None
    rows = rows_of(fit)
    ids = [rows.ids(index) for index in range(0, len(rows), max(len(rows) // 50, 1))]
    note("hover a sample", size, [cost(lambda one=one: commands.hover(one)) for one in ids][5:])
    places = [(10.0 + number, 20.0 + number) for number in range(60)]
    note("move the cursor", size, [cost(lambda one=one: commands.point(one)) for one in places][5:])


def test_config_and_what_is_left_out(window: MainWindow, size: int) -> None:
    commands, store = window.commands, window.store
    costs = []
    for number in range(12):
        config = store.state.config.model_copy(update={"skyRej": 2.5 + number / 10})
        before = store.state.results.fit
        costs.append(
            cost(
                lambda config=config: commands.set_config(config),
                lambda before=before: wait(lambda: store.state.results.fit is not before),
            )
        )
    note("change the config", size, costs[2:])
    wait(lambda: not commands.program.busy)
    key = store.state.exposures[5].key
    costs = [cost(lambda n=n: commands.set_role("sky", [key], bool(n % 2))) for n in range(12)]
    note("leave one out", size, costs[2:])
    wait(lambda: not commands.program.busy)


def test_theme(window: MainWindow, size: int) -> None:
    commands = window.commands
    names = ("light", "dark") * 5
    costs = [cost(lambda name=name: commands.view(theme=name)) for name in names]
    note("change the theme", size, costs[2:])
