"""Runs pictures as a film: steps when the last one is on screen, and reads the next one ahead."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from skyframe_gui.app.model.film import pictures_of, place_in
from skyframe_gui.app.model.items import EMPTY
from skyframe_gui.app.model.limits import NOWHERE, limits_of, own_limits
from skyframe_gui.app.model.looks import LAYERS
from skyframe_gui.app.model.queries import bins_of
from skyframe_gui.app.model.remembered import same
from skyframe_gui.app.model.requests import request_of
from skyframe_gui.app.model.residual_map import LAYER
from skyframe_gui.app.model.state import UNDOABLE
from skyframe_gui.app.work.lane import Lane

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Unpack

    from numpy.typing import NDArray

    from skyframe_gui.app.model.looks import Layer
    from skyframe_gui.app.model.requests import Request
    from skyframe_gui.app.model.shown import Shown
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.app.model.view import Mark, Reel, ViewChanges
    from skyframe_gui.app.work.live import Live, Preview

LANE = "film"
AWAIT_MS = 15
"""So often it is looked whether the picture that was asked for has come."""
PART_AHEAD = 0.6
"""Of the memory's budget, what pictures that were shown and those to come may take."""
MOST_AHEAD = 4
WORK = tuple(one for one in UNDOABLE if one != "looks")
"""What a person works on; limits and colours can be changed while the film runs."""


