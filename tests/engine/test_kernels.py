"""The kernels of the pixel statistics against plain numpy, on pixels that are not like a sky."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from skyframe_gui.engine.kernels import boxes, expected, packing, quartiles, vectors
from skyframe_gui.engine.statistics import box_statistics, compute_statistic

if TYPE_CHECKING:
    from collections.abc import Iterator

SIDE = 96
RNG = np.random.default_rng(5)
X = np.arange(SIDE, dtype=np.float64)[np.newaxis]
SKY = RNG.normal(1000, 10, (SIDE, SIDE))
HOLES = RNG.random((SIDE, SIDE))
TINY = float(np.float32(1e-45))

KINDS: dict[str, np.ndarray] = {
    "sky": SKY,
    "one value": np.full((SIDE, SIDE), 1 / 3),
    "two values": np.where(HOLES < 0.4, 1.0, 2.0),
    "few of another value": np.where(HOLES < 0.1, 7.0, 2.0),
    "ramp along x": 100 * X + 0 * X.T,
    "ramp along y": 0 * X + 1e5 * X.T,
    "smooth": 1000 + 5 * np.sin(X / 30) + 3 * np.cos(X.T / 40),
    "near a million": 1e6 + (SKY - 1000) / 4,
    "whole numbers": np.round(SKY),
    "two hills": np.where(HOLES < 0.5, SKY, SKY + 1e6),
    "jumps in the middle": np.where(X.T < 48, SKY, SKY + 1e6),
    "third missing": np.where(HOLES < 0.3, np.nan, SKY),
    "left half missing": np.where(X < 48, np.nan, SKY),
    "nearly all missing": np.where(HOLES < 0.999, np.nan, SKY),
    "all missing": np.full((SIDE, SIDE), np.nan),
    "denormal": TINY * np.round(SKY),
    "infinite ones": np.where(HOLES < 0.05, np.inf, np.where(HOLES > 0.9, -np.inf, SKY)),
    "every size": np.exp(60 * (HOLES - 0.5)) * np.sign(SKY - 1000),
    "about zero": SKY - 1000,
    "wild": np.where(HOLES < 0.2, SKY * 1e30, SKY),
}


def exact(
    pixels: np.ndarray, statistic: str, clip: float = 3.0, n_iter: int = 3
) -> tuple[float, float, int, int]:
    """Value, error, good and used pixels by sorting, and by looking at all pixels in every pass."""
    good = pixels[np.isfinite(pixels)].astype(np.float64)
    n = len(good)
    if not n:
        return np.nan, np.nan, 0, 0
    q25, median, q75 = np.percentile(good, (25, 50, 75))

    def spread(part: np.ndarray) -> tuple[float, float]:
        d = part - median
        return median + d.mean(), d.var(ddof=1) if len(d) > 1 else np.nan

    if statistic != "MEANCLIP":
        mean, variance = spread(good)
        if statistic == "MEAN":
            return mean, np.sqrt(variance / n), n, n
        return median, np.sqrt(np.pi / 2 * variance / n), n, n
    centre, half_width = median, clip * 0.741301109252802 * (q75 - q25)
    for _ in range(n_iter):
        kept = good[np.abs(good - centre) <= half_width]
        if not len(kept):
            return np.nan, np.nan, n, 0
        mean, variance = spread(kept)
        if n > 1:
            half_width = clip * np.sqrt(variance)
        centre = mean
    return mean, np.sqrt(variance / len(kept)), n, len(kept)


def assert_alike(found: Any, expected: tuple[float, float, int, int]) -> None:
    assert (found.n_good, found.n_used) == expected[2:]
    assert found.value == pytest.approx(expected[0], rel=1e-9, abs=1e-40, nan_ok=True)
    # Where all pixels kept are equal their variance is nothing but roundings.
    scale = abs(expected[0]) if np.isfinite(expected[0]) else 0.0
    assert found.error == pytest.approx(
        expected[1], rel=1e-7, abs=1e-12 * scale + 1e-40, nan_ok=True
    )


@pytest.mark.parametrize("statistic", ["MEAN", "MEDIAN", "MEANCLIP"])
@pytest.mark.parametrize("kind", KINDS)
def test_pixels_unlike_a_sky_are_measured_as_by_sorting(kind: str, statistic: str) -> None:
    image = KINDS[kind].astype(np.float32)
    assert_alike(compute_statistic(image, statistic=statistic), exact(image, statistic))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 13, 16, 17, 31, 96])
@pytest.mark.parametrize("kind", KINDS)
def test_boxes_of_any_size_are_measured_alone(kind: str, size: int) -> None:
    image = np.ascontiguousarray(KINDS[kind], np.float32)
    mask = (HOLES > 0.93).astype(np.int32)
    edges = np.append(np.arange(0, SIDE - size + 1, size), SIDE)
    found = box_statistics(image, mask, 1, edges, edges, "MEANCLIP")
    alone = np.where(mask, np.float32(np.nan), image)
    for i in range(0, len(edges) - 1, 5):
        for j in range(len(edges) - 1):
            box = alone[edges[i] : edges[i + 1], edges[j] : edges[j + 1]]
            one = compute_statistic(box)
            assert (found.n_good[i, j], found.n_used[i, j]) == (one.n_good, one.n_used)
            # To the bit: what a box has must not depend on those beside it.
            np.testing.assert_array_equal(
                (found.value[i, j], found.error[i, j]), (one.value, one.error)
            )
    assert found.n_good.sum() == np.isfinite(alone).sum()


@given(
    st.sampled_from(sorted(KINDS)),
    st.integers(1, 40),
    st.floats(1.7, 4.9),
    st.integers(1, 6),
    st.randoms(use_true_random=False),
)
def test_clips_of_parts_use_the_pixels_that_numpy_uses(
    kind: str, side: int, clip: float, n_iter: int, random: Any
) -> None:
    x, y = random.randint(0, SIDE - side), random.randint(0, SIDE - side)
    part = KINDS[kind].astype(np.float32)[y : y + side, x : x + side]
    found = compute_statistic(part, clip=clip, n_iter=n_iter)
    assert_alike(found, exact(part, "MEANCLIP", clip, n_iter))


def scratch(n: int) -> tuple[np.ndarray, ...]:
    return (
        np.empty(quartiles.CHUNK, np.uint16),
        np.empty((4, quartiles.MAX_CELLS), np.int32),
        np.empty(quartiles.CHUNK, np.uint8),
        np.empty(n + vectors.LANES, np.float32),
        np.empty(n + vectors.LANES, np.float32),
    )


# Parts of kernels can only be called by kernels.
@numba.njit
def pair_at(values, place, cells, counts, flags):
    return quartiles.pair_at(values, place, cells, counts, flags)


@numba.njit
def sort_lanes(values, lanes):
    boxes.sort_lanes(values, lanes)


@numba.njit
def sampled_range(values):
    return quartiles.sampled_range(values)


@numba.njit
def sift(values, limits, out, numbers):
    packing.sift(values, limits, out, numbers)


@numba.njit
def pack_within(values, low, high, out):
    return packing.pack_within(values, low, high, out)


@numba.njit
def sum_core(values, low, high, about, sums, tails):
    return packing.sum_core(values, low, high, about, sums, tails)


@numba.njit
def expected_quartiles(values, limits, numbers, near, own, cells, counts, flags):
    return expected.expected_quartiles(values, limits, numbers, near, own, cells, counts, flags)


@numba.njit
def expect_from_sample(values, limits, cells, counts, flags, near, own):
    return expected.expect_from_sample(values, limits, cells, counts, flags, near, own)


@numba.njit
def expect_next(boxes, guess, limits):
    for k in range(len(boxes)):
        expected.learn(boxes[k, 0], boxes[k, 1], boxes[k, 2], guess)
    return expected.expect_from_neighbour(1 << 14, guess, limits)


pixels32 = hnp.arrays(
    np.float32,
    st.integers(1, 900),
    elements=st.one_of(
        st.floats(width=32, allow_nan=False, allow_infinity=False),
        st.integers(-3, 3).map(float),
    ),
)


def test_a_part_of_kernels_refuses_a_call_from_python() -> None:
    with pytest.raises(TypeError, match="put_in_order"):
        quartiles.put_in_order(np.zeros(3, np.float32))


@given(pixels32, st.data())
def test_a_place_in_order_is_found_among_any_values(values: np.ndarray, data: Any) -> None:
    place = data.draw(st.integers(0, len(values) - 1))
    ordered = np.sort(values)
    low, high = pair_at(values.copy(), place, *scratch(values.size)[:3])
    assert (low, high) == (ordered[place], ordered[min(place + 1, len(values) - 1)])


@given(
    hnp.arrays(
        np.float32,
        st.tuples(st.integers(1, 70), st.integers(1, 40)),
        elements=st.one_of(st.floats(-9, 9, width=32), st.just(np.inf)),
    )
)
def test_all_lanes_are_sorted(values: np.ndarray) -> None:
    flat = values.ravel().copy()
    sort_lanes(flat, values.shape[1])
    np.testing.assert_array_equal(flat.reshape(values.shape), np.sort(values, axis=0))


def as_python(kernel: Any) -> Any:
    """Return the function as it is written; with NUMBA_DISABLE_JIT it is that already."""
    return getattr(kernel, "py_func", kernel)


def packed(values: np.ndarray, flags: np.ndarray, out: np.ndarray, n: int) -> int:
    chosen = values[flags[: values.size] != 0].copy()
    out[n : n + chosen.size] = chosen
    return n + chosen.size


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Run the parts of the kernel as Python; note how many values each histogram is made of."""
    sizes: list[int] = []
    count = as_python(quartiles.count)

    def noted(values: np.ndarray, *others: Any) -> None:
        sizes.append(values.size)
        count(values, *others)

    names = ("between", "put_in_order", "rising", "risen", "bit_scheme", "fill_cells", "collect")
    for name in (*names, "pair_at", "take_sample", "sampled_range", "quartiles"):
        monkeypatch.setattr(quartiles, name, as_python(getattr(quartiles, name)))
    monkeypatch.setattr(quartiles, "count", noted)
    monkeypatch.setattr(quartiles, "pack", packed)
    monkeypatch.setattr(quartiles, "bits_of", lambda value: np.float32(value).view(np.int32))
    monkeypatch.setattr(quartiles, "float_of", lambda bits: np.int32(bits).view(np.float32))
    with np.errstate(over="ignore", invalid="ignore"):
        yield sizes


