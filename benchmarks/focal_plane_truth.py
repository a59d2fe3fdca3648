"""How well sky frames over a focal plane bring back the pattern of a simulated camera.

    python benchmarks/focal_plane_truth.py [N_VISITS ...]

A camera of 3 x 3 detectors and one of 12 of two types, whose responses differ by 8 %; a gradient
over the focal plane in every visit, another one each; stars and galaxies, found anew. Printed are
the correlation of the frames with the injected pattern, as it is and as a visit without noise,
objects and gradient has it after the same subtraction; and the scatter of a visit that is not in
the frames, less the frames, over the noise that its bins and the frames' have.
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
    Exposure,
    SkyMeasurementConfig,
    measure_background,
    normalise_visit,
)
from skyframe_gui.files import scan, write_exposure
from skyframe_gui.simulate import (
    Camera,
    focal_plane_of,
    simulate_night,
    simulate_visit,
    table_of,
)
from skyframe_gui.workflow.build import build_sky_frames
from skyframe_gui.workflow.normalising import decide
from skyframe_gui.workflow.options import MaskObjects, Normalise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.engine import BinGrid

SQUARE = Camera(n_detectors=9, width=1100, height=1000, seed=7)
TWO_KINDS = Camera(
    n_detectors=12, width=1100, height=1000, seed=8, kinds=(("E2V", 1.0), ("ITL", 1.08))
)
SUPERPIXEL = 2000.0
GRADIENT = 60.0
HELD_OUT = 2001
SEED = 11


@dataclass(frozen=True)
class Found:
    """What a night has brought back: see the module."""

    with_pattern: float
    with_expected: float
    residual: float


def measure(
    camera: Camera,
    n_visits: int,
    folder: Path,
    *,
    superpixel: float = SUPERPIXEL,
    mask_objects: MaskObjects = MaskObjects.AUTO,
) -> Found:
    """Simulate a night of visits, build its frames and compare."""
    table = folder / "camera.json"
    table.write_text(table_of(camera, superpixel), encoding="utf-8")
    paths, known = [], mask_objects is MaskObjects.NEVER
    night = simulate_night(camera, n_visits, SEED, known, gradient=GRADIENT)
    for exposure in night:
        paths.append(folder / f"{exposure.visit}-{exposure.detector}.fits")
        write_exposure(paths[-1], exposure)
    visit = simulate_visit(camera, SEED, HELD_OUT, gradient=GRADIENT, mask_objects=known)
    held_out = [folder / f"held-{one.exposure.detector}.fits" for one in visit]
    for path, one in zip(held_out, visit, strict=True):
        write_exposure(path, one.exposure)
    config = SkyMeasurementConfig()
    built = build_sky_frames(
        paths,
        config,
        normalise=Normalise.FOCAL_PLANE,
        camera=str(table),
        mask_objects=mask_objects,
    )
    if built.failed:
        raise RuntimeError(built.failed[0].why)
    frames = {one.detector: one for one in built.sky_frames}
    own = decide([scan(path)[0] for path in held_out], Normalise.FOCAL_PLANE, str(table))
    with ThreadPoolExecutor(2) as pool:
        (binned, _) = own.bin(pool, config.background, mask_objects, None)
    residual, noise = [], []
    for source, one in binned:
        frame = frames[source.detector]
        error2 = (
            np.square(one.grid.errors)
            + sum(np.square(grid.errors) for grid in frame.grids) / len(frame.grids) ** 2
        )
        residual.append((one.grid.values - frame.sky_frame.grid.values).ravel())
        noise.append(np.sqrt(error2).ravel())
    expected = _expected(camera, superpixel, config.background)
    found = np.concatenate([frames[name].sky_frame.grid.values.ravel() for name in expected])
    pattern = np.concatenate(
        [_centred(_bins(camera.pattern(name), config.background).values) for name in expected]
    )
    through = np.concatenate([grid.values.ravel() for grid in expected.values()])
    centred = np.concatenate([_centred(frames[name].sky_frame.grid.values) for name in expected])
    scatter = np.concatenate(residual)
    return Found(
        float(np.corrcoef(centred, pattern)[0, 1]),
        float(np.corrcoef(found, through)[0, 1]),
        float(np.std(scatter) / np.sqrt(np.mean(np.square(np.concatenate(noise))))),
    )


def _expected(camera: Camera, superpixel: float, bins: BackgroundConfig) -> dict[str, BinGrid]:
    """Return the pattern minus its own background over the focal plane, over its level."""
    from skyframe_gui.engine import FocalPlaneBackgroundConfig
    from skyframe_gui.simulate.focal_plane import PIXEL

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


def main(numbers: list[int]) -> None:
    """Print a row a camera and number of visits."""
    print("camera       visits  with pattern  with expected  residual / noise")
    for name, camera in (("3 x 3", SQUARE), ("12, 2 types", TWO_KINDS)):
        for number in numbers:
            with tempfile.TemporaryDirectory() as folder:
                found = measure(camera, number, Path(folder))
            print(
                f"{name:12} {number:6} {found.with_pattern:13.4f} {found.with_expected:14.4f} "
                f"{found.residual:17.3f}",
                flush=True,
            )


if __name__ == "__main__":
    main([int(text) for text in sys.argv[1:]] or [5, 10, 20, 40])
