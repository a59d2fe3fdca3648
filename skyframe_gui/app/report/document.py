"""What a report tells, gathered from the state: frozen, and not yet a page."""

from __future__ import annotations

import math
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui import __version__
from skyframe_gui.app.model.config_hints import exposure_unit, level_ratio, scale_unit
from skyframe_gui.app.model.mask_rows import size_of as mask_size
from skyframe_gui.app.model.normalise_hint import AS_TOLD, camera_name
from skyframe_gui.app.model.pins import is_stale
from skyframe_gui.app.model.queries import bins_of, excluded, open_exposures
from skyframe_gui.app.model.rejection_steps import rows_of, steps_of
from skyframe_gui.app.model.requests import algorithm_of, request_of
from skyframe_gui.app.report.origin import Origin, origin_of
from skyframe_gui.engine.config import field_values
from skyframe_gui.engine.scale import EXCLUDED
from skyframe_gui.numbers import value_text

if TYPE_CHECKING:
    from skyframe_gui.app.model.comparison import Comparison
    from skyframe_gui.app.model.items import SkyFrameItem
    from skyframe_gui.app.model.rejection_steps import SampleRows, Step
    from skyframe_gui.app.model.requests import Request
    from skyframe_gui.app.model.stack_view import StackView
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.visit_fit import VisitFit
    from skyframe_gui.engine import SkyMeasurementConfig

LIBRARIES = ("numpy", "scipy", "numba", "astropy")


@dataclass(frozen=True)
class Setting:
    """A field of the config or an option; ``default`` is LSST's or the program's."""

    name: str
    value: str
    default: str

    @property
    def changed(self) -> bool:
        """Whether it is not what it is by default."""
        return self.value != self.default


@dataclass(frozen=True, kw_only=True)
class HandSample:
    """A sample that a person excluded; the residual is from the fit without it."""

    detector: str
    box: tuple[int, int, int, int]
    sky: float
    image: float
    residual: float


@dataclass(frozen=True, kw_only=True)
class HandMasked:
    """A mask by hand: of which exposure ("" for the whole visit), what, and where its middle is."""

    name: str
    mask: str
    place: str


@dataclass(frozen=True, kw_only=True)
class Member:
    """An exposure behind a sky frame. Pulls are NaN where they are not known."""

    name: str
    date: str
    level: float
    inside: bool
    pull: float = float("nan")
    worst: float = float("nan")


@dataclass(frozen=True, eq=False, kw_only=True)
class Frame:
    """A sky frame that the visit was corrected with.

    Attributes
    ----------
    item : SkyFrameItem
    algorithm : str
        The style it was used in.
    shown : bool
        Whether it is the one on screen.
    members : tuple of Member
        Where it was built here.
    origin : Origin
    """

    item: SkyFrameItem
    algorithm: str
    shown: bool
    members: tuple[Member, ...]
    origin: Origin

    @property
    def has_pulls(self) -> bool:
        """Whether it is known how far each exposure moves it."""
        return any(math.isfinite(one.pull) for one in self.members)


@dataclass(frozen=True, eq=False, kw_only=True)
class ReportData:
    """All that the report tells but for images and checksums.

    Attributes
    ----------
    visit, made, version : str
        ``made`` is local time with its offset.
    software : str
        Versions of what the numbers come from.
    fit : VisitFit
    rows, steps
        Of the fit.
    unit, scale_unit, sky_unit : str
        Of the exposures, the scale and the sky frames; "" where they do not tell or disagree.
    ratio : float
        Scale by sky level, NaN where unknown.
    preset : str
    settings, options : tuple of Setting
    problems, notes : tuple of str
    excluded_samples : tuple of HandSample
    hand_masks : tuple of HandMasked
    request : Request
        Exposures and sky frames of the visit.
    frames : tuple of Frame
    stack : StackView or None
    bins : (int, int)
        Width and height in pixels of the residual map's bins.
    camera : str
        As a person has chosen it.
    compare : Comparison or None
    compare_is_stale : bool
    """

    visit: str
    made: str
    version: str
    software: str
    fit: VisitFit
    rows: SampleRows
    steps: tuple[Step, ...]
    unit: str
    scale_unit: str
    sky_unit: str
    ratio: float
    preset: str
    settings: tuple[Setting, ...]
    options: tuple[Setting, ...]
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    excluded_samples: tuple[HandSample, ...]
    hand_masks: tuple[HandMasked, ...]
    request: Request
    frames: tuple[Frame, ...]
    bins: tuple[int, int]
    camera: str = ""
    compare: Comparison | None = None
    compare_is_stale: bool = False
    not_in_frames: tuple[str, ...] = ()
    not_fitted: tuple[str, ...] = ()

    @property
    def band(self) -> float:
        """Half the width of the band that samples are kept in; NaN where there is no scale."""
        return self.request.config.skyRej * self.steps[-1].sigma


