"""Reads damaged JSON and data of other versions: takes what is sound, and says what is not."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

DEEPEST = 60
"""Deeper nesting is none of ours, and would only exhaust the parser."""
MOST_NOTES = 50
MOST_FAULTS = 100_000
"""What has more of them was not damaged by chance."""
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
            value = json.loads(
                text,
                object_pairs_hook=_whole_letters if "\\u" in text else None,
                parse_constant=lambda name: None,
                parse_float=_finite,
            )
        except json.JSONDecodeError as error:
            fault = fault or f"line {error.lineno}: {error.msg}"
            text = _mended(text[: error.pos] if "Unterminated" not in error.msg else text)
            continue
        except ValueError as error:
            raise Unusable(str(error)) from error
        except (RecursionError, MemoryError) as error:
            raise Unusable("it is nested too deeply") from error
        return value, fault
    raise Unusable(fault)


def _finite(text: str) -> float | None:
    """Return a number, or nothing for one that no JSON can hold."""
    value = float(text)
    return value if math.isfinite(value) else None


def _whole_letters(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return named values whose names pydantic can tell of; no name of ours has half a letter."""
    return {name.encode("utf-8", "replace").decode(): value for name, value in pairs}


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

    What is wrong is taken out, and the rest tried again. A record without a field that it needs is
    wrong as a whole; of a list of records only those that are wrong are left out.

    Parameters
    ----------
    model : type
        A pydantic model whose fields have defaults, but for those without which it is nothing.
        Unknown names are told of where it forbids them, and passed over where it ignores them.
    data : object
        As JSON has it; what is left out is left out of it, too.
    notes : Notes
        Gets a sentence for everything that is left out.
    where : str
        What the sentences call the data; "" for the whole.

    Raises
    ------
    Unusable
        The data is no object, or a field without a default is missing or unsound.
    """
    losses: dict[tuple[int, str], _Loss] = {}
    while True:
        try:
            taken = model.model_validate(data)
        except ValidationError as error:
            if error.error_count() > MOST_FAULTS:
                raise Unusable(f"more than {MOST_FAULTS} things in it are wrong") from error
            _take_out(error, data, losses, where)
        else:
            for loss in losses.values():
                notes.add(loss.sentence())
            return taken


@dataclass(kw_only=True)
class _Loss:
    """What was left out of a place, and why; of a list how many records, and why the first."""

    place: str
    why: str
    n: int = 0
    n_before: int = 0
    first: int = 0

    def sentence(self) -> str:
        place, why = _short(self.place), _short(self.why)
        if self.n:
            return f"{self.n} of {self.n_before} of {place} were left out: {why}."
        return f"{place} was left out: {why}." if why else f"{place} is not known and was left out."


def _take_out(
    error: ValidationError, data: Any, losses: dict[tuple[int, str], _Loss], where: str
) -> None:
    """Take out of ``data`` what is wrong with it; ``losses`` are by what held it, and its name."""
    out: dict[int, tuple[Any, set[Any]]] = {}
    for fault in error.errors(include_url=False, include_input=False):
        steps, value = _way(data, fault["loc"])
        is_missing = fault["type"] == "missing"
        if not is_missing and fault["type"] != "model_type":
            # What is wrong in a list of plain values is the list: its other values mean nothing.
            while steps and isinstance(steps[-1][0], list):
                steps.pop()
        why = _why(fault, value)
        if is_missing and (earlier := losses.get((id(value), str(fault["loc"][-1])))):
            why = f"{fault['loc'][-1]}: {earlier.why}"
        if not steps:
            raise Unusable(_short(why)) from error
        holder, key = steps[-1]
        gone = out.setdefault(id(holder), (holder, set()))[1]
        if key in gone:
            continue
        gone.add(key)
        if isinstance(holder, list):
            loss = losses.setdefault(
                (id(holder), ""),
                _Loss(place=_place(where, steps[:-1]), why=why, n_before=len(holder), first=key),
            )
            loss.n += 1
            if key < loss.first:
                loss.first, loss.why = key, why
        else:
            losses[id(holder), key] = _Loss(place=_place(where, steps), why=why)
    # Of a record that goes nobody asks which of its fields were sound.
    whole = {id(holder[key]) for holder, gone in out.values() for key in gone}
    for held in [one for one in losses if one[0] in whole]:
        del losses[held]
    for holder, gone in out.values():
        if isinstance(holder, list):
            holder[:] = [one for number, one in enumerate(holder) if number not in gone]
        else:
            for key in gone:
                del holder[key]


def _way(data: Any, loc: tuple[int | str, ...]) -> tuple[list[tuple[Any, Any]], Any]:
    """Return what holds what on the way to a place, and the value, as far as the way leads."""
    steps = []
    for key in loc:
        if isinstance(data, dict):
            if key not in data:
                break
        elif not isinstance(data, list) or not isinstance(key, int) or key >= len(data):
            break
        steps.append((data, key))
        data = data[key]
    return steps, data


def _place(where: str, steps: list[tuple[Any, Any]]) -> str:
    names = (f"[{key}]" if isinstance(holder, list) else f".{key}" for holder, key in steps)
    return f"{where}{''.join(names)}".removeprefix(".")


def _why(fault: ErrorDetails, value: Any) -> str:
    """Return what is wrong, as the end of a sentence; "" for a name that is not known."""
    if fault["loc"][-1:] == ("[key]",):
        return ""
    match fault["type"]:
        case "extra_forbidden":
            return ""
        case "missing":
            name = fault["loc"][-1]
            return f"{name} is missing" if isinstance(name, str) else "there are too few"
        case "model_type" | "dict_type":
            return f"{_kind(value)} instead of named values"
        case "tuple_type" | "list_type":
            return f"{_kind(value)} instead of a list"
    return fault["msg"].removeprefix("Value error, ").rstrip(".")


def _kind(value: Any) -> str:
    kinds = {dict: "named values", list: "a list", str: "a text", bool: "true or false"}
    return "nothing" if value is None else kinds.get(type(value), "a number")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else f"{line[:77]}..."
