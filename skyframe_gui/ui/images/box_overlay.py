"""The boxes of the samples over an image, and rings around those that are selected."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QLineF, QRectF, Qt
from PyQt6.QtGui import QColor, QImage, QPainter, QPen

from skyframe_gui.ui.images.sample_boxes import Kind
from skyframe_gui.ui.samples.colours import round_colours, with_alpha
from skyframe_gui.ui.theme import DARK, font

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.app.model.items import SampleId
    from skyframe_gui.ui.images.geometry import Viewport
    from skyframe_gui.ui.images.sample_boxes import Boxes

    Sides = NDArray[np.float64]

INSET = 0.08
"""Of a box's side: neighbours then share no line."""
CASING = 0.55
TAG, LEAST_TAG = 11.0, 8.0
"""Pixels of a tag's side, and those below which its number could not be read."""
LINE, CASED_LINE = 1.5, 3.5
SMALLEST = 4.0
"""Pixels of a box's side below which an outline would leave nothing of the inside."""
NO_DATA_ALPHA = 0.35
MOST_CASED = 400
"""So many boxes in view get casing and tag; of more they would only be a veil, and slow."""
BY_HAND_DASH = [3.0, 2.0]
USED = with_alpha(DARK.accent, 0.5)
NO_DATA = QColor("#b0b4ba")


def draw_boxes(painter: QPainter, boxes: Boxes, viewport: Viewport, with_used: bool) -> None:
    """Draw the samples' boxes by class, always in the dark set of colours.

    Those beside the pane are left out. Where they are too small for outlines, those that are
    used are left out and the others are filled.
    """
    sides = _sides(boxes.corners, viewport)
    seen = np.flatnonzero(_in_view(sides, viewport))
    sides, codes, rounds = sides[seen], boxes.codes[seen], boxes.rounds[seen]
    colours = round_colours(DARK, boxes.n_rounds)
    rejected = codes == Kind.REJECTED
    groups = [
        (codes == Kind.NO_DATA, NO_DATA, None, ""),
        (codes == Kind.HAND, QColor(DARK.excluded), BY_HAND_DASH, ""),
    ]
    for number in np.unique(rounds[rejected]).tolist():
        chosen = rejected & (rounds == number)
        groups.append((chosen, QColor(colours[number - 1]), None, str(number)))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if _are_small(sides):
        for chosen, colour, _, _ in groups:
            # Whole stars have no data: they are still to be seen.
            shade = with_alpha(NO_DATA.name(), NO_DATA_ALPHA) if colour is NO_DATA else colour
            _fill(painter, sides[chosen], shade, viewport)
        return
    inner = _inset(sides)
    if with_used:
        _outline(painter, _rects(inner[codes == Kind.USED]), QPen(USED, 1))
    for chosen, colour, dash, tag in groups:
        rects = _rects(inner[chosen])
        if not rects:
            continue
        if colour is NO_DATA:
            _outline(painter, rects, QPen(NO_DATA, 1))
            painter.drawLines(*[QLineF(one.bottomLeft(), one.topRight()) for one in rects])
        else:
            _cased(painter, rects, colour, dash)
        if tag and len(rects) <= MOST_CASED:
            _tag(painter, rects, colour, tag)


def draw_rings(
    painter: QPainter, chosen: frozenset[SampleId], key: str, viewport: Viewport, margin: float
) -> None:
    """Draw rings around boxes of the shown exposure, outside of their class boxes."""
    sides = _sides(_corners(chosen, key), viewport)
    sides = sides[_in_view(sides, viewport)]
    if not len(sides):
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    colour = QColor(DARK.highlight)
    if len(sides) > MOST_CASED and _are_small(sides):
        _fill(painter, sides, colour, viewport)
        return
    _cased(painter, _rects(sides + np.array([-margin, -margin, margin, margin])), colour)


@lru_cache(maxsize=4)
def _corners(chosen: frozenset[SampleId], key: str) -> NDArray[np.int64]:
    """Remembered, as all panes ring the same boxes."""
    return np.array([box for of, box in chosen if of == key], np.int64).reshape(-1, 4)


def _sides(corners: NDArray[np.int64], viewport: Viewport) -> Sides:
    """Return left, top, right and bottom of boxes on the pane."""
    frame = viewport.frame
    x = viewport.width / 2 + (corners[:, [0, 2]] - 0.5 - frame.x) * frame.zoom
    y = viewport.height / 2 - (corners[:, [3, 1]] - 0.5 - frame.y) * frame.zoom
    return np.stack([x[:, 0], y[:, 0], x[:, 1], y[:, 1]], axis=1)


