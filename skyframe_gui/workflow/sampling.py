"""One exposure sampled against its own sky frame: what a worker is handed, and what it does."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from skyframe_gui.engine import BackgroundModel, BinGrid, SkyFrameError
from skyframe_gui.workflow.frames import brought_to, choose_sky_frame, not_the_same
from skyframe_gui.workflow.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from skyframe_gui.engine import Samples, SkyFrame, SkyMeasurementConfig, Watch
    from skyframe_gui.engine.exposure import BBox
    from skyframe_gui.engine.identity import FrameKey
    from skyframe_gui.files import ExposureSource
    from skyframe_gui.workflow.cache import Cache
    from skyframe_gui.workflow.options import MaskObjects

LARGEST = 40_000
"""Bytes of a sky frame that go to another process with a task; a larger one is read from its file
there, where it has one."""


@dataclass(frozen=True, eq=False)
class Sky:
    """The sky frame of one exposure, in its pixels; in another process its values alone.

    Attributes
    ----------
    values : array, float32 [ny, nx], or None
        None: they are to be read from the file.
    bbox : (min_x, min_y, max_x, max_y)
    algorithm : str
    path : str
        Its file; "" where nobody knows.
    told : str
        The digest of the values, where these were left behind.
    """

    values: NDArray[Any] | None
    bbox: BBox
    algorithm: str
    path: str = ""
    told: str = ""

    @classmethod
    def of(cls, frame: SkyFrame, path: str = "") -> Sky:
        """Return a sky frame that has been brought to an exposure's pixels."""
        return cls(frame.grid.values, frame.grid.bbox, frame.algorithm, path)

    @cached_property
    def digest(self) -> str:
        """Names the values."""
        return self.told if self.values is None else _digest(self.values)

    def model(self) -> BackgroundModel:
        """Return it as an image model.

        Raises
        ------
        SkyFrameError
            Its file cannot be read in this process, or is another one by now.
        """
        values = _values_in(self.path, self.told) if self.values is None else self.values
        return BackgroundModel(BinGrid.from_values(values, self.bbox), self.algorithm)

    def __reduce__(self) -> tuple[type[Sky], tuple[Any, ...]]:
        values = self.values
        if values is not None and values.nbytes > LARGEST and self.path:
            values = None
        told = self.digest if values is None else ""
        return Sky, (values, self.bbox, self.algorithm, self.path, told)


def _digest(values: NDArray[Any]) -> str:
    shape = "x".join(map(str, values.shape)).encode()
    return hashlib.blake2b(shape + values.tobytes(), digest_size=16).hexdigest()


@lru_cache(maxsize=256)
def _values_in(path: str, digest: str) -> NDArray[Any]:
    from skyframe_gui.files import read_sky_frame

    values = read_sky_frame(path).grid.values
    if _digest(values) != digest:
        raise SkyFrameError(not_the_same(path))
    return values


@dataclass(frozen=True, eq=False)
class SamplingTask:
    """An exposure with its own sky frame; this is all that a worker gets of them."""

    source: ExposureSource
    sky: Sky


def sampling_tasks(
    sources: Sequence[ExposureSource],
    sky_frames: Sequence[SkyFrame],
    paths: Mapping[int, str] | None = None,
) -> list[SamplingTask | str]:
    """Return what is to be done for each exposure, or the sentence that says why it cannot be.

    Parameters
    ----------
    sources : sequence of ExposureSource
    sky_frames : sequence of SkyFrame
        See `choose_sky_frame`.
    paths : mapping of int to str, optional
        Their files by their `id`, where they have some.
    """
    tasks: list[SamplingTask | str] = []
    chosen: dict[FrameKey, SkyFrame] = {}
    for source in sources:
        key = source.identity.frame
        try:
            frame = chosen.get(key) or choose_sky_frame(sky_frames, source.identity)
            chosen[key] = frame
            sky = Sky.of(brought_to(frame, source), (paths or {}).get(id(frame), ""))
            # A mistake is said before the pixels are read.
            sky.model().box_of(source.bbox, source.name)
        except SkyFrameError as error:
            tasks.append(str(error))
        else:
            tasks.append(SamplingTask(source, sky))
    return tasks


def sample_exposure(
    task: SamplingTask,
    watch: Watch | None,
    *,
    config: SkyMeasurementConfig,
    mask_objects: MaskObjects,
    cache: Cache | None = None,
) -> tuple[Samples, tuple[str, ...]]:
    """Return the samples of one exposure against its sky frame, and notes.

    What ``cache`` has of them is taken from there; what it has not is kept in it.
    """
    if watch is not None:
        watch.step(0, 1, "Sampling exposures")
    reading = Reading(task.source, mask_objects, watch, cache, config.stats.mask)
    return reading.samples(task.sky, config), reading.notes
