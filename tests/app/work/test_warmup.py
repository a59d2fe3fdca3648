"""The engine is prepared once, aside, and whatever goes wrong with that harms nothing."""

from __future__ import annotations

import importlib
import os
import pkgutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from skyframe_gui.app.commands import Commands
from skyframe_gui.app.model.queries import engine_is_prepared
from skyframe_gui.app.model.store import Store
from skyframe_gui.app.program import Program
from skyframe_gui.app.project.preferences import HOME
from skyframe_gui.app.work import warmup
from skyframe_gui.app.work.warmup import WarmUp, mark
from skyframe_gui.engine import kernel_cache

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nights import Night
    from pytestqt.qtbot import QtBot


@pytest.fixture
def commands(qapp: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Commands]:
    monkeypatch.setenv(HOME, str(tmp_path))
    made = Commands(Program(Store()))
    yield made
    assert made.program.close()


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands in for the folder of compiled kernels: nothing is compiled yet."""
    folder = tmp_path / "kept" / "kernels"
    folder.mkdir(parents=True)
    monkeypatch.setattr(kernel_cache, "folder", lambda: folder)
    return folder


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands in for Python, as compiling takes long."""
    path = tmp_path / "python"
    monkeypatch.setattr(sys, "executable", str(path))
    return path


def marked() -> Path:
    where = mark()
    assert where is not None
    return where


