"""Images as the panes need them: every size from full to thumbnail, made once in a worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.app.model.shown import Pixel, Pyramid
from skyframe_gui.engine.progress import step

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from skyframe_gui.engine import Watch

SMALLEST = 64
"""Pixels: a level whose longer side is this or less has no smaller one."""


def image_pyramid(image: NDArray[np.float32], watch: Watch | None = None) -> Pyramid[np.float32]:
    """Return the pyramid of an image by means, pixels that are not finite left out."""
    from skyframe_gui.engine.kernels import halving

    return _pyramid(image, halving.halve, watch)


def mask_pyramid(mask: NDArray[np.int32], watch: Watch | None = None) -> Pyramid[np.int32]:
    """Return the pyramid of a mask by OR."""
    from skyframe_gui.engine.kernels import halving

    return _pyramid(mask, halving.halve_planes, watch)


def masked_pyramid(
    mask: NDArray[np.int32], bits: int, watch: Watch | None = None
) -> Pyramid[np.uint8]:
    """Return how much of each pixel of level 1 and on has one of ``bits``, 0 to 255."""
    from skyframe_gui.engine.kernels import halving

    step(watch, 0, 1, "Preparing the display")
    first = np.empty(_half(mask.shape), np.uint8)
    halving.masked_part(mask, np.int32(bits), first)
    return Pyramid(_pyramid(first, halving.halve_part, watch).levels, first=1)


def prepare() -> None:
    """Have everything compiled that paints, so that the window never waits for the compiler."""
    from skyframe_gui.engine.kernels import display, thumbnails

    display.prepare()
    thumbnails.prepare()


def _pyramid(
    image: NDArray[Pixel],
    halve: Callable[[NDArray[Pixel], NDArray[Pixel]], None],
    watch: Watch | None,
) -> Pyramid[Pixel]:
    levels = [image]
    while max(levels[-1].shape) > SMALLEST:
        step(watch, 0, 1, "Preparing the display")
        smaller = np.empty(_half(levels[-1].shape), image.dtype)
        levels[-1].flags.writeable = False  # a kernel is compiled anew for one to write to
        halve(levels[-1], smaller)
        levels.append(smaller)
    levels[-1].flags.writeable = False
    return Pyramid(tuple(levels))


def _half(shape: tuple[int, ...]) -> tuple[int, int]:
    return (shape[0] + 1) // 2, (shape[1] + 1) // 2
