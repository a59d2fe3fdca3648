"""A night on a cluster: the same bits whoever is killed meanwhile, and nothing read twice."""

from __future__ import annotations

import gc
import io
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pytest
from astropy.io import fits
from blanked import blank
from clusters import Cluster
from nights import make_night
from test_cli import read_json, run, run_json, start

from skyframe_gui.simulate import Camera
from skyframe_gui.workflow import cluster as cluster_of
from skyframe_gui.workflow.jobs import WorkersError, run_all

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nights import Night

pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with Cluster(tmp_path_factory.mktemp("cluster")) as started:
        yield started


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Night:
    """A night that takes some seconds."""
    camera = Camera(n_detectors=2, width=1400, height=1200, seed=5)
    return make_night(tmp_path_factory.mktemp("large"), camera)


@pytest.fixture(scope="module")
def plain(large: Night, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("plain")
    run_json("build", *large.paths, "-o", folder)
    return contents(folder)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.fits"))}


def entries(cache: Path) -> int:
    return len(list((cache / "bins").rglob("*.npz")))


def begin(*words: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "skyframe_gui", *map(str, words), "--quiet"]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def wait_for(cache: Path, number: int, process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 120
    while entries(cache) < number:
        assert process.poll() is None, process.stderr.read() if process.stderr else ""
        assert time.monotonic() < end
        time.sleep(0.005)


def test_a_cluster_has_the_numbers_of_threads(
    cluster: Cluster, night: Night, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(night.folder)  # the workers stand elsewhere
    names = [Path(path).name for path in night.paths]
    run_json("build", *names, "-o", tmp_path / "here")
    there = start("build", *names, "-o", tmp_path / "there", "--scheduler", cluster.address)
    assert there.returncode == 0, there.stderr
    assert contents(tmp_path / "there") == contents(tmp_path / "here") != {}
    words = ("night", ".", "--sky", tmp_path / "here")
    here = run_json(*words)
    found = read_json(start(*words, "--json", "--scheduler", cluster.address))
    assert found == here
    assert len(here["visits"]) == 6


def test_a_cluster_writes_what_threads_write(
    cluster: Cluster, night: Night, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_json("build", *night.paths, "-o", tmp_path / "sky")
    monkeypatch.chdir(tmp_path)  # the workers stand elsewhere
    words = ("subtract", *night.science, "--sky", "sky", "--background-list", "-o")
    here = run_json(*words, "here")
    there = start(*words, "there", "--json", "--scheduler", cluster.address, "--cache", "kept")
    found = read_json(there)
    assert contents(tmp_path / "there") == contents(tmp_path / "here") != {}
    assert [Path(path).parent.name for path in found["outputs"]] == ["there"] * 5
    for told in (here, found):
        for visit in (told, *told["visits"]):
            visit.pop("outputs")
    assert found == here


def test_a_file_that_fails_there_is_a_line_here(
    cluster: Cluster, night: Night, tmp_path: Path
) -> None:
    cut = Path(shutil.copy(night.paths[0], tmp_path))
    cut.write_bytes(cut.read_bytes()[:20000])
    words = ("build", cut, *night.paths[2:], "-o", tmp_path / "out")
    found = read_json(start(*words, "--json", "--scheduler", cluster.address), 1)
    (failed,) = found["failed"]
    assert failed == run_json(*words, "--overwrite", status=1)["failed"][0]


@pytest.mark.long
def test_one_of_two_workers_is_killed(
    large: Night, plain: dict[str, bytes], tmp_path: Path
) -> None:
    cache, out = tmp_path / "kept", tmp_path / "out"
    with Cluster(tmp_path / "cluster") as own:
        process = begin(
            "build", *large.paths, "-o", out, "--cache", cache, "--scheduler", own.address
        )
        wait_for(cache, 2, process)
        own.workers[0].kill()
        _, errors = process.communicate(timeout=120)
    assert (process.returncode, errors) == (0, "")
    assert contents(out) == plain


@pytest.mark.long
def test_the_program_is_killed_and_goes_on(
    large: Night, plain: dict[str, bytes], tmp_path: Path
) -> None:
    folder = tmp_path / "night"
    shutil.copytree(large.folder, folder)
    paths = [folder / Path(path).name for path in large.paths]
    cache, out = tmp_path / "kept", tmp_path / "out"
    words = ["build", *paths, "-o", out, "--cache", cache]
    with Cluster(tmp_path / "cluster") as own:
        words += ["--scheduler", own.address]
        process = begin(*words)
        wait_for(cache, 3, process)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        settled = -1
        while settled != entries(cache):  # what the workers had begun
            settled = entries(cache)
            time.sleep(1.5)
        assert not contents(out)
        assert settled < len(paths)
        wiped = wipe_what_is_kept(paths, cache, tmp_path / "x")
        assert wiped == settled
        process = begin(*words)
        _, errors = process.communicate(timeout=120)
    assert (process.returncode, errors) == (0, "")
    assert entries(cache) == len(paths)
    assert {name: pixels(data) for name, data in contents(out).items()} == {
        name: pixels(data) for name, data in plain.items()
    }


def wipe_what_is_kept(paths: list[Path], cache: Path, folder: Path) -> int:
    """Take the pixels out of every file that is in a cache; return how many there are."""
    wiped = 0
    for number, path in enumerate(paths):
        copy = folder / f"cache{number}"
        shutil.copytree(cache, copy)
        before = entries(copy)
        run("build", path, "-o", folder, "--overwrite", "--cache", copy, "--quiet")
        if entries(copy) == before:
            blank(path)
            wiped += 1
    return wiped


def pixels(data: bytes) -> list[bytes]:
    with fits.open(io.BytesIO(data)) as file:
        return [hdu.data.tobytes() for hdu in file if hdu.data is not None]


@pytest.mark.long
def test_a_scheduler_that_goes_is_a_sentence(large: Night, tmp_path: Path) -> None:
    cache = tmp_path / "kept"
    with Cluster(tmp_path / "cluster") as own:
        process = begin(
            "night", *large.paths, "--cache", cache, "--scheduler", own.address, "--json"
        )
        wait_for(cache, 1, process)
        own.scheduler.kill()
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 1
    assert errors.startswith("The scheduler is gone before all was done")
    assert len(errors.splitlines()) == 1


@pytest.mark.long
def test_a_scheduler_that_is_not_there_is_a_sentence(night: Night) -> None:
    address = "tcp://127.0.0.1:9"
    done = start("night", night.paths[0], "--scheduler", address)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"No Dask scheduler answers at {address} (")


@pytest.mark.long
def test_a_worker_without_the_program_is_a_sentence(night: Night, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    # A module that hides the package, as in an environment that has none.
    (bare / "skyframe_gui.py").write_text("raise ModuleNotFoundError('no skyframe_gui here')\n")
    with Cluster(tmp_path / "cluster", 1, {"PYTHONPATH": str(bare)}) as own:
        own.wait()
        done = start("night", *night.paths, "--scheduler", own.address)
    assert done.returncode == 1
    (line,) = [one for one in done.stderr.splitlines() if "skyframe_gui" in one]
    assert line.startswith("The worker at tcp://127.0.0.1:")
    assert "has no skyframe_gui" in line


@pytest.mark.long
def test_a_worker_of_another_version_is_a_sentence(night: Night, tmp_path: Path) -> None:
    other = tmp_path / "other"
    root = Path(sys.modules["skyframe_gui"].__file__ or "").parent
    shutil.copytree(root, other / "skyframe_gui", ignore=shutil.ignore_patterns("__pycache__"))
    with open(other / "skyframe_gui" / "engine" / "bins.py", "a", encoding="utf-8") as file:
        file.write("# another\n")
    with Cluster(tmp_path / "cluster", 1, {"PYTHONPATH": str(other)}) as own:
        own.wait()
        done = start("night", *night.paths, "--scheduler", own.address)
    assert done.returncode == 1
    assert "has another version of skyframe_gui" in done.stderr


def test_a_server_of_something_else_is_told_in_a_sentence_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            with suppress(OSError):  # closed at the end
                while True:
                    other, _ = server.accept()
                    other.sendall(b"HTTP/1.1 200 OK\r\n\r\nhello")
                    other.close()

        threading.Thread(target=answer, daemon=True).start()
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        begun = time.monotonic()
        with pytest.raises(WorkersError, match=r"^No Dask scheduler answers") as found:
            cluster_of.workers_of(address).__enter__()
        server.shutdown(socket.SHUT_RDWR)
    assert address in str(found.value)
    assert "something else" in str(found.value)
    gc.collect()  # a client that was begun would wait here
    assert time.monotonic() - begun < 10


def test_without_the_package_the_option_says_what_to_install(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    done = run("night", night.paths[0], "--scheduler", "tcp://127.0.0.1:9")
    assert done.returncode == 1
    assert "pip install 'skyframe_gui[cluster]'" in done.stderr


class Idle:
    """A client of a scheduler that nobody works for."""

    _scheduler_identity: ClassVar = {"workers": {}}

    def get_executor(self, pure: bool) -> Idle:
        return self

    def submit(self, *_: object) -> Future[None]:
        return Future()


def test_a_scheduler_without_workers_is_given_up_in_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cluster_of, "NO_WORKER_SECONDS", 0.2)
    monkeypatch.setattr(cluster_of, "LOOK_SECONDS", 0.02)
    executor = cluster_of._Workers(Idle())  # type: ignore[arg-type]
    with executor, pytest.raises(WorkersError, match="has had no worker"):
        run_all(executor, print, [1, 2], None, "Waiting")
