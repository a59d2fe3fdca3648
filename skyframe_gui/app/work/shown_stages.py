"""What the panes show of an exposure, or of a sky frame alone, each part remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.app.model import display_limits
from skyframe_gui.app.model.shown import Pixel, Pyramid, Shown
from skyframe_gui.app.work.pyramids import image_pyramid, mask_pyramid, masked_pyramid, prepare
from skyframe_gui.app.work.stages import exposure_key, pyramid_bytes, sky_model

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from numpy.typing import NDArray

    from skyframe_gui.app.model.items import ExposureItem, SkyFrameItem
    from skyframe_gui.app.model.requests import Request
    from skyframe_gui.app.work.stages import Stages
    from skyframe_gui.engine import Exposure, SkyMeasurementConfig, Watch


def shown_of(
    stages: Stages,
    request: Request,
    watch: Watch | None,
    early: Callable[[Shown], None] | None = None,
) -> Shown | None:
    """Return what the panes need of the request's exposure and sky frame.

    ``early`` is called with the image alone while the other planes are read.
    """
    item, frame = request.shown, request.sky_frame
    config, options = request.config, request.options
    if item is None:
        return None if frame is None else _sky_frame_alone(stages, frame, config, watch)

    def seen(exposure: Exposure) -> None:
        if early is not None:
            early(_image_alone(stages, request, item, exposure, watch))

    exposure = stages.exposure(item, options, watch, seen)
    grid = stages.grid(item, config.background, options, watch)
    key = exposure_key(item, options)
    image = _pyramid(stages, "pyramid", key, image_pyramid, exposure.image, watch)
    masks = masked = None
    if exposure.has_mask:
        masks = _pyramid(stages, "masks", key, mask_pyramid, exposure.mask, watch)
        bits = exposure.planes.left_out(config.stats.mask)
        masked = stages.memory.get(
            "masked",
            (key, bits),
            lambda: masked_pyramid(exposure.mask, bits, watch),
            pyramid_bytes,
            quick=True,
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


def _image_alone(
    stages: Stages, request: Request, item: ExposureItem, exposure: Exposure, watch: Watch | None
) -> Shown:
    """Return what can be shown of an exposure before its mask is read."""
    key = exposure_key(item, request.options)
    image = _pyramid(stages, "pyramid", key, image_pyramid, exposure.image, watch)
    measured = display_limits.measure(exposure, (), None, request.sky_frame, None)
    prepare()
    return Shown(
        key=item.key,
        width=exposure.width,
        height=exposure.height,
        xy0=exposure.xy0,
        exposure=exposure,
        image=image,
        sky_frame=request.sky_frame,
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
    stages: Stages,
    stage: str,
    key: Hashable,
    make: Callable[[NDArray[Pixel], Watch | None], Pyramid[Pixel]],
    image: NDArray[Pixel],
    watch: Watch | None,
) -> Pyramid[Pixel]:
    """Return the pyramid over a plane, which is the exposure's and is remembered with that."""
    smaller = stages.memory.get(
        stage, key, lambda: Pyramid(make(image, watch).levels[1:], 1), pyramid_bytes, quick=True
    )
    return smaller.with_image(image)
