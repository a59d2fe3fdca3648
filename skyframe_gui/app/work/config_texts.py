"""Configs as they come in, from a file or pasted; every line that is not taken is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from skyframe_gui.engine import SkyFrameError
from skyframe_gui.engine.config import field_values
from skyframe_gui.files.config.overrides import import_overrides
from skyframe_gui.files.config.read import are_overrides, config_text, parse_yaml

if TYPE_CHECKING:
    from skyframe_gui.engine import SkyMeasurementConfig
    from skyframe_gui.files.config.overrides import Refused

MOST_LISTED = 10
"""So many refused lines are told one by one."""
PASTED = "The pasted text"


class RefusedError(SkyFrameError):
    """Lines of a config text are not taken, so nothing of it is."""

    def __init__(self, name: str, refused: tuple[Refused, ...]) -> None:
        n = len(refused)
        what = "1 line is" if n == 1 else f"{n} lines are"
        super().__init__(
            f"{name}: {what} refused, so the config stays as it was:\n{_listed(refused)}"
        )
        self.refused = refused


@dataclass(frozen=True)
class Taken:
    """A config from a file.

    Attributes
    ----------
    config : SkyMeasurementConfig
    problem : str
        Which lines were not taken and why; "" where all were.
    """

    config: SkyMeasurementConfig
    problem: str = ""


def read(path: str, base: SkyMeasurementConfig) -> Taken:
    """Return the config of an override file or of YAML.

    Of an override file the lines that speak of other tasks are passed over and told: pipelines keep
    the overrides of many tasks in one file.

    Raises
    ------
    SkyFrameError
        The file cannot be read, or nothing of it can be taken; a `RefusedError` tells every line.
    """
    text = config_text(path)
    if not are_overrides(text, path):
        return Taken(parse_yaml(text, base, path))
    found = import_overrides(text, base, path)
    if not found.refused:
        return Taken(found.config)
    if not found.applied:
        raise RefusedError(path, found.refused)
    n = len(found.applied)
    return Taken(
        found.config,
        f"{path}: {n} field{'s were' if n > 1 else ' was'} set, but not all lines could be "
        f"taken:\n{_listed(found.refused, texts=True)}",
    )


def words_on_reset(
    before: SkyMeasurementConfig, after: SkyMeasurementConfig, preset: SkyMeasurementConfig
) -> str:
    """Return which fields a file did not name and so went back to the preset's; "" for none."""
    was, now, of_preset = field_values(before), field_values(after), field_values(preset)
    reset = [name for name in was if was[name] != now[name] == of_preset[name]]
    return ", ".join(reset)


def parse(text: str, base: SkyMeasurementConfig) -> SkyMeasurementConfig:
    """Return the config of a pasted text, an override file's lines or YAML.

    Raises
    ------
    SkyFrameError
        Lines of it are not taken; a `RefusedError` tells all of them.
    """
    if not text.strip():
        raise SkyFrameError(f"{PASTED} is empty; paste lines such as config.skyRej = 3.0.")
    if not are_overrides(text):
        return parse_yaml(text, base, PASTED)
    found = import_overrides(text, base, PASTED)
    if found.refused:
        raise RefusedError(PASTED, found.refused)
    return found.config


def _listed(refused: tuple[Refused, ...], *, texts: bool = False) -> str:
    told = [
        f"{one.why.rstrip('.')}{f': {one.text}' if texts else ''}" for one in refused[:MOST_LISTED]
    ]
    if len(refused) > MOST_LISTED:
        told.append(f"and {len(refused) - MOST_LISTED} more")
    return "\n".join(told)
