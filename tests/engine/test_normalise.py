"""A visit over its background: whose background each detector takes, and what is told of it."""

from __future__ import annotations

import numpy as np
import pytest

from skyframe_gui.engine import (
    BackgroundModel,
    BinGrid,
    Camera,
    Detector,
    Exposure,
    FocalPlaneBackgroundConfig,
    SkyFrameError,
    Watch,
    measure_focal_plane,
    normalise_visit,
)
from skyframe_gui.engine.normalise import kinds_taken, merge_visit, over_level

KINDS = {"a": "ITL", "b": "E2V", "c": "ITL", "d": "XXX", "g": "guide"}
CAMERA = Camera(
    "Cam",
    tuple(
        Detector(name, 40, 60, (0.01, 0, 0, 0.01, 0.4 * k, 0), kind, science=kind != "guide")
        for k, (name, kind) in enumerate(KINDS.items())
    ),
)
CONFIG = FocalPlaneBackgroundConfig(xSize=0.2, ySize=0.2, pixelSize=0.01, binning=10, minFrac=0.1)
LEVEL = {"a": 100.0, "b": 200.0, "c": 110.0, "d": 50.0, "g": 70.0}


def exposure(name: str) -> Exposure:
    shape = (60, 40)
    image = np.full(shape, LEVEL[name], np.float32)
    return Exposure(image, np.full(shape, 1 << 20, np.int32), np.full(shape, 8, np.float32),
                    detector=name)  # fmt: skip


@pytest.mark.parametrize(
    ("names", "by_kind", "taken"),
    [
        ("abcdg", False, ("", "", "", "", "")),
        ("abc", True, ("ITL", "E2V", "ITL")),
        ("abcdg", True, ("ITL", "E2V", "ITL", "E2V", "E2V")),  # the others take the first
        ("acd", True, ("ITL", "ITL", "ITL")),
        ("d", True, ("XXX",)),
        ("dg", True, ("XXX", "XXX")),
    ],
)
def test_each_detector_takes_the_background_of_its_kind(
    names: str, by_kind: bool, taken: tuple[str, ...]
) -> None:
    assert tuple(kinds_taken(names, CAMERA, by_kind).values()) == taken
    assert tuple(kinds_taken(names, CAMERA, by_kind)) == tuple(names)


def test_detectors_of_another_kind_have_no_part_in_the_background_that_they_take() -> None:
    parts = {name: measure_focal_plane(exposure(name), name, CAMERA, CONFIG) for name in "abcd"}
    visit = merge_visit(parts, CAMERA, by_kind=True)
    assert set(visit.merged) == {"E2V", "ITL"}
    np.testing.assert_array_equal(visit.merged["E2V"].counts, parts["b"].counts)
    np.testing.assert_array_equal(visit.merged["ITL"].sums, (parts["a"] + parts["c"]).sums)
    assert visit.levels["E2V"] == pytest.approx(200)
    assert visit.level("d") == visit.levels["E2V"]
    assert visit.level("a") == visit.levels["ITL"]
    np.testing.assert_allclose(visit.model("d").image(), 200, rtol=1e-5)
    together = merge_visit(parts, CAMERA)
    assert set(together.merged) == {""}
    np.testing.assert_array_equal(
        together.merged[""].counts, sum(part.counts for part in parts.values())
    )


def test_a_level_of_zero_is_told_with_its_kind() -> None:
    def why(name: str, value: float, by_kind: bool) -> str:
        image = np.full((60, 40), value, np.float32)
        part = measure_focal_plane(Exposure(image), name, CAMERA, CONFIG)
        with pytest.raises(SkyFrameError) as caught:
            merge_visit({name: part}, CAMERA, by_kind)
        return str(caught.value)

    rest = ", by which nothing can be divided; raise minFrac above 0, or look at the exposures."
    assert why("a", 0, True) == (
        f"The background of the ITL detectors of the visit has the level 0{rest}"
    )
    assert why("a", 0, False) == f"The background of the visit has the level 0{rest}"
    assert why("a", 1e-46, False).endswith(rest)
    with pytest.raises(SkyFrameError, match="The visit has no exposure, so that it has no back"):
        merge_visit({}, CAMERA)


def test_values_and_their_variance_are_divided_by_the_level_and_the_mask_stays() -> None:
    model = BackgroundModel(BinGrid.from_values(np.full((3, 2), 60.0), (0, 0, 39, 59)), "CONSTANT")
    given = exposure("a")
    made = over_level(given, model, -4.0)
    np.testing.assert_array_equal(made.image, -10)
    np.testing.assert_array_equal(made.variance, 0.5)
    np.testing.assert_array_equal(made.mask, given.mask)
    np.testing.assert_array_equal(given.image, 100)
    bare = over_level(Exposure(given.image), model, -4.0)
    assert not bare.has_variance


def test_a_whole_visit_is_normalised_and_each_detector_told() -> None:
    steps: list[tuple[int, int, str]] = []
    given = {name: exposure(name) for name in "ab"}
    moved = Exposure(given["b"].image, detector="b", xy0=(7, 9))
    given["b"] = moved
    watch = Watch(lambda *told: steps.append(told))
    visit = normalise_visit(given, CAMERA, CONFIG, by_kind=True, watch=watch)
    assert [one for one in steps if one[2].split()[0] in ("Measuring", "Normalising")] == [
        (0, 4, "Measuring a"),
        (1, 4, "Measuring b"),
        (2, 4, "Normalising a"),
        (3, 4, "Normalising b"),
    ]
    assert steps[-1] == (4, 4, "Normalised")
    assert visit.levels == {"E2V": pytest.approx(200), "ITL": pytest.approx(100)}
    for name in "ab":
        np.testing.assert_allclose(visit.exposures[name].image, 0, atol=1e-5)
        assert visit.backgrounds[name].grid.bbox == given[name].bbox
    assert tuple(visit.exposures) == ("a", "b")
