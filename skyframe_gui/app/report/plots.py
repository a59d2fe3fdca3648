"""The plots of the report: samples, residuals and their histogram, in SVG."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.app.report.chart import (
    ACCENT,
    BY_HAND,
    NO_DATA,
    ROUNDS,
    TEXT,
    Chart,
    Span,
    around,
)
from skyframe_gui.app.report.words import named_unit
from skyframe_gui.app.steps import Mark

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.app.report.document import ReportData
    from skyframe_gui.files.svg import Svg

    Floats = NDArray[np.float64]

WIDE, HALF = 505.0, 248.0
"""Points: the width of the text on A4, and of one of two columns."""
MOST_CIRCLES = 2000
"""More used samples are drawn as an image, which stays small."""
DOTS_PER_POINT = 4
BINS = 48


class Points:
    """The samples that have a value, with the round that dropped each.

    Attributes
    ----------
    sky, image, residual : float array [n]
    at : int array [n]
        As `ScaleSolution.rejected_at`.
    detector : float array [n]
        Number of the detector, the samples of one spread out about it.
    """

    def __init__(self, data: ReportData) -> None:
        rows, step = data.rows, data.steps[-1]
        marks = rows.marks(step)
        known = (marks != Mark.NO_DATA) & np.isfinite(rows.image) & np.isfinite(rows.sky)
        self.n_known = int(known.sum())
        self.sky, self.image = rows.sky[known], rows.image[known]
        self.at = rows.rejected_at[known]
        self.residual = rows.residuals(step)[known]
        sizes = np.maximum(np.diff(rows.starts), 1)[rows.detector_index]
        place = np.arange(len(rows)) - rows.starts[rows.detector_index]
        self.detector = (rows.detector_index + 0.8 * ((place + 0.5) / sizes - 0.5))[known]

    @property
    def used(self) -> NDArray[np.bool_]:
        """Samples that were kept to the end."""
        return np.asarray(self.at == -1)

    @property
    def rounds(self) -> list[int]:
        """Rounds that dropped something."""
        return sorted({int(one) for one in self.at if one >= 0})


def round_colour(number: int) -> str:
    """Return the colour of a round, 0 is the first; from the third on they share one."""
    return ROUNDS[min(number, len(ROUNDS) - 1)]


def samples_plot(data: ReportData, points: Points) -> str:
    """Return the samples against the sky frame's, with the line and its band."""
    scale, band = data.steps[-1].scale, data.band
    x = around(points.sky)
    y = around(points.image)
    if math.isfinite(scale):
        ends = np.array([x.low, x.high]) * scale
        span = _residual_span(points, band)
        y = Span(min(ends) + span.low, max(ends) + span.high)
    n = len(points.sky)
    chart = Chart(WIDE, 225, x, y, f"Plot of {n} image samples against sky frame samples")
    chart.axes(named_unit("sky frame sample", data.sky_unit), named_unit("image sample", data.unit))
    if math.isfinite(scale):
        low, high = (x.low, scale * x.low), (x.high, scale * x.high)
        _band(chart, low, high, band)
        _segment(chart, low, high, stroke=TEXT, stroke_width=0.8)
    _marks(chart, points.sky, points.image, points)
    return chart.svg.markup()


def residuals_plot(data: ReportData, points: Points) -> str:
    """Return the residuals against the sky frame's samples."""
    x, y = around(points.sky), _residual_span(points, data.band)
    chart = Chart(HALF, 190, x, y, "Plot of residuals against sky frame samples")
    chart.axes(named_unit("sky frame sample", data.sky_unit), named_unit("residual", data.unit))
    _flat_band(chart, data.band)
    _marks(chart, points.sky, points.residual, points)
    _segment(chart, (x.low, 0), (x.high, 0), stroke=TEXT, stroke_width=1)
    return chart.svg.markup()


