"""How problems come into the state and go, and lines into its log."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skyframe_gui.app.model.results import Problem
    from skyframe_gui.app.model.store import Store

MOST_LINES = 2000


def report(store: Store, problem: Problem) -> None:
    """Show a problem in the place of an older one of the same origin, and log it."""
    others = tuple(one for one in store.state.problems if one.origin != problem.origin)
    store.set(problems=(*others, problem))
    write_log(store, *problem.text.splitlines(), *problem.detail.splitlines())


def clear_problem(store: Store, origin: str) -> None:
    """Take the problems of an origin away."""
    store.set(problems=tuple(one for one in store.state.problems if one.origin != origin))


def write_log(store: Store, *lines: str) -> None:
    """Write lines to the log."""
    if lines:
        store.set(log=(*store.state.log, *lines)[-MOST_LINES:])
