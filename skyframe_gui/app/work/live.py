"""Keeps the results up to date: watches the session, asks the lanes, writes what they answer."""

from __future__ import annotations

import math
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QTimer

from skyframe_gui.app.model.limits import with_first_limits, with_map_limits
from skyframe_gui.app.model.problems import report, write_log
from skyframe_gui.app.model.queries import bins_of, open_exposure
from skyframe_gui.app.model.remembered import same
from skyframe_gui.app.model.requests import fit_inputs, parts_of_request, request_of
from skyframe_gui.app.model.residual_map import LAYER
from skyframe_gui.app.model.results import Problem
from skyframe_gui.app.work.fit_visit import fit_visit
from skyframe_gui.app.work.lane import Lane, track
from skyframe_gui.app.work.residual_stages import residual_of
from skyframe_gui.app.work.sample_visit import sample_visit
from skyframe_gui.app.work.shown_stages import shown_of
from skyframe_gui.engine import SkyFrameError, styles
from skyframe_gui.workflow.frames import mismatch_notes
from skyframe_gui.workflow.jobs import workers

if TYPE_CHECKING:
    from skyframe_gui.app.model.items import Stamp
    from skyframe_gui.app.model.requests import Request
    from skyframe_gui.app.model.residual_map import ResidualMap
    from skyframe_gui.app.model.shown import Shown
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.app.model.visit_fit import VisitFit
    from skyframe_gui.app.work.stages import Stages
    from skyframe_gui.engine import Watch

