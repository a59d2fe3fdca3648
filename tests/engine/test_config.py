"""The config takes what LSST's takes, and refuses what LSST lets slip."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from skyframe_gui.engine import SkyMeasurementConfig, styles


def test_defaults_are_lsst_s() -> None:
    assert SkyMeasurementConfig().model_dump(mode="json") == {
        "skyIter": 3,
        "skyRej": 3.0,
        "background": {
            "statistic": "MEANCLIP",
            "xBinSize": 32,
            "yBinSize": 32,
            "algorithm": "NATURAL_SPLINE",
            "mask": ["SAT", "BAD", "EDGE", "DETECTED", "DETECTED_NEGATIVE", "NO_DATA"],
        },
        "xNumSamples": 4,
        "yNumSamples": 4,
        "stats": {
            "statistic": "MEANCLIP",
            "clip": 3.0,
            "nIter": 3,
            "mask": ["SAT", "DETECTED", "DETECTED_NEGATIVE", "BAD", "NO_DATA"],
        },
    }


@pytest.mark.parametrize(
    "values",
    [
        {"skyRej": 4},
        {"skyIter": 0},
        {"background": {"algorithm": None}},
        {"background": {"algorithm": "NONE", "mask": []}},
        *({"background": {"algorithm": name}} for name in styles.names()),
    ],
)
def test_values_that_lsst_takes_are_taken(values: dict) -> None:
    config = SkyMeasurementConfig.model_validate(values)
    assert config == SkyMeasurementConfig.model_validate(config.model_dump())
    assert hash(config) == hash(SkyMeasurementConfig.model_validate(values))


@pytest.mark.parametrize(
    "values",
    [
        {"skyIter": -1},
        {"skyIter": True},
        {"skyIter": 3.0},
        {"skyIter": "3"},
        {"skyRej": 0},
        {"skyRej": float("nan")},
        {"skyRej": float("inf")},
        {"skyRej": False},
        {"background": {"mask": "SAT"}},
        {"background": {"mask": ["SAT", 3]}},
        {"background": {"xBinSize": 0}},
        {"background": {"algorithm": "CUBIC"}},
        {"background": {"statistic": "MODE"}},
        {"stats": {"nIter": 0}},
        {"stats": {"clip": -3.0}},
        {"xNumSamples": 0},
        {"skyIterations": 3},
    ],
)
def test_values_that_cannot_be_meant_are_refused(values: dict) -> None:
    with pytest.raises(ValidationError):
        SkyMeasurementConfig.model_validate(values)


def test_every_field_has_a_sentence_for_the_user() -> None:
    config = SkyMeasurementConfig()
    for model in (config, config.background, config.stats):
        for name, field in type(model).model_fields.items():
            assert field.description, name


def test_a_config_cannot_be_changed_behind_the_back_of_its_results() -> None:
    with pytest.raises(ValidationError):
        SkyMeasurementConfig().background.xBinSize = 64  # type: ignore[misc]
