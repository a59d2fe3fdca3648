"""What a comparison of A and B says: numbers, their differences, and what these mean."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from skyframe_gui.app.model.rejection_steps import rows_of, steps_of
from skyframe_gui.engine.scale import KEPT
from skyframe_gui.numbers import (
    MINUS,
    NONE,
    SIGMA,
    decimals_for,
    fixed,
    named,
    plain_minus,
    short_unit,
    true_minus,
    value_and_error,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from skyframe_gui.app.model.comparison import Comparison
    from skyframe_gui.app.model.visit_fit import VisitFit

BREAK = "\N{ZERO WIDTH SPACE}"
TIPS = {
    "scale": "Scale of the visit",
    "±": "Standard error of the scale",
    "model mean": "Mean of the sky samples times the scale: a scale alone depends on the level of "
    "its sky frame",
    SIGMA: "Width of the residuals in the last step: 0.741 times their interquartile range",
    "used": "Samples in the last step",
    "rejected": "Samples dropped by a round of rejection",
    "above the line": "Rejected samples that lie above the line",
    "map rms": "Root of the mean square of the shown detector's residual map",
    "x gradient": "By how much the residuals rise from left to right of a detector",
    "y gradient": "By how much the residuals rise from bottom to top of a detector",
}
SHARED = (
    "The difference by the larger of the two errors. A and B share most of their samples, so that "
    "the difference is surer than either scale."
)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A row of the table: a name, what A and B have, and A minus B."""

    name: str
    a: str
    b: str
    difference: str = ""
    tip: str = ""

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """What the columns show."""
        return self.name, self.a, self.b, self.difference


@dataclass(frozen=True, kw_only=True)
class Side:
    """The numbers of A or of B."""

    scale: float
    error: float
    sigma: float
    n_used: int
    n_rejected: int
    n_above: int
    model_mean: float


_sides: WeakKeyDictionary[VisitFit, Side] = WeakKeyDictionary()


def side_of(fit: VisitFit) -> Side:
    """Return the numbers of a fit, reckoned once; the sigma is of its last step."""
    if fit not in _sides:
        _sides[fit] = _make_side(fit)
    return _sides[fit]


def _make_side(fit: VisitFit) -> Side:
    solution, rows, step = fit.solution, rows_of(fit), steps_of(fit)[-1]
    rejected = solution.rejected_at >= 0
    above = rejected & (rows.image > solution.scale * rows.sky)
    sky = rows.sky[(solution.rejected_at == KEPT) & np.isfinite(rows.sky)]
    return Side(
        scale=solution.scale,
        error=solution.error,
        sigma=step.sigma,
        n_used=solution.n_used,
        n_rejected=int(rejected.sum()),
        n_above=int(above.sum()),
        model_mean=float(solution.scale * sky.mean()) if sky.size else math.nan,
    )


def field_lines(
    comparison: Comparison, names: Mapping[str, str], every: bool = False
) -> tuple[Line, ...]:
    """Return what differs between A and B; of long lists only what one has and the other not.

    Parameters
    ----------
    comparison : Comparison
    names : mapping of str to str
        Of the sky frames, by their keys.
    every : bool
        Whether fields that are the same are told, too.
    """
    lines = []
    for name, a, b in comparison.fields if every else comparison.differing:
        if name == "sky frame":
            a, b = names.get(a, a), names.get(b, b)
        tip = f"{name}\nA: {a or 'nothing'}\nB: {b or 'nothing'}"
        apart = ""
        if name.endswith(".mask") and a != b:
            a, b = _only(a, b), _only(b, a)
        elif a != b:
            apart = _apart(a, b)
        a, b = (_breakable(with_minus_number(one), "_") for one in (a, b))
        lines.append(Line(name=_breakable(name, "."), a=a, b=b, difference=apart, tip=tip))
    return tuple(lines)


def _apart(a: str, b: str) -> str:
    """Return A minus B with a sign and as many decimals as they have; "" where they are words."""
    try:
        difference = float(a) - float(b)
    except ValueError:
        return ""
    decimals = max(len(text.partition(".")[2]) for text in (a, b))
    return fixed(difference, min(decimals, 6), sign=True)