def good(kind: str) -> np.ndarray:
    values = KINDS[kind].astype(np.float32).ravel()
    return values[np.isfinite(values)][::3].copy()


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "all missing"])
def test_a_place_is_found_in_some_passes_whatever_the_values(kind: str, counted: list[int]) -> None:
    values = good(kind)
    place = len(values) // 3
    low, high = quartiles.pair_at(values.copy(), place, *scratch(values.size)[:3])
    assert (low, high) == tuple(np.sort(values)[place : place + 2])
    assert len(counted) <= 4


@pytest.mark.parametrize("guess", [(np.nan, -1.0), (1e6, 1.0), (0.0, 1e-30), (0.0, 1e30)])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "all missing"])
def test_a_guess_that_is_wrong_costs_one_more_count(
    kind: str, guess: tuple[float, float], counted: list[int]
) -> None:
    values = good(kind)
    found = quartiles.quartiles(values, *guess, *scratch(values.size))
    wanted = np.percentile(values.astype(np.float64), (25, 50, 75))
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-44)
    assert counted.count(values.size) <= 3
    assert sum(counted) <= 4.5 * values.size


def test_the_guess_of_a_noiseless_slope_is_near() -> None:
    """The sample behind the guess lies all over the box, not in one of its columns."""
    for side in (64, 96, 128, 200):
        x, y = np.meshgrid(np.arange(side), np.arange(side))
        for image in (x + 0.01 * y, y + 0.01 * x):
            values = image.astype(np.float32).ravel()
            centre, width = sampled_range(values)
            q25, median, q75 = np.percentile(values, (25, 50, 75))
            assert abs(centre - median) < 0.2 * (q75 - q25)
            assert width == pytest.approx(q75 - q25, rel=0.3)


