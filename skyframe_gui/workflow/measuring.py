"""What one reading of an exposure tells: its level, its bins and its samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skyframe_gui.numbers import digits
from skyframe_gui.workflow.reading import Reading

if TYPE_CHECKING:
    from skyframe_gui.engine import BinGrid, Samples, SkyMeasurementConfig, Watch
    from skyframe_gui.files import ExposureSource
    from skyframe_gui.workflow.cache import Cache
    from skyframe_gui.workflow.options import MaskObjects
    from skyframe_gui.workflow.sampling import Sky

LABEL = "Measuring exposures"


@dataclass(frozen=True, eq=False)
class MeasuringTask:
    """An exposure, with its sky frame where it has one."""

    source: ExposureSource
    sky: Sky | None


class Measurement(NamedTuple):
    """The level of an exposure, NaN without a good pixel; its samples; and notes."""

    level: float
    samples: Samples | None
    notes: tuple[str, ...]


def measure_exposure(
    task: MeasuringTask,
    watch: Watch | None,
    *,
    config: SkyMeasurementConfig,
    mask_objects: MaskObjects,
    cache: Cache | None = None,
) -> Measurement:
    """Return what one reading of an exposure tells.

    The level is that of `bin_exposure`, the samples are those of `sample_exposure`. What ``cache``
    has of them is taken from there; what it has not is kept in it.
    """
    if watch is not None:
        watch.step(0, 1, LABEL)
    reading = Reading(task.source, mask_objects, watch, cache, config.stats.mask)
    grid = reading.bins(config.background)
    samples = None if task.sky is None else reading.samples(task.sky, config)
    notes = reading.notes
    if is_dead(grid):
        notes += (
            f"{task.source.name} has the value {digits(grid.level, 4)} in every bin, as of a dead "
            "detector; it counts in its visit until it is left out.",
        )
    return Measurement(grid.level, samples, notes)


def is_dead(grid: BinGrid) -> bool:
    """Whether all bins that have a value have the same one, of pixels that do not scatter."""
    known = np.isfinite(grid.values)
    return bool(
        known.sum() > 1 and not grid.errors[known].any() and np.ptp(grid.values[known]) == 0
    )
