"""Configs from files and from ``--set``: LSST override files, YAML, and single settings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from skyframe_gui.engine.config import SkyMeasurementConfig
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.files.config.overrides import parse_task
from skyframe_gui.files.config.values import (
    Config,
    NotLiteral,
    checked_name,
    field_names,
    is_list,
    literal,
    parsed,
    sections_of,
    shortened,
    with_value,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LARGEST_FILE = 1 << 18
"""Bytes; a config is some dozens of lines."""
_WORDS = re.compile(r"[A-Za-z_]\w*(\s*,\s*[A-Za-z_]\w*)*\s*,?")
_NOTHING = ("None", "null", "~")
_TRUTH = {"True": True, "true": True, "False": False, "false": False}


def read_config(path: str | Path, base: SkyMeasurementConfig | None = None) -> SkyMeasurementConfig:
    """Read a config from an LSST override file or from YAML of the same fields.

    ``.py`` is an override file and ``.yaml`` or ``.yml`` YAML; of any other name an override file
    is known by a line that begins with ``config.``.

    Parameters
    ----------
    path : path
        The file; it is parsed and never executed.
    base : SkyMeasurementConfig, optional
        What fields keep that the file does not set; LSST's defaults.

    Raises
    ------
    SkyFrameError
        The file cannot be read, or a line or value of it is not taken.
    """
    return read_task(path, base)[0]


def read_task(
    path: str | Path, base: SkyMeasurementConfig | None = None
) -> tuple[SkyMeasurementConfig, tuple[str, ...]]:
    """Return what `read_config` does, and a sentence on each line of a task's other parts."""
    start = SkyMeasurementConfig() if base is None else base
    text = config_text(path)
    if are_overrides(text, path):
        return parse_task(text, start, str(path))
    return parse_yaml(text, start, str(path)), ()


def config_text(path: str | Path) -> str:
    """Return the text of a config file.

    Raises
    ------
    SkyFrameError
        The file cannot be read, is too long, or is no text.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise SkyFrameError(f"{path}: the config file cannot be read ({why}).") from error
    if len(data) > LARGEST_FILE:
        raise SkyFrameError(f"{path}: this is too long for a config file; give another file.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SkyFrameError(
            f"{path}: this is not a config file (it is not UTF-8 text at byte {error.start})."
        ) from error


def are_overrides(text: str, path: str | Path = "") -> bool:
    """Tell whether a text is an override file's, by the file's name or else by its lines."""
    suffix = Path(path).suffix.lower()
    if suffix in (".py", ".yaml", ".yml"):
        return suffix == ".py"
    return re.search(r"^[ \t]*config[ \t]*\.", text, re.MULTILINE) is not None


def parse_yaml(text: str, base: Config, name: str = "the YAML file") -> Config:
    """Return the config that YAML makes of ``base``; fields nested or with dotted names.

    Raises
    ------
    SkyFrameError
        See `import_yaml`.
    """
    return import_yaml(text, base, name)[0]


def import_yaml(
    text: str, base: Config, name: str = "the YAML file"
) -> tuple[Config, tuple[str, ...]]:
    """Return what `parse_yaml` does, and the dotted names of the fields that were set.

    Raises
    ------
    SkyFrameError
        The text is no YAML, sets a field twice, or one that does not exist, or to a value that it
        does not take.
    """
    try:
        loader = _Loader(text)
        root = loader.get_single_node()
        sections = sections_of(field_names(type(base)))
        fields = [] if _is_nothing(root) else list(_fields(loader, root, name, sections))
    except yaml.YAMLError as error:
        raise SkyFrameError(
            f"{name}: this is not YAML that can be read ({_yaml_fault(error)})."
        ) from error
    except RecursionError as error:
        raise SkyFrameError(
            f"{name}: this is not YAML that can be read (it is nested too deeply)."
        ) from error
    config = base
    done: dict[str, int] = {}
    for field, value, line in fields:
        where = f"{name}, line {line}"
        checked_name(type(base), field, where)
        if field in done:
            raise SkyFrameError(f"{where}: {field} was set in line {done[field]} already.")
        done[field] = line
        config = with_value(config, field, value, where)
    return config, tuple(done)


def apply_settings(config: Config, settings: Sequence[str]) -> Config:
    """Return the config with settings such as ``skyRej=4`` or ``background.mask=SAT,BAD`` made.

    Raises
    ------
    SkyFrameError
        A setting is not of that form, or its field does not exist or does not take the value.
    """
    for setting in settings:
        _, equals, text = setting.partition("=")
        name = name_in(setting)
        where = f"--set {shortened(setting)}"
        if not equals:
            raise SkyFrameError(f"{where}: a setting is FIELD=VALUE, as in skyRej=4.")
        checked_name(type(config), name, where)
        config = with_value(config, name, _setting_value(name, text.strip(), where), where)
    return config


def name_in(setting: str) -> str:
    """Return the field that a setting is of."""
    return setting.partition("=")[0].strip().removeprefix("config.")


def _setting_value(name: str, text: str, where: str) -> Any:
    """Return a value as a shell has it: words need no quotes there, lists no brackets."""
    if text in _NOTHING:
        return None
    if text in _TRUTH:
        return _TRUTH[text]
    if _WORDS.fullmatch(text):
        words = [word.strip() for word in text.split(",") if word.strip()]
        return words if is_list(name) else text
    if not text:
        return [] if is_list(name) else ""
    try:
        return literal(parsed(text, "eval").body)
    except NotLiteral as error:
        raise SkyFrameError(f"{where}: this value is not taken: {error}.") from error
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise SkyFrameError(
            f"{where}: {shortened(text)!r} is neither a number nor a word nor a list of words."
        ) from error


class _Loader(yaml.SafeLoader):
    """A SafeLoader without aliases: some lines of them can stand for more than fits in memory."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = None if parent is None else parent.start_mark
            raise yaml.composer.ComposerError(
                "in what begins", mark, "there is an alias (*name), which is not taken"
            )
        return super().compose_node(parent, index)


