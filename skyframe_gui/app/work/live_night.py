"""Fits all visits of the list one after the other, while the workspace Night is open."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject

from skyframe_gui.app.model.night_view import LANE, NightView, VisitRow
from skyframe_gui.app.model.problems import clear_problem, report
from skyframe_gui.app.model.queries import engine_is_prepared, open_exposures, visits
from skyframe_gui.app.model.remembered import same
from skyframe_gui.app.model.requests import fit_inputs, parts_of_request, request_for
from skyframe_gui.app.work.fit_visit import fit_visit
from skyframe_gui.app.work.lane import Lane, track
from skyframe_gui.app.work.stages import exposure_key
from skyframe_gui.engine import SkyFrameError

if TYPE_CHECKING:
    from collections.abc import Callable

    from skyframe_gui.app.model.items import ExposureItem
    from skyframe_gui.app.model.requests import Request
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.app.work.stages import Stages
    from skyframe_gui.engine import Watch
    from skyframe_gui.files.fits.conditions import Conditions

FIRST = frozenset({"open", "full", "preview", "task", "correction"})
"""Lanes of what a person waits for: the night goes on behind them."""
LOOK_SECONDS = 0.05
TOLD_SECONDS = 0.4
"""What has become of the rows is told so often: of a thousand each paint costs."""


@dataclass(frozen=True, eq=False, kw_only=True)
class _Asked:
    """One visit, and what its row depends on."""

    visit: str
    members: tuple[ExposureItem, ...]
    request: Request
    inputs: object


class LiveNight(QObject):
    """Keeps a row for each visit up to date, in a lane of its own.

    Rows that are still those of the config and the sky frames are kept.

    Parameters
    ----------
    store : Store
    stages : Stages
    """

    def __init__(self, store: Store, stages: Stages) -> None:
        super().__init__()
        self._store = store
        self._stages = stages
        self._parts: tuple[object, ...] = ()
        self._closed = False
        self._kept: dict[str, tuple[object, VisitRow]] = {}
        self.lane = Lane(LANE, interrupts=True)
        track(store, self.lane)
        store.changed.connect(self._on_changed)

    def close(self, seconds: float = 1.0) -> bool:
        """Stop; return whether that was in time."""
        self._closed = True
        return self.lane.close(seconds)

    def _on_changed(self, old: State, new: State) -> None:
        if self._closed or engine_is_prepared(new):
            return
        if new.view.workspace != "night":
            if self._parts:
                self._parts = ()
                self.lane.cancel()
                clear_problem(self._store, LANE)
            return
        # Which exposure is shown, and what its level is, changes no fit.
        selected = new.selection.exposure, new.facts
        parts = tuple(
            part for part in parts_of_request(new) if not any(part is one for one in selected)
        )
        if same(parts, self._parts):
            return
        self._parts = parts
        clear_problem(self._store, LANE)
        self.lane.submit(
            "Fit all visits",
            partial(night_view, self._stages, new, self._kept, self._others_work),
            self._on_view,
            published=self._on_view,
            failed=partial(report, self._store),
        )

    def _others_work(self) -> bool:
        return any(job.lane in FIRST for job in self._store.state.jobs)

    def _on_view(self, view: NightView) -> None:
        self._store.set(results=replace(self._store.state.results, night=view))


def night_view(
    stages: Stages,
    state: State,
    kept: dict[str, tuple[object, VisitRow]],
    others_work: Callable[[], bool],
    watch: Watch,
) -> NightView:
    """Fit all visits; in the lane. ``kept`` are the rows so far with what they depend on."""
    from skyframe_gui.workflow.night_row import by_time

    asked = [_ask(state, name, members) for name, members in visits(open_exposures(state)).items()]
    rows: dict[str, VisitRow] = {}
    for one in asked:
        known = kept.get(one.visit)
        if known is not None and known[0] == one.inputs:
            rows[one.visit] = known[1]
        elif known is not None:  # older numbers stay until the new ones are there
            keys = tuple(item.key for item in one.members)
            rows[one.visit] = replace(known[1], keys=keys, progress="waiting")
        else:
            rows[one.visit] = _before(state, one)
    for name in kept.keys() - rows.keys():
        del kept[name]

    def view() -> NightView:
        return NightView(rows=tuple(sorted(rows.values(), key=lambda row: by_time(row.numbers))))

    watch.publish(view())
    published = time.monotonic()

    def tell() -> None:
        nonlocal published
        now = time.monotonic()
        if now - published > TOLD_SECONDS:
            published = now
            watch.publish(view())

    todo = [one for one in asked if rows[one.visit].progress != "done"]
    todo.sort(key=lambda one: by_time(rows[one.visit].numbers))
    for number, one in enumerate(todo):
        label = f"Fit {one.visit}"
        while others_work():
            watch.step(number, len(todo), label)
            time.sleep(LOOK_SECONDS)
        watch.step(number, len(todo), label)
        before = rows[one.visit]

        def told(words: str, one: _Asked = one, before: VisitRow = before) -> None:
            rows[one.visit] = replace(before, progress="fitting", words=words)
            tell()

        rows[one.visit] = row = _fitted(stages, one, told, watch.part(label))
        kept[one.visit] = (one.inputs, row)
        tell()
    return view()


def _ask(state: State, visit: str, members: tuple[ExposureItem, ...]) -> _Asked:
    request = request_for(state, visit, members)
    bins = state.config.background.model_copy(update={"algorithm": "CONSTANT"})
    inputs = (fit_inputs(request), bins, tuple(item.key for item in members))
    return _Asked(visit=visit, members=members, request=request, inputs=inputs)


def _before(state: State, one: _Asked) -> VisitRow:
    """Return the row of a visit that is not fitted yet: with the levels that are known."""
    from skyframe_gui.files.fits.conditions import Conditions
    from skyframe_gui.workflow.night_row import night_row

    levels = [state.facts[item.key].level for item in one.members if item.key in state.facts]
    row = night_row(
        one.visit,
        [item.source for item in one.members],
        levels,
        Conditions(),
        fit=None,
        config=state.config,
    )
    return VisitRow(keys=tuple(item.key for item in one.members), numbers=row, progress="waiting")


def _fitted(stages: Stages, one: _Asked, told: Callable[[str], None], watch: Watch) -> VisitRow:
    """Return the row of a visit: its levels, and where it has sky frames its fit."""
    from skyframe_gui.files.fits.conditions import Conditions
    from skyframe_gui.workflow.night_row import night_row

    request, levels, failed = one.request, [], []
    config, options = request.config, request.options
    frames = dict(zip((item.key for item in request.members), request.frames, strict=True))
    places = {item.key: place for place, item in enumerate(request.members)}
    done: list[int] = []
    for number, item in enumerate(one.members, 1):
        detector = item.source.detector or str(number)
        told(f"fitting, det {detector} of {len(one.members)}")
        watch.step(number, len(one.members))
        try:
            if item.key in frames:
                stages.samples(item, frames[item.key], config, options, watch)
                done.append(places[item.key])
            levels.append(_level(stages, item, request, watch))
        except SkyFrameError as error:
            failed.append(str(error))
    fit, why = None, failed[0] if failed and not done else ""
    if done:
        try:
            fit = fit_visit(stages, request, done, watch, ended=len(done) < len(request.members))
        except SkyFrameError as error:
            why = str(error)
    try:
        conditions = _conditions(stages, one.members[0])
    except SkyFrameError:  # it is said by those who need it
        conditions = Conditions()
    row = night_row(
        one.visit,
        [item.source for item in one.members],
        levels,
        conditions,
        fit=fit,
        config=config,
        n_failed=len(failed),
        why=why,
    )
    return VisitRow(keys=tuple(item.key for item in one.members), numbers=row)


def _level(stages: Stages, item: ExposureItem, request: Request, watch: Watch) -> float:
    """Return the median bin of an exposure, as the command night has it."""
    config = request.config.background.model_copy(update={"algorithm": "CONSTANT"})

    def make() -> float:
        return stages.grid(item, config, request.options, watch).level

    return stages.memory.get("level", (exposure_key(item, request.options), config), make)


def _conditions(stages: Stages, item: ExposureItem) -> Conditions:
    from skyframe_gui.files.fits.conditions import read_conditions

    key = (item.key, item.stamps, item.source.date, item.source.exposure_time)
    return stages.memory.get("conditions", key, lambda: read_conditions(item.source))
