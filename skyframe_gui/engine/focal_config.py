"""The configuration of backgrounds over the focal plane, with LSST's names and defaults."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from skyframe_gui.engine.config import Count, PlaneName, Real, _Frozen

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
