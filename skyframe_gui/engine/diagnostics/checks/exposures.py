"""Sky frames of so few exposures that nothing, or little, can be clipped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.bins import CLIP
from skyframe_gui.engine.diagnostics.finding import Finding, detector_names, in_order
from skyframe_gui.numbers import percent, plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from skyframe_gui.engine.diagnostics.context import FrameContext

ORDER = 70
WORTH_A_WORD = 0.1
"""Part of the bins."""
HALF_IQR = 0.741301109252802
"""What MEANCLIP multiplies the interquartile range by for its first sigma."""


def sky_frames(context: FrameContext) -> Iterator[Finding]:
    """Compare the number of exposures, in all and by bin, with the fewest that can be clipped."""
    one, two = fewest_to_clip(CLIP, 1), fewest_to_clip(CLIP, 2)
    few = in_order(name for name, n in context.n_exposures.items() if n < two)
    if few:
        n = min(context.n_exposures[name] for name in few)
        whose = f" of {detector_names(few)}" if any(few) else ""
        if n < one:
            verdict = (
                f"Of fewer than {one} values nothing is ever dropped at {CLIP:g} sigma, however "
                "far off: a star or a satellite that is not masked is in the sky frame."
            )
        else:
            verdict = (
                f"One value of a bin can be dropped at {CLIP:g} sigma, two on the same side only "
                f"of {two} or more."
            )
        yield Finding(
            kind="few-exposures",
            severity="warning" if n < one else "note",
            title="Too few exposures to clip." if n < one else "Few exposures to clip.",
            text=f"The sky frame{whose} is made of {plural(n, 'exposure')}. {verdict}",
            detectors=tuple(filter(None, few)),
            numbers={"n_exposures": n, "fewest_to_clip": one, "fewest_to_clip_two": two},
            short=f"{plural(n, 'exposure')}, {one if n < one else two} are needed.",
        )
    thin: dict[str, int] = {}
    n_bins = 0
    for name, frame in context.frames.items():
        if context.n_exposures.get(name, 0) < one:
            continue  # not known, or said of the whole sky frame
        n_bins += frame.filled.size
        if frame.grid.n_good.min() >= one:
            continue
        thin[name] = int(((frame.grid.n_good < one) & ~frame.filled).sum())
    total = sum(thin.values())
    if total and total >= WORTH_A_WORD * n_bins:
        names = in_order(name for name, bins in thin.items() if bins)
        yield Finding(
            kind="thin-bins",
            severity="note",
            title="Bins with too few exposures to clip.",
            text=f"{total} of {plural(n_bins, 'bin')} ({percent(total / n_bins)}) have a value "
            f"from fewer than {one} exposures, where nothing can be dropped.",
            detectors=tuple(filter(None, names)),
            numbers={"n_thin": total, "n_bins": n_bins},
            short=f"{total} of {plural(n_bins, 'bin')} ({percent(total / n_bins)}).",
        )


def fewest_to_clip(clip: float, n_far: int = 1) -> int:
    """Return the fewest values of which MEANCLIP can drop ``n_far`` that are far off together.

    Let the others be 0 and these x, ever larger. Median and quartiles, interpolated between
    neighbours in the order, are then parts of x, and the first pass drops x where ``x - median``
    is more than ``clip * 0.7413 * (q75 - q25)``; what it drops stays out, since later passes centre
    on the others. Mean and standard deviation of all values, by which the later passes go where it
    does not, never drop x sooner: of n values with m far off ``x - mean`` is
    ``sqrt((n - m) (n - 1) / (n m))`` standard deviations, less than it is by the quartiles.
    """
    n = 2 * n_far
    while True:
        n += 1
        values = np.zeros(n)
        values[n - n_far :] = 1.0
        q25, median, q75 = np.percentile(values, (25, 50, 75))
        if 1 - median > clip * HALF_IQR * (q75 - q25):
            return n
