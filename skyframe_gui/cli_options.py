"""The options that the commands share, and what their values mean."""

from __future__ import annotations

import datetime
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.identity import is_orientation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Executor

    from skyframe_gui.engine import SkyMeasurementConfig
    from skyframe_gui.engine.identity import Identity
    from skyframe_gui.files import MaskReading
    from skyframe_gui.files.butler.ingest import Destination
    from skyframe_gui.workflow.cache import Cache
    from skyframe_gui.workflow.inputs import Inputs
    from skyframe_gui.workflow.options import MaskObjects
    from skyframe_gui.workflow.outputs import LoadedSkyFrame


class WrongUsage(SkyFrameError):
    """An option cannot be what was given."""


_WORDS = (
    "folders, patterns in quotes, @LIST (a text file with a path a line, relative to its folder), "
    "or 'butler:REPO?collections=A,B&dataset=calexp&visit=1228&where=...'"
)
SKY_WORDS = (
    "Sky frame of a detector, or a folder (pattern, @LIST) with those of many; may be repeated. A "
    "nameless one serves all. Of 'butler:REPO?collections=HSC/calib' those that are valid for the "
    "exposures."
)
Exposures = Annotated[
    list[Path],
    typer.Argument(metavar="EXPOSURE...", help=f"Exposures: FITS files, {_WORDS}."),
]
AnyFiles = Annotated[
    list[Path], typer.Argument(metavar="FILE...", help=f"Any FITS files, {_WORDS}.")
]
SkyFrames = Annotated[
    list[Path],
    typer.Option(
        "--sky",
        metavar="SKYFRAME",
        help=SKY_WORDS,
    ),
]
Detectors = Annotated[
    str | None,
    typer.Option(
        "--detectors",
        metavar="1,5-9",
        help="Read these detectors only, by number or name (N4, R22_S11), as the files or the "
        "table of their camera have it.",
    ),
]
Folder = Annotated[
    Path,
    typer.Option("-o", "--output", metavar="FOLDER", help="Folder to write to; made if needed."),
]
ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config", metavar="FILE", help="LSST override file (parsed, never run) or YAML."
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="FIELD=VALUE",
        help="A config field, as in skyRej=4 or background.xBinSize=128.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Say nothing but what failed.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace existing files.")]
Objects = Annotated[
    str,
    typer.Option(
        "--mask-objects",
        metavar="auto|never|always",
        help="Find and mask objects; auto: where a file brings no DETECTED plane.",
    ),
]
Masks = Annotated[
    str,
    typer.Option(
        "--mask-reading",
        metavar="HOW",
        help="How masks that are not LSST's are read: auto, bits:BAD=0,SAT=1, "
        "codes:BAD=1,SAT=3, or flags:good=32768 (any other value is BAD).",
    ),
]

CacheFolder = Annotated[
    Path | None,
    typer.Option(
        "--cache",
        metavar="FOLDER",
        help="Keep what is measured of each exposure there, and take what is there: a run that was "
        "stopped and is started again reads nothing twice. Files are told by path, size and time.",
    ),
]
Checksums = Annotated[
    bool,
    typer.Option("--checksums", help="--cache tells files by their SHA-256, too; reads them all."),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        metavar="ADDRESS",
        help="Have the workers of a Dask scheduler do it, such as tcp://10.0.0.1:8786; they must "
        "see the same files under the same paths. Needs skyframe_gui[cluster].",
    ),
]
Repository = Annotated[
    str | None,
    typer.Option(
        "--butler",
        metavar="REPO",
        help="Put the sky frames into this Butler repository, too, as datasets sky: all or none. "
        "Needs skyframe_gui[butler].",
    ),
]
Run = Annotated[
    str | None,
    typer.Option(
        "--run", metavar="COLLECTION", help="RUN collection for --butler; u/YOU/sky/TIME, new."
    ),
]
Certify = Annotated[
    str | None,
    typer.Option(
        "--certify",
        metavar="COLLECTION",
        help="CALIBRATION collection in which the sky frames of --butler are valid.",
    ),
]
BeginDate = Annotated[
    str | None,
    typer.Option("--begin-date", metavar="TIME", help="They are valid from then on (TAI)."),
]
EndDate = Annotated[
    str | None, typer.Option("--end-date", metavar="TIME", help="They are valid until then (TAI).")
]
CameraName = Annotated[
    str | None,
    typer.Option(
        "--camera",
        metavar="CAMERA",
        help="HSC, DECam, LSSTCam ..., or a table FILE.json or FILE.csv, where the headers do not "
        "tell.",
    ),
]
Known = Annotated[
    list[str] | None,
    typer.Option(
        "--identity",
        metavar="NAME=VALUE",
        help="What all exposures are of, whatever their headers tell, as in filter=r; again for "
        "instrument, detector, night (2024-02-29), visit and orientation (+x+y as the detector, "
        "-x+y mirrored along x).",
    ),
]
KNOWN = ("instrument", "detector", "filter", "night", "visit", "orientation")


