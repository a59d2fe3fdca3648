"""Writes the report of the session in the task lane."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

from skyframe_gui.app.model.problems import clear_problem, write_log
from skyframe_gui.app.model.queries import inputs_of
from skyframe_gui.app.model.requests import fit_is_stale, request_of
from skyframe_gui.app.work.sample_visit import fit_to_write
from skyframe_gui.engine import SkyFrameError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.visit_fit import VisitFit
    from skyframe_gui.app.program import Program
    from skyframe_gui.app.report.drawings import Draw
    from skyframe_gui.app.work.stages import Stages
    from skyframe_gui.engine import Watch


def write_report(
    program: Program,
    path: str | Path,
    draw: Draw,
    overwrite: bool = False,
    written: Callable[[], None] | None = None,
) -> None:
    """Have the report of what is set now written; ``written`` is called when it is there.

    Parameters
    ----------
    program : Program
    path : str or Path
    draw : callable
        Makes its plots; called in the lane.
    overwrite : bool
        Whether a file may be replaced.
    written : callable, optional
    """
    state, target = program.store.state, str(path)

    def done(notes: tuple[str, ...]) -> None:
        clear_problem(program.store, program.tasks.lane.name)
        write_log(program.store, *notes, f"Wrote the report {target}.")
        if written is not None:
            written()

    program.tasks.run(
        f"Report {os.path.basename(target)}",
        lambda watch: save(program.stages, state, target, overwrite, watch, draw),
        done,
    )


def save(
    stages: Stages, state: State, path: str, overwrite: bool, watch: Watch, draw: Draw
) -> tuple[str, ...]:
    """Write the report of a state; in the lane. Return notes on what was in its folder.

    Raises
    ------
    SkyFrameError
        There is nothing to fit, a file of the visit cannot be read, or the report cannot be
        written; there is no part of it then.
    Cancelled
        The watch said so.
    """
    from skyframe_gui.files.atomic import atomic_write
    from skyframe_gui.files.recovery import recover

    watch.step(0, 0, "Report")
    if os.path.realpath(path) in {os.path.realpath(one) for one in inputs_of(state)}:
        raise SkyFrameError(f"{path} is one of the files that are open; choose another name.")
    notes = recover(os.path.dirname(path) or os.curdir)
    # The name is taken before the work: who has to choose another one is told at once.
    with atomic_write(path, overwrite=overwrite) as file:
        file.write(render(stages, state, watch, draw).encode("utf-8"))
    return notes


def render(stages: Stages, state: State, watch: Watch, draw: Draw) -> str:
    """Return the report of a state as a page of HTML.

    Raises
    ------
    SkyFrameError
        There is nothing to fit, or a file of the visit cannot be read.
    Cancelled
        The watch said so.
    """
    from skyframe_gui.app.report.checksums import checksums, files_of
    from skyframe_gui.app.report.document import gather
    from skyframe_gui.app.report.focal_plane import plane_pictures
    from skyframe_gui.app.report.images import make_pictures
    from skyframe_gui.app.report.page import page

    data = gather(state, newest_fit(stages, state, watch))
    pictures = replace(
        make_pictures(data, stages, watch), plane=plane_pictures(data, stages, watch)
    )
    files = checksums(files_of(state, data), watch)
    watch.step(0, 0, "Report")
    return page(data, pictures, files, draw(data, watch))


def newest_fit(stages: Stages, state: State, watch: Watch) -> VisitFit:
    """Return the fit of a state: the one on screen, or made now where that is not of it (yet).

    Raises
    ------
    SkyFrameError
        There is nothing to fit, or a file of the visit cannot be read.
    """
    fit = state.results.fit
    if fit is not None and fit.complete and not fit_is_stale(state):
        return fit
    request = request_of(state)
    if not request.members:
        raise SkyFrameError(
            "There is no fit to report; show an exposure whose detector has a sky frame first."
        )
    with ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="report") as pool:
        return fit_to_write(stages, request, pool, watch)