def say(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def warm_up_of(commands: Commands) -> WarmUp:
    return WarmUp(commands.store, commands.program.live, commands.program.tasks)


posix = pytest.mark.skipif(sys.platform == "win32", reason="stands in by a shell script")


@posix
def test_at_the_first_start_jobs_wait_for_the_other_process(
    qtbot: QtBot, commands: Commands, program: Path, tmp_path: Path
) -> None:
    say(program, f"while ! test -e {tmp_path}/go; do sleep 0.05; done; touch {marked()}")
    warm_up = warm_up_of(commands)
    warm_up.start()
    assert any("only at the first start" in line for line in commands.store.state.log)
    qtbot.waitUntil(lambda: len(commands.store.state.jobs) == 4)  # itself, and the lanes
    assert engine_is_prepared(commands.store.state), "nobody would know what is waited for"
    done: list[str] = []
    for lane in (
        commands.program.live.preview,
        commands.program.live.full,
        commands.program.tasks.lane,
    ):
        lane.submit("look", lambda watch: watch.step(0, 1), lambda _, n=lane.name: done.append(n))
    qtbot.wait(150)
    assert done == []
    assert warm_up.busy
    assert kernel_cache.preparing.is_set(), "reading a file would compile what it needs"
    (tmp_path / "go").touch()
    qtbot.waitUntil(lambda: len(done) == 3)
    assert not warm_up.busy
    assert not kernel_cache.preparing.is_set()
    assert not engine_is_prepared(commands.store.state)
    assert not any("could not" in line for line in commands.store.state.log)
    warm_up.close()


@posix
@pytest.mark.parametrize("script", ["echo no room >&2; exit 1", "kill -9 $$", None])
def test_a_failure_is_a_line_in_the_log_and_work_goes_on(
    qtbot: QtBot, commands: Commands, program: Path, script: str | None
) -> None:
    if script is not None:
        say(program, script)
    warm_up = warm_up_of(commands)
    warm_up.start()
    qtbot.waitUntil(lambda: not warm_up.busy)
    assert not engine_is_prepared(commands.store.state)
    (line,) = [line for line in commands.store.state.log if "could not be prepared" in line]
    if script is not None and "room" in script:
        assert "no room" in line
    done: list[int] = []
    commands.program.live.preview.submit("look", lambda watch: 1, done.append)
    qtbot.waitUntil(lambda: done == [1])
    warm_up.close()


@posix
def test_closing_ends_the_other_process_and_does_not_hang(
    qtbot: QtBot, commands: Commands, program: Path, tmp_path: Path
) -> None:
    say(program, f"echo $$ > {tmp_path}/pid; exec sleep 60")
    warm_up = warm_up_of(commands)
    warm_up.start()
    qtbot.waitUntil(lambda: (tmp_path / "pid").exists() and bool((tmp_path / "pid").read_text()))
    pid = (tmp_path / "pid").read_text().strip()
    warm_up.close()
    assert not Path(f"/proc/{pid}").exists()
    assert not kernel_cache.preparing.is_set()
    assert commands.program.close()


def test_when_all_is_compiled_no_process_is_started(
    qtbot: QtBot, commands: Commands, program: Path
) -> None:
    marked().touch()
    warm_up = warm_up_of(commands)
    warm_up.start()
    assert not warm_up.busy
    assert commands.store.state.log == ()
    warm_up.close()


def test_where_nothing_can_be_kept_no_process_compiles_in_vain(
    qtbot: QtBot, commands: Commands, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel_cache, "folder", lambda: None)
    warm_up = warm_up_of(commands)
    warm_up.start()
    assert not warm_up.busy
    assert commands.store.state.log == ()
    warm_up.close()


@posix
def test_the_other_process_compiles_into_the_folder_of_this_one(
    qtbot: QtBot, commands: Commands, program: Path, tmp_path: Path, kept: Path
) -> None:
    say(program, f'echo "$NUMBA_CACHE_DIR" > {tmp_path}/there')
    warm_up = warm_up_of(commands)
    warm_up.start()
    qtbot.waitUntil(lambda: not warm_up.busy)
    assert (tmp_path / "there").read_text().strip() == str(kept.parent)
    warm_up.close()


def test_the_mark_is_of_this_very_program(
    tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernels = tmp_path / "kernels"
    kernels.mkdir()
    (kernels / "a.py").write_text("1")
    monkeypatch.setattr(kernel_cache, "KERNELS", kernels)
    first = mark()
    assert mark() == first
    assert first is not None
    assert first.parent == kept, "it would outlive what it speaks of"
    os.utime(kernels / "a.py", (1.0, 1.0))
    second = mark()
    assert second != first
    monkeypatch.setattr(warmup, "version", lambda name: "99")
    assert mark() != second


def signatures() -> dict[str, int]:
    from numba.core.dispatcher import Dispatcher

    from skyframe_gui.engine import kernels

    found = {}
    for module in pkgutil.iter_modules(kernels.__path__, kernels.__name__ + "."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, Dispatcher):
                found[name] = len(value.signatures)
    return found


COUNT = """
import sys
sys.path[:0] = {paths}
from test_warmup import signatures
from skyframe_gui.app.model.requests import request_of
from skyframe_gui.app.work.cache import Memory
from skyframe_gui.app.work.fit_visit import fit_visit
from skyframe_gui.app.work.scan import open_one
from skyframe_gui.app.work.shown_stages import shown_of
from skyframe_gui.app.work.stages import Stages
from skyframe_gui.app.model.view import Selection
from skyframe_gui.app.model.items import SkyFrameItem
from skyframe_gui.app.model.state import State
from skyframe_gui.app.work.tasks import build
from skyframe_gui.app.work.warmup import compile_all
from skyframe_gui.engine import Watch
from skyframe_gui.files import read_exposures
compile_all()
before = signatures()
stages, watch = Stages(Memory()), Watch()
exposures = tuple(item for path in {files} for item in open_one(path))
state = State(exposures=exposures, selection=Selection(exposure=exposures[0].key))
built = build(stages, exposures, state.config, state.options, watch)
frames = tuple(
    SkyFrameItem(
        key=one.detector, name="", detector=one.detector, sky_frame=one.sky_frame, built=one
    )
    for one in built.sky_frames
)
request = request_of(State(exposures=exposures, sky_frames=frames, selection=state.selection))
shown_of(stages, request, watch)
for path in {packed}:
    read_exposures(path)
fit_visit(stages, request, range(len(request.members)), watch)
more = {name for name, n in signatures().items() if n != before.get(name, 0)}
assert before and not more, more
"""


def test_after_it_nothing_is_left_to_compile_for_the_first_exposure(
    night: Night, tmp_path: Path
) -> None:
    here = Path(__file__).parent
    packed = []
    for dtype in ("i2", "i4", "f4", "f8"):
        image = np.random.default_rng(1).normal(1000, 30, (20, 30)).astype(dtype)
        packed.append(str(tmp_path / f"{dtype}.fits"))
        fits.CompImageHDU(image, compression_type="RICE_1").writeto(packed[-1])
    code = COUNT.replace("{paths}", repr([str(here), str(here.parents[1])]))
    code = code.replace("{files}", repr(night.paths[:4])).replace("{packed}", repr(packed))
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_other_process_leaves_the_mark(monkeypatch: pytest.MonkeyPatch, kept: Path) -> None:
    monkeypatch.setattr(warmup, "compile_all", lambda: None)
    asked: list[int] = []
    monkeypatch.setattr(warmup.os, "nice", asked.append, raising=False)
    old = kept / "old.ready"
    old.touch()
    warmup.main()
    assert marked().exists()
    assert not old.exists()
    assert asked == [10], "whoever works meanwhile comes first"
