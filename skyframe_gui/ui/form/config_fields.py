"""The fields of a config model as a form needs them: kind, bounds, choices, words, and rows."""

from __future__ import annotations

import types
import typing
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticUndefined

from skyframe_gui.engine.config import field_docs, part_of
from skyframe_gui.numbers import digits, value_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

Config = TypeVar("Config", bound=BaseModel)
Kind = Literal["whole", "real", "choice", "planes", "switch", "text"]
PAIRS = (
    ("background.xBinSize", "background.yBinSize"),
    ("xNumSamples", "yNumSamples"),
    ("stats.clip", "stats.nIter"),
    ("skyIter", "skyRej"),
    ("bgModel1.xSize", "bgModel1.ySize"),
    ("bgModel1.pixelSize", "bgModel1.minFrac"),
    ("bgModel2.xSize", "bgModel2.ySize"),
    ("bgModel2.pixelSize", "bgModel2.minFrac"),
)
"""Fields that share a row."""
SECTIONS = {
    "xNumSamples": "samples",
    "yNumSamples": "samples",
    "skyIter": "solve",
    "skyRej": "solve",
    "doMaskObjects": "stages",
    "doSky": "stages",
    "undoBgModel1": "stages",
    "doBgModel2": "stages",
}
"""Of fields that are not in a part of the model; the others of these are in "more"."""
ORDER = ("background", "samples", "stats", "solve", "stages")
"""Of sections; those that are not named follow."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of the config.

    Attributes
    ----------
    path : str
        Dotted, as LSST has it: "background.xBinSize".
    kind : str
        What edits it.
    doc : str
    default : object
    above, least, below, most : float or None
        Bounds; those of the first and the third are not taken themselves.
    choices : tuple of str
        Of a "choice".
    """

    path: str
    kind: Kind
    doc: str = ""
    default: object = None
    above: float | None = None
    least: float | None = None
    below: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(".")[2]

    @property
    def section(self) -> str:
        """The title that it stands under."""
        part = self.path.rpartition(".")[0]
        return part or SECTIONS.get(self.path, "more")

    @property
    def takes(self) -> str:
        """What values it takes, in words."""
        if self.kind == "choice":
            return f"one of {', '.join(self.choices)}"
        if self.kind == "planes":
            return "names of mask planes"
        if self.kind == "switch":
            return "yes or no"
        if self.kind not in ("whole", "real"):
            return "a word"
        what = "a whole number" if self.kind == "whole" else "a number"
        if self.least is not None and self.most is not None:
            return f"{what} from {digits(self.least, 12)} to {digits(self.most, 12)}"
        bounds = []
        if self.least is not None:
            bounds.append(f"of {digits(self.least, 12)} or more")
        if self.above is not None:
            bounds.append(f"above {digits(self.above, 12)}")
        if self.most is not None:
            bounds.append(f"of {digits(self.most, 12)} or less")
        if self.below is not None:
            bounds.append(f"below {digits(self.below, 12)}")
        return " ".join([what, " and ".join(bounds)]).strip()

    @property
    def tip(self) -> str:
        """Doc, default, bounds and LSST's name."""
        needed = self.default is PydanticUndefined
        default = "It has no default." if needed else f"Default {value_text(self.default)}."
        lines = [self.doc, f"Takes {self.takes}.", default]
        return "\n".join(line for line in (*lines, f"config.{self.path}") if line)


def fields_of(
    model: type[BaseModel], prefix: str = "", leave_out: tuple[str, ...] = ()
) -> tuple[Field, ...]:
    """Return every field of a model, those of its parts in their place, but for some parts."""
    found: list[Field] = []
    for name, info in model.model_fields.items():
        path = f"{prefix}{name}"
        part = part_of(info.annotation)
        if path in leave_out:
            continue
        if part is not None:
            found.extend(fields_of(part, f"{path}.", leave_out))
        else:
            doc = info.description or field_docs(model).get(name, "")
            found.append(_field(path, info, doc))
    return tuple(found)


def rows_of(fields: tuple[Field, ...]) -> dict[str, list[tuple[Field, ...]]]:
    """Return the rows of each section, in the order of the form."""
    by_path = {field.path: field for field in fields}
    first = {pair[0]: pair for pair in PAIRS if all(path in by_path for path in pair)}
    others = {path for pair in first.values() for path in pair[1:]}
    sections: dict[str, list[tuple[Field, ...]]] = {}
    for field in fields:
        if field.path not in others:
            row = tuple(by_path[path] for path in first.get(field.path, (field.path,)))
            sections.setdefault(field.section, []).append(row)
    known = {name: sections[name] for name in ORDER if name in sections}
    return {**known, **sections}


def value_of(config: BaseModel, path: str) -> Any:
    """Return the value of a field by its dotted name."""
    return reduce(getattr, path.split("."), config)


def with_values(config: Config, values: dict[str, Any]) -> Config:
    """Return the config with fields changed, checked by the model.

    Raises
    ------
    ValidationError
        A field does not take its value.
    """
    tree = config.model_dump()
    for path, value in values.items():
        *parts, name = path.split(".")
        reduce(dict.__getitem__, parts, tree)[name] = value
    return type(config).model_validate(tree)


def is_taken(config: BaseModel, path: str, value: Any) -> bool:
    """Return whether a field takes a value."""
    try:
        with_values(config, {path: value})
    except ValidationError:
        return False
    return True


def _field(path: str, info: FieldInfo, doc: str) -> Field:
    bounds: dict[str, float] = {}
    for rule in info.metadata:
        for ours, theirs in (("above", "gt"), ("least", "ge"), ("below", "lt"), ("most", "le")):
            if getattr(rule, theirs, None) is not None:
                bounds[ours] = getattr(rule, theirs)
    choices = _choices(info)
    kinds = set(_bare(info.annotation))
    kind: Kind = "text"
    if choices:
        kind = "choice"
    elif bool in kinds:
        kind = "switch"
    elif float in kinds:
        kind = "real"
    elif int in kinds:
        kind = "whole"
    elif typing.get_origin(info.annotation) is tuple:
        kind = "planes"
    default = info.get_default(call_default_factory=True, validated_data={})
    return Field(path=path, kind=kind, doc=doc, default=default, choices=choices, **bounds)


def _choices(info: FieldInfo) -> tuple[str, ...]:
    extra = info.json_schema_extra
    schema: dict[str, Any] = {}
    if callable(extra):
        extra(schema)
    elif extra:
        schema.update(extra)
    if "choices" in schema:
        return tuple(schema["choices"])
    if typing.get_origin(info.annotation) is Literal:
        return tuple(str(choice) for choice in typing.get_args(info.annotation))
    return ()


def _bare(annotation: Any) -> Iterator[Any]:
    """Yield the types of an annotation without its bounds and alternatives."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        yield from _bare(typing.get_args(annotation)[0])
    elif origin in (typing.Union, types.UnionType):
        for part in typing.get_args(annotation):
            yield from _bare(part)
    else:
        yield annotation
