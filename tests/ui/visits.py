"""Made-up samples of a visit, with outliers and boxes without data; and panels by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtWidgets import QHBoxLayout, QWidget

from skyframe_gui.app.model.results import Results
from skyframe_gui.app.model.visit_fit import VisitFit
from skyframe_gui.engine import Samples, SkyMeasurementConfig, solve_scales

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.ui.panel import Panel


def make_fit(
    n_detectors: int = 4,
    n_side: int = 6,
    config: SkyMeasurementConfig | None = None,
    visit: str = "908120",
    seed: int = 2,
) -> VisitFit:
    config = config or SkyMeasurementConfig()
    random = np.random.default_rng(seed)
    edges = np.linspace(0, 1200, n_side + 1).astype(int)
    boxes = [
        (edges[i], edges[j], edges[i + 1], edges[j + 1])
        for i in range(n_side)
        for j in range(n_side)
    ]
    samples = []
    for detector in range(n_detectors):
        n = len(boxes)
        sky = random.normal(0, 8e-3, n)
        image = 1000 * sky + random.normal(0, 1, n)
        image[:5] += random.uniform(4, 30, 5)
        good = random.uniform(0.7, 1, n)
        image[n - 1], good[n - 1] = np.nan, 0
        good[0] = 0.3
        samples.append(Samples(image, sky, good, boxes, f"{detector:03d}"))
    solution = solve_scales(samples, config)
    keys = tuple(f"/night/{visit}-{index}.fits[1]" for index in range(n_detectors))
    return VisitFit(
        sources=(),
        visit=visit,
        keys=keys,
        samples=tuple(samples),
        solution=solution,
        alone=solution,
        why="",
        n_members=n_detectors,
        made_from=None,
    )


def put(store: Store, fit: VisitFit) -> VisitFit:
    """Have a fit in the state without any files."""
    store.set(log=("",))  # Live takes the fit of no files away once, at the first change
    store.set(results=Results(shown=None, fit=fit))
    return fit


def host(qtbot: QtBot, panel: Panel, store: Store, width: int, height: int) -> None:
    """Show a panel, and apart what it has in its title, told of changes as the window tells it."""
    bar = QWidget()
    seen: list[object] = [bar]  # kept alive with what is connected
    row = QHBoxLayout(bar)
    for widget in panel.header_widgets():
        row.addWidget(widget)
    qtbot.addWidget(bar)
    bar.show()

    def paint(_old: object, state: State) -> None:
        watched = (panel.watches(state), state.view.theme)
        if seen[-1] != watched:
            seen.append(watched)
            panel.show_state(state)
            panel.follow(store.pointer.now)

    qtbot.addWidget(panel)
    store.changed.connect(paint)
    store.pointer.moved.connect(panel.follow)
    panel.resize(width, height)
    panel.show()
    paint(None, store.state)
