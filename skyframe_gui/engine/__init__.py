"""The engine: the sky-frame measurement in numbers, without files and without a window.

A name is loaded when it is first asked for: what the command line says of itself needs no numpy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from skyframe_gui.engine.background_list import BackgroundList
    from skyframe_gui.engine.bins import BinGrid, measure_background
    from skyframe_gui.engine.camera import Camera, Detector
    from skyframe_gui.engine.chebyshev import ChebyshevModel
    from skyframe_gui.engine.config import (
        BackgroundConfig,
        MaskObjectsConfig,
        SkyMeasurementConfig,
        SkyStatsConfig,
    )
    from skyframe_gui.engine.correction import CorrectedVisit, CorrectionStage, correct_sky
    from skyframe_gui.engine.correction_steps import subtract_backgrounds
    from skyframe_gui.engine.errors import SkyFrameError
    from skyframe_gui.engine.exposure import Exposure, MaskPlanes
    from skyframe_gui.engine.focal_config import FocalPlaneBackgroundConfig, SkyCorrectionConfig
    from skyframe_gui.engine.focal_plane import FocalPlaneBackground, measure_focal_plane
    from skyframe_gui.engine.given import as_exposure
    from skyframe_gui.engine.model import BackgroundModel
    from skyframe_gui.engine.normalise import NormalisedVisit, normalise_visit
    from skyframe_gui.engine.objects import fill_objects, find_objects
    from skyframe_gui.engine.progress import Cancelled, Watch
    from skyframe_gui.engine.residual import mean_of_model, measure_residual
    from skyframe_gui.engine.rounds import ScaleIteration
    from skyframe_gui.engine.samples import Samples, measure_scale
    from skyframe_gui.engine.scale import ScaleError, ScaleSolution, solve_scales
    from skyframe_gui.engine.sky_frame import SkyFrame, average_backgrounds
    from skyframe_gui.engine.statistics import Statistic, compute_statistic
    from skyframe_gui.engine.subtract import subtract_sky_frame

_MODULES = {
    "BinGrid": "bins",
    "measure_background": "bins",
    "Camera": "camera",
    "Detector": "camera",
    "ChebyshevModel": "chebyshev",
    "BackgroundConfig": "config",
    "MaskObjectsConfig": "config",
    "SkyMeasurementConfig": "config",
    "SkyStatsConfig": "config",
    "CorrectedVisit": "correction",
    "CorrectionStage": "correction",
    "correct_sky": "correction",
    "subtract_backgrounds": "correction_steps",
    "SkyFrameError": "errors",
    "Exposure": "exposure",
    "MaskPlanes": "exposure",
    "FocalPlaneBackgroundConfig": "focal_config",
    "SkyCorrectionConfig": "focal_config",
    "FocalPlaneBackground": "focal_plane",
    "measure_focal_plane": "focal_plane",
    "as_exposure": "given",
    "BackgroundList": "background_list",
    "BackgroundModel": "model",
    "NormalisedVisit": "normalise",
    "normalise_visit": "normalise",
    "fill_objects": "objects",
    "find_objects": "objects",
    "Cancelled": "progress",
    "Watch": "progress",
    "mean_of_model": "residual",
    "measure_residual": "residual",
    "ScaleIteration": "rounds",
    "Samples": "samples",
    "ScaleError": "scale",
    "ScaleSolution": "scale",
    "measure_scale": "samples",
    "solve_scales": "scale",
    "SkyFrame": "sky_frame",
    "average_backgrounds": "sky_frame",
    "Statistic": "statistics",
    "compute_statistic": "statistics",
    "subtract_sky_frame": "subtract",
}

__all__ = [
    "BackgroundConfig",
    "BackgroundList",
    "BackgroundModel",
    "BinGrid",
    "Camera",
    "Cancelled",
    "ChebyshevModel",
    "CorrectedVisit",
    "CorrectionStage",
    "Detector",
    "Exposure",
    "FocalPlaneBackground",
    "FocalPlaneBackgroundConfig",
    "MaskObjectsConfig",
    "MaskPlanes",
    "NormalisedVisit",
    "Samples",
    "ScaleError",
    "ScaleIteration",
    "ScaleSolution",
    "SkyCorrectionConfig",
    "SkyFrame",
    "SkyFrameError",
    "SkyMeasurementConfig",
    "SkyStatsConfig",
    "Statistic",
    "Watch",
    "as_exposure",
    "average_backgrounds",
    "compute_statistic",
    "correct_sky",
    "fill_objects",
    "find_objects",
    "mean_of_model",
    "measure_background",
    "measure_focal_plane",
    "measure_residual",
    "measure_scale",
    "normalise_visit",
    "solve_scales",
    "subtract_backgrounds",
    "subtract_sky_frame",
]


def __getattr__(name: str) -> Any:
    """Load the module that has a name, once."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value
