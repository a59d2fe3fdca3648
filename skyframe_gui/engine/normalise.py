"""A visit over its background, so that visits of a night can be averaged: cp_pipe's step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.focal_plane import measure_focal_plane
from skyframe_gui.engine.progress import step

if TYPE_CHECKING:
    from collections.abc import Mapping

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
        By detector type, of the first two by name; one with the name "" where types do not count.
    backgrounds : dict of str to BackgroundModel
        By detector: what was subtracted.
    """

    exposures: dict[str, Exposure]
    levels: dict[str, float]
    backgrounds: dict[str, BackgroundModel]


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
        Whether each of the first two detector types, by name, has its own background and level.
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
    if not exposures:
        raise SkyFrameError("The visit has no exposure, so that it has no background either.")
    kinds = {name: camera[name].kind if by_kind else "" for name in exposures}
    measured = sorted(set(kinds.values()))[:MOST_KINDS]
    merged: dict[str, FocalPlaneBackground] = {}
    total = 2 * len(exposures)
    for done, (name, exposure) in enumerate(exposures.items()):
        step(watch, done, total, f"Measuring {name}")
        kind = kinds[name]
        if kind in measured:
            part = None if watch is None else watch.part()
            background = measure_focal_plane(exposure, name, camera, config, part)
            merged[kind] = merged[kind] + background if kind in merged else background
    levels = {kind: merged[kind].level for kind in measured}
    for kind, level in levels.items():
        if not np.isfinite(level) or np.float32(level) == 0:
            raise SkyFrameError(
                f"The background {f'of the {kind} detectors ' if kind else ''}of the visit has the "
                f"level {level:g}, by which nothing can be divided; raise minFrac above 0, or look "
                "at the exposures."
            )
    found: dict[str, Exposure] = {}
    models: dict[str, BackgroundModel] = {}
    for done, (name, exposure) in enumerate(exposures.items()):
        step(watch, len(exposures) + done, total, f"Normalising {name}")
        kind = kinds[name] if kinds[name] in merged else measured[0]
        model = merged[kind].model(name)
        model = model.with_grid(replace(model.grid, bbox=exposure.bbox))
        models[name] = model
        over = np.float32(levels[kind])
        image = model.image()
        np.subtract(exposure.image, image, out=image)
        image /= over
        found[name] = exposure.with_planes(
            image=image,
            variance=exposure.variance / (over * over) if exposure.has_variance else None,
        )
    step(watch, total, total, "Normalised")
    return NormalisedVisit(exposures=found, levels=levels, backgrounds=models)
