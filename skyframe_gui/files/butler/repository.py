"""What is in a Butler repository, and where its files are.

Butler (lsst-daf-butler, the extra ``butler``) is imported when a repository is opened. It is asked
for names, data ids and places only: files are read by `skyframe_gui.files`, nothing is unpickled,
and no class is loaded that a repository names.
"""

from __future__ import annotations

import atexit
import datetime
import logging
import os
import re
import shutil
import tempfile
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.progress import Cancelled, step
from skyframe_gui.files.butler.address import EXAMPLE, Address, Dataset
from skyframe_gui.text import natural_order, on_one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from skyframe_gui.engine.identity import Identity
    from skyframe_gui.engine.progress import Watch

SKY = "sky"
"""What LSST's pipelines call sky frames."""
IMAGES = re.compile(r"Exposure|VisitImage|^Image|^DecoratedImage|^MaskedImage")
"""Storage classes that may be images of detectors."""
LONGEST_WORD = 300
_TOLD_AT_ONCE = 200


class RepositoryError(SkyFrameError):
    """A repository cannot be used, or has not what was asked for."""


@dataclass(frozen=True)
class Collection:
    """A collection: its name, what kind it is (RUN, CHAINED, ...), and what is in it."""

    name: str
    kind: str
    datasets: tuple[str, ...]


@dataclass(frozen=True)
class Stored:
    """A data set with its file: its path in this computer, or why there is none."""

    dataset: Dataset
    path: str = ""
    why: str = ""


@contextmanager
def opened(repo: str, *, writeable: bool = False) -> Iterator[Repository]:
    """Open a repository.

    Raises
    ------
    RepositoryError
        Butler is not installed, there is no repository, or whatever goes wrong while it is open.
    """
    with telling(repo):
        try:
            from lsst.daf.butler import Butler
        except ImportError as error:
            raise RepositoryError(
                "Butler repositories are read with lsst-daf-butler, which is not installed; "
                "install it: pip install skyframe_gui[butler]"
            ) from error
        log = logging.getLogger("lsst")
        if not log.handlers:
            log.addHandler(logging.NullHandler())  # what fails is said once, by whoever asked
        butler = Butler.from_config(os.path.expanduser(repo), writeable=writeable)
        try:
            yield Repository(repo, butler)
        finally:
            if hasattr(butler, "close"):  # since version 30
                butler.close()


@contextmanager
def telling(repo: str) -> Iterator[None]:
    """Make a sentence of whatever goes wrong with a repository."""
    try:
        yield
    except (SkyFrameError, Cancelled):
        raise
    except FileNotFoundError as error:
        # Butler's own words are about its index of labels, of which most people have none.
        if "no known aliases" in str(error) or "known aliases" in str(error):
            raise RepositoryError(
                f"{repo} is no Butler repository: it is neither a folder with a butler.yaml nor a "
                "label in the index of repositories (DAF_BUTLER_REPOSITORY_INDEX)."
            ) from error
        raise RepositoryError(f"{repo}: {_words(error)}") from error
    except Exception as error:  # whatever its server, its database and their drivers raise
        words = _words(error)
        if re.search(r"read-?only", words):
            raise RepositoryError(
                f"The repository {repo} is read-only here, and nothing was put into it; ask who "
                "keeps it, or give one of your own."
            ) from error
        raise RepositoryError(f"{repo}: Butler says: {words}") from error


def _words(error: Exception) -> str:
    # A KeyError shows its message in quotes; SQLAlchemy adds what was asked of the database.
    text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    text = " ".join(text.split(" [SQL:")[0].split("\n[SQL:")[0].split()).strip("\"' ")
    text = on_one_line(text)[:LONGEST_WORD] or type(error).__name__
    return text if text.endswith((".", "!", "?")) else f"{text}."


