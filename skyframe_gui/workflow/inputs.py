"""What a command is given to read: files, folders, patterns, and lists of these in a text file."""

from __future__ import annotations

import fnmatch
import glob
import os
import re
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, overload

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.files.butler.address import is_address
from skyframe_gui.files.folders import files_in
from skyframe_gui.text import natural_order
from skyframe_gui.workflow.jobs import Failure

if TYPE_CHECKING:
    from collections.abc import Iterable

    from skyframe_gui.engine import Watch
    from skyframe_gui.engine.identity import Identity
    from skyframe_gui.files.butler.address import Dataset
    from skyframe_gui.workflow.detectors import DetectorChoice

LIST = "@"
"""Before the name of a file that lists what to read, a path a line."""
LARGEST_LIST = 64 << 20
"""Bytes: some 500,000 paths."""
LONGEST_LINE = 4096
_COMMENT = re.compile(r"(^|\s)#.*")
_NOT_TEXT = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class NothingToReadError(SkyFrameError):
    """No file was found; ``failed`` says why of each word."""

    def __init__(self, failed: tuple[Failure, ...]) -> None:
        super().__init__("Nothing of what was given names a file.")
        self.failed = failed


@dataclass(frozen=True, eq=False)
class Inputs(Sequence[Path]):
    """The files to read, which is what it is a sequence of, and how they were found.

    Attributes
    ----------
    files : tuple of Path
        Each once, in the order given; those of a folder as a person orders them.
    searched : frozenset of Path
        Those that a folder was searched for. Nobody named them, so that one which is something
        else is no failure.
    failed : tuple of Failure
        What was given and names no file.
    detectors : DetectorChoice, optional
        Which detectors of them are read; all without it.
    datasets : mapping of str to tuple of Dataset
        What those are, by their whole paths, that were found in a Butler repository.
    """

    files: tuple[Path, ...]
    searched: frozenset[Path] = frozenset()
    failed: tuple[Failure, ...] = ()
    detectors: DetectorChoice | None = None
    datasets: Mapping[str, tuple[Dataset, ...]] = field(default_factory=dict)

    def datasets_of(self, path: str | os.PathLike[str]) -> tuple[Dataset, ...]:
        """Return what a file is in a Butler repository; nothing where it was not found there."""
        return self.datasets.get(os.path.abspath(path), ()) if self.datasets else ()

    @classmethod
    def of(cls, paths: Sequence[str | Path]) -> Inputs:
        """Return paths as what was found; files that were named, where they are a plain list."""
        return paths if isinstance(paths, Inputs) else cls(tuple(map(Path, paths)))

    def absolute(self) -> Inputs:
        """Return the same files by their whole paths."""
        return replace(
            self,
            files=tuple(Path(os.path.abspath(path)) for path in self.files),
            searched=frozenset(Path(os.path.abspath(path)) for path in self.searched),
        )

    @overload
    def __getitem__(self, index: int) -> Path: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Path, ...]: ...

    def __getitem__(self, index: int | slice) -> Path | tuple[Path, ...]:
        """Return one of the files, or some."""
        return self.files[index]

    def __len__(self) -> int:
        """Return how many files there are."""
        return len(self.files)


def find_inputs(
    words: Iterable[str | os.PathLike[str]],
    detectors: DetectorChoice | None = None,
    watch: Watch | None = None,
    *,
    calibrations_of: Sequence[Identity] | None = None,
    usual: str = "",
) -> Inputs:
    """Return the files that words name.

    A word is a file, a folder (searched with those below it, hidden ones and links to folders left
    out), a pattern with ``* ? [ ]`` (``**`` for folders of any depth), or ``@LIST``: a text file
    with one of the former a line, relative to the list's own folder; what follows a ``#`` at the
    beginning of a line or behind a blank is a comment. A list in a list is refused. What exists
    under exactly the word's name is that. ``butler:`` begins data sets of a repository of LSST's,
    see `Address`.

    Parameters
    ----------
    words : iterable of path
    detectors : DetectorChoice, optional
        Goes into the inputs.
    watch : Watch, optional
        Told of every folder.
    calibrations_of : sequence of Identity, optional
        Of the data sets of repositories those that belong to these exposures.
    usual : str
        The dataset type where a word names none.

    Raises
    ------
    NothingToReadError
        Not one file was found.
    Cancelled
        The watch said so.
    """
    finder = _Finder(watch, calibrations_of, usual)
    for word in words:
        finder.add(os.fspath(word))
    if not finder.found:
        raise NothingToReadError(tuple(finder.failed))
    searched = frozenset(path for path, quietly in finder.found.values() if quietly)
    files = tuple(path for path, _ in finder.found.values())
    return Inputs(files, searched, tuple(finder.failed), detectors, finder.datasets)


