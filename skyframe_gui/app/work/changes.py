"""Notices when a file that is open is written anew or vanishes, and takes its new contents."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from PyQt6.QtCore import QObject, QTimer

from skyframe_gui.app.model.items import (
    CHANGED_ON_DISK,
    GONE_FROM_DISK,
    BadFile,
    ExposureItem,
    Facts,
    SkyFrameItem,
)
from skyframe_gui.app.model.problems import clear_problem, report, write_log
from skyframe_gui.app.model.queries import (
    engine_is_prepared,
    open_exposure,
    open_exposures,
    open_sky_frames,
    shown_visit,
    stamp_of,
)
from skyframe_gui.app.model.results import Problem
from skyframe_gui.app.model.sky_sets import sky_sets
from skyframe_gui.app.work.lane import Lane, track
from skyframe_gui.app.work.scan import open_all
from skyframe_gui.numbers import plural
from skyframe_gui.text import on_one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from skyframe_gui.app.model.items import Stamp
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.app.work.loader import Loader
    from skyframe_gui.app.work.scan import Found
    from skyframe_gui.engine import Watch

    Item = ExposureItem | SkyFrameItem

LANE = "files"
LOOK_MS = 2000
"""So often the few files of what is shown are looked at. Nobody is asked to watch all: folders on
network disks tell nobody that something has changed, and a camera's night has 20,000 files."""
OF_SHOWN, OF_VISIT, OF_ALL = (
    f"Look at the files of {what}" for what in ("what is shown", "the visit", "the list")
)
GONE: Stamp = (0, 0)


class Seen(NamedTuple):
    """What a look has found: each file's stamp as it was known, and as it is."""

    known: dict[str, Stamp]
    now: dict[str, Stamp]

    @property
    def changed(self) -> list[str]:
        """The files that hold something else than they did."""
        return [path for path, stamp in self.now.items() if stamp not in (GONE, self.known[path])]

    @property
    def gone(self) -> list[str]:
        """The files that are not there."""
        return [path for path, stamp in self.now.items() if stamp == GONE]


