"""Where a mask by hand is taken hold of, and what a drag makes of it there; all in pixels."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skyframe_gui.engine import SkyFrameError
from skyframe_gui.engine.hand_masks import HandMask, contains, outline_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    Place = tuple[float, float]

NEAR, NEAR_LINE = 9.0, 6.0
"""Pixels of the screen within which a grip, and an outline, is taken."""
AWAY = 18.0
"""Pixels of the screen from the end of an axis to the grip that turns it."""
ROOM = 26.0
"""Pixels of the screen between two corners from which on a third can be pulled out."""
TURN_STEP = 15.0
"""Degrees that Shift keeps to."""
MOVE = "move"


class Grip(NamedTuple):
    """What a drag takes hold of."""

    what: str
    """ "radius 0"; "axis 0 1"; "corner -1 1" of a box, "corner 3" of a polygon; "side 3", where one
    more corner comes out; "turn". """
    x: float
    y: float


def grips_of(mask: HandMask, zoom: float) -> list[Grip]:
    """Return where a mask in pixels is taken hold of, at so many screen pixels a pixel."""
    if mask.shape == "polygon":
        return _polygon_grips(mask, zoom)
    x, y, a, *rest = mask.numbers
    if mask.shape == "circle":
        ends = ((a, 0.0), (0.0, a), (-a, 0.0), (0.0, -a))
        return [Grip(f"radius {n}", x + dx, y + dy) for n, (dx, dy) in enumerate(ends)]
    b, angle = rest
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))

    def at(what: str, along: float, across: float) -> Grip:
        return Grip(what, x + along * cos - across * sin, y + along * sin + across * cos)

    if mask.shape == "box":
        a, b = a / 2, b / 2
        found = [at(f"corner {i} {j}", i * a, j * b) for i in (-1, 1) for j in (-1, 1)]
    else:
        found = [at(f"axis 0 {i}", i * a, 0.0) for i in (-1, 1)]
        found += [at(f"axis 1 {i}", 0.0, i * b) for i in (-1, 1)]
    return [*found, at("turn", a + AWAY / zoom, 0.0)]


def _polygon_grips(mask: HandMask, zoom: float) -> list[Grip]:
    corners = mask.corners
    found = [Grip(f"corner {n}", x, y) for n, (x, y) in enumerate(corners.tolist())]
    after = np.roll(corners, -1, axis=0)
    lengths = np.hypot(*(after - corners).T) * zoom
    for n, (x, y) in enumerate(((corners + after) / 2).tolist()):
        if lengths[n] >= ROOM:
            found.append(Grip(f"side {n}", x, y))
    return found


def grip_at(grips: Sequence[Grip], at: Place, zoom: float) -> str:
    """Return what of a mask is taken at a place; "" for nothing."""
    near = [(math.hypot(one.x - at[0], one.y - at[1]) * zoom, one.what) for one in grips]
    distance, what = min(near, default=(math.inf, ""))
    return what if distance <= NEAR else ""


def is_on_line(mask: HandMask, at: Place, zoom: float) -> bool:
    """Whether a place is on the outline of a mask in pixels."""
    start = outline_of(mask)
    along = np.roll(start, -1, axis=0) - start
    away = np.array(at) - start
    length = np.maximum((along**2).sum(axis=1), 1e-300)
    part = np.clip((along * away).sum(axis=1) / length, 0.0, 1.0)
    distance = np.hypot(*(away - part[:, None] * along).T).min()
    return float(distance) * zoom <= NEAR_LINE


def is_inside(mask: HandMask, at: Place) -> bool:
    """Whether a place is inside of a mask in pixels."""
    x, y = (np.array([one], np.float64) for one in at)
    return bool(contains(mask, x, y)[0])


def pulled(mask: HandMask, what: str, start: Place, now: Place, steps: bool = False) -> HandMask:
    """Return a mask in pixels after it was dragged by one of its grips, or moved.

    Parameters
    ----------
    mask : HandMask
    what : str
        See `Grip`; "move" for all of it, by whole pixels.
    start, now : (x, y)
    steps : bool
        Whether an angle keeps to multiples of 15 degrees.
    """
    dx, dy = now[0] - start[0], now[1] - start[1]
    if what == MOVE:
        return mask.moved(round(dx), round(dy))
    try:
        if mask.shape == "polygon":
            return _pulled_polygon(mask, what, dx, dy, now)
        return _pulled(mask, what, now, steps)
    except SkyFrameError:  # so small that nothing would be left
        return mask


def without_corner(mask: HandMask, what: str) -> HandMask | None:
    """Return a polygon without one of its corners; None where that is none or too many."""
    kind, _, n = what.partition(" ")
    if mask.shape != "polygon" or kind != "corner" or len(mask.corners) <= 3:
        return None
    return HandMask("polygon", tuple(np.delete(mask.corners, int(n), axis=0).ravel().tolist()))


def _pulled_polygon(mask: HandMask, what: str, dx: float, dy: float, now: Place) -> HandMask:
    kind, n = what.split()
    corners = mask.corners
    if kind == "corner":
        corners[int(n)] += (dx, dy)
    else:
        corners = np.insert(corners, int(n) + 1, now, axis=0)
    return HandMask("polygon", tuple(corners.ravel().tolist()))


def _pulled(mask: HandMask, what: str, now: Place, steps: bool) -> HandMask:
    kind, *where = what.split()
    x, y, *sizes = mask.numbers
    dx, dy = now[0] - x, now[1] - y
    if kind == "radius":
        return HandMask("circle", (x, y, math.hypot(dx, dy)))
    a, b, angle = sizes
    if kind == "turn":
        angle = math.degrees(math.atan2(dy, dx))
        if steps:
            angle = TURN_STEP * round(angle / TURN_STEP)
        return HandMask(mask.shape, (x, y, a, b, angle))
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    if kind == "axis":
        length = abs(dx * cos + dy * sin) if where[0] == "0" else abs(dy * cos - dx * sin)
        a, b = (length, b) if where[0] == "0" else (a, length)
        return HandMask("ellipse", (x, y, a, b, angle))
    if angle == 0:  # along the edges of pixels
        dx, dy = round(now[0] - 0.5) + 0.5 - x, round(now[1] - 0.5) + 0.5 - y
    i, j = (int(one) for one in where)
    # The corner over against it stays where it is.
    along, across = dx * cos + dy * sin, dy * cos - dx * sin
    u, v = (along - i * a / 2) / 2, (across - j * b / 2) / 2
    size = abs(along + i * a / 2), abs(across + j * b / 2)
    return HandMask("box", (x + u * cos - v * sin, y + u * sin + v * cos, *size, angle))
