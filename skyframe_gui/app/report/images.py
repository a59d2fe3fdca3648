"""Images for the report: exposures, what is left of them, and sky frames, as small PNGs."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.app.model.looks import DEFAULT_LOOKS
from skyframe_gui.app.work.residual_stages import residual_of
from skyframe_gui.app.work.stages import exposure_key, sky_model
from skyframe_gui.files.pictures import block_means, png_of
from skyframe_gui.resource import colour_map

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.app.model.items import ExposureItem, SkyFrameItem
    from skyframe_gui.app.model.residual_map import ResidualMap
    from skyframe_gui.app.report.document import Frame, ReportData
    from skyframe_gui.app.work.stages import Stages
    from skyframe_gui.engine import Exposure, SkyFrame, SkyMeasurementConfig, Watch
    from skyframe_gui.engine.diagnostics.own_fits import OwnFits

    Floats = NDArray[np.float64]

LARGE, SMALL, MAP = 640, 104, 300
"""Longest sides in pixels: of the shown exposure, of a thumbnail, of a sky frame."""
MANY = 24
"""With more detectors not each of them has pictures of its own."""
N_SIGMA = 3.0
"""Half width of the residuals' colours, in robust standard deviations."""
DIVERGING = "CET-D1A"
"""The colour map of residuals: blue below and red above a light middle, as paper is."""
VEIL = (0xB2, 0xB6, 0xBC)
NO_COLOUR = 255
"""The place in the palette of pixels without a value or left out by ``stats.mask``."""


@dataclass(frozen=True)
class Picture:
    """A PNG and where its colours begin and end."""

    png: bytes
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class DetectorPictures:
    """An exposure before and after; no ``after`` where there is no scale.

    The residual map is made of the shown exposure only; ``error`` is that of its middling bin.
    """

    name: str
    detector: str
    before: Picture
    after: Picture | None
    residual: Picture | None = None
    error: float = math.nan


@dataclass(frozen=True, eq=False, kw_only=True)
class _Reduced:
    name: str
    detector: str
    before: Floats
    after: Floats | None
    masked: NDArray[np.bool_]


@dataclass(frozen=True, eq=False, kw_only=True)
class PlanePictures:
    """All detectors in their places, each picture in one stretch.

    Attributes
    ----------
    exposure, residual, model : Picture or None
        None where nothing is at hand.
    bins : int
        Side of the residual's bins in pixels; 0 without.
    missing : int
        Detectors of the visit that are not in the pictures.
    note : str
        On the places; "" where they are as the camera's table has them.
    own : OwnFits or None
        Each detector alone, as the fit has them.
    """

    exposure: Picture | None
    residual: Picture | None
    model: Picture | None
    bins: int
    missing: int
    note: str
    own: OwnFits | None


@dataclass(frozen=True)
class Pictures:
    """All images of a report.

    Attributes
    ----------
    shown : DetectorPictures or None
    visit : tuple of DetectorPictures
        Of the exposures whose pixels are at hand, all with one stretch.
    maps : mapping of sky frame key to Picture
        Of a visit of many detectors only those that are shown.
    plane : PlanePictures or None
        Of a visit of many detectors.
    """

    shown: DetectorPictures | None
    visit: tuple[DetectorPictures, ...]
    maps: dict[str, Picture]
    plane: PlanePictures | None = None


def make_pictures(data: ReportData, stages: Stages, watch: Watch) -> Pictures:
    """Return the images of a report; in the lane.

    Raises
    ------
    SkyFrameError
        The shown exposure cannot be read any more.
    Cancelled
        The watch said so.
    """
    request = data.request
    shown, visit = None, []
    found: ResidualMap | None = None
    pairs = list(zip(request.members, request.frames, strict=True))
    many = len(pairs) > MANY
    for number, (item, frame) in enumerate(pairs):
        watch.step(number, len(pairs), "Images for the report")
        is_shown = request.shown is not None and item.key == request.shown.key
        if many and not is_shown:
            continue
        key = exposure_key(item, request.options)
        exposure = stages.memory.peek("exposure", key)
        if exposure is None and is_shown:
            exposure = stages.exposure(item, request.options, watch)
        if exposure is None:
            continue
        scale, config = data.fit.solution.scale, request.config
        if is_shown:
            shown = _reduce(item, exposure, frame, config, scale, LARGE)
            if math.isfinite(scale):
                options = request.options
                found = residual_of(stages, item, frame, config, options, scale, data.bins, watch)
        if not many:
            visit.append(_reduce(item, exposure, frame, config, scale, SMALL))
    large = None if shown is None else _paint(shown, _half(shown))
    if large is not None and found is not None:
        large = replace(large, residual=residual_picture(found), error=_middling_error(found))
    return Pictures(
        large,
        _paint_all(visit),
        {one.item.key: sky_map(one.item.sky_frame) for one in drawn_frames(data, many)},
    )


def drawn_frames(data: ReportData, many: bool) -> tuple[Frame, ...]:
    """Return the sky frames that have a picture of their own: of many that of the shown one."""
    shown = tuple(frame for frame in data.frames if frame.shown) or data.frames[:1]
    return shown if many else data.frames


def picture_of(
    values: Floats, low: float, high: float, colours: str, transparency: int | None = None
) -> Picture:
    """Return values as a picture, the first row at the bottom; perhaps without those not finite."""
    more = {} if transparency is None else {"transparency": transparency}
    return Picture(_png(_indices(values, low, high), colours, **more), low, high)


