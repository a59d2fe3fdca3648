"""What a person changes in SkyCorrectionTask's config, over what a camera's own pipeline sets.

The camera is known only when the exposures are, so that changes are read without it and laid over
its values later.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from skyframe_gui.engine.config import field_values
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.focal_config import FocalPlaneBackgroundConfig, SkyCorrectionConfig
from skyframe_gui.files.config.overrides import import_overrides, refuse_lines
from skyframe_gui.files.config.read import (
    apply_settings,
    are_overrides,
    config_text,
    import_yaml,
    name_in,
)
from skyframe_gui.files.config.statements import is_preamble, parts_of, path_of, statements_of
from skyframe_gui.files.config.values import field_names, refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from skyframe_gui.files.config.overrides import Refused

NOT_HERE = {
    "doApplyFlatBackgroundRatio": (
        True,
        "doApplyFlatBackgroundRatio, for visits whose flat field was corrected for illumination, "
        "is not in this program; correct such a visit with LSST's own task.",
    ),
    "doBgModel": (
        False,
        "doBgModel, of LSST's task until 2022, cannot be switched off here: the scale is fitted "
        "with the first background taken off; undoBgModel1 puts that back.",
    ),
}
"""Fields of LSST's that are refused by name when they have this value, and why."""
_LSST_ONLY = (
    *NOT_HERE,
    "binning",
    "calexpType",
    "connections",
    "maskObjects",
    "saveLogOutput",
    "saveMetadata",
)
"""Fields and parts of LSST's task of which this config has none, or some fields only."""
_ANY = FocalPlaneBackgroundConfig(xSize=1.0, ySize=1.0)
_PLACEHOLDER = SkyCorrectionConfig(bgModel1=_ANY, bgModel2=_ANY)
"""Takes changes before anything is known of the camera."""
_BESIDE = r"os\.path\.join\(\s*os\.path\.dirname\(__file__\)\s*,\s*"
_LOAD = re.compile(
    r"config\.(?P<part>bgModel1|bgModel2|sky|maskObjects)\.load\("
    rf"(?P<join>{_BESIDE})?(?P<quote>[\"'])(?P<file>[\w.-]+\.py)(?P=quote)(?(join)\))\s*\)\s*(#.*)?"
)
"""A part that is loaded from a file beside the one in which the line stands."""
_MOST_LINES = 3
"""So many lines that are left out of a file are told one by one."""


