"""LSST override files: Python by their looks, here parsed and never executed."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, NamedTuple

from skyframe_gui.engine.config import SkyMeasurementConfig, field_values
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.files.config.statements import (
    ROOT,
    NoPlainValue,
    field_of,
    is_preamble,
    parts_of,
    path_of,
    statements_of,
)
from skyframe_gui.files.config.values import (
    Config,
    field_names,
    is_list,
    with_value,
)

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_REFUSED = 200
"""After so many lines that are no Python, a file is not an override file with some slips."""
MOST_TOLD = 10
"""So many lines are told one by one where a file is refused."""
_LINE_END = re.compile(r"\r\n|\r|\n")
Prefixes = dict[tuple[str, ...], int]
"""Prefixes such as ("sky",) by the line in which they came first."""


class Refused(NamedTuple):
    """A line that was not taken: its number from 1, the line itself, and why, as a sentence."""

    line: int
    text: str
    why: str
    foreign: bool = False
    """Whether it is about another part of the task whose ``config.sky`` is read."""
    no_value: bool = False
    """Whether it is about that part, as an ``if`` or ``retarget``, but sets no plain value."""


@dataclass(frozen=True)
class Imported(Generic[Config]):
    """What could be taken of an override file.

    Attributes
    ----------
    config : SkyMeasurementConfig or another config
    refused : tuple of Refused
        In the order of the lines.
    applied : tuple of str
        Dotted names of the fields that were set, in the order of the lines, each once.
    """

    config: Config
    refused: tuple[Refused, ...]
    applied: tuple[str, ...]


def parse_task(
    text: str, base: Config, name: str = "the override file"
) -> tuple[Config, tuple[str, ...]]:
    """Return the config that an override file makes, and a sentence on each line not of it.

    An override file of a whole task, such as SkyCorrectionTask, has lines of the sky measurement as
    ``config.sky.<field>`` among many others, which are no mistakes. There, a line on ``config.sky``
    that sets no plain value (an ``if``, ``retarget``, ``load``) is left out, too.

    Taken are ``config.<field> = <value>`` lines, with or without a task's prefix (``config.sky.``),
    where a value is a literal, arithmetic on numbers, or a list; ``append``, ``extend`` and
    ``remove`` on lists; and what ``Config.save`` writes above them: docstrings, ``import`` and
    ``assert type(config)`` lines, which are ignored. One prefix a file: with two it would not be
    clear which task is meant.

    Parameters
    ----------
    text : str
        The file's contents.
    base : SkyMeasurementConfig or another config
        What fields keep that the file does not set.
    name : str
        The file, for messages.

    Raises
    ------
    SkyFrameError
        The file holds a line of any other kind or a value that its field does not take; the
        message has the number of each.
    """
    found = import_overrides(text, base, name)
    # Where nothing is of another part, the file is one task's own, and the line may be a mistake.
    whole_task = bool(found.applied) and any(one.foreign for one in found.refused)
    wrong = [one for one in found.refused if not (one.foreign or (one.no_value and whole_task))]
    refuse_lines(name, wrong, len(found.refused) - len(wrong))
    return found.config, tuple(
        f"{name}, line {one.line} "
        f"{'sets no plain value' if one.no_value else 'is of another part of the task'} "
        f"and was left out: {one.text}"
        for one in found.refused
    )


def refuse_lines(name: str, wrong: list[Refused], n_foreign: int = 0) -> None:
    """Refuse a file for its lines that are not taken, where there are any.

    Raises
    ------
    SkyFrameError
        A sentence on each of them.
    """
    if wrong:
        raise SkyFrameError(_all_wrong(name, wrong, n_foreign))


def _all_wrong(name: str, wrong: list[Refused], n_foreign: int) -> str:
    """Return a sentence on each line that is in the way, and one that nothing was taken."""
    first = f"{name}, {wrong[0].why[:1].lower()}{wrong[0].why[1:]}"
    if len(wrong) == 1 and not n_foreign:
        return first
    sentences = [first, *(one.why for one in wrong[1:MOST_TOLD])]
    if len(wrong) > MOST_TOLD:
        sentences.append(f"So it is with {len(wrong) - MOST_TOLD} lines more.")
    others = "; the other lines are of other parts of the task" if n_foreign else ""
    return " ".join([*sentences, f"Nothing of the file was taken{others}."])


def import_overrides(
    text: str,
    base: Config,
    name: str = "the override file",
    not_ours: Callable[[ast.stmt], bool] | None = None,
) -> Imported[Config]:
    """Take what can be taken of an override file; nothing of it is ever executed.

    The lines are those that `parse_task` takes, which refuses the whole file for one other.

    Parameters
    ----------
    text : str
        The file's contents.
    base : SkyMeasurementConfig or another config
        What fields keep that the file does not set. A sky measurement's lines are found among
        those of a whole task.
    name : str
        The file, for messages.
    not_ours : callable, optional
        Whether a line is about a field of LSST's that this config does not have.

    Raises
    ------
    SkyFrameError
        The text is no override file at all: it cannot be parsed, or has more than `MOST_REFUSED`
        lines that are no Python.
    """
    lines = _LINE_END.split(text)
    refused: list[Refused] = []
    found = _parsed_lines(lines, name, refused)
    config = base
    prefixes: Prefixes = {}
    fields: dict[str, None] = {}
    task = _sky_prefix(found) if isinstance(base, SkyMeasurementConfig) else ()
    for statement in found:
        where = f"line {statement.lineno}"
        foreign = not_ours is not None and not_ours(statement)
        if foreign or (task and not _may_be_of(task, statement)):
            refused.append(
                _refusal(
                    lines, statement.lineno, f"{where}: it is of another part of the task."
                )._replace(foreign=True)
            )
            continue
        try:
            config, field = _applied(statement, config, prefixes, where)
        except SkyFrameError as error:
            no_value = bool(task or not_ours) and isinstance(error, NoPlainValue)
            refused.append(
                _refusal(lines, statement.lineno, str(error))._replace(no_value=no_value)
            )
            continue
        if field:
            fields[field] = None
    return Imported(config, tuple(sorted(refused)), tuple(fields))


def _parsed_lines(lines: list[str], name: str, refused: list[Refused]) -> list[ast.stmt]:
    """Return the statements of a file; lines that are no Python are blanked and listed."""
    left = list(lines)
    while True:
        try:
            return statements_of("\n".join(left), name)
        except SkyFrameError as error:
            cause = error.__cause__
            if not isinstance(cause, SyntaxError) or len(refused) >= MOST_REFUSED:
                raise
            # What begins in a line may be found wrong behind the last one.
            at = min(cause.lineno or 1, len(left)) - 1
            while at >= 0 and not left[at].strip():
                at -= 1
            if at < 0:
                raise
            why = f"line {at + 1}: this is not a line of an override file ({cause.msg})."
            refused.append(_refusal(lines, at + 1, why))
            left[at] = ""


def _sky_prefix(statements: list[ast.stmt]) -> tuple[str, ...]:
    """Return what stands before the sky measurement's fields in a whole task's file.

    () where the file is not of that kind: nothing is called sky in it.
    """
    for statement in statements:
        path = path_of(statement)
        for length in range(len(path) - 1, 0, -1):
            if path[length - 1] == "sky" and ".".join(path[length:]) in field_names():
                return path[:length]
    return ()


def _may_be_of(prefix: tuple[str, ...], statement: ast.stmt) -> bool:
    """Whether a line may be about a part of a task: it is, or nobody can say of what it is."""
    if is_preamble(statement):
        return True
    path = path_of(statement)
    if path:
        # A field that stands alone is nobody else's: with another prefix it would be a mistake.
        return path[: len(prefix)] == prefix or ".".join(path) in field_names()
    words = {node.attr for node in ast.walk(statement) if isinstance(node, ast.Attribute)}
    return prefix[-1] in words


def _refusal(lines: list[str], number: int, why: str) -> Refused:
    return Refused(number, lines[number - 1].strip()[:200], why[:1].upper() + why[1:])


def _applied(
    statement: ast.stmt, config: Config, prefixes: Prefixes, where: str
) -> tuple[Config, str]:
    """Return what a line makes of a config, and the field that it sets; "" for a preamble.

    Parameters
    ----------
    statement : ast.stmt
        See `statements_of`.
    config : SkyMeasurementConfig or another config
    prefixes : dict
        Those of the lines taken so far, by their first line; this line's is added.
    where : str
        File and line, for the message.

    Raises
    ------
    SkyFrameError
        The line is not taken.
    """
    if is_preamble(statement):
        return config, ""
    target, call, value = parts_of(statement, where)
    prefix, field = field_of(target, where, field_names(type(config)))
    if prefixes and prefix not in prefixes:
        first, line = next(iter(prefixes.items()))
        raise SkyFrameError(
            f"{where}: the prefix {'.'.join((ROOT, *prefix))} is another one than "
            f"{'.'.join((ROOT, *first))} in line {line}; keep the lines of one task."
        )
    if call:
        value = _changed_list(field_values(config)[field], field, call, value, where)
    config = with_value(config, field, value, where)
    prefixes.setdefault(prefix, statement.lineno)
    return config, field


def _changed_list(current: Any, field: str, call: str, value: Any, where: str) -> list[Any]:
    if not is_list(field):
        raise SkyFrameError(f"{where}: {field} is not a list, so {call} cannot be used on it.")
    if call == "extend":
        if not isinstance(value, list):
            raise SkyFrameError(f"{where}: extend takes a list, as in extend(['SAT', 'BAD']).")
        return [*current, *value]
    if call == "append":
        return [*current, value]
    if value not in current:
        raise SkyFrameError(f"{where}: {value!r} is not in {field}, so it cannot be removed.")
    rest = list(current)
    rest.remove(value)
    return rest
