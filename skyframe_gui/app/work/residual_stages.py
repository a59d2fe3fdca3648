"""What is left in an exposure's bins, and all that it depends on, remembered like the stages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.app.model.requests import algorithm_of
from skyframe_gui.app.model.residual_map import binned, residual_map
from skyframe_gui.app.work.stages import exposure_key
from skyframe_gui.engine import (
    mean_of_model,
    measure_residual,
)

if TYPE_CHECKING:
    from collections.abc import Hashable

    import numpy as np
    from numpy.typing import NDArray

    from skyframe_gui.app.model.items import ExposureItem, Options, SkyFrameItem
    from skyframe_gui.app.model.residual_map import ResidualMap
    from skyframe_gui.app.work.stages import Stages
    from skyframe_gui.engine import (
        SkyMeasurementConfig,
        Watch,
    )


def residual_inputs(
    item: ExposureItem,
    frame: SkyFrameItem | None,
    config: SkyMeasurementConfig,
    options: Options,
    bins: tuple[int, int],
) -> Hashable:
    """Return all that a residual map depends on besides the scale."""
    background = binned(config, bins)
    if frame is None:
        return (exposure_key(item, options), config.background, background)
    return (
        exposure_key(item, options),
        frame.key,
        frame.sky_frame,
        algorithm_of(frame, config),
        background,
    )


def residual_of(
    stages: Stages,
    item: ExposureItem,
    frame: SkyFrameItem | None,
    config: SkyMeasurementConfig,
    options: Options,
    scale: float,
    bins: tuple[int, int] | None = None,
    watch: Watch | None = None,
) -> ResidualMap:
    """Return what is left in an exposure's bins when ``scale`` times the sky is taken off.

    Parameters
    ----------
    stages : Stages
    item : ExposureItem
    frame : SkyFrameItem or None
        Without one the sky is the exposure's own background.
    config, options
        Statistic and mask are those of ``config.background``.
    scale : float
    bins : (width, height), optional
        Of the bins in pixels; the config's if not given.
    watch : Watch, optional

    Raises
    ------
    SkyFrameError
        The file cannot be used, or the sky frame is of another part of the detector.
    Cancelled
        The watch said so.
    """
    bins = bins or (config.background.xBinSize, config.background.yBinSize)
    inputs = residual_inputs(item, frame, config, options, bins)
    background = binned(config, bins)

    def means() -> NDArray[np.float64]:
        exposure = stages.exposure(item, options, watch)
        model = stages.model_of(item, frame, config, options, watch)[1]
        return mean_of_model(exposure, model.levels[0], background, watch)

    def make() -> ResidualMap:
        exposure = stages.exposure(item, options, watch)
        model = stages.model_of(item, frame, config, options, watch)[1]
        exact = measure_residual(exposure, model.levels[0], scale, background, watch)
        model_means = stages.memory.get("model means", inputs, means, lambda one: one.nbytes)
        return residual_map(item.key, exact, scale, model_means, background, inputs)

    return stages.memory.get("residual", (inputs, scale), make, lambda one: one.nbytes)
