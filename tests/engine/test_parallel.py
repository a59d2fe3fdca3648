"""Pieces of one measurement: each is done once, errors come up, and a cancel ends all."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from skyframe_gui.engine import (
    BackgroundConfig,
    BackgroundModel,
    BinGrid,
    Cancelled,
    Exposure,
    SkyFrameError,
    SkyMeasurementConfig,
    Watch,
    mean_of_model,
    measure_background,
    measure_scale,
    subtract_sky_frame,
)
from skyframe_gui.engine.parallel import run_pieces


@pytest.mark.parametrize("threads", [None, 1, 2, 9])
@pytest.mark.parametrize("n", [0, 1, 5])
def test_each_is_done_once_and_told_before_and_at_the_end(n: int, threads: int | None) -> None:
    done: list[int] = []
    steps: list[tuple[int, int, str]] = []
    watch = Watch(lambda *step: steps.append(step))
    run_pieces(done.append, range(n), watch, "Working", threads)
    assert sorted(done) == list(range(n))
    assert steps == [(number, n, "Working") for number in range(n + 1)]
    run_pieces(done.append, range(n), None, "Working", threads)
    assert sorted(done) == sorted([*range(n), *range(n)])


@pytest.mark.parametrize("threads", [1, 2])
def test_an_error_of_one_piece_is_that_of_the_whole(threads: int) -> None:
    def fail_at_two(piece: int) -> None:
        if piece == 2:
            raise SkyFrameError("Two cannot be done.")

    before = threading.active_count()
    with pytest.raises(SkyFrameError, match="Two cannot"):
        run_pieces(fail_at_two, range(4), None, "", threads)
    assert threading.active_count() == before


def test_after_a_cancel_no_other_piece_is_begun() -> None:
    held, begun = threading.Event(), []
    watch = Watch(lambda done, total, label: watch.cancel() if done == 0 else held.set())

    def wait(piece: int) -> None:
        begun.append(piece)
        held.wait(0.05)

    with pytest.raises(Cancelled):
        run_pieces(wait, range(50), watch, "", 2)
    assert len(begun) < 10


IMAGE = Exposure(np.full((64, 64), 100, np.float32), detector="d4", visit="7")
MODEL = BackgroundModel(BinGrid.from_values([[1.0, 2.0], [3.0, 4.0]], (0, 0, 63, 63)), "LINEAR")
BINS = BackgroundConfig(xBinSize=16, yBinSize=16)


@pytest.mark.parametrize(
    ("work", "labels"),
    [
        (lambda one, watch: measure_background(one, BINS, watch), ["Binning {}"]),
        (
            lambda one, watch: mean_of_model(one, MODEL, BINS, watch),
            ["Interpolating", "Binning the model of {}"],
        ),
        (
            lambda one, watch: measure_scale(one, MODEL, SkyMeasurementConfig(), watch),
            ["Sampling {}", "Sampling the sky frame"],
        ),
        (lambda one, watch: subtract_sky_frame(one, MODEL, 1.0, watch), ["Interpolating"]),
    ],
)
def test_progress_names_what_is_done_to_what(work, labels) -> None:
    steps: list[str] = []
    watch = Watch(lambda done, total, label: steps.append(label))
    for exposure in (IMAGE, Exposure(IMAGE.image)):
        steps.clear()
        work(exposure, watch)
        wanted = [label.format(exposure.name).strip() for label in labels]
        assert list(dict.fromkeys(steps)) == wanted
