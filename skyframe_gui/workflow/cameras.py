"""Which camera exposures are of, and which of its detectors each is."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.camera import Camera
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.focal_config import IN_PIXELS_OF
from skyframe_gui.files.cameras import (
    CameraTable,
    camera_names,
    known_camera,
    read_camera_table,
    read_detector,
)
from skyframe_gui.files.geometry import layout_of
from skyframe_gui.workflow.grouping import group_by_visit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skyframe_gui.engine.camera import Detector
    from skyframe_gui.files import ExposureSource

SAME_PLACE = 1e-6
"""Units of a table within which a file has a detector where the table has it."""
LAYOUT_WITH_DETECTOR = "LSST exposure"


def by_camera(sources: Sequence[ExposureSource]) -> dict[str, list[ExposureSource]]:
    """Return the exposures by the instrument of their headers, in order of the first of each.

    Those that do not tell it are of the only one that the others are of, else by themselves.
    """
    named = {_plain(source.instrument): source.instrument for source in reversed(sources)}
    named.pop("", None)
    only = next(iter(named.values())) if len(named) == 1 else ""
    groups: dict[str, list[ExposureSource]] = {}
    for source in sources:
        groups.setdefault(named.get(_plain(source.instrument), only), []).append(source)
    return groups


def camera_of(
    sources: Sequence[ExposureSource], given: str | None = None, by_headers: bool = True
) -> CameraTable:
    """Return the camera that exposures are of, with all of its detectors.

    What an LSST exposure's own archive tells of its detector counts before the program's table. A
    camera that there is no table of is made of what the exposures themselves tell: their archives,
    else their headers, see `layout_of`.

    Parameters
    ----------
    sources : sequence of ExposureSource
        Of one camera.
    given : str, optional
        Its name, or the path of its table, where the user gives one: see `read_camera`. Then
        nothing else is asked.
    by_headers : bool
        Whether celestial coordinates and sections may say where detectors lie.

    Raises
    ------
    SkyFrameError
        The exposures are of several cameras, nothing tells where their detectors lie, or the given
        table cannot be read.
    """
    if given:
        return read_camera_table(given)
    groups = by_camera(sources)
    if len(groups) > 1:
        names = " and ".join(name or "one without a name" for name in groups)
        raise SkyFrameError(
            f"The exposures are of several instruments ({names}), whose detectors do not lie in "
            "one focal plane; give those of one camera."
        )
    instrument = next(iter(groups), "")
    own = _own_detectors(sources)
    name = known_camera(instrument)
    if name:
        return _with_own(read_camera_table(name), own)
    if not own:
        of_whom = instrument or "the exposures"
        tables = ", ".join(camera_names())
        if not by_headers:
            raise SkyFrameError(
                f"There is no table of where the detectors of {of_whom} lie, only of {tables}; "
                "give one with --camera FILE.json (in the window: camera), or say --normalise "
                "focal-plane, which looks into the headers for it."
            )
        table = _by_headers(sources, instrument)
        if table is None:
            raise SkyFrameError(
                f"Nothing tells where the detectors of {of_whom} lie in the focal plane: the files "
                f"do not, and there are tables of {tables} only; give a table with --camera "
                "FILE.json or FILE.csv (in the window: camera)."
            )
        return table
    detectors = sorted(own.values(), key=lambda one: (one.id is None, one.id or 0, one.name))
    camera = Camera(instrument, tuple({one.name: one for one in detectors}.values()))
    return CameraTable(
        camera,
        "the exposures' own tables",
        notes=(
            f"There is no table of the camera {instrument or '(no name)'}, so its focal plane is "
            f"that of the {len(camera.detectors)} detectors given.",
        ),
    )


def _by_headers(sources: Sequence[ExposureSource], instrument: str) -> CameraTable | None:
    """Return the camera as the headers of the visit of most detectors lay it out."""
    visits = group_by_visit(sources)
    visit = max(visits, key=lambda name: len(visits[name]))
    found = layout_of(visits[visit], instrument)
    if found is None:
        return None
    pixel = found.pixel or 1.0
    unit = "mm" if found.pixel else "pixels"
    configs = {
        name: {"xSize": size * pixel, "ySize": size * pixel, "pixelSize": pixel}
        for name, size in IN_PIXELS_OF.items()
    }
    count = len(found.camera.detectors)
    some = "its one detector is" if count == 1 else f"its {count} detectors are"
    note = (
        f"There is no table of the camera {instrument or '(no name)'}: {some} laid out by "
        f"{found.by} in visit {visit}, in {unit}, and the grid over the focal plane is that of the "
        "files given."
    )
    source = f"the headers of visit {visit}"
    return CameraTable(found.camera, source, configs, (note,), own_pixels=True)


def detector_of(camera: Camera, source: ExposureSource) -> Detector:
    """Return which of a camera's detectors an exposure is of: by its name, else by its number.

    Raises
    ------
    SkyFrameError
        The camera has no such detector.
    """
    name = source.detector
    if name in camera:
        return camera[name]
    # By number before by a name without its signs: HSC's 1_00 is not its number 100.
    if name.isdecimal():
        for detector in camera.detectors:
            if detector.id == int(name):
                return detector
    for detector in camera.detectors:
        if name and _plain(detector.name) == _plain(name):
            return detector
    if not name and len(camera.detectors) == 1:
        return camera.detectors[0]
    try:
        return camera[name]
    except SkyFrameError as error:
        raise SkyFrameError(f"{source.name}: {str(error)[:1].lower()}{str(error)[1:]}") from error


def _own_detectors(sources: Sequence[ExposureSource]) -> dict[str, Detector]:
    """Return what the exposures' own files tell of their detectors, by the exposures' names."""
    own: dict[str, Detector] = {}
    seen: set[str] = set()
    for source in sources:
        if source.detector in seen or source.layout != LAYOUT_WITH_DETECTOR:
            continue
        seen.add(source.detector)
        try:
            found = read_detector(source.path)
        except SkyFrameError:  # said when the exposure is read; the table serves as well
            continue
        if found is not None:
            own[source.detector] = found
    return own


def _with_own(table: CameraTable, own: dict[str, Detector]) -> CameraTable:
    """Return a table with the detectors where the exposures' own files have them."""
    places = {detector.name: number for number, detector in enumerate(table.camera.detectors)}
    detectors = list(table.camera.detectors)
    moved = []
    for theirs in own.values():
        if theirs.name not in places:
            continue
        ours = detectors[places[theirs.name]]
        same_size = (ours.width, ours.height) == (theirs.width, theirs.height)
        if same_size and np.abs(ours.corners() - theirs.corners()).max() < SAME_PLACE:
            continue
        # Whether it takes images and of which type it is, the table tells of all alike.
        changed = replace(ours, width=theirs.width, height=theirs.height, affine=theirs.affine)
        detectors[places[theirs.name]] = changed
        moved.append(theirs.name)
    if not moved:
        return table
    some = ", ".join(moved[:3]) + (f" and {len(moved) - 3} others" if len(moved) > 3 else "")
    note = (
        f"The exposures have the detectors {some} in another place or size than "
        f"{table.source}; theirs counts."
    )
    camera = Camera(table.camera.name, tuple(detectors))
    return replace(table, camera=camera, notes=(*table.notes, note))


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
