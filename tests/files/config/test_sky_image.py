"""Fields of the background over the focal plane, told apart from those of the sky measurement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from skyframe_gui.engine import FocalPlaneBackgroundConfig, SkyFrameError
from skyframe_gui.engine.focal_config import SkyImageConfig
from skyframe_gui.files.config.sky_image import read_both

if TYPE_CHECKING:
    from pathlib import Path

BASE = SkyImageConfig(
    largeScaleBackground=FocalPlaneBackgroundConfig(xSize=5, ySize=5, pixelSize=0.01)
)
OVERRIDES = """\
config.largeScaleBackground.xSize = (
    8192 * 0.015)
config.background.xBinSize = 64
config.largeScaleBackground.mask.remove("EDGE")
config.maskTask.detection.thresholdType = "stdev"
"""
YAML = """\
background:
  xBinSize: 64
largeScaleBackground:
  xSize: 122.88
  mask: [BAD, SAT, INTRP, DETECTED, DETECTED_NEGATIVE, NO_DATA]
skyRej: 3.0
maskTask.detection.thresholdType: stdev
"""


@pytest.mark.parametrize(("name", "text"), [("c.py", OVERRIDES), ("c.yaml", YAML)])
def test_a_file_changes_both(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    config, changes, notes = read_both(path, ["largeScaleBackground.ySize=60", "skyIter=1"])
    assert (config.background.xBinSize, config.skyIter) == (64, 1)
    assert not notes
    changed = changes(BASE)
    background = changed.largeScaleBackground
    assert (background.xSize, background.ySize, background.pixelSize) == (122.88, 60, 0.01)
    assert "EDGE" not in background.mask
    assert len(background.mask) == len(BASE.largeScaleBackground.mask) - 1
    assert changed.maskTask.detection.thresholdType == "stdev"


def test_nothing_given_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("skyRej: 2.0")
    for _, changes, _ in (read_both(path, ["skyIter=1"]), read_both(None, [])):
        assert not changes
        assert changes(BASE) == BASE


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("config.skyRej = 2.0\nconfig.largeScaleBackground.xSize = -1.0", "line 2: .*xSize"),
        ("config.skyRej = 2.0\n\nconfig.largeScaleBackground.xsize = 1.0", "line 3: .*no field"),
        ("config.skyRej = 2.0\nconfig.skyWrong = 1", "line 2: .*no field"),
        ("config.skyRej = ", "line 1"),
        ("largeScaleBackground:\n  xSize: 1\n  minFrak: 2\n", "line 3: .*minFrak"),
        ("a: [", "not YAML"),
    ],
)
def test_line_that_is_not_taken_is_told_by_its_number(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "config.txt"
    path.write_text(text)
    with pytest.raises(SkyFrameError, match=why):
        read_both(path, [])


def test_setting_of_a_field_that_is_none() -> None:
    with pytest.raises(SkyFrameError, match=r"largeScaleBackground.minFrak"):
        read_both(None, ["largeScaleBackground.minFrak=1"])
