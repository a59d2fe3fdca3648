"""Samples that rest on a small part of their box."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.diagnostics.finding import Finding
from skyframe_gui.engine.scale import EXCLUDED
from skyframe_gui.numbers import percent, plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from skyframe_gui.engine.diagnostics.context import FitContext

ORDER = 30
LOW = 0.25
"""Half of a full box's precision, while the fit gives both the same weight."""
WORTH_A_WORD, GRAVE = 0.1, 0.5
"""Part of the samples."""


def fit(context: FitContext) -> Iterator[Finding]:
    """Count the samples with less than a quarter of their pixels, and those without any."""
    asked = context.rejected_at != EXCLUDED
    n = int(asked.sum())
    low = asked & ~(context.good_fraction >= LOW)
    n_low = int(low.sum())
    if not n or n_low < WORTH_A_WORD * n:
        return
    empty = int((context.good_fraction[low] == 0).sum())
    median = float(np.median(context.good_fraction[asked]))
    named = ", ".join(context.config.stats.mask) or "(none)"
    why = f"What is left beside masked objects holds their wings. Masked are {named}."
    if not context.planes:
        why = "No image came with a mask: the others are no numbers, or on objects found here."
    yield Finding(
        kind="low-coverage",
        severity="warning" if n_low >= GRAVE * n else "note",
        title="Low good-pixel fractions.",
        text=f"{n_low} of {plural(n, 'sample')} rest on less than {percent(LOW)} of the pixels of "
        f"their box, {empty} of them on none; half of all samples have {percent(median)} or less. "
        f"{why}",
        samples=context.numbers_of(low),
        detectors=context.detectors_of(low),
        numbers={"n_low": n_low, "n_empty": empty, "n_samples": n, "median_fraction": median},
        short=f"{n_low} of {plural(n, 'sample')} have less than {percent(LOW)}.",
    )
