"""Small inputs of which each part must find its own: by the command line, as its user has it."""

from __future__ import annotations

import io
import json
import shutil
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table

from skyframe_gui import cli
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.identity import Identity
from skyframe_gui.files import Provenance, read_sky_frame, scan
from skyframe_gui.workflow.frames import brought_to

CASES = Path(__file__).parents[1] / "data" / "cases"
SKY_R = CASES / "filters" / "sky-of-r" / "sky-3.fits.gz"
SKY_G = CASES / "filters" / "sky-of-g" / "sky-3.fits.gz"
SCIENCE = CASES / "filters" / "science-r.fits.gz"


def run(*arguments: object) -> dict[str, Any]:
    out, err = io.StringIO(), io.StringIO()
    words = ["skyframe-gui", *map(str, arguments), "--mask-objects", "never", "--json"]
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", words)
        with pytest.raises(SystemExit) as end:
            cli.main()
    result: dict[str, Any] = json.loads(out.getvalue())
    return {**result, "status": end.value.code or 0, "stderr": err.getvalue()}


def subtract(folder: Path, exposures: list[Path], *skies: Path) -> dict[str, Any]:
    given = [word for sky in skies for word in ("--sky", sky)]
    return run("subtract", *exposures, *given, "-o", folder)


def write(path: Path, level: float = 700.0, unit: str = "adu", **cards: object) -> Path:
    """Write a flat exposure with noise."""
    path.parent.mkdir(exist_ok=True)
    shape = (int(cards.pop("height", 64)), int(cards.pop("width", 64)))
    pixels = np.random.default_rng(len(path.name)).normal(level, 3, shape).astype(np.float32)
    header = fits.Header()
    header.update({"INSTRUME": "MyCam", "CCDNUM": 3, "FILTER": "r", "EXPTIME": 60.0, "BUNIT": unit})
    header.update({key.replace("_", "-"): value for key, value in cards.items()})
    fits.PrimaryHDU(pixels, header).writeto(path)
    return path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("built")
    paths = sorted((CASES / "filters").glob("[rg]?.fits.gz"))
    return run("build", *paths, "-o", folder, "--normalise", "level")


def test_each_filter_gets_a_frame_that_says_of_what_it_is(built: dict[str, Any]) -> None:
    frames = {Path(one["path"]).name: one for one in built["sky_frames"]}
    assert set(frames) == {"sky-3-g.fits", "sky-3-r.fits"}
    for name, one in frames.items():
        band = name[6]
        assert (one["filter"], one["instrument"], one["n_exposures"]) == (band, "MyCam", 3)
        header = fits.getheader(one["path"])
        assert [header[k] for k in ("FILTER", "INSTRUME", "DETECTOR")] == [band, "MyCam", "3"]
        assert (header["OBSTYPE"], header["NCOMBINE"]) == ("SKY", 3)
        assert header["DATE-OBS"] == "2024-01-01T03:00:00"
        assert header["DATE-END"] == "2024-01-01T03:01:00"
        assert [header[f"CPP_INPUT_{i}"] for i in range(3)] == [
            int(f"1{band == 'g':d}{i}") for i in range(3)
        ]
        assert "BUNIT" in fits.getheader(one["path"], "IMAGE")
        theirs = read_sky_frame(SKY_R if band == "r" else SKY_G)
        frame = read_sky_frame(one["path"])
        np.testing.assert_array_equal(frame.grid.values, theirs.grid.values)
        assert frame.identity == Identity(
            instrument="MyCam", detector="3", filter=band, unit="sky level"
        )


def test_the_frame_of_the_exposures_own_filter_is_taken(
    built: dict[str, Any], tmp_path: Path
) -> None:
    result = subtract(tmp_path, [SCIENCE], *(Path(one["path"]) for one in built["sky_frames"]))
    assert result["scale"] == pytest.approx(696.8, abs=0.3)
    assert not any("sky frame of filter" in note for note in result["notes"])
    header = fits.getheader(next(one for one in result["outputs"] if one.endswith("-sub.fits")))
    assert header["SFSKY"] == "sky-3-r.fits"
    told = {
        str(value).split("=")[0]: str(value) for key, value in header.items() if key[:3] == "SFX"
    }
    assert told["SKYIN0001"] == "SKYIN0001=r0.fits.gz"


