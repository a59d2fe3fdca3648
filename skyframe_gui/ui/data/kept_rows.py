"""Keeps the rows of the data panel's tree from state to state, and makes what differs anew."""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from itertools import compress
from operator import is_not
from typing import TYPE_CHECKING

from skyframe_gui.app.model.queries import (
    excluded,
    open_exposures,
    visit_of,
    visits,
    visits_by_night,
)
from skyframe_gui.app.model.remembered import Remembered
from skyframe_gui.app.model.state import State
from skyframe_gui.numbers import plural
from skyframe_gui.ui.data.row_search import RowSearch, words_begun
from skyframe_gui.ui.data.tree_rows import (
    Row,
    bad_file_row,
    detector_name,
    exposure_row,
    filter_id,
    filter_row,
    night_id,
    night_row,
    open_bad_files,
    short_name,
    visit_row,
    with_findings,
)

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from skyframe_gui.app.model.items import ExposureItem, Facts

BAD_FILES, CHANGED_FILES = "section bad files", "section changed files"


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
        self._unticked: frozenset[str] = frozenset()
        self._visits: dict[str, tuple[ExposureItem, ...]] = {}
        self._groups: dict[str, _Group] = {}
        self._folded: frozenset[str] = frozenset()
        self._sections: dict[str, Row] = {}
        self._sizes: list[float] = []
        self._decimals = 1
        self._bad = Remembered[tuple[Row, ...]]()

    def of(
        self, state: State, wanted: str = "", folded: frozenset[str] = frozenset()
    ) -> tuple[Row, ...]:
        """Return the rows of the tree, those whose name, filter or state has all wanted words.

        Parameters
        ----------
        state : State
        wanted : str
        folded : frozenset of str
            Ids of nights and filters whose visits are shown only where they are searched for.
        """
        words = wanted.casefold().split()
        if state is self._state and words == self._words and folded == self._folded:
            return self._rows
        self._update(state)
        self._words, self._folded = words, folded
        search = RowSearch(words)
        rows = self._visit_rows(state, search)
        told = self._bad.of(
            (state.bad_files, state.removed),
            lambda: tuple(map(bad_file_row, open_bad_files(state))),
        )
        refused = tuple(row for row in told if row.mark != "changed")
        rows += self._section(BAD_FILES, "Not opened", search.among(refused))
        changed = tuple(row for row in told if row.mark == "changed")
        rows += self._section(CHANGED_FILES, "Changed", search.among(changed))
        self._rows = tuple(rows)
        return self._rows

    def _visit_rows(self, state: State, search: RowSearch) -> list[Row]:
        """Return the rows of the visits, below their nights and filters where there are several."""
        folded = self._folded if search.everything else frozenset()
        nights = visits_by_night(state)
        rows: list[Row] = []
        above: Row | None = None
        for (night, band), names in nights.items():
            groups = map(self._groups.__getitem__, names)
            if search.everything:
                found = [group.row for group in groups]
            else:
                every = (group.found(state, self._decimals, search) for group in groups)
                found = [row for row in every if row is not None]
            if len(nights) > 1 and found:
                if above is None or above.id != night_id(night):
                    above = night_row(night, night_id(night) in folded)
                    rows.append(above)
                if above.folded:
                    continue
                of_filter = filter_row(night, band, len(found), filter_id(night, band) in folded)
                rows.append(of_filter)
                if of_filter.folded:
                    continue
            rows += found
        return rows

    def _section(self, row_id: str, name: str, children: tuple[Row, ...]) -> list[Row]:
        """Return the row over bad files; none without any."""
        last = self._sections.get(row_id)
        if last is None or last.children != children:
            keys = tuple(row.id for row in children)
            level = str(len(keys))
            last = Row(
                id=row_id, kind="section", name=name, keys=keys, level=level, children=children
            )
            self._sections[row_id] = last
        return [last] if children else []

    def trouble(self, state: State) -> str:
        """Return the line under the tree: what could not be read or has changed, and which.

        Files that could not be opened stand in a section of their own, exposures without pixels
        that can be used among the others: they are counted apart, as one sees them.
        """
        self._update(state)
        told = open_bad_files(state)
        files = [short_name(one.path) for one in told if not one.kind and not one.opened]
        changed = [short_name(one.path) for one in told if one.opened]
        names: list[str] = []
        for group in self._groups.values():
            if group.row.mark == "error":
                pairs = zip(group.members, group.rows, strict=True)
                names += [detector_name(item) for item, row in pairs if row.mark == "error"]
        of_files, of_names = plural(len(files), "file"), plural(len(names), "exposure")
        if files and names:
            return f"{of_files} not read, {of_names} not usable"
        text = f"{of_files} could not be read" if files else f"{of_names} cannot be used"
        one = [*files, *names]
        if not one and changed:
            have = "has" if len(changed) == 1 else "have"
            text = f"{plural(len(changed), 'file')} {have} changed"
            one = changed
        return f"{text}: {one[0]}" if len(one) == 1 else text if one else ""

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
            for visit, members in found.items():
                known = same_as.get(visit)
                if known is None or known.members != members:
                    known = _Group(visit, members)
                    dirty.add(visit)
                self._groups[visit] = known
        for visit in dirty & self._groups.keys():
            self._groups[visit].update(state, self._decimals, keys)

    def _changed(self, old: State, new: State) -> set[str]:
        """Return the keys of the exposures that may look different; note their levels."""
        unticked = excluded(new, "sky")
        keys = set(self._unticked ^ unticked)
        self._unticked = unticked
        keys |= old.excluded_exposures ^ new.excluded_exposures
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
    """The rows of one visit, and of each exposure the words that it can be found by."""

    def __init__(self, visit: str, members: tuple[ExposureItem, ...]) -> None:
        self.visit = visit
        self.members = members
        known = bool(members[0].source.visit)
        self.alone = not known and len(members) == 1
        self.rows: list[Row] = []
        self.texts = [
            "\n".join(
                (
                    f"visit {visit}" if known else visit,
                    detector_name(one),
                    one.source.name,
                    one.source.filter,
                    f"{one.source.filter} band",
                )
            ).casefold()
            for one in members
        ]
        self.row = Row(id="", kind="visit", name="", keys=())
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

    def found(self, state: State, decimals: int, search: RowSearch) -> Row | None:
        """Return the visit with those of its exposures that are searched for; None without any."""
        places = search.places(self.texts, self._words_begun, self.rows)
        if len(places) in (0, len(self.rows)):
            return self.row if places else None
        members = [self.members[place] for place in places]
        return self._whole(state, decimals, members, [self.rows[place] for place in places])

    def _words_begun(self) -> Sequence[str]:
        if not self._begun:
            self._begun = words_begun(self.texts)
        return self._begun

    def _exposure(self, state: State, item: ExposureItem, decimals: int) -> Row:
        return exposure_row(state, item, decimals, self.visit if self.alone else "")

    def _whole(
        self, state: State, decimals: int, members: Sequence[ExposureItem], rows: Sequence[Row]
    ) -> Row:
        row = rows[0] if self.alone else visit_row(state, self.visit, members, rows, decimals)
        return with_findings(state, self.visit, row)


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
