"""Configs of a whole sky correction: nested fields from files and settings, over a camera's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lsst.pex.config import Config, ConfigField, Field, ListField

from skyframe_gui.engine import SkyCorrectionConfig, SkyFrameError
from skyframe_gui.engine.config import field_paths, field_values
from skyframe_gui.files.config.correction import read_correction
from skyframe_gui.files.config.write import as_overrides, as_yaml

if TYPE_CHECKING:
    from pathlib import Path

HSC = {
    "largeScaleBackground": {"xSize": 1.0, "ySize": 1.0},
    "bgModel1": {"xSize": 122.88, "ySize": 122.88, "pixelSize": 0.015},
    "bgModel2": {"xSize": 3.84, "ySize": 3.84, "pixelSize": 0.015, "minFrac": 0.5},
}


def test_fields_of_every_depth_have_dotted_names() -> None:
    names = field_paths(SkyCorrectionConfig)
    assert {"doSky", "bgModel1.xSize", "bgModel2.minFrac", "sky.background.xBinSize"} < set(names)
    assert "maskObjects.detection.thresholdValue" in names
    config = read_correction(None, []).over(HSC)
    assert tuple(field_values(config)) == names
    assert field_values(config)["maskObjects.subtractBackground.binSize"] == 1024


def test_a_part_that_is_not_there_has_no_values() -> None:
    config = SkyCorrectionConfig.model_validate({"bgModel1": HSC["bgModel1"], "doBgModel2": False})
    values = field_values(config)
    assert not [name for name in values if name.startswith("bgModel2")]
    assert values["doBgModel2"] is False


def test_changes_lie_over_what_the_camera_sets() -> None:
    config = read_correction(None, ["bgModel1.xSize=8192*0.01", "sky.stats.mask=SAT"]).over(HSC)
    assert (config.bgModel1.xSize, config.bgModel1.ySize) == (81.92, 122.88)
    assert config.sky.stats.mask == ("SAT",)
    second = config.bgModel2
    assert second is not None
    assert (second.minFrac, second.doSmooth, second.smoothScale) == (0.5, True, 1.0)
    # As large as the default, and said all the same.
    told = read_correction(None, ["bgModel2.minFrac=0.1"]).over(HSC).bgModel2
    assert told is not None
    assert told.minFrac == 0.1


OVERRIDES = """
import os.path
config.bgModel1.load("focalPlaneBackground.py")
config.bgModel2.xSize = 256 * 0.015  # in mm
config.bgModel2.minFrac = 0.25
config.sky.background.mask.remove('EDGE')
config.maskObjects.detection.doTempLocalBackground = False
config.maskObjects.detection.thresholdType = "stdev"
config.maskObjects.detection.isotropicGrow = False
config.doApplyFlatBackgroundRatio = False
"""


def test_override_files_of_a_whole_task_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "correction.py"
    path.write_text(OVERRIDES)
    changes = read_correction(path, ["bgModel2.minFrac=0.75"])
    config = changes.over(HSC)
    assert config.bgModel2 is not None
    assert (config.bgModel2.xSize, config.bgModel2.minFrac) == (3.84, 0.75)
    assert "EDGE" not in config.sky.background.mask
    assert config.maskObjects.detection.thresholdType == "stdev"
    loaded, local, ratio = changes.notes
    assert f"{path}, line 3 sets no plain value and was left out: config.bgModel1.load" in loaded
    assert "line 7 is about what this program has not" in local
    assert "line 10" in ratio


@pytest.mark.parametrize(
    "file", ["'focal.py'", '"focal.py"', 'os.path.join(os.path.dirname(__file__), "focal.py")']
)
def test_a_part_is_loaded_from_the_file_beside_it(file: str, tmp_path: Path) -> None:
    (tmp_path / "focal.py").write_text(
        "# of the entire focal plane\nimport os\nconfig.xSize = 8192 * 0.015  # in mm\n"
        "config.ySize = 1\nconfig.mask.remove('EDGE')\nconfig.pixelSize = 0.02\n"
    )
    path = tmp_path / "correction.py"
    path.write_text(
        f"config.bgModel1.load({file})  # LSST's way\nconfig.bgModel1.pixelSize = 0.015\n"
        "config.bgModel2.load('missing.py')\n"
    )
    changes = read_correction(path)
    first = changes.over(HSC).bgModel1
    assert (first.xSize, first.ySize, first.pixelSize) == (122.88, 1.0, 0.015)
    assert "EDGE" not in first.mask
    assert "line 1: bgModel1 is read from focal.py beside it" in changes.notes[0]
    assert "line 3 sets no plain value and was left out" in changes.notes[1]
    (tmp_path / "focal.py").write_text("if True:\n    config.xSize = 1\n    config.ySize = 1\n")
    assert "line 1 sets no plain value" in read_correction(path).notes[0]
    (tmp_path / "focal.py").write_text("config.xsize = 1\n")
    with pytest.raises(SkyFrameError, match=r"there is no field config\.bgModel1\.xsize"):
        read_correction(path)


def test_yaml_has_parts_within_parts(tmp_path: Path) -> None:
    path = tmp_path / "correction.yaml"
    path.write_text(
        "doBgModel2: false\nmaskObjects:\n  detection: {thresholdValue: 5}\n  nIter: 2\n"
        "sky.background.xBinSize: 64\n"
    )
    config = read_correction(path).over(HSC)
    assert (config.doBgModel2, config.maskObjects.nIter) == (False, 2)
    assert config.maskObjects.detection.thresholdValue == 5
    assert config.sky.background.xBinSize == 64


@pytest.mark.parametrize("write", [as_overrides, as_yaml])
def test_a_whole_config_goes_through_a_file_unchanged(write, tmp_path: Path) -> None:
    changed = ["doMaskObjects=false", "maskObjects.detection.nSigmaToGrow=3", "sky.skyRej=4"]
    config = read_correction(None, changed).over(HSC)
    path = tmp_path / "whole"
    path.write_text(write(config))
    assert read_correction(path).over({}) == config


class _Detection(Config):
    minPixels = Field(doc="of LSST", dtype=int, default=1)
    thresholdValue = Field(doc="of LSST", dtype=float, default=2.5)
    statsMask = ListField(doc="of LSST", dtype=str, default=["BAD"])


class _Objects(Config):
    detection = ConfigField(doc="of LSST", dtype=_Detection)
    nIter = Field(doc="of LSST", dtype=int, default=3)


class _Model(Config):
    xSize = Field(doc="of LSST", dtype=float)
    ySize = Field(doc="of LSST", dtype=float)
    mask = ListField(doc="of LSST", dtype=str, default=["BAD"])


class _Task(Config):
    bgModel1 = ConfigField(doc="of LSST", dtype=_Model)
    bgModel2 = ConfigField(doc="of LSST", dtype=_Model)
    maskObjects = ConfigField(doc="of LSST", dtype=_Objects)
    doSky = Field(doc="of LSST", dtype=bool, default=True)
    binning = Field(doc="of LSST", dtype=int, default=8)
    calexpType = Field(doc="of LSST", dtype=str, default="calexp")


def test_what_lsst_s_own_library_saves_is_read(tmp_path: Path) -> None:
    theirs = _Task()
    theirs.bgModel1.xSize = theirs.bgModel1.ySize = 122.88
    theirs.bgModel2.xSize = theirs.bgModel2.ySize = 3.84
    theirs.maskObjects.detection.thresholdValue = 4.5
    theirs.doSky = False
    theirs.save(str(tmp_path / "saved.py"))
    changes = read_correction(tmp_path / "saved.py")
    config = changes.over({})
    assert (config.bgModel1.ySize, config.bgModel1.mask) == (122.88, ("BAD",))
    assert (config.maskObjects.detection.thresholdValue, config.doSky) == (4.5, False)
    (note,) = changes.notes
    assert "4 lines on what LSST's task has and this program has not were left out" in note


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (["bgModel1.xsize=3"], "there is no field bgModel1.xsize; the fields are bgModel1.xSize"),
        (["skyRej=3"], "there is no field skyRej"),
        (["bgModel1=3"], "there is no field bgModel1;"),
        (["bgModel1.xSize=-3"], "bgModel1.xSize cannot be -3; it should be greater than 0"),
        (["sky.background.algorithm=FOO"], "it should be one of CONSTANT"),
        (["doApplyFlatBackgroundRatio=True"], "doApplyFlatBackgroundRatio, for visits whose flat"),
        (["doSky=false", "doBgModel2=false", "undoBgModel1=true"], "needs at least one of doSky"),
    ],
)
def test_what_cannot_be_is_told(settings: list[str], words: str) -> None:
    with pytest.raises(SkyFrameError, match=words):
        read_correction(None, settings).over(HSC)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("config.doApplyFlatBackgroundRatio = True", "is not in this program"),
        ("config.doBgModel = False", "cannot be switched off here"),
        ("config.bgModel3.xSize = 1", r"there is no field config\.bgModel3\.xSize"),
        ("config.bgModel1.xSize = 'wide'", "line 1: bgModel1.xSize cannot be 'wide'"),
    ],
)
def test_lines_that_cannot_be_taken_refuse_the_file(line: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "c.py"
    path.write_text(f"{line}\n")
    with pytest.raises(SkyFrameError, match=words):
        read_correction(path)


def test_a_camera_without_sizes_needs_them_said() -> None:
    with pytest.raises(SkyFrameError, match=r"LATISS for bgModel2\.xSize, bgModel2\.ySize; give"):
        read_correction(None).over({"bgModel1": HSC["bgModel1"]}, "LATISS")
    alone = read_correction(None, ["doBgModel2=false"]).over({"bgModel1": HSC["bgModel1"]})
    assert alone.bgModel2 is None
