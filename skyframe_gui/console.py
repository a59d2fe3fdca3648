"""What the command line prints: progress, tables, JSON, and one line per failed file."""

from __future__ import annotations

import json
import math
import os
import signal
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.progress import Cancelled, Watch
from skyframe_gui.files.locks import STOPS
from skyframe_gui.numbers import plain_minus, plural
from skyframe_gui.text import on_one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from types import FrameType

    from rich.progress import Progress, TaskID

    from skyframe_gui.workflow.jobs import Failure

FAILED, SIGNALLED = 1, 128
"""Exit status where something failed, and what shells add to the number of the signal."""
PLAIN_SECONDS = 5.0
"""Where no terminal is: at most one line of progress in this time."""


class Console:
    """The program's voice: results on standard output, everything else on standard error.

    Parameters
    ----------
    as_json : bool
        Nothing but one JSON object goes to standard output.
    quiet : bool
        No progress, no results in words; failures are still said.
    """

    def __init__(self, as_json: bool = False, quiet: bool = False) -> None:
        self._as_json = as_json
        self._quiet = quiet
        self._noted: dict[str, None] = {}

    def print_line(self, line: str = "") -> None:
        """Print a line of the result in words."""
        if not (self._as_json or self._quiet):
            _out(on_one_line(line))

    def table(self, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Print rows under a header: numbers to the right, words to the left, nothing cut off.

        Without a row there is no header either.
        """
        cells = [[on_one_line(cell) for cell in row] for row in rows]
        if not cells:
            return
        numbers = [all(_is_number(row[i]) for row in cells) for i in range(len(header))]
        widths = [max(len(row[i]) for row in [list(header), *cells]) for i in range(len(header))]
        for row in [list(header), *cells]:
            padded = (
                cell.rjust(width) if right else cell.ljust(width)
                for cell, width, right in zip(row, widths, numbers, strict=True)
            )
            self.print_line("  ".join(padded).rstrip())

    def notes(self, lines: Iterable[str]) -> None:
        """Print remarks to standard error, each once, and keep them for the JSON object."""
        fresh = [line for line in dict.fromkeys(lines) if line not in self._noted]
        self._noted.update(dict.fromkeys(fresh))
        if not self._quiet:
            for line in fresh:
                print(f"Note: {on_one_line(line)}", file=sys.stderr)

    @property
    def noted(self) -> list[str]:
        """All remarks so far, whether they were printed or not."""
        return list(self._noted)

    def failures(self, failed: Iterable[Failure]) -> None:
        """Print one line per failed file, or per cause of whole visits, to standard error."""
        from skyframe_gui.workflow.notes import first_of

        of_visits: dict[str, dict[str, int]] = {}
        for failure in failed:
            if failure.visit:
                cause = failure.why.removeprefix(f"Visit {failure.visit}: ")
                counts = of_visits.setdefault(cause, {})
                counts[failure.visit] = counts.get(failure.visit, 0) + 1
                continue
            path, why = on_one_line(failure.path), on_one_line(" ".join(failure.why.split()))
            why = why.removeprefix(f"{os.path.basename(path)}: ")
            print(why if path in why else f"{path}: {why}", file=sys.stderr)
        for cause, counts in of_visits.items():
            which = f"Visit{'s' if len(counts) > 1 else ''} {first_of(list(counts))}"
            many = plural(sum(counts.values()), "exposure")
            print(on_one_line(f"{which} ({many}): {' '.join(cause.split())}"), file=sys.stderr)

    def result(self, value: dict[str, Any]) -> None:
        """Print the JSON object where it was asked for; numbers that JSON lacks become null."""
        if self._as_json:
            _out(json.dumps(_for_json(value), allow_nan=False))

    @contextmanager
    def outcome(self, **nothing: Any) -> Iterator[None]:
        """Give an error its JSON object, too: ``nothing`` came of the command, and why.

        The error goes on up, to be said and to make the exit status.
        """
        try:
            with _ended_by_signals():
                yield
        except SkyFrameError as error:
            failed = [{"path": one.path, "why": one.why} for one in getattr(error, "failed", ())]
            self.failures(getattr(error, "failed", ()))
            failed = failed or [{"path": None, "why": str(error)}]
            self.result({**nothing, "notes": self.noted, "failed": failed})
            raise
        except (Cancelled, KeyboardInterrupt) as stop:
            print("Stopped; files that were finished stay.", file=sys.stderr)
            number = stop.number if isinstance(stop, _Ended) else signal.SIGINT
            raise typer.Exit(SIGNALLED + number) from stop

    @contextmanager
    def progress(self) -> Iterator[Watch]:
        """Give a watch whose steps are shown: a bar with time left, or plain lines."""
        if self._quiet:
            yield Watch()
        elif sys.stderr.isatty():
            with _bar() as bar:
                yield Watch(on_step=_BarSteps(bar))
        else:
            yield Watch(on_step=_PlainSteps())


class _Ended(KeyboardInterrupt):
    """A signal that ends the program, which tidies up as after Ctrl-C."""

    def __init__(self, number: int) -> None:
        self.number = number


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let SIGTERM and the end of the terminal stop the work as Ctrl-C does."""

    def end(number: int, frame: FrameType | None) -> None:
        raise _Ended(number)

    # Who started the program with nohup wants it to go on: what is ignored stays ignored.
    ours = [number for number in STOPS if signal.getsignal(number) is signal.SIG_DFL]
    if threading.current_thread() is not threading.main_thread():
        ours = []
    try:
        for number in ours:
            signal.signal(number, end)
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)


def finish(console: Console, failed: Sequence[Failure], result: dict[str, Any]) -> None:
    """Say what failed, print the result, and end the command with its exit status.

    Raises
    ------
    typer.Exit
        Something failed.
    """
    console.failures(failed)
    told = [{"path": one.path, "why": one.why} for one in failed]
    console.result({**result, "notes": console.noted, "failed": told})
    if failed:
        raise typer.Exit(FAILED)


def _bar() -> Progress:
    from rich.console import Console as RichConsole
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=RichConsole(stderr=True),
        transient=True,
    )


def _out(line: str) -> None:
    try:
        print(line, flush=True)
    except BrokenPipeError:
        raise  # whoever read it has seen enough
    except OSError as error:
        # Python would try once more at its end, and complain again.
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - until the program ends
        raise SkyFrameError(
            f"The result could not be written to standard output ({error.strerror or error})."
        ) from error


class _BarSteps:
    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, done: int, total: int, label: str) -> None:
        task = self._tasks.get(label)
        if task is None:
            task = self._tasks[label] = self._bar.add_task(label, total=total)
        self._bar.update(task, completed=done, total=total)


class _PlainSteps:
    def __init__(self) -> None:
        self._label = ""
        self._printed = 0.0

    def __call__(self, done: int, total: int, label: str) -> None:
        if total <= 1:  # over before anyone has read it
            return
        now = time.monotonic()
        if label == self._label and done < total and now - self._printed < PLAIN_SECONDS:
            return
        self._label, self._printed = label, now
        print(f"{label}: {done} of {total}", file=sys.stderr)


def _is_number(text: str) -> bool:
    return plain_minus(text).replace("±", "").strip(" -+.eE%0123456789") == ""


def _for_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _for_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_for_json(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
