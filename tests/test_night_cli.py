"""The command night: a row for each visit, with the numbers of the command subtract."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table
from test_cli import read_json, run, run_json

if TYPE_CHECKING:
    from nights import Night


@pytest.fixture(scope="module")
def built(night: Night, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("frames")
    run_json("build", *night.paths, "-o", folder)
    return folder


@pytest.fixture(scope="module")
def found(night: Night, built: Path) -> dict[str, Any]:
    return run_json("night", night.folder, "--sky", built)


def test_the_numbers_are_those_of_subtract(
    night: Night, built: Path, found: dict[str, Any], tmp_path: Path
) -> None:
    subtracted = run_json("subtract", night.folder, "--sky", built, "-o", tmp_path)["visits"]
    by_visit = {row["visit"]: row for row in found["visits"]}
    assert len(by_visit) == len(found["visits"]) == len(subtracted) == 6
    for visit in subtracted:
        row = by_visit[visit["visit"]]
        for key in ("scale", "error", "n_used", "filter", "instrument", "night", "findings"):
            assert row[key] == visit[key], key
        assert row["n_rejected"] == visit["n_samples"] - visit["n_used"]  # all have data
        assert row["sigma"] == visit["iterations"][-1]["sigma"]
        assert row["share"] == row["n_rejected"] / visit["n_samples"]
        assert row["n_exposures"] == len(visit["detectors"])
    assert found["failed"] == []


def test_levels_are_those_of_build_and_what_the_scale_comes_to(
    night: Night, found: dict[str, Any], tmp_path: Path
) -> None:
    frames = run_json("build", *night.paths, "-o", tmp_path)["sky_frames"]
    for place, row in enumerate(found["visits"][:1] + found["visits"][2:]):
        levels = [frame["levels"][place] for frame in frames]
        assert row["level"] == np.median(levels), row["visit"]
    for row in found["visits"]:
        # The sky frame's own level is about 1030 electrons: the scale itself is about 1.
        assert row["scale_over_level"] == pytest.approx(1, abs=0.02)
        assert row["scale"] / row["level"] < 0.01
        assert row["unit"] == "electron"


def test_rows_come_by_time_with_what_the_headers_tell(found: dict[str, Any]) -> None:
    starts = [row["start"] for row in found["visits"]]
    assert starts == sorted(starts)
    assert all(start.startswith("2026-03-14T00:3") for start in starts)
    for row in found["visits"]:
        assert row["exposure_time"] == 60.0
        assert row["moon_phase"] == pytest.approx(0.26, abs=0.01)
        assert row["moon_altitude"] is None  # no header tells where the telescope stands
        assert row["airmass"] is None


def test_without_sky_frames_there_are_levels_alone(night: Night, found: dict[str, Any]) -> None:
    alone = run_json("night", night.folder)["visits"]
    assert [row["level"] for row in alone] == [row["level"] for row in found["visits"]]
    assert {row["scale"] for row in alone} == {None}
    assert {row["state"] for row in alone} == {"level only"}
    words = run("night", night.folder).stdout
    assert "level only" in words
    assert "sigma" not in words  # a column of which nothing is known is left out


def test_the_table_of_the_terminal_has_a_line_for_each_visit(night: Night, built: Path) -> None:
    done = run("night", night.folder, "--sky", built)
    header, *lines = done.stdout.splitlines()
    for name in ("visit", "start UT", "level", "scale/level", "rejected", "intercept", "state"):
        assert name in header
    assert "airmass" not in header
    assert [line.split()[0] for line in lines] == ["1001", "2001", "1002", "1003", "1004", "1005"]
    assert "Note: Visit 1001: " in done.stderr


def test_ecsv_goes_to_the_screen_or_to_a_file(
    night: Night, built: Path, found: dict[str, Any], tmp_path: Path
) -> None:
    printed = run("night", night.folder, "--sky", built, "--ecsv").stdout
    table = Table.read(printed, format="ascii.ecsv")
    assert list(table["scale"]) == [row["scale"] for row in found["visits"]]
    assert table["level"].unit == "electron"
    assert np.isnan(table["airmass"]).all()
    first = found["visits"][0]["findings"][0]
    assert table["warnings"][0].startswith(f"{first['title']} {first['text']}")
    file = tmp_path / "table.ecsv"
    words = run("night", night.folder, "--sky", built, "-o", file)
    assert str(file) in words.stdout
    written = Table.read(file, format="ascii.ecsv")
    assert list(written["error"]) == list(table["error"])
    assert written.meta["config"]["skyRej"] == 3.0
    again = run("night", night.folder, "--sky", built, "-o", file)
    assert again.returncode == 1
    assert "exists already" in again.stderr
    assert run("night", night.folder, "-o", file, "--overwrite").returncode == 0
    wrong = run("night", night.folder, "--json", "--ecsv")
    assert (wrong.returncode, "-o FILE" in wrong.stderr) == (2, True)


def test_a_table_never_replaces_an_exposure(night: Night, tmp_path: Path) -> None:
    copy = Path(shutil.copy(night.science[0], tmp_path / "x.fits"))
    before = copy.read_bytes()
    done = run("night", copy, "-o", copy, "--overwrite")
    assert done.returncode == 1
    assert copy.read_bytes() == before


def test_what_fails_is_a_line_and_the_rest_goes_on(
    night: Night, built: Path, found: dict[str, Any], tmp_path: Path
) -> None:
    for path in [*night.paths[:4], *night.science]:
        shutil.copy(path, tmp_path)
    cut = tmp_path / "v1001-d2.fits"
    cut.write_bytes(cut.read_bytes()[:20000])  # one of two detectors
    for path in night.paths[2:4]:  # the whole of a visit
        (tmp_path / Path(path).name).write_bytes(Path(path).read_bytes()[:20000])
    result = run_json("night", tmp_path, "--sky", built, status=1)
    assert [Path(one["path"]).name for one in result["failed"]] == [
        "v1001-d2.fits",
        "v1002-d1.fits",
        "v1002-d2.fits",
    ]
    rows = {row["visit"]: row for row in result["visits"]}
    assert rows["2001"] == {row["visit"]: row for row in found["visits"]}["2001"]
    done = run("night", tmp_path, "--sky", built)
    assert done.returncode == 1
    errors = [line for line in done.stderr.splitlines() if "v1002-d1.fits" in line]
    assert len(errors) == 1


def test_an_exposure_without_its_sky_frame_still_has_a_level(
    night: Night, built: Path, found: dict[str, Any]
) -> None:
    done = run_json("night", night.folder, "--sky", built / "sky-1.fits", status=1)
    assert len(done["failed"]) == 6
    assert all("detector 2" in one["why"] for one in done["failed"])
    for row, whole in zip(done["visits"], found["visits"], strict=True):
        assert (row["n_exposures"], row["n_failed"]) == (1, 1)
        assert row["scale"] != whole["scale"]
        assert row["n_used"] < whole["n_used"]


def test_missing_and_dead_detectors_are_a_sentence_each(
    night: Night, built: Path, tmp_path: Path
) -> None:
    for path in night.paths[:5]:  # of the third visit one detector
        shutil.copy(path, tmp_path)
    with fits.open(tmp_path / "v1001-d2.fits", mode="update") as file:
        file["IMAGE"].data[:] = np.nan
    with fits.open(tmp_path / "v1003-d1.fits", mode="update") as file:
        file["IMAGE"].data[:] = 7
    result = run_json("night", tmp_path, "--sky", built)
    rows = {row["visit"]: row for row in result["visits"]}
    assert rows["1003"]["n_exposures"] == 1
    assert rows["1001"]["n_used"] == 16
    assert (rows["1001"]["n_exposures"], rows["1001"]["n_failed"]) == (1, 1)
    notes = "\n".join(result["notes"])
    assert "v1001-d2.fits has no good pixel" in notes
    assert "v1003-d1.fits has the value 7 in every bin, as of a dead detector" in notes
    assert "Visits 1001 (1 of 2), 1003 (1 of 2) have fewer detectors than others" in notes


def test_two_cameras_and_no_times_lose_no_visit(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    for camera, level in (("CamA", 500), ("CamB", 900)):
        for visit in (7, 8):
            header = fits.Header({"INSTRUME": camera, "EXPNUM": visit, "FILTER": "r", "CCDNUM": 1})
            pixels = rng.normal(level + visit, 3, (64, 64)).astype(np.float32)
            fits.writeto(tmp_path / f"{camera}-{visit}.fits", pixels, header)
    rows = run_json("night", tmp_path, "--mask-objects", "never")["visits"]
    assert [(row["instrument"], round(row["level"], -2)) for row in rows] == [
        ("CamA", 500.0),
        ("CamA", 500.0),
        ("CamB", 900.0),
        ("CamB", 900.0),
    ]
    assert {row["start"] for row in rows} == {""}
    words = run("night", tmp_path, "--mask-objects", "never").stdout
    assert "start UT" not in words


def test_nothing_to_read_is_said(tmp_path: Path) -> None:
    done = run("night", tmp_path / "none.fits", "--json")
    assert read_json(done, 1)["visits"] == []
