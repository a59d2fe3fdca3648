"""The numbers of LSST's FocalPlaneBackground."""

from __future__ import annotations

import numpy as np
import pytest
from golden import assert_within, cameras, exposure_of, golden, ulp_of

from skyframe_gui.engine import (
    BackgroundModel,
    BinGrid,
    Camera,
    FocalPlaneBackground,
    FocalPlaneBackgroundConfig,
    SkyFrameError,
    measure_focal_plane,
)
from skyframe_gui.engine.focal_plane import Layout

G7 = golden("g7_focalPlane")
CAMERAS = cameras("g7_focalPlane")


def _change(case: dict, camera: Camera, name: str) -> str:
    if case["change"] == "first detector masked":
        return "all masked" if name == camera.detectors[0].name else ""
    return str(case["change"])


def _measured(k: int) -> tuple[Camera, FocalPlaneBackgroundConfig, dict[str, FocalPlaneBackground]]:
    case = G7.cases[k]
    camera = CAMERAS[case["camera"]]
    config = FocalPlaneBackgroundConfig.model_validate(case["config"])
    parts = {
        name: measure_focal_plane(
            exposure_of(G7, case["base"], name, _change(case, camera, name)), name, camera, config
        )
        for name in map(str, case["order"])
    }
    return camera, config, parts


def _row_order(boxes: np.ndarray) -> np.ndarray:
    return boxes[np.lexsort((boxes[:, 0], boxes[:, 1]))]


@pytest.mark.parametrize("k", range(len(G7.cases)), ids=lambda k: f"{k}-{G7.cases[k]['name']}")
def test_background_over_the_focal_plane(k: int) -> None:
    case = G7.cases[k]
    camera, config, parts = _measured(k)
    layout = Layout.of(camera, config)
    assert [layout.nx, layout.ny] == case["dims"]
    merged: FocalPlaneBackground | None = None
    for name, part in parts.items():
        merged = part if merged is None else merged + part
        if f"c{k}_box_{name}" in G7:
            boxes = layout.boxes(camera[name])
            np.testing.assert_array_equal(_row_order(boxes), _row_order(G7[f"c{k}_box_{name}"]))
        if f"c{k}_v_{name}" in G7:
            theirs = G7[f"c{k}_v_{name}"]
            assert_within(part.sums, theirs, 2, "focal plane: sums of a detector", ulp_of(theirs))
            np.testing.assert_array_equal(part.counts, G7[f"c{k}_n_{name}"])
    assert merged is not None
    if f"c{k}_values" in G7:
        theirs = G7[f"c{k}_values"]
        assert_within(merged.sums, theirs, 2, "focal plane: merged sums", ulp_of(theirs))
        np.testing.assert_array_equal(merged.counts, G7[f"c{k}_numbers"])
    if "raises" in case:
        for question in (merged.superpixels, lambda: merged.level):
            with pytest.raises(SkyFrameError):
                question()
        return
    stats = G7[f"c{k}_stats"]
    assert_within(merged.superpixels(), stats, 2, "focal plane: superpixels", ulp_of(stats))
    assert_within(merged.level, case["level"], 2, "focal plane: level", ulp_of(stats))
    for name in (detector.name for detector in camera.detectors):
        if name in case.get("model_raises", {}):
            with pytest.raises(SkyFrameError):
                merged.model(name)
        elif f"c{k}_g_{name}" in G7:
            _compare_models(k, name, merged)


def _compare_models(k: int, name: str, merged: FocalPlaneBackground) -> None:
    values = G7[f"c{k}_g_{name}"]
    grid = merged.grid(name)
    unit = ulp_of(values)
    assert_within(grid.values, values, 4, "focal plane: grid of a detector", unit)
    np.testing.assert_array_equal(grid.mask, G7[f"c{k}_k_{name}"])
    if f"c{k}_o_{name}" not in G7:
        return
    image = G7[f"c{k}_o_{name}"]
    sy, sx = G7.cases[k]["step"]
    style = merged.config.interpolation
    same = BackgroundModel(BinGrid.from_values(values, grid.bbox), style).image()[::sy, ::sx]
    assert_within(same, image, 2, "focal plane: image of the recorded grid", unit)
    # The roundings of the original are followed so far that even Akima's curve stays within this.
    whole = merged.model(name).image()[::sy, ::sx]
    assert_within(whole, image, 32, "focal plane: image end to end", unit)


@pytest.mark.parametrize(
    "k", [k for k, case in enumerate(G7.cases) if case.get("serial_equals_merged")]
)
def test_parts_merged_from_an_empty_one(k: int) -> None:
    camera, config, parts = _measured(k)
    zeros = np.zeros_like(next(iter(parts.values())).sums)
    total = FocalPlaneBackground(camera, config, zeros, zeros)
    for part in parts.values():
        total = total + part
    np.testing.assert_array_equal(total.sums, G7[f"c{k}_values"])
