"""Detectors whose own scale disagrees with that of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.diagnostics.chance import ALPHA, two_sided
from skyframe_gui.engine.diagnostics.finding import MOST_NAMED, Finding, detector_names, in_order
from skyframe_gui.numbers import digits, percent, with_error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from skyframe_gui.engine.diagnostics.context import FitContext
    from skyframe_gui.engine.diagnostics.detectors import OwnScales

ORDER = 40


def fit(context: FitContext) -> Iterator[Finding]:
    """Name the detectors that stand out, else say where all scatter more than they should."""
    own = context.own_scales
    if own is None:
        return
    if own.odd.any():
        yield _disagree(context, own)
        return
    n = len(own.place)
    if not own.scatter:
        return
    from scipy.special import chdtrc, ndtri  # only a fit that is looked at pays for its import

    # Student's tails made Gaussian, so that the sum of squares is chi-square's.
    by_chance = np.clip(two_sided((own.scale - own.centre) / own.error, own.dof), 1e-300, 1.0)
    if chdtrc(n - 1, float(np.sum(ndtri(by_chance / 2) ** 2))) >= ALPHA:
        return
    error = float(np.median(own.error))
    yield Finding(
        kind="detectors-scatter",
        severity="note",
        title="The detectors' own scales scatter.",
        text=f"The own scales of the {n} detectors scatter by {digits(own.scatter, 2)}, "
        f"{percent(abs(own.scatter / own.centre))} of the scale, their errors being "
        f"{digits(error, 2)}: a gradient over the camera, or levels that differ between "
        "detectors, which one scale cannot take out.",
        detectors=in_order(context.detectors[int(one)] for one in own.place),
        numbers={
            "scatter": own.scatter,
            "error": error,
            "centre": own.centre,
            "n_detectors": n,
        },
        short=f"By {percent(abs(own.scatter / own.centre))} of the scale.",
    )


def _disagree(context: FitContext, own: OwnScales) -> Finding:
    pull = np.abs(own.scale - own.centre) / own.error
    name_of = [context.detectors[int(place)] or "(no name)" for place in own.place]
    shown = sorted(
        np.flatnonzero(own.odd).tolist(), key=lambda k: (-round(float(pull[k]), 3), name_of[k])
    )
    values = "; ".join(
        f"{name_of[k]}: {with_error(float(own.scale[k]), float(own.error[k]))}"
        for k in shown[:MOST_NAMED]
    )
    names = in_order(context.detectors[int(own.place[k])] for k in shown)
    plural = "s" if len(shown) > 1 else ""
    peers = f" (they scatter by {digits(own.scatter, 2)})" if own.scatter else ""
    is_not = (
        "differ by more than chance"
        if len(own.place) == 2
        else f"{'are' if plural else 'is'} not that of all {len(own.place)} together, "
        f"{digits(own.centre, 6)}{peers}"
    )
    return Finding(
        kind="detector-scale",
        severity="warning",
        title="Detectors disagree with the visit's scale."
        if plural
        else "A detector disagrees with the visit's scale.",
        text=f"The own scale{plural} of {detector_names(names)} {is_not}: {values}.",
        samples=context.numbers_of(context.odd & context.usable),
        detectors=names,
        numbers={
            "centre": own.centre,
            "worst_scale": float(own.scale[shown[0]]),
            "worst_error": float(own.error[shown[0]]),
            "n_detectors": len(shown),
            "scatter": own.scatter,
        },
        short=f"{values.split('; ')[0]}, all together {digits(own.centre, 6)}.",
    )
