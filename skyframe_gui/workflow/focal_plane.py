"""Visits as cp_pipe bins them: minus their background over the focal plane, over its level.

Every exposure is used twice: its part of the background is measured, and when all of the visit are,
the background is subtracted. What was done to it meanwhile is kept in memory where it fits, else in
the cache's folder; without one it is done again. No more than an exposure a worker and `KEPT_BYTES`
are in memory.
"""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skyframe_gui.engine import (
    BackgroundModel,
    BinGrid,
    Exposure,
    SkyFrameError,
    fill_objects,
    find_objects,
    measure_background,
    measure_focal_plane,
)
from skyframe_gui.engine.camera import Camera
from skyframe_gui.engine.normalise import over_level
from skyframe_gui.engine.objects import LEAST_BINS
from skyframe_gui.engine.objects import mask_objects as find_on_own_scale
from skyframe_gui.engine.progress import step
from skyframe_gui.numbers import plural
from skyframe_gui.workflow.between import Between, InMemory, folder_between
from skyframe_gui.workflow.binning import Binned, without_sky
from skyframe_gui.workflow.cache import Cache, Product, Shelf
from skyframe_gui.workflow.focal_visits import visits_over
from skyframe_gui.workflow.jobs import Failure, run_all
from skyframe_gui.workflow.look import keep_looks
from skyframe_gui.workflow.notes import notes_of_reading
from skyframe_gui.workflow.options import MaskObjects
from skyframe_gui.workflow.reading import arrays_of
from skyframe_gui.workflow.sky_level import Measured, NoSkyError, Rest, pixel_noise, rests_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Executor

    from numpy.typing import NDArray

    from skyframe_gui.engine import BackgroundConfig, Watch
    from skyframe_gui.engine.focal_config import SkyImageConfig
    from skyframe_gui.files import ExposureSource
    from skyframe_gui.workflow.exposures import Done

LABEL = "Binning visits"
KEPT_BYTES = 512 << 20
"""Of exposures of a visit whose objects are filled; what does not fit is read and filled again."""


@dataclass(frozen=True, eq=False, kw_only=True)
class FocalPlane:
    """A camera and how the background over it is measured.

    Attributes
    ----------
    camera : Camera
    config : SkyImageConfig
    by_kind : bool
        See `merge_visit`.
    orientation : str
        How exposures were read out, as `Identity` has it, where it is their own pixels that the
        camera lays out.
    """

    camera: Camera
    config: SkyImageConfig
    by_kind: bool
    orientation: str = ""


class _Part(NamedTuple):
    """An exposure to measure, and as much of its camera as tells where it lies."""

    source: ExposureSource
    detector: str
    camera: Camera


