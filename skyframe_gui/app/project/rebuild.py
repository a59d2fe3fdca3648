"""Builds sky frames again that a session file names as not saved."""

from __future__ import annotations

import os
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from skyframe_gui.app.model.items import SkyFrameItem
from skyframe_gui.app.model.problems import report, write_log
from skyframe_gui.app.model.queries import open_exposure
from skyframe_gui.app.model.results import Problem
from skyframe_gui.app.project.check import free_key, key_of, located, options_of
from skyframe_gui.app.project.restore import last_opening
from skyframe_gui.app.work.stack_views import average_again
from skyframe_gui.app.work.tasks import build

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from skyframe_gui.app.model.comparison import Pin
    from skyframe_gui.app.model.items import ExposureItem, Options
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.app.program import Program
    from skyframe_gui.engine import SkyFrame, SkyMeasurementConfig, Watch
    from skyframe_gui.files.session_file import UnsavedRecord
    from skyframe_gui.workflow.build import BuildResult


def why_not_rebuilt(record: UnsavedRecord, folder: str | os.PathLike[str], state: State) -> str:
    """Return why a sky frame cannot be built again as it was, as a sentence; "" if it can."""
    n = len(record.exposures)
    missing = _exposures_of(record, folder, state)[1]
    what = _named(record)
    if not n:
        return f"{what} was not saved, and nobody knows its exposures; build it again."
    if missing:
        return (
            f"{what} was not saved, and {missing} of its {n} exposures are not here; put them back "
            "and open the session again."
        )
    if record.options is not None and record.options.normalise == "focal-plane":
        return (
            f"{what} was not saved, and is normalised by all detectors of its visits; build it "
            "again from all of their exposures."
        )
    return ""


def _named(record: UnsavedRecord) -> str:
    name = record.name or record.key
    return f"The sky frame {name} of detector {record.detector or '(no name)'}"


def in_builds(
    records: Iterable[UnsavedRecord],
) -> tuple[tuple[UnsavedRecord, ...], ...]:
    """Return the sky frames that can be built at once: of one set and config, each detector once.

    A frame is built from the exposures of its own detector, so that those of others do not change
    it; and 189 builds one after the other would take many times as long.
    """
    groups: list[list[UnsavedRecord]] = []
    newest: dict[tuple[object, ...], tuple[list[UnsavedRecord], set[str]]] = {}
    for record in records:
        of = (record.set, repr(record.config), repr(record.options))
        group, detectors = newest.get(of, ([], {record.detector}))
        if record.detector in detectors:
            group, detectors = newest[of] = ([], set())
            groups.append(group)
        group.append(record)
        detectors.add(record.detector)
    return tuple(map(tuple, groups))


def rebuild(
    records: Sequence[UnsavedRecord],
    folder: str | os.PathLike[str],
    program: Program,
    built: Callable[[str], None] | None = None,
) -> tuple[str, ...]:
    """Build sky frames again that a session file names as not saved, in the background.

    Selection and pins that named the old ones name the new ones then.

    Parameters
    ----------
    records : sequence of UnsavedRecord
        As `in_builds` puts them together.
    folder : path
        Of the session file.
    program : Program
    built : callable, optional
        Told the key of each record whose frame is there.

    Returns
    -------
    tuple of str
        Sentences: exposures that they were built from and that are not open, and so are not in
        them.
    """
    state, store = program.store.state, program.store
    notes, parts = [], []
    for record in records:
        items, n_missing = _exposures_of(record, folder, state)
        parts.append(items)
        if n_missing:
            notes.append(
                f"{record.name or record.key}: {n_missing} of the {len(record.exposures)} "
                "exposures that it was built from are not open; it is built again without them."
            )
    write_log(store, *notes)
    everything = tuple(item for part in parts for item in part)
    config = records[0].config or state.config
    options = _options_of(records[0], state)
    token = last_opening(store)
    place = os.path.abspath(os.fspath(folder))

    def put(result: BuildResult) -> None:
        if last_opening(store) is not token:
            return
        there = _put_built(store, result, everything, records, place, config, options)
        lost = [one for one in records if one.key not in there]
        if lost:
            text = (
                f"{_named(lost[0])} could not be built again, as none of its exposures could be "
                "used; the log says why."
            )
            more = f" {len(lost) - 1} more could not be built either." if len(lost) > 1 else ""
            report(store, Problem(program.tasks.lane.name, text + more))
        if built is not None:
            for key in there:
                built(key)

    program.tasks.run(
        f"Build sky frame from {len(everything)} exposures",
        lambda watch: build(program.stages, everything, config, options, watch),
        put,
    )
    return tuple(notes)


def complete(
    copies: Sequence[tuple[str, UnsavedRecord]],
    folder: str | os.PathLike[str],
    program: Program,
    completed: Callable[[str], None],
) -> None:
    """Give sky frames that came from copies their exposures again, in the background.

    They are built again, and each takes the place of its copy where it has the same values; else,
    and where an exposure is not open, the copy stays as it is.

    Parameters
    ----------
    copies : sequence of (key, UnsavedRecord)
        Keys are those of the copies in the session.
    folder : path
        Of the session file.
    program : Program
    completed : callable
        Told the key of each record whose copy has its exposures.
    """
    state = program.store.state
    frames = {item.key: item for item in state.sky_frames}
    keys = {
        record.key: key
        for key, record in copies
        if key in frames and record.config and not why_not_rebuilt(record, folder, state)
    }
    for group in in_builds(record for _, record in copies if record.key in keys):
        of = [(record.key, frames[keys[record.key]]) for record in group]
        items = tuple(one for record in group for one in _exposures_of(record, folder, state)[0])
        _complete(program, of, items, group[0], completed)


