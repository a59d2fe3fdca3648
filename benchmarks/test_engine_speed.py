"""The engine against sep, photutils and the memory bound, in one run.

``pytest benchmarks --benchmark-enable`` (the ``dev`` extra brings photutils). Quote ratios of
medians of one run, never times of two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import sep
from conftest import SIZE

from skyframe_gui.engine import (
    BackgroundConfig,
    BackgroundModel,
    BinGrid,
    Samples,
    SkyMeasurementConfig,
    measure_background,
    solve_scales,
    subtract_sky_frame,
)

if TYPE_CHECKING:
    from skyframe_gui.engine import Exposure

BBOX = (0, 0, SIZE - 1, SIZE - 1)


def config(size: int) -> BackgroundConfig:
    return BackgroundConfig(xBinSize=size, yBinSize=size, mask=("BAD",))


def model(size: int, algorithm: str) -> BackgroundModel:
    values = np.random.default_rng(0).normal(1000, 5, (SIZE // size, SIZE // size))
    return BackgroundModel(BinGrid.from_values(values.astype(np.float32), BBOX), algorithm)


def cleaned(exposure: Exposure) -> tuple[np.ndarray, np.ndarray]:
    bad = (exposure.mask != 0) | ~np.isfinite(exposure.image)
    return np.where(bad, np.float32(1000), exposure.image), bad


@pytest.mark.parametrize("size", [128, 32])
def test_bins(benchmark: Any, exposure: Exposure, size: int) -> None:
    benchmark.group = f"bins {size}"
    benchmark(measure_background, exposure, config(size))


@pytest.mark.parametrize("size", [128, 32])
def test_bins_sep(benchmark: Any, exposure: Exposure, size: int) -> None:
    benchmark.group = f"bins {size}"
    image, bad = cleaned(exposure)
    benchmark(sep.Background, image, mask=bad, bw=size, bh=size)


def test_bins_of_whole_numbers(benchmark: Any, whole_numbers: Exposure) -> None:
    benchmark.group = "bins 128 whole numbers"
    benchmark(measure_background, whole_numbers, config(128))


def test_bins_of_whole_numbers_sep(benchmark: Any, whole_numbers: Exposure) -> None:
    benchmark.group = "bins 128 whole numbers"
    image, bad = cleaned(whole_numbers)
    benchmark(sep.Background, image, mask=bad, bw=128, bh=128)


def test_bins_reading_bound(benchmark: Any, exposure: Exposure) -> None:
    benchmark.group = "bins 128"
    benchmark(lambda: (exposure.image.sum(), exposure.mask.sum()))


@pytest.mark.parametrize("algorithm", ["NATURAL_SPLINE", "AKIMA_SPLINE"])
def test_model_image(benchmark: Any, algorithm: str) -> None:
    benchmark.group = "model image"
    out = np.zeros((SIZE, SIZE), np.float32)
    one = model(128, algorithm)
    benchmark(lambda: one.image(out=out))


def test_model_image_copy_bound(benchmark: Any, exposure: Exposure) -> None:
    benchmark.group = "model image"
    out = np.zeros((SIZE, SIZE), np.float32)
    benchmark(np.copyto, out, exposure.image)


def test_model_image_sep(benchmark: Any, exposure: Exposure) -> None:
    benchmark.group = "model image"
    image, bad = cleaned(exposure)
    background = sep.Background(image, mask=bad, bw=128, bh=128)
    benchmark(background.back)


def test_bins_and_image(benchmark: Any, exposure: Exposure) -> None:
    benchmark.group = "bins and image"

    def run() -> np.ndarray:
        grid = measure_background(exposure, config(128))
        return BackgroundModel(grid, "NATURAL_SPLINE").image()

    benchmark(run)


def test_bins_and_image_photutils(benchmark: Any, exposure: Exposure) -> None:
    benchmark.group = "bins and image"
    from astropy.stats import SigmaClip
    from photutils.background import Background2D, MeanBackground

    image, bad = cleaned(exposure)

    def run() -> np.ndarray:
        return Background2D(
            image,
            128,
            mask=bad,
            filter_size=1,
            sigma_clip=SigmaClip(3.0, maxiters=3),
            bkg_estimator=MeanBackground(),
        ).background

    benchmark.pedantic(run, rounds=3)


def test_subtract(benchmark: Any, exposure: Exposure) -> None:
    benchmark.group = "model image"
    one = model(128, "NATURAL_SPLINE")
    benchmark(subtract_sky_frame, exposure, one, 0.7)


def test_solve_scales_1600_samples(benchmark: Any) -> None:
    benchmark.group = "solve"
    rng = np.random.default_rng(0)
    samples = []
    for _ in range(100):
        sky = rng.uniform(90, 110, 16)
        samples.append(Samples(10 * sky + rng.normal(0, 2, 16), sky))
    benchmark(solve_scales, samples, SkyMeasurementConfig())
