"""What every test gets."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from hypothesis import HealthCheck, settings
from nights import Night, make_night

if "NUMBA_DISABLE_JIT" in os.environ:
    import uncompiled  # noqa: F401

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.store import Store

# The first call of a kernel compiles it, which no deadline can know of. The same examples in every
# run, so that a change fails for its own fault; --hypothesis-seed tries others.
settings.register_profile(
    "project",
    deadline=None,
    max_examples=60,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
# What `nox -s long` takes: many examples, other ones each time.
settings.register_profile(
    "long", settings.get_profile("project"), max_examples=1000, derandomize=False
)
settings.load_profile("project")

# A run in the background of a script, or of nohup, ignores what the programs are to be stopped by.
for _signal in {signal.SIGINT, getattr(signal, "SIGHUP", signal.SIGINT)}:
    if signal.getsignal(_signal) is signal.SIG_IGN:
        signal.signal(_signal, signal.SIG_DFL)

LANES = {
    "preview",
    "full",
    "map",
    "open",
    "survey",
    "follow",
    "night",
    "film",
    "files",
    "task",
    "stack",
    "stack bin",
    "compare",
    "sweep",
    "correction",
    "correction picture",
}


@pytest.fixture(scope="session")
def night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    return make_night(tmp_path_factory.mktemp("night"))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 6 MB, all of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if sys.platform != "linux":
        pytest.skip("small file systems are mounted on Linux only")
    command = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"mounting is not permitted: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture(autouse=True)
def _nothing_left_running() -> Iterator[None]:
    """No test may leave a lane's thread behind: closing the window would leave it, too."""
    yield
    left = [thread.name for thread in threading.enumerate() if thread.name in LANES]
    assert not left, f"threads were left running: {left}"


@pytest.fixture
def store(qapp: object) -> Store:
    from skyframe_gui.app.model.store import Store

    return Store()


@pytest.fixture
def commands(store: Store) -> Iterator[Commands]:
    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.program import Program

    made = Commands(Program(store))
    made.program.live.set_pause(20)
    yield made
    assert made.program.close(), "work went on after the end"


@pytest.fixture
def idle(qtbot: QtBot, commands: Commands) -> Callable[[], None]:
    """Wait until everything that was asked for is done and has been told."""

    def wait() -> None:
        qtbot.wait(10)  # what was just asked for has begun
        while commands.program.busy:  # one result may ask for the next
            qtbot.waitUntil(lambda: not commands.program.busy, timeout=60_000)
            qtbot.wait(10)

    return wait


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if terminalreporter.verbosity > 0:
        from golden import WORST

        for kind, worst in sorted(WORST.items()):
            terminalreporter.write_line(f"largest difference, {kind}: {worst:.3g}")
