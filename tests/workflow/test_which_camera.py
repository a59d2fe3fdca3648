"""Which camera exposures are of, from their headers, their own tables, or a table that is given."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io.fits import Header

from skyframe_gui.engine import Exposure, SkyFrameError
from skyframe_gui.files import read_camera, scan, write_exposure
from skyframe_gui.files.cameras import read_camera_table
from skyframe_gui.workflow.cameras import by_camera, camera_of, detector_of

if TYPE_CHECKING:
    from skyframe_gui.files import ExposureSource

OWN_TABLE = Path(__file__).parent.parent / "data" / "fits" / "hsc_detector_table.fits.gz"
PRIMARY = 2880
"""Bytes of the header before its tables."""
ROW: dict[str, Any] = {"name": "left", "size": [30, 20], "affine": [0.1, 0, 0, 0.1, -4, 0]}


def source_of(folder: Path, instrument: str, detector: str) -> ExposureSource:
    path = folder / f"{instrument}-{detector}.fits"
    header = Header({"INSTRUME": instrument} if instrument else {})
    image = np.ones((20, 30), np.float32)
    write_exposure(path, Exposure(image, header=header, detector=detector))
    (source,) = scan(path)
    return source


def with_own_table(folder: Path) -> ExposureSource:
    path = folder / "hsc.fits"
    planes = np.ones((20, 30), np.float32), np.zeros((20, 30), np.int32)
    write_exposure(path, Exposure(*planes, header=Header({"INSTRUME": "HSC"}), detector="4"))
    with path.open("ab") as file:
        file.write(gzip.decompress(OWN_TABLE.read_bytes())[PRIMARY:])
    (source,) = scan(path)
    return source


def test_instrument_of_the_headers_says_which_table(tmp_path: Path) -> None:
    sources = [source_of(tmp_path, "DECam", name) for name in ("S29", "3", "n4")]
    table = camera_of(sources)
    assert table.camera == read_camera("DECam")
    assert [detector_of(table.camera, one).name for one in sources] == ["S29", "S31", "N4"]
    assert table.configs["largeScaleBackground"]["xSize"] == 61.44
    assert not table.notes


def test_detector_that_a_camera_does_not_have(tmp_path: Path) -> None:
    source = source_of(tmp_path, "DECam", "S99")
    with pytest.raises(SkyFrameError, match=r"DECam-S99.fits: the camera DECam has no detector S9"):
        detector_of(read_camera("DECam"), source)


def test_exposures_of_two_instruments_are_of_no_one_camera(tmp_path: Path) -> None:
    of = [("DECam", "S29"), ("", "S30"), ("MegaPrime", "ccd00")]
    sources = [source_of(tmp_path, *one) for one in of]
    assert list(by_camera(sources)) == ["DECam", "", "MegaPrime"]
    with pytest.raises(SkyFrameError, match=r"DECam and one without a name and MegaPrime"):
        camera_of(sources)
    assert by_camera(sources[:2]) == {"DECam": sources[:2]}


def test_instrument_without_a_table(tmp_path: Path) -> None:
    with pytest.raises(SkyFrameError, match=r"detectors of WFI lie .* --camera FILE.json"):
        camera_of([source_of(tmp_path, "WFI", "1")])


def test_place_in_an_exposure_counts_before_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = with_own_table(tmp_path)
    hsc = read_camera("HSC")
    assert detector_of(hsc, source).name == "1_42"
    same = camera_of([source])
    assert same.camera == hsc
    assert not same.notes
    monkeypatch.setattr(
        "skyframe_gui.workflow.cameras.read_camera_table",
        lambda name: read_camera_table(str(_moved_table(tmp_path))),
    )
    found = camera_of([source])
    assert found.camera["1_42"].affine == pytest.approx(hsc["1_42"].affine, abs=1e-6)
    assert found.camera["1_42"].kind == ""
    assert "the detectors 1_42 in another place" in found.notes[0]


def _moved_table(folder: Path) -> Path:
    (row,) = (one for one in read_camera("HSC").detectors if one.name == "1_42")
    moved = [*row.affine[:4], row.affine[4] + 1, row.affine[5]]
    path = folder / "moved.json"
    rows = [{"name": "1_42", "id": 4, "size": [row.width, row.height], "affine": moved}, ROW]
    path.write_text(json.dumps({"name": "HSC", "detectors": rows}), encoding="utf-8")
    return path


def test_camera_without_a_table_is_made_of_the_exposures_own(tmp_path: Path) -> None:
    source = with_own_table(tmp_path)
    found = camera_of([source.assigned({"instrument": "Suprime"})])
    assert [detector.name for detector in found.camera.detectors] == ["1_42"]
    assert "its focal plane is that of the 1 detectors given" in found.notes[0]


def test_given_table_serves_whatever_the_headers_say(tmp_path: Path) -> None:
    path = tmp_path / "ours.json"
    placed = {"pixel": 0.1, "position": [4, 0], "reference": [0, 0], "quarters": 1}
    rows = [
        {"name": "right", "id": 2, "size": [30, 20], "type": "guider", "kind": "G", **placed},
        {"id": 1, "kind": "B", **ROW},
    ]
    configs = {"largeScaleBackground": {"values": {"xSize": 2, "ySize": 2}}}
    path.write_text(json.dumps({"name": "ours", "detectors": rows, "configs": configs}))
    sources = [source_of(tmp_path, "WFI", "left"), source_of(tmp_path, "", "2")]
    table = camera_of(sources, str(path))
    assert [detector_of(table.camera, one).name for one in sources] == ["left", "right"]
    assert table.camera["right"].affine == pytest.approx((0, -0.1, 0.1, 0, 4, 0))
    assert table.camera.kinds == ("B",)
    assert table.configs == {"largeScaleBackground": {"xSize": 2, "ySize": 2}}
    assert camera_of(sources, "hsc").camera == read_camera("HSC")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[1", "no table of a camera"),
        ('{"name": "x", "detectors": []}', "detectors: .*at least 1 item"),
        ('{"name": "x", "detectors": [{"name": "a", "size": [3, 4]}]}', "it needs affine, or"),
        (json.dumps({"name": "x", "detectors": [ROW, ROW]}), "two detectors with the name left"),
        (json.dumps({"name": "x", "detectors": [ROW | {"size": [0, 2]}]}), "has the width 0"),
        (json.dumps({"name": "x", "detectors": [ROW | {"affin": 1}]}), "detectors.0.affin"),
    ],
)
def test_table_that_is_none(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(SkyFrameError, match=rf"bad\.json: .*{why}"):
        read_camera(str(path))


def test_table_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SkyFrameError, match=r"none\.json: .*No such file"):
        read_camera(str(tmp_path / "none.json"))
    (tmp_path / "latin.json").write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(SkyFrameError, match=r"latin\.json: .*not UTF-8"):
        read_camera(str(tmp_path / "latin.json"))
