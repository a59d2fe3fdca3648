"""Sky frames that were built here follow the exposures that are left out, and tell who pulls."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QObject

from skyframe_gui.app.model.problems import report, solved
from skyframe_gui.app.model.queries import open_sky_frames
from skyframe_gui.app.work.lane import Lane
from skyframe_gui.app.work.stack_bin import bin_view, has_bin
from skyframe_gui.engine import SkyFrameError, average_backgrounds
from skyframe_gui.engine.exposure import read_only
from skyframe_gui.engine.parallel import run_pieces
from skyframe_gui.engine.stack import Pulls, pulls, stacked

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.app.model.state import SkyFrameItem, State
    from skyframe_gui.app.model.store import Session
    from skyframe_gui.app.work.stack_bin import BinView
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

    Looks also at the stack of the sky frame on screen, and at its selected bin.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._asked: frozenset[object] = frozenset()
        self._asked_bin: object = None
        self.lane = Lane("stack")
        self.bins = Lane("stack bin")
        session.changed.connect(self._on_changed)

    def close(self, seconds: float = 1.0) -> bool:
        """Stop everything; return whether it has ended in time."""
        ended = [lane.close(seconds / 2) for lane in (self.lane, self.bins)]
        return all(ended)

    def _on_changed(self, old: State, new: State) -> None:
        if not (
            old.left_out is new.left_out
            and old.sky_frames is new.sky_frames
            and old.closed is new.closed
            and old.results.shown is new.results.shown
        ):
            self._follow_frames(new)
        if old.selection.bin != new.selection.bin or old.results.stack is not new.results.stack:
            self._follow_bin(new)

    def _follow_frames(self, state: State) -> None:
        behind = tuple(item for item in state.sky_frames if wanted(item, state) != item.outside)
        looked_at = inspected(state)
        outside = {item.key: wanted(item, state) for item in behind}
        missing: set[object] = set(outside.items())
        if looked_at is not None and (
            looked_at.key in outside or not _is_seen(state.results.stack, looked_at)
        ):
            missing.add((looked_at.key, wanted(looked_at, state), "stack"))
        # What was asked for is on its way, or has failed and would again.
        is_asked = missing <= self._asked
        if not (missing and is_asked):
            self._asked = frozenset(missing)
        if not missing:
            solved(self._session, self.lane.name)
        if is_asked:
            return
        place = state.selection.bin
        self.lane.submit(
            "Average the stack",
            lambda watch: _follow(behind, outside, looked_at, place, watch),
            self._on_followed,
            published=self._on_followed,
            failed=partial(report, self._session),
            cancelled=self._forget,
        )

    def _forget(self) -> None:
        self._asked = frozenset()

    def _on_followed(self, found: Followed) -> None:
        state = self._session.state
        by_key = {item.key: item for item in found.again}
        frames = tuple(by_key.get(item.key, item) for item in state.sky_frames)
        results = state.results
        if found.stack is not None:
            results = replace(results, stack=found.stack, bin=found.bin)
        self._session.set(sky_frames=frames if found.again else state.sky_frames, results=results)
        if found.stack is not None or not found.partial:
            solved(self._session, self.lane.name)

    def _follow_bin(self, state: State) -> None:
        stack, place, bin_ = state.results.stack, state.selection.bin, state.results.bin
        if stack is None or place is None or not has_bin(stack, place):
            self._asked_bin = None
            self._session.set(results=replace(self._session.state.results, bin=None))
            return
        if bin_ is not None and bin_.stack is stack and bin_.place == place:
            return
        if self._asked_bin == (stack, place):
            return
        self._asked_bin = (stack, place)
        self.bins.submit(
            "Look at the bin",
            lambda watch: bin_view(stack, place),
            self._on_bin,
            failed=partial(report, self._session),
        )

    def _on_bin(self, found: BinView) -> None:
        state = self._session.state
        if found.stack is state.results.stack and found.place == state.selection.bin:
            self._session.set(results=replace(state.results, bin=found))
        solved(self._session, self.bins.name)


@dataclass(frozen=True, eq=False)
class Followed:
    """What the lane has made: sky frames averaged again, and the stack of the one on screen."""

    again: tuple[SkyFrameItem, ...]
    stack: StackView | None = None
    bin: BinView | None = None
    partial: bool = False


def frame_on_screen(state: State) -> SkyFrameItem | None:
    """Return the sky frame that is looked at, as it is now; built here or from a file."""
    shown = state.results.shown
    frame = None if shown is None else shown.sky_frame
    for item in open_sky_frames(state):
        if frame is not None and item.key == frame.key:
            return item
    return frame


def inspected(state: State) -> SkyFrameItem | None:
    """Return the sky frame whose stack is looked at: the one on screen, where it was built here."""
    frame = frame_on_screen(state)
    return frame if frame is not None and frame.built is not None else None


def _is_seen(stack: StackView | None, item: SkyFrameItem) -> bool:
    return stack is not None and stack.key == item.key and stack.sky_frame is item.sky_frame


def wanted(item: SkyFrameItem, state: State) -> frozenset[str]:
    """Return which members of a built sky frame are to be left out of it."""
    return state.left_out.intersection(item.members)


def _follow(
    behind: tuple[SkyFrameItem, ...],
    outside: dict[str, frozenset[str]],
    looked_at: SkyFrameItem | None,
    place: tuple[int, int] | None,
    watch: Watch,
) -> Followed:
    """Average again what is behind, the frame on screen first, and look at its stack; in the lane.

    The averages are told at once: leaving one out after the other takes several times as long.
    """
    again = []
    for item in sorted(behind, key=lambda item: item is not looked_at):
        averaged = average_again(item, outside[item.key], watch)
        again.append(averaged)
        if looked_at is not None and looked_at.key == item.key:
            looked_at = averaged
            watch.publish(Followed(tuple(again), partial=True))
    if looked_at is None:
        return Followed(tuple(again))
    stack = stack_view(looked_at, watch)
    in_it = place is not None and has_bin(stack, place)
    return Followed(tuple(again), stack, bin_view(stack, place) if place and in_it else None)


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

    def bring_back(index: int) -> None:
        back = inside.copy()
        back[index] = True
        grids = [grid for grid, is_in in zip(built.grids, back, strict=True) if is_in]
        with_it = average_backgrounds(grids, built.sky_frame.algorithm, watch)
        pull = with_it.grid.values.astype(np.float64) - frame.grid.values
        pull = pull[~(with_it.filled | frame.filled)]
        if pull.size:
            rms[index], worst[index] = np.sqrt(np.mean(np.square(pull))), np.abs(pull).max()

    # Of an exposure that is left out: the pull it would have if it came back.
    run_pieces(bring_back, np.flatnonzero(~inside).tolist(), watch, "Bringing one back", None)
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
