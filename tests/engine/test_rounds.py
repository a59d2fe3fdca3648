"""A fit of very many rounds: those that change nothing cost neither work nor memory."""

from __future__ import annotations

import sys
import time

import numpy as np
import pytest

from skyframe_gui.engine import Samples, SkyMeasurementConfig, solve_scales
from skyframe_gui.engine.rounds import LISTED, Rounds, rounds_of


def samples() -> list[Samples]:
    rng = np.random.default_rng(3)
    sky = rng.uniform(90, 110, 400)
    image = 1.2 * sky + rng.normal(0, 0.5, 400)
    image[:20] += 30
    return [Samples(image, sky)]


@pytest.mark.parametrize("n_rounds", [LISTED + 1, 1_000_000])
def test_rounds_that_change_nothing_cost_nothing(n_rounds: int) -> None:
    few = solve_scales(samples(), SkyMeasurementConfig(skyIter=50))
    began = time.process_time()
    many = solve_scales(samples(), SkyMeasurementConfig(skyIter=n_rounds))
    assert time.process_time() - began < 0.2
    assert (many.scale, many.error, many.n_used) == (few.scale, few.error, few.n_used)
    np.testing.assert_array_equal(many.rejected_at, few.rejected_at)
    assert len(many.iterations) == n_rounds
    assert tuple(many.iterations[:50]) == few.iterations
    assert many.iterations[-1] == many.iterations[n_rounds - 1] == few.iterations[-1]
    assert len(many.listed) < 50
    assert sys.getsizeof(many.listed) < 1000


@pytest.mark.parametrize("n_rounds", [0, 1, 3, LISTED])
def test_rounds_as_they_are_used_stand_in_a_tuple(n_rounds: int) -> None:
    solution = solve_scales(samples(), SkyMeasurementConfig(skyIter=n_rounds))
    assert isinstance(solution.iterations, tuple)
    assert len(solution.iterations) == n_rounds
    assert solution.listed == solution.iterations


def test_a_round_behind_the_last_is_an_index_error() -> None:
    one = solve_scales(samples(), SkyMeasurementConfig(skyIter=1)).iterations
    rounds = rounds_of(one, 2 * LISTED)
    assert isinstance(rounds, Rounds)
    with pytest.raises(IndexError):
        rounds[2 * LISTED]
