"""Presets are configs that can be used, and no value of theirs is without a source."""

from __future__ import annotations

import pytest

from skyframe_gui.engine import SkyFrameError, SkyMeasurementConfig
from skyframe_gui.engine.config import field_values
from skyframe_gui.files.config.presets import Preset, parse_preset, presets
from skyframe_gui.files.config.values import field_names

ALL = presets()


def test_lsst_s_defaults_come_first_and_every_camera_is_there() -> None:
    assert ALL[0].config == SkyMeasurementConfig()
    titles = [preset.title for preset in ALL]
    assert titles == [
        "LSST defaults",
        "HSC",
        "DECam",
        "LSSTCam",
        "LSSTComCam",
        "LATISS",
        "Generic camera",
    ]
    assert len({preset.name for preset in ALL}) == len(ALL)


@pytest.mark.parametrize("preset", ALL, ids=lambda preset: preset.name)
def test_every_value_that_differs_has_a_source_and_nothing_else_has(preset: Preset) -> None:
    defaults = field_values(SkyMeasurementConfig())
    changed = {
        field for field, value in field_values(preset.config).items() if value != defaults[field]
    }
    assert set(preset.sources) == changed
    assert all(" " in source and "/" in source for source in preset.sources.values())
    assert preset.description
    assert preset.consulted
    if not changed and preset is not ALL[0]:
        assert "LSST's defaults" in preset.description


def test_a_preset_changes_what_its_file_says() -> None:
    preset = parse_preset(
        "title: T\ndescription: D\nvalues: {background.xBinSize: 128, stats.mask: [SAT]}\n"
        "sources: {background.xBinSize: lsst/obs_x config/sky.py, stats.mask: a page}\n",
        "t",
    )
    assert (preset.config.background.xBinSize, preset.config.stats.mask) == (128, ("SAT",))
    assert preset.sources["stats.mask"] == "a page"


@pytest.mark.parametrize(
    ("values", "sources", "why"),
    [
        ("{skyRej: 4}", "{}", "no source for skyRej"),
        ("{skyRej: 4}", "{skyRej: ' '}", "no source for skyRej"),
        ("{skyRej: -4}", "{skyRej: x}", "skyRej cannot be"),
        ("{binSize: 4}", "{binSize: x}", "no field binSize"),
        ("{skyRej: 3.0}", "{skyRej: x}", "as LSST has it"),
        ("{}", "{skyRej: x}", "as LSST has it"),
        ("[", "{}", "cannot be read"),
        ("{skyRej: [}", "{}", "cannot be read"),
        ("3", "{}", "cannot be read"),
    ],
)
def test_a_preset_that_is_wrong_is_refused_by_its_name(values: str, sources: str, why: str) -> None:
    text = f"title: T\ndescription: D\nvalues: {values}\nsources: {sources}\n"
    with pytest.raises(SkyFrameError, match=rf"^The preset mine.*{why}"):
        parse_preset(text, "mine")


def test_fields_of_presets_are_those_of_the_form() -> None:
    assert {field for preset in ALL for field in preset.sources} <= set(field_names())
