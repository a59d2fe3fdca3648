"""Which exposures make up the visits over a focal plane, and a sentence on each that does not."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.identity import oriented, turned
from skyframe_gui.engine.units import same_unit
from skyframe_gui.workflow.cameras import detector_of
from skyframe_gui.workflow.correction_notes import refuse_turned
from skyframe_gui.workflow.grouping import group_by_visit, repeated, without_visit
from skyframe_gui.workflow.jobs import Failure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skyframe_gui.engine.camera import Camera, Detector
    from skyframe_gui.files import ExposureSource

Members = list[tuple["ExposureSource", str]]
"""Exposures and the names that the camera has for their detectors."""

WITHOUT_NUMBER = "without a number"
"""Name of what is no visit, in lines on whole visits."""


class FocalVisits(NamedTuple):
    """Visits by name, each in the camera's order, and what is left out of them."""

    visits: dict[str, Members]
    failed: list[Failure]


def visits_over(
    camera: Camera, sources: Sequence[ExposureSource], orientation: str = ""
) -> FocalVisits:
    """Return the visits that exposures make up over a camera's focal plane.

    Left out is what would make a visit wrong: exposures of unknown detectors or visits, of a
    detector that the visit has already, in another unit than the others, or read out otherwise
    than the camera's table has it, or where that is of their own pixels than ``orientation``.
    """
    twice = repeated(sources)
    failed = [Failure(str(one.path), f"{why}; it was left out.") for one, why in twice]
    out = {id(one) for one, _ in twice}
    alone = [one for one in without_visit(sources) if id(one) not in out]
    if alone and sum(one.science for one in camera.detectors) > 1:
        out |= {id(one) for one in alone}
        why = (
            "Neither headers nor names tell of which visit it is, so its background over the focal "
            "plane is not known; it was left out. --normalise level divides each exposure by its "
            "own level."
        )
        failed += [Failure(str(one.path), why, WITHOUT_NUMBER) for one in alone]
    detectors: dict[int, Detector] = {}
    for source in sources:
        if id(source) in out:
            continue
        try:
            detectors[id(source)] = placed(camera, source, orientation)
        except SkyFrameError as error:
            failed.append(Failure(str(source.path), str(error)))
    order = {detector.name: number for number, detector in enumerate(camera.detectors)}
    grouped = group_by_visit([source for source in sources if id(source) in detectors])
    visits: dict[str, Members] = {}
    for visit, group in grouped.items():
        members = [(source, detectors[id(source)].name) for source in group]
        members, others = _once(members, visit)
        failed += others
        members, others = _of_one_unit(members, visit)
        failed += others
        if members:
            visits[visit] = sorted(members, key=lambda member: order[member[1]])
    return FocalVisits(visits, failed)


def placed(camera: Camera, source: ExposureSource, orientation: str = "") -> Detector:
    """Return the detector that an exposure is of.

    Raises
    ------
    SkyFrameError
        The camera has no such detector, or in another size, or with its pixels in another order.
    """
    detector = detector_of(camera, source)
    if (source.width, source.height) != (detector.width, detector.height):
        raise SkyFrameError(
            f"{source.name} has {source.width} x {source.height} pixels, but detector "
            f"{detector.name} of {camera.name or 'the camera'} has {detector.width} x "
            f"{detector.height}, so its place in the focal plane is not known."
        )
    if not orientation:
        refuse_turned(source, detector)
    elif turned(source.orientation, orientation):
        raise SkyFrameError(
            f"{source.name} was read out {oriented(source.orientation)}, but the camera is laid "
            f"out by exposures that were read out {oriented(orientation)}."
        )
    return detector


def _once(members: Members, visit: str) -> tuple[Members, list[Failure]]:
    """Part the first exposure of each detector from others, whatever their headers call it."""
    first: dict[str, ExposureSource] = {}
    failed = []
    for source, name in members:
        if name not in first:
            first[name] = source
            continue
        failed.append(
            Failure(
                str(source.path),
                f"{source.name} is of detector {name} of visit {visit}, as {first[name].name} is; "
                "it was left out.",
            )
        )
    return [(source, name) for name, source in first.items()], failed


def _of_one_unit(members: Members, visit: str) -> tuple[Members, list[Failure]]:
    """Part the exposures of the unit that most have from others; of two as usual, none stays."""
    units = [same_unit(source.unit) if source.unit else "" for source, _ in members]
    known = Counter(filter(None, units)).most_common()
    if len(known) < 2:
        return members, []
    usual = known[0][0] if known[0][1] > known[1][1] else None
    shown = {unit: one.unit for (one, _), unit in zip(members, units, strict=True)}
    kept, failed = [], []
    for member, unit in zip(members, units, strict=True):
        if usual is not None and unit in ("", usual):
            kept.append(member)
            continue
        name = member[0].name
        why = (
            f"{name} is in {shown[unit]}, but most exposures of visit {visit} are in "
            f"{shown[usual]}; it was left out."
            if usual is not None
            else f"The exposures of visit {visit} are in different units "
            f"({' and '.join(shown[unit] for unit, _ in known)}), so they have no level in common; "
            f"{name} was left out."
        )
        failed.append(Failure(str(member[0].path), why))
    return kept, failed
