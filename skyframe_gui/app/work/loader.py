"""Opens files and folders in the background, and tells of their pixels when nothing else waits."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject

from skyframe_gui.app.model.items import EMPTY, BadFile, ExposureItem, Facts, SkyFrameItem
from skyframe_gui.app.model.problems import report, write_log
from skyframe_gui.app.model.queries import (
    keys_left_out,
    open_exposure,
    open_exposures,
    shown_visit,
    stamp_of,
)
from skyframe_gui.app.model.recent import with_opened
from skyframe_gui.app.model.results import Problem
from skyframe_gui.app.work.lane import Lane, track
from skyframe_gui.app.work.scan import BATCH_SECONDS, open_all
from skyframe_gui.app.work.stages import check_unchanged
from skyframe_gui.engine import SkyFrameError
from skyframe_gui.files.butler.address import is_address
from skyframe_gui.text import on_one_line
from skyframe_gui.workflow.grouping import repeated_detectors
from skyframe_gui.workflow.serving import left_out, why_left_out

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from skyframe_gui.app.model.items import Stamp
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.app.work.scan import Found
    from skyframe_gui.engine import Watch
    from skyframe_gui.engine.hand_masks import HandMask
    from skyframe_gui.files.butler.address import Dataset
    from skyframe_gui.workflow.look import Look

    Looks = Callable[[ExposureItem, tuple[str, ...]], Look]


class _Taken:
    """How many of the files and items that one job has found are in the session."""

    def __init__(self, has_roles: bool, followed: bool = False) -> None:
        self.files = 0
        self.items = 0
        self.has_roles = has_roles
        self.followed = followed
        self.new: set[str] = set()
        """Keys of the exposures that it has brought."""
        self.without_role: set[str] = set()
        """Of them those that serve no sky frame."""


class Loader(QObject):
    """Puts files into the session, a batch at a time while their headers are read.

    Holds no pixels: levels are measured one exposure after the other, and each is let go.

    Parameters
    ----------
    store : Store
    look : callable, optional
        Looks at the pixels of an item, with the mask planes that are left out; in the lane.

    Attributes
    ----------
    folders : dict of str to None
        Those that a person has opened.
    looked_at : dict of str to Stamp
        All files that were opened, whatever they hold, as they were then.
    datasets : dict of str to tuple of Dataset
        What files are in Butler repositories.
    """

    def __init__(self, store: Store, look: Looks | None = None) -> None:
        super().__init__()
        self._store = store
        self._look = look
        self._report = partial(report, store)
        self.opening = Lane("open", keeps_all=True)
        self.survey = Lane("survey", keeps_all=True)
        self._logged: set[str] = set()
        self._waiting: tuple[Callable[[], None], Callable[[], None]] | None = None
        self._masked: dict[str, tuple[HandMask, ...]] = {}
        """What was masked by hand where an exposure was looked at."""
        self.folders: dict[str, None] = {}
        self.looked_at: dict[str, Stamp] = {}
        self.datasets: dict[str, tuple[Dataset, ...]] = {}
        for lane in (self.opening, self.survey):
            track(store, lane)
        store.changed.connect(self._on_changed)

    def open(
        self,
        paths: Sequence[str | Path],
        has_roles: bool = False,
        followed: bool = False,
        datasets: Mapping[str, tuple[Dataset, ...]] = EMPTY,
    ) -> None:
        """Open files; folders are searched for FITS files, repositories for data sets.

        What serves no sky frame (`left_out`) opens without a role, unless the session
        ``has_roles`` for these files. What is ``followed`` has come into a folder by itself.
        ``datasets`` are what files are in Butler repositories, where that is known.
        """
        words = (os.fspath(path) for path in paths)
        wanted = tuple(
            dict.fromkeys(word if is_address(word) else os.path.abspath(word) for word in words)
        )
        if not wanted:
            return
        only = on_one_line(os.path.basename(wanted[0]) or wanted[0])
        label = f"Open {only}" if len(wanted) == 1 else f"Open {len(wanted)} files"
        taken = _Taken(has_roles, followed)
        if is_address(wanted[0]):
            label = f"Open from {wanted[0].partition('?')[0]}"
        self.datasets |= datasets
        look = partial(
            open_all,
            followed=followed,
            datasets=dict(self.datasets),
            exposures=[item.source.identity for item in open_exposures(self._store.state)],
        )
        self.folders |= dict.fromkeys(path for path in wanted if os.path.isdir(path))
        self.opening.submit(
            label,
            lambda watch: look(wanted, watch),
            lambda found: self._on_opened(found, taken),
            published=lambda found: self._take_in(found, taken),
            failed=self._on_failed,
            cancelled=lambda: self._on_cancelled(label, taken),
        )

    def take_again(self, found: Found) -> None:
        """Take what files hold that are on the list already.

        What was closed stays closed, and no sky frame becomes the newest by it.
        """
        before = self._store.state
        order = {item.key: place for place, item in enumerate(before.sky_frames)}
        with self._store.batch():
            self._take_in(found, _Taken(has_roles=True))
            frames = self._store.state.sky_frames
            self._store.set(
                removed=self._store.state.removed | before.removed,
                sky_frames=tuple(sorted(frames, key=lambda item: order.get(item.key, len(order)))),
            )
        self._look_at_pixels()

    def when_open(self, then: Callable[[], None], cancelled: Callable[[], None]) -> bool:
        """Call ``then`` when all files are open; return whether they are already.

        It takes the place of what waits. ``cancelled`` is called instead where a person stops the
        opening, or opens a session.
        """
        if self.opening.busy:
            self._waiting = then, cancelled
            return False
        self._waiting = None
        then()
        return True

    def drop_waiting(self) -> None:
        """Let what waits for the files be cancelled."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting[1]()

    def close(self, seconds: float = 1.0) -> bool:
        """Stop everything; return whether it has ended in time."""
        ended = [lane.close(seconds / 2) for lane in (self.opening, self.survey)]
        return all(ended)

    def _take_in(self, found: Found, taken: _Taken) -> None:
        """Put what is new in ``found`` into the session.

        What was taken in before is let be: it may have been closed in the meantime.
        """
        state = self._store.state
        items, looked_at = found.items[taken.items :], set(found.looked_at[taken.files :])
        taken.items, taken.files = len(found.items), len(found.looked_at)
        self.looked_at |= {path: stamp_of(path) for path in looked_at}
        self.datasets |= found.datasets
        exposures = {item.key: item for item in state.exposures}
        frames = {item.key: item for item in state.sky_frames}
        bad = {one.path: one for one in state.bad_files}
        removed, facts = set(state.removed), dict(state.facts)
        new_keys = {one.key for one in items if not isinstance(one, BadFile)}
        for key in [k for k, item in exposures.items() if str(item.source.path) in looked_at]:
            if key not in new_keys:  # the file holds something else now
                del exposures[key]
        for key in [k for k in frames if k in looked_at and k not in new_keys]:
            del frames[key]
        for path in looked_at:
            bad.pop(path, None)
        for one in items:
            if isinstance(one, BadFile):
                bad[one.path] = one
                removed.discard(one.path)
                continue
            removed.discard(one.key)
            if isinstance(one, SkyFrameItem):
                known = frames.pop(one.key, None)  # the file opened last is the one that is used
                if known and known.sha256 == one.sha256:  # at most its time is another
                    one = known if known.stamp == one.stamp else replace(known, stamp=one.stamp)
                frames[one.key] = one
                continue
            before = exposures.get(one.key)
            if before != one:
                if before is None or (one.source.subtracted and not before.source.subtracted):
                    taken.new.add(one.key)
                exposures[one.key] = one
                facts.pop(one.key, None)
        self._store.keep_open([one.path if isinstance(one, BadFile) else one.key for one in items])
        selection = state.selection
        new = replace(state, exposures=tuple(exposures.values()), removed=frozenset(removed))
        first = next((one for one in items if isinstance(one, ExposureItem)), None)
        frame = next((one for one in items if isinstance(one, SkyFrameItem)), None)
        if open_exposure(new, selection.exposure) is None:
            if first is not None:
                selection = replace(selection, exposure=first.key)
            elif frame is not None and not selection.sky_frame:
                selection = replace(selection, exposure="", sky_frame=frame.key)
        self._store.set(
            exposures=new.exposures,
            sky_frames=tuple(frames.values()),
            bad_files=tuple(bad.values()),
            removed=new.removed,
            facts=MappingProxyType(facts),
            selection=selection,
        )
        out = frozenset() if taken.has_roles else keys_left_out(self._store.state)
        keys = (out & taken.new) - taken.without_role
        if keys:
            self._store.take_roles(keys)
            taken.without_role |= keys

    def _on_opened(self, found: Found, taken: _Taken) -> None:
        self._take_in(found, taken)
        recent = self._store.state.recent
        self._store.set(
            problems=tuple(one for one in self._store.state.problems if one.origin != "open"),
            recent=recent
            if taken.followed
            else with_opened(recent, found.asked, found.items, found.words),
        )
        for one in found.items:
            if isinstance(one, BadFile):
                write_log(self._store, one.why)
        odd = [
            f"{one.name}: {note}"
            for one in found.items
            if isinstance(one, SkyFrameItem)
            for note in one.sky_frame.notes
        ]
        odd += repeated_detectors([item.source for item in open_exposures(self._store.state)])
        fresh = [fault for fault in odd if fault not in self._logged]
        self._logged.update(odd)
        if fresh:
            more = f" So are {len(fresh) - 1} others." if len(fresh) > 1 else ""
            report(self._store, Problem("open", fresh[0] + more))
        for fault in found.faults:
            write_log(self._store, *fault.splitlines())
        self._on_end(taken)

    def _on_cancelled(self, label: str, taken: _Taken) -> None:
        write_log(self._store, f"{label}: cancelled; what was read until then is on the list.")
        self._on_end(taken, cancelled=True)

    def _on_failed(self, problem: Problem) -> None:
        self._report(problem)
        self._on_end(None)

    def _on_end(self, taken: _Taken | None, cancelled: bool = False) -> None:
        if taken is not None and taken.without_role:
            how = "they are no science, either, until sky or sci is ticked in the Data panel"
            opened = open_exposures(self._store.state)
            sources = [one.source for one in opened]
            ours = {i for i, one in enumerate(opened) if one.key in taken.without_role}
            write_log(self._store, *why_left_out(sources, left_out(sources).among(ours), how))
        self._look_at_pixels()
        if self.opening.busy:
            return
        if cancelled:
            self.drop_waiting()
        elif self._waiting is not None:
            self.when_open(*self._waiting)

    def _look_at_pixels(self) -> None:
        """Have levels measured where they are not known, the shown exposure's visit first."""
        if self.opening.busy:
            return  # it asks when it has ended
        state = self._store.state
        self.survey.cancel()
        fresh = [
            item
            for item in open_exposures(state)
            if item.key not in state.facts
            or self._masked.get(item.key, ()) != item.source.hand_masks
        ]
        first = {item.key for item in shown_visit(state)[1]}
        fresh.sort(key=lambda item: item.key not in first)
        left_out = state.config.stats.mask
        masks = {item.key: item.source.hand_masks for item in fresh}
        if fresh:
            self.survey.submit(
                "Look at exposures",
                lambda watch: survey(fresh, left_out, watch, self._look),
                partial(self._on_facts, masks=masks),
                published=partial(self._on_facts, masks=masks),
                failed=self._report,
            )

    def _on_changed(self, old: State, new: State) -> None:
        if new.hand_masks is not old.hand_masks:
            self._look_at_pixels()  # level and masked part are without what is masked by hand

    def _on_facts(self, facts: dict[str, Facts], masks: Mapping[str, tuple[HandMask, ...]]) -> None:
        self._masked |= {key: masks[key] for key in facts}
        self._store.set(facts=MappingProxyType({**self._store.state.facts, **facts}))


