"""Fields of cp_pipe's background over the focal plane, among those of the sky measurement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from skyframe_gui.engine.config import SkyMeasurementConfig
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.focal_config import FocalPlaneBackgroundConfig, SkyImageConfig
from skyframe_gui.files.config.overrides import parse_task
from skyframe_gui.files.config.read import (
    apply_settings,
    are_overrides,
    config_text,
    name_in,
    parse_yaml,
)
from skyframe_gui.files.config.statements import path_of, statements_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

FIELDS = frozenset(SkyImageConfig.model_fields)
"""What a line or setting of the background over the focal plane begins with."""


@dataclass(frozen=True)
class SkyImageChanges:
    """What files and settings change of a camera's config; called with that.

    Attributes
    ----------
    text : str
        The lines of a file that are about it; the others are empty.
    name : str
        The file, for messages.
    settings : tuple of str
        Of the command line.
    """

    text: str = ""
    name: str = ""
    settings: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.text.strip() or self.settings)

    def __call__(self, config: SkyImageConfig) -> SkyImageConfig:
        """Return the config as it is changed.

        Raises
        ------
        SkyFrameError
            A field does not exist or does not take the value.
        """
        if self.text.strip():
            if are_overrides(self.text, self.name):
                config = parse_task(self.text, config, self.name)[0]
            else:
                config = parse_yaml(self.text, config, self.name)
        return apply_settings(config, self.settings)


def read_both(
    path: str | Path | None, settings: Sequence[str]
) -> tuple[SkyMeasurementConfig, SkyImageChanges, tuple[str, ...]]:
    """Return the config of the sky measurement, changes of the other, and notes on a file's lines.

    Raises
    ------
    SkyFrameError
        As of `read_config` and `apply_settings`.
    """
    try:
        return _read_both(path, settings)
    except SkyFrameError as error:
        told = str(error)
        if "; the fields are " not in told:
            raise
        more = f", and what begins with {' or '.join(sorted(FIELDS))}."
        raise SkyFrameError(told.removesuffix(".") + more) from error


def _read_both(
    path: str | Path | None, settings: Sequence[str]
) -> tuple[SkyMeasurementConfig, SkyImageChanges, tuple[str, ...]]:
    theirs = tuple(one for one in settings if name_in(one).partition(".")[0] in FIELDS)
    ours = [one for one in settings if one not in theirs]
    config, changes = SkyMeasurementConfig(), SkyImageChanges(settings=theirs)
    notes: tuple[str, ...] = ()
    if path is not None:
        text, name = config_text(path), str(path)
        overrides = are_overrides(text, path)
        own, others = _divided(text, _of_overrides(text) if overrides else _of_yaml(text))
        changes = SkyImageChanges(others, name, theirs)
        if overrides:
            config, notes = parse_task(own, config, name)
        else:
            config = parse_yaml(own, config, name)
    # With any sizes, so that a wrong field is told before a file is read.
    changes(SkyImageConfig(largeScaleBackground=FocalPlaneBackgroundConfig(xSize=1, ySize=1)))
    return apply_settings(config, ours), changes, notes


def _divided(text: str, theirs: Iterator[range]) -> tuple[str, str]:
    """Return a text without some lines, and those alone: all keep their numbers."""
    lines = text.splitlines(keepends=True)
    found = {number for some in theirs for number in some}
    rest = [line if number not in found else "\n" for number, line in enumerate(lines)]
    taken = [line if number in found else "\n" for number, line in enumerate(lines)]
    return "".join(rest), "".join(taken) if found else ""


def _of_overrides(text: str) -> Iterator[range]:
    try:
        statements = statements_of(text, "")
    except SkyFrameError:
        return  # told when the rest is parsed
    for statement in statements:
        if path_of(statement)[:1] and path_of(statement)[0] in FIELDS:
            yield range(statement.lineno - 1, statement.end_lineno or statement.lineno)


def _of_yaml(text: str) -> Iterator[range]:
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError):
        return  # told when the rest is parsed
    for key, value in root.value if isinstance(root, yaml.MappingNode) else ():
        if isinstance(key, yaml.ScalarNode) and key.value.partition(".")[0] in FIELDS:
            end = value.end_mark.line + (value.end_mark.column > 0)
            yield range(key.start_mark.line, max(end, key.start_mark.line + 1))
