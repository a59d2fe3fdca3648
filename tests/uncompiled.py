"""Kernels as plain Python (NUMBA_DISABLE_JIT=1), so that coverage and debuggers see their lines.

What the kernels write as instructions of the processor has no Python of its own: it stands here.
Imported before the kernels are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba.extending
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

LANES = 16


def _append(out: np.ndarray, n: int, chosen: np.ndarray) -> int:
    chosen = chosen.copy()  # ``out`` may be what they come from
    out[n : n + chosen.size] = chosen
    return n + chosen.size


def _append_flagged(
    values: np.ndarray, flags: np.ndarray, first: int, out: np.ndarray, n: int
) -> int:
    some = slice(first, first + LANES)
    return _append(out, n, values[some][flags[some] != 0])


def _append_good(
    pixels: np.ndarray, mask: np.ndarray, bits: int, first: int, out: np.ndarray, n: int
) -> int:
    some = slice(first, first + LANES)
    return _append(out, n, pixels[some][np.isfinite(pixels[some]) & ((mask[some] & bits) == 0)])


def _sift(
    values: np.ndarray, blocks: int, limits: np.ndarray, out: np.ndarray, numbers: np.ndarray
) -> None:
    some = values[: blocks * LANES]
    near = np.zeros(some.size, bool)
    for k in range(3):
        numbers[1 + k] += np.count_nonzero(some < limits[2 * k])
        near |= (some >= limits[2 * k]) & (some <= limits[2 * k + 1])
    numbers[0] = _append(out, numbers[0], some[near])


def _append_within(
    values: np.ndarray, blocks: int, low: np.float32, high: np.float32, out: np.ndarray
) -> int:
    some = values[: blocks * LANES]
    return _append(out, 0, some[(some >= low) & (some <= high)])


def _sum_core(
    values: np.ndarray,
    blocks: int,
    low: np.float32,
    high: np.float32,
    about: float,
    sums: np.ndarray,
    out: np.ndarray,
) -> int:
    some = values[: blocks * LANES]
    inside = (some >= low) & (some <= high)
    d = np.where(inside, some.astype(np.float64) - about, 0.0).reshape(-1, LANES)
    for k, lanes in enumerate((d, d * d)):
        total = np.add.reduce(lanes, axis=0)
        while total.size > 1:
            total = total[: total.size // 2] + total[total.size // 2 :]
        sums[k] = total[0]
    return _append(out, 0, some[~inside])


def _bits_of(value: np.float32) -> np.int32:
    return np.float32(value).view(np.int32)


def _float_of(bits: np.int32) -> np.float32:
    return np.int32(bits).view(np.float32)


PLAIN: dict[str, Callable[..., Any]] = {
    one.__name__: one
    for one in (
        _append_flagged,
        _append_good,
        _sift,
        _append_within,
        _sum_core,
        _bits_of,
        _float_of,
    )
}


def _intrinsic(function: Callable[..., Any]) -> Callable[..., Any]:
    return PLAIN[function.__name__]


numba.extending.intrinsic = _intrinsic
