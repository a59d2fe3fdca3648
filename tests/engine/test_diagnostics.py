"""Each finding is raised by its cause and not without it, and says numbers that are right."""

from __future__ import annotations

import dataclasses
import itertools
import math
import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skyframe_gui.engine import (
    BinGrid,
    MaskPlanes,
    Samples,
    ScaleError,
    ScaleSolution,
    SkyFrameError,
    SkyMeasurementConfig,
    average_backgrounds,
    compute_statistic,
    measure_background,
    measure_scale,
    solve_scales,
)
from skyframe_gui.engine.diagnostics import (
    Finding,
    diagnose_fit,
    diagnose_sky_frame,
    residual_rises,
    robust,
    tails,
)
from skyframe_gui.engine.diagnostics.checks.exposures import fewest_to_clip
from skyframe_gui.engine.diagnostics.checks.rejections import FEW, lost_to_noise
from skyframe_gui.engine.diagnostics.finding import detector_names, in_order
from skyframe_gui.engine.scale import NO_LEVEL
from skyframe_gui.numbers import with_error
from skyframe_gui.simulate import Camera, simulate_night, simulate_visit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

CONFIG = SkyMeasurementConfig()
SCALE, SIGMA = 1000.0, 1.0
MINUS = "\N{MINUS SIGN}"


def draw(
    seed: int = 0,
    n_detectors: int = 8,
    side: int = 4,
    mean: float = 1.0,
    spread: float = 0.02,
    scale: float = SCALE,
    sigma: float = SIGMA,
) -> list[Samples]:
    """Samples of a visit without any fault: a line through the origin, and Gaussian noise."""
    rng = np.random.default_rng(seed)
    i, j = np.divmod(np.arange(side * side), side)
    boxes = np.stack([50 * i, 50 * j, 50 * i + 50, 50 * j + 50], axis=1)
    visit = []
    for number in range(n_detectors):
        sky = mean + rng.normal(0, spread / 2) + rng.normal(0, spread, side * side)
        image = scale * sky + rng.normal(0, sigma, side * side)
        visit.append(Samples(image, sky, None, boxes, str(number + 1)))
    return visit


def changed(samples: Samples, image: object = None, **more: object) -> Samples:
    return Samples(
        samples.image if image is None else image,
        more.get("sky", samples.sky),
        more.get("good_fraction", samples.good_fraction),
        samples.boxes,
        str(more.get("detector", samples.detector)),
    )


def solved(samples: Sequence[Samples], config: SkyMeasurementConfig = CONFIG) -> ScaleSolution:
    try:
        return solve_scales(samples, config)
    except ScaleError as error:
        return error.solution


def findings(
    samples: Sequence[Samples], config: SkyMeasurementConfig = CONFIG, **more: object
) -> dict[str, Finding]:
    found = diagnose_fit(samples, solved(samples, config), config, **more)  # type: ignore[arg-type]
    assert len({one.kind for one in found}) == len(found)
    return of_sentences(found)


def of_sentences(found: Sequence[Finding]) -> dict[str, Finding]:
    for one in found:
        assert re.fullmatch(r"[A-Z].{8,}\.", one.title), one.kind
        assert re.fullmatch(r"(?s)[A-Za-z0-9].{20,}\.", one.text), one.kind
    return {one.kind: one for one in found}


def frame(
    n_exposures: int = 10, hole: object = None, detector_size: int = 200, seed: int = 0
) -> object:
    """A sky frame of 10 x 10 bins of a level of 1; ``hole`` has no value in any exposure."""
    rng = np.random.default_rng(seed)
    ramp = 1 + 0.02 * np.linspace(-1, 1, 10)[np.newaxis, :]
    grids = []
    for _ in range(n_exposures):
        values = (ramp + rng.normal(0, 1e-4, (10, 10))).astype(np.float32)
        if hole is not None:
            values[hole] = np.nan
        grids.append(BinGrid.from_values(values, (0, 0, detector_size - 1, detector_size - 1)))
    return average_backgrounds(grids)


def frame_findings(sky_frame: object, n: int | None, **more: object) -> dict[str, Finding]:
    return of_sentences(diagnose_sky_frame(sky_frame, n, CONFIG, **more))  # type: ignore[arg-type]


def test_a_faultless_visit_is_left_alone() -> None:
    planes = dict.fromkeys("12345678", MaskPlanes.LSST_DEFAULT)
    frames = {str(n): frame() for n in range(1, 9)}
    levels = dict.fromkeys("12345678", SCALE)
    assert findings(draw(), planes=planes, sky_frames=frames, levels=levels) == {}
    assert frame_findings(frame(), 10) == {}


@pytest.mark.parametrize("n_detectors", [1, 3, 8, 60])
@pytest.mark.parametrize("mean", [1.0, 0.0])
def test_chance_seldom_raises_a_finding(n_detectors: int, mean: float) -> None:
    n = 150
    alarms = sum(
        bool(set(findings(draw(seed, n_detectors, mean=mean))) - {"few-samples"})
        for seed in range(n)
    )
    assert alarms <= 6  # 1 % are 1.5 of 150; more than 6 would be chance once in a thousand


