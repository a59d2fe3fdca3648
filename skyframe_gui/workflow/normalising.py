"""How exposures of a night are normalised: with which cameras and configs, and why so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from skyframe_gui.engine import styles
from skyframe_gui.engine.config import field_values
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.focal_config import FocalPlaneBackgroundConfig, SkyImageConfig
from skyframe_gui.engine.identity import STRAIGHT
from skyframe_gui.numbers import digits, plural
from skyframe_gui.workflow.cameras import by_camera, camera_of
from skyframe_gui.workflow.correction_notes import camera_notes
from skyframe_gui.workflow.focal_plane import FocalPlane, bin_visits
from skyframe_gui.workflow.focal_visits import visits_over
from skyframe_gui.workflow.grouping import group_by_visit
from skyframe_gui.workflow.jobs import Failure
from skyframe_gui.workflow.notes import first_of, undefined_planes
from skyframe_gui.workflow.options import MaskObjects, Normalise

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Executor

    from skyframe_gui.engine import BackgroundConfig, Watch
    from skyframe_gui.engine.camera import Camera
    from skyframe_gui.files import ExposureSource
    from skyframe_gui.files.cameras import CameraTable
    from skyframe_gui.workflow.binning import Binned
    from skyframe_gui.workflow.cache import Cache
    from skyframe_gui.workflow.exposures import Done
    from skyframe_gui.workflow.focal_visits import Members

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
        cache: Cache | None = None,
        left_out: tuple[str, ...] = (),
    ) -> Done[Binned]:
        """Return the bins of all exposures, camera after camera; see `bin_visits`."""
        done: Done[Binned] = ([], list(self.failed))
        for plane, sources in self.planes:
            try:
                found, failed = bin_visits(
                    pool, sources, plane, bins, mask_objects, watch, cache, left_out
                )
            except SkyFrameError as error:
                if len(self.planes) == 1:
                    raise
                done[1].extend(Failure(str(source.path), str(error)) for source in sources)
                continue
            done[0].extend(found)
            done[1].extend(failed)
        return done

    def unknown_planes(self, mask_objects: MaskObjects) -> list[str]:
        """Return a sentence on mask planes that a config names beside the usual, and files lack."""
        notes: list[str] = []
        usual = SkyImageConfig(largeScaleBackground=FocalPlaneBackgroundConfig(xSize=1, ySize=1))
        for plane, sources in self.planes:
            for field_name, names, known in (
                ("maskList", plane.config.maskList, usual.maskList),
                (
                    f"{FOCAL}.mask",
                    plane.config.largeScaleBackground.mask,
                    usual.largeScaleBackground.mask,
                ),
            ):
                others = [name for name in names if name not in known]
                notes += undefined_planes(sources, others, field_name, mask_objects)
        return notes


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
        return _not_over_planes(how, camera, f"as --normalise {how} asks for")
    if how is Normalise.FOCAL_PLANE:
        return _over_focal_planes(sources, camera, adjust, "as --normalise asks for")
    visits = group_by_visit(sources)
    several = sum(len(members) for members in visits.values() if len(members) > 1)
    if 2 * several <= len(sources):
        why = (
            f"as {several} of {plural(len(sources), 'exposure')} are of visits that several "
            "detectors are given of"
        )
        if several:
            why += "; --normalise focal-plane does it all the same"
        return _not_over_planes(Normalise.NONE, camera, why, several > 0)
    n_placed, first = 0, ""
    for group in _groups(sources, camera):
        try:
            table = camera_of(group, camera, by_headers=False)
        except SkyFrameError as error:
            first = first or str(error)
            continue
        members, failed = visits_over(table.camera, group, _orientation(table, group))
        n_placed += sum(len(own) for own in members.values() if len(own) > 1)
        first = first or next((one.why for one in failed), "")
    if 2 * n_placed <= len(sources):
        note = f"The exposures are not normalised. {first}"
        return Decision(normalise=Normalise.NONE, notes=(note,))
    return _over_focal_planes(
        sources, camera, adjust, "as their visits have several detectors", by_headers=False
    )


def _not_over_planes(
    how: Normalise, camera: str | None, why: str, worth_a_note: bool = False
) -> Decision:
    """Return that no background over a focal plane is used; said where a camera is given."""
    if not (camera or worth_a_note):
        return Decision(normalise=how)
    over = "by the background of their visits over the focal plane"
    does = f"; so --camera {camera} lays out nothing" if camera else ""
    return Decision(normalise=how, notes=(f"Exposures are not normalised {over}, {why}{does}.",))


def _orientation(table: CameraTable, sources: Sequence[ExposureSource]) -> str:
    """Return how exposures are read out where a camera lays out their own pixels; else ""."""
    if not table.own_pixels:
        return ""
    usual = Counter(source.orientation or STRAIGHT for source in sources)
    return usual.most_common(1)[0][0]


def _groups(sources: Sequence[ExposureSource], camera: str | None) -> list[list[ExposureSource]]:
    return [list(sources)] if camera else list(by_camera(sources).values())


def _over_focal_planes(
    sources: Sequence[ExposureSource],
    camera: str | None,
    adjust: Adjust | None,
    why: str,
    by_headers: bool = True,
) -> Decision:
    planes: list[tuple[FocalPlane, list[ExposureSource]]] = []
    failed: list[Failure] = []
    notes = camera_notes(group_by_visit(sources), camera)
    warnings: list[str] = []
    choices: dict[str, str] = {}
    for group in _groups(sources, camera):
        try:
            table = camera_of(group, camera, by_headers)
        except SkyFrameError as error:
            if camera:
                raise
            failed += [Failure(str(source.path), str(error)) for source in group]
            continue
        config = sky_image_config(table)
        if adjust is not None:
            config = adjust(config)
        if config.largeScaleBackground.interpolation == "NONE":
            raise SkyFrameError(
                f"{FOCAL}.interpolation is NONE, which makes no background of superpixels; choose "
                f"one of {', '.join(styles.names())}."
            )
        plane = FocalPlane(
            camera=table.camera,
            config=config,
            by_kind=len(table.camera.kinds) > 1,
            orientation=_orientation(table, group),
        )
        planes.append((plane, group))
        visits = visits_over(plane.camera, group, plane.orientation).visits
        warnings += _warnings(table.camera, config.largeScaleBackground)
        notes += [*table.notes, *_told(plane, table, visits, why)]
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


def _told(
    plane: FocalPlane, table: CameraTable, visits: Mapping[str, Members], why: str
) -> list[str]:
    """Return sentences on what is subtracted and divided by, and on what visits lack."""
    config, camera = plane.config.largeScaleBackground, plane.camera
    pixel = camera.pixel_size
    kinds = ""
    if plane.by_kind:
        first, second, *others = (kind or "(no name)" for kind in camera.kinds)
        kinds = f", each of the types {first} and {second} its own"
        if others:
            kinds += f" (the other types, {', '.join(others)}, take that of {first})"
    science = {one.name for one in camera.detectors if one.science}
    given = {name for members in visits.values() for _, name in members}
    of_all = f" of {len(science)}" if given <= science else ""
    told = [
        f"Each visit is normalised by its background over the focal plane of "
        f"{camera.name or 'the camera'}{kinds}, {why}: superpixels of "
        f"{digits(config.xSize / pixel, 5)} x {digits(config.ySize / pixel, 5)} pixels over all "
        f"detectors ({table.source}), {len(given)}{of_all} "
        "given. Such sky frames are for exposures whose background is off already, and for the "
        "command correct; --normalise none builds others."
    ]
    fewer = [
        f"{visit} ({len(members)})"
        for visit, members in visits.items()
        if len(members) < len(given)
    ]
    if fewer:
        are = "lacks" if len(fewer) == 1 else "lack"
        told.append(
            f"{'Visit' if len(fewer) == 1 else 'Visits'} {first_of(fewer)} {are} some of the "
            f"{plural(len(given), 'detector')} that the others have: where the response differs "
            "between detectors, the level that is divided by is that of the ones given."
        )
    return told


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
