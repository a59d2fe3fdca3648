"""The sky frame times its scale, taken off an exposure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from skyframe_gui.engine.exposure import Exposure
    from skyframe_gui.engine.model import BackgroundModel
    from skyframe_gui.engine.progress import Watch


def subtract_sky_frame(
    exposure: Exposure, model: BackgroundModel, scale: float, watch: Watch | None = None
) -> Exposure:
    """Return the exposure with ``float32(float32(scale) * sky)`` subtracted from its image.

    Mask and variance stay as they are; the given exposure is not changed.

    Parameters
    ----------
    exposure : Exposure
        Wholly inside the model's bounding box.
    model : BackgroundModel
        The sky frame's model.
    scale : float
        Of the visit.
    watch : Watch, optional
        Told of the interpolation's progress.

    Raises
    ------
    SkyFrameError
        The exposure is not wholly inside the model's bounding box.
    Cancelled
        The watch said so.
    """
    from skyframe_gui.engine import kernels

    image = model.image(model.box_of(exposure.bbox, exposure.name), watch)
    kernels.subtract_scaled(exposure.image, image, np.float32(scale), image)
    return exposure.with_planes(image=image)
