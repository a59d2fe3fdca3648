"""What is left in an exposure's bins when the sky is taken off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.bins import BinGrid, bin_edges, measure_background, n_bins
from skyframe_gui.engine.exposure import read_only
from skyframe_gui.engine.given import as_exposure
from skyframe_gui.engine.statistics import box_statistics

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.engine.config import BackgroundConfig
    from skyframe_gui.engine.exposure import Exposure
    from skyframe_gui.engine.given import ExposureLike
    from skyframe_gui.engine.model import BackgroundModel
    from skyframe_gui.engine.progress import Watch


def measure_residual(
    exposure: ExposureLike,
    model: BackgroundModel | NDArray[np.float32],
    scale: float,
    config: BackgroundConfig,
    watch: Watch | None = None,
    threads: int | None = None,
) -> BinGrid:
    """Return the bin grid of an exposure less the sky: the residual map.

    It is to the bit what `measure_background` says of what `subtract_sky_frame` makes. Noise of
    single pixels hides what a bin's thousands show.

    Parameters
    ----------
    exposure : Exposure, or what `as_exposure` takes
        Pixels with a plane of ``config.mask`` set, and those that are not finite, are left out.
    model : BackgroundModel, or float32 [H, W]
        Of the sky frame, or its image over the exposure where that is made already.
    scale : float
        What the model is taken times.
    config : BackgroundConfig
        Bin sizes, statistic and mask planes.
    watch, threads : optional
        As of `measure_background`.

    Returns
    -------
    BinGrid
        Values and standard errors in the exposure's unit; NaN where no pixel is good.

    Raises
    ------
    SkyFrameError
        The exposure is not wholly inside the model's bounding box, or the config's algorithm is
        NONE.
    Cancelled
        The watch said so.
    """
    from skyframe_gui.engine import kernels

    exposure = as_exposure(exposure)
    sky = _image_of(model, exposure, watch)
    image = np.empty(exposure.image.shape, np.float32)
    kernels.subtract_scaled(exposure.image, sky, np.float32(scale), image)
    image.flags.writeable = False  # so that it is not copied
    return measure_background(exposure.with_planes(image=image), config, watch, threads)


def mean_of_model(
    exposure: ExposureLike,
    model: BackgroundModel | NDArray[np.float32],
    config: BackgroundConfig,
    watch: Watch | None = None,
    threads: int | None = None,
) -> NDArray[np.float64]:
    """Return the mean of the model over the good pixels of each bin: float64 [ny, nx].

    By so much falls a bin's mean in `measure_residual` when the scale grows by 1. NaN where no
    pixel is good. Parameters and errors are those of `measure_residual`.
    """
    from skyframe_gui.engine import kernels

    exposure = as_exposure(exposure)
    sky = _image_of(model, exposure, watch)
    image = np.empty(exposure.image.shape, np.float32)
    # Less 0 times the exposure: NaN where that is not finite, so that the same pixels count.
    kernels.subtract_scaled(sky, exposure.image, np.float32(0), image)
    image.flags.writeable = False
    found = box_statistics(
        image,
        exposure.mask,
        exposure.planes.left_out(config.mask) if exposure.has_mask else 0,
        bin_edges(exposure.width, n_bins(exposure.width, config.xBinSize)),
        bin_edges(exposure.height, n_bins(exposure.height, config.yBinSize)),
        "MEAN",
        watch=watch,
        label=f"Binning the model of {exposure.name}".strip(),
        threads=threads,
    )
    return read_only(found.value, np.float64)


def _image_of(
    model: BackgroundModel | NDArray[np.float32], exposure: Exposure, watch: Watch | None
) -> NDArray[np.float32]:
    # Always read-only: a kernel is compiled anew for an array to write to.
    if isinstance(model, np.ndarray):
        return read_only(model, np.float32)
    return read_only(model.image(model.box_of(exposure.bbox, exposure.name), watch), np.float32)
