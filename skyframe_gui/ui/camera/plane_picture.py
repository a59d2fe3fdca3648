"""The picture of the focal plane: thumbnails laid into one buffer of the screen, then coloured."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from PyQt6.QtGui import QImage

from skyframe_gui.app.model import display_limits
from skyframe_gui.app.model.remembered import Same

if TYPE_CHECKING:
    from collections.abc import Hashable

    from numpy.typing import NDArray

    from skyframe_gui.app.model.view import PlaneLayer
    from skyframe_gui.engine.thumbnail import Thumbnail
    from skyframe_gui.ui.camera.rows import Plane, Row
    from skyframe_gui.ui.images.geometry import Viewport

    Floats = NDArray[np.float64]

MARGIN = 0.015
"""Around all detectors, by the size of the focal plane, so that frames are whole."""

MOST_VALUES = 1 << 17
"""About so many say what limits and histogram are; of 189 detectors there are three million."""
UNSEEN = 0.5
"""Thumbnail pixels by which a border may be turned from end to end without anybody seeing it."""


@dataclass(frozen=True, eq=False, kw_only=True)
class PlaneContent:
    """What is to be painted.

    Attributes
    ----------
    plane : Plane
    layer : PlaneLayer
    scale : float
        What the model is taken times; NaN where it is not known.
    limits : (low, high)
    lut : uint32 [n]
    nothing : int
        0xffRRGGBB of what has no value.
    """

    plane: Plane
    layer: PlaneLayer
    scale: float
    limits: tuple[float, float]
    lut: NDArray[np.uint32]
    nothing: int


def plane_size(plane: Plane) -> tuple[int, int]:
    """Return width and height of the focal plane in pixels, its margin included."""
    x0, y0, x1, y1 = plane.bounds
    pixel, margin = plane.view.layout.pixel, margin_of(plane)
    return (
        max(round((x1 - x0) / pixel + 2 * margin), 1),
        max(round((y1 - y0) / pixel + 2 * margin), 1),
    )


def margin_of(plane: Plane) -> float:
    """Return the margin in pixels."""
    x0, y0, x1, y1 = plane.bounds
    return MARGIN * max(x1 - x0, y1 - y0) / plane.view.layout.pixel


def on_image(plane: Plane, x: Any, y: Any) -> tuple[Any, Any]:
    """Return where places of the focal plane are, in pixels of the whole picture."""
    x0, y0, _, _ = plane.bounds
    pixel, margin = plane.view.layout.pixel, margin_of(plane)
    return (x - x0) / pixel + margin - 0.5, (y - y0) / pixel + margin - 0.5


def in_plane(plane: Plane, u: float, v: float) -> tuple[float, float]:
    """Return the place of the focal plane at a pixel of the whole picture."""
    x0, y0, _, _ = plane.bounds
    pixel, margin = plane.view.layout.pixel, margin_of(plane)
    return (u + 0.5 - margin) * pixel + x0, (v + 0.5 - margin) * pixel + y0


def pixel_of(row: Row, x: float, y: float) -> tuple[float, float] | None:
    """Return the pixel of a detector's exposure at a place of the focal plane; None beside it."""
    a, b, c, e, tx, ty = row.place.affine
    whole = a * e - b * c
    dx, dy = x - tx, y - ty
    px, py = (e * dx - b * dy) / whole, (a * dy - c * dx) / whole
    inside = -0.5 <= px < row.place.width - 0.5 and -0.5 <= py < row.place.height - 0.5
    return (px, py) if inside else None


def row_at(plane: Plane, x: float, y: float) -> tuple[Row, float, float] | None:
    """Return the detector at a place of the focal plane, with its pixel there."""
    for row in plane.rows:
        pixel = pixel_of(row, x, y)
        if pixel is not None:
            return row, *pixel
    return None


def values_of(plane: Plane, layer: PlaneLayer, scale: float) -> NDArray[np.float32]:
    """Return a layer's values in one row, for limits and histogram: every so many-th of all."""
    view, factor = plane.view, np.float32(scale)
    if layer == "residual":
        means = _some([one.means for one in view.bins.values()])
        return means - factor * _some([one.model for one in view.bins.values()])
    if layer == "exposure":
        return _some([one.means for one in view.thumbnails.values()])
    if layer == "good":
        return _some([one.good for one in view.thumbnails.values()]) * np.float32(100 / 255)
    return factor * _some(list(view.models.values()))


def _some(planes: list[NDArray[Any]]) -> NDArray[Any]:
    # An odd step, as rows have even lengths and would be met in the same columns.
    every = sum(one.size for one in planes) // MOST_VALUES | 1
    parts = [one.ravel()[::every] for one in planes]
    return np.concatenate(parts) if parts else np.empty(0, np.float32)


