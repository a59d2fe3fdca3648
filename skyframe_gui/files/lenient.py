"""Reads damaged JSON and data of other versions: takes what is sound, and says what is not."""

from __future__ import annotations

import json
import re
import types
import typing
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

DEEPEST = 60
"""Deeper nesting is none of ours, and would only exhaust the parser."""
MOST_NOTES = 50
_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],"]', re.DOTALL)
_Model = TypeVar("_Model", bound=BaseModel)


class Unusable(ValueError):
    """A value from which nothing can be taken; its text says why."""


def load_json(text: str) -> tuple[Any, str]:
    """Return the value of a JSON text, and what is wrong with it; "" for nothing.

    Of a text that breaks off or is damaged, what stands before is returned, as far as it is whole:
    open lists and objects end with their last whole member.

    Raises
    ------
    Unusable
        The text begins with no JSON.
    """
    fault = ""
    for _ in range(3):  # a text mended at its first damage may show one more before it
        try:
            value = json.loads(text)
        except json.JSONDecodeError as error:
            fault = fault or f"line {error.lineno}: {error.msg}"
            text = _mended(text[: error.pos] if "Unterminated" not in error.msg else text)
            continue
        except (ValueError, RecursionError, MemoryError) as error:
            raise Unusable(str(error) or "it is nested too deeply") from error
        return value, fault
    raise Unusable(fault)


def _mended(text: str) -> str:
    """Return the text up to its last whole member, with what is open closed."""
    closers: list[str] = []
    end, still_open = 0, ""
    for match in _TOKENS.finditer(text):
        token = match.group()
        if token in "{[":
            closers.append("}" if token == "{" else "]")
            end = match.end()
        elif token in "}]":
            if not closers or closers.pop() != token:
                break
            end = match.end()
        elif token == ",":
            end = match.start()
        elif token == '"':  # a string that does not end
            break
        else:
            continue
        if len(closers) > DEEPEST:
            break
        still_open = "".join(reversed(closers))
    return text[:end] + still_open


class Notes:
    """Collects sentences on what was left out, no more of them than a person reads."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._more = 0

    def add(self, text: str) -> None:
        """Add a sentence."""
        if len(self._texts) < MOST_NOTES:
            self._texts.append(text)
        else:
            self._more += 1

    def all(self) -> tuple[str, ...]:
        """Return the sentences."""
        if not self._more:
            return tuple(self._texts)
        return (*self._texts, f"{self._more} more things were left out.")


def take_model(model: type[_Model], data: Any, notes: Notes, where: str = "") -> _Model:
    """Return a model made of what is sound in ``data``; its defaults for the rest.

    Parameters
    ----------
    model : type
        A pydantic model whose fields have defaults, but for those without which it is nothing.
    data : object
        As JSON has it.
    notes : Notes
        Gets a sentence for everything that is left out.
    where : str
        What the sentences call the data; "" for the whole.

    Raises
    ------
    Unusable
        The data is no object, or a field without a default is missing or unsound.
    """
    if not isinstance(data, dict):
        raise Unusable(f"{_kind(data)} instead of named values")
    sound: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        if name not in data:
            if info.is_required():
                raise Unusable(f"{name} is missing")
            continue
        place = f"{where}.{name}" if where else name
        try:
            sound[name] = _take(_annotation(model, name), data[name], notes, place)
        except Unusable as error:
            if info.is_required():
                raise Unusable(f"{name}: {error}") from error
            notes.add(f"{place} was left out: {error}.")
    unknown = [str(name) for name in data if name not in model.model_fields]
    for name in unknown[:5]:
        notes.add(f"{_short(f'{where}.{name}' if where else name)} is not known and was left out.")
    if len(unknown) > 5:
        notes.add(f"{len(unknown) - 5} more unknown things of {where or 'it'} were left out.")
    return typing.cast("_Model", _validated(model, sound))


def _take(annotation: Any, value: Any, notes: Notes, where: str) -> Any:
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        if value is None and type(None) in inner:
            return None
        models = [one for one in inner if isinstance(one, type) and issubclass(one, BaseModel)]
        if len(models) == 1:
            return take_model(models[0], value, notes, where)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return take_model(annotation, value, notes, where)
    if origin is tuple and len(inner) == 2 and inner[1] is Ellipsis and _holds_model(inner[0]):
        if not isinstance(value, list):
            raise Unusable(f"{_kind(value)} instead of a list")
        taken, lost = [], []
        for number, item in enumerate(value):
            try:
                taken.append(_take(inner[0], item, notes, f"{where}[{number}]"))
            except Unusable as error:
                lost.append(str(error))
        if lost:
            notes.add(f"{len(lost)} of {len(value)} of {where} were left out: {lost[0]}.")
        return tuple(taken)
    if origin in (dict, Mapping) and inner and _holds_model(inner[1]):
        if not isinstance(value, dict):
            raise Unusable(f"{_kind(value)} instead of named values")
        found = {}
        for key, item in value.items():
            try:
                found[key] = _take(inner[1], item, notes, f"{where}.{key}")
            except Unusable as error:
                notes.add(f"{_short(f'{where}.{key}')} was left out: {error}.")
        return found
    return _validated(annotation, value)


def _holds_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


@cache
def _adapter(annotation: Any) -> TypeAdapter[Any]:
    return TypeAdapter(annotation)


@cache
def _annotations(model: type[BaseModel]) -> dict[str, Any]:
    return typing.get_type_hints(model, include_extras=True)


def _annotation(model: type[BaseModel], name: str) -> Any:
    return _annotations(model)[name]


def _validated(annotation: Any, value: Any) -> Any:
    try:
        return _adapter(annotation).validate_python(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        why = first["msg"].removeprefix("Value error, ").rstrip(".")
        raise Unusable(f"{_short(place)}: {why}" if place else why) from error


def _kind(value: Any) -> str:
    kinds = {dict: "named values", list: "a list", str: "a text", bool: "true or false"}
    return "nothing" if value is None else kinds.get(type(value), "a number")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else f"{line[:77]}..."
