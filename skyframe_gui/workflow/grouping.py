"""Which exposures belong to one visit; a module of its own, light enough for the window's start."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from skyframe_gui.workflow.names import safe, stem_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skyframe_gui.files import ExposureSource


def group_by_visit(sources: Sequence[ExposureSource]) -> dict[str, list[ExposureSource]]:
    """Return the exposures by visit; a file without a visit number is a visit of its own.

    Two exposures of one detector cannot be in one visit. Where a few detectors come twice, the
    first exposure of each stays and the others are set apart, see `set_apart`; where most do, the
    number is no visit's, and each file is a visit of its own. Visits whose names would make the
    same file name get a number behind it.
    """
    groups: dict[tuple[str, str], list[ExposureSource]] = defaultdict(list)
    for source in sources:
        groups[source.visit, "" if source.visit else str(source.path)].append(source)
    visits: dict[str, list[ExposureSource]] = {}
    taken: set[str] = set()

    def add(name: str, members: list[ExposureSource]) -> None:
        number, label = 1, name
        while safe(label) in taken:
            number += 1
            label = f"{name}-{number}"
        taken.add(safe(label))
        visits[label] = members

    for (visit, path), members in groups.items():
        detectors = [source.detector for source in members]
        if len(set(detectors)) == len(detectors):
            add(visit or stem_of(path), members)
            continue
        first, others = _doubles(members)
        if others:
            add(visit or stem_of(path), first)
        by_file: dict[str, list[ExposureSource]] = defaultdict(list)
        for source in others or members:
            by_file[str(source.path)].append(source)
        for file, own in by_file.items():
            add(f"{visit}-{stem_of(file)}" if visit else stem_of(file), own)
    return visits


def set_apart(sources: Sequence[ExposureSource]) -> tuple[str, ...]:
    """Return a sentence on each exposure of a detector that its visit has already."""
    groups: dict[str, list[ExposureSource]] = defaultdict(list)
    for source in sources:
        if source.visit:
            groups[source.visit].append(source)
    return tuple(
        f"{source.name} is another exposure of detector {source.detector or '(no name)'} of visit "
        f"{visit}, which has one already; it is fitted by itself."
        for visit, members in groups.items()
        for source in _doubles(members)[1]
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