def sky_map(sky_frame: SkyFrame) -> Picture:
    """Return a sky frame's bins in viridis, those filled with the median hatched."""
    values = sky_frame.grid.values.astype(np.float64)
    finite = values[np.isfinite(values)]
    low, high = (float(one) for one in np.percentile(finite, (1, 99))) if finite.size else (0, 1)
    if not high > low:
        low, high = low - (abs(low) * 1e-3 or 0.5), high + (abs(high) * 1e-3 or 0.5)
    times = max(MAP // max(values.shape), 1)
    indices = _indices(values, low, high)
    large = indices.repeat(times, axis=0).repeat(times, axis=1)
    filled = sky_frame.filled.repeat(times, axis=0).repeat(times, axis=1)
    rows, columns = np.indices(large.shape)
    large[filled & ((rows + columns) % 6 < 2)] = NO_COLOUR
    return Picture(_png(large, "viridis"), low, high)


def residual_picture(found: ResidualMap) -> Picture:
    """Return a residual map with its true edges, bins without a good pixel hatched."""
    grid = found.exact
    low, high = found.limits[DEFAULT_LOOKS["residual"].preset]
    shrink = max(max(grid.width, grid.height) / LARGE, 1.0)
    columns, rows = (
        np.searchsorted(edges, (np.arange(round(size / shrink)) + 0.5) * shrink, "right") - 1
        for edges, size in ((grid.x_edges, grid.width), (grid.y_edges, grid.height))
    )
    columns, rows = (
        np.clip(bins, 0, n - 1)
        for bins, n in zip((columns, rows), grid.values.shape[::-1], strict=True)
    )
    values = grid.values[np.ix_(rows, columns)].astype(np.float64)
    indices = _indices(values, low, high)
    empty = ~np.isfinite(values)
    across, down = np.indices(values.shape)
    indices[empty & ((across + down) % 6 >= 2)] = NO_COLOUR // 2
    return Picture(_png(indices, DIVERGING), low, high)


def _middling_error(found: ResidualMap) -> float:
    errors = found.exact.errors[np.isfinite(found.exact.errors)]
    return float(np.median(errors)) if errors.size else math.nan


def strip(name: str) -> bytes:
    """Return a colour bar: "grey", "residual" or "viridis"."""
    row = np.arange(NO_COLOUR, dtype=np.uint8)[None].repeat(8, axis=0)
    return _png(row, DIVERGING if name == "residual" else name)


def _reduce(
    item: ExposureItem,
    exposure: Exposure,
    frame: SkyFrameItem,
    config: SkyMeasurementConfig,
    scale: float,
    side: int,
) -> _Reduced:
    """Average blocks down to ``side``: of all pixels before, of the good ones after."""
    longest = max(exposure.height, exposure.width)
    block = max(math.ceil(longest / side), 1)
    bits = exposure.planes.left_out(config.stats.mask) if exposure.has_mask else 0
    good = np.isfinite(exposure.image)
    before, _ = block_means(exposure.image, good, block)
    if bits:
        good &= (exposure.mask & np.int32(bits)) == 0
    after = None
    # Of a residual the sky is wanted, not the noise: half as many pixels each way.
    block = max(math.ceil(2 * longest / side), 1)
    _, share = block_means(exposure.image, good, block)
    if math.isfinite(scale):
        model = sky_model(frame, config, item)
        residual = exposure.image - np.float32(scale) * model.image(model.box_of(exposure.bbox))
        after, share = block_means(residual, good & np.isfinite(residual), block)
    source = item.source
    return _Reduced(
        name=source.name, detector=source.detector, before=before, after=after, masked=share < 0.25
    )


def _half(reduced: _Reduced) -> float:
    """Return half the width of the residuals' colours."""
    if reduced.after is None:
        return math.nan
    values = reduced.after[np.isfinite(reduced.after) & ~reduced.masked]
    if not values.size:
        return 1.0
    low, high = np.percentile(values, (15.9, 84.1))
    return float(N_SIGMA * (high - low) / 2) or 1.0


def _paint_all(reduced: list[_Reduced]) -> tuple[DetectorPictures, ...]:
    halves = [half for half in map(_half, reduced) if math.isfinite(half)]
    half = float(np.median(halves)) if halves else math.nan
    return tuple(_paint(one, half) for one in reduced)


def _paint(reduced: _Reduced, half: float) -> DetectorPictures:
    from astropy.visualization import ZScaleInterval

    finite = reduced.before[np.isfinite(reduced.before)]
    low, high = ZScaleInterval().get_limits(finite) if finite.size else (0.0, 1.0)
    if not high > low:
        low, high = low - 0.5, high + 0.5
    indices = _indices(reduced.before, low, high)
    before = Picture(_png(indices, "grey"), float(low), float(high))
    after = None
    if reduced.after is not None:
        indices = _indices(reduced.after, -half, half)
        indices[reduced.masked] = NO_COLOUR
        after = Picture(_png(indices, DIVERGING), -half, half)
    return DetectorPictures(
        name=reduced.name, detector=reduced.detector, before=before, after=after
    )


def _indices(values: Floats, low: float, high: float) -> NDArray[np.uint8]:
    """Return each value's place in a palette, whose last is kept for pixels without a value."""
    finite = np.isfinite(values)
    share = (np.where(finite, values, low) - low) / (high - low)
    indices = np.rint(np.clip(share, 0, 1) * (NO_COLOUR - 1)).astype(np.uint8)
    indices[~finite] = NO_COLOUR
    return indices


def _png(indices: NDArray[np.uint8], name: str, **options: int) -> bytes:
    """Return an image of palette places as PNG, the first row at the bottom."""
    from PIL import Image

    colours = colour_map(name)
    places = np.linspace(0, len(colours) - 1, NO_COLOUR).round().astype(int)
    palette = np.vstack([colours[places], np.array([VEIL], np.uint8)])
    image = Image.fromarray(np.ascontiguousarray(indices[::-1]))
    image.putpalette(palette.astype(np.uint8).tobytes())
    return png_of(image, optimize=True, **options)