def number_lines(
    comparison: Comparison, scale_unit: str, unit: str, rms: tuple[float, float]
) -> tuple[Line, ...]:
    """Return the numbers of A and B and their differences; ``rms`` is of the residual maps."""
    a, b = side_of(comparison.a), side_of(comparison.b)
    one, other = value_and_error(a.scale, a.error), value_and_error(b.scale, b.error)
    apart, _ = value_and_error(a.scale - b.scale, max(a.error, b.error), sign=True)
    return (
        _line("scale", scale_unit, one[0], other[0], apart),
        _line("±", scale_unit, one[1] or NONE, other[1] or NONE, ""),
        _real("model mean", unit, a.model_mean, b.model_mean),
        _real(SIGMA, unit, a.sigma, b.sigma),
        _count("used", a.n_used, b.n_used),
        _count("rejected", a.n_rejected, b.n_rejected),
        _count("above the line", a.n_above, b.n_above),
        _real("map rms", unit, *rms),
        *(_rise(axis, unit, comparison) for axis in "xy"),
    )


def headline(comparison: Comparison, scale_unit: str) -> str:
    """Return what the difference of the scales comes to, in a few words."""
    for name, fit in (("A", comparison.a), ("B", comparison.b)):
        if fit.why or not math.isfinite(fit.solution.scale):
            return f"{name} has no scale. {fit.why}".strip()
    a, b = side_of(comparison.a), side_of(comparison.b)
    # Not both errors in squares: A and B share most of their samples, so they err together.
    difference, error = a.scale - b.scale, max(a.error, b.error)
    if difference == 0:
        return "A and B give the same scale"
    words, _ = value_and_error(difference, error, sign=True)
    if not (math.isfinite(error) and error > 0):
        return f"A {MINUS} B {words} {scale_unit}".strip()
    if not float(plain_minus(words)):
        return f"The scales agree to all their digits, within {_sigmas(difference / error)}"
    sentence = f"A {MINUS} B {words} {scale_unit}".strip()
    return f"{sentence}, {_sigmas(difference / error)}"


def as_text(lines: Sequence[Line]) -> str:
    """Return the table for the clipboard, with tabs between its columns."""
    head = f"\tA\tB\tA {MINUS} B"
    return "\n".join([head, *("\t".join(line.cells).replace(BREAK, "") for line in lines)])


def with_minus_number(text: str) -> str:
    """Return a text with the true minus sign where it is a negative number."""
    try:
        float(text)
    except ValueError:
        return text
    return true_minus(text)


def _line(name: str, unit: str, a: str, b: str, apart: str) -> Line:
    return Line(name=named(name, short_unit(unit)), a=a, b=b, difference=apart, tip=TIPS[name])


def _sigmas(ratio: float) -> str:
    size = abs(ratio)
    return f"{size:.1f} of the larger error" if size >= 0.05 else "a tenth of the larger error"


def _real(name: str, unit: str, a: float, b: float) -> Line:
    finite = [abs(one) for one in (a, b) if math.isfinite(one)]
    # Three digits, or as many as tell the two apart.
    least = min([one / 10 for one in finite if one], default=1.0)
    if math.isfinite(a - b) and a != b:
        least = max(min(least, abs(a - b)), least / 100)
    decimals = decimals_for(least)
    shown = [fixed(one, decimals) for one in (a, b)]
    apart = fixed(a - b, decimals, sign=True)
    return _line(name, unit, shown[0], shown[1], apart)


def _rise(axis: str, unit: str, comparison: Comparison) -> Line:
    """Return the line of a gradient, with as many digits as its error allows."""
    nothing = (math.nan, math.nan)
    (a, error_a), (b, error_b) = (found.get(axis, nothing) for found in comparison.rises)
    errors = [one for one in (error_a, error_b) if one > 0]
    decimals = decimals_for(max(errors, default=1.0))
    shown = [fixed(one, decimals) for one in (a, b)]
    apart = fixed(a - b, decimals, sign=True)
    name = f"{axis} gradient"
    tip = TIPS[name]
    if errors:
        tip = f"{tip}; errors {', '.join(fixed(one, decimals) for one in errors)} {unit}".strip()
    return replace(_line(name, unit, shown[0], shown[1], apart), tip=tip)


def _count(name: str, a: int, b: int) -> Line:
    return _line(name, "", str(a), str(b), fixed(a - b, 0, sign=True))


def _only(one: str, other: str) -> str:
    planes, others = one.split(", "), set(other.split(", "))
    return ", ".join(plane for plane in planes if plane and plane not in others) or NONE


def _breakable(text: str, after: str) -> str:
    """Let a long name be broken after a sign."""
    return text.replace(after, f"{after}{BREAK}")
