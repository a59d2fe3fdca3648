"""What the user should know of files that were used all the same."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from skyframe_gui.text import on_one_line
from skyframe_gui.workflow.options import MaskObjects

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from skyframe_gui.engine import Exposure, SkyFrame
    from skyframe_gui.files import ExposureSource
    from skyframe_gui.workflow.jobs import Failure

MOST_NAMES = 3
"""So many exposures are named of whom the same is to be told."""


def notes_of_reading(source: ExposureSource, exposure: Exposure) -> tuple[str, ...]:
    """Return what only reading the pixels has told, such as a wrong checksum."""
    told = getattr(exposure.header, "notes", ())
    return tuple(f"{source.name}: {note}" for note in told if note not in source.notes)


def companion_notes(
    companions: Sequence[Failure], sources: Sequence[ExposureSource]
) -> tuple[str, ...]:
    """Return sentences on the masks and weights among files that are read with no exposure."""
    own = {path.resolve() for path in _beside(sources)}
    return tuple(
        f"{one.why.rstrip('.')}; it was left out."
        for one in companions
        if Path(one.path).resolve() not in own
    )


def cautions_of(sources: Sequence[ExposureSource]) -> tuple[str, ...]:
    """Return what the headers tell that matters to the numbers, each sentence once."""
    names: dict[str, list[str]] = {}
    for source in sources:
        for caution in source.cautions:
            names.setdefault(caution, []).append(source.name)
    told = []
    for caution, of in names.items():
        more = f" and {len(of) - MOST_NAMES} others" if len(of) > MOST_NAMES else ""
        told.append(f"{', '.join(of[:MOST_NAMES])}{more}: {caution}")
    beside = [on_one_line(path.name) for path in _beside(sources)]
    if beside:
        more = f" and {len(beside) - MOST_NAMES} others" if len(beside) > MOST_NAMES else ""
        first = ", ".join(beside[:MOST_NAMES])
        told.append(f"Read as mask or variance of the images beside them: {first}{more}.")
    return tuple(told)


def _beside(sources: Sequence[ExposureSource]) -> list[Path]:
    """Return the files beside exposures that masks and variances of them come from."""
    planes = (
        (one.path, plane)
        for one in sources
        for plane in (one.mask, one.variance, *one.more_masks)
        if plane is not None
    )
    return list(dict.fromkeys(plane.path for path, plane in planes if plane.path != path))


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