def test_an_offset_is_found_with_its_size_error_and_the_side_of_the_rejections() -> None:
    rng = np.random.default_rng(3)
    visit = draw(mean=0.0, spread=0.01, n_detectors=10)
    visit = [changed(one, one.image + 2.1 + 8.0 * (rng.random(16) < 0.08)) for one in visit]
    found = findings(visit, unit="counts")["offset"]
    assert found.severity == "warning"
    assert found.numbers["offset"] == pytest.approx(2.1, abs=4 * found.numbers["error"])
    assert 0.05 < found.numbers["error"] < 0.2
    assert re.search(r"an offset of [12]\.\d+ ± 0\.\d+ counts that a pure scale cannot", found.text)
    above = int(found.numbers["n_above"])
    assert above > 0
    total = above + int(found.numbers["n_below"])
    assert len(found.samples) == total
    numbers, solution = found.numbers, solved(visit)
    offset = with_error(numbers["offset"], numbers["error"], "counts")
    line = with_error(numbers["scale_with_offset"], numbers["scale_with_offset_error"])
    assert found.title == "The samples want an offset."
    assert found.short == f"{offset}."
    assert found.text == (
        f"The samples want an offset of {offset} that a pure scale cannot give; with it the scale "
        f"would be {line} instead of {with_error(solution.scale, solution.error)}. "
        f"{above} of {total} rejections lie above the line."
    )


def test_a_negative_offset_is_written_with_a_true_minus() -> None:
    visit = [changed(one, one.image - 3) for one in draw(mean=0.0)]
    text = findings(visit)["offset"].text
    assert f"an offset of {MINUS}" in text
    assert "-" not in text


def test_an_offset_is_told_also_where_it_left_nothing_to_fit() -> None:
    sky = np.where(np.arange(16) % 2, 0.02, -0.02)
    noise = np.random.default_rng(0).normal(0, 0.1, 16)
    visit = [changed(one, 1000 * sky + 300 + noise, sky=sky) for one in draw(n_detectors=3)]
    assert not np.isfinite(solved(visit).scale)
    found = findings(visit)
    assert found["offset"].numbers["offset"] == pytest.approx(300, abs=1)
    assert "instead of" not in found["offset"].text
    assert found["offset"].text.endswith(NO_LEVEL)
    assert "none is left" in found["few-samples"].text


def test_an_offset_is_not_seen_in_a_few_outliers_nor_in_detectors_that_scatter() -> None:
    rng = np.random.default_rng(0)
    visit = [changed(one, one.image + 30 * (rng.random(16) < 0.1)) for one in draw()]
    assert "offset" not in findings(visit)
    raised = 0
    for seed in range(40):
        levels = 20 * np.random.default_rng(seed).standard_normal(8)
        visit = [
            # Without boxes, so that no neighbours tell what a detector has in common.
            Samples(one.image + up, one.sky, None, None, one.detector)
            for one, up in zip(draw(seed), levels, strict=True)
        ]
        raised += "offset" in findings(visit)
    assert raised <= 2


def test_an_offset_of_the_visit_is_not_laid_upon_its_detectors() -> None:
    visit = []
    for number, one in enumerate(draw(mean=0.0, spread=0.005, n_detectors=12)):
        level = 0.05 * (-1) ** number
        visit.append(changed(one, one.image + SCALE * level + 8, sky=one.sky + level))
    found = findings(visit)
    assert "offset" in found
    assert not {"detector-scale", "detectors-scatter"} & set(found)


def test_neighbours_that_move_together_are_not_counted_as_independent() -> None:
    def smooth(seed: int) -> np.ndarray:
        noise = np.random.default_rng(seed).standard_normal((10, 10))
        kernel = np.array([0.25, 0.5, 1, 0.5, 0.25])
        for axis in (0, 1):
            noise = np.apply_along_axis(np.convolve, axis, noise, kernel, "same")
        return noise.ravel()

    raised = 0
    for seed in range(60):
        (one,) = draw(seed, 1, side=10)
        x = one.boxes[:, 0] / 500
        one = changed(one, SCALE * (1 + 0.02 * x) + smooth(seed), sky=1 + 0.02 * x)
        raised += "offset" in findings([one])
    assert raised <= 3


def test_rejections_on_one_side_are_told_apart_from_those_on_both() -> None:
    rng = np.random.default_rng(1)
    hit = [rng.random(16) < 0.12 for _ in range(8)]
    sides = [np.sign(rng.standard_normal(16)) for _ in range(8)]
    up = [changed(one, one.image + 9 * h) for one, h in zip(draw(), hit, strict=True)]
    both = [
        changed(one, one.image + 9 * h * s) for one, h, s in zip(draw(), hit, sides, strict=True)
    ]
    found = findings(up)["one-sided"]
    assert found.numbers["n_above"] == len(found.samples) >= 10
    assert "one-sided" not in findings(both)
    assert "one-sided" not in findings(draw())


