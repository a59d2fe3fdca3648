"""Files appear whole or not at all: written under a temporary name, then renamed."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.files.locks import is_here, lock

if TYPE_CHECKING:
    from collections.abc import Iterator

_NO_HARD_LINKS = {
    errno.EPERM,
    errno.ENOSYS,
    errno.EOPNOTSUPP,
    errno.ENOTSUP,
    errno.EMLINK,
    errno.EXDEV,
    errno.EACCES,
    errno.EINVAL,
}
"""What file systems without hard links (FAT, some network shares) answer to `os.link`."""
TEMPORARY = re.compile(r"\.skyframe-[0-9a-f]{16}\.part")
"""What a file is called until it is whole; it is locked as long as somebody writes to it."""
_CLOSED_FIRST = os.name == "nt"
"""Windows renames no file that is open."""


@contextlib.contextmanager
def atomic_write(path: str | os.PathLike[str], *, overwrite: bool = False) -> Iterator[BinaryIO]:
    """Open a file that takes its name only when the block ends without an exception.

    Until then the bytes are in a hidden file beside it; whatever goes wrong, that file is removed
    and a file that had the name before is still there, whole. The finished file has the
    permissions that any new file has. A symbolic link is followed.

    Parameters
    ----------
    path : path
        The file to make; its folder must exist.
    overwrite : bool
        Whether a file that already has the name gives way. Without it that is an error, also when
        the file turns up while this one is being written.

    Yields
    ------
    binary file
        To be written to; seeking is allowed, closing is not needed.

    Raises
    ------
    SkyFrameError
        The file exists already, the name is a folder's, the folder is missing or read-only, the
        disk is full, or the system refuses for another reason.
    """
    target = Path(path)
    try:
        final = Path(os.path.realpath(target))
        _check_target(target, final, overwrite)
        temporary, descriptor = hidden_file(final.parent, "part")
    except OSError as error:
        raise explain(target, error) from error
    except ValueError as error:  # a NUL character in the name
        raise SkyFrameError(
            f"{str(target)!r} cannot be written: {error}; choose another name."
        ) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            if not _CLOSED_FIRST:  # as long as it is open it is locked
                give_name(temporary, target, final, overwrite)
        if _CLOSED_FIRST:
            give_name(temporary, target, final, overwrite)
    except OSError as error:
        raise explain(target, error) from error
    finally:
        # After success the name is gone already. When not even removing works (the folder has
        # vanished, the disk turned read-only), the first error is the one the user needs.
        with contextlib.suppress(OSError):
            os.unlink(temporary)
    if not TEMPORARY.fullmatch(final.parent.name):  # else it is done once for all files of it
        sync_folder(final.parent)


def write_bytes(path: str | os.PathLike[str], data: bytes, *, overwrite: bool = False) -> None:
    """Write a whole file of bytes; see `atomic_write`."""
    with atomic_write(path, overwrite=overwrite) as file:
        file.write(data)


def write_text(path: str | os.PathLike[str], text: str, *, overwrite: bool = False) -> None:
    """Write a whole file of text as UTF-8, line ends as they are; see `atomic_write`."""
    write_bytes(path, text.encode("utf-8"), overwrite=overwrite)


def hidden_file(folder: Path, suffix: str) -> tuple[Path, int]:
    """Make a file that nobody looks at, open and locked, for as long as something is written.

    Raises
    ------
    OSError
        The system refuses.
    """
    # 0o666 less the umask, as for any new file; O_EXCL because nobody else may own that name.
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    while True:
        path = folder / f".skyframe-{secrets.token_hex(8)}.{suffix}"
        descriptor = os.open(path, flags, 0o666)
        # A run that tidies up may have come between, and taken it for a dead one's: another name.
        if lock(descriptor) is not False and is_here(descriptor):
            return path, descriptor
        os.close(descriptor)


def ensure_folder(path: str | os.PathLike[str]) -> Path:
    """Make a folder, with those above it, unless it is there.

    Raises
    ------
    SkyFrameError
        A file is in the way, or the system refuses.
    """
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise SkyFrameError(
            f"The folder {folder} cannot be made: a file of that name is in the way; "
            "choose another folder."
        ) from error
    except ValueError as error:
        raise SkyFrameError(
            f"The folder {str(folder)!r} cannot be made: {error}; choose another name."
        ) from error
    except OSError as error:
        raise SkyFrameError(
            f"The folder {folder} cannot be made: {_reason(error)}; choose another folder."
        ) from error
    return folder


def _check_target(target: Path, final: Path, overwrite: bool) -> None:
    try:
        kind = os.stat(final).st_mode
    except FileNotFoundError:
        return
    if stat.S_ISDIR(kind):
        raise SkyFrameError(f"{target} cannot be written: it is a folder; give the name of a file.")
    if not stat.S_ISREG(kind):  # renaming over a device or a pipe would replace it
        raise SkyFrameError(
            f"{target} cannot be written: it is not an ordinary file; choose another name."
        )
    if not overwrite:
        raise _exists(target)


def _exists(target: Path) -> SkyFrameError:
    return SkyFrameError(
        f"{target} exists already and is left as it is; use --overwrite to replace it, or choose "
        "another name."
    )


def give_name(temporary: Path, target: Path, final: Path, overwrite: bool) -> None:
    """Rename a finished file to ``final``, called ``target`` in messages.

    Raises
    ------
    SkyFrameError
        The name is taken, and ``overwrite`` is not said.
    OSError
        The system refuses.
    """
    if overwrite:
        os.replace(temporary, final)
        return
    try:
        os.link(temporary, final)  # unlike a rename it fails when the name is taken
    except FileExistsError as error:
        raise _exists(target) from error
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        _claim_and_replace(temporary, target, final)


def _claim_and_replace(temporary: Path, target: Path, final: Path) -> None:
    """Take the name with an empty file of our own, which fails when it is taken, then rename."""
    try:
        os.close(os.open(final, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    except FileExistsError as error:
        raise _exists(target) from error
    try:
        os.replace(temporary, final)
    except BaseException:
        with contextlib.suppress(OSError):  # as above: the first error is the one to tell
            os.unlink(final)
        raise


def sync_folder(folder: Path) -> None:
    """Make the new name last through a power cut, where the system can do that to a folder."""
    # The file itself is safe already; Windows and some network file systems refuse this.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def explain(target: Path, error: OSError) -> SkyFrameError:
    """Return the sentence that says why a file cannot be written."""
    folder = target.parent
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
        what = "free some space or choose another disk"
    elif error.errno == errno.ENOENT:
        return SkyFrameError(
            f"{target} cannot be written: the folder {folder} is not there; make it first or "
            "choose another one."
        )
    elif error.errno == errno.ENOTDIR:
        return SkyFrameError(
            f"{target} cannot be written: {folder} is not a folder; choose another one."
        )
    elif error.errno == errno.ENAMETOOLONG:
        what = "choose a shorter one"
    else:
        what = "choose another folder"
    return SkyFrameError(f"{target} cannot be written: {_reason(error)}; {what}.")


def _reason(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
        return "the disk is full"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "the folder may not be written to"
    if error.errno == errno.ENAMETOOLONG:
        return "the name is too long"
    return (error.strerror or str(error) or type(error).__name__).lower().rstrip(".")
