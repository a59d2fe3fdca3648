"""The exposures of visits sampled on all cores, and the fit once all of them are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.app.work.fit_visit import fit_visit
from skyframe_gui.app.work.stages import check_unchanged
from skyframe_gui.engine import Cancelled, SkyFrameError
from skyframe_gui.workflow.jobs import run_all

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Executor

    from skyframe_gui.app.model.requests import Request
    from skyframe_gui.app.model.visit_fit import VisitFit
    from skyframe_gui.app.work.stages import Stages
    from skyframe_gui.engine import Watch


def sample_visit(
    stages: Stages,
    request: Request,
    pool: Executor,
    watch: Watch,
    *,
    which: Sequence[int] | None = None,
    label: str = "",
    sampled: Callable[[int, Watch | None], None] | None = None,
) -> tuple[str, ...]:
    """Sample exposures of a visit; what is remembered is not made again.

    Parameters
    ----------
    stages : Stages
        Remembers the samples.
    request : Request
    pool : Executor
    watch : Watch
        Told of each exposure that is sampled.
    which : sequence of int, optional
        Indices of the request's members; all if not given.
    label : str
        What is told; "Fit <visit>" if not given.
    sampled : callable, optional
        Called with the index of each exposure when it is sampled, in the pool.

    Returns
    -------
    tuple of str
        Why exposures could not be sampled, a sentence each.

    Raises
    ------
    Cancelled
        The watch said so.
    """

    def sample(index: int, part: Watch | None) -> int:
        item, frame = request.members[index], request.frames[index]
        stages.samples(item, frame, request.config, request.options, part)
        if sampled is not None:
            sampled(index, part)
        return index

    indices = range(len(request.members)) if which is None else which
    outcomes = run_all(pool, sample, indices, watch, label or f"Fit {request.visit}")
    if watch.cancelled:
        raise Cancelled
    return tuple(outcome.why for outcome in outcomes if outcome.value is None)


def fit_whole_visit(
    stages: Stages, request: Request, pool: Executor, watch: Watch, label: str = ""
) -> VisitFit:
    """Sample every exposure of a visit and fit.

    Raises
    ------
    SkyFrameError
        An exposure cannot be sampled: a scale of the others would not be the visit's.
    Cancelled
        The watch said so.
    """
    failed = sample_visit(stages, request, pool, watch, label=label)
    if failed:
        raise SkyFrameError(failed[0])
    return fit_visit(stages, request, range(len(request.members)), watch)


def fit_to_write(stages: Stages, request: Request, pool: Executor, watch: Watch) -> VisitFit:
    """Sample every exposure of a visit and fit, of files that are still what they were.

    Raises
    ------
    SkyFrameError
        An exposure cannot be sampled: a scale of the others would not be the visit's.
    """

    def sampled(index: int, _: Watch | None) -> None:
        check_unchanged(request.members[index])  # samples may be remembered of a file that is gone

    failed = sample_visit(stages, request, pool, watch, sampled=sampled)
    if failed:
        raise SkyFrameError(f"Nothing of visit {request.visit} is written. {failed[0]}")
    return fit_visit(stages, request, range(len(request.members)), watch)