def bin_visits(
    pool: Executor,
    sources: Sequence[ExposureSource],
    plane: FocalPlane,
    bins: BackgroundConfig,
    mask_objects: MaskObjects,
    watch: Watch | None,
    cache: Cache | None = None,
    left_out: tuple[str, ...] = (),
) -> Done[Binned]:
    """Return the bins of exposures minus the background of their visit, over its level.

    The results are the same for any executor and any number of workers. One exposure that cannot be
    used does not stop its visit.

    Parameters
    ----------
    pool : concurrent.futures.Executor
    sources : sequence of ExposureSource
        Of one camera.
    plane : FocalPlane
    bins : BackgroundConfig
        Of the sky frame.
    mask_objects : MaskObjects
        NEVER fills what the files have DETECTED; else objects are found anew, see `filled`.
    watch : Watch, optional
        Told of every visit, twice.
    cache : Cache, optional
        Where both measurements are looked for first, and kept.
    left_out : tuple of str
        See `Reading`.

    Raises
    ------
    SkyFrameError
        The sky was subtracted before from most visits.
    Cancelled
        The watch said so.
    """
    visits, failed = visits_over(plane.camera, sources, plane.orientation)
    total = 2 * sum(map(len, visits.values()))
    found: dict[int, Binned] = {}
    without: dict[str, NoSkyError] = {}
    done = 0
    with folder_between(cache, bins.mask) as disk:
        kept: Between | None = disk
        if isinstance(pool, ThreadPoolExecutor):
            kept = InMemory(bins.mask, KEPT_BYTES, disk)
        for visit, members in visits.items():
            step(watch, done, total, LABEL)
            part = None if watch is None else watch.part(LABEL)
            measured, undone = _measure(
                pool, members, plane, mask_objects, kept, part, cache, left_out
            )
            failed += undone
            step(watch, done + len(members), total, LABEL)
            rests, undone = rests_of(measured, plane, visit, without) if measured else ([], [])
            failed += undone
            job = partial(
                _bin_rest,
                config=plane.config,
                bins=bins,
                mask_objects=mask_objects,
                kept=kept,
                cache=cache,
            )
            outcomes = run_all(pool, job, rests, part, LABEL)
            for rest, outcome in zip(rests, outcomes, strict=True):
                if outcome.value is None:
                    failed.append(Failure(str(rest.source.path), outcome.why))
                else:
                    found[id(rest.source)] = Binned(outcome.value, rest.level, rest.notes)
            for source, _ in members:
                if kept is not None:
                    kept.take(source)
            done += 2 * len(members)
    if 2 * len(without) > len(visits):
        visit, why = next(iter(without.items()))
        raise SkyFrameError(
            f"The sky was subtracted from these exposures before, as it seems, in {len(without)} "
            f"of {plural(len(visits), 'visit')}: in visit {visit} {why}. Such exposures cannot be "
            "divided by their sky; --normalise none averages them as they are."
        )
    step(watch, done, done, LABEL)
    return [(one, found[id(one)]) for one in sources if id(one) in found], failed


def _measure(
    pool: Executor,
    members: Sequence[tuple[ExposureSource, str]],
    plane: FocalPlane,
    mask_objects: MaskObjects,
    kept: Between | None,
    watch: Watch | None,
    cache: Cache | None,
    left_out: tuple[str, ...],
) -> tuple[list[tuple[ExposureSource, str, Measured]], list[Failure]]:
    """Return the parts of the background of a visit's exposures, and why not of the rest."""
    corners = corners_of(plane.camera)
    tasks = [_Part(one, name, around(plane.camera, name, corners)) for one, name in members]
    job = partial(
        _measure_part,
        config=plane.config,
        mask_objects=mask_objects,
        kept=kept,
        cache=cache,
        left_out=left_out,
    )
    outcomes = run_all(pool, job, tasks, watch, LABEL)
    done: list[tuple[ExposureSource, str, Measured]] = []
    failed: list[Failure] = []
    for task, outcome in zip(tasks, outcomes, strict=True):
        if outcome.value is None:
            failed.append(Failure(str(task.source.path), outcome.why))
        elif not outcome.value.counts.any():
            failed.append(Failure(str(task.source.path), without_sky(task.source)))
        else:
            done.append((task.source, task.detector, outcome.value))
    return done, failed


def corners_of(camera: Camera) -> set[str]:
    """Return the names of detectors that reach as far as the camera does on each side."""
    reach: Mapping[str, NDArray[np.float64]] = {one.name: one.corners() for one in camera.detectors}
    return {
        pick(reach, key=lambda name: how(reach[name][:, axis]))
        for axis in (0, 1)
        for pick, how in ((min, np.min), (max, np.max))
    }


def around(camera: Camera, name: str, corners: set[str]) -> Camera:
    """Return a camera of one detector and those at the corners: its superpixels lie alike."""
    return Camera(
        camera.name, tuple(one for one in camera.detectors if one.name in {name, *corners})
    )