class Repository:
    """An open repository; see `opened`."""

    def __init__(self, repo: str, butler: Any) -> None:
        self.repo = repo
        self.butler = butler
        self._refs: dict[str, Any] = {}

    def collections(self) -> tuple[Collection, ...]:
        """Return all collections: chains first, then tags, calibrations and runs, by name."""
        found = [
            Collection(one.name, one.type.name, tuple(sorted(one.dataset_types or ())))
            for one in self.butler.collections.query_info(
                "*", include_summary=True, include_chains=True
            )
        ]
        order = ("CHAINED", "TAGGED", "CALIBRATION", "RUN")
        return tuple(
            sorted(found, key=lambda one: (order.index(one.kind), natural_order(one.name)))
        )

    def image_types(self) -> tuple[str, ...]:
        """Return the dataset types that may be images of detectors, by name."""
        found = self.butler.registry.queryDatasetTypes("*")
        return tuple(
            sorted(
                one.name
                for one in found
                if IMAGES.search(one.storageClass_name)
                and "detector" in one.dimensions
                and not one.isComponent()
            )
        )

    def find(
        self,
        address: Address,
        wanted: Sequence[Identity] | None = None,
        watch: Watch | None = None,
    ) -> tuple[Dataset, ...]:
        """Return the data sets of an address, each data id once.

        Parameters
        ----------
        address : Address
        wanted : sequence of Identity, optional
            Only calibrations that belong to one of these exposures, see `calibrations`.
        watch : Watch, optional

        Raises
        ------
        RepositoryError
            There is none; it is said why, as far as Butler knows.
        Cancelled
            The watch said so.
        """
        step(watch, 0, 0, f"Ask {self.repo}")
        if not address.collections:
            raise RepositoryError(
                f"{address} names no collection, as in {EXAMPLE}; "
                + _offer("the repository has", [one.name for one in self.collections()])
            )
        if not address.dataset:
            raise RepositoryError(
                f"{address} names no dataset, as in {EXAMPLE}; "
                + _offer("the repository has", self.image_types())
            )
        dataset_type = self.butler.get_dataset_type(address.dataset)
        if wanted is not None or address.at or dataset_type.isCalibration():
            return self.calibrations(address, wanted)
        refs = self._query(address, find_first=True)
        step(watch, 0, 0, f"Ask {self.repo}")
        return self._datasets(refs)

    def calibrations(
        self, address: Address, wanted: Sequence[Identity] | None = None
    ) -> tuple[Dataset, ...]:
        """Return the calibrations of an address that are valid when exposures were taken.

        A calibration is of an instrument and, where its dimensions say so, of a detector and a
        physical filter. Of several collections the first that has one counts; in a RUN collection
        all are valid at any time.

        Parameters
        ----------
        address : Address
            Its ``at`` is the time where an exposure has none.
        wanted : sequence of Identity, optional
            The exposures; without them, all calibrations (that are valid ``at`` that time).

        Raises
        ------
        RepositoryError
            There is none, or it cannot be told which of several is valid.
        """
        order = list(self.butler.collections.query(address.collections, flatten_chains=True))
        only = None
        if address.where or address.data_id:
            only = {ref.id for ref in self._query(address, find_first=False)}
        found = sorted(
            (
                one
                for one in self.butler.registry.queryDatasetAssociations(
                    address.dataset, collections=order
                )
                if only is None or one.ref.id in only
            ),
            key=lambda one: (order.index(one.collection), str(one.ref.dataId)),
        )
        by_id: dict[tuple[object, ...], list[Any]] = defaultdict(list)
        for one in found:
            values = one.ref.dataId
            by_id[tuple(values.get(name) for name in _OF_CALIBRATIONS)].append(one)
        if wanted is None:
            at = _time(address.at)
            chosen = [
                one.ref
                for several in by_id.values()
                for one in ([_valid(several, at)] if at else several)
                if one is not None
            ]
        else:
            chosen = self._belonging(address, by_id, wanted)
        if not chosen:
            when = f" that is valid at {address.at}" if address.at else ""
            raise RepositoryError(
                f"{self.repo}: there is no {address.dataset}{when} in "
                f"{', '.join(address.collections)}."
            )
        return self._datasets(list(dict.fromkeys(chosen)))

    def with_dates(self, datasets: Iterable[Dataset]) -> list[Dataset]:
        """Return data sets of exposures with the time at which these began, where it is known."""
        datasets = list(datasets)
        dates: dict[tuple[str, str, object], str] = {}
        for kind in ("visit", "exposure"):
            asked: dict[str, set[int]] = defaultdict(set)
            for one in datasets:
                values = dict(one.data_id)
                if kind in values:
                    asked[str(values["instrument"])].add(int(values[kind]))
            for instrument, numbers in asked.items():
                ordered = sorted(numbers)
                for first in range(0, len(ordered), _TOLD_AT_ONCE):
                    some = ", ".join(map(str, ordered[first : first + _TOLD_AT_ONCE]))
                    for record in self.butler.query_dimension_records(
                        kind, instrument=instrument, where=f"{kind} IN ({some})", explain=False
                    ):
                        begin = None if record.timespan is None else record.timespan.begin
                        if begin is not None:
                            dates[instrument, kind, record.id] = str(begin.utc.isot)
        found = []
        for one in datasets:
            values = dict(one.data_id)
            kind = "visit" if "visit" in values else "exposure"
            key = (str(values.get("instrument")), kind, values.get(kind))
            found.append(replace(one, date=dates.get(key, one.date)))
        return found

    def stored(self, datasets: Sequence[Dataset], watch: Watch | None = None) -> list[Stored]:
        """Return the files of data sets; what is on another computer is fetched.

        Fetched files are kept until the program ends.

        Raises
        ------
        Cancelled
            The watch said so.
        """
        found = []
        for number, one in enumerate(datasets):
            step(watch, number, len(datasets), f"Find {one.label}")
            try:
                found.append(Stored(one, self._path(one)))
            except (SkyFrameError, Cancelled):
                raise
            except RuntimeError:
                why = (
                    f"{one.label} is stored in parts ({self.repo}), which cannot be read; give a "
                    "dataset that is stored whole."
                )
                found.append(Stored(one, why=why))
            except Exception as error:  # as in `telling`
                found.append(Stored(one, why=f"{one.label} cannot be fetched: {_words(error)}"))
        return found

    def _path(self, dataset: Dataset) -> str:
        ref = self._refs.get(dataset.id) or self.butler.find_dataset(
            dataset.dataset, dict(dataset.data_id), collections=dataset.run
        )
        if ref is None:
            raise LookupError(f"the collection {dataset.run} has none")
        uri = self.butler.getURI(ref)
        if uri.fragment:
            raise LookupError("it is in a zip file; take it out with butler retrieve-artifacts")
        if uri.isLocal:
            return str(uri.ospath)
        from lsst.resources import ResourcePath

        fetched = os.path.join(_fetched(), str(ref.id), uri.basename())
        if not os.path.exists(fetched):
            ResourcePath(fetched).transfer_from(uri, transfer="copy")
        return fetched

    def _query(self, address: Address, find_first: bool) -> list[Any]:
        """Return what Butler finds; without an instrument it is that of the collections."""
        where = " AND ".join(
            filter(None, [f"({address.where})" if address.where else "", self._of_data_id(address)])
        )
        butler = self.butler.clone(collections=address.collections)
        try:
            found = butler.query_datasets(
                address.dataset, where=where, find_first=find_first, limit=None
            )
        except Exception as error:
            if type(error).__name__ != "EmptyQueryResultError":
                raise
            reasons = on_one_line(" ".join(" ".join(getattr(error, "reasons", ())).split()))
            raise RepositoryError(
                f"{self.repo}: there is no {address.dataset} in {', '.join(address.collections)}"
                + (f" where {where}." if where else ".")
                + (f" {reasons[:LONGEST_WORD]}" if reasons else "")
            ) from error
        return list(found)

    def _of_data_id(self, address: Address) -> str:
        """Return the values of a data id as an expression."""
        known = self.butler.dimensions.dimensions
        parts = []
        for name, text in address.data_id:
            if name not in known.names:
                raise RepositoryError(f"{address}: Butler knows no dimension {name}.")
            values = [one.strip() for one in text.split(",")]
            if known[name].primaryKey.getPythonType() is int:
                wrong = [one for one in values if not re.fullmatch(r"\d+(\.\.\d+)?", one)]
                if wrong:
                    raise RepositoryError(
                        f"{address}: {name} takes numbers as in 7, 7,9 or 5..9, not {wrong[0]!r}."
                    )
                parts.append(f"{name} IN ({', '.join(values)})")
            else:
                parts.append(f"{name} IN ({', '.join(map(_quoted, values))})")
        return " AND ".join(parts)

    def _datasets(self, refs: Iterable[Any]) -> tuple[Dataset, ...]:
        found = []
        for ref in refs:
            values = tuple((str(name), value) for name, value in ref.dataId.mapping.items())
            one = Dataset(self.repo, ref.datasetType.name, ref.run, tuple(values), id=str(ref.id))
            self._refs[one.id] = ref
            found.append(one)
        return tuple(sorted(found, key=_order))

    def _belonging(
        self,
        address: Address,
        by_id: Mapping[tuple[object, ...], Sequence[Any]],
        wanted: Sequence[Identity],
    ) -> list[Any]:
        names = self._detector_names({str(key[0]) for key in by_id})
        chosen, missing = [], []
        for identity in dict.fromkeys(wanted):
            fitting = [several for key, several in by_id.items() if _fits(key, identity, names)]
            at = _time(identity.date, "utc") or _time(address.at)
            ref = None
            for several in fitting:
                if at is None and len({one.ref.id for one in several}) > 1:
                    raise RepositoryError(
                        f"{self.repo} has {address.dataset} of several times for detector "
                        f"{identity.detector}; say when, as in at=2024-02-29."
                    )
                valid = several[0] if at is None else _valid(several, at)
                ref = ref or (None if valid is None else valid.ref)
            if ref is None:
                missing.append(identity)
            else:
                chosen.append(ref)
        if missing and not chosen:
            one = missing[0]
            raise RepositoryError(
                f"{self.repo}: no {address.dataset} in {', '.join(address.collections)} belongs to "
                f"detector {one.detector or '(no name)'}, filter {one.filter or '(not told)'} of "
                f"{one.instrument or '(not told)'}" + (f" at {one.date}." if one.date else ".")
            )
        return chosen

    def _detector_names(self, instruments: Iterable[str]) -> dict[tuple[str, str], str]:
        """Return the names of the detectors by instrument and number."""
        return {
            (record.instrument, str(record.id)): record.full_name
            for instrument in instruments
            for record in self.butler.query_dimension_records(
                "detector", instrument=instrument, explain=False
            )
        }


