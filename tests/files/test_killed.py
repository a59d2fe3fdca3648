"""What a process that is killed while it writes has left, and what the next one makes of it."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from killer import at_every_step, killed

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.files.atomic import write_text
from skyframe_gui.files.recovery import recover
from skyframe_gui.files.transaction import Transaction

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are copied here")

NAMES = ("a.fits", "b.fits", "c-\udcff.fits")
HIDDEN = ".skyframe-0123456789abcdef"


def write_all(folder: Path, overwrite: bool) -> None:
    with Transaction(folder, overwrite) as transaction:
        for name in NAMES:
            write_text(transaction.stage / name, f"new {name[0]}")
        transaction.commit()


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(folder.iterdir())}


def no_links(monkeypatch: pytest.MonkeyPatch) -> None:
    def link(*args: object, **kwargs: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", link)


NEW = {name: f"new {name[0]}" for name in NAMES}
OLD_ONES = {
    "none": {},
    "all": {name: f"old {name[0]}" for name in NAMES},
    "some": {"b.fits": "old b", "z.fits": "another's"},
}


@pytest.mark.parametrize("links", [True, False], ids=["hard links", "without"])
@pytest.mark.parametrize("there", ["none", "all", "some"])
def test_a_run_killed_at_any_step_has_written_all_files_or_none_for_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: str, links: bool
) -> None:
    if not links:
        no_links(monkeypatch)
    old = OLD_ONES[there]
    folder = tmp_path / "night"
    ends: list[bool] = []

    def prepare() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for name, text in old.items():
            (folder / name).write_text(text)

    for at in at_every_step(lambda: write_all(folder, there != "none"), prepare):
        stopped = sorted(path.name for path in folder.iterdir() if path.name[0] == ".")
        notes = recover(folder)
        found = contents(folder)
        assert found in (old, {**old, **NEW}), at
        if found == {**old, **NEW} and notes:
            assert notes[0].endswith("its 3 files were completed.")
        elif stopped:
            assert any("not complete" in note for note in notes) or found != old
        assert recover(folder) == ()
        ends.append(found == old)
    # Once it has begun to appear it is never taken back.
    assert ends == sorted(ends, reverse=True)
    assert set(ends) == {True, False}
    assert contents(folder) == {**old, **NEW}


@pytest.mark.parametrize("there", ["none", "all", "some"])
def test_what_finishes_a_killed_run_may_be_killed_at_any_step_too(
    tmp_path: Path, there: str
) -> None:
    old = OLD_ONES[there]
    left, folder = tmp_path / "left", tmp_path / "night"

    def prepare() -> None:
        shutil.rmtree(left, ignore_errors=True)
        left.mkdir()
        for name, text in old.items():
            (left / name).write_text(text)

    def copied() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(left, folder, copy_function=os.link)

    n_kills = 0
    for _ in at_every_step(lambda: write_all(left, there != "none"), prepare, ("replace", "link")):
        for again in at_every_step(lambda: recover(folder), copied):
            recover(folder)
            assert contents(folder) in (old, {**old, **NEW}), again
            n_kills += 1
    assert n_kills > 10


def test_a_single_file_killed_at_any_step_is_old_or_new_and_nothing_else_remains(
    tmp_path: Path,
) -> None:
    path = tmp_path / "x.txt"

    def prepare() -> None:
        path.write_text("old")

    def work() -> None:
        write_text(path, "new", overwrite=True)

    for _ in at_every_step(work, prepare):
        hidden = [one for one in tmp_path.iterdir() if one != path]
        assert bool(recover(tmp_path)) is bool(hidden)
        assert contents(tmp_path) in ({"x.txt": "old"}, {"x.txt": "new"})


def test_what_a_living_run_writes_is_left_alone(tmp_path: Path) -> None:
    tidy = f"from skyframe_gui.files.recovery import recover; print(recover({str(tmp_path)!r}))"
    with Transaction(tmp_path) as transaction:
        write_text(transaction.stage / "a.fits", "new")
        assert recover(tmp_path) == ()
        done = subprocess.run([sys.executable, "-c", tidy], capture_output=True, text=True)
        assert done.stdout == "()\n", done.stderr
        transaction.commit()
    assert contents(tmp_path) == {"a.fits": "new"}


def leave(folder: Path, overwrite: bool = True, at: int = 1) -> None:
    """Have a run killed when it is about to give the first of its names."""
    calls = ("replace",) if overwrite else ("link",)
    # Each file has a temporary name in the hidden folder, too.
    n_before = 0 if overwrite else len(NAMES)
    assert killed(lambda: write_all(folder, overwrite), n_before + at, calls)


def test_a_file_changed_since_is_kept_and_the_others_are_taken_back(tmp_path: Path) -> None:
    for name in NAMES:
        (tmp_path / name).write_text(f"old {name[0]}")
    leave(tmp_path, at=3)  # two have their names
    assert (tmp_path / "a.fits").read_text() == "new a"
    (tmp_path / NAMES[2]).write_text("by hand")
    (note,) = recover(tmp_path)
    assert "removed again" in note
    assert contents(tmp_path) == {"a.fits": "old a", "b.fits": "old b", NAMES[2]: "by hand"}


def test_a_run_killed_while_it_tidies_up_takes_nothing_back(tmp_path: Path) -> None:
    last = 2 * len(NAMES) + 1  # each file was renamed twice, and nothing is renamed after that
    assert not killed(lambda: write_all(tmp_path, False), last, ("link",))
    for name in NAMES:
        (tmp_path / name).unlink()
    # What `write_all` unlinks: three temporary names, then what is in the hidden folder.
    assert killed(lambda: write_all(tmp_path, False), len(NAMES) + 2, ("unlink",))
    (tmp_path / "a.fits").write_text("by hand")
    assert recover(tmp_path) == ()
    assert contents(tmp_path) == {**NEW, "a.fits": "by hand"}


def test_a_disk_that_refuses_keeps_all_for_another_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave(tmp_path, overwrite=False, at=2)

    def refuse(*args: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", refuse)
        (note,) = recover(tmp_path)
        assert "Read-only file system" in note
        assert "next time" in note
    assert "completed" in recover(tmp_path)[0]
    assert contents(tmp_path) == NEW


def hidden(folder: Path, files: object, replace: object = True) -> Path:
    stage = folder / f"{HIDDEN}.part"
    stage.mkdir()
    writer = {"pid": 1, "host": "elsewhere"}
    lines = [writer, {"replace": replace, "files": files}]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (folder / f"{HIDDEN}.journal").write_text(text)
    return stage


@pytest.mark.parametrize(
    "name", ["../escaped", "/tmp/escaped", "sub/escaped", "..", ".", "", "x\0"]
)
def test_a_forged_journal_leads_nowhere(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "night"
    (folder / "sub").mkdir(parents=True)
    stage = hidden(folder, {name: [[1, 1], None]})
    (stage / "escaped").write_text("x")
    recover(folder)
    assert [path.name for path in tmp_path.rglob("*")] == ["night", "sub"]


def test_a_forged_journal_follows_no_links(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key").write_text("mine")
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
    stage = hidden(one, {"key": [[4, 1], None]})
    (stage / "key").symlink_to(secret / "key")
    stage = hidden(other, {"key": [[4, 1], None]})
    stage.rmdir()
    stage.symlink_to(secret)
    recover(one)
    recover(other)
    assert contents(one) == contents(other) == {}
    assert contents(secret) == {"key": "mine"}


@pytest.mark.parametrize(
    "text",
    ["", "{", "[" * 100_000, '{"pid": 1, "host": "x"}\n{"replace": true, "files": {"a"', "\0" * 99],
)
def test_a_journal_that_is_not_whole_has_changed_nothing_and_goes(
    tmp_path: Path, text: str
) -> None:
    stage = hidden(tmp_path, {})
    (stage / "a").write_text("half")
    (tmp_path / f"{HIDDEN}.journal").write_text(text)
    (tmp_path / "a").write_text("old")
    (note,) = recover(tmp_path)
    assert str(tmp_path) in note
    assert contents(tmp_path) == {"a": "old"}


def test_a_pipe_that_is_called_like_a_journal_holds_nobody_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / f"{HIDDEN}.journal")
    assert recover(tmp_path) == ()


@pytest.mark.parametrize(("host", "alive"), [("here", False), ("here", True), ("there", False)])
def test_without_locks_only_a_process_that_has_certainly_ended_is_tidied_up_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, alive: bool
) -> None:
    import fcntl
    import socket

    def flock(*args: object) -> None:
        raise OSError(errno.ENOSYS, "no locks")

    monkeypatch.setattr(fcntl, "flock", flock)
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    stage = hidden(tmp_path, {"a": [[1, 1], None]}, replace=False)
    (stage / "a").write_text("x")
    journal = tmp_path / f"{HIDDEN}.journal"
    writer = {
        "pid": os.getpid() if alive else ended.pid,
        "host": socket.gethostname() if host == "here" else "elsewhere",
    }
    journal.write_text(json.dumps(writer) + "\n" + journal.read_text().splitlines()[1] + "\n")
    recover(tmp_path)
    assert (tmp_path / "a").exists() is (host == "here" and not alive)
    with Transaction(tmp_path) as transaction:  # and writing goes on there
        (transaction.stage / "b").write_text("x")
        transaction.commit()
    assert (tmp_path / "b").exists()


def test_a_really_full_disk_leaves_what_was_there(small_disk: Path) -> None:
    (small_disk / "a.fits").write_bytes(b"o" * 1_000_000)

    def write_too_much() -> None:
        with Transaction(small_disk, overwrite=True) as transaction:
            for name in "abc":
                (transaction.stage / f"{name}.fits").write_bytes(b"n" * 1_000_000)
            write_text(transaction.stage / "d.fits", "n" * 4_000_000)
            transaction.commit()

    with pytest.raises(SkyFrameError, match="the disk is full"):
        write_too_much()
    assert {path.name: path.stat().st_size for path in small_disk.iterdir()} == {
        "a.fits": 1_000_000
    }
    with Transaction(small_disk, overwrite=True) as transaction:
        (transaction.stage / "a.fits").write_bytes(b"n" * 4_900_000)
        transaction.commit()
    assert (small_disk / "a.fits").read_bytes() == b"n" * 4_900_000
