"""The numbers of a fit as the fit box writes them."""

from __future__ import annotations

import html
import math
import re
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.scale import EXCLUDED, KEPT, NO_DATA
from skyframe_gui.wording import with_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skyframe_gui.app.model.rejection_steps import Step
    from skyframe_gui.app.model.visit_fit import VisitFit
    from skyframe_gui.engine import ScaleSolution
    from skyframe_gui.engine.diagnostics import Finding

NONE = "\N{EM DASH}"
MINUS = "\N{MINUS SIGN}"
SIGMA = "\N{GREEK SMALL LETTER SIGMA}"


def decimals_of(step: Step) -> int:
    """Return how many decimals the scale of a step is written with, as its error allows."""
    value = with_error(step.scale, step.error).partition(" ")[0]
    return len(value.partition(".")[2]) if "e" not in value else 0


def number(value: float, decimals: int) -> str:
    """Return a number, or a dash where there is none."""
    return f"{value:.{decimals}f}".replace("-", MINUS) if math.isfinite(value) else NONE


def three_digits(values: Sequence[float]) -> int:
    """Return the decimals that show three digits of the smallest of some numbers that is not 0."""
    sizes = [abs(value) for value in values if math.isfinite(value) and value]
    return max(2 - math.floor(math.log10(min(sizes))), 0) if sizes else 0


def scale_and_error(solution: ScaleSolution) -> tuple[str, str]:
    """Return "1012.4" and "± 0.6"; a dash and "" where there is no scale."""
    if not math.isfinite(solution.scale):
        return NONE, ""
    value, sign, error = (
        with_error(solution.scale, solution.error).replace("-", MINUS).partition(" ± ")
    )
    return value, f"± {error}" if sign else ""


def counts(solution: ScaleSolution) -> dict[str, int]:
    """Return how many samples are of each class."""
    at = solution.rejected_at
    return {
        "used": int(np.count_nonzero(at == KEPT)),
        "rejected": int(np.count_nonzero(at >= 0)),
        "by hand": int(np.count_nonzero(at == EXCLUDED)),
        "no data": int(np.count_nonzero(at == NO_DATA)),
    }


def band(sigma: float, unit: str, rejection: float, colour: str) -> str:
    """Return the last sigma, in a colour, and the band's width, in rich text."""
    size = f"{number(sigma, three_digits([sigma]))} {unit}" if math.isfinite(sigma) else NONE
    value = f'<span style="color:{colour}">{html.escape(size.strip())}</span>'
    return f"{SIGMA} {value}, band ± {rejection:g} {SIGMA}"


def short_of(finding: Finding) -> str:
    """Return a finding's number for a line; the first sentence of its text where it has none."""
    return finding.short or re.split(r"(?<=\.)\s", finding.text, maxsplit=1)[0]


def subject(fit: VisitFit | None) -> str:
    """Return what the fit is of."""
    if fit is None:
        return ""
    n = len(fit.keys)
    if not fit.complete:
        return f"{n} of {fit.n_members} detectors"
    return f"one scale for {n} detector{'s' * (n != 1)}"
