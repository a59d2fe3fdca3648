"""How problems come into the state and go, and lines into its log."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skyframe_gui.app.model.results import Problem
    from skyframe_gui.app.model.store import Session

MOST_LINES = 2000


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
