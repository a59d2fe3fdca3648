"""A picture of one detector as PNG: before, the sky model, and after."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from skyframe_gui import __version__
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.files.atomic import write_bytes
from skyframe_gui.numbers import limit, plain_minus
from skyframe_gui.resource import colour_map

if TYPE_CHECKING:
    import os

    from numpy.typing import ArrayLike, NDArray
    from PIL import Image, ImageDraw, ImageFont

    Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

MAX_SIDE = 640
"""Longest side of a panel in pixels."""
MIN_COLUMN = 200
"""Width kept for a panel's words."""
UNIT = 8
"""Every distance is a multiple of it."""
BACKGROUND, TEXT, QUIET = (0x1C, 0x1D, 0x20), (0xE4, 0xE6, 0xE9), (0xA6, 0xAB, 0xB3)
NO_VALUE = (0x4A, 0x4E, 0x55)
N_SIGMA = 3.0
"""Half width of the grey scale, in robust standard deviations of the image before."""


@dataclass(frozen=True, eq=False, kw_only=True)
class _Panel:
    title: str
    pixels: NDArray[np.float64]
    low: float
    high: float
    colors: NDArray[np.uint8]


def write_picture(
    path: str | os.PathLike[str],
    before: ArrayLike,
    model: ArrayLike,
    after: ArrayLike,
    title: str = "",
    unit: str = "adu",
    overwrite: bool = False,
) -> None:
    """Write a picture of an exposure before, its sky model, and after, side by side.

    Before and after have grey scales of one width, each about its own median, so that what the
    subtraction did shows and not that the level is another; the model is in viridis. Large images
    are reduced by averaging blocks; the first row is at the bottom; pixels without a value are
    flat grey. The limits stand under each panel.

    Parameters
    ----------
    path : path
        The file to make, see `atomic_write`.
    before, model, after : array [H, W]
        Alike in shape.
    title : str
        Stands above the panels, where given.
    unit : str
        Of the pixels.
    overwrite : bool
        Whether an existing file is replaced.

    Raises
    ------
    SkyFrameError
        The arrays are not images of one shape, or the file exists or cannot be written.
    """
    # Pillow is imported inside the functions: only this picture needs it.
    from PIL import Image, ImageDraw
    from PIL.PngImagePlugin import PngInfo

    panels = _panels(before, model, after)
    height, width = panels[0].pixels.shape
    column = max(width, MIN_COLUMN)
    head = 5 * UNIT if title else 0
    top = 3 * UNIT + head + 3 * UNIT
    size = (3 * column + 2 * 3 * UNIT + 2 * 3 * UNIT, top + height + UNIT + UNIT + UNIT + 5 * UNIT)
    picture = Image.new("RGB", size, BACKGROUND)
    draw = ImageDraw.Draw(picture)
    if title:
        draw.text((3 * UNIT, 3 * UNIT), _ascii(title), TEXT, _font(20))
    for number, panel in enumerate(panels):
        x = 3 * UNIT + number * (column + 3 * UNIT)
        draw.text((x, 3 * UNIT + head), _ascii(f"{panel.title} [{unit}]"), TEXT, _font(14))
        picture.paste(Image.fromarray(_paint(panel)), (x, top))
        ramp = panel.colors[np.linspace(0, len(panel.colors) - 1, column).astype(int)]
        bar = top + height + UNIT
        picture.paste(Image.fromarray(np.repeat(ramp[None], UNIT, axis=0)), (x, bar))
        low, high = (
            plain_minus(limit(at, panel.high - panel.low)) for at in (panel.low, panel.high)
        )
        _write(draw, x, bar + 2 * UNIT, low, 13)
        _write(draw, x + column, bar + 2 * UNIT, high, 13, right=True)
    notes = PngInfo()
    notes.add_text("Software", f"skyframe_gui {__version__}")
    write_bytes(path, png_of(picture, pnginfo=notes), overwrite=overwrite)


