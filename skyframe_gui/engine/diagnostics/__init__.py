"""What the user should be warned about: findings in words with numbers, never a changed result.

Every module of `checks` is a family of checks, found by its being there. It has ``ORDER``, the
place of its findings among those of others, and one or both of

``fit(context)``
    Yields what a `FitContext` gives reason to say.
``sky_frames(context)``
    Yields what a `FrameContext` gives reason to say, one finding for all of its sky frames.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.diagnostics import checks
from skyframe_gui.engine.diagnostics.checks.gradients import rises_of
from skyframe_gui.engine.diagnostics.checks.level import level_of_sky
from skyframe_gui.engine.diagnostics.context import FitContext, FrameContext
from skyframe_gui.engine.diagnostics.finding import Finding
from skyframe_gui.engine.errors import SkyFrameError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from types import ModuleType

    from skyframe_gui.engine.bins import BinGrid
    from skyframe_gui.engine.config import SkyMeasurementConfig
    from skyframe_gui.engine.exposure import MaskPlanes
    from skyframe_gui.engine.samples import Samples
    from skyframe_gui.engine.scale import ScaleSolution
    from skyframe_gui.engine.sky_frame import SkyFrame

__all__ = [
    "Finding",
    "diagnose_fit",
    "diagnose_sky_frame",
    "level_of_sky",
    "residual_rises",
    "wanted_offset",
]


@cache
def _families() -> tuple[ModuleType, ...]:
    found = [
        importlib.import_module(f"{checks.__name__}.{module.name}")
        for module in pkgutil.iter_modules(checks.__path__)
    ]
    return tuple(sorted(found, key=lambda module: (module.ORDER, module.__name__)))


def diagnose_fit(
    samples: Sequence[Samples],
    solution: ScaleSolution,
    config: SkyMeasurementConfig,
    *,
    levels: Mapping[str, float] | None = None,
    planes: Mapping[str, MaskPlanes] | None = None,
    sky_frames: Mapping[str, SkyFrame] | None = None,
    unit: str = "adu",
    sky_unit: str = "",
) -> tuple[Finding, ...]:
    """Return what the user should know of the scale of a visit, the gravest first.

    Chance alone raises a finding in about one faultless visit of a hundred, however many detectors
    and samples it has.

    Parameters
    ----------
    samples : sequence of Samples
        What the solution was made from, in the same order.
    solution : ScaleSolution
        Also that of a `ScaleError`, whose scale is NaN.
    config : SkyMeasurementConfig
        What samples and solution were made with.
    levels : mapping of str to float, optional
        Level of the exposure by detector, unit of the image: what the sky frame's pixels times the
        scale should come to. A sky frame whose own level is 0 is taken to be one of exposures that
        were divided by their level. Where there are none, the image samples of each detector serve,
        unless the sky frame's level is 0.
    planes : mapping of str to MaskPlanes, optional
        Mask planes by detector; only of exposures that have a mask.
    sky_frames : mapping of str to SkyFrame, optional
        By detector.
    unit, sky_unit : str
        Units of the image and of the sky frame, for the text.

    Raises
    ------
    SkyFrameError
        The solution is not one of these samples.
    """
    if len(solution.rejected_at) != sum(len(one) for one in samples):
        raise SkyFrameError(
            f"The fit is of {len(solution.rejected_at)} samples but "
            f"{sum(len(one) for one in samples)} are given; give the samples that it was made from."
        )
    frames = dict(sky_frames or {})
    known = {
        detector: n
        for detector, n in ((one, _exposures_in(frame)) for one, frame in frames.items())
        if n is not None
    }
    frame_context = FrameContext(frames=frames, n_exposures=known, config=config, unit=sky_unit)
    fit_context = FitContext(
        samples=samples,
        solution=solution,
        config=config,
        levels=levels or {},
        planes=planes or {},
        sky_frames=frame_context,
        unit=unit,
        sky_unit=sky_unit,
    )
    findings: list[Finding] = []
    for family in _families():
        if hasattr(family, "fit"):
            findings.extend(family.fit(fit_context))
        if frames and hasattr(family, "sky_frames"):
            findings.extend(family.sky_frames(frame_context))
    return _gravest_first(findings)


def residual_rises(
    samples: Sequence[Samples], solution: ScaleSolution, config: SkyMeasurementConfig
) -> dict[str, tuple[float, float]]:
    """Return by how much the residuals rise over a detector along "x" and "y", with errors.

    These are the numbers of the finding "gradient", whether or not they are more than chance; a
    direction that cannot be told is missing. Parameters as of `diagnose_fit`.
    """
    context = _bare_context(samples, solution, config)
    return {name: (rise.value, rise.error) for name, rise in rises_of(context).items()}


def wanted_offset(
    samples: Sequence[Samples], solution: ScaleSolution, config: SkyMeasurementConfig
) -> tuple[float, float]:
    """Return the offset that the samples want beside a scale, with its error.

    These are the numbers of the finding "offset", whether or not it is more than chance; NaN where
    no line can be fitted. Parameters as of `diagnose_fit`.
    """
    line = _bare_context(samples, solution, config).line
    return (np.nan, np.nan) if line is None else (line.offset, line.offset_error)


def _bare_context(
    samples: Sequence[Samples], solution: ScaleSolution, config: SkyMeasurementConfig
) -> FitContext:
    return FitContext(
        samples=samples,
        solution=solution,
        config=config,
        levels={},
        planes={},
        sky_frames=FrameContext(frames={}, n_exposures={}, config=config),
        unit="",
        sky_unit="",
    )


def diagnose_sky_frame(
    sky_frame: SkyFrame,
    n_exposures: int | None,
    config: SkyMeasurementConfig,
    *,
    detector: str = "",
    grids: Sequence[BinGrid] = (),
    planes: MaskPlanes | None = None,
    unit: str = "",
) -> tuple[Finding, ...]:
    """Return what the user should know of a sky frame, the gravest first.

    Parameters
    ----------
    sky_frame : SkyFrame
    n_exposures : int, optional
        How many exposures are in it; None where nobody knows.
    config : SkyMeasurementConfig
        Its ``background`` part.
    detector : str
        What the text calls it.
    grids : sequence of BinGrid, optional
        The exposures' grids, for their good pixels.
    planes : MaskPlanes, optional
        The planes that all exposures define.
    unit : str
        Unit of the sky frame, for the text.
    """
    context = FrameContext(
        frames={detector: sky_frame},
        n_exposures={} if n_exposures is None else {detector: n_exposures},
        config=config,
        grids={detector: grids} if grids else {},
        planes={} if planes is None else {detector: planes},
        unit=unit,
    )
    return _gravest_first(
        finding
        for family in _families()
        if hasattr(family, "sky_frames")
        for finding in family.sky_frames(context)
    )


def _exposures_in(sky_frame: SkyFrame) -> int | None:
    """Return how many exposures are in a sky frame, None where a file does not tell."""
    if len(sky_frame.clipped):
        return len(sky_frame.clipped)
    # LSST's files hold no counts; what is read from them counts 1 or 2 to say "one" or "more".
    most = int(np.max(sky_frame.grid.n_good, initial=0))
    return most if most > 2 else None


def _gravest_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda finding: finding.severity != "warning"))
