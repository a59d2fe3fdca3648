"""The numbers of a fit as the fit box writes them."""

from __future__ import annotations

import html
import math
import re
from typing import TYPE_CHECKING

from skyframe_gui.numbers import NONE, SIGMA, digits, fixed, three_digits

if TYPE_CHECKING:
    from skyframe_gui.app.model.visit_fit import VisitFit
    from skyframe_gui.engine.diagnostics import Finding


def band(sigma: float, unit: str, rejection: float, colour: str) -> str:
    """Return the last sigma, in a colour, and the band's width, in rich text."""
    size = f"{fixed(sigma, three_digits([sigma]))} {unit}" if math.isfinite(sigma) else NONE
    value = f'<span style="color:{colour}">{html.escape(size.strip())}</span>'
    return f"{SIGMA} {value}, band ± {digits(rejection, 6)} {SIGMA}"


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
