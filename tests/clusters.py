"""A real Dask cluster on this machine: a scheduler and workers, each a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 90.0


class Cluster:
    """Start with `with`; every process that was started is gone behind it.

    Parameters
    ----------
    folder : Path
        For the scheduler's file and the workers' own folders.
    n_workers : int
    environment : dict of str to str, optional
        Of the workers.
    """

    def __init__(
        self, folder: Path, n_workers: int = 2, environment: dict[str, str] | None = None
    ) -> None:
        self._folder = folder
        self._file = folder / "scheduler.json"
        self._environment = environment
        self._n_workers = n_workers
        self.workers: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Cluster:
        self._folder.mkdir(parents=True, exist_ok=True)
        self.scheduler = self._start(
            "distributed.cli.dask_scheduler", "--port", "0", "--no-dashboard", "--host", "127.0.0.1"
        )
        end = time.monotonic() + SECONDS
        while not (self._file.exists() and self._file.stat().st_size):
            assert self.scheduler.poll() is None
            assert time.monotonic() < end
            time.sleep(0.05)
        self.address = json.loads(self._file.read_text())["address"]
        for _ in range(self._n_workers):
            self.add_worker()
        return self

    def add_worker(self) -> None:
        # Without a nanny: who is killed stays away.
        self.workers.append(
            self._start(
                "distributed.cli.dask_worker",
                "--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1",
                "--local-directory", str(self._folder),
                environment=self._environment,
            )
        )  # fmt: skip

    def wait(self) -> None:
        """Wait until all workers are known to the scheduler."""
        # In a process of its own: clients of several clusters in one process wait for each other.
        words = f"from distributed import Client; c = Client({self.address!r}); "
        words += f"c.wait_for_workers({self._n_workers}, timeout={SECONDS})"
        subprocess.run([sys.executable, "-c", words], check=True, timeout=2 * SECONDS)

    def _start(
        self, module: str, *words: str, environment: dict[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", module, "--scheduler-file", str(self._file), *words],
            cwd=self._folder,  # another one than that of the program
            env={**os.environ, **(environment or {})},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def __exit__(self, *_: object) -> None:
        for process in (*self.workers, self.scheduler):
            if process.poll() is None:
                process.kill()
            process.wait()
