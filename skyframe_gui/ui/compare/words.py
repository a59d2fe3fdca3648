"""What a comparison of A and B says: numbers, their differences, and what these mean."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

from skyframe_gui.app.compare import residual_rms
from skyframe_gui.app.steps import steps_of
from skyframe_gui.ui.plots.axes import decimals_for, number, with_minus
from skyframe_gui.wording import with_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skyframe_gui.app.compare import Comparison
    from skyframe_gui.app.state import VisitFit

SIGMA = "\N{GREEK SMALL LETTER SIGMA}"
MINUS = "\N{MINUS SIGN}"
NONE = "\N{EM DASH}"
BREAK = "\N{ZERO WIDTH SPACE}"
TIPS = {
    "scale": "Scale of the visit",
    "error": "Standard error of the scale",
    SIGMA: "Width of the residuals in the last step: 0.741 times their interquartile range",
    "used": "Samples in the last step",
    "rejected": "Samples dropped by a round of rejection",
    "rms": "Root of the mean square of the residuals of the used samples",
}
SHARED = (
    "The difference by the larger of the two errors. A and B share most of their samples, so that "
    "the difference is surer than either scale."
)


class Line(NamedTuple):
    """A row of the table: a name, what A and B have, and A minus B."""

    name: str
    a: str
    b: str
    difference: str = ""
    tip: str = ""


class Side(NamedTuple):
    """The numbers of A or of B."""

    scale: float
    error: float
    sigma: float
    n_used: int
    n_rejected: int
    rms: float


_sides: WeakKeyDictionary[VisitFit, Side] = WeakKeyDictionary()


def side_of(fit: VisitFit) -> Side:
    """Return the numbers of a fit, reckoned once; the sigma is of its last step."""
    if fit not in _sides:
        _sides[fit] = _make_side(fit)
    return _sides[fit]


def _make_side(fit: VisitFit) -> Side:
    solution = fit.solution
    n_rejected = int((solution.rejected_at >= 0).sum())
    sigma = steps_of(fit)[-1].sigma
    return Side(
        solution.scale, solution.error, sigma, solution.n_used, n_rejected, residual_rms(fit)
    )


def field_lines(comparison: Comparison) -> tuple[Line, ...]:
    """Return what differs between A and B; of long lists only what one has and the other not."""
    lines = []
    for name, a, b in comparison.differing:
        tip = f"{name}\nA: {a or 'nothing'}\nB: {b or 'nothing'}"
        if name.endswith(".mask"):
            a, b = _only(a, b), _only(b, a)
        lines.append(
            Line(_breakable(name, "."), with_minus_number(a), with_minus_number(b), "", tip)
        )
    return tuple(lines)


def number_lines(comparison: Comparison, scale_unit: str, unit: str) -> tuple[Line, ...]:
    """Return the numbers of A and B and their differences."""
    a, b = side_of(comparison.a), side_of(comparison.b)
    one, other = _parts(a.scale, a.error), _parts(b.scale, b.error)
    apart = _parts(a.scale - b.scale, max(a.error, b.error), sign=True)
    return (
        Line(named("scale", scale_unit), one[0], other[0], apart[0], TIPS["scale"]),
        Line(named("error", scale_unit), one[1], other[1], "", TIPS["error"]),
        _real(SIGMA, unit, a.sigma, b.sigma),
        _count("used", a.n_used, b.n_used),
        _count("rejected", a.n_rejected, b.n_rejected),
        _real("rms", unit, a.rms, b.rms),
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
    words = with_error_minus(difference, error, sign=True).partition(" ±")[0]
    if not (math.isfinite(error) and error > 0):
        return f"A {MINUS} B {words} {scale_unit}".strip()
    if not float(words.replace(MINUS, "-")):
        return f"The scales agree to all their digits, within {_sigmas(difference / error)}"
    told = f"A {MINUS} B {words} {scale_unit}".strip()
    return f"{told}, {_sigmas(difference / error)}"


def as_text(lines: Sequence[Line]) -> str:
    """Return the table for the clipboard, with tabs between its columns."""
    head = f"\tA\tB\tA {MINUS} B"
    return "\n".join([head, *("\t".join(line[:4]).replace(BREAK, "") for line in lines)])


def named(name: str, unit: str) -> str:
    """Return a name with its unit in brackets."""
    return f"{name} [{unit}]" if unit else name


def with_error_minus(value: float, error: float, sign: bool = False) -> str:
    """Return a number with its error and the true minus sign, a dash where there is none."""
    if not math.isfinite(value):
        return NONE
    text = with_error(value, error)
    return with_minus(f"+{text}" if sign and value > 0 else text)


def with_minus_number(text: str) -> str:
    """Return a text with the true minus sign where it is a negative number."""
    try:
        float(text)
    except ValueError:
        return text
    return with_minus(text)


def _parts(value: float, error: float, sign: bool = False) -> tuple[str, str]:
    number_text, _, error_text = with_error_minus(value, error, sign).partition(" ± ")
    return number_text, error_text or NONE


def _sigmas(ratio: float) -> str:
    size = abs(ratio)
    return f"{size:.1f} of the larger error" if size >= 0.05 else "a tenth of the larger error"


def _real(name: str, unit: str, a: float, b: float) -> Line:
    finite = [abs(one) for one in (a, b) if math.isfinite(one)]
    # Three digits, or as many as tell the two apart.
    least = min([one / 10 for one in finite if one], default=1.0)
    if math.isfinite(a - b) and a != b:
        least = max(min(least, abs(a - b)), least / 1000)
    decimals = decimals_for(least)
    shown = [number(one, decimals) if math.isfinite(one) else NONE for one in (a, b)]
    apart = number(a - b, decimals, sign=True) if math.isfinite(a - b) else NONE
    return Line(named(name, unit), shown[0], shown[1], apart, TIPS[name])


def _count(name: str, a: int, b: int) -> Line:
    return Line(name, str(a), str(b), number(a - b, 0, sign=True), TIPS[name])


def _only(one: str, other: str) -> str:
    planes, others = one.split(", "), set(other.split(", "))
    only = ", ".join(plane for plane in planes if plane and plane not in others) or NONE
    return _breakable(only, "_")


def _breakable(text: str, after: str) -> str:
    """Let a long name be broken after a sign."""
    return text.replace(after, f"{after}{BREAK}")
