"""What was measured of exposures, kept on disk: nothing that is there is read from a file again.

An entry is of one exposure and one kind of product. It is found by the exposure's path and by what
the product depends on (the part of the config, the planes, the sky frame); it is used where the
files are still what they were, by size and time, by checksum too where that is asked for, and where
the same version of the engine made it. Anything else is measured anew, and the entry replaced.

Entries are NumPy archives without pickled objects, written as a whole or not at all. The bytes of
numbers are put in the order of their weight before they are compressed: those of signs and
exponents are nearly all alike then, and an entry takes three quarters of the room.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import time
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skyframe_gui.engine import SkyFrameError
from skyframe_gui.files.atomic import ensure_folder, write_bytes
from skyframe_gui.files.fits.provenance import sha256_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from skyframe_gui.files import ExposureSource

FORMAT = 2
"""Of an entry."""
MARK = "skyframe-cache"
"""A file in the folder that says what it is."""
_MARKED = "What skyframe-gui measured of exposures (--cache). It may be removed at any time.\n"
_ABOUT, _SUFFIX = "about", ".npz"
USED_SECONDS = 3600.0
"""The time of an entry says when it was used, to this."""


class Product(NamedTuple):
    """What was measured: its arrays, and what was to be said of the exposure when it was read."""

    arrays: dict[str, NDArray[Any]]
    notes: tuple[str, ...]


class Swept(NamedTuple):
    """How much was taken away."""

    n_files: int
    n_bytes: int


@dataclass(frozen=True)
class Cache:
    """A folder of measurements; many processes may use one.

    Attributes
    ----------
    folder : Path
    checksums : bool
        Whether files are told by their contents, too, which are read for that.
    """

    folder: Path
    checksums: bool = False

    @classmethod
    def at(cls, folder: Path, checksums: bool = False) -> Cache:
        """Return the cache in a folder, which is made where it is not there.

        Raises
        ------
        SkyFrameError
            The folder cannot be made or written, or holds something else.
        """
        made = ensure_folder(folder)
        mark = made / MARK
        if not mark.exists():
            if any(not one.name.startswith(".") for one in made.iterdir()):
                raise SkyFrameError(
                    f"{folder} holds other files than those of a cache; give a folder of its own "
                    "with --cache."
                )
            write_bytes(mark, _MARKED.encode(), overwrite=True)
        # Tasks carry it to processes that may have another working folder.
        return cls(Path(os.path.abspath(made)), checksums)

    def sweep(self, limit: int) -> Swept:
        """Take entries away, those first that were not used for longest, until the rest fits.

        Parameters
        ----------
        limit : int
            Bytes of all entries together.
        """
        found: list[tuple[float, int, str]] = []
        for path in self.folder.glob(f"*/??/*{_SUFFIX}"):
            with contextlib.suppress(OSError):  # gone since
                stat = path.stat()
                found.append((stat.st_mtime, stat.st_size, str(path)))
        total = sum(size for _, size, _ in found)
        # A little more than must be, or the next entry would have all looked through again.
        least = 0.9 * limit if total > limit else limit
        n_files = n_bytes = 0
        for _, size, name in sorted(found):
            if total - n_bytes <= least:
                break
            with contextlib.suppress(OSError):
                os.unlink(name)
                n_files, n_bytes = n_files + 1, n_bytes + size
        return Swept(n_files, n_bytes)


class Shelf:
    """What a cache has of one exposure.

    Parameters
    ----------
    cache : Cache or None
        None keeps nothing.
    source : ExposureSource
        Looked at now: an exposure that changes while it is measured is not kept.

    Attributes
    ----------
    notes : list of str
        Sentences on entries that could not be used or written.
    """

    def __init__(self, cache: Cache | None, source: ExposureSource) -> None:
        self._cache = cache
        self._source = source
        self._files = [] if cache is None else _files_of(source)
        self.notes: list[str] = []

    @property
    def keeps(self) -> bool:
        """Whether there is a cache."""
        return self._cache is not None

    def get(self, kind: str, depends: Mapping[str, object]) -> Product | None:
        """Return what was kept; None where it must be measured.

        Parameters
        ----------
        kind : str
            Which product: also the name of its folder.
        depends : mapping of str to object
            All that it depends on besides the files and the engine, as JSON has it.
        """
        if self._cache is None:
            return None
        path, about = self._entry(kind, depends)
        try:
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
                packed = {name: file[name] for name in file.files}
            told = json.loads(packed.pop(_ABOUT).tobytes())
            notes = tuple(map(str, told.pop("notes")))
            kinds = told.pop("arrays", {})
            arrays = {name: _unpacked(packed[name], *kinds[name]) for name in kinds}
        except FileNotFoundError:
            return None
        except Exception:
            # Damaged bytes make NumPy, zipfile and json raise whatever they meet.
            self.notes.append(f"{self._name}: what was kept of it is damaged; it is measured anew.")
            return None
        made_by, form = told.pop("engine", ""), told.get("format")
        if told != about and form == FORMAT:
            return None  # of a file that was another then, which is the usual way of a cache
        if made_by != engine_version() or form != FORMAT:
            # The same sentence for all exposures, which is then said once.
            self.notes.append(
                f"What is kept in {self._cache.folder} of some exposures was made by another "
                "version of the program; they are measured anew."
            )
            return None
        for array in arrays.values():
            array.flags.writeable = False
        with contextlib.suppress(OSError):  # as one that was used lately
            if time.time() - path.stat().st_mtime > USED_SECONDS:
                os.utime(path)
        return Product(arrays, notes)

    def put(self, kind: str, depends: Mapping[str, object], product: Product) -> None:
        """Keep a product, unless the exposure's files are not what they were at first."""
        if self._cache is None or self._files != _files_of(self._source):
            return
        path, about = self._entry(kind, depends)
        kinds = {name: (one.dtype.str, one.shape) for name, one in product.arrays.items()}
        more = {"engine": engine_version(), "notes": list(product.notes), "arrays": kinds}
        packed = {name: _packed(one) for name, one in product.arrays.items()}
        packed[_ABOUT] = np.frombuffer(json.dumps({**about, **more}).encode(), np.uint8)
        data = io.BytesIO()
        np.savez_compressed(data, **packed)  # type: ignore[arg-type]  # names of ours
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(path, data.getvalue(), overwrite=True)
        except (OSError, SkyFrameError) as error:
            why = getattr(error, "strerror", None) or str(error).replace(str(path), "an entry")
            # The same sentence for all exposures, which is then said once.
            self.notes.append(
                f"What is measured cannot be kept in {self._cache.folder} ({why.rstrip('.')}); it "
                "is measured again another time."
            )

    @property
    def _name(self) -> str:
        return self._source.name

    def _entry(self, kind: str, depends: Mapping[str, object]) -> tuple[Path, dict[str, Any]]:
        assert self._cache is not None
        told = {"kind": kind, "depends": dict(depends), "reading": self._reading}
        key = json.dumps(told, sort_keys=True, default=str).encode()
        key += os.fsencode(os.path.abspath(self._source.path))
        name = hashlib.blake2b(key, digest_size=16).hexdigest()
        about = {"format": FORMAT, "files": self._files, "checksum": self._checksum}
        return self._cache.folder / kind / name[:2] / f"{name}{_SUFFIX}", about

    @cached_property
    def _reading(self) -> dict[str, object]:
        """How the exposure is read from its files."""
        source = self._source
        by_hand = {"hand_masks": [repr(one) for one in source.hand_masks]}
        return (by_hand if source.hand_masks else {}) | {
            "hdus": [ref.hdu for ref in _planes_of(source)],
            "schemes": [repr(scheme) for scheme in source.schemes],
            "planes": dict(source.planes),
            "variance": source.variance_role if source.has_variance else "",
            "place": [*source.xy0, source.width, source.height],
        }

    @cached_property
    def _checksum(self) -> list[str]:
        if self._cache is None or not self._cache.checksums:
            return []
        return [sha256_of(Path(path)) for path, _, _ in self._files]


