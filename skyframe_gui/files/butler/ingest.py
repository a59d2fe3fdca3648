"""Sky frames put into a Butler repository, as LSST's pipelines look for them there."""

from __future__ import annotations

import datetime
import getpass
import importlib.util
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from skyframe_gui.engine.progress import step
from skyframe_gui.files.butler.address import RepositoryError
from skyframe_gui.files.butler.repository import SKY, opened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skyframe_gui.engine.identity import Identity
    from skyframe_gui.engine.progress import Watch
    from skyframe_gui.files.butler.repository import Repository

FORMATTER = "lsst.obs.base.formatters.fitsExposure.FitsExposureFormatter"
"""What reads an exposure of afw in the pipelines; it stands in the repository by this name."""
STORAGE = "ExposureF"
DIMENSIONS = ("instrument", "physical_filter", "detector")
_SET = "set it at the exposures (in commands with --identity"
_PART = r"(?!\.+(/|$))[\w.+-]+"
_NAME = re.compile(rf"{_PART}(/{_PART})*")
"""Files are put into folders of this name: none of its parts may lead out of the repository."""


@dataclass(frozen=True, kw_only=True)
class Destination:
    """Where in a repository sky frames go.

    Attributes
    ----------
    repo, run : str
        Repository and RUN collection, which is made where it is missing.
    certify : str
        CALIBRATION collection in which they are valid, too; made where it is missing. "" for none.
    begin, end : str
        First and last moment (TAI, ISO 8601) of that; "" without a limit.
    """

    repo: str
    run: str
    certify: str = ""
    begin: str = ""
    end: str = ""

    def __post_init__(self) -> None:
        """Refuse names and times that can be none.

        Raises
        ------
        RepositoryError
        """
        for name in filter(None, (self.run, self.certify)):
            if not _NAME.fullmatch(name):
                raise RepositoryError(
                    f"A collection cannot be called {name!r}; give it a name such as u/me/sky."
                )
        if not self.run:
            raise RepositoryError(f"Name the RUN collection of {self.repo} that sky frames go to.")
        if (self.begin or self.end) and not self.certify:
            raise RepositoryError(
                "A time of validity needs a CALIBRATION collection to be certified into."
            )
        begin, end = (_moment(text) for text in (self.begin, self.end))
        if begin and end and not begin < end:
            raise RepositoryError(f"The validity ends ({self.end}) before it begins.")


def own_run(now: datetime.datetime | None = None) -> str:
    """Return the name of a new RUN collection of the person's: ``u/NAME/sky/20240229T210500Z``."""
    try:
        name = re.sub(r"[^\w.+-]", "_", getpass.getuser())
    except (OSError, KeyError, ImportError):
        name = "somebody"
    when = now or datetime.datetime.now(datetime.UTC)
    return f"u/{name}/sky/{when:%Y%m%dT%H%M%SZ}"


def check_destination(to: Destination) -> None:
    """Raise a `RepositoryError` where sky frames cannot be put there, whatever they are of."""
    with opened(to.repo, writeable=True) as repository:
        _check(repository, to)


def put_sky_frames(
    to: Destination,
    frames: Sequence[tuple[str, Identity]],
    watch: Watch | None = None,
) -> tuple[str, ...]:
    """Put files of sky frames into a repository, all of them or none; return where they are there.

    They are copied; the dataset type ``sky`` is registered where it is missing. Nothing that is in
    the repository is replaced.

    Parameters
    ----------
    to : Destination
    frames : sequence of (str, Identity)
        Their files, see `write_sky_frame`, and what they are of.
    watch : Watch, optional
        Asked before anything is written.

    Raises
    ------
    RepositoryError
        The repository is read-only or does not know instrument, detector or filter; or it has a
        sky frame there already.
    Cancelled
        The watch said so.
    """
    with opened(to.repo, writeable=True) as repository:
        known = _check(repository, to)
        butler = repository.butler
        data_ids = [_data_id(repository, identity) for _, identity in frames]
        step(watch, 0, len(frames), f"Put sky frames into {to.repo}")
        sky = _dataset_type(repository)
        if known.get(to.run):
            for data_id in data_ids:
                if butler.find_dataset(sky, data_id, collections=to.run) is not None:
                    raise RepositoryError(
                        f"{to.run} of {to.repo} has a sky frame of detector "
                        f"{data_id['detector']}, filter {data_id['physical_filter']} already; it "
                        "is not replaced. Give another RUN collection."
                    )
        made = _make_collections(repository, to, known)
        try:
            refs = _ingest(repository, to, sky, [path for path, _ in frames], data_ids)
        except BaseException:
            for name in made:  # what was made for nothing goes
                with suppress(Exception):  # unless somebody else puts something into it meanwhile
                    butler.collections.x_remove(name)
            raise
        return tuple(str(butler.getURI(ref).ospath or butler.getURI(ref)) for ref in refs)


