"""Sky frames that were built here follow the exposures that are left out, and tell who pulls."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QObject

from skyframe_gui.app.derived import open_sky_frames
from skyframe_gui.app.lane import Lane
from skyframe_gui.app.reports import report, solved
from skyframe_gui.engine import SkyFrameError, average_backgrounds
from skyframe_gui.engine.exposure import read_only
from skyframe_gui.engine.stack import Pulls, pulls, stacked

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.app.session import Session
    from skyframe_gui.app.state import SkyFrameItem, State
    from skyframe_gui.engine import SkyFrame, Watch


@dataclass(frozen=True, eq=False)
class StackView:
    """The exposures behind one sky frame.

    Attributes
    ----------
    key : str
        Of the sky frame.
    sky_frame : SkyFrame
        The average of the exposures that are in it.
    members : tuple of str
        Keys of all exposures that it was built from, in their order.
    names, dates : tuple of str
        What they are called, and when they were taken (UTC, ISO 8601, "" where nobody tells).
    inside : tuple of bool
        Which of them are in the frame now.
    values : float32 [n, ny, nx]
        The bins of all of them, +inf where there is none; see `skyframe_gui.engine.stack.stacked`.
    levels : tuple of float
        The median bin of each exposure, before any division by it.
    residuals : float32 [n, ny, nx]
        Bins minus the frame and minus the median of that, NaN where there is none: what is left of
        the pattern, whatever the level.
    rms : float64 [n]
        Root of the mean square of the residuals.
    pulls : Pulls
        Of the exposures that are inside; of the others what they would pull if they alone came back
        in.
    """

    key: str
    sky_frame: SkyFrame
    members: tuple[str, ...]
    names: tuple[str, ...]
    dates: tuple[str, ...]
    inside: tuple[bool, ...]
    values: NDArray[np.float32]
    levels: tuple[float, ...]
    residuals: NDArray[np.float32]
    rms: NDArray[np.float64]
    pulls: Pulls


class Stacks(QObject):
    """Averages built sky frames again when exposures are left out or taken back in.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._asked: object = None
        self.lane = Lane("stack")
        session.changed.connect(self._on_changed)

    def close(self, seconds: float = 1.0) -> bool:
        """Stop everything; return whether it has ended in time."""
        return self.lane.close(seconds)

    def _on_changed(self, old: State, new: State) -> None:
        if (
            old.left_out is new.left_out
            and old.sky_frames is new.sky_frames
            and old.closed is new.closed
            and old.results.shown is new.results.shown
        ):
            return
        behind = tuple(item for item in new.sky_frames if wanted(item, new) != item.outside)
        looked_at = inspected(new)
        asked = (tuple((item.key, wanted(item, new)) for item in behind), looked_at)
        if asked == self._asked or not (behind or looked_at):
            return
        self._asked = asked
        outside = {item.key: wanted(item, new) for item in behind}
        self.lane.submit(
            "Average the stack",
            lambda watch: _follow(behind, outside, looked_at, watch),
            self._on_followed,
            failed=partial(report, self._session),
        )

    def _on_followed(self, found: tuple[tuple[SkyFrameItem, ...], StackView | None]) -> None:
        again, view = found
        state = self._session.state
        by_key = {item.key: item for item in again}
        frames = tuple(by_key.get(item.key, item) for item in state.sky_frames)
        results = state.results if view is None else replace(state.results, stack=view)
        self._session.set(sky_frames=frames if again else state.sky_frames, results=results)
        solved(self._session, self.lane.name)


def inspected(state: State) -> SkyFrameItem | None:
    """Return the sky frame whose stack is looked at: the one on screen, where it was built here."""
    shown = state.results.shown
    frame = None if shown is None else shown.sky_frame
    for item in open_sky_frames(state):
        if frame is not None and item.key == frame.key:
            frame = item
    return frame if frame is not None and frame.built is not None else None


