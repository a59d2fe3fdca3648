"""What the commands hand on and print, whole: the work itself is left out."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import typer
from made_items import a_frame, a_sky_frame, a_source

from skyframe_gui import cli, cli_options, cli_window
from skyframe_gui.engine import SkyFrameError, SkyMeasurementConfig
from skyframe_gui.engine.identity import Identity
from skyframe_gui.engine.scale import ScaleSolution
from skyframe_gui.files import MaskReading, recovery
from skyframe_gui.workflow import build, correct, demo, describe, outputs, subtract
from skyframe_gui.workflow.build import BuildResult
from skyframe_gui.workflow.describe import Description
from skyframe_gui.workflow.detectors import DetectorChoice
from skyframe_gui.workflow.jobs import Failure
from skyframe_gui.workflow.options import MaskObjects, Normalise
from skyframe_gui.workflow.solution import VisitSolution
from skyframe_gui.workflow.subtract import Subtracted, SubtractedVisit

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., tuple[int, list[str], list[str]]]

MINUS = "-"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process; return its status, and the lines of both outputs."""

    def run(*words: object) -> tuple[int, list[str], list[str]]:
        monkeypatch.setattr(sys, "argv", ["skyframe-gui", *map(str, words)])
        with pytest.raises(SystemExit) as done:
            cli.main()
        out, err = capsys.readouterr()
        return int(done.value.code or 0), out.splitlines(), err.splitlines()

    return run


WORDS = (
    "folders, patterns in quotes, @LIST (a text file with a path a line, relative to its folder), "
    "or 'butler:REPO?collections=A,B&dataset=calexp&visit=1228&where=...'"
)
SKY = (
    "Sky frame of a detector, or a folder (pattern, @LIST) with those of many; may be repeated. A "
    "nameless one serves all. Of 'butler:REPO?collections=HSC/calib' those that are valid for the "
    "exposures."
)
SHARED = {
    "--config": "LSST override file (parsed, never run) or YAML.",
    "--set": "A config field, as in skyRej=4 or background.xBinSize=128.",
    "--mask-objects": "Find and mask objects; auto: where a file brings no DETECTED plane.",
    "--mask-reading": "How masks that are not LSST's are read: auto, bits:BAD=0,SAT=1, "
    "codes:BAD=1,SAT=3, or flags:good=32768 (any other value is BAD).",
    "--identity": "What all exposures are of, whatever their headers tell, as in filter=r; again "
    "for instrument, detector, night (2024-02-29), visit and orientation (+x+y as the detector, "
    "-x+y mirrored along x).",
    "--json": "One JSON object on standard output.",
    "--quiet": "Say nothing but what failed.",
    "--overwrite": "Replace existing files.",
    "-o": "Folder to write to; made if needed.",
    "--detectors": "Read these detectors only, by number or name (N4, R22_S11), as the files or "
    "the table of their camera have it.",
    "exposures": f"Exposures: FITS files, {WORDS}.",
    "--cache": "Keep what is measured of each exposure there, and take what is there: a run "
    "that was stopped and is started again reads nothing twice. Files are told by path, size "
    "and time.",
    "--checksums": "--cache tells files by their SHA-256, too; reads them all.",
    "--scheduler": "Have the workers of a Dask scheduler do it, such as tcp://10.0.0.1:8786; "
    "they must see the same files under the same paths. Needs skyframe_gui[cluster].",
}
OWN: dict[str, dict[str, str]] = {
    "build": {
        "--normalise": "level: divide each exposure by its median bin before averaging. "
        "focal-plane: subtract the background that its visit has over the whole camera, and divide "
        "by the level of that, as LSST's cp_pipe does. auto: focal-plane for visits of several "
        "detectors of a known camera.",
        "--butler": "Put the sky frames into this Butler repository, too, as datasets sky: all or "
        "none. Needs skyframe_gui[butler].",
        "--run": "RUN collection for --butler; u/YOU/sky/TIME, new.",
        "--certify": "CALIBRATION collection in which the sky frames of --butler are valid.",
        "--begin-date": "They are valid from then on (TAI).",
        "--end-date": "They are valid until then (TAI).",
        "--camera": "HSC, DECam, LSSTCam ..., or a table FILE.json or FILE.csv, where the headers "
        "do not tell.",
    },
    "subtract": {
        "--sky": SKY,
        "--background-list": "Write what was subtracted as LSST background lists, too.",
    },
    "correct": {
        "--sky": SKY,
        "--background-list": "List of backgrounds that was subtracted from an exposure before "
        "(LSST's calexpBackground), or a folder (pattern, @LIST) with those of many; may be "
        "repeated. It is matched by its name, or by visit and detector in it; lists that lie "
        "beside their exposure (x-background.fits) are found.",
        "--camera": "HSC, DECam, LSSTCam ..., or a table FILE.json or FILE.csv, where the headers "
        "do not tell.",
        "--set": "A config field, as in doBgModel2=false, bgModel1.xSize=122.88 or sky.skyRej=4.",
    },
    "info": {
        "files": f"Any FITS files, {WORDS}.",
    },
    "demo": {
        "-o": "Folder to write to; demo-output, replaced.",
        "--no-window": "Only compute and write, open no window.",
        "--seed": "Another seed is another camera and night.",
    },
}
KEPT = ("--cache", "--checksums", "--scheduler")
LACKS = {
    "build": (),
    "subtract": (),
    "correct": ("--mask-objects",),
    "info": ("-o", "exposures", "--mask-objects", "--identity", "--overwrite", *KEPT),
    "demo": (
        "exposures",
        "--config",
        "--set",
        "--mask-objects",
        "--mask-reading",
        "--identity",
        "--detectors",
        *KEPT,
    ),
}
DEFAULTS = {"--normalise": "auto", "--mask-objects": "auto", "--mask-reading": "auto", "--seed": 1}


