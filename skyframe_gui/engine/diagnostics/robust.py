"""Lines through samples with outliers, and errors that do not take neighbours as independent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAD_TO_SIGMA = 1.482602218505602
BISQUARE = 4.685
"""Tukey's constant: 95 % of the efficiency of least squares on Gaussian residuals."""
ROUNDS = 6
"""Rounds of re-weighting, first for least absolute residuals, then for Tukey's bisquare."""
ROUNDING = 1e-9
"""Residuals below this part of the values are the arithmetic's, not the sky's."""
MOST_CORRELATED = 0.9
SMALL_SAMPLE = 0.5
"""Part of the degrees of freedom that count in a robust fit, whose own sigma is uncertain too; set
so that of 16 Gaussian samples no more offsets than asked for are found by chance."""
LEAST_FREEDOM = 3.0
"""Degrees of freedom that a line is given at least: with the one that three detectors have, an
offset of a hundred errors would not count."""


class Groups(NamedTuple):
    """Which samples belong together and lie side by side."""

    group: NDArray[np.int64]
    """[n] number of the detector of each sample."""
    n_groups: int
    neighbours: NDArray[np.int64]
    """[m, 2] pairs of samples of one detector whose boxes touch."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """A straight line with errors that hold for correlated residuals."""

    slope: float
    offset: float
    slope_error: float
    offset_error: float
    dof: float
    """Degrees of freedom behind the errors."""


class Slopes(NamedTuple):
    """Lines through the origin, one a group; NaN where a group has too few samples."""

    slope: NDArray[np.float64]
    error: NDArray[np.float64]
    dof: NDArray[np.float64]


def fit_line(x: NDArray[np.float64], y: NDArray[np.float64], groups: Groups) -> Line | None:
    """Fit ``y = offset + slope x`` with outliers weighed down.

    Tukey's bisquare, begun from least absolute residuals. The errors are from the scatter itself:
    of the samples within a group, larger by what neighbours have in common (see `inflation`), and
    of the groups about the line where that is more than their samples explain (a random effect).

    Parameters
    ----------
    x, y : float64 [n]
        All finite.
    groups : Groups
        Of these n samples.

    Returns
    -------
    line : Line or None
        None where fewer than 4 samples or no spread in x leave the line undetermined.
    """
    if len(x) < 4:
        return None
    middle = float(np.median(x))
    unit = float(np.std(x))
    if not unit > ROUNDING * float(np.abs(x).max()):
        return None
    design = np.stack([np.ones(len(x)), (x - middle) / unit])
    beta, scores = _bisquare(design, y)

    group, n_groups = groups.group, groups.n_groups
    sizes = np.bincount(group, minlength=n_groups)
    present = int((sizes > 0).sum())
    means = np.bincount(group, scores, n_groups) / np.maximum(sizes, 1)
    within = scores - means[group]
    dof_within = len(x) - present - 1
    if present < 3 or dof_within < 1:
        # Two groups lie on a line whatever they do: nothing is known of how groups scatter.
        variance, between = float(scores @ scores) / (len(x) - 2), 0.0
        dof_within = len(x) - 2
    else:
        variance = float(within @ within) / dof_within
        mean_square = float(sizes @ means**2) / (present - 2)
        between = max(mean_square - variance, 0.0) * present / len(x)
    larger, fewer = inflation(scores, groups)
    bread = np.linalg.inv(design @ design.T)
    sums = np.stack([np.bincount(group, row, n_groups) for row in design])
    to_offset = np.array([1.0, -middle / unit])
    to_slope = np.array([0.0, 1.0 / unit])
    own = variance * larger * bread
    shared = between * bread @ (sums @ sums.T) @ bread
    parts = [float(to_offset @ part @ to_offset) for part in (own, shared)]
    dofs = (max(dof_within / fewer, 1.0), max(present - 2.0, 1.0))
    total = sum(parts)
    # Welch and Satterthwaite: the degrees of freedom of a sum of two estimated variances.
    spread = sum(part**2 / dof for part, dof in zip(parts, dofs, strict=True))
    return Line(
        slope=float(to_slope @ beta),
        offset=float(to_offset @ beta),
        slope_error=float(np.sqrt(to_slope @ (own + shared) @ to_slope)),
        offset_error=float(np.sqrt(total)),
        dof=max(SMALL_SAMPLE * (total**2 / spread if spread > 0 else dof_within), LEAST_FREEDOM),
    )


def fit_slopes(x: NDArray[np.float64], y: NDArray[np.float64], groups: Groups) -> Slopes:
    """Fit ``y = slope x`` in each group by itself, outliers weighed down.

    Parameters and errors as of `fit_line`; groups of fewer than 4 samples are left out.
    """
    group, n = groups.group, groups.n_groups
    sizes = np.bincount(group, minlength=n)
    unit = float(np.abs(x).max()) if len(x) else 0.0
    squares = np.bincount(group, x * x, n)
    usable = (sizes >= 4) & (squares > (ROUNDING * unit) ** 2)
    nothing = np.full(n, np.nan)
    if not usable.any():
        return Slopes(nothing, nothing, nothing)
    least = ROUNDING * float(np.abs(y).max()) + 1e-300
    weight = np.ones(len(x))
    sigma = np.zeros(len(x))
    slope = np.zeros(n)
    for number in range(2 * ROUNDS):
        bottom = np.bincount(group, weight * x * x, n)
        slope = np.bincount(group, weight * x * y, n) / np.where(bottom > 0, bottom, 1.0)
        residual = y - slope[group] * x
        if number < ROUNDS - 1:
            weight = _absolute_weights(residual, least)
            continue
        if number == ROUNDS - 1:
            sigma = np.maximum(_group_median(np.abs(residual), groups)[group], least)
            sigma = sigma * MAD_TO_SIGMA
        weight = _bisquare_weights(residual / sigma)
    scores = _scores(residual / sigma, weight, groups) * sigma
    larger, fewer = inflation(scores, groups)
    freedom = np.maximum(sizes - 1.0, 1.0)
    variance = np.bincount(group, scores * scores, n) / freedom
    # A scatter smaller than that of most groups is luck with few samples, and would make of a
    # usual deviation one that stands out.
    variance = np.maximum(variance, np.median(variance[usable]))
    error = np.sqrt(variance * larger / np.where(usable, squares, 1.0))
    return Slopes(
        np.where(usable, slope, np.nan),
        np.where(usable, error, np.nan),
        np.maximum(freedom / fewer, 2.0),
    )


def inflation(residual: NDArray[np.float64], groups: Groups) -> tuple[float, float]:
    """Return how far residuals are from independent, from the correlation r of neighbouring boxes.

    Returns
    -------
    variance : float
        By how much the variance of a mean is larger: the sum of all correlations of a field that
        falls off as r to the distance along either axis, ``((1 + r) / (1 - r))^2``.
    freedom : float
        By how much the degrees of freedom of their own variance are fewer: the sum of the squared
        correlations, ``((1 + r^2) / (1 - r^2))^2``.

        More than a whole group moving as one cannot be, and less than independence is not believed
        of a small sample.
    """
    if not len(groups.neighbours):
        return 1.0, 1.0
    power = float(residual @ residual) / len(residual)
    if not power > 0:
        return 1.0, 1.0
    left, right = residual[groups.neighbours.T]
    r = min(max(float(left @ right) / len(left) / power, 0.0), MOST_CORRELATED)
    members = len(residual) / max(len(np.unique(groups.group)), 1)
    most = max(members, 1.0)
    return (
        min(((1 + r) / (1 - r)) ** 2, most),
        min(((1 + r**2) / (1 - r**2)) ** 2, most),
    )


def _bisquare(
    design: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return coefficients, and residuals as least squares would have to see them."""
    least = ROUNDING * float(np.abs(y).max()) + 1e-300
    x = design[1]
    weight = np.ones(len(y))
    sigma = 1.0
    for number in range(2 * ROUNDS):
        total, weighted = float(weight.sum()), weight * x
        first, second = float(weighted.sum()), float(weighted @ x)
        right, right_x = float(weight @ y), float(weighted @ y)
        determinant = total * second - first * first
        if not determinant > 1e-12 * total * second:
            break  # what weight there is left is at one x: the line of the round before stands
        beta = np.array([second * right - first * right_x, total * right_x - first * right])
        beta /= determinant
        residual = y - beta @ design
        if number < ROUNDS - 1:
            weight = _absolute_weights(residual, least)
            continue
        if number == ROUNDS - 1:
            sigma = max(float(np.median(np.abs(residual))), least) * MAD_TO_SIGMA
        weight = _bisquare_weights(residual / sigma)
    everything = Groups(np.zeros(len(y), np.int64), 1, np.empty((0, 2), np.int64))
    return beta, _scores(residual / sigma, weight, everything) * sigma


