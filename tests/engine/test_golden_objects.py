"""The masks and numbers of LSST's MaskObjectsTask."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from golden import Golden, golden

from skyframe_gui.engine import Exposure, MaskObjectsConfig, fill_objects, find_objects
from skyframe_gui.engine.exposure import read_only
from skyframe_gui.engine.footprints import gaussian, smooth
from skyframe_gui.engine.model import BackgroundModel
from skyframe_gui.engine.objects import _cells

G11, G12 = golden("g11_cpSky"), golden("g12_maskObjects")
DETECTORS = {
    name: [one["id"] for one in detectors]
    for file in (G11, G12)
    for name, detectors in json.loads(str(file["cameras"])).items()
}
CP_SKY_PLANES = ("DETECTED", "BAD", "NO_DATA", "SAT")
FOUND = [
    pytest.param(index, detector, id=f"{case['name']}-{detector}")
    for index, case in enumerate(G12.cases)
    for detector in DETECTORS[case["camera"]]
]
FILLED = [
    pytest.param(index, x, detector, id=f"{case['name']}-{x}-{detector}")
    for index, case in enumerate(G11.cases)
    for x in range(case["exposures"])
    for detector in DETECTORS[case["camera"]]
    if f"c{index}_A{x}_{detector}" in G11
]


def exposure_of(file: Golden, base: str, detector: int, variance: float) -> Exposure:
    counts = file[f"i_{base}_{detector}"]
    image = np.where(counts == -32768, np.nan, counts).astype(np.float32)
    mask = file[f"m_{base}_{detector}"].astype(np.int32)
    return Exposure(image, mask, np.full(image.shape, variance, np.float32))


def config_of(case: dict[str, Any], **changes: Any) -> MaskObjectsConfig:
    values: dict[str, Any] = {}
    for name, value in {**case["config"], **changes}.items():
        *outer, last = name.split(".")
        inside = values
        for part in outer:
            inside = inside.setdefault(part, {})
        inside[last] = value
    return MaskObjectsConfig.model_validate(values)


def assert_close(ours: np.ndarray, theirs: np.ndarray, ulps: int = 2) -> None:
    """To so many ulp of the largest value, and NaN where the original has NaN."""
    np.testing.assert_array_equal(np.isfinite(ours), np.isfinite(theirs))
    seen = np.isfinite(theirs)
    if not seen.any():
        return
    allowed = ulps * np.spacing(np.abs(theirs[seen]).max())
    np.testing.assert_allclose(ours[seen], theirs[seen], rtol=0, atol=allowed)


@pytest.mark.parametrize(("index", "detector"), FOUND)
def test_objects_found_and_filled(index: int, detector: int) -> None:
    case = G12.cases[index]
    thin = tuple(slice(None, None, step) for step in case["step"])
    exposure = exposure_of(G12, case["base"], detector, case["variance"])
    config = config_of(case)
    found = find_objects(exposure, config)
    np.testing.assert_array_equal(found.mask, G12[f"c{index}_fm_{detector}"])
    assert_close(found.image[thin], G12[f"c{index}_fi_{detector}"])
    assert found.planes == exposure.planes
    filled = fill_objects(found, case["maskPlanes"], config)
    np.testing.assert_array_equal(filled.mask, G12[f"c{index}_rm_{detector}"])
    assert_close(filled.image[thin], G12[f"c{index}_ri_{detector}"])


@pytest.mark.parametrize(("index", "detector"), FOUND)
def test_the_last_round_smoothed_and_what_is_above_the_threshold(index: int, detector: int) -> None:
    case = G12.cases[index]
    thin = tuple(slice(None, None, step) for step in case["step"])
    exposure = exposure_of(G12, case["base"], detector, case["variance"])
    config = config_of(case)
    before = find_objects(exposure, config_of(case, nIter=config.nIter - 1))
    cells = _cells(before, config.subtractBackground.binSize)
    model = read_only(BackgroundModel(cells, "AKIMA_SPLINE").image(), np.float32)
    taps = gaussian(config.detectSigma, int(7 * config.detectSigma + 0.5) // 2)
    assert len(taps) == {5.0: 35, 3.0: 21}[config.detectSigma]
    image, variance = np.empty_like(model), np.empty_like(model)
    smooth(before.image, model, taps, image, None, 1)
    smooth(exposure.variance, None, taps**2, variance, None, 1)
    border = np.isinf(G12[f"c{index}_cs_{detector}"])
    np.testing.assert_array_equal(np.isnan(variance[thin]), border)
    np.testing.assert_allclose(
        variance[thin][~border], G12[f"c{index}_cs_{detector}"][~border], rtol=1e-6
    )
    # Sums of 35 products in float32 of counts up to that of the brightest star.
    assert_close(image[thin], G12[f"c{index}_cv_{detector}"], ulps=4)
    bits = np.unpackbits(G12[f"c{index}_dt_{detector}"], count=image.size)
    above = image >= np.float32(config.detection.thresholdValue) * np.sqrt(variance)
    np.testing.assert_array_equal(above, bits.reshape(image.shape) != 0)


@pytest.mark.parametrize(("index", "x", "detector"), FILLED)
def test_objects_filled_before_sky_frames_are_made(index: int, x: int, detector: int) -> None:
    case = G11.cases[index]
    exposure = exposure_of(G11, case["bases"][x], detector, 1.0)
    # Where findObjects was called, detection is left out in the recording, and its border too.
    median = case["name"].startswith("median")
    filled = fill_objects(exposure, CP_SKY_PLANES, interpolate=False if median else None)
    np.testing.assert_array_equal(filled.mask[::3, ::3], G11[f"c{index}_K{x}_{detector}"])
    assert_close(filled.image[::3, ::3], G11[f"c{index}_A{x}_{detector}"])
