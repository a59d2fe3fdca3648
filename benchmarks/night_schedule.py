"""What a night of a large camera costs: measured tasks, and a simulation of many cores.

Run as ``python benchmarks/night_schedule.py``. One exposure of LSSTCam's size is written, read and
measured here, processor time alone; then tasks with these times are handed to 64 and 1,000 cores
that share a storage of a given bandwidth evenly, and the clock of the last one is printed.
"""

from __future__ import annotations

import heapq
import pickle
import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skyframe_gui.engine import BinGrid, SkyMeasurementConfig, average_backgrounds
from skyframe_gui.files import scan, write_exposure
from skyframe_gui.simulate import Camera, simulate_exposure
from skyframe_gui.workflow.cache import Cache
from skyframe_gui.workflow.measuring import MeasuringTask, measure_exposure
from skyframe_gui.workflow.options import MaskObjects
from skyframe_gui.workflow.sampling import Sky

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


WIDTH, HEIGHT = 4096, 4004
VISITS, DETECTORS = 1000, 189
CORES = (64, 1000)
BANDWIDTHS = (1.0, 5.0, 20.0)
"""GB a second of the whole storage."""
STREAM = 0.5
"""GB a second that one core reads at most."""
TIMES = 3
SPREAD = 0.15
"""Of a task's time about its median: detectors differ in what is on them."""


class Cost(NamedTuple):
    """Of one exposure: processor seconds, and bytes that are read."""

    name: str
    seconds: float
    size: float


def processor_seconds(work: Callable[[], object]) -> float:
    found = []
    for _ in range(TIMES + 1):
        begin = time.thread_time()
        work()
        found.append(time.thread_time() - begin)
    return statistics.median(found[1:])  # the first one compiles


def makespan(cost: Cost, n_tasks: int, cores: int, bandwidth: float, seed: int = 1) -> float:
    """Return the seconds until the last task ends.

    A task reads its bytes, then works. All that read at a moment share the bandwidth evenly, and
    none has more than `STREAM`; so the bytes that each has read since the beginning are one number
    for all, and a task has read its own when that number has grown by so much.
    """
    rng = np.random.default_rng(seed)
    seconds = cost.seconds * rng.lognormal(0.0, SPREAD, n_tasks)
    size = cost.size / 1e9
    now = each = 0.0
    reading: list[tuple[float, int]] = []
    working: list[float] = []
    begun = 0
    while begun < n_tasks and begun < cores:
        heapq.heappush(reading, (each + size, begun))
        begun += 1
    while reading or working:
        rate = min(STREAM, bandwidth / len(reading)) if reading else 0.0
        read_at = now + (reading[0][0] - each) / rate if reading else np.inf
        work_at = working[0] if working else np.inf
        then = min(read_at, work_at)
        each += rate * (then - now)
        now = then
        if read_at <= work_at:
            _, task = heapq.heappop(reading)
            heapq.heappush(working, now + seconds[task])
        else:
            heapq.heappop(working)
            if begun < n_tasks:
                heapq.heappush(reading, (each + size, begun))
                begun += 1
    return now


def hours(seconds: float) -> str:
    return f"{seconds / 3600:.2f} h" if seconds >= 3600 else f"{seconds / 60:.1f} min"


def measured(folder: Path) -> list[Cost]:
    """Return what an exposure costs here, with its objects masked in the file or found anew."""
    camera = Camera(n_detectors=1, width=WIDTH, height=HEIGHT, seed=1)
    path = folder / "exposure.fits"
    write_exposure(path, simulate_exposure(camera, 1, 1, mask_objects=True).exposure)
    (source,) = scan(path)
    size = path.stat().st_size
    config = SkyMeasurementConfig()
    bins = config.background
    shape = -(-HEIGHT // bins.yBinSize), -(-WIDTH // bins.xBinSize)
    rng = np.random.default_rng(1)
    box = (0, 0, WIDTH - 1, HEIGHT - 1)
    grids = [BinGrid.from_values(rng.normal(1000, 1, shape), box) for _ in range(8)]
    # With a file a worker reads a large sky frame from there, which is not done here.
    task = MeasuringTask(source, Sky.of(average_backgrounds(grids), str(folder / "sky.fits")))

    def night(how: MaskObjects, cache: Cache | None = None) -> object:
        return measure_exposure(task, None, config=config, mask_objects=how, cache=cache)

    reading = processor_seconds(source.read)
    usual = processor_seconds(lambda: night(MaskObjects.AUTO))
    finding = processor_seconds(lambda: night(MaskObjects.ALWAYS))
    cache = Cache.at(folder / "kept")
    night(MaskObjects.AUTO, cache)
    entries = [one.stat().st_size for one in cache.folder.rglob("*.npz")]
    again = processor_seconds(lambda: night(MaskObjects.AUTO, cache))
    headers = processor_seconds(lambda: scan(path))
    print(f"one exposure, {WIDTH} x {HEIGHT}, image, mask and variance: {size / 1e6:.0f} MB")
    print(f"headers {1e3 * headers:.1f} ms, all planes {reading:.2f} s of a processor")
    print(f"kept of it: {sum(entries) / 1e3:.0f} kB in {len(entries)} entries")
    sent = len(pickle.dumps(task))
    print(f"sky frame's values {shape[0] * shape[1] * 4 / 1e3:.0f} kB; a task {sent / 1e3:.1f} kB")
    return [
        Cost("objects masked in the file", usual + headers, size),
        Cost("objects found anew", finding + headers, size),
        Cost("everything kept", again + headers, sum(entries)),
    ]


def table(costs: Sequence[Cost], n_tasks: int) -> None:
    print(
        "| | processor, one exposure | core hours | "
        + " | ".join(
            f"{cores} cores, {bandwidth:g} GB/s" for cores in CORES for bandwidth in BANDWIDTHS
        )
        + " |"
    )
    print("|---" * (3 + len(CORES) * len(BANDWIDTHS)) + "|")
    for cost in costs:
        cells = [
            hours(makespan(cost, n_tasks, cores, bandwidth))
            for cores in CORES
            for bandwidth in BANDWIDTHS
        ]
        whole = f"{cost.seconds * n_tasks / 3600:.0f}"
        print(f"| {cost.name} | {cost.seconds:.2f} s | {whole} | {' | '.join(cells)} |")


def main() -> None:
    with TemporaryDirectory() as folder:
        costs = measured(Path(folder))
    table(costs, VISITS * DETECTORS)


if __name__ == "__main__":
    main()
