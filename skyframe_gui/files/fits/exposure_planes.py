"""The planes of an exposure, read from the HDUs that its source names."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from skyframe_gui.engine.exposure import Exposure
from skyframe_gui.files.fits.counts import counts_of
from skyframe_gui.files.fits.hdu import FileFault, reading
from skyframe_gui.files.fits.headers import Cards
from skyframe_gui.files.fits.io import FitsFile, open_fits
from skyframe_gui.files.fits.mask_planes import moved_bits
from skyframe_gui.files.fits.masks import flag_bad
from skyframe_gui.files.fits.pixels import checksum_notes, read_float_plane, read_mask_plane

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from skyframe_gui.engine.exposure import MaskPlanes
    from skyframe_gui.engine.progress import Watch
    from skyframe_gui.files.fits.hdu import Hdu
    from skyframe_gui.files.fits.source import ExposureSource
    from skyframe_gui.files.fits.split_header import SplitHeader


@dataclass(frozen=True)
class PlaneRef:
    """Where a plane is stored."""

    path: Path
    hdu: int


class OpenFiles(ExitStack):
    """The files that are open for a while, each opened once: packed files unpack in one go."""

    def __init__(self, watch: Watch | None = None) -> None:
        super().__init__()
        self._files: dict[Path, FitsFile] = {}
        self._watch = watch

    def get(self, path: Path) -> FitsFile:
        """Return a file, opened if it is not yet."""
        if path not in self._files:
            self._files[path] = self.enter_context(open_fits(path))
            self._files[path].watch = self._watch
        return self._files[path]


def merged_header(file: FitsFile, image: Hdu, notes: tuple[str, ...] = ()) -> SplitHeader:
    """Return the header of an image HDU merged with its file's primary one."""
    from skyframe_gui.files.fits.split_header import SplitHeader  # late, it needs astropy

    if image.index == 0:
        return SplitHeader.merge(image.image_cards, None, notes)
    return SplitHeader.merge(file.primary.cards, image.image_cards, notes)


def exposure_cards(file: FitsFile, image: Hdu) -> Cards:
    """Return the cards of `merged_header` for look-up."""
    if image.index == 0:
        return image.header
    return Cards.merged(file.primary.header, image.header, image.keywords)


def read_exposure(
    source: ExposureSource, files: OpenFiles, seen: Callable[[Exposure], None] | None = None
) -> Exposure:
    """Return the exposure of a source; see `ExposureSource.read`."""
    notes = list(source.notes)
    file, hdu = _plane(source, source.image, files)
    with reading(source.path):
        header = merged_header(file, hdu)
        wcs, broken = hdu.celestial
        make = partial(
            Exposure,
            xy0=source.xy0,
            header=header,
            wcs=wcs,
            detector=source.detector,
            visit=source.visit,
            name=source.name,
        )
        planes = _read_planes(source, files, notes, seen and (lambda image: seen(make(image))))
        if broken:
            notes.append(broken)
        header.notes = tuple(dict.fromkeys(notes))
        return make(*planes)


def _read_planes(
    source: ExposureSource,
    files: OpenFiles,
    notes: list[str],
    seen: Callable[[NDArray[np.float32]], None] | None = None,
) -> tuple[NDArray[np.float32], NDArray[np.int32] | None, NDArray[np.float32] | None, MaskPlanes]:
    """Return image, mask, variance and the mask's planes."""
    file, hdu = _plane(source, source.image, files)
    image = counts_of(exposure_cards(file, hdu)).undo(read_float_plane(file, hdu, notes))
    if seen is not None:
        seen(image)
    mask = _read_mask(source, files, notes, image)
    variance, bad = _read_variance(source, files, notes)
    planes = source.planes
    if bad is not None:
        mask, planes = flag_bad(mask, planes, bad)
    return image, mask, variance, planes


def _read_mask(
    source: ExposureSource, files: OpenFiles, notes: list[str], image: NDArray[Any]
) -> NDArray[np.int32] | None:
    if source.mask is None:
        return None
    combined: NDArray[np.int32] | None = None
    for ref, scheme in zip((source.mask, *source.more_masks), source.schemes, strict=True):
        file, hdu = _plane(source, ref, files)
        with reading(ref.path):
            values, holes = read_mask_plane(file, hdu, notes, scheme.good)
            pixels = scheme.decode(values, holes, notes, image)
        if source.more_masks:
            pixels = moved_bits(pixels, scheme.planes, source.planes)
        combined = pixels if combined is None else combined | pixels
    return combined


def _read_variance(
    source: ExposureSource, files: OpenFiles, notes: list[str]
) -> tuple[NDArray[np.float32] | None, NDArray[Any] | None]:
    """Return the variance, and which pixels have none where it comes from weights or errors."""
    if source.variance is None:
        return None, None
    file, hdu = _plane(source, source.variance, files)
    with reading(source.variance.path), np.errstate(all="ignore"):
        values = counts_of(hdu.header, own=True).undo(read_float_plane(file, hdu, notes))
        if source.variance_role == "variance":
            return values, None
        if source.variance_role == "weight":
            bad = ~((values > 0) & np.isfinite(values))
            variance = np.reciprocal(values, out=values)
        else:
            bad = ~((values >= 0) & np.isfinite(values))
            variance = np.square(values, out=values)
        variance[bad] = np.inf
        return variance, bad


def _plane(source: ExposureSource, ref: PlaneRef, files: OpenFiles) -> tuple[FitsFile, Hdu]:
    file = files.get(ref.path)
    hdu = file.hdus[ref.hdu] if ref.hdu < len(file.hdus) else None
    if hdu is None or not hdu.is_plane or hdu.shape != (source.height, source.width):
        raise FileFault(ref.path, "the file has changed since it was looked at; open it anew.")
    return file, hdu


def reading_notes(source: ExposureSource, large: bool) -> tuple[str, ...]:
    """Return what `read_exposure` would note; of ``large`` ones a block of a plane is held."""
    notes = list(source.notes)
    with OpenFiles() as files:
        if not large:
            with reading(source.path):
                _read_planes(source, files, notes)
                notes.append(_plane(source, source.image, files)[1].celestial[1])
            return tuple(dict.fromkeys(filter(None, notes)))
        for ref in (source.image, source.mask, *source.more_masks, source.variance):
            if ref is None:
                continue
            file, hdu = _plane(source, ref, files)
            with reading(ref.path):
                if hdu.is_compressed:
                    read_float_plane(file, hdu, notes)
                else:
                    notes.extend(checksum_notes(file, hdu))
    return tuple(dict.fromkeys(notes))
