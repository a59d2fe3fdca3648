"""The samples of a visit with their residuals in A and in B, and who rejects them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.app.model.rejection_steps import rows_of, steps_of
from skyframe_gui.engine.scale import KEPT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.app.model.comparison import Comparison
    from skyframe_gui.app.model.items import SampleId
    from skyframe_gui.app.model.rejection_steps import SampleRows

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


class RejectedIn(IntEnum):
    """Who rejects a sample."""

    NOBODY = 0
    BOTH = 1
    ONLY_A = 2
    ONLY_B = 3


@dataclass(frozen=True, kw_only=True, eq=False)
class Pairs:
    """Samples that both have, without those of no data or excluded by hand in either.

    Attributes
    ----------
    rows : SampleRows
        Of A.
    index : int array [n]
        Which of the rows each is.
    a, b : float array [n]
        Residuals.
    step_a, step_b : int array [n]
        The step that dropped it, from 1 on; 0 for none.
    who : int array [n]
        See `RejectedIn`.
    sigma_a, sigma_b : float
        Of the last step.
    band_a, band_b : float
        ``skyRej`` times that.
    """

    rows: SampleRows
    index: Ints
    a: Floats
    b: Floats
    step_a: Ints
    step_b: Ints
    who: Ints
    sigma_a: float
    sigma_b: float
    band_a: float
    band_b: float

    def counts(self) -> tuple[int, int, int]:
        """Return how many only A, only B and both reject."""
        only_a, only_b, both = (
            int((self.who == one).sum())
            for one in (RejectedIn.ONLY_A, RejectedIn.ONLY_B, RejectedIn.BOTH)
        )
        return only_a, only_b, both

    def find(self, sample: SampleId | None) -> int | None:
        """Return which of the pairs a sample is."""
        row = self.rows.index(sample)
        at = np.flatnonzero(self.index == (-1 if row is None else row))
        return int(at[0]) if len(at) else None


@lru_cache(maxsize=2)
def pairs_of(found: Comparison) -> Pairs | None:
    """Return the pairs of a comparison; None where the boxes of A and B are not the same."""
    if not found.same_boxes:
        return None
    one, other = rows_of(found.a), rows_of(found.b)
    there = (one.rejected_at >= KEPT) & (other.rejected_at >= KEPT)
    a = one.image - found.a.solution.scale * one.sky
    b = other.image - found.b.solution.scale * other.sky
    there &= np.isfinite(a) & np.isfinite(b)
    index = np.flatnonzero(there)
    step_a, step_b = one.rejected_at[index] + 1, other.rejected_at[index] + 1
    who = np.where(
        step_a > 0,
        np.where(step_b > 0, RejectedIn.BOTH, RejectedIn.ONLY_A),
        np.where(step_b > 0, RejectedIn.ONLY_B, RejectedIn.NOBODY),
    )
    sigmas = [steps_of(fit)[-1].sigma for fit in found.fits]
    bands = [sigma * pin.config.skyRej for sigma, pin in zip(sigmas, found.pins, strict=True)]
    return Pairs(
        rows=one,
        index=index,
        a=a[index],
        b=b[index],
        step_a=step_a,
        step_b=step_b,
        who=who,
        sigma_a=sigmas[0],
        sigma_b=sigmas[1],
        band_a=bands[0],
        band_b=bands[1],
    )
