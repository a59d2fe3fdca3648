"""How samples are drawn: thousands of dots as one picture, the few others as shapes."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

from skyframe_gui.ui.samples.colours import with_alpha

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

MANY = 2000
"""More marks than this are drawn as one picture of dots, whatever their shape: they overlap."""
MANY_DOTS = 20_000
"""Of more dots the places are counted by whole pixels, so that the time depends on pixels only."""
PHASES = 4
"""Dots are drawn at quarters of a pixel, which the eye cannot tell from their true places."""


def dots(
    width: int, height: int, x: Floats, y: Floats, diameter: float, colour: str, alpha: float
) -> QImage:
    """Return a picture of many equal translucent dots, as if painted one over the other.

    The order does not matter for dots of one colour: what shines through is the product of what
    each lets through, so that a sum of logarithms for each pixel is all there is to do.

    Parameters
    ----------
    width, height : int
        Of the picture, in device pixels.
    x, y : float array
        Middles of the dots in device pixels.
    diameter : float
        In device pixels.
    colour : str
    alpha : float
        Of one dot.
    """
    phases = PHASES if len(x) <= MANY_DOTS else 1
    table, rows, columns, reach = _dot_table(diameter, alpha, phases)
    side = 2 * reach + 1
    seen = (x > -reach) & (x < width + reach) & (y > -reach) & (y < height + reach)
    column = np.floor(x[seen] * phases).astype(np.int64)
    row = np.floor(y[seen] * phases).astype(np.int64)
    # A border as wide as a dot, so that no dot needs clipping.
    padded = width + 2 * side
    first = (row // phases - reach + side) * padded + column // phases - reach + side
    offsets = rows * padded + columns
    n_pixels = (height + 2 * side) * padded
    if phases == 1:
        number = np.bincount(first, minlength=n_pixels).astype(np.float64)
        through = np.zeros(n_pixels)
        for offset, one in zip(offsets.tolist(), table[0], strict=True):
            through[offset:] += number[: n_pixels - offset] * one
    else:
        phase = (row % phases) * phases + column % phases
        places = (first[:, None] + offsets[None, :]).ravel()
        through = np.bincount(places, table[phase].ravel(), n_pixels).astype(np.float64)
    through = through.reshape(height + 2 * side, padded)[side:-side, side:-side]
    picture = np.zeros((height, width), np.uint32)
    painted = through != 0
    opaque = -np.expm1(through[painted])
    paint = QColor(colour)
    words = (opaque * 255 + 0.5).astype(np.uint32) << 24
    for part, shift in ((paint.red(), 16), (paint.green(), 8), (paint.blue(), 0)):
        words |= (opaque * part + 0.5).astype(np.uint32) << shift
    picture[painted] = words
    raw = picture.tobytes()
    image = QImage(raw, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
    return image.copy()  # as QImage does not keep the bytes


@cache
def _dot_table(diameter: float, alpha: float, n_phases: int) -> tuple[Floats, Ints, Ints, int]:
    """Return the logarithm of what a dot lets through, by phase and pixel; the pixels; its reach.

    Only the pixels that a dot covers in any phase are in it.
    """
    reach = math.ceil(diameter / 2 + 0.5)
    pixels = np.arange(-reach, reach + 1) + 0.5
    phases = (np.arange(n_phases) + 0.5) / n_phases
    across = (pixels[None, :] - phases[:, None]) ** 2
    distance = np.sqrt(across[:, None, :, None] + across[None, :, None, :])
    cover = np.clip(diameter / 2 + 0.5 - distance, 0, 1)
    rows, columns = np.nonzero(cover.any(axis=(0, 1)))
    table = np.log1p(-alpha * cover[:, :, rows, columns]).reshape(n_phases * n_phases, -1)
    return table, rows, columns, reach


def squares(
    painter: QPainter, x: Floats, y: Floats, size: float, colour: str, inside: QColor | None
) -> None:
    """Draw squares: filled where ``inside`` is None, else as outlines around that colour."""
    device = painter.device()
    scale = 1.0 if device is None else device.devicePixelRatioF()
    # On whole device pixels, so that all edges are equally sharp.
    left = (np.round((x - size / 2) * scale) + 0.5) / scale
    top = (np.round((y - size / 2) * scale) + 0.5) / scale
    rects = [QRectF(a, b, size, size) for a, b in zip(left.tolist(), top.tolist(), strict=True)]
    if not rects:
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    join = Qt.PenJoinStyle.MiterJoin
    pen = QPen(QColor(colour), 1.5) if inside is not None else QPen(with_alpha("#000000", 0.45), 1)
    pen.setJoinStyle(join)
    painter.setPen(pen)
    painter.setBrush(QColor(colour) if inside is None else inside)
    painter.drawRects(*rects)
    painter.restore()


def triangles(painter: QPainter, x: Floats, y: Floats, size: float, colour: str) -> None:
    """Draw filled triangles that point down."""
    half, height = size / 2, size * 0.9
    shape = QPainterPath(QPointF(-half, -height / 2))
    shape.lineTo(half, -height / 2)
    shape.lineTo(0, height / 2)
    shape.closeSubpath()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(with_alpha("#000000", 0.45), 1))
    painter.setBrush(QColor(colour))
    for a, b in zip(x.tolist(), y.tolist(), strict=True):
        painter.drawPath(shape.translated(a, b))
    painter.restore()


def pointer(painter: QPainter, at: QPointF, size: float, colour: str, pen: float, up: bool) -> None:
    """Draw a hollow triangle that points up or down."""
    half, tip = size / 2, -size / 2 if up else size / 2
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(colour), pen))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    corners = (QPointF(-half, -tip), QPointF(half, -tip), QPointF(0, tip))
    painter.drawPolygon(*(at + corner for corner in corners))
    painter.restore()


def crosses(painter: QPainter, x: Floats, y: Floats, size: float, colour: str) -> None:
    """Draw crosses."""
    half = size / 2
    path = QPainterPath()
    for a, b in zip(x.tolist(), y.tolist(), strict=True):
        path.moveTo(a - half, b - half)
        path.lineTo(a + half, b + half)
        path.moveTo(a - half, b + half)
        path.lineTo(a + half, b - half)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(colour), 1.5))
    painter.drawPath(path)
    painter.restore()


def discs(painter: QPainter, x: Floats, y: Floats, size: float, colour: QColor) -> None:
    """Draw dots one by one, as a drawing needs them."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    for a, b in zip(x.tolist(), y.tolist(), strict=True):
        painter.drawEllipse(QPointF(a, b), size / 2, size / 2)
    painter.restore()


def rings(painter: QPainter, x: Floats, y: Floats, size: float, colour: str, pen: float) -> None:
    """Draw rings around marks, with a thin dark or light edge from the surroundings."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(colour), pen))
    for a, b in zip(x.tolist(), y.tolist(), strict=True):
        painter.drawEllipse(QPointF(a, b), size / 2, size / 2)
    painter.restore()
