"""A pane's picture: planes of a pyramid through the kernels into a QImage, in device pixels."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QPoint
from PyQt6.QtGui import QImage

from skyframe_gui.app.model.remembered import Same
from skyframe_gui.ui.images.geometry import Piece, cells
from skyframe_gui.ui.images.planes import planes_to_draw

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from skyframe_gui.app.model.shown import Pyramid
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.view import View
    from skyframe_gui.engine import BinGrid
    from skyframe_gui.ui.images.content import Content
    from skyframe_gui.ui.images.geometry import Viewport
    from skyframe_gui.ui.theme import Palette

MASKED_STRENGTH = {"veil": 128, "full": 256, "hidden": 0}
"""256ths of the colour that a masked pixel takes."""


WORTH_HALVING = 100_000
"""Screen pixels from which on a second thread saves more than it costs."""


@dataclass(frozen=True, eq=False)
class Picture:
    """An image and where it lies in its pane, in device pixels."""

    image: QImage
    at: QPoint


def piece_of(viewport: Viewport, scale: float, size: tuple[int, int]) -> Piece | None:
    """Return the part of a pane that an image covers; None where it covers nothing.

    Parameters
    ----------
    viewport : Viewport
    scale : float
        Device pixels per pixel of the window.
    size : (width, height)
        Of the exposure.
    """
    across, down = round(viewport.width * scale), round(viewport.height * scale)
    zoom = viewport.frame.zoom * scale
    x = viewport.frame.x - across / 2 / zoom
    y = viewport.frame.y + down / 2 / zoom
    # Screen pixels whose middle is on the image, which begins half a pixel before pixel 0.
    left = max(math.ceil((-0.5 - x) * zoom - 0.5), 0)
    right = min(math.ceil((size[0] - 0.5 - x) * zoom - 0.5), across)
    top = max(math.floor((y - size[1] + 0.5) * zoom - 0.5) + 1, 0)
    bottom = min(math.floor((y + 0.5) * zoom - 0.5) + 1, down)
    if right <= left or bottom <= top:
        return None
    return Piece(
        left=left,
        top=top,
        width=right - left,
        height=bottom - top,
        x=x + left / zoom,
        y=y - top / zoom,
        step=1 / zoom,
    )


def picture_key(content: Content, view: View, viewport: Viewport, scale: float) -> object:
    """Return what a picture depends on; pictures with equal keys are alike.

    Planes go in by identity.
    """
    return (
        content.shown,
        content.image,
        content.model,
        content.grid,
        content.scale,
        content.offset,
        content.limits,
        content.smooth,
        Same(content.lut),
        content.layer,
        viewport,
        scale,
        view.theme,
        view.veil,
        (view.masks, view.hidden_planes, view.plane_opacity, tuple(view.plane_colours.items()))
        if view.masks
        else (),
    )


def picture_of(
    content: Content, state: State, viewport: Viewport, scale: float, palette: Palette
) -> Picture | None:
    """Paint a pane's picture.

    Parameters
    ----------
    content : Content
    state : State
    viewport : Viewport
    scale : float
        Device pixels per pixel of the window.
    palette : Palette
    """
    shown = content.shown
    piece = piece_of(viewport, scale, (shown.width, shown.height))
    if piece is None or content.why:
        return None
    import numpy as np

    image = QImage(piece.width, piece.height, QImage.Format.Format_RGB32)
    memory: Any = image.bits()
    memory.setsize(image.sizeInBytes())
    # Painted into the image's own memory: a copy would take as long as the kernel.
    out = np.frombuffer(memory, np.uint32).reshape(piece.height, piece.width)
    if content.image is not None:
        _paint(content, content.image, state, piece, palette, out)
        if content.layer == "subtracted":
            _paint_masked(content, state, piece, palette, out)
        if content.layer in ("exposure", "subtracted") and state.view.masks:
            _planes(content, state.view, piece, out)
    elif content.grid is not None:
        _bins(content, content.grid, piece, palette, out)
    image.setDevicePixelRatio(scale)
    return Picture(image, QPoint(piece.left, piece.top))


def _paint(
    content: Content,
    image: Pyramid[np.float32],
    state: State,
    piece: Piece,
    palette: Palette,
    out: NDArray[np.uint32],
) -> None:
    import numpy as np

    from skyframe_gui.engine.kernels import display

    pixels, level = image.level(piece.step)
    model, left, bottom = display.NOTHING, 0, 0
    height, width = pixels.shape
    if content.smooth:
        from skyframe_gui.ui.images.smoothing import smoothed_part

        pixels, left, bottom, level = smoothed_part(content, image, state, piece, second_hand())
        height, width = image.levels[level - image.first].shape
    elif content.model is not None:
        model = content.model.levels[level - content.model.first]
    columns, column_ends = piece.columns(width, level)
    rows, row_ends = piece.rows(height, level)
    columns, rows = columns - left, rows - bottom
    factor = content.factor or 1.0
    low, high = content.limits
    if factor < 0:
        low, high = high, low
    first, last = (np.float32(limit / factor + content.offset) for limit in (low, high))

    def paint(part: slice) -> None:
        display.paint(
            pixels,
            model,
            np.float32(content.scale),
            columns,
            column_ends,
            rows[part],
            row_ends[part],
            first,
            last,
            content.lut,
            rgb(palette.canvas),
            out[part],
        )

    if out.size < WORTH_HALVING:
        paint(slice(None))
        return
    # The kernel lets go of Python's lock: the lower half is painted beside the upper one.
    half = len(out) // 2
    lower = second_hand().submit(paint, slice(half, None))
    paint(slice(half))
    lower.result()


@cache
def second_hand() -> ThreadPoolExecutor:
    """Return the thread that paints, or smooths, beside that of the window."""
    return ThreadPoolExecutor(1, thread_name_prefix="paint")


def _bins(
    content: Content, grid: BinGrid, piece: Piece, palette: Palette, out: NDArray[np.uint32]
) -> None:
    """Paint flat bins with their true edges."""
    import numpy as np

    from skyframe_gui.engine.kernels import display

    x_edges, y_edges = edges_of(content, grid)
    ones = np.ones((max(out.shape), 2), np.float32)
    out[:] = rgb(palette.canvas)
    display.paint(
        grid.values,
        display.NOTHING,
        np.float32(0),
        cells(piece.x, piece.step, piece.width, x_edges),
        ones,
        cells(piece.y, -piece.step, piece.height, y_edges),
        ones,
        np.float32(content.limits[0]),
        np.float32(content.limits[1]),
        content.lut,
        rgb(palette.canvas),
        out,
    )


def edges_of(content: Content, grid: BinGrid) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Return a grid's edges as places on the exposure: between pixels i - 1 and i is i - 0.5."""
    shown = content.shown
    return (
        grid.x_edges + (grid.bbox[0] - shown.xy0[0] - 0.5),
        grid.y_edges + (grid.bbox[1] - shown.xy0[1] - 0.5),
    )


