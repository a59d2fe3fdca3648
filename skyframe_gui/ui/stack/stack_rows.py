"""The exposures of the stack on screen as rows: what all panels of the stack paint."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from skyframe_gui.app.model.queries import (
    excluded_from,
    frame_on_screen,
    inspected,
    open_sky_frames,
)
from skyframe_gui.numbers import unit_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skyframe_gui.app.model.items import SkyFrameItem
    from skyframe_gui.app.model.stack_view import StackView
    from skyframe_gui.app.model.state import State

Order = Literal["time", "pull", "level"]
SHORTEST = 3
"""Letters of a shortened name."""
NO_UNIT = "sky unit"
"""Of a sky frame whose file does not tell, as on the image panes."""


@dataclass(frozen=True, kw_only=True)
class StackRow:
    """One exposure of the stack.

    Attributes
    ----------
    index : int
        Its place in the arrays of the `StackView`.
    key, name, short : str
        ``short`` is the part of the name that tells it from the others.
    date : str
        UTC, ISO 8601; "" where nobody tells.
    inside, included : bool
        Whether it is in the frame that is shown, and whether it is to be.
    pull, worst, level, rms : float
        See `StackView`.
    n_clipped : int
        Bins where it is clipped.
    """

    index: int
    key: str
    name: str
    short: str
    date: str
    inside: bool
    included: bool
    pull: float
    worst: float
    level: float
    rms: float
    n_clipped: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Stack:
    """The stack on screen.

    Attributes
    ----------
    item : SkyFrameItem
    view : StackView
    rows : tuple of StackRow
        In the order of the view.
    selected : str
        Key of the selected exposure.
    unit, level_unit : str
        Of the sky frame, and of the exposures' levels.
    """

    item: SkyFrameItem
    view: StackView
    rows: tuple[StackRow, ...]
    selected: str
    unit: str
    level_unit: str


def stack_watched(state: State) -> tuple[object, ...]:
    """Return what a `Stack` is made of; compared with ``==``."""
    item, view = frame_on_screen(state), state.results.stack
    # Neither the item itself nor what is left out: the average comes first and is painted by the
    # maps alone; what the exposures do to it comes with the view.
    kind = None if item is None else (item.key, item.built is not None, item.unit)
    return kind, view, state.selection.stack_exposure


def count_words(state: State) -> str:
    """Return how many of the exposures are in the frame on screen; "" where nobody knows."""
    view = state.results.stack
    if view is None or inspected(state) is None:
        return ""
    n = len(view.members)
    return f"{sum(view.inside)} of {n} exposure{'s' * (n != 1)} in the frame"


def stack_of(state: State) -> Stack | None:
    """Return the stack on screen; None where it is of a file, or not known yet."""
    if inspected(state) is None or state.results.stack is None:
        return None
    view = state.results.stack
    # Of the frame before this one, for the moment until the new one's is there.
    item = next((one for one in open_sky_frames(state) if one.key == view.key), None)
    if item is None or item.built is None:
        return None
    short = short_names(view.names)
    out = excluded_from(state, item)
    rows = tuple(
        StackRow(
            index=index,
            key=key,
            name=view.names[index],
            short=short[index],
            date=view.dates[index],
            inside=view.inside[index],
            included=key not in out,
            pull=float(view.pulls.rms[index]),
            worst=float(view.pulls.worst[index]),
            level=view.levels[index],
            rms=float(view.rms[index]),
            n_clipped=int(view.pulls.n_clipped[index]),
        )
        for index, key in enumerate(view.members)
    )
    level_unit = unit_of(item.built.sources[0].unit)
    selected = state.selection.stack_exposure
    return Stack(
        item=item,
        view=view,
        rows=rows,
        selected=selected,
        unit=item.unit or NO_UNIT,
        level_unit=level_unit,
    )


def ordered(rows: Sequence[StackRow], order: Order) -> tuple[StackRow, ...]:
    """Return rows by time, by pull (the strongest first) or by level (the highest first)."""
    if order == "time":
        # Those that nobody knows the time of stay in their order, behind the others.
        return tuple(sorted(rows, key=lambda row: (not row.date, row.date, row.index)))
    return tuple(
        sorted(
            rows, key=lambda row: (_last(-(row.pull if order == "pull" else row.level)), row.index)
        )
    )


def neighbour(rows: Sequence[StackRow], selected: str, by: int) -> str:
    """Return the key of the row ``by`` places on, as far as there are rows; "" without any."""
    keys = [row.key for row in rows]
    if not keys:
        return ""
    # With nothing selected a step begins at the first, and a leap goes to its end.
    place = keys.index(selected) + by if selected in keys else by if abs(by) > 1 else 0
    return keys[max(0, min(place, len(keys) - 1))]


def short_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return names without what they have in common at their beginning."""
    if len(set(names)) < 2:
        return tuple(names)
    shortest = min(len(name) for name in names)
    cut = next(
        (place for place in range(shortest) if len({name[place] for name in names}) > 1), shortest
    )
    # Numbers keep enough digits to be recognised.
    cut = max(0, min(cut, shortest - SHORTEST))
    return tuple(name[cut:] for name in names)


def empty_note(state: State) -> tuple[str, str, str]:
    """Return icon, title and sentence for a panel that has no stack to show."""
    item = frame_on_screen(state)
    if item is None:
        return (
            "layers-triple-outline",
            "No sky frame on screen",
            "Open exposures and build a sky frame, or choose one in the data panel.",
        )
    if item.built is None:
        return (
            "layers-off-outline",
            "Not built here",
            "The file does not hold the exposures' bins; build the sky frame here to see them.",
        )
    return "progress-clock", "Looking at the stack", "The exposures are being compared."


def _last(value: float) -> float:
    return value if math.isfinite(value) else math.inf
