"""Several files appear together or not at all, also when the process is killed.

Files are written to a hidden folder beside their places. When all of them are on the disk, a
journal beside that folder names them; then they are renamed, and journal and folder are removed. A
run that is killed before the journal is whole has changed nothing, one that is killed later is
finished by the next run in the folder, see `skyframe_gui.files.recovery`.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import sys
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, PlainValidator

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.files.atomic import (
    ensure_folder,
    explain,
    give_name,
    hidden_file,
    sync_folder,
)
from skyframe_gui.files.locks import uninterrupted

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType
    from typing import Self

DONE = "done\n"
"""The last line of a journal."""
_OLD = ".old"
_Fingerprint = tuple[Annotated[int, Field(strict=True)], Annotated[int, Field(strict=True)]]
"""Size, and time of the last change in nanoseconds: they stay what they are when it is renamed."""


def _plain_name(value: object) -> str:
    # A journal is data that anybody may have put there: nothing in it leads out of its folder.
    # pydantic's own strings refuse the half letters that stand for bytes in names of files.
    separators = "/\\:\0" if sys.platform == "win32" else "/\0"
    if not isinstance(value, str) or value in ("", ".", "..") or set(separators) & set(value):
        raise ValueError("it is not the name of a file")
    return value


class Writer(BaseModel):
    """The first line of a journal: who writes."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    pid: Annotated[int, Field(strict=True, gt=0)]
    host: str


class Renames(BaseModel):
    """The second line: all files, what each is, and what had its name before."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    replace: bool
    files: dict[
        Annotated[str, PlainValidator(_plain_name)], tuple[_Fingerprint, _Fingerprint | None]
    ]


class Transaction:
    """A folder for files that are to appear in another one, all of them or none.

    Used as a context: files are written to `stage`, and `commit` gives them their names. Whatever
    goes wrong before or in `commit`, files that had the names are there as they were.

    Parameters
    ----------
    folder : path
        Where the files are to be; made if needed.
    overwrite : bool
        Whether files that already have the names give way. A symbolic link gives way itself, what
        it points to stays.

    Attributes
    ----------
    folder : Path
    stage : Path
        On the same disk, so that renaming is all that is left to do.

    Raises
    ------
    SkyFrameError
        The folder cannot be made or written to.
    """

    def __init__(self, folder: str | os.PathLike[str], overwrite: bool = False) -> None:
        self.folder = ensure_folder(folder)
        self.stage = self.folder
        self._overwrite = overwrite

    def __enter__(self) -> Self:
        try:
            with uninterrupted():
                # First: a folder without a journal would be nobody's.
                self._journal, self._descriptor = hidden_file(self.folder, "journal")
                self.stage = stage_of(self._journal)
                try:
                    self._append(Writer(pid=os.getpid(), host=socket.gethostname()))
                    self.stage.mkdir()
                except BaseException:
                    self._remove()
                    raise
        except OSError as error:
            raise explain(self.folder / "any file", error) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with uninterrupted():
            self._remove()
        if isinstance(error, SkyFrameError) and str(self.stage) in str(error):
            raise SkyFrameError(str(error).replace(str(self.stage), str(self.folder))) from error

    def commit(self) -> list[str]:
        """Give every file in `stage` its name in the folder; return the paths.

        Raises
        ------
        SkyFrameError
            A name is taken and ``overwrite`` was not said, or the system refuses; then all is as
            it was.
        """
        names = sorted(path.name for path in self.stage.iterdir())
        for name in names:
            self._check(self.folder / name)
        with uninterrupted():
            self._rename(names)
        return [str(self.folder / name) for name in names]

    def _rename(self, names: list[str]) -> None:
        done: list[str] = []
        target = self.folder / "any file"
        try:
            (self.stage / _OLD).mkdir()
            files = {
                name: (fingerprint(self.stage / name), fingerprint(self.folder / name))
                for name in names
            }
            sync_folder(self.stage)
            # From here on the files appear, even if this process does not live to see it.
            self._append(Renames.model_validate({"replace": self._overwrite, "files": files}))
            sync_folder(self.folder)
            for name in names:
                target = self.folder / name
                _put(self.stage, self.folder, name, self._overwrite)
                done.append(name)
        except BaseException as error:
            take_back(self.stage, self.folder, names, done)
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, 0)
            if isinstance(error, OSError):
                raise explain(target, error) from error
            raise
        sync_folder(self.folder)
        with contextlib.suppress(OSError):  # else it is found to be done
            os.write(self._descriptor, DONE.encode())

    def _append(self, line: BaseModel) -> None:
        data = json.dumps(line.model_dump()).encode() + b"\n"
        while data:
            data = data[os.write(self._descriptor, data) :]
        os.fsync(self._descriptor)

    def _remove(self) -> None:
        # The files have their names by now or are not wanted; when not even removing works (the
        # folder has vanished), the first error is the one the user needs.
        remove(self._journal)
        os.close(self._descriptor)

    def _check(self, target: Path) -> None:
        if not os.path.lexists(target):
            return
        if target.is_dir():
            raise SkyFrameError(
                f"{target} cannot be written: it is a folder; choose another folder to write to."
            )
        if not self._overwrite:
            raise SkyFrameError(
                f"{target} exists already and is left as it is; allow replacing it, or choose "
                "another folder."
            )


def _put(stage: Path, folder: Path, name: str, overwrite: bool) -> None:
    target = folder / name
    if overwrite and os.path.lexists(target):
        _keep(target, stage / _OLD / name)
    give_name(stage / name, target, target, overwrite)


def take_back(stage: Path, folder: Path, names: list[str], done: list[str]) -> None:
    """Make the folder what it was, as far as can be: ``done`` of ``names`` have new files."""
    for name in names:
        with contextlib.suppress(OSError):
            if name in done:
                os.unlink(folder / name)
            old = stage / _OLD / name
            if os.path.lexists(old) and (name in done or not os.path.lexists(folder / name)):
                os.replace(old, folder / name)


def _keep(target: Path, backup: Path) -> None:
    """Give a file a second name; where the disk has no such thing, the only one."""
    try:
        os.link(target, backup, follow_symlinks=False)
    except (OSError, NotImplementedError):
        os.replace(target, backup)


def fingerprint(path: Path) -> _Fingerprint | None:
    """Return what tells a file from another one; None where there is none."""
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return None
    return found.st_size, found.st_mtime_ns


def stage_of(journal: Path) -> Path:
    """Return the hidden folder of a journal; nothing in the journal says where it is."""
    return journal.with_suffix(".part")


def remove(journal: Path) -> None:
    """Remove the hidden folder, then the journal: it would be nobody's without."""
    stage = stage_of(journal)
    shutil.rmtree(stage, ignore_errors=True)  # it follows no link
    with contextlib.suppress(OSError):
        if os.path.islink(stage):
            os.unlink(stage)
        if not os.path.lexists(stage):
            os.unlink(journal)
