"""The command line as its user meets it: files, words, JSON and exit status."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits
from nights import CAMERA

from skyframe_gui import cli, cli_window
from skyframe_gui.app.project.autosave import left_over
from skyframe_gui.files import read_exposures, read_sky_frame
from skyframe_gui.files.session_file import read_session
from skyframe_gui.simulate import table_of
from skyframe_gui.workflow import demo

if TYPE_CHECKING:
    from nights import Night


DAMAGED_SKY = Path(__file__).parent / "data" / "fits" / "damaged-sky.fits.gz"
"""The values' checksum is wrong; the night's first detector."""
SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


def without_display(**more: str) -> dict[str, str]:
    return {**{key: value for key, value in os.environ.items() if key not in SCREENS}, **more}


def start(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the program as a process of its own, as its user does."""
    return subprocess.run(
        [sys.executable, "-m", "skyframe_gui", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=300,
        env=without_display(),
    )


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the program in this process: the same words, files and status in a tenth of the time."""
    words, out, err = ["skyframe-gui", *map(str, arguments)], io.StringIO(), io.StringIO()
    status: str | int | None = 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", words)
        for name in SCREENS:
            patch.delenv(name, raising=False)
        try:
            cli.main()
        except SystemExit as end:
            status = end.code
    assert status is None or isinstance(status, int), f"Python would print {status!r}"
    return subprocess.CompletedProcess(words, status or 0, out.getvalue(), err.getvalue())


def read_json(done: subprocess.CompletedProcess[str], status: int = 0) -> dict[str, Any]:
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout)  # one object and nothing else


def run_json(*arguments: object, status: int = 0) -> dict[str, Any]:
    return read_json(run(*arguments, "--json"), status)


@pytest.fixture(scope="module")
def sky(night: Night, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("built") / "sky"
    result = read_json(start("build", *night.paths, "-o", folder, "--json"))
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
        (["--normalise", "twice"], "none, level, focal-plane, auto"),
        (["--camera", tmp_path / "none.json"], "none.json"),
        (["--set", "largeScaleBackground.xSize=-1"], "xSize"),
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
    done = start("frobnicate")
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1


def test_one_bad_file_is_status_1_one_line_and_the_rest_is_built(
    night: Night, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.fits"
    bad.write_text("version https://git-lfs.github.com/spec/v1\n")
    done = start("build", bad, *night.paths, "-o", tmp_path, "--json", "--quiet")
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
    assert "Binning exposures: 0 of 5" in done.stderr  # those of the other detector
    assert old.read_text() == "mine"
    assert (tmp_path / "sky-2.fits").exists()
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
    (failed,) = result["failed"]
    assert failed["path"] == str(tmp_path / "empty.fits")
    assert failed["why"].endswith(".")
    assert "is empty" in failed["why"]
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
    result = read_json(start("demo", "--no-window", "-o", tmp_path / "demo", "--json"))
    assert abs(result["pull"]) < 4
    assert result["pull"] == (result["scale"] - result["truth"]) / result["error"]
    assert result["bin_rms_after"] < 0.3 * result["bin_rms_before"]
    assert result["bin_rms_after"] < 2 * result["bin_noise"]
    of_each = [f"visit2001-det{n}" for n in (1, 2, 3)]
    assert [Path(path).name for path in result["outputs"]] == [
        *(f"sky-{n}.fits" for n in (1, 2, 3)),
        *(f"{one}-{what}.fits" for one in of_each for what in ("sub", "background")),
        "2001-samples.ecsv",
        "demo.png",
    ]
    night = {one.name for one in (tmp_path / "demo" / "night").iterdir()}
    visits = [*range(1001, 1009), 2001, 2002]
    assert night == {f"visit{visit}-det{n}.fits" for visit in visits for n in (1, 2, 3)}
    assert (tmp_path / "demo" / "demo.png").read_bytes().startswith(b"\x89PNG")
    for path in result["outputs"]:
        assert Path(path).stat().st_size > 0
        if path.endswith("-sub.fits"):
            (exposure,) = read_exposures(path)
            assert exposure.has_mask
            assert exposure.has_variance


def test_an_input_is_never_overwritten(night: Night, tmp_path: Path) -> None:
    trap = tmp_path / "sky.fits"
    trap.write_bytes(Path(night.science[0]).read_bytes())
    with fits.open(trap, mode="update") as file:
        for key in ("DETECTOR", "CCDNUM"):
            for hdu in file:
                hdu.header.remove(key, ignore_missing=True)
    before = trap.read_bytes()
    done = run("build", trap, "-o", tmp_path, "--overwrite")
    assert done.returncode == 1
    assert "files that are read" in done.stderr
    assert trap.read_bytes() == before


def test_every_failure_is_a_json_object_too(night: Night, tmp_path: Path) -> None:
    for status, arguments in [
        (1, ["subtract", night.science[0], "--sky", tmp_path / "no.fits", "-o", tmp_path]),
        (2, ["build", night.paths[0], "-o", tmp_path, "--set", "skyRej=-1"]),
        (1, ["build", night.paths[0], "-o", tmp_path, "--set", "background.algorithm=NONE"]),
    ]:
        result = run_json(*arguments, status=status)
        assert result["outputs"] == []
        assert result["failed"][0]["why"]


def test_mask_planes_that_no_file_defines_are_told_once(night: Night, tmp_path: Path) -> None:
    planes = ["--set", "background.mask=SAT,SATT"]
    done = run("build", *night.paths, "-o", tmp_path, *planes)
    assert done.returncode == 0
    assert done.stderr.count("SATT (10 of 10)") == 1


def test_a_wrong_checksum_is_told(night: Night, tmp_path: Path) -> None:
    path = tmp_path / "changed.fits"
    data = bytearray(Path(night.science[0]).read_bytes())
    data[-20_000] ^= 1
    path.write_bytes(data)
    assert "checksum" in run("info", path).stdout.lower()
    done = run("build", path, "-o", tmp_path)
    assert done.returncode == 0
    assert "checksum" in done.stderr.lower()


def test_a_note_about_a_sky_frame_is_told(night: Night, tmp_path: Path) -> None:
    given = (night.science[0], "--sky", DAMAGED_SKY, "-o", tmp_path, "--mask-objects", "never")
    done = run("subtract", *given)
    assert done.returncode == 0
    notes = [one for one in done.stderr.splitlines() if one.startswith("Note:")]
    (line,) = [one for one in notes if one.startswith("Note: damaged-sky")]
    assert line.startswith("Note: damaged-sky.fits.gz: HDU 1: the data do not agree with their")
    result = run_json("subtract", *given, "--overwrite")
    assert f"Note: {result['notes'][0]}" == line
    assert "HDU 1" in run("info", DAMAGED_SKY).stdout


def test_the_options_that_made_the_numbers_are_in_the_header(night: Night, tmp_path: Path) -> None:
    options = ["--normalise", "level", "--mask-objects", "never"]
    assert run("build", night.paths[0], "-o", tmp_path, *options).returncode == 0
    header = repr(fits.getheader(tmp_path / "sky-1.fits"))
    assert "normalise" in header
    assert "level" in header
    assert "never" in header


def test_a_night_over_the_focal_plane(night: Night, tmp_path: Path) -> None:
    table = tmp_path / "camera.json"
    table.write_text(table_of(CAMERA, 200))
    settings = ["--set", "largeScaleBackground.xSize=1.5", "--set", "background.xBinSize=40"]
    options = ["--camera", table, *settings]
    result = run_json("build", *night.paths, "-o", tmp_path / "sky", *options)
    assert result["normalise"] == "focal-plane"
    assert any("superpixels of 150 x 200 pixels over all" in one for one in result["notes"])
    (first, _) = result["sky_frames"]
    assert first["shape"][1] == 6
    assert abs(np.median(fits.getdata(first["path"]))) < 0.02
    header = repr(fits.getheader(first["path"]))
    assert "largeScaleBackground=xSize=1.5 ySize=2.0 pixelSize=0.01" in header


def test_the_demonstration_leaves_foreign_files_alone(tmp_path: Path) -> None:
    (tmp_path / "sky-1.fits").write_text("mine")
    done = run("demo", "-o", tmp_path)
    assert done.returncode == 1
    assert (tmp_path / "sky-1.fits").read_text() == "mine"
    assert not (tmp_path / "night").exists()


def test_a_full_disk_behind_standard_output_is_a_sentence(night: Night) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("only Linux has a device that is always full")
    with full.open("w") as out:
        done = subprocess.run(
            [sys.executable, "-m", "skyframe_gui", "info", night.science[0]],
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            timeout=100,
        )
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1


def test_ctrl_c_stops_with_a_sentence_and_no_half_file(night: Night, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "skyframe_gui", "demo", "-o", str(tmp_path / "demo")]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert "Simulating" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert "Stopped" in said
    assert "Traceback" not in said
    assert not list((tmp_path / "demo").rglob(".*"))


def test_version() -> None:
    assert start("--version").stdout.startswith("skyframe-gui 0.")


on_linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems have a display")


class Done:
    outputs = ("demo.png",)
    notes = ()

    def rows(self) -> list[list[str]]:
        return [["scale", "1", "1"]]

    def as_dict(self) -> dict[str, Any]:
        return {}


@on_linux
def test_without_a_display_the_demonstration_does_its_headless_part_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in SCREENS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(demo, "run_demo", lambda *_: Done())
    cli_window.demo(tmp_path, quiet=True)
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "no display" in line


def test_with_a_display_the_demonstration_opens_its_night_and_sky_frames(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "night").mkdir()
    # The visit that is fitted comes first, because the first exposure is the one that is shown.
    names = ["night/visit2001-det1.fits", "sky-1.fits", "night/visit1001-det1.fits"]
    made = [tmp_path / name for name in names]
    for path in (*made, tmp_path / "a-sub.fits"):
        path.touch()
    opened: list[str] = []
    monkeypatch.setattr(demo, "run_demo", lambda *_: Done())
    monkeypatch.setattr(cli_window, "why_no_window", lambda: "")
    monkeypatch.setattr(cli_window, "open_window", opened.extend)
    cli_window.demo(tmp_path, no_window=True, quiet=True)
    assert opened == []
    cli_window.demo(tmp_path, quiet=True)
    assert opened == [str(path) for path in made]


@on_linux
def test_a_display_that_does_not_answer_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":987")
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    assert "could not" in cli_window.why_no_window()
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert cli_window.why_no_window() == ""


@on_linux
def test_files_without_a_display_are_one_sentence(night: Night) -> None:
    for way, arguments in [
        (start, []),
        (run, []),
        (run, [night.science[0]]),
        (run, ["--", night.science[0]]),
    ]:
        done = way(*arguments)
        assert done.returncode == 1
        (line,) = done.stderr.strip().splitlines()
        assert "no display" in line


def test_a_word_that_is_no_file_and_no_command_is_wrong_usage(night: Night, tmp_path: Path) -> None:
    done = run("subtrack", night.science[0])
    assert done.returncode == 2
    (line,) = done.stderr.strip().splitlines()
    assert "subtrack" in line
    assert "build, subtract, correct, night, info, demo" in line
    done = run(night.science[0], "--overwrite")
    assert done.returncode == 2
    assert "--overwrite" in done.stderr


def test_help_tells_of_files_and_of_commands() -> None:
    words = " ".join(run("--help").stdout.split())
    assert "FILES" in words
    assert "./NAME" in words
    for command in ("build", "subtract", "info", "demo"):
        assert command in words


WINDOW = """
import sys
from PyQt6.QtCore import QTimer
from skyframe_gui.ui.window import MainWindow

def patient(self, event, true=MainWindow.showEvent):
    true(self, event)
    def look():
        state = self.store.state
        lanes = self.commands.program.lanes
        if (state.exposures or not {files}) and not any(lane.busy for lane in lanes):
            print(sorted(item.source.name for item in state.exposures), len(state.sky_frames))
            self.close()
        else:
            QTimer.singleShot(50, look)
    QTimer.singleShot(50, look)

MainWindow.showEvent = patient
from skyframe_gui.cli import main
sys.argv = ["skyframe-gui", *{files}]
main()
"""


def run_window(
    files: list[str], home: Path, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    home.mkdir(exist_ok=True)
    prepared = "from skyframe_gui.app.work import warmup; warmup.mark().touch()\n"
    return subprocess.run(
        [sys.executable, "-c", prepared + WINDOW.replace("{files}", repr(files))],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=cwd,
        env=without_display(QT_QPA_PLATFORM="offscreen", SKYFRAME_GUI_HOME=str(home)),
    )


@pytest.fixture(scope="module")
def opened(night: Night, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What a window with two files has said, and the home that it has left."""
    place = tmp_path_factory.mktemp("opened")
    shutil.copy2(night.science[1], place / "build")
    done = run_window(["./build", night.science[0]], place / "home", place)
    assert done.returncode == 0, done.stderr
    return done.stdout, place / "home"


def test_files_are_opened_in_the_window_and_remembered(
    opened: tuple[str, Path], night: Night
) -> None:
    said, home = opened
    assert "'science-d1.fits'] 0" in said
    remembered = json.loads((home / "preferences.json").read_text())
    recent = {one["path"] for one in remembered["recent"]}
    assert recent == {str(home.parent / "build"), night.science[0]}
    assert remembered["window"]["geometry"]


def test_without_files_the_empty_window_opens(tmp_path: Path) -> None:
    done = run_window([], tmp_path / "home")
    assert done.returncode == 0, done.stderr
    assert "[] 0" in done.stdout


def test_a_file_called_like_a_command_opens_with_its_folder(opened: tuple[str, Path]) -> None:
    assert "['build', 'science-d1.fits'] 0" in opened[0]


def test_ctrl_c_in_the_terminal_closes_the_window(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "skyframe_gui"],
        stderr=subprocess.PIPE,
        text=True,
        env=without_display(
            QT_QPA_PLATFORM="offscreen",
            SKYFRAME_GUI_HOME=str(tmp_path),
            NUMBA_CACHE_DIR=str(tmp_path / "kernels"),
        ),
    )
    # A first start: the process that compiles is begun soon after the window is there.
    for _ in range(600):
        time.sleep(0.1)
        listed = subprocess.run(["ps", "--ppid", str(process.pid)], capture_output=True, text=True)
        if "python" in listed.stdout:
            break
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 0
    assert "Traceback" not in said
    assert (tmp_path / "preferences.json").exists()


TERMINATED = """
import os, signal, sys
from PyQt6.QtCore import QTimer
from skyframe_gui.ui import main
make = main.make_window
def made():
    window, commands = make()
    def look():
        if commands.store.state.exposures and not commands.program.loader.opening.busy:
            commands.exclude_samples([(commands.store.state.exposures[0].key, (0, 0, 5, 5))])
            os.kill(os.getpid(), signal.SIGTERM)
        else:
            QTimer.singleShot(50, look)
    QTimer.singleShot(50, look)
    return window, commands
main.make_window = made
sys.exit(main.run(sys.argv[1:]))
"""


def test_sigterm_keeps_what_is_not_saved_for_the_next_start(night: Night, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", TERMINATED, night.science[0]],
        capture_output=True,
        text=True,
        env=without_display(QT_QPA_PLATFORM="offscreen", SKYFRAME_GUI_HOME=str(tmp_path)),
        timeout=300,
    )
    assert done.returncode == 143, done.stderr
    assert "Traceback" not in done.stderr
    (left,) = left_over(tmp_path / "autosave")
    assert (left.why, left.n_files) == ("", 1)
    document, _ = read_session(left.path)
    assert [one.box for one in document.by_hand] == [(0, 0, 5, 5)]
