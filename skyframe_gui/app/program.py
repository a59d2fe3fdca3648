"""The parts of the running program: made here, and closed here."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from skyframe_gui.app.model.problems import write_log
from skyframe_gui.app.work.allocator import give_back_large
from skyframe_gui.app.work.cache import Memory
from skyframe_gui.app.work.changes import Changes
from skyframe_gui.app.work.compare import Compare
from skyframe_gui.app.work.corrections import Corrections
from skyframe_gui.app.work.film import Film
from skyframe_gui.app.work.follow import Follow
from skyframe_gui.app.work.live import Live
from skyframe_gui.app.work.live_camera import LiveCamera
from skyframe_gui.app.work.live_cuts import LiveCuts
from skyframe_gui.app.work.live_masks import LiveMasks
from skyframe_gui.app.work.live_night import LiveNight
from skyframe_gui.app.work.live_residual import LiveMap
from skyframe_gui.app.work.loader import Loader
from skyframe_gui.app.work.place_search import PlaceSearch
from skyframe_gui.app.work.priority import switch_often
from skyframe_gui.app.work.repositories import Repositories
from skyframe_gui.app.work.samp import Samp
from skyframe_gui.app.work.stacks import Stacks
from skyframe_gui.app.work.stages import Stages
from skyframe_gui.app.work.sweep import Sweeps
from skyframe_gui.app.work.tasks import Tasks
from skyframe_gui.app.work.turns import Turns

if TYPE_CHECKING:
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.app.work.kept import Kept
    from skyframe_gui.app.work.lane import Lane

CLOSE_SECONDS = 1.2
"""So long a window that is closed waits for its work, which ends at its next step."""


class Program:
    """The program without its window.

    Parameters
    ----------
    store : Store
    memory : Memory, optional
        Where results are remembered.
    kept : Kept, optional
        What was measured of exposures at other times, on disk; nothing by default.

    Attributes
    ----------
    session, stages, live, live_map, live_cuts, live_masks, live_camera, live_night, loader
    film, follow, changes, tasks, stacks, repositories, samp, compare, sweeps, corrections,
    places
        The parts that do the work.
    """

    def __init__(
        self, store: Store, memory: Memory | None = None, kept: Kept | None = None
    ) -> None:
        give_back_large()
        switch_often()
        self.store = store
        self.stages = Stages(memory or Memory(), kept)
        self.live = Live(store, self.stages)
        self.live_map = LiveMap(store, self.stages)
        self.live_cuts = LiveCuts(store)
        self.live_masks = LiveMasks(store)
        self.live_camera = LiveCamera(store, self.stages)
        self.live_night = LiveNight(store, self.stages)
        self.film = Film(store, self.live, self.stages.memory.budget)
        self.loader = Loader(store, self.stages.look)
        self.follow = Follow(store, self.loader)
        self.changes = Changes(store, self.loader)
        self.film.missed.connect(self.changes.look_at)
        self.tasks = Tasks(store, self.stages)
        self.stacks = Stacks(store)
        self.repositories = Repositories(store)
        self.samp = Samp(store, self.tasks)
        self.compare = Compare(store, self.stages)
        self.sweeps = Sweeps(store, self.stages)
        self.corrections = Corrections(store, self.stages)
        self.places = PlaceSearch(store)
        store.changed.connect(self._on_changed)
        self.turns = Turns()
        for lane in self.lanes:
            lane.turns = self.turns

    def _on_changed(self, old: State, new: State) -> None:
        if old.jobs is not new.jobs:
            notes = self.stages.kept.fresh_notes()
            if notes:
                write_log(self.store, *notes)

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """All lanes."""
        return (
            self.live.preview,
            self.live.full,
            self.live_map.lane,
            *self.live_cuts.lanes,
            self.live_masks.lane,
            self.live_camera.lane,
            self.live_night.lane,
            self.film.lane,
            self.loader.opening,
            self.loader.survey,
            self.follow.lane,
            self.changes.lane,
            self.tasks.lane,
            self.repositories.lane,
            self.stacks.lane,
            self.stacks.bins,
            self.compare.lane,
            self.sweeps.lane,
            self.corrections.lane,
            self.corrections.pictures,
            self.places.lane,
        )

    @property
    def busy(self) -> bool:
        """Whether any work runs or waits, be it only to be painted."""
        lanes = any(lane.busy for lane in self.lanes)
        return self.turns.busy or self.live.busy or self.live_map.busy or lanes

    def close(self) -> bool:
        """Stop all work; return whether everything has ended in time."""
        parts = (
            self.live,
            self.live_map,
            self.live_cuts,
            self.live_masks,
            self.live_camera,
            self.live_night,
            self.film,
            self.loader,
            self.follow,
            self.changes,
            self.tasks,
            self.repositories,
            self.stacks,
            self.compare,
            self.sweeps,
            self.corrections,
            self.places,
        )
        for part in parts:  # all are told at once: from here on none takes anything new
            part.close(0.0)
        # One time for all of them together: the one that is busy may need most of it.
        end = time.monotonic() + CLOSE_SECONDS
        ended = [lane.close(max(end - time.monotonic(), 0.0)) for lane in self.lanes]
        self.samp.close()
        return all(ended)