@pytest.mark.parametrize("name", list(OWN))
def test_each_option_of_a_command_has_its_help_and_its_default(name: str) -> None:
    command: Any = typer.main.get_command(cli.app).commands[name]  # type: ignore[attr-defined]
    found = {one.opts[0]: one for one in command.params}
    wanted = {key: text for key, text in SHARED.items() if key not in LACKS[name]} | OWN[name]
    assert {key: one.help for key, one in found.items()} == wanted
    for key, one in found.items():
        default = DEFAULTS.get(key, False if one.opts and getattr(one, "is_flag", False) else None)
        if not one.required:
            assert one.default == default, key
    assert command.help.endswith(".")


# Build -----------------------------------------------------------------------------------------


def a_built(detector: str, n: int, path: str, **identity: Any) -> tuple[Any, str]:
    values = [[-1234.5678, 1.0, 2.0], [-1234.5678, -1234.5678, np.nan]]
    frame = a_sky_frame(values, detector=detector, **identity)
    frame = replace(
        frame,
        n_clipped=np.array([[1, 2, 0], [0, 0, 4]]),
        filled=np.array([[True, False, True], [False, False, False]]),
    )
    sources = tuple(a_source(f"{number}.fits") for number in range(n))
    return replace(a_frame("x", sources, sky_frame=frame).built, detector=detector), path


