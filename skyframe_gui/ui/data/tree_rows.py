"""What the data panel's tree shows, as frozen rows made from the state."""

from __future__ import annotations

import datetime
import math
import os
from dataclasses import dataclass, replace
from functools import lru_cache
from statistics import median
from typing import TYPE_CHECKING, Literal

from skyframe_gui.app.model.queries import excluded, open_exposures
from skyframe_gui.app.model.remembered import Remembered
from skyframe_gui.files.butler.address import is_address
from skyframe_gui.numbers import NONE, fixed, plural, short_unit, true_minus, unit_of
from skyframe_gui.text import on_one_line
from skyframe_gui.workflow.grouping import SUBTRACTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skyframe_gui.app.model.items import BadFile, ExposureItem, Facts, Role
    from skyframe_gui.app.model.state import State

Mark = Literal[
    "", "ok", "notes", "error", "left out", "waiting", "changed", "fit warning", "fit note"
]
Kind = Literal["night", "filter", "visit", "exposure", "section", "bad file"]
Check = Literal["", "on", "off", "some"]
"""A role's box: of a visit of which some exposures have it, "some"; "" where there is no box."""

WORDS: dict[Mark, str] = {
    "": "",
    "ok": "ok",
    "notes": "worth a look",
    "error": "cannot be used",
    "left out": "left out of sky frames and fits",
    "waiting": "not looked at yet",
    "changed": "changed or gone on disk",
    "fit warning": "warning",
    "fit note": "note",
}
"""What the filter and screen readers call the marks."""
ROLE_WORDS: dict[tuple[Check, Check], str] = {
    ("on", "off"): "sky frames only, no science",
    ("off", "on"): "science only, left out of sky frames",
    ("off", "off"): "left out of sky frames and fits",
}
"""What the filter finds rows by, for their boxes (sky, science); of both roles there is no word."""
CHECK_WORDS: dict[Role, dict[Check, str]] = {
    "sky": {
        "": "",
        "on": "serves sky frames",
        "off": "left out of sky frames",
        "some": "some serve sky frames",
    },
    "science": {"": "", "on": "science", "off": "no science", "some": "some are science"},
}
"""What screen readers call the boxes."""
LARGEST_PLAIN = 1e7
"""From this level on its figures would not fit into the column."""
USUAL_NOTES = ("Mask: ", "Variance: ")
"""Notes that begin so tell how planes are read; every exposure of a camera has them."""


@dataclass(frozen=True, kw_only=True)
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
    without_heading : str
        Its name without the night and the filter that stand above it; "" where it has neither.
    level, masked : str
        The other columns.
    mark : str
        The icon at the end.
    filter : str
        Of what it stands for; "" where that is not known, or not the same for all below it.
    sky, science : Check
        Whether it serves sky frames, and whether it is fitted and exported.
    shown : bool
        Whether it is on screen.
    folded : bool
        Whether what belongs below a night or a filter is not shown.
    finding : str
        The icon for what the visit's fit warns of; it stays while the visit is open.
    said : tuple of str
        What it warns of, a sentence each.
    """

    id: str
    kind: Kind
    name: str
    keys: tuple[str, ...]
    without_heading: str = ""
    level: str = ""
    masked: str = ""
    mark: Mark = ""
    filter: str = ""
    sky: Check = ""
    science: Check = ""
    shown: bool = False
    folded: bool = False
    finding: Mark = ""
    said: tuple[str, ...] = ()
    children: tuple[Row, ...] = ()

    @property
    def short(self) -> str:
        """What it is called where there is little room."""
        return self.without_heading or self.name


@dataclass(frozen=True)
class Titles:
    """The head of the level's column, and its unit in full."""

    level: str
    unit: str = ""


def titles(state: State) -> Titles:
    """Return the head of the levels: with their unit, where all exposures have the same."""
    items = open_exposures(state)
    return _titles.of((items,), lambda: _titles_of(items))


_titles = Remembered[Titles]()


def _titles_of(items: Sequence[ExposureItem]) -> Titles:
    units = {unit_of(unit) for unit in {item.source.unit for item in items}}
    if len(units) != 1:
        return Titles("level", "units differ" if units else "")
    unit = next(iter(units))
    return Titles(f"level [{short_unit(unit)}]", unit)


def open_bad_files(state: State) -> tuple[BadFile, ...]:
    """Return the files that could not be opened and are still on the list."""
    return tuple(one for one in state.bad_files if one.path not in state.removed)


def mark_of(state: State, item: ExposureItem) -> Mark:
    """Return an exposure's state."""
    facts = state.facts.get(item.key)
    if facts is not None and facts.on_disk:
        return "changed"
    if facts is not None and facts.problem:
        return "error"
    if item.key in state.excluded_exposures and item.key in excluded(state, "sky"):
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