def test_another_filter_that_is_forced_is_told_everywhere(
    built: dict[str, Any], tmp_path: Path
) -> None:
    (other,) = (Path(one["path"]) for one in built["sky_frames"] if one["filter"] == "g")
    result = subtract(tmp_path, [SCIENCE], other)
    (note,) = [one for one in result["notes"] if "sky frame of filter g" in one]
    assert note == "science-r.fits.gz: it is of filter r, the sky frame of filter g."
    assert f"Note: {note}" in result["stderr"]
    kinds = {one["kind"] for one in result["visits"][0]["findings"]}
    assert {"another-sky-frame", "no-description"} <= kinds
    header = fits.getheader(next(one for one in result["outputs"] if one.endswith("-sub.fits")))
    assert any("mismatch=it is of filter r" in str(value) for value in header.values())


def test_every_finding_is_in_the_notes_the_json_and_the_files(tmp_path: Path) -> None:
    result = subtract(tmp_path, [CASES / "rotated-180.fits.gz"], SKY_R)
    (visit,) = result["visits"]
    assert {one["severity"] for one in visit["findings"]} == {"warning", "note"}
    for one in visit["findings"]:
        note = f"Visit {visit['visit']}: {one['title']} {one['text']}"
        assert note in result["notes"]
        assert f"Note: {note}\n" in result["stderr"]
        assert one["detectors"] in ([], ["3"])
    (worst,) = (one for one in visit["findings"] if one["kind"] == "no-description")
    assert worst["numbers"]["rms"] > worst["numbers"]["rms_of_constant"] > 0
    n = len(visit["findings"])
    images = [one for one in result["outputs"] if one.endswith(".fits")]
    assert [fits.getheader(one)["SFNFIND"] for one in images] == [n]
    (table,) = (one for one in result["outputs"] if one.endswith(".ecsv"))
    assert Table.read(table).meta["n_findings"] == n


@pytest.mark.parametrize("level", [700.0, 60000.0])
def test_an_image_that_is_the_same_everywhere_is_not_described(
    level: float, tmp_path: Path
) -> None:
    path = write(tmp_path / "flat.fits", width=128, height=128)
    with fits.open(path, mode="update") as file:
        file[0].data[:] = level
    result = subtract(tmp_path, [path], SKY_R)
    (found,) = (one for one in result["visits"][0]["findings"] if one["kind"] == "no-description")
    assert found["numbers"]["rms_of_constant"] == 0
    assert "by 0 adu about a constant" in found["text"]


def test_frames_of_other_filters_alone_are_refused(built: dict[str, Any], tmp_path: Path) -> None:
    image = write(tmp_path / "z.fits", FILTER="z")
    result = subtract(tmp_path, [image], *(Path(one["path"]) for one in built["sky_frames"]))
    assert result["status"] == 1
    assert "no sky frame of z, MyCam for detector 3" in result["failed"][0]["why"]


@pytest.mark.parametrize(
    ("name", "sky", "told"),
    [
        ("rotated-180", SKY_R, True),
        ("filters/science-r", SKY_G, True),
        ("filters/science-r", SKY_R, False),
    ],
)
def test_a_frame_that_leaves_more_than_a_constant_is_told(
    name: str, sky: Path, told: bool, tmp_path: Path
) -> None:
    result = subtract(tmp_path, [CASES / f"{name}.fits.gz"], sky)
    assert any("does not describe" in note for note in result["notes"]) is told
    # Frames of the first version do not tell their filter.
    assert any("whether it is of r cannot be checked" in note for note in result["notes"])


def test_a_negative_scale_is_told(tmp_path: Path) -> None:
    result = subtract(tmp_path, [CASES / "negative.fits.gz"], SKY_R)
    assert result["scale"] == pytest.approx(-49.75, abs=0.1)
    assert any("The scale is negative" in note for note in result["notes"])


@pytest.mark.parametrize(("name", "scale"), [("binned-2x2", 2800), ("window-ccdsec", 697)])
def test_a_binned_or_cut_exposure_gets_its_part_of_the_frame(
    name: str, scale: float, tmp_path: Path
) -> None:
    result = subtract(tmp_path, [CASES / f"{name}.fits.gz"], SKY_R)
    assert result["scale"] == pytest.approx(scale, rel=0.005)
    assert not any("lower left corner" in note for note in result["notes"])
    (path,) = (one for one in result["outputs"] if one.endswith("-sub.fits"))
    assert abs(np.median(fits.getdata(path))) < 5