def identity_from(texts: list[str] | None) -> dict[str, str]:
    """Return what the options ``--identity`` say, by the names of `Identity`."""
    known: dict[str, str] = {}
    for text in texts or []:
        name, _, value = (part.strip() for part in text.partition("="))
        if name not in KNOWN or not value:
            names = ", ".join(KNOWN)
            raise WrongUsage(f"--identity takes name=value, the name one of {names}; not {text!r}.")
        if name == "night":
            try:
                datetime.date.fromisoformat(value)
            except ValueError as error:
                raise WrongUsage(
                    f"--identity night takes a day such as 2024-02-29, not {value!r}."
                ) from error
        if name == "orientation" and not is_orientation(value):
            raise WrongUsage(
                f"--identity orientation takes the detector's axes along the image's x and y, such "
                f"as +x+y, -x+y or +y-x, not {value!r}."
            )
        known[name] = value
    return known


def inputs_from(
    words: Iterable[Path],
    detectors: str | None = None,
    camera: str | None = None,
    elsewhere: bool = False,
    *,
    calibrations_of: Sequence[Identity] | None = None,
) -> Inputs:
    """Return the files that the words of the command line name, and which detectors of them.

    ``camera`` is whose table says how detectors are called, where ``--camera`` gives one. What is
    read ``elsewhere``, by workers that have other working folders, has its whole path. Of Butler
    repositories sky frames are meant where ``calibrations_of`` says of which exposures.

    Raises
    ------
    WrongUsage
        ``--detectors`` is neither numbers nor names.
    SkyFrameError
        No file was found.
    """
    from skyframe_gui.files import read_camera
    from skyframe_gui.workflow.detectors import DetectorChoice
    from skyframe_gui.workflow.inputs import find_inputs

    table = None if detectors is None or camera is None else read_camera(camera)
    try:
        choice = None if detectors is None else DetectorChoice.parse(detectors, table)
    except SkyFrameError as error:
        raise WrongUsage(str(error)) from error
    usual = "" if calibrations_of is None else "sky"
    found = find_inputs(words, choice, calibrations_of=calibrations_of, usual=usual)
    return found.absolute() if elsewhere else found


def cache_from(folder: Path | None, checksums: bool) -> Cache | None:
    """Return the cache that ``--cache`` names.

    Raises
    ------
    WrongUsage
        The folder cannot be one, or there is none that ``--checksums`` would be for.
    """
    from skyframe_gui.workflow.cache import Cache

    if folder is None:
        if checksums:
            raise WrongUsage("--checksums goes with --cache FOLDER.")
        return None
    try:
        return Cache.at(folder, checksums)
    except SkyFrameError as error:
        raise WrongUsage(str(error)) from error


