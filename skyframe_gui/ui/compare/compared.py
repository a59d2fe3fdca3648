"""What the panels of A and B have in common: what is compared, and what is to be done first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from skyframe_gui.app.model.missing import why_no_fit
from skyframe_gui.app.model.pins import is_stale, pin_of, sides_of
from skyframe_gui.app.model.remembered import Remembered
from skyframe_gui.app.model.requests import parts_of_request, request_of
from skyframe_gui.app.model.sky_sets import sky_sets
from skyframe_gui.numbers import TIMES

if TYPE_CHECKING:
    from skyframe_gui.app.model.comparison import Comparison, Pin
    from skyframe_gui.app.model.state import State

NOTHING = (
    "Nothing is pinned",
    "Pin A, then change the config: both are fitted side by side, live.",
)


@dataclass(frozen=True, kw_only=True)
class Watched:
    """What all of them paint."""

    pins: tuple[tuple[str, Pin, str], ...]
    found: Comparison | None
    is_stale: bool
    now: Pin
    has_visit: bool


def watched(state: State) -> Watched:
    """Return what all of them paint, worked out once for all that ask."""
    return _watched.of(
        (state.pins, state.results.compare, *parts_of_request(state)), lambda: _watched_of(state)
    )


_watched = Remembered[Watched]()


def _watched_of(state: State) -> Watched:
    found = state.results.compare
    return Watched(
        pins=tuple((name, pin, pin.at) for name, pin in state.pins.items()),
        found=found,
        is_stale=found is not None and is_stale(state, found),
        now=pin_of(state),
        has_visit=bool(request_of(state).members),
    )


def next_step(state: State) -> tuple[str, str]:
    """Return title and sentence while there is nothing to show."""
    if not state.pins:
        return NOTHING
    if sides_of(state) is None:
        return "B is pinned", "Change the config, then pin A: the two are fitted side by side."
    if not watched(state).has_visit:
        return (
            "There is no visit to compare on",
            why_no_fit(state),
        )
    return "A and B are being fitted", "The numbers come here as soon as they are ready."


def pin_time(state: State, name: str, pin: Pin) -> str:
    """Return when a side was pinned, or that it is what is set now."""
    if name not in state.pins:
        return "now"
    return f"pinned {pin.at}".rstrip()


def names_of_frames(state: State) -> dict[str, str]:
    """Return the names of the sets of the sky frames, by the frames' keys."""
    return {item.key: one.name for one in sky_sets(state) for item in one.frames}


def subject_of(found: Comparison, side: int, names: dict[str, str]) -> str:
    """Return what sets a side apart from the other one, in a few words."""
    values = {row[0]: row[1 + side] for row in found.differing}
    words: list[str] = []
    if "sky frame" in values:
        key = values.pop("sky frame")
        words.append(f"{names.get(key, key)} sky frame" if key == "newest" else names.get(key, key))
    across, up = (values.pop(f"background.{axis}BinSize", "") for axis in "xy")
    if across and up:
        size = across if across == up else f"{across} {TIMES} {up}"
        words.append(f"bins of {size} px")
    elif across or up:  # the other side is the same in both
        words.append(f"bins {across} px wide" if across else f"bins {up} px high")
    for name, value in values.items():
        if name.endswith(".mask"):
            value = f"of {len(value.split(', '))} planes" if value else "empty"
        words.append(f"{name.rpartition('.')[2]} {value}")
    return ", ".join(words) or "the same"
