"""Every finding whole, as it is kept: its words and numbers, the samples and detectors named."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from kept import kept

from skyframe_gui.engine import (
    BinGrid,
    MaskPlanes,
    Samples,
    ScaleError,
    SkyMeasurementConfig,
    average_backgrounds,
    solve_scales,
)
from skyframe_gui.engine.diagnostics import (
    chance,
    detectors,
    diagnose_fit,
    diagnose_sky_frame,
    residual_rises,
    robust,
    tails,
)
from skyframe_gui.engine.diagnostics.checks.rejections import lost_to_noise

if TYPE_CHECKING:
    from collections.abc import Iterable

    from skyframe_gui.engine.diagnostics import Finding

CONFIG = SkyMeasurementConfig()
SCALE = 1000.0
LSST = MaskPlanes.LSST_DEFAULT
BARE = MaskPlanes({name: bit for name, bit in LSST.items() if name not in ("DETECTED", "SAT")})


def number(value: Any) -> str:
    return f"{float(value):.4g}"


def numbers(values: Any) -> str:
    return " ".join(number(one) for one in np.ravel(values))


def told(findings: Iterable[Finding]) -> list[str]:
    """Return all that findings have, a line each part."""
    lines = []
    for one in findings:
        values = ", ".join(f"{name} {number(value)}" for name, value in one.numbers.items())
        lines += [f"  {one.kind}, {one.severity}: {one.title} | {one.short}", f"    {one.text}"]
        lines.append(f"    {one.samples} {one.detectors} {values}")
    return lines or ["  nothing"]


def visit(seed: int = 0, n: int = 4, mean: float = 1.0, spread: float = 0.02) -> list[Samples]:
    """Samples of a visit without any fault, 16 a detector."""
    rng = np.random.default_rng(seed)
    i, j = np.divmod(np.arange(16), 4)
    boxes = np.stack([50 * i, 50 * j, 50 * i + 50, 50 * j + 50], axis=1)
    found = []
    for place in range(n):
        sky = mean + rng.normal(0, spread / 2) + rng.normal(0, spread, 16)
        found.append(Samples(SCALE * sky + rng.normal(0, 1, 16), sky, None, boxes, str(place + 1)))
    return found


def with_image(one: Samples, up: Any = 0.0, **changes: Any) -> Samples:
    values = {"sky": one.sky, "good_fraction": one.good_fraction, "boxes": one.boxes}
    values |= {"image": one.image + up, "detector": one.detector}
    return Samples(**(values | changes))


def lifted(samples: list[Samples], **at: float) -> list[Samples]:
    """Return samples with some lifted by so much: s3 is the sample with the number 3 of all."""
    every = np.zeros(16 * len(samples))
    for name, up in at.items():
        every[int(name[1:])] = up
    return [with_image(one, every[16 * k : 16 * k + 16]) for k, one in enumerate(samples)]


def with_data(samples: list[Samples], n: int) -> list[Samples]:
    """Return samples of which only the first n have data."""
    numbered = np.arange(16 * len(samples)).reshape(-1, 16)
    return [
        with_image(one, np.where(which < n, 0, np.nan))
        for one, which in zip(samples, numbered, strict=True)
    ]


def covered(samples: list[Samples], n_low: int, low: float) -> list[Samples]:
    """Return samples of which the first n have a low good fraction."""
    numbered = np.arange(16 * len(samples)).reshape(-1, 16)
    return [
        with_image(one, good_fraction=np.where(which < n_low, low, 0.8))
        for one, which in zip(samples, numbered, strict=True)
    ]


def sky_frame(n: int = 10, holes: Any = (), thin: int = 0, size: int = 200) -> Any:
    """Return a sky frame of 10 x 10 bins with holes, and bins with a value of one exposure only."""
    rng, ramp = np.random.default_rng(0), 1 + 0.02 * np.linspace(-1, 1, 10)
    grids = []
    for k in range(n):
        values = (ramp + rng.normal(0, 1e-3, (10, 10))).astype(np.float32)
        for hole in holes:
            values[hole] = np.nan
        if k:
            values.ravel()[40 : 40 + thin] = np.nan
        grids.append(BinGrid.from_values(values, (0, 0, size - 1, size - 1)))
    return average_backgrounds(grids)


def fits() -> dict[str, tuple[list[Samples], dict[str, Any]]]:
    """Return visits, each with what else is known of it."""
    plain, rng = visit(), np.random.default_rng(7)
    flat = visit(mean=0.0, spread=0.01, n=10)
    units = {"unit": "adu", "sky_unit": "e"}
    levels = dict.fromkeys("1234", SCALE)
    many = [with_image(one, image=one.image * 1.01) for one in visit(n=20)[:8]]
    scattered = [
        with_image(one, image=one.image * (1 + 0.004 * rng.standard_normal()))
        for one in visit(5, 20)
    ]
    apart = np.where(np.arange(16) % 5 == 0, 25.0, 0.0)
    sides = np.where(np.arange(16) % 2, 1, -1)
    steps = plain[0].boxes[:, :2] / 150 - 0.5
    frames = {str(one): sky_frame(holes=[(slice(None), slice(0, 3))]) for one in (2, 3)}
    inside = {"1": sky_frame(holes=[(slice(3, 5), slice(2, 5))])}
    other_size = {"1": sky_frame(holes=[(slice(None), slice(0, 3))], size=260)}
    half = {"1": sky_frame(holes=[(slice(None), slice(0, 1))], size=200)}
    bulk = [with_image(one, 20.0 * (rng.random(16) < 0.35)) for one in visit(n=8)]
    return {
        "faultless": (plain, {"levels": levels, "planes": dict.fromkeys("1234", LSST)}),
        "offset": ([with_image(one, 2.1 + 8 * (rng.random(16) < 0.08)) for one in flat], units),
        "negative offset": ([with_image(one, -3.0) for one in flat], units),
        "offset, as many rejections a side": (
            lifted([with_image(one, 0.5) for one in flat], s3=9.0, s40=-13, s41=-13, s42=-13), {}
        ),
        "bright": (lifted(plain, s3=9.0, s17=8.0, s40=7.0), {}),
        "one bright": (lifted(plain, s3=12.0), {}),
        "dark": (lifted(plain, s3=-9.0, s17=-8.0, s40=-17.0, s41=-9.0), {}),
        "fourteen bright, one dark": (
            lifted(visit(n=12), **{f"s{k}": 9.0 for k in range(0, 180, 13)}, s7=-11.0), {}
        ),
        "nine bright, one dark": (
            lifted(visit(n=12), **{f"s{k}": 9.0 for k in range(0, 180, 20)}, s7=-11.0), {}
        ),
        "bright and dark": (
            lifted(visit(n=12), **{f"s{k}": 9.0 * (-1) ** k for k in range(0, 180, 11)}), {}
        ),
        "many rejected": ([with_image(one, apart * sides) for one in visit(n=8)], units),
        "pulled": (bulk, units),
        "pulled, without a unit": (bulk, {"unit": "adu"}),
        "no data but nine": (with_data(plain, 9), {}),
        "no data but ten": (with_data(plain, 10), {}),
        "no data": (with_data(plain, 0), {}),
        "no data but three": (with_data(plain, 3), {}),
        "no detector": ([], {}),
        "two silent detectors": (with_data(plain, 32), units),
        "a tenth is low": (covered(visit(n=5), 8, 0.1), {}),
        "less than a tenth is low": (covered(visit(n=5), 7, 0.1), {}),
        "half is low": (covered(plain, 32, 0.0), {"planes": dict.fromkeys("1234", LSST)}),
        "less than half is low": (covered(plain, 31, 0.0), {}),
        "a quarter is not low": (covered(plain, 32, 0.25), {}),
        "half covered and off": (
            covered(lifted(plain, s1=5.0, s5=-5.5, s9=6.0, s30=7.0), 12, 0.3), {}
        ),
        "hardly covered and off": (
            covered(lifted(plain, s1=60.0, s5=-50.0, s9=40.0), 12, 1e-4), {}
        ),
        "a detector off": (
            [with_image(one, image=one.image * (1.01 if k == 1 else 1))
             for k, one in enumerate(visit(n=8))],
            {},
        ),
        "one of two off": (
            [with_image(one, image=one.image * (1.01 if k else 1), detector="")
             for k, one in enumerate(visit(n=2))],
            {},
        ),
        "one of four off": (
            [with_image(one, image=one.image * (0.98 if k else 1)) for k, one in enumerate(plain)],
            {},
        ),
        "eight of twenty off": ([*many, *visit(n=20)[8:]], {}),
        "all scatter": (scattered, {}),
        "all scatter, one is off": (
            [with_image(one, image=one.image * (1.1 if k == 4 else 1))
             for k, one in enumerate(scattered)],
            {},
        ),
        "level": (plain, {"levels": dict.fromkeys("1234", 1500.0), **units}),
        "level of some": (plain, {"levels": {"1": 700.0, "2": 0.0}}),
        "level just within": (plain, {"levels": dict.fromkeys("1234", 1000.0 / 1.095)}),
        "level just beyond": (plain, {"levels": dict.fromkeys("1234", 1000.0 / 1.105)}),
        "level of a flat frame": (flat, {"levels": dict.fromkeys("123", 800.0), **units}),
        "level of none": (plain, {"levels": {"9": 1.0}}),
        "negative": ([with_image(one, image=-one.image) for one in plain], {}),
        "only noise": (
            [with_image(one, image=rng.normal(0, 1, 16)) for one in visit(mean=0.0)], units
        ),
        "other patterns": (
            [with_image(one, image=plain[k - 1].image) for k, one in enumerate(plain)], units
        ),
        "constant": (
            [with_image(one, image=6e4 + rng.normal(0, 0.5, 16)) for one in plain], units
        ),
        "constant below zero": (
            [with_image(one, image=-6e4 + rng.normal(0, 0.5, 16)) for one in plain], units
        ),
        "five samples of another sky": (
            [Samples([1000, 1001, 1000, 999, 1000.0], [1, 1.1, 0.9, 1.2, 0.8])], {}
        ),
        "six samples of another sky": (
            [Samples([1000, 1001, 1000, 999, 1000, 1002.0], [1, 1.1, 0.9, 1.2, 0.8, 1.05])], {}
        ),
        "nothing in the frame": ([with_image(one, sky=np.zeros(16)) for one in plain], {}),
        "rises to the left": ([with_image(one, steps @ [-6.0, 0]) for one in plain], units),
        "rises to a corner": ([with_image(one, steps @ [5.0, 8.0]) for one in plain], units),
        "falls to a corner": ([with_image(one, steps @ [0.2, -8.0]) for one in plain], units),
        "planes of one": (plain, {"planes": {"1": LSST, "2": BARE}}),
        "planes of all": (plain, {"planes": dict.fromkeys("12", MaskPlanes({"DETECTED": 5}))}),
        "frames": (plain, {"sky_frames": frames, **units}),
        "half a border": (plain, {"sky_frames": half}),
        "a hole inside": (plain, {"sky_frames": inside}),
        "a border of a larger frame": (plain, {"sky_frames": other_size}),
        "frames of few": (plain, {"sky_frames": {"1": sky_frame(3), "2": sky_frame(2)}}),
        "a frame of five": (plain, {"sky_frames": {"1": sky_frame(5)}}),
    }  # fmt: skip


def test_what_is_said_of_visits_is_as_kept() -> None:
    lines = []
    for name, (samples, more) in fits().items():
        try:
            solution = solve_scales(samples, CONFIG)
        except ScaleError as error:
            solution = error.solution
        lines += [name, *told(diagnose_fit(samples, solution, CONFIG, **more))]
        rises = residual_rises(samples, solution, CONFIG)
        lines.append(f"  rises {', '.join(f'{key}: {numbers(one)}' for key, one in rises.items())}")
    kept("visits", lines)


def test_what_other_settings_make_of_a_visit_is_as_kept() -> None:
    lines = []
    samples = lifted(visit(), s3=9.0, s17=8.0, s40=7.0, s60=-5.0, s61=4.0)
    samples = covered(samples, 12, 0.2)
    for config in (
        SkyMeasurementConfig(skyRej=1.5),
        SkyMeasurementConfig(skyRej=1.0, skyIter=6),
        SkyMeasurementConfig(skyIter=0),
        SkyMeasurementConfig(stats={"mask": []}),
        SkyMeasurementConfig(stats={"mask": ["BAD", "NONE", "BAD", "OTHER"]}),
    ):
        excluded = np.isin(np.arange(64), (5, 6))
        solution = solve_scales(samples, config, excluded)
        planes = {"1": LSST, "2": MaskPlanes({"BAD": 1})}
        lines.append(f"{config.skyRej:g} {config.skyIter} {config.stats.mask}")
        lines += told(diagnose_fit(samples, solution, config, planes=planes))
    kept("settings", lines)


def test_what_is_said_of_sky_frames_is_as_kept() -> None:
    border, inside = (slice(None), slice(0, 3)), (slice(4, 6), slice(8, 9))
    few = np.full((10, 10), 400)
    few[:, 9], few[0] = 39, 40  # a tenth of a bin's pixels is enough
    whole = sky_frame()
    hardly = [replace(whole.grid, n_good=few)] * 10
    cases: dict[str, tuple[Any, int | None, dict[str, Any]]] = {
        "whole": (whole, 10, {"detector": "3", "planes": LSST}),
        "border": (sky_frame(holes=[border]), 10, {"detector": "3", "unit": "adu"}),
        "a corner": (sky_frame(holes=[(0, 0), (9, 9)]), None, {}),
        "one bin at a side": (sky_frame(holes=[(5, 9)]), 8, {"unit": "adu"}),
        "rows above": (sky_frame(holes=[(slice(8, 10), slice(None))]), 8, {}),
        "inside": (sky_frame(holes=[inside]), 10, {"unit": "adu", "detector": "S1"}),
        "a tenth": (sky_frame(holes=[(slice(4, 6), slice(3, 8))]), 10, {}),
        "more than a tenth": (sky_frame(holes=[(slice(4, 5), slice(None)), (5, 5)]), 10, {}),
        "ten thin bins": (sky_frame(thin=10), 10, {"detector": "3"}),
        "nine thin bins": (sky_frame(thin=9), 10, {}),
        "thin of few": (sky_frame(3, thin=30), 3, {}),
        "thin of nobody knows how many": (sky_frame(thin=30), None, {}),
        "hardly any pixels": (whole, 10, {"grids": hardly}),
        "grids of another shape": (
            whole, 10, {"grids": [BinGrid.from_values(np.ones((3, 3)), (0, 0, 199, 199))]}
        ),
        "bare": (whole, 10, {"planes": BARE, "detector": "3"}),
        **{f"of {n}": (whole, n, {"detector": "3"}) for n in (0, 1, 3, 4, 7, 8)},
        "of two, nameless": (whole, 2, {}),
    }  # fmt: skip
    lines = []
    for name, (made, n, more) in cases.items():
        lines += [name, *told(diagnose_sky_frame(made, n, CONFIG, **more))]
    kept("sky-frames", lines)


def grouped(
    n_groups: int, each: int, seed: int, common: float, apart: float = 0.0
) -> tuple[Any, Any, robust.Groups]:
    """Return x and y of groups of boxes in a row, neighbours of which have something in common."""
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(n_groups), each)
    x = 1 + rng.normal(0, 0.1, len(group)) + 0.05 * group
    noise = rng.standard_normal(len(group))
    noise[1:] += common * noise[:-1]
    beside = np.flatnonzero(group[1:] == group[:-1])
    pairs = np.stack([beside, beside + 1], axis=1)
    slope = 100 + apart * np.sin(7.0 * np.arange(n_groups))[group]
    return x, 5 + slope * x + noise + np.where(rng.random(len(x)) < 0.1, 30, 0), robust.Groups(
        group, n_groups, pairs
    )  # fmt: skip


@pytest.mark.filterwarnings("error")
def test_lines_and_tails_have_the_numbers_that_are_kept() -> None:
    lines = []
    for n_groups, each, common, apart in (
        (1, 4, 0.0, 0), (1, 5, 0.5, 0), (2, 16, 0.9, 0), (3, 4, 0.9, 0), (5, 3, 0.0, 0),
        (6, 16, 0.9, 0), (8, 40, 5.0, 0), (5, 16, 0.0, 9.0), (6, 16, 0.0, 9.0), (7, 16, 0.0, 9.0),
    ):  # fmt: skip
        x, y, groups = grouped(n_groups, each, n_groups + each, common, apart)
        lines.append(f"{n_groups} groups of {each}, {common:g} in common, {apart:g} apart")
        line = robust.fit_line(x, y, groups)
        assert line is not None
        lines.append(
            "  line "
            + numbers([line.slope, line.offset, line.slope_error, line.offset_error, line.dof])
        )
        slopes = robust.fit_slopes(x, y, groups)
        lines += [f"  slopes {numbers(one)}" for one in slopes]
        lines.append(f"  inflation {numbers(robust.inflation(y - 100 * x - 5, groups))}")
        own = detectors.compare(slopes)
        lines.append(f"  own {None if own is None else numbers([own.centre, own.scatter])}")
        if own is not None:
            lines += [f"  {own.place} {own.odd}", f"  {numbers(own.dof)}"]
        sigmas = (y - 5 - 100 * x) / 1.5
        fraction = np.linspace(-0.2, 1.2, len(x))
        lines.append(f"  deviations {numbers(tails.deviations(sigmas, x, fraction, groups)[:12])}")
        lines.append(f"  one side {numbers(tails.one_side(sigmas))}")
        lines.append(f"  other side {numbers(tails.one_side(-sigmas))}")
        lines.append(f"  both sides {numbers(tails.both_sides(sigmas))}")
    lines += [
        f"{n} of {least}: {number(chance.one_sided(least, n))}"
        for n, least in ((1, 1), (6, 6), (20, 15), (20, 10))
    ]
    lines += [f"{t:g} {dof:g}: {number(chance.two_sided(t, dof))}" for t, dof in ((0, 3), (-3, 9))]
    lines += [
        f"{rejection:g} sigma, {n} rounds: {number(lost_to_noise(rejection, n))}"
        for rejection in (0.01, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0)
        for n in (0, 1, 2, 5)
    ]
    kept("lines", lines)
