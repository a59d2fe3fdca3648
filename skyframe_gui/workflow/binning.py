"""One exposure as bins, divided by its level where that is asked for."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skyframe_gui.engine import BinGrid, SkyFrameError, SkyMeasurementConfig
from skyframe_gui.engine.exposure import read_only
from skyframe_gui.numbers import digits
from skyframe_gui.workflow.options import MaskObjects, Normalise
from skyframe_gui.workflow.reading import Reading

if TYPE_CHECKING:
    from skyframe_gui.engine import Watch
    from skyframe_gui.files import ExposureSource
    from skyframe_gui.workflow.cache import Cache


class Binned(NamedTuple):
    """One exposure's grid, its level (the median bin, before any division by it), and notes."""

    grid: BinGrid
    level: float
    notes: tuple[str, ...]


def bin_exposure(
    source: ExposureSource,
    watch: Watch | None,
    *,
    config: SkyMeasurementConfig,
    mask_objects: MaskObjects,
    normalise: Normalise,
    cache: Cache | None = None,
) -> Binned:
    """Return the grid of one exposure and its level; see `measure_exposure` for the cache.

    Raises
    ------
    SkyFrameError
        The file cannot be read, nothing in it is good, or its level cannot be divided by.
    """
    if watch is not None:
        watch.step(0, 1, "Binning exposures")
    reading = Reading(source, mask_objects, watch, cache, config.stats.mask)
    grid = reading.bins(config.background)
    return normalised(grid, source, normalise, reading.notes)


def normalised(
    grid: BinGrid, source: ExposureSource, how: Normalise, notes: tuple[str, ...] = ()
) -> Binned:
    """Return an exposure's grid with its level, divided by it where that is asked for.

    Raises
    ------
    SkyFrameError
        Nothing in the grid is finite, or the level cannot be divided by.
    """
    level = grid.level
    if math.isnan(level):
        raise SkyFrameError(without_sky(source))
    if how is Normalise.LEVEL:
        if not level > 0:
            raise SkyFrameError(
                f"{source.name} has a sky level of {digits(level)}, which it cannot be divided by; "
                "leave it out or build without normalising."
            )
        grid = replace(
            grid,
            values=read_only(grid.values / np.float32(level), np.float32),
            errors=read_only(grid.errors / np.float32(level), np.float32),
        )
    return Binned(grid, level, notes)


def without_sky(source: ExposureSource) -> str:
    """Return the sentence on an exposure that has no bin with a value."""
    return (
        f"{source.name} has no good pixel in any bin, so it says nothing about the sky; look at "
        "its mask and at background.mask."
    )
