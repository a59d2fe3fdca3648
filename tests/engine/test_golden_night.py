"""The numbers of cp_pipe's chain from a night of visits to sky frames."""

from __future__ import annotations

import numpy as np
import pytest
from golden import assert_within, cameras, exposure_of, golden, ulp_of

from skyframe_gui.engine import (
    BackgroundConfig,
    Camera,
    Detector,
    Exposure,
    FocalPlaneBackgroundConfig,
    SkyFrameError,
    average_backgrounds,
    fill_objects,
    measure_background,
    measure_focal_plane,
    normalise_visit,
)

G11 = golden("g11_cpSky")
CAMERAS = cameras("g11_cpSky")
FILLED = ["DETECTED", "BAD", "NO_DATA", "SAT"]


def _prepared(k: int, base: str, name: str) -> Exposure:
    """Fill the objects; where they were found anew, the recording had them as given."""
    given = exposure_of(G11, base, name)
    exposure = Exposure(given.image, given.mask, np.ones_like(given.image), detector=name)
    return fill_objects(exposure, FILLED, interpolate="median" not in G11.cases[k]["name"])


@pytest.mark.parametrize("k", range(len(G11.cases)), ids=lambda k: f"{k}-{G11.cases[k]['name']}")
def test_night_into_sky_frames(k: int) -> None:
    case = G11.cases[k]
    camera = CAMERAS[case["camera"]]
    config = FocalPlaneBackgroundConfig.model_validate(case["config"])
    bins = BackgroundConfig.model_validate(case["skyconfig"])
    grids: dict[str, list] = {detector.name: [] for detector in camera.detectors}
    for x, base in enumerate(case["bases"]):
        exposures = {name: _prepared(k, base, name) for name in grids}
        for name, exposure in exposures.items():
            allowed = 2 * ulp_of(900.0)
            filled = exposure.image[::3, ::3]
            if f"c{k}_A{x}_{name}" in G11:
                theirs = G11[f"c{k}_A{x}_{name}"]
                assert_within(filled, theirs, allowed, "night: filled image (counts)")
                np.testing.assert_array_equal(exposure.mask[::3, ::3], G11[f"c{k}_K{x}_{name}"])
            part = measure_focal_plane(exposure, name, camera, config)
            theirs = G11[f"c{k}_v{x}_{name}"]
            assert_within(part.sums, theirs, 2, "night: sums of a detector", ulp_of(theirs))
            np.testing.assert_array_equal(part.counts, G11[f"c{k}_n{x}_{name}"])
        visit = normalise_visit(exposures, camera, config, case["alternate"])
        _compare_levels(case["scales"][x], visit.levels)
        for name, exposure in visit.exposures.items():
            residual = exposure.image[::7, ::5]
            assert_within(residual, G11[f"c{k}_Q{x}_{name}"], 1e-6, "night: residual over level")
            np.testing.assert_array_equal(exposure.mask, exposures[name].mask)
            kind = camera[name].kind if case["alternate"] else ""
            level = np.float32(visit.levels[kind])
            np.testing.assert_allclose(exposure.variance, 1 / level**2, rtol=1e-6)
            grid = measure_background(exposure, bins)
            assert_within(grid.values, G11[f"c{k}_R{x}_{name}"], 1e-6, "night: bins")
            np.testing.assert_allclose(grid.errors, G11[f"c{k}_RE{x}_{name}"], rtol=1e-4, atol=1e-9)
            grids[name].append(grid)
    for name, members in grids.items():
        frame = average_backgrounds(members)
        assert_within(frame.grid.values, G11[f"c{k}_F_{name}"], 1e-6, "night: sky frame")
        np.testing.assert_array_equal(frame.mask, G11[f"c{k}_FM_{name}"])


def _compare_levels(theirs: dict, ours: dict[str, float]) -> None:
    expected = {theirs.get("detectorType", ""): theirs["scale"]}
    if "scaleAlternate" in theirs:
        expected[theirs["detectorTypeAlternate"]] = theirs["scaleAlternate"]
    assert set(ours) == set(expected)
    for kind, level in expected.items():
        assert_within(ours[kind], level, 2, "night: level", ulp_of(level))


def test_detectors_of_a_third_kind_take_the_background_of_the_first() -> None:
    affine = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    camera = Camera(
        "three", tuple(Detector(kind, 32, 32, affine, kind) for kind in ("C", "A", "B"))
    )
    config = FocalPlaneBackgroundConfig(xSize=16, ySize=16, binning=8)
    flat = {
        name: Exposure(np.full((32, 32), level, np.float32))
        for name, level in (("A", 10), ("B", 20), ("C", 35))
    }
    visit = normalise_visit(flat, camera, config, by_kind=True)
    assert visit.levels == {"A": 10.0, "B": 20.0}
    assert {name: float(e.image[5, 5]) for name, e in visit.exposures.items()} == {
        "A": 0.0, "B": 0.0, "C": 2.5
    }  # fmt: skip
    assert not visit.exposures["A"].has_variance


def test_kinds_are_those_of_the_camera_whatever_a_visit_has() -> None:
    affine = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    kinds = {"a": "A", "b": "B", "c": "C", "guider": "AA"}
    camera = Camera(
        "four",
        tuple(Detector(n, 32, 32, affine, kind, None, n != "guider") for n, kind in kinds.items()),
    )
    assert camera.kinds == ("A", "B", "C")
    config = FocalPlaneBackgroundConfig(xSize=16, ySize=16, binning=8)
    levels = {"a": 10, "b": 20, "c": 35, "guider": 50}
    flat = {name: Exposure(np.full((32, 32), level, np.float32)) for name, level in levels.items()}

    def found(*names: str) -> tuple[dict[str, float], dict[str, float]]:
        given = {name: flat[name] for name in names}
        visit = normalise_visit(given, camera, config, by_kind=True)
        middle = {name: float(one.image[5, 5]) for name, one in visit.exposures.items()}
        return visit.levels, middle

    assert found("a", "guider", "b") == ({"A": 10, "B": 20}, {"a": 0, "guider": 4, "b": 0})
    assert found("c", "b") == ({"B": 20}, {"c": 0.75, "b": 0})
    assert found("c") == ({"C": 35}, {"c": 0})


def test_visit_that_cannot_be_normalised() -> None:
    camera = Camera("one", (Detector("A", 32, 32, (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)),))
    config = FocalPlaneBackgroundConfig(xSize=16, ySize=16, binning=8)
    with pytest.raises(SkyFrameError, match="has no exposure"):
        normalise_visit({}, camera, config)
    with pytest.raises(SkyFrameError, match="level 0, by which nothing can be divided"):
        normalise_visit({"A": Exposure(np.zeros((32, 32)))}, camera, config)
    with pytest.raises(SkyFrameError, match="No pixel of the focal plane is good"):
        normalise_visit({"A": Exposure(np.full((32, 32), np.nan))}, camera, config)