def _complete(
    program: Program,
    copies: list[tuple[str, SkyFrameItem]],
    items: tuple[ExposureItem, ...],
    record: UnsavedRecord,
    completed: Callable[[str], None],
) -> None:
    """Find the exposures of copies that are built at once."""
    store, state = program.store, program.store.state
    config, options = record.config or state.config, _options_of(record, state)
    token = last_opening(store)
    out = {
        key: state.set_exclusions.get(copy.set_key, state.excluded_members) for key, copy in copies
    }

    def work(watch: Watch) -> list[SkyFrameItem | None]:
        result = build(program.stages, items, config, options, watch)
        return [_same(copy, result, items, options, out[key], watch) for key, copy in copies]

    def put(found: list[SkyFrameItem | None]) -> None:
        if last_opening(store) is not token:
            return
        here = {id(item) for item in store.state.sky_frames}
        there = [
            (key, copy, new)
            for (key, copy), new in zip(copies, found, strict=True)
            if id(copy) in here
        ]
        new_of = {id(copy): new for _, copy, new in there if new is not None}
        frames = (new_of.get(id(item), item) for item in store.state.sky_frames)
        store.set(sky_frames=tuple(frames))
        for key, copy, new in there:
            if new is not None:
                completed(key)
                continue
            text = (
                f"The sky frame {copy.name} of detector {copy.detector or '(no name)'} was kept as "
                "it was recovered, as its exposures give other values now; build it again to see "
                "what is behind it."
            )
            report(store, Problem(copy.key, text))

    one = copies[0][1].name if len(copies) == 1 else f"{len(copies)} sky frames"
    program.tasks.run(f"Find the {len(items)} exposures of {one}", work, put)


def _exposures_of(
    record: UnsavedRecord, folder: str | os.PathLike[str], state: State
) -> tuple[tuple[ExposureItem, ...], int]:
    """Return the exposures of a record that are open, and how many are not."""
    place = os.path.abspath(os.fspath(folder))
    found = (open_exposure(state, key_of(one, place)) for one in record.exposures)
    items = tuple(item for item in found if item is not None)
    return items, len(record.exposures) - len(items)


def _options_of(record: UnsavedRecord, state: State) -> Options:
    return state.options if record.options is None else options_of(record.options)


def _same(
    copy: SkyFrameItem,
    result: BuildResult,
    used: tuple[ExposureItem, ...],
    options: Options,
    excluded: frozenset[str],
    watch: Watch,
) -> SkyFrameItem | None:
    """Return what was built of the copy's detector if it has its values; in the lane."""
    import numpy as np

    def agrees(frame: SkyFrame) -> bool:
        old, new = copy.sky_frame.grid.values, frame.grid.values
        return bool(np.array_equal(old, new, equal_nan=True))

    keys = {id(item.source): item.key for item in used}
    for built in result.sky_frames:
        if built.detector != copy.detector:
            continue
        members = tuple(keys[id(source)] for source in built.sources)
        item = replace(
            copy,
            sky_frame=built.sky_frame,
            built=built,
            made_options=options,
            members=members,
        )
        if agrees(built.sky_frame):
            return item
        outside = excluded.intersection(members)
        if outside and outside != set(members):
            item = average_again(item, outside, watch)
            if agrees(item.sky_frame):
                return item
    return None


def _put_built(
    store: Store,
    result: BuildResult,
    used: tuple[ExposureItem, ...],
    records: Sequence[UnsavedRecord],
    place: str,
    config: SkyMeasurementConfig,
    options: Options,
) -> list[str]:
    """Put what was built into the state; return the keys of the records that it is of."""
    state = store.state
    keys = {id(item.source): item.key for item in used}
    frames = list(state.sky_frames)
    selection, pins = state.selection, state.pins
    by_detector = {record.detector: record for record in records}
    there: dict[str, None] = {}
    for built in result.sky_frames:
        record = by_detector.get(built.detector, records[0])
        there[record.key] = None
        newer = {located(path, place) for path in record.newer}
        # Before those that were made after it: of several sky frames the last is used.
        at = next((n for n, one in enumerate(frames) if one.path in newer), len(frames))
        item = SkyFrameItem(
            key=free_key("rebuilt", frames, state.removed),
            name=f"built from {len(built.sources)}",
            detector=built.detector,
            sky_frame=built.sky_frame,
            built=built,
            unit=record.unit,
            made_with=config,
            made_options=options,
            members=tuple(keys[id(source)] for source in built.sources),
            set=record.set,
            made_at=record.made_at,
        )
        frames.insert(at, item)
        if record.key and built.detector == record.detector:
            if selection.sky_frame == record.key:
                selection = replace(selection, sky_frame=item.key)
            pins = _named_anew(pins, record.key, item.key)
    builds = state.built_sets | {record.set for record in records if record.set}
    store.set(sky_frames=tuple(frames), selection=selection, pins=pins, built_sets=builds)
    write_log(store, *(one.why for one in result.failed), *result.notes)
    return list(there)


def _named_anew(pins: Mapping[str, Pin], old: str, new: str) -> Mapping[str, Pin]:
    if all(pin.sky_frame != old for pin in pins.values()):
        return pins
    return MappingProxyType(
        {
            name: replace(pin, sky_frame=new) if pin.sky_frame == old else pin
            for name, pin in pins.items()
        }
    )
