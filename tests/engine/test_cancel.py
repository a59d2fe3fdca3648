"""A cancelled measurement stops at once and leaves nothing running."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from skyframe_gui.engine import (
    BackgroundConfig,
    BackgroundModel,
    BinGrid,
    Cancelled,
    Exposure,
    SkyMeasurementConfig,
    Watch,
    measure_background,
    measure_scale,
    subtract_sky_frame,
)

if TYPE_CHECKING:
    from collections.abc import Callable

SIZE = 3000
EXPOSURE = Exposure(np.random.default_rng(0).normal(100, 5, (SIZE, SIZE)).astype(np.float32))
MODEL = BackgroundModel(
    BinGrid.from_values(np.full((20, 20), 90, np.float32), (0, 0, SIZE - 1, SIZE - 1)),
    "AKIMA_SPLINE",
)
WORK: dict[str, Callable[[Watch], object]] = {
    "bins": lambda watch: measure_background(EXPOSURE, BackgroundConfig(), watch),
    "large bins": lambda watch: measure_background(
        EXPOSURE, BackgroundConfig(xBinSize=SIZE, yBinSize=SIZE // 4), watch
    ),
    "model image": lambda watch: MODEL.image(watch=watch),
    "samples": lambda watch: measure_scale(EXPOSURE, MODEL, SkyMeasurementConfig(), watch),
    "subtraction": lambda watch: subtract_sky_frame(EXPOSURE, MODEL, 1.0, watch),
}


@pytest.mark.parametrize("work", WORK.values(), ids=WORK.keys())
def test_progress_runs_from_start_to_end(work: Callable[[Watch], object]) -> None:
    seen: list[tuple[int, int]] = []
    work(Watch(on_step=lambda done, total, label: seen.append((done, total))))
    assert len(seen) > 3
    assert all(0 <= done <= total for done, total in seen)
    assert seen[-1][0] >= seen[-1][1] - 1


@pytest.mark.parametrize("work", WORK.values(), ids=WORK.keys())
def test_a_cancel_in_the_middle_stops_the_work(work: Callable[[Watch], object]) -> None:
    steps: list[float] = []

    def on_step(done: int, total: int, label: str) -> None:
        steps.append(time.perf_counter())
        if len(steps) == 3:
            watch.cancel()

    watch = Watch(on_step=on_step)
    before = threading.active_count()
    with pytest.raises(Cancelled):
        work(watch)
    assert len(steps) == 3, "went on after the cancel"
    assert threading.active_count() == before, "left a thread behind"


def test_a_part_of_a_part_is_cancelled_with_the_whole() -> None:
    whole = Watch()
    elsewhere: list[object] = []
    heard = whole.heard_by(elsewhere.append)
    inner = heard.part("outer").part("inner")
    heard.publish("stage")
    assert elsewhere == ["stage"]
    inner.step(0, 1)
    assert not inner.cancelled
    whole.cancel()
    assert inner.cancelled
    assert heard.cancelled
    for one in (inner, heard):
        with pytest.raises(Cancelled):
            one.step(0, 1)


def test_what_is_told_of_one_watch_is_told_of_the_one_behind_it() -> None:
    seen: list[tuple[int, int, str]] = []
    Watch(lambda *told: seen.append(told)).heard_by(lambda _: None).step(1, 2, "Sampling")
    assert seen == [(1, 2, "Sampling")]