def destination_from(
    repo: str | None,
    run: str | None,
    certify: str | None,
    begin: str | None,
    end: str | None,
) -> Destination | None:
    """Return where ``--butler`` puts sky frames; None without it. The repository is looked at.

    Raises
    ------
    WrongUsage
        An option cannot be what was given.
    SkyFrameError
        Nothing can be put there.
    """
    if repo is None:
        given = {"--run": run, "--certify": certify, "--begin-date": begin, "--end-date": end}
        for name, value in given.items():
            if value is not None:
                raise WrongUsage(f"{name} goes with --butler REPO.")
        return None
    from skyframe_gui.files.butler.ingest import Destination, check_destination, own_run

    try:
        to = Destination(
            repo=repo,
            run=run or own_run(),
            certify=certify or "",
            begin=begin or "",
            end=end or "",
        )
    except SkyFrameError as error:
        raise WrongUsage(str(error)) from error
    check_destination(to)
    return to


def sky_frames_from(
    words: list[Path],
    common: Common,
    show_notes: Callable[[Iterable[str]], None],
    detectors: str | None = None,
    camera: str | None = None,
) -> tuple[LoadedSkyFrame, ...]:
    """Return the sky frames that ``--sky`` names; of repositories those that the exposures need.

    Raises
    ------
    WrongUsage, SkyFrameError
        As `inputs_from` and `load_sky_frames`.
    """
    from skyframe_gui.workflow.outputs import load_sky_frames
    from skyframe_gui.workflow.repositories import wanting

    notes: list[str] = []
    of = wanting(words, common.inputs, common.identity)
    found = load_sky_frames(inputs_from(words, detectors, camera, calibrations_of=of), notes)
    show_notes(notes)
    return found


class Common(NamedTuple):
    """What the options mean that commands over exposures have in common."""

    inputs: Inputs
    mask_objects: MaskObjects
    mask_reading: MaskReading
    identity: dict[str, str]
    cache: Cache | None


def common_from(
    exposures: Iterable[Path],
    detectors: str | None,
    camera: str | None = None,
    *,
    mask_reading: str,
    identity: list[str] | None,
    cache: Path | None,
    checksums: bool,
    scheduler: str | None,
    mask_objects: str = "auto",
) -> Common:
    """Return what the options mean; the files are looked for last.

    Raises
    ------
    WrongUsage
        An option cannot be what was given.
    SkyFrameError
        No file was found.
    """
    from skyframe_gui.workflow.options import MaskObjects

    objects = choice_from(MaskObjects, mask_objects, "--mask-objects")
    reading = mask_reading_from(mask_reading)
    known = identity_from(identity)
    kept = cache_from(cache, checksums)
    inputs = inputs_from(exposures, detectors, camera, elsewhere=scheduler is not None)
    return Common(inputs, objects, reading, known, kept)


@contextmanager
def executor_from(scheduler: str | None) -> Iterator[Executor | None]:
    """Give the workers that ``--scheduler`` names; None without it.

    Raises
    ------
    SkyFrameError
        They cannot be used.
    """
    if scheduler is None:
        yield None
        return
    from skyframe_gui.workflow.cluster import workers_of

    with workers_of(scheduler) as executor:
        yield executor


def config_from(
    path: Path | None, settings: list[str] | None, show_notes: Callable[[Iterable[str]], None]
) -> SkyMeasurementConfig:
    """Return the config that ``--config`` and ``--set`` make; else it is wrong usage.

    ``show_notes`` gets a sentence on each line that is about another part of a task.
    """
    from skyframe_gui.engine.config import SkyMeasurementConfig
    from skyframe_gui.files import apply_settings
    from skyframe_gui.files.config.read import read_task

    try:
        config, notes = (SkyMeasurementConfig(), ()) if path is None else read_task(path)
        show_notes(notes)
        return apply_settings(config, settings or [])
    except SkyFrameError as error:
        raise WrongUsage(str(error)) from error


def mask_reading_from(text: str) -> MaskReading:
    """Return what ``--mask-reading`` says."""
    from skyframe_gui.files import MaskReading

    try:
        return MaskReading.parse(text)
    except SkyFrameError as error:
        raise WrongUsage(str(error)) from error


def choice_from(choices: Any, value: str, option: str) -> Any:
    """Return the member of an enumeration that an option names."""
    try:
        return choices(value)
    except ValueError as error:
        names = ", ".join(choices)
        raise WrongUsage(f"{option} takes {names}; {value!r} is none of these.") from error
