"""What is in a Butler repository, and where its files are.

Butler (lsst-daf-butler, the extra ``butler``) is imported when a repository is opened. It is asked
for names, data ids and places only: files are read by `skyframe_gui.files`, no formatter of a data
set is loaded and nothing is unpickled. Butler itself loads what the ``butler.yaml`` of a repository
names as its datastore and registry, so none is opened that a person has not named.
"""

from __future__ import annotations

import atexit
import logging
import os
import re
import shutil
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.progress import Cancelled, step
from skyframe_gui.files.butler.address import EXAMPLE, Address, Dataset, RepositoryError
from skyframe_gui.files.butler.calibrations import calibrations
from skyframe_gui.text import natural_order, on_one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from skyframe_gui.engine.identity import Identity
    from skyframe_gui.engine.progress import Watch

SKY = "sky"
"""What LSST's pipelines call sky frames."""
IMAGES = re.compile(r"Exposure|VisitImage|^Image|^DecoratedImage|^MaskedImage")
"""Storage classes that may be images of detectors."""
LONGEST_WORD = 300
AT_ONCE = 500
"""Data sets whose places one question asks for."""


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
    quoted = isinstance(error, KeyError) and error.args
    text = str(error.args[0]).strip("\"'") if quoted else str(error)
    text = " ".join(text.split("[SQL:")[0].split())
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
            return calibrations(self, address, wanted)
        refs = self.query(address, find_first=True)
        step(watch, 0, 0, f"Ask {self.repo}")
        return self.datasets(refs)

    def stored(self, datasets: Sequence[Dataset], watch: Watch | None = None) -> list[Stored]:
        """Return the files of data sets that `find` has returned.

        What is on another computer is fetched, and kept until the program ends.

        Raises
        ------
        Cancelled
            The watch said so.
        """
        found: list[Stored] = []
        for first in range(0, len(datasets), AT_ONCE):
            some = datasets[first : first + AT_ONCE]
            step(watch, first, len(datasets), f"Find {some[0].label}")
            refs = [self._refs[one.id] for one in some]
            places = self._places(refs)
            for one, ref in zip(some, refs, strict=True):
                step(watch, len(found), len(datasets), f"Find {one.label}")
                try:
                    found.append(Stored(one, self._path(one, places.get(ref))))
                except SkyFrameError as error:
                    found.append(Stored(one, why=str(error)))
                except Exception as error:  # as in `telling`
                    found.append(Stored(one, why=f"{one.label} cannot be fetched: {_words(error)}"))
        return found

    def _places(self, refs: Sequence[Any]) -> dict[Any, Any]:
        """Return Butler's URIs of references; those that are gone are left out."""
        try:
            return dict(self.butler.get_many_uris(refs, allow_missing=True))
        except (AttributeError, NotImplementedError):  # a server's Butler is asked one by one
            found = {}
            for ref in refs:
                with suppress(FileNotFoundError):
                    found[ref] = self.butler.getURIs(ref)
            return found

    def _path(self, dataset: Dataset, places: Any) -> str:
        """Return the file of a data set, fetched where need be; ``places`` are Butler's URIs."""
        if places is None:
            raise RepositoryError(f"{self.repo} has no file of {dataset.label}; it was removed.")
        uri, parts = places.primaryURI, places.componentURIs
        if uri is None or parts:
            raise RepositoryError(
                f"{dataset.label} is stored in parts ({self.repo}), which cannot be read; give a "
                "dataset that is stored whole."
            )
        if uri.fragment:
            raise RepositoryError(
                f"{dataset.label} is in a zip file, which cannot be read ({self.repo}); take it "
                "out with butler retrieve-artifacts."
            )
        if uri.isLocal:
            return str(uri.ospath)
        from lsst.resources import ResourcePath

        fetched = os.path.join(_fetched(), dataset.id, uri.basename())
        if not os.path.exists(fetched):
            ResourcePath(fetched).transfer_from(uri, transfer="copy")
        return fetched

    def query(self, address: Address, find_first: bool) -> list[Any]:
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

    def datasets(self, refs: Iterable[Any]) -> tuple[Dataset, ...]:
        """Return Butler's references as plain data, in order of instrument, visit and detector."""
        found = []
        for ref in refs:
            values = tuple((str(name), value) for name, value in ref.dataId.mapping.items())
            one = Dataset(self.repo, ref.datasetType.name, ref.run, tuple(values), id=str(ref.id))
            self._refs[one.id] = ref
            found.append(one)
        return tuple(sorted(found, key=_order))


def _quoted(text: str) -> str:
    """Return a text as a query takes it."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def _order(one: Dataset) -> tuple[object, ...]:
    values = dict(one.data_id)
    visit = values.get("visit", values.get("exposure", 0))
    return str(values.get("instrument", "")), visit, values.get("detector", 0), str(one.data_id)


def _offer(words: str, names: Sequence[str]) -> str:
    if not names:
        return f"{words} none."
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return f"{words} {', '.join(names[:12])}{more}."


def look_up(
    word: str,
    calibrations_of: Sequence[Identity] | None = None,
    usual: str = "",
    watch: Watch | None = None,
) -> list[Stored]:
    """Return the data sets of a word with their files.

    Parameters
    ----------
    word : str
        See `Address.parse`.
    calibrations_of : sequence of Identity, optional
        Only what belongs to these exposures, see `calibrations`.
    usual : str
        The dataset type where the word names none.
    watch : Watch, optional

    Raises
    ------
    RepositoryError
        There is none, or the exposures belong to several of one detector and filter.
    SkyFrameError
        The word cannot be understood.
    Cancelled
        The watch said so.
    """
    address = Address.parse(word)
    address = replace(address, dataset=address.dataset or usual)
    with opened(address.repo) as repository:
        found = repository.find(address, calibrations_of, watch)
        if calibrations_of is not None:
            kinds: set[object] = set()
            for one in found:
                if one.identity.frame in kinds:
                    raise RepositoryError(
                        f"{word}: the exposures are of times for which {one.label} is not the same "
                        "one; give those of each time by themselves."
                    )
                kinds.add(one.identity.frame)
        return repository.stored(found, watch)


_FOLDER: list[str] = []


def _fetched() -> str:
    """Return the folder of this run of the program that fetched files are in."""
    if not _FOLDER:
        _FOLDER.append(tempfile.mkdtemp(prefix="skyframe-gui-butler-"))
        atexit.register(shutil.rmtree, _FOLDER[0], True)
    return _FOLDER[0]
