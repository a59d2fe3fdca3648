"""What the commands print: each word of the result on standard output, all else beside it."""

from __future__ import annotations

import io
import json
import re
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import typer

from skyframe_gui import cli, cli_window, console
from skyframe_gui.console import Console
from skyframe_gui.engine import Samples, SkyMeasurementConfig, solve_scales
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.progress import Cancelled
from skyframe_gui.numbers import with_error
from skyframe_gui.workflow import demo, subtract
from skyframe_gui.workflow.jobs import Failure

if TYPE_CHECKING:
    from collections.abc import Callable

    from nights import Night

    Run = Callable[..., tuple[int, list[str], list[str]]]


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


@pytest.fixture(scope="module")
def sky(night: Night, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("frames")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["", "build", *night.paths, "-o", str(folder), "--quiet"])
        with pytest.raises(SystemExit):
            cli.main()
    return folder


def test_a_table_has_its_numbers_to_the_right_and_its_words_to_the_left(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Console().table(
        ["visit", "scale", "file"],
        [["12", "1012.4 ± 0.6", "a.fits"], ["3", "\N{MINUS SIGN}2e+03", "long.fits"]],
    )
    assert capsys.readouterr().out.splitlines() == [
        "visit         scale  file",
        "   12  1012.4 ± 0.6  a.fits",
        f"    3        {chr(0x2212)}2e+03  long.fits",
    ]


def test_quiet_says_only_what_failed_and_json_only_its_object(
    capsys: pytest.CaptureFixture[str],
) -> None:
    quiet, as_json = Console(quiet=True), Console(as_json=True)
    for one in (quiet, as_json):
        one.print_line("a line")
        one.table(["a"], [["b"]])
        one.result({"a": [1.5, float("nan")], "b": {"c": float("inf"), "d": "text"}})
    out, err = capsys.readouterr()
    assert [json.loads(line) for line in out.splitlines()] == [
        {"a": [1.5, None], "b": {"c": None, "d": "text"}}
    ]
    assert err == ""
    quiet.notes(["a note"])
    quiet.failures([Failure("x.fits", "no\n pixels"), Failure("y.fits", "y.fits is empty")])
    as_json.notes(["a note", "another", "a note"])
    assert capsys.readouterr().err.splitlines() == [
        "x.fits: no pixels",
        "y.fits is empty",
        "Note: a note",
        "Note: another",
    ]


def test_what_kept_whole_visits_out_is_one_line_a_cause(
    capsys: pytest.CaptureFixture[str],
) -> None:
    why = "The focal\n plane is empty."
    Console().failures(
        [
            Failure("a.fits", f"Visit 7: {why}", visit="7"),
            Failure("x/y.fits", "y.fits: it is cut."),
            Failure("b.fits", f"Visit 8: {why}", visit="8"),
            Failure("c.fits", f"Visit 7: {why}", visit="7"),
            Failure("d.fits", "Something else.", visit="9"),
        ]
    )
    assert capsys.readouterr().err.splitlines() == [
        "x/y.fits: it is cut.",
        "Visits 7, 8 (3 exposures): The focal plane is empty.",
        "Visit 9 (1 exposure): Something else.",
    ]


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="signals of Unix")
def test_a_command_that_is_stopped_tidies_up_and_has_the_status_of_shells(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended(number: int) -> int:
        with pytest.raises(typer.Exit) as end, Console(quiet=True).outcome():
            signal.raise_signal(number)
        assert capsys.readouterr().err == "Stopped; files that were finished stay.\n"
        return end.value.exit_code

    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # nohup's
        assert ended(signal.SIGINT) == 128 + signal.SIGINT
        assert ended(signal.SIGTERM) == 128 + signal.SIGTERM
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
        with Console().outcome():
            signal.raise_signal(signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    with pytest.raises(typer.Exit) as end, Console(quiet=True).outcome():
        raise Cancelled
    assert end.value.exit_code == 128 + signal.SIGINT


def test_a_command_runs_in_any_thread(capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> None:
        with Console().outcome():
            Console().print_line("done")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert capsys.readouterr() == ("done\n", "")


def test_an_error_has_its_object_with_what_came_before_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    error = SkyFrameError("Nothing was built.")
    for failed in ((), (Failure("a.fits", "It is cut."),)):
        error.failed = failed  # type: ignore[attr-defined]
        console = Console(as_json=True)
        console.notes(["A note."])
        with pytest.raises(SkyFrameError), console.outcome(visits=[]):
            raise error
        out, err = capsys.readouterr()
        told = [{"path": one.path, "why": one.why} for one in failed]
        assert json.loads(out) == {
            "visits": [],
            "notes": ["A note."],
            "failed": told or [{"path": None, "why": "Nothing was built."}],
        }
        assert err == "Note: A note.\n" + "".join(f"{one.path}: {one.why}\n" for one in failed)


@pytest.mark.parametrize("text", ["12", "-1.5e+03", "10 %", "", "1.0 ± 0.5", "+3"])
def test_numbers_stand_to_the_right(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    Console().table(["a wide head"], [[text], ["7"]])
    assert capsys.readouterr().out.splitlines()[2] == "          7"
    Console().table(["a wide head"], [[text], ["7 of"]])
    assert capsys.readouterr().out.splitlines()[2] == "7 of"


def test_plain_progress_says_each_new_task_its_end_and_little_between(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = iter([100.0, 104.9, 105.0, 109.0, 109.1, 109.2, 109.4])
    monkeypatch.setattr(console.time, "monotonic", lambda: next(clock))
    with Console().progress() as watch:
        for done in (0, 1, 2, 3, 9):
            watch.step(done, 9, "Read")
        watch.step(0, 2, "Write")
        watch.step(0, 1, "a short one")
        watch.step(2, 2, "Write")
    assert capsys.readouterr().err.splitlines() == [
        "Read: 0 of 9",
        "Read: 2 of 9",
        "Read: 9 of 9",
        "Write: 0 of 2",
        "Write: 2 of 2",
    ]


def test_in_a_terminal_each_task_has_one_bar_with_its_name_before_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = io.StringIO()
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys, "stderr", terminal)
    with Console().progress() as watch:
        for done in range(4):
            watch.step(done, 3, "Binning")
        watch.step(1, 5, "Fitting")
    plain = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", terminal.getvalue())
    last = plain[plain.rindex("Binning") :]
    assert re.match(r"Binning \S{20,} 3/3 .*\sFitting \S{4,} *\S* 1/5 ", last, re.DOTALL), last
    with Console(quiet=True).progress() as watch:
        watch.step(1, 3, "Hidden")
    assert "Hidden" not in terminal.getvalue()


def test_build_prints_a_row_for_each_sky_frame(run: Run, night: Night, tmp_path: Path) -> None:
    status, out, err = run("build", *night.paths, "-o", tmp_path)
    assert status == 0
    heads = ["detector", "filter", "exposures", "bins", "level", "clipped", "filled", "file"]
    assert out[0].split() == heads
    assert [row.split()[:5] for row in out[1:]] == [
        ["1", "r", "5", "8", "x"],
        ["2", "r", "5", "8", "x"],
    ]
    for row, name in zip(out[1:], ("sky-1.fits", "sky-2.fits"), strict=True):
        _, _, _, _, _, rows, level, clipped, filled, path = row.split()
        assert rows == "6"
        assert 500 < float(level) < 2000
        assert (int(clipped) >= 0, filled) == (True, "0")
        assert path == str(tmp_path / name)
    assert not any("Fewer than four" in line for line in err)


def test_build_tells_where_too_few_exposures_can_be_clipped(
    run: Run, night: Night, tmp_path: Path
) -> None:
    seven = [path for path in night.paths if not path.endswith(("v1001-d2.fits", "v1002-d2.fits"))]
    _, _, err = run("build", *seven, "-o", tmp_path)
    note = "Note: Fewer than four exposures of a detector cannot clip anything at 3 sigma."
    assert err.count(note) == 1


def test_subtract_prints_the_fit_of_the_visit_and_then_its_files(
    run: Run, night: Night, sky: Path, tmp_path: Path
) -> None:
    frames = ["--sky", sky / "sky-1.fits", "--sky", sky / "sky-2.fits"]
    status, out, _ = run("subtract", *night.science, *frames, "-o", tmp_path)
    assert status == 0
    assert out[0].split() == [
        "visit",
        "filter",
        "detectors",
        "scale",
        "used",
        "rejected",
        "samples",
    ]
    visit, band, detectors, scale, plus_minus, error, used, rejected, samples = out[1].split()
    assert (visit, band, detectors, plus_minus, samples) == ("2001", "r", "2", "±", "32")
    assert abs(float(scale) - night.truth) < 5 * float(error)
    assert 0 < float(error) < 0.01 * float(scale)
    assert int(used) + int(rejected) == 32
    names = ["science-d1-sub.fits", "science-d2-sub.fits", "2001-samples.ecsv"]
    assert out[2:] == [str(tmp_path / name) for name in names]


def test_only_a_single_visit_has_its_numbers_at_the_top_of_the_object(
    run: Run, night: Night, sky: Path, tmp_path: Path
) -> None:
    frame = ["--sky", sky / "sky-1.fits", "--json", "--quiet"]
    two = [night.science[0], night.paths[0]]
    _, (line,), _ = run("subtract", two[0], *frame, "-o", tmp_path / "one")
    assert json.loads(line)["scale"] == json.loads(line)["visits"][0]["scale"]
    _, (line,), _ = run("subtract", *two, *frame, "-o", tmp_path / "two")
    assert len(json.loads(line)["visits"]) == 2
    assert "scale" not in json.loads(line)


def test_of_a_visit_whose_table_cannot_be_written_there_is_nothing(
    run: Run, night: Night, sky: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> str:
        raise SkyFrameError("the disk is full")

    monkeypatch.setattr(subtract, "write_visit_samples", refuse)
    words = ["subtract", night.science[0], "--sky", sky / "sky-1.fits", "-o", tmp_path]
    status, out, err = run(*words)
    assert (status, err[-1]) == (1, "visit 2001: the disk is full")
    assert not any(line.endswith(".fits") for line in out)
    assert list(tmp_path.iterdir()) == []


def test_info_indents_what_belongs_to_a_file_and_says_why_another_is_none(
    run: Run, night: Night, tmp_path: Path
) -> None:
    (tmp_path / "nothing.fits").touch()
    status, out, err = run("info", night.science[0], tmp_path / "nothing.fits")
    assert status == 1
    assert out[0].startswith(night.science[0])
    assert out[1].startswith("  detector 1, visit 2001")
    (line,) = err
    assert line.startswith(str(tmp_path / "nothing.fits"))
    assert "is empty" in line


def test_the_demonstration_replaces_its_own_folder_and_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[Path, bool]] = []

    def stop(folder: Path, seed: int, overwrite: bool, watch: object) -> None:
        asked.append((folder, overwrite))
        raise SkyFrameError("enough")

    monkeypatch.setattr(demo, "run_demo", stop)
    for output, overwrite in ((None, False), (Path("mine"), False), (Path("mine"), True)):
        with pytest.raises(SkyFrameError, match="enough"):
            cli_window.demo(output, overwrite=overwrite)
    assert asked == [(Path("demo-output"), True), (Path("mine"), False), (Path("mine"), True)]


def test_the_demonstration_tells_the_truth_beside_what_was_measured() -> None:
    samples = [Samples(np.array([20.0, 22, 18]), np.array([2.0, 2, 2]))]
    solution = solve_scales(samples, SkyMeasurementConfig())
    result = demo.DemoResult(
        truth=10.0, solution=solution, before=0.5, after=0.25, noise=0.125, outputs=()
    )
    words = dict(zip(("scale", "pull", "used", "before", "after"), result.rows(), strict=True))
    assert words["scale"] == ["scale", "10.000000", with_error(solution.scale, solution.error)]
    assert words["pull"] == ["pull [sigma]", "0", "+0.00"]
    assert words["used"] == ["samples used", "3", "3"]
    assert words["before"] == ["bin rms before [electrons]", "", "0.500"]
    assert words["after"] == ["bin rms after [electrons]", "0.125", "0.250"]


def test_files_behind_two_dashes_are_files_whatever_they_are_called() -> None:
    assert cli_window.files_to_open(["--", "build", "-x"], ["build"]) == ["build", "-x"]
    assert cli_window.files_to_open(["build", "x"], ["build"]) == []


def test_help_offers_the_program_and_nothing_of_its_library(run: Run) -> None:
    _, out, _ = run("--help")
    words = " ".join(out)
    assert "--install-completion" not in words
    assert "--version" in words
