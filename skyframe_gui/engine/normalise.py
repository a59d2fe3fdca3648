"""A visit over its background, so that visits of a night can be averaged: cp_pipe's step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.focal_plane import measure_focal_plane
from skyframe_gui.engine.progress import step

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from skyframe_gui.engine.camera import Camera
    from skyframe_gui.engine.exposure import Exposure
    from skyframe_gui.engine.focal_config import FocalPlaneBackgroundConfig
    from skyframe_gui.engine.focal_plane import FocalPlaneBackground
    from skyframe_gui.engine.model import BackgroundModel
    from skyframe_gui.engine.progress import Watch

MOST_KINDS = 2
"""Detector types with a background of their own; the others take the first type's."""


@dataclass(frozen=True, eq=False, kw_only=True)
class NormalisedVisit:
    """A visit minus its background over the focal plane, over its level.

    Attributes
    ----------
    exposures : dict of str to Exposure
        By detector: (image - background) / level; variance / level squared; the mask as it was.
    levels : dict of str to float
        By detector type, of the camera's first two by name; one with the name "" where types do not
        count.
    backgrounds : dict of str to BackgroundModel
        By detector: what was subtracted.
    """

    exposures: dict[str, Exposure]
    levels: dict[str, float]
    backgrounds: dict[str, BackgroundModel]


@dataclass(frozen=True, eq=False, kw_only=True)
class VisitBackground:
    """The background of a visit over the focal plane; made by `merge_visit`.

    Attributes
    ----------
    merged : dict of str to FocalPlaneBackground
        By detector type, of the first two of the camera by name; one with the name "" where types
        do not count.
    levels : dict of str to float
        The median of each.
    kinds : dict of str to str
        Which of them each detector takes.
    """

    merged: dict[str, FocalPlaneBackground]
    levels: dict[str, float]
    kinds: dict[str, str]

    def model(self, name: str) -> BackgroundModel:
        """Return a detector's background, from (0, 0) on."""
        return self.merged[self.kinds[name]].model(name)

    def level(self, name: str) -> float:
        """Return what a detector is divided by."""
        return self.levels[self.kinds[name]]


def merge_visit(
    parts: Mapping[str, FocalPlaneBackground], camera: Camera, by_kind: bool = False
) -> VisitBackground:
    """Return the background of a visit from those of its detectors.

    Parameters
    ----------
    parts : mapping of str to FocalPlaneBackground
        By detector; merged in their order.
    camera : Camera
        With all of its detectors.
    by_kind : bool
        Whether each of the first two types of the camera's detectors that take images, by name, has
        its own background and level. Detectors of another type, or of one that the visit has none
        of, take the first's.

    Raises
    ------
    SkyFrameError
        There is no part, the camera lacks its detector, the focal plane is empty, or its level is 0
        or NaN.
    """
    if not parts:
        raise SkyFrameError("The visit has no exposure, so that it has no background either.")
    kinds = kinds_taken(parts, camera, by_kind)
    own = {name: camera[name].kind if by_kind else "" for name in parts}
    merged: dict[str, FocalPlaneBackground] = {}
    for name, part in parts.items():
        kind = kinds[name]
        if kind == own[name]:
            merged[kind] = merged[kind] + part if kind in merged else part
    levels = {kind: merged[kind].level for kind in sorted(merged)}
    for kind, level in levels.items():
        if not np.isfinite(level) or np.float32(level) == 0:
            raise SkyFrameError(
                f"The background {f'of the {kind} detectors ' if kind else ''}of the visit has the "
                f"level {level:g}, by which nothing can be divided; raise minFrac above 0, or look "
                "at the exposures."
            )
    return VisitBackground(merged=merged, levels=levels, kinds=kinds)


def kinds_taken(names: Iterable[str], camera: Camera, by_kind: bool = False) -> dict[str, str]:
    """Return the detector type whose background each detector takes; see `merge_visit`.

    Raises
    ------
    SkyFrameError
        The camera lacks a detector.
    """
    own = {name: camera[name].kind if by_kind else "" for name in names}
    usual = camera.kinds[:MOST_KINDS] if by_kind else ("",)
    measured = [kind for kind in usual if kind in own.values()] or [min(own.values())]
    return {name: kind if kind in measured else measured[0] for name, kind in own.items()}


def over_level(
    exposure: Exposure,
    model: BackgroundModel,
    level: float,
    watch: Watch | None = None,
    threads: int | None = None,
) -> Exposure:
    """Return (exposure - model) / level, in float32 step by step; the mask as it was.

    Parameters
    ----------
    exposure : Exposure
    model : BackgroundModel
        Over the exposure's own box.
    level : float
        Above or below 0.
    watch, threads
        As of `BackgroundModel.image`.
    """
    over = np.float32(level)
    image = model.image(None, watch, threads)
    np.subtract(exposure.image, image, out=image)
    image /= over
    return exposure.with_planes(
        image=image,
        variance=exposure.variance / (over * over) if exposure.has_variance else None,
    )


def normalise_visit(
    exposures: Mapping[str, Exposure],
    camera: Camera,
    config: FocalPlaneBackgroundConfig,
    by_kind: bool = False,
    watch: Watch | None = None,
) -> NormalisedVisit:
    """Return a visit minus its background over the focal plane, over the level of that.

    Parameters
    ----------
    exposures : mapping of str to Exposure
        By detector, objects filled; merged in their order.
    camera : Camera
        With all of its detectors.
    config : FocalPlaneBackgroundConfig
    by_kind : bool
        See `merge_visit`.
    watch : Watch, optional
        Told of each detector.

    Raises
    ------
    SkyFrameError
        There is no exposure, the camera lacks its detector or has it in another size, the focal
        plane is empty, or its level is 0 or NaN.
    Cancelled
        The watch said so.
    """
    parts: dict[str, FocalPlaneBackground] = {}
    total = 2 * len(exposures)
    for done, (name, exposure) in enumerate(exposures.items()):
        step(watch, done, total, f"Measuring {name}")
        part = None if watch is None else watch.part()
        parts[name] = measure_focal_plane(exposure, name, camera, config, part)
    background = merge_visit(parts, camera, by_kind)
    found: dict[str, Exposure] = {}
    models: dict[str, BackgroundModel] = {}
    for done, (name, exposure) in enumerate(exposures.items()):
        step(watch, len(exposures) + done, total, f"Normalising {name}")
        model = background.model(name)
        models[name] = model.with_grid(replace(model.grid, bbox=exposure.bbox))
        found[name] = over_level(exposure, models[name], background.level(name))
    step(watch, total, total, "Normalised")
    return NormalisedVisit(exposures=found, levels=background.levels, backgrounds=models)
