"""The engine: the sky-frame measurement in numbers, without files and without a window."""

from skyframe_gui.engine.bins import BinGrid, measure_background
from skyframe_gui.engine.config import BackgroundConfig, SkyMeasurementConfig, SkyStatsConfig
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.exposure import Exposure, MaskPlanes
from skyframe_gui.engine.model import BackgroundList, BackgroundModel
from skyframe_gui.engine.progress import Cancelled, Watch
from skyframe_gui.engine.residual import mean_of_model, measure_residual
from skyframe_gui.engine.rounds import ScaleIteration
from skyframe_gui.engine.scale import (
    Samples,
    ScaleError,
    ScaleSolution,
    measure_scale,
    solve_scales,
)
from skyframe_gui.engine.sky_frame import SkyFrame, average_backgrounds
from skyframe_gui.engine.statistics import Statistic, compute_statistic
from skyframe_gui.engine.subtract import subtract_sky_frame

__all__ = [
    "BackgroundConfig",
    "BackgroundList",
    "BackgroundModel",
    "BinGrid",
    "Cancelled",
    "Exposure",
    "MaskPlanes",
    "Samples",
    "ScaleError",
    "ScaleIteration",
    "ScaleSolution",
    "SkyFrame",
    "SkyFrameError",
    "SkyMeasurementConfig",
    "SkyStatsConfig",
    "Statistic",
    "Watch",
    "average_backgrounds",
    "compute_statistic",
    "mean_of_model",
    "measure_background",
    "measure_residual",
    "measure_scale",
    "solve_scales",
    "subtract_sky_frame",
]
