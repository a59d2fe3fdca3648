"""A visit of 20,000 samples: a step of the stepper, the cursor over marks, the table."""

from __future__ import annotations

import os
from itertools import cycle
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pytest
from fitted_visits import fit_of
from PyQt6.QtCore import QPointF
from PyQt6.QtWidgets import QApplication

from skyframe_gui.app.commands import Commands
from skyframe_gui.app.model.rejection_steps import rows_of
from skyframe_gui.app.model.results import Results
from skyframe_gui.app.model.store import Store
from skyframe_gui.app.program import Program
from skyframe_gui.engine import Samples
from skyframe_gui.ui.panels.residuals import ResidualsPanel
from skyframe_gui.ui.panels.sample_table import SampleTablePanel
from skyframe_gui.ui.panels.samples import SamplesPanel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_benchmark.fixture import BenchmarkFixture

    from skyframe_gui.app.model.visit_fit import VisitFit
    from skyframe_gui.ui.panel import Panel

N_DETECTORS, SIDE = 50, 20
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def large_fit() -> VisitFit:
    random = np.random.default_rng(1)
    edges = np.arange(SIDE + 1) * 100
    i, j = (index.ravel() for index in np.meshgrid(range(SIDE), range(SIDE), indexing="ij"))
    boxes = np.stack([edges[i], edges[j], edges[i + 1], edges[j + 1]], axis=1)
    samples = []
    for detector in range(N_DETECTORS):
        sky = random.normal(0, 8e-3, len(boxes))
        image = 1000 * sky + random.normal(0, 1, len(boxes))
        bad = random.random(len(boxes)) < 0.08
        image[bad] += random.exponential(9, int(bad.sum()))
        samples.append(Samples(image, sky, None, boxes, str(detector)))
    return fit_of(samples)


@pytest.fixture
def commands(qapp: object) -> Iterator[Commands]:
    made = Commands(Program(Store()))
    made.store.set(log=("",))
    made.store.set(results=Results(shown=None, fit=large_fit()))
    yield made
    made.program.close()


def shown(panel: Panel, commands: Commands) -> Panel:
    panel.resize(760, 480)
    panel.show()
    panel.show_state(commands.store.state)
    panel.grab()
    paint()
    return panel


def paint() -> None:
    """Paint what has to be painted, as the event loop does: a hover does not paint everything."""
    QApplication.processEvents()


@pytest.mark.parametrize("kind", [SamplesPanel, ResidualsPanel])
def test_a_step_with_paint(
    benchmark: BenchmarkFixture, commands: Commands, kind: type[Panel]
) -> None:
    panel = shown(kind(commands), commands)
    steps = cycle((0, 1, 2, 3))

    def step() -> None:
        commands.show_step(next(steps))
        panel.show_state(commands.store.state)
        paint()

    benchmark(step)


def test_a_mark_under_the_cursor_with_paint(
    benchmark: BenchmarkFixture, commands: Commands
) -> None:
    panel = shown(SamplesPanel(commands), commands)
    assert isinstance(panel, SamplesPanel)
    fit = commands.store.state.results.fit
    assert fit is not None
    rows = rows_of(fit)
    indices = cycle(range(0, len(rows), 777))

    def hover() -> None:
        commands.hover(rows.ids(next(indices)))
        panel.follow(commands.store.pointer.now)
        paint()

    benchmark(hover)


def test_finding_the_mark_under_the_cursor(benchmark: BenchmarkFixture, commands: Commands) -> None:
    panel = shown(SamplesPanel(commands), commands)
    assert isinstance(panel, SamplesPanel)
    benchmark(panel.plot.nearest, QPointF(400, 200))


def test_selecting_all_in_the_table(benchmark: BenchmarkFixture, commands: Commands) -> None:
    panel = shown(SampleTablePanel(commands), commands)
    fit = commands.store.state.results.fit
    assert fit is not None
    rows = rows_of(fit)
    everything = frozenset(rows.ids(index) for index in range(len(rows)))

    def select() -> None:
        commands.select_samples(())
        panel.show_state(commands.store.state)
        commands.select_samples(everything)
        panel.show_state(commands.store.state)
        paint()

    benchmark(select)
