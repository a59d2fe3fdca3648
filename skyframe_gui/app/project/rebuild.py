"""Builds sky frames again that a session file names as not saved."""

from __future__ import annotations

import os
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from skyframe_gui.app.model.items import SkyFrameItem
from skyframe_gui.app.model.problems import report, write_log
from skyframe_gui.app.model.queries import open_exposures
from skyframe_gui.app.model.results import Problem
from skyframe_gui.app.project.check import free_key, key_of, located, options_of
from skyframe_gui.app.project.restore import last_opening
from skyframe_gui.app.work.stack_views import average_again
from skyframe_gui.app.work.tasks import build

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping

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
    place = os.path.abspath(os.fspath(folder))
    there = {item.key for item in open_exposures(state)}
    n = len(record.exposures)
    missing = sum(key_of(one, place) not in there for one in record.exposures)
    what = f"The sky frame {record.name or record.key} of detector {record.detector or '(no name)'}"
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


def rebuild(
    record: UnsavedRecord,
    folder: str | os.PathLike[str],
    program: Program,
    built: Callable[[], None] | None = None,
) -> tuple[str, ...]:
    """Build a sky frame again that a session file names as not saved, in the background.

    Selection and pins that named the old one name the new one then.

    Parameters
    ----------
    record : UnsavedRecord
    folder : path
        Of the session file.
    program : Program
    built : callable, optional
        Called when it is there.

    Returns
    -------
    tuple of str
        Sentences: exposures that it was built from and that are not open, and so are not in it.
    """
    place = os.path.abspath(os.fspath(folder))
    state = program.store.state
    wanted = [key_of(one, place) for one in record.exposures]
    by_key = {item.key: item for item in open_exposures(state)}
    items = tuple(by_key[key] for key in wanted if key in by_key)
    config = record.config or state.config
    options = state.options if record.options is None else options_of(record.options)
    name = record.name or record.key
    missing = len(wanted) - len(items)
    notes: tuple[str, ...] = ()
    if missing:
        notes = (
            f"{name}: {missing} of the {len(wanted)} exposures that it was built from are "
            "not open; it is built again without them.",
        )
        write_log(program.store, *notes)
    token = last_opening(program.store)

    def put(result: BuildResult) -> None:
        if last_opening(program.store) is not token:
            return
        newer = {located(path, place) for path in record.newer}
        _put_built(program.store, result, items, record, newer, config, options)
        if built is not None:
            built()

    program.tasks.run(
        f"Build sky frame from {len(items)} exposures",
        lambda watch: build(program.stages, items, config, options, watch),
        put,
    )
    return notes


def complete(
    key: str,
    record: UnsavedRecord,
    folder: str | os.PathLike[str],
    program: Program,
    completed: Callable[[], None],
) -> None:
    """Give a sky frame that came from a copy its exposures again, in the background.

    It is built again, and takes the place of the copy where it has the same values; else, and
    where an exposure is not open, the copy stays as it is.

    Parameters
    ----------
    key : str
        Of the copy in the session.
    record : UnsavedRecord
    folder : path
        Of the session file.
    program : Program
    completed : callable
        Called when it has its exposures.
    """
    store, config, state = program.store, record.config, program.store.state
    copy = next((item for item in state.sky_frames if item.key == key), None)
    if copy is None or config is None or why_not_rebuilt(record, folder, state):
        return
    place = os.path.abspath(os.fspath(folder))
    by_key = {item.key: item for item in open_exposures(state)}
    items = tuple(by_key[key_of(one, place)] for one in record.exposures)
    options = state.options if record.options is None else options_of(record.options)
    token = last_opening(store)
    out = state.set_exclusions.get(copy.set_key, state.excluded_members)

    def work(watch: Watch) -> SkyFrameItem | None:
        result = build(program.stages, items, config, options, watch)
        return _same(copy, result, items, options, out, watch)

    def put(found: SkyFrameItem | None) -> None:
        frames = store.state.sky_frames
        if last_opening(store) is not token or all(item is not copy for item in frames):
            return
        if found is None:
            text = (
                f"The sky frame {copy.name} of detector {copy.detector or '(no name)'} was kept as "
                "it was recovered, as its exposures give other values now; build it again to see "
                "what is behind it."
            )
            report(store, Problem(key, text))
            return
        store.set(sky_frames=tuple(found if item is copy else item for item in frames))
        completed()

    program.tasks.run(f"Find the {len(items)} exposures of {copy.name}", work, put)


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
    record: UnsavedRecord,
    newer: Container[str],
    config: SkyMeasurementConfig,
    options: Options,
) -> None:
    state = store.state
    keys = {id(item.source): item.key for item in used}
    frames = list(state.sky_frames)
    selection, pins = state.selection, state.pins
    # Before those that were made after it: of several sky frames the last is used.
    at = next((n for n, one in enumerate(frames) if one.path in newer), len(frames))
    for built in result.sky_frames:
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
        at += 1
        if record.key and built.detector == record.detector:
            if selection.sky_frame == record.key:
                selection = replace(selection, sky_frame=item.key)
            pins = _named_anew(pins, record.key, item.key)
    builds = state.built_sets | {record.set} if record.set else state.built_sets
    store.set(sky_frames=tuple(frames), selection=selection, pins=pins, built_sets=builds)
    write_log(store, *(one.why for one in result.failed), *result.notes)


def _named_anew(pins: Mapping[str, Pin], old: str, new: str) -> Mapping[str, Pin]:
    if all(pin.sky_frame != old for pin in pins.values()):
        return pins
    return MappingProxyType(
        {
            name: replace(pin, sky_frame=new) if pin.sky_frame == old else pin
            for name, pin in pins.items()
        }
    )
