"""What is drawn over the images: bin edges, sample boxes, rings, crosshair, lasso."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt6.QtGui import QBrush, QColor, QPainter, QPen, QPolygonF

from skyframe_gui.ui.images.render import edges_of
from skyframe_gui.ui.plots.colours import round_colours, with_alpha
from skyframe_gui.ui.theme import DARK, font

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from skyframe_gui.app.state import SampleId
    from skyframe_gui.ui.images.content import Content
    from skyframe_gui.ui.images.geometry import Viewport
    from skyframe_gui.ui.images.marks import Boxes

INSET = 0.08
"""Of a box's side: neighbours then share no line."""
CASING = 0.55
FEWEST_APART = 4.0
"""Pixels: bin edges closer than this would be a veil, not lines."""
TAG = 15.0
TAG_NEEDS = 20.0
"""Pixels of a box's side below which its tag is as wide as the box."""
BY_HAND_DASH = [3.0, 2.0]
USED = with_alpha(DARK.accent, 0.8)
NO_DATA = QColor("#b0b4ba")


def draw_edges(painter: QPainter, content: Content, viewport: Viewport, dark: bool) -> None:
    """Draw the true edges of the bins; a path of them would take ten times as long."""
    grid = content.grid
    if grid is None:
        return
    x_edges, y_edges = edges_of(content, grid)
    narrowest = min(np.diff(x_edges).min(), np.diff(y_edges).min()) * viewport.frame.zoom
    if narrowest < FEWEST_APART:
        return
    shown = content.shown
    x = np.clip(x_edges, -0.5, shown.width - 0.5)
    y = np.clip(y_edges, -0.5, shown.height - 0.5)
    lines = [
        QLineF(viewport.to_pane(edge, y[0]), viewport.to_pane(edge, y[-1]))
        for edge in x[x == x_edges].tolist()
    ]
    lines += [
        QLineF(viewport.to_pane(x[0], edge), viewport.to_pane(x[-1], edge))
        for edge in y[y == y_edges].tolist()
    ]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QPen(with_alpha("#ffffff" if dark else "#000000", 0.10), 0))
    painter.drawLines(*lines)


def draw_filled(painter: QPainter, content: Content, viewport: Viewport) -> None:
    """Hatch the bins that were filled with the median of the others."""
    frame = content.shown.sky_frame
    if frame is None or content.grid is not frame.sky_frame.grid:
        return
    x, y = edges_of(content, content.grid)
    hatch = QBrush(with_alpha("#ffffff", 0.55), Qt.BrushStyle.BDiagPattern)
    painter.setPen(Qt.PenStyle.NoPen)
    for j, i in np.argwhere(frame.sky_frame.filled).tolist():
        box = QRectF(viewport.to_pane(x[i], y[j + 1]), viewport.to_pane(x[i + 1], y[j]))
        painter.fillRect(box, hatch)


def draw_boxes(painter: QPainter, boxes: Boxes, viewport: Viewport, with_used: bool) -> None:
    """Draw the samples' boxes by class, always in the dark set of colours."""
    groups: dict[tuple[str, int], list[QRectF]] = {}
    for index, kind in enumerate(boxes.kinds):
        rect = _inset(viewport.rect(*boxes.corners[index].tolist()))
        groups.setdefault((kind, int(boxes.rounds[index])), []).append(rect)
    colours = round_colours(DARK, boxes.n_rounds)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if with_used and ("used", 0) in groups:
        painter.setPen(QPen(USED, 1))
        painter.drawRects(*groups["used", 0])
    if ("no data", 0) in groups:
        painter.setPen(QPen(NO_DATA, 1))
        painter.drawRects(*groups["no data", 0])
        painter.drawLines(*[QLineF(r.bottomLeft(), r.topRight()) for r in groups["no data", 0]])
    if ("hand", 0) in groups:
        _cased(painter, groups["hand", 0], QColor(DARK.by_hand), BY_HAND_DASH)
    for (group, number), rects in sorted(groups.items()):
        if group == "rejected":
            colour = QColor(colours[number - 1])
            _cased(painter, rects, colour)
            _tag(painter, rects, colour, str(number))


def draw_rings(
    painter: QPainter,
    chosen: Iterable[SampleId],
    key: str,
    viewport: Viewport,
    margin: float,
) -> None:
    """Draw rings around boxes of the shown exposure, outside of their class boxes."""
    rects = []
    for of, box in chosen:
        if of == key:
            rects.append(viewport.rect(*box).adjusted(-margin, -margin, margin, margin))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if rects:
        _cased(painter, rects, QColor(DARK.highlight))


def draw_crosshair(painter: QPainter, viewport: Viewport, content: Content, at: QPointF) -> None:
    """Draw lines through a place, as far as the image goes."""
    image = viewport.rect(0, 0, content.shown.width, content.shown.height)
    if not image.contains(at):
        return
    x, y = round(at.x()) + 0.5, round(at.y()) + 0.5
    lines = (
        QLineF(x, max(image.top(), 0.0), x, min(image.bottom(), viewport.height)),
        QLineF(max(image.left(), 0.0), y, min(image.right(), viewport.width), y),
    )
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for colour, width in ((with_alpha("#000000", 0.27), 3), (with_alpha("#ffffff", 0.5), 1)):
        pen = QPen(colour, width)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawLines(*lines)


def draw_lasso(painter: QPainter, points: Sequence[QPointF]) -> None:
    """Draw a polygon that is being drawn by hand."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(with_alpha(DARK.highlight, 0.10))
    for colour, width in ((with_alpha("#000000", CASING), 3.0), (QColor(DARK.highlight), 1.0)):
        pen = QPen(colour, width)
        pen.setStyle(Qt.PenStyle.DashLine if width == 1.0 else Qt.PenStyle.SolidLine)
        painter.setPen(pen)
        painter.drawPolygon(QPolygonF(points))
        painter.setBrush(Qt.BrushStyle.NoBrush)


def _inset(rect: QRectF) -> QRectF:
    x, y = rect.width() * INSET, rect.height() * INSET
    inner = rect.adjusted(x, y, -x, -y)
    # On whole pixels, so that every box's lines are equally sharp.
    return QRectF(
        round(inner.left()), round(inner.top()), round(inner.width()), round(inner.height())
    )


def _cased(
    painter: QPainter, rects: list[QRectF], colour: QColor, dash: list[float] | None = None
) -> None:
    """Draw 2 px lines with a black pixel on either side, which no image can hide."""
    casing = with_alpha("#000000", CASING)
    for rect in rects:
        _frame(painter, rect, casing, 4.0)
        if dash is None:
            _frame(painter, rect, colour, 2.0)
    if dash is not None:
        pen = QPen(colour, 2.0)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        pen.setDashPattern(dash)
        painter.setPen(pen)
        painter.drawRects(*rects)


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
    """Write the round's number into the upper left corner of its boxes."""
    painter.setFont(font(10, 600))
    for rect in rects:
        side = min(TAG, max(rect.height() * TAG / TAG_NEEDS, 0.0))
        tag = QRectF(rect.left(), rect.top(), max(side, 9.0 * len(text)), side + 1)
        if side < 9:
            continue  # the number could not be read; the colour is still there
        painter.fillRect(tag, colour)
        painter.setPen(QColor("#17181b"))
        painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, text)
