"""How lanes and tasks tell the session of jobs, problems and lines for the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skyframe_gui.app.lane import Lane
    from skyframe_gui.app.session import Session
    from skyframe_gui.app.state import Job, Problem

MOST_LINES = 2000


def track(session: Session, lane: Lane) -> None:
    """Keep the state's jobs up to date with what a lane is doing."""

    def progressed(job: Job | None) -> None:
        others = tuple(one for one in session.state.jobs if one.lane != lane.name)
        session.set(jobs=others if job is None else (*others, job))

    lane.progressed.connect(progressed)


def report(session: Session, problem: Problem) -> None:
    """Show a problem in the place of an older one of the same origin, and log it."""
    others = tuple(one for one in session.state.problems if one.origin != problem.origin)
    session.set(problems=(*others, problem))
    say(session, problem.text, *problem.detail.splitlines())


def solved(session: Session, origin: str) -> None:
    """Take the problems of an origin away."""
    session.set(problems=tuple(one for one in session.state.problems if one.origin != origin))


def say(session: Session, *lines: str) -> None:
    """Write lines to the log."""
    if lines:
        session.set(log=(*session.state.log, *lines)[-MOST_LINES:])
