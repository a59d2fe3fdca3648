"""What the fit of each detector alone says: a number and a colour for each, and how it is read."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.app.model.remembered import Remembered
from skyframe_gui.numbers import (
    NONE,
    SIGMA,
    decimals_for,
    digits,
    fixed,
    named,
    short_unit,
    with_error,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.app.model.view import OwnNumber
    from skyframe_gui.engine.diagnostics.own_fits import OwnFits
    from skyframe_gui.ui.camera.rows import Plane, Row

    Floats = NDArray[np.float64]

FULL = 8.0
"""Sigma of the last colour."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Cells:
    """Numbers of all detectors, in the order of the plane's rows.

    Attributes
    ----------
    texts : tuple of str
        "" for a detector without a fit.
    pulls : float64 [n]
        What the colours say, in sigma; NaN without a fit.
    words : str
        What number and colour mean.
    by_scale : bool
        Whether they are the own scales, which are framed as on the focal plane.
    """

    texts: tuple[str, ...]
    pulls: Floats
    words: str
    by_scale: bool = False


def cells_of(plane: Plane, kind: OwnNumber) -> Cells:
    """Return the numbers of a kind; the last ones are remembered."""
    return _cells.of((plane, kind), lambda: _made(plane, kind))


_cells = Remembered[Cells]()


def _made(plane: Plane, kind: OwnNumber) -> Cells:
    own = plane.view.own
    n = len(plane.rows)
    if own is None:
        return Cells(texts=("",) * n, pulls=np.full(n, np.nan), words="")
    texts, pulls, words = _KINDS[kind](own, plane.unit)
    fitted = [row.fitted for row in plane.rows]
    return Cells(
        texts=tuple(texts[k] if k >= 0 else "" for k in fitted),
        pulls=np.array([pulls[k] if k >= 0 else math.nan for k in fitted]),
        words=words,
        by_scale=kind == "scale",
    )


def _scale(own: OwnFits, unit: str) -> tuple[list[str], Floats, str]:
    percent, errors = 100 * own.deviation, 100 * own.error / abs(own.visit)
    texts = _signed(percent, errors)
    of = digits(own.visit, 5)
    words = f"% from the visit's {of}; colour: in its errors, up to {FULL:.0f} {SIGMA}"
    return texts, own.pull, f"{words}; framed: odd"


def _sigma(own: OwnFits, unit: str) -> tuple[list[str], Floats, str]:
    known = own.sigma[np.isfinite(own.sigma)]
    size = float(np.median(known)) if known.size else 1.0
    decimals = decimals_for(size / 2) if size > 0 else 1
    texts = [fixed(float(one), decimals) if math.isfinite(one) else NONE for one in own.sigma]
    words = f"{named(SIGMA, short_unit(unit))} about its own line; colour: how far from the median"
    return texts, own.sigma_pull, words


def _rejected(own: OwnFits, unit: str) -> tuple[list[str], Floats, str]:
    texts = [str(int(one)) for one in own.rejected]
    share = own.rejected.sum() / max(int(own.usable.sum()), 1)
    words = f"samples rejected; colour: how far from the visit's {100 * share:.1f} %"
    return texts, own.rejected_pull, words


def _intercept(own: OwnFits, unit: str) -> tuple[list[str], Floats, str]:
    texts = _signed(own.intercept, own.intercept_error)
    return (
        texts,
        own.intercept_pull,
        f"{named('intercept', unit)}; colour: in its errors, up to {FULL:.0f} {SIGMA}",
    )


_KINDS = {"scale": _scale, "sigma": _sigma, "rejected": _rejected, "intercept": _intercept}


def _signed(values: Floats, errors: Floats) -> list[str]:
    """Return signed numbers, all with the first digit of the middle one of the errors."""
    known = errors[np.isfinite(errors) & (errors > 0)]
    decimals = min(decimals_for(10 * float(np.median(known))), 3) if known.size else 1
    return [
        fixed(float(one), decimals, sign=True) if math.isfinite(one) else NONE for one in values
    ]


def tip_of(plane: Plane, row: Row) -> str:
    """Return what the fit of a detector alone says, in a few lines; or why there is none."""
    own, k, name = plane.view.own, row.fitted, row.name
    if row.why:
        return f"Detector {name}: {row.why}"
    if own is None or k < 0:
        return f"Detector {name} is not fitted."
    if not math.isfinite(own.scale[k]):
        return f"Detector {name} has too few samples for a fit of its own."
    lines = [
        f"Detector {name}",
        f"own scale {with_error(float(own.scale[k]), float(own.error[k]))}, "
        f"{fixed(100 * float(own.deviation[k]), 2, sign=True)} %, "
        f"{fixed(float(own.pull[k]), 1, sign=True)} {SIGMA} from the visit's",
        f"{SIGMA} {digits(float(own.sigma[k]), 3, plane.unit)}, "
        f"rejected {own.rejected[k]} of {own.usable[k]}",
    ]
    if math.isfinite(own.intercept[k]):
        value = with_error(
            float(own.intercept[k]), float(own.intercept_error[k]), plane.unit, sign=True
        )
        lines.append(f"intercept {value}")
    return "\n".join(lines)
