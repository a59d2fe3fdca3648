"""An exposure in square blocks, small enough to be kept of every detector of a camera."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.engine.exposure import Exposure

LONGEST = 128
"""Pixels along the longer side of a thumbnail, at most."""


@dataclass(frozen=True, eq=False)
class Thumbnail:
    """An exposure in square blocks.

    Attributes
    ----------
    means : float32 [h, w]
        Of each block's good pixels, or of all finite ones where none is good.
    good : uint8 [h, w]
        255 times the part of good pixels, 0 only where none is.
    block : int
        Side of a block in pixels; those at the upper and right edge may be smaller.
    """

    means: NDArray[np.float32]
    good: NDArray[np.uint8]
    block: int

    @property
    def nbytes(self) -> int:
        """Bytes of its pixels."""
        return self.means.nbytes + self.good.nbytes


def block_of(width: int, height: int) -> int:
    """Return the side of the blocks of an exposure's thumbnail, in pixels."""
    return max(-(-max(width, height) // LONGEST), 1)


def thumbnail_of(exposure: Exposure, left_out: tuple[str, ...]) -> Thumbnail:
    """Return an exposure in blocks.

    Parameters
    ----------
    exposure : Exposure
    left_out : tuple of str
        Mask planes whose pixels are not good.
    """
    from skyframe_gui.engine.kernels import thumbnails

    block = block_of(exposure.width, exposure.height)
    shape = (-(-exposure.height // block), -(-exposure.width // block))
    means, good = np.empty(shape, np.float32), np.empty(shape, np.uint8)
    has_mask = exposure.has_mask
    bits = np.int32(exposure.planes.left_out(left_out) if has_mask else 0)
    mask = exposure.mask if has_mask else thumbnails.NO_MASK
    thumbnails.block_means(exposure.image, mask, bits, block, means, good)
    for plane in (means, good):
        plane.flags.writeable = False
    return Thumbnail(means, good, block)
