"""What the data panel's tree shows, as frozen rows made from the state."""

from __future__ import annotations

import math
import os
import re
from bisect import bisect_left, insort
from collections import Counter
from dataclasses import dataclass, replace
from itertools import compress
from operator import is_not
from typing import TYPE_CHECKING, Literal

from skyframe_gui.app.model.queries import (
    open_exposures,
    open_sky_frames,
    sky_frames_in_use,
    visit_of,
    visits,
)
from skyframe_gui.app.model.remembered import Remembered
from skyframe_gui.app.model.state import State
from skyframe_gui.numbers import NONE, fixed, percent_to, short_unit, true_minus, unit_of
from skyframe_gui.text import on_one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Sequence

    from skyframe_gui.app.model.items import BadFile, ExposureItem, Facts, SkyFrameItem

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
    return _titles.of((items,), lambda: _titles_of(items))


_titles = Remembered[Titles]()


def _titles_of(items: Sequence[ExposureItem]) -> Titles:
    bands = {item.source.filter for item in items}
    units = {unit_of(unit) for unit in {item.source.unit for item in items}}
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
    return TreeRows().of(state, wanted)


class TreeRows:
    """Makes the rows of one state after the other, anew only where a state differs from the last.

    A row that reads the same stays the same object.
    """

    def __init__(self) -> None:
        self._state: State | None = None
        self._words: list[str] | None = None
        self._rows: tuple[Row, ...] = ()
        self._visits: dict[str, tuple[ExposureItem, ...]] = {}
        self._groups: dict[str, _Group] = {}
        self._sections: dict[str, Row] = {}
        self._sizes: list[float] = []
        self._decimals = 1
        self._frames = Remembered[tuple[Row, ...]]()
        self._bad = Remembered[tuple[Row, ...]]()

    def of(self, state: State, wanted: str = "") -> tuple[Row, ...]:
        """Return the rows of the tree, those whose name, filter or state has all wanted words."""
        words = wanted.casefold().split()
        if state is self._state and words == self._words:
            return self._rows
        self._update(state)
        self._words = words
        search = _Search(words)
        rows = []
        for group in self._groups.values():
            row = group.row if search.everything else group.found(state, self._decimals, search)
            if row is not None:
                rows.append(row)
        frames = open_sky_frames(state)
        alone = not state.selection.exposure
        own = self._frames.of(
            (frames, state.selection.sky_frame, alone), lambda: _sky_frames(state, frames)
        )
        rows += self._section(SKY_FRAMES, "Sky frames", search.among(own))
        refused = self._bad.of(
            (state.bad_files, state.closed), lambda: tuple(map(_bad_file, open_bad_files(state)))
        )
        rows += self._section(BAD_FILES, "Not opened", search.among(refused))
        self._rows = tuple(rows)
        return self._rows

    def _section(self, row_id: str, name: str, children: tuple[Row, ...]) -> list[Row]:
        """Return the row over sky frames or bad files; none without any."""
        last = self._sections.get(row_id)
        if last is None or last.children != children:
            keys = tuple(row.id for row in children)
            level = str(len(keys))
            last = Row(row_id, "section", name, keys, level=level, children=children)
            self._sections[row_id] = last
        return [last] if children else []

    def trouble(self, state: State) -> str:
        """Return the line under the tree: how many files could not be read, and which."""
        self._update(state)
        names = [_short(one.path) for one in open_bad_files(state)]
        for group in self._groups.values():
            if group.row.mark == "error":
                pairs = zip(group.members, group.rows, strict=True)
                names += [_detector(item) for item, row in pairs if row.mark == "error"]
        if not names:
            return ""
        if len(names) > 1:
            return f"{len(names)} files could not be read"
        return f"1 file could not be read: {names[0]}"

    def _update(self, state: State) -> None:
        """Make the rows of all that has changed since the last state."""
        old = self._state
        if old is state:
            return
        self._state = state
        keys = self._changed(old or State(), state)
        if old is None or old.facts is not state.facts:
            decimals = _decimals(self._sizes)
            if decimals != self._decimals:
                self._decimals, keys = decimals, set(state.facts)
        found = visits(open_exposures(state))
        dirty = set(filter(None, (visit_of(state, key) for key in keys)))
        before = old.results.fit if old is not None else None
        if before is not state.results.fit:
            dirty |= {fit.visit for fit in (before, state.results.fit) if fit is not None}
        if found is not self._visits:
            same_as = self._groups
            self._visits, self._groups = found, {}
            bands = {one.source.filter for members in found.values() for one in members}
            for visit, members in found.items():
                known = same_as.get(visit)
                band = members[0].source.filter if len(bands) > 1 else ""
                if known is None or known.members != members or known.band != band:
                    known = _Group(visit, members, band)
                    dirty.add(visit)
                self._groups[visit] = known
        for visit in dirty & self._groups.keys():
            self._groups[visit].update(state, self._decimals, keys)

    def _changed(self, old: State, new: State) -> set[str]:
        """Return the keys of the exposures that may look different; note their levels."""
        keys = set(old.left_out ^ new.left_out)
        if old.selection.exposure != new.selection.exposure:
            keys |= {old.selection.exposure, new.selection.exposure}
        if old.facts is not new.facts:
            before, now = old.facts, new.facts
            # Without a loop of our own: it is asked of all that is open whenever a level arrives.
            told = set(compress(now, map(is_not, now.values(), map(before.get, now))))
            told |= before.keys() - now.keys()
            if 2 * len(told) > len(self._sizes):
                self._sizes = sorted(filter(None, map(_size, now.values())))
            else:
                for key in told:
                    self._count(before.get(key), now.get(key))
            keys |= told
        return keys

    def _count(self, before: Facts | None, now: Facts | None) -> None:
        """Keep the sizes of the levels in their order."""
        if before is not None and (size := _size(before)):
            del self._sizes[bisect_left(self._sizes, size)]
        if now is not None and (size := _size(now)):
            insort(self._sizes, size)