@dataclass(frozen=True)
class CorrectionChanges:
    """What files and settings change.

    Attributes
    ----------
    values : mapping of str to object
        By dotted name, such as "bgModel1.xSize".
    notes : tuple of str
        A sentence on what was left out.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def over(
        self, configs: Mapping[str, Mapping[str, Any]], camera: str = ""
    ) -> SkyCorrectionConfig:
        """Return the config that they make of a camera's own.

        Parameters
        ----------
        configs : mapping of str to mapping
            Values of "bgModel1", "bgModel2" and other parts by dotted name, as far as the camera's
            pipeline sets them.
        camera : str
            What a message calls it.

        Raises
        ------
        SkyFrameError
            A size is missing, or what is set together cannot be.
        """
        known = {
            f"{part}.{name}": value
            for part, values in configs.items()
            if part in SkyCorrectionConfig.model_fields
            for name, value in values.items()
        }
        known.update(self.values)
        needed = ("bgModel1", "bgModel2") if known.get("doBgModel2", True) else ("bgModel1",)
        sizes = (f"{part}.{name}" for part in needed for name in ("xSize", "ySize"))
        missing = [size for size in sizes if size not in known]
        if missing:
            raise SkyFrameError(
                f"There is no preset of {camera or 'this camera'} for {', '.join(missing)}; "
                f"give the size of a superpixel in mm, as in --set {missing[0]}=122.88."
            )
        tree: dict[str, Any] = {}
        for path, value in known.items():
            *parts, last = path.split(".")
            place = tree
            for part in parts:
                place = place.setdefault(part, {})
            place[last] = value
        try:
            return SkyCorrectionConfig.model_validate(tree)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False)[0]
            name = ".".join(map(str, first["loc"]))
            why = first["msg"].removeprefix("Value error, ")
            said = refusal(name, known.get(name), error) if name else f"{why}."
            raise SkyFrameError(f"The config of the correction: {said}") from error


def read_correction(path: str | Path | None, settings: Sequence[str] = ()) -> CorrectionChanges:
    """Read changes from an override file or YAML, and from settings such as ``doSky=false``.

    Parameters
    ----------
    path : path, optional
        See `read_config`; an override file of SkyCorrectionTask, also one that its config was
        saved to. Lines on what LSST's task has and this program has not are left out and told.
    settings : sequence of str
        They count before the file.

    Raises
    ------
    SkyFrameError
        The file cannot be read, a line, value or setting is not taken, or something is asked for
        that this program cannot do.
    """
    config = _PLACEHOLDER
    names: list[str] = []
    notes: tuple[str, ...] = ()
    if path is not None:
        text = config_text(path)
        if are_overrides(text, path):
            text, more = _with_loaded(text, Path(path))
            found = import_overrides(text, config, str(path), _not_ours)
            left_out = [one for one in found.refused if one.foreign or one.no_value]
            refuse_lines(str(path), [one for one in found.refused if one not in left_out])
            config, notes = found.config, (*more, *_told(str(path), left_out))
            names.extend(found.applied)
        else:
            config, set_there = import_yaml(text, config, str(path))
            names.extend(set_there)
    for setting in settings:
        name = name_in(setting)
        if name in NOT_HERE:
            _check_lsst_only(name, setting.partition("=")[2].strip().lower() == "true")
            continue
        config = apply_settings(config, [setting])
        names.append(name)
    values = field_values(config)
    return CorrectionChanges({name: values[name] for name in dict.fromkeys(names)}, notes)


def _with_loaded(text: str, path: Path) -> tuple[str, tuple[str, ...]]:
    """Return an override file's text with the files in it that its parts are loaded from.

    Such as ``config.bgModel1.load("focalPlaneBackground.py")``: a file beside this one, whose
    lines are of that part. Each stands in the line of its load, so that all others keep their
    numbers. What is no such line, and a file that is not there, is left as it is and told later.
    """
    lines, notes = text.split("\n"), []
    for number, line in enumerate(lines):
        found = _LOAD.fullmatch(line)
        if found is None or not (path.parent / found["file"]).is_file():
            continue
        loaded = path.parent / found["file"]
        part = found["part"]
        statements = [
            ast.unparse(statement).replace("config.", f"config.{part}.", 1)
            for statement in statements_of(config_text(loaded), str(loaded))
            if not is_preamble(statement)
        ]
        if any("\n" in one for one in statements):  # an if, a loop: nothing that sets plain values
            continue
        # One line of several statements: what it says is checked like any other.
        lines[number] = "; ".join(statements)
        notes.append(f"{path}, line {number + 1}: {part} is read from {found['file']} beside it.")
    return "\n".join(lines), tuple(notes)


def _not_ours(statement: ast.stmt) -> bool:
    """Whether a line of an override file is about a field that LSST's task has and this has not."""
    path = path_of(statement)
    if not path or ".".join(path) in field_names(SkyCorrectionConfig):
        return False
    if path[0] in NOT_HERE:
        _check_lsst_only(path[0], parts_of(statement, path[0])[2])
    return path[0] in _LSST_ONLY


def _check_lsst_only(name: str, value: Any) -> None:
    refused, why = NOT_HERE[name]
    if value is refused:
        raise SkyFrameError(why)


def _told(name: str, left_out: Sequence[Refused]) -> tuple[str, ...]:
    """Return a sentence on each line that was left out, or one where they are many."""
    if len(left_out) > _MOST_LINES:
        first = left_out[0]
        return (
            f"{name}: {len(left_out)} lines on what LSST's task has and this program has not were "
            f"left out, the first in line {first.line}: {first.text}",
        )
    return tuple(
        f"{name}, line {one.line} "
        f"{'sets no plain value' if one.no_value else 'is about what this program has not'} "
        f"and was left out: {one.text}"
        for one in left_out
    )