def _panels(before: ArrayLike, model: ArrayLike, after: ArrayLike) -> list[_Panel]:
    images = [np.asarray(image) for image in (before, model, after)]
    shapes = [image.shape for image in images]
    if len(set(shapes)) > 1 or len(shapes[0]) != 2 or 0 in shapes[0]:
        raise SkyFrameError(
            f"The picture needs three images of one size, but before is {shapes[0]}, the model "
            f"{shapes[1]} and after {shapes[2]}."
        )
    first, sky, last = (_reduce(image) for image in images)
    grey = colour_map("grey")
    half = N_SIGMA * _scatter(first)
    known = sky[np.isfinite(sky)]
    low, high = np.percentile(known, (0.5, 99.5)) if known.size else (0.0, 1.0)
    if not high > low:  # a flat model is shown in the middle of its scale
        low, high = low - half, high + half
    two = [
        _Panel(
            title=title,
            pixels=pixels,
            low=_middle(pixels) - half,
            high=_middle(pixels) + half,
            colors=grey,
        )
        for title, pixels in (("Before", first), ("After", last))
    ]
    middle = _Panel(
        title="Sky model",
        pixels=sky,
        low=float(low),
        high=float(high),
        colors=colour_map("viridis"),
    )
    return [two[0], middle, two[1]]


def _reduce(image: NDArray[np.generic]) -> NDArray[np.float64]:
    """Average blocks down to `MAX_SIDE`, or repeat pixels of a small image up towards it."""
    height, width = image.shape
    block = math.ceil(max(height, width) / MAX_SIDE)
    if block == 1:
        times = max(MAX_SIDE // max(height, width), 1)
        small = image.astype(np.float64)
        return small.repeat(times, axis=0).repeat(times, axis=1)
    return block_means(image, np.isfinite(image), block)[0]


def block_means(
    image: NDArray[Any], good: NDArray[np.bool_], block: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Reduce an image by averaging squares of pixels.

    Parameters
    ----------
    image : float [H, W]
    good : bool [H, W]
        The pixels to average.
    block : int
        The side of a square; those at the far edges may be smaller.

    Returns
    -------
    means : float64 [ny, nx]
        NaN where no pixel is good.
    shares : float64 [ny, nx]
        Which part of the pixels is good.
    """
    height, width = image.shape
    starts = np.arange(0, height, block), np.arange(0, width, block)

    def sums(values: NDArray[Any]) -> NDArray[np.float64]:
        rows = np.add.reduceat(values, starts[0], axis=0, dtype=np.float64)
        return np.add.reduceat(rows, starts[1], axis=1)

    count = sums(good)
    pixels = np.diff([*starts[0], height])[:, None] * np.diff([*starts[1], width])[None]
    total = sums(np.where(good, image, np.float32(0)))
    means = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return means, count / pixels


def png_of(image: Image.Image, **options: Any) -> bytes:
    """Return a picture of Pillow's as PNG."""
    data = io.BytesIO()
    image.save(data, "PNG", **options)
    return data.getvalue()


def _middle(pixels: NDArray[np.float64]) -> float:
    finite = pixels[np.isfinite(pixels)]
    return float(np.median(finite)) if finite.size else 0.0


def _scatter(pixels: NDArray[np.float64]) -> float:
    """Return the standard deviation as the quartiles give it; small where there is none."""
    finite = pixels[np.isfinite(pixels)]
    if not finite.size:
        return 1.0
    q25, q75 = np.percentile(finite, (25, 75))
    # A flat image's limits must still be apart, however large its value is.
    return float(0.7413 * (q75 - q25)) or float(np.std(finite)) or max(1.0, 1e-3 * abs(float(q25)))


def _paint(panel: _Panel) -> NDArray[np.uint8]:
    """Return the panel's pixels as RGB, the first row at the bottom."""
    finite = np.isfinite(panel.pixels)
    span = panel.high - panel.low
    steps = (np.where(finite, panel.pixels, panel.low) - panel.low) / span * 255
    rgb = panel.colors[np.clip(np.rint(steps), 0, 255).astype(np.uint8)]
    rgb[~finite] = NO_VALUE
    return np.ascontiguousarray(rgb[::-1])


def _ascii(text: str) -> str:
    """Return text that Pillow's font has letters for."""
    return text.encode("ascii", "replace").decode("ascii")


def _write(
    draw: ImageDraw.ImageDraw, x: float, y: float, text: str, size: int, right: bool = False
) -> None:
    """Write a number in the quiet colour, ending at ``x`` where it is to be right aligned.

    Pillow's font has only a hyphen, which is hardly seen, so that a minus is drawn as a line.
    """
    negative = text.startswith("-")
    digits = text[negative:]
    length = draw.textlength(digits, _font(size))
    sign = UNIT + 2 if negative else 0
    left = x - length - sign if right else x
    draw.text((left + sign, y), digits, QUIET, _font(size))
    if negative:
        middle = y + round(0.6 * size)
        draw.rectangle((left, middle, left + UNIT - 1, middle), fill=QUIET)


@cache
def _font(size: int) -> Font:
    from PIL import ImageFont

    return ImageFont.load_default(size)  # Pillow's own, so that every machine draws the same