class Film(QObject):
    """Steps through pictures by a clock, and reads ahead what comes next.

    A picture stands for its time from when it is on screen: a slow disk makes a slow film, and
    nothing piles up. What a person does to the session stops it.

    Parameters
    ----------
    store : Store
    live : Live
        Makes what is shown.
    budget : int
        Bytes that the memory may take.

    Attributes
    ----------
    wanted : signal (key)
        An exposure or a sky frame is to be shown.
    missed : signal (key)
        It could not be, and the film goes on without it.
    """

    wanted = pyqtSignal(str)
    missed = pyqtSignal(str)

    def __init__(self, store: Store, live: Live, budget: int) -> None:
        super().__init__()
        self._store, self._live = store, live
        self._budget = budget
        self.lane = Lane(LANE)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_tick)
        self._kept: OrderedDict[str, Preview] = OrderedDict()
        self._kept_of: tuple[object, ...] = ()
        self._stands = False
        self._missed = 0
        self._selected = ("", "")
        self._panes: tuple[Layer, ...] = ()
        self._blinked: tuple[Layer, ...] = ()
        self._closed = False
        store.changed.connect(self._on_changed)

    def close(self, seconds: float = 1.0) -> bool:
        """Stop; return whether that was in time."""
        self._closed = True
        self._timer.stop()
        self._kept.clear()
        return self.lane.close(seconds)

    @property
    def ahead(self) -> tuple[str, ...]:
        """The keys of the pictures that are ready, those shown before among them."""
        return tuple(self._kept)

    def start(self, reel: Reel, playing: bool) -> None:
        """Begin, or go over to other pictures."""
        state = self._store.state
        if state.results.shown is None or self._closed:
            return
        # Before and after stand still, or the film would blink twice.
        changes: ViewChanges = {"before": False, "blinking": False, "reel": reel}
        changes["film"] = "playing" if playing else "paused"
        if not state.view.film:
            self._panes = state.view.panes
            changes["held_limits"] = _limits(state)
        elif state.view.reel != reel:
            changes["panes"] = self._own_panes(state)
        self._selected = _selected(state)
        self._missed = 0
        self._view(**changes)
        if playing:
            self._stands = False
            self._timer.start(AWAIT_MS)
        self.read_ahead()

    def pause(self) -> None:
        """Let the picture stand."""
        self._timer.stop()
        if self._store.state.view.film == "playing":
            self._view(film="paused")

    def end(self) -> None:
        """End the film: limits are again each picture's own, and the pane shows its own layer."""
        state = self._store.state
        if state.view.film:
            self._view(film="", film_place=0, held_limits=EMPTY, panes=self._own_panes(state))

    def step(self, by: int) -> None:
        """Show the next (1) or previous (-1) picture, round in a circle."""
        state = self._store.state
        pictures = pictures_of(state, state.view.reel)
        if len(pictures) < 2:
            self.pause()
            return
        place = place_in(state, pictures)
        if place is None:
            place = -1 if by > 0 else 0
        place = (place + by) % len(pictures)
        self._show(place, pictures[place])

    def _hold(self, layers: tuple[Layer, ...]) -> None:
        """Take the limits that some layers have by themselves now for the whole film."""
        state = self._store.state
        if state.view.film:
            held = {**state.view.held_limits, **_limits(state, layers)}
            self._view(held_limits=MappingProxyType(held))

    def _show(self, place: int, mark: Mark) -> None:
        with self._store.batch():
            view = self._store.state.view
            changes: ViewChanges = {"film_place": place}
            if mark.layer:
                panes = list(view.panes)
                panes[view.active] = mark.layer
                changes["panes"] = self._blinked = tuple(panes)
            self._view(**changes)
            if mark.key:
                self.wanted.emit(mark.key)
            self._selected = _selected(self._store.state)

    def _own_panes(self, state: State) -> tuple[Layer, ...]:
        """Return the panes as they were before a layer blinked in one of them."""
        now = state.view.panes
        marks = pictures_of(state, "marked") if state.view.reel == "marked" else ()
        blinked = any(one.layer for one in marks)
        return self._panes if blinked and len(self._panes) == len(now) else now

    def _view(self, **changes: Unpack[ViewChanges]) -> None:
        self._store.set(view=replace(self._store.state.view, **changes))

    # The clock -------------------------------------------------------------------------------

    def _on_tick(self) -> None:
        state = self._store.state
        if self._closed or state.view.film != "playing":
            return
        if self._live.preview.busy:
            self._timer.start(AWAIT_MS)
            return
        shown = state.results.shown
        exposure, frame = _selected(state)
        if shown is None or shown.key != (exposure or frame):
            self._missed += 1
            self.missed.emit(exposure or frame)
            if self._missed > len(pictures_of(state, state.view.reel)):
                self.pause()
                return
        else:
            self._missed = 0
            if not self._stands:
                self._stands = True
                self._timer.start(round(1e3 * state.view.film_seconds))
                return
        self._stands = False
        self.step(-1 if state.view.film_back else 1)
        self._timer.start(AWAIT_MS)

    def _on_changed(self, old: State, new: State) -> None:
        if self._closed:
            return
        view = new.view
        if not view.film:
            if old.view.film:
                self._timer.stop()
                self._kept.clear()
            return
        if view.workspace != "visit" or new.results.shown is None:
            self.end()
            return
        lists = ((one.exposures, one.sky_frames, one.removed) for one in (old, new))
        if not same(*lists) and len(pictures_of(new, view.reel)) < 2:
            self.end()  # of what was closed none is left to go to
            return
        if view.film == "playing" and (_selected(new) != self._selected or _is_work(old, new)):
            self.pause()
        if view.panes != old.view.panes and view.panes != self._blinked:
            self._panes = view.panes  # a person has chosen others
        if old.looks is not new.looks:
            changed = tuple(one for one in LAYERS if old.looks[one] != new.looks[one])
            self._hold(changed)
        if old.results.shown is not new.results.shown:
            self.read_ahead()

    # What comes next -------------------------------------------------------------------------

    def read_ahead(self) -> None:
        """Make the pictures that come next, one after the other, as far as there is room."""
        state = self._store.state
        if self._closed or not state.view.film or self.lane.busy or self._live.preview.busy:
            if state.view.film and not self.lane.busy and not self._closed:
                QTimer.singleShot(AWAIT_MS, self.read_ahead)
            return
        parts = (state.config, state.options, state.hand_masks, state.assigned, state.exposures)
        if not same(parts, self._kept_of):
            self._kept.clear()
            self._kept_of = parts
        found = next(self._missing(state), None)
        if found is None:
            return
        key, request = found
        bins = bins_of(state) if LAYER in state.view.panes else None
        trial = state.view.trial
        self.lane.submit(
            "Read the next picture",
            lambda watch: self._live.look(request, watch, bins, trial),
            lambda look: self._on_read(key, look),
            failed=lambda problem: None,  # it is told where the picture itself is asked for
        )

    def _missing(self, state: State) -> Iterator[tuple[str, Request]]:
        """Return the pictures to come that are not ready, with what is to be asked for them."""
        shown = state.results.shown
        pictures = pictures_of(state, state.view.reel)
        place = place_in(state, pictures)
        if shown is None or place is None:
            return
        each = _bytes_of(shown)
        room = int(PART_AHEAD * self._budget // max(each, 1)) - 1
        by = -1 if state.view.film_back else 1
        steps = [by * n for n in range(1, min(max(room, 1), MOST_AHEAD) + 1)]
        if state.view.film == "paused":  # who steps by hand may go back, too
            steps[1:1] = [-by] if room > 1 else []
        there = {item.key for item in state.exposures}
        for step in steps[: len(pictures) - 1]:
            key = pictures[(place + step) % len(pictures)].key
            if key in there and key != shown.key and key not in self._kept:
                selection = replace(state.selection, exposure=key)
                yield key, request_of(replace(state, selection=selection))

    def _on_read(self, key: str, look: Preview) -> None:
        state = self._store.state
        if not state.view.film:
            return
        self._kept[key] = look  # also one that failed: it is not tried again and again
        held = [(one, _bytes_of(each.shown)) for one, each in self._kept.items()]
        total = sum(n for _, n in held)
        for one, n in held[:-1]:
            if total <= PART_AHEAD * self._budget:
                break
            del self._kept[one]
            total -= n
        self.read_ahead()


def _selected(state: State) -> tuple[str, str]:
    return state.selection.exposure, state.selection.sky_frame


def _is_work(old: State, new: State) -> bool:
    """Whether a person, or work that a person asked for, has changed the session."""
    touched = any(getattr(old, one) is not getattr(new, one) for one in WORK)
    if touched or old.view.tool != new.view.tool:
        return True
    began = {one.lane for one in new.jobs} - {one.lane for one in old.jobs}
    return "task" in began


def _limits(
    state: State, layers: tuple[Layer, ...] = ()
) -> MappingProxyType[str, tuple[float, float]]:
    """Return the limits of all layers, or those that some have by themselves, where they have."""
    of = own_limits if layers else limits_of
    pairs = {one: of(state, one) for one in layers or LAYERS}
    return MappingProxyType({one: pair for one, pair in pairs.items() if pair != NOWHERE})


def _bytes_of(shown: Shown | None) -> int:
    """Return about how many bytes a picture takes."""
    if shown is None:
        return 0
    found: dict[int, int] = {}
    for pyramid in (shown.image, shown.masks, shown.masked, shown.model):
        levels: tuple[NDArray[Any], ...] = () if pyramid is None else pyramid.levels
        found |= {id(one): one.nbytes for one in levels}
    exposure = shown.exposure
    variance = exposure.variance.nbytes if exposure is not None and exposure.has_variance else 0
    return sum(found.values()) + variance