def test_a_few_boxes_with_a_glow_are_told_by_name_and_number() -> None:
    visit = draw(n_detectors=3)
    glowing = np.isin(np.arange(48), (3, 17, 40))
    lit = [
        changed(one, one.image + 7 * SIGMA * glowing[16 * k : 16 * (k + 1)])
        for k, one in enumerate(visit)
    ]
    found = findings(lit)["one-sided"]
    assert found.samples == (3, 17, 40)
    assert re.match(r"3 of 48 samples lie [5-9]\.\d sigma or more above the line", found.text)
    assert "many-rejected" not in findings(lit)
    dark = [changed(one, 2 * SCALE * one.sky - one.image) for one in lit]
    found = findings(dark)["one-sided"]
    assert (found.samples, found.numbers["n_above"]) == ((3, 17, 40), 0)
    assert "below the line and none above it" in found.text


def test_boxes_that_a_mask_covers_in_part_may_scatter_more() -> None:
    raised = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        visit = []
        for one in draw(seed, spread=0.05):
            part = np.where(rng.random(16) < 0.4, rng.uniform(0.3, 0.6, 16), 1.0)
            # What is left of a box is at another place of the pattern than all of it.
            rise = np.gradient(SCALE * one.sky.reshape(4, 4), axis=1).ravel()
            shift = rng.uniform(-0.8, 0.8, 16) * (1 - part) * rise
            noise = rng.normal(0, SIGMA, 16) * np.sqrt(1 / part - 1)
            visit.append(changed(one, one.image + shift + noise, good_fraction=part))
        assert np.mean(solved(visit).rejected_at >= 0) > 0.03
        raised += bool({"many-rejected", "one-sided"} & set(findings(visit)))
    assert raised <= 1


def test_many_rejections_are_told_and_few_are_not() -> None:
    rng = np.random.default_rng(1)
    visit = draw()
    for part, raised in ((0.2, True), (0.03, False)):
        spoilt = []
        for one in visit:
            sides = np.where(np.arange(16) % 2, 1, -1)
            spoilt.append(changed(one, one.image + 25 * sides * (rng.random(16) < part)))
        found = findings(spoilt)
        assert ("many-rejected" in found) == raised
    assert (
        "Gaussian noise would lose 0.28 %"
        in findings(
            [changed(one, one.image + 25 * (np.arange(16) % 5 == 0) * sides) for one in visit]
        )["many-rejected"].text
    )


def test_a_low_threshold_alone_is_not_called_many_rejections() -> None:
    config = SkyMeasurementConfig(skyRej=1.5)
    visit = draw(n_detectors=30)
    solution = solved(visit, config)
    rejected = float(np.mean(solution.rejected_at >= 0))
    assert rejected > 0.2
    assert lost_to_noise(1.5, 3) == pytest.approx(rejected, abs=0.05)
    assert "many-rejected" not in findings(visit, config)
    assert lost_to_noise(3.0, 0) == 0


def test_outliers_that_the_rejection_takes_for_scatter_are_told() -> None:
    rng = np.random.default_rng(4)
    visit = [changed(one, one.image + 20 * (rng.random(16) < 0.35)) for one in draw()]
    assert np.mean(solved(visit).rejected_at >= 0) < 0.1
    found = findings(visit)["scale-pulled"].numbers
    assert found["robust_scale"] == pytest.approx(SCALE, rel=1e-3)
    assert found["scale"] > 1.004 * SCALE
    for units, told in (
        ({"unit": "adu", "sky_unit": "electron"}, True),
        ({"unit": "adu", "sky_unit": ""}, False),
        ({"unit": "", "sky_unit": "adu"}, False),
    ):
        text = findings(visit, **units)["scale-pulled"].text
        assert ("adu / electron" in text) == told
        assert told or " / " not in text
    few = [changed(one, one.image + 20 * (np.arange(16) == 3)) for one in draw()]
    assert "scale-pulled" not in findings(few)


def test_a_frame_that_leaves_more_than_a_constant_does_not_describe_the_image() -> None:
    visit = draw()
    assert "no-description" not in findings(visit)
    swapped = [changed(one, other.image) for one, other in itertools.pairwise(visit)]
    found = findings(swapped, unit="adu")["no-description"]
    assert found.severity == "warning"
    # Two independent patterns leave the square root of two of one.
    assert found.numbers["rms"] / found.numbers["rms_of_constant"] == pytest.approx(1.4, abs=0.2)
    assert re.search(r"by \d\d\.\d adu about the sky frame times", found.text)
    same = [changed(one, np.full(16, 60000.0)) for one in visit]
    assert findings(same)["no-description"].numbers["rms_of_constant"] == 0
    # One that is flat within the noise leaves as much as a constant, and is no mistake.
    flat = [draw(seed, spread=0.0001) for seed in range(40)]
    assert sum("no-description" in findings(one) for one in flat) <= 2


