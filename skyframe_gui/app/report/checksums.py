"""Which files a report names, and what they hold: sizes and SHA-256 checksums."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from skyframe_gui.app.model.queries import stamp_of

if TYPE_CHECKING:
    from skyframe_gui.app.model.items import Stamp
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.report.document import ReportData
    from skyframe_gui.engine import Watch

PIECE = 1 << 22
"""Bytes that are read at a time: between two of them the work can be stopped."""


@dataclass(frozen=True, kw_only=True)
class FileRow:
    """A file, or why it has no checksum.

    Attributes
    ----------
    name, what : str
        Only the name: who reads the report need not know where the file was.
    size : int
        Bytes, -1 where it is gone.
    sha256 : str
    note : str
        What is to be said of it.
    """

    name: str
    what: str
    size: int
    sha256: str
    note: str = ""


@dataclass(frozen=True)
class Wanted:
    """A file to look at; ``stamp`` and ``sha256`` as they were when it was opened, if known."""

    path: str
    what: str
    stamp: Stamp = (0, 0)
    sha256: str = ""


def files_of(state: State, data: ReportData) -> tuple[Wanted, ...]:
    """Return every file that the report's numbers come from, once, in the order of the visit."""
    wanted: dict[str, Wanted] = {}
    members = {item.key for item in data.request.members}
    behind = {key for frame in data.frames for key in frame.item.members}

    def add(path: str, what: str, stamp: Stamp = (0, 0), sha256: str = "") -> None:
        wanted.setdefault(os.path.realpath(path), Wanted(path, what, stamp, sha256))

    for keys, what in ((members, "exposure"), (behind, "exposure in a sky frame")):
        for item in state.exposures:
            if item.key in keys:
                source = item.source
                add(str(source.path), what, item.stamp)
                for plane, name in ((source.mask, "mask"), (source.variance, "variance")):
                    if plane is not None and plane.path != source.path:
                        add(str(plane.path), f"{name} of {source.name}")
    for frame in data.frames:
        if frame.item.path:
            add(frame.item.path, "sky frame", sha256=frame.item.sha256)
    return tuple(wanted.values())


def checksums(files: tuple[Wanted, ...], watch: Watch) -> tuple[FileRow, ...]:
    """Return size and checksum of each file as it is now.

    A file that cannot be read is told of in its row: the report is about the rest, too.

    Raises
    ------
    Cancelled
        The watch said so.
    """
    rows = []
    total = sum(stamp_of(one.path)[0] for one in files)
    done = 0
    for one in files:
        name = os.path.basename(one.path)
        size, before = stamp_of(one.path)
        if (size, before) == (0, 0):
            rows.append(FileRow(name=name, what=one.what, size=-1, sha256="", note="It is gone."))
            continue
        try:
            digest = _digest(one.path, done, total, watch)
        except OSError as error:
            note = f"It cannot be read ({error.strerror or error})."
            rows.append(FileRow(name=name, what=one.what, size=size, sha256="", note=note))
            continue
        done += size
        changed = one.stamp not in ((0, 0), (size, before)) or one.sha256 not in ("", digest)
        note = "It has changed since it was opened." if changed else ""
        rows.append(FileRow(name=name, what=one.what, size=size, sha256=digest, note=note))
    return tuple(rows)


def _digest(path: str, done: int, total: int, watch: Watch) -> str:
    made = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(PIECE):
            made.update(piece)
            done += len(piece)
            # In kilobytes: progress is counted in whole numbers of a moderate size.
            watch.step(done // 1000, total // 1000, "Checksums for the report")
    return made.hexdigest()
