"""The command line stopped at any moment: a visit's files are all there or none is."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from killer import RENAMES, at_every_step
from typer.testing import CliRunner

from skyframe_gui.cli import app

if TYPE_CHECKING:
    from collections.abc import Callable

    from nights import Night

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are copied here")


def words_for(command: str, night: Night, sky: list[Path], folder: Path) -> list[str]:
    """Return a command that writes to a folder, over what is there already."""
    if command == "build":
        words = ["build", *night.paths]
    else:
        words = ["subtract", *night.science, "--background-list"]
        for path in sky:
            words += ["--sky", str(path)]
    return [*words, "-o", str(folder), "--overwrite", "--quiet"]


@pytest.fixture(scope="module")
def sky(night: Night, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("sky")
    done = CliRunner().invoke(app, words_for("build", night, [], folder))
    assert done.exit_code == 0
    return sorted(folder.glob("*.fits"))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("there", [False, True], ids=["new", "over"])
@pytest.mark.parametrize("command", ["build", "subtract"])
def test_killed_at_any_rename_the_next_run_tells_and_leaves_all_or_nothing(
    night: Night, sky: list[Path], tmp_path: Path, command: str, there: bool
) -> None:
    folder = tmp_path / "out"
    words = words_for(command, night, sky, folder)
    assert CliRunner().invoke(app, words).exit_code == 0
    new = contents(folder)
    old = dict.fromkeys(new, b"old") if there else {}
    states: list[str] = []

    def prepare() -> None:
        shutil.rmtree(folder)
        folder.mkdir()
        for name, data in old.items():
            (folder / name).write_bytes(data)

    def work() -> None:
        app(words, standalone_mode=False)

    for at in at_every_step(work, prepare, RENAMES):
        left = contents_of_all(folder)
        # The next run wants something else there: what it has to tell, and what is there then.
        done = CliRunner().invoke(app, [*words_for(command, night, sky, folder)[:-2], "--json"])
        told = [line for line in done.stderr.splitlines() if "earlier run" in line]
        assert len(told) == 1, (at, left)
        if old or "completed" in told[0]:
            assert done.exit_code == 1  # they exist
            found = contents(folder)
            assert found in (old, new) if old else found == new
            states.append("new" if found == new else "old")
        else:
            assert done.exit_code == 0
            states.append("none")
    assert len(states) >= 2 * len(new)
    assert len(set(states)) == 2


def contents_of_all(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_that_ends_it_leaves_no_half_file(
    tmp_path: Path, number: signal.Signals, status: int
) -> None:
    folder = tmp_path / "demo"
    command = [sys.executable, "-m", "skyframe_gui", "demo", "--no-window", "-o", str(folder)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert "Simulating" in process.stderr.readline()
    process.send_signal(number)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == status
    assert said.splitlines()[-1].startswith("Stopped")
    assert list(folder.rglob("*")) == [folder / "night"]


def test_who_started_it_with_nohup_has_it_go_on(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "skyframe_gui", "demo", "--no-window", "-o", str(tmp_path / "demo")],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )
    assert process.stderr is not None
    assert "Simulating" in process.stderr.readline()
    process.send_signal(signal.SIGHUP)
    process.communicate(timeout=120)
    assert process.returncode == 0
    assert (tmp_path / "demo" / "demo.png").exists()


def test_ctrl_c_while_files_get_their_names_comes_after_the_last(
    night: Night, sky: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    true_link, true_replace = os.link, os.replace

    def interrupted(real: Callable[..., None]) -> Callable[..., None]:
        def call(*args: object, **kwargs: object) -> None:
            real(*args, **kwargs)
            if Path(str(args[1])).parent == tmp_path:
                signal.raise_signal(signal.SIGINT)

        return call

    monkeypatch.setattr(os, "link", interrupted(true_link))
    monkeypatch.setattr(os, "replace", interrupted(true_replace))
    done = CliRunner().invoke(app, words_for("subtract", night, sky, tmp_path))
    assert done.exit_code == 130
    assert "Stopped" in done.stderr
    assert len(contents(tmp_path)) == 2 * len(night.science) + 1


def test_on_a_disk_that_fills_up_there_is_nothing_of_the_visit(
    night: Night, sky: list[Path], small_disk: Path
) -> None:
    filler = small_disk / "filler"
    out = small_disk / "out"
    words = words_for("subtract", night, sky, out)
    assert CliRunner().invoke(app, words).exit_code == 0
    size = sum(len(data) for data in contents(out).values())
    old = contents(out)
    shutil.rmtree(out)
    refused = 0
    for room in range(0, size + 300_000, size // 7):
        with filler.open("wb") as file:
            free = shutil.disk_usage(small_disk).free
            file.write(b"\0" * max(free - room, 0))
        done = CliRunner().invoke(app, words)
        if done.exit_code:
            refused += 1
            assert "the disk is full" in done.stderr
            assert list(out.iterdir()) == []
        else:
            assert sorted(contents(out)) == sorted(old)
            shutil.rmtree(out)
        filler.unlink()
    assert refused >= 5


def test_killed_while_it_writes_the_next_run_removes_what_is_there(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    command = [sys.executable, "-m", "skyframe_gui", "demo", "--no-window", "-o", str(folder)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert "Simulating" in process.stderr.readline()
    time.sleep(0.2)
    process.kill()
    process.communicate(timeout=60)
    assert list(folder.rglob(".*"))
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0
    assert f"An earlier run was stopped while it wrote to {folder / 'night'}" in done.stderr
    assert not list(folder.rglob(".*"))


def test_a_class_that_ctrl_c_has_kept_from_being_made_is_no_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from skyframe_gui import cli

    class App:
        registered_commands = ()
        cause: BaseException = KeyboardInterrupt()

        def __call__(self) -> None:
            raise RuntimeError("Error calling __set_name__") from self.cause

    app = App()
    monkeypatch.setattr(cli, "app", app)
    monkeypatch.setattr(sys, "argv", ["skyframe-gui", "--help"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 130
    app.cause = TypeError()
    with pytest.raises(RuntimeError):
        cli.main()