def test_a_gradient_over_the_detectors_is_told_with_its_sides() -> None:
    def tilted(x_rise: float, y_rise: float) -> dict[str, Finding]:
        visit = [
            changed(one, one.image + (one.boxes[:, :2] / 150 - 0.5) @ [x_rise, y_rise])
            for one in draw()
        ]
        return findings(visit, unit="adu")

    assert "gradient" not in tilted(0, 0)
    across = tilted(-6, 0)["gradient"]
    # The boxes' centres are 150 of 200 pixels apart.
    assert across.numbers["rise_x"] == pytest.approx(-8, abs=4 * across.numbers["error_x"])
    assert re.search(r"rise by \d\.\d+ ± 0\.\d+ adu from right to left:", across.text)
    assert "from bottom to top" in tilted(3, 6)["gradient"].text
    unknown = [
        Samples(one.image + np.linspace(0, 9, 16), one.sky, None, None, one.detector)
        for one in draw()
    ]
    assert "gradient" not in findings(unknown)


def test_a_plane_through_twelve_boxes_is_told_and_through_eleven_is_not() -> None:
    (one,) = draw(n_detectors=1)
    corners = one.boxes[:, :2]
    tilted = one.image + corners @ [0.2, -0.3]
    for n, sides in ((11, ()), (12, ("x", "y"))):
        few = Samples(tilted[:n], one.sky[:n], None, one.boxes[:n], "1")
        solution = dataclasses.replace(solved([few]), scale=SCALE, rejected_at=np.full(n, -1))
        rises = residual_rises([few], solution, CONFIG)
        assert tuple(rises) == sides
        unknown = dataclasses.replace(solution, scale=np.nan)
        assert residual_rises([few], unknown, CONFIG) == {}
    # Over the whole detector, as far as there are boxes.
    width, height = few.boxes[:, 2:].max(axis=0)
    for name, true in (("x", 0.2 * width), ("y", -0.3 * height)):
        value, error = rises[name]
        assert value == pytest.approx(true, abs=4 * error)
        assert 0 < error < 5


def test_few_samples_are_told_and_a_detector_of_sixteen_is_enough() -> None:
    visit = draw(n_detectors=1)
    assert "few-samples" not in findings(visit)
    few = [changed(visit[0], np.where(np.arange(16) < 8, visit[0].image, np.nan))]
    assert "8 are left" in findings(few)["few-samples"].text
    enough = [changed(visit[0], np.where(np.arange(16) < FEW, visit[0].image, np.nan))]
    assert solved(enough).n_used == FEW
    assert "few-samples" not in findings(enough)
    assert "none is left" in findings([])["few-samples"].text


def test_a_detector_without_a_sample_in_the_fit_is_named() -> None:
    visit = draw(n_detectors=3)
    visit[1] = changed(visit[1], np.full(16, np.nan))
    found = findings(visit)["detectors-unused"]
    assert found.detectors == ("2",)
    assert found.samples == tuple(range(16, 32))


@pytest.mark.parametrize(("part", "severity"), [(0.05, None), (0.25, "note"), (0.7, "warning")])
def test_low_good_fractions_are_told_from_a_tenth_of_the_samples_on(
    part: float, severity: str | None
) -> None:
    visit = draw()
    low = np.arange(16) < 16 * part
    visit = [changed(one, good_fraction=np.where(low, 0.1, 0.9)) for one in visit]
    found = findings(visit).get("low-coverage")
    assert (found and found.severity) == severity
    if found:
        assert len(found.samples) == 8 * low.sum() == found.numbers["n_low"]


def test_samples_excluded_by_hand_are_not_complained_about() -> None:
    visit = draw(n_detectors=4)
    visit[0] = changed(visit[0], visit[0].image + 500, good_fraction=np.zeros(16))
    excluded = np.arange(64) < 16
    solution = solve_scales(visit, CONFIG, excluded)
    kinds = {one.kind for one in diagnose_fit(visit, solution, CONFIG)}
    assert kinds == {"detectors-unused"}
    assert {"low-coverage", "detector-scale"} <= set(findings(visit))


