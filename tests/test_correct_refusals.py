"""What `correct` refuses or warns of: nothing is wrong without a word."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits
from corrections import RecordedVisit, write_case
from test_correct_cli import correct, options, run

from skyframe_gui.files import read_exposures, read_sky_frame, write_exposure, write_sky_frame
from skyframe_gui.files.fits.provenance import Provenance

if TYPE_CHECKING:
    from collections.abc import Callable

    from skyframe_gui.engine import Exposure

GREEDY = ("maskObjects.detection.thresholdValue=0.1", "maskObjects.nIter=1")
"""By these nearly every pixel is an object."""


def spoil(path: Path, change: Callable[[Exposure], Exposure]) -> None:
    """Write an exposure anew, changed."""
    (exposure,) = read_exposures(path)
    path.unlink()
    write_exposure(path, change(exposure))


def all_zero(exposure: Exposure) -> Exposure:
    return exposure.with_planes(image=np.zeros_like(exposure.image))


def no_number(exposure: Exposure) -> Exposure:
    return exposure.with_planes(image=np.full_like(exposure.image, np.nan))


def all_bad(exposure: Exposure) -> Exposure:
    bad = np.int32(exposure.planes.bits(["BAD"]))
    return exposure.with_planes(mask=exposure.mask | bad)


def two_good_pixels(exposure: Exposure) -> Exposure:
    image = np.full_like(exposure.image, np.nan)
    image[0, :2] = 900, 901
    return exposure.with_planes(image=image, mask=np.zeros_like(exposure.mask))


def test_lists_of_another_visit_are_not_used_and_told(tmp_path: Path) -> None:
    visit = write_case(0, tmp_path)
    for path in visit.lists:
        path.rename(path.with_name(path.name.replace("v1001", "visit999")))
    more = ("--background-list", visit.folder / "lists")
    told = json.loads(run(*options(visit, "lists"), *more, "-o", tmp_path / "out")[0])
    assert told["visits"][0]["without_background_list"] == ["0", "1", "2", "3"]
    (note,) = [note for note in told["notes"] if "of another visit" in note]
    assert note.startswith("visit999-det0-background.fits, visit999-det1-background.fits, ")
    assert " and 1 other were not used" in note


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (all_zero, "has the value 0 in every good pixel"),
        (no_number, "has no good pixel"),
        (all_bad, "has no good pixel"),
    ],
)
def test_a_dead_detector_takes_no_part(
    change: Callable[[Exposure], Exposure], why: str, tmp_path: Path
) -> None:
    visit = write_case(0, tmp_path)
    spoil(visit.exposures[2], change)
    told = correct(visit, tmp_path / "out", status=1)
    (failed,) = told["failed"]
    assert why in failed["why"]
    assert failed["path"] == str(visit.exposures[2])
    visit.exposures[2].unlink()
    without = replace(visit, exposures=tuple(path for path in visit.exposures if path.exists()))
    again = correct(without, tmp_path / "again")
    assert told["visits"][0]["scale"] == again["visits"][0]["scale"]
    assert told["visits"][0]["detectors"] == ["0", "1", "3"]
    assert any("Visit 1001 has 3 of the 4 detectors" in note for note in told["notes"])


def test_a_background_without_a_value_is_refused(tmp_path: Path) -> None:
    visit = write_case(0, tmp_path)
    spoil(visit.exposures[0], two_good_pixels)
    for path in visit.exposures[1:]:
        spoil(path, no_number)
    settings = ("doSky=false", "doBgModel2=false", "bgModel1.minFrac=0", "bgModel1.xSize=9")
    more = [word for setting in settings for word in ("--set", setting)]
    told = correct(visit, tmp_path / "out", *more, status=1)
    assert told["visits"] == []
    whys = [one["why"] for one in told["failed"]]
    assert any("bgModel1 has no value over 1 detector" in why for why in whys), whys
    assert list((tmp_path / "out").iterdir()) == []


def test_a_detector_that_was_read_out_mirrored_is_refused(tmp_path: Path) -> None:
    visit = write_case(0, tmp_path)
    told = correct(visit, tmp_path / "out", "--identity", "orientation=-x+y", status=1)
    assert [Path(one["path"]).name for one in told["failed"]] == [
        path.name for path in visit.exposures
    ]
    assert "v1001-det0.fits was read out mirrored along x, but" in told["failed"][0]["why"]
    # Here the table itself has its detectors mirrored so.
    table = json.loads(visit.camera.read_text())
    for one in table["detectors"]:
        a, b, c, e, tx, ty = one["affine"]
        one["affine"] = [-a, b, c, e, tx + a * (one["size"][0] - 1), ty]
    visit.camera.write_text(json.dumps(table))
    for path in visit.sky:
        frame = read_sky_frame(path)
        path.unlink()
        turned = replace(frame.identity, orientation="-x+y")
        write_sky_frame(path, replace(frame, identity=turned), detector=frame.identity.detector)
    correct(visit, tmp_path / "out", "--identity", "orientation=-x+y")


def test_findings_on_the_fit_are_told_and_counted(tmp_path: Path) -> None:
    visit = write_case(0, tmp_path)
    rng = np.random.default_rng(3)

    def noise(exposure: Exposure) -> Exposure:
        drawn = rng.normal(900, 9, exposure.image.shape).astype(np.float32)
        return exposure.with_planes(image=drawn)

    for path in visit.exposures:
        spoil(path, noise)
    told = json.loads(run(*options(visit, "lists"), "-o", tmp_path / "out")[0])
    findings = told["visits"][0]["findings"]
    assert "scale-zero" in [one["kind"] for one in findings]
    assert any("Visit 1001: The samples do not show the sky frame." in n for n in told["notes"])
    for ending in ("corr", "background"):
        header = fits.getheader(tmp_path / "out" / f"v1001-det1-{ending}.fits")
        made = Provenance.from_header(header)
        assert made is not None
        assert made.n_findings == len(findings)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (["bgModel1.minFrac=9"], ["bgModel1: No superpixel of the focal plane has the "]),
        (["bgModel2.minFrac=9"], ["bgModel2: No superpixel of the focal plane has the "]),
        (["bgModel1.interpolation=NONE"], ["bgModel1: The interpolation style is NONE, which"]),
        (["bgModel2.binning=9999"], ["bgModel2: Detector 0 has ", "less than one cell"]),
        (
            ["doMaskObjects=true", "bgModel1.minFrac=0.9", *GREEDY],
            ["What doMaskObjects masks, objects and borders, covers ", "say doMaskObjects=false"],
        ),
    ],
)
def test_an_error_names_its_part_of_the_config_once(
    settings: list[str], words: list[str], tmp_path: Path
) -> None:
    one, other = (write_case(0, tmp_path / name, name) for name in ("1001", "1002"))
    both = replace(one, exposures=one.exposures + other.exposures, lists=())
    more = [word for setting in settings for word in ("--set", setting)]
    printed, said = run(*options(both), *more, "-o", tmp_path / "out", status=1)
    (line,) = said.strip().splitlines()
    assert line.startswith("Visits 1001, 1002 (8 exposures): ")
    for text in words:
        assert text in line
    failed: list[dict[str, Any]] = json.loads(printed)["failed"]
    assert [Path(one["path"]).name for one in failed] == [path.name for path in both.exposures]


def test_a_second_run_in_one_folder_replaces_the_first(tmp_path: Path) -> None:
    visit = write_case(0, tmp_path)
    folder = visit.exposures[0].parent
    words = [folder, "--sky", visit.folder / "sky", "--camera", visit.camera, "--json"]
    words += [word for setting in visit.settings for word in ("--set", setting)]
    run(*words, "-o", folder)
    names = sorted(path.name for path in folder.iterdir())
    made = folder / "v1001-det0-corr.fits"
    made.chmod(0o644)
    before = made.stat().st_ino, made.stat().st_mtime_ns
    again = json.loads(run(*words, "-o", folder, "--overwrite")[0])
    assert again["failed"] == []
    assert (made.stat().st_ino, made.stat().st_mtime_ns) != before
    assert sorted(path.name for path in folder.iterdir()) == names
    assert not any("sky frames;" in note for note in again["notes"])


def test_a_list_that_is_read_is_never_written_over(tmp_path: Path) -> None:
    visit = write_case(0, tmp_path)
    folder = visit.exposures[0].parent
    for path in visit.lists:
        path.rename(folder / path.name)
    bytes_before = (folder / visit.lists[0].name).read_bytes()
    words = [*options(visit, "lists"), "-o", folder, "--overwrite"]
    told = json.loads(run(*words, status=1)[0])
    assert "is a list of backgrounds that is read" in told["failed"][0]["why"]
    assert (folder / visit.lists[0].name).read_bytes() == bytes_before


def named_by_table(visit: RecordedVisit) -> None:
    """Let the camera's table call its detectors otherwise, and the sky frames with it."""
    table = json.loads(visit.camera.read_text())
    for one in table["detectors"]:
        one["name"] = f"S{one['id']}"
    visit.camera.write_text(json.dumps(table))
    for path in visit.sky:
        frame = read_sky_frame(path)
        path.unlink()
        write_sky_frame(path, frame, detector=f"S{frame.identity.detector}")


