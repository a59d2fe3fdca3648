"""What the panes show of one exposure, and an image in every size that they may need."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

from skyframe_gui.app.model.items import EMPTY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from skyframe_gui.app.model.items import SkyFrameItem
    from skyframe_gui.engine import BackgroundModel, BinGrid, Exposure, MaskPlanes

    Histogram = tuple[NDArray[np.intp], NDArray[np.float64]]


Pixel = TypeVar("Pixel", bound=np.generic)


@dataclass(frozen=True, eq=False)
class Pyramid(Generic[Pixel]):
    """One image in falling sizes.

    Attributes
    ----------
    levels : tuple of arrays
        Level k has [ceil(H / 2^k), ceil(W / 2^k)] pixels; read-only.
    first : int
        The k of ``levels[0]``: more than 0 where the large levels were dropped or never made.
    part : Pyramid or None
        The smaller levels alone, where they are remembered without the largest.
    """

    levels: tuple[NDArray[Pixel], ...]
    first: int = 0
    part: Pyramid[Pixel] | None = None

    def with_image(self, image: NDArray[Pixel]) -> Pyramid[Pixel]:
        """Return it with the level over its largest."""
        return Pyramid((image, *self.levels), self.first - 1, part=self)

    def level(self, pixels_per_screen_pixel: float) -> tuple[NDArray[Pixel], int]:
        """Return the smallest level that still has a pixel for each screen pixel, and its k."""
        wanted = int(np.floor(np.log2(max(pixels_per_screen_pixel, 1.0))))
        index = min(max(wanted - self.first, 0), len(self.levels) - 1)
        return self.levels[index], index + self.first


@dataclass(frozen=True, eq=False, kw_only=True)
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
    masked : Pyramid or None
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
    image: Pyramid[np.float32] | None = None
    masks: Pyramid[np.int32] | None = None
    masked: Pyramid[np.uint8] | None = None
    grid: BinGrid | None = None
    sky_frame: SkyFrameItem | None = None
    sky: BackgroundModel | None = None
    model: Pyramid[np.float32] | None = None
    own: bool = False
    limits: Mapping[str, Mapping[str, tuple[float, float]]] = field(default_factory=lambda: EMPTY)
    histograms: Mapping[str, Histogram] = field(default_factory=lambda: EMPTY)
    quantiles: Mapping[str, NDArray[np.float64]] = field(default_factory=lambda: EMPTY)
    level: float = float("nan")

    @property
    def planes(self) -> MaskPlanes | None:
        """The exposure's mask planes."""
        return None if self.exposure is None else self.exposure.planes
