"""How sky frames came about: as they were built here, or as their files tell."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from skyframe_gui.engine import SkyFrameError
from skyframe_gui.engine.config import field_values
from skyframe_gui.numbers import value_text

if TYPE_CHECKING:
    from skyframe_gui.app.model.items import SkyFrameItem
    from skyframe_gui.engine import SkyMeasurementConfig

_INPUT = re.compile(r"IN\d+")
_WORDS = {"mask_objects": "mask objects", "mask_reading": "mask reading"}


@dataclass(frozen=True)
class Origin:
    """How a sky frame was made.

    Attributes
    ----------
    recipe : str
        In words; "" where nothing is known.
    inputs : tuple of str
        Names of the exposures that its file tells of.
    """

    recipe: str = ""
    inputs: tuple[str, ...] = ()


def origin_of(item: SkyFrameItem) -> Origin:
    """Return how a sky frame was made; a file is read for it where that is not known here."""
    if item.made_with is not None:
        options = item.made_options
        choices = {}
        if options is not None:
            choices = {
                "mask_objects": str(options.mask_objects),
                "normalise": str(options.normalise),
                **item.made_choices,
            }
        return Origin(_recipe(item.made_with, choices))
    if not item.path:
        return Origin()
    from skyframe_gui.files.sky_frames import read_provenance

    try:
        found = read_provenance(item.path)
    except SkyFrameError as error:  # the report is about the rest, too
        return Origin(str(error))
    if found is None or found.config is None:
        return Origin("Its file does not tell how it was made.")
    choices = {key: value for key, value in found.extra.items() if not _INPUT.fullmatch(key)}
    inputs = tuple(value for key, value in found.extra.items() if _INPUT.fullmatch(key))
    return Origin(_recipe(found.config, choices, f" by skyframe_gui {found.version}"), inputs)


def _recipe(config: SkyMeasurementConfig, choices: dict[str, str], by: str = "") -> str:
    """Return a config and choices in words: only its bins are what makes a sky frame."""
    defaults = field_values(type(config)())
    changed = [
        f"{name} = {value_text(value)}"
        for name, value in field_values(config).items()
        if name.startswith("background.") and value != defaults[name]
    ]
    parts = [f"Made{by} with " + (", ".join(changed) or "LSST's defaults")]
    parts += [f"{_WORDS.get(key, key)} {value}" for key, value in choices.items()]
    return "; ".join(parts) + "."
