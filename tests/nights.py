"""A small simulated night on disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from skyframe_gui.files import write_exposure
from skyframe_gui.simulate import (
    Camera,
    expected_scale,
    night_levels,
    simulate_night,
    simulate_visit,
)

if TYPE_CHECKING:
    from pathlib import Path

    from skyframe_gui.simulate import SimulatedExposure

CAMERA = Camera(n_detectors=2, width=240, height=200, seed=5)
N_EXPOSURES, LEVEL, SEED = 5, 1200.0, 3


@dataclass(frozen=True)
class Night:
    folder: Path
    paths: list[str]
    science: list[str]
    visit: list[SimulatedExposure]
    truth: float


def make_night(folder: Path, camera: Camera = CAMERA) -> Night:
    paths = []
    for exposure in simulate_night(camera, N_EXPOSURES, SEED, mask_objects=True):
        path = folder / f"v{exposure.visit}-d{exposure.detector}.fits"
        write_exposure(path, exposure)
        paths.append(str(path))
    visit = simulate_visit(camera, SEED, 2001, LEVEL, mask_objects=True)
    science = []
    for one in visit:
        path = folder / f"science-d{one.exposure.detector}.fits"
        write_exposure(path, one.exposure)
        science.append(str(path))
    truth = expected_scale(LEVEL, night_levels(N_EXPOSURES, SEED))
    return Night(folder, paths, science, visit, truth)
