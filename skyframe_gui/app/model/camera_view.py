"""The whole focal plane of a visit: where detectors lie, a thumbnail and a fit of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from skyframe_gui.app.model.items import EMPTY

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from skyframe_gui.app.model.visit_fit import VisitFit
    from skyframe_gui.engine.diagnostics.own_fits import OwnFits
    from skyframe_gui.engine.thumbnail import Thumbnail
    from skyframe_gui.workflow.detector_places import Layout

LANE = "camera"
"""The lane in which it is put together, and the origin of what hinders it."""


@dataclass(frozen=True, eq=False)
class Bins:
    """Exposure and sky model in larger blocks, of good pixels only.

    Attributes
    ----------
    means, model : float32 [h, w]
        Means over the good pixels of a bin; NaN where none is good. What is left for a scale is
        ``means - scale * model``.
    side : int
        Of a bin, in pixels.
    """

    means: NDArray[np.float32]
    model: NDArray[np.float32]
    side: int


@dataclass(frozen=True, eq=False, kw_only=True)
class CameraView:
    """What is known of all detectors of the shown visit.

    Attributes
    ----------
    visit : str
    keys : tuple of str
        The visit's exposures, as the layout numbers them.
    layout : Layout
    thumbnails : mapping of exposure key to Thumbnail
        Of those that were read so far.
    models : mapping of exposure key to float32 [h, w]
        The sky model in the thumbnail's blocks, not yet times a scale.
    bins : mapping of exposure key to Bins
        Of those that have both.
    fit : VisitFit or None
        What ``own`` is of.
    own : OwnFits or None
        Each of the fit's exposures alone, in the fit's order.
    beside : float64 [n] or None
        How far the own scales are from those of the neighbours, see `from_neighbours`.
    missing : int
        Exposures of the visit that are still to be read.
    """

    visit: str
    keys: tuple[str, ...]
    layout: Layout
    thumbnails: Mapping[str, Thumbnail] = field(default_factory=lambda: EMPTY)
    models: Mapping[str, NDArray[np.float32]] = field(default_factory=lambda: EMPTY)
    bins: Mapping[str, Bins] = field(default_factory=lambda: EMPTY)
    fit: VisitFit | None = None
    own: OwnFits | None = None
    beside: NDArray[np.float64] | None = None
    missing: int = 0