def _measure_part(
    part: _Part,
    watch: Watch | None,
    *,
    config: SkyImageConfig,
    mask_objects: MaskObjects,
    kept: Between | None,
    cache: Cache | None,
    left_out: tuple[str, ...],
) -> Measured:
    if watch is not None:
        watch.step(0, 1, LABEL)
    shelf = Shelf(cache, part.source)
    depends = {
        "config": config.model_dump(mode="json"),
        "mask_objects": str(mask_objects),
        "detector": part.detector,
        "camera": repr(part.camera.detectors),
    }
    known = shelf.get("focal-plane", depends)
    if known is not None:
        sums, counts, of_pixel = (known.arrays[name] for name in ("sums", "counts", "noise"))
        return Measured(sums, counts, float(of_pixel[0]), (*known.notes, *shelf.notes))
    exposure = part.source.read()
    notes = notes_of_reading(part.source, exposure)
    keep_looks(shelf, exposure, exposure, left_out, mask_objects)
    noise = pixel_noise(exposure.image)
    exposure = filled(exposure, config, mask_objects, watch)
    background = measure_focal_plane(
        exposure, part.detector, part.camera, config.largeScaleBackground, watch, threads=1
    )
    if kept is not None:
        kept.put(part.source, exposure)
    arrays = {"sums": background.sums, "counts": background.counts, "noise": np.array([noise])}
    shelf.put("focal-plane", depends, Product(arrays, notes))
    return Measured(background.sums, background.counts, noise, (*notes, *shelf.notes))


def _bin_rest(
    rest: Rest,
    watch: Watch | None,
    *,
    config: SkyImageConfig,
    bins: BackgroundConfig,
    mask_objects: MaskObjects,
    kept: Between | None,
    cache: Cache | None,
) -> BinGrid:
    if watch is not None:
        watch.step(0, 1, LABEL)
    shelf = Shelf(cache, rest.source)
    depends = {
        "config": config.model_dump(mode="json"),
        "background": hashlib.blake2b(rest.background.tobytes(), digest_size=16).hexdigest(),
        "level": repr(rest.level),
        "bins": bins.model_dump(mode="json", exclude={"algorithm"}),
        "mask_objects": str(mask_objects),
    }
    known = shelf.get("bins-without-background", depends)
    if known is not None:
        if kept is not None:
            kept.take(rest.source)
        return BinGrid.from_values(bbox=rest.source.bbox, **known.arrays)
    exposure = None if kept is None else kept.take(rest.source)
    if exposure is None:
        exposure = filled(rest.source.read(), config, mask_objects, watch)
    grid = BinGrid.from_values(rest.background, exposure.bbox)
    model = BackgroundModel(grid, config.largeScaleBackground.interpolation)
    exposure = over_level(exposure, model, rest.level, watch, threads=1)
    grid = measure_background(exposure, bins, watch, threads=1)
    if not np.isfinite(grid.values).any():
        raise SkyFrameError(without_sky(rest.source))
    shelf.put("bins-without-background", depends, Product(arrays_of(grid), ()))
    return grid


def filled(
    exposure: Exposure, config: SkyImageConfig, mask_objects: MaskObjects, watch: Watch | None
) -> Exposure:
    """Return an exposure with its objects found and filled with sky, as cp_pipe does it.

    On a detector with a side of fewer than `LEAST_BINS` bins of the background that is taken off
    first, half of an uneven sky would count as objects; there AUTO takes the other method of
    `mask_objects`, and ALWAYS this one all the same.

    Raises
    ------
    SkyFrameError, Cancelled
        See `find_objects` and `fill_objects`.
    """
    exposure = _without_zero_variance(exposure)
    bits = np.int32(exposure.planes.left_out(config.maskList))
    if exposure.has_mask and ((exposure.mask & bits) != 0).all():
        return exposure
    size = max(exposure.width, exposure.height)
    small = -(-size // config.maskTask.subtractBackground.binSize) < LEAST_BINS
    if mask_objects is MaskObjects.AUTO and small:
        exposure = find_on_own_scale(exposure, watch=watch, threads=1)
    elif mask_objects is not MaskObjects.NEVER:
        exposure = find_objects(exposure, config.maskTask, watch, threads=1)
    return fill_objects(exposure, config.maskList, config.maskTask, None, watch, threads=1)


def _without_zero_variance(exposure: Exposure) -> Exposure:
    """Return an exposure without a variance plane of zeros, on which everything is an object."""
    if exposure.has_variance and not (exposure.variance > 0).any():
        return Exposure(
            exposure.image,
            exposure.mask if exposure.has_mask else None,
            planes=exposure.planes,
            xy0=exposure.xy0,
            name=exposure.name,
        )
    return exposure