class Changes(QObject):
    """Looks at the files of what is shown, tells at their rows what became of them, and reloads.

    What is on screen stays what it was until it is reloaded; its pixels are in memory. All that is
    remembered is remembered by the files' sizes and times, so that nothing old is taken for new.

    Parameters
    ----------
    store : Store
    loader : Loader
        Takes what a file holds now.
    look_ms : int
        See `LOOK_MS`.
    """

    def __init__(self, store: Store, loader: Loader, look_ms: int = LOOK_MS) -> None:
        super().__init__()
        self._store, self._loader = store, loader
        self._last: dict[str, Stamp] = {}
        self._tried: dict[str, Stamp] = {}
        self._told: set[str] = set()
        self._closed = False
        self.lane = Lane(LANE, keeps_all=True)
        track(store, self.lane)
        self._timer = QTimer(self)
        self._timer.setInterval(look_ms)
        self._timer.timeout.connect(self.look)
        store.changed.connect(self._on_changed)

    def close(self, seconds: float = 1.0) -> bool:
        """Stop; return whether that was in time."""
        self._closed = True
        self._timer.stop()
        return self.lane.close(seconds)

    def set_pause(self, milliseconds: int) -> None:
        """Look so often."""
        self._timer.setInterval(milliseconds)

    def look(self) -> None:
        """Look at the files of the shown exposure and of its sky frame."""
        if not self.lane.busy:  # a disk that does not answer is asked once
            self._look_at(self._on_screen())

    def _on_screen(self) -> list[Item]:
        state = self._store.state
        shown, frame = open_exposure(state, state.selection.exposure), self._frame(state)
        return [one for one in (shown, frame) if one is not None]

    def look_at(self, key: str) -> None:
        """Look at the files of one exposure or sky frame, which could not be shown."""
        self._look_at(_items_of(self._store.state, [key]))

    def look_at_visit(self) -> None:
        """Look at the files of the shown visit, and at those that had changed."""
        state = self._store.state
        if state.results.shown is None or OF_VISIT in self.lane.labels:
            return
        told = _items_of(state, self._told)
        frame = self._frame(state)
        frames = [] if frame is None else [frame]
        self._look_at([*shown_visit(state)[1], *told, *frames], OF_VISIT)

    def reload(self, keys: Iterable[str] | None = None) -> None:
        """Take what files hold now.

        Parameters
        ----------
        keys : iterable of str, optional
            Exposures and sky frames whose files are read again, changed or not; by default all on
            the list that have changed.
        """
        state = self._store.state
        items: list[Item] = [*open_exposures(state), *_from_files(state)]
        if keys is None:
            self._look_at(items, OF_ALL)
            return
        wanted = set(keys)
        self._reload([one for one in items if one.key in wanted])

    def _frame(self, state: State) -> SkyFrameItem | None:
        shown = state.results.shown
        frame = None if shown is None else shown.sky_frame
        return frame if frame is not None and frame.path and any(frame.stamp) else None

    def _look_at(self, items: list[Item], label: str = OF_SHOWN) -> None:
        known = dict(pair for one in items for pair in _stamps(one).items())
        if self._closed or not known:
            return

        def work(watch: Watch) -> Seen:
            now = {}
            for number, path in enumerate(known):
                watch.step(number, len(known), label)
                now[path] = stamp_of(path)
            return Seen(known, now)

        keys = [one.key for one in items]
        self.lane.submit(
            label,
            work,
            lambda seen: self._on_look(seen, keys, label == OF_ALL),
            failed=partial(report, self._store),
        )

    def _on_look(self, seen: Seen, keys: list[str], then_reload: bool) -> None:
        state = self._store.state
        items = _items_of(state, keys)
        # What was reloaded meanwhile is known better by now.
        fresh = {path: stamp for one in items for path, stamp in _stamps(one).items()}
        seen = Seen(
            seen.known, {p: s for p, s in seen.now.items() if fresh.get(p) == seen.known[p]}
        )
        words = dict.fromkeys(seen.now, "")
        words |= dict.fromkeys(seen.gone, GONE_FROM_DISK)
        words |= dict.fromkeys(seen.changed, CHANGED_ON_DISK)
        if (any(words.values()) or self._told) and not then_reload:
            # One file may hold all detectors: each of their rows says so.
            everything: list[Item] = [*open_exposures(state), *_from_files(state)]
            items = [one for one in everything if not words.keys().isdisjoint(_stamps(one))]
        self._tell(state, words, items)
        changed = set(seen.changed)
        touched = [one for one in items if not changed.isdisjoint(_stamps(one))]
        # One that is still being written is not the same in the next look.
        whole = all(self._last.get(path) == seen.now[path] for path in changed)
        self._last |= seen.now
        if then_reload:
            self._reload(touched)
            if not touched:
                n = len(seen.gone)
                rest = f"; {plural(n, 'file')} {'is' if n == 1 else 'are'} gone" if n else ""
                write_log(self._store, f"No file that is open has changed on disk{rest}.")
        elif touched and whole and self._store.state.view.reload_itself:
            tried = {path: seen.now[path] for path in changed}
            if tried != self._tried:
                self._tried = tried
                self._reload(touched)

    def _tell(self, state: State, words: Mapping[str, str], items: list[Item]) -> None:
        """Say at its row what has become of a file, and in a line what there is to be done."""
        changed: dict[str, Facts] = {}
        fresh: list[Item] = []
        for one in items:
            said = [words[path] for path in _stamps(one) if path in words]
            before = state.facts.get(one.key, Facts())
            text = next(filter(None, said), "")
            if text == CHANGED_ON_DISK and before.on_disk not in ("", GONE_FROM_DISK):
                continue  # why it could not be reloaded stays to be read
            if text and not before.on_disk:
                fresh.append(one)
            if text != before.on_disk:
                changed[one.key] = replace(before, on_disk=text)
        if changed:
            facts = {**state.facts, **changed}
            for key, found in changed.items():
                if found == Facts():  # nothing but this was known of it
                    del facts[key]
            self._store.set(facts=MappingProxyType(facts))
        self._told = {*self._told, *changed}
        self._report(fresh)

    def _report(self, fresh: list[Item]) -> None:
        """Tell of files that are others than on the list; nothing where all are what they were."""
        state = self._store.state
        self._told = {key for key in self._told if _on_disk(state, key)}
        if not self._told:
            clear_problem(self._store, LANE)
            return
        if not fresh:
            return
        path = _path_of(fresh[0])
        if any(path in one.text for one in state.problems if one.origin in ("preview", "full")):
            return  # what could not be shown is told of already
        name = on_one_line(os.path.basename(path))
        more = len({_path_of(one) for one in _items_of(state, self._told)} - {path})
        others = f" So {'has' if more == 1 else 'have'} {more} more." if more else ""
        if _on_disk(state, fresh[0].key) == GONE_FROM_DISK:
            text = f"{name} is gone; what is shown of it is what it held."
        else:
            text = (
                f"{name} has changed on disk; what is shown of it is what it held when it was "
                f"opened. Reload (F5) takes what it holds now.{others}"
            )
        if state.view.film == "playing":
            write_log(self._store, text)  # a bar that comes would move the view
        else:
            report(self._store, Problem(LANE, text))

    def _reload(self, items: list[Item]) -> None:
        paths = tuple(dict.fromkeys(map(_path_of, items)))
        if self._closed or not paths:
            return
        only = on_one_line(os.path.basename(paths[0]))
        name = only if len(paths) == 1 else plural(len(paths), "file")
        known = dict(self._loader.datasets)
        self.lane.submit(
            f"Reload {name}",
            lambda watch: open_all(paths, watch, datasets=known),
            lambda found: self._on_reloaded(found, name),
            failed=partial(report, self._store),
        )

    def _on_reloaded(self, found: Found, name: str) -> None:
        state = self._store.state
        why = {one.path: one.why for one in found.items if isinstance(one, BadFile)}
        open_now: list[Item] = [*open_exposures(state), *_from_files(state)]
        lost = [one for one in open_now if _path_of(one) in why]
        # What cannot be read now may be whole again soon: its row stays, and with it its masks.
        with self._store.batch():
            self._loader.take_again(
                replace(
                    found,
                    looked_at=tuple(path for path in found.looked_at if path not in why),
                    items=tuple(one for one in found.items if not isinstance(one, BadFile)),
                )
            )
            facts = dict(self._store.state.facts)
            for one in lost:
                text = f"It cannot be reloaded: {why[_path_of(one)]}"
                facts[one.key] = replace(facts.get(one.key, Facts()), on_disk=text)
                self._told.add(one.key)
            self._store.set(facts=MappingProxyType(facts))
            if lost:
                report(self._store, Problem(LANE, f"Not reloaded: {next(iter(why.values()))}"))
            else:
                clear_problem(self._store, LANE)
                write_log(self._store, _reloaded(open_now, self._store.state, name))
            self._tell_of_built([one for one in open_now if _path_of(one) not in why], found)

    def _tell_of_built(self, items: list[Item], found: Found) -> None:
        """Say which sky frames were built of what the files held before."""
        state = self._store.state
        keys = {
            one.key
            for one in items
            if _path_of(one) in found.looked_at
            and isinstance(one, ExposureItem)
            and (now := open_exposure(state, one.key)) is not None
            and now.stamps != one.stamps
        }
        sets = [
            f"“{one.name}”"
            for one in sky_sets(state)
            if any(keys.intersection(frame.members) for frame in one.frames)
        ]
        if sets:
            was = "was" if len(sets) == 1 else "were"
            text = f"{' and '.join(sets)} {was} built of what was reloaded, as it was before."
            report(self._store, Problem("reload", f"{text} Build takes what the files hold now."))

    def _on_changed(self, old: State, new: State) -> None:
        if self._closed:
            return
        wanted = new.results.shown is not None and not engine_is_prepared(new)
        if wanted != self._timer.isActive():
            self._timer.start() if wanted else self._timer.stop()
        problems = {one for one in new.problems if one.origin == "preview"}
        if problems - set(old.problems):
            # What could not be shown may be gone, and its row is to say so.
            self._look_at(self._on_screen())


