"""The command that corrects visits over the focal plane."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from skyframe_gui.cli_options import (
    SKY_WORDS,
    AsJson,
    CacheFolder,
    CameraName,
    Checksums,
    ConfigFile,
    Detectors,
    Exposures,
    Folder,
    Known,
    Masks,
    Overwrite,
    Quiet,
    Scheduler,
    WrongUsage,
    common_from,
    executor_from,
    inputs_from,
    sky_frames_from,
)
from skyframe_gui.console import Console, finish
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.numbers import plain_minus, with_error

if TYPE_CHECKING:
    from skyframe_gui.files.config.correction import CorrectionChanges
    from skyframe_gui.workflow.visit_correction import VisitCorrection

SkyFrames = Annotated[
    list[Path] | None,
    typer.Option(
        "--sky",
        help=SKY_WORDS,
    ),
]
Lists = Annotated[
    list[Path] | None,
    typer.Option(
        "--background-list",
        metavar="LIST",
        help="List of backgrounds that was subtracted from an exposure before (LSST's "
        "calexpBackground), or a folder (pattern, @LIST) with those of many; may be repeated. It "
        "is matched by its name, or by visit and detector in it; lists that lie beside their "
        "exposure (x-background.fits) are found.",
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="FIELD=VALUE",
        help="A config field, as in doBgModel2=false, bgModel1.xSize=122.88 or sky.skyRej=4.",
    ),
]


def correct(
    exposures: Exposures,
    output: Folder,
    sky: SkyFrames = None,
    background_lists: Lists = None,
    camera: CameraName = None,
    detectors: Detectors = None,
    config: ConfigFile = None,
    settings: Settings = None,
    mask_reading: Masks = "auto",
    identity: Known = None,
    cache: CacheFolder = None,
    checksums: Checksums = False,
    scheduler: Scheduler = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    overwrite: Overwrite = False,
) -> None:
    """Correct whole visits: backgrounds over the focal plane around the scaled sky frame.

    LSST's SkyCorrectionTask: the earlier background is put back, objects are found anew, a
    background of large superpixels over the whole camera is taken off, then the sky frame at the
    visit's scale, then a background of small superpixels. Stages are switched with --set
    doMaskObjects, doSky, doBgModel2 and undoBgModel1; sizes are those of the camera's own pipeline
    unless --config or --set say otherwise. Of x.fits it writes x-corr.fits, x-background.fits (all
    that was subtracted, as LSST's list) and the visit's samples.
    """
    from skyframe_gui.workflow.correct import correct_visits

    console = Console(as_json, quiet)
    with console.outcome(visits=[], outputs=[]):
        changes = changes_from(config, settings)
        if not sky and changes.values.get("doSky", True):
            raise WrongUsage(
                "Sky frames are needed with --sky; or say --set doSky=false to do without."
            )
        if camera is not None:
            check_camera(camera)
        common = common_from(
            exposures,
            detectors,
            camera,
            mask_reading=mask_reading,
            identity=identity,
            cache=cache,
            checksums=checksums,
            scheduler=scheduler,
        )
        if sky and not changes.values.get("doSky", True):
            console.notes(["The sky frames of --sky are not used, as doSky is false."])
            sky = None
        sky_frames = sky_frames_from(sky, common, console.notes, detectors, camera) if sky else ()
        lists = inputs_from(background_lists) if background_lists else ()
        with executor_from(scheduler) as executor, console.progress() as watch:
            corrected = correct_visits(
                common.inputs,
                sky_frames,
                changes,
                output,
                background_lists=lists,
                camera=camera,
                mask_reading=common.mask_reading,
                overwrite=overwrite,
                executor=executor,
                watch=watch,
                identity=common.identity,
                cache=common.cache,
            )
        console.table(
            ["visit", "filter", "camera", "detectors", "scale", "used", "rejected", "stages"],
            [_row(visit) for visit in corrected.visits],
        )
        console.notes(corrected.notes)
        for path in corrected.outputs:
            console.print_line(path)
        visits = [visit.as_dict() for visit in corrected.visits]
        result: dict[str, Any] = {"visits": visits, "outputs": list(corrected.outputs)}
        if len(visits) == 1:
            for key in ("scale", "error", "n_used", "n_samples", "iterations"):
                result[key] = visits[0][key]
        finish(console, corrected.failed, result)


def changes_from(path: Path | None, settings: list[str] | None) -> CorrectionChanges:
    """Return what ``--config`` and ``--set`` change; else it is wrong usage."""
    from skyframe_gui.files.config.correction import read_correction

    try:
        return read_correction(path, settings or [])
    except SkyFrameError as error:
        raise WrongUsage(str(error)) from error


def check_camera(camera: str) -> None:
    """Raise `WrongUsage` where ``--camera`` names neither a camera nor a table of one."""
    from skyframe_gui.files import read_camera

    try:
        read_camera(camera)
    except SkyFrameError as error:
        raise WrongUsage(str(error)) from error


def _row(visit: VisitCorrection) -> list[object]:
    solution = visit.result.solution
    fitted: list[object] = ["(none)", 0, 0]
    if solution is not None:
        scale = plain_minus(with_error(solution.scale, solution.error))
        fitted = [scale, solution.n_used, int((solution.rejected_at >= 0).sum())]
    return [
        visit.visit,
        visit.identity.filter or "(not told)",
        visit.camera.name or "(no name)",
        len(visit.sources),
        *fitted,
        ", ".join(stage.name for stage in visit.result.stages[1:]),
    ]