def test_a_section_of_the_mosaic_tells_the_place_where_it_lies_on_the_detector(
    tmp_path: Path,
) -> None:
    (source,) = scan(CASES / "window-ccdsec.fits.gz")
    frame = read_sky_frame(SKY_R)
    assert source.xy0 == (64, 64)
    mosaic = replace(source, xy0=(0, 0), place=(64, 64))
    assert brought_to(frame, mosaic).grid.bbox == (-64, -64, 63, 63)
    with pytest.raises(SkyFrameError, match="which part of the detector"):
        brought_to(frame, replace(mosaic, place=(2048, 64)))


WINDOW = {"width": 64, "height": 64}
ESO_WINDOW = {"HIERARCH ESO DET WIN1 STRX": 65, "HIERARCH ESO DET WIN1 STRY": 33}


@pytest.mark.parametrize(
    ("cards", "bbox"),
    [
        ({**WINDOW, **ESO_WINDOW}, (-64, -32, 63, 95)),
        ({**WINDOW, "CCDSEC": "[1:64,1:64]"}, (0, 0, 127, 127)),
        ({**WINDOW, "LTV1": 0, "LTV2": 0}, None),
        ({**WINDOW, "CCDSUM": "(2, 2)"}, (0, 0, 63, 63)),
        (WINDOW, None),
        ({**WINDOW, "CCDSEC": "[66:193,1:128]", "CCDSUM": "2 2", "width": 60}, None),
    ],
)
def test_a_window_is_found_by_its_cards_or_refused(
    cards: dict[str, Any], bbox: tuple[int, ...] | None, tmp_path: Path
) -> None:
    (source,) = scan(write(tmp_path / "window.fits", **cards))
    frame = read_sky_frame(SKY_R)
    if bbox is None:
        with pytest.raises(SkyFrameError, match="which part of the detector"):
            brought_to(frame, source)
    else:
        assert brought_to(frame, source).grid.bbox == bbox


def test_a_binning_that_the_frame_cannot_be_brought_to_is_refused(tmp_path: Path) -> None:
    odd = write(tmp_path / "odd.fits", CCDSUM="3 2", width=42, CCDSEC="[2:127,1:128]")
    result = subtract(tmp_path, [odd], SKY_R)
    assert result["status"] == 0  # a third of 128 pixels, and it begins at the first
    frame = replace(read_sky_frame(SKY_R), identity=Identity(detector="3", binning=(2, 2)))
    (source,) = scan(odd)
    with pytest.raises(Exception, match="binned 3 x 2 but the sky frame"):
        brought_to(frame, source)


MIRRORED = [
    {"CCDSEC": "[64:1,1:64]"},
    {"CCDSEC": "[1:64,64:1]"},
    {"LTM1_1": -1.0, "LTM2_2": 1.0, "LTV1": 65.0, "LTV2": 0.0},
    {"LTM2_2": -1.0},
    {"DETSEC": "[128:65,1:64]"},
    {"ATM1_1": -1.0, "ATM2_2": -1.0},
]
WORDS = ["along x", "along y", "along x", "along y", "along x", "by 180 degrees"]


def cards_as_they_stand(path: Path, cards: dict[str, Any]) -> Path:
    """Add cards whose names have an underscore."""
    with fits.open(path, mode="update") as file:
        file[0].header.update(cards)
    return path


def exposures(folder: Path, cards: dict[str, Any], n: int = 3, start: int = 0) -> list[Path]:
    return [
        cards_as_they_stand(write(folder / f"e{start + i:02}{'x' * (start + i)}.fits"), cards)
        for i in range(n)
    ]


@pytest.mark.parametrize(("cards", "words"), list(zip(MIRRORED, WORDS, strict=True)))
def test_a_mirrored_exposure_is_never_corrected_with_a_straight_frame(
    cards: dict[str, Any], words: str, tmp_path: Path
) -> None:
    straight = exposures(tmp_path, {"CCDSEC": "[1:64,1:64]"})
    (mirrored,) = exposures(tmp_path, cards, 1, 7)
    (sky,) = run("build", *straight, "-o", tmp_path / "sky")["outputs"]
    result = subtract(tmp_path / "o", [mirrored], sky)
    assert result["status"] != 0
    assert not [one for one in result["outputs"] if one.endswith("-sub.fits")]
    said = " ".join(one["why"] for one in result["failed"])
    assert words in said
    assert "along the detector's x and y" in said


