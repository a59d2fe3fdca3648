"""How exposures of a night are normalised: with which cameras and configs, and why so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from skyframe_gui.engine.config import field_values
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.focal_config import FocalPlaneBackgroundConfig, SkyImageConfig
from skyframe_gui.numbers import digits
from skyframe_gui.workflow.cameras import by_camera, camera_of
from skyframe_gui.workflow.focal_plane import FocalPlane, bin_visits, placed
from skyframe_gui.workflow.grouping import group_by_visit
from skyframe_gui.workflow.jobs import Failure
from skyframe_gui.workflow.options import MaskObjects, Normalise

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Executor

    from skyframe_gui.engine import BackgroundConfig, Watch
    from skyframe_gui.engine.camera import Camera
    from skyframe_gui.files import ExposureSource
    from skyframe_gui.files.cameras import CameraTable
    from skyframe_gui.workflow.binning import Binned
    from skyframe_gui.workflow.exposures import Done

Adjust = Callable[[SkyImageConfig], SkyImageConfig]
"""Changes a camera's config by what the user has set."""
FOCAL = "largeScaleBackground"
WRONG_PIXELS = 2.0
"""Times by which pixelSize may be larger than a pixel of the camera before minFrac is void."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Decision:
    """How exposures are normalised.

    Attributes
    ----------
    normalise : Normalise
        Anything but AUTO.
    planes : tuple of (FocalPlane, list of ExposureSource)
        With FOCAL_PLANE, the exposures of each camera.
    failed : tuple of Failure
        Exposures of no known camera.
    notes, warnings : tuple of str
        Why so, and what is hardly meant, which is among the notes, too.
    choices : dict of str to str
        For the headers.
    """

    normalise: Normalise
    planes: tuple[tuple[FocalPlane, list[ExposureSource]], ...] = ()
    failed: tuple[Failure, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    choices: dict[str, str] = field(default_factory=dict)

    def bin(
        self,
        pool: Executor,
        bins: BackgroundConfig,
        mask_objects: MaskObjects,
        watch: Watch | None,
    ) -> Done[Binned]:
        """Return the bins of all exposures, camera after camera; see `bin_visits`."""
        done: Done[Binned] = ([], list(self.failed))
        for plane, sources in self.planes:
            found, failed = bin_visits(pool, sources, plane, bins, mask_objects, watch)
            done[0].extend(found)
            done[1].extend(failed)
        return done


def decide(
    sources: Sequence[ExposureSource],
    how: Normalise,
    camera: str | None = None,
    adjust: Adjust | None = None,
) -> Decision:
    """Return how exposures are normalised.

    Parameters
    ----------
    sources : sequence of ExposureSource
    how : Normalise
        AUTO takes FOCAL_PLANE where most exposures are of visits of several detectors, and of each
        it is known where it lies.
    camera, adjust : optional
        See `build_sky_frames`.

    Raises
    ------
    SkyFrameError
        The camera that is given has no table, or the config cannot be what ``adjust`` makes it.
    """
    if how not in (Normalise.AUTO, Normalise.FOCAL_PLANE):
        return Decision(normalise=how)
    if how is Normalise.FOCAL_PLANE:
        return _over_focal_planes(sources, camera, adjust, "as --normalise asks for")
    visits = group_by_visit(sources)
    several = sum(len(members) for members in visits.values() if len(members) > 1)
    if 2 * several <= len(sources):
        return Decision(normalise=Normalise.NONE)
    try:
        for group in _groups(sources, camera):
            table = camera_of(group, camera, by_headers=False)
            for source in group:
                placed(table.camera, source)
    except SkyFrameError as error:
        note = f"The exposures are not normalised. {error}"
        return Decision(normalise=Normalise.NONE, notes=(note,))
    return _over_focal_planes(sources, camera, adjust, "as their visits have several detectors")


def _groups(sources: Sequence[ExposureSource], camera: str | None) -> list[list[ExposureSource]]:
    return [list(sources)] if camera else list(by_camera(sources).values())


def _over_focal_planes(
    sources: Sequence[ExposureSource], camera: str | None, adjust: Adjust | None, why: str
) -> Decision:
    planes: list[tuple[FocalPlane, list[ExposureSource]]] = []
    failed: list[Failure] = []
    notes: list[str] = []
    warnings: list[str] = []
    choices: dict[str, str] = {}
    for group in _groups(sources, camera):
        try:
            table = camera_of(group, camera)
        except SkyFrameError as error:
            if camera:
                raise
            failed += [Failure(str(source.path), str(error)) for source in group]
            continue
        config = sky_image_config(table)
        if adjust is not None:
            config = adjust(config)
        plane = FocalPlane(camera=table.camera, config=config, by_kind=len(table.camera.kinds) > 1)
        planes.append((plane, group))
        warnings += _warnings(table.camera, config.largeScaleBackground)
        notes += [*table.notes, _told(plane, table, len({one.detector for one in group}), why)]
        end = f" {table.camera.name}" if len(planes) > 1 else ""
        choices[f"camera{end}"] = table.camera.name
        choices |= {f"{name}{end}": text for name, text in _listed(config).items()}
    return Decision(
        normalise=Normalise.FOCAL_PLANE,
        planes=tuple(planes),
        failed=tuple(failed),
        notes=(*notes, *warnings),
        warnings=tuple(warnings),
        choices=choices,
    )


def sky_image_config(table: CameraTable) -> SkyImageConfig:
    """Return what a camera's own pipelines set; superpixels as large as a detector for others.

    Raises
    ------
    SkyFrameError
        The table has values that the config does not take.
    """
    camera = table.camera
    side = max(max(one.width, one.height) * one.pixel_size for one in camera.detectors)
    # As it is with the cameras whose values are known: about a detector's longer side, or twice it.
    usual: dict[str, Any] = {"xSize": side, "ySize": side, "pixelSize": camera.pixel_size}
    usual |= table.configs.get(FOCAL, {})
    try:
        return SkyImageConfig(largeScaleBackground=FocalPlaneBackgroundConfig(**usual))
    except (ValidationError, TypeError) as error:
        why = str(error)
        if isinstance(error, ValidationError):
            first = error.errors(include_url=False)[0]
            why = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise SkyFrameError(f"{table.source}: {FOCAL} cannot be used ({why}).") from error


def _told(plane: FocalPlane, table: CameraTable, n_given: int, why: str) -> str:
    """Return the sentence on what is subtracted and divided by."""
    config, camera = plane.config.largeScaleBackground, plane.camera
    kinds = f", each of the types {' and '.join(camera.kinds[:2])} its own" if plane.by_kind else ""
    n_science = sum(one.science for one in camera.detectors)
    return (
        f"Each visit is normalised by its background over the focal plane of "
        f"{camera.name or 'the camera'}{kinds}, {why}: superpixels of {digits(config.xSize, 6)} x "
        f"{digits(config.ySize, 6)} over all detectors ({table.source}), {n_given} of {n_science} "
        "given. Such sky frames are for exposures whose background is off already, and for the "
        "command correct; --normalise none builds others."
    )


def _warnings(camera: Camera, config: FocalPlaneBackgroundConfig) -> list[str]:
    """Return a sentence where minFrac counts pixels that are none of the camera's."""
    pixel = camera.pixel_size
    if not (config.minFrac and config.pixelSize > WRONG_PIXELS * pixel):
        return []
    area = config.minFrac * config.xSize * config.ySize
    asked, meant = (digits(area / size**2, 6) for size in (config.pixelSize, pixel))
    return [
        f"{FOCAL}.pixelSize is {digits(config.pixelSize, 4)}, but a pixel of {camera.name} is "
        f"{digits(pixel, 4)}: so minFrac asks for {asked} good pixels of a superpixel, not for "
        f"{meant}, and leaves hardly any out."
    ]


def _listed(config: SkyImageConfig) -> dict[str, str]:
    """Return what differs from the defaults, a line for each part of the config."""
    background = FocalPlaneBackgroundConfig(xSize=1, ySize=1)
    usual = field_values(SkyImageConfig(largeScaleBackground=background))
    found: dict[str, list[str]] = {}
    for name, value in field_values(config).items():
        part, _, inner = name.partition(".")
        if value != usual[name] or inner in ("xSize", "ySize"):
            found.setdefault(part, []).append(f"{inner}={value}" if inner else str(value))
    return {part: " ".join(texts) for part, texts in found.items()}
