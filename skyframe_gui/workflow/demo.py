"""The demonstration: a simulated night through the whole chain, and its result beside the truth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from skyframe_gui.engine import SkyFrameError, SkyMeasurementConfig, measure_background
from skyframe_gui.engine.identity import Identity
from skyframe_gui.engine.objects import mask_objects
from skyframe_gui.engine.progress import step
from skyframe_gui.files import read_exposures, write_exposure, write_picture
from skyframe_gui.files.recovery import recover
from skyframe_gui.files.transaction import Transaction
from skyframe_gui.numbers import plain_minus, with_error
from skyframe_gui.simulate import (
    Camera,
    expected_scale,
    night_levels,
    simulate_night,
    simulate_visit,
)
from skyframe_gui.workflow.build import build_sky_frames
from skyframe_gui.workflow.frames import choose_sky_frame
from skyframe_gui.workflow.names import safe_name, sky_frame_names
from skyframe_gui.workflow.outputs import load_sky_frames, write_built
from skyframe_gui.workflow.subtract import subtract_visits
from skyframe_gui.workflow.targets import Targets

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from skyframe_gui.engine import Exposure, ScaleSolution, Watch

CAMERA = Camera(n_detectors=3, width=480, height=400)
N_EXPOSURES = 8
SCIENCE_VISIT = 2001
SCIENCE_LEVEL = 1170.0
TILTED_VISIT, TILTED_LEVEL, TILT = 2002, 1120.0, 11.0
"""A visit whose own sky rises by so many electrons from side to side of a detector."""


@dataclass(frozen=True, eq=False, kw_only=True)
class DemoResult:
    """What the demonstration found.

    Attributes
    ----------
    truth : float
        The scale that the simulation put in.
    solution : ScaleSolution
        What the fit found.
    before, after : float
        Standard deviation of the science visit's bins about their mean, all detectors, before and
        after the subtraction, in electrons.
    noise : float
        What it would be without any sky pattern left: the bins' own errors.
    outputs : tuple of str
        Files written.
    notes : tuple of str
        What became of the files of a run that was killed.
    """

    truth: float
    solution: ScaleSolution
    before: float
    after: float
    noise: float
    outputs: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def pull(self) -> float:
        """(measured - truth) / error."""
        return (self.solution.scale - self.truth) / self.solution.error

    def rows(self) -> list[list[str]]:
        """Return the table of truth and result, as words."""
        solution = self.solution
        return [
            ["scale", f"{self.truth:.6f}", plain_minus(with_error(solution.scale, solution.error))],
            ["pull [sigma]", "0", f"{self.pull:+.2f}"],
            ["samples used", str(len(solution.rejected_at)), str(solution.n_used)],
            ["bin rms before [electrons]", "", f"{self.before:.3f}"],
            ["bin rms after [electrons]", f"{self.noise:.3f}", f"{self.after:.3f}"],
        ]

    def as_dict(self) -> dict[str, Any]:
        """Return it as data."""
        return {
            "truth": self.truth,
            "scale": self.solution.scale,
            "error": self.solution.error,
            "pull": self.pull,
            "n_used": self.solution.n_used,
            "n_samples": len(self.solution.rejected_at),
            "bin_rms_before": self.before,
            "bin_rms_after": self.after,
            "bin_noise": self.noise,
            "outputs": list(self.outputs),
        }


def run_demo(
    folder: Path, seed: int = 1, overwrite: bool = False, watch: Watch | None = None
) -> DemoResult:
    """Simulate a night, build its sky frames, correct a science visit, write all of it.

    The exposures go to disk and come back through the readers, as a user's own would.

    Parameters
    ----------
    folder : Path
        Made if needed.
    seed : int
        Another seed is another camera and another night.
    overwrite : bool
        Whether files that are there already, as of an earlier demonstration, are replaced.
    watch : Watch, optional
        Told of every stage.

    Raises
    ------
    SkyFrameError
        The folder cannot be written to, or holds a file that would be replaced.
    Cancelled
        The watch said so.
    """
    night = folder / "night"
    notes = (*recover(folder), *recover(night))
    camera = replace(CAMERA, seed=seed)
    targets = Targets(folder, (), overwrite)
    planned = ["demo.png", f"{SCIENCE_VISIT}-samples.ecsv"]
    planned += sky_frame_names([Identity(detector=detector) for detector in camera.detectors])
    for why in filter(None, map(targets.why_not, planned)):
        raise SkyFrameError(why)
    config = SkyMeasurementConfig()
    paths = []
    with Transaction(night, overwrite=True) as transaction:
        stage = transaction.stage
        for number, exposure in enumerate(simulate_night(camera, N_EXPOSURES, seed)):
            paths.append(str(night / _keep(stage, exposure)))
            step(watch, number + 1, N_EXPOSURES * camera.n_detectors, "Simulating")
        visit = simulate_visit(camera, seed, SCIENCE_VISIT, SCIENCE_LEVEL)
        science = [str(night / _keep(stage, one.exposure)) for one in visit]
        # Not subtracted here: it is for the window, where what one scale cannot take out is seen.
        rise = TILT * camera.radius / camera.width
        for one in simulate_visit(camera, seed, TILTED_VISIT, TILTED_LEVEL, gradient=rise):
            _keep(stage, one.exposure)
        transaction.commit()
    truth = expected_scale(SCIENCE_LEVEL, night_levels(N_EXPOSURES, seed))

    built = build_sky_frames(paths, config, watch=watch)
    written, unwritten = write_built(built, folder, config, overwrite=True)
    for failure in unwritten:
        raise SkyFrameError(failure.why)
    sky_paths = [path for _, path in written]
    sky_frames = load_sky_frames(sky_paths)
    done = subtract_visits(
        science, sky_frames, config, folder, overwrite=True, background_list=True, watch=watch
    )
    if done.failed or built.failed:
        failure = (*built.failed, *done.failed)[0]
        raise SkyFrameError(f"The demonstration failed at {failure.path}: {failure.why}")
    (result,) = done.visits
    before: list[NDArray[np.float32]] = []
    after: list[NDArray[np.float32]] = []
    noise: list[NDArray[np.float32]] = []
    for one, path in zip(
        visit, [p for p in result.outputs if p.endswith("-sub.fits")], strict=True
    ):
        (subtracted,) = read_exposures(path)
        for image, into in ((one.exposure, before), (subtracted, after)):
            grid = measure_background(mask_objects(image), config.background)
            into.append(grid.values.ravel())
        noise.append(grid.errors.ravel())
        if one is visit[0]:
            frames = [loaded.sky_frame for loaded in sky_frames]
            sky_frame = choose_sky_frame(frames, Identity(detector=one.exposure.detector))
            picture = folder / "demo.png"
            write_picture(
                picture,
                one.exposure.image,
                sky_frame.model().image() * result.fit.solution.scale,
                subtracted.image,
                title=one.exposure.name,
                unit="electron",
                overwrite=True,
            )
    return DemoResult(
        truth=truth,
        solution=result.fit.solution,
        before=_rms(before),
        after=_rms(after),
        noise=float(np.sqrt(np.nanmean(np.square(np.concatenate(noise))))),
        outputs=(*sky_paths, *result.outputs, str(picture)),
        notes=notes,
    )


def files_to_show(folder: Path) -> list[str]:
    """Return the exposures and sky frames of a demonstration, the science visits first."""
    night = sorted((folder / "night").glob("*.fits"))
    visits = (f"visit{SCIENCE_VISIT}-", f"visit{TILTED_VISIT}-")
    science = [path for path in night if path.name.startswith(visits)]
    others = [path for path in night if path not in science]
    return [str(path) for path in (*science, *sorted(folder.glob("sky-*.fits")), *others)]


def _keep(folder: Path, exposure: Exposure) -> str:
    name = f"visit{exposure.visit}-det{safe_name(exposure.detector)}.fits"
    write_exposure(folder / name, exposure)
    return name


def _rms(grids: list[NDArray[np.float32]]) -> float:
    return float(np.nanstd(np.concatenate(grids).astype(np.float64)))