def gather(state: State, fit: VisitFit) -> ReportData:
    """Return what the report of a state tells; ``fit`` is of that state and complete.

    Reads headers of sky frames, so that it is called in the lane.
    """
    request = request_of(state)
    steps = steps_of(fit)
    units = {frame.unit for frame in request.frames}
    found = state.results.compare
    return ReportData(
        visit=fit.visit,
        made=datetime.now(UTC).astimezone().isoformat(" ", "minutes"),
        version=__version__,
        software=_software(),
        fit=fit,
        rows=rows_of(fit),
        steps=steps,
        unit=exposure_unit(state, fit),
        scale_unit=scale_unit(state, fit),
        sky_unit=units.pop() if len(units) == 1 else "",
        ratio=level_ratio(state, fit),
        preset=state.preset_name,
        settings=_settings(state.config),
        options=_options(state),
        problems=tuple(problem.text for problem in state.problems),
        notes=_notes(state, request),
        excluded_samples=_excluded_samples(fit),
        hand_masks=_hand_masks(state, fit, request),
        request=request,
        frames=_frames(state, request),
        bins=bins_of(state),
        camera=state.correction.camera or state.options.camera,
        compare=found,
        compare_is_stale=found is not None and is_stale(state, found),
        not_in_frames=_names(state, excluded(state, "sky")),
        not_fitted=_names(state, state.excluded_exposures),
    )


def _names(state: State, keys: frozenset[str]) -> tuple[str, ...]:
    return tuple(item.source.name for item in open_exposures(state) if item.key in keys)


def _settings(config: SkyMeasurementConfig) -> tuple[Setting, ...]:
    defaults = field_values(type(config)())
    return tuple(
        Setting(name, value_text(value), value_text(defaults[name]))
        for name, value in field_values(config).items()
    )


def _options(state: State) -> tuple[Setting, ...]:
    options, defaults = state.options, type(state.options)()
    told = (
        Setting("mask objects", str(options.mask_objects), str(defaults.mask_objects)),
        Setting("normalise", str(options.normalise), str(defaults.normalise)),
    )
    if not options.camera:
        return told
    return (*told, Setting("camera", camera_name(options.camera), AS_TOLD))


def _excluded_samples(fit: VisitFit) -> tuple[HandSample, ...]:
    rows, scale = rows_of(fit), fit.solution.scale
    found = []
    for index in np.flatnonzero(rows.rejected_at == EXCLUDED).tolist():
        x0, y0, x1, y1 = rows.boxes[index].tolist()
        sky, image = float(rows.sky[index]), float(rows.image[index])
        detector = rows.detectors[rows.detector_index[index]]
        found.append(
            HandSample(
                detector=detector,
                box=(x0, y0, x1, y1),
                sky=sky,
                image=image,
                residual=image - scale * sky,
            )
        )
    return tuple(found)


def _hand_masks(state: State, fit: VisitFit, request: Request) -> tuple[HandMasked, ...]:
    names = {item.key: item.source.name for item in request.members}
    found = []
    for one in state.hand_masks:
        if one.exposure not in names and (one.exposure or one.visit != fit.visit):
            continue
        x, y = one.mask.corners.mean(axis=0).tolist()
        place = f"RA {x:.6f}, Dec {y:.6f}" if one.mask.on_sky else f"x {x:.1f}, y {y:.1f}"
        words = f"{one.mask.shape}, {mask_size(one.mask)}"
        found.append(HandMasked(name=names.get(one.exposure, ""), mask=words, place=place))
    return tuple(found)


def _frames(state: State, request: Request) -> tuple[Frame, ...]:
    frames: dict[str, Frame] = {}
    for frame in request.frames:
        shown = request.sky_frame is not None and frame.key == request.sky_frame.key
        algorithm = algorithm_of(frame, request.config)
        members = _members(frame, state.results.stack)
        frames[frame.key] = Frame(
            item=frame, algorithm=algorithm, shown=shown, members=members, origin=origin_of(frame)
        )
    return tuple(frames.values())


def _members(item: SkyFrameItem, stack: StackView | None) -> tuple[Member, ...]:
    built = item.built
    if built is None:
        return ()
    pulls = None
    if stack is not None and stack.key == item.key and stack.sky_frame is item.sky_frame:
        pulls = stack.pulls
    return tuple(
        Member(
            name=source.name,
            date=source.date,
            level=level,
            inside=key not in item.excluded_members,
            pull=float("nan") if pulls is None else float(pulls.rms[index]),
            worst=float("nan") if pulls is None else float(pulls.worst[index]),
        )
        for index, (key, source, level) in enumerate(
            zip(item.members, built.sources, built.levels, strict=True)
        )
    )


def _notes(state: State, request: Request) -> tuple[str, ...]:
    """Return what was noticed in the files, each sentence once, with the exposures it is of."""
    names: dict[str, list[str]] = {}
    for item in request.members:
        facts = state.facts.get(item.key)
        for note in dict.fromkeys((*item.source.notes, *(facts.notes if facts else ()))):
            names.setdefault(note, []).append(item.source.name)
    return tuple(
        note if len(of) == len(request.members) else f"{_some(of)}: {note}"
        for note, of in names.items()
    )


def _some(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= 3 else f"{names[0]} and {len(names) - 1} more"


def _software() -> str:
    versions = [f"{name} {metadata.version(name)}" for name in LIBRARIES]
    return ", ".join((f"Python {platform.python_version()}", *versions))
