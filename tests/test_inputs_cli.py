"""The command line with files that belong together, large numbers of rounds, and odd names."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from test_cli import run, run_json

from skyframe_gui.files import read_sky_frame
from skyframe_gui.workflow import visit_outputs

CASES = Path(__file__).parent / "data" / "cases" / "inputs"


def exposure(path: Path, level: float, data: np.ndarray | None = None) -> Path:
    pixels = np.random.default_rng(int(level)).normal(level, 3, (64, 64)).astype("f4")
    hdu = fits.PrimaryHDU(pixels if data is None else data)
    hdu.header.update({"INSTRUME": "MyCam", "CCDNUM": 3, "EXPNUM": int(level), "FILTER": "r"})
    hdu.writeto(path)
    return path


def test_weights_among_exposures_are_not_averaged(tmp_path: Path) -> None:
    for number in range(3):
        exposure(tmp_path / f"s{number}.fits", 700 + number)
        weight = np.full((64, 64), 0.25, "f4")
        exposure(tmp_path / f"s{number}.weight.fits", 1, weight)
    given = sorted(tmp_path.glob("*.fits"))
    found = run_json("build", *given, "-o", tmp_path / "out", "--mask-objects", "never")
    (frame,) = found["sky_frames"]
    assert (frame["n_exposures"], found["failed"]) == (3, [])
    assert np.median(read_sky_frame(frame["path"]).grid.values) == pytest.approx(701, abs=1)
    assert any("s0.weight.fits" in note for note in found["notes"])


def test_a_mask_known_by_its_header_alone_is_left_out_with_a_note(tmp_path: Path) -> None:
    first = exposure(tmp_path / "s0.fits", 700)
    other = tmp_path / "pixels.fits"
    fits.HDUList([fits.PrimaryHDU(), fits.ImageHDU(np.zeros((64, 64), "i4"), name="MASK")]).writeto(
        other
    )
    found = run_json("build", first, other, "-o", tmp_path / "out", "--mask-objects", "never")
    assert found["failed"] == []
    assert any("pixels.fits" in note and "left out" in note for note in found["notes"])
    done = run("build", other, "-o", tmp_path / "out2")
    assert done.returncode == 1


def test_all_files_of_a_triple_together_raise_no_error(tmp_path: Path) -> None:
    for product, value in (("i", None), ("d", 0), ("w", 1), ("e", 1)):
        data = None if value is None else np.full((64, 64), value, "i4" if product == "d" else "f4")
        exposure(tmp_path / f"c4d_150110_053718_oo{product}_z_ls9.fits", 700, data)
    given = sorted(tmp_path.glob("*.fits"))
    found = run_json("build", *given, "-o", tmp_path / "out", "--mask-objects", "never")
    assert (len(found["sky_frames"]), found["failed"]) == (1, [])


def test_what_was_done_to_values_and_what_is_missing_is_told(tmp_path: Path) -> None:
    given = [CASES / "softbias.fits.gz", CASES / "cut-after-image.fits.gz"]
    done = run("build", *given, "-o", tmp_path, "--mask-objects", "never")
    assert done.returncode == 0
    assert "softbias.fits.gz: Values: SOFTBIAS 1000 is not sky" in done.stderr
    assert "cut-after-image.fits.gz: It has no mask and no variance" in done.stderr


def test_a_million_rounds_take_no_longer_than_three(tmp_path: Path) -> None:
    first = exposure(tmp_path / "s0.fits", 700)
    quiet = ("--mask-objects", "never", "--set", "background.xBinSize=16")
    run_json("build", first, "-o", tmp_path, *quiet, "--set", "background.yBinSize=16")
    sky = tmp_path / "sky-3.fits"
    few = run_json("subtract", first, "--sky", sky, "-o", tmp_path / "few", *quiet[:2])
    many = run_json(
        "subtract", first, "--sky", sky, "-o", tmp_path / "many", *quiet[:2],
        "--set", "skyIter=1000000",
    )  # fmt: skip
    assert (many["scale"], many["n_used"]) == (few["scale"], few["n_used"])
    assert len(many["iterations"]) < 100


def test_control_characters_of_a_name_reach_no_terminal_but_stay_in_json(tmp_path: Path) -> None:
    path = exposure(tmp_path / "red\x1b[31m.fits", 700)
    done = run("info", path)
    assert done.returncode == 0
    assert "\x1b" not in done.stdout + done.stderr
    shutil.copy(path, tmp_path / "cut\x1b[31m.fits")
    (tmp_path / "cut\x1b[31m.fits").write_bytes(path.read_bytes()[:4000])
    done = run("info", tmp_path / "cut\x1b[31m.fits")
    assert done.returncode == 1
    assert "\x1b" not in done.stdout + done.stderr
    assert run_json("info", path)["files"][0]["path"] == str(path)


def night_in(folder: Path, detectors: tuple[int, ...] = (1, 2)) -> list[Path]:
    """Three exposures of each detector of a camera without a table, and one more for science."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number in range(3):
        for detector in detectors:
            path = exposure(folder / f"v{number}-d{detector}.fits", 700 + 10 * number)
            fits.setval(path, "CCDNUM", value=detector)
            paths.append(path)
    return paths