def detectors_plot(data: ReportData, points: Points) -> str:
    """Return the residuals by detector."""
    names = data.rows.detectors
    x, y = Span(-0.6, len(names) - 0.4), _residual_span(points, data.band)
    chart = Chart(WIDE, 180, x, y, f"Plot of residuals by detector, of {len(names)} detectors")
    every = max(math.ceil(len(names) * 30 / WIDE), 1)
    named = [(float(i), name or "\N{EM DASH}") for i, name in enumerate(names) if i % every == 0]
    chart.axes("detector", named_unit("residual", data.unit), named)
    _flat_band(chart, data.band)
    _marks(chart, points.detector, points.residual, points)
    _segment(chart, (x.low, 0), (x.high, 0), stroke=TEXT, stroke_width=1)
    return chart.svg.markup()


def histogram_plot(data: ReportData, points: Points) -> str:
    """Return how many samples have which residual: used ones, and the others above them."""
    x = _residual_span(points, data.band)
    edges = np.linspace(x.low, x.high, BINS + 1)
    inside = np.clip(points.residual, x.low, x.high)
    classes = [(ACCENT, points.used)]
    classes += [(round_colour(one), points.at == one) for one in points.rounds]
    classes += [(BY_HAND, points.at == -3)]
    counts = [np.histogram(inside[which], edges)[0] for _, which in classes]
    most = max(int(np.sum(counts, axis=0).max(initial=0)), 1)
    chart = Chart(HALF, 190, x, Span(0, most * 1.06), "Histogram of the residuals")
    chart.axes(named_unit("residual", data.unit), "samples", counts=True)
    base = np.zeros(BINS)
    for (colour, _), heights in zip(classes, counts, strict=True):
        chart.svg.begin(fill=colour)
        for index in np.flatnonzero(heights).tolist():
            left, right = chart.px(edges[index : index + 2])
            top, bottom = chart.py(base[index] + heights[index]), chart.py(base[index])
            chart.svg.rect(left, float(top), right - left - 0.4, float(bottom - top))
        chart.svg.end()
        base += heights
    for edge in (-data.band, data.band):
        if math.isfinite(edge):
            at = float(chart.px(edge))
            chart.svg.line(
                at,
                chart.top,
                at,
                chart.bottom,
                stroke=ACCENT,
                stroke_dasharray="3 2",
                stroke_width=0.8,
            )
    return chart.svg.markup()


def legend_mark(kind: str, number: int = 0) -> str:
    """Return the mark of a class of samples by itself."""
    from skyframe_gui.files.svg import Svg

    svg = Svg(9, 9, kind)
    if kind == "used":
        svg.circle(4.5, 4.5, 2.6, fill=ACCENT)
    elif kind == "rejected":
        _square(svg, 4.5, 4.5, round_colour(number))
    elif kind == "by hand":
        _triangle(svg, 4.5, 4.5)
    else:
        svg.path("M2 2L7 7M7 2L2 7", stroke=NO_DATA, stroke_width=1.2)
    return svg.markup()


def n_beyond(data: ReportData, points: Points) -> int:
    """Return how many samples lie beyond the axes and are drawn at their edge."""
    span = _residual_span(points, data.band)
    return int(np.sum((points.residual < span.low) | (points.residual > span.high)))


def _residual_span(points: Points, band: float) -> Span:
    """Return a span that shows the used samples whole and others up to some bands away."""
    residual = points.residual[np.isfinite(points.residual)]
    if not len(residual) or not math.isfinite(band):
        return around(points.residual)
    kept = points.residual[points.used]
    reach = max(3.0 * band, 1.1 * float(np.abs(kept).max(initial=0)))
    low = max(float(residual.min()), -reach)
    high = min(float(residual.max()), reach)
    low, high = min(low, -1.2 * band), max(high, 1.2 * band)
    return around(np.array([low, high])) if high > low else Span(-1.0, 1.0)