@pytest.mark.parametrize("cards", MIRRORED)
def test_mirrored_exposures_are_corrected_with_a_frame_of_their_own(
    cards: dict[str, Any], tmp_path: Path
) -> None:
    *own, last = exposures(tmp_path, cards, 4)
    (sky,) = run("build", *own, "-o", tmp_path / "sky")["outputs"]
    assert read_sky_frame(sky).identity.orientation == scan(last)[0].orientation
    result = subtract(tmp_path / "o", [last], sky)
    assert result["status"] == 0
    assert result["scale"] == pytest.approx(1, abs=0.01)
    assert not any("read out" in note for note in result["notes"])
    (straight,) = exposures(tmp_path, {"CCDSEC": "[1:64,1:64]"}, 1, 9)
    assert subtract(tmp_path / "p", [straight], sky)["status"] != 0
    (silent,) = exposures(tmp_path, {}, 1, 11)
    told = subtract(tmp_path / "q", [silent], sky)
    assert told["status"] == 0
    assert any("(does not tell), the sky frame" in note for note in told["notes"])


@pytest.mark.parametrize("other", [{}, {"CCDSEC": "[1:64,1:64]"}])
def test_a_frame_is_of_one_orientation(other: dict[str, Any], tmp_path: Path) -> None:
    usual = exposures(tmp_path, {"CCDSEC": "[64:1,1:64]"})
    (odd,) = exposures(tmp_path, other, 1, 5)
    result = run("build", *usual, odd, "-o", tmp_path / "sky")
    (why,) = [one["why"] for one in result["failed"]]
    assert why.startswith(odd.name)
    assert "mirrored along x; it was left out" in why
    (sky,) = result["outputs"]
    assert fits.getheader(sky)["NCOMBINE"] == 3
    assert fits.getheader(sky)["SFORIENT"] == "-x+y"


def test_an_orientation_by_hand_is_worth_more_than_a_wrong_card(tmp_path: Path) -> None:
    straight = exposures(tmp_path, {"CCDSEC": "[1:64,1:64]"})
    (wrong,) = exposures(tmp_path, {"LTM1_1": -1.0}, 1, 5)
    (sky,) = run("build", *straight, "-o", tmp_path / "sky")["outputs"]
    given = ["--identity", "orientation=+x+y"]
    assert run("subtract", wrong, "--sky", sky, "-o", tmp_path / "o")["status"] != 0
    assert run("subtract", wrong, "--sky", sky, "-o", tmp_path / "p", *given)["status"] == 0


def test_a_part_of_a_mirrored_detector_is_refused(tmp_path: Path) -> None:
    (sky,) = run("build", *exposures(tmp_path, MIRRORED[0]), "-o", tmp_path / "sky")["outputs"]
    part = write(tmp_path / "part.fits", width=32, CCDSEC="[64:33,1:64]")
    with pytest.raises(SkyFrameError, match="covers other pixels"):
        brought_to(read_sky_frame(sky), scan(part)[0])
    half = write(tmp_path / "half.fits", width=32, height=32, CCDSEC="[64:1,1:64]", CCDSUM="2 2")
    assert brought_to(read_sky_frame(sky), scan(half)[0]).grid.bbox == (0, 0, 31, 31)


def test_one_number_in_two_nights_is_two_visits(tmp_path: Path) -> None:
    folder = CASES / "nights"
    skies = [folder / "sky-3.fits.gz", folder / "sky-4.fits.gz"]
    result = subtract(tmp_path, sorted(folder.glob("n*.fits.gz")), *skies)
    found = {visit["visit"]: visit["scale"] for visit in result["visits"]}
    assert found == {
        "12-2023-12-31": pytest.approx(298.7, abs=1),
        "12-2024-01-04": pytest.approx(895.9, abs=2),
    }


