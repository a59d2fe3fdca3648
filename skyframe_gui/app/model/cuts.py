"""The cut and the region that a person draws over the panes, and what is measured in them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from skyframe_gui.app.model.shown import Shown
    from skyframe_gui.engine.cuts import BandProfile, RegionStatistic

CutKind = Literal["cut", "row", "column"]
RegionShape = Literal["box", "circle"]
Tool = Literal[
    "",
    "cut",
    "box",
    "circle",
    "mask-circle",
    "mask-ellipse",
    "mask-box",
    "mask-polygon",
]
"""What a drag over a pane draws; "" for nothing: then it moves the image."""
CUT_TOOLS: tuple[tuple[Tool, str, str], ...] = (
    ("cut", "Line or band", "C"),
    ("box", "Box", "R"),
    ("circle", "Circle", "Shift+R"),
)
MASK_TOOLS: tuple[tuple[Tool, str, str], ...] = (
    ("mask-circle", "Circle", "K"),
    ("mask-ellipse", "Ellipse", "Shift+K"),
    ("mask-box", "Box", ""),
    ("mask-polygon", "Polygon, by clicks", ""),
)
"""Tools, what menus call them, and their keys."""
WIDEST = 4096.0
"""Pixels of a band: as wide as a detector is."""
STEPS = 50
"""A band is averaged in about so many steps, unless a person says how long a step is."""
TOOL_WORDS: dict[Tool, str] = {"cut": "cut", "box": "box", "circle": "circle"}


@dataclass(frozen=True, kw_only=True)
class Cut:
    """A line or band over the exposure; pixel centres are whole numbers.

    Attributes
    ----------
    x0, y0, x1, y1 : float
        Its ends. Of a row only y counts, of a column only x: these go from border to border.
    width : float
        Pixels.
    step : float or None
        Pixels along it that are averaged; None: see `step_of`.
    kind : {"cut", "row", "column"}
    """

    x0: float
    y0: float
    x1: float
    y1: float
    width: float = 1.0
    step: float | None = None
    kind: CutKind = "cut"


@dataclass(frozen=True, kw_only=True)
class Region:
    """A box over the exposure, or the circle inside it.

    Attributes
    ----------
    x0, y0, x1, y1 : float
        Its corners; pixels whose centres are on its border belong to it.
    shape : {"box", "circle"}
    """

    x0: float
    y0: float
    x1: float
    y1: float
    shape: RegionShape = "box"

    @property
    def sides(self) -> tuple[float, float]:
        """Width and height, counted in pixels that lie wholly in it."""
        return abs(self.x1 - self.x0), abs(self.y1 - self.y0)


@dataclass(frozen=True, eq=False, kw_only=True)
class Profile:
    """What was measured along a cut.

    Attributes
    ----------
    key : str
        Of the exposure.
    cut : Cut
    names : tuple of str
        Whose models these are: "" of the visit, or "A" and "B".
    found : BandProfile
    """

    key: str
    cut: Cut
    names: tuple[str, ...]
    found: BandProfile


@dataclass(frozen=True, eq=False, kw_only=True)
class RegionNumbers:
    """What was measured in a region.

    Attributes
    ----------
    key : str
        Of the exposure.
    region : Region
    layers : mapping of layer to RegionStatistic
        "exposure", "model", "subtracted"; with A and B "model A", "subtracted A" and so on.
    """

    key: str
    region: Region
    layers: Mapping[str, RegionStatistic]


def ends_of(cut: Cut, size: tuple[int, int]) -> tuple[float, float, float, float]:
    """Return the ends (x0, y0, x1, y1) of a cut on an exposure of (width, height) pixels."""
    if cut.kind == "row":
        return 0.0, cut.y0, size[0] - 1.0, cut.y0
    if cut.kind == "column":
        return cut.x0, 0.0, cut.x0, size[1] - 1.0
    return cut.x0, cut.y0, cut.x1, cut.y1


def length_of(cut: Cut, size: tuple[int, int]) -> float:
    """Return the length of a cut in pixels."""
    x0, y0, x1, y1 = ends_of(cut, size)
    return math.hypot(x1 - x0, y1 - y0)


def step_of(cut: Cut, size: tuple[int, int]) -> float:
    """Return how many pixels along a cut are averaged.

    Of a line every pixel is shown; a band has some `STEPS` steps, by a power of 2.
    """
    if cut.step is not None:
        return cut.step
    if cut.width <= 1:
        return 1.0
    return 2.0 ** max(math.floor(math.log2(max(length_of(cut, size), 1.0) / STEPS)), 0)


def turned(cut: Cut, kind: CutKind, size: tuple[int, int]) -> Cut:
    """Return a cut through the same middle as a row, a column, or free again."""
    x0, y0, x1, y1 = ends_of(cut, size)
    if kind == cut.kind:
        return cut
    if kind == "cut":
        return replace(cut, kind="cut", x0=x0, y0=y0, x1=x1, y1=y1)
    x, y = round((x0 + x1) / 2), round((y0 + y1) / 2)
    return replace(cut, kind=kind, x0=x, y0=y, x1=x, y1=y)


def along_of(cut: Cut, size: tuple[int, int], at: tuple[float, float]) -> float | None:
    """Return how far along a cut the place nearest to a pixel is; None beyond its ends."""
    x0, y0, x1, y1 = ends_of(cut, size)
    length = math.hypot(x1 - x0, y1 - y0)
    if not length:
        return None
    along = ((at[0] - x0) * (x1 - x0) + (at[1] - y0) * (y1 - y0)) / length
    return along if -0.5 <= along <= length + 0.5 else None


def place_on(cut: Cut, size: tuple[int, int], along: float) -> tuple[float, float]:
    """Return the pixel at a distance along a cut."""
    x0, y0, x1, y1 = ends_of(cut, size)
    part = along / (math.hypot(x1 - x0, y1 - y0) or 1.0)
    return x0 + part * (x1 - x0), y0 + part * (y1 - y0)


def size_of(shown: Shown) -> tuple[int, int]:
    """Return (width, height) of what is shown."""
    return shown.width, shown.height
