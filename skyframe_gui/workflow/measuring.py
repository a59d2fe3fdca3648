"""What one reading of an exposure tells: its level, its bins and its samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skyframe_gui.engine import measure_background, measure_scale
from skyframe_gui.workflow.notes import notes_of_reading
from skyframe_gui.workflow.options import MaskObjects, with_objects_masked

if TYPE_CHECKING:
    from skyframe_gui.engine import Samples, SkyMeasurementConfig, Watch
    from skyframe_gui.files import ExposureSource
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
) -> Measurement:
    """Return what one reading of an exposure tells.

    The level is that of `bin_exposure`, the samples are those of `sample_exposure`.
    """
    if watch is not None:
        watch.step(0, 1, LABEL)
    exposure = task.source.read()
    notes = notes_of_reading(task.source, exposure)
    exposure = with_objects_masked(exposure, mask_objects, watch, threads=1)
    grid = measure_background(exposure, config.background, watch, threads=1)
    finite = grid.values[np.isfinite(grid.values)]
    level = float(np.median(finite)) if finite.size else float("nan")
    samples = None
    if task.sky is not None:
        samples = measure_scale(exposure, task.sky.model(), config, watch, threads=1)
    return Measurement(level, samples, notes)
