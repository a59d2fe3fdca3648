"""Several files appear together or not at all: written to a hidden folder, then renamed."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from typing import TYPE_CHECKING

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.files.atomic import ensure_folder, explain, give_name, sync_folder

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType
    from typing import Self


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
        self.stage = self.folder / f".skyframe-{secrets.token_hex(8)}.part"
        self._overwrite = overwrite

    def __enter__(self) -> Self:
        try:
            self.stage.mkdir()
        except OSError as error:
            raise explain(self.folder / "any file", error) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # The files have their names by now or are not wanted; when not even removing works (the
        # folder has vanished), the first error is the one the user needs.
        shutil.rmtree(self.stage, ignore_errors=True)
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
        backups = self.stage / ".old"
        done: list[str] = []
        try:
            backups.mkdir()
            for name in names:
                target = self.folder / name
                try:
                    if self._overwrite and os.path.lexists(target):
                        _keep(target, backups / name)
                    give_name(self.stage / name, target, target, self._overwrite)
                except OSError as error:
                    raise explain(target, error) from error
                done.append(name)
        except BaseException:
            for name in names:
                with contextlib.suppress(OSError):  # as much as can be taken back
                    if name in done:
                        os.unlink(self.folder / name)
                    if os.path.lexists(backups / name):
                        os.replace(backups / name, self.folder / name)
            raise
        sync_folder(self.folder)
        return [str(self.folder / name) for name in names]

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


def _keep(target: Path, backup: Path) -> None:
    """Give a file a second name; where the disk has no such thing, the only one."""
    try:
        os.link(target, backup, follow_symlinks=False)
    except (OSError, NotImplementedError):
        os.replace(target, backup)