def _is_nothing(node: yaml.Node | None) -> bool:
    return node is None or (isinstance(node, yaml.ScalarNode) and node.tag.endswith(":null"))


def _fields(
    loader: _Loader, root: yaml.Node | None, name: str, sections: set[str], section: str = ""
) -> Iterator[tuple[str, Any, int]]:
    """Yield dotted names, values and line numbers of a mapping of fields.

    The nodes are walked, not loaded: a loaded mapping has forgotten its lines, and of a field that
    is set twice the first value.
    """
    if not isinstance(root, yaml.MappingNode):
        line = 1 if root is None else root.start_mark.line + 1
        of = f" of {section}" if section else ""
        raise SkyFrameError(
            f"{name}, line {line}: fields{of} with values are needed, as in xBinSize: 128."
        )
    for key, node in root.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise SkyFrameError(f"{name}, line {line}: the name of a field is needed here.")
        field = f"{section}.{key.value}" if section else key.value
        if field in sections:
            yield from _fields(loader, node, name, sections, field)
            continue
        items = node.value if isinstance(node, yaml.SequenceNode) else [node]
        if not all(isinstance(item, yaml.ScalarNode) for item in items):
            raise SkyFrameError(
                f"{name}, line {line}: {shortened(field)} takes a value or a list of values, no "
                "more."
            )
        try:
            value = loader.construct_object(node, deep=True)
        except (ValueError, LookupError, ArithmeticError, TypeError, AttributeError) as error:
            # What the YAML library raises where a value is not of the type that its tag says.
            shown = ", ".join(shortened(item.value) or "nothing" for item in items)
            raise SkyFrameError(
                f"{name}, line {line}: {shortened(field)} cannot be read: {shown} is not a "
                f"{_kind(node) if isinstance(node, yaml.ScalarNode) else 'list of such values'}."
            ) from error
        for item in items:
            odd = _odd_value(field, item)
            if odd:
                raise SkyFrameError(f"{name}, line {line}: {shortened(field)} cannot be {odd}.")
        yield field, value, line


def _odd_value(field: str, item: yaml.ScalarNode) -> str:
    """Return what a value is that YAML takes for more, or less, than is written; "" for others."""
    tag = str(item.tag).rpartition(":")[2]
    text = shortened(item.value)
    if tag == "null" and not field.endswith(".algorithm"):
        return "empty; give a value, or leave the line out"
    if tag == "timestamp":
        return f"{text}, which is a date in YAML"
    if tag in ("int", "float") and ":" in item.value:
        return f"{text}, which YAML counts in sixties; write the number itself"
    return ""


def _yaml_fault(error: yaml.YAMLError) -> str:
    """Return what is wrong and in which line, without the library's own view of the text."""
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "damaged text"
    mark = getattr(error, "problem_mark", None)
    where = "" if mark is None else f", line {mark.line + 1}"
    tag = re.search(r"could not determine a constructor for the tag '(.*)'", str(problem))
    why = f"the tag {tag[1]} is not taken" if tag else str(problem)
    return " ".join(f"{why}{where}".split())


def _kind(node: yaml.Node) -> str:
    """Return what a YAML tag such as !!int says that a value is, as one would say it."""
    tag = str(node.tag).rpartition(":")[2]
    names = {"int": "whole number", "float": "number", "bool": "true or false value", "seq": "list"}
    return names.get(tag, tag)
