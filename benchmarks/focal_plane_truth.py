"""How well sky frames over a focal plane bring back the pattern of a simulated camera.

    python benchmarks/focal_plane_truth.py [N_VISITS]

A camera of 3 x 3 detectors and one of 12 of two types, whose responses differ by 8 %. Every visit
has a gradient over the focal plane, another one each, and stars and galaxies, which are found anew.
The frames of 5, 10, 20 ... visits, spread over the night, are compared with

- the injected pattern as it is, each detector about its mean (correlation);
- the pattern less its own background over the focal plane, which is what frames can show;
- a visit that is not in the frames and has no gradient: the scatter of its bins less the frames',
  over the noise of both; less the injected pattern, which has no noise (what is left are objects
  too faint to be found); and less the frames' without any objects in the whole night;
- a visit that is not in the frames and has a gradient, corrected by the whole chain (background,
  sky frames, background of small superpixels): the same of what is left, in bins free of objects,
  and without the sky frames.
"""

from __future__ import annotations

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine import (
    BackgroundConfig,
    BackgroundList,
    Exposure,
    FocalPlaneBackgroundConfig,
    SkyCorrectionConfig,
    SkyMeasurementConfig,
    average_backgrounds,
    correct_sky,
    measure_background,
    normalise_visit,
)
from skyframe_gui.engine.objects import mask_objects
from skyframe_gui.files import scan, write_exposure
from skyframe_gui.simulate import (
    Camera,
    focal_plane_of,
    simulate_night,
    simulate_visit,
    table_of,
)
from skyframe_gui.simulate.exposures import LEVEL
from skyframe_gui.simulate.focal_plane import PIXEL
from skyframe_gui.workflow.build import build_sky_frames
from skyframe_gui.workflow.normalising import decide
from skyframe_gui.workflow.options import MaskObjects, Normalise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.engine import BinGrid, SkyFrame
    from skyframe_gui.simulate import SimulatedExposure

SQUARE = Camera(n_detectors=9, width=1100, height=1000, seed=7)
TWO_KINDS = Camera(
    n_detectors=12, width=1100, height=1000, seed=8, kinds=(("E2V", 1.0), ("ITL", 1.08))
)
SUPERPIXEL = 2000.0
FINE = 256.0
"""Sizes of superpixels in pixels: those of the frames, and of the chain's second background."""
GRADIENT = 60.0
HELD_OUT = 2001
SEED = 11


@dataclass(frozen=True, eq=False)
class Night:
    """What a night of visits was binned to, and visits that are not in it."""

    camera: Camera
    grids: dict[str, tuple[BinGrid, ...]]
    held_out: dict[str, BinGrid]
    tilted: list[SimulatedExposure]


def simulate(camera: Camera, n_visits: int, folder: Path, objects: bool) -> Night:
    """Simulate a night and bin its visits over the focal plane."""
    table = folder / "camera.json"
    table.write_text(table_of(camera, SUPERPIXEL), encoding="utf-8")
    paths = []
    for exposure in simulate_night(camera, n_visits, SEED, gradient=GRADIENT, objects=objects):
        paths.append(folder / f"{exposure.visit}-{exposure.detector}.fits")
        write_exposure(paths[-1], exposure)
    config = SkyMeasurementConfig()
    built = build_sky_frames(paths, config, normalise=Normalise.FOCAL_PLANE, camera=str(table))
    held_out = []
    for one in simulate_visit(camera, SEED, HELD_OUT, objects=objects):
        held_out.append(folder / f"held-{one.exposure.detector}.fits")
        write_exposure(held_out[-1], one.exposure)
    own = decide([scan(path)[0] for path in held_out], Normalise.FOCAL_PLANE, str(table))
    with ThreadPoolExecutor(2) as pool:
        binned, failed = own.bin(pool, config.background, MaskObjects.AUTO, None)
    if built.failed or failed:
        raise RuntimeError((*built.failed, *failed)[0].why)
    return Night(
        camera,
        {one.detector: one.grids for one in built.sky_frames},
        {source.detector: one.grid for source, one in binned},
        simulate_visit(camera, SEED, HELD_OUT + 1, gradient=GRADIENT, objects=objects),
    )


def frames_of(night: Night, n_visits: int) -> dict[str, SkyFrame]:
    """Return the frames of so many visits, spread over the night."""
    step = len(next(iter(night.grids.values()))) // n_visits
    return {
        name: average_backgrounds(grids[::step][:n_visits]) for name, grids in night.grids.items()
    }


def correlations(night: Night, frames: dict[str, SkyFrame]) -> tuple[float, float]:
    """Return how frames go with the pattern, and with what the subtraction leaves of it."""
    bins = BackgroundConfig()
    expected = _expected(night.camera, SUPERPIXEL, bins)
    found = np.concatenate([frames[name].grid.values.ravel() for name in expected])
    centred = np.concatenate([_centred(frames[name].grid.values) for name in expected])
    pattern = np.concatenate(
        [_centred(_bins(night.camera.pattern(name), bins).values) for name in expected]
    )
    through = np.concatenate([grid.values.ravel() for grid in expected.values()])
    return float(np.corrcoef(centred, pattern)[0, 1]), float(np.corrcoef(found, through)[0, 1])


