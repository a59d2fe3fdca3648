"""The cut and the region over an image: how they look, and what a drag makes of them."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPainterPath, QPen

from skyframe_gui.app.model.cuts import WIDEST, Cut, Region, ends_of
from skyframe_gui.ui.samples.colours import with_alpha

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skyframe_gui.app.model.cuts import CutKind, Tool
    from skyframe_gui.app.model.view import View
    from skyframe_gui.ui.images.geometry import Viewport

    Place = tuple[float, float]
    Size = tuple[int, int]

NEAR = 9.0
"""Pixels of the screen within which a handle is taken."""
HANDLE, GRIP = 3.5, 3.0
"""Half of the size of round and of square handles."""
APART = 7.0
"""Pixels at least between the handle of the width and the line."""
CASING = 0.6


class Handle(NamedTuple):
    """What a drag takes hold of."""

    what: str
    """ "start", "end", "middle", "width" of the cut; "corner x y" by the ends it moves, "move"."""
    at: QPointF
    """Where, on the pane."""


def handles_of(view: View, size: Size, viewport: Viewport) -> list[Handle]:
    """Return the handles that are drawn: the ends always, the others with their tool."""
    found = []
    cut, region = view.cut, view.region
    if cut is not None:
        x0, y0, x1, y1 = ends_of(cut, size)
        if cut.kind == "cut":
            found += [
                Handle("start", viewport.to_pane(x0, y0)),
                Handle("end", viewport.to_pane(x1, y1)),
            ]
        if view.tool == "cut" or cut.kind != "cut":
            middle = viewport.to_pane((x0 + x1) / 2, (y0 + y1) / 2)
            found.append(Handle("middle", middle))
        if view.tool == "cut":
            away = max(cut.width / 2 * viewport.frame.zoom, APART)
            length = math.hypot(x1 - x0, y1 - y0) or 1.0
            # A quarter along, where it does not hide the middle; y of the pane goes down.
            at = viewport.to_pane(x0 + (x1 - x0) / 4, y0 + (y1 - y0) / 4)
            normal = QPointF(-(y1 - y0) / length, -(x1 - x0) / length)
            found.append(Handle("width", at + normal * away))
    if region is not None and view.tool in ("box", "circle"):
        if region.shape == "circle":
            edge = viewport.to_pane(region.x1, (region.y0 + region.y1) / 2)
            found.append(Handle("radius", edge))
        else:
            found += [
                Handle(f"corner {x} {y}", viewport.to_pane(getattr(region, x), getattr(region, y)))
                for x in ("x0", "x1")
                for y in ("y0", "y1")
            ]
        x, y = (region.x0 + region.x1) / 2, (region.y0 + region.y1) / 2
        found.append(Handle("move", viewport.to_pane(x, y)))
    return found


def handle_at(view: View, size: Size, viewport: Viewport, at: QPointF) -> str:
    """Return the handle at a place of the pane; "" for none."""
    near = [
        (math.hypot(one.at.x() - at.x(), one.at.y() - at.y()), one.what)
        for one in handles_of(view, size, viewport)
    ]
    distance, what = min(near, default=(math.inf, ""))
    return what if distance <= NEAR else ""


def drawn_cut(old: Cut | None, start: Place, now: Place, shift: bool) -> Cut:
    """Return the cut that a drag draws; with Shift the row or the column where it began."""
    like = old or Cut(x0=0, y0=0, x1=0, y1=0)
    (x0, y0), (x1, y1) = start, now
    if shift:
        kind: CutKind = "row" if abs(x1 - x0) >= abs(y1 - y0) else "column"
        x, y = round(x0), round(y0)
        return replace(like, x0=x, y0=y, x1=x, y1=y, kind=kind)
    return replace(like, x0=x0, y0=y0, x1=x1, y1=y1, kind="cut")


def moved_cut(old: Cut, what: str, start: Place, now: Place, size: Size) -> Cut:
    """Return the cut after one of its handles was dragged."""
    dx, dy = now[0] - start[0], now[1] - start[1]
    if what == "start":
        return replace(old, x0=now[0], y0=now[1])
    if what == "end":
        return replace(old, x1=now[0], y1=now[1])
    if what == "middle":
        if old.kind != "cut":
            x, y = round(old.x0 + dx), round(old.y0 + dy)
            return replace(old, x0=x, x1=x, y0=y, y1=y)
        return replace(old, x0=old.x0 + dx, y0=old.y0 + dy, x1=old.x1 + dx, y1=old.y1 + dy)
    x0, y0, x1, y1 = ends_of(old, size)
    length = math.hypot(x1 - x0, y1 - y0) or 1.0
    # By how much the mouse has gone away from the line: the handle may stand farther out.
    away = (dy * (x1 - x0) - dx * (y1 - y0)) / length
    return replace(old, width=float(min(max(round(old.width + 2 * away), 1), int(WIDEST))))


def drawn_region(tool: Tool, start: Place, now: Place) -> Region:
    """Return the region that a drag draws: a box by corners, a circle from its middle."""
    (x0, y0), (x1, y1) = start, now
    if tool == "circle":
        radius = math.hypot(x1 - x0, y1 - y0)
        return Region(x0=x0 - radius, y0=y0 - radius, x1=x0 + radius, y1=y0 + radius, shape=tool)
    left, right, below, above = (round(one) for one in (*sorted((x0, x1)), *sorted((y0, y1))))
    return Region(x0=left, y0=below, x1=right, y1=above)


def moved_region(old: Region, what: str, start: Place, now: Place) -> Region:
    """Return the region after one of its handles was dragged."""
    if what == "move":
        dx, dy = now[0] - start[0], now[1] - start[1]
        if old.shape == "box":
            dx, dy = round(dx), round(dy)
        return replace(old, x0=old.x0 + dx, y0=old.y0 + dy, x1=old.x1 + dx, y1=old.y1 + dy)
    if what == "radius":
        middle = (old.x0 + old.x1) / 2, (old.y0 + old.y1) / 2
        return drawn_region("circle", middle, now)
    _, x, y = what.split()
    other_x = old.x1 if x == "x0" else old.x0
    other_y = old.y1 if y == "y0" else old.y0
    return drawn_region("box", (other_x, other_y), now)


def draw_measures(painter: QPainter, view: View, size: Size, viewport: Viewport) -> None:
    """Draw cut and region with their handles, cased so that no image hides them."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if view.region is not None:
        # A box goes along the screen's pixels.
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, view.region.shape == "circle")
        _stroke(painter, _outline(view.region, viewport))
    if view.cut is not None:
        _draw_cut(painter, view.cut, size, viewport)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    for one in handles_of(view, size, viewport):
        painter.setPen(QPen(with_alpha("#000000", CASING), 1))
        painter.setBrush(QColor("#ffffff"))
        if one.what in ("start", "end"):
            painter.drawEllipse(one.at, HANDLE, HANDLE)
        else:
            painter.drawRect(QRectF(one.at.x() - GRIP, one.at.y() - GRIP, 2 * GRIP, 2 * GRIP))


