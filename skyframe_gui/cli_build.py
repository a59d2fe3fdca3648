"""The command that builds sky frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from skyframe_gui.cli_options import (
    AsJson,
    BeginDate,
    CacheFolder,
    CameraName,
    Certify,
    Checksums,
    ConfigFile,
    Detectors,
    EndDate,
    Exposures,
    Folder,
    Known,
    Masks,
    Objects,
    Overwrite,
    Quiet,
    Repository,
    Run,
    Scheduler,
    Settings,
    WrongUsage,
    choice_from,
    common_from,
    destination_from,
    executor_from,
)
from skyframe_gui.console import Console, finish
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.numbers import digits, plain_minus

if TYPE_CHECKING:
    from pathlib import Path

    from skyframe_gui.engine import SkyMeasurementConfig
    from skyframe_gui.files.config.sky_image import SkyImageChanges


def build(
    exposures: Exposures,
    output: Folder,
    config: ConfigFile = None,
    settings: Settings = None,
    normalise: Annotated[
        str,
        typer.Option(
            metavar="none|level|focal-plane|auto",
            help="level: divide each exposure by its median bin before averaging. focal-plane: "
            "subtract the background that its visit has over the whole camera, and divide by the "
            "level of that, as LSST's cp_pipe does. auto: focal-plane for visits of several "
            "detectors of a known camera.",
        ),
    ] = "auto",
    camera: CameraName = None,
    mask_objects: Objects = "auto",
    mask_reading: Masks = "auto",
    detectors: Detectors = None,
    identity: Known = None,
    cache: CacheFolder = None,
    checksums: Checksums = False,
    scheduler: Scheduler = None,
    butler: Repository = None,
    run: Run = None,
    certify: Certify = None,
    begin_date: BeginDate = None,
    end_date: EndDate = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    overwrite: Overwrite = False,
) -> None:
    """Build a sky frame for each instrument, detector and filter of a night of exposures."""
    from skyframe_gui.files import ensure_folder
    from skyframe_gui.files.recovery import recover
    from skyframe_gui.workflow.build import build_sky_frames
    from skyframe_gui.workflow.options import Normalise
    from skyframe_gui.workflow.outputs import write_built
    from skyframe_gui.workflow.repositories import put_built
    from skyframe_gui.workflow.targets import SkyFrameTargets, Targets

    console = Console(as_json, quiet)
    with console.outcome(sky_frames=[], outputs=[]):
        chosen, changes = _configs_from(config, settings, camera, console)
        divide = choice_from(Normalise, normalise, "--normalise")
        common = common_from(
            exposures,
            detectors,
            camera,
            mask_objects=mask_objects,
            mask_reading=mask_reading,
            identity=identity,
            cache=cache,
            checksums=checksums,
            scheduler=scheduler,
        )
        to = destination_from(butler, run, certify, begin_date, end_date)
        console.notes(recover(ensure_folder(output)))
        targets = SkyFrameTargets(Targets(output, tuple(common.inputs), overwrite))
        with executor_from(scheduler) as executor, console.progress() as watch:
            result = build_sky_frames(
                common.inputs,
                chosen,
                normalise=divide,
                mask_objects=common.mask_objects,
                mask_reading=common.mask_reading,
                executor=executor,
                watch=watch,
                ready=targets,
                identity=common.identity,
                cache=common.cache,
                camera=camera,
                adjust=changes,
            )
            choices = {
                "normalise": str(result.normalise),
                "mask_objects": mask_objects,
                "mask_reading": mask_reading,
                **{f"identity {name}": text for name, text in common.identity.items()},
                **result.choices,
            }
            written, unwritten = write_built(
                result, output, chosen, overwrite, choices, targets.planned
            )
            put: list[str] = []
            if to is not None and written:
                put, unput = put_built(to, written, watch)
                unwritten = [*unwritten, *unput]
        failed = (*result.failed, *unwritten)
        console.notes(result.notes)
        if changes and result.normalise is not Normalise.FOCAL_PLANE:
            console.notes(["Nothing is normalised over the focal plane; its settings do nothing."])
        console.table(
            ["detector", "filter", "exposures", "bins", "level", "clipped", "filled", "file"],
            [
                [
                    built.detector or "(no name)",
                    built.sky_frame.identity.filter or "(not told)",
                    len(built.sources),
                    "{1} x {0}".format(*built.sky_frame.grid.values.shape),
                    plain_minus(digits(_median(built.sky_frame.grid.values), 6)),
                    int(built.sky_frame.n_clipped.sum()),
                    int(built.sky_frame.filled.sum()),
                    path,
                ]
                for built, path in written
            ],
        )
        if to is not None and put:
            console.print_line(f"{to.repo}: {len(put)} sky in {to.run}")
        if any(len(built.sources) < 4 for built, _ in written):
            console.notes(
                ["Fewer than four exposures of a detector cannot clip anything at 3 sigma."]
            )
        frames = [
            {
                "detector": built.detector,
                "filter": built.sky_frame.identity.filter,
                "instrument": built.sky_frame.identity.instrument,
                "unit": built.sky_frame.identity.unit,
                "path": path,
                "n_exposures": len(built.sources),
                "n_filled": int(built.sky_frame.filled.sum()),
                "n_clipped": int(built.sky_frame.n_clipped.sum()),
                "shape": list(built.sky_frame.grid.values.shape),
                "algorithm": built.sky_frame.algorithm,
                "exposures": [str(source.path) for source in built.sources],
                "levels": list(built.levels),
            }
            for built, path in written
        ]
        finish(
            console,
            failed,
            {
                "sky_frames": frames,
                "normalise": str(result.normalise),
                "outputs": [path for _, path in written],
                **({} if to is None else {"repository": to.repo, "run": to.run, "put": put}),
            },
        )


def _configs_from(
    path: Path | None, settings: list[str] | None, camera: str | None, console: Console
) -> tuple[SkyMeasurementConfig, SkyImageChanges]:
    """Return what ``--config`` and ``--set`` make; wrong usage, also of ``--camera``, is told."""
    from skyframe_gui.files import read_camera
    from skyframe_gui.files.config.sky_image import read_both

    try:
        if camera is not None:
            read_camera(camera)
        config, changes, notes = read_both(path, settings or [])
    except SkyFrameError as error:
        raise WrongUsage(str(error)) from error
    console.notes(notes)
    return config, changes


def _median(values: Any) -> float:
    import numpy as np

    return float(np.nanmedian(values))
