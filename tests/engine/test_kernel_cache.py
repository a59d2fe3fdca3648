"""Compiled kernels are kept for exactly the code that they were made of, or not at all."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest

import skyframe_gui
from skyframe_gui.engine import kernel_cache
from skyframe_gui.engine.kernel_cache import KERNELS, PREFIX, USED, digest

PACKAGE = Path(skyframe_gui.__file__).parent

CALL = """
import sys, tempfile
here, temporary = sys.argv[1:]
if temporary:
    tempfile.tempdir = temporary
sys.path.insert(0, here)
from skyframe_gui.engine.kernels.caller import call
from skyframe_gui.engine import kernel_cache
assert str(kernel_cache.KERNELS).startswith(here), kernel_cache.KERNELS
print(call(3.0))
print(kernel_cache.folder())
print(sum(call.stats.cache_hits.values()))
"""
DROPPED = ("NUMBA_CACHE_DIR", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE")
CALLED = '''"""A kernel that another calls."""

from skyframe_gui.engine.kernels.compiled import jit


@jit
def called(x):
    return x + 1.0
'''
CALLER = '''"""A kernel that calls another."""

from skyframe_gui.engine.kernels.called import called
from skyframe_gui.engine.kernels.compiled import jit


@jit
def call(x):
    return 10.0 * called(x)
'''


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Return a folder with a copy of the package, to which two kernels are added."""
    home = tmp_path / "copied"
    shutil.copytree(
        PACKAGE, home / "skyframe_gui", ignore=shutil.ignore_patterns("__pycache__", "ui", "app")
    )
    kernels = home / "skyframe_gui" / "engine" / "kernels"
    (kernels / "called.py").write_text(CALLED)
    (kernels / "caller.py").write_text(CALLER)
    return home


@dataclass(frozen=True)
class Called:
    result: float
    folder: Path | None
    read: int


def call(copied: Path, temporary: str = "", **variables: str) -> Called:
    """Call the kernel in a process of its own."""
    known = {k: v for k, v in os.environ.items() if k not in DROPPED}
    done = subprocess.run(
        [sys.executable, "-c", CALL, str(copied), temporary],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=copied,
        env={**known, **variables},
    )
    assert done.returncode == 0, done.stderr
    result, folder, read = done.stdout.split("\n")[:3]
    return Called(float(result), None if folder == "None" else Path(folder), int(read))


def test_an_edit_of_a_called_kernel_counts_in_the_next_process(copied: Path) -> None:
    first = call(copied)
    assert first.result == 40.0
    again = call(copied)
    assert again.folder == first.folder
    assert (again.result, again.read) == (40.0, 1), "compiled anew at each start"
    called = copied / "skyframe_gui" / "engine" / "kernels" / "called.py"
    called.write_text(CALLED.replace("x + 1.0", "x + 2.0"))
    edited = call(copied)
    assert edited.result == 50.0, "the code of before the edit ran"
    assert edited.folder != first.folder


def closed(copied: Path) -> dict[str, str]:
    """Let nothing be written to the installation or at home; root may write whatever is 0555."""
    (copied / "skyframe_gui" / "engine" / "kernels" / "__pycache__").write_text("a file")
    nowhere = copied / "nowhere"
    nowhere.write_text("a file")
    names = ("HOME", "USERPROFILE", "LOCALAPPDATA", "XDG_CACHE_HOME", "NUMBA_CACHE_DIR")
    return {name: str(nowhere / "below") for name in names}


def test_where_nothing_is_writable_a_temporary_folder_serves_and_goes(copied: Path) -> None:
    temporary = copied.parent / "temporary"
    temporary.mkdir()
    found = call(copied, str(temporary), **closed(copied))
    assert found.result == 40.0
    assert found.folder is not None
    assert found.folder.is_relative_to(temporary)
    assert list(temporary.iterdir()) == [], "each start would leave a folder behind"


