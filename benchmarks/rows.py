"""What is measured, and how good it has to be: one row for each figure of the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["times faster", "times as long", "ms", "s", "MiB"]


@dataclass(frozen=True, kw_only=True)
class Row:
    """A figure.

    Parameters
    ----------
    name : str
    kind : str
        "times faster" is the peer's time over ours: more is better. Of all others less is better.
    was : float or None
        Of version 0.1.0, on another quiet machine with two cores; None: not known.
    must, goal : float or None
    """

    name: str
    kind: Kind
    was: float | None
    must: float | None
    goal: float | None

    def verdict(self, value: float) -> str:
        """Return "goal", "must", "missed", or "" where there is no target."""
        for word, limit in (("goal", self.goal), ("must", self.must)):
            if limit is None:
                continue
            if value >= limit if self.kind == "times faster" else value <= limit:
                return word
        return "" if self.must is None else "missed"


def _row(
    name: str, kind: Kind, was: float | None, must: float | None, goal: float | None
) -> tuple[str, Row]:
    return name, Row(name=name, kind=kind, was=was, must=must, goal=goal)


UP: Kind = "times faster"
DOWN: Kind = "times as long"

ROWS = dict(
    [
        _row("bins of 128, against sep", UP, 3.8, 5, 6),
        _row("bins of 128, whole numbers, against sep", UP, 2.2, 3.5, 5),
        _row("bins of 32, against sep", UP, 2.4, 3, 4),
        _row("bins of 256, against sep", UP, 1.9, 5, 6),
        _row("bins of 8, against bins of 128", DOWN, 12, 3, 2),
        _row("bins of 128, against reading", DOWN, None, 4, 2.5),
        _row("samples of a smooth model, against bins of 128", DOWN, 24, 2, 1.2),
        _row("bins and model, against photutils", UP, 35, 60, 100),
        _row("model image, natural spline, against a copy", DOWN, 2.5, 1.6, 1.2),
        _row("model image, Akima, against a copy", DOWN, 2.9, 1.8, 1.3),
        _row("model image, linear, against a copy", DOWN, 1.3, 1.2, 1.0),
        _row("subtract, against a copy", DOWN, 4.6, 2.2, 1.6),
        _row("the slowest kind of image, against noise", DOWN, 24, 3, None),
        _row("8k, time a pixel against 4k", DOWN, None, 1.3, None),
        _row("1k, time a pixel against 4k", DOWN, None, 1.3, None),
        _row("object masks, 2048 x 4096", "s", 3.2, 0.5, 0.25),
        _row("scale of 1,600 samples", "ms", 0.4, 0.4, 0.2),
        _row("scale of 20,000 samples", "ms", 2.4, 2, 1),
        _row("scale of 500,000 samples", "ms", 94, 60, 30),
        _row("three Rice planes, against astropy", UP, 0.7, 3, 4.5),
        _row("plain planes read, against a copy", DOWN, None, 1.5, 1.2),
        _row("a night of Rice exposures, against a script", UP, 1.3, 4, 6),
        _row("one detector of a triple of 62", "ms", 338, 40, 15),
        _row("a small visit of 62 detectors: sky frame and subtraction", "s", 21, 3, 2),
        _row("trial scale, 1 detector, one pane", "ms", 12.8, 10, 6),
        _row("trial scale, 40 detectors, one pane", "ms", 17.3, 10, 6),
        _row("trial scale, 1 detector, four panes", "ms", 13.6, 14, 8),
        _row("trial scale, 40 detectors, four panes", "ms", 25.9, 14, 8),
        _row("skyRej to the first new fit, 1 detector", "ms", 110, 60, 30),
        _row("skyRej to the first new fit, 40 detectors", "ms", 168, 80, 40),
        _row("xNumSamples to the first new fit, 1 detector", "ms", 661, 120, 80),
        _row("xNumSamples to the first new fit, 40 detectors", "ms", 193, 120, 80),
        _row("algorithm to the first new fit, 1 detector", "ms", 359, 120, 80),
        _row("algorithm to the first new fit, 40 detectors", "ms", 185, 100, 60),
        _row("xBinSize to the new grid, 1 detector", "ms", 136, 90, 60),
        _row("step of a film, 1 detector", "ms", None, 100, 50),
        _row("xBinSize to the new grid, 40 detectors", "ms", 138, 90, 60),
        _row("step of a film, 40 detectors", "ms", None, 100, 50),
        _row("xNumSamples, all 40 detectors", "s", 3.6, 1.2, 0.8),
        _row("longest gap, opening 1 detector", "ms", 77, 50, 16),
        _row("longest gap, opening 40 detectors", "ms", 1049, 50, 16),
        _row("longest gap, building 40 detectors", "ms", 103, 50, 16),
        _row("longest gap, sampling 40 detectors anew", "ms", 354, 50, 16),
        _row("live profile, 4096 x 4096, measured", "ms", None, 16, 8),
        _row("live profile, 4096 x 4096, painted", "ms", None, 16, 8),
        _row("focal plane of 189, trial scale", "ms", None, 10, 6),
        _row("focal plane of 189, pan, residual", "ms", None, 16, 10),
        _row("focal plane of 189, pan, exposure", "ms", None, 16, 10),
        _row("focal plane of 189, zoom, residual", "ms", None, 16, 10),
        _row("focal plane of 189, zoom, exposure", "ms", None, 16, 10),
        _row("focal plane of 189, thumbnails", "MiB", None, 30, 29),
        _row("one thumbnail, 4096 x 4096", "ms", None, 23, 15),
        _row("focal plane of 189, opened", "ms", None, 500, 200),
        _row("189 detectors opened into their focal plane", "s", None, 3, None),
        _row("longest gap, opening 189 into their focal plane", "ms", None, 50, 16),
        _row("longest gap, focal plane of 189 sampled anew", "ms", None, 50, 16),
        _row("first window, warm", "s", 1.2, 0.7, 0.5),
        _row("skyframe-gui --help", "s", 0.50, 0.25, 0.15),
        _row("skyframe-gui info, one file", "s", 0.80, 0.6, 0.45),
        _row("kernels compiled, empty cache, CPU", "s", 21.7, 12, 6),
        _row("memory of the empty window", "MiB", 116, 120, 100),
        _row("memory with three 4k exposures shown", "MiB", 1220, 800, 600),
    ]
)
"""The table, in its order."""
