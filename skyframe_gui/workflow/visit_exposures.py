"""The exposures of a visit that is corrected, read when they are asked for."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine import Exposure, SkyFrameError
from skyframe_gui.numbers import digits
from skyframe_gui.workflow.notes import notes_of_reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from skyframe_gui.engine import SkyCorrectionConfig, Watch
    from skyframe_gui.files import ExposureSource

FEW_ROWS = 64
"""One row of so many is looked at first."""


class ReadExposures(Mapping[str, Exposure]):
    """Exposures by detector, each read when it is asked for."""

    def __init__(
        self,
        sources: Mapping[str, ExposureSource],
        config: SkyCorrectionConfig,
        watch: Watch | None = None,
    ) -> None:
        self._sources = dict(sources)
        self._config = config
        self._watch = None if watch is None else watch.part("Reading")
        self._alive: set[str] = set()
        self._lock = threading.Lock()
        self.failed: dict[str, str] = {}
        """Why an exposure could not be read."""
        self.notes: set[str] = set()

    def __getitem__(self, name: str) -> Exposure:
        source = self._sources[name]
        try:
            exposure, notes = read_for_correction(
                source, self._config, self._watch, name in self._alive
            )
        except SkyFrameError as error:
            with self._lock:
                self.failed[name] = str(error)
            raise
        with self._lock:
            self._alive.add(name)
            self.notes.update(notes)
        return exposure

    def __contains__(self, name: object) -> bool:  # without reading it
        return name in self._sources

    def __iter__(self) -> Iterator[str]:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)


def read_for_correction(
    source: ExposureSource,
    config: SkyCorrectionConfig,
    watch: Watch | None,
    is_alive: bool = False,
) -> tuple[Exposure, tuple[str, ...]]:
    """Return an exposure as a visit's correction takes it, and notes.

    Raises
    ------
    SkyFrameError
        It cannot be read, or unless it is known that it ``is_alive``, see `refuse_dead`.
    """
    exposure = source.read(watch=watch)
    if not is_alive:
        refuse_dead(exposure, source.name, config)
    notes = notes_of_reading(source, exposure)
    if config.doMaskObjects and exposure.has_variance and not (exposure.variance > 0).any():
        # It would make an object of every pixel.
        notes += (
            f"{source.name}: its variance is 0 everywhere; objects are found by the noise of "
            "the image instead.",
        )
        exposure = Exposure(
            exposure.image,
            exposure.mask if exposure.has_mask else None,
            planes=exposure.planes,
            xy0=exposure.xy0,
            detector=exposure.detector,
            name=exposure.name,
        )
    return exposure, notes


def refuse_dead(exposure: Exposure, name: str, config: SkyCorrectionConfig) -> None:
    """Refuse an exposure that tells nothing of the sky: it would pull the others' background.

    Raises
    ------
    SkyFrameError
        No pixel is good, or all that are have one value.
    """
    # Objects are found anew, or there is still some sky between them.
    planes = [plane for plane in config.bgModel1.mask if not plane.startswith("DETECTED")]
    bits = np.int32(exposure.planes.left_out(planes) if exposure.has_mask else 0)
    least = most = np.float32(np.nan)
    for step in (FEW_ROWS, 1):  # some rows of a living detector tell it at once
        image = exposure.image[::step]
        good = np.isfinite(image)
        if bits:
            good &= exposure.mask[::step] & bits == 0
        least = image.min(where=good, initial=np.float32(np.inf))
        most = image.max(where=good, initial=np.float32(-np.inf))
        if least < most:
            return
    if least > most:
        why = "has no good pixel: all are masked or no numbers"
    else:
        why = f"has the value {digits(float(least), 4)} in every good pixel, as of a dead detector"
    raise SkyFrameError(f"{name} {why}; it takes no part in its visit's correction.")