QUICK = ("--mask-objects", "never", "--set", "background.xBinSize=16", "--set",
         "background.yBinSize=16")  # fmt: skip
PLAIN = (*QUICK, "--normalise", "none")


def numbers_of(found: dict[str, Any]) -> list[tuple[str, int]]:
    return [(frame["detector"], frame["n_exposures"]) for frame in found["sky_frames"]]


def test_a_folder_a_pattern_and_a_list_are_the_files_in_them(tmp_path: Path) -> None:
    paths = night_in(tmp_path / "night" / "deep")
    (tmp_path / "night" / ".kept").mkdir()
    (tmp_path / "night" / ".kept" / "x.fits").write_bytes(b"not FITS")
    (tmp_path / "night" / "log.txt").write_text("rain")
    listing = tmp_path / "night" / "list.txt"
    listing.write_bytes(
        b"\xef\xbb\xbf# of the first night\r\n"
        + b"".join(f"deep/{path.name}  # good\r\n".encode() for path in paths[:4])
        + f"\r\n{paths[4]}\r\n  deep/v2-d2.fits\r\n".encode()
    )
    wanted = [("1", 3), ("2", 3)]
    words: list[object] = [
        tmp_path / "night", tmp_path / "night" / "deep" / "v*.fits",
        tmp_path / "n*t" / "**" / "v?-d[12].fits", f"@{listing}", tmp_path / "n?ght",
    ]  # fmt: skip
    for number, word in enumerate(words):
        out = tmp_path / f"out{number}"
        found = run_json("build", word, "-o", out, *PLAIN)
        assert (numbers_of(found), found["failed"], found["notes"][1:]) == (wanted, [], [])
    twice = run_json("build", *words, paths[0], "-o", tmp_path / "all", *QUICK)
    assert numbers_of(twice) == wanted


def test_what_a_folder_holds_besides_is_one_note(tmp_path: Path) -> None:
    night = tmp_path / "night"
    paths = night_in(night)
    run_json("build", night, "-o", night, *QUICK)
    run_json("subtract", *paths[:2], "--sky", night, "-o", night, "--background-list", *QUICK)
    again = run_json("build", night, "-o", tmp_path / "again", *QUICK)
    assert (numbers_of(again), again["failed"]) == ([("1", 3), ("2", 3)], [])
    told = [note for note in again["notes"] if "no exposures" in note]
    assert len(told) == 1
    assert "sky-1.fits" in told[0]
    named = run_json("build", *paths, night / "sky-1.fits", "-o", tmp_path / "n", *QUICK, status=1)
    assert [Path(one["path"]).name for one in named["failed"]] == ["sky-1.fits"]


def test_subtracted_files_in_a_folder_are_not_subtracted_from_again(tmp_path: Path) -> None:
    night = tmp_path / "night"
    paths = night_in(night)
    run_json("build", night, "-o", tmp_path / "sky", *QUICK)
    first = run_json("subtract", night, "--sky", tmp_path / "sky", "-o", night, *QUICK)
    assert len(first["visits"]) == 3
    second = run_json("subtract", night, "--sky", tmp_path / "sky", "-o", tmp_path / "b", *QUICK)
    assert [one["visit"] for one in second["visits"]] == [one["visit"] for one in first["visits"]]
    assert any("v0-d1-sub.fits" in note and "left out; of what" in note for note in second["notes"])
    named = run_json(
        "subtract", night / "v0-d1-sub.fits", paths[0], "--sky", tmp_path / "sky",
        "-o", tmp_path / "c", *QUICK,
    )  # fmt: skip
    assert len(named["visits"]) == 2
    over = run_json(
        "subtract", night, "--sky", tmp_path / "sky", "-o", night, "--overwrite", *QUICK
    )
    assert sorted(over["outputs"]) == sorted(first["outputs"])


