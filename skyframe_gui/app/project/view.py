"""The view in a session file: its fields as JSON has them, and taken back one by one."""

from __future__ import annotations

import collections.abc
import copy
import math
import re
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache, partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, create_model

from skyframe_gui.app.model import view as views
from skyframe_gui.app.model.cuts import WIDEST, Cut, Region, Tool
from skyframe_gui.app.model.limits import OWN_GRID, difference_name
from skyframe_gui.app.model.looks import COMPARED, LARGEST_LIMIT, LAYERS, CompareLayer, Layer
from skyframe_gui.app.model.view import FASTEST, PANE_NUMBERS, SLOWEST, View
from skyframe_gui.files.tolerant_json import Notes, Unusable, take_model

if TYPE_CHECKING:
    from collections.abc import Callable

PASSING = (
    "before",
    "blinking",
    "film",
    "film_place",
    "held_limits",
    "mark",
    "reload_itself",
    "theme",
    "trial",
    "tool",
)
"""Not taken from a session file: what a person does at a moment, and the taste of another one."""

OLD = ("stretch", "limits_mode", "colours", "limits")
"""Fields of the view of version 0.1.0 that are now in the looks."""
COLOUR = re.compile("#[0-9a-fA-F]{6}")
MEASURED = (*LAYERS, OWN_GRID, *map(difference_name, COMPARED))
FARTHEST = 1e7
"""Pixels from the corner of an image: no detector is a tenth as wide."""
LOOKS = "looks"
"""Stands beside the view's fields in a file."""


def plain_view(view: View) -> dict[str, Any]:
    """Return the view's fields as JSON has them."""
    return {one.name: _plain(getattr(view, one.name)) for one in fields(view)}


def taken_view(
    data: Mapping[str, Any], view: View, passing: tuple[str, ...] = PASSING
) -> tuple[View, tuple[str, ...]]:
    """Return the view with what is sound in ``data``, and a sentence on each field that is not.

    Fields that the program does not know are those of another version, and named; those that are
    ``passing`` are not taken.
    """
    skipped = {*passing, *OLD, LOOKS}
    notes = Notes()
    wanted = copy.deepcopy({name: one for name, one in data.items() if name not in skipped})
    try:
        record = take_model(_record(), wanted, notes, "view")
    except Unusable as error:
        return view, (f"view was left out: {error}.",)
    new = replace(
        view, **{name: _frozen(getattr(record, name)) for name in record.model_fields_set}
    )
    missing = len(view.frames) - len(new.frames)
    if missing > 0 and new.frames:  # of version 0.1.0, which had four
        new = replace(new, frames=(*new.frames, *(new.frames[0],) * missing))
    elif missing:
        new = replace(new, frames=view.frames)
    if not 0 <= new.active < len(new.panes):
        new = replace(new, active=0)
    return new, notes.all()


@cache
def _record() -> type[BaseModel]:
    """Return a model of the view's fields as they stand in a file."""
    # The view's annotations name types that are imported for type checkers only.
    names = {
        **vars(views),
        "CompareLayer": CompareLayer,
        "Cut": Cut,
        "Layer": Layer,
        "Mapping": collections.abc.Mapping,
        "Region": Region,
        "Tool": Tool,
    }
    hints: dict[str, Any] = typing.get_type_hints(View, names)
    for name, is_sound in _CHECKS.items():
        hints[name] = Annotated[hints[name], AfterValidator(partial(_checked, is_sound))]
    fields_: dict[str, Any] = {name: (hint, None) for name, hint in hints.items()}
    return create_model("View", __config__=ConfigDict(extra="forbid"), **fields_)


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


def _checked(is_sound: Callable[[Any], bool], value: Any) -> Any:
    if not is_sound(value):
        raise ValueError("this program has no such choice")
    return value


def _are_limits(limits: tuple[float, float]) -> bool:
    return -LARGEST_LIMIT <= limits[0] < limits[1] <= LARGEST_LIMIT


def _are_on_image(ends: Cut | Region) -> bool:
    # A NaN is less than nothing.
    return all(abs(one) <= FARTHEST for one in (ends.x0, ends.y0, ends.x1, ends.y1))


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "panes": lambda panes: len(panes) in PANE_NUMBERS and set(panes) <= set(LAYERS),
    "pane_shape": lambda shape: (
        shape is None or (min(shape) > 0 and math.prod(shape) in PANE_NUMBERS)
    ),
    "measured": lambda measured: all(
        key in MEASURED and all(map(_are_limits, presets.values()))
        for key, presets in measured.items()
    ),
    "plane_limits": lambda limits: all(map(_are_limits, limits.values())),
    "frames": lambda frames: all(
        max(abs(one.x), abs(one.y)) <= FARTHEST and 1e-6 < one.zoom < 1e6
        for one in frames
        if one is not None
    ),
    "cut": lambda cut: (
        cut is None
        or (_are_on_image(cut) and 0 < cut.width <= WIDEST and 0 < (cut.step or 1.0) <= WIDEST)
    ),
    "region": lambda region: region is None or _are_on_image(region),
    "film_seconds": lambda seconds: FASTEST <= seconds <= SLOWEST,
    "plane_opacity": lambda opacity: 0 <= opacity <= 1,
    "plane_colours": lambda colours: all(COLOUR.fullmatch(one) for one in colours.values()),
}