def test_filters_of_one_night_are_built_and_subtracted_together(tmp_path: Path) -> None:
    folder = CASES / "mixed"
    result = run("build", *sorted(folder.glob("*visit1*")), "-o", tmp_path)
    assert {(one["filter"], one["n_exposures"]) for one in result["sky_frames"]} == {
        ("r", 2),
        ("i", 2),
    }
    science = sorted(folder.glob("*.fits.gz"))
    result = subtract(tmp_path, science, *(Path(p) for p in result["outputs"]))
    assert result["status"] == 0
    assert {visit["filter"] for visit in result["visits"]} == {"r", "i"}
    assert not any("the sky frame of filter" in note for note in result["notes"])


def test_quadrants_are_detectors(tmp_path: Path) -> None:
    result = run("build", *sorted((CASES / "ztf").iterdir()), "-o", tmp_path)
    assert sorted(Path(one).name for one in result["outputs"]) == [
        f"sky-5-{quadrant}.fits" for quadrant in (1, 2, 3, 4)
    ]
    assert all(one["n_exposures"] == 1 for one in result["sky_frames"])


def test_nameless_exposures_go_together_as_ever(tmp_path: Path) -> None:
    paths = []
    for number in range(3):
        paths.append(tmp_path / f"{number}.fits")
        pixels = np.random.default_rng(number).normal(100, 1, (64, 64)).astype(np.float32)
        fits.PrimaryHDU(pixels).writeto(paths[-1])
    result = run("build", *paths, "-o", tmp_path / "o")
    assert [Path(one).name for one in result["outputs"]] == ["sky.fits"]
    assert result["sky_frames"][0]["n_exposures"] == 3
    named = write(tmp_path / "named.fits")
    assert subtract(tmp_path / "o", [named], tmp_path / "o" / "sky.fits")["status"] == 0


def test_what_tells_no_filter_is_taken_for_the_only_one_and_told(tmp_path: Path) -> None:
    paths = [write(tmp_path / "a.fits"), write(tmp_path / "b.fits", FILTER="")]
    result = run("build", *paths, "-o", tmp_path)
    assert [one["n_exposures"] for one in result["sky_frames"]] == [2]
    assert any("b.fits" in note and "taken to be of r" in note for note in result["notes"])


def test_files_of_one_name_in_two_folders_get_files_of_their_own(tmp_path: Path) -> None:
    paths = [
        write(tmp_path / folder / "a.fits", EXPNUM=number, width=128, height=128)
        for number, folder in enumerate(("one", "two"))
    ]
    result = subtract(tmp_path / "o", paths, SKY_R)
    assert result["status"] == 0
    written = sorted(Path(one).name for one in result["outputs"] if one.endswith("-sub.fits"))
    assert written == ["one-a-sub.fits", "two-a-sub.fits"]


def test_units_are_not_mixed(tmp_path: Path) -> None:
    same = {"EXPNUM": 7, "DATE_OBS": "2024-01-01T03:00:00"}
    paths = [
        write(tmp_path / "a.fits", **same),
        write(tmp_path / "b.fits", unit="electron", CCDNUM=4, **same),
    ]
    sky_4 = CASES / "nights" / "sky-4.fits.gz"
    result = subtract(tmp_path, paths, SKY_R, sky_4)
    assert result["status"] == 1
    assert len(result["failed"]) == 2
    assert "different units (adu and electron)" in result["failed"][0]["why"]
    again = [
        write(tmp_path / f"{i}.fits", unit=u) for i, u in enumerate(("adu", "ADU", "electron"))
    ]
    built = run("build", *again, "-o", tmp_path)
    assert built["sky_frames"][0]["n_exposures"] == 2
    assert built["sky_frames"][0]["unit"] == "adu"
    assert "2.fits is in electron" in built["failed"][0]["why"]


@pytest.mark.parametrize(
    ("levels", "times", "words"),
    [
        ((700, 7000), (30, 300), ["exposure times from 30 to 300 s", "sky levels from 700"]),
        ((700, 1800), (60, 60), ["sky levels from 700"]),
        ((700, 1300), (60, 100), []),
    ],
)
def test_uneven_exposures_are_told_with_what_helps(
    levels: tuple[float, float], times: tuple[float, float], words: list[str], tmp_path: Path
) -> None:
    paths = [
        write(tmp_path / f"{i}.fits", level, EXPTIME=time)
        for i, (level, time) in enumerate(zip(levels, times, strict=True))
    ]
    told = [one for one in run("build", *paths, "-o", tmp_path)["notes"] if "--normalise" in one]
    assert len(told) == bool(words)
    assert all(word in told[0] for word in words)
    again = run("build", *paths, "-o", tmp_path, "--overwrite", "--normalise", "level")
    assert not any("--normalise" in one for one in again["notes"])


