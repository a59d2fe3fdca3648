"""The drawings of a report: what the page needs of whoever can draw them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skyframe_gui.app.report.document import ReportData
    from skyframe_gui.engine import Watch


@dataclass(frozen=True, kw_only=True)
class Drawings:
    """Elements ``svg`` that stand inside of a page; "" for a plot that there is none of.

    Attributes
    ----------
    samples, residuals, histogram, detectors : str
    legend : tuple of (svg, words)
        Of the samples plot.
    kinds : dict of class of samples to svg
        The marks of `skyframe_gui.app.report.words.KINDS`.
    n_beyond : int
        Samples beyond the axes of the residuals.
    """

    samples: str
    residuals: str
    histogram: str
    detectors: str
    legend: tuple[tuple[str, str], ...]
    kinds: dict[str, str]
    n_beyond: int


Draw = Callable[["ReportData", "Watch"], Drawings]
"""Called in the lane. Plots belong to the thread of the window, which is asked to draw them."""
