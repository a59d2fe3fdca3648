"""What handing out tasks costs: a night of 1,000 visits of 189 detectors that does nothing.

Run as ``python benchmarks/tasks.py``; prints seconds for empty tasks, and bytes of real ones.
"""

from __future__ import annotations

import pickle
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine import BinGrid, SkyMeasurementConfig, average_backgrounds
from skyframe_gui.files import scan, write_exposure, write_sky_frame
from skyframe_gui.simulate import Camera, simulate_exposure
from skyframe_gui.workflow.jobs import run_all
from skyframe_gui.workflow.measuring import MeasuringTask
from skyframe_gui.workflow.outputs import load_sky_frames
from skyframe_gui.workflow.sampling import sampling_tasks

if TYPE_CHECKING:
    from skyframe_gui.engine import Watch

NUMBERS = (12_000, 48_000, 189_000)
SIZE = (4096, 4004)
"""Of a detector of LSSTCam."""


def nothing(one: int, watch: Watch | None) -> int:
    return one


def seconds_for(number: int) -> float:
    with ThreadPoolExecutor(2) as pool:
        begin = time.perf_counter()
        run_all(pool, nothing, range(number), None, "Nothing")
        return time.perf_counter() - begin


def bytes_of_a_task(folder: Path, side: int) -> int:
    """Return what one exposure of LSSTCam with its sky frame is, by the size of a bin."""
    camera = Camera(n_detectors=1, width=64, height=64, seed=1)
    path = folder / "exposure.fits"
    write_exposure(path, simulate_exposure(camera, 1, 1).exposure, overwrite=True)
    (source,) = scan(path)
    object.__setattr__(source, "width", SIZE[0])
    object.__setattr__(source, "height", SIZE[1])
    rng = np.random.default_rng(1)
    shape = -(-SIZE[1] // side), -(-SIZE[0] // side)
    grids = [
        BinGrid.from_values(rng.normal(1000, 1, shape), (0, 0, SIZE[0] - 1, SIZE[1] - 1))
        for _ in range(20)
    ]
    frame = folder / "sky.fits"
    write_sky_frame(frame, average_backgrounds(grids), detector=source.detector, overwrite=True)
    (loaded,) = load_sky_frames([frame])
    (task,) = sampling_tasks([source], [loaded.sky_frame], {id(loaded.sky_frame): loaded.path})
    assert not isinstance(task, str), task
    return len(pickle.dumps(MeasuringTask(task.source, task.sky)))


def main() -> None:
    for number in NUMBERS:
        print(f"{number:7d} empty tasks: {seconds_for(number):6.2f} s")
    print(f"a config: {len(pickle.dumps(SkyMeasurementConfig()))} bytes")
    with TemporaryDirectory() as folder:
        for side in (128, 64, 32, 16):
            print(f"a task, bins of {side:3d} px: {bytes_of_a_task(Path(folder), side)} bytes")


if __name__ == "__main__":
    main()
