"""From a moved slider to repainted pixels, for one exposure of 4096 x 4096 in one pane and in four.

``pytest benchmarks/test_display_speed.py --benchmark-enable``; the targets are 8 ms for one pane
(16 ms at most) and one frame of 16 ms for all four.
"""

from __future__ import annotations

import os
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pytest

from skyframe_gui.app import display_limits
from skyframe_gui.app.pictures import Shown, image_pyramid, mask_pyramid, prepare, veil_pyramid
from skyframe_gui.app.state import Results, SkyFrameItem, VisitFit
from skyframe_gui.engine import (
    BackgroundConfig,
    BackgroundModel,
    SkyMeasurementConfig,
    average_backgrounds,
    measure_background,
    measure_scale,
    solve_scales,
)

if TYPE_CHECKING:
    from skyframe_gui.engine import Exposure


@pytest.fixture(scope="module")
def results(exposure: Exposure) -> Results:
    grid = measure_background(exposure, BackgroundConfig(xBinSize=128, yBinSize=128, mask=("BAD",)))
    sky_frame = average_backgrounds([grid, grid], "NATURAL_SPLINE")
    frame = SkyFrameItem("sky", "sky", "", sky_frame)
    sky = BackgroundModel(sky_frame.grid, "NATURAL_SPLINE")
    config = SkyMeasurementConfig()
    samples = measure_scale(exposure, sky, config)
    solution = solve_scales([samples], config)
    image, model = image_pyramid(exposure.image), image_pyramid(sky.image())
    measured = display_limits.measure(exposure, ("BAD",), grid, frame, model)
    prepare()
    shown = Shown(
        "one",
        exposure.width,
        exposure.height,
        (0, 0),
        exposure,
        image,
        mask_pyramid(exposure.mask),
        veil_pyramid(exposure.mask, 1),
        grid,
        frame,
        sky,
        model,
        False,
        measured.limits,
        measured.histograms,
        measured.quantiles,
        measured.level,
    )
    return Results(shown, VisitFit("1", ("one",), (samples,), solution, solution, "", 1, None))


@pytest.mark.parametrize("size", [(900, 800), (800, 550)])
@pytest.mark.parametrize("panes", [1, 4])
def test_scale_to_repainted_pixels(
    benchmark: Any, qapp: object, results: Results, panes: int, size: tuple[int, int]
) -> None:

    from PyQt6.QtGui import QImage
    from PyQt6.QtWidgets import QWidget

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.session import Session
    from skyframe_gui.ui.panels.images import ImagesPanel

    session = Session()
    commands = Commands(session)
    session.changed.disconnect(commands.live._on_changed)  # the engine is not what is timed
    host = QWidget()
    host.resize(*size)
    panel = ImagesPanel(commands)
    panel.setParent(host)
    panel.resize(*size)
    assert results.shown is not None
    assert results.fit is not None
    commands.view(
        panes=("exposure", "grid", "model", "subtracted") if panes == 4 else ("subtracted",),
        measured=MappingProxyType(results.shown.limits),
    )
    screen = QImage(*size, QImage.Format.Format_RGB32)
    number = iter(np.linspace(0.9, 1.1, 100_000))
    fit = results.fit

    def move() -> None:
        solution = replace(fit.solution, scale=float(next(number)))
        session.set(results=replace(results, fit=replace(fit, solution=solution)))
        panel.show_state(session.state)
        for pane in panel.panes[:panes]:
            pane.canvas.render(screen)

    host.show()
    move()
    benchmark.group = f"{panes} panes, {size[0]} x {size[1]}"
    benchmark(move)
    host.close()
    host.deleteLater()
    assert commands.close()
