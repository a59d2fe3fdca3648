"""How often findings may be chance, and how probable a deviation is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

FALSE_ALARMS = 0.01
"""How often a visit without any fault may be given a finding by chance, all checks together."""
RANDOM_CHECKS = 8
"""Checks that can be wrong by chance: offset, one side, rejections, their pull, a detector that
stands out, detectors that scatter, a gradient, level. What is only counted cannot."""
ALPHA = FALSE_ALARMS / RANDOM_CHECKS
"""Bonferroni's share of each of them; one that looks at many detectors shares it out again."""


def two_sided(
    t: float | NDArray[np.float64], dof: float | NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the probability of a deviation of t errors or more by chance (Student)."""
    from scipy.special import stdtr  # only a fit that is looked at pays for its import

    return np.asarray(2 * stdtr(dof, -np.abs(t)), np.float64)


def one_sided(most: int, n: int) -> float:
    """Return how probable it is that of n fair throws at least ``most`` fall on one side."""
    from scipy.special import bdtrc  # only a fit that is looked at pays for its import

    return min(2 * float(bdtrc(most - 1, n, 0.5)), 1.0)