ends32 = hnp.arrays(np.float32, 6, elements=st.sampled_from([-3, -1, -0.5, 0, 0.5, 2, 1e30]))


@given(pixels32, ends32)
@example(np.array([-3, 0.5] * 9, np.float32), np.array([-3, -3, 0.5, 0.5, 2, 2], np.float32))
def test_what_lies_in_windows_and_below_them_is_told_of_any_values(
    values: np.ndarray, limits: np.ndarray
) -> None:
    out, numbers = np.empty(values.size + vectors.LANES, np.float32), np.zeros(4, np.int64)
    sift(values, limits, out, numbers)
    low, high = limits[::2, np.newaxis], limits[1::2, np.newaxis]
    near = ((values >= low) & (values <= high)).any(axis=0)
    np.testing.assert_array_equal(out[: numbers[0]], values[near])
    np.testing.assert_array_equal(numbers[1:], np.count_nonzero(values < low, axis=1))
    found = pack_within(values, limits[0], limits[1], out)
    np.testing.assert_array_equal(
        out[:found], values[(values >= limits[0]) & (values <= limits[1])]
    )


@given(hnp.arrays(np.float32, st.integers(1, 900), elements=st.integers(-40, 40)))
@example(np.array([-21, -20, 17, 18] * 5, np.float32))  # a limit itself, in whole blocks and beyond
def test_core_is_summed_and_tails_are_kept(values: np.ndarray) -> None:
    sums, tails = np.empty(2), np.empty(values.size + vectors.LANES, np.float32)
    found = sum_core(values, np.float32(-20), np.float32(17), 1.5, sums, tails)
    inside = (values >= -20) & (values <= 17)
    d = values[inside] - 1.5  # halves: their sums have no rounding
    np.testing.assert_array_equal(sums, (d.sum(), (d * d).sum()))
    np.testing.assert_array_equal(tails[:found], values[~inside])


