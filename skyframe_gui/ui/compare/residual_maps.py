"""The residuals of A and of B in the boxes of one detector, as grids with one stretch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.app.steps import rows_of
from skyframe_gui.engine.scale import KEPT, NO_DATA

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.app.compare import Comparison
    from skyframe_gui.app.state import SampleId, VisitFit

    Floats = NDArray[np.float64]

Place = tuple[int, int]
MOST = 98.0
"""Per cent of the boxes whose residuals the colours tell apart; a few outliers do not count."""


@dataclass(frozen=True, eq=False)
class BoxMap:
    """A value for each sample box of a detector.

    Attributes
    ----------
    title : str
    values : float array [ny, nx]
        NaN where there is none.
    rejected : int array [ny, nx]
        As in `ScaleSolution`: the round that dropped the sample; -1 for those that are kept.
    samples : mapping of (column, row) to SampleId
    places : mapping of SampleId to (column, row)
    """

    title: str
    values: Floats
    rejected: NDArray[np.int64]
    samples: dict[Place, SampleId]
    places: dict[SampleId, Place]

    @property
    def rms(self) -> float:
        """Root of the mean square over the boxes that are kept; NaN without any."""
        finite = self.values[np.isfinite(self.values) & (self.rejected == KEPT)]
        return float(np.sqrt(np.mean(np.square(finite)))) if finite.size else float("nan")


@dataclass(frozen=True, eq=False)
class BoxMaps:
    """The maps of one detector, side by side.

    Attributes
    ----------
    detector : str
    maps : tuple of BoxMap
        A, B, and A minus B where the boxes are the same.
    half, half_apart : float
        The colours of A and B, and of the difference, run from minus this to this.
    extent : (width, height)
        Of the detector.
    n_rounds : int
        Of the fit that had more of them.
    """

    detector: str
    maps: tuple[BoxMap, ...]
    half: float
    half_apart: float
    extent: tuple[float, float]
    n_rounds: int


def maps_of(comparison: Comparison, key: str) -> BoxMaps | None:
    """Return the maps of an exposure, of the first one if that is not in both fits.

    None where no exposure is in both.
    """
    shared = [one for one in comparison.a.keys if one in comparison.b.keys]
    if not shared:
        return None
    key = key if key in shared else shared[0]
    a, b = _map(comparison.a, key, "A"), _map(comparison.b, key, "B")
    maps = [a, b]
    if a.samples == b.samples:
        nothing = np.full(a.rejected.shape, KEPT, np.int64)
        title = "A \N{MINUS SIGN} B"
        maps.append(BoxMap(title, a.values - b.values, nothing, a.samples, a.places))
    half = _half(a.values, b.values)
    half_apart = _half(maps[2].values) if len(maps) > 2 else half
    corners = np.array([box for _, box in a.samples.values()])
    width, height = (int(corners[:, axis].max()) for axis in (2, 3)) if len(corners) else (1, 1)
    detector = rows_of(comparison.a).detectors[comparison.a.keys.index(key)]
    n_rounds = max(len(fit.solution.iterations) for fit in (comparison.a, comparison.b))
    extent = (float(max(width, 1)), float(max(height, 1)))
    return BoxMaps(detector, tuple(maps), half, half_apart, extent, n_rounds)


def _half(*values: Floats) -> float:
    sizes = np.abs(np.concatenate([one.ravel() for one in values]))
    sizes = sizes[np.isfinite(sizes)]
    return (float(np.percentile(sizes, MOST)) if sizes.size else 0.0) or 1.0


def _map(fit: VisitFit, key: str, title: str) -> BoxMap:
    rows = rows_of(fit)
    which = fit.keys.index(key)
    first, last = int(rows.starts[which]), int(rows.starts[which + 1])
    part = slice(first, last)
    places = rows.places[part]
    nx, ny = (int(places[:, axis].max()) + 1 if len(places) else 1 for axis in (0, 1))
    values = np.full((ny, nx), np.nan)
    rejected = np.full((ny, nx), NO_DATA, np.int64)
    residuals = rows.image[part] - fit.solution.scale * rows.sky[part]
    values[places[:, 1], places[:, 0]] = residuals
    rejected[places[:, 1], places[:, 0]] = rows.rejected_at[part]
    samples = {
        (column, row): rows.ids(first + index)
        for index, (column, row) in enumerate(places.tolist())
    }
    places_of = {sample: place for place, sample in samples.items()}
    return BoxMap(title, values, rejected, samples, places_of)
