"""Pieces of one measurement on several threads, each a look at the watch."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from skyframe_gui.engine.progress import step

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from skyframe_gui.engine.progress import Watch

T = TypeVar("T")


def run_pieces(
    function: Callable[[T], None],
    pieces: Sequence[T],
    watch: Watch | None,
    label: str,
    threads: int | None,
) -> None:
    """Call ``function`` on every piece; it writes its results where no other piece does.

    Parameters
    ----------
    function : callable
        Spends its time in kernels, which release the GIL.
    pieces : sequence
        What it is called with.
    watch, label : optional
        Told before each piece and at the end.
    threads : int, optional
        How many; by default one for each processor.

    Raises
    ------
    Cancelled
        The watch said so; nothing is left running.
    """
    workers = min(threads or os.cpu_count() or 1, len(pieces))
    if workers <= 1:
        for done, piece in enumerate(pieces):
            step(watch, done, len(pieces), label)
            function(piece)
    else:
        with ThreadPoolExecutor(workers) as pool:
            jobs = [pool.submit(function, piece) for piece in pieces]
            try:
                for done, job in enumerate(jobs):
                    step(watch, done, len(pieces), label)
                    job.result()
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                raise
    step(watch, len(pieces), len(pieces), label)
