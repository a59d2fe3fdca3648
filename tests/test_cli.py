"""The command line as its user meets it: files, words, JSON and exit status."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits

from skyframe_gui.files import read_exposures, read_sky_frame

if TYPE_CHECKING:
    from nights import Night


def run(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "skyframe_gui", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=300,
    )


def run_json(*arguments: object, status: int = 0) -> dict[str, Any]:
    done = run(*arguments, "--json")
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout)  # one object and nothing else


@pytest.fixture(scope="module")
def sky(night: Night, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("built") / "sky"
    result = run_json("build", *night.paths, "-o", folder)
    return [frame["path"] for frame in result["sky_frames"]]


def test_build_writes_lsst_s_layout_and_says_what_it_did(sky: list[str], night: Night) -> None:
    assert [Path(path).name for path in sky] == ["sky-1.fits", "sky-2.fits"]
    with fits.open(sky[0], checksum=True) as file:
        file.verify("exception")
        assert file[0].data is None
        assert [hdu.name for hdu in file[1:4]] == ["IMAGE", "MASK", "VARIANCE"]
        assert file[0].header["BOX.MAXX"] == 239
        assert file[0].header["ALGORITHM"] == "NATURAL_SPLINE"
    assert read_sky_frame(sky[0]).grid.bbox == (0, 0, 239, 199)


def test_subtract_gives_the_truth_and_files_that_open_everywhere(
    sky: list[str], night: Night, tmp_path: Path
) -> None:
    options = [item for path in sky for item in ("--sky", path)]
    result = run_json("subtract", *night.science, *options, "-o", tmp_path / "out")
    (visit,) = result["visits"]
    assert visit["visit"] == "2001"
    assert result["scale"] == visit["scale"]
    assert abs(visit["scale"] - night.truth) < 5 * visit["error"]
    assert visit["n_samples"] == result["n_samples"] == 32
    assert len(result["iterations"]) == 3
    assert result["failed"] == []
    assert sorted(Path(path).name for path in result["outputs"]) == [
        "2001-samples.ecsv",
        "science-d1-sub.fits",
        "science-d2-sub.fits",
    ]
    for path in result["outputs"]:
        assert Path(path).exists()


def test_settings_and_config_files_reach_the_engine(
    sky: list[str], night: Night, tmp_path: Path
) -> None:
    override = tmp_path / "sky.py"
    override.write_text("config.sky.xNumSamples = 2 * 3\nconfig.sky.skyIter = 0\n")
    result = run_json(
        "subtract",
        night.science[0],
        "--sky",
        sky[0],
        "-o",
        tmp_path,
        "--config",
        override,
        "--set",
        "yNumSamples=5",
    )
    assert result["n_samples"] == 30
    assert result["iterations"] == []


def test_wrong_usage_is_status_2_with_one_sentence(night: Night, tmp_path: Path) -> None:
    executed = tmp_path / "executed"
    override = tmp_path / "evil.py"
    override.write_text(f"config.skyIter = 2\nopen({str(executed)!r}, 'w')\n")
    for extra, words in [
        (["--set", "skyRej=-1"], "skyRej"),
        (["--set", "nonsense"], "nonsense"),
        (["--set", "background.mask=SAT;DROP"], "mask"),
        (["--config", override], "line 2"),
        (["--config", tmp_path / "missing.py"], "missing.py"),
        (["--normalise", "twice"], "none, level"),
        (["--mask-objects", "perhaps"], "auto, never, always"),
        (["--mask-reading", "runes"], "runes"),
    ]:
        done = run("build", night.paths[0], "-o", tmp_path / "out", *extra)
        assert done.returncode == 2, (extra, done.stderr)
        assert words in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
    assert not executed.exists()
    assert not (tmp_path / "out").exists()
    assert run("build", night.paths[0]).returncode == 2
    assert run("frobnicate").returncode == 2


def test_one_bad_file_is_status_1_one_line_and_the_rest_is_built(
    night: Night, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.fits"
    bad.write_text("version https://git-lfs.github.com/spec/v1\n")
    done = run("build", bad, *night.paths, "-o", tmp_path, "--json", "--quiet")
    assert done.returncode == 1
    (line,) = done.stderr.strip().splitlines()
    assert "bad.fits" in line
    result = json.loads(done.stdout)
    assert [Path(failure["path"]).name for failure in result["failed"]] == ["bad.fits"]
    assert len(result["sky_frames"]) == 2


def test_all_bad_files_still_give_one_json_object(tmp_path: Path) -> None:
    result = run_json("build", tmp_path / "nothing.fits", "-o", tmp_path, status=1)
    assert result["sky_frames"] == []
    assert result["failed"][0]["path"].endswith("nothing.fits")


def test_existing_sky_frames_are_left_alone_before_the_work_begins(
    night: Night, tmp_path: Path
) -> None:
    old = tmp_path / "sky-1.fits"
    old.write_text("mine")
    done = run("build", *night.paths, "-o", tmp_path)
    assert done.returncode == 1
    assert "--overwrite" in done.stderr
    assert "Binning" not in done.stderr
    assert old.read_text() == "mine"
    assert run("build", *night.paths, "-o", tmp_path, "--overwrite").returncode == 0
    assert read_sky_frame(old).grid.values.shape == (6, 8)


def test_info_tells_the_kind_of_each_file(sky: list[str], night: Night, tmp_path: Path) -> None:
    (tmp_path / "empty.fits").touch()
    result = run_json("info", night.science[0], sky[0], tmp_path / "empty.fits", status=1)
    exposure, frame = result["files"]
    assert (exposure["kind"], exposure["detector"], exposure["visit"]) == ("exposure", "1", "2001")
    assert exposure["size"] == "240 x 200"
    assert exposure["bins"] == "8 x 6"
    assert exposure["mask_planes"]["SAT"] == 1
    assert (frame["kind"], frame["bins"], frame["detector"]) == ("sky frame", "8 x 6", "1")
    assert "empty" in result["failed"][0]["why"]
    words = run("info", night.science[0])
    assert "detector 1, visit 2001" in words.stdout
    assert run("info", night.science[0], "--quiet").stdout == ""


def test_progress_is_plain_lines_where_no_terminal_is(night: Night, tmp_path: Path) -> None:
    done = run("build", *night.paths, "-o", tmp_path)
    assert "Binning exposures: 10 of 10" in done.stderr
    assert "\x1b" not in done.stderr + done.stdout
    assert "sky-1.fits" in done.stdout


def test_masks_of_codes_can_be_told_how_to_be_read(night: Night, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    image = rng.normal(100, 1, (64, 64)).astype(np.float32)
    codes = np.zeros((64, 64), np.int16)
    codes[:32] = 7
    image[:32] += 1000
    path = tmp_path / "coded.fits"
    hdus = [fits.PrimaryHDU(), fits.ImageHDU(image, name="SCI"), fits.ImageHDU(codes, name="DQ")]
    fits.HDUList(hdus).writeto(path)
    reading = ["--mask-reading", "codes:BAD=3,DETECTED=7", "--mask-objects", "never"]
    run_json("build", path, "-o", tmp_path, *reading)
    frame = read_sky_frame(tmp_path / "sky.fits")
    assert frame.grid.values.max() < 110


def test_the_demonstration_recovers_its_truth(tmp_path: Path) -> None:
    result = run_json("demo", "--no-window", "-o", tmp_path / "demo")
    assert abs(result["pull"]) < 4
    assert result["bin_rms_after"] < 0.3 * result["bin_rms_before"]
    assert result["bin_rms_after"] < 2 * result["bin_noise"]
    assert (tmp_path / "demo" / "demo.png").read_bytes().startswith(b"\x89PNG")
    for path in result["outputs"]:
        assert Path(path).stat().st_size > 0
        if path.endswith("-sub.fits"):
            (exposure,) = read_exposures(path)
            assert exposure.has_mask
            assert exposure.has_variance


def test_version() -> None:
    assert run("--version").stdout.startswith("skyframe-gui 0.")