def test_build_hands_on_what_was_asked_and_prints_what_came_of_it(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
    written = [a_built("1", 4, "/o/sky-1.fits"), a_built("", 5, "/o/sky.fits", filter="")]

    def build_it(*arguments: Any, **more: Any) -> BuildResult:
        asked.append((arguments, more))
        more["watch"].step(1, 2, "Binning")
        failed = (Failure("x.fits", "It is odd."),)
        return BuildResult((), failed, ("A note.",), (), Normalise.LEVEL, {"camera": "HSC"})

    def write_it(*arguments: Any) -> Any:
        asked.append((arguments, {}))
        return written, [Failure("y.fits", "It is full.")]

    monkeypatch.setattr(build, "build_sky_frames", build_it)
    monkeypatch.setattr(outputs, "write_built", write_it)
    words = ["build", "a.fits", "b.fits", "-o", tmp_path / "o", "--set", "skyRej=4", "--normalise",
             "level", "--mask-objects", "never", "--identity", "filter=r", "--detectors",
             "1, 5-9"]  # fmt: skip
    status, out, err = run(*words)
    assert status == 1
    assert [line.split() for line in out] == [
        ["detector", "filter", "exposures", "bins", "level", "clipped", "filled", "file"],
        ["1", "r", "4", "3", "x", "2", f"{MINUS}1234.57", "7", "2", "/o/sky-1.fits"],
        ["(no", "name)", "(not", "told)", "5", "3", "x", "2", f"{MINUS}1234.57", "7", "2",
         "/o/sky.fits"],
    ]  # fmt: skip
    assert err == [
        "Binning: 1 of 2",
        "Note: A note.",
        "x.fits: It is odd.",
        "y.fits: It is full.",
    ]
    (arguments, more), (to_write, _) = asked
    config = SkyMeasurementConfig(skyRej=4)
    assert (list(arguments[0]), arguments[1]) == ([Path("a.fits"), Path("b.fits")], config)
    assert arguments[0].detectors == DetectorChoice(("1", "5-9"))
    assert (more["normalise"], more["mask_objects"]) == (Normalise.LEVEL, MaskObjects.NEVER)
    assert more["identity"] == {"filter": "r"}
    assert more["ready"].targets.folder == tmp_path / "o"
    assert more["ready"].targets.inputs == (Path("a.fits"), Path("b.fits"))
    assert more["ready"].targets.overwrite is False
    _, folder, with_config, overwrite, choices, planned = to_write
    assert (folder, with_config, overwrite, planned) == (tmp_path / "o", config, False, {})
    assert choices == {
        "normalise": "level",
        "mask_objects": "never",
        "mask_reading": "auto",
        "identity filter": "r",
        "camera": "HSC",
    }
    written[:] = [a_built("1", 3, "/o/sky-1.fits")]
    _, _, err = run(*words, "--overwrite")
    few = "Note: Fewer than four exposures of a detector cannot clip anything at 3 sigma."
    assert few in err
    assert (asked[2][1]["ready"].targets.overwrite, asked[3][0][3]) == (True, True)
    status, (line,), _ = run(*words, "--json")
    found = json.loads(line)
    assert status == 1
    assert found["sky_frames"] == [
        {
            "detector": "1",
            "filter": "r",
            "instrument": "Cam",
            "unit": "electron",
            "path": "/o/sky-1.fits",
            "n_exposures": 3,
            "n_filled": 2,
            "n_clipped": 7,
            "shape": [2, 3],
            "algorithm": "LINEAR",
            "exposures": [f"/night/{number}.fits" for number in range(3)],
            "levels": [100.0, 101.0, 102.0],
        }
    ]
    assert (found["outputs"], found["notes"]) == (["/o/sky-1.fits"], ["A note.", few[6:]])
    assert [one["path"] for one in found["failed"]] == ["x.fits", "y.fits"]


def test_build_tells_of_settings_that_do_nothing_and_of_what_a_run_before_has_left(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[dict[str, Any]] = []
    how = [Normalise.LEVEL]

    def build_it(*_: Any, **more: Any) -> BuildResult:
        asked.append(more)
        return BuildResult((), (), (), (), how[0], {})

    monkeypatch.setattr(build, "build_sky_frames", build_it)
    monkeypatch.setattr(outputs, "write_built", lambda *_: ([], []))
    monkeypatch.setattr(recovery, "recover", lambda folder: [f"Found in {folder.name}."])
    words = ["build", "a.fits", "-o", tmp_path / "o"]
    recovered = "Note: Found in o."
    idle = "Note: Nothing is normalised over the focal plane; its settings do nothing."
    assert run(*words)[2] == [recovered]
    assert (tmp_path / "o").is_dir()
    over = [*words, "--set", "largeScaleBackground.xSize=8", "--camera", "HSC"]
    assert run(*over)[2] == [recovered, idle]
    how[0] = Normalise.FOCAL_PLANE
    assert run(*over)[2] == [recovered]
    assert [one["camera"] for one in asked] == [None, "HSC", "HSC"]
    assert [bool(one["adjust"]) for one in asked] == [False, True, True]
    assert asked[0]["mask_reading"] == MaskReading.parse("auto")
    status, out, err = run(*words, "--camera", "zzz")
    assert (status, out) == (2, [])
    assert err[0].startswith("There is no table of the camera zzz")
    status, (line,), _ = run(*words, "--normalise", "x", "--json")
    found = json.loads(line)
    assert (status, found["sky_frames"], found["outputs"]) == (2, [], [])
    assert found["failed"][0]["path"] is None


# Subtract --------------------------------------------------------------------------------------


def a_visit(name: str, **source: Any) -> SubtractedVisit:
    solution = ScaleSolution(
        scale=-12.34567,
        error=0.0123,
        rejected_at=np.array([-1, 0, 2, -2]),
        iterations=(),
        n_used=1,
    )
    fit = VisitSolution(
        visit=name, sources=(a_source(**source),) * 2, samples=(), solution=solution
    )
    return SubtractedVisit(fit, (f"/o/{name}-sub.fits",))


def test_subtract_hands_on_what_was_asked_and_prints_what_came_of_it(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
    visits = [a_visit("7"), a_visit("8", filter="")]

    def subtract_it(*arguments: Any, **more: Any) -> Subtracted:
        asked.append((arguments, more))
        return Subtracted(tuple(visits), (), ("A note.",))

    monkeypatch.setattr(subtract, "subtract_visits", subtract_it)
    monkeypatch.setattr(outputs, "load_sky_frames", lambda paths, notes: ("loaded", *paths))
    words = ["subtract", "a.fits", "--sky", "s.fits", "--sky", "t.fits", "-o", "o"]
    status, out, err = run(*words)
    assert status == 0
    numbers = ["2", f"{MINUS}12.346", "±", "0.012", "1", "2", "4"]
    assert [line.split() for line in out] == [
        ["visit", "filter", "detectors", "scale", "used", "rejected", "samples"],
        ["7", "r", *numbers],
        ["8", "(not", "told)", *numbers],
        ["/o/7-sub.fits"],
        ["/o/8-sub.fits"],
    ]
    assert err == ["Note: A note."]
    (arguments, more) = asked[0]
    frames = ("loaded", Path("s.fits"), Path("t.fits"))
    assert list(arguments[0]) == [Path("a.fits")]
    assert arguments[1:] == (frames, SkyMeasurementConfig(), Path("o"))
    assert (more["background_list"], more["overwrite"]) == (False, False)
    assert (more["mask_objects"], more["identity"]) == (MaskObjects.AUTO, {})
    run(*words, "--background-list", "--mask-objects", "always", "--set", "skyIter=1")
    (arguments, more) = asked[1]
    assert (more["background_list"], more["overwrite"]) == (True, False)
    assert more["mask_objects"] is MaskObjects.ALWAYS
    assert arguments[2].skyIter == 1
    _, (line,), _ = run(*words, "--json", "--overwrite")
    assert asked[2][1]["overwrite"] is True
    found = json.loads(line)
    assert [one["visit"] for one in found["visits"]] == ["7", "8"]
    assert found["outputs"] == ["/o/7-sub.fits", "/o/8-sub.fits"]
    assert found["notes"] == ["A note."]
    keys = {"scale", "error", "n_used", "n_samples", "iterations"}
    assert not keys & set(found)
    del visits[1]
    found = json.loads(run(*words, "--json")[1][0])
    assert {key: found[key] for key in keys} == {
        "scale": -12.34567,
        "error": 0.0123,
        "n_used": 1,
        "n_samples": 4,
        "iterations": [],
    }


# Correct ---------------------------------------------------------------------------------------


def a_correction(name: str, fitted: bool = True, **more: Any) -> Any:
    """Return a visit as the work on it leaves it."""
    solution = ScaleSolution(
        scale=-12.34567, error=0.0123, rejected_at=np.array([-1, 0, 2, -2]), iterations=(), n_used=1
    )
    stages = tuple(SimpleNamespace(name=one) for one in ("restored", "background 1", "sky"))
    known: dict[str, Any] = {
        "visit": name,
        "identity": SimpleNamespace(filter="r"),
        "camera": SimpleNamespace(name="HSC"),
        "sources": {"1": None, "2": None},
        "result": SimpleNamespace(solution=solution if fitted else None, stages=stages),
        "outputs": (f"/o/{name}-corr.fits",),
        "as_dict": lambda: {"visit": name, "scale": 2.0, "error": 0.5, "n_used": 3,
                            "n_samples": 4, "iterations": [], "more": 1},
    }  # fmt: skip
    return SimpleNamespace(**(known | more))


def test_correct_hands_on_what_was_asked_and_prints_what_came_of_it(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
    nameless = {"identity": SimpleNamespace(filter=""), "camera": SimpleNamespace(name="")}
    visits = [a_correction("7"), a_correction("8", False, **nameless)]
    failed: list[Failure] = []

    def correct_it(*arguments: Any, **more: Any) -> Any:
        asked.append((arguments, more))
        more["watch"].step(1, 2, "Sampling")
        return correct.Corrected(tuple(visits), tuple(failed), ("A note.", "Of frames."))

    def load(paths: Any, notes: list[str]) -> Any:
        notes.append("Of frames.")
        return ("loaded", paths.detectors, *paths)

    monkeypatch.setattr(correct, "correct_visits", correct_it)
    monkeypatch.setattr(outputs, "load_sky_frames", load)
    words = ["correct", "a.fits", "--sky", "s.fits", "--sky", "t.fits", "-o", tmp_path / "o"]
    status, out, err = run(*words)
    assert status == 0
    numbers = [f"{MINUS}12.346", "±", "0.012", "1", "2", "background", "1,", "sky"]
    assert [line.split() for line in out] == [
        ["visit", "filter", "camera", "detectors", "scale", "used", "rejected", "stages"],
        ["7", "r", "HSC", "2", *numbers],
        ["8", "(not", "told)", "(no", "name)", "2", "(none)", "0", "0", "background", "1,", "sky"],
        ["/o/7-corr.fits"],
        ["/o/8-corr.fits"],
    ]
    assert err == ["Note: Of frames.", "Sampling: 1 of 2", "Note: A note."]
    arguments, more = asked[0]
    assert list(arguments[0]) == [Path("a.fits")]
    assert arguments[1] == ("loaded", None, Path("s.fits"), Path("t.fits"))
    assert (dict(arguments[2].values), arguments[3]) == ({}, tmp_path / "o")
    del more["watch"]
    reading = more.pop("mask_reading")
    assert reading == MaskReading.parse("auto")
    assert more == {
        "background_lists": (), "camera": None, "overwrite": False, "identity": {}, "cache": None,
        "executor": None,
    }  # fmt: skip
    run(*words, "--background-list", "l.fits", "--camera", "HSC", "--detectors", "1,2",
        "--identity", "filter=r", "--overwrite", "--set", "sky.skyRej=4",
        "--mask-reading", "bits:BAD=0")  # fmt: skip
    arguments, more = asked[1]
    choice = arguments[0].detectors
    assert choice.words == ("1", "2")
    assert len(choice.table) > 100  # names of the camera's detectors
    assert arguments[1][1] == choice
    assert dict(arguments[2].values) == {"sky.skyRej": 4}
    assert list(more["background_lists"]) == [Path("l.fits")]
    assert more["background_lists"].detectors is None
    assert (more["camera"], more["overwrite"], more["identity"]) == ("HSC", True, {"filter": "r"})
    assert more["mask_reading"] == MaskReading.parse("bits:BAD=0")
    _, (line,), _ = run(*words, "--json")
    found = json.loads(line)
    assert [one["visit"] for one in found["visits"]] == ["7", "8"]
    assert found["outputs"] == ["/o/7-corr.fits", "/o/8-corr.fits"]
    assert found["notes"] == ["Of frames.", "A note."]
    assert set(found) == {"visits", "outputs", "notes", "failed"}
    del visits[1]
    failed.append(Failure("b.fits", "It is odd."))
    status, (line,), err = run(*words, "--json", "--quiet")
    assert (status, err) == (1, ["b.fits: It is odd."])
    found = json.loads(line)
    assert {key: value for key, value in found.items() if key not in ("visits", "notes")} == {
        "outputs": ["/o/7-corr.fits"], "scale": 2.0, "error": 0.5, "n_used": 3, "n_samples": 4,
        "iterations": [], "failed": [{"path": "b.fits", "why": "It is odd."}],
    }  # fmt: skip


def test_correct_takes_no_sky_frames_where_none_is_subtracted(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[Any] = []

    def correct_it(_: Any, frames: Any, *__: Any, **___: Any) -> Any:
        asked.append(frames)
        return correct.Corrected((), (), ())

    monkeypatch.setattr(correct, "correct_visits", correct_it)
    monkeypatch.setattr(outputs, "load_sky_frames", lambda *_: pytest.fail("they are not read"))
    words = ["correct", "a.fits", "-o", tmp_path]
    assert run(*words) == (
        2, [], ["Sky frames are needed with --sky; or say --set doSky=false to do without."]
    )  # fmt: skip
    status, out, err = run(*words, "--set", "doSky=false")
    assert (status, out, err) == (0, [], [])  # no head over nothing
    _, _, err = run(*words, "--set", "doSky=false", "--sky", "s.fits")
    assert err == ["Note: The sky frames of --sky are not used, as doSky is false."]
    assert asked == [(), ()]
    for more in (["--camera", "zzz"], ["--config", tmp_path / "gone.py"], ["--set", "x=1"],
                 ["--mask-reading", "runes"], ["--identity", "x"]):  # fmt: skip
        status, out, err = run(*words, "--sky", "s.fits", *more)
        assert (status, out, len(err)) == (2, [], 1), more
    status, (line,), _ = run(*words, "--sky", "s.fits", "--camera", "zzz", "--json")
    found = json.loads(line)
    assert (status, found["visits"], found["outputs"]) == (2, [], [])
    assert "zzz" in found["failed"][0]["why"]


def test_info_prints_each_file_with_its_parts_indented(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def describe_it(path: Path, config: SkyMeasurementConfig, *_: Any) -> Description:
        if path.name == "bad.fits":
            raise SkyFrameError("It is bad.")
        return Description(str(path), "exposure", ({"a": config.skyRej}, {"b": 1}))

    monkeypatch.setattr(describe, "describe", describe_it)
    words = ["info", "one.fits", "bad.fits", "two.fits", "--set", "skyRej=4"]
    status, out, err = run(*words)
    assert status == 1
    assert out == ["one.fits: exposure", "  a 4", "  b 1", "two.fits: exposure", "  a 4", "  b 1"]
    assert err == ["bad.fits: It is bad."]
    status, (line,), _ = run(*words, "--json")
    found = json.loads(line)
    assert [one["path"] for one in found["files"]] == ["one.fits", "two.fits"]
    assert found["failed"] == [{"path": "bad.fits", "why": "It is bad."}]


def test_info_of_some_detectors_leaves_others_out_and_names_those_that_are_not_there(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings: list[Any] = []

    def describe_it(
        path: Path, _: Any, reading: Any, choice: Any, seen: list[Any], *_more: Any
    ) -> Any:
        readings.append(reading)
        seen.append(Identity(detector=path.stem))
        if path.stem not in choice.words:
            return None
        return Description(str(path), "exposure", ({"a": 1},))

    monkeypatch.setattr(describe, "describe", describe_it)
    words = ["info", "1.fits", "2.fits", "3.fits", "--mask-reading", "bits:BAD=0"]
    status, out, err = run(*words, "--detectors", "1,3")
    assert (status, err) == (0, [])
    assert out == ["1.fits: exposure", "  a 1", "3.fits: exposure", "  a 1"]
    assert set(readings) == {MaskReading.parse("bits:BAD=0")}
    status, out, err = run(*words, "--detectors", "2,9")
    assert (status, out[0], len(err)) == (1, "2.fits: exposure", 1)
    assert err[0].startswith("--detectors 9: No exposure is of detector 9; ")


def test_the_demonstration_prints_its_table_a_blank_line_and_its_files(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[tuple[Any, ...]] = []
    result = SimpleNamespace(
        notes=("A note.",),
        outputs=("/o/a", "/o/b"),
        rows=lambda: [["scale", "1", "2"]],
        as_dict=lambda: {"outputs": ["/o/a", "/o/b"]},
    )

    def run_demo(*arguments: Any) -> Any:
        asked.append(arguments[:3])
        return result

    opened: list[Any] = []
    monkeypatch.setattr(demo, "run_demo", run_demo)
    monkeypatch.setattr(demo, "files_to_show", lambda folder: ["shown", folder])
    monkeypatch.setattr(cli_window, "open_window", opened.append)
    monkeypatch.setattr(cli_window, "why_no_window", lambda: "it is dark")
    cli_window.demo(Path("/o"), seed=5)
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        "       truth  measured",
        "scale      1         2",
        "",
        "/o/a",
        "/o/b",
    ]
    assert err.splitlines() == ["Note: A note.", "The window is not opened: it is dark."]
    monkeypatch.setattr(cli_window, "why_no_window", lambda: "")
    cli_window.demo(None, quiet=True)
    cli_window.demo(Path("/o"), no_window=True, overwrite=True, as_json=True)
    assert json.loads(capsys.readouterr().out)["outputs"] == ["/o/a", "/o/b"]
    assert opened == [["shown", Path("demo-output")]]
    assert asked == [
        (Path("/o"), 5, False),
        (Path("demo-output"), 1, True),
        (Path("/o"), 1, True),
    ]


# The window ------------------------------------------------------------------------------------


def why(call: Callable[[], object]) -> str:
    with pytest.raises(SkyFrameError) as caught:
        call()
    return str(caught.value)


SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have a display")
def test_a_display_is_any_that_the_environment_names(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SCREENS:
        monkeypatch.delenv(name, raising=False)
    assert not cli_window.has_display()
    assert cli_window.why_no_window() == "there is no display"
    assert why(lambda: cli_window.open_window([])) == (
        "There is no display to open a window on; log in to a desktop, or use the commands that "
        "skyframe-gui --help lists."
    )
    for name in SCREENS:
        with monkeypatch.context() as patch:
            patch.setenv(name, "x")
            assert cli_window.has_display()
    for system in ("win32", "darwin"):
        with monkeypatch.context() as patch:
            patch.setattr(sys, "platform", system)
            assert cli_window.has_display()


@pytest.mark.parametrize(
    ("status", "said", "told"),
    [
        (0, "Error: x.", ""),
        (1, "first\n  Error: no library.  \n\nlast", "Error: no library"),
        (1, "it could not connect.\nlast", "it could not connect"),
        (1, "Error: one\nan error: two", "an error: two"),
        (-6, "last\n", "Qt ends with status -6 here"),
    ],
)
def test_why_no_window_opens_is_qts_own_last_word(
    monkeypatch: pytest.MonkeyPatch, status: int, said: str, told: str
) -> None:
    asked: list[tuple[list[str], dict[str, Any]]] = []

    def tried(command: list[str], **how: Any) -> subprocess.CompletedProcess[str]:
        asked.append((command, how))
        return subprocess.CompletedProcess(command, status, "", said)

    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setattr(cli_window.subprocess, "run", tried)
    assert cli_window.why_no_window() == told
    command, how = asked[0]
    assert command[:2] == [sys.executable, "-c"]
    assert "QApplication([])" in command[2]
    assert (how["timeout"], how["check"], how["text"], how["capture_output"]) == (
        30,
        False,
        True,
        True,
    )


def test_qt_that_cannot_be_tried_or_loaded_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    for error in (OSError(), subprocess.TimeoutExpired("x", 30)):

        def tried(*_: object, error: Exception = error, **__: object) -> None:
            raise error

        monkeypatch.setattr(cli_window.subprocess, "run", tried)
        told = f"Qt could not be tried ({type(error).__name__})"
        assert cli_window.why_no_window() == told
    monkeypatch.setitem(sys.modules, "skyframe_gui.ui.main", None)
    told = why(lambda: cli_window.open_window([]))
    assert told.startswith("The window's library cannot be loaded (import of skyframe_gui.ui.main ")
    assert told.endswith(
        "; install what is missing, or use the commands that skyframe-gui --help lists."
    )
    runs: list[object] = []
    monkeypatch.setitem(
        sys.modules, "skyframe_gui.ui.main", SimpleNamespace(run=lambda one: runs.append(one) or 7)
    )
    with pytest.raises(SystemExit) as end:
        cli_window.open_window(["a"])
    assert (end.value.code, runs) == (7, [["a"]])


def test_words_are_files_a_command_or_neither(tmp_path: Path) -> None:
    file = str(tmp_path / "a.fits")
    Path(file).touch()
    commands = ["build", "info"]
    files = cli_window.files_to_open
    assert files([], commands) == files(["--version"], commands) == files(["info"], commands) == []
    assert files([file, "gone"], commands) == [file, "gone"]
    assert files(["--", "-x"], commands) == ["-x"]
    assert why(lambda: files(["gone"], commands)) == (
        "gone is neither a file or folder nor a command; the commands are build, info."
    )
    assert why(lambda: files([file, "-x"], commands)) == (
        "-x is no file; where files are opened there are no options."
    )


# Options ---------------------------------------------------------------------------------------


def test_what_an_option_cannot_be_is_told_with_what_it_can() -> None:
    choice = cli_options.choice_from
    assert choice(Normalise, "level", "--normalise") is Normalise.LEVEL
    assert why(lambda: choice(Normalise, "x", "--normalise")) == (
        "--normalise takes none, level, focal-plane, auto; 'x' is none of these."
    )
    known = cli_options.identity_from
    assert known(None) == {}
    assert known([" filter = r ", "night=2024-02-29", "filter=g"]) == {
        "filter": "g",
        "night": "2024-02-29",
    }
    names = "--identity takes name=value, the name one of instrument, detector, filter, night, "
    for text in ("filter", "filter=", "colour=r", "=r"):
        assert why(lambda text=text: known([text])) == f"{names}visit, orientation; not {text!r}."
    assert why(lambda: known(["night=2023-02-29"])) == (
        "--identity night takes a day such as 2024-02-29, not '2023-02-29'."
    )
    told: list[str] = []
    assert cli_options.config_from(None, None, told.extend) == SkyMeasurementConfig()
    assert cli_options.config_from(None, ["skyRej=4"], told.extend).skyRej == 4
    assert told == []
    with pytest.raises(cli_options.WrongUsage):
        cli_options.mask_reading_from("runes")


def test_a_failure_is_one_line_and_wrong_usage_has_a_status_of_its_own(
    monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    def fail() -> None:
        raise SkyFrameError("Two\n  lines.")

    monkeypatch.setattr(cli, "app", fail)
    monkeypatch.setattr(cli, "_commands", lambda: ["info"])
    assert run("info") == (1, [], ["Two lines."])
    status, _, err = run("gone")
    assert (status, len(err)) == (2, 1)


def test_a_fault_of_the_program_is_told_as_python_tells_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr(describe, "describe", fail)
    monkeypatch.setattr(sys, "argv", ["skyframe-gui", "info", "a.fits"])
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
    with pytest.raises(RuntimeError) as caught:
        cli.main()
    sys.excepthook(caught.type, caught.value, caught.tb)
    lines = capsys.readouterr().err.splitlines()
    # No boxes around it, and none of what the variables hold: it is sent to us as it is.
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[-1] == "RuntimeError: a fault"
    assert not any("\N{BOX DRAWINGS LIGHT VERTICAL}" in line for line in lines)
