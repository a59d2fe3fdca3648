"""Pieces of one measurement: each is done once, errors come up, and a cancel ends all."""

from __future__ import annotations

import os
import threading
import time
import warnings

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

    run_pieces(str, range(4), None, "", threads)  # what helps is kept for the next
    before = threading.active_count()
    with pytest.raises(SkyFrameError, match="Two cannot"):
        run_pieces(fail_at_two, range(4), None, "", threads)
    assert threading.active_count() == before


def test_pieces_that_have_pieces_of_their_own_wait_for_nobody() -> None:
    done: list[int] = []

    def work(piece: int) -> None:
        run_pieces(done.append, range(10 * piece, 10 * piece + 10), None, "", 9)

    run_pieces(work, range(20), None, "", 9)
    assert sorted(done) == list(range(200))


@pytest.mark.parametrize("threads", [1, 2])
def test_nothing_runs_on_after_an_error(threads: int) -> None:
    ended = threading.Event()
    begun = threading.Event()

    def slow_or_wrong(piece: int) -> None:
        if threads == 2 and threading.current_thread() is not caller:
            begun.set()
            time.sleep(0.1)
            ended.set()
        elif threads == 1 or begun.wait(5):
            raise SkyFrameError("It cannot be done.")

    caller = threading.current_thread()
    with pytest.raises(SkyFrameError, match="cannot be done"):
        run_pieces(slow_or_wrong, range(2), None, "", threads)
    assert ended.is_set() == (threads == 2)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system cannot fork")
def test_a_forked_process_has_helpers_of_its_own() -> None:
    run_pieces(str, range(4), None, "", 2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads live on in the parent alone
        child = os.fork()
    if not child:
        done: list[int] = []
        run_pieces(done.append, range(50), None, "", 2)
        os._exit(0 if sorted(done) == list(range(50)) else 1)
    for _ in range(100):
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            break
        time.sleep(0.05)
    else:
        os.kill(child, 9)
        os.waitpid(child, 0)
        pytest.fail("The forked process waits for threads that it does not have.")
    assert status == 0


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