def test_what_was_subtracted_already_is_told(tmp_path: Path) -> None:
    first = subtract(tmp_path / "o", [SCIENCE], SKY_R)
    (path,) = (Path(one) for one in first["outputs"] if one.endswith("-sub.fits"))
    twice = shutil.copy(path, tmp_path / "twice.fits")
    result = subtract(tmp_path / "p", [twice], SKY_R)
    (told,) = [one for one in result["notes"] if "was subtracted from it before" in one]
    assert told.startswith("twice.fits: sky-3.fits.gz times 696.8")
    assert any("subtracted from it before" in note for note in scan(twice)[0].notes)
    (visit,) = result["visits"]
    (found,) = [one for one in visit["findings"] if one["kind"] == "subtracted-before"]
    assert found["severity"] == "warning"
    assert told in found["text"]
    header = fits.getheader(result["outputs"][0])
    assert header["SFNFIND"] == len(visit["findings"])
    assert "subtracted-before" not in {one["kind"] for one in first["visits"][0]["findings"]}


def test_what_was_subtracted_already_serves_no_sky_frame_beside_others(tmp_path: Path) -> None:
    plain = write(tmp_path / "a.fits")
    made = write(tmp_path / "b.fits", SFVERS="0.2", SFSKY="sky-3.fits", SFSCALE=2.0)
    result = run("build", plain, made, "-o", tmp_path / "o")
    assert [one["exposures"] for one in result["sky_frames"]] == [[str(plain)]]
    assert (result["status"], result["failed"]) == (0, [])
    (told,) = [one for one in result["notes"] if "SFSCALE" in one]
    assert told.startswith("b.fits was subtracted with a sky frame before")
    alone = run("build", made, "-o", tmp_path / "p")
    assert [one["exposures"] for one in alone["sky_frames"]] == [[str(made)]]
    (told,) = [one for one in alone["notes"] if "SFSCALE" in one]
    assert told.startswith("b.fits: sky-3.fits times 2 was subtracted from it before")


def test_the_unit_of_a_frame_comes_back(tmp_path: Path) -> None:
    result = run("build", write(tmp_path / "a.fits", unit="electron"), "-o", tmp_path)
    (path,) = result["outputs"]
    assert read_sky_frame(path).identity.unit == "electron"
    assert fits.getheader(path, "IMAGE")["BUNIT"] == "electron"


def test_what_exposures_are_of_can_be_given_where_headers_do_not_tell(tmp_path: Path) -> None:
    exposures = [write(tmp_path / f"a{n}.fits", 700 + n) for n in range(2)]
    given = [
        *("--identity", "filter=HSC-Z", "--identity", "detector=7"),
        *("--identity", "instrument=Other", "--identity", "night=2024-02-29"),
        *("--identity", "visit=12", "-o", tmp_path / "o"),
    ]
    result = run("build", *exposures, *given)
    (frame,) = result["sky_frames"]
    assert (frame["filter"], frame["detector"], frame["instrument"]) == ("HSC-Z", "7", "Other")
    assert Path(frame["path"]).name == "sky-7.fits"
    assert fits.getheader(frame["path"])["FILTER"] == "HSC-Z"
    result = run("subtract", exposures[0], *given, "--sky", frame["path"])
    assert [visit["visit"] for visit in result["visits"]] == ["12"]
    (made,) = [name for name in result["outputs"] if name.endswith("-sub.fits")]
    provenance = Provenance.from_header(fits.getheader(made))
    assert provenance is not None
    assert provenance.extra["identity filter"] == "HSC-Z"
    assert provenance.extra["mask_reading"] == "auto"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("filter", "name=value"),
        ("filter=", "name=value"),
        ("colour=r", "one of instrument, detector, filter, night, visit"),
        ("night=2024-02-30", "a day such as 2024-02-29"),
        ("orientation=mirrored", "such as +x+y"),
        ("orientation=+x+x", "such as +x+y"),
    ],
)
def test_an_identity_that_cannot_be_is_refused(given: str, words: str, tmp_path: Path) -> None:
    result = run("build", SCIENCE, "-o", tmp_path / "o", "--identity", given)
    assert result["status"] == 2
    assert words in result["stderr"] + json.dumps(result["failed"])
    assert not (tmp_path / "o").exists()