def _reloaded(before: list[Item], state: State, name: str) -> str:
    """Say what became of a reload: what has its size and time to the nanosecond is not read."""
    after: list[Item] = [*open_exposures(state), *_from_files(state)]
    now = {one.key: _stamps(one) for one in after}
    if any(now.get(one.key) != _stamps(one) for one in before):
        return f"Reloaded {name}."
    return (
        f"{name}: sizes and times are those of before, so all is taken for the same; give a file "
        "that is another a new time (touch) and reload it."
    )


def _from_files(state: State) -> list[SkyFrameItem]:
    return [one for one in open_sky_frames(state) if one.path and any(one.stamp)]


def _items_of(state: State, keys: Iterable[str]) -> list[Item]:
    """Return what is on the list by its key."""
    frames = {one.key: one for one in _from_files(state)}
    found: list[Item | None] = [open_exposure(state, key) or frames.get(key) for key in keys]
    return [one for one in found if one is not None]


def _on_disk(state: State, key: str) -> str:
    found = state.facts.get(key)
    return "" if found is None else found.on_disk


def _path_of(item: Item) -> str:
    return str(item.path if isinstance(item, SkyFrameItem) else item.source.path)


def _stamps(item: Item) -> Mapping[str, Stamp]:
    """Return the files that an item was read from, as they were."""
    if isinstance(item, SkyFrameItem):
        return {item.path: item.stamp}
    return {path: stamp for path, stamp in item.files.items() if any(stamp)}
