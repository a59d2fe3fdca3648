"""The maps of a sky frame: value, error, used and clipped exposures of each bin."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.app.model.looks import DEFAULT_LOOKS, FRAMES
from skyframe_gui.engine.bins import CLIP, N_ITER
from skyframe_gui.numbers import SIGMA, TIMES, with_error, written
from skyframe_gui.ui.stack.grid_pictures import ColouredGrid, value_limits
from skyframe_gui.ui.stack.stack_rows import NO_UNIT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from skyframe_gui.app.model.items import SkyFrameItem
    from skyframe_gui.app.model.looks import Layer, Look

Limits = tuple[tuple[float, float], tuple[float, float]]
"""Of value and error."""
NOT_TOLD = "the file does not tell"


@dataclass(frozen=True, eq=False)
class Map:
    """One map: its title, what is said beside it, its unit, and its colours if it is known."""

    title: str
    subject: str
    unit: str
    coloured: ColouredGrid | None


@dataclass(frozen=True, kw_only=True, eq=False)
class Maps:
    """All maps of a sky frame.

    Attributes
    ----------
    item : SkyFrameItem
    maps : tuple of Map
        Value, error, used, clipped.
    filled : bool [ny, nx]
        Bins that got the median of the others.
    extent : (width, height)
        Of the detector.
    counts : bool
        Whether the numbers of used and clipped exposures are known.
    """

    item: SkyFrameItem
    maps: tuple[Map, ...]
    filled: NDArray[np.bool_]
    extent: tuple[float, float]
    counts: bool

    @property
    def shape(self) -> tuple[int, int]:
        """(ny, nx)."""
        ny, nx = self.filled.shape
        return ny, nx


def measured_limits(item: SkyFrameItem) -> Limits:
    """Return limits for the values and errors of a sky frame, filled bins left aside."""
    frame = item.sky_frame
    own = np.where(frame.filled, np.float32(np.nan), frame.grid.values)
    return value_limits(own), value_limits(frame.grid.errors, floor=0.0)


def maps_of(
    item: SkyFrameItem, limits: Limits, looks: Mapping[Layer, Look] = DEFAULT_LOOKS
) -> Maps:
    """Return the maps of a sky frame.

    Parameters
    ----------
    item : SkyFrameItem
    limits : Limits
        Of value and error, where a person has not set others.
    looks : mapping of Layer to Look
    """
    frame = item.sky_frame
    grid = frame.grid
    ny, nx = grid.values.shape
    unit = item.unit or NO_UNIT
    of_value, of_error = (looks[one] for one in FRAMES)
    value, error = of_value.by_hand or limits[0], of_error.by_hand or limits[1]
    in_value, in_error = _power(value), _power(error)
    n_filled = int(np.count_nonzero(frame.filled))
    n_all = n_in_frame(item)
    most = max(n_all, int(frame.n_used.max()))
    counts = counts_are_known(item)
    subject = f"{nx} {TIMES} {ny} bins"
    if n_filled:
        subject += f" · hatched: {n_filled} filled"
    values = np.where(np.isfinite(grid.values), grid.values, np.nan)
    own = frame.n_used[~frame.filled]
    # Filled bins have none, which would leave few colours for the others.
    used_low = float(min(int(own.min()) if own.size else 0, most))
    limits_used = (used_low, float(most))
    limits_clipped = (0.0, float(max(int(frame.n_clipped.max()), 1)))
    of_counts = partial(ColouredGrid, colours="cividis", steps=True)
    used = of_counts(values=frame.n_used, limits=limits_used, turned=True) if counts else None
    clipped = of_counts(values=frame.n_clipped, limits=limits_clipped) if counts else None
    levels = _coloured(values, value, of_value, in_value)
    errors = _coloured(grid.errors, error, of_error, in_error)
    maps = (
        Map("Value", subject, unit, levels),
        Map("Error", "of the mean", unit, errors),
        Map("Used", f"of {n_all} exposures" if n_all else "", "count", used),
        Map("Clipped", f"{CLIP:.0f} {SIGMA}, {N_ITER} iterations", "count", clipped),
    )
    return Maps(
        item=item, maps=maps, filled=frame.filled, extent=(grid.width, grid.height), counts=counts
    )


def _coloured(
    values: NDArray[np.floating], limits: tuple[float, float], look: Look, power: int
) -> ColouredGrid:
    return ColouredGrid(
        values=values, limits=limits, colours=look.colours, stretch=look.stretch, power=power
    )


def n_in_frame(item: SkyFrameItem) -> int:
    """Return how many exposures are in a sky frame; 0 where a file does not tell."""
    if item.members:
        return len(item.members) - len(item.excluded_members)
    return len(item.sky_frame.clipped)


def counts_are_known(item: SkyFrameItem) -> bool:
    """Whether the counts are known: LSST's files have none, where the reader puts 1 or 2."""
    frame = item.sky_frame
    return (
        item.built is not None
        or len(frame.clipped) > 0
        or int(frame.n_used.max()) > 2
        or bool(frame.n_clipped.any())
    )


def bin_facts(maps: Maps, place: tuple[int, int]) -> list[tuple[str, str]]:
    """Return name and text of what is known of a bin (column, row)."""
    column, row = place
    frame = maps.item.sky_frame
    unit = maps.item.unit or NO_UNIT
    value = float(frame.grid.values[row, column])
    error = float(frame.grid.errors[row, column])
    facts = [("bin", f"({column}, {row})"), ("value", f"{with_error(value, error)} {unit}")]
    if maps.counts:
        facts.append(("used", str(int(frame.n_used[row, column]))))
        facts.append(("clipped", str(int(frame.n_clipped[row, column]))))
    if frame.filled[row, column]:
        facts.append(("filled", "with the median of the other bins"))
    return facts


def _power(limits: tuple[float, float]) -> int:
    return written(max(abs(limits[0]), abs(limits[1])), "").power
