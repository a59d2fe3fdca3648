"""Regions that a person masks by hand, and the mask plane USER that they make."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.exposure import HAND_PLANE, MaskPlanes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from skyframe_gui.engine.exposure import BBox, Exposure

Shape = Literal["circle", "ellipse", "box", "polygon"]
N_NUMBERS = {"circle": 3, "ellipse": 5, "box": 5}
"""Of each shape but the polygon, which has two for each corner."""
MOST_CORNERS = 5000
N_CORNERS = 72
FARTHEST = 1e7
"""From the origin, and the largest size: pixels, or degrees."""


@dataclass(frozen=True)
class HandMask:
    """A region that is masked: every pixel whose middle is inside.

    Attributes
    ----------
    shape : {"circle", "ellipse", "box", "polygon"}
    numbers : tuple of float
        Circle: x, y, radius. Ellipse: x, y, semi-axes along its own x and y, angle. Box: x, y of
        its middle, width, height, angle. Polygon: x and y of every corner. In parent pixels, the
        middle of the first is 0; on the sky right ascension and declination (ICRS), all in degrees.
        Angles are in degrees from x towards y; on the sky x is where the image has west.
    on_sky : bool
        Whether the numbers are of the sky.

    Raises
    ------
    SkyFrameError
        The numbers make no such shape.
    """

    shape: Shape
    numbers: tuple[float, ...]
    on_sky: bool = False

    def __post_init__(self) -> None:
        numbers = self.numbers
        if self.shape not in get_args(Shape):
            raise SkyFrameError(
                f"A mask by hand is one of {', '.join(get_args(Shape))}; {self.shape!r} is none."
            )
        n = len(numbers)
        if self.shape == "polygon":
            if n % 2 or not 6 <= n <= 2 * MOST_CORNERS:
                raise SkyFrameError(
                    f"A polygon has x and y of 3 to {MOST_CORNERS} corners; this has {n} numbers."
                )
        elif n != N_NUMBERS[self.shape]:
            raise SkyFrameError(
                f"A {self.shape} has {N_NUMBERS[self.shape]} numbers; this has {n}."
            )
        if not all(math.isfinite(one) and abs(one) <= FARTHEST for one in numbers):
            raise SkyFrameError(f"A {self.shape} has numbers that are no places or sizes.")
        if not all(one > 0 for one in self.sizes):
            raise SkyFrameError(f"A {self.shape} needs sizes above 0.")
        if self.on_sky and not (abs(self.corners[:, 1]) <= 90).all():
            raise SkyFrameError(f"A {self.shape} is at a declination beyond 90 degrees.")

    @property
    def sizes(self) -> tuple[float, ...]:
        """Its radius, semi-axes or sides; none of a polygon."""
        if self.shape == "polygon":
            return ()
        return self.numbers[2:3] if self.shape == "circle" else self.numbers[2:4]

    @property
    def corners(self) -> NDArray[np.float64]:
        """The corners of a polygon [n, 2], or the middle of another shape [1, 2]."""
        places = self.numbers if self.shape == "polygon" else self.numbers[:2]
        return np.array(places, np.float64).reshape(-1, 2)

    def moved(self, dx: float, dy: float) -> HandMask:
        """Return it elsewhere; not for one on the sky."""
        places = (self.corners + np.array([dx, dy])).ravel().tolist()
        rest = () if self.shape == "polygon" else self.numbers[2:]
        return HandMask(self.shape, (*places, *rest))


def box_of(mask: HandMask) -> tuple[float, float, float, float]:
    """Return the least and largest x and y of a mask in pixels: (x0, y0, x1, y1)."""
    if mask.shape == "polygon":
        (x0, y0), (x1, y1) = mask.corners.min(axis=0), mask.corners.max(axis=0)
        return float(x0), float(y0), float(x1), float(y1)
    x, y, *sizes = mask.numbers
    if mask.shape == "circle":
        half_x = half_y = sizes[0]
    else:
        a, b, angle = sizes
        cos, sin = abs(math.cos(math.radians(angle))), abs(math.sin(math.radians(angle)))
        if mask.shape == "ellipse":
            half_x, half_y = math.hypot(a * cos, b * sin), math.hypot(a * sin, b * cos)
        else:
            half_x, half_y = (a * cos + b * sin) / 2, (a * sin + b * cos) / 2
    return x - half_x, y - half_y, x + half_x, y + half_y


def outline_of(mask: HandMask) -> NDArray[np.float64]:
    """Return the corners [n, 2] of a mask in pixels, of a round one so many that none is seen."""
    if mask.shape == "polygon":
        return mask.corners
    angle = 0.0 if mask.shape == "circle" else mask.numbers[4]
    half_x, half_y = mask.numbers[2], mask.numbers[2 if mask.shape == "circle" else 3]
    if mask.shape == "box":
        along, across = half_x / 2 * np.array([-1, 1, 1, -1]), half_y / 2 * np.array([-1, -1, 1, 1])
    else:
        turn = np.linspace(0, 2 * np.pi, N_CORNERS, endpoint=False)
        along, across = half_x * np.cos(turn), half_y * np.sin(turn)
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    return mask.corners + np.stack([along * cos - across * sin, along * sin + across * cos], axis=1)


def contains(mask: HandMask, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which places are inside of a mask in pixels; ``x`` and ``y`` broadcast."""
    if mask.shape == "polygon":
        inside = np.zeros(np.broadcast_shapes(x.shape, y.shape), bool)
        corners = mask.corners
        for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            if y0 != y1:  # a ray to the right crosses the edge
                inside ^= ((y0 <= y) != (y1 <= y)) & (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0))
        return inside
    x, y = x - mask.numbers[0], y - mask.numbers[1]
    if mask.shape == "circle":
        return np.asarray(x**2 + y**2 < mask.numbers[2] ** 2)
    a, b, angle = mask.numbers[2:]
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    along, across = x * cos + y * sin, y * cos - x * sin
    if mask.shape == "ellipse":
        with np.errstate(over="ignore"):  # beside one that is thinner than any pixel
            return np.asarray((along / a) ** 2 + (across / b) ** 2 < 1)
    return np.asarray((np.abs(along) < a / 2) & (np.abs(across) < b / 2))


