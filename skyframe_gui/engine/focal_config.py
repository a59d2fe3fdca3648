"""The configuration of backgrounds over the focal plane, with LSST's names and defaults."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from skyframe_gui.engine.config import (
    Count,
    MaskObjectsConfig,
    PlaneName,
    Real,
    SkyMeasurementConfig,
    _Frozen,
)

Interpolation = Literal["CONSTANT", "LINEAR", "NATURAL_SPLINE", "AKIMA_SPLINE", "NONE"]
Length = Annotated[Real, Field(gt=0)]


class FocalPlaneBackgroundConfig(_Frozen):
    """How a background is measured in superpixels over the whole focal plane."""

    xSize: Length
    """Width of a superpixel in the camera's units (mm)."""
    ySize: Length
    """Height of a superpixel in the camera's units (mm)."""
    pixelSize: Length = 1.0
    """Size of a pixel in the camera's units; minFrac counts pixels of this size."""
    minFrac: Annotated[Real, Field(ge=0)] = 0.1
    """Least part of a superpixel's pixels that must be good; it is interpolated otherwise."""
    mask: tuple[PlaneName, ...] = (
        "BAD",
        "SAT",
        "INTRP",
        "DETECTED",
        "DETECTED_NEGATIVE",
        "EDGE",
        "NO_DATA",
    )
    """Mask planes whose pixels are left out."""
    interpolation: Interpolation = "AKIMA_SPLINE"
    """How superpixels without a value are filled, and how a detector's grid becomes an image."""
    doSmooth: bool = False
    """Whether the superpixels are smoothed."""
    smoothScale: Length = 2.0
    """Sigma of the smoothing, in superpixels."""
    binning: Annotated[Count, Field(ge=1)] = 64
    """Size of the cells of a detector's grid, in pixels."""


class SkyImageConfig(_Frozen):
    """The configuration of cp_pipe's CpSkyImageTask, which normalises exposures for sky frames."""

    largeScaleBackground: FocalPlaneBackgroundConfig
    """The background over the focal plane that is subtracted and divided by."""
    maskTask: MaskObjectsConfig = MaskObjectsConfig()
    """How objects are found and filled."""
    maskList: tuple[PlaneName, ...] = ("DETECTED", "BAD", "NO_DATA", "SAT")
    """Mask planes whose pixels are filled; an exposure of nothing else is left as it is."""


IN_PIXELS_OF = {"bgModel1": 8192, "bgModel2": 256}
"""Sides of superpixels in pixels, as the pipelines of HSC and DECam set them."""
SECOND_BACKGROUND = {"minFrac": 0.3, "doSmooth": True, "smoothScale": 1.0}
"""Where LSST's second background has other defaults than the first."""


def _second(given: Any) -> Any:
    return {**SECOND_BACKGROUND, **given} if isinstance(given, dict) else given


class SkyCorrectionConfig(_Frozen):
    """The configuration of LSST's SkyCorrectionTask."""

    bgModel1: FocalPlaneBackgroundConfig
    """The first background, of large superpixels."""
    sky: SkyMeasurementConfig = SkyMeasurementConfig()
    """How the sky frame is scaled."""
    bgModel2: Annotated[FocalPlaneBackgroundConfig | None, BeforeValidator(_second)] = None
    """The second background, of small superpixels; needed where doBgModel2 is on."""
    doMaskObjects: bool = True
    """Whether objects are found anew on the visit's exposures."""
    maskObjects: MaskObjectsConfig = MaskObjectsConfig()
    """How objects are found."""
    doSky: bool = True
    """Whether the sky frame is subtracted."""
    doBgModel2: bool = True
    """Whether the second background is subtracted."""
    undoBgModel1: bool = False
    """Whether the first background is put back once the sky frame's scale is known."""

    @model_validator(mode="after")
    def _something_is_left(self) -> Self:
        if self.undoBgModel1 and not (self.doSky or self.doBgModel2):
            raise ValueError("undoBgModel1 needs at least one of doSky and doBgModel2")
        if self.doBgModel2 and self.bgModel2 is None:
            raise ValueError("doBgModel2 needs bgModel2 with its xSize and ySize")
        return self