def _draw_cut(painter: QPainter, cut: Cut, size: Size, viewport: Viewport) -> None:
    x0, y0, x1, y1 = ends_of(cut, size)
    length = math.hypot(x1 - x0, y1 - y0) or 1.0
    # The band goes half a pixel beyond the centres of its last pixels.
    dx, dy = (x1 - x0) / length / 2, (y1 - y0) / length / 2
    axis = viewport.to_pane(x0, y0), viewport.to_pane(x1, y1)
    if cut.width * viewport.frame.zoom < 4:
        _lines(painter, axis)
        return
    across, up = -(y1 - y0) / length * cut.width / 2, (x1 - x0) / length * cut.width / 2
    corners = [
        viewport.to_pane(x + end * dx + side * across, y + end * dy + side * up)
        for x, y, end, side in ((x0, y0, -1, 1), (x1, y1, 1, 1), (x1, y1, 1, -1), (x0, y0, -1, -1))
    ]
    _lines(painter, (*corners, corners[0]))
    dotted = QPen(with_alpha("#ffffff", 0.8), 1)
    dotted.setDashPattern([1.0, 3.0])
    painter.setPen(dotted)
    painter.drawLine(*axis)


def _lines(painter: QPainter, corners: Sequence[QPointF]) -> None:
    """Draw cased lines from one corner to the next: one smooth path takes six times as long."""
    slants = any(a.x() != b.x() and a.y() != b.y() for a, b in pairwise(corners))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, slants)
    casing = QPen(with_alpha("#000000", CASING), 3)
    casing.setCapStyle(Qt.PenCapStyle.FlatCap)
    # Not 1, of which Qt draws smooth lines half a pixel beside wider ones.
    for pen in (casing, QPen(QColor("#ffffff"), 1.1 if slants else 1)):
        painter.setPen(pen)
        for start, end in pairwise(corners):
            painter.drawLine(start, end)


def _outline(region: Region, viewport: Viewport) -> QPainterPath:
    """Return the border of a region: a box's pixels from edge to edge."""
    path = QPainterPath()
    if region.shape == "circle":
        corner = viewport.to_pane(region.x0, region.y1)
        path.addEllipse(QRectF(corner, viewport.to_pane(region.x1, region.y0)))
    else:
        box = viewport.rect(region.x0, region.y0, region.x1 + 1, region.y1 + 1)
        path.addRect(QRectF(box.toRect()).translated(0.5, 0.5))
    return path


def _stroke(painter: QPainter, path: QPainterPath) -> None:
    """Draw a cased path, dashed."""
    painter.setPen(QPen(with_alpha("#000000", CASING), 3))
    painter.drawPath(path)
    pen = QPen(QColor("#ffffff"), 1)
    pen.setDashPattern([4.0, 2.0])
    painter.setPen(pen)
    painter.drawPath(path)
