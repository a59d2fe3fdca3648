"""Each detector of a visit fitted by itself."""

from __future__ import annotations

import numpy as np
import pytest

from skyframe_gui.engine import Samples, SkyMeasurementConfig, solve_scales
from skyframe_gui.engine.diagnostics import diagnose_fit
from skyframe_gui.engine.diagnostics.own_fits import OwnFits, from_neighbours, own_fits

CONFIG = SkyMeasurementConfig()
N, SCALE, NOISE = 12, 1000.0, 1.0


def samples_of(
    scales: np.ndarray, offset: float = 0.0, noise: np.ndarray | float = NOISE, n: int = 36
) -> list[Samples]:
    random = np.random.default_rng(4)
    noises = np.broadcast_to(noise, len(scales))
    edges = np.arange(7) * 100
    boxes = [(x, y, x + 100, y + 100) for y in edges[:6] for x in edges[:6]][:n]
    found = []
    for k, (scale, width) in enumerate(zip(scales, noises, strict=True)):
        sky = 1 + random.normal(0, 0.02, n)
        image = offset + scale * sky + random.normal(0, width, n)
        found.append(Samples(image, sky, np.ones(n), boxes, f"{k:02d}"))
    return found


def fits_of(samples: list[Samples]) -> OwnFits:
    return own_fits(samples, solve_scales(samples, CONFIG), CONFIG)


def test_own_scales_are_those_that_were_put_in() -> None:
    scales = SCALE * (1 + 0.01 * np.arange(-6, 6))
    own = fits_of(samples_of(scales))
    assert np.abs((own.scale - scales) / own.error).max() < 4
    assert own.error == pytest.approx(NOISE / 6, rel=0.5)
    assert own.deviation == pytest.approx(own.scale / own.visit - 1)
    assert own.usable.tolist() == [36] * N


def test_one_that_stands_out_is_told_and_the_others_are_not() -> None:
    scales = np.full(N, SCALE)
    scales[7] *= 1.02
    samples = samples_of(scales)
    own = fits_of(samples)
    assert np.flatnonzero(own.odd).tolist() == [7]
    assert np.flatnonzero(np.abs(own.apart) > 4).tolist() == [7]
    warned = diagnose_fit(samples, solve_scales(samples, CONFIG), CONFIG)
    assert [one.detectors for one in warned if one.kind == "detector-scale"] == [("07",)]
    assert own.rejected[7] == own.rejected.max() > 30


def test_where_all_scatter_one_is_told_by_the_scatter() -> None:
    scales = SCALE * (1 + 0.01 * np.random.default_rng(1).standard_normal(60))
    scales[7] = 1.15 * SCALE
    own = fits_of(samples_of(scales))
    assert (np.abs(own.pull) > 4).sum() > 40
    assert np.flatnonzero(np.abs(own.apart) > 4).tolist() == [7]


def test_an_offset_is_the_intercept_of_each() -> None:
    own = fits_of(samples_of(np.full(N, SCALE), offset=30.0))
    assert np.abs((own.intercept - 30.0) / own.intercept_error).max() < 4
    # Undone it stays in the own scales: what is seen is the fit as it would come out.
    assert np.median(own.scale) == pytest.approx(SCALE + 30.0, abs=0.5)


def test_noise_is_each_detectors_own() -> None:
    noise = np.where(np.arange(N) == 3, 4.0, 1.0)
    own = fits_of(samples_of(np.full(N, SCALE), noise=noise))
    assert np.argmax(own.sigma_pull) == 3
    assert own.sigma_pull[3] > 4
    assert own.sigma[5] == pytest.approx(1.0, abs=0.35)
    assert np.argmax(own.rejected_pull) == 3


def test_three_samples_are_no_fit_but_are_counted() -> None:
    samples = samples_of(np.full(N, SCALE))
    few = samples_of(np.full(1, SCALE), n=3)[0]
    own = fits_of([*samples[:-1], few])
    assert np.isnan([own.scale[-1], own.intercept[-1], own.sigma[-1], own.apart[-1]]).all()
    assert own.usable[-1] == 3
    assert np.isfinite(own.scale[:-1]).all()


def test_in_a_sky_that_is_brighter_in_the_middle_the_odd_one_is_told_from_its_neighbours() -> None:
    at = np.array([(x, y) for y in range(7) for x in range(7)], float)
    bowl = 0.01 * np.cos(np.hypot(*(at - 3).T) / 2)
    bowl[8] += 0.016
    own = fits_of(samples_of(SCALE * (1 + bowl)))
    assert (np.abs(own.apart) < 4).all()
    beside = from_neighbours(own, at)
    assert np.flatnonzero(np.abs(beside) > 4).tolist() == [8]
    few = fits_of(samples_of(np.full(N, SCALE)))
    assert np.isnan(from_neighbours(few, at[:N])).all()
