"""From a moved control to repainted pixels, one exposure of 4096 x 4096 in one pane and in four.

``pytest benchmarks/test_display_speed.py --benchmark-only``. What is timed is the processor time
of the window's thread, events and paint included; each test says what it may cost.
"""

from __future__ import annotations

import os
import time
from dataclasses import replace
from itertools import cycle
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QPointF, Qt
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtWidgets import QApplication, QWidget

from skyframe_gui.app.commands import Commands
from skyframe_gui.app.model import display_limits
from skyframe_gui.app.model.cuts import Cut
from skyframe_gui.app.model.items import SkyFrameItem
from skyframe_gui.app.model.residual_map import residual_map
from skyframe_gui.app.model.results import Results
from skyframe_gui.app.model.shown import Shown
from skyframe_gui.app.model.store import Store
from skyframe_gui.app.model.view import PANES
from skyframe_gui.app.model.visit_fit import VisitFit
from skyframe_gui.app.program import Program
from skyframe_gui.app.work.live_cuts import layers_of, profile_of
from skyframe_gui.app.work.pyramids import image_pyramid, mask_pyramid, masked_pyramid, prepare
from skyframe_gui.engine import (
    BackgroundConfig,
    BackgroundModel,
    SkyMeasurementConfig,
    average_backgrounds,
    measure_background,
    measure_residual,
    measure_scale,
    solve_scales,
)
from skyframe_gui.ui.panels.images import ImagesPanel
from skyframe_gui.ui.panels.profile import ProfilePanel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Table

    from skyframe_gui.app.model.looks import Layer
    from skyframe_gui.engine import Exposure

cpu = pytest.mark.benchmark(timer=time.thread_time)


@pytest.fixture(scope="module")
def results(exposure: Exposure) -> Results:
    grid = measure_background(exposure, BackgroundConfig(xBinSize=128, yBinSize=128, mask=("BAD",)))
    sky_frame = average_backgrounds([grid, grid], "NATURAL_SPLINE")
    frame = SkyFrameItem(key="sky", name="sky", detector="", sky_frame=sky_frame)
    sky = BackgroundModel(sky_frame.grid, "NATURAL_SPLINE")
    config = SkyMeasurementConfig()
    samples = measure_scale(exposure, sky, config)
    solution = solve_scales([samples], config)
    image, model = image_pyramid(exposure.image), image_pyramid(sky.image())
    measured = display_limits.measure(exposure, ("BAD",), grid, frame, model)
    prepare()
    shown = Shown(
        key="one",
        width=exposure.width,
        height=exposure.height,
        xy0=(0, 0),
        exposure=exposure,
        image=image,
        masks=mask_pyramid(exposure.mask),
        masked=masked_pyramid(exposure.mask, 1),
        grid=grid,
        sky_frame=frame,
        sky=sky,
        model=model,
        own=False,
        limits=measured.limits,
        histograms=measured.histograms,
        quantiles=measured.quantiles,
        level=measured.level,
    )
    background = BackgroundConfig(xBinSize=64, yBinSize=64, mask=("BAD",))
    exact = measure_residual(exposure, sky.image(), solution.scale, background)
    means = np.full(exact.values.shape, float(np.nanmean(grid.values)))
    found = residual_map("one", exact, solution.scale, means, (64, 64), None)
    fit = VisitFit(
        sources=(),
        visit="1",
        keys=("one",),
        samples=(samples,),
        solution=solution,
        alone=solution,
        why="",
        n_members=1,
        made_from=None,
    )
    return Results(shown=shown, fit=fit, residual=found)


class Panes:
    """The image panel by itself, with the engine standing still."""

    def __init__(self, results: Results, panes: tuple[Layer, ...], size: tuple[int, int]) -> None:
        self.store = Store()
        self.commands = Commands(Program(self.store))
        self.store.changed.disconnect(self.commands.program.live._on_changed)
        self.host = QWidget()
        self.host.resize(*size)
        self.panel = ImagesPanel(self.commands)
        self.panel.setParent(self.host)
        self.panel.resize(*size)
        self.store.changed.connect(lambda old, new: self.panel.show_state(new))
        self.store.pointer.moved.connect(self.panel.follow)
        assert results.shown is not None
        limits = dict(results.shown.limits)
        if results.residual is not None:
            limits["residual"] = results.residual.limits
        self.commands.view(panes=panes, measured=MappingProxyType(limits))
        self.store.set(results=results)
        self.host.show()
        self.paint()
        self.scales = iter(np.linspace(0.9, 1.1, 1_000_000))

    def paint(self) -> None:
        QApplication.processEvents()

    def try_scale(self) -> None:
        self.commands.view(trial=float(next(self.scales)))
        self.paint()

    def close(self) -> None:
        self.host.close()
        self.host.deleteLater()
        assert self.commands.program.close()


