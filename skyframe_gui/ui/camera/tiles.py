"""The samples of each detector, as the small plots of Camera show them, and in which order."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.app.model.rejection_steps import rows_of, steps_of
from skyframe_gui.app.model.remembered import Remembered
from skyframe_gui.engine.scale import NO_DATA
from skyframe_gui.text import natural_order

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.app.model.view import TileOrder, TilePlot
    from skyframe_gui.ui.camera.rows import Plane, Row

    Floats = NDArray[np.float64]

THIN = 0.15
"""Part of the range below which the band is a mere line, and the residuals tell more."""
SHARE = 98.0
"""Per cent of the samples that lie within the range that all plots have in common."""
ROOM = 1.35
MOST_BANDS = 3.0
"""Half the range of residuals by the band's half width, at most: what is beyond is at the edge."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Tile:
    """The samples of one detector.

    Attributes
    ----------
    row : Row
    sky, image : float64 [n]
        Of the samples with data.
    rejected_at : int64 [n]
    middle : float
        Mean of the sky samples.
    scale : float
        Its own; NaN without.
    n_rejected : int
    """

    row: Row
    sky: Floats
    image: Floats
    rejected_at: NDArray[np.int64]
    middle: float
    scale: float
    n_rejected: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Tiles:
    """All detectors that are fitted.

    Attributes
    ----------
    tiles : tuple of Tile
        As the camera has them.
    scale, half_band : float
        Of the visit: its line and half the width of the band beyond which samples are dropped.
    across, up, residual_up : float
        Widths of the ranges that all plots have: of the sky samples, of the image samples and of
        the residuals.
    n_rounds : int
    """

    tiles: tuple[Tile, ...]
    scale: float
    half_band: float
    across: float
    up: float
    residual_up: float
    n_rounds: int


def tiles_of(plane: Plane, rejection: float) -> Tiles | None:
    """Return the samples of a plane; None where there is no fit.

    Parameters
    ----------
    plane : Plane
    rejection : float
        By how many sigma samples are dropped.
    """
    return _tiles.of((plane, str(rejection)), lambda: _made(plane, rejection))


_tiles = Remembered["Tiles | None"]()


def _made(plane: Plane, rejection: float) -> Tiles | None:
    fit, own = plane.view.fit, plane.view.own
    if fit is None or own is None or not math.isfinite(fit.solution.scale):
        return None
    rows, scale = rows_of(fit), fit.solution.scale
    found = []
    for row in plane.rows:
        if row.fitted < 0:
            continue
        part = slice(int(rows.starts[row.fitted]), int(rows.starts[row.fitted + 1]))
        at = rows.rejected_at[part]
        known = at != NO_DATA
        sky, image, at = rows.sky[part][known], rows.image[part][known], at[known]
        found.append(
            Tile(
                row=row,
                sky=sky,
                image=image,
                rejected_at=at,
                middle=float(sky.mean()) if len(sky) else math.nan,
                scale=float(own.scale[row.fitted]),
                n_rejected=int(own.rejected[row.fitted]),
            )
        )
    apart = [np.abs(one.sky - one.middle) for one in found if len(one.sky)]
    rest = [np.abs(one.image - scale * one.middle) for one in found if len(one.sky)]
    left = [np.abs(one.image - scale * one.sky) for one in found if len(one.sky)]
    half_left = float(np.percentile(np.concatenate(left), SHARE)) if left else 0.0
    half_x = float(np.percentile(np.concatenate(apart), SHARE)) if apart else 0.0
    half_y = float(np.percentile(np.concatenate(rest), SHARE)) if rest else 0.0
    sigma = steps_of(fit)[-1].sigma
    band = rejection * sigma if math.isfinite(sigma) else 0.0
    return Tiles(
        tiles=tuple(found),
        scale=scale,
        half_band=band,
        across=2 * ROOM * (half_x or 1.0),
        up=2 * ROOM * max(half_y, band) or 1.0,
        residual_up=2 * ROOM * min(max(half_left, band), MOST_BANDS * band) or 1.0,
        n_rounds=int(rows.rejected_at.max(initial=-1)) + 1,
    )


def shows_first(tiles: Tiles) -> TilePlot:
    """Return what tells more, where nobody has chosen."""
    return "residuals" if tiles.half_band < THIN * tiles.up else "samples"


def in_order(tiles: tuple[Tile, ...], order: TileOrder) -> tuple[Tile, ...]:
    """Return them by the size of the deviation, by what was rejected, or by number and name."""
    if order == "deviation":
        return tuple(sorted(tiles, key=lambda one: -_size(one.row.pull)))
    if order == "rejected":
        return tuple(sorted(tiles, key=lambda one: -one.n_rejected))
    return tuple(sorted(tiles, key=lambda one: natural_order(one.row.name)))


def _size(pull: float) -> float:
    return abs(pull) if math.isfinite(pull) else -1.0
