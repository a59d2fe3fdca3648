"""Config fields by their dotted names: the values in files and settings, checked and worded."""

from __future__ import annotations

import ast
import math
import warnings
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from skyframe_gui.engine.config import SkyMeasurementConfig, algorithm_names, field_paths
from skyframe_gui.engine.errors import SkyFrameError

if TYPE_CHECKING:
    from collections.abc import Iterable

Config = TypeVar("Config", bound=BaseModel)
LARGEST_POWER = 64
LARGEST_NUMBER = 1e300
_NUMBERS: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
}


class NotLiteral(ValueError):
    """An expression is more than literals and arithmetic on numbers; its text says what."""


def field_names(model: type[BaseModel] = SkyMeasurementConfig) -> tuple[str, ...]:
    """Return every field by its dotted name, such as ``background.xBinSize``, in order."""
    return field_paths(model)


def sections_of(names: Iterable[str]) -> set[str]:
    """Return the parts of a config that some fields are in, such as ``background``."""
    return {
        ".".join(parts[:length])
        for parts in (name.split(".") for name in names)
        for length in range(1, len(parts))
    }


def checked_name(model: type[BaseModel], name: str, where: str) -> str:
    """Return the dotted name of a field.

    Raises
    ------
    SkyFrameError
        There is no such field.
    """
    known = field_names(model)
    if name not in known:
        raise SkyFrameError(
            f"{where}: there is no field {shortened(name)}; the fields are {', '.join(known)}."
        )
    return name


def shortened(text: str) -> str:
    """Return some of a text that a file or a shell gave, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:57]}..."


def is_list(name: str) -> bool:
    """Return whether a field is a list of mask planes."""
    return name.endswith(".mask")


def with_value(config: Config, name: str, value: Any, where: str) -> Config:
    """Return the config with one field changed.

    Parameters
    ----------
    config : SkyMeasurementConfig or another config
    name : str
        Dotted name of a known field.
    value : object
        Checked by the config's own bounds.
    where : str
        File and line, or the setting, for the message.

    Raises
    ------
    SkyFrameError
        The field does not take the value.
    """
    *parts, last = name.split(".")
    values = config.model_dump()
    section = values
    for part in parts:
        section = section[part]
    section[last] = value
    try:
        for item in value if isinstance(value, list) else [value]:
            _sane(item)
        return type(config).model_validate(values)
    except NotLiteral as error:
        raise SkyFrameError(f"{where}: {name} cannot have this value; {error}.") from error
    except ValidationError as error:
        raise SkyFrameError(f"{where}: {refusal(name, value, error)}") from error


def refusal(name: str, value: Any, error: ValidationError) -> str:
    """Return what is wrong with a value, in the words of a sentence's end."""
    first = error.errors(include_url=False, include_context=False)[0]
    shown = repr(value)
    if len(shown) > 60:
        shown = f"{shown[:57]}..."
    why = first["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    if not first["loc"]:  # of several fields together
        return f"{name} cannot be {shown}: {why}."
    if is_list(name):
        why = 'a list of mask planes, as in ["SAT", "BAD"]'
    elif name.endswith(".algorithm"):
        why = f"one of {', '.join(algorithm_names())}"
    return f"{name} cannot be {shown}; it should be {why}."


def parsed(text: str, mode: str = "exec") -> Any:
    """Return Python's syntax tree of a text, without the warnings that running it would deserve.

    Raises
    ------
    SyntaxError, ValueError, RecursionError, MemoryError
        The text is no Python, or nested more deeply than the parser goes.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text, mode=mode)


def literal(node: ast.expr) -> Any:
    """Return the value of an expression of literals and of arithmetic on numbers.

    Nothing is ever executed: the syntax tree is walked, and what is not named here is refused.

    Raises
    ------
    NotLiteral
        The expression holds anything else, or a number that no field could take.
    """
    if isinstance(node, ast.Constant):
        if node.value is None or isinstance(node.value, bool | int | float | str):
            return _sane(node.value)
        raise NotLiteral(f"{type(node.value).__name__} values are not taken")
    if isinstance(node, ast.List | ast.Tuple):
        return [literal(item) for item in node.elts]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        value = _number(node.operand)
        return -value if isinstance(node.op, ast.USub) else value
    if isinstance(node, ast.BinOp) and type(node.op) in _NUMBERS:
        return _sane(_calculated(_number(node.left), type(node.op), _number(node.right)))
    raise NotLiteral("only literals, arithmetic on numbers and lists of them are taken")


def _number(node: ast.expr) -> float:
    value = literal(node)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NotLiteral("arithmetic is taken on numbers only")
    return value


def _calculated(left: float, operator: type[ast.operator], right: float) -> float:
    sign = _NUMBERS[operator]
    if sign == "**" and abs(right) > LARGEST_POWER:
        raise NotLiteral(f"powers beyond {LARGEST_POWER} are not taken")
    try:
        if sign == "+":
            return left + right
        if sign == "-":
            return left - right
        if sign == "*":
            return left * right
        if sign == "/":
            return left / right
        if sign == "//":
            return left // right
        if sign == "%":
            return left % right
        power = left**right
    except (ArithmeticError, ValueError) as error:
        raise NotLiteral(f"it cannot be calculated ({error})") from error
    if isinstance(power, complex):
        raise NotLiteral("it is not a real number")
    return float(power) if isinstance(power, float) else int(power)


def _sane(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    # Integers are compared before they become floats: a very long one would overflow.
    if abs(value) > (int(LARGEST_NUMBER) if isinstance(value, int) else LARGEST_NUMBER):
        raise NotLiteral("the number is too large")
    if isinstance(value, float) and math.isnan(value):
        raise NotLiteral("NaN is not taken")
    return value