def visit_row(
    state: State,
    visit: str,
    members: Sequence[ExposureItem],
    children: Sequence[Row],
    decimals: int,
) -> Row:
    """Return the row of a visit with those of its exposures below it."""
    facts = [state.facts[one.key] for one in members if one.key in state.facts]
    used = [one for one in facts if not one.problem]
    levels = [one.level for one in used if math.isfinite(one.level)]
    parts = [one.masked for one in used if math.isfinite(one.masked)]
    marks = {row.mark for row in children}
    order: tuple[Mark, ...] = ("changed", "error", "notes", "waiting")
    mark: Mark = next((one for one in order if one in marks), "")
    if marks == {"left out"}:
        mark = "left out"
    return Row(
        id=f"visit {visit}",
        kind="visit",
        name=visit,
        keys=tuple(item.key for item in members),
        without_heading=_without_heading(visit, members[0]),
        level=level_text(median(levels), decimals) if levels else "",
        masked=fixed(100 * math.fsum(parts) / len(parts), 1) if parts else "",
        mark=mark,
        filter=_shared({row.filter for row in children}),
        sky=_together({row.sky for row in children}),
        science=_together({row.science for row in children}),
        children=tuple(children),
    )


def _without_heading(visit: str, item: ExposureItem) -> str:
    """Return a visit's name without night and filter, which tell it from others of its number."""
    source = item.source
    number, rest = source.visit, visit.removeprefix(f"{source.visit}-")
    if not number or rest == visit:
        return ""
    for part in (source.night, source.filter):
        if part and f"{rest}-".startswith(f"{part}-"):
            rest = rest[len(part) + 1 :]
    return f"{number}-{rest}" if rest else number


@lru_cache
def filter_name(name: str) -> str:
    """Return a filter fit to be shown; there are few of them in thousands of rows."""
    return on_one_line(name)


def _shared(words: set[str]) -> str:
    return words.pop() if len(words) == 1 else ""


def _together(checks: set[Check]) -> Check:
    return checks.pop() if len(checks) == 1 else "some"


def with_findings(state: State, visit: str, row: Row) -> Row:
    """Return a visit's row with what its fit warns of."""
    fit = state.results.fit
    if fit is None or fit.visit != visit or not fit.findings:
        return row
    warns = any(one.severity == "warning" for one in fit.findings)
    said = tuple(one.title for one in fit.findings)
    return replace(row, finding="fit warning" if warns else "fit note", said=said)


def exposure_row(state: State, item: ExposureItem, decimals: int, name: str = "") -> Row:
    """Return the row of an exposure, with a level of so many decimals."""
    facts = state.facts.get(item.key)
    name = name or detector_name(item)
    if item.source.subtracted and SUBTRACTED not in name:
        name = f"{name}, {SUBTRACTED}"
    return Row(
        id=item.key,
        kind="exposure",
        name=name,
        keys=(item.key,),
        without_heading=_without_heading(name, item),
        level="" if facts is None else level_text(facts.level, decimals),
        masked="" if facts is None else fixed(100 * facts.masked, 1),
        mark=mark_of(state, item),
        filter=filter_name(item.source.filter),
        sky="off" if item.key in excluded(state, "sky") else "on",
        science="off" if item.key in state.excluded_exposures else "on",
        shown=item.key == state.selection.exposure,
    )


def detector_name(item: ExposureItem) -> str:
    """Return what an exposure is called below its visit: its detector, else its file."""
    detector = item.source.detector
    if not detector:
        return item.source.name
    return detector if detector.startswith("det") else f"det {detector}"


def night_id(night: str) -> str:
    """Return the id of the line above a night."""
    return f"night {night}"


def filter_id(night: str, band: str) -> str:
    """Return the id of the line above a filter in a night."""
    return f"filter {night} {band}"


def night_row(night: str, folded: bool) -> Row:
    """Return the line above the visits of a night."""
    name = night or "night not known"
    if night:
        try:
            name = f"{datetime.date.fromisoformat(night):%d %b %Y}"
        except ValueError:  # set by hand
            name = on_one_line(night)
    return Row(id=night_id(night), kind="night", name=name, keys=(), folded=folded)


def filter_row(night: str, band: str, n: int, folded: bool) -> Row:
    """Return the line above the visits of a filter in a night."""
    return Row(
        id=filter_id(night, band),
        kind="filter",
        name=plural(n, "visit"),
        keys=(),
        filter=on_one_line(band) or "no filter",
        folded=folded,
    )


def bad_file_row(one: BadFile) -> Row:
    """Return the row of a file that could not be opened, or is not what it was."""
    name = short_name(one.path)
    if one.kind:
        name = f"{name}, a {one.kind}"
    mark: Mark = "" if one.kind else "changed" if one.opened else "error"
    return Row(id=one.path, kind="bad file", name=name, keys=(one.path,), mark=mark)


def short_name(path: str) -> str:
    """Return a file's name without its folder."""
    if is_address(path):  # of data sets that were not found
        path = path.partition("?")[0].rstrip("/")
    return on_one_line(os.path.basename(path) or path)
