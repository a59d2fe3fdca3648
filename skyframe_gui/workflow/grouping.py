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

    Two exposures of one detector cannot be one visit: then each file is a visit of its own, too.
    Visits whose names would make the same file name get a number behind it.
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
        by_file: dict[str, list[ExposureSource]] = defaultdict(list)
        for source in members:
            by_file[str(source.path)].append(source)
        for file, own in by_file.items():
            add(f"{visit}-{stem_of(file)}" if visit else stem_of(file), own)
    return visits