def masked_pixels(masks: Sequence[HandMask], bbox: BBox) -> NDArray[np.bool_]:
    """Return which pixels [H, W] of a box of parent coordinates are in masks in pixels."""
    x0, y0, x1, y1 = bbox
    found = np.zeros((y1 - y0 + 1, x1 - x0 + 1), bool)
    for mask in masks:
        left, below, inside = _near(mask, bbox)
        height, width = inside.shape
        part = found[below - y0 : below - y0 + height, left - x0 : left - x0 + width]
        part |= inside
    return found


def count_pixels(mask: HandMask, bbox: BBox) -> int:
    """Return how many pixels of a box of parent coordinates a mask in pixels masks."""
    return int(_near(mask, bbox)[2].sum())


def _near(mask: HandMask, bbox: BBox) -> tuple[int, int, NDArray[np.bool_]]:
    """Return which pixels about a mask are in it, and which column and row are the first."""
    x0, y0, x1, y1 = bbox
    low_x, low_y, high_x, high_y = box_of(mask)
    # One more each way: a place within rounding of the edge is looked at, too.
    left, below = max(math.floor(low_x), x0), max(math.floor(low_y), y0)
    right, above = min(math.ceil(high_x), x1), min(math.ceil(high_y), y1)
    if left > right or below > above:
        return x0, y0, np.zeros((0, 0), bool)
    x = np.arange(left, right + 1, dtype=np.float64)[None, :]
    y = np.arange(below, above + 1, dtype=np.float64)[:, None]
    inside = _in_polygon(mask, x[0], y[:, 0]) if mask.shape == "polygon" else contains(mask, x, y)
    return left, below, inside


def _in_polygon(
    mask: HandMask, x: NDArray[np.float64], y: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return what `contains` does, by rows: an edge costs its rows, and not all pixels."""
    crossed = np.zeros((y.size, x.size + 1), bool)
    corners = mask.corners
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        first, last = np.searchsorted(y, [min(y0, y1), max(y0, y1)])
        rows = np.arange(first, last)
        at = x0 + (y[rows] - y0) * (x1 - x0) / (y1 - y0) if rows.size else y[rows]
        crossed[rows, np.searchsorted(x, at)] ^= True  # all before that are to its left
    flips: NDArray[np.bool_] = np.logical_xor.accumulate(crossed[:, :0:-1], axis=1)[:, ::-1]
    return flips


def masked_by_hand(exposure: Exposure, masks: Sequence[HandMask]) -> Exposure:
    """Return an exposure with masks in pixels in its plane USER, which no measurement takes.

    Raises
    ------
    SkyFrameError
        All bits of the mask are taken.
    """
    chosen = masked_pixels(masks, exposure.bbox)
    planes = dict(exposure.planes)
    if HAND_PLANE not in planes:
        used = int(np.bitwise_or.reduce(exposure.mask, axis=None)) if exposure.has_mask else 0
        taken = {*planes.values(), *(bit for bit in range(32) if used >> bit & 1)}
        usual = MaskPlanes.LSST_DEFAULT.values()
        free = [bit for bit in range(31) if bit not in taken and bit not in usual]
        free += [bit for bit in range(32) if bit not in taken]
        if not free:
            raise SkyFrameError(
                f"{exposure.name or 'The exposure'}: all 32 bits of the mask are taken, so there "
                f"is none left for {HAND_PLANE}; remove its masks by hand."
            )
        planes[HAND_PLANE] = free[0]
    known = MaskPlanes(planes)
    flags = exposure.mask.copy()
    flags[chosen] |= np.int32(known.bits([HAND_PLANE]))
    return exposure.with_planes(mask=flags, planes=known)
