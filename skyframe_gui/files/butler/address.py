"""Data sets of a Butler repository as one word, and as what a file is remembered by."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.identity import Identity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from skyframe_gui.engine.sky_frame import SkyFrame
    from skyframe_gui.files.fits.source import ExposureSource

SCHEME = "butler:"
"""Before a repository where files are named, too."""
EXAMPLE = "butler:/repo?collections=HSC/runs/RC2&dataset=calexp&visit=1228"
_NAMES = {
    "collections": "collections",
    "collection": "collections",
    "dataset": "dataset",
    "dataset_type": "dataset",
    "dataset-type": "dataset",
    "where": "where",
    "at": "at",
}
_FAR = re.compile(r"(https?|s3|gs|davs?|file):/(?!/)")
"""An address on the web that was taken for a path, which has no two slashes."""
_SAFE = "/:,.'\"<>=!()*+ @-_~"


class RepositoryError(SkyFrameError):
    """A repository cannot be used, or has not what was asked for."""


@dataclass(frozen=True, kw_only=True)
class Address:
    """What of a Butler repository is meant.

    Attributes
    ----------
    repo : str
        Path or URI of the repository, or its label in the index of repositories.
    collections : tuple of str
        Searched in this order.
    dataset : str
        Name of the dataset type; "" where it is to be what is usual.
    where : str
        An expression as ``butler query-datasets --where`` takes it.
    data_id : tuple of (str, str)
        Dimensions and their values: ``7``, ``7,9`` or ``5..9``.
    at : str
        Time (TAI, ISO 8601) that calibrations are to be valid at.
    """

    repo: str
    collections: tuple[str, ...] = ()
    dataset: str = ""
    where: str = ""
    data_id: tuple[tuple[str, str], ...] = ()
    at: str = ""

    @classmethod
    def parse(cls, word: str) -> Address:
        """Return what a word means, such as ``butler:/repo?collections=a,b&dataset=calexp``.

        A ``&`` or ``%`` that is part of a value is written ``%26`` or ``%25``.

        Raises
        ------
        SkyFrameError
            It is no such word.
        """
        repo, _, query = word.removeprefix(SCHEME).partition("?")
        repo = _FAR.sub(r"\1://", unquote(repo))
        if not repo:
            raise SkyFrameError(f"{word} names no repository; give it as in {EXAMPLE}.")
        found: dict[str, str] = {}
        for part in filter(None, query.split("&")):
            name, equals, value = part.partition("=")
            name, value = unquote(name).strip(), unquote(value).strip()
            if not equals or not value or not re.fullmatch(r"[A-Za-z_][\w.-]*", name):
                raise SkyFrameError(
                    f"{word}: {part!r} is not of the form name=value; give it as in {EXAMPLE}."
                )
            name = _NAMES.get(name, name)
            if name in found:
                raise SkyFrameError(f"{word} names {name} twice; give all values in one.")
            found[name] = value
        at = found.pop("at", "")
        try:
            datetime.datetime.fromisoformat(at or "2000-01-01")
        except ValueError as error:
            raise SkyFrameError(f"{word}: at takes a day or time such as 2024-02-29.") from error
        names = (one.strip() for one in found.pop("collections", "").split(","))
        return cls(
            repo=repo,
            collections=tuple(filter(None, names)),
            dataset=found.pop("dataset", ""),
            where=found.pop("where", ""),
            data_id=tuple(found.items()),
            at=at,
        )

    def __str__(self) -> str:
        """Return the word."""
        parts = {
            "collections": ",".join(self.collections),
            "dataset": self.dataset,
            **dict(self.data_id),
            "where": self.where,
            "at": self.at,
        }
        query = "&".join(f"{name}={quote(text, _SAFE)}" for name, text in parts.items() if text)
        return f"{SCHEME}{quote(self.repo, _SAFE)}" + (f"?{query}" if query else "")


def is_address(word: object) -> bool:
    """Tell whether a word names data sets of a repository instead of a file."""
    return str(word).startswith(SCHEME)


@dataclass(frozen=True)
class Dataset:
    """A data set of a repository, which a file belongs to. Plain data; knows no repository.

    Attributes
    ----------
    repo, dataset, run : str
        Repository, dataset type, and the collection that it was put into.
    data_id : tuple of (str, str or int)
        Dimensions and their values.
    date : str
        UTC at the start of the exposure, ISO 8601; "" where nobody asked or nothing tells.
    id : str
        Of the data set; a UUID.
    """

    repo: str
    dataset: str
    run: str
    data_id: tuple[tuple[str, str | int], ...]
    date: str = field(default="", compare=False)
    id: str = field(default="", compare=False)

    @cached_property
    def known(self) -> Mapping[str, str]:
        """What the data id tells of an exposure or a sky frame, by the names of `Identity`."""
        values = dict(self.data_id)
        visit = values.get("visit", values.get("exposure"))
        found = {
            "instrument": values.get("instrument"),
            "detector": values.get("detector"),
            "filter": values.get("physical_filter"),
            "visit": visit,
            "night": _night(values.get("day_obs")),
        }
        return {name: str(value) for name, value in found.items() if value not in (None, "")}

    @cached_property
    def identity(self) -> Identity:
        """What it is of, as far as the data id tells."""
        known: dict[str, Any] = dict(self.known)
        return Identity(**known, date=self.date)

    @property
    def label(self) -> str:
        """What a person calls it: ``calexp {visit 1228, detector 7}``."""
        values = ", ".join(
            f"{name} {value}" for name, value in self.data_id if name not in ("band", "day_obs")
        )
        return f"{self.dataset} {{{values}}}"

    @property
    def whereabouts(self) -> str:
        """What it is called, and where that is."""
        return f"{self.label} in {self.run} of {self.repo}"

    @property
    def address(self) -> Address:
        """Where to find it again."""
        return Address(
            repo=self.repo,
            collections=(self.run,),
            dataset=self.dataset,
            data_id=tuple((name, str(value)) for name, value in self.data_id),
        )


def exposures_of(
    sources: Sequence[ExposureSource], datasets: Sequence[Dataset]
) -> list[ExposureSource]:
    """Return the exposures of a file with what the data ids of the file tell of them.

    Of several in a file each is of the data set of its detector.
    """
    if len(sources) == len(datasets) == 1:
        return [sources[0].in_repository(datasets[0])]
    by_detector = {one.known.get("detector"): one for one in datasets}
    found = ((source, by_detector.get(source.detector)) for source in sources)
    return [source if one is None else source.in_repository(one) for source, one in found]


def frame_of(sky_frame: SkyFrame, datasets: Sequence[Dataset]) -> SkyFrame:
    """Return the sky frame of a file with what the data id of the file tells of it."""
    if len(datasets) != 1:
        return sky_frame
    known: dict[str, Any] = {
        k: v for k, v in datasets[0].known.items() if k in ("instrument", "detector", "filter")
    }
    return replace(sky_frame, identity=replace(sky_frame.identity, **known))


def _night(day: str | int | None) -> str:
    found = re.fullmatch(r"(\d{4})(\d\d)(\d\d)", str(day))
    try:
        return "" if found is None else datetime.date(*map(int, found.groups())).isoformat()
    except ValueError:
        return ""
