"""The stages from a file to samples, each remembered under what it reads. Called in the lanes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from skyframe_gui.app.model.queries import stamp_of
from skyframe_gui.app.model.requests import algorithm_of
from skyframe_gui.app.work.kept import Kept
from skyframe_gui.app.work.pyramids import image_pyramid
from skyframe_gui.app.work.thumbnails import found_thumbnail, keep_thumbnail, remember_thumbnail
from skyframe_gui.engine import BackgroundModel, BinGrid, SkyFrameError, kernel_cache
from skyframe_gui.files.sky_masks import unmasked
from skyframe_gui.workflow.frames import brought_to
from skyframe_gui.workflow.options import with_objects_masked

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    import numpy as np

    from skyframe_gui.app.model.items import ExposureItem, Options, SkyFrameItem
    from skyframe_gui.app.model.shown import Pixel, Pyramid
    from skyframe_gui.app.work.cache import Memory
    from skyframe_gui.engine import (
        BackgroundConfig,
        Exposure,
        Samples,
        SkyMeasurementConfig,
        Watch,
    )
    from skyframe_gui.engine.thumbnail import Thumbnail
    from skyframe_gui.workflow.cache import Shelf
    from skyframe_gui.workflow.look import Look
    from skyframe_gui.workflow.reading import Reading
    from skyframe_gui.workflow.sampling import Sky


class Stages:
    """The engine for the window: asks the memory first.

    Parameters
    ----------
    memory : Memory
    kept : Kept, optional
        What was measured before, on disk.
    """

    def __init__(self, memory: Memory, kept: Kept | None = None) -> None:
        self.memory = memory
        self.kept = kept or Kept()

    def exposure(
        self,
        item: ExposureItem,
        options: Options,
        watch: Watch | None,
        seen: Callable[[Exposure], None] | None = None,
    ) -> Exposure:
        """Return an exposure's planes, with objects masked where that is wanted.

        ``seen`` is called with the image alone where it has to be read, before the other planes.

        Raises
        ------
        SkyFrameError
            The file is gone, damaged, or not the one that was opened.
        """

        def make() -> Exposure:
            check_unchanged(item)
            if watch is not None:
                watch.step(0, 0, f"Reading {item.source.name}")
            exposure = item.source.read(seen)
            check_unchanged(item)  # or some of its pixels may be those of another file
            if note := unmasked(exposure, item.source.hand_masks):
                self.kept.take_notes([f"{item.source.name}: {note}"])
            return with_objects_masked(exposure, options.mask_objects, watch)

        return self.memory.get("exposure", exposure_key(item, options), make, _bytes_of)

    def look(self, item: ExposureItem, left_out: tuple[str, ...]) -> Look:
        """Return what there is to see of an exposure: kept from before, or read now.

        Its thumbnail is remembered, once there are kernels for it.

        Raises
        ------
        SkyFrameError
            The file is gone, damaged, or not the one that was opened.
        """
        from skyframe_gui.workflow.look import keep_look, kept_look, look_at

        check_unchanged(item)
        shelf = self._shelf(item)
        seen = kept_look(shelf, item.source, left_out)
        if seen is None:
            with_thumbnail = not kernel_cache.preparing.is_set()
            exposure = item.source.read()
            check_unchanged(item)
            seen = look_at(exposure, left_out, with_thumbnail)
            keep_look(shelf, left_out, seen)
        self.kept.take_notes(shelf.notes)
        if seen.thumbnail is not None:
            remember_thumbnail(self.memory, item, left_out, None, seen.thumbnail)
        return seen

    def find_thumbnail(
        self, item: ExposureItem, left_out: tuple[str, ...], options: Options
    ) -> Thumbnail | None:
        """Return a thumbnail that is remembered or kept; without the objects found if it can be."""
        from skyframe_gui.workflow.look import kept_look, kept_thumbnail

        found = found_thumbnail(self.memory, item, left_out, options)
        if found is not None or self.kept.cache is None:
            return found
        shelf, source = self._shelf(item), item.source
        without = kept_thumbnail(shelf, source, left_out, options.mask_objects)
        if without is not None:
            remember_thumbnail(self.memory, item, left_out, options, without)
            return without
        look = kept_look(shelf, source, left_out)
        if look is None or look.thumbnail is None:
            return None
        remember_thumbnail(self.memory, item, left_out, None, look.thumbnail)
        return look.thumbnail

    def _shelf(self, item: ExposureItem) -> Shelf:
        from skyframe_gui.workflow.cache import Shelf

        return Shelf(self.kept.cache, item.source)

    def _reading(
        self,
        item: ExposureItem,
        options: Options,
        read: Callable[[], Exposure],
        watch: Watch | None,
    ) -> Reading:
        from skyframe_gui.workflow.reading import Reading

        if self.kept.cache is not None:
            check_unchanged(item)  # or what is remembered would be kept as that of another file
        return Reading(
            item.source, options.mask_objects, watch, self.kept.cache, read=read, threads=None
        )

    def grid(
        self,
        item: ExposureItem,
        config: BackgroundConfig,
        options: Options,
        watch: Watch | None,
    ) -> BinGrid:
        """Return an exposure's bins; they do not depend on the config's algorithm."""
        config = config.model_copy(update={"algorithm": "CONSTANT"})
        key = (exposure_key(item, options), config)

        def make() -> BinGrid:
            read = partial(self.exposure, item, options, watch)
            reading = self._reading(item, options, read, watch)
            grid = reading.bins(config)
            self.kept.take_notes(reading.notes_on_kept)
            return grid

        return self.memory.get("grid", key, make)

    def samples(
        self,
        item: ExposureItem,
        frame: SkyFrameItem,
        config: SkyMeasurementConfig,
        options: Options,
        watch: Watch | None,
    ) -> Samples:
        """Return the samples of an exposure against its sky frame."""

        def read() -> Exposure:
            from skyframe_gui.workflow.look import keep_thumbnail as keep_on_shelf

            exposure = self.exposure(item, options, watch)
            left_out = config.stats.mask
            made = keep_thumbnail(self.memory, item, left_out, options, exposure)
            if made is not None and self.kept.cache is not None:
                keep_on_shelf(self._shelf(item), left_out, options.mask_objects, made)
            return exposure

        def make() -> Samples:
            sky = sky_of(frame, config, item)
            # Said before the pixels are read.
            sky.model().box_of(item.source.bbox, item.source.name)
            reading = self._reading(item, options, read, watch)
            samples = reading.samples(sky, config)
            self.kept.take_notes(reading.notes_on_kept)
            return samples

        return self.memory.get("samples", samples_key(item, frame, config, options), make)

    def has_samples(
        self,
        item: ExposureItem,
        frame: SkyFrameItem,
        config: SkyMeasurementConfig,
        options: Options,
    ) -> bool:
        """Whether the samples are remembered."""
        key = samples_key(item, frame, config, options)
        return self.memory.peek("samples", key) is not None

    def model(
        self,
        item: ExposureItem,
        frame: SkyFrameItem | None,
        config: SkyMeasurementConfig,
        options: Options,
        watch: Watch | None = None,
    ) -> Pyramid[np.float32]:
        """Return the image of the sky model over an exposure, not yet times a scale.

        Raises
        ------
        SkyFrameError
            The file cannot be used, or the sky frame is of another part of the detector.
        Cancelled
            The watch said so.
        """
        return self.model_of(item, frame, config, options, watch)[1]

    def model_of(
        self,
        item: ExposureItem,
        frame: SkyFrameItem | None,
        config: SkyMeasurementConfig,
        options: Options,
        watch: Watch | None,
    ) -> tuple[BackgroundModel, Pyramid[np.float32], Hashable]:
        """Return the model of an exposure's sky, its image, and what that is remembered under.

        Of the exposure's own bins where there is no sky frame.
        """
        box = None
        if frame is not None:
            exposure = self.exposure(item, options, watch)
            sky = sky_model(frame, config, item)
            box = sky.box_of(exposure.bbox, exposure.name)
            key: Hashable = (frame.key, frame.sky_frame, sky.algorithm, sky.bbox, box)
        else:
            grid = self.grid(item, config.background, options, watch)
            sky = BackgroundModel(grid, config.background.algorithm)
            key = (exposure_key(item, options), config.background)
        model = self.memory.get(
            "model",
            key,
            lambda: image_pyramid(sky.image(box, watch), watch),
            pyramid_bytes,
            quick=frame is None,  # it goes as soon as there is a sky frame
        )
        return sky, model, key


def sky_model(
    frame: SkyFrameItem, config: SkyMeasurementConfig, item: ExposureItem | None = None
) -> BackgroundModel:
    """Return a sky frame's model in the style that it is used in, in an exposure's pixels.

    Raises
    ------
    SkyFrameError
        It cannot be brought to them.
    """
    sky_frame = frame.sky_frame if item is None else brought_to(frame.sky_frame, item.source)
    return BackgroundModel(sky_frame.grid, algorithm_of(frame, config))


def sky_of(frame: SkyFrameItem, config: SkyMeasurementConfig, item: ExposureItem) -> Sky:
    """Return the same as an exposure is sampled against.

    Raises
    ------
    SkyFrameError
        It cannot be brought to the exposure's pixels.
    """
    from skyframe_gui.workflow.sampling import Sky

    own = brought_to(frame.sky_frame, item.source)
    return Sky(own.grid.values, own.grid.bbox, algorithm_of(frame, config))


def check_unchanged(item: ExposureItem) -> None:
    """Refuse a file that is gone or is not the one that was opened.

    Raises
    ------
    SkyFrameError
        Says which.
    """
    for path, stamp in item.files.items():
        now = stamp_of(path)
        if now == (0, 0):
            raise SkyFrameError(
                f"{path} is gone; put it back, or take it off the list and go on without it."
            )
        if stamp not in ((0, 0), now):
            raise SkyFrameError(
                f"{path} has changed since it was opened; reload it (F5) to work with what it "
                "holds now."
            )


def exposure_key(item: ExposureItem, options: Options) -> Hashable:
    """Return under what the planes of an exposure are remembered."""
    source = item.source
    return (
        item.key,
        item.stamps,
        source.visit,
        source.detector,
        source.hand_masks,
        options.mask_objects,
    )


def samples_key(
    item: ExposureItem, frame: SkyFrameItem, config: SkyMeasurementConfig, options: Options
) -> Hashable:
    """Return under what the samples of an exposure are remembered."""
    return (
        exposure_key(item, options),
        frame.key,
        frame.sky_frame,
        algorithm_of(frame, config),
        config.xNumSamples,
        config.yNumSamples,
        config.stats,
    )


def _bytes_of(exposure: Exposure) -> int:
    planes = exposure.image.nbytes
    if exposure.has_mask:
        planes += exposure.mask.nbytes
    if exposure.has_variance:
        planes += exposure.variance.nbytes
    return planes


def pyramid_bytes(pyramid: Pyramid[Pixel]) -> int:
    """Return how many bytes the levels of a pyramid have together."""
    return sum(level.nbytes for level in pyramid.levels)
