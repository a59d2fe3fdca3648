"""The command line with files that belong together, large numbers of rounds, and odd names."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from test_cli import run, run_json

from skyframe_gui.files import read_sky_frame

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