class _Group:
    """The rows of one visit, and of each exposure the words that it can be found by.

    ``band`` is its filter where there are several in the tree.
    """

    def __init__(self, visit: str, members: tuple[ExposureItem, ...], band: str = "") -> None:
        self.visit = visit
        self.members = members
        self.band = band
        self.known = bool(members[0].source.visit)
        self.name = f"Visit {visit}" if self.known else visit
        if band and not visit.endswith(f"-{band}"):
            self.name += f" {band}"
        self.alone = not self.known and len(members) == 1
        self.rows: list[Row] = []
        self.texts = [
            "\n".join(
                (
                    self.name,
                    _detector(one),
                    one.source.name,
                    one.source.filter,
                    f"{one.source.filter} band",
                )
            ).casefold()
            for one in members
        ]
        self.row = Row("", "visit", "", ())
        self._decimals = 0
        self._begun: Sequence[str] = ()

    def update(self, state: State, decimals: int, changed: Container[str]) -> None:
        """Make the rows of what has changed."""
        if not self.rows or decimals != self._decimals:
            self._decimals = decimals
            self.rows = [self._exposure(state, item, decimals) for item in self.members]
        else:
            for place, item in enumerate(self.members):
                if item.key in changed:
                    row = self._exposure(state, item, decimals)
                    if row != self.rows[place]:
                        self.rows[place] = row
        row = self._whole(state, decimals, self.members, self.rows)
        if row != self.row:
            self.row = row

    def found(self, state: State, decimals: int, search: _Search) -> Row | None:
        """Return the visit with those of its exposures that are searched for; None without any."""
        places = search.places(self.texts, self._words_begun, self.rows)
        if len(places) in (0, len(self.rows)):
            return self.row if places else None
        members = [self.members[place] for place in places]
        return self._whole(state, decimals, members, [self.rows[place] for place in places])

    def _words_begun(self) -> Sequence[str]:
        if not self._begun:
            self._begun = _begun(self.texts)
        return self._begun

    def _exposure(self, state: State, item: ExposureItem, decimals: int) -> Row:
        return _exposure(state, item, decimals, self.name if self.alone else "")

    def _whole(
        self, state: State, decimals: int, members: Sequence[ExposureItem], rows: Sequence[Row]
    ) -> Row:
        row = (
            rows[0] if self.alone else _visit(state, self.visit, self.name, members, rows, decimals)
        )
        return _with_findings(state, self.visit, row)


