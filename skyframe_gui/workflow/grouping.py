"""Which exposures belong to one visit; a module of its own, light enough for the window's start."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from skyframe_gui.engine.identity import group_by_number, units_of
from skyframe_gui.workflow.names import safe_name, stem_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skyframe_gui.files import ExposureSource

SUBTRACTED = "subtracted"
"""Behind the name of a visit of exposures that a sky frame was subtracted from before."""


def group_by_visit(sources: Sequence[ExposureSource]) -> dict[str, list[ExposureSource]]:
    """Return the exposures by visit; a file without a visit number is a visit of its own.

    A number is of several visits where instrument, filter or night differ (`group_by_number`);
    their names then tell by what.

    What a sky frame was subtracted from before is no part of the visit of its original, but of one
    of its own, which is named so.

    Two exposures of one detector cannot be in one visit. Where a few detectors come twice, the
    first exposure of each stays and the others are set apart, see `repeated_detectors`; where most
    do, the number is no visit's, and each file is a visit of its own. Visits whose names would make
    the same file name get a number behind it.
    """
    visits: dict[str, list[ExposureSource]] = {}
    taken: set[str] = set()

    def add(name: str, members: list[ExposureSource]) -> None:
        number, label = 1, name
        while safe_name(label) in taken:
            number += 1
            label = f"{name}-{number}"
        taken.add(safe_name(label))
        visits[label] = members

    for label, path, members in _groups(sources):
        detectors = [source.detector for source in members]
        if len(set(detectors)) == len(detectors):
            add(label or stem_of(path), members)
            continue
        first, others = _doubles(members)
        if others:
            add(label or stem_of(path), first)
        by_file: dict[str, list[ExposureSource]] = defaultdict(list)
        for source in others or members:
            by_file[str(source.path)].append(source)
        for file, own in by_file.items():
            add(f"{label}-{stem_of(file)}" if label else stem_of(file), own)
    return visits


def _groups(
    sources: Sequence[ExposureSource],
) -> list[tuple[str, str, list[ExposureSource]]]:
    """Return exposures by visit, else by file, in the order of the first of each."""
    groups: list[tuple[int, str, str, list[ExposureSource]]] = []
    for ending in ("", SUBTRACTED):
        places = [i for i, one in enumerate(sources) if bool(one.subtracted) == bool(ending)]
        numbers = group_by_number([sources[place].identity for place in places])
        for number, parted in numbers.items():
            for visit in parted:
                label = "-".join(filter(None, (number, visit.distinction, ending)))
                own = [places[member] for member in visit.members]
                groups.append((own[0], label, "", [sources[place] for place in own]))
    files: dict[str, list[int]] = defaultdict(list)
    for place, source in enumerate(sources):
        if not source.visit:
            files[str(source.path)].append(place)
    for path, own in files.items():
        groups.append((own[0], "", path, [sources[place] for place in own]))
    return [group[1:] for group in sorted(groups, key=lambda group: group[0])]


def repeated_detectors(sources: Sequence[ExposureSource]) -> tuple[str, ...]:
    """Return a sentence on each exposure of a detector that its visit has already."""
    return tuple(f"{why}; it is fitted by itself." for _, why in repeated(sources))


def repeated(sources: Sequence[ExposureSource]) -> tuple[tuple[ExposureSource, str], ...]:
    """Return the exposures of a detector that their visit has already, and a sentence's begin."""
    return tuple(
        (
            source,
            f"{source.name} is another exposure of detector {source.detector or '(no name)'} of "
            f"visit {label}, which has one already",
        )
        for label, _, members in _groups(sources)
        if label
        for source in _doubles(members)[1]
    )


def without_visit(sources: Sequence[ExposureSource]) -> list[ExposureSource]:
    """Return the exposures that are visits of their own for want of a number that is a visit's."""
    found: list[ExposureSource] = []
    for label, _, members in _groups(sources):
        if label:
            first, others = _doubles(members)
            if others or len({one.detector for one in first}) == len(first):
                continue
        files = [str(source.path) for source in members]
        found += [one for one in members if files.count(str(one.path)) == 1]
    return found


def mixed_units(members: Sequence[ExposureSource]) -> str:
    """Return why exposures cannot be fitted together by their units; "" where they can."""
    units = units_of([source.identity for source in members])
    if len(units) < 2:
        return ""
    return (
        f"The exposures of this visit are in different units ({' and '.join(units)}), which one "
        "scale cannot serve; bring them to one unit."
    )


def _doubles(
    members: Sequence[ExposureSource],
) -> tuple[list[ExposureSource], list[ExposureSource]]:
    """Return the first exposure of each detector, and the others where they are the fewer."""
    seen: set[str] = set()
    first: list[ExposureSource] = []
    others: list[ExposureSource] = []
    for source in members:
        (others if source.detector in seen else first).append(source)
        seen.add(source.detector)
    return (first, others) if len(others) < len(first) else (list(members), [])
