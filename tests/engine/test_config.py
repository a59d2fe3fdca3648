"""The config takes what LSST's takes, and refuses what LSST lets slip."""

from __future__ import annotations

import subprocess
import sys

import pytest
from pydantic import BaseModel, ValidationError

from skyframe_gui.engine import SkyMeasurementConfig, styles
from skyframe_gui.engine.config import (
    BackgroundConfig,
    DetectionConfig,
    FillingConfig,
    MaskObjectsConfig,
    ObjectBackgroundConfig,
    SkyStatsConfig,
    field_docs,
)
from skyframe_gui.engine.focal_config import (
    FocalPlaneBackgroundConfig,
    SkyCorrectionConfig,
    SkyImageConfig,
)


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


CONFIGS = (
    BackgroundConfig,
    SkyStatsConfig,
    SkyMeasurementConfig,
    DetectionConfig,
    ObjectBackgroundConfig,
    FillingConfig,
    MaskObjectsConfig,
    FocalPlaneBackgroundConfig,
    SkyImageConfig,
    SkyCorrectionConfig,
)


@pytest.mark.parametrize("model", CONFIGS, ids=lambda model: model.__name__)
def test_every_field_has_a_sentence_for_the_user(model: type[BaseModel]) -> None:
    docs = field_docs(model)
    assert docs.keys() == model.model_fields.keys()
    for name, doc in docs.items():
        assert doc.strip() == doc, name
        assert doc.endswith("."), name


def test_the_sentence_is_what_stands_under_the_field() -> None:
    doc = field_docs(BackgroundConfig)["algorithm"]
    assert doc == "How the bins are interpolated to an image; NONE cannot be used to make one."


def test_a_part_of_a_model_has_the_sentences_of_what_it_is_made_of() -> None:
    class Wider(SkyStatsConfig):
        """Made in a function, with a sentence for one of its two fields."""

        more: int = 1
        most: int = 2
        """What is
        the most."""

    assert field_docs(Wider) == field_docs(SkyStatsConfig) | {"most": "What is\nthe most."}


def test_no_source_is_read_where_nobody_asks_for_a_sentence() -> None:
    code = """
import inspect, skyframe_gui.engine.config as config
def read(*_): raise AssertionError("the source was read")
inspect.getsource = inspect.getsourcelines = inspect.findsource = read
import skyframe_gui.engine.focal_config
print(config.SkyMeasurementConfig().xNumSamples)
try:
    config.field_docs(config.SkyStatsConfig)
except AssertionError:
    print("on demand")
"""
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.split("\n") == ["4", "on demand", ""]


def test_a_config_cannot_be_changed_behind_the_back_of_its_results() -> None:
    with pytest.raises(ValidationError):
        SkyMeasurementConfig().background.xBinSize = 64  # type: ignore[misc]