def factor_of(content: PlaneContent) -> float:
    """Return what the model is taken times before it is taken away."""
    return {"residual": content.scale, "model": -content.scale}.get(content.layer, 0.0)


def values_table(content: PlaneContent) -> str:
    """Return the median of each detector in what is shown, columns parted by tabulators."""
    plane = content.plane
    lines = ["\t".join(("detector", "exposure", f"median of {content.layer} [{plane.unit}]"))]
    for row in plane.rows:
        planes = _planes(content, row)
        middle = np.nan
        if planes is not None:
            values, model, _ = planes
            shown = values - np.float32(factor_of(content)) * model if model.size else values
            finite = shown[np.isfinite(shown)]
            middle = float(np.median(finite)) if finite.size else np.nan
        lines.append(f"{row.name}\t{row.key}\t{middle:.6g}")
    return "\n".join(lines)


def measured_limits(plane: Plane, layer: PlaneLayer, scale: float) -> tuple[float, float]:
    """Return where a layer's colours begin and end, for all detectors together."""
    if layer == "good":
        return (0.0, 100.0)
    finite = display_limits.finite_of(values_of(plane, layer, scale))
    if layer == "residual":
        return display_limits.symmetric_limits(finite, 98)
    return display_limits.limits_by(finite, "98 %" if layer == "model" else "99 %")


@dataclass
class _Laid:
    """Thumbnails in the pixels of a screen, as long as neither they nor the view change."""

    key: Hashable = None
    values: NDArray[np.float32] = field(default_factory=lambda: np.empty((0, 0), np.float32))
    model: NDArray[np.float32] = field(default_factory=lambda: np.empty((0, 0), np.float32))


@dataclass(frozen=True, eq=False)
class _There:
    """What is laid down of the detectors that have something."""

    key: Hashable
    numbers: NDArray[np.intp]
    blocks: Floats
    values: list[NDArray[np.float32]]
    models: list[NDArray[np.float32]]


class PlanePainter:
    """Makes the picture; what does not change from one to the next is kept."""

    def __init__(self) -> None:
        self._there: _There | None = None
        self._laid = _Laid()
        self._image = QImage()

    def image(self, content: PlaneContent, viewport: Viewport, ratio: float) -> QImage | None:
        """Return the picture of a part of the focal plane.

        Parameters
        ----------
        content : PlaneContent
        viewport : Viewport
        ratio : float
            Device pixels to one of the viewport's.
        """
        from skyframe_gui.engine.kernels import thumbnails

        width, height = round(viewport.width * ratio), round(viewport.height * ratio)
        if width < 1 or height < 1:
            return None
        self._lay(content, viewport, ratio, (height, width))
        laid = self._laid
        if (self._image.width(), self._image.height()) != (width, height):
            self._image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
        memory: Any = self._image.bits()
        memory.setsize(self._image.sizeInBytes())
        pixels = np.frombuffer(memory, np.uint32).reshape(height, width)
        factor = factor_of(content)
        low, high = content.limits
        thumbnails.colour(
            laid.values,
            laid.model,
            np.float32(factor),
            np.float32(low),
            np.float32(high),
            content.lut,
            np.uint32(content.nothing),
            pixels,
        )
        return self._image

    def _lay(
        self, content: PlaneContent, viewport: Viewport, ratio: float, shape: tuple[int, int]
    ) -> None:
        """Lay the thumbnails down, where they or the view are not the same as before."""
        view, layer = content.plane.view, content.layer
        known = bool(np.isfinite(content.scale))
        shown = view.bins if layer == "residual" else view.thumbnails
        key = (Same(shown), Same(view.models), Same(view.layout), layer, known)
        if self._there is None or self._there.key != key:
            self._there = _there(content, key)
        if (*key, viewport, ratio) == self._laid.key:
            return
        laid = self._laid
        if laid.values.shape != shape:
            laid.values, laid.model = np.empty(shape, np.float32), np.empty(shape, np.float32)
        from skyframe_gui.engine.kernels import thumbnails

        laid.values.fill(thumbnails.OUTSIDE)
        laid.model.fill(0)
        self._lay_all(self._there, content.plane, viewport, ratio)
        laid.key = (*key, viewport, ratio)

    def _lay_all(self, there: _There, plane: Plane, viewport: Viewport, ratio: float) -> None:
        from skyframe_gui.engine.kernels import thumbnails

        laid = self._laid
        if not there.values:
            return
        places, boxes, covered = _placed(plane, there.numbers, there.blocks, viewport, ratio)
        height, width = laid.values.shape
        boxes = np.clip(boxes, 0, [width, height, width, height])
        seen = (boxes[:, 0] < boxes[:, 2]) & (boxes[:, 1] < boxes[:, 3])
        sides = covered.tolist()
        for k in np.flatnonzero(seen).tolist():
            values, model = there.values[k], there.models[k]
            thumbnails.lay_down(
                values, model, places[k], boxes[k], sides[k], laid.values, laid.model
            )


