"""What A and B stand for in a state, and whether what is shown of them is of the newest one."""

from __future__ import annotations

from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING

from skyframe_gui.app.model.comparison import Pin, Sweep, with_fields
from skyframe_gui.app.model.queries import shown_exposure, sky_frame_of
from skyframe_gui.app.model.requests import fit_inputs, request_of
from skyframe_gui.app.model.sky_sets import sky_set

if TYPE_CHECKING:
    from skyframe_gui.app.model.comparison import Comparison
    from skyframe_gui.app.model.requests import Request
    from skyframe_gui.app.model.state import State


def pin_of(state: State) -> Pin:
    """Return what is now set, for A or B; a set is told by its first sky frame."""
    return Pin(
        config=state.config,
        options=state.options,
        sky_frame=chosen_frame(state),
        excluded_samples=state.excluded_samples,
    )


def chosen_frame(state: State) -> str:
    """Return the key of the selected sky frame, else of the first of a chosen set of the visit."""
    selected, shown = state.selection.sky_frame, shown_exposure(state)
    if selected or shown is None:
        return selected
    frame = sky_frame_of(state, shown.source)
    chosen = None if frame is None else sky_set(state, frame.set_key)
    if chosen is None or chosen.key not in state.chosen_sets:
        return ""
    return chosen.frames[0].key


def sides_of(state: State) -> tuple[Pin, Pin] | None:
    """Return what A and B stand for; B is what is set now while only A is pinned."""
    a = state.pins.get("A")
    return None if a is None else (a, state.pins.get("B") or pin_of(state))


def pinned_request(state: State, pin: Pin) -> Request:
    """Return what the engine is asked for the shown visit with what a pin stands for."""
    selection = replace(state.selection, sky_frame=pin.sky_frame)
    return request_of(
        replace(
            state,
            chosen_sets=frozenset() if pin.sky_frame else state.chosen_sets,
            config=pin.config,
            options=pin.options,
            excluded_samples=pin.excluded_samples,
            selection=selection,
        )
    )


def is_stale(state: State, found: Comparison | Sweep) -> bool:
    """Whether a comparison or a sweep is not (or not yet) of the newest pins, files and options."""
    if isinstance(found, Sweep):
        return found.made_from != fit_inputs(request_of(replace(state, config=found.config)))
    sides = sides_of(state)
    if sides is None or sides != found.pins:
        return True
    made_from = (found.a.made_from, found.b.made_from)
    return made_from != tuple(fit_inputs(pinned_request(state, pin)) for pin in sides)


def is_of_pin(state: State, sweep: Sweep) -> bool:
    """Whether a sweep with all else as in A is (still) of what A stands for now."""
    pin, pinned = state.pins.get("A"), sweep.pinned
    if pin is None or pinned is None:
        return False
    values = {name: attrgetter(name)(pin.config) for name in sweep.fields}
    if with_fields(pinned.config, values) != pin.config:
        return False
    request = pinned_request(state, replace(pin, config=pinned.config))
    return pinned.made_from == fit_inputs(request)
