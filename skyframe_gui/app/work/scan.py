"""Finds FITS files and tells what is in them, from their headers."""

from __future__ import annotations

import os
import time
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from skyframe_gui.app.model.items import EMPTY, BadFile, ExposureItem, SkyFrameItem
from skyframe_gui.app.model.queries import stamp_of
from skyframe_gui.engine import SkyFrameError
from skyframe_gui.files.butler.address import Address, exposures_of, frame_of, is_address
from skyframe_gui.files.folders import files_in
from skyframe_gui.text import on_one_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from skyframe_gui.app.model.items import Stamp
    from skyframe_gui.engine import Watch
    from skyframe_gui.engine.identity import Identity
    from skyframe_gui.files.butler.address import Dataset

COMPANIONS = ("mask", "weight", "background", "catalogue", "residual map")
"""Kinds of files that belong to an image beside them: found in a folder, they are no news."""
BATCH_SECONDS = 0.3
"""What was found is told so often: every change of the session costs all panels a look."""

Opened = ExposureItem | SkyFrameItem | BadFile


@dataclass(frozen=True)
class Found:
    """What opening files has brought so far.

    Attributes
    ----------
    asked : tuple of str
        The files and folders that a person named.
    looked_at : tuple of str
        The files that were opened; what is on the list of them is replaced.
    items : tuple
        What is in them.
    faults : tuple of str
        Tracebacks of faults of the program, for the log.
    """

    asked: tuple[str, ...]
    looked_at: tuple[str, ...] = ()
    items: tuple[Opened, ...] = ()
    faults: tuple[str, ...] = ()
    datasets: Mapping[str, tuple[Dataset, ...]] = field(default_factory=dict)
    """What files are in Butler repositories."""
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The files of each word that named data sets of one."""


def sorted_out(paths: Sequence[str | os.PathLike[str]]) -> tuple[list[str], list[str]]:
    """Return the session files among paths, and the others."""
    from skyframe_gui.files.session_file import SUFFIX

    sessions: list[str] = []
    others: list[str] = []
    for one in paths:
        path = os.fspath(one)
        is_session = path.lower().endswith(SUFFIX) and not os.path.isdir(path)
        (sessions if is_session else others).append(path)
    return sessions, others


def open_one(
    path: str, quietly: bool = False, datasets: Sequence[Dataset] = ()
) -> tuple[Opened, ...]:
    """Return what is in a file: exposures, a sky frame, or why it cannot be used.

    Parameters
    ----------
    path : str
    quietly : bool
        Nothing is said of masks, weights and residual maps, which belong to an image beside them.
    datasets : sequence of Dataset
        What it is in a Butler repository.
    """
    from skyframe_gui.files import kind_of, read_sky_frame, scan, sha256_of

    try:
        kind = kind_of(path)
        if kind == "sky frame":
            stamp = stamp_of(path)
            sky_frame = frame_of(read_sky_frame(path), datasets)
            return (
                SkyFrameItem(
                    key=path,
                    name=on_one_line(os.path.basename(path)),
                    detector=sky_frame.identity.detector,
                    sky_frame=sky_frame,
                    unit=sky_frame.identity.unit,
                    path=path,
                    sha256=sha256_of(path),
                    stamp=stamp,
                    dataset=datasets[0] if len(datasets) == 1 else None,
                ),
            )
        if quietly and kind in COMPANIONS:
            return ()
        if kind == "background list":
            name = on_one_line(os.path.basename(path))
            why = f"{name} is a background list; there is nothing to open in it."
            return (BadFile(path, why, kind),)
        stamp = stamp_of(path)
        sources = exposures_of(scan(path), datasets)
    except SkyFrameError as error:
        return (BadFile(path, str(error)),)
    stamps: dict[str, Stamp] = {}
    return tuple(
        ExposureItem(
            f"{path}[{source.image.hdu}]",
            source,
            stamp,
            tuple(
                (str(other), stamps.setdefault(str(other), stamp_of(other)))
                for other in source.other_files
            ),
        )
        for source in sources
    )


def _is_companion(path: str) -> bool:
    """Whether a file is a mask or a weight, which is no news among the images it belongs to."""
    from skyframe_gui.files import kind_of

    try:
        return kind_of(path) in COMPANIONS
    except SkyFrameError:
        return False


class _Stored:
    """What words for data sets of repositories have named so far."""

    def __init__(
        self, known: Mapping[str, tuple[Dataset, ...]], exposures: Sequence[Identity]
    ) -> None:
        self.datasets = dict(known)
        self.words: dict[str, tuple[str, ...]] = {}
        self.faults: list[BadFile] = []
        self._exposures = exposures
        self._found: list[Dataset] = []

    def look_up(self, word: str, watch: Watch) -> tuple[str, ...]:
        """Return the files of a word; of calibrations those of the exposures that are here."""
        from skyframe_gui.files.butler.repository import SKY, look_up
        from skyframe_gui.workflow.repositories import dated

        try:
            address = Address.parse(word)
            wanted = None
            if address.dataset == SKY and not address.at:
                here = [one for one in self._found if one.dataset != SKY]
                wanted = [one.identity for one in dated(here)] or [*self._exposures] or None
            stored = look_up(word, wanted, watch=watch)
        except SkyFrameError as error:
            self.faults.append(BadFile(word, str(error)))
            return ()
        self.faults += [BadFile(str(one.dataset.address), one.why) for one in stored if one.why]
        fresh: dict[str, tuple[Dataset, ...]] = {}
        for one in stored:
            if one.path:
                fresh[one.path] = (*fresh.get(one.path, ()), one.dataset)
                self._found.append(one.dataset)
        self.datasets |= fresh
        self.words[word] = tuple(fresh)
        return self.words[word]


def open_all(
    asked: tuple[str, ...],
    watch: Watch,
    followed: bool = False,
    datasets: Mapping[str, tuple[Dataset, ...]] = EMPTY,
    exposures: Sequence[Identity] = (),
) -> Found:
    """Open files and what is in folders or repositories; publishes what it has so far.

    Files that are ``followed`` nobody has named: they are opened as those of their folder are.
    ``datasets`` are what files are in repositories, as far as it is known. Sky frames of a
    repository are those that belong to its exposures in the same call, else to ``exposures``.

    A file that makes the program stumble is a row like any other bad file: the rest is opened.

    Raises
    ------
    Cancelled
        The watch said so.
    """
    found: list[Opened] = []
    faults: list[str] = []
    files: dict[str, bool] = {}
    stored = _Stored(datasets, exposures)
    for path in asked:
        if is_address(path):
            files |= dict.fromkeys(stored.look_up(path, watch), False)
            continue
        refused: list[OSError] = []
        inside = files_in(path, watch, refused.append)
        for error in refused:
            folder = str(error.filename or path)
            why = error.strerror or type(error).__name__
            found.append(BadFile(folder, f"{folder} cannot be searched: {why}; the rest is open."))
        if not inside and not refused:
            found.append(
                BadFile(path, f"{path} holds no FITS files; open the folder that has them.")
            )
        for file, quietly in inside:
            # A file that was named, too, is not passed over in silence.
            files[file] = (quietly or followed) and files.get(file, True)
    found += stored.faults
    looked_at: list[str] = [one.path for one in found if isinstance(one, BadFile)]
    companions: list[Opened] = []
    published = time.monotonic()
    for number, (path, quietly) in enumerate(files.items()):
        watch.step(number, len(files), f"Open {on_one_line(os.path.basename(path))}")
        try:
            opened = open_one(path, quietly, stored.datasets.get(path, ()))
            refused_one = len(files) > 1 and any(isinstance(one, BadFile) for one in opened)
            (companions if refused_one and _is_companion(path) else found).extend(opened)
        except Exception as error:
            faults.append(traceback.format_exc())
            found.append(
                BadFile(
                    path,
                    f"{path} cannot be opened by a fault of the program "
                    f"({type(error).__name__}: {error}); the log has the details.",
                )
            )
        looked_at.append(path)
        if time.monotonic() - published > BATCH_SECONDS:
            watch.publish(Found(asked, tuple(looked_at), tuple(found)))
            published = time.monotonic()
    if not any(isinstance(one, ExposureItem) for one in found):
        found.extend(companions)
    return Found(
        asked, tuple(looked_at), tuple(found), tuple(faults), stored.datasets, stored.words
    )