@pytest.fixture
def panes(qapp: object, results: Results) -> Iterator[Callable[..., Panes]]:
    made: list[Panes] = []

    def make(*layers: Layer, size: tuple[int, int] = (900, 800)) -> Panes:
        made.append(Panes(results, layers, size))
        return made[-1]

    yield make
    for one in made:
        one.close()


@cpu
@pytest.mark.parametrize("bar", [False, True], ids=["bare", "with-bar"])
def test_trial_scale_one_pane(benchmark: Any, panes: Callable[..., Panes], bar: bool) -> None:
    """At most 8 ms bare, 12 with the level bar."""
    one = panes("subtracted")
    one.panel.panes[0].bar.setVisible(bar)
    one.paint()
    benchmark(one.try_scale)


@cpu
@pytest.mark.parametrize("size", [(900, 800), (668, 560)], ids=["large", "as-in-visit"])
def test_trial_scale_four_panes(
    benchmark: Any, panes: Callable[..., Panes], size: tuple[int, int]
) -> None:
    """At most 16 ms."""
    benchmark(panes(*PANES, size=size).try_scale)


@cpu
@pytest.mark.parametrize("layer", ["subtracted", "residual"])
def test_residual_map_beside_the_subtracted_pane(
    benchmark: Any, panes: Callable[..., Panes], layer: Layer
) -> None:
    """The map costs at most 16 ms more than the subtracted pane."""
    benchmark(panes(layer).try_scale)


@cpu
@pytest.mark.parametrize("size", [(900, 800), (668, 560)], ids=["large", "as-in-visit"])
def test_linked_pan_of_four(
    benchmark: Any, panes: Callable[..., Panes], size: tuple[int, int]
) -> None:
    """At most 16 ms."""
    four = panes(*PANES, size=size)
    canvas = four.panel.panes[0].canvas
    canvas.zoom(3.0)
    steps = cycle([(3.0, 2.0)] * 20 + [(-3.0, -2.0)] * 20)

    def pan() -> None:
        canvas.pan(*next(steps))
        four.paint()

    benchmark(pan)


@cpu
@pytest.mark.parametrize("n", [1, 4])
def test_hover(benchmark: Any, panes: Callable[..., Panes], n: int) -> None:
    """At most 5 ms: crosshair in every pane, ring, pixel."""
    some = panes(*PANES[:n], size=(668, 560))
    target = some.panel.panes[0].canvas.view.viewport()
    assert target is not None
    places = cycle(QPointF(40 + step, 60 + step / 2) for step in range(0, 200, 7))

    def hover() -> None:
        at = next(places)
        kind, none = QEvent.Type.MouseMove, Qt.MouseButton.NoButton
        event = QMouseEvent(
            kind, at, target.mapToGlobal(at), none, none, Qt.KeyboardModifier.NoModifier
        )
        QApplication.sendEvent(target, event)
        some.paint()

    benchmark(hover)


@cpu
def test_live_profile_measured(benchmark: Any, table: Table, results: Results) -> None:
    """A band of 64 pixels from corner to corner, as a lane measures it."""
    state = replace(Store().state, results=results)
    layers = layers_of(state)
    assert layers is not None
    assert len(layers.models) == 1
    cut = Cut(x0=0, y0=0, x1=4095, y1=4095, width=64)
    row = "live profile, 4096 x 4096, measured"
    table.time(benchmark, row, lambda: profile_of(layers, cut))


@cpu
def test_live_profile_painted(
    benchmark: Any, table: Table, panes: Callable[..., Panes], results: Results
) -> None:
    """An end that is dragged: four panes and both plots painted, without the measuring."""
    made = panes(*PANES)
    made.store.changed.disconnect(made.commands.program.live_cuts._on_changed)
    panel = ProfilePanel(made.commands)
    panel.resize(400, 200)
    panel.show()
    layers = layers_of(made.store.state)
    assert layers is not None
    cuts = [Cut(x0=0, y0=0, x1=4095, y1=4095 - 9 * at, width=64) for at in range(4)]
    profiles = cycle([profile_of(layers, one) for one in cuts])

    def drag() -> None:
        found = next(profiles)
        made.commands.cuts.set_cut(found.cut)
        made.store.set(results=replace(made.store.state.results, profile=found))
        panel.show_state(made.store.state)
        made.paint()

    table.time(benchmark, "live profile, 4096 x 4096, painted", drag)
    panel.close()
    panel.deleteLater()
