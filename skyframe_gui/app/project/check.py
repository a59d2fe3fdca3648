"""What is left of a session file's files: there, missing, changed, or to be built again."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

from skyframe_gui.app.model.items import BadFile, Options, SkyFrameItem
from skyframe_gui.app.project.document import date_of
from skyframe_gui.engine import SkyFrameError
from skyframe_gui.files.butler.address import Dataset
from skyframe_gui.workflow.options import MaskObjects, Normalise

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from skyframe_gui.app.model.items import SampleId
    from skyframe_gui.engine import Watch
    from skyframe_gui.files.session_file import (
        ItemRef,
        OptionsRecord,
        SampleRecord,
        SessionDocument,
        UnsavedRecord,
    )

SAME = timedelta(seconds=2)
"""Some file systems keep times no finer: a file that was carried on one has not changed."""


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What is on the disk of a session.

    Attributes
    ----------
    present : tuple of str
        Absolute paths of the files that can be opened.
    rows : tuple of BadFile
        Files that are missing or have changed; the latter are present, too.
    frames : tuple of (key, SkyFrameItem)
        Sky frames that were not saved, from their copies, with the key that each had.
    unbuilt : tuple of UnsavedRecord
        Those of which there is no copy.
    notes : tuple of str
        Sentences.
    datasets : mapping of str to tuple of Dataset
        What files are in Butler repositories.
    """

    present: tuple[str, ...]
    rows: tuple[BadFile, ...]
    frames: tuple[tuple[str, SkyFrameItem], ...]
    unbuilt: tuple[UnsavedRecord, ...]
    notes: tuple[str, ...]
    datasets: Mapping[str, tuple[Dataset, ...]] = field(default_factory=dict)


def check(document: SessionDocument, place: str, watch: Watch) -> Checked:
    """Look which files of a session are there, and read the copies of what was not saved.

    Parameters
    ----------
    document : SessionDocument
    place : str
        The absolute folder of the session file.
    watch : Watch

    Raises
    ------
    Cancelled
        The watch said so.
    """
    present: list[str] = []
    missing: list[BadFile] = []
    resized: list[BadFile] = []
    redated: list[BadFile] = []
    datasets: dict[str, tuple[Dataset, ...]] = {}
    for number, record in enumerate(document.files):
        watch.step(number, len(document.files), "Look for the session's files")
        path = located(record.path, place)
        found = _stat(path)
        if record.datasets:
            datasets[path] = tuple(
                Dataset(one.repo, one.dataset, one.run, tuple(one.data_id.items()))
                for one in record.datasets
            )
        if isinstance(found, str) and record.datasets:
            # A file does not say by itself which repository is looked into.
            one = datasets.pop(path)[0]
            found = (
                f"{path} is not there; it was {one.label} of the Butler repository {one.repo}, in "
                f"{one.run}: open it from there, or go on without it."
            )
        if isinstance(found, str):
            missing.append(BadFile(path, found))
            continue
        present.append(path)
        if record.size and found.st_size != record.size:
            resized.append(_changed(path, f"{found.st_size} bytes instead of {record.size}"))
        elif not _same_date(found.st_mtime_ns, record.date):
            now = date_of((0, found.st_mtime_ns))[:19]
            redated.append(_changed(path, f"the date {now} instead of {record.date[:19]}"))
    frames, unbuilt, notes = _unsaved(document, place)
    if 1 < len(redated) == len(present) and not missing:
        notes.append(
            f"All {len(redated)} files have their size and another date than when the session was "
            "saved; it seems that they were copied."
        )
        redated = []
    return Checked(
        present=tuple(present),
        rows=(*missing, *resized, *redated),
        frames=tuple(frames),
        unbuilt=tuple(unbuilt),
        notes=tuple(notes),
        datasets=datasets,
    )


def located(path: str, place: str) -> str:
    """Return the absolute path of a session's; nothing in it is expanded, nothing is looked up."""
    return os.path.normpath(os.path.join(place, path))


def key_of(item: ItemRef, place: str) -> str:
    """Return the key of an exposure or sky frame; see `located`."""
    return located(item.file, place) + item.part if item.file else item.part


def sample_of(sample: SampleRecord, place: str) -> SampleId:
    """Return the identity of a sample; see `located`."""
    return (key_of(sample.item, place), sample.box)


def options_of(record: OptionsRecord) -> Options:
    """Return options from the words of a session file."""
    return Options(MaskObjects(record.mask_objects), Normalise(record.normalise), record.camera)


def free_key(
    word: str, frames: Iterable[SkyFrameItem], removed: Collection[str] = frozenset()
) -> str:
    """Return a key such as "recovered 2" that no sky frame has, nor had one that was removed."""
    taken = {item.key for item in frames}.union(removed)
    return next(key for n in count(1) if (key := f"{word} {n}") not in taken)


def _stat(path: str) -> os.stat_result | str:
    """Return a file's size and date, or why it cannot be opened, as a sentence."""
    try:
        found = os.stat(path)
    except (FileNotFoundError, NotADirectoryError, ValueError):  # a NUL, half a letter
        return f"{path} is missing; put it back and open it, or go on without it."
    except OSError as error:
        return f"{path} cannot be opened ({error.strerror or error}); go on without it."
    if not stat.S_ISREG(found.st_mode):  # a session may name what takes for ever to read
        return f"{path} is no file any more; go on without it."
    return found


def _changed(path: str, what: str) -> BadFile:
    return BadFile(
        path,
        f"{path} has changed since the session was saved: it has {what}; it was opened as it is "
        "now, so look at what is excluded in it.",
        opened=True,
    )


def _same_date(now: int, then: str) -> bool:
    if not then:
        return True
    try:
        saved = datetime.fromisoformat(then)
        found = datetime.fromisoformat(date_of((0, now)))
        return abs(saved.astimezone(UTC) - found) <= SAME
    except (ValueError, OverflowError):  # a damaged date says nothing
        return True


def _unsaved(
    document: SessionDocument, place: str
) -> tuple[list[tuple[str, SkyFrameItem]], list[UnsavedRecord], list[str]]:
    from skyframe_gui.files import read_sky_frame

    frames: list[tuple[str, SkyFrameItem]] = []
    unbuilt: list[UnsavedRecord] = []
    notes: list[str] = []
    for one in document.unsaved:
        name = one.name or one.key
        if not one.file:
            unbuilt.append(one)
            continue
        try:
            sky_frame = read_sky_frame(located(one.file, place))
        except SkyFrameError as error:
            notes.append(str(error))
            unbuilt.append(one)
            continue
        item = SkyFrameItem(
            key=free_key("recovered", [frame for _, frame in frames]),
            name=name,
            detector=one.detector,
            sky_frame=sky_frame,
            unit=one.unit,
            made_with=one.config,
            made_options=None if one.options is None else options_of(one.options),
            set=one.set,
            made_at=one.made_at,
        )
        frames.append((one.key, item))
    return frames, unbuilt, notes