def test_the_record_of_an_export_says_how_its_own_frame_was_made(
    built: dict[str, Any], tmp_path: Path
) -> None:
    idle = ["--set", "background.xBinSize=7", "--set", "background.statistic=MEAN"]
    idle += ["--set", "background.algorithm=AKIMA_SPLINE", "--set", "skyRej=4"]
    own = next(one for one in built["sky_frames"] if one["filter"] == "r")
    plain, records = tmp_path / "plain.fits", []
    with fits.open(SKY_R) as file:
        for name in [name for name in file[0].header if name.startswith(("SF", "CHECKSUM"))]:
            del file[0].header[name]
        file.writeto(plain)
    for place, sky in enumerate((own["path"], plain)):
        result = run("subtract", SCIENCE, "--sky", sky, "-o", tmp_path / str(place), *idle)
        (made,) = [name for name in result["outputs"] if name.endswith("-sub.fits")]
        records.append(fits.getheader(made))
    ours, foreign = records
    assert fits.getheader(own["path"])["SFCBXBIN"] == ours["SFCBXBIN"] != 7
    assert ours["SFCBSTAT"] == "MEANCLIP"
    assert [record["SFCREJ"] for record in records] == [4, 4]
    assert [record["SFCBALG"] for record in records] == ["NATURAL_SPLINE"] * 2
    assert not {"SFCBSTAT", "SFCBXBIN", "SFCBYBIN", "SFCBMASK"} & set(foreign)


def test_calibrations_are_left_out_of_a_sky_frame_with_a_word(tmp_path: Path) -> None:
    night = [write(tmp_path / f"s{i}.fits", DATE_OBS=f"2024-01-01T0{i}:00:01") for i in range(1, 4)]
    kinds = {
        "IMAGETYP": "Flat Frame", "OBSTYPE": "zero", "DATA-TYP": "DOMEFLAT", "FRAME": "Master Dark",
        "HIERARCH ESO DPR TYPE": "FLAT,SKY",
    }  # fmt: skip
    others = [write(tmp_path / f"{i}.fits", **{card: kinds[card]}) for i, card in enumerate(kinds)]
    result = run("build", *night, *others, "-o", tmp_path / "o")
    (frame,) = result["sky_frames"]
    assert frame["n_exposures"] == 3
    (note,) = (one for one in result["notes"] if "exposures of the sky" in one)
    assert "0.fits (IMAGETYP Flat Frame)" in note
    assert "and 2 others" in note
    alone = run("build", *others, "-o", tmp_path / "alone")
    assert alone["sky_frames"][0]["n_exposures"] == 5
    assert any("no exposure of the sky (OBSTYPE zero)" in one for one in alone["notes"])


@pytest.mark.parametrize("kind", ["OBJECT", "Light Frame", "SKY", "STD,FLUX", "science", "EXT"])
def test_exposures_of_the_sky_are_no_calibrations(kind: str, tmp_path: Path) -> None:
    assert scan(write(tmp_path / "a.fits", OBSTYPE=kind))[0].calibration == ""


def test_what_is_of_one_exposure_is_averaged_once(tmp_path: Path) -> None:
    cards = {"DATE_OBS": "2024-01-01T01:00:01.5", "EXPNUM": 12}
    paths = [write(tmp_path / name, **cards) for name in ("x.fits", "x.objmap.fits", "y-v2.fits")]
    paths.append(write(tmp_path / "z.fits", DATE_OBS="2024-01-01T01:00:01.5", EXPNUM=13))
    paths.append(write(tmp_path / "d.fits", DATE_OBS="2024-01-01", EXPNUM=12))
    result = run("build", *reversed(paths), "-o", tmp_path / "o")
    (frame,) = result["sky_frames"]
    assert {Path(one).name for one in frame["exposures"]} == {"x.fits", "z.fits", "d.fits"}
    (note,) = (one for one in result["notes"] if "there already" in one)
    assert "x.objmap.fits (as x.fits)" in note
    assert "y-v2.fits (as x.fits)" in note