def _check(repository: Repository, to: Destination) -> dict[str, str]:
    """Return the kinds of the collections that there are; raise where one is of another kind."""
    butler, known = repository.butler, {one.name: one.kind for one in repository.collections()}
    for name, kind in ((to.run, "RUN"), (to.certify, "CALIBRATION")):
        if name and known.get(name, kind) != kind:
            raise RepositoryError(
                f"{name} of {to.repo} is a {known[name]} collection, and a {kind} collection is "
                "needed; give another name."
            )
    if not butler.isWriteable():
        raise RepositoryError(f"The repository {to.repo} is read-only here.")
    _dataset_type(repository, register=False)
    return known


def _dataset_type(repository: Repository, register: bool = True) -> Any:
    """Return the dataset type of sky frames; one that is something else is refused."""
    from lsst.daf.butler import DatasetType

    butler = repository.butler
    wanted = DatasetType(SKY, DIMENSIONS, STORAGE, isCalibration=True, universe=butler.dimensions)
    for known in butler.registry.queryDatasetTypes(SKY):
        if known.dimensions != wanted.dimensions or not known.isCalibration():
            raise RepositoryError(
                f"{repository.repo}: the dataset type {SKY} is something else there than the sky "
                "frame of a detector; nothing was put into it."
            )
        return known
    if register:
        butler.registry.registerDatasetType(wanted)
    return wanted


def _data_id(repository: Repository, identity: Identity) -> dict[str, Any]:
    """Return by what the repository knows instrument, detector and filter."""
    butler, repo = repository.butler, repository.repo
    instruments = [one.name for one in butler.query_dimension_records("instrument", explain=False)]
    wanted = identity.instrument.casefold()
    instrument = next((one for one in instruments if one.casefold() == wanted), None)
    if instrument is None:
        raise RepositoryError(
            f"{repo} knows no instrument {identity.instrument or '(not told)'}, but "
            f"{', '.join(instruments) or 'none'}; {_SET} instrument=NAME)."
        )
    detectors = butler.query_dimension_records("detector", instrument=instrument, explain=False)
    detector = next(
        (one.id for one in detectors if identity.detector in (str(one.id), one.full_name)), None
    )
    if detector is None:
        raise RepositoryError(
            f"{repo} knows no detector {identity.detector or '(no name)'} of {instrument}."
        )
    records = butler.query_dimension_records(
        "physical_filter", instrument=instrument, explain=False
    )
    filters = sorted(one.name for one in records)
    if identity.filter not in filters:
        raise RepositoryError(
            f"{repo} knows no filter {identity.filter or '(not told)'} of {instrument}, but "
            f"{', '.join(filters) or 'none'}; {_SET} filter=NAME)."
        )
    return {"instrument": instrument, "detector": detector, "physical_filter": identity.filter}


def _make_collections(repository: Repository, to: Destination, known: dict[str, str]) -> list[str]:
    """Make the collections that are missing; return them."""
    from lsst.daf.butler import CollectionType  # type: ignore[attr-defined]  # as it documents

    made = []
    for name, kind in ((to.run, CollectionType.RUN), (to.certify, CollectionType.CALIBRATION)):
        if name and name not in known:
            repository.butler.collections.register(name, kind)
            made.append(name)
    return made


def _ingest(
    repository: Repository,
    to: Destination,
    sky: Any,
    paths: Sequence[str],
    data_ids: Sequence[dict[str, Any]],
) -> list[Any]:
    from lsst.daf.butler import DatasetRef, FileDataset, Timespan

    butler = repository.butler
    refs = [DatasetRef(sky, butler.registry.expandDataId(one), to.run) for one in data_ids]
    files = [
        FileDataset(path, [ref], formatter=_formatter())
        for path, ref in zip(paths, refs, strict=True)
    ]
    with butler.transaction():
        butler.ingest(*files, transfer="copy")
        if to.certify:
            span = Timespan(_astropy(to.begin), _astropy(to.end))
            butler.registry.certify(to.certify, refs, span)
    return refs


def _formatter() -> Any:
    """Return what stands for the pipelines' formatter where they are not installed.

    Butler takes no formatter by its name alone. It writes down the name that the class tells.
    """
    try:
        if importlib.util.find_spec("lsst.obs.base") is not None:
            return None  # the repository's own settings say which
    except ImportError:
        pass
    from lsst.daf.butler import FormatterV2

    class Named(FormatterV2):
        default_extension = ".fits"

        @classmethod
        def name(cls) -> str:
            return FORMATTER

    return Named


def _moment(text: str) -> datetime.datetime | None:
    try:
        found = datetime.datetime.fromisoformat(text) if text else None
    except ValueError as error:
        raise RepositoryError(
            f"A validity takes a day or time such as 2024-02-29, not {text!r}."
        ) from error
    return None if found is None else found.replace(tzinfo=None)


def _astropy(text: str) -> Any:
    from astropy.time import Time

    moment = _moment(text)
    return None if moment is None else Time(moment.isoformat(), scale="tai")
