"""The statements of an override file, parsed and taken to pieces; none of them is ever run."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.files.config.values import (
    NotLiteral,
    literal,
    parsed,
    sections_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = "config"
_LIST_CALLS = ("append", "extend", "remove")


class NoPlainValue(SkyFrameError):
    """A line that sets no field to a value that stands in it."""


def path_of(statement: ast.stmt) -> tuple[str, ...]:
    """Return the words behind ``config`` of the field that a line sets or calls; () for others."""
    node: ast.AST | None = None
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        node = statement.targets[0]
    elif isinstance(statement, ast.AnnAssign | ast.AugAssign):
        node = statement.target
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        function = statement.value.func
        node = function.value if isinstance(function, ast.Attribute) else None
    parts: list[str] = []
    while isinstance(node, ast.Attribute | ast.Subscript):
        if isinstance(node, ast.Attribute):
            parts.append(node.attr)
        node = node.value
    return tuple(reversed(parts)) if isinstance(node, ast.Name) and node.id == ROOT else ()


def statements_of(text: str, name: str) -> list[ast.stmt]:
    """Return the lines of an override file as Python's syntax trees.

    Raises
    ------
    SkyFrameError
        The text is no Python; caused by a `SyntaxError` where one line is to blame.
    """
    try:
        body: list[ast.stmt] = parsed(text).body
        return body
    except SyntaxError as error:
        raise SkyFrameError(
            f"{name}, line {error.lineno or 1}: this is not a line of an override file "
            f"({error.msg})."
        ) from error
    except (ValueError, RecursionError, MemoryError) as error:
        why = "it is nested too deeply" if not isinstance(error, ValueError) else error
        raise SkyFrameError(
            f"{name}: this is not an override file (it cannot be parsed: {why})."
        ) from error


def is_preamble(statement: ast.stmt) -> bool:
    """Whether a line sets nothing: an import, a text, or the check of the config's type."""
    if isinstance(statement, ast.Import):
        return True
    if isinstance(statement, ast.Expr):
        value = statement.value
        return isinstance(value, ast.Constant) and isinstance(value.value, str)
    if not (isinstance(statement, ast.Assert) and isinstance(statement.test, ast.Compare)):
        return False
    left = statement.test.left
    return (
        isinstance(left, ast.Call)
        and isinstance(left.func, ast.Name)
        and left.func.id == "type"
        and len(left.args) == 1
        and isinstance(left.args[0], ast.Name)
        and left.args[0].id == ROOT
    )


def parts_of(statement: ast.stmt, where: str) -> tuple[ast.expr, str, Any]:
    """Return the field, the list method or "", and the value of a line."""
    try:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            return statement.targets[0], "", literal(statement.value)
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            call = statement.value
            if (
                isinstance(call.func, ast.Attribute)
                and call.func.attr in _LIST_CALLS
                and len(call.args) == 1
                and not call.keywords
            ):
                return call.func.value, call.func.attr, literal(call.args[0])
    except (NotLiteral, RecursionError) as error:
        why = error if isinstance(error, NotLiteral) else "it is nested too deeply"
        raise NoPlainValue(f"{where}: this value is not taken: {why}.") from error
    raise NoPlainValue(
        f"{where}: only lines such as config.skyRej = 3.0 and config.stats.mask.append('BAD') are "
        "taken; the file is parsed and never run, so remove this line."
    )


def field_of(target: ast.expr, where: str, known: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """Return a line's prefix and the dotted name of the field, which is one of those known."""
    parts: list[str] = []
    node = target
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    path = tuple(reversed(parts))
    if not isinstance(node, ast.Name) or node.id != ROOT or not path:
        raise SkyFrameError(f"{where}: only fields of config are taken, as in config.skyRej = 3.0.")
    sections = {section.partition(".")[0] for section in sections_of(known)}
    for start in range(len(path)):
        name, prefix = ".".join(path[start:]), path[:start]
        if name in known and not {*prefix} & sections:
            return prefix, name
    raise SkyFrameError(
        f"{where}: there is no field {'.'.join((ROOT, *path))}; the fields are {', '.join(known)}."
    )
