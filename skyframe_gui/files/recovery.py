"""Finishes or removes what runs that were killed have left in a folder."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import stat
from pathlib import Path

from skyframe_gui.files.atomic import TEMPORARY, sync_folder
from skyframe_gui.files.locks import is_here, lock, uninterrupted
from skyframe_gui.files.transaction import (
    DONE,
    Renames,
    Writer,
    fingerprint,
    remove,
    stage_of,
    take_back,
)

_JOURNAL = re.compile(r"\.skyframe-[0-9a-f]{16}\.journal")
LARGEST_JOURNAL = 1 << 24
"""Bytes; a file takes some hundred."""
_REMOVED = "what was not complete was removed."


def recover(folder: str | os.PathLike[str]) -> tuple[str, ...]:
    """Finish or remove what runs that were killed have left in a folder; return a note of each.

    What a run that lives is writing stays as it is.
    """
    notes: list[str] = []
    try:
        names = sorted(os.listdir(folder))
    except OSError:  # there is none yet
        return ()
    for name in names:
        if not (_JOURNAL.fullmatch(name) or TEMPORARY.fullmatch(name)):
            continue
        path = Path(folder) / name
        try:
            descriptor = os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
        except OSError:  # removed by another run just now, or somebody else's
            continue
        try:
            locked = lock(descriptor)
            if locked is False or not is_here(descriptor) or not _is_file(descriptor):
                continue
            with uninterrupted():
                if name.endswith(".journal"):
                    notes.append(_recover(path, descriptor, locked is None))
                elif locked:
                    os.unlink(path)
                    notes.append(_REMOVED)
        except OSError:  # it may not be removed
            continue
        finally:
            os.close(descriptor)
    return tuple(
        f"An earlier run was stopped while it wrote to {folder}: {note}"
        for note in dict.fromkeys(filter(None, notes))
    )


def _recover(journal: Path, descriptor: int, no_locks: bool) -> str:
    """Finish or take back one transaction whose process is dead; return what is told of it."""
    folder, stage = journal.parent, stage_of(journal)
    writer, renames, done = _read(descriptor)
    if no_locks and not _is_dead(writer):
        return ""
    note = "" if done else _REMOVED
    if renames is not None and not done:
        n_files = len(renames.files)
        what = "its file was" if n_files == 1 else f"its {n_files} files were"
        try:
            changed = _finish(stage, folder, renames)
        except OSError as error:
            why = error.strerror or str(error)
            return f"{what} not completed, which is tried again next time ({why})."
        note = f"{what} completed."
        if changed:
            note = f"{what} removed again, as {changed} is not as it was left."
    remove(journal)
    return note


def _finish(stage: Path, folder: Path, renames: Renames) -> str:
    """Give the files that wait their names; return which one has another file now, "" for none."""
    present, waiting, changed = [], [], ""
    for name, (new, old) in renames.files.items():
        staged = _is_staged(stage, name)
        now = fingerprint(folder / name)
        claimed = old is None and now is not None and now[0] == 0 and not renames.replace
        if now == new and not (staged and renames.replace):
            present.append(name)
        elif staged and (now in (None, old) or claimed):
            waiting.append(name)
        else:
            changed = changed or name
    if changed:
        take_back(stage, folder, list(renames.files), present)
        return changed
    for name in waiting:
        os.replace(stage / name, folder / name)
    sync_folder(folder)
    return ""


def _read(descriptor: int) -> tuple[Writer | None, Renames | None, bool]:
    """Return what a journal says: who wrote it, the renames where it is whole, whether done."""
    with os.fdopen(os.dup(descriptor), "rb") as file:
        lines = file.read(LARGEST_JOURNAL).decode("utf-8", "replace").splitlines(keepends=True)
    writer, renames = None, None
    with contextlib.suppress(ValueError, RecursionError, IndexError):
        writer = Writer.model_validate(json.loads(lines[0]))
        if lines[1].endswith("\n"):
            renames = Renames.model_validate(json.loads(lines[1]))
    return writer, renames, lines[2:] == [DONE]


def _is_file(descriptor: int) -> bool:
    return stat.S_ISREG(os.fstat(descriptor).st_mode)


def _is_staged(stage: Path, name: str) -> bool:
    """Whether a file waits for its name: an ordinary one in an ordinary folder, no links."""
    try:
        return stat.S_ISDIR(os.lstat(stage).st_mode) and stat.S_ISREG(
            os.lstat(stage / name).st_mode
        )
    except OSError:
        return False


def _is_dead(writer: Writer | None) -> bool:
    """Whether a process has certainly ended; asked where there are no locks."""
    if writer is None or writer.host != socket.gethostname() or os.name != "posix":
        return False
    try:
        os.kill(writer.pid, 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False
