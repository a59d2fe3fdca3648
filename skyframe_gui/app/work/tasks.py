"""What a person starts and waits for: building sky frames, and writing files."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject

from skyframe_gui.app.model.items import SkyFrameItem
from skyframe_gui.app.model.problems import clear_problem, report, write_log
from skyframe_gui.app.model.queries import excluded_from, exposures_for, why_none_for
from skyframe_gui.app.model.results import Problem
from skyframe_gui.app.model.sky_sets import free_set, left_behind, sky_sets
from skyframe_gui.app.work.lane import Lane, track
from skyframe_gui.app.work.stages import exposure_key
from skyframe_gui.engine import styles
from skyframe_gui.engine.identity import SKY_LEVEL
from skyframe_gui.numbers import unit_of
from skyframe_gui.workflow.options import OVER_PLANES, Normalise

if TYPE_CHECKING:
    from collections.abc import Callable

    from skyframe_gui.app.model.items import ExposureItem, Options
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.app.work.stages import Stages
    from skyframe_gui.engine import SkyMeasurementConfig, Watch
    from skyframe_gui.files import ExposureSource
    from skyframe_gui.workflow.binning import Binned
    from skyframe_gui.workflow.build import BuildResult


class Tasks(QObject):
    """Runs them one after the other, in the order in which they were asked for.

    Parameters
    ----------
    store : Store
    stages : Stages
    """

    def __init__(self, store: Store, stages: Stages) -> None:
        super().__init__()
        self._store = store
        self._report = partial(report, store)
        self._stages = stages
        self.lane = Lane("task", keeps_all=True)
        track(store, self.lane)
        self._built = 0
        self.awaits_files = False

    def close(self, seconds: float = 1.0) -> bool:
        """Stop everything; return whether it has ended in time."""
        return self.lane.close(seconds)

    def build(self) -> None:
        """Build sky frames from the exposures that serve them; they appear in the session."""
        if self.awaits_files:
            self.awaits_files = False
            clear_problem(self._store, self.lane.name)
        state = self._store.state
        config, options = state.config, state.options
        items = exposures_for(state, "sky")
        if not items:
            self._report(Problem(self.lane.name, why_none_for(state, "sky")))
            return
        label = f"Build sky frame from {len(items)} exposures"
        self.lane.submit(
            label,
            lambda watch: build(self._stages, items, config, options, watch),
            lambda result: self._on_built(result, items, config, options),
            failed=self._report,
            cancelled=lambda: write_log(self._store, f"{label}: cancelled."),
        )

    def await_files(self) -> None:
        """Tell that the build that was asked for waits until all files are open."""
        self.awaits_files = True
        text = "Files are still being opened; the sky frames are built as soon as all are open."
        self._report(Problem(self.lane.name, text))

    def drop_build(self) -> None:
        """Tell that nothing is built, as the opening that it waited for was cancelled."""
        self.awaits_files = False
        text = "No sky frame was built, as opening was cancelled; build again from what is open."
        self._report(Problem(self.lane.name, text))

    def run(
        self,
        label: str,
        work: Callable[[Watch], Any],
        done: Callable[[Any], None],
        failed: Callable[[Problem], None] | None = None,
    ) -> None:
        """Run any other work, such as an export; ``done`` gets its result in the GUI thread."""
        self.lane.submit(
            label,
            work,
            done,
            failed=failed or self._report,
            cancelled=lambda: write_log(self._store, f"{label}: cancelled."),
        )

    def _on_built(
        self,
        result: BuildResult,
        used: tuple[ExposureItem, ...],
        config: SkyMeasurementConfig,
        options: Options,
    ) -> None:
        state = self._store.state
        options = replace(options, normalise=result.normalise)
        keys = {id(item.source): item.key for item in used}
        items: list[SkyFrameItem] = []
        name, made_at = free_set(state), time.strftime("%Y-%m-%dT%H:%M")
        for built in result.sky_frames:
            self._built += 1
            unit = unit_of(built.sources[0].unit)
            items.append(
                SkyFrameItem(
                    key=f"built {self._built}",
                    name=f"built from {len(built.sources)}",
                    detector=built.detector,
                    sky_frame=built.sky_frame,
                    built=built,
                    unit=unit if options.normalise is Normalise.NONE else SKY_LEVEL,
                    made_with=config,
                    made_options=options,
                    made_choices=MappingProxyType(result.choices),
                    members=tuple(keys[id(source)] for source in built.sources),
                    set=name,
                    made_at=made_at,
                )
            )
        selection = state.selection
        changes = left_behind(state, items)
        whole = [
            f"{one.name} is again all of what it was built from; {name} is without what was left "
            "out of it."
            for one in sky_sets(state)
            if one.key in changes["set_exclusions"] and one.key not in state.set_exclusions
            if any(excluded_from(state, item) for item in one.frames)
        ]
        changes["built_sets"] = state.built_sets | {name}
        # What was just built is what is wanted, also where an older sky frame was selected.
        selection = replace(selection, sky_frame="" if selection.exposure else items[0].key)
        problems = tuple(one for one in state.problems if one.origin != "task")
        if result.warnings:
            more = len(result.warnings) - 1
            rest = f" ({more} more like it in the log)" if more else ""
            problems = (*problems, Problem("task", f"{result.warnings[0]}{rest}"))
        lines = [one.why for one in result.failed] + list(result.notes)
        with self._store.batch():
            self._store.set(
                sky_frames=(*state.sky_frames, *items), selection=selection, problems=problems
            )
            self._store.edit(f"build {name}", **changes)
        n = sum(len(item.built.sources) for item in items if item.built)
        write_log(
            self._store,
            f"Built {len(items)} sky frame{'s' * (len(items) > 1)} from {n} exposures.",
        )
        for line in (*whole, *lines):
            write_log(self._store, line)


def build(
    stages: Stages,
    items: tuple[ExposureItem, ...],
    config: SkyMeasurementConfig,
    options: Options,
    watch: Watch,
) -> BuildResult:
    """Build sky frames from exposures of the session, with the bins that are known already.

    Over the focal plane exposures have other bins, and are read again.

    Raises
    ------
    SkyFrameError
        No exposure serves sky frames, or none could be used.
    Cancelled
        The watch said so.
    """
    from skyframe_gui.workflow.binning import normalised
    from skyframe_gui.workflow.build import NothingBuiltError, build_from
    from skyframe_gui.workflow.normalising import decide
    from skyframe_gui.workflow.notes import notes_of_reading

    styles.get(config.background.algorithm)
    by_source = {id(item.source): item for item in items}

    def job(source: ExposureSource, part: Watch | None) -> Binned:
        item = by_source[id(source)]
        grid = stages.grid(item, config.background, options, part)
        exposure = stages.memory.peek("exposure", exposure_key(item, options))
        notes = () if exposure is None else notes_of_reading(source, exposure)
        return normalised(grid, source, decision.normalise, notes)

    if not items:
        raise NothingBuiltError("There is no exposure; a sky frame needs at least one.", ())
    sources = [item.source for item in items]
    camera = options.camera if options.normalise in OVER_PLANES else ""
    decision = decide(sources, options.normalise, camera or None)
    return build_from(None, sources, config, decision, options.mask_objects, watch, job=job)