def wanted(item: SkyFrameItem, state: State) -> frozenset[str]:
    """Return which members of a built sky frame are to be left out of it."""
    return state.left_out.intersection(item.members)


def _follow(
    behind: tuple[SkyFrameItem, ...],
    outside: dict[str, frozenset[str]],
    looked_at: SkyFrameItem | None,
    watch: Watch,
) -> tuple[tuple[SkyFrameItem, ...], StackView | None]:
    """Average again what is behind, and look at the stack of one; in the lane."""
    again = []
    for item in behind:
        averaged = average_again(item, outside[item.key], watch)
        again.append(averaged)
        if looked_at is not None and looked_at.key == item.key:
            looked_at = averaged
    return tuple(again), None if looked_at is None else stack_view(looked_at, watch)


def average_again(
    item: SkyFrameItem, outside: frozenset[str], watch: Watch | None = None
) -> SkyFrameItem:
    """Return a built sky frame averaged over its members but for those ``outside``.

    Raises
    ------
    SkyFrameError
        None of the exposures is left.
    """
    built = item.built
    assert built is not None, "only what was built here has members"
    grids = [
        grid for key, grid in zip(item.members, built.grids, strict=True) if key not in outside
    ]
    if not grids:
        raise SkyFrameError(
            f"All exposures of the sky frame of detector {item.detector or '(no name)'} are left "
            "out, so it stays as it was; include at least one."
        )
    frame = average_backgrounds(grids, built.sky_frame.algorithm, watch)
    # Not saved any more: what the file holds is another average.
    return replace(item, sky_frame=frame, outside=outside, path="", sha256="")


def stack_view(item: SkyFrameItem, watch: Watch | None = None) -> StackView:
    """Return the exposures behind a built sky frame.

    Raises
    ------
    SkyFrameError
        Its grids do not fit together.
    Cancelled
        The watch said so.
    """
    built = item.built
    assert built is not None, "only what was built here has members"
    values = stacked(built.grids)
    inside = np.array([key not in item.outside for key in item.members], bool)
    frame = item.sky_frame
    of_inside = pulls(values[inside], frame, watch)
    n = len(values)
    rms, worst = np.full(n, np.nan), np.full(n, np.nan)
    n_clipped = np.zeros(n, np.int64)
    rms[inside], worst[inside] = of_inside.rms, of_inside.worst
    n_clipped[inside] = of_inside.n_clipped
    for index in np.flatnonzero(~inside):
        # With this one back in: the pull it would have.
        back = inside.copy()
        back[index] = True
        grids = [grid for grid, is_in in zip(built.grids, back, strict=True) if is_in]
        with_it = average_backgrounds(grids, built.sky_frame.algorithm, watch)
        pull = with_it.grid.values.astype(np.float64) - frame.grid.values
        pull = pull[~(with_it.filled | frame.filled)]
        if pull.size:
            rms[index], worst[index] = np.sqrt(np.mean(np.square(pull))), np.abs(pull).max()
    residuals = np.where(np.isfinite(values), values - frame.grid.values, np.float32(np.nan))
    residuals[:, frame.filled] = np.nan
    spread = np.full(n, np.nan)
    for index in range(n):
        finite = residuals[index][np.isfinite(residuals[index])].astype(np.float64)
        if finite.size:
            residuals[index] -= np.float32(np.median(finite))
            spread[index] = np.sqrt(np.mean(np.square(finite - np.median(finite))))
    return StackView(
        item.key,
        frame,
        item.members,
        tuple(source.visit or source.name for source in built.sources),
        tuple(source.date for source in built.sources),
        tuple(bool(one) for one in inside),
        read_only(values, np.float32),
        built.levels,
        read_only(residuals, np.float32),
        read_only(spread, np.float64),
        Pulls(
            read_only(rms, np.float64),
            read_only(worst, np.float64),
            read_only(n_clipped, np.int64),
        ),
    )
