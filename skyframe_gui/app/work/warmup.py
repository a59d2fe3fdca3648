"""Compiles the engine's kernels ahead, in a process of its own; once after each installation.

Run as ``python -m skyframe_gui.app.work.warmup`` it compiles and leaves a mark that it has.
"""

from __future__ import annotations

import hashlib
import os
import platform
import sys
import threading
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QProcess, QProcessEnvironment

from skyframe_gui.app.model.problems import write_log
from skyframe_gui.app.model.queries import WARM_UP
from skyframe_gui.app.model.results import Job
from skyframe_gui.engine import kernel_cache
from skyframe_gui.engine.progress import Cancelled

if TYPE_CHECKING:
    from pathlib import Path

    from skyframe_gui.app.model.store import Store
    from skyframe_gui.app.work.live import Live
    from skyframe_gui.app.work.tasks import Tasks
    from skyframe_gui.engine import Watch

LABEL = "Preparing the engine, only at the first start"
LIBRARIES = (
    "numba",
    "skyframe_gui.engine.kernels",
    "skyframe_gui.engine.objects",
    "skyframe_gui.workflow.build",
    "skyframe_gui.workflow.outputs",
)
"""What the first file needs and the first window does not."""
LOOK_SECONDS = 0.05


class WarmUp(QObject):
    """Has the engine ready before it is asked for, without ever making the window wait.

    Where the kernels are compiled already, their compiler's library is loaded in a thread. Else
    another process compiles them, and jobs that need them wait in their lanes: two processes that
    compile the same would take twice as long. Files are read without them meanwhile.

    Parameters
    ----------
    store : Store
    live : Live
    tasks : Tasks
        Their jobs need the kernels.
    """

    def __init__(self, store: Store, live: Live, tasks: Tasks) -> None:
        super().__init__()
        self._store = store
        self._live = live
        self._tasks = tasks
        self._over = threading.Event()
        self._closed = False
        self._process: QProcess | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, some moments after the window is shown."""
        if is_ready():
            self._thread = threading.Thread(target=_load, name="warm-up", daemon=True)
            self._thread.start()
            return
        store = self._store
        kernel_cache.preparing.set()
        write_log(store, f"{LABEL}.")
        store.set(jobs=(*store.state.jobs, Job(lane=WARM_UP, label=LABEL)))
        self._process = QProcess(self)
        variables = QProcessEnvironment.systemEnvironment()
        for name, value in kernel_cache.environment().items():
            variables.insert(name, value)
        self._process.setProcessEnvironment(variables)
        self._process.setStandardInputFile(QProcess.nullDevice())
        self._process.setStandardOutputFile(QProcess.nullDevice())
        self._process.finished.connect(self._on_finished)
        self._process.errorOccurred.connect(self._on_finished)
        self._process.start(sys.executable, ["-m", "skyframe_gui.app.work.warmup"])
        self._live.preview.submit(LABEL, self._wait)
        self._tasks.lane.submit(LABEL, self._wait)
        self._live.full.submit(LABEL, self._wait_whatever_comes)

    @property
    def busy(self) -> bool:
        """Whether the other process is still at it."""
        return self._process is not None and not self._over.is_set()

    def close(self) -> None:
        """End the other process, and let go of what waits for it."""
        self._closed = True
        self._end()
        process = self._process
        if process is not None and process.state() != QProcess.ProcessState.NotRunning:
            process.kill()
            process.waitForFinished(1000)
        if self._thread is not None:
            self._thread.join(1.0)  # a thread in an import cannot be stopped

    def _on_finished(self, *_: object) -> None:
        if self._over.is_set():
            return
        self._end()
        process = self._process
        if process is not None and not is_ready():
            lines = bytes(process.readAllStandardError().data()).decode(errors="replace")
            why = (lines.strip().splitlines() or [process.errorString()])[-1]
            write_log(
                self._store,
                f"The engine could not be prepared ahead ({why}); the first job takes longer.",
            )

    def _end(self) -> None:
        """Let go of what waits, and of what does without kernels meanwhile."""
        self._over.set()
        kernel_cache.preparing.clear()
        store = self._store
        store.set(jobs=tuple(job for job in store.state.jobs if job.lane != WARM_UP))

    def _wait(self, watch: Watch) -> None:
        while not self._over.wait(LOOK_SECONDS):
            watch.step(0, 0, LABEL)

    def _wait_whatever_comes(self, watch: Watch) -> None:
        """Wait in the lane in which every new job cancels the running one, but for the end."""
        while not self._over.wait(LOOK_SECONDS):
            if not watch.cancelled:
                watch.step(0, 0, LABEL)
        if self._closed:
            raise Cancelled(LABEL)


def mark() -> Path | None:
    """Return the file that says that the kernels of this very program are compiled.

    It lies in their folder and so goes with it. None where nothing can be kept.
    """
    folder = kernel_cache.folder()
    if folder is None:
        return None
    parts = [platform.python_version(), platform.machine(), str(kernel_cache.KERNELS)]
    for name in ("numba", "numpy", "llvmlite"):
        try:
            parts.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            parts.append(name)
    for path in sorted(kernel_cache.KERNELS.glob("*.py")):
        # Older versions of numba look at a file's time, too, before they trust what is kept.
        parts.append(f"{path.name} {path.stat().st_mtime_ns}")
    of_program = hashlib.sha256("\n".join(parts).encode(errors="surrogateescape"))
    return folder / f"{of_program.hexdigest()[:16]}.ready"


def is_ready() -> bool:
    """Whether there is nothing to compile ahead, or no use in it."""
    where = mark()
    return where is None or where.exists()


def compile_all() -> None:
    """Call every kernel once, through the stages, with arrays like those of the window."""
    from skyframe_gui.app.work.pyramids import image_pyramid, mask_pyramid, masked_pyramid, prepare
    from skyframe_gui.engine import (
        BackgroundModel,
        SkyMeasurementConfig,
        average_backgrounds,
        find_objects,
        mean_of_model,
        measure_background,
        measure_residual,
        measure_scale,
        solve_scales,
        styles,
        subtract_sky_frame,
    )
    from skyframe_gui.engine.cuts import measure_profile
    from skyframe_gui.engine.objects import mask_objects
    from skyframe_gui.files.fits import unpack
    from skyframe_gui.simulate import Camera, simulate_night

    camera = Camera(n_detectors=1, width=320, height=288, seed=1)
    exposures = [mask_objects(one) for one in simulate_night(camera, 4, 1)]
    find_objects(exposures[0])
    config = SkyMeasurementConfig()
    for statistic in ("MEAN", "MEDIAN", "MEANCLIP"):
        changed = config.background.model_copy(update={"statistic": statistic})
        grids = [measure_background(one, changed) for one in exposures]
    frame = average_backgrounds(grids)
    for name in styles.names():
        BackgroundModel(frame.grid, name).image()
    samples = measure_scale(exposures[0], frame.model(), config)
    solution = solve_scales([samples], config)
    subtract_sky_frame(exposures[0], frame.model(), solution.scale)
    measure_residual(exposures[0], frame.model(), solution.scale, config.background)
    mean_of_model(exposures[0], frame.model(), config.background)
    measure_profile(exposures[0].image, exposures[0].mask, 1, (0.0, 0.0, 9.0, 9.0))
    image_pyramid(exposures[0].image, None)
    mask_pyramid(exposures[0].mask, None)
    masked_pyramid(exposures[0].mask, 1, None)
    prepare()
    unpack.prepare()


def _load() -> None:
    for name in LIBRARIES:
        import_module(name)


def main() -> None:
    """Compile all and leave the mark."""
    if hasattr(os, "nice"):
        os.nice(10)  # whoever works meanwhile comes first
    where = mark()
    compile_all()
    if where is not None:
        for old in where.parent.glob("*.ready"):
            old.unlink(missing_ok=True)
        where.touch()


if __name__ == "__main__":
    main()
