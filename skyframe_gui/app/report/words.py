"""The scale and the classes of samples as the report writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.scale import EXCLUDED, KEPT, NO_DATA
from skyframe_gui.numbers import with_error

if TYPE_CHECKING:
    from skyframe_gui.engine import ScaleSolution

KINDS = ("used", "rejected", "by hand", "no data")


def scale_text(solution: ScaleSolution, unit: str) -> str:
    """Return the scale with its error and its unit."""
    return with_error(solution.scale, solution.error, unit)


def counts(solution: ScaleSolution) -> dict[str, int]:
    """Return how many samples are of each of `KINDS`."""
    at = solution.rejected_at
    found = (at == KEPT, at >= 0, at == EXCLUDED, at == NO_DATA)
    return {kind: int(np.count_nonzero(one)) for kind, one in zip(KINDS, found, strict=True)}
