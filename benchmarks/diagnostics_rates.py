"""How often the diagnostics see a fault that is there, and one that is not, in simulated visits.

``python benchmarks/diagnostics_rates.py [VISITS]`` prints a table: hits of the finding that a
stated cause should raise, and findings of every kind in visits without a fault, of many kinds of
camera. Every visit goes through the whole chain: a night of exposures is binned and averaged to sky
frames, the visit's exposures are sampled against them, the scale is fitted. Faults are put into the
exposures, the night or the config, wherever they would arise. A visit without a fault is looked at
as it is, and with the level taken off samples and sky frame, as pipelines do that subtract a
background first. All is drawn from seeds: another version is measured with the same visits.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine import (
    Exposure,
    MaskPlanes,
    Samples,
    ScaleError,
    SkyMeasurementConfig,
    average_backgrounds,
    measure_background,
    measure_scale,
    solve_scales,
)
from skyframe_gui.engine.diagnostics import Finding, diagnose_fit
from skyframe_gui.simulate import Camera, simulate_night, simulate_visit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from skyframe_gui.engine import SkyFrame

BINS = {"xBinSize": 12, "yBinSize": 12}
"""Of 32 pixels they would smooth this small camera's pattern by up to 6 %: the samples then want an
offset indeed, of 10 to 20 counts, and the check finds it in one visit of thirty."""
CONFIG = SkyMeasurementConfig.model_validate({"background": BINS})
ONE_BOX = CONFIG.model_copy(update={"xNumSamples": 1, "yNumSamples": 1})
LEVEL = 1200.0
N_EXPOSURES = 12
VISITS_A_CAMERA = 10
SIZES = (1, 3, 8)
"""Detectors of the cameras, in turn."""

Frames = dict[str, "SkyFrame"]


def fit(
    samples: Sequence[Samples], frames: Frames, config: SkyMeasurementConfig, **more: object
) -> tuple[Finding, ...]:
    try:
        solution = solve_scales(samples, config)
    except ScaleError as error:
        solution = error.solution
    return diagnose_fit(samples, solution, config, sky_frames=frames, **more)  # type: ignore[arg-type]  # handed on


def sampled(
    exposures: Iterable[Exposure], frames: Frames, config: SkyMeasurementConfig = CONFIG
) -> list[Samples]:
    return [measure_scale(one, frames[one.detector].model(), config) for one in exposures]


def changed(samples: Samples, image: np.ndarray, sky: np.ndarray | None = None) -> Samples:
    return Samples(
        image,
        samples.sky if sky is None else sky,
        samples.good_fraction,
        samples.boxes,
        samples.detector,
    )


def without_level(samples: Sequence[Samples]) -> list[Samples]:
    """Take the mean sky off sky frame and image, as subtracting a background does."""
    sky = float(np.mean(np.concatenate([one.sky for one in samples])))
    ratio = float(np.nanmedian(np.concatenate([one.image / one.sky for one in samples])))
    return [changed(one, one.image - ratio * sky, one.sky - sky) for one in samples]


def make_frames(
    camera: Camera,
    seed: int,
    n_exposures: int = N_EXPOSURES,
    spoil: Callable[[Exposure], Exposure] = lambda exposure: exposure,
) -> Frames:
    grids: dict[str, list] = {}
    for exposure in simulate_night(camera, n_exposures, seed, mask_objects=True):
        grid = measure_background(spoil(exposure), CONFIG.background)
        grids.setdefault(exposure.detector, []).append(grid)
    return {detector: average_backgrounds(some) for detector, some in grids.items()}


def masked(exposure: Exposure, part: tuple[slice, slice], plane: str) -> Exposure:
    mask = exposure.mask.copy()
    mask[part] |= exposure.planes.bits([plane])
    return exposure.with_planes(mask=mask)


def brighter(exposure: Exposure, factor: float = 1.0, offset: float = 0.0) -> Exposure:
    return exposure.with_planes(image=exposure.image * np.float32(factor) + np.float32(offset))


def glow(samples: Sequence[Samples], part: float, size: float, seed: int) -> list[Samples]:
    rng = np.random.default_rng((seed, 77))
    return [changed(one, one.image + size * (rng.random(len(one)) < part)) for one in samples]


def turned(exposure: Exposure) -> Exposure:
    """Turn by 180 degrees."""
    return exposure.with_planes(image=exposure.image[::-1, ::-1], mask=exposure.mask[::-1, ::-1])


def binned(exposure: Exposure) -> Exposure:
    """Add up pixels of 2 x 2: the sky frame's lower left quarter then lies over all of it."""
    height, width = (side // 2 for side in exposure.image.shape)
    image = exposure.image.reshape(height, 2, width, 2).sum(axis=(1, 3))
    mask = np.bitwise_or.reduce(exposure.mask.reshape(height, 2, width, 2), axis=(1, 3))
    return Exposure(image, mask, None, exposure.planes, detector=exposure.detector)


def steeper(samples: Sequence[Samples], power: float) -> list[Samples]:
    """Raise what the sky does about its level to a power, as a response that is not linear."""
    level = float(np.nanmedian(np.concatenate([one.image for one in samples])))
    return [changed(one, level * (one.image / level) ** power) for one in samples]


def corner(samples: Sequence[Samples], size: float) -> list[Samples]:
    """Add a smooth glow that falls off from the lower left corner of the first detector."""
    centre = samples[0].boxes[:, :2] + samples[0].boxes[:, 2:]
    distance = np.hypot(*(centre / centre.max(axis=0)).T)
    first = changed(samples[0], samples[0].image + size * np.exp(-((distance / 0.35) ** 2)))
    return [first, *samples[1:]]


@dataclass(frozen=True)
class Clean:
    """A kind of visit without a fault."""

    words: str
    n_detectors: int = 3
    level: float = LEVEL
    n_samples: tuple[int, int] = (4, 4)
    read_noise: float = 5.0
    masked: float = 0.0
    """Part of the pixels, in squares of 12."""
    gradient: float = 0.0
    """Part of the level, over the camera."""
    expected: frozenset[str] = frozenset()
    """Findings that are true of it."""
    every: int = 50
    """Visits a camera."""

    def visits(self, n_visits: int) -> Iterator[tuple[Finding, ...]]:
        nx, ny = self.n_samples
        config = CONFIG.model_copy(update={"xNumSamples": nx, "yNumSamples": ny})
        camera, frames = None, {}
        for visit in range(n_visits):
            number = 100 + visit // self.every
            if visit % self.every == 0:
                camera = Camera(
                    n_detectors=self.n_detectors,
                    width=240,
                    height=200,
                    seed=number,
                    read_noise=self.read_noise,
                )
                frames = make_frames(camera, number)
            assert camera is not None
            made = simulate_visit(
                camera,
                number,
                7000 + visit,
                self.level,
                mask_objects=True,
                gradient=self.gradient * self.level,
                gradient_angle=37.0 * visit,
            )
            rng = np.random.default_rng((visit, 5))
            exposures = [self._masked(one.exposure, rng) for one in made]
            planes = {one.detector: one.planes for one in exposures}
            yield fit(sampled(exposures, frames, config), frames, config, planes=planes)

    def _masked(self, exposure: Exposure, rng: np.random.Generator) -> Exposure:
        if not self.masked:
            return exposure
        height, width = exposure.image.shape
        squares = rng.random((height // 12 + 1, width // 12 + 1)) < self.masked
        mask = exposure.mask.copy()
        away = np.kron(squares, np.ones((12, 12), bool))[:height, :width]
        mask[away] |= exposure.planes.bits(["BAD"])
        return exposure.with_planes(mask=mask)


TILTS = frozenset({"gradient", "detectors-scatter", "detector-scale"})
CLEAN = (
    Clean("1 detector, 16 samples", 1, expected=frozenset({"few-samples"})),
    Clean("40 detectors, 640 samples", 40, every=100),
    Clean("3 detectors, 27 samples", n_samples=(3, 3)),
    Clean("3 detectors, 48 samples"),
    Clean("3 detectors, 576 samples", n_samples=(16, 12)),
    Clean("faint sky of 100", level=100.0),
    Clean("bright sky of 20000", level=20000.0),
    Clean("read-out noise of 30", level=300.0, read_noise=30.0),
    Clean("30 % masked", masked=0.3),
    Clean(
        "30 % masked, 576 samples",
        masked=0.3,
        n_samples=(16, 12),
        expected=frozenset({"low-coverage"}),
    ),
    Clean("twilight: 1 % over the camera", gradient=0.01, expected=TILTS),
    Clean("twilight: 5 % over the camera", 8, gradient=0.05, expected=TILTS),
)


def main(n_visits: int) -> None:
    hits: Counter[tuple[str, str]] = Counter()
    asked: Counter[tuple[str, str]] = Counter()
    alarms: dict[str, Counter[str]] = {}
    seconds = []

    def cause(kinds: str, words: str, findings: Sequence[Finding]) -> None:
        asked[kinds, words] += 1
        hits[kinds, words] += any(one.kind in kinds.split(" / ") for one in findings)

    def no_cause(how: str, findings: Sequence[Finding], but: frozenset[str] = frozenset()) -> None:
        found = {one.kind for one in findings} - but
        alarms.setdefault(how, Counter()).update(found)
        alarms[how]["any"] += bool(found)

    camera, frames, few, dented, cut, other = None, {}, {}, {}, {}, {}
    for visit in range(n_visits):
        if visit % VISITS_A_CAMERA == 0:
            number = visit // VISITS_A_CAMERA
            camera = Camera(
                n_detectors=SIZES[number % len(SIZES)], width=240, height=200, seed=number
            )
            frames = make_frames(camera, number)
            few = make_frames(camera, number, 3)
            hole = (slice(64, 136), slice(60, 120))
            dented = make_frames(camera, number, 4, lambda e, h=hole: masked(e, h, "BAD"))
            edge = (slice(None), slice(0, 64))
            cut = make_frames(camera, number, 4, lambda e, s=edge: masked(e, s, "BAD"))
            other = make_frames(replace(camera, seed=1000 + number), number)
        assert camera is not None
        exposures = [
            one.exposure
            for one in simulate_visit(camera, number, 3000 + visit, LEVEL, mask_objects=True)
        ]
        planes = {one.detector: one.planes for one in exposures}
        levels = dict.fromkeys(camera.detectors, LEVEL)
        samples = sampled(exposures, frames)
        flat = without_level(samples)
        begin = time.perf_counter()
        no_cause("1, 3 and 8 detectors", fit(samples, frames, CONFIG, planes=planes))
        seconds.append(time.perf_counter() - begin)
        no_cause("the same, level taken off", fit(flat, frames, CONFIG, planes=planes))

        kind = "no-description"
        cause(kind, "another filter", fit(sampled(exposures, other), other, CONFIG))
        found = fit(sampled(map(turned, exposures), frames), frames, CONFIG)
        cause(kind, "turned by 180 degrees", found)
        found = fit(sampled(map(binned, exposures), frames), frames, CONFIG)
        cause(kind, "binned 2 x 2 on a frame that is not", found)
        full = [changed(one, np.full(len(one), camera.saturation)) for one in samples]
        cause(kind, "saturated everywhere", fit(full, frames, CONFIG))
        same = [changed(one, np.full(len(one), LEVEL)) for one in samples]
        cause(kind, "constant", fit(same, frames, CONFIG))
        for power in (1.1, 1.3):
            found = fit(steeper(samples, power), frames, CONFIG)
            cause("offset", f"pattern {100 * (power - 1):.0f} % steeper than the frame's", found)

        for size in (20.0, 60.0, 180.0):
            moved = [changed(one, one.image + size) for one in samples]
            cause("offset", f"{size:g} adu on {LEVEL:g}", fit(moved, frames, CONFIG))
        for size in (1.0, 3.0, 10.0):
            moved = [changed(one, one.image + size) for one in flat]
            cause("offset", f"{size:g} adu, level taken off", fit(moved, frames, CONFIG))
        bare = MaskPlanes({k: v for k, v in MaskPlanes.LSST_DEFAULT.items() if "DETEC" not in k})
        unmasked = [one.with_planes(planes=bare) for one in exposures]
        found = fit(sampled(unmasked, frames), frames, CONFIG, planes=dict.fromkeys(planes, bare))
        cause("missing-planes", "no DETECTED plane", found)
        cause("one-sided / many-rejected / offset", "objects not masked", found)
        found = fit(glow(samples, 0.1, 8.0, visit), frames, CONFIG)
        cause("one-sided / offset", "6 sigma in a tenth of the boxes", found)
        for part in (0.1, 0.2, 0.35):
            found = fit(glow(samples, part, 20.0, visit), frames, CONFIG)
            words = f"15 sigma in {100 * part:g} % of the boxes"
            cause("many-rejected", words, found)
            cause("scale-pulled", words, found)
            cause("many-rejected / scale-pulled / one-sided", words, found)
        found = fit(corner(samples, 12.0), frames, CONFIG)
        cause("one-sided / gradient / offset", "10 sigma in a corner of a detector", found)
        if camera.n_detectors > 1:
            for size in (0.001, 0.003, 0.01):
                odd = [
                    changed(one, one.image * (1 + size * (one.detector == "2"))) for one in samples
                ]
                words = f"1 of {camera.n_detectors} detectors {100 * size:g} % brighter"
                cause("detector-scale", words, fit(odd, frames, CONFIG))
        for size in (0.001, 0.005, 0.02):
            tilted = simulate_visit(
                camera, number, 3000 + visit, LEVEL, mask_objects=True, gradient=size * LEVEL
            )
            found = fit(sampled([one.exposure for one in tilted], frames), frames, CONFIG)
            words = f"gradient of {100 * size:g} % over the camera"
            cause("gradient", words, found)
            cause("offset", words + " (none is there)", found)
            if camera.n_detectors > 6:
                words += f" of {camera.n_detectors}"
                cause("detectors-scatter / detector-scale", words, found)
        for factor in (1.05, 1.2):
            wrong = {detector: factor * level for detector, level in levels.items()}
            found = fit(samples, frames, CONFIG, levels=wrong)
            cause("scale-level", f"level {100 * (factor - 1):.0f} % higher than the sky", found)
        upside = [changed(one, -one.image) for one in flat]
        cause("scale-negative", "image dark where the sky is bright", fit(upside, frames, CONFIG))
        rng = np.random.default_rng(visit)
        noise = [changed(one, rng.normal(0, 1, len(one))) for one in flat]
        cause("scale-zero", "noise and no sky", fit(noise, frames, CONFIG))
        few_samples = sampled(exposures, frames, ONE_BOX)
        cause("few-samples", "one box a detector", fit(few_samples, frames, ONE_BOX))
        cause(
            "detectors-unused",
            "a detector 5 % brighter",
            fit(
                [changed(one, one.image * (1 + 0.05 * (one.detector == "1"))) for one in samples],
                frames,
                CONFIG,
            )
            if camera.n_detectors > 6
            else fit([*samples, changed(samples[0], samples[0].image * np.nan)], frames, CONFIG),
        )
        hidden = [masked(one, (slice(0, 90), slice(None)), "BAD") for one in exposures]
        cause("low-coverage", "45 % of rows masked", fit(sampled(hidden, frames), frames, CONFIG))
        cause("few-exposures", "3 exposures", fit(sampled(exposures, few), few, CONFIG))
        cause("filled-bins", "a hole in 4 exposures", fit(samples, dented, CONFIG))
        border = sampled(exposures, cut)
        cause("border-extrapolated", "64 columns masked in 4", fit(border, cut, CONFIG))
        cause("border-samples", "64 columns masked in 4", fit(border, cut, CONFIG))
    for clean in CLEAN:
        for findings in clean.visits(n_visits):
            no_cause(clean.words, findings, clean.expected)

    print(f"{'finding':42} {'cause':46} hits")
    for (kinds, words), n in asked.items():
        print(f"{kinds:42} {words:46} {hits[kinds, words]}/{n}")
    print(f"\n{'visits without a fault':42} alarms of {n_visits}")
    for how, found in alarms.items():
        listed = ", ".join(f"{kind} {n}" for kind, n in found.most_common() if kind != "any")
        print(f"{how:42} {found['any']:3} {f'({listed})' if listed else ''}".rstrip())
    print(f"diagnose_fit and solve_scales: median {1e3 * np.median(seconds):.1f} ms a visit")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