def residual(night: Night, frames: dict[str, SkyFrame]) -> float:
    """Return the scatter of the held-out visit less the frames, over the noise of both."""
    left, noise2 = [], []
    for name, grid in night.held_out.items():
        n = frames[name].n_used.mean()
        left.append((grid.values - frames[name].grid.values).ravel())
        pixels = grid.width * grid.height / grid.values.size
        noise2.append((LEVEL + night.camera.read_noise**2) / LEVEL**2 / pixels * (1 + 1 / n))
    return float(np.std(np.concatenate(left)) / np.sqrt(np.mean(noise2)))


def residual_of_the_truth(night: Night) -> float:
    """Return the same with the injected pattern in place of the frames."""
    expected = _expected(night.camera, SUPERPIXEL, BackgroundConfig())
    left, noise2 = [], []
    for name, grid in night.held_out.items():
        left.append((grid.values - expected[name].values).ravel())
        pixels = grid.width * grid.height / grid.values.size
        noise2.append((LEVEL + night.camera.read_noise**2) / LEVEL**2 / pixels)
    return float(np.std(np.concatenate(left)) / np.sqrt(np.mean(noise2)))


def corrected(night: Night, frames: dict[str, SkyFrame], sky: bool) -> float:
    """Return the scatter of a corrected visit in bins without objects, over their noise."""
    camera = focal_plane_of(night.camera)
    exposures = {one.exposure.detector: mask_objects(one.exposure) for one in night.tilted}
    size = {"pixelSize": PIXEL}
    config = SkyCorrectionConfig.model_validate(
        {
            "bgModel1": {"xSize": SUPERPIXEL * PIXEL, "ySize": SUPERPIXEL * PIXEL} | size,
            "bgModel2": {"xSize": FINE * PIXEL, "ySize": FINE * PIXEL} | size,
            "doMaskObjects": False,
            "doSky": sky,
        }
    )
    models = {name: frame.model() for name, frame in frames.items()} if sky else {}
    before = {name: BackgroundList([]) for name in exposures}
    visit = correct_sky(exposures, before, models, camera, config)
    left, noise = [], []
    for one in night.tilted:
        name = one.exposure.detector
        grid = measure_background(visit.corrected[name], BackgroundConfig())
        truth = Exposure((one.objects_truth > 0.02 * one.sky_noise).astype(np.float32))
        share = measure_background(truth, BackgroundConfig(statistic="MEAN")).values
        free = (share < 0.05) & (grid.n_good > 0)
        left.append(grid.values[free])
        noise.append(grid.errors[free])
    noise2 = np.mean(np.square(np.concatenate(noise))) * (1 + 1 / _n_visits(frames))
    return float(np.std(np.concatenate(left)) / np.sqrt(noise2))


def _n_visits(frames: dict[str, SkyFrame]) -> int:
    return int(max(frame.n_used.max() for frame in frames.values()))


def _expected(camera: Camera, superpixel: float, bins: BackgroundConfig) -> dict[str, BinGrid]:
    """Return the pattern minus its own background over the focal plane, over its level."""
    size = superpixel * PIXEL
    config = FocalPlaneBackgroundConfig(xSize=size, ySize=size, pixelSize=PIXEL)
    flat = {name: Exposure(camera.pattern(name)) for name in camera.detectors}
    visit = normalise_visit(flat, focal_plane_of(camera), config, by_kind=bool(camera.kinds))
    return {name: measure_background(one, bins) for name, one in visit.exposures.items()}


def _bins(image: NDArray[np.float32], bins: BackgroundConfig) -> BinGrid:
    return measure_background(Exposure(image), bins)


def _centred(values: NDArray[np.float32]) -> NDArray[np.float64]:
    own = np.asarray(values, np.float64).ravel()
    return own - own.mean()


def main(n_visits: int) -> None:
    """Print a row a camera and number of visits."""
    names = ("pattern", "expected", "residual", "truth", "no objects", "corrected", "without sky")
    print("camera       visits", *(f"{name:>11}" for name in names))
    for name, camera in (("3 x 3", SQUARE), ("12, 2 types", TWO_KINDS)):
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as empty:
            night = simulate(camera, n_visits, Path(folder), True)
            bare = simulate(camera, n_visits, Path(empty), False)
        for number in [n for n in (5, 10, 20, 40) if n <= n_visits]:
            frames = frames_of(night, number)
            figures = (
                *correlations(night, frames),
                residual(night, frames),
                residual_of_the_truth(night),
                residual(bare, frames_of(bare, number)),
                corrected(night, frames, True),
                corrected(night, frames, False),
            )
            print(f"{name:12} {number:6}", *(f"{one:11.4g}" for one in figures), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
