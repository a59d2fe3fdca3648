"""How many samples the fit rejected, and how many are left."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.diagnostics.finding import Finding, detector_names, in_order
from skyframe_gui.engine.diagnostics.tails import both_sides
from skyframe_gui.engine.scale import EXCLUDED, IQR_TO_SIGMA, NO_DATA
from skyframe_gui.numbers import percent, plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from skyframe_gui.engine.diagnostics.context import FitContext

ORDER = 20
WORTH_A_WORD = 0.1
"""Part rejected, beyond what Gaussian noise loses, that is many. Fewer are told where they lie on
one side."""
TOO_FAR = 5.0
"""Surprise of how far samples lie from the line from which it is not their own noise: boxes that a
mask covers in part scatter more than others, and are rejected more often."""
FEW = 10
"""With fewer samples the error of the scale is itself uncertain by a quarter: 1/sqrt(2 (n - 1))."""


def fit(context: FitContext) -> Iterator[Finding]:
    """Compare the number of rejections with that of Gaussian noise; look for few samples."""
    yield from _many_rejected(context)
    solution = context.solution
    n = len(context.rejected_at)
    if solution.n_used < FEW:
        no_data = int((context.rejected_at == NO_DATA).sum())
        n_excluded = int((context.rejected_at == EXCLUDED).sum())
        rejected = int((context.rejected_at >= 0).sum())
        left = "none is" if not solution.n_used else f"{solution.n_used} are"
        yield Finding(
            kind="few-samples",
            severity="warning",
            title="Few samples are left.",
            text=f"Of {plural(n, 'sample')} {left} left in the fit: {rejected} rejected, {no_data} "
            f"without data, {n_excluded} excluded by hand. From fewer than {FEW} neither the "
            "scale's error nor the rejection can be trusted; xNumSamples and yNumSamples give "
            "more.",
            samples=context.numbers_of(context.kept),
            numbers={
                "n_used": solution.n_used,
                "n_samples": n,
                "n_rejected": rejected,
                "n_no_data": no_data,
                "n_excluded": n_excluded,
            },
            short=f"{solution.n_used} of {plural(n, 'sample')}.",
        )
    yield from _detectors_without_samples(context)


def _many_rejected(context: FitContext) -> Iterator[Finding]:
    n = int((context.usable & ~context.odd).sum())
    rejected = (context.rejected_at >= 0) & ~context.odd
    n_rejected = int(rejected.sum())
    if not n_rejected:
        return
    expected = lost_to_noise(context.config.skyRej, len(context.solution.iterations))
    fraction = n_rejected / n
    sigmas = context.deviations
    n_far = int((rejected & (np.abs(sigmas) > context.config.skyRej)).sum())
    known = sigmas[np.isfinite(sigmas)]
    if n_far < (expected + WORTH_A_WORD) * n or both_sides(known).surprise < TOO_FAR:
        return
    yield Finding(
        kind="many-rejected",
        severity="warning",
        title="Many samples were rejected.",
        text=f"{n_rejected} of {plural(n, 'sample')} ({percent(fraction)}) were rejected; "
        f"Gaussian noise would lose {percent(expected)}. The samples do not follow the sky frame, "
        "or only a part of them does: look at where they lie, for objects, a glow or another sky.",
        samples=context.numbers_of(rejected),
        detectors=context.detectors_of(rejected),
        numbers={"n_rejected": n_rejected, "n_usable": n, "expected_fraction": expected},
        short=f"{n_rejected} of {n} ({percent(fraction)}), noise loses {percent(expected)}.",
    )


def _detectors_without_samples(context: FitContext) -> Iterator[Finding]:
    if not context.solution.n_used:
        return  # said of the visit as a whole
    kept = np.bincount(context.group[context.kept], minlength=len(context.samples))
    silent = np.flatnonzero(kept == 0)
    if not len(silent):
        return
    names = in_order(context.detectors[int(one)] for one in silent)
    yield Finding(
        kind="detectors-unused",
        severity="warning",
        title="Detectors without a sample in the fit.",
        text=f"The scale is used on {detector_names(names)} of {len(context.samples)}, but no "
        "sample from there is left in the fit.",
        samples=context.numbers_of(np.isin(context.group, silent)),
        detectors=names,
        numbers={"n_detectors": len(silent)},
        short=f"{len(silent)} of {plural(len(context.samples), 'detector')}.",
    )


def lost_to_noise(rejection: float, n_rounds: int) -> float:
    """Return the part of Gaussian samples that all rounds of rejection drop.

    Each round cuts at ``rejection`` times 0.741 of the interquartile range of what the rounds
    before have left, which is a Gaussian that ends at their cut.
    """
    normal = NormalDist()
    cut, left = float("inf"), 1.0
    for _ in range(n_rounds):
        quartile = normal.inv_cdf(0.5 + left / 4)
        new = min(cut, rejection * IQR_TO_SIGMA * 2 * quartile)
        if new >= cut * (1 - 1e-9):
            break
        cut, left = new, 2 * normal.cdf(new) - 1
        if left < 1e-6:
            break
    return 1 - left
