"""What the data panel's tree shows, as frozen rows made from the state."""

from __future__ import annotations

import math
import os
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from skyframe_gui.app.model.queries import open_exposures, open_sky_frames, sky_frame_of, visits
from skyframe_gui.numbers import NONE, fixed, percent_to, short_unit, true_minus, unit_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skyframe_gui.app.model.items import BadFile, ExposureItem, Facts, SkyFrameItem
    from skyframe_gui.app.model.state import State

Mark = Literal[
    "", "ok", "in use", "notes", "error", "left out", "waiting", "fit warning", "fit note"
]
Kind = Literal["visit", "exposure", "section", "sky frame", "bad file"]

WORDS: dict[Mark, str] = {
    "": "",
    "ok": "ok",
    "in use": "in use",
    "notes": "worth a look",
    "error": "cannot be used",
    "left out": "left out",
    "waiting": "not looked at yet",
    "fit warning": "warning",
    "fit note": "note",
}
"""What the filter and screen readers call the marks."""
LARGEST_PLAIN = 1e7
"""From this level on its figures would not fit into the column."""
SKY_FRAMES, BAD_FILES = "section sky frames", "section bad files"
SHORT = 3
"""Words of the filter with fewer letters are looked for at the beginning of words only."""
USUAL_NOTES = ("Mask: ", "Variance: ")
"""Notes that begin so tell how planes are read; every exposure of a camera has them."""


@dataclass(frozen=True)
class Row:
    """One row of the tree.

    Attributes
    ----------
    id : str
        Unique in the tree; the key of the state where the row stands for one item.
    kind : str
    name : str
    keys : tuple of str
        What commands are to act on: its own key, or those of the rows below.
    level, masked : str
        The other columns.
    detail, note : str
        Shown instead of them: beside the name, and at the end.
    mark : str
        The icon at the end.
    shown : bool
        Whether it is on screen.
    finding : str
        The icon for what the visit's fit warns of; it stays while the visit is open.
    said : tuple of str
        What it warns of, a sentence each.
    """

    id: str
    kind: Kind
    name: str
    keys: tuple[str, ...]
    level: str = ""
    masked: str = ""
    detail: str = ""
    note: str = ""
    mark: Mark = ""
    shown: bool = False
    finding: Mark = ""
    said: tuple[str, ...] = ()
    children: tuple[Row, ...] = ()


@dataclass(frozen=True)
class Titles:
    """The heads of the first two columns, and the unit in full."""

    name: str
    level: str
    unit: str = ""


def titles(state: State) -> Titles:
    """Return the columns' heads: band and unit, where all exposures have the same."""
    items = open_exposures(state)
    bands = {item.source.filter for item in items}
    units = {unit_of(item.source.unit) for item in items}
    if len(bands) == 1:
        words = next(iter(bands)).split()
        name = f"{words[0]} band" if words else "exposure"
    else:
        name = f"{len(bands)} filters" if bands else ""
    if len(units) != 1:
        return Titles(name, "Sky", "units differ" if units else "")
    unit = next(iter(units))
    return Titles(name, f"Sky [{short_unit(unit)}]", unit)


def tree_rows(state: State, wanted: str = "") -> tuple[Row, ...]:
    """Return the rows of the tree, those whose name, filter or state has all wanted words."""
    words = wanted.casefold().split()
    items = open_exposures(state)
    decimals = _decimals([facts.level for facts in state.facts.values()])
    rows = []
    for visit, members in visits(items).items():
        known = bool(members[0].source.visit)
        name = f"Visit {visit}" if known else visit
        chosen = [
            one for one in members if not words or _has(words, name, *_exposure_words(state, one))
        ]
        if chosen and not known and len(members) == 1:
            rows.append(_with_findings(state, visit, _exposure(state, chosen[0], decimals, name)))
        elif chosen:
            rows.append(_with_findings(state, visit, _visit(state, visit, name, chosen, decimals)))
    frames = open_sky_frames(state)
    in_use = _frames_in_use(state, frames)
    own = tuple(
        row for row in (_sky_frame(state, one, in_use) for one in frames) if _row_has(words, row)
    )
    if own:
        keys = tuple(row.id for row in own)
        rows.append(
            Row(SKY_FRAMES, "section", "Sky frames", keys, level=str(len(own)), children=own)
        )
    refused = tuple(row for row in map(_bad_file, open_bad_files(state)) if _row_has(words, row))
    if refused:
        keys = tuple(row.id for row in refused)
        n = str(len(refused))
        rows.append(Row(BAD_FILES, "section", "Not opened", keys, level=n, children=refused))
    return tuple(rows)


def open_bad_files(state: State) -> tuple[BadFile, ...]:
    """Return the files that could not be opened and are still on the list."""
    return tuple(one for one in state.bad_files if one.path not in state.closed)


def trouble(state: State) -> str:
    """Return the line under the tree: how many files could not be read, and which."""
    names = [_short(one.path) for one in open_bad_files(state)]
    names += [
        _detector(item)
        for item in open_exposures(state)
        if item.key in state.facts and state.facts[item.key].problem
    ]
    if not names:
        return ""
    if len(names) > 1:
        return f"{len(names)} files could not be read"
    return f"1 file could not be read: {names[0]}"