@pytest.mark.parametrize("n_detectors", [2, 3, 8, 100])
def test_a_detector_with_another_scale_is_named_and_is_the_only_cause(n_detectors: int) -> None:
    visit = draw(n_detectors=n_detectors)
    assert "detector-scale" not in findings(visit)
    visit[1] = changed(visit[1], visit[1].image * 1.01)
    found = findings(visit)
    named = found["detector-scale"]
    assert named.detectors == (("1", "2") if n_detectors == 2 else ("2",))
    assert named.numbers["worst_scale"] == pytest.approx(
        SCALE if n_detectors == 2 and named.numbers["worst_scale"] < 1005 else 1.01 * SCALE,
        rel=2e-3,
    )
    if n_detectors > 2:
        assert re.search(
            rf"A?.* is not that of all {n_detectors} together, (999\.\d|100\d\.?\d*)", named.text
        )
    worst = with_error(named.numbers["worst_scale"], named.numbers["worst_error"])
    first = named.short.partition(", all together ")[0]
    assert first in (f"1: {worst}", f"2: {worst}")
    assert f": {first}" in named.text
    assert named.text.endswith(".")
    if n_detectors > 2:
        assert first == f"2: {worst}"
        assert named.title == "A detector disagrees with the visit's scale."
        assert named.text.startswith("The own scale of detector 2 is not that of all ")
    else:
        other = named.text.partition(f": {first}; ")[2]
        assert re.fullmatch(r"[12]: \d+\.\d+ ± \d\.\d+\.", other)
        assert named.title == "Detectors disagree with the visit's scale."
        assert "differ by more than chance: " in named.text
    assert not {"one-sided", "many-rejected", "offset"} & set(found)


def test_a_detector_as_far_off_as_others_scatter_does_not_stand_out() -> None:
    scatter = 0.004 * np.random.default_rng(5).standard_normal(20)
    visit = [
        changed(one, one.image * (1 + up)) for one, up in zip(draw(0, 20), scatter, strict=True)
    ]
    found = findings(visit)
    assert "detector-scale" not in found
    note = found["detectors-scatter"]
    assert note.severity == "note"
    assert note.numbers["scatter"] == pytest.approx(0.004 * SCALE, rel=0.6)
    assert "detectors-scatter" not in findings(draw(0, 20))


def test_scale_is_held_against_the_level_of_the_exposure() -> None:
    visit = draw()
    level = dict.fromkeys("12345678", SCALE)
    assert "scale-level" not in findings(visit, levels=level)
    assert "scale-level" not in findings(visit)
    higher = {detector: 1.5 * one for detector, one in level.items()}
    found = findings(visit, levels=higher, unit="electron")["scale-level"]
    assert found.numbers["ratio"] == pytest.approx(1 / 1.5, rel=0.01)
    assert "1500 electron: 67 % of it" in found.text
    # A sky frame with its level taken off, and one in counts.
    assert "scale-level" in findings(draw(mean=0.0), levels=higher)
    assert "scale-level" not in findings(draw(mean=0.0), levels=level)
    in_counts = [changed(one, sky=1000 * one.sky) for one in visit]
    assert "scale-level" not in findings(in_counts, levels=level)


def test_scale_is_held_against_the_image_where_no_level_is_known() -> None:
    config = SkyMeasurementConfig(skyIter=0)
    visit = draw(n_detectors=2)
    visit[0] = changed(visit[0], visit[0].image + 9000 * (np.arange(16) == 3))
    assert "scale-level" in findings(visit, config)
    assert "scale-level" not in findings(visit, CONFIG)


def test_a_negative_scale_and_one_that_is_only_noise_are_told() -> None:
    assert "scale-negative" in findings(draw(scale=-SCALE))
    noise = [
        changed(one, np.random.default_rng(n).normal(0, 1, 16))
        for n, one in enumerate(draw(mean=0.0))
    ]
    assert "scale-zero" in findings(noise)
    assert not {"scale-zero", "scale-negative"} & set(findings(draw(mean=0.0)))


def test_planes_that_the_files_lack_are_named_with_their_field() -> None:
    full = MaskPlanes.LSST_DEFAULT
    visit = draw(n_detectors=2)
    assert "missing-planes" not in findings(visit, planes={"1": full, "2": full})
    some = MaskPlanes({name: bit for name, bit in full.items() if name != "NO_DATA"})
    found = findings(visit, planes={"1": full, "2": some})["missing-planes"]
    assert found.severity == "note"
    assert found.detectors == ("2",)
    assert "stats.mask names NO_DATA (detector 2)" in found.text
    bare = MaskPlanes({name: bit for name, bit in full.items() if "DETECTED" not in name})
    found = findings(visit, planes={"1": bare, "2": bare})["missing-planes"]
    assert found.severity == "warning"
    assert "DETECTED, DETECTED_NEGATIVE, which" in found.text
    framed = frame_findings(frame(), 10, planes=bare)["missing-planes"]
    assert "background.mask" in framed.text


@pytest.mark.parametrize(
    ("n", "kind"), [(1, "warning"), (3, "warning"), (4, "note"), (7, "note"), (8, None)]
)
def test_too_few_exposures_to_clip_are_told(n: int, kind: str | None) -> None:
    for found in (
        frame_findings(frame(n), n).get("few-exposures"),
        findings(draw(), sky_frames={"1": frame(n)}).get("few-exposures"),
    ):
        assert (found and found.severity) == kind


