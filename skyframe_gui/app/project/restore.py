"""Session files into a running program and out of it."""

from __future__ import annotations

import os
import weakref
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QTimer

from skyframe_gui.app.model.comparison import Pin
from skyframe_gui.app.model.hand_masks import MaskItem
from skyframe_gui.app.model.items import EMPTY, Assigned, BadFile, Correction
from skyframe_gui.app.model.looks import looks_of_old, placed_looks, taken_looks
from skyframe_gui.app.model.problems import report, write_log
from skyframe_gui.app.model.results import Results
from skyframe_gui.app.model.state import Changes
from skyframe_gui.app.model.view import Mark, Selection
from skyframe_gui.app.project.check import check, key_of, options_of, sample_of
from skyframe_gui.app.project.document import document_of, unsaved_sky_frames
from skyframe_gui.app.project.view import LOOKS, taken_view

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Unpack

    from skyframe_gui.app.model.looks import Layer, Look
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.app.model.view import View
    from skyframe_gui.app.program import Program
    from skyframe_gui.app.project.check import Checked
    from skyframe_gui.engine import Watch
    from skyframe_gui.files.session_file import MarkedRecord, SessionDocument, UnsavedRecord

__all__ = [
    "Restored",
    "document_of",
    "empty_session",
    "last_opening",
    "restore",
    "unsaved_sky_frames",
]


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What came of opening a session file.

    Attributes
    ----------
    notes : tuple of str
        Sentences: what was left out, is missing or has changed.
    unbuilt : tuple of UnsavedRecord
        Sky frames that were not saved and are not here; `rebuild` makes them again.
    layout : str
        Of the window, base64; "" for none.
    incomplete : bool
        Whether the file says more than was understood: saving into it would lose that.
    recovered : tuple of (key, UnsavedRecord)
        Sky frames that were not saved and came from a copy; `complete` finds their exposures.
    """

    notes: tuple[str, ...]
    unbuilt: tuple[UnsavedRecord, ...]
    layout: str
    incomplete: bool = False
    recovered: tuple[tuple[str, UnsavedRecord], ...] = ()


_newest: weakref.WeakKeyDictionary[Store, object] = weakref.WeakKeyDictionary()
"""Of each session the restoring that was begun last: an older one has nothing more to say."""


def restore(
    document: SessionDocument,
    folder: str | os.PathLike[str],
    program: Program,
    finished: Callable[[Restored], None] | None = None,
    notes: tuple[str, ...] = (),
    cancelled: Callable[[], None] | None = None,
) -> None:
    """Put what a session file says in the place of the present session, in the background.

    Config, options and exclusions are there at once; the files appear as they are opened; then
    what is looked at is chosen and ``finished`` is called, in the GUI thread. A file that is
    missing or has changed becomes a row that says so. Opening and building that runs is stopped.

    Parameters
    ----------
    document : SessionDocument
    folder : path
        Of the session file, which its paths are relative to.
    program : Program
    finished : callable, optional
        Not called when a person cancels before any file is opened, nor when another session is
        opened meanwhile.
    cancelled : callable, optional
        Called when a person cancels before any file is opened.
    notes : tuple of str
        Of reading the file; they are passed on, and go to the log with the others.
    """
    store = program.store
    place = os.path.abspath(os.fspath(folder))
    view, view_notes = taken_view(document.view, store.state.view)
    looks, look_notes = _looks(document.view)
    view_notes = (*view_notes, *look_notes)
    incomplete = bool(notes or view_notes)
    token = _emptied(
        program,
        config=document.config,
        preset=document.preset,
        preset_name=document.preset_name or store.state.preset_name,
        options=options_of(document.options),
        correction=Correction(
            config=document.correction.config,
            preset=document.correction.preset,
            camera=document.correction.camera,
            base=document.correction.base,
        ),
        excluded_members=frozenset(key_of(one, place) for one in document.excluded_members),
        excluded_exposures=frozenset(key_of(one, place) for one in document.excluded_exposures),
        excluded_samples=frozenset(sample_of(one, place) for one in document.by_hand),
        hand_masks=tuple(
            MaskItem(one.mask(), key_of(one.item, place) if one.item else "", one.visit)
            for one in document.hand_masks
            if one.item or one.visit  # else it was damaged, which the notes tell
        ),
        assigned=MappingProxyType(
            {
                key_of(one.item, place): Assigned(
                    visit=one.visit,
                    detector=one.detector,
                    filter=one.filter,
                    instrument=one.instrument,
                    night=one.night,
                )
                for one in document.assigned
            }
        ),
        pins=_pins(document, place, EMPTY),
        view=view,
        looks=looks,
    )

    def look(watch: Watch) -> Checked:
        return check(document, place, watch)

    def looked(checked: Checked) -> None:
        if _newest.get(store) is not token:
            return
        everything = replace(checked, notes=(*notes, *view_notes, *checked.notes))
        end = partial(
            _finish, document, place, view, program, everything, finished, token, incomplete
        )
        if not checked.present:
            end()
            return
        program.loader.open(checked.present, has_roles=True, datasets=checked.datasets)
        _when_idle(program, end)

    def stopped() -> None:
        write_log(store, "Open session: cancelled; no file was opened.")
        if cancelled is not None and _newest.get(store) is token:
            cancelled()

    program.loader.opening.submit(
        "Open session", look, looked, failed=partial(report, store), cancelled=stopped
    )


def last_opening(store: Store) -> object:
    """Return what stands for the opening of a session file that was begun last, or a new session.

    Work that was asked for before another one has nothing more to say.
    """
    return _newest.get(store)


def empty_session(program: Program) -> None:
    """Take everything off the lists, and forget what was excluded in it; config and view stay."""
    _emptied(
        program,
        excluded_members=frozenset(),
        excluded_exposures=frozenset(),
        excluded_samples=frozenset(),
        hand_masks=(),
        assigned=EMPTY,
        pins=EMPTY,
    )


def _emptied(program: Program, **changes: Unpack[Changes]) -> object:
    """Close everything and stop what works on it; return what stands for the new beginning."""
    store = program.store
    program.loader.drop_waiting()
    for lane in (program.loader.opening, program.loader.survey, program.tasks.lane):
        lane.cancel()
    cleared = Changes(
        exposures=(),
        sky_frames=(),
        bad_files=(),
        facts=EMPTY,
        built_sets=frozenset(),
        chosen_sets=frozenset(),
        set_exclusions=EMPTY,
        set_names=EMPTY,
        removed=frozenset(),
        selection=Selection(),
        results=Results(),
        problems=(),
    )
    cleared.update(changes)
    store.set(**cleared)
    store.forget_edits()
    token = _newest[store] = object()
    return token


def _looks(view: dict[str, Any]) -> tuple[Mapping[Layer, Look], tuple[str, ...]]:
    return taken_looks(view[LOOKS]) if LOOKS in view else (looks_of_old(view), ())


def _pins(document: SessionDocument, place: str, keys: Mapping[str, str]) -> Mapping[str, Pin]:
    """Return the pins; ``keys`` has the new keys of sky frames that were not saved."""
    pins: dict[str, Pin] = {}
    for name, record in document.pins.items():
        key = "" if record.sky_frame is None else key_of(record.sky_frame, place)
        excluded = frozenset(sample_of(one, place) for one in record.by_hand)
        pins[name] = Pin(
            config=record.config,
            options=options_of(record.options),
            sky_frame=keys.get(key, key),
            excluded_samples=excluded,
        )
    return MappingProxyType(pins)


def _when_idle(program: Program, then: Callable[[], None]) -> None:
    """Call ``then`` once when nothing is being opened any more."""
    lane = program.loader.opening

    def progressed(job: object) -> None:
        if job is None:
            lane.progressed.disconnect(progressed)
            # The lane tells this before it hands over the job's result.
            QTimer.singleShot(0, then)

    lane.progressed.connect(progressed)


def _finish(
    document: SessionDocument,
    place: str,
    view: View,
    program: Program,
    checked: Checked,
    finished: Callable[[Restored], None] | None,
    token: object,
    incomplete: bool,
) -> None:
    """Put what depends on opened files into the session, and tell of the end."""
    store = program.store
    if _newest.get(store) is not token:
        return
    state = store.state
    keys = {old: item.key for old, item in checked.frames}
    frames = (*state.sky_frames, *(item for _, item in checked.frames))
    there = {item.key for item in state.exposures}
    removed = state.removed | {key_of(one, place) for one in document.closed}
    chosen = document.selection
    selection = state.selection
    if chosen.exposure is not None:
        key = key_of(chosen.exposure, place)
        if key in there - removed:
            selection = replace(selection, exposure=key)
    elif chosen.sky_frame is not None:
        selection = replace(selection, exposure="")
    if chosen.sky_frame is not None:
        key = key_of(chosen.sky_frame, place)
        key = keys.get(key, key)
        # One that is not there may be built again, and is what is wanted then.
        known = {item.key for item in frames} | {record.key for record in checked.unbuilt}
        if key in known:
            selection = replace(selection, sky_frame=key)
    samples = frozenset(sample_of(one, place) for one in chosen.samples)
    selection = replace(
        selection,
        samples=frozenset(one for one in samples if one[0] in there),
        step=chosen.step,
        marked=tuple(
            mark
            for mark in (_mark_of(one, place, keys) for one in chosen.marked)
            if not mark.key or mark.key in there or mark.key in {item.key for item in frames}
        ),
    )
    rows = {
        row.path: row for row in (*state.bad_files, *checked.rows, *_not_opened(state, checked))
    }
    set_keys = {item.key: item.set_key for item in frames}
    sets = {
        set_keys.get(key_of(one.item, place), key_of(one.item, place)): one for one in document.sets
    }
    store.set(
        sky_frames=frames,
        built_sets=frozenset(item.set for item in frames if item.set),
        chosen_sets=frozenset(key for key, one in sets.items() if one.in_use),
        set_exclusions=MappingProxyType(
            {
                key: frozenset(key_of(item, place) for item in one.excluded)
                for key, one in sets.items()
                if one.excluded is not None
            }
        ),
        set_names=MappingProxyType({key: one.name for key, one in sets.items() if one.name}),
        removed=removed,
        selection=selection,
        looks=placed_looks(state.looks, selection.exposure or selection.sky_frame),
        pins=_pins(document, place, keys),
        bad_files=tuple(rows.values()),
    )
    store.forget_edits()
    if chosen.exposure is not None and selection.exposure == key_of(chosen.exposure, place):
        _keep_limits(store, view, selection.exposure)
    write_log(store, *checked.notes, *(row.why for row in checked.rows))
    if finished is not None:
        recovered = tuple((keys[one.key], one) for one in document.unsaved if one.key in keys)
        finished(
            Restored(
                notes=checked.notes,
                unbuilt=checked.unbuilt,
                layout=document.layout,
                incomplete=incomplete,
                recovered=recovered,
            )
        )


def _mark_of(record: MarkedRecord, place: str, keys: Mapping[str, str]) -> Mark:
    """Return a mark; ``keys`` has the new keys of sky frames that were not saved."""
    key = "" if record.item is None else key_of(record.item, place)
    return Mark(keys.get(key, key), record.layer)


def _not_opened(state: State, checked: Checked) -> list[BadFile]:
    """Return a row for each file that a person's cancelling has left: saved again, it is kept."""
    there = {str(item.source.path) for item in state.exposures}
    there.update(item.path for item in state.sky_frames)
    there.update(row.path for row in state.bad_files)
    return [
        BadFile(path, f"{path} was not opened, as opening the session was cancelled; open it.")
        for path in checked.present
        if path not in there
    ]


def _keep_limits(store: Store, view: View, key: str) -> None:
    """Have the saved limits and frames again when the exposure is shown, which measures its own."""

    def put() -> bool:
        shown = store.state.results.shown
        if shown is None:
            return False
        if shown.key == key:
            measured = MappingProxyType({**store.state.view.measured, **view.measured})
            store.set(view=replace(store.state.view, measured=measured, frames=view.frames))
        return True

    def changed(old: State, new: State) -> None:
        if new.selection.exposure != key or put():
            store.changed.disconnect(changed)

    if not put():
        store.changed.connect(changed)
