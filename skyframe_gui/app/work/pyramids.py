"""Images as the panes need them: every size from full to thumbnail, made once in a worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from skyframe_gui.engine.progress import step

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.app.model.state import SkyFrameItem
    from skyframe_gui.engine import BackgroundModel, BinGrid, Exposure, MaskPlanes, Watch

SMALLEST = 64
"""Pixels: a level whose longer side is this or less has no smaller one."""


@dataclass(frozen=True, eq=False)
class Pyramid:
    """One image in falling sizes.

    Attributes
    ----------
    levels : tuple of arrays
        Level k has [ceil(H / 2^k), ceil(W / 2^k)] pixels; read-only.
    first : int
        The k of ``levels[0]``: more than 0 where the large levels were dropped or never made.
    """

    levels: tuple[NDArray[Any], ...]
    first: int = 0

    def level(self, pixels_per_screen_pixel: float) -> tuple[NDArray[Any], int]:
        """Return the smallest level that still has a pixel for each screen pixel, and its k."""
        wanted = int(np.floor(np.log2(max(pixels_per_screen_pixel, 1.0))))
        index = min(max(wanted - self.first, 0), len(self.levels) - 1)
        return self.levels[index], index + self.first


@dataclass(frozen=True, eq=False)
class Shown:
    """All that the panes show of one exposure, or of one sky frame alone.

    Attributes
    ----------
    key : str
        Of the exposure; of the sky frame where only that is shown.
    width, height : int
        Pixels of the detector.
    xy0 : (int, int)
        Parent coordinates of its lower left pixel.
    exposure : Exposure or None
        With found objects in its mask, if they were asked for; None for a sky frame alone.
    image, masks : Pyramid or None
        Of the exposure's image (float32) and mask (int32, by OR).
    veil : Pyramid or None
        uint8, 255 where every pixel is in one of ``stats.mask``; from level 1 on.
    grid : BinGrid or None
        The exposure's own bins.
    sky_frame : SkyFrameItem or None
        The sky frame of this detector.
    sky : BackgroundModel or None
        Its model, in the style that is used.
    model : Pyramid or None
        The model's image over the exposure; of the exposure's own grid where ``own`` says so.
    own : bool
        There is no sky frame, and the model is made from the exposure's own bins.
    limits : mapping of layer to mapping of preset to (low, high)
        Display limits as measured when this was made, by every preset of the layer; "own grid" has
        those of the exposure's own bins.
    histograms : mapping of layer to (counts, edges)
        Over a sample of the pixels, for the colour bars.
    quantiles : mapping of layer to float64 [257]
        Of the pixels at evenly spaced shares, for the histogram stretch.
    level : float
        Median of the exposure's pixels that are not masked; NaN without an exposure.
    """

    key: str
    width: int
    height: int
    xy0: tuple[int, int]
    exposure: Exposure | None = None
    image: Pyramid | None = None
    masks: Pyramid | None = None
    veil: Pyramid | None = None
    grid: BinGrid | None = None
    sky_frame: SkyFrameItem | None = None
    sky: BackgroundModel | None = None
    model: Pyramid | None = None
    own: bool = False
    limits: Any = None
    histograms: Any = None
    quantiles: Any = None
    level: float = float("nan")

    @property
    def planes(self) -> MaskPlanes | None:
        """The exposure's mask planes."""
        return None if self.exposure is None else self.exposure.planes


def image_pyramid(image: NDArray[np.float32], watch: Watch | None = None) -> Pyramid:
    """Return the pyramid of an image by means, pixels that are not finite left out."""
    from skyframe_gui.engine.kernels import halving

    return _pyramid(image, halving.halve, watch)


def mask_pyramid(mask: NDArray[np.int32], watch: Watch | None = None) -> Pyramid:
    """Return the pyramid of a mask by OR."""
    from skyframe_gui.engine.kernels import halving

    return _pyramid(mask, halving.halve_planes, watch)


def veil_pyramid(mask: NDArray[np.int32], bits: int, watch: Watch | None = None) -> Pyramid:
    """Return how much of each pixel of level 1 and on has one of ``bits``, 0 to 255."""
    from skyframe_gui.engine.kernels import halving

    step(watch, 0, 1, "Preparing the display")
    first = np.empty(_half(mask.shape), np.uint8)
    halving.masked_part(mask, np.int32(bits), first)
    return Pyramid(_pyramid(first, halving.halve_part, watch).levels, first=1)


def prepare() -> None:
    """Have everything compiled that paints, so that the window never waits for the compiler."""
    from skyframe_gui.engine.kernels import display

    display.prepare()


def _pyramid(image: NDArray[Any], halve: Any, watch: Watch | None) -> Pyramid:
    levels = [image]
    while max(levels[-1].shape) > SMALLEST:
        step(watch, 0, 1, "Preparing the display")
        smaller = np.empty(_half(levels[-1].shape), image.dtype)
        halve(levels[-1], smaller)
        levels.append(smaller)
    for level in levels:
        level.flags.writeable = False
    return Pyramid(tuple(levels))


def _half(shape: tuple[int, ...]) -> tuple[int, int]:
    return (shape[0] + 1) // 2, (shape[1] + 1) // 2
