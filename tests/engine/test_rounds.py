"""A fit of very many rounds: those that change nothing cost neither work nor memory."""

from __future__ import annotations

import sys
import time

import numpy as np
import pytest

from skyframe_gui.engine import Samples, ScaleError, SkyMeasurementConfig, solve_scales
from skyframe_gui.engine.rounds import LISTED, Rounds, rounds_of
from skyframe_gui.engine.scale import lacks_level


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


def one_scale(image: object, sky: object, **config: float) -> tuple[float, float]:
    found = solve_scales([Samples(image, sky)], SkyMeasurementConfig(**config))  # type: ignore[arg-type]
    return found.scale, found.error


@pytest.mark.parametrize("n", [2, 3, 10])
@pytest.mark.parametrize("factor", [1.0, 1e-200, -3e200])
def test_scale_and_error_are_those_of_a_line_through_the_origin(n: int, factor: float) -> None:
    rng = np.random.default_rng(n)
    sky = rng.normal(1, 0.3, n)
    image = 5 * sky + rng.normal(0, 0.1, n)
    scale = (sky @ image) / (sky @ sky)
    left = image - scale * sky
    error = np.sqrt(left @ left / (n - 1) / (sky @ sky))
    found = one_scale(image, sky * factor, skyIter=0)
    assert found == pytest.approx((scale / factor, error / abs(factor)), rel=1e-12)


def test_of_one_sample_there_is_no_error_and_of_no_sky_no_scale() -> None:
    scale, error = one_scale([6.0], [2.0])
    assert scale == pytest.approx(3.0)
    assert np.isnan(error)
    scale, error = one_scale([6.0, 7.0, 8.0], [0.0, 0.0, 0.0], skyIter=0)
    assert (scale, np.isnan(error)) == (0.0, True)
    # The first is 0 and the others are not.
    assert one_scale([0.0, 4.0, 6.0], [0.0, 2.0, 3.0], skyIter=0) == pytest.approx((2.0, 0.0))
    assert one_scale([4.0, 0.0], [2.0, 0.0], skyIter=0) == pytest.approx((2.0, 0.0))


def test_a_frame_without_a_level_is_told_where_the_image_has_one() -> None:
    sky = np.where(np.arange(16) % 2, 0.02, -0.02)
    noise = np.random.default_rng(0).normal(0, 0.1, 16)
    with pytest.raises(ScaleError, match=r" of the line\. The sky frame has no level of its own"):
        one_scale(1000 * sky + 300 + noise, sky)
    assert lacks_level(1000 * sky + 300 + noise, sky)
    for image, frame in ((1000 * sky + 60, sky), (1000 * sky + 300, sky + 1), (sky[:0], sky[:0])):
        assert not lacks_level(image, frame)


def test_a_fit_that_has_nothing_left_says_of_how_many() -> None:
    def why(image: list[float], sky: list[float], **config: float) -> tuple[str, int]:
        with pytest.raises(ScaleError) as caught:
            one_scale(image, sky, **config)
        assert np.isnan(caught.value.solution.scale)
        assert np.isnan(caught.value.solution.error)
        return str(caught.value), len(caught.value.solution.iterations)

    nan = float("nan")
    assert why([nan, 1.0], [1.0, nan]) == (
        "Of 2 samples none of them has a finite value in image and sky frame to fit the scale to; "
        "look at the mask planes in stats.mask and at the samples excluded by hand.",
        0,
    )
    told, _ = why([], [])
    assert told.startswith("Of 0 samples there is no sample, so none has a finite value in image")
    told, n_rounds = why([1.0, 3.0], [1.0, 1.0], skyRej=0.1, skyIter=3)
    assert told == (
        "Round 1 of the scale fit rejected all of the samples that were left (2 of 2): none lies "
        "within 0.1 sigma (0.741) of the line. The samples may want an offset that a pure scale "
        "cannot give; raise skyRej, lower skyIter or look at the samples."
    )
    assert n_rounds == 1