def _absolute_weights(residual: NDArray[np.float64], least: float) -> NDArray[np.float64]:
    """Return weights for least absolute residuals, level near 0: no sample holds the line alone."""
    size = np.abs(residual)
    floor = max(0.05 * float(size.mean()), least)
    return np.asarray(floor / np.maximum(size, floor), np.float64)


def _bisquare_weights(z: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.maximum(1 - (z / BISQUARE) ** 2, 0.0) ** 2, np.float64)


def _scores(
    z: NDArray[np.float64], weight: NDArray[np.float64], groups: Groups
) -> NDArray[np.float64]:
    """Return psi(z) over the mean of its derivative: their variance is that of the estimate."""
    u = (z / BISQUARE) ** 2
    derivative = np.where(u < 1, (1 - u) * (1 - 5 * u), 0.0)
    sizes = np.maximum(np.bincount(groups.group, minlength=groups.n_groups), 1)
    mean = np.bincount(groups.group, derivative, groups.n_groups) / sizes
    # A mean near 0 is that of a group of outliers alone: keep its error finite, and large.
    return np.asarray(weight * z / np.maximum(mean, 0.1)[groups.group], np.float64)


def _group_median(values: NDArray[np.float64], groups: Groups) -> NDArray[np.float64]:
    """Return the median of each group, NaN where it is empty: one sort for all of them."""
    if not len(values):
        return np.full(groups.n_groups, np.nan)
    sizes = np.bincount(groups.group, minlength=groups.n_groups)
    ordered = values[np.lexsort((values, groups.group))]
    first = np.cumsum(sizes) - sizes
    low = np.minimum(first + np.maximum(sizes - 1, 0) // 2, len(values) - 1)
    high = np.minimum(first + sizes // 2, len(values) - 1)
    return np.where(sizes > 0, (ordered[low] + ordered[high]) / 2, np.nan)
