"""Mask planes that the config names and the files lack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.engine.diagnostics.finding import Finding, detector_names, in_order

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from skyframe_gui.engine.diagnostics.context import FitContext, FrameContext
    from skyframe_gui.engine.exposure import MaskPlanes

ORDER = 60
OBJECTS = "DETECTED"
"""Without this plane the stars are in the statistics; all others are small beside them."""


def fit(context: FitContext) -> Iterator[Finding]:
    """Look at the planes of ``stats.mask``."""
    yield from _lacking(context.planes, context.config.stats.mask, "stats.mask")


def sky_frames(context: FrameContext) -> Iterator[Finding]:
    """Look at the planes of ``background.mask``."""
    yield from _lacking(context.planes, context.config.background.mask, "background.mask")


def _lacking(
    planes: Mapping[str, MaskPlanes], names: Sequence[str], field: str
) -> Iterator[Finding]:
    where = {
        name: in_order(detector for detector, known in planes.items() if name not in known)
        for name in dict.fromkeys(names)
    }
    where = {name: detectors for name, detectors in where.items() if detectors}
    if not where:
        return
    words = [
        name if len(detectors) == len(planes) else f"{name} ({detector_names(detectors)})"
        for name, detectors in where.items()
    ]
    grave = OBJECTS in where
    yield Finding(
        kind="missing-planes",
        severity="warning" if grave else "note",
        title="Mask planes are not in the file.",
        text=f"{field} names {', '.join(words)}, which the file does not define: nothing is left "
        "out by that." + (" Stars and galaxies count as sky." if grave else ""),
        detectors=in_order(detector for detectors in where.values() for detector in detectors),
        numbers={"n_planes": len(where)},
        short=f"{field}: {', '.join(where)}.",
    )