PAUSE_MS = 400
"""So long must nothing change before the whole visit is fitted."""
PARTIAL_SECONDS = 0.15
"""While a visit is sampled, what there is of it is fitted so often."""
LARGE_IMAGE = 1 << 20
"""Pixels from which on the image does not wait for its mask."""
EARLY_SECONDS = 0.25
"""Where another exposure is shown, one that is read in less replaces it as a whole."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Preview:
    """What a preview found; None for what it could not work out."""

    shown: Shown | None
    fit: VisitFit | None
    can_fit: bool
    """Whether there is anything to fit at all."""
    problems: tuple[Problem, ...]
    residual: ResidualMap | None = None
    """Only of an exposure that was not shown before."""
    lines: tuple[str, ...] = ()
    """For the log alone: a finding of the fit shows it."""


class Live(QObject):
    """Runs a preview at once and the whole visit after a pause, for every state that needs it.

    Parameters
    ----------
    store : Store
    stages : Stages
    pause_ms : int
        See `PAUSE_MS`.
    """

    def __init__(self, store: Store, stages: Stages, pause_ms: int = PAUSE_MS) -> None:
        super().__init__()
        self._store = store
        self._report = partial(report, store)
        self._stages = stages
        self._request: Request | None = None
        self._closed = False
        self._stamps: tuple[Stamp, ...] = ()
        self._logged: set[str] = set()
        self.preview = Lane("preview")
        self.full = Lane("full", interrupts=True)
        for lane in (self.preview, self.full):
            track(store, lane)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(pause_ms)
        self._pause.timeout.connect(self.fit_now)
        store.changed.connect(self._on_changed)

    @property
    def busy(self) -> bool:
        """Whether something is being worked out, or will be after the pause."""
        return self._pause.isActive() or self.preview.busy or self.full.busy

    def set_pause(self, milliseconds: int) -> None:
        """Wait so long for quiet before the whole visit is fitted."""
        self._pause.setInterval(milliseconds)

    def fit_now(self) -> None:
        """Sample and fit the whole visit without waiting for quiet."""
        self._pause.stop()
        request = request_of(self._store.state)
        if not request.members:
            return
        self.full.submit(
            f"Fit {request.visit}",
            lambda watch: self._fit_all(request, watch),
            self._on_fit,
            published=self._on_fit,
            failed=self._report,
        )

    def close(self, seconds: float = 1.0) -> bool:
        """Stop everything; return whether it has ended in time."""
        self._pause.stop()
        self._closed = True
        ended = [lane.close(seconds / 2) for lane in (self.preview, self.full)]
        return all(ended)

    def _on_changed(self, old: State, new: State) -> None:
        if old.view.film == "playing" != new.view.film and not self._closed:
            self._pause.start()  # of what a film has passed by, no visit was fitted
        if self._closed or (
            self._request is not None and same(parts_of_request(old), parts_of_request(new))
        ):
            return
        request = request_of(new)
        if request == self._request:
            return
        self._request = request
        if request.shown is None and request.sky_frame is None:
            self._pause.stop()
            self.preview.cancel()
            self.full.cancel()
            self._store.set(results=replace(new.results, shown=None, fit=None, residual=None))
            return
        there = new.results.residual
        key = "" if request.shown is None else request.shown.key
        other = LAYER in new.view.panes and (there is None or there.key != key)
        bins, trial = bins_of(new) if other else None, new.view.trial
        empty = new.results.shown is None
        self.preview.submit(
            "Preview",
            lambda watch: self.look(request, watch, bins, trial, empty),
            lambda look: self._on_look(request, look),
            published=lambda look: self._on_look(request, look),
            failed=self._report,
        )
        if self.full.busy:
            self.full.cancel()
        if new.view.film == "playing":
            self._pause.stop()
        else:
            self._pause.start()

    def look(
        self,
        request: Request,
        watch: Watch,
        bins: tuple[int, int] | None = None,
        trial: float | None = None,
        empty: bool = False,
    ) -> Preview:
        """Work out what is on screen; in a lane. A residual map only with ``bins``.

        A large image comes before the rest where it would be waited for: the panes are ``empty``,
        or the file is slow.

        A sky frame that does not fit, or an algorithm that makes no image, must not hide the
        exposure: then the rest is shown, with the problem.
        """
        problems: list[Problem] = []
        shown: Shown | None = None
        fit: VisitFit | None = None
        begun = time.monotonic()

        def early(image: Shown) -> None:
            is_large = image.width * image.height >= LARGE_IMAGE
            if is_large and (empty or time.monotonic() - begun > EARLY_SECONDS):
                watch.publish(
                    Preview(shown=image, fit=None, can_fit=bool(request.members), problems=())
                )

        try:
            styles.get(request.config.background.algorithm)
        except SkyFrameError as error:
            problems.append(Problem("preview", str(error)))
        try:
            shown = shown_of(self._stages, request, watch, early)
        except SkyFrameError as error:
            problems.append(Problem("preview", str(error)))
            if request.shown is not None and request.sky_frame is not None:
                with suppress(SkyFrameError):  # the exposure itself may be what failed
                    shown = shown_of(self._stages, replace(request, sky_frame=None), watch, early)
        is_sampled = shown is not None and shown.own == (request.sky_frame is None)
        ready = [
            index
            for index, item in enumerate(request.members)
            if (request.shown is not None and item.key == request.shown.key and is_sampled)
            or self._stages.has_samples(
                item, request.frames[index], request.config, request.options
            )
        ]
        if ready:
            try:
                fit = fit_visit(self._stages, request, ready, watch)
            except SkyFrameError as error:
                problems.append(Problem("preview", str(error)))
        lines: tuple[str, ...] = ()
        if request.shown is not None and request.sky_frame is not None and is_sampled:
            pair = (request.shown.source, request.sky_frame.sky_frame)
            lines = mismatch_notes([pair])
        residual = None
        if bins is not None and shown is not None and not problems:
            try:
                residual = self._residual(request, shown, fit, bins, trial, watch)
            except SkyFrameError as error:
                problems.append(Problem("preview", str(error)))
        return Preview(
            shown=shown,
            fit=fit,
            can_fit=bool(request.members),
            problems=tuple(problems),
            residual=residual,
            lines=lines,
        )

    def _residual(
        self,
        request: Request,
        shown: Shown,
        fit: VisitFit | None,
        bins: tuple[int, int],
        trial: float | None,
        watch: Watch,
    ) -> ResidualMap | None:
        """Return the residual map, so that it comes with the exposure; None without a scale."""
        if request.shown is None or shown.exposure is None:
            return None
        scale = 1.0 if shown.own else math.nan
        if not shown.own and fit is not None and shown.key in fit.keys:
            scale = fit.solution.scale if trial is None else trial
        if not math.isfinite(scale):
            return None
        return residual_of(
            self._stages,
            request.shown,
            request.sky_frame,
            request.config,
            request.options,
            scale,
            bins,
            watch,
        )

    def _fit_all(self, request: Request, watch: Watch) -> tuple[VisitFit, tuple[Problem, ...]]:
        """Sample every exposure of the visit and fit; in the full lane."""
        known = (request.config, request.options)
        done = {
            index
            for index, item in enumerate(request.members)
            if self._stages.has_samples(item, request.frames[index], *known)
        }
        missing = [index for index in range(len(request.members)) if index not in done]

        fitted = 0.0

        def sampled(index: int, part: Watch | None) -> None:
            nonlocal fitted
            done.add(index)
            now = time.monotonic()
            if now - fitted > PARTIAL_SECONDS:
                fitted = now
                watch.publish((fit_visit(self._stages, request, sorted(done), part), ()))

        with workers(None) as pool:
            failed = sample_visit(
                self._stages, request, pool, watch, which=missing, sampled=sampled
            )
        if not done:
            raise SkyFrameError(failed[0])
        problems = []
        if failed:
            problems.append(
                Problem(
                    "full",
                    f"Visit {request.visit} is fitted without {len(failed)} of its "
                    f"{len(request.members)} exposures. {failed[0]}",
                )
            )
        fit = fit_visit(self._stages, request, sorted(done), watch, ended=bool(failed))
        return fit, tuple(problems)

    def _on_look(self, request: Request, look: Preview) -> None:
        now = self._request
        # One of an older config is welcome while the newest is at work; one of what has been closed
        # meanwhile is not.
        if now is None or (now.shown is None) != (request.shown is None):
            return
        state = self._store.state
        old = state.results
        # Without anything to fit, the fit of another visit would only mislead.
        if look.shown is not None:
            self._stamps = () if request.shown is None else request.shown.stamps
        elif old.shown is not None and self._is_old(old.shown):
            old = replace(old, shown=None, fit=None)  # no number of a file that is another by now
        if look.problems and look.shown is not None and old.fit is not None and look.fit is None:
            gone = any(open_exposure(state, key) is None for key in old.fit.keys)
            if gone or look.shown.key in old.fit.keys:  # of what cannot be sampled any more
                old = replace(old, fit=None)
        fit = look.fit or (old.fit if look.can_fit else None)
        if fit is not None and old.fit is not None and old.fit.made_from == fit.made_from:
            # The whole visit may have been fitted while this preview was still at work.
            fit = max(old.fit, fit, key=lambda one: len(one.keys))
        write_log(self._store, *(line for line in look.lines if line not in self._logged))
        self._logged.update(look.lines)
        state = self._store.state
        others = tuple(one for one in state.problems if one.origin != "preview")
        if fit is not None and fit.complete and self._is_newest(fit):
            self._pause.stop()  # all of the visit is in it already
            others = tuple(one for one in others if one.origin != "full")
        problems = dict.fromkeys(look.problems)
        if state.view.film == "playing" and look.shown is None:
            # It is passed over, and a bar that came and went would move the view.
            write_log(self._store, *(one.text for one in problems))
            state, problems = self._store.state, {}
        shown = look.shown or old.shown
        residual = look.residual or old.residual
        if residual is not None and (shown is None or residual.key != shown.key):
            residual = None
        elif look.problems and look.shown is not None and look.residual is None:
            residual = None  # there is none any more: it was of what the file held before
        self._store.set(
            results=replace(old, shown=shown, fit=fit, residual=residual),
            problems=(*others, *problems),
            view=with_map_limits(with_first_limits(state.view, old.shown, look.shown), residual),
        )

    def _is_old(self, shown: Shown) -> bool:
        """Whether what is shown is of a file that was closed, or reloaded, since."""
        if shown.exposure is None:
            return False
        item = open_exposure(self._store.state, shown.key)
        return item is None or item.stamps != self._stamps

    def _is_newest(self, fit: VisitFit) -> bool:
        """Whether a fit is of what was asked for last."""
        return self._request is not None and fit.made_from == fit_inputs(self._request)

    def _on_fit(self, found: tuple[VisitFit, tuple[Problem, ...]]) -> None:
        fit, problems = found
        state = self._store.state
        others = tuple(one for one in state.problems if one.origin != "full")
        self._store.set(results=replace(state.results, fit=fit), problems=(*others, *problems))
