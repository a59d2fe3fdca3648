"""Which camera exposures are of, from their headers, their own tables, or a table that is given."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
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


@pytest.mark.parametrize("camera", ["HSC", "DECam", "LSSTCam", "LSSTComCam", "MegaPrime"])
def test_every_number_and_every_name_is_that_of_its_detector(camera: str, tmp_path: Path) -> None:
    """HSC's detector 100 is 0_31, though 1_00 reads the same without its sign."""
    known = read_camera(camera)
    source = source_of(tmp_path, camera, "x")
    for one in known.detectors:
        for name in (one.name, str(one.id)):
            assert detector_of(known, replace(source, detector=name)) is one


def test_detector_that_a_camera_does_not_have(tmp_path: Path) -> None:
    source = source_of(tmp_path, "DECam", "S99")
    with pytest.raises(SkyFrameError, match=r"DECam-S99.fits: the camera DECam has no detector S9"):
        detector_of(read_camera("DECam"), source)
    with pytest.raises(SkyFrameError):
        detector_of(read_camera("DECam"), replace(source, detector="\u00b2"))  # a digit, no number


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


def laid_out(folder: Path, visit: int, *columns: int) -> list[ExposureSource]:
    """Return a visit of detectors that their coordinates place beside each other."""
    sources = []
    for number in columns:
        path = folder / f"{visit}-{number}.fits"
        header = Header({
            "INSTRUME": "WFI", "EXPNUM": visit, "CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN",
            "CRVAL1": 10.0, "CRVAL2": 20.0, "CRPIX1": 1.0 - 40 * number, "CRPIX2": 1.0,
            "CD1_1": -1e-4, "CD1_2": 0.0, "CD2_1": 0.0, "CD2_2": 1e-4,
        })  # fmt: skip
        image = np.ones((20, 30), np.float32)
        write_exposure(path, Exposure(image, header=header, detector=str(number)))
        sources += scan(path)
    return sources


def test_headers_lay_out_a_camera_without_a_table(tmp_path: Path) -> None:
    sources = [*laid_out(tmp_path, 1, 3, 2), *laid_out(tmp_path, 2, 4, 2, 3)]
    found = camera_of(sources)
    assert [one.id for one in found.camera.detectors] == [2, 3, 4]
    places = [detector.affine[4] for detector in found.camera.detectors]
    assert np.diff(places) == pytest.approx([40, 40], abs=1e-3)
    assert found.configs["bgModel1"] == {"xSize": 8192, "ySize": 8192, "pixelSize": 1}
    assert found.notes == (
        "There is no table of the camera WFI: its 3 detectors are laid out by their celestial "
        "coordinates in visit 2, in pixels, and the grid over the focal plane is that of the "
        "files given.",
    )
    assert detector_of(found.camera, sources[0]).name == "3"
    with pytest.raises(SkyFrameError, match="no table of where the detectors of WFI lie, only of"):
        camera_of(sources, by_headers=False)


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


CSV = "name,detector,width_px,height_px,pixel_mm,x_mm,y_mm,yaw_offset_deg\n"


def test_table_as_csv(tmp_path: Path) -> None:
    path = tmp_path / "ours.CSV"
    path.write_text(f"\ufeff{CSV} right ,2,30,20,0.1,4,0,90\n\nleft,,3,2,0.1,-4,0,\n", "utf-8")
    camera = read_camera(str(path))
    assert (camera.name, [one.id for one in camera.detectors]) == ("ours", [2, None])
    assert camera["left"].affine == pytest.approx((0.1, 0, 0, 0.1, -4.1, -0.05))
    assert camera["right"].affine == pytest.approx((0, -0.1, 0.1, 0, 4 + 0.95, -1.45))
    whole = (
        "camera,detector,name,type,physical_type,x_mm,y_mm,orientation_quarter_turns,"
        "yaw_offset_deg,width_px,height_px,pixel_mm,refpos_x_px,refpos_y_px\n"
        "DECam,2,S30,science,,-185.542,-0.024,0,-0.105,2048,4096,0.015,1023.5,2047.5\n"
    )
    (tmp_path / "decam.csv").write_text(whole)
    given = read_camera(str(tmp_path / "decam.csv"))
    ours = read_camera("DECam")["S30"]  # whose table tells the amplifiers, too
    assert (given.name, given["S30"]) == ("DECam", replace(ours, amplifiers=(1, 1)))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it has no column name"),
        (CSV.replace("x_mm", "x"), "it has no column x_mm"),
        (CSV.replace("detector", "number"), "its columns are .*number"),
        (CSV.replace("detector", "name"), "its columns are"),
        (CSV, "detectors: .*at least 1 item"),
        (CSV + "a,1,30,20,0.1\n", "line 2 has 5 values for 8 columns"),
        (CSV + "a,1,wide,20,0.1,0,0,0\n", "detectors.0.size.0: .*integer"),
        (CSV + "a,1,30,20,,0,0,0\n", "detectors.0: it needs affine, or pixel"),
        (CSV + "a,1,30,20,nan,0,0,0\n", "cannot be placed"),
        (CSV + '"a,1\n', "this is no table of a camera"),
        ("camera," + CSV + "x,a,1,3,2,0.1,0,0,0\ny,b,2,3,2,0.1,1,0,0\n", "several cameras .x, y."),
    ],
)
def test_csv_that_is_no_table(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "bad.csv").write_text(text)
    with pytest.raises(SkyFrameError, match=rf"bad\.csv: .*{why}"):
        read_camera(str(tmp_path / "bad.csv"))
