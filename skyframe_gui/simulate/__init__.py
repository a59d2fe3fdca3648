"""A small camera with a known sky: the truth behind the demo and the tests."""

from __future__ import annotations

from skyframe_gui.simulate.camera import Camera
from skyframe_gui.simulate.exposures import SimulatedExposure, simulate_exposure, simulate_visit
from skyframe_gui.simulate.focal_plane import focal_plane_of, table_of
from skyframe_gui.simulate.night import expected_scale, night_levels, simulate_night

__all__ = [
    "Camera",
    "SimulatedExposure",
    "expected_scale",
    "focal_plane_of",
    "night_levels",
    "simulate_exposure",
    "simulate_night",
    "simulate_visit",
    "table_of",
]
