"""The part of the command line that opens the window: files, nothing, and the demonstration."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from skyframe_gui.cli_options import AsJson, Overwrite, Quiet, WrongUsage
from skyframe_gui.console import Console, finish
from skyframe_gui.engine.errors import SkyFrameError

if TYPE_CHECKING:
    from collections.abc import Sequence

TRY_QT = "from PyQt6.QtWidgets import QApplication; QApplication([])"
TRY_SECONDS = 30


def files_to_open(words: Sequence[str], commands: Sequence[str]) -> list[str]:
    """Return the files that the command line's words name; none where they are a command.

    Raises
    ------
    WrongUsage
        The first word is neither, or there are options behind files.
    """
    if words[:1] == ["--"]:
        return list(words[1:])
    if not words or words[0].startswith("-") or words[0] in commands:
        return []
    if not os.path.lexists(words[0]) and not _names_data_sets(words[0]):
        raise WrongUsage(
            f"{words[0]} is neither a file or folder nor a command; the commands are "
            f"{', '.join(commands)}."
        )
    for word in words:
        if word.startswith("-"):
            raise WrongUsage(f"{word} is no file; where files are opened there are no options.")
    return list(words)


def _names_data_sets(word: str) -> bool:
    from skyframe_gui.files.butler.address import is_address

    return is_address(word)


def open_window(paths: Sequence[str]) -> None:
    """Open the window and end the program when it is closed.

    Raises
    ------
    SkyFrameError
        There is no display, or Qt cannot be loaded.
    """
    if not has_display():
        raise SkyFrameError(
            "There is no display to open a window on; log in to a desktop, or use the commands "
            "that skyframe-gui --help lists."
        )
    try:
        from skyframe_gui.ui.main import run
    except ImportError as error:
        raise SkyFrameError(
            f"The window's library cannot be loaded ({' '.join(str(error).split())}); install what "
            "is missing, or use the commands that skyframe-gui --help lists."
        ) from error
    sys.exit(run(paths))


def demo(
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Folder to write to; demo-output, replaced."),
    ] = None,
    no_window: Annotated[
        bool, typer.Option("--no-window", help="Only compute and write, open no window.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Another seed is another camera and night.")] = 1,
    as_json: AsJson = False,
    quiet: Quiet = False,
    overwrite: Overwrite = False,
) -> None:
    """Simulate a night, build its sky frames, correct a visit, compare with the truth, show it."""
    from skyframe_gui.workflow.demo import files_to_show, run_demo

    console = Console(as_json, quiet)
    with console.outcome(outputs=[]):
        folder = Path("demo-output") if output is None else output
        with console.progress() as watch:
            result = run_demo(folder, seed, overwrite or output is None, watch)
        console.notes(result.notes)
        console.table(["", "truth", "measured"], result.rows())
        console.print_line()
        for path in result.outputs:
            console.print_line(path)
        finish(console, (), result.as_dict())
    if no_window:
        return
    why_not = why_no_window()
    if why_not:
        print(f"The window is not opened: {why_not}.", file=sys.stderr)
        return
    open_window(files_to_show(folder))


def has_display() -> bool:
    """Whether this session has a screen, or Qt was told what to do without one."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY", "DISPLAY"))


def why_no_window() -> str:
    """Return why no window can be opened, "" where one can.

    Qt ends the whole process where a library of the system is missing or the display does not
    answer, so another process tries it.
    """
    if not has_display():
        return "there is no display"
    try:
        done = subprocess.run(
            [sys.executable, "-c", TRY_QT],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TRY_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"Qt could not be tried ({type(error).__name__})"
    if done.returncode == 0:
        return ""
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    return next(
        (line.rstrip(".") for line in reversed(lines) if "rror" in line or "could not" in line),
        f"Qt ends with status {done.returncode} here",
    )