def facts_of(item: ExposureItem, left_out: tuple[str, ...], look: Looks | None = None) -> Facts:
    """Return level and masked part of an exposure, from a sample of its pixels."""
    try:
        seen = (look or _read)(item, left_out)
    except SkyFrameError as error:
        return Facts(problem=str(error))
    problem = ""
    if not seen.has_values:
        problem = f"{item.source.name} has no pixel with a finite value; it cannot be used."
    return Facts(seen.level, seen.masked, seen.notes, problem)


def _read(item: ExposureItem, left_out: tuple[str, ...]) -> Look:
    from skyframe_gui.workflow.look import look_at  # late, see docs/architecture.md

    check_unchanged(item)
    return look_at(item.source.read(), left_out, with_thumbnail=False)


def survey(
    items: Sequence[ExposureItem],
    left_out: tuple[str, ...],
    watch: Watch,
    look: Looks | None = None,
) -> dict[str, Facts]:
    """Return the facts of exposures; publishes those that are new now and then."""
    facts: dict[str, Facts] = {}
    published = time.monotonic()
    for number, item in enumerate(items):
        watch.step(number, len(items), f"Look at {item.source.name}")
        facts[item.key] = facts_of(item, left_out, look)
        if time.monotonic() - published > BATCH_SECONDS:
            watch.publish(dict(facts))
            published = time.monotonic()
    return facts
