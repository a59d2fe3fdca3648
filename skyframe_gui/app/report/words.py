"""Numbers and sizes as the report writes them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.scale import EXCLUDED, KEPT, NO_DATA
from skyframe_gui.wording import with_error

if TYPE_CHECKING:
    from collections.abc import Iterable

    from skyframe_gui.engine import ScaleSolution

NONE = "\N{EM DASH}"
MINUS = "\N{MINUS SIGN}"
TIMES = "\N{MULTIPLICATION SIGN}"
SIGMA = "\N{GREEK SMALL LETTER SIGMA}"
KINDS = ("used", "rejected", "by hand", "no data")


def minus(text: str) -> str:
    """Return the text of a number with a true minus sign."""
    return text.replace("-", MINUS)


def fixed(value: float, decimals: int) -> str:
    """Return a number with so many decimals, or a dash where there is none."""
    return minus(f"{value:.{decimals}f}") if math.isfinite(value) else NONE


def digits(value: float, count: int = 4) -> str:
    """Return a number with so many digits, or a dash where there is none."""
    return minus(f"{value:.{count}g}") if math.isfinite(value) else NONE


def scale_text(solution: ScaleSolution, unit: str) -> str:
    """Return the scale with its error and its unit."""
    if not math.isfinite(solution.scale):
        return NONE
    return with_unit(minus(with_error(solution.scale, solution.error)), unit)


def with_unit(text: str, unit: str) -> str:
    """Return a value with its unit, where there are both."""
    return f"{text} {unit}".strip()


def scale_decimals(value: float, error: float) -> int:
    """Return how many decimals a scale is written with, as its error allows."""
    text = with_error(value, error).partition(" ")[0]
    return len(text.partition(".")[2]) if "e" not in text else 0


def three_digits(values: Iterable[float]) -> int:
    """Return the decimals that show three digits of the smallest of some numbers that is not 0."""
    sizes = [abs(value) for value in values if math.isfinite(value) and value]
    return min(max(2 - math.floor(math.log10(min(sizes))), 0), 12) if sizes else 0


def counts(solution: ScaleSolution) -> dict[str, int]:
    """Return how many samples are of each of `KINDS`."""
    at = solution.rejected_at
    found = (at == KEPT, at >= 0, at == EXCLUDED, at == NO_DATA)
    return {kind: int(np.count_nonzero(one)) for kind, one in zip(KINDS, found, strict=True)}


def named_unit(name: str, unit: str) -> str:
    """Return what an axis or a column is called: ``residual [adu]``."""
    return f"{name} [{unit}]" if unit else name


def bytes_text(size: int) -> str:
    """Return a file's size: ``33.6 MB``."""
    value = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            break
        value /= 1000
    return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"


def plural(count: int, what: str) -> str:
    """Return ``1 sample`` or ``3 samples``."""
    return f"{count} {what}{'s' * (count != 1)}"