def _packed(array: NDArray[Any]) -> NDArray[np.uint8]:
    """Return the bytes of all numbers, the first of each before the second of each."""
    raw = np.frombuffer(array.tobytes(), np.uint8)
    return np.ascontiguousarray(raw.reshape(-1, array.dtype.itemsize).T)


def _unpacked(packed: NDArray[np.uint8], kind: str, shape: tuple[int, ...]) -> NDArray[Any]:
    """Return an array of what `_packed` made of it."""
    dtype = np.dtype(kind)
    if dtype.kind not in "biuf" or packed.dtype != np.uint8:
        raise ValueError(f"no numbers: {kind}")
    return np.frombuffer(packed.T.tobytes(), dtype).reshape(shape)


def _planes_of(source: ExposureSource) -> list[Any]:
    planes = (source.image, source.mask, *source.more_masks, source.variance)
    return [ref for ref in planes if ref is not None]


def _files_of(source: ExposureSource) -> list[list[Any]]:
    """Return path, size and time of each file that an exposure is read from."""
    found: list[list[Any]] = []
    for path in dict.fromkeys(ref.path for ref in _planes_of(source)):
        try:
            stat = os.stat(path)
        except OSError:
            found.append([os.path.abspath(path), -1, -1])  # whoever reads it says so
        else:
            found.append([os.path.abspath(path), stat.st_size, stat.st_mtime_ns])
    return found


@cache
def engine_version() -> str:
    """Return what names the code that makes pixels into numbers, and the libraries under it.

    A digest over the engine and what reads FITS files and masks them: a mended fault there makes
    what was kept before it worthless, whether the program's version has changed or not.
    """
    root = Path(__file__).resolve().parent.parent
    found = hashlib.sha256()
    folders = (root / "engine", root / "files" / "fits")
    paths = [path for folder in folders for path in sorted(folder.rglob("*.py"))]
    for path in (*paths, root / "files" / "sky_masks.py"):
        content = path.read_bytes()
        found.update(f"{path.relative_to(root).as_posix()} {len(content)}\n".encode())
        found.update(content)
    for package in ("numpy", "numba", "scipy", "astropy"):
        try:
            found.update(f"{package} {version(package)}\n".encode())
        except PackageNotFoundError:
            found.update(f"{package}\n".encode())
    return found.hexdigest()[:24]