def room(n: int) -> dict[str, np.ndarray]:
    cells, counts, flags, near, own = scratch(n)
    return {"near": near, "own": own, "cells": cells, "counts": counts, "flags": flags}


@pytest.mark.parametrize("off", [-300.0, -1.3, -0.4, 0.0, 0.4, 1.3, 300.0])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "all missing"])
def test_windows_lead_to_the_quartiles_or_to_none(kind: str, off: float) -> None:
    """Windows that are off by so many of their widths are moved, or the caller counts anew."""
    values = good(kind)
    wanted = np.percentile(values.astype(np.float64), (25, 50, 75))
    half = 0.1 * float(wanted[2] - wanted[0])
    near = wanted + 2 * half * off
    limits = np.stack([near - half, near + half], axis=1).astype(np.float32).ravel()
    found = expected_quartiles(values, limits, np.empty(4, np.int64), *room(values.size).values())
    if not np.isnan(found[1]):
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-44)
    if kind == "sky":
        assert np.isnan(found[1]) == (abs(off) == 300)


def test_a_window_that_ends_on_a_quartile_s_lower_neighbour_is_moved() -> None:
    """The quartile lies between two values, of which the window holds the lower one only."""
    values = np.arange(4096, dtype=np.float32)[RNG.permutation(4096)]
    quartiles_at = np.array([1023.75, 2047.5, 3071.25])
    for q in range(3):
        limits = np.stack([quartiles_at - 200, quartiles_at + 200], axis=1).astype(np.float32)
        limits[q] = np.floor(quartiles_at[q]) - 100, np.floor(quartiles_at[q])
        before = limits.copy()
        numbers = np.empty(4, np.int64)
        found = expected_quartiles(values, limits.ravel(), numbers, *room(4096).values())
        np.testing.assert_array_equal(found, quartiles_at)
        moved = limits[q, 0] > before[q, 0]
        assert moved == (limits[q, 1] > before[q, 1])
        assert moved, "to where the quartile is in the middle"
        assert numbers[1 + q] == np.floor(limits[q, 0]) + 1


@pytest.mark.parametrize("kind", ["sky", "smooth", "ramp along x", "two values", "whole numbers"])
def test_a_sample_of_a_large_box_leads_to_its_quartiles(kind: str) -> None:
    values = np.resize(KINDS[kind].astype(np.float32), 140_000)
    limits, parts = np.empty(6, np.float32), room(values.size)
    order = ("cells", "counts", "flags", "near", "own")
    assert not expect_from_sample(values[:130_000], limits, *(parts[name] for name in order))
    assert expect_from_sample(values, limits, *(parts[name] for name in order))
    wanted = np.percentile(values.astype(np.float64), (25, 50, 75))
    assert (limits[::2] <= wanted).all()
    assert (limits[1::2] >= wanted).all()
    found = expected_quartiles(values, limits, np.empty(4, np.int64), *parts.values())
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_the_next_box_is_expected_where_a_slope_leads_to() -> None:
    guess, limits = np.zeros(5), np.empty(6, np.float32)
    assert not expect_next(np.empty((0, 3)), guess, limits)
    slope = np.array([[-7.0, 0.0, 7.0]]) + 3 * np.arange(4)[:, np.newaxis]
    assert expect_next(slope, guess, limits)
    np.testing.assert_allclose((limits[::2] + limits[1::2]) / 2, (5, 12, 19), rtol=1e-6)
    np.testing.assert_allclose(limits[1::2] - limits[::2], 2 * 7 * 14 / 128, rtol=1e-5)
    guess[:] = 0
    assert expect_next(slope[:1], guess, limits)
    np.testing.assert_allclose((limits[::2] + limits[1::2]) / 2, (-7, 0, 7), atol=1e-6)
