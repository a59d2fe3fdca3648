"""The command that tells of all visits of a night."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from skyframe_gui.cli_options import (
    SKY_WORDS,
    AsJson,
    CacheFolder,
    Checksums,
    ConfigFile,
    Detectors,
    Exposures,
    Known,
    Masks,
    Objects,
    Overwrite,
    Quiet,
    Scheduler,
    Settings,
    WrongUsage,
    common_from,
    config_from,
    executor_from,
    sky_frames_from,
)
from skyframe_gui.console import Console, finish
from skyframe_gui.numbers import (
    decimals_with_error,
    digits,
    fixed,
    percent_to,
    plain_minus,
    plural,
    value_and_error,
)

if TYPE_CHECKING:
    from skyframe_gui.workflow.night_row import NightRow

SkyFrames = Annotated[
    list[Path] | None,
    typer.Option(
        "--sky",
        metavar="SKYFRAME",
        help=f"{SKY_WORDS} Without any the table has levels only.",
    ),
]
NONE = "-"
"""In a cell that has no number."""


def night(
    exposures: Exposures,
    sky: SkyFrames = None,
    config: ConfigFile = None,
    settings: Settings = None,
    mask_objects: Objects = "auto",
    mask_reading: Masks = "auto",
    detectors: Detectors = None,
    identity: Known = None,
    cache: CacheFolder = None,
    checksums: Checksums = False,
    scheduler: Scheduler = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Write the table as ECSV."),
    ] = None,
    ecsv: Annotated[
        bool, typer.Option("--ecsv", help="The table as ECSV, on standard output without -o.")
    ] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    overwrite: Overwrite = False,
) -> None:
    """Tell of all visits of a night in a table: level, scale, rejections, warnings of each.

    Nothing is subtracted and no exposure is written. The scale and what belongs to it are those
    that the command subtract finds; scale / level is 1 where the sky is that of the sky frame.
    """
    from skyframe_gui.workflow.night import measure_night
    from skyframe_gui.workflow.night_table import as_ecsv, write_ecsv

    to_screen = ecsv and output is None
    console = Console(as_json, quiet)
    with console.outcome(visits=[], outputs=[]):
        if to_screen and as_json:
            raise WrongUsage("--json and --ecsv both go to standard output; give -o FILE, too.")
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
        sky_frames = sky_frames_from(sky, common, console.notes, detectors) if sky else ()
        with executor_from(scheduler) as executor, console.progress() as watch:
            found = measure_night(
                common.inputs,
                sky_frames,
                chosen,
                mask_objects=common.mask_objects,
                mask_reading=common.mask_reading,
                executor=executor,
                watch=watch,
                identity=common.identity,
                cache=common.cache,
            )
        outputs = []
        if output is not None:
            outputs.append(str(write_ecsv(output, found.rows, chosen, overwrite, common.inputs)))
        if to_screen:
            typer.echo(as_ecsv(found.rows, chosen), nl=False)
        else:
            console.table(*_table(found.rows))
        console.notes(found.notes)
        for path in outputs:
            console.print_line(path)
        visits = [row.as_dict() for row in found.rows]
        finish(console, found.failed, {"visits": visits, "outputs": outputs})


def _table(rows: tuple[NightRow, ...]) -> tuple[list[str], list[list[object]]]:
    """Return the columns that have anything in them, and the rows."""
    header = [
        "visit", "start UT", "exposure", "airmass", "moon alt", "phase", "dist", "filter", "level",
        "scale", "+-", "scale/level", "sigma", "used", "rejected", "share", "intercept", "state",
    ]  # fmt: skip
    cells = [_cells(row) for row in rows]
    shown = [
        place
        for place, name in enumerate(header)
        if name in ("visit", "state") or any(row[place] != NONE for row in cells)
    ]
    return [header[place] for place in shown], [[row[place] for place in shown] for row in cells]


def _cells(row: NightRow) -> list[object]:
    about, fitted = row.conditions, math.isfinite(row.scale)
    scale, error = value_and_error(row.scale, row.error)
    day, _, clock = row.start.partition("T")
    offset = decimals_with_error(row.intercept, row.intercept_error)
    failed = f"; {plural(row.n_failed, 'exposure')} failed" if row.n_failed else ""
    return [
        row.visit,
        f"{day} {clock[:8]}".strip() or NONE,
        _or_none(row.exposure_time, f"{row.exposure_time:g} s"),
        _or_none(about.airmass, f"{about.airmass or 0:.2f}"),
        _or_none(about.moon_altitude, f"{about.moon_altitude or 0:.0f}"),
        _or_none(about.moon_phase, f"{100 * (about.moon_phase or 0):.0f} %"),
        _or_none(about.moon_separation, f"{about.moon_separation or 0:.0f}"),
        row.filter or "(not told)",
        _or_none(row.level, digits(row.level, 6)),
        plain_minus(scale) if fitted else NONE,
        plain_minus(error) if fitted else NONE,
        _or_none(row.ratio, fixed(row.ratio, 4)),
        _or_none(row.sigma, digits(row.sigma, 4)),
        row.n_used if row.n_counted else NONE,
        row.n_rejected if row.n_counted else NONE,
        _or_none(row.share, percent_to(row.share, 1)),
        _or_none(row.intercept, fixed(row.intercept, offset, sign=True)),
        f"{row.state.rstrip('.')}{failed}",
    ]


def _or_none(value: float | None, text: str) -> str:
    return NONE if value is None or not math.isfinite(value) else plain_minus(text)
