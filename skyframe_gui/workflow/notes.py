"""What the user should know of files that were used all the same."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from skyframe_gui.numbers import digits, with_unit
from skyframe_gui.text import on_one_line
from skyframe_gui.workflow.options import MaskObjects

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from skyframe_gui.engine import Exposure
    from skyframe_gui.engine.identity import FrameKey, Identity
    from skyframe_gui.files import ExposureSource
    from skyframe_gui.workflow.jobs import Failure

MOST_NAMES = 3
"""So many exposures are named of whom the same is to be told."""

UNEVEN = 2.0
"""Ratio of times or levels from which an average that is not normalised is worth a word."""


def notes_of_reading(source: ExposureSource, exposure: Exposure) -> tuple[str, ...]:
    """Return what only reading the pixels has told, such as a wrong checksum."""
    from skyframe_gui.files import notes_of

    found = notes_of(exposure)
    return tuple(f"{source.name}: {note}" for note in found if note not in source.notes)


def companion_notes(
    companions: Sequence[Failure], sources: Sequence[ExposureSource]
) -> tuple[str, ...]:
    """Return sentences on the masks and weights among files that are read with no exposure."""
    return tuple(
        f"{one.why.rstrip('.')}; it was left out." for one in _not_beside(companions, sources)
    )


def others_in_folders(
    others: Sequence[Failure], sources: Sequence[ExposureSource]
) -> tuple[str, ...]:
    """Return one sentence on what folders hold beside exposures and what is read with these."""
    names = [on_one_line(Path(one.path).name) for one in _not_beside(others, sources)]
    if not names:
        return ()
    are = "is no exposure and was" if len(names) == 1 else "are no exposures and were"
    return (f"In the folders given, {first_of(names)} {are} left out.",)


def _not_beside(found: Sequence[Failure], sources: Sequence[ExposureSource]) -> list[Failure]:
    own = {path.resolve() for path in _beside(sources)}
    return [one for one in found if Path(one.path).resolve() not in own]


def cautions_of(sources: Sequence[ExposureSource]) -> tuple[str, ...]:
    """Return what the headers tell that matters to the numbers, each sentence once."""
    names: dict[str, list[str]] = {}
    for source in sources:
        for caution in source.cautions:
            names.setdefault(caution, []).append(source.name)
    sentences = []
    for caution, of in names.items():
        sentences.append(f"{first_of(of)}: {caution}")
    beside = [on_one_line(path.name) for path in _beside(sources)]
    if beside:
        sentences.append(f"Read as mask or variance of the images beside them: {first_of(beside)}.")
    return tuple(sentences)


def first_of(names: Sequence[str]) -> str:
    """Return the first few of some names, and how many others there are."""
    n_more = len(names) - MOST_NAMES
    more = f" and {n_more} {'other' if n_more == 1 else 'others'}" if n_more > 0 else ""
    return f"{', '.join(names[:MOST_NAMES])}{more}"


def _beside(sources: Sequence[ExposureSource]) -> list[Path]:
    """Return the files beside exposures that masks and variances of them come from."""
    planes = (
        (one.path, plane)
        for one in sources
        for plane in (one.mask, one.variance, *one.more_masks)
        if plane is not None
    )
    return list(dict.fromkeys(plane.path for path, plane in planes if plane.path != path))


def undefined_planes(
    sources: Sequence[ExposureSource], names: Sequence[str], field: str, how: MaskObjects
) -> tuple[str, ...]:
    """Return one sentence on the mask planes that a config field names and files do not define.

    Such a plane leaves nothing out: a misspelt one switches masking off.
    """
    masked = [source for source in sources if source.has_mask]
    if how is not MaskObjects.NEVER:  # DETECTED is made where it is missing
        names = [name for name in names if name != "DETECTED"]
    counts = {name: sum(name not in source.planes for source in masked) for name in names}
    lacking = [f"{name} ({count} of {len(masked)})" for name, count in counts.items() if count]
    if not lacking:
        return ()
    return (
        f"Of the mask planes in {field}, these are not defined in all exposures with a mask and "
        f"leave nothing out there: {', '.join(lacking)}.",
    )


def subtracted_before(sources: Sequence[ExposureSource]) -> tuple[str, ...]:
    """Return a sentence on each exposure that a sky frame was subtracted from, one for many."""
    found = [source for source in sources if source.subtracted]
    if len(found) > MOST_NAMES:
        return (
            f"{first_of([source.name for source in found])}: sky frames were subtracted from them "
            "before (SFSKY, SFSCALE); use the originals.",
        )
    return tuple(f"{source.name}: {source.subtracted}" for source in found)


def left_out_as_subtracted(
    sources: Sequence[ExposureSource], how: str, left_out: str = "left out of sky frames"
) -> str:
    """Return a sentence on exposures that serve no sky frame; ``how``: and how they would."""
    names = [source.name for source in sources]
    was, are = ("was", "it is") if len(names) == 1 else ("were", "they are")
    return (
        f"{first_of(names)} {was} subtracted with a sky frame before (SFSKY, SFSCALE), so {are} "
        f"{left_out}; {how}."
    )


def unnamed_filters(
    sources: Sequence[ExposureSource], groups: Mapping[FrameKey, Sequence[int]]
) -> tuple[str, ...]:
    """Return a sentence where some exposures of a detector tell their filter and others do not."""
    several = Counter(key.detector for key in groups)
    sentences = []
    for key, places in groups.items():
        without = [sources[place].name for place in places if not sources[place].filter]
        if not without or (len(without) == len(places) and several[key.detector] == 1):
            continue
        others = f" and {len(without) - 1} more" if len(without) > 1 else ""
        taken = f"taken to be of {key.filter}" if key.filter else "in a sky frame of their own"
        sentences.append(
            f"{without[0]}{others} of detector {key.detector or '(no name)'} do not tell their "
            f"filter, as others do, and are {taken}."
        )
    return tuple(sentences)


def uneven_notes(members: Sequence[Identity], levels: Sequence[float]) -> list[str]:
    """Return a sentence where times or levels in one sky frame differ by more than twice."""
    times = [one.exposure_time for one in members if one.exposure_time]
    high = [level for level in levels if level > 0]
    differ = [
        f"{what} from {digits(min(values), 3)} to {with_unit(digits(max(values), 3), unit)}"
        for what, values, unit in (
            ("exposure times", times, "s"),
            ("sky levels", high, members[0].unit),
        )
        if values and max(values) > UNEVEN * min(values)
    ]
    if not differ:
        return []
    key = members[0]
    which = " ".join(filter(None, ("of detector", key.detector or "(no name)", key.filter)))
    return [
        f"The exposures {which} have {' and '.join(differ)}, and the brightest count most in the "
        "average; --normalise level (in the window: normalise) divides each by its level first."
    ]