@pytest.mark.parametrize(
    ("clip", "one", "two"), [(0.5, 3, 5), (1.0, 3, 5), (3.0, 4, 8), (5.0, 4, 8), (50.0, 5, 9)]
)
def test_fewer_are_enough_where_less_is_clipped(clip: float, one: int, two: int) -> None:
    assert (fewest_to_clip(clip), fewest_to_clip(clip, 2)) == (one, two)


@pytest.mark.parametrize("n_far", [1, 2])
def test_fewest_exposures_to_clip_is_what_the_statistic_does(n_far: int) -> None:
    fewest = fewest_to_clip(3.0, n_far)
    rng = np.random.default_rng(2)
    for n in range(n_far + 1, fewest + 6):
        values = rng.normal(0, 1, n)
        values[:n_far] = 1e5
        used = compute_statistic(values, statistic="MEANCLIP").n_used
        if n >= fewest:
            assert used <= n - n_far, n
        elif n > 2 * n_far:
            assert used == n, n
    assert fewest_to_clip(3.0, 1) == 4


def test_bins_with_a_value_from_too_few_exposures_are_counted() -> None:
    values = np.ones((10, 5, 5), np.float32)
    values[2:, :2] = np.nan
    grids = [BinGrid.from_values(one, (0, 0, 99, 99)) for one in values]
    found = frame_findings(average_backgrounds(grids), 10)["thin-bins"]
    assert found.numbers["n_thin"] == 10
    assert "thin-bins" not in frame_findings(frame(), 10)


def test_what_a_file_does_not_tell_about_its_exposures_is_not_made_up() -> None:
    known = frame(2)
    read = dataclasses.replace(known, clipped=np.zeros((0, 10, 10), np.bool_))  # type: ignore[type-var]
    assert frame_findings(read, None) == {}
    assert findings(draw(), sky_frames={"1": read}) == {}


def test_bins_filled_with_the_median_are_counted_and_inside_is_not_a_border() -> None:
    found = frame_findings(frame(hole=(slice(4, 6), slice(8, 9))), 10, unit="adu")
    assert set(found) == {"filled-bins"}
    filled = found["filled-bins"]
    assert filled.severity == "note"
    assert filled.numbers["n_filled"] == 2
    # The ramp's column there is 0.0155 above the middle.
    assert filled.numbers["step"] == pytest.approx(0.0156, abs=0.006)
    assert "2 of 100 bins (2 %)" in filled.text
    tenth = frame_findings(frame(hole=(slice(4, 6), slice(3, 8))), 10)["filled-bins"]
    assert (tenth.numbers["worst_fraction"], tenth.severity) == (0.1, "note")
    many = frame_findings(frame(hole=(slice(3, 6), slice(3, 8))), 10)["filled-bins"]
    assert many.severity == "warning"


def test_borders_without_values_are_told_with_their_width() -> None:
    sky_frame = frame(hole=(slice(None), slice(0, 3)))
    found = frame_findings(sky_frame, 10)["border-extrapolated"]
    assert found.numbers["n_bins"] == 30
    assert found.numbers["reach_pixels"] == 60
    in_fit = findings(draw(), sky_frames={"2": sky_frame})
    assert in_fit["border-extrapolated"].detectors == ("2",)
    samples = in_fit["border-samples"]
    # Three bins of 20 pixels: the first column of boxes is 50 wide, of the second 10 are in it.
    assert samples.samples == tuple(range(16, 20))
    assert "border-samples" not in findings(draw(), sky_frames={"2": frame()})


def test_border_bins_with_hardly_a_good_pixel_are_told() -> None:
    values = np.ones((4, 4), np.float32)
    counts = np.full((4, 4), 400)
    box = (0, 0, 79, 79)
    full = BinGrid.from_values(values, box, n_good=counts.copy())
    counts[:, 3] = 20
    thin = BinGrid.from_values(values, box, n_good=counts.copy())
    sky_frame = average_backgrounds([full] * 10)
    assert "border-extrapolated" not in frame_findings(sky_frame, 10, grids=[full] * 10)
    found = frame_findings(sky_frame, 10, grids=[thin] * 10)["border-extrapolated"]
    assert found.numbers["n_bins"] == 4
    assert found.numbers["reach_pixels"] == 20


FAULTS = {
    "offset": lambda one: changed(one, one.image + 400),
    "glow": lambda one: changed(one, one.image + 9 * (np.arange(16) % 6 == 0)),
    "scale": lambda one: changed(one, one.image * (1.02 if one.detector == "3" else 1)),
    "no data": lambda one: changed(one, np.where(np.arange(16) < 13, np.nan, one.image)),
    "coverage": lambda one: changed(one, good_fraction=np.linspace(0, 1, 16)),
    "dark": lambda one: changed(one, -one.image),
    "none": lambda one: one,
}
faults = st.lists(st.sampled_from(sorted(FAULTS)), min_size=1, max_size=2)


def faulty(seed: int, n_detectors: int, which: Sequence[str]) -> list[Samples]:
    visit = draw(seed, n_detectors)
    for name in which:
        visit = [FAULTS[name](one) for one in visit]
    return visit