def _begun(texts: Iterable[str]) -> Sequence[str]:
    """Return texts whose words begin after a new line each: in one go, as there are thousands."""
    return re.sub(r"(?:[^\w\0]|_)+", "\n", "\n" + "\0\n".join(texts)).split("\0")


class _Search:
    """The words that a row must have; the 2 of "det 2" begins one and is not in "1002"."""

    def __init__(self, words: Sequence[str]) -> None:
        self._tests: list[tuple[str, bool, set[Mark]]] = []
        for word in dict.fromkeys(words):
            short = len(word) < SHORT
            wanted = f"\n{word}" if short else word
            begun = _begun(WORDS.values()) if short else WORDS.values()
            marks = {mark for mark, text in zip(WORDS, begun, strict=True) if wanted in text}
            self._tests.append((wanted, short, marks))
        self.everything = not self._tests

    def places(
        self, texts: Sequence[str], begun: Callable[[], Sequence[str]], rows: Sequence[Row]
    ) -> Sequence[int]:
        """Return where all words are there, in a text or in what the mark of its row says.

        ``begun`` gives the texts as `_begun` does, which short words are looked for in.
        """
        found: Sequence[int] = range(len(rows))
        for word, short, marks in self._tests:
            among = begun() if short else texts
            if marks:
                found = [n for n in found if word in among[n] or rows[n].mark in marks]
            else:
                found = [n for n in found if word in among[n]]
        return found

    def among(self, rows: tuple[Row, ...]) -> tuple[Row, ...]:
        """Return those of the rows of a section that have them."""
        if self.everything:
            return rows
        texts = ["\n".join((row.name, row.detail, row.note, row.id)).casefold() for row in rows]
        return tuple(rows[n] for n in self.places(texts, lambda: _begun(texts), rows))


def open_bad_files(state: State) -> tuple[BadFile, ...]:
    """Return the files that could not be opened and are still on the list."""
    return tuple(one for one in state.bad_files if one.path not in state.closed)


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
    state: State,
    visit: str,
    name: str,
    members: Sequence[ExposureItem],
    children: Sequence[Row],
    decimals: int,
) -> Row:
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
        children=tuple(children),
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


def _sky_frames(state: State, frames: Sequence[SkyFrameItem]) -> tuple[Row, ...]:
    in_use = _frames_in_use(state, frames)
    several = len({one.identity.filter for one in frames}) > 1
    return tuple(_sky_frame(state, one, in_use, several) for one in frames)


def _sky_frame(state: State, item: SkyFrameItem, in_use: set[str], with_filter: bool) -> Row:
    name = item.detector if item.detector.startswith("det") else f"det {item.detector}"
    if not item.detector:
        name = item.name
    if with_filter and item.identity.filter:
        name += f" {item.identity.filter}"
    return Row(
        item.key,
        "sky frame",
        name,
        (item.key,),
        detail=item.name if item.detector else "",
        note="" if item.path else "not saved",
        mark="notes" if item.sky_frame.notes else "in use" if item.key in in_use else "",
        shown=not state.selection.exposure and item.key == state.selection.sky_frame,
    )


def _frames_in_use(state: State, frames: Sequence[SkyFrameItem]) -> set[str]:
    """Return which of several sky frames of the same is used; nothing where there is one."""
    counts = Counter(item.identity.frame for item in frames)
    used = sky_frames_in_use(state) if max(counts.values(), default=0) > 1 else ()
    return {item.key for item in used if counts[item.identity.frame] > 1}


def _bad_file(one: BadFile) -> Row:
    return Row(one.path, "bad file", _short(one.path), (one.path,), mark="error")


def _short(path: str) -> str:
    return on_one_line(os.path.basename(path) or path)


def _size(facts: Facts) -> float:
    """Return the size of a level; 0 where it is none."""
    return abs(facts.level) if math.isfinite(facts.level) else 0.0


def _decimals(sizes: Sequence[float]) -> int:
    """Return how many decimals show four figures of a usual level, and a tenth where it counts.

    Of the levels' sizes in their order.
    """
    if not sizes:
        return 1
    usual = sizes[len(sizes) // 2]
    figures = 3 - math.floor(math.log10(usual))
    return min(max(figures, 1 if usual < 1e4 else 0), 6)