class _Finder:
    """Gathers files, each once, and what was in vain."""

    def __init__(
        self, watch: Watch | None, calibrations_of: Sequence[Identity] | None, usual: str
    ) -> None:
        self.found: dict[str, tuple[Path, bool]] = {}
        self.failed: list[Failure] = []
        self.datasets: dict[str, tuple[Dataset, ...]] = {}
        self._watch = watch
        self._calibrations_of = calibrations_of
        self._usual = usual

    def add(self, word: str, line: str = "", folder: str = "") -> None:
        """Take in what a word names; ``line`` says where in a list it stands, ``folder`` its base.

        A file that does not exist is taken, too: whoever reads it says so.
        """
        path = os.path.join(folder, os.path.expanduser(word)) if folder else word
        where = f" ({line})" if line else ""
        if is_address(word):
            self._add_repository(word)
        elif word.startswith(LIST) and not os.path.lexists(path):
            if line:
                self._fail(word, f"{word} is a list in a list{where}; give both to the command.")
            else:
                self._add_list(word)
        elif os.path.isdir(path):
            self._add_folder(path, where)
        elif os.path.lexists(path):
            self._take(path, False)
        elif glob.has_magic(path):
            files = _matches(os.path.expanduser(path))
            if not files:
                self._fail(path, f"No file matches {path}{where}; check folder and pattern.")
            for file in files:
                if os.path.isdir(file):
                    self._add_folder(file, where)
                else:
                    self._take(file, False)
        elif line:
            self._fail(
                path,
                f"{path}: there is no such file{where}; paths in a list are relative to its "
                "folder.",
            )
        else:
            self._take(path, False)

    def _add_folder(self, path: str, where: str) -> None:
        refused: list[OSError] = []
        files = files_in(path, self._watch, refused.append)
        for error in refused:
            folder = str(error.filename or path)
            why = error.strerror or type(error).__name__
            self._fail(folder, f"{folder} cannot be searched: {why}; the rest is read.")
        if not files and not refused:
            self._fail(path, f"{path} holds no FITS files{where}; give the folder that has them.")
        for file, quietly in files:
            self._take(file, quietly)

    def _add_repository(self, word: str) -> None:
        from skyframe_gui.files.butler.repository import look_up

        try:
            stored = look_up(word, self._calibrations_of, self._usual, self._watch)
        except SkyFrameError as error:
            self._fail(word, str(error))
            return
        for one in stored:
            if one.why:
                self._fail(word, one.why)
                continue
            key = os.path.abspath(one.path)
            self.datasets[key] = (*self.datasets.get(key, ()), one.dataset)
            self._take(one.path, False)

    def _add_list(self, word: str) -> None:
        path = word.removeprefix(LIST)
        try:
            lines = _lines_of(path)
        except OSError as error:
            why = error.strerror or type(error).__name__
            self._fail(path, f"The list {path} cannot be read: {why}.")
            return
        except ValueError as error:
            self._fail(path, f"{path} is no list of paths: {error}.")
            return
        if not lines:
            self._fail(path, f"The list {path} names no file; it takes a path a line.")
        for number, text in lines:
            self.add(text, f"line {number} of {path}", os.path.dirname(path) or os.curdir)

    def _take(self, path: str, quietly: bool) -> None:
        key = os.path.abspath(path)
        # A file that was named, too, is not passed over in silence.
        before = self.found.get(key, (Path(path), True))
        self.found[key] = (before[0], quietly and before[1])

    def _fail(self, path: str, why: str) -> None:
        self.failed.append(Failure(path, why))


def _lines_of(path: str) -> list[tuple[int, str]]:
    """Return the lines of a list that are neither blank nor comments, and their numbers.

    Raises
    ------
    OSError
        It cannot be read.
    ValueError
        It is something else; the message ends a sentence.
    """
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise ValueError("it is no text file")
    with open(path, "rb") as file:
        data = file.read(LARGEST_LIST + 1)
    if len(data) > LARGEST_LIST:
        raise ValueError(f"it is larger than {LARGEST_LIST >> 20} MB; cut it into several")
    if _NOT_TEXT.search(data):
        raise ValueError("it has other bytes than text; give FITS files without the @")
    # Names of files are bytes; those that are no UTF-8 stay what they are.
    text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    found = []
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), 1):
        if len(line) > LONGEST_LINE:
            raise ValueError(f"its line {number} is longer than any path")
        path_of_line = _COMMENT.sub("", line).strip()
        if path_of_line:
            found.append((number, path_of_line))
    return found


def _matches(pattern: str) -> list[str]:
    """Return what matches a pattern, as a person orders names; hidden files only where it says."""
    parts = Path(pattern).parts
    if "**" not in parts:
        return sorted(glob.glob(pattern), key=natural_order)
    # Not glob's own way, which follows links to folders, in circles too.
    first = next(place for place, part in enumerate(parts) if glob.has_magic(part))
    root = os.path.join(*parts[:first]) if first else os.curdir
    found = []
    for folder, inner, names in os.walk(root):
        inner[:] = [name for name in inner if not name.startswith(".")]
        for name in names:
            path = os.path.join(folder, name)
            under = Path(path).relative_to(root).parts
            if not name.startswith(".") and _fits(under, parts[first:]):
                found.append(path if first else os.path.relpath(path))
    return sorted(found, key=natural_order)


def _fits(parts: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    """Tell whether a path matches a pattern, part by part; ``**`` is any number of folders."""
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return _fits(parts, pattern[1:]) or (bool(parts) and _fits(parts[1:], pattern))
    return bool(parts) and fnmatch.fnmatch(parts[0], pattern[0]) and _fits(parts[1:], pattern[1:])
