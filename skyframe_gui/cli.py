"""The command line: the window, build sky frames, subtract them, correct visits, describe files."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from skyframe_gui import __version__
from skyframe_gui.cli_build import build
from skyframe_gui.cli_correct import correct
from skyframe_gui.cli_desktop import COMPLETE, PROGRAM, install_desktop
from skyframe_gui.cli_night import night
from skyframe_gui.cli_options import (
    AnyFiles,
    AsJson,
    CacheFolder,
    Checksums,
    ConfigFile,
    Detectors,
    Exposures,
    Folder,
    Known,
    Masks,
    Objects,
    Overwrite,
    Quiet,
    Scheduler,
    Settings,
    SkyFrames,
    WrongUsage,
    common_from,
    config_from,
    executor_from,
    inputs_from,
    mask_reading_from,
    sky_frames_from,
)
from skyframe_gui.cli_window import demo, files_to_open, open_window
from skyframe_gui.console import FAILED, SIGNALLED, Console, finish
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.numbers import plain_minus, with_error
from skyframe_gui.text import on_one_line

if TYPE_CHECKING:
    from skyframe_gui.engine.identity import Identity

WRONG_USAGE = 2

app = typer.Typer(
    name=PROGRAM,
    subcommand_metavar="[FILES... | COMMAND]",
    help="Make sky frames of a mosaic camera, fit their scale to a visit and subtract them: the "
    "method of LSST's SkyMeasurementTask. With FILES (exposures, sky frames, folders) or with "
    "nothing the window opens; a file that is called like a command is given as ./NAME.",
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # its tables take longer than all the rest of --help
)


def main() -> None:
    """Run the program; the exit status is 0, 1 for what failed, 2 for wrong usage."""
    if COMPLETE in os.environ:  # a shell asks
        from typer import completion

        completion.completion_init()  # type: ignore[attr-defined]  # of typer's inside
        app(prog_name=PROGRAM)
    try:
        files = files_to_open(sys.argv[1:], _commands())
        if files:
            open_window(files)
        app()
    except SkyFrameError as error:
        print(on_one_line(" ".join(str(error).split())), file=sys.stderr)
        sys.exit(WRONG_USAGE if isinstance(error, WrongUsage) else FAILED)
    except RuntimeError as error:
        # Python 3.11 tells of Ctrl-C in the making of a class as of a fault of that class.
        if not isinstance(error.__cause__, KeyboardInterrupt):
            raise
        sys.exit(SIGNALLED + signal.SIGINT)


def _commands() -> list[str]:
    return [one.name or one.callback.__name__ for one in app.registered_commands if one.callback]


def _version(wanted: bool) -> None:
    if wanted:
        print(f"skyframe-gui {__version__}")
        raise typer.Exit


@app.callback()
def _program(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        open_window([])


app.command(short_help="Average exposures into sky frames.")(build)


@app.command(short_help="Fit one scale a visit and subtract the sky frames.")
def subtract(
    exposures: Exposures,
    sky: SkyFrames,
    output: Folder,
    config: ConfigFile = None,
    settings: Settings = None,
    mask_objects: Objects = "auto",
    mask_reading: Masks = "auto",
    detectors: Detectors = None,
    identity: Known = None,
    cache: CacheFolder = None,
    checksums: Checksums = False,
    scheduler: Scheduler = None,
    background_list: Annotated[
        bool,
        typer.Option(
            "--background-list", help="Write what was subtracted as LSST background lists, too."
        ),
    ] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    overwrite: Overwrite = False,
) -> None:
    """Fit one scale a visit and subtract the sky frames times it."""
    from skyframe_gui.workflow.subtract import subtract_visits

    console = Console(as_json, quiet)
    with console.outcome(visits=[], outputs=[]):
        chosen = config_from(config, settings, console.notes)
        common = common_from(
            exposures,
            detectors,
            mask_objects=mask_objects,
            mask_reading=mask_reading,
            identity=identity,
            cache=cache,
            checksums=checksums,
            scheduler=scheduler,
        )
        sky_frames = sky_frames_from(sky, common, console.notes, detectors)
        with executor_from(scheduler) as executor, console.progress() as watch:
            corrected = subtract_visits(
                common.inputs,
                sky_frames,
                chosen,
                output,
                mask_objects=common.mask_objects,
                mask_reading=common.mask_reading,
                background_list=background_list,
                overwrite=overwrite,
                executor=executor,
                watch=watch,
                identity=common.identity,
                cache=common.cache,
            )
        console.table(
            ["visit", "filter", "detectors", "scale", "used", "rejected", "samples"],
            [
                [
                    visit.fit.visit,
                    visit.identity.filter or "(not told)",
                    len(visit.fit.sources),
                    plain_minus(with_error(visit.fit.solution.scale, visit.fit.solution.error)),
                    visit.fit.solution.n_used,
                    int((visit.fit.solution.rejected_at >= 0).sum()),
                    len(visit.fit.solution.rejected_at),
                ]
                for visit in corrected.visits
            ],
        )
        console.notes(corrected.notes)
        visits = [visit.as_dict() for visit in corrected.visits]
        for path in corrected.outputs:
            console.print_line(path)
        result: dict[str, Any] = {
            "visits": visits,
            "outputs": list(corrected.outputs),
        }
        if len(visits) == 1:
            for key in ("scale", "error", "n_used", "n_samples", "iterations"):
                result[key] = visits[0][key]
        finish(console, corrected.failed, result)


app.command(short_help="Correct visits over the whole focal plane.")(correct)
app.command(short_help="Tell of all visits of a night in a table.")(night)


@app.command(short_help="Say what a file is.")
def info(
    files: AnyFiles,
    config: ConfigFile = None,
    settings: Settings = None,
    mask_reading: Masks = "auto",
    detectors: Detectors = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Say what a file is: kind, detector, visit, planes, size, bin grid."""
    from skyframe_gui.workflow.describe import describe
    from skyframe_gui.workflow.jobs import Failure

    console = Console(as_json, quiet)
    with console.outcome(files=[]):
        chosen = config_from(config, settings, console.notes)
        reading = mask_reading_from(mask_reading)
        inputs = inputs_from(files, detectors)
        found, failed = [], list(inputs.failed)
        seen: list[Identity] = []
        for path in inputs:
            try:
                one = describe(
                    path, chosen, reading, inputs.detectors, seen, inputs.datasets_of(path)
                )
            except SkyFrameError as error:
                failed.append(Failure(str(path), str(error)))
                continue
            if one is None:
                continue
            found.append(one)
            for number, line in enumerate(found[-1].lines()):
                console.print_line(line if number == 0 else f"  {line}")
        if inputs.detectors is not None:
            failed.extend(inputs.detectors.missing(seen))
        finish(console, failed, {"files": [one.as_dict() for one in found]})


app.command(short_help="Try it all on a simulated night.")(demo)
app.command("install-desktop", short_help="Add the program to those of the desktop.")(
    install_desktop
)
