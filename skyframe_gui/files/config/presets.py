"""Presets: configs for cameras, each value with its source, from the program's own files."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from skyframe_gui.engine.config import SkyMeasurementConfig, field_values
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.files.config.values import field_names, with_value
from skyframe_gui.resource import resource_names, resource_path

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = "presets"
DEFAULTS_TITLE = "LSST defaults"
LSST_SOURCE = "lsst/pipe_tasks python/lsst/pipe/tasks/background.py (commit 09fcba0)"
_ORDER = ("hsc", "decam", "lsstcam", "lsstcomcam", "latiss", "generic")


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A config with a name.

    Attributes
    ----------
    name : str
        What the program calls it.
    title : str
        What people call it; unique.
    description : str
        Some sentences.
    config : SkyMeasurementConfig
    sources : mapping of dotted field to str
        Where each value that differs from LSST's default is from.
    consulted : tuple of str
        What was read for it, also where that overrides nothing.
    """

    name: str
    title: str
    description: str
    config: SkyMeasurementConfig
    sources: Mapping[str, str]
    consulted: tuple[str, ...] = ()


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str
    description: str
    values: dict[str, JsonValue] = {}
    sources: dict[str, str] = {}
    consulted: tuple[str, ...] = ()


def presets() -> tuple[Preset, ...]:
    """Return LSST's defaults, then one preset a camera.

    Raises
    ------
    SkyFrameError
        A file of the program is damaged: the installation is not whole.
    """
    defaults = Preset(
        name="lsst-defaults",
        title=DEFAULTS_TITLE,
        description="What LSST's SkyMeasurementTask does where no camera's package says otherwise.",
        config=SkyMeasurementConfig(),
        sources=MappingProxyType({}),
        consulted=(LSST_SOURCE,),
    )
    names = [name.removesuffix(".yaml") for name in resource_names(FOLDER, ".yaml")]
    names.sort(key=lambda name: (_ORDER.index(name) if name in _ORDER else len(_ORDER), name))
    found = []
    for name in names:
        text = resource_path(f"{FOLDER}/{name}.yaml").read_text(encoding="utf-8")
        found.append(parse_preset(text, name))
    return (defaults, *found)


def parse_preset(text: str, name: str) -> Preset:
    """Return a preset from the text of its file.

    Raises
    ------
    SkyFrameError
        The text is no preset, a value is not one that its field takes, or has no source.
    """
    import yaml

    where = f"The preset {name}"
    try:
        file = _File.model_validate(yaml.safe_load(text))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        why = " ".join(str(error).split())
        if isinstance(error, ValidationError):
            first = error.errors(include_url=False)[0]
            why = f"{'.'.join(map(str, first['loc'])) or 'the whole'}: {first['msg']}"
        raise SkyFrameError(f"{where} cannot be read ({why}); install skyframe_gui again.") from (
            error
        )
    config = SkyMeasurementConfig()
    for field, value in file.values.items():
        if field not in field_names():
            raise SkyFrameError(f"{where}: there is no field {field}.")
        config = with_value(config, field, value, where)
    defaults = field_values(SkyMeasurementConfig())
    changed = [field for field, value in field_values(config).items() if value != defaults[field]]
    missing = [field for field in changed if not file.sources.get(field, "").strip()]
    if missing:
        raise SkyFrameError(f"{where} gives no source for {', '.join(missing)}.")
    same = [field for field in {**file.values, **file.sources} if field not in changed]
    if same:
        raise SkyFrameError(f"{where} has {', '.join(same)} as LSST has it; leave that out.")
    return Preset(
        name=name,
        title=file.title.strip(),
        description=file.description.strip(),
        config=config,
        sources=MappingProxyType(dict(file.sources)),
        consulted=file.consulted,
    )
