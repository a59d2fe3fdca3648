"""The view in a session file: its fields as JSON has them, and taken back one by one."""

from __future__ import annotations

import collections.abc
import math
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from skyframe_gui.app.model import view as views
from skyframe_gui.app.model.limits import OWN_GRID
from skyframe_gui.app.model.looks import LAYERS, CompareLayer, Layer
from skyframe_gui.app.model.view import AT_HAND, PANE_NUMBERS, View
from skyframe_gui.app.project.preferences import COLOUR

if TYPE_CHECKING:
    from collections.abc import Callable

PASSING = ("before", "blinking", "theme", "trial")
"""Not taken from a session file: what a person does at a moment, and the taste of another one."""

OLD = ("stretch", "limits_mode", "colours", "limits")
"""Fields of the view of version 0.1.0 that are now in the looks."""
LOOKS = "looks"
"""Stands beside the view's fields in a file."""


def plain_view(view: View) -> dict[str, Any]:
    """Return the view's fields as JSON has them."""
    return {one.name: _plain(getattr(view, one.name)) for one in fields(view)}


def taken_view(data: Mapping[str, Any], view: View) -> tuple[View, tuple[str, ...]]:
    """Return the view with what is sound in ``data``, and a sentence on each field that is not.

    Fields that the program does not know are those of another version, and named.
    """
    known = {one.name for one in fields(View)}
    taken: dict[str, Any] = {}
    notes = [
        f"view.{name[:60]} is not known and was left out."
        for name in data
        if name not in known and name not in (*OLD, LOOKS)
    ][:10]
    for name in known & set(data):
        if name in PASSING:
            continue
        try:
            value = _frozen(_adapters()[name].validate_python(data[name]))
            check = _CHECKS.get(name)
            if check is not None and not check(value):
                raise ValueError("this program has no such choice")
            taken[name] = value
        except ValueError as error:
            why = str(error)
            if isinstance(error, ValidationError):
                why = error.errors(include_url=False, include_input=False)[0]["msg"]
            notes.append(f"view.{name} was left out: {why}.")
    new = replace(view, **taken)
    missing = len(view.frames) - len(new.frames)
    if missing > 0 and new.frames:  # of version 0.1.0, which had four
        new = replace(new, frames=(*new.frames, *(new.frames[0],) * missing))
    elif missing:
        new = replace(new, frames=view.frames)
    if not 0 <= new.active < len(new.panes):
        new = replace(new, active=0)
    return new, tuple(sorted(notes))


@cache
def _adapters() -> dict[str, TypeAdapter[Any]]:
    # The view's annotations name types that are imported for type checkers only.
    names = {
        **vars(views),
        "CompareLayer": CompareLayer,
        "Layer": Layer,
        "Mapping": collections.abc.Mapping,
    }
    return {name: TypeAdapter(hint) for name, hint in typing.get_type_hints(View, names).items()}


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(_plain(item) for item in value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, bool | str) or value is None:
        return value
    if isinstance(value, int):
        return int(value)
    number = float(value)
    return number if math.isfinite(number) else None


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return MappingProxyType({key: _frozen(item) for key, item in value.items()})
    return value


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "workspace": lambda name: name in AT_HAND,
    "panes": lambda panes: len(panes) in PANE_NUMBERS,
    "pane_shape": lambda shape: (
        shape is None or (min(shape) > 0 and math.prod(shape) in PANE_NUMBERS)
    ),
    "measured": lambda measured: all(
        key in (*LAYERS, OWN_GRID) and math.isfinite(high - low) and low < high
        for key, presets in measured.items()
        for low, high in presets.values()
    ),
    "frames": lambda frames: all(
        math.isfinite(one.x) and math.isfinite(one.y) and 0 < one.zoom < 1e6
        for one in frames
        if one is not None
    ),
    "plane_opacity": lambda opacity: 0 <= opacity <= 1,
    "plane_colours": lambda colours: all(COLOUR.fullmatch(one) for one in colours.values()),
}
