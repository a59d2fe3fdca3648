"""The golden files: inputs and outputs recorded from LSST's own code."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from skyframe_gui.engine import MaskPlanes, SkyMeasurementConfig

FOLDER = Path(__file__).parent / "data" / "golden"
PLANES = MaskPlanes.LSST_DEFAULT


class Golden:
    def __init__(self, name: str) -> None:
        with np.load(FOLDER / f"{name}.npz") as file:
            self.arrays = {key: file[key] for key in file.files}
        key = "cases" if "cases" in self.arrays else "config"
        self.cases: Any = json.loads(str(self.arrays.pop(key)))

    def __getitem__(self, key: str) -> np.ndarray:
        return self.arrays[key]

    def __contains__(self, key: str) -> bool:
        return key in self.arrays


@cache
def golden(name: str) -> Golden:
    return Golden(name)


def config_of(case: dict[str, Any]) -> SkyMeasurementConfig:
    return SkyMeasurementConfig.model_validate(case["config"])


def assert_statistics_equal(ours: Any, theirs: Any) -> None:
    """1e-6 relative or 1 float32 ulp, NaN where the original has NaN."""
    ours, theirs = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    assert ours.shape == theirs.shape
    np.testing.assert_array_equal(np.isnan(ours), np.isnan(theirs))
    finite = ~np.isnan(theirs)
    ulp = np.spacing(np.abs(theirs[finite]).astype(np.float32)).astype(np.float64)
    allowed = np.maximum(1e-6 * np.abs(theirs[finite]), ulp)
    excess = np.abs(ours[finite] - theirs[finite]) - allowed
    assert not (excess > 0).any(), f"off by {excess.max()} more than allowed"


def assert_images_equal(ours: np.ndarray, theirs: np.ndarray, grid: np.ndarray) -> None:
    """2 float32 ulp of the grid's value range."""
    assert ours.shape == theirs.shape
    assert ours.dtype == np.float32
    np.testing.assert_array_equal(np.isnan(ours), np.isnan(theirs))
    finite = grid[np.isfinite(grid)].astype(np.float64)
    if not finite.size:
        return
    # A flat grid has no range; its values' own precision is what float32 can give.
    largest = max(float(np.abs(finite).max()), float(np.ptp(finite)))
    allowed = 2 * float(np.spacing(np.float32(largest)))
    seen = ~np.isnan(theirs)
    difference = np.abs(ours[seen].astype(np.float64) - theirs[seen].astype(np.float64))
    assert not (difference > allowed).any(), f"{difference.max()} > {allowed}"
