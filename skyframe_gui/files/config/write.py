"""Configs as LSST's pipelines take them: override files, arguments, YAML."""

from __future__ import annotations

import keyword
import re
import shlex
from typing import TYPE_CHECKING, Any

from skyframe_gui.engine.config import field_values
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.files.config.values import shortened

if TYPE_CHECKING:
    from pydantic import BaseModel

_ROOT = "config"
_SECTIONS = ("background", "stats")
_LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def checked_prefix(prefix: str) -> str:
    """Return where the config sits in its task's, without the leading ``config``.

    Parameters
    ----------
    prefix : str
        Such as ``sky`` or ``config.sky``; ``config`` or "" for the config itself.

    Raises
    ------
    SkyFrameError
        It is not a path of Python names, or names a section of the config itself.
    """
    parts = prefix.strip().split(".") if prefix.strip() else []
    if parts and parts[0] == _ROOT:
        parts = parts[1:]
    for part in parts:
        if not (part.isascii() and part.isidentifier()) or keyword.iskeyword(part):
            raise SkyFrameError(
                f"The prefix {shortened(prefix)!r} is not a path of names; give one such as "
                "config.sky, or config for none."
            )
        if part in _SECTIONS:
            raise SkyFrameError(
                f"The prefix {shortened(prefix)!r} has {part} in it, which is a part of the config "
                "itself; give what stands before the fields, such as config.sky."
            )
    return ".".join(parts)


def checked_label(label: str) -> str:
    """Return a task's label in a pipeline, such as ``skyCorr``.

    Raises
    ------
    SkyFrameError
        It is not made of letters, digits, ``_`` and ``-``.
    """
    label = label.strip()
    if not _LABEL.fullmatch(label):
        raise SkyFrameError(
            f"{shortened(label)!r} is not a task label; give one such as skyCorr, of letters, "
            "digits, _ and -."
        )
    return label


def override_lines(
    config: BaseModel,
    prefix: str = _ROOT,
    base: BaseModel | None = None,
) -> list[str]:
    """Return the lines of an override file.

    Parameters
    ----------
    config : SkyMeasurementConfig or another config
    prefix : str
        What stands before the fields: ``config`` or ``config.sky`` and the like.
    base : config of the same kind, optional
        Only fields that differ from it are written; without it all are.
    """
    known = {} if base is None else field_values(base)
    return [
        f"{prefix}.{field} = {value!r}"
        for field, value in field_values(config).items()
        if field not in known or known[field] != value
    ]


def as_overrides(
    config: BaseModel,
    prefix: str = _ROOT,
    base: BaseModel | None = None,
) -> str:
    """Return the text of an override file; "" where nothing is to be written.

    Parameters
    ----------
    config : SkyMeasurementConfig or another config
    prefix : str
        See `checked_prefix`.
    base : config of the same kind, optional
        Only fields that differ from it are written; without it all are.

    Raises
    ------
    SkyFrameError
        The prefix is none.
    """
    inner = checked_prefix(prefix)
    lines = override_lines(config, f"{_ROOT}.{inner}" if inner else _ROOT, base)
    return "".join(f"{line}\n" for line in lines)


def as_arguments(
    config: BaseModel,
    label: str,
    base: BaseModel | None = None,
    prefix: str = "",
) -> list[str]:
    """Return arguments for ``pipetask run``, each ``-c label:field=value`` and safe in a shell.

    One ``-c`` a field. Lists are in brackets with bare words, ``[BAD,SAT]``, as the page
    "Configuring tasks from the command line" of lsst.ctrl.mpexec has them. A plane that is called
    like a word of Python's (``None``) is in quotation marks, or it would be read as that.

    Parameters
    ----------
    config : SkyMeasurementConfig or another config
    label : str
        The task's, see `checked_label`.
    base : config of the same kind, optional
        Only fields that differ from it are written; without it all are.
    prefix : str
        See `checked_prefix`.

    Raises
    ------
    SkyFrameError
        Label or prefix are none.
    """
    label = checked_label(label)
    return [
        f"-c {shlex.quote(f'{label}:{field}={_argument(value)}')}"
        for field, value in _fields(config, prefix, base).items()
    ]


def as_yaml(
    config: BaseModel,
    base: BaseModel | None = None,
    label: str = "",
    prefix: str = "",
) -> str:
    """Return the config as YAML.

    Parameters
    ----------
    config : SkyMeasurementConfig or another config
    base : config of the same kind, optional
        Only fields that differ from it are written; without it all are.
    label : str
        With one, the fields stand below ``tasks: <label>: config:`` as in LSST's pipelines, to be
        merged into that task; without one they stand alone, as `read_config` reads them.
    prefix : str
        See `checked_prefix`; for a pipeline only.

    Raises
    ------
    SkyFrameError
        Label or prefix are none, or there is a prefix without a label.
    """
    import yaml

    if not label.strip():
        if checked_prefix(prefix):
            raise SkyFrameError(
                f"The prefix {shortened(prefix)!r} needs a task label in YAML; give one such as "
                "skyCorr, or no prefix."
            )
        return yaml.safe_dump(_nested(_fields(config, "", base)), sort_keys=False)
    fields = _fields(config, prefix, base)
    return yaml.safe_dump({"tasks": {checked_label(label): {"config": fields}}}, sort_keys=False)


def _fields(config: BaseModel, prefix: str, base: BaseModel | None) -> dict[str, Any]:
    inner = checked_prefix(prefix)
    known = {} if base is None else field_values(base)
    return {
        f"{inner}.{field}" if inner else field: value
        for field, value in field_values(config).items()
        if field not in known or known[field] != value
    }


def _nested(fields: dict[str, Any]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for field, value in fields.items():
        *parts, name = field.split(".")
        section = nested
        for part in parts:
            section = section.setdefault(part, {})
        section[name] = value
    return nested


def _argument(value: Any) -> str:
    if isinstance(value, list):
        return f"[{','.join(_argument(item) for item in value)}]"
    if isinstance(value, str):
        return repr(value) if keyword.iskeyword(value) else value
    return repr(value)
