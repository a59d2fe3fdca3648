"""The drawings of a report: what the page needs of whoever can draw them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skyframe_gui.app.report.document import ReportData
    from skyframe_gui.engine import Watch


class Svg(str):
    """An element ``svg`` that our own writer made: of all texts the one that no page escapes."""

    __slots__ = ()

    def __html__(self) -> str:
        """Return it as the HTML that it is; a template asks for it."""
        return self


@dataclass(frozen=True, kw_only=True)
class Drawings:
    """What is drawn inside of a page; empty for a plot that there is none of.

    Attributes
    ----------
    samples, residuals, histogram, detectors : Svg
    legend : tuple of (Svg, words)
        Of the samples plot.
    kinds : dict of class of samples to Svg
        The marks of `skyframe_gui.app.report.words.KINDS`.
    n_beyond : int
        Samples beyond the axes of the residuals.
    """

    samples: Svg
    residuals: Svg
    histogram: Svg
    detectors: Svg
    legend: tuple[tuple[Svg, str], ...]
    kinds: dict[str, Svg]
    n_beyond: int


Draw = Callable[["ReportData", "Watch"], Drawings]
"""Called in the lane. Plots belong to the thread of the window, which is asked to draw them."""