def test_a_folder_of_sky_frames_serves_each_detector_its_own(tmp_path: Path) -> None:
    paths = night_in(tmp_path / "night")
    run_json("build", *paths, "-o", tmp_path / "sky", *QUICK)
    exposure(tmp_path / "sky" / "stray.fits", 900)
    for number, word in enumerate(("sky", "sk[y]/sky-*.fits")):
        found = run_json(
            "subtract", *paths[:2], "--sky", tmp_path / word, "-o", tmp_path / f"o{number}", *QUICK
        )
        assert (len(found["visits"][0]["detectors"]), found["failed"]) == (2, [])
        assert sum("stray.fits" in note for note in found["notes"]) == (1 - number)
    done = run(
        "subtract", paths[0], "--sky", tmp_path / "sky" / "stray.fits", "-o", tmp_path / "x", *QUICK
    )
    assert (done.returncode, "not a sky frame" in done.stderr) == (1, True)
    done = run("subtract", paths[0], "--sky", tmp_path / "night", "-o", tmp_path / "x", *QUICK)
    assert (done.returncode, "There is no sky frame among" in done.stderr) == (1, True)


def test_words_that_name_nothing_are_a_sentence_each_and_the_rest_is_done(tmp_path: Path) -> None:
    paths = night_in(tmp_path / "night")
    (tmp_path / "empty").mkdir()
    (tmp_path / "blank.txt").write_text("\n# nothing\n")
    (tmp_path / "inner.txt").write_text("night\n")
    (tmp_path / "nested.txt").write_text("night\n@inner.txt\nmissing.fits\n")
    words = [
        "empty",
        "no-*.fits",
        "no/**/x.fits",
        "@blank.txt",
        "@nested.txt",
        "@no.txt",
        "no.fits",
    ]
    given = [f"@{tmp_path / w[1:]}" if w[0] == "@" else tmp_path / w for w in words]
    found = run_json("build", *given, "-o", tmp_path / "out", *QUICK, status=1)
    assert numbers_of(found) == [("1", 3), ("2", 3)]
    why = [one["why"] for one in found["failed"]]
    expected = [
        "holds no FITS files", "No file matches", "No file matches", "names no file",
        "is a list in a list (line 2 of", "relative to its folder", "cannot be read",
        "no such file",
    ]  # fmt: skip
    assert len(why) == len(expected)
    assert all(part in sentence for part, sentence in zip(expected, why, strict=True))
    for command in ("build", "info"):
        done = run(command, *given[:1], *(("-o", tmp_path / "o") if command == "build" else ()))
        assert done.returncode == 1
        assert done.stderr.splitlines() == [
            f"{tmp_path / 'empty'} holds no FITS files; give the folder that has them.",
            "Nothing of what was given names a file.",
        ]
    assert not (tmp_path / "o").exists()
    assert run("info", *paths[:1]).returncode == 0


def test_lists_that_are_something_else_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = exposure(tmp_path / "s.fits", 700)
    (tmp_path / "long.txt").write_text("x" * 5000)
    (tmp_path / "round.txt").symlink_to(tmp_path / "round.txt")
    (tmp_path / "huge.txt").write_text("s.fits\n" * 40)
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.setattr("skyframe_gui.workflow.inputs.LARGEST_LIST", 200)
    expected = {
        "s.fits": "larger than", "long.txt": "larger than", "huge.txt": "larger than",
        "round.txt": "cannot be read", "pipe": "it is no text file", ".": "it is no text file",
    }  # fmt: skip
    for name, words in expected.items():
        done = run("info", f"@{tmp_path / name}")
        assert (done.returncode, words in done.stderr) == (1, True), done.stderr
    monkeypatch.setattr("skyframe_gui.workflow.inputs.LARGEST_LIST", 1 << 20)
    assert "other bytes than text" in run("info", f"@{path}").stderr
    assert "line 1 is longer" in run("info", f"@{tmp_path / 'long.txt'}").stderr
    assert run("info", f"@{tmp_path / 'huge.txt'}").returncode == 0


