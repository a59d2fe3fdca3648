"""What the form's hints and the fit box's units are worked out from."""

from __future__ import annotations

import math

import numpy as np
import pytest

from skyframe_gui.app.model import config_hints
from skyframe_gui.app.model.state import State
from skyframe_gui.app.model.visit_fit import VisitFit
from skyframe_gui.app.work.config_texts import parse, read
from skyframe_gui.engine import SkyFrameError, SkyMeasurementConfig
from skyframe_gui.engine.bins import bin_edges, n_bins
from skyframe_gui.engine.config import BackgroundConfig, SkyStatsConfig
from skyframe_gui.engine.scale import ScaleSolution

DEFAULTS = SkyMeasurementConfig()
OTHER = SkyMeasurementConfig(
    skyRej=2.5,
    background=BackgroundConfig(xBinSize=128, algorithm="LINEAR", mask=("SAT", "NO_DATA")),
    stats=SkyStatsConfig(statistic="MEDIAN"),
)


def with_bins(x: int, y: int) -> SkyMeasurementConfig:
    return SkyMeasurementConfig(background=BackgroundConfig(xBinSize=x, yBinSize=y))


def test_effective_bins_are_those_that_the_engine_makes() -> None:
    assert config_hints.bins_hint(with_bins(120, 120), (2048, 2048)) == (
        "effective 120.5 px, 17 \N{MULTIPLICATION SIGN} 17"
    )
    assert np.diff(bin_edges(2048, n_bins(2048, 120))).mean() == pytest.approx(120.5, abs=0.05)


def test_unequal_bins_are_both_told() -> None:
    hint = config_hints.bins_hint(with_bins(100, 50), (2000, 1010))
    assert hint == "effective 100 × 50.5 px, 20 × 20"  # noqa: RUF001


def test_a_bin_larger_than_the_detector_is_one_bin() -> None:
    assert config_hints.bins_hint(with_bins(9999, 9999), (300, 300)).endswith("300 px, 1 × 1")  # noqa: RUF001


def test_boxes_are_those_that_the_engine_samples() -> None:
    config = SkyMeasurementConfig(xNumSamples=6, yNumSamples=4)
    assert config_hints.boxes_hint(config, (2048, 4096)) == "boxes of 341 × 1024 px"  # noqa: RUF001


def test_more_boxes_than_pixels_are_one_a_pixel() -> None:
    config = SkyMeasurementConfig(xNumSamples=10**9)
    assert config_hints.boxes_hint(config, (64, 64)) == "boxes of 1 × 16 px"  # noqa: RUF001


def test_without_an_exposure_the_hints_say_so() -> None:
    assert config_hints.bins_hint(DEFAULTS, None) == "effective: no exposure"
    assert config_hints.boxes_hint(DEFAULTS, None) == "boxes: no exposure"


def test_bins_that_are_larger_than_the_image_are_told() -> None:
    def hint(bin_size: int) -> str:
        background = DEFAULTS.background.model_copy(update={"xBinSize": bin_size})
        config = DEFAULTS.model_copy(update={"background": background})
        return config_hints.bins_hint(config, (480, 256))

    assert hint(481).startswith("larger than the image: effective")
    assert hint(480).startswith("effective")


def test_differences_name_the_fields_as_lsst_does() -> None:
    assert config_hints.differences(DEFAULTS, DEFAULTS) == ()
    assert set(config_hints.differences(OTHER, DEFAULTS)) == {
        "skyRej",
        "background.xBinSize",
        "background.algorithm",
        "background.mask",
        "stats.statistic",
    }


def test_every_refused_line_is_told_at_once() -> None:
    text = "config.skyRej = 4.0\nimport os\nconfig.skyIter = -1\n\nopen('x')\nconfig.no = 3\n"
    with pytest.raises(SkyFrameError) as caught:
        parse(text, DEFAULTS)
    said = str(caught.value)
    assert "3 lines are refused" in said
    assert all(f"Line {number}:" in said for number in (3, 5, 6))
    assert "Line 1:" not in said


def test_a_file_that_is_gone_is_told_as_such() -> None:
    with pytest.raises(SkyFrameError, match=r"nowhere\.py: the config file cannot be read"):
        read("nowhere.py", DEFAULTS)


def test_an_empty_paste_is_told_as_such() -> None:
    with pytest.raises(SkyFrameError, match="empty"):
        parse("  \n", DEFAULTS)


@pytest.mark.parametrize(
    ("unit", "frames", "of_image", "of_scale"),
    [
        ("", {""}, "adu", ""),
        ("", {config_hints.LEVEL_UNIT}, "adu", "adu"),
        ("", {"electron"}, "adu", ""),
        ("electron", {"adu"}, "electron", "electron/adu"),
        ("electron", {"electron"}, "electron", ""),
        ("electron", {"adu", "electron"}, "electron", ""),
    ],
)
def test_units_are_the_same_in_every_panel(
    unit: str, frames: set[str], of_image: str, of_scale: str
) -> None:
    empty = ScaleSolution(
        scale=math.nan,
        error=math.nan,
        rejected_at=np.empty(0, np.int64),
        iterations=(),
        n_used=0,
    )
    fit = VisitFit(
        sources=(),
        visit="",
        keys=(),
        samples=(),
        solution=empty,
        alone=empty,
        why="",
        n_members=0,
        made_from=None,
        findings=(),
        unit=unit,
        frame_units=frozenset(frames),
    )
    assert config_hints.exposure_unit(State(), fit) == of_image
    assert config_hints.scale_unit(State(), fit) == of_scale
