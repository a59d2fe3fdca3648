"""What the user should know of files that were used all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.workflow.options import MaskObjects

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from skyframe_gui.engine import Exposure, SkyFrame
    from skyframe_gui.files import ExposureSource


def notes_of_reading(source: ExposureSource, exposure: Exposure) -> tuple[str, ...]:
    """Return what only reading the pixels has told, such as a wrong checksum."""
    told = getattr(exposure.header, "notes", ())
    return tuple(f"{source.name}: {note}" for note in told if note not in source.notes)


def undefined_planes(
    sources: Sequence[ExposureSource], names: Sequence[str], field: str, how: MaskObjects
) -> tuple[str, ...]:
    """Return one sentence on the mask planes that a config field names and files do not define.

    Such a plane leaves nothing out: a misspelt one switches masking off.
    """
    masked = [source for source in sources if source.has_mask]
    if how is not MaskObjects.NEVER:  # DETECTED is made where it is missing
        names = [name for name in names if name != "DETECTED"]
    counts = {name: sum(name not in source.planes for source in masked) for name in names}
    lacking = [f"{name} ({count} of {len(masked)})" for name, count in counts.items() if count]
    if not lacking:
        return ()
    return (
        f"Of the mask planes in {field}, these are not defined in all exposures with a mask and "
        f"leave nothing out there: {', '.join(lacking)}.",
    )


def smaller_than_sky_frame(
    sources: Sequence[ExposureSource], sky_frames: Mapping[str, SkyFrame]
) -> tuple[str, ...]:
    """Return a sentence on each exposure that covers only a corner of its sky frame.

    A part of a detector tells where it begins in its header (LTV1, LTV2 or LSST's WCS "A"); one of
    another size that begins at the same pixel may as well be of another detector or binned.
    """
    told = []
    for source in sources:
        frame = sky_frames.get(source.detector, sky_frames.get(""))
        if frame is None:
            continue
        grid = frame.grid
        if source.xy0 == grid.bbox[:2] and (source.width, source.height) != (
            grid.width,
            grid.height,
        ):
            told.append(
                f"{source.name} is {source.width} x {source.height} pixels but the sky frame of "
                f"its detector {grid.width} x {grid.height}; its lower left corner is used, which "
                "is wrong unless the exposure is cut from there."
            )
    return tuple(told)