def test_a_temporary_folder_is_taken_away_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    last: list[tuple[Any, ...]] = []
    monkeypatch.setattr(atexit, "register", lambda *call, **how: last.append((*call, how)))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(kernel_cache, "_places", list)
    place = kernel_cache.folder.__wrapped__()
    assert place is not None
    assert place.is_dir()
    assert place.parent.parent == tmp_path
    assert place.parent.name.startswith("skyframe_gui-")
    ((remove, whole, how),) = last
    remove(whole, **how)
    assert list(tmp_path.iterdir()) == []


def test_without_even_a_temporary_folder_it_only_takes_longer(copied: Path) -> None:
    variables = closed(copied)
    found = call(copied, str(copied / "nowhere" / "below"), **variables)
    assert found == Called(40.0, None, 0)


def test_a_read_only_installation_keeps_its_kernels_at_home(copied: Path, tmp_path: Path) -> None:
    variables = closed(copied)
    for name in ("HOME", "USERPROFILE", "LOCALAPPDATA", "XDG_CACHE_HOME"):
        variables[name] = str(tmp_path / "home")
    first = call(copied, **variables)
    assert first.folder is not None
    assert first.folder.is_relative_to(tmp_path / "home")
    assert call(copied, **variables) == Called(40.0, first.folder, 1)


def test_where_python_writes_nothing_beside_the_code_no_kernels_are_kept_there(
    copied: Path, tmp_path: Path
) -> None:
    names = ("HOME", "USERPROFILE", "LOCALAPPDATA", "XDG_CACHE_HOME")
    variables = dict.fromkeys(names, str(tmp_path / "home"))
    found = call(copied, PYTHONDONTWRITEBYTECODE="1", **variables)
    assert found.folder is not None
    assert found.folder.is_relative_to(tmp_path / "home")
    assert [*copied.rglob("__pycache__")] == []


def test_a_folder_that_the_user_names_comes_first(copied: Path, tmp_path: Path) -> None:
    found = call(copied, NUMBA_CACHE_DIR=str(tmp_path / "named"))
    assert found.folder is not None
    assert found.folder.parent == tmp_path / "named"


def test_folders_of_old_kernels_go_when_nobody_has_used_them_for_a_week(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    now = time.time()
    for name, days in (("old", 8), ("in-use", 6), (digest(), 9)):
        (tmp_path / (PREFIX + name)).mkdir()
        used = tmp_path / (PREFIX + name) / USED
        used.touch()
        os.utime(used, (now - days * 86_400, now - days * 86_400))
    (tmp_path / "another-program").mkdir()
    chosen = kernel_cache.folder.__wrapped__()
    assert chosen == tmp_path / (PREFIX + digest())
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {PREFIX + "in-use", PREFIX + digest(), "another-program"}
    assert (chosen / USED).stat().st_mtime > now - 60, "in use, and none could tell"


def test_the_digest_is_of_every_file_and_its_name(tmp_path: Path) -> None:
    shutil.copytree(KERNELS, tmp_path / "k", ignore=shutil.ignore_patterns("__pycache__"))
    assert digest(tmp_path / "k") == digest()
    seen = {digest()}
    for path in sorted((tmp_path / "k").glob("*.py")):
        with path.open("a") as file:
            file.write("# edited\n")
        seen.add(digest(tmp_path / "k"))
    (tmp_path / "k" / "boxes.py").rename(tmp_path / "k" / "cells.py")
    seen.add(digest(tmp_path / "k"))
    assert len(seen) == 2 + len(list(KERNELS.glob("*.py")))


@pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT", "0") != "0", reason="nothing is compiled")
def test_kernels_that_lanes_import_at_one_moment_are_all_kept_in_their_folder() -> None:
    """One lane must not take the folder away from under the other."""
    from skyframe_gui.engine.kernels import compiled

    def kernel(x: float) -> float:
        return x

    where = kernel_cache.folder()
    assert where is not None
    found: list[str] = []

    def decorate() -> None:
        for _ in range(200):
            found.append(cast("Any", compiled.jit(kernel))._cache.cache_path)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=decorate) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert len(found) == 1200
    assert {path for path in found if not str(path).startswith(str(where))} == set()
