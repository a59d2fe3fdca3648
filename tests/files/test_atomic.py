"""A file appears whole or not at all, whatever happens while it is written."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import threading
from typing import TYPE_CHECKING

import pytest

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.progress import Cancelled
from skyframe_gui.files import atomic
from skyframe_gui.files.atomic import atomic_write, ensure_folder, write_bytes, write_text
from skyframe_gui.files.transaction import Transaction

if TYPE_CHECKING:
    from pathlib import Path


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def failing(code: int):
    def fail(*args: object, **kwargs: object) -> None:
        raise OSError(code, os.strerror(code))

    return fail


def test_text_and_bytes_arrive_unchanged(tmp_path: Path) -> None:
    write_text(tmp_path / "a.txt", "µ\r\nb\n")
    write_bytes(tmp_path / "b.bin", b"\0\r\n\xff")
    assert (tmp_path / "a.txt").read_bytes() == "µ\r\nb\n".encode()
    assert (tmp_path / "b.bin").read_bytes() == b"\0\r\n\xff"
    assert names(tmp_path) == ["a.txt", "b.bin"]


def test_nothing_has_the_name_before_the_end(tmp_path: Path) -> None:
    target = tmp_path / "x.fits"
    with atomic_write(target) as file:
        file.write(b"half")
        file.flush()
        assert not target.exists()
        (temporary,) = names(tmp_path)
        assert temporary.startswith(".")
    assert target.read_bytes() == b"half"


def test_an_existing_file_is_left_alone_and_the_sentence_says_what_to_do(tmp_path: Path) -> None:
    target = tmp_path / "x.txt"
    target.write_text("old")
    with pytest.raises(SkyFrameError, match=r"x\.txt exists already.*--overwrite"):
        write_text(target, "new")
    assert target.read_text() == "old"
    write_text(target, "new", overwrite=True)
    assert target.read_text() == "new"
    assert names(tmp_path) == ["x.txt"]


@pytest.mark.parametrize("links", [True, False])
def test_a_file_that_turns_up_meanwhile_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    if not links:
        monkeypatch.setattr(os, "link", failing(errno.EOPNOTSUPP))
    target = tmp_path / "x.txt"

    def write_slowly() -> None:
        with atomic_write(target) as file:
            file.write(b"mine")
            target.write_text("theirs")

    with pytest.raises(SkyFrameError, match="exists already"):
        write_slowly()
    assert target.read_text() == "theirs"
    assert names(tmp_path) == ["x.txt"]


def test_of_many_writers_without_overwrite_exactly_one_wins(tmp_path: Path) -> None:
    target = tmp_path / "x.txt"
    ready = threading.Barrier(8)
    won: list[int] = []
    lost: list[str] = []

    def run(number: int) -> None:
        try:
            with atomic_write(target) as file:
                file.write(str(number).encode())
                ready.wait()
            won.append(number)
        except SkyFrameError as error:
            lost.append(str(error))

    threads = [threading.Thread(target=run, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert len(lost) == 7
    assert target.read_text() == str(won[0])
    assert names(tmp_path) == ["x.txt"]


def test_a_file_system_without_hard_links_works_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", failing(errno.EPERM))
    write_text(tmp_path / "x.txt", "new")
    assert (tmp_path / "x.txt").read_text() == "new"
    assert names(tmp_path) == ["x.txt"]


def test_a_failed_rename_without_hard_links_leaves_no_empty_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", failing(errno.EPERM))
    monkeypatch.setattr(os, "replace", failing(errno.EIO))
    with pytest.raises(SkyFrameError, match=r"x\.txt cannot be written"):
        write_text(tmp_path / "x.txt", "new")
    assert names(tmp_path) == []


@pytest.mark.parametrize("closed_first", [True, False])
@pytest.mark.parametrize("overwrite", [True, False])
def test_where_no_open_file_can_be_renamed_it_is_closed_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, closed_first: bool, overwrite: bool
) -> None:
    closed: list[bool] = []

    def note(*_: object) -> None:
        closed.append(file.closed)
        give_name(*_)

    give_name = atomic.give_name
    monkeypatch.setattr(atomic, "_CLOSED_FIRST", closed_first)
    monkeypatch.setattr(atomic, "give_name", note)
    with atomic_write(tmp_path / "x.txt", overwrite=overwrite) as file:
        file.write(b"new")
    assert closed == [closed_first]
    assert (tmp_path / "x.txt").read_text() == "new"
    assert names(tmp_path) == ["x.txt"]


@pytest.mark.parametrize("overwrite", [True, False])
@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOSPC, "the disk is full; free some space"),
        (errno.EDQUOT, "the disk is full"),
        (errno.EIO, "input/output error"),
    ],
)
@pytest.mark.parametrize("where", ["fsync", "name"])
def test_a_full_or_broken_disk_gives_a_sentence_and_keeps_the_old_file(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    overwrite: bool,
    code: int,
    words: str,
    where: str,
) -> None:
    target = tmp_path / "x.txt"
    if overwrite:
        target.write_text("old")
    before = names(tmp_path)
    call = "fsync" if where == "fsync" else "replace" if overwrite else "link"
    monkeypatch.setattr(os, call, failing(code))
    with pytest.raises(SkyFrameError, match=words) as caught:
        write_text(target, "new", overwrite=overwrite)
    assert str(target) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert names(tmp_path) == before
    if overwrite:
        assert target.read_text() == "old"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_a_really_full_disk_is_noticed_when_the_bytes_are_pushed_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_open = os.open

    def open_full(path: object, flags: int, mode: int = 0o777) -> int:
        if str(path).endswith(".part"):
            os.close(real_open(path, flags, mode))
            return real_open("/dev/full", os.O_WRONLY)
        return real_open(path, flags, mode)

    monkeypatch.setattr(os, "open", open_full)
    with pytest.raises(SkyFrameError, match="the disk is full"):
        write_bytes(tmp_path / "x.bin", b"\0" * 100_000)
    assert names(tmp_path) == []


@pytest.mark.parametrize("stop", [KeyboardInterrupt, Cancelled, SkyFrameError, RuntimeError])
@pytest.mark.parametrize("old", [True, False])
def test_stopping_in_the_middle_leaves_the_folder_as_it_was(
    tmp_path: Path, stop: type[BaseException], old: bool
) -> None:
    target = tmp_path / "x.txt"
    if old:
        target.write_text("old")
    before = names(tmp_path)

    def write_half() -> None:
        with atomic_write(target, overwrite=True) as file:
            file.write(b"half")
            raise stop

    with pytest.raises(stop):
        write_half()
    assert names(tmp_path) == before
    if old:
        assert target.read_text() == "old"


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS])
def test_a_read_only_folder_gives_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    monkeypatch.setattr(os, "open", failing(code))
    with pytest.raises(SkyFrameError, match="the folder may not be written to; choose another"):
        write_text(tmp_path / "x.txt", "new")


def test_a_missing_folder_gives_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SkyFrameError, match=r"the folder .*missing is not there; make it first"):
        write_text(tmp_path / "missing" / "x.txt", "new")


def test_a_folder_that_is_a_file_gives_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("old")
    with pytest.raises(SkyFrameError, match="plain is not a folder"):
        write_text(tmp_path / "plain" / "x.txt", "new")


def test_a_folder_that_vanishes_meanwhile_gives_a_sentence(tmp_path: Path) -> None:
    folder = tmp_path / "night"
    folder.mkdir()

    def write_half() -> None:
        with atomic_write(folder / "x") as file:
            file.write(b"half")
            shutil.rmtree(folder)

    with pytest.raises(SkyFrameError, match="is not there"):
        write_half()
    assert names(tmp_path) == []


def test_folders_and_devices_are_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(SkyFrameError, match="it is a folder"):
        write_text(tmp_path / "folder", "new", overwrite=True)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SkyFrameError, match="not an ordinary file"):
        write_text(tmp_path / "pipe", "new", overwrite=True)
    assert names(tmp_path) == ["folder", "pipe"]


@pytest.mark.parametrize("name", ["n" * 300, "nul\0nul"])
def test_impossible_names_give_a_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(SkyFrameError, match="cannot be written"):
        write_text(tmp_path / name, "new")
    assert names(tmp_path) == []


def test_the_longest_allowed_name_works(tmp_path: Path) -> None:
    write_text(tmp_path / ("n" * 255), "new")
    assert names(tmp_path) == ["n" * 255]


def test_a_link_is_followed_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to("real.txt")
    write_text(tmp_path / "link.txt", "new", overwrite=True)
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text() == "new"


def test_others_may_read_the_file_as_the_umask_says(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        write_text(tmp_path / "x.txt", "new")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "x.txt").stat().st_mode) == 0o640


def test_the_bytes_are_on_the_disk_before_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    for name in ("fsync", "link"):
        real = getattr(os, name)
        monkeypatch.setattr(
            atomic.os, name, lambda *a, _real=real, _name=name: (calls.append(_name), _real(*a))
        )
    write_text(tmp_path / "x.txt", "new")
    assert calls[:2] == ["fsync", "link"]


@pytest.mark.parametrize("refuses", ["lock", "is_here"])
def test_a_hidden_file_that_another_run_has_taken_is_let_go_for_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refuses: str
) -> None:
    asked: list[int] = []

    def refuse(descriptor: int) -> bool:
        asked.append(descriptor)
        return len(asked) > 3

    monkeypatch.setattr(atomic, refuses, refuse)
    path, descriptor = atomic.hidden_file(tmp_path, "part")
    try:
        assert len(asked) == 4
        assert set(asked) == {descriptor}, "the files of the refused names were left open"
        assert atomic.TEMPORARY.fullmatch(path.name)
        assert path.name in names(tmp_path)
    finally:
        os.close(descriptor)


def test_folders_are_made_and_kept(tmp_path: Path) -> None:
    assert ensure_folder(tmp_path / "a" / "b").is_dir()
    assert ensure_folder(tmp_path / "a" / "b") == tmp_path / "a" / "b"


def test_a_folder_that_cannot_be_made_gives_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "plain").write_text("old")
    with pytest.raises(SkyFrameError, match="a file of that name is in the way"):
        ensure_folder(tmp_path / "plain")
    with pytest.raises(SkyFrameError, match="a file of that name is in the way"):
        ensure_folder(tmp_path / "plain" / "below")
    with pytest.raises(SkyFrameError, match="cannot be made"):
        ensure_folder(tmp_path / "nul\0nul")
    monkeypatch.setattr(os, "mkdir", failing(errno.ENOSPC))
    with pytest.raises(SkyFrameError, match="the disk is full; choose another folder"):
        ensure_folder(tmp_path / "new")


def appear(folder: Path, stems: str, overwrite: bool) -> None:
    with Transaction(folder, overwrite) as transaction:
        for stem in stems:
            (transaction.stage / f"{stem}.txt").write_text("new")
        transaction.commit()


@pytest.mark.parametrize("overwrite", [False, True])
def test_in_a_transaction_a_folder_that_has_a_name_is_left_with_all_that_is_in_it(
    tmp_path: Path, overwrite: bool
) -> None:
    (tmp_path / "b.txt").mkdir()
    (tmp_path / "b.txt" / "mine").write_text("mine")
    with pytest.raises(SkyFrameError, match="it is a folder; choose another"):
        appear(tmp_path, "abc", overwrite)
    assert names(tmp_path) == ["b.txt"]
    assert (tmp_path / "b.txt" / "mine").read_text() == "mine"


def test_in_a_transaction_what_had_the_names_comes_back_when_one_cannot_be_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.txt", "b.txt", "c.txt"):
        (tmp_path / name).write_text(f"old {name}")
    true_replace = os.replace

    def fail_at_c(source: Path, target: Path) -> None:
        if target.name == "c.txt" and target.parent == tmp_path and ".old" not in str(source):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        true_replace(source, target)

    monkeypatch.setattr(os, "replace", fail_at_c)
    with pytest.raises(SkyFrameError, match=r"c\.txt cannot be written: input/output error"):
        appear(tmp_path, "abcd", overwrite=True)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        name: f"old {name}" for name in ("a.txt", "b.txt", "c.txt")
    }


def test_in_a_transaction_all_files_have_their_names_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("old")
    with Transaction(tmp_path, overwrite=True) as transaction:
        (transaction.stage / "a.txt").write_text("new a")
        (transaction.stage / "b.txt").write_text("new b")
        assert (tmp_path / "a.txt").read_text() == "old"
        assert transaction.commit() == [str(tmp_path / name) for name in ("a.txt", "b.txt")]
    assert names(tmp_path) == ["a.txt", "b.txt"]
    assert (tmp_path / "a.txt").read_text() == "new a"