def test_a_file_is_what_its_name_says_before_it_is_a_pattern(tmp_path: Path) -> None:
    exposure(tmp_path / "s[1].fits", 700)
    exposure(tmp_path / "s1.fits", 701)
    exposure(tmp_path / "@s.fits", 702)
    names = {"s[1].fits": ["s[1].fits"], "s[12].fits": ["s1.fits"], "@s.fits": ["@s.fits"]}
    for word, files in names.items():
        found = run_json("info", tmp_path / word)["files"]
        assert [Path(one["path"]).name for one in found] == files


def test_links_in_circles_end(tmp_path: Path) -> None:
    (path, *_) = night_in(tmp_path / "night", (1,))
    shutil.copy(path, path.with_name(".hidden.fits"))
    for name in ("again", "and"):
        (tmp_path / "night" / name).symlink_to(tmp_path / "night", target_is_directory=True)
    for word in ("night", "night/**/*.fits"):
        assert len(run_json("info", tmp_path / word)["files"]) == 3


def test_a_folder_that_may_not_be_searched_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    night_in(tmp_path / "night", (1,))
    closed = tmp_path / "night" / "closed"
    closed.mkdir()
    scandir = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = run_json("info", tmp_path / "night", status=1)
    assert len(found["files"]) == 3
    assert [one["why"] for one in found["failed"]] == [
        f"{closed} cannot be searched: Permission denied; the rest is read."
    ]


def mosaic(path: Path, detectors: dict[int, str], instrument: str, number: int = 700) -> Path:
    hdus = fits.HDUList([fits.PrimaryHDU()])
    hdus[0].header.update({"INSTRUME": instrument, "EXPNUM": number, "FILTER": "r"})
    for detector, name in detectors.items():
        pixels = np.random.default_rng(detector).normal(number, 3, (64, 64)).astype("f4")
        hdu = fits.ImageHDU(pixels, name=name)
        hdu.header["CCDNUM"] = detector
        hdus.append(hdu)
    hdus.writeto(path)
    return path


DECAM = {1: "S29", 2: "S30", 5: "S26", 6: "S27", 7: "S28", 35: "N4"}


@pytest.mark.parametrize(
    ("words", "chosen"),
    [
        ("1,5-9", ["1", "5", "6", "7"]),
        ("N4,s29", ["1", "35"]),
        ("35,N4", ["35"]),
        ("60-62,05", ["5"]),
    ],
)
def test_detectors_are_chosen_by_number_and_by_the_name_in_their_camera(
    words: str, chosen: list[str], tmp_path: Path
) -> None:
    path = mosaic(tmp_path / "m.fits", DECAM, "DECam")
    status = int("60" in words)
    built = run_json(
        "build", path, "-o", tmp_path / "sky", "--detectors", words, *QUICK, status=status
    )
    assert sorted((one["detector"] for one in built["sky_frames"]), key=int) == chosen
    told = run_json("info", path, "--detectors", words, status=status)
    assert [part["detector"] for part in told["files"][0]["parts"]] == chosen
    done = run_json(
        "subtract", path, "--sky", tmp_path / "sky", "-o", tmp_path / "out",
        "--detectors", words, *QUICK, status=status,
    )  # fmt: skip
    assert done["visits"][0]["detectors"] == chosen
    if status:
        why = "No exposure is of detector 60-62; there are 1-2, 5-7, 35 or by name S29, S30, S26"
        assert all(one["failed"][0]["why"].startswith(why) for one in (built, told, done))


def test_pixels_of_other_detectors_are_not_read(tmp_path: Path) -> None:
    path = mosaic(tmp_path / "m.fits", DECAM, "DECam")
    with fits.open(path) as file:
        start = file["S30"].fileinfo()["datLoc"]
        file["S30"].add_checksum()
    data = bytearray(path.read_bytes())
    at = data.rfind(b"CCDNUM", 0, start)
    data[at + 80 : at + 160] = f"{'DATASUM':8}= {chr(39)}1{chr(39):<19}".ljust(80).encode()
    data[at + 160 : at + 240] = b"END".ljust(80)
    path.write_bytes(data)
    whole = run("info", path)
    assert "checksum" in whole.stdout
    assert "checksum" not in run("info", path, "--detectors", "1,5-9").stdout


