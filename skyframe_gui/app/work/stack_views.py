"""What is behind a sky frame that was built here: averaged again, and looked at bin by bin."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.app.model.stack_view import NO_VALUE, OUTSIDE, BinView, StackView
from skyframe_gui.engine import SkyFrameError, average_backgrounds
from skyframe_gui.engine.exposure import read_only
from skyframe_gui.engine.parallel import run_pieces
from skyframe_gui.engine.stack import Pulls, bin_history, pulls, stacked

if TYPE_CHECKING:
    from skyframe_gui.app.model.items import SkyFrameItem
    from skyframe_gui.engine import Watch


def average_again(
    item: SkyFrameItem, excluded_members: frozenset[str], watch: Watch | None = None
) -> SkyFrameItem:
    """Return a built sky frame averaged over its members but for those ``excluded_members``.

    Raises
    ------
    SkyFrameError
        None of the exposures is left.
    """
    built = item.built
    assert built is not None, "only what was built here has members"
    kept = [key not in excluded_members for key in item.members]
    grids = [grid for grid, is_in in zip(built.grids, kept, strict=True) if is_in]
    names = [one.name for one, is_in in zip(built.sources, kept, strict=True) if is_in]
    if not grids:
        raise SkyFrameError(
            f"All exposures of the sky frame of detector {item.detector or '(no name)'} are left "
            "out, so it stays as it was; include at least one."
        )
    frame = average_backgrounds(grids, built.sky_frame.algorithm, watch, names)
    frame = replace(frame, identity=built.sky_frame.identity)
    # Not saved any more: what the file holds is another average.
    n, of = len(grids), len(kept)
    name = item.name
    if name.startswith("built from "):
        name = f"built from {n}" if n == of else f"built from {n} of {of}"
    return replace(
        item, name=name, sky_frame=frame, excluded_members=excluded_members, path="", sha256=""
    )


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
    inside = np.array([key not in item.excluded_members for key in item.members], bool)
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
        key=item.key,
        sky_frame=frame,
        members=item.members,
        names=tuple(source.visit or source.name for source in built.sources),
        dates=tuple(source.date for source in built.sources),
        inside=tuple(bool(one) for one in inside),
        values=read_only(values, np.float32),
        levels=built.levels,
        residuals=read_only(residuals, np.float32),
        rms=read_only(spread, np.float64),
        pulls=Pulls(
            read_only(rms, np.float64),
            read_only(worst, np.float64),
            read_only(n_clipped, np.int64),
        ),
    )


def bin_view(stack: StackView, place: tuple[int, int]) -> BinView:
    """Return one bin (column, row) of a stack.

    Raises
    ------
    SkyFrameError
        There is no such bin.
    """
    column, row = place
    inside = np.array(stack.inside, bool)
    history = bin_history(stack.values[inside], row, column)
    values = stack.values[:, row, column].astype(np.float64)
    values[~np.isfinite(values)] = np.nan
    clipped_at = np.where(np.isnan(values), NO_VALUE, OUTSIDE)
    clipped_at[inside] = history.clipped_at
    frame = stack.sky_frame
    x, y = frame.grid.x_edges, frame.grid.y_edges
    return BinView(
        stack=stack,
        place=place,
        box=(int(x[column]), int(x[column + 1]), int(y[row]), int(y[row + 1])),
        values=read_only(values, np.float64),
        low=history.low,
        high=history.high,
        clipped_at=read_only(clipped_at, np.int64),
        value=float(frame.grid.values[row, column]),
        error=float(frame.grid.errors[row, column]),
        filled=bool(frame.filled[row, column]),
    )
