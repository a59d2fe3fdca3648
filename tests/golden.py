"""The golden files: inputs and outputs recorded from LSST's own code."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from skyframe_gui.engine import Camera, Detector, Exposure, MaskPlanes, SkyMeasurementConfig

FOLDER = Path(__file__).parent / "data" / "golden"
PLANES = MaskPlanes.LSST_DEFAULT
WORST: dict[str, float] = {}
"""The largest difference met so far, by kind; `pytest -v` tells them at its end."""


class Golden:
    def __init__(self, name: str) -> None:
        with np.load(FOLDER / f"{name}.npz") as file:
            self.arrays = {key: file[key] for key in file.files}
        key = "cases" if "cases" in self.arrays else "config"
        text = self.arrays.pop(key)
        self.cases: Any = [json.loads(str(t)) for t in text] if text.ndim else json.loads(str(text))

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


def assert_within(ours: Any, theirs: Any, allowed: float, kind: str, unit: float = 1.0) -> None:
    """Not more than ``allowed`` units apart, NaN where the original has NaN."""
    ours, theirs = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    assert ours.shape == theirs.shape
    np.testing.assert_array_equal(np.isnan(ours), np.isnan(theirs))
    seen = ~np.isnan(theirs)
    worst = float(np.abs(ours[seen] - theirs[seen]).max(initial=0.0)) / unit
    WORST[kind] = max(WORST.get(kind, 0.0), worst)
    assert worst <= allowed, f"{kind}: {worst} > {allowed}"


def ulp_of(*arrays: Any) -> float:
    """Return one float32 ulp of the largest value."""
    largest = max(float(np.nanmax(np.abs(a), initial=0.0)) for a in map(np.asarray, arrays))
    return float(np.spacing(np.float32(largest)))


def cameras(name: str) -> dict[str, Camera]:
    """Return the cameras that a golden file describes."""
    described = json.loads(str(golden(name)["cameras"]))
    return {
        camera: Camera(
            camera,
            tuple(
                Detector(
                    str(d["id"]), d["w"], d["h"], tuple(d["affine"]), d.get("kind", ""), d["id"]
                )
                for d in detectors
            ),
        )
        for camera, detectors in described.items()
    }


def exposure_of(file: Golden, base: str, detector: str, change: str = "") -> Exposure:
    """Return an exposure of g7 to g11, changed as the case says."""
    image = file[f"i_{base}_{detector}"].astype(np.float32)
    image[image == -32768] = np.nan
    mask = file[f"m_{base}_{detector}"].astype(np.int32)
    if change == "all nan":
        image[:] = np.nan
    elif change == "half masked":
        mask[:, : mask.shape[1] // 2] |= 1
    elif change:
        mask |= 1
    return Exposure(image, mask, detector=detector)
