"""Time and memory of building sky frames over a focal plane, with one worker and with two.

    python benchmarks/focal_plane_night.py [N_VISITS [N_DETECTORS [SIDE]]]

By default 10 visits of 20 detectors of 2048 x 2048 pixels, images with noise, a gradient and stars,
without mask and variance. Each run is a process of its own, in its own memory; what a run keeps of
a visit between its two passes is said, and one run keeps nothing and reads everything twice.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from astropy.io.fits import Header

from skyframe_gui.engine import Exposure, SkyMeasurementConfig
from skyframe_gui.files import write_exposure
from skyframe_gui.simulate import Camera, table_of
from skyframe_gui.workflow import focal_plane
from skyframe_gui.workflow.build import build_sky_frames
from skyframe_gui.workflow.options import Normalise

RUNS = ((1, 512), (2, 512), (2, 0))
"""Workers, and megabytes that may be kept."""


def make_night(folder: Path, n_visits: int, n_detectors: int, side: int) -> None:
    """Write the camera's table and the exposures."""
    camera = Camera(n_detectors=n_detectors, width=side, height=side)
    (folder / "camera.json").write_text(table_of(camera, side), encoding="utf-8")
    rng = np.random.default_rng(1)
    base = rng.normal(1000, 30, (side, side)).astype(np.float32)
    for y, x in rng.integers(20, side - 20, (side * side // 10_000, 2)):
        base[y - 4 : y + 5, x - 4 : x + 5] += np.float32(rng.exponential(2000))
    slope = np.linspace(0, 20, side, dtype=np.float32)
    for visit in range(n_visits):
        for detector in camera.detectors:
            image = np.roll(base, rng.integers(0, side, 2), (0, 1)) + slope
            header = Header({"INSTRUME": camera.name, "EXPNUM": visit + 1, "FILTER": "r"})
            exposure = Exposure(image, header=header, detector=detector)
            write_exposure(folder / f"v{visit + 1}-d{detector}.fits", exposure)


def run(folder: Path, n_workers: int, kept: int) -> None:
    """Build once, in this process, and print what it took as JSON."""
    focal_plane.KEPT_BYTES = kept << 20
    paths = sorted(folder.glob("v*.fits"))
    before = resource.getrusage(resource.RUSAGE_SELF)
    begin = time.perf_counter()
    with ThreadPoolExecutor(n_workers) as pool:
        result = build_sky_frames(
            paths,
            SkyMeasurementConfig(),
            normalise=Normalise.FOCAL_PLANE,
            camera=str(folder / "camera.json"),
            executor=pool,
        )
    after = resource.getrusage(resource.RUSAGE_SELF)
    took = {
        "seconds": time.perf_counter() - begin,
        "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "peak": after.ru_maxrss / 1024,
        "imports": before.ru_maxrss / 1024,
        "sum": float(sum(one.sky_frame.grid.values.sum() for one in result.sky_frames)),
        "failed": len(result.failed),
    }
    print(json.dumps(took))


def main(n_visits: int = 10, n_detectors: int = 20, side: int = 2048) -> None:
    """Print a row a run."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_night(folder, n_visits, n_detectors, side)
        print(f"{n_visits} visits of {n_detectors} detectors of {side} x {side} pixels")
        print("workers  kept MB  seconds    CPU s  peak MB  failed  checksum")
        for n_workers, kept in RUNS:
            words = [sys.executable, __file__, "--run", name, str(n_workers), str(kept)]
            done = subprocess.run(words, capture_output=True, text=True, check=True)
            took = json.loads(done.stdout)
            print(
                f"{n_workers:7} {kept:8} {took['seconds']:8.1f} {took['cpu']:8.1f} "
                f"{took['peak']:8.0f} {took['failed']:7}  {took['sum']:.9g}",
                flush=True,
            )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        run(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
    else:
        main(*(int(text) for text in sys.argv[1:]))