def _band(chart: Chart, low: tuple[float, float], high: tuple[float, float], band: float) -> None:
    corners = [
        (low[0], low[1] - band),
        (low[0], low[1] + band),
        (high[0], high[1] + band),
        (high[0], high[1] - band),
    ]
    points = [(float(chart.px(x)), float(chart.py(y))) for x, y in corners]
    chart.svg.polygon(points, fill=ACCENT, fill_opacity=0.1)
    for sign in (-1, 1):
        ends = ((x, y + sign * band) for x, y in (low, high))
        _segment(chart, *ends, stroke=ACCENT, stroke_width=0.8, stroke_dasharray="3 2")


def _flat_band(chart: Chart, band: float) -> None:
    if math.isfinite(band):
        _band(chart, (chart.x.low, 0), (chart.x.high, 0), band)


def _segment(
    chart: Chart, low: tuple[float, float], high: tuple[float, float], **style: str | float
) -> None:
    ends = [float(one) for x, y in (low, high) for one in (chart.px(x), chart.py(y))]
    chart.svg.line(ends[0], ends[1], ends[2], ends[3], **style)


def _marks(chart: Chart, x: Floats, y: Floats, points: Points) -> None:
    """Draw used samples below, then the others by their round, then those excluded by hand."""
    px = chart.px(x)
    py = np.clip(chart.py(y), chart.top + 3, chart.bottom - 3)
    svg, used = chart.svg, points.used
    if used.sum() > MOST_CIRCLES:
        _cloud(chart, px[used], py[used])
    else:
        svg.begin(fill=ACCENT, fill_opacity=0.5)
        for at_x, at_y in zip(px[used].tolist(), py[used].tolist(), strict=True):
            svg.circle(at_x, at_y, 1.9)
        svg.end()
    for number in points.rounds:
        chosen = points.at == number
        for at_x, at_y in zip(px[chosen].tolist(), py[chosen].tolist(), strict=True):
            _square(svg, at_x, at_y, round_colour(number))
    chosen = points.at == -3
    for at_x, at_y in zip(px[chosen].tolist(), py[chosen].tolist(), strict=True):
        _triangle(svg, at_x, at_y)


def _square(svg: Svg, x: float, y: float, colour: str) -> None:
    svg.rect(x - 2.1, y - 2.1, 4.2, 4.2, fill="none", stroke=colour, stroke_width=1)


def _triangle(svg: Svg, x: float, y: float) -> None:
    svg.polygon([(x - 3.2, y - 2.6), (x + 3.2, y - 2.6), (x, y + 3)], fill=BY_HAND)


def _cloud(chart: Chart, px: Floats, py: Floats) -> None:
    """Draw many half transparent discs as one image."""
    from PIL import Image

    width = math.ceil((chart.right - chart.left) * DOTS_PER_POINT)
    height = math.ceil((chart.bottom - chart.top) * DOTS_PER_POINT)
    columns = ((px - chart.left) * DOTS_PER_POINT).astype(int)
    rows = ((py - chart.top) * DOTS_PER_POINT).astype(int)
    radius = 1.3 * DOTS_PER_POINT
    reach = math.ceil(radius) + 1
    depth = np.zeros(height * width)
    for down in range(-reach, reach + 1):
        for across in range(-reach, reach + 1):
            cover = min(max(radius + 0.5 - math.hypot(down, across), 0.0), 1.0)
            if not cover:
                continue
            row, column = rows + down, columns + across
            inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
            hit = np.bincount(row[inside] * width + column[inside], minlength=height * width)
            # What two discs let through is the product, so that its logarithm adds up.
            depth += -math.log(1 - 0.4 * cover) * hit
    rgba = np.empty((height, width, 4), np.uint8)
    rgba[..., :3] = [int(ACCENT[i : i + 2], 16) for i in (1, 3, 5)]
    rgba[..., 3] = np.rint(255 * (1 - np.exp(-depth))).reshape(height, width)
    data = io.BytesIO()
    Image.fromarray(rgba).save(data, "PNG")
    box = width / DOTS_PER_POINT, height / DOTS_PER_POINT
    chart.svg.image(chart.left, chart.top, *box, data.getvalue())
