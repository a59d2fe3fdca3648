"""The sky frame times its scale, taken off an exposure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.engine.given import as_exposure

if TYPE_CHECKING:
    from skyframe_gui.engine.exposure import Exposure
    from skyframe_gui.engine.given import ExposureLike
    from skyframe_gui.engine.model import BackgroundModel
    from skyframe_gui.engine.progress import Watch


def subtract_sky_frame(
    exposure: ExposureLike,
    model: BackgroundModel,
    scale: float,
    watch: Watch | None = None,
    threads: int | None = None,
) -> Exposure:
    """Return the exposure with ``float32(float32(scale) * sky)`` subtracted from its image.

    Mask and variance stay as they are; the given exposure is not changed.

    Parameters
    ----------
    exposure : Exposure, or what `as_exposure` takes
        Wholly inside the model's bounding box.
    model : BackgroundModel
        The sky frame's model.
    scale : float
        Of the visit.
    watch : Watch, optional
        Told of the interpolation's progress.
    threads : int, optional
        How many; by default one for each processor. The result is the same for any number.

    Raises
    ------
    SkyFrameError
        The exposure is not wholly inside the model's bounding box.
    Cancelled
        The watch said so.
    """
    exposure = as_exposure(exposure)
    box = model.box_of(exposure.bbox, exposure.name)
    image = model.subtracted_from(exposure.image, scale, box, watch, threads)
    return exposure.with_planes(image=image)