def _paint_masked(
    content: Content, state: State, piece: Piece, palette: Palette, out: NDArray[np.uint32]
) -> None:
    """Draw back what ``stats.mask`` leaves out, so that the eye sees sky."""
    shown = content.shown
    strength = MASKED_STRENGTH[state.view.veil]
    if not strength or shown.masked is None or shown.exposure is None:
        return
    from skyframe_gui.engine.kernels import blending

    part, level = shown.masked.level(piece.step)
    if piece.step < 2:  # the veil's own first level is half as fine as the screen
        import numpy as np

        mask = shown.exposure.mask
        bits = np.int32(shown.exposure.planes.left_out(state.config.stats.mask))
        columns, rows = piece.columns(mask.shape[1], 0)[0], piece.rows(mask.shape[0], 0)[0]
        blending.blend_masked_pixels(mask, bits, columns, rows, rgb(palette.masked), strength, out)
        return
    columns, rows = piece.columns(part.shape[1], level)[0], piece.rows(part.shape[0], level)[0]
    blending.blend_masked(part, columns, rows, rgb(palette.masked), strength, out)


def _planes(content: Content, view: View, piece: Piece, out: NDArray[np.uint32]) -> None:
    """Colour what is in the chosen mask planes."""
    shown = content.shown
    drawn = planes_to_draw(view, shown)
    if not drawn or shown.masks is None or shown.planes is None:
        return
    import numpy as np

    from skyframe_gui.engine.kernels import blending

    mask, level = shown.masks.level(piece.step)
    bits = np.array([shown.planes.bits([name]) for name, _ in drawn], np.int32)
    colours = np.array([rgb(colour) for _, colour in drawn], np.uint32)
    blending.overlay_planes(
        mask,
        piece.columns(mask.shape[1], level)[0],
        piece.rows(mask.shape[0], level)[0],
        bits,
        colours,
        round(256 * min(max(view.plane_opacity, 0.0), 1.0)),
        out,
    )


def rgb(colour: str) -> Any:
    """Return "#rrggbb" as the uint32 0xffRRGGBB."""
    import numpy as np

    return np.uint32(0xFF000000 | int(colour[1:], 16))
