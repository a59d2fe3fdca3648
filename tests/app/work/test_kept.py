"""What the window has measured is there at the next start: nothing of a night is read again."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from skyframe_gui.app.commands import Commands
from skyframe_gui.app.model.store import Store
from skyframe_gui.app.program import Program
from skyframe_gui.app.work.kept import Kept
from skyframe_gui.files import ExposureSource
from skyframe_gui.workflow.cache import MARK, Cache, Product, Shelf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nights import Night
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.model.state import State


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    counted: Counter[str] = Counter()
    real = ExposureSource.read

    def read(source: ExposureSource, *args: Any, **more: Any) -> Any:
        counted[source.path.name] += 1
        return real(source, *args, **more)

    monkeypatch.setattr(ExposureSource, "read", read)
    return counted


@pytest.fixture
def opened(qtbot: QtBot) -> Iterator[Callable[..., State]]:
    """Open files in a program of their own, look at the night, and close it."""
    programs: list[Program] = []

    def open_them(kept: Kept, *paths: object, workspaces: tuple[str, ...] = ("night",)) -> State:
        commands = Commands(Program(Store(), kept=kept))
        programs.append(commands.program)
        commands.program.live.set_pause(20)
        for name in workspaces[:1]:
            commands.show_workspace(name)
        commands.open([str(path) for path in paths])
        for name in (*workspaces, ""):
            qtbot.wait(10)
            while commands.program.busy:
                qtbot.waitUntil(lambda: not commands.program.busy, timeout=60_000)
                qtbot.wait(10)
            if name:
                commands.show_workspace(name)
        return commands.store.state

    yield open_them
    for program in programs:
        assert program.close()


@pytest.fixture
def folder(night: Night, tmp_path: Path) -> Path:
    """A night that a test may change, with its sky frames beside it."""
    from test_cli import run_json

    made = Path(shutil.copytree(night.folder, tmp_path / "night"))
    run_json("build", *night.paths, "-o", tmp_path / "sky")
    return made


def numbers_of(state: State) -> list[dict[str, Any]]:
    assert state.results.night is not None
    assert {row.progress for row in state.results.night.rows} == {"done"}
    return [row.numbers.as_dict() for row in state.results.night.rows]


def test_a_night_that_is_opened_again_is_not_read_but_for_what_is_shown(
    folder: Path, tmp_path: Path, reads: Counter[str], opened: Callable[..., State]
) -> None:
    paths = (folder, tmp_path / "sky")
    plain = opened(Kept(), *paths)
    first = opened(Kept(tmp_path / "kept"), *paths)
    reads.clear()
    again = opened(Kept(tmp_path / "kept"), *paths, workspaces=("night", "camera"))
    shown = again.results.shown
    assert shown is not None
    assert sum(reads.values()) == 1  # for the panes
    assert repr(numbers_of(again)) == repr(numbers_of(first)) == repr(numbers_of(plain))
    assert again.facts == first.facts == plain.facts
    assert again.results.camera is not None
    assert not again.results.camera.missing
    assert not any("kept" in line for line in again.log)


def test_a_file_that_has_changed_is_read(
    folder: Path, tmp_path: Path, reads: Counter[str], opened: Callable[..., State]
) -> None:
    paths = (folder, tmp_path / "sky")
    before = opened(Kept(tmp_path / "kept"), *paths)
    changed = sorted(folder.glob("v*.fits"))[4]
    os.utime(changed, ns=(1, 1))
    reads.clear()
    after = opened(Kept(tmp_path / "kept"), *paths)
    assert changed.name in reads
    assert len(reads) <= 2
    assert repr(numbers_of(before)) == repr(numbers_of(after))


@pytest.mark.parametrize("how", ["taken", "file", "damaged"])
def test_what_is_wrong_with_the_folder_is_a_line_in_the_log_and_nothing_fails(
    folder: Path, tmp_path: Path, opened: Callable[..., State], how: str
) -> None:
    kept, paths = tmp_path / "kept", (folder, tmp_path / "sky")
    words = {"taken": "holds other files", "file": "a file of that name", "damaged": "damaged"}
    if how == "taken":
        kept.mkdir()
        (kept / "letter.txt").write_text("Dear")
    elif how == "file":
        kept.write_text("x")
    else:
        opened(Kept(kept), *paths)
        for entry in kept.rglob("*.npz"):
            entry.write_bytes(entry.read_bytes()[:100])
    state = opened(Kept(kept), *paths)
    assert len(numbers_of(state)) == 6
    told = [line for line in state.log if words[how] in line]
    assert told
    assert len(told) == len(set(told))


def entries(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*.npz"))


def test_what_was_not_used_for_longest_goes_first(night: Night, tmp_path: Path) -> None:
    import numpy as np

    from skyframe_gui.files import scan

    cache = Cache.at(tmp_path / "kept")
    shelf = Shelf(cache, scan(night.paths[0])[0])
    product = Product({"a": np.random.default_rng(1).random(1000)}, ())
    for number in range(5):
        shelf.put("x", {"n": number}, product)
        for entry in cache.folder.rglob("*.npz"):
            os.utime(entry, (entry.stat().st_mtime - 7200,) * 2)
    assert shelf.get("x", {"n": 0}) is not None  # used just now
    size = max(path.stat().st_size for path in cache.folder.rglob("*.npz"))
    assert cache.sweep(5 * size + 100) == (0, 0)
    assert cache.sweep(4 * size).n_files == 2
    assert [shelf.get("x", {"n": n}) is not None for n in range(5)] == [
        True, False, False, True, True,
    ]  # fmt: skip
    kept = Kept(cache.folder, 3 * size - 1)
    assert kept.cache == cache
    kept.take_notes(())  # the first one looks
    assert len(entries(cache.folder)) == 2
    swept = kept.empty()
    assert (swept.n_files, entries(cache.folder)) == (2, [])
    assert swept.n_bytes > size
    assert (cache.folder / MARK).exists()


def test_nothing_is_kept_where_there_is_no_room_for_it(tmp_path: Path) -> None:
    assert Kept(tmp_path / "kept", 0).cache is None
    assert Kept(tmp_path / "kept", 0).empty() == (0, 0)
    assert not (tmp_path / "kept").exists()
