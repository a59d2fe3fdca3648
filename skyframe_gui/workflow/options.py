"""What a stage may be told besides the config."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skyframe_gui.engine import Exposure, Watch


class MaskObjects(StrEnum):
    """Whether objects are found and masked before the sky is measured."""

    AUTO = "auto"
    """Where the file brings no DETECTED plane."""
    NEVER = "never"
    ALWAYS = "always"


class Normalise(StrEnum):
    """By what a bin grid is divided before the grids are averaged."""

    NONE = "none"
    """By nothing: the grids as measured."""
    LEVEL = "level"
    """By the exposure's median bin."""
    FOCAL_PLANE = "focal-plane"
    """By the level of its visit's background over the focal plane, which is subtracted first."""
    AUTO = "auto"
    """FOCAL_PLANE for visits of several detectors of a known camera, else NONE."""


OVER_PLANES = (Normalise.AUTO, Normalise.FOCAL_PLANE)
"""Where it counts how the detectors lie."""


def with_objects_masked(
    exposure: Exposure, how: MaskObjects, watch: Watch | None, threads: int | None = None
) -> Exposure:
    """Return the exposure with the objects in it masked DETECTED, where that is asked for."""
    if how is MaskObjects.NEVER:
        return exposure
    if how is MaskObjects.AUTO and exposure.has_mask and "DETECTED" in exposure.planes:
        return exposure
    from skyframe_gui.engine.objects import mask_objects

    return mask_objects(exposure, watch=watch, threads=threads)