def _in_view(sides: Sides, viewport: Viewport) -> NDArray[np.bool_]:
    left, top, right, bottom = sides.T
    room = 4.0  # for what is drawn around a box
    across = (right > -room) & (left < viewport.width + room)
    seen: NDArray[np.bool_] = across & (bottom > -room) & (top < viewport.height + room)
    return seen


def _are_small(sides: Sides) -> bool:
    # Boxes of one grid differ by a pixel of the exposure: all of them look alike, so by the usual.
    if not len(sides):
        return False
    shorter = np.minimum(sides[:, 2] - sides[:, 0], sides[:, 3] - sides[:, 1])
    return bool(np.median(shorter) < SMALLEST)


def _inset(sides: Sides) -> Sides:
    width, height = sides[:, 2] - sides[:, 0], sides[:, 3] - sides[:, 1]
    left, top = np.round(sides[:, 0] + width * INSET), np.round(sides[:, 1] + height * INSET)
    # On whole pixels, so that every box's lines are equally sharp.
    inner = 1 - 2 * INSET
    return np.stack([left, top, left + np.round(width * inner), top + np.round(height * inner)], 1)


def _rects(sides: Sides) -> list[QRectF]:
    return [QRectF(x0, y0, x1 - x0, y1 - y0) for x0, y0, x1, y1 in sides.tolist()]


def _fill(painter: QPainter, sides: Sides, colour: QColor, viewport: Viewport) -> None:
    """Fill small boxes, all by one picture; none of them is less than a pixel."""
    device = painter.device()
    scale = 1.0 if device is None else device.devicePixelRatioF()
    width, height = math.ceil(viewport.width * scale), math.ceil(viewport.height * scale)
    if not len(sides) or width < 1 or height < 1:
        return
    first = np.floor(sides[:, :2] * scale).astype(np.int64)
    last = np.floor(sides[:, 2:] * scale).astype(np.int64)  # where the next box begins
    size = np.maximum(last - first, 1)
    picture = np.zeros((height, width), np.uint32)
    for dy in range(int(size[:, 1].max())):
        for dx in range(int(size[:, 0].max())):
            x, y = first[:, 0] + dx, first[:, 1] + dy
            chosen = (dx < size[:, 0]) & (dy < size[:, 1])
            chosen &= (x >= 0) & (x < width) & (y >= 0) & (y < height)
            picture[y[chosen], x[chosen]] = colour.rgba()
    form = QImage.Format.Format_ARGB32
    image = QImage(picture.tobytes(), width, height, 4 * width, form).copy()  # keeps the bytes
    image.setDevicePixelRatio(scale)
    painter.drawImage(0, 0, image)


def _outline(painter: QPainter, rects: list[QRectF], pen: QPen) -> None:
    if rects:
        painter.setPen(pen)
        painter.drawRects(*rects)


def _cased(
    painter: QPainter, rects: list[QRectF], colour: QColor, dash: list[float] | None = None
) -> None:
    """Draw lines with a black pixel on either side, which no image can hide."""
    if len(rects) > MOST_CASED:
        _outline(painter, rects, QPen(colour, 1))
        return
    casing = with_alpha("#000000", CASING)
    for rect in rects:
        _frame(painter, rect, casing, CASED_LINE)
        if dash is None:
            _frame(painter, rect, colour, LINE)
    if dash is not None:
        pen = QPen(colour, LINE)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        pen.setDashPattern(dash)
        _outline(painter, rects, pen)


def _frame(painter: QPainter, rect: QRectF, colour: QColor, width: float) -> None:
    """Draw the outline of a box; four filled bars are drawn much faster than a stroke."""
    half = width / 2
    outer, inner = rect.adjusted(-half, -half, half, half), rect.adjusted(half, half, -half, -half)
    side = inner.height()
    painter.fillRect(QRectF(outer.left(), outer.top(), outer.width(), width), colour)
    painter.fillRect(QRectF(outer.left(), inner.bottom(), outer.width(), width), colour)
    painter.fillRect(QRectF(outer.left(), inner.top(), width, side), colour)
    painter.fillRect(QRectF(inner.right(), inner.top(), width, side), colour)


def _tag(painter: QPainter, rects: list[QRectF], colour: QColor, text: str) -> None:
    """Write the round's number into the upper right corner of its boxes, inside of them."""
    painter.setFont(font(9, 600))
    for rect in rects:
        side = min(TAG, rect.height() - LINE, rect.width() - LINE)
        if side < LEAST_TAG:
            continue  # the number could not be read; the colour is still there
        wide = max(side, 7.0 * len(text))
        tag = QRectF(rect.right() - wide, rect.top(), wide, side)
        painter.fillRect(tag, colour)
        painter.setPen(QColor("#17181b"))
        painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, text)
