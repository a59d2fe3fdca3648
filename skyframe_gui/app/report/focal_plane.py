"""A visit of many detectors in a report: its focal plane in a few pictures, instead of hundreds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.app.model.display_limits import finite_of, limits_by, symmetric_limits
from skyframe_gui.app.report.images import (
    DIVERGING,
    MANY,
    NO_COLOUR,
    Picture,
    PlanePictures,
    picture_of,
)
from skyframe_gui.app.work.live_camera import Wanted, camera_view
from skyframe_gui.engine.camera import corners_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from skyframe_gui.app.model.camera_view import CameraView
    from skyframe_gui.app.report.document import ReportData
    from skyframe_gui.app.work.stages import Stages
    from skyframe_gui.engine import Watch

    Floats = NDArray[np.float64]
    Planes = Mapping[str, tuple[NDArray[np.float32], int]]

SIDE = 720
"""Pixels along the longer side of the focal plane."""


def plane_pictures(data: ReportData, stages: Stages, watch: Watch) -> PlanePictures | None:
    """Return the focal plane of a report's visit from what was read; None for few detectors."""
    request, scale = data.request, data.fit.solution.scale
    if len(request.members) <= MANY:
        return None
    wanted = Wanted(
        visit=data.visit,
        members=request.members,
        request=request,
        fit=data.fit,
        camera=data.camera,
        reads=False,
    )
    view = camera_view(stages, wanted, watch)
    means = {key: (one.means, one.block) for key, one in view.thumbnails.items()}
    models: Planes = {}
    left: Planes = {}
    if math.isfinite(scale):
        factor = np.float32(scale)
        models = {
            key: (factor * one, view.thumbnails[key].block)
            for key, one in view.models.items()
            if key in view.thumbnails
        }
        left = {key: (one.means - factor * one.model, one.side) for key, one in view.bins.items()}
    sides = [side for _, side in left.values()]
    return PlanePictures(
        exposure=_picture(view, means, "grey", "95 %"),
        residual=_picture(view, left, DIVERGING, ""),
        model=_picture(view, models, "viridis", "98 %"),
        bins=max(sides, key=sides.count) if sides else 0,
        missing=len(view.keys) - len(means),
        note=view.layout.note,
        own=view.own,
    )


def _picture(view: CameraView, planes: Planes, colours: str, mode: str) -> Picture | None:
    """Return a picture with limits by a mode, or about 0."""
    parts = [one.ravel() for one, _ in planes.values()]
    finite = finite_of(np.concatenate(parts)) if parts else np.empty(0)
    if not finite.size:
        return None
    low, high = limits_by(finite, mode) if mode else symmetric_limits(finite, 98)
    return picture_of(laid_down(view, planes), low, high, colours, transparency=NO_COLOUR)


def laid_down(view: CameraView, planes: Planes) -> Floats:
    """Return values where they lie in the focal plane, the first row at the bottom.

    Parameters
    ----------
    view : CameraView
    planes : mapping of exposure key to (float32 [h, w], side of a block in pixels)

    Returns
    -------
    float64 [height, width]
        NaN between detectors, and where there is no value.
    """
    places = view.layout.places
    corners = corners_of(places)
    start, end = corners.min(axis=(0, 1)), corners.max(axis=(0, 1))
    step = float((end - start).max()) / SIDE
    width, height = np.maximum(np.ceil((end - start) / step - 1e-9).astype(int), 1).tolist()
    found = np.full((height, width), np.nan)
    boxes = (corners - start) / step
    for place, box in zip(places, boxes, strict=True):
        key = "" if place.number is None else view.keys[place.number]
        if key not in planes:
            continue
        values, block = planes[key]
        x0, y0 = np.maximum(np.floor(box.min(axis=0)), 0).astype(int).tolist()
        x1, y1 = np.ceil(box.max(axis=0)).astype(int).tolist()
        part = found[y0:y1, x0:x1]
        rows, columns = np.indices(part.shape)
        a, b, c, e, tx, ty = place.affine
        dx = start[0] + (x0 + columns + 0.5) * step - tx
        dy = start[1] + (y0 + rows + 0.5) * step - ty
        whole = a * e - b * c
        i = np.floor(((e * dx - b * dy) / whole + 0.5) / block).astype(int)
        j = np.floor(((a * dy - c * dx) / whole + 0.5) / block).astype(int)
        inside = (i >= 0) & (j >= 0) & (i < values.shape[1]) & (j < values.shape[0])
        part[inside] = values[j[inside], i[inside]]
    return found
