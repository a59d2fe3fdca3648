"""The engine against sep, photutils and the memory's bound: each pair in one run, in turn."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest
import sep
from conftest import SIZE, Table, make_exposure

from skyframe_gui.engine import (
    BackgroundConfig,
    BackgroundModel,
    BinGrid,
    Exposure,
    Samples,
    SkyMeasurementConfig,
    measure_background,
    measure_scale,
    solve_scales,
    subtract_sky_frame,
)
from skyframe_gui.engine.kernels.compiled import jit_sums
from skyframe_gui.engine.objects import mask_objects

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from pytest_benchmark.fixture import BenchmarkFixture

BBOX = (0, 0, SIZE - 1, SIZE - 1)


def config(size: int) -> BackgroundConfig:
    return BackgroundConfig(xBinSize=size, yBinSize=size, mask=("BAD",))


def model(size: int, algorithm: str) -> BackgroundModel:
    values = np.random.default_rng(0).normal(1000, 5, (SIZE // size, SIZE // size))
    return BackgroundModel(BinGrid.from_values(values.astype(np.float32), BBOX), algorithm)


def cleaned(exposure: Exposure) -> tuple[np.ndarray, np.ndarray]:
    bad = (exposure.mask != 0) | ~np.isfinite(exposure.image)
    return np.where(bad, np.float32(1000), exposure.image), bad


def bins(exposure: Exposure, size: int) -> Callable[[], object]:
    return lambda: measure_background(exposure, config(size))


@pytest.mark.parametrize(
    ("size", "kind"), [(128, ""), (32, ""), (256, ""), (128, ", whole numbers")]
)
def test_bins(
    benchmark: BenchmarkFixture,
    table: Table,
    exposure: Exposure,
    whole_numbers: Exposure,
    size: int,
    kind: str,
) -> None:
    one = whole_numbers if kind else exposure
    image, bad = cleaned(one)
    row = f"bins of {size}{kind}, against sep"
    table.compare(
        benchmark, row, bins(one, size), lambda: sep.Background(image, mask=bad, bw=size, bh=size)
    )


def test_small_bins(benchmark: BenchmarkFixture, table: Table, exposure: Exposure) -> None:
    row = "bins of 8, against bins of 128"
    table.compare(benchmark, row, bins(exposure, 8), bins(exposure, 128))


@jit_sums
def _read(image: NDArray[np.float32], mask: NDArray[np.int32]) -> float:
    total, bits = np.float32(0), 0
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            total += image[y, x]
            bits |= mask[y, x]
    return total + bits


def test_bins_against_reading(
    benchmark: BenchmarkFixture, table: Table, exposure: Exposure
) -> None:
    half = SIZE // 2
    parts = [(exposure.image[at], exposure.mask[at]) for at in (slice(half), slice(half, None))]
    with ThreadPoolExecutor(2) as pool:

        def read() -> list[float]:
            return list(pool.map(lambda part: _read(*part), parts))

        table.compare(benchmark, "bins of 128, against reading", bins(exposure, 128), read)


def smooth_sky() -> BackgroundModel:
    y, x = np.mgrid[0:32, 0:32]
    values = 1000 * (1 + 0.02 * np.sin(x / 11) * np.cos(y / 9))
    return BackgroundModel(BinGrid.from_values(values.astype(np.float32), BBOX), "NATURAL_SPLINE")


def test_samples(benchmark: BenchmarkFixture, table: Table, exposure: Exposure) -> None:
    sky, chosen = smooth_sky(), SkyMeasurementConfig()
    row = "samples of a smooth model, against bins of 128"
    table.compare(benchmark, row, lambda: measure_scale(exposure, sky, chosen), bins(exposure, 128))


def test_bins_and_model(benchmark: BenchmarkFixture, table: Table, exposure: Exposure) -> None:
    from astropy.stats import SigmaClip
    from photutils.background import Background2D, MeanBackground

    image, bad = cleaned(exposure)

    def ours() -> np.ndarray:
        grid = measure_background(exposure, config(128))
        return BackgroundModel(grid, "NATURAL_SPLINE").image()

    def peer() -> np.ndarray:
        return Background2D(
            image,
            128,
            mask=bad,
            filter_size=1,
            sigma_clip=SigmaClip(3.0, maxiters=3),
            bkg_estimator=MeanBackground(),
        ).background

    table.compare(benchmark, "bins and model, against photutils", ours, peer, rounds=2)


@pytest.mark.parametrize(
    ("name", "style"),
    [("natural spline", "NATURAL_SPLINE"), ("Akima", "AKIMA_SPLINE"), ("linear", "LINEAR")],
)
def test_model_image(
    benchmark: BenchmarkFixture, table: Table, exposure: Exposure, name: str, style: str
) -> None:
    out, copy = np.zeros((2, SIZE, SIZE), np.float32)
    one, row = model(128, style), f"model image, {name}, against a copy"
    table.compare(
        benchmark,
        row,
        lambda: one.image(out=out),
        lambda: np.copyto(copy, exposure.image),
        rounds=25,
    )


def test_subtract(benchmark: BenchmarkFixture, table: Table, exposure: Exposure) -> None:
    one, copy = model(128, "NATURAL_SPLINE"), np.zeros((SIZE, SIZE), np.float32)
    table.compare(
        benchmark,
        "subtract, against a copy",
        lambda: subtract_sky_frame(exposure, one, 0.7),
        lambda: np.copyto(copy, exposure.image),
        rounds=15,
    )


def test_object_masks(benchmark: BenchmarkFixture, table: Table, exposure: Exposure) -> None:
    half = Exposure(exposure.image[:, : SIZE // 2], exposure.mask[:, : SIZE // 2])
    table.time(benchmark, "object masks, 2048 x 4096", lambda: mask_objects(half), rounds=9)


def kinds_of_images(size: int) -> dict[str, Exposure]:
    """Return images that are hard on a method that guesses, all of one size."""
    rng = np.random.default_rng(5)
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    noise = (1000 + rng.normal(0, 10, (size, size))).astype(np.float32)
    images = {
        "smooth": 1000 * (1 + 0.02 * np.sin(x / 350) * np.cos(y / 290)),
        "constant": np.full((size, size), 1000.0),
        "two-valued": np.where(rng.random((size, size)) < 0.5, 10.0, 11.0),
        "along x": 1000 + x,
        "along y": 1000 + y,
        "steep": 1e6 + 30 * x + 17 * y,
        "steps": np.floor(x / 16) * 100 + rng.normal(0, 0.01, (size, size)),
        "bimodal": np.where(rng.random((size, size)) < 0.5, noise, noise + 1e6),
        "tails": 1000 + rng.standard_cauchy((size, size)),
        "whole numbers": np.round(noise),
    }
    found = {name: Exposure(image.astype(np.float32)) for name, image in images.items()}
    third = (rng.random((size, size)) < 0.3).astype(np.int32)
    return {**found, "30 % masked": Exposure(noise, third)}


@pytest.mark.parametrize("size", [8, 32, 128, 512, 1024])
def test_no_kind_of_image_is_slow(benchmark: BenchmarkFixture, table: Table, size: int) -> None:
    ordinary = make_exposure(size=1024)

    def least(call: Callable[[], object]) -> float:
        call()
        times = []
        for _ in range(5):
            begun = time.perf_counter()
            call()
            times.append(time.perf_counter() - begun)
        return min(times)

    usual = least(bins(ordinary, size))
    each = {name: least(bins(one, size)) / usual for name, one in kinds_of_images(1024).items()}
    print(f"\nbins of {size}: " + ", ".join(f"{name} {ratio:.2f}" for name, ratio in each.items()))
    row, worst = "the slowest kind of image, against noise", max(each.values())
    table.note(row, max(worst, table.figures.get(row, 0.0)))
    benchmark.group = row
    benchmark.pedantic(bins(ordinary, size), rounds=5)


@pytest.mark.parametrize(("name", "size"), [("8k", 8192), ("1k", 1024)])
def test_cost_is_linear_in_pixels(
    benchmark: BenchmarkFixture, table: Table, exposure: Exposure, name: str, size: int
) -> None:
    other = make_exposure(size=size)
    row, share = f"{name}, time a pixel against 4k", (SIZE / size) ** 2
    table.compare(benchmark, row, bins(other, 128), bins(exposure, 128), rounds=7, share=share)


@pytest.mark.parametrize(("name", "n"), [("1,600", 1600), ("20,000", 20_000), ("500,000", 500_000)])
def test_solve(benchmark: BenchmarkFixture, table: Table, name: str, n: int) -> None:
    rng, samples = np.random.default_rng(0), []
    for _ in range(100):
        sky = rng.uniform(90, 110, n // 100)
        samples.append(Samples(10 * sky + rng.normal(0, 2, sky.size), sky))
    chosen = SkyMeasurementConfig()
    row = f"scale of {name} samples"
    table.time(benchmark, row, lambda: solve_scales(samples, chosen), rounds=25)