def _there(content: PlaneContent, key: Hashable) -> _There:
    found = [(n, _planes(content, row)) for n, row in enumerate(content.plane.rows)]
    there = [(n, *planes) for n, planes in found if planes is not None]
    return _There(
        key,
        np.array([one[0] for one in there], np.intp),
        np.array([one[3] for one in there], np.float64),
        [one[1] for one in there],
        [one[2] for one in there],
    )


def _planes(
    content: PlaneContent, row: Row
) -> tuple[NDArray[np.float32], NDArray[np.float32], int] | None:
    """Return what is laid down of a detector, of its model, and the side of their blocks."""
    from skyframe_gui.engine.kernels.thumbnails import NO_MODEL

    view, layer = content.plane.view, content.layer
    one = view.thumbnails.get(row.key)
    if one is None:
        return None
    if layer == "exposure":
        return one.means, NO_MODEL, one.block
    if layer == "good":
        return _percent(one), NO_MODEL, one.block
    bins, sky = view.bins.get(row.key), view.models.get(row.key)
    if bins is None or sky is None or not np.isfinite(content.scale):
        return _filled(one.means.shape, np.nan), NO_MODEL, one.block
    if layer == "model":
        return _filled(sky.shape, 0.0), sky, one.block
    return bins.means, bins.model, bins.side


def _placed(
    plane: Plane,
    numbers: NDArray[np.intp],
    blocks: Floats,
    viewport: Viewport,
    ratio: float,
) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Return how thumbnails lie on the screen, as `lay_down` takes it.

    Returns
    -------
    places : float64 [n, 8]
    boxes : int64 [n, 4]
        They may reach beyond the screen.
    covered : int64 [n]
    """
    a, b, c, e, tx, ty = plane.affines[numbers].T
    frame, pixel = viewport.frame, plane.view.layout.pixel
    zoom = frame.zoom * ratio
    # Pixel i of a thumbnail reaches from i to i + 1; y of the screen goes down.
    u, v = on_image(plane, tx - 0.5 * (a + b), ty - 0.5 * (c + e))
    x = viewport.width * ratio / 2 + (u - frame.x) * zoom
    y = viewport.height * ratio / 2 - (v - frame.y) * zoom
    size = blocks * zoom / pixel
    forth = np.stack([a * size, b * size, -c * size, -e * size])
    w, h = plane.sizes[numbers].T / blocks
    ends_x = x + np.stack([0 * w, forth[0] * w, forth[1] * h, forth[0] * w + forth[1] * h])
    ends_y = y + np.stack([0 * w, forth[2] * w, forth[3] * h, forth[2] * w + forth[3] * h])
    boxes = np.stack(
        [
            np.floor(ends_x.min(axis=0)),
            np.floor(ends_y.min(axis=0)),
            np.ceil(ends_x.max(axis=0)),
            np.ceil(ends_y.max(axis=0)),
        ],
        axis=1,
    ).astype(np.int64)
    whole = forth[0] * forth[3] - forth[1] * forth[2]
    back = np.stack([forth[3], -forth[1], -forth[2], forth[0]]) / whole
    # From the middle of a pixel of the screen.
    x, y = 0.5 - x, 0.5 - y
    places = np.stack([*back, back[0] * x + back[1] * y, back[2] * x + back[3] * y, w, h], axis=1)
    _straighten(places, boxes)
    covered = np.maximum(np.rint(1 / np.sqrt(np.abs(whole))), 1).astype(np.int64)
    return np.ascontiguousarray(places), boxes, covered


def _straighten(places: Floats, boxes: NDArray[np.int64]) -> None:
    """Take those for straight that nobody sees to be turned, which are laid down in less time."""
    low, high = boxes[:, :2].astype(np.float64), boxes[:, 2:].astype(np.float64)
    size, middle = high - low, (low + high) / 2
    seen = np.maximum(np.abs(places[:, 1]) * size[:, 1], np.abs(places[:, 2]) * size[:, 0])
    few = seen < UNSEEN
    places[few, 4] += places[few, 1] * middle[few, 1]
    places[few, 5] += places[few, 2] * middle[few, 0]
    places[few, 1] = places[few, 2] = 0.0


def _fixed(array: NDArray[np.float32]) -> NDArray[np.float32]:
    array.flags.writeable = False  # a kernel is compiled anew for one to write to
    return array


@lru_cache(64)
def _filled(shape: tuple[int, ...], value: float) -> NDArray[np.float32]:
    return _fixed(np.full(shape, value, np.float32))


def _percent(one: Thumbnail) -> NDArray[np.float32]:
    return _fixed(one.good * np.float32(100 / 255))
