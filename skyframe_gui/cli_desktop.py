"""The command that puts the program among those of the desktop, and of the shell."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from skyframe_gui import __version__
from skyframe_gui.cli_options import AsJson, Quiet  # noqa: TC001  typer looks at them
from skyframe_gui.console import Console, finish
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.resource import resource_path

if TYPE_CHECKING:
    from collections.abc import Mapping

PROGRAM = "skyframe-gui"
COMPLETE = "_SKYFRAME_GUI_COMPLETE"
"""Set by a shell that asks what a word could go on to."""
SESSION_TYPE = "application/x-skyframe-session"
MIME = f"""<?xml version="1.0" encoding="UTF-8"?>
<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">
  <mime-type type="{SESSION_TYPE}">
    <comment>skyframe_gui session</comment>
    <sub-class-of type="application/json"/>
    <glob pattern="*.sky"/>
  </mime-type>
</mime-info>
"""
ABOUT = (
    "Files are opened in the window. A command does its work without one; its options are told by "
    "its own --help, too."
)


def install_desktop(
    context: typer.Context,
    remove: Annotated[bool, typer.Option("--remove", help="Take away what was installed.")] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Put launcher, icon, file type of sessions, completions and manual page into your home.

    For desktops that follow freedesktop.org (Linux, BSD). Nothing is written outside of
    XDG_DATA_HOME (else ~/.local/share) and XDG_CONFIG_HOME (else ~/.config).
    """
    console = Console(as_json, quiet)
    with console.outcome(outputs=[]):
        if sys.platform in ("win32", "darwin"):
            raise SkyFrameError(
                "install-desktop is for desktops of Linux and BSD; here, make a shortcut to "
                f"{_own_path()}."
            )
        files = desktop_files(context.find_root().command)
        done = _remove(files) if remove else _write(files)
        _tell_the_desktop()
        for path in done:
            console.print_line(str(path))
        console.print_line("Removed." if remove else "Installed; new shells complete its commands.")
        finish(console, (), {"outputs": [str(path) for path in done], "removed": remove})


def desktop_files(command: Any) -> dict[Path, str]:
    """Return what belongs to the desktop: the text of each file; of the program's command."""
    data = _folder("XDG_DATA_HOME", ".local/share")
    own = re.sub(r'(["`$\\])', r"\\\1", _own_path()).replace("%", "%%")  # as the standard has it
    entry = resource_path("skyframe_gui.desktop").read_text(encoding="utf-8")
    entry = entry.replace(f"Exec={PROGRAM}", f'Exec="{own}"')
    entry = entry.replace("MimeType=", f"MimeType={SESSION_TYPE};")
    icon = resource_path("icons/skyframe_gui.svg").read_text(encoding="utf-8")
    return {
        data / "applications/skyframe_gui.desktop": entry,
        data / "icons/hicolor/scalable/apps/skyframe_gui.svg": icon,
        data / "mime/packages/skyframe_gui.xml": MIME,
        data / f"man/man1/{PROGRAM}.1": manual_page(command),
        data / f"bash-completion/completions/{PROGRAM}": _completion("bash"),
        data / f"zsh/site-functions/_{PROGRAM}": _completion("zsh"),
        _folder("XDG_CONFIG_HOME", ".config") / f"fish/completions/{PROGRAM}.fish": (
            _completion("fish")
        ),
    }


def manual_page(command: Any) -> str:
    """Return the manual page, of what the commands say of themselves."""
    context = command.make_context(PROGRAM, [], resilient_parsing=True)
    lines = [
        f'.TH SKYFRAME-GUI 1 "" "skyframe_gui {__version__}" "User Commands"',
        # An address of a repository is one long word: no line is made even (groff 1.23 and older).
        ".ds AD l",
        ".ad l",
        ".SH NAME",
        f"{_roff(PROGRAM)} \\- make, inspect and apply sky frames of mosaic cameras",
        ".SH SYNOPSIS",
        f".B {_roff(PROGRAM)}",
        "[FILE... | COMMAND [OPTIONS]]",
        ".SH DESCRIPTION",
        _roff(command.help),
        ".PP",
        _roff(ABOUT),
        ".SH COMMANDS",
    ]
    for name in command.list_commands(context):
        one = command.get_command(context, name)
        lines += [f".SS {_roff(name)}", _roff(one.help or "")]
        for parameter in one.params:
            told = parameter.get_help_record(context)
            if told is not None:
                name = told[0].split(" <")[0]  # without the kind of Python's value
                lines += [".TP", f".B {_roff(name)}", _roff(told[1])]
    return "\n".join([*lines, ""])


def _roff(text: str) -> str:
    """Escape what roff would take for its own; one line, as roff fills lines itself."""
    words = " ".join(text.split()).replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{words}" if words.startswith((".", "'")) else words


def _completion(shell: str) -> str:
    from typer import completion

    make: Any = completion.get_completion_script  # type: ignore[attr-defined]  # of typer's inside
    text: str = make(prog_name=PROGRAM, complete_var=COMPLETE, shell=shell)
    return text.strip() + "\n"


def _own_path() -> str:
    """Return how this installation is started, wherever the shell looks for programs."""
    beside = Path(sys.executable).with_name(PROGRAM)
    return str(beside) if beside.exists() else shutil.which(PROGRAM) or PROGRAM


def _folder(variable: str, usual: str) -> Path:
    """Return a folder of the user; a relative one counts as not given, as the standard has it."""
    given = os.environ.get(variable, "")
    return Path(given) if os.path.isabs(given) else Path.home() / usual


def _write(files: Mapping[Path, str]) -> list[Path]:
    from skyframe_gui.files.atomic import ensure_folder, write_text

    for path, text in files.items():
        ensure_folder(path.parent)
        write_text(path, text, overwrite=True)
    return list(files)


def _remove(files: Mapping[Path, str]) -> list[Path]:
    there = [path for path in files if path.exists()]
    for path in there:
        try:
            path.unlink()
        except OSError as error:
            raise SkyFrameError(f"{path} cannot be removed: {error.strerror}.") from error
    return there


def _tell_the_desktop() -> None:
    """Have the desktop look again, where it has the programs for it; else it looks by itself."""
    data = _folder("XDG_DATA_HOME", ".local/share")
    for program, folder in (
        ("update-mime-database", data / "mime"),
        ("update-desktop-database", data / "applications"),
    ):
        if shutil.which(program) and folder.is_dir():
            subprocess.run(
                [program, str(folder)], check=False, capture_output=True, stdin=subprocess.DEVNULL
            )