_OF_CALIBRATIONS = ("instrument", "detector", "physical_filter", "band")


def _quoted(text: str) -> str:
    """Return a text as a query takes it."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def _fits(
    key: tuple[object, ...], identity: Identity, names: Mapping[tuple[str, str], str]
) -> bool:
    """Tell whether a calibration is of an exposure; what is not told does not part them."""
    instrument, detector, *filters = (None if one is None else str(one) for one in key)
    return (
        (not identity.instrument or str(instrument).casefold() == identity.instrument.casefold())
        and (
            detector is None
            or identity.detector in (detector, names.get((str(instrument), detector)))
        )
        and (filters[0] is None or not identity.filter or identity.filter in filters)
    )


def _valid(several: Sequence[Any], at: Any) -> Any:
    """Return the first of associations that is valid at a time; None without one."""
    return next((one for one in several if one.timespan is None or one.timespan.contains(at)), None)


def _time(text: str, scale: str = "tai") -> Any:
    """Return a time; None for what is none."""
    try:
        when = datetime.datetime.fromisoformat(text)
    except ValueError:
        return None
    from astropy.time import Time

    return Time(when.replace(tzinfo=None).isoformat(), scale=scale).tai


def _order(one: Dataset) -> tuple[object, ...]:
    values = dict(one.data_id)
    visit = values.get("visit", values.get("exposure", 0))
    return str(values.get("instrument", "")), visit, values.get("detector", 0), str(one.data_id)


def _offer(words: str, names: Sequence[str]) -> str:
    if not names:
        return f"{words} none."
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return f"{words} {', '.join(names[:12])}{more}."


_FOLDER: list[str] = []


def _fetched() -> str:
    """Return the folder of this run of the program that fetched files are in."""
    if not _FOLDER:
        _FOLDER.append(tempfile.mkdtemp(prefix="skyframe-gui-butler-"))
        atexit.register(shutil.rmtree, _FOLDER[0], True)
    return _FOLDER[0]