def test_sky_frames_go_by_any_name_of_their_detector(tmp_path: Path) -> None:
    visit = write_case(0, tmp_path)
    named_by_table(visit)
    told = correct(visit, tmp_path / "out")
    assert told["visits"][0]["detectors"] == ["S0", "S1", "S2", "S3"]
    assert told["scale"] == pytest.approx(visit.case["scale"], rel=1e-5)
    assert not any("it is of detector" in note for note in told["notes"])
    made = Provenance.from_header(fits.getheader(tmp_path / "out" / "v1001-det2-corr.fits"))
    assert made is not None
    assert made.sky_frame == "sky-2.fits"
    assert "mismatch" not in made.extra


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (["--camera", "zzz"], "There is no table of the camera zzz"),
        (["--detectors", "0-1-2"], "The detectors 0-1-2 are neither a number, a range"),
        (["--detectors", "0-"], "The detectors 0- are neither a number, a range"),
    ],
)
def test_wrong_usage_is_told_in_one_line(more: list[str], why: str, tmp_path: Path) -> None:
    visit = write_case(0, tmp_path)
    _, said = run(*options(visit), *more, "-o", tmp_path / "out", status=2)
    assert said.startswith(why)
    assert len(said.strip().splitlines()) == 1


def test_sky_frames_that_nobody_uses_are_told(tmp_path: Path) -> None:
    visit = write_case(0, tmp_path)
    told = correct(visit, tmp_path / "out", "--set", "doSky=false")
    assert told["notes"][0] == "The sky frames of --sky are not used, as doSky is false."


def test_a_table_with_a_field_that_is_none_is_told(tmp_path: Path) -> None:
    visit = write_case(0, tmp_path)
    table = json.loads(visit.camera.read_text())
    table["configs"] = {"bgModel1": {"values": {"xsize": 5}}}
    visit.camera.write_text(json.dumps(table))
    _, said = run(*options(visit), "-o", tmp_path / "out", status=2)
    assert "bgModel1 has no field xsize" in said


def test_what_a_run_has_left_in_a_folder_of_lists_is_no_earlier_list(tmp_path: Path) -> None:
    visit = write_case(0, tmp_path)
    words = [*options(visit, "lists"), "-o", tmp_path / "out"]
    run(*words)
    again = run(*words[:-1], tmp_path / "again", "--background-list", tmp_path / "out")
    assert json.loads(again[0])["visits"][0]["without_background_list"] == ["0", "1", "2", "3"]
