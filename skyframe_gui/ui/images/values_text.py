"""What a pane shows as a table of numbers, for other programs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.ui.images.content import Content
    from skyframe_gui.ui.images.geometry import Viewport


def values_text(content: Content, viewport: Viewport, scale: float) -> str:
    """Return the numbers in view, columns parted by tabulators, the upper row first.

    Bins come as bins; of an image those pixels of its pyramid come that the screen shows, so that
    there are never many more numbers than pixels of the screen. The first line says where they are.

    Parameters
    ----------
    content : Content
    viewport : Viewport
    scale : float
        Device pixels per pixel of the window.
    """
    if content.why:
        return content.why
    if content.image is None:
        return "" if content.grid is None else _bins(content)
    frame = viewport.frame
    pixels, level = content.image.level(1 / (frame.zoom * scale))
    values = np.asarray(pixels, np.float64)
    if content.model is not None:
        model = content.model.levels[level - content.model.first]
        values = values - content.scale * model
    values = (values - content.offset) * content.factor
    across, up = viewport.width / 2 / frame.zoom, viewport.height / 2 / frame.zoom
    size = 2**level
    x = _inside(frame.x - across, frame.x + across, size, values.shape[1])
    y = _inside(frame.y - up, frame.y + up, size, values.shape[0])
    part = values[y, x]
    unit = f"[{content.unit}], not smoothed" if content.smooth else f"[{content.unit}]"
    head = (
        f"# {content.title} {unit}, x from {x.start * size}, "
        f"y from {y.start * size} up, {size} px a number, upper row first"
    )
    return _table(head, part)


def _bins(content: Content) -> str:
    grid = content.grid
    assert grid is not None, "asked for where there are bins only"
    ny, nx = grid.values.shape
    head = f"# {content.title} [{content.unit}], {nx} x {ny} bins, upper row first"
    return _table(head, grid.values)


def _inside(low: float, high: float, size: int, n: int) -> slice:
    """Return which pixels of a level lie in a range of the exposure's pixels."""
    first = math.floor((low + 0.5) / size)
    last = math.ceil((high + 0.5) / size)
    return slice(min(max(first, 0), n), min(max(last, 0), n))


def _table(head: str, values: NDArray[np.floating]) -> str:
    lines = ("\t".join(f"{value:.7g}" for value in row) for row in values[::-1].tolist())
    return "\n".join((head, *lines))
