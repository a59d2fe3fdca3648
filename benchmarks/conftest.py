"""The exposure that all benchmarks work on: 4096 x 4096, 1 % masked, some NaN, stars."""

from __future__ import annotations

import numpy as np
import pytest

from skyframe_gui.engine import Exposure

SIZE = 4096


def make_exposure(whole_numbers: bool = False) -> Exposure:
    rng = np.random.default_rng(1)
    image = (1000 + rng.normal(0, 10, (SIZE, SIZE))).astype(np.float32)
    image += np.linspace(0, 50, SIZE, dtype=np.float32)
    y, x = np.mgrid[-8:9, -8:9]
    star = np.exp(-(x**2 + y**2) / 8).astype(np.float32)
    for _ in range(8000):
        row, column = rng.integers(8, SIZE - 9, 2)
        image[row - 8 : row + 9, column - 8 : column + 9] += star * rng.exponential(500)
    if whole_numbers:
        image = np.round(image)
    mask = (rng.random((SIZE, SIZE)) < 0.01).astype(np.int32)
    image[rng.random((SIZE, SIZE)) < 1e-4] = np.nan
    return Exposure(image, mask)


@pytest.fixture(scope="session")
def exposure() -> Exposure:
    return make_exposure()


@pytest.fixture(scope="session")
def whole_numbers() -> Exposure:
    return make_exposure(whole_numbers=True)
