"""From a key in the stack inspector to its repainted panels: 100 exposures of 32 x 32 bins.

``pytest benchmarks/test_stack_speed.py --benchmark-only`` measures with the lanes and the
repainting, as a person would with a stopwatch.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from skyframe_gui.engine import BinGrid, MaskPlanes, average_backgrounds
from skyframe_gui.files.fits.exposure_planes import PlaneRef
from skyframe_gui.files.fits.source import ExposureSource
from skyframe_gui.workflow.build import BuiltSkyFrame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.items import SkyFrameItem
    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.panel import Panel

N, BINS, SIZE = 100, 32, 4096
ROUNDS = 30


def source(number: int) -> ExposureSource:
    path = Path(f"v{907000 + number}.fits")
    date = f"2014-03-28T{5 + number // 60:02d}:{number % 60:02d}:00"
    where = PlaneRef(path, 1)
    return ExposureSource(
        path=path,
        layout="LSST",
        name=path.name,
        visit=str(907000 + number),
        detector="023",
        filter="r",
        date=date,
        exposure_time=30.0,
        instrument="HSC",
        width=SIZE,
        height=SIZE,
        xy0=(0, 0),
        has_mask=True,
        has_variance=True,
        planes=MaskPlanes.LSST_DEFAULT,
        notes=(),
        image=where,
        unit="adu",
    )


def item() -> SkyFrameItem:
    from skyframe_gui.app.model.items import SkyFrameItem

    rng = np.random.default_rng(2)
    pattern = rng.normal(0, 5, (BINS, BINS))
    grids = []
    for _ in range(N):
        values = 1000 + pattern + rng.normal(0, 2, (BINS, BINS))
        values[rng.random((BINS, BINS)) < 0.01] += 50
        values[rng.random((BINS, BINS)) < 0.01] = np.nan
        grids.append(BinGrid.from_values(values.astype(np.float32), (0, 0, SIZE - 1, SIZE - 1)))
    built = BuiltSkyFrame(
        detector="023",
        sky_frame=average_backgrounds(grids),
        sources=tuple(source(number) for number in range(N)),
        grids=tuple(grids),
        levels=tuple(1000.0 + number for number in range(N)),
    )
    return SkyFrameItem(
        key="built 1",
        name="r",
        detector="023",
        sky_frame=built.sky_frame,
        built=built,
        unit="adu",
        members=tuple(f"e{number}" for number in range(N)),
    )


@pytest.fixture
def commands(qapp: object) -> Iterator[Commands]:
    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.app.program import Program

    made = Commands(Program(Store()))
    yield made
    assert made.program.close()


@pytest.fixture
def panels(commands: Commands, qtbot: QtBot) -> Iterator[list[Panel]]:
    from PyQt6.QtWidgets import QWidget

    from skyframe_gui.ui.panels.stack_bin import StackBinPanel
    from skyframe_gui.ui.panels.stack_exposures import StackExposuresPanel
    from skyframe_gui.ui.panels.stack_levels import StackLevelsPanel
    from skyframe_gui.ui.panels.stack_maps import StackMapsPanel
    from skyframe_gui.ui.panels.stack_strip import StackStripPanel

    kinds = (
        StackMapsPanel,
        StackBinPanel,
        StackExposuresPanel,
        StackStripPanel,
        StackLevelsPanel,
    )
    made: list[Panel] = [kind(commands) for kind in kinds]
    seen: dict[str, object] = {}

    def paint(_: State, new: State) -> None:
        for panel in made:
            watched = panel.watches(new)
            if seen.get(panel.id) != watched:
                seen[panel.id] = watched
                panel.show_state(new)
                panel.repaint()

    # In one window, as offscreen only that of the program may have a least size.
    window = QWidget()
    qtbot.addWidget(window)
    for place, panel in enumerate(made):
        panel.setParent(window)
        panel.setGeometry(0, 400 * place, 700, 400)
    window.resize(700, 2000)
    window.show()
    store = commands.store
    store.changed.connect(paint)
    frame = item()
    store.set(sky_frames=(frame,))
    commands.select_sky_frame(frame.key, alone=True)
    commands.select_bin((11, 10))
    qtbot.waitUntil(lambda: store.state.results.bin is not None, timeout=60_000)
    qtbot.waitUntil(lambda: not commands.program.busy, timeout=60_000)
    yield made
    store.changed.disconnect(paint)
    del window  # kept until now: without it the panels are gone


def wait(commands: Commands, until: Callable[[], bool]) -> None:
    """Sleep in the event loop, as the window does: a loop that polls would slow the lane."""
    from PyQt6.QtCore import QEventLoop, QTimer

    if until():
        return
    loop, store = QEventLoop(), commands.store

    def look(*_: object) -> None:
        if until():
            loop.quit()

    store.changed.connect(look)
    QTimer.singleShot(10_000, loop.quit)
    loop.exec()
    store.changed.disconnect(look)
    assert until()


@pytest.mark.parametrize("already_out", [0, 20])
@pytest.mark.parametrize("what", ["maps", "all panels"])
def test_leave_out_to_repaint(
    benchmark: Any,
    commands: Commands,
    panels: list[Panel],
    qtbot: QtBot,
    what: str,
    already_out: int,
) -> None:
    benchmark.group = f"leave one out, {already_out} out before"
    store = commands.store
    if already_out:
        commands.set_role("sky", [f"e{number}" for number in range(50, 50 + already_out)], False)
        qtbot.wait(100)
        qtbot.waitUntil(lambda: not commands.program.busy, timeout=60_000)
    turn = iter(range(10_000))

    def settle() -> None:
        qtbot.waitUntil(lambda: not commands.program.busy, timeout=60_000)
        qtbot.wait(20)

    def run() -> None:
        number = next(turn)
        key = f"e{number // 2 % 40}"
        include = bool(number % 2)
        frame, stack = store.state.sky_frames[0], store.state.results.stack
        commands.set_role("sky", [key], include)
        if what == "maps":
            wait(commands, lambda: store.state.sky_frames[0] is not frame)
        else:
            wait(commands, lambda: store.state.results.stack is not stack)

    benchmark.pedantic(run, setup=settle, rounds=ROUNDS)
    settle()


def test_choose_a_bin_to_repaint(
    benchmark: Any, commands: Commands, panels: list[Panel], qtbot: QtBot
) -> None:
    benchmark.group = "choose a bin"
    store = commands.store
    turn = iter(range(10_000))

    def run() -> None:
        number = next(turn)
        before = store.state.results.bin
        commands.select_bin((number % BINS, number // BINS % BINS))
        wait(commands, lambda: store.state.results.bin is not before)

    benchmark.pedantic(run, rounds=ROUNDS)


@pytest.mark.parametrize("name", ["stack-maps", "stack-exposures", "stack-strip", "stack-levels"])
def test_paint(benchmark: Any, commands: Commands, panels: list[Panel], name: str) -> None:
    benchmark.group = "paint"
    panel = next(panel for panel in panels if panel.id == name)
    state = commands.store.state

    def run() -> None:
        panel.show_state(state)
        panel.repaint()

    benchmark(run)
