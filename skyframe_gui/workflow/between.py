"""Exposures between their two uses: in memory as far as they fit, else in a folder of a cache."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from skyframe_gui.engine import Exposure, MaskPlanes
from skyframe_gui.files.locks import lock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from skyframe_gui.files import ExposureSource
    from skyframe_gui.workflow.cache import Cache

FOLDER = "between"
"""Of a cache: what lies in it is gone when the command has ended."""
FREE, MOST_FREE = 0.1, 8 << 30
"""Part of the disk that is left free, and bytes that are enough."""
OLD_SECONDS = 7 * 86400.0
"""A folder whose process cannot be told to be alive is taken away after so long."""


@dataclass(frozen=True)
class OnDisk:
    """A folder for exposures that all workers see; what does not fit is not kept.

    Attributes
    ----------
    folder : Path
    names : tuple of str
        Mask planes whose pixels are left out later; of the masks only these are kept.
    """

    folder: Path
    names: tuple[str, ...]

    def put(self, source: ExposureSource, exposure: Exposure) -> None:
        """Keep an exposure, if there is room."""
        bad = _left_out(exposure, self.names)
        arrays = {"image": exposure.image}
        with contextlib.suppress(OSError):  # then it is read once more
            disk = shutil.disk_usage(self.folder)
            if disk.free - exposure.image.nbytes < min(FREE * disk.total, MOST_FREE):
                return
            path = self._path(source)
            with open(path.with_suffix(".part"), "wb") as file:
                np.savez(file, **arrays, **({} if bad is None else {"bad": bad}))  # type: ignore[arg-type]  # names of ours
            os.replace(path.with_suffix(".part"), path)

    def take(self, source: ExposureSource) -> Exposure | None:
        """Return an exposure that was kept, with one mask plane, and forget it."""
        path = self._path(source)
        try:
            with np.load(path, allow_pickle=False) as file:
                image = file["image"]
                bad = file["bad"] if "bad" in file.files else None
        except FileNotFoundError:
            return None
        except Exception:
            # Damaged bytes make NumPy and zipfile raise whatever they meet.
            return None
        finally:
            with contextlib.suppress(OSError):
                path.unlink()
        return _exposure(source, self.names, image, bad)

    def _path(self, source: ExposureSource) -> Path:
        of = f"{source.path} {source.image.hdu} {source.detector}"
        return self.folder / hashlib.blake2b(os.fsencode(of), digest_size=16).hexdigest()


@dataclass(eq=False)
class InMemory:
    """Exposures of this process, as far as they fit; the others go to the disk where there is one.

    Attributes
    ----------
    names : tuple of str
        See `OnDisk`.
    free : int
        Bytes.
    disk : OnDisk, optional
    """

    names: tuple[str, ...]
    free: int
    disk: OnDisk | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _held: dict[int, tuple[NDArray[np.float32], NDArray[np.uint8] | None, int]] = field(
        default_factory=dict
    )

    def put(self, source: ExposureSource, exposure: Exposure) -> None:
        """Keep an exposure, if there is room."""
        size = exposure.image.nbytes + exposure.image.size // 8
        with self._lock:
            fits = size <= self.free
            self.free -= size if fits else 0
        if not fits:
            if self.disk is not None:
                self.disk.put(source, exposure)
            return
        bad = _left_out(exposure, self.names)
        with self._lock:
            self._held[id(source)] = exposure.image, bad, size

    def take(self, source: ExposureSource) -> Exposure | None:
        """Return an exposure that was kept, with one mask plane, and forget it."""
        with self._lock:
            image, bad, size = self._held.pop(id(source), (None, None, 0))
            self.free += size
        if image is None:
            return None if self.disk is None else self.disk.take(source)
        return _exposure(source, self.names, image, bad)


Between = InMemory | OnDisk


def _left_out(exposure: Exposure, names: tuple[str, ...]) -> NDArray[np.uint8] | None:
    bits = exposure.planes.left_out(names) if exposure.has_mask else 0
    return np.packbits((exposure.mask & np.int32(bits)) != 0) if bits else None


def _exposure(
    source: ExposureSource, names: tuple[str, ...], image: NDArray[Any], bad: NDArray[Any] | None
) -> Exposure:
    mask = None
    if bad is not None:
        mask = np.unpackbits(bad, count=image.size).reshape(image.shape).astype(np.int32)
    planes = MaskPlanes({names[0]: 0} if bad is not None else {})
    return Exposure(image, mask, planes=planes, xy0=source.xy0, name=source.name)


@contextmanager
def folder_between(cache: Cache | None, names: tuple[str, ...]) -> Iterator[OnDisk | None]:
    """Give a folder of a cache that is gone afterwards; None where there can be none.

    What a process that was killed has left there is taken away first.
    """
    if cache is None:
        yield None
        return
    within = cache.folder / FOLDER
    try:
        within.mkdir(exist_ok=True)
        for left in within.iterdir():
            _sweep(left)
        made = Path(tempfile.mkdtemp(dir=within))
        descriptor = os.open(made / "lock", os.O_RDWR | os.O_CREAT)
    except OSError:
        yield None
        return
    try:
        lock(descriptor)
        yield OnDisk(made, names)
    finally:
        os.close(descriptor)
        shutil.rmtree(made, ignore_errors=True)


def _sweep(left: Path) -> None:
    """Take a folder away whose process has ended."""
    with contextlib.suppress(OSError):
        descriptor = os.open(left / "lock", os.O_RDWR)
        try:
            is_free = lock(descriptor)
            if is_free is None:
                is_free = time.time() - left.stat().st_mtime > OLD_SECONDS
        finally:
            os.close(descriptor)
        if is_free:
            shutil.rmtree(left, ignore_errors=True)