def test_pixels_of_another_size_on_the_detector_are_not_averaged(tmp_path: Path) -> None:
    fine = [write(tmp_path / f"f{i}.fits", CCDSUM="1 1") for i in range(3)]
    coarse = write(tmp_path / "coarse.fits", level=2800.0, CCDSUM="2 2")
    result = run("build", *fine, coarse, "-o", tmp_path / "o")
    assert (result["status"], result["sky_frames"][0]["n_exposures"]) == (1, 3)
    assert "is binned 2 x 2" in result["failed"][0]["why"]


def test_as_many_pixels_of_another_size_get_their_part_or_are_told(tmp_path: Path) -> None:
    coarse = [write(tmp_path / f"c{i}.fits", CCDSUM="2 2") for i in range(3)]
    (frame,) = run("build", *coarse, "-o", tmp_path / "o")["sky_frames"]
    sky = read_sky_frame(frame["path"])
    part = write(tmp_path / "part.fits", CCDSUM="1 1", CCDSEC="[1:64,1:64]")
    assert brought_to(sky, scan(part)[0]).grid.bbox == (0, 0, 127, 127)
    unknown = write(tmp_path / "unknown.fits")
    result = subtract(tmp_path / "s", [unknown], Path(frame["path"]))
    assert any("binned 1 x 1, the sky frame of as many" in one for one in result["notes"])


def test_a_unit_is_the_same_in_all_its_spellings(tmp_path: Path) -> None:
    units = ["electron/s", "e- / s", "ELECTRONS/SEC", "electron s-1", "electron s**-1", "eps"]
    paths = [write(tmp_path / f"{i}.fits", unit=unit) for i, unit in enumerate(units)]
    result = run("build", *paths, "-o", tmp_path / "o")
    assert (result["status"], result["sky_frames"][0]["n_exposures"]) == (0, len(units))


def test_every_note_that_is_printed_is_in_the_json(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"s{i}.fits") for i in range(3)]
    other = tmp_path / "task.py"
    other.write_text("config.sky.skyRej = 4.0\nconfig.doSky = True\n")
    for words in (["build", *paths], ["build", tmp_path / "none.fits"]):
        result = run(*words, "-o", tmp_path / "o", "--config", other, "--overwrite")
        printed = [one for one in result["stderr"].splitlines() if one.startswith("Note:")]
        assert [f"Note: {one}" for one in result["notes"]] == printed
        assert any("task.py, line 2" in one for one in result["notes"])


def test_a_sky_frame_without_a_sky_is_told(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"s{i}.fits", width=128, height=128) for i in range(3)]
    for path in paths:
        with fits.open(path, mode="update") as file:
            file[0].data[:] = 0
    (frame,) = run("build", *paths, "-o", tmp_path / "o")["sky_frames"]
    result = subtract(tmp_path / "s", [paths[0]], Path(frame["path"]))
    assert any("This sky frame is zero." in one for one in result["notes"])


def test_rows_from_the_top_are_not_averaged_with_rows_from_the_bottom(tmp_path: Path) -> None:
    down = [write(tmp_path / f"d{i}.fits", ROWORDER="TOP-DOWN") for i in range(3)]
    result = run("build", *down, write(tmp_path / "u.fits", ROWORDER="BOTTOM-UP"), "-o", tmp_path)
    assert result["sky_frames"][0]["n_exposures"] == 3
    assert "most exposures of this detector were read out mirrored" in result["failed"][0]["why"]


def test_pixels_of_several_colours_are_told(tmp_path: Path) -> None:
    result = run("build", write(tmp_path / "c.fits", BAYERPAT="RGGB"), "-o", tmp_path / "o")
    assert any("BAYERPAT RGGB" in one for one in result["notes"])


def test_samples_of_few_pixels_without_a_mask_are_not_said_to_lie_beside_one(
    tmp_path: Path,
) -> None:
    path = write(tmp_path / "n.fits", width=128, height=128)
    with fits.open(path, mode="update") as file:
        file[0].data[np.arange(128) % 16 < 14] = np.nan
    result = subtract(tmp_path / "s", [path], SKY_R)
    (text,) = (one for one in result["notes"] if "good-pixel" in one)
    assert "No image came with a mask" in text
    assert "Masked are" not in text
