"""Who is clipped where and when, and who pulls the frame how far."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyframe_gui.engine import BinGrid, SkyFrameError, average_backgrounds
from skyframe_gui.engine.stack import bin_history, pulls, stacked

BOX = (0, 0, 99, 79)


def grids(n: int = 9, seed: int = 1, outlier: int | None = None) -> list[BinGrid]:
    rng = np.random.default_rng(seed)
    values = rng.normal(100.0, 1.0, (n, 4, 5)).astype(np.float32)
    if outlier is not None:
        values[outlier, 1, 2] += 40
    values[0, 3, 3] = np.nan
    return [BinGrid.from_values(one, BOX) for one in values]


def test_a_bin_tells_who_was_clipped_and_the_limits_that_did_it() -> None:
    given_grids = grids(outlier=6)
    history = bin_history(stacked(given_grids), 1, 2)
    assert history.clipped_at[6] == 0
    assert history.values[6] > history.high[0]
    used = history.clipped_at == -1
    assert used.sum() == 8
    assert np.all(history.values[used] <= history.high[-1])
    assert np.all(history.values[used] >= history.low[-1])


def test_an_exposure_without_a_value_there_is_neither_used_nor_clipped() -> None:
    history = bin_history(stacked(grids()), 3, 3)
    assert history.clipped_at[0] == -2
    assert np.isnan(history.values[0])


@given(st.integers(0, 1000), st.integers(1, 14))
def test_the_history_ends_where_the_average_does(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.standard_t(1.5, (n, 3, 4)).astype(np.float32)
    values[rng.random(values.shape) < 0.1] = np.nan
    values[0, 0, 0] = 1.0
    frame_grids = [BinGrid.from_values(one, BOX) for one in values]
    frame = average_backgrounds(frame_grids)
    stack = stacked(frame_grids)
    for row in range(3):
        for column in range(4):
            history = bin_history(stack, row, column)
            np.testing.assert_array_equal(
                history.clipped_at >= 0, frame.clipped[:, row, column], err_msg=f"{row} {column}"
            )
            used = history.values[history.clipped_at == -1]
            assert len(used) == frame.n_used[row, column]


@given(st.integers(0, 200), st.integers(2, 9))
def test_the_pull_is_the_frame_minus_the_frame_without(seed: int, n: int) -> None:
    all_grids = grids(n, seed, outlier=n - 1)
    frame = average_backgrounds(all_grids)
    found = pulls(stacked(all_grids), frame)
    for index in range(n):
        rest = all_grids[:index] + all_grids[index + 1 :]
        without = average_backgrounds(rest)
        difference = np.where(
            frame.filled | without.filled,
            np.nan,
            frame.grid.values.astype(np.float64) - without.grid.values,
        )
        expected = np.sqrt(np.nanmean(np.square(difference)))
        # The frame itself is float32; the pulls are taken before that rounding.
        assert found.rms[index] == pytest.approx(expected, abs=2e-5)
        assert found.worst[index] == pytest.approx(np.nanmax(np.abs(difference)), abs=2e-5)


def test_one_exposure_alone_has_no_pull_that_could_be_told() -> None:
    alone = grids(1)
    found = pulls(stacked(alone), average_backgrounds(alone))
    assert np.isnan(found.rms[0])


def test_threads_give_the_same_and_nothing_is_changed() -> None:
    all_grids = grids(20, outlier=3)
    frame = average_backgrounds(all_grids)
    stack = stacked(all_grids)
    before = stack.copy()
    one, two = pulls(stack, frame, threads=1), pulls(stack, frame, threads=2)
    np.testing.assert_array_equal(one.rms, two.rms)
    np.testing.assert_array_equal(stack, before)


def test_a_bin_that_is_not_there_is_a_sentence() -> None:
    with pytest.raises(SkyFrameError, match="no bin"):
        bin_history(stacked(grids()), 4, 0)
    with pytest.raises(SkyFrameError, match="build a sky frame"):
        stacked([])
