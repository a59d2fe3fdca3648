"""Everything a person can do, in one place: menus, keys, panels and tests call these."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

from skyframe_gui.app.cut_commands import CutCommands
from skyframe_gui.app.film_commands import FilmCommands
from skyframe_gui.app.look_commands import LookCommands
from skyframe_gui.app.mask_commands import MaskCommands
from skyframe_gui.app.model.correction import LAYER
from skyframe_gui.app.model.items import Assigned
from skyframe_gui.app.model.problems import write_log
from skyframe_gui.app.model.queries import (
    excluded,
    open_exposure,
    open_exposures,
    shown_detector,
    shown_visit,
    visit_of,
    visits,
    visits_by_night,
)
from skyframe_gui.app.model.rejection_steps import rows_of
from skyframe_gui.app.model.sky_sets import set_of_frame, ticked
from skyframe_gui.app.pane_commands import PaneCommands
from skyframe_gui.app.pin_commands import PinCommands
from skyframe_gui.app.set_commands import SetCommands
from skyframe_gui.app.work.scan import sorted_out

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path
    from typing import Unpack

    from skyframe_gui.app.model.items import OptionsChanges, Role, SampleId
    from skyframe_gui.app.model.pointer import PlanePoint
    from skyframe_gui.app.model.view import (
        CorrectionPart,
        SelectionChanges,
        Switch,
        ViewChanges,
        Workspace,
    )
    from skyframe_gui.app.program import Program
    from skyframe_gui.engine import SkyMeasurementConfig


class Commands:
    """What a person can do, a method each.

    Parameters
    ----------
    program : Program
        The parts that do the work.

    Attributes
    ----------
    program : Program
    store : Store
        The program's.
    sets : SetCommands
        What is done with sets of sky frames.
    masks : MaskCommands
        What is done with masks by hand.
    cuts : CutCommands
        What is done with the cut and the region over the panes.
    panes : PaneCommands
        What is done with the panes over the image.
    looks : LookCommands
        What is done with limits, stretch and colours of layers.
    pins : PinCommands
        What is done with A and B.
    changes : Changes
        Looks for files that have changed, and reloads them.
    film : FilmCommands
        What is done with marks, with blinking and with a film.
    open_session : callable (path, other files) or None
        Opens a session file; the window sets it, as it may have to ask first.
    folders : dict
        Where a person last opened ("open") or wrote ("export") something.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        program.samp.chosen.connect(self.select_samples)
        self.store = program.store
        self.sets = SetCommands(self)
        self.masks = MaskCommands(self.store)
        self.cuts = CutCommands(self.store)
        self.panes = PaneCommands(self.store)
        self.looks = LookCommands(self.store)
        self.pins = PinCommands(self.store)
        self.film = FilmCommands(self.store, program.film)
        self.changes = program.changes
        program.film.wanted.connect(self._show)
        self.folders: dict[str, str] = {}
        self.open_session: Callable[[str, Sequence[str]], None] | None = None

    # Files -----------------------------------------------------------------------------------

    def open(self, paths: Sequence[str | Path]) -> None:
        """Open files and folders; a session file takes the place of what is open."""
        sessions, others = sorted_out(paths)
        if sessions and self.open_session is not None:
            self.open_session(sessions[0], others)
            if len(sessions) > 1:
                write_log(
                    self.store, f"Only {sessions[0]} was opened; one session is open at a time."
                )
        else:
            self.program.loader.open(paths)

    def close_items(self, keys: Iterable[str]) -> None:
        """Take exposures and sky frames off the list; the files stay."""
        keys = frozenset(keys)
        state = self.store.state
        what = "close 1 file" if len(keys) == 1 else f"close {len(keys)} files"
        order = self._in_order()
        self.store.edit(what, removed=state.removed | keys)
        if state.selection.exposure in keys:
            # The next on the list, so that a person goes on where they were.
            at = order.index(state.selection.exposure) if state.selection.exposure in order else 0
            rest = (key for key in (*order[at:], *order[:at][::-1]) if key not in keys)
            self.select_exposure(next(rest, ""))

    def _in_order(self) -> list[str]:
        """Return the keys of the open exposures as the Data panel lists them."""
        state = self.store.state
        groups, nights = visits(open_exposures(state)), visits_by_night(state).values()
        return [item.key for names in nights for name in names for item in groups[name]]

    def undo(self) -> None:
        """Take the last edit back."""
        self.store.undo()
        self._show_something()

    def redo(self) -> None:
        """Do what was undone last again."""
        self.store.redo()
        self._show_something()

    def _show_something(self) -> None:
        """Show an exposure where files have come back and none is shown."""
        state = self.store.state
        there = [item.key for item in open_exposures(state)]
        if there and not (state.selection.exposure or state.selection.sky_frame):
            self.select_exposure(there[0])

    def set_role(self, role: Role, keys: Iterable[str], on: bool) -> None:
        """Give exposures a role, or take it from them: to serve sky frames, to be science."""
        keys, state = frozenset(keys), self.store.state
        n = f"{len(keys)} exposure{'s' * (len(keys) != 1)}"
        if role == "sky":
            what = f"use {n} for sky frames" if on else f"leave {n} out of sky frames"
            self.store.edit(what, **ticked(state, keys, on))
        else:
            out = state.excluded_exposures
            what = f"take {n} as science" if on else f"take {n} as no science"
            self.store.edit(what, excluded_exposures=out - keys if on else out | keys)

    def switch_role(self, role: Role, keys: Iterable[str]) -> None:
        """Take a role from exposures; give it to them where none of them has it."""
        keys = frozenset(keys)
        if keys:
            self.set_role(role, keys, on=keys <= excluded(self.store.state, role))

    def set_only_role(self, role: Role, keys: Iterable[str]) -> None:
        """Give exposures one role and not the other, as one step of undo."""
        keys, state = frozenset(keys), self.store.state
        science = state.excluded_exposures
        science = science | keys if role == "sky" else science - keys
        what = f"{len(keys)} exposure{'s' * (len(keys) != 1)} for {role} only"
        changes = ticked(state, keys, on=role == "sky")
        changes["excluded_exposures"] = science
        self.store.edit(what, **changes)

    def assign(
        self,
        key: str,
        visit: str,
        detector: str,
        filter: str | None = None,  # the field's word
        instrument: str | None = None,
        night: str | None = None,
    ) -> None:
        """Set by hand what an exposure is of; None leaves what its header tells."""
        known = Assigned(
            visit=visit, detector=detector, filter=filter, instrument=instrument, night=night
        )
        assigned = {**self.store.state.assigned, key: known}
        self.store.edit("set what an exposure is of", assigned=MappingProxyType(assigned))

    # What is looked at -----------------------------------------------------------------------

    def select_exposure(self, key: str) -> None:
        """Show an exposure; within its visit the selected samples stay."""
        state = self.store.state
        _, members = shown_visit(state)
        if any(item.key == key for item in members):
            self._look_at(exposure=key)
            return
        if state.view.trial is not None:
            self.view(trial=None)  # it was tried on another visit
        self._look_at(exposure=key, samples=frozenset())

    def select_sky_frame(self, key: str, alone: bool = False) -> None:
        """Use the set of a sky frame; ``alone`` shows the frame without any exposure."""
        if alone:
            self._look_at(exposure="", sky_frame=key, samples=frozenset())
            return
        found = set_of_frame(self.store.state, key)
        if found is not None:
            self.sets.use(found.key)

    def _show(self, key: str) -> None:
        """Show an exposure, or a sky frame by itself."""
        is_exposure = open_exposure(self.store.state, key) is not None
        self.select_exposure(key) if is_exposure else self.select_sky_frame(key, alone=True)

    def step_exposure(self, by: int) -> None:
        """Show the next (1) or previous (-1) exposure of the visit, round in a circle.

        Where a sky frame is looked at by itself, the next of its set.
        """
        state = self.store.state
        _, members = shown_visit(state)
        keys = [item.key for item in members]
        looked_at = set_of_frame(state, state.selection.sky_frame)
        if not keys and looked_at is not None:
            frames = [item.key for item in looked_at.frames]
            place = (frames.index(state.selection.sky_frame) + by) % len(frames)
            self.select_sky_frame(frames[place], alone=True)
        if state.selection.exposure in keys:
            place = (keys.index(state.selection.exposure) + by) % len(keys)
            self.select_exposure(keys[place])

    def step_visit(self, by: int) -> None:
        """Show the same detector of the next (1) or previous (-1) visit that has it."""
        state = self.store.state
        groups = visits(open_exposures(state))
        names = [one for of_filter in visits_by_night(state).values() for one in of_filter]
        name, detector = visit_of(state, state.selection.exposure), shown_detector(state)
        if not name:
            return
        place = names.index(name)
        beyond = names[place + 1 :] if by > 0 else names[:place][::-1]
        for other in beyond:
            for item in groups[other]:
                if item.source.detector == detector:
                    self.select_exposure(item.key)
                    return

    def select_samples(self, samples: Iterable[SampleId], add: bool = False) -> None:
        """Select samples, or add them to (take those that are in it out of) the selection."""
        chosen = frozenset(samples)
        if add:
            chosen = self.store.state.selection.samples ^ chosen
        self._select(samples=chosen)

    def hover(self, sample: SampleId | None) -> None:
        """Light up a sample everywhere."""
        self.store.pointer.light_up(sample)

    def show_step(self, step: int | None) -> None:
        """Show a round of the fit; None is always the last."""
        self._select(step=step)

    def show_sample(self, sample: SampleId) -> None:
        """Show a sample's exposure, the sample in the middle of the panes; it stays selected."""
        key, (x0, y0, x1, y1) = sample
        self._select(exposure=key)
        self.hover(sample)
        view = self.store.state.view
        frame = view.frames[view.active_frame]
        if frame is not None:
            there = replace(frame, x=(x0 + x1 - 1) / 2, y=(y0 + y1 - 1) / 2)
            self.panes.move(view.active_frame, there)

    def select_bin(self, place: tuple[int, int] | None) -> None:
        """Select a bin (column, row) of the sky frame."""
        self._select(bin=place)

    def select_stack_exposure(self, key: str) -> None:
        """Select an exposure of the stack."""
        self._select(stack_exposure=key)

    def point(self, cursor: tuple[float, float] | None) -> None:
        """Say where the mouse is, in pixels of the shown exposure."""
        self.store.pointer.point(cursor)

    def point_at_plane(self, plane: PlanePoint | None) -> None:
        """Say where on the focal plane the mouse is."""
        self.store.pointer.point_at_plane(plane)

    def open_in_visit(self, key: str) -> None:
        """Show an exposure, and the workspace that looks into it."""
        self.select_exposure(key)
        self.show_workspace("visit")

    def _look_at(self, **changes: Unpack[SelectionChanges]) -> None:
        """Select another exposure; no sample of the last one stays lit up."""
        self.hover(None)
        self._select(**changes)

    def _select(self, **changes: Unpack[SelectionChanges]) -> None:
        self.store.set(selection=replace(self.store.state.selection, **changes))

    # How it looks ----------------------------------------------------------------------------

    def view(self, **changes: Unpack[ViewChanges]) -> None:
        """Change fields of the `View`."""
        self.store.set(view=replace(self.store.state.view, **changes))

    def switch(self, name: Switch) -> None:
        """Switch a field of the `View` over."""
        over = {name: not getattr(self.store.state.view, name)}
        self.view(**cast("ViewChanges", over))

    def show_workspace(self, name: Workspace) -> None:
        """Go to another workspace."""
        if name != self.store.state.view.workspace:
            self.point(None)
            self.point_at_plane(None)
            self.hover(None)
            # What blinks there is another thing than here.
            self.view(workspace=name, blinking=False, before=False)

    # What the engine is told -----------------------------------------------------------------

    def set_config(self, config: SkyMeasurementConfig, label: str = "change the config") -> None:
        """Use another config."""
        self.store.edit(label, config=config)

    def set_preset(self, name: str, config: SkyMeasurementConfig) -> None:
        """Use a preset; from now on "changed" means different from it."""
        self.store.edit(f"use {name}", config=config, preset=config, preset_name=name)

    def sweep(self, fields: Mapping[str, tuple[Any, ...]]) -> None:
        """Fit the shown visit with one or two fields run over values."""
        self.program.sweeps.sweep(fields)

    def set_correction(self, label: str = "change the sky correction", **changes: Any) -> None:
        """Change what a whole visit is corrected with, see `Correction`.

        All of a ``config`` counts that comes without the ``base`` that it was made from.
        """
        if "config" in changes:
            changes.setdefault("base", None)
        self.store.edit(label, correction=replace(self.store.state.correction, **changes))

    def correct(self) -> None:
        """Correct the shown visit over its focal plane."""
        self.program.corrections.correct()

    def show_correction(self, stage: int | None, part: CorrectionPart) -> None:
        """Show a stage of the correction; None is always the last.

        Where no pane shows the correction yet, the last one does from then on.
        """
        view = replace(self.store.state.view, correction_stage=stage, correction_part=part)
        if LAYER not in view.panes:
            view = replace(view, panes=(*view.panes[:-1], LAYER))
        self.store.set(view=view)

    def set_options(self, **changes: Unpack[OptionsChanges]) -> None:
        """Change fields of the `Options`."""
        options = replace(self.store.state.options, **changes)
        self.store.edit("change options", options=options)

    def exclude_samples(self, samples: Iterable[SampleId], exclude: bool = True) -> None:
        """Leave samples out of the fit by hand, or take them back in."""
        chosen = frozenset(samples)
        excluded = self.store.state.excluded_samples
        word = "exclude" if exclude else "restore"
        what = f"{word} {len(chosen)} sample{'s' * (len(chosen) != 1)}"
        excluded = excluded | chosen if exclude else excluded - chosen
        self.store.edit(what, excluded_samples=excluded)

    def exclude_pointed(self, exclude: bool = True) -> None:
        """Leave out, or take back in, the sample under the cursor or the selected ones."""
        state, lit = self.store.state, self.store.pointer.now.sample
        fit = state.results.fit
        if fit is None:
            return
        # The mouse may rest, and the selection stand, where there are other boxes by now.
        rows = rows_of(fit)
        chosen = state.selection.samples if lit is None else {lit}
        chosen = {one for one in chosen if rows.index(one) is not None}
        if chosen:
            self.exclude_samples(chosen, exclude)

    # Work ------------------------------------------------------------------------------------

    def build(self) -> None:
        """Build sky frames from the exposures that serve them, when all files are open."""
        tasks = self.program.tasks
        if not self.program.loader.when_open(tasks.build, tasks.drop_build):
            tasks.await_files()

    def fit(self) -> None:
        """Fit the shown visit now."""
        self.program.live.fit_now()

    def cancel(self, lane: str) -> None:
        """Stop the job of a lane and what waits behind it."""
        for one in self.program.lanes:
            if one.name == lane:
                one.cancel()

    def dismiss(self, origin: str) -> None:
        """Take a problem off the bar."""
        self.store.set(
            problems=tuple(one for one in self.store.state.problems if one.origin != origin)
        )
