"""One config with one or two of its fields run over ranges, fitted in a lane of its own."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject

from skyframe_gui.app.model.comparison import Sweep, SweepPoint, with_fields
from skyframe_gui.app.model.pins import pinned_request
from skyframe_gui.app.model.problems import clear_problem, report
from skyframe_gui.app.model.requests import fit_inputs, request_of
from skyframe_gui.app.model.visit_fit import residual_rms
from skyframe_gui.app.work.lane import Lane, track
from skyframe_gui.app.work.sample_visit import fit_whole_visit
from skyframe_gui.engine import SkyFrameError
from skyframe_gui.workflow.jobs import workers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from skyframe_gui.app.model.requests import Request
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.app.model.visit_fit import VisitFit
    from skyframe_gui.app.work.stages import Stages
    from skyframe_gui.engine import Watch

MOST_POINTS = 2000
"""A sweep of more is a slip of the hand."""


class Sweeps(QObject):
    """Runs sweeps over the shown visit.

    Parameters
    ----------
    store : Store
    stages : Stages
    """

    def __init__(self, store: Store, stages: Stages) -> None:
        super().__init__()
        self._store = store
        self._stages = stages
        self.lane = Lane("sweep", interrupts=True)
        track(store, self.lane)

    def close(self, seconds: float = 1.0) -> bool:
        """Stop everything; return whether it has ended in time."""
        return self.lane.close(seconds)

    def sweep(self, fields: Mapping[str, tuple[Any, ...]]) -> None:
        """Fit the shown visit with every combination of values.

        Parameters
        ----------
        fields : mapping of dotted name to values
            One or two fields.
        """
        state = self._store.state
        requests = [request_of(state)]
        if "A" in state.pins and len(fields) == 1:
            requests.append(pinned_request(state, state.pins["A"]))
        begun, *pinned = (
            Sweep(
                fields=tuple(fields),
                values=tuple(fields.values()),
                config=request.config,
                visit=request.visit,
                made_from=fit_inputs(request),
            )
            for request in requests
        )
        if pinned:
            begun = replace(begun, pinned=pinned[0])
        self._store.set(results=replace(state.results, sweep=begun))
        clear_problem(self._store, self.lane.name)
        self.lane.submit(
            f"Sweep {', '.join(fields)}",
            lambda watch: run_sweep(self._stages, requests, begun, watch),
            self._on_sweep,
            published=self._on_sweep,
            failed=partial(report, self._store),
        )

    def _on_sweep(self, sweep: Sweep) -> None:
        self._store.set(results=replace(self._store.state.results, sweep=sweep))


def run_sweep(stages: Stages, requests: Sequence[Request], begun: Sweep, watch: Watch) -> Sweep:
    """Fit with every combination of values, handing out what is ready; in the lane.

    Parameters
    ----------
    stages : Stages
    requests : sequence of Request
        What is set now, and what A stands for where the sweep has a part of it.
    begun : Sweep
    watch : Watch

    Raises
    ------
    SkyFrameError
        There is nothing to fit, too many points, or a value that a field cannot have.
    Cancelled
        The watch said so.
    """
    combinations = list(product(*begun.values))
    if not requests[0].members:
        raise SkyFrameError(
            "There is no visit to sweep over; show an exposure whose detector has a sky frame."
        )
    if len(combinations) > MOST_POINTS:
        raise SkyFrameError(
            f"The sweep has {len(combinations)} points; at most {MOST_POINTS} are taken, so give "
            "wider steps."
        )
    done, label = begun, f"Sweep {', '.join(begun.fields)}"
    with workers(None) as pool:

        def point(request: Request, sweep: Sweep, values: tuple[Any, ...]) -> SweepPoint:
            config = with_fields(sweep.config, dict(zip(sweep.fields, values, strict=True)))
            part = watch.part(label)  # what is told is points, not exposures
            fit = fit_whole_visit(stages, replace(request, config=config), pool, part, label)
            return _point(values, fit)

        for number, values in enumerate(combinations):
            watch.step(number, len(combinations), label)
            new, pinned = point(requests[0], begun, values), done.pinned
            if pinned is not None:
                try:
                    of_a = point(requests[1], pinned, values)
                except SkyFrameError as error:  # what A has besides does not go with this value
                    of_a = SweepPoint(values=values, why=str(error))
                pinned = replace(pinned, points=(*pinned.points, of_a))
            done = replace(done, points=(*done.points, new), pinned=pinned)
            watch.publish(done)
    return done


def _point(values: tuple[Any, ...], fit: VisitFit) -> SweepPoint:
    return SweepPoint(
        values=values,
        scale=fit.solution.scale,
        error=fit.solution.error,
        rms=residual_rms(fit),
        n_used=fit.solution.n_used,
        n_rejected=int((fit.solution.rejected_at >= 0).sum()),
        why=fit.why,
    )