def mark_of(state: State, item: ExposureItem) -> Mark:
    """Return an exposure's state."""
    facts = state.facts.get(item.key)
    if facts is not None and facts.problem:
        return "error"
    if item.key in state.left_out:
        return "left out"
    if facts is None:
        return "waiting"
    return "notes" if not math.isfinite(facts.level) or odd_notes(facts) else "ok"


def odd_notes(facts: Facts) -> tuple[str, ...]:
    """Return the notes that are not the same for every exposure of a camera."""
    return tuple(note for note in facts.notes if not note.startswith(USUAL_NOTES))


def level_text(level: float, decimals: int) -> str:
    """Return a level for a column of levels; a dash where there is none."""
    if not math.isfinite(level):
        return NONE
    if abs(level) >= LARGEST_PLAIN:
        return true_minus(f"{level:.1e}")
    return fixed(level, decimals)


def _visit(
    state: State, visit: str, name: str, members: Sequence[ExposureItem], decimals: int
) -> Row:
    children = tuple(_exposure(state, item, decimals) for item in members)
    facts = [state.facts[one.key] for one in members if one.key in state.facts]
    used = [one for one in facts if not one.problem]
    levels = [one.level for one in used if math.isfinite(one.level)]
    parts = [one.masked for one in used if math.isfinite(one.masked)]
    marks = {row.mark for row in children}
    order: tuple[Mark, ...] = ("error", "notes", "waiting")
    mark: Mark = next((one for one in order if one in marks), "")
    if marks == {"left out"}:
        mark = "left out"
    return Row(
        f"visit {visit}",
        "visit",
        name,
        tuple(item.key for item in members),
        level_text(math.fsum(levels) / len(levels), decimals) if levels else "",
        percent_to(math.fsum(parts) / len(parts), 1) if parts else "",
        mark=mark,
        children=children,
    )


def _with_findings(state: State, visit: str, row: Row) -> Row:
    """Return a visit's row with what its fit warns of."""
    fit = state.results.fit
    if fit is None or fit.visit != visit or not fit.findings:
        return row
    warns = any(one.severity == "warning" for one in fit.findings)
    said = tuple(one.title for one in fit.findings)
    return replace(row, finding="fit warning" if warns else "fit note", said=said)


def _exposure(state: State, item: ExposureItem, decimals: int, name: str = "") -> Row:
    facts = state.facts.get(item.key)
    return Row(
        item.key,
        "exposure",
        name or _detector(item),
        (item.key,),
        "" if facts is None else level_text(facts.level, decimals),
        "" if facts is None else percent_to(facts.masked, 1),
        mark=mark_of(state, item),
        shown=item.key == state.selection.exposure,
    )


def _detector(item: ExposureItem) -> str:
    detector = item.source.detector
    if not detector:
        return item.source.name
    return detector if detector.startswith("det") else f"det {detector}"


def _sky_frame(state: State, item: SkyFrameItem, in_use: set[str]) -> Row:
    name = item.detector if item.detector.startswith("det") else f"det {item.detector}"
    return Row(
        item.key,
        "sky frame",
        name if item.detector else item.name,
        (item.key,),
        detail=item.name if item.detector else "",
        note="" if item.path else "not saved",
        mark="notes" if item.sky_frame.notes else "in use" if item.key in in_use else "",
        shown=not state.selection.exposure and item.key == state.selection.sky_frame,
    )


def _frames_in_use(state: State, frames: Sequence[SkyFrameItem]) -> set[str]:
    """Return which of several sky frames of one detector is used; nothing where there is one."""
    counts = Counter(item.detector for item in frames)
    used = (sky_frame_of(state, detector) for detector, n in counts.items() if n > 1)
    return {item.key for item in used if item is not None}


def _bad_file(one: BadFile) -> Row:
    return Row(one.path, "bad file", _short(one.path), (one.path,), mark="error")


def _short(path: str) -> str:
    return os.path.basename(path) or path


def _exposure_words(state: State, item: ExposureItem) -> tuple[str, ...]:
    return (
        _detector(item),
        item.source.name,
        item.source.filter,
        f"{item.source.filter} band",
        WORDS[mark_of(state, item)],
    )


def _row_has(words: Sequence[str], row: Row) -> bool:
    return _has(words, row.name, row.detail, row.note, WORDS[row.mark], row.id)


def _has(words: Sequence[str], *texts: str) -> bool:
    """Tell whether all words are there; the 2 of "det 2" begins one and is not in "1002"."""
    folded = "\n".join(texts).casefold()
    begun = tuple(re.split(r"[\W_]+", folded)) if any(len(w) < SHORT for w in words) else ()
    return all(
        any(part.startswith(word) for part in begun) if len(word) < SHORT else word in folded
        for word in words
    )


def _decimals(levels: Sequence[float]) -> int:
    """Return how many decimals show four figures of a usual level, and a tenth where it counts."""
    sizes = sorted(abs(level) for level in levels if math.isfinite(level) and level)
    if not sizes:
        return 1
    usual = sizes[len(sizes) // 2]
    figures = 3 - math.floor(math.log10(usual))
    return min(max(figures, 1 if usual < 1e4 else 0), 6)
