"""What the panes show of an exposure, or of a sky frame alone, each part remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.app.model import display_limits
from skyframe_gui.app.model.shown import Pyramid, Shown
from skyframe_gui.app.work.pyramids import image_pyramid, mask_pyramid, masked_pyramid, prepare
from skyframe_gui.app.work.stages import exposure_key, pyramid_bytes, sky_model

if TYPE_CHECKING:
    from collections.abc import Hashable

    import numpy as np
    from numpy.typing import NDArray

    from skyframe_gui.app.model.items import SkyFrameItem
    from skyframe_gui.app.model.requests import Request
    from skyframe_gui.app.work.stages import Stages
    from skyframe_gui.engine import SkyMeasurementConfig, Watch


def shown_of(stages: Stages, request: Request, watch: Watch | None) -> Shown | None:
    """Return what the panes need of the request's exposure and sky frame."""
    item, frame = request.shown, request.sky_frame
    config, options = request.config, request.options
    if item is None:
        return None if frame is None else _sky_frame_alone(stages, frame, config, watch)
    exposure = stages.exposure(item, options, watch)
    grid = stages.grid(item, config.background, options, watch)
    key = exposure_key(item, options)
    image = _pyramid(stages, ("image", key), exposure.image, watch)
    masks = masked = None
    if exposure.has_mask:
        masks = stages.memory.get(
            "masks", key, lambda: mask_pyramid(exposure.mask, watch), pyramid_bytes
        )
        bits = exposure.planes.bits(config.stats.mask)
        masked = stages.memory.get(
            "masked", (key, bits), lambda: masked_pyramid(exposure.mask, bits, watch), pyramid_bytes
        )
    own = frame is None
    sky, model, model_key = stages.model_of(item, frame, config, options, watch)
    measured = stages.memory.get(
        "limits",
        (key, config.stats.mask, model_key),
        lambda: display_limits.measure(exposure, config.stats.mask, grid, frame, model),
    )
    prepare()
    return Shown(
        key=item.key,
        width=exposure.width,
        height=exposure.height,
        xy0=exposure.xy0,
        exposure=exposure,
        image=image,
        masks=masks,
        masked=masked,
        grid=grid,
        sky_frame=frame,
        sky=sky,
        model=model,
        own=own,
        limits=measured.limits,
        histograms=measured.histograms,
        quantiles=measured.quantiles,
        level=measured.level,
    )


def _sky_frame_alone(
    stages: Stages, frame: SkyFrameItem, config: SkyMeasurementConfig, watch: Watch | None
) -> Shown:
    sky = sky_model(frame, config)
    key = (frame.key, frame.sky_frame, sky.algorithm, None)
    model = stages.memory.get(
        "model", key, lambda: image_pyramid(sky.image(None, watch), watch), pyramid_bytes
    )
    measured = stages.memory.get(
        "limits", key, lambda: display_limits.measure(None, (), None, frame, model)
    )
    prepare()
    return Shown(
        key=frame.key,
        width=sky.width,
        height=sky.height,
        xy0=(sky.bbox[0], sky.bbox[1]),
        sky_frame=frame,
        sky=sky,
        model=model,
        limits=measured.limits,
        histograms=measured.histograms,
        quantiles=measured.quantiles,
    )


def _pyramid(
    stages: Stages, key: Hashable, image: NDArray[np.float32], watch: Watch | None
) -> Pyramid[np.float32]:
    """Return the image's pyramid; its small levels may stay when the image is dropped."""
    kept = stages.memory.get(
        "pyramid",
        key,
        lambda: image_pyramid(image, watch).levels[1:],
        lambda levels: sum(level.nbytes for level in levels),
    )
    return Pyramid((image, *kept))