def test_detectors_that_are_not_there_end_in_a_sentence(tmp_path: Path) -> None:
    path = mosaic(tmp_path / "m.fits", {3: "a", 4: "b"}, "MyCam")
    done = run("build", path, "-o", tmp_path / "out", "--detectors", "N4", *QUICK)
    assert done.returncode == 1
    assert "No exposure is of detector N4; there are 3-4." in done.stderr
    assert not list(tmp_path.glob("out/*"))
    for words in ("", "1,,2", "9-5"):
        assert run("info", path, "--detectors", words).returncode == 2


def test_sky_frames_of_other_detectors_are_left_alone(tmp_path: Path) -> None:
    paths = night_in(tmp_path / "night")
    run_json("build", *paths, "-o", tmp_path / "sky", *QUICK)
    (tmp_path / "sky" / "copy.fits").write_bytes((tmp_path / "sky" / "sky-2.fits").read_bytes())
    words = ("subtract", *paths[:2], "--sky", tmp_path / "sky", "-o", tmp_path / "out", *QUICK)
    assert "are both sky frames of detector 2" in run(*words).stderr
    assert run_json(*words, "--detectors", "1")["visits"][0]["detectors"] == ["1"]
    (tmp_path / "sky" / "sky-1.fits").unlink()
    why = "No sky frame is of detector 1; there are 2"
    assert why in run(*words, "--detectors", "1").stderr


def test_detectors_are_chosen_by_the_names_in_a_table_that_is_given(tmp_path: Path) -> None:
    path = mosaic(tmp_path / "m.fits", {1: "a", 2: "b"}, "DECam")
    table = tmp_path / "mine.csv"
    table.write_text(
        "name,detector,width_px,height_px,pixel_mm,x_mm,y_mm\n"
        "left,1,64,64,0.015,0,0\nright,2,64,64,0.015,1,0\n"
    )
    words = ("build", path, "-o", tmp_path / "sky", "--camera", table, "--detectors")
    assert numbers_of(run_json(*words, "Right", *QUICK)) == [("2", 1)]
    found = run_json(*words, "S29", *QUICK, status=1)
    assert "there are 1-2 or by name left, right" in found["failed"][0]["why"]


def test_the_file_of_many_detectors_is_summed_up_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = mosaic(tmp_path / "m.fits", DECAM, "DECam")
    run_json("build", path, "-o", tmp_path / "sky", *QUICK)
    summed: list[str] = []
    sum_up = visit_outputs.sha256_of
    monkeypatch.setattr(
        visit_outputs, "sha256_of", lambda file: summed.append(str(file)) or sum_up(file)
    )
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    words = ("subtract", path, "--sky", tmp_path / "sky", "-o", tmp_path / "out", *QUICK)
    run_json(*words)
    assert summed.count(str(path)) == 1
    with fits.open(path, mode="append") as file:
        file.append(fits.ImageHDU(np.zeros((2, 2), "i2"), name="WCSDVARR"))
    run_json(*words, "--overwrite")
    assert summed.count(str(path)) == 2
    (sub,) = (tmp_path / "out").glob("m-35-sub.fits")
    assert fits.getval(sub, "SFINSUM") == sum_up(path)


def test_detectors_of_two_cameras_go_by_the_table_of_each(tmp_path: Path) -> None:
    first = mosaic(tmp_path / "a.fits", DECAM, "DECam")
    second = mosaic(tmp_path / "b.fits", {1: "left", 2: "S30"}, "MyCam")
    built = run_json("build", first, second, "-o", tmp_path / "o", "--detectors", "S30", *QUICK)
    assert [(one["instrument"], one["detector"]) for one in built["sky_frames"]] == [("DECam", "2")]
    built = run_json("build", first, second, "-o", tmp_path / "p", "--detectors", "1,N4", *QUICK)
    found = {(one["instrument"], one["detector"]) for one in built["sky_frames"]}
    assert found == {("DECam", "1"), ("DECam", "35"), ("MyCam", "1")}