@given(st.integers(0, 50), st.integers(2, 9), faults, st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_the_order_of_detectors_does_not_matter(seed, n_detectors, which, random) -> None:
    visit = faulty(seed, n_detectors, which)
    other = list(visit)
    random.shuffle(other)
    first, second = findings(visit), findings(other)
    assert set(first) == set(second)
    starts = dict(
        zip(
            [one.detector for one in other],
            itertools.accumulate((len(one) for one in other), initial=0),
            strict=False,
        )
    )
    for kind, finding in first.items():
        same = second[kind]
        assert (finding.title, finding.detectors) == (same.title, same.detectors)
        assert finding.text == same.text
        moved = {starts[visit[k // 16].detector] + k % 16 for k in finding.samples}
        assert moved == set(same.samples)


@given(st.integers(0, 50), st.integers(1, 9), faults, st.floats(-6, 6), st.floats(-6, 6))
@settings(max_examples=40)
def test_units_do_not_change_which_findings_appear(seed, n_detectors, which, image, sky) -> None:
    visit = faulty(seed, n_detectors, which)
    levels = {one.detector: SCALE * (1 + (seed % 2)) for one in visit}
    factor = 10.0**image
    other = [changed(one, one.image * factor, sky=one.sky * 10.0**sky) for one in visit]
    scaled = {detector: level * factor for detector, level in levels.items()}
    first, second = findings(visit, levels=levels), findings(other, levels=scaled)
    assert set(first) == set(second)
    for kind, finding in first.items():
        assert finding.samples == second[kind].samples


@given(st.integers(0, 30), faults)
@settings(max_examples=20)
def test_nothing_that_was_given_is_changed_and_texts_are_whole_sentences(seed, which) -> None:
    visit = faulty(seed, 4, which)
    solution = solved(visit)
    before = [one.image.copy() for one in visit], solution.rejected_at.copy()
    for finding in diagnose_fit(visit, solution, CONFIG):
        assert finding.text.endswith(".")
        assert finding.title.endswith(".")
        assert not re.search(r"\bnan\b|-\d|  ", finding.text)
        assert finding.severity in ("warning", "note")
        assert all(0 <= k < 64 for k in finding.samples)
        assert hash(finding) is not None
    for one, image in zip(visit, before[0], strict=True):
        assert np.array_equal(one.image, image, equal_nan=True)
    assert np.array_equal(solution.rejected_at, before[1])


def test_warnings_come_before_notes() -> None:
    visit = [FAULTS["dark"](FAULTS["coverage"](one)) for one in draw()]
    order = [one.severity for one in diagnose_fit(visit, solved(visit), CONFIG)]
    assert order == sorted(order, reverse=True)
    assert set(order) == {"warning", "note"}


@pytest.mark.parametrize("value", [0.0, 5.0])
def test_samples_that_all_are_alike_or_lie_on_a_line_raise_no_alarm_and_no_error(
    value: float,
) -> None:
    exact = [changed(one, 3 * one.sky) for one in draw(n_detectors=7)]
    assert findings(exact) == {}
    flat = [changed(one, np.full(16, value), sky=np.full(16, value)) for one in draw()]
    # Of a sky frame that is zero itself no scale is a sky.
    assert set(findings(flat)) == ({"no-description"} if value == 0 else set())


def test_a_solution_of_other_samples_is_refused() -> None:
    with pytest.raises(SkyFrameError, match="128 samples but 16"):
        diagnose_fit(draw(n_detectors=1), solved(draw()), CONFIG)


def test_whole_chain_finds_a_pedestal_and_a_detector_but_nothing_in_a_good_visit() -> None:
    camera = Camera(n_detectors=3, width=240, height=200, seed=5)
    grids: dict[str, list[BinGrid]] = {}
    for exposure in simulate_night(camera, 8, 3, mask_objects=True):
        grids.setdefault(exposure.detector, []).append(
            measure_background(exposure, CONFIG.background)
        )
    frames = {detector: average_backgrounds(some) for detector, some in grids.items()}
    visit = [one.exposure for one in simulate_visit(camera, 3, 2002, 1200, mask_objects=True)]

    def diagnosed(exposures):
        samples = [measure_scale(one, frames[one.detector].model(), CONFIG) for one in exposures]
        planes = {one.detector: one.planes for one in exposures}
        return findings(samples, planes=planes, sky_frames=frames)

    assert diagnosed(visit) == {}
    assert "offset" in diagnosed([one.with_planes(image=one.image + 400) for one in visit])
    odd = [one.with_planes(image=one.image * (1.01 if one.detector == "2" else 1)) for one in visit]
    assert diagnosed(odd)["detector-scale"].detectors == ("2",)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ("3", "detector 3"),
        ("3 7", "detectors 3 and 7"),
        ("3 7 12", "detectors 3, 7 and 12"),
        ("1 2 3 4 5 6", "detectors 1, 2, 3, 4, 5 and 6"),
        ("1 2 3 4 5 6 7", "detectors 1, 2, 3, 4, 5 and 2 more"),
        ("1 2 3 4 5 6 7 8 9", "detectors 1, 2, 3, 4, 5 and 4 more"),
    ],
)
def test_a_sentence_names_a_few_detectors_and_counts_the_rest(names: str, words: str) -> None:
    assert detector_names(names.split()) == words
    assert detector_names(["", *names.split()]).split(" and ")[0].split(", ")[0] == (
        "detectors (no name)"
    )


def test_names_are_sorted_by_the_numbers_in_them() -> None:
    assert in_order(["S10", "S2", "10", "2", "S2"]) == ("2", "10", "S2", "S10")


def test_where_detectors_scatter_a_line_is_as_sure_as_they_are_many() -> None:
    """Of hundreds of samples nothing more is known than of their six detectors, less two."""
    rng = np.random.default_rng(3)
    group = np.repeat(np.arange(6), 100)
    x = 1 + 0.1 * group + rng.normal(0, 0.001, 600)
    y = 1000 * x + np.array([30.0, -40, 10, 20, -50, 30])[group] + rng.normal(0, 0.01, 600)
    line = robust.fit_line(x, y, robust.Groups(group, 6, np.empty((0, 2), np.int64)))
    assert line is not None
    assert line.dof == pytest.approx(max(robust.SMALL_SAMPLE * 4, robust.LEAST_FREEDOM), rel=0.01)


@pytest.mark.parametrize("n_groups", [1, 2])
def test_few_samples_of_two_detectors_are_as_sure_as_they_turn_out(n_groups: int) -> None:
    rng = np.random.default_rng(2)
    x, group = np.arange(8.0), np.arange(8) % n_groups
    groups = robust.Groups(group, n_groups, np.empty((0, 2), np.int64))
    lines = [robust.fit_line(x, rng.normal(0, 1, 8), groups) for _ in range(400)]
    slopes = [line.slope for line in lines if line is not None]
    told = [line.slope_error**2 for line in lines if line is not None]
    assert len(slopes) == 400
    assert np.sqrt(np.mean(told)) / np.std(slopes) == pytest.approx(1, abs=0.12)


@pytest.mark.parametrize(("n_groups", "more"), [(2, False), (3, True), (4, True)])
def test_of_three_detectors_on_it_is_known_how_they_scatter_about_a_line(
    n_groups: int, more: bool
) -> None:
    rng = np.random.default_rng(1)
    group = np.repeat(np.arange(n_groups), 200)
    x = rng.normal(0, 1, len(group))
    levels = np.array([30.0, -40.0, 20.0, -10.0])[:n_groups]
    y = 5 * x + levels[group] + rng.normal(0, 0.01, len(group))
    line = robust.fit_line(x, y, robust.Groups(group, n_groups, np.empty((0, 2), np.int64)))
    assert line is not None
    # A mean is as sure as its detectors are many, or as all samples where that cannot be told.
    n = n_groups if more else len(group)
    assert line.offset_error == pytest.approx(np.std(levels) / np.sqrt(n), rel=0.6)
    assert robust.fit_line(x[:3], y[:3], robust.Groups(group[:3], 1, np.empty((0, 2)))) is None
    four = robust.fit_line(x[:4], y[:4], robust.Groups(group[:4], 1, np.empty((0, 2), np.int64)))
    assert four is not None
    assert four.slope == pytest.approx(5, abs=0.1)
    none = robust.fit_line(x, 0 * x, robust.Groups(group, n_groups, np.empty((0, 2), np.int64)))
    assert none is not None
    assert (none.slope, none.offset, none.slope_error) == pytest.approx((0, 0, 0), abs=1e-250)


def test_medians_of_groups_are_those_of_each_alone() -> None:
    rng = np.random.default_rng(1)
    group = rng.permutation(np.repeat([0, 1, 3], [4, 5, 2]))
    values = rng.normal(size=len(group))
    found = robust._group_median(values, robust.Groups(group, 4, np.empty((0, 2), np.int64)))
    expected = [np.median(values[group == one]) if one != 2 else np.nan for one in range(4)]
    np.testing.assert_allclose(found, expected)


@pytest.mark.parametrize("n", [0, 2, 40])
def test_residuals_that_are_nothing_deviate_by_nothing(n: int) -> None:
    groups = robust.Groups(np.zeros(n, np.int64), 1, np.empty((0, 2), np.int64))
    found = tails.deviations(np.zeros(n), np.ones(n), np.ones(n), groups)
    assert found.tolist() == [0.0] * n


@pytest.mark.parametrize("sigmas", [np.full(5, 9.0), np.zeros(40)])
def test_too_few_residuals_and_none_that_are_far_surprise_nobody(
    sigmas: NDArray[np.float64],
) -> None:
    assert tails.both_sides(sigmas) == tails.Tail(0.0, math.inf)
