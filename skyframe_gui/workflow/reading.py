"""An exposure that is read once at most, and what is measured of it: bins, samples, thumbnail."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from skyframe_gui.engine import BinGrid, Samples, measure_background, measure_scale
from skyframe_gui.workflow.cache import Cache, Product, Shelf
from skyframe_gui.workflow.look import keep_looks
from skyframe_gui.workflow.notes import notes_of_reading
from skyframe_gui.workflow.options import MaskObjects, with_objects_masked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from skyframe_gui.engine import BackgroundConfig, Exposure, SkyMeasurementConfig, Watch
    from skyframe_gui.files import ExposureSource
    from skyframe_gui.workflow.sampling import Sky


class Reading:
    """An exposure, read when something of it is not kept.

    Parameters
    ----------
    source : ExposureSource
    mask_objects : MaskObjects
    watch : Watch, optional
    cache : Cache, optional
        Where products are looked for first, and kept.
    read : callable, optional
        Returns the exposure with its objects masked, where somebody else holds it; its thumbnail
        is then not made here.
    threads : int, optional
        How many; one by default, as the workers of an executor are what runs side by side.
    left_out : tuple of str
        Mask planes whose pixels are not good in the thumbnail, which is kept with a cache.
    """

    def __init__(
        self,
        source: ExposureSource,
        mask_objects: MaskObjects,
        watch: Watch | None = None,
        cache: Cache | None = None,
        left_out: tuple[str, ...] = (),
        *,
        read: Callable[[], Exposure] | None = None,
        threads: int | None = 1,
    ) -> None:
        self._read = read
        self._threads = threads
        self._source = source
        self._mask_objects = mask_objects
        self._watch = watch
        self._shelf = Shelf(cache, source)
        self._left_out = left_out
        self._notes: dict[str, None] = {}
        self._own_notes: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What only reading the pixels has told, now or when the products were kept."""
        return tuple(dict.fromkeys((*self._notes, *self._shelf.notes)))

    @property
    def notes_on_kept(self) -> tuple[str, ...]:
        """What is to be said of what was kept, or could not be."""
        return tuple(self._shelf.notes)

    def bins(self, config: BackgroundConfig) -> BinGrid:
        """Return the exposure in bins.

        Raises
        ------
        SkyFrameError
            The file cannot be read.
        """
        # How bins become an image is of no matter to them.
        about = config.model_dump(mode="json", exclude={"algorithm"})
        depends = {"bins": about, "mask_objects": str(self._mask_objects)}
        kept = self._shelf.get("bins", depends)
        if kept is not None:
            self._note(kept.notes)
            return BinGrid.from_values(bbox=self._source.bbox, **kept.arrays)
        grid = measure_background(self._exposure, config, self._watch, threads=self._threads)
        self._shelf.put("bins", depends, Product(arrays_of(grid), self._own_notes))
        return grid

    def samples(self, sky: Sky, config: SkyMeasurementConfig) -> Samples:
        """Return the exposure's samples against a sky frame.

        Raises
        ------
        SkyFrameError
            The file cannot be read.
        """
        about = config.model_dump(mode="json", include={"xNumSamples", "yNumSamples", "stats"})
        depends = {
            "samples": about,
            "sky": [sky.digest, list(sky.bbox), sky.algorithm],
            "mask_objects": str(self._mask_objects),
        }
        kept = self._shelf.get("samples", depends)
        if kept is not None:
            self._note(kept.notes)
            return Samples(**kept.arrays, detector=self._source.detector)
        model = sky.model()  # whose file may be missing: that is said before the pixels are read
        found = measure_scale(self._exposure, model, config, self._watch, threads=self._threads)
        self._shelf.put("samples", depends, Product(arrays_of_samples(found), self._own_notes))
        return found

    @cached_property
    def _exposure(self) -> Exposure:
        exposure = self._source.read() if self._read is None else self._read()
        self._own_notes = notes_of_reading(self._source, exposure)
        self._note(self._own_notes)
        if self._read is not None:
            return exposure
        how, threads = self._mask_objects, self._threads
        masked = with_objects_masked(exposure, how, self._watch, threads)
        keep_looks(self._shelf, exposure, masked, self._left_out, self._mask_objects)
        return masked

    def _note(self, notes: Iterable[str]) -> None:
        self._notes.update(dict.fromkeys(notes))


def arrays_of(grid: BinGrid) -> dict[str, NDArray[Any]]:
    """Return what `BinGrid.from_values` makes a measured grid of again."""
    return {
        "values": grid.values,
        "errors": grid.errors,
        "n_good": _small(grid.n_good),
        "n_clipped": _small(grid.n_clipped),
    }


def arrays_of_samples(found: Samples) -> dict[str, NDArray[Any]]:
    """Return what `Samples` are made of again, with the detector's name."""
    return {
        "image": found.image,
        "sky": found.sky,
        "good_fraction": found.good_fraction,
        "boxes": _small(found.boxes),
    }


def _small(numbers: NDArray[np.int64]) -> NDArray[np.int64] | NDArray[np.int32]:
    """Return whole numbers in half the room, where they fit."""
    fits = not numbers.size or -(2**31) <= numbers.min() <= numbers.max() < 2**31
    return numbers.astype(np.int32) if fits else numbers
