"""What belongs to the desktop: a launcher, a file type, completions, a manual page."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from skyframe_gui import __version__, cli, cli_desktop

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", "not/absolute")
    return tmp_path


def run(monkeypatch, capsys, *words: str) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["skyframe-gui", *words])
    with pytest.raises(SystemExit) as done:
        cli.main()
    return (int(done.value.code or 0), *capsys.readouterr())


def files_in(folder: Path) -> list[str]:
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and "mime/" not in str(path)
    )


OURS = [
    ".config/fish/completions/skyframe-gui.fish",
    "data/applications/skyframe_gui.desktop",
    "data/bash-completion/completions/skyframe-gui",
    "data/icons/hicolor/scalable/apps/skyframe_gui.svg",
    "data/man/man1/skyframe-gui.1",
    "data/zsh/site-functions/_skyframe-gui",
]


def test_it_comes_again_and_goes(home, monkeypatch, capsys) -> None:
    other = home / "data/applications/other.desktop"
    other.parent.mkdir(parents=True)
    other.write_text("[Desktop Entry]\n")
    for _ in range(2):
        status, out, _err = run(monkeypatch, capsys, "install-desktop")
        assert status == 0
        assert [name for name in files_in(home) if "other" not in name] == OURS
        for name in OURS:
            assert str(home / name) in out.splitlines()
    kind = home / "data/mime/packages/skyframe_gui.xml"
    assert kind.exists()
    status, out, _err = run(monkeypatch, capsys, "install-desktop", "--remove", "--json")
    assert status == 0
    told = json.loads(out)
    assert told["removed"] is True
    assert sorted(told["outputs"]) == sorted([*(str(home / name) for name in OURS), str(kind)])
    assert files_in(home) in (
        ["data/applications/other.desktop"],
        ["data/applications/mimeinfo.cache", "data/applications/other.desktop"],
    )
    assert not kind.exists()
    assert (
        json.loads(run(monkeypatch, capsys, "install-desktop", "--remove", "--json")[1])["outputs"]
        == []
    )


def test_the_launcher_starts_this_installation_and_opens_sessions(home, monkeypatch) -> None:
    monkeypatch.setattr(cli_desktop, "_own_path", lambda: '/opt/a "b" $c 5%/skyframe-gui')
    files = cli_desktop.desktop_files(command())
    entry = files[home / "data/applications/skyframe_gui.desktop"].splitlines()
    assert r'Exec="/opt/a \"b\" \$c 5%%/skyframe-gui" %F' in entry
    assert "MimeType=application/x-skyframe-session;application/fits;image/fits;image/x-fits;" in (
        entry
    )
    kind = ElementTree.fromstring(files[home / "data/mime/packages/skyframe_gui.xml"])
    space = "{http://www.freedesktop.org/standards/shared-mime-info}"
    assert kind.find(f"{space}mime-type").get("type") == "application/x-skyframe-session"
    assert kind.find(f"{space}mime-type/{space}glob").get("pattern") == "*.sky"


def command() -> object:
    from typer.main import get_command

    return get_command(cli.app)


def test_the_manual_page_has_every_command_and_option(home) -> None:
    page = cli_desktop.manual_page(command())
    assert page.startswith(f'.TH SKYFRAME-GUI 1 "" "skyframe_gui {__version__}" "User Commands"\n')
    lines = page.splitlines()
    for name in cli._commands():
        assert ".SS " + name.replace("-", "\\-") in lines
    at = lines.index(".SS build")
    assert ".B \\-o, \\-\\-output FOLDER" in lines[at:]
    assert lines[at + 1].startswith("Build a sky frame for each instrument, detector and filter")
    assert lines[at + 2 : at + 4] == [".TP", ".B EXPOSURE..."]
    assert all(not line.startswith("'") for line in lines)
    assert "\\-\\-remove" in page


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff reads manual pages")
def test_the_manual_page_is_read_without_a_warning(home) -> None:
    done = subprocess.run(
        ["groff", "-man", "-ww", "-Tutf8"],
        input=cli_desktop.manual_page(command()),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stderr == ""
    assert "Build  a  sky frame" in done.stdout or "Build a sky frame" in done.stdout


@pytest.mark.parametrize(
    ("typed", "found"),
    [("bu", ["build"]), ("build --mask-", ["--mask-objects", "--mask-reading"])],
)
def test_a_shell_is_told_how_a_word_goes_on(typed, found, monkeypatch, capsys) -> None:
    words = ["skyframe-gui", *typed.split()]
    monkeypatch.setenv("_SKYFRAME_GUI_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", " ".join(words))
    monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
    status, out, _err = run(monkeypatch, capsys)
    assert (status, out.split()) == (0, found)


def test_shells_ask_the_program(home) -> None:
    files = cli_desktop.desktop_files(command())
    for path, text in files.items():
        if "completion" in str(path) or "site-functions" in str(path):
            assert "_SKYFRAME_GUI_COMPLETE=complete_" in text
    if bash := shutil.which("bash"):
        (script,) = (one for path, one in files.items() if "bash-completion" in str(path))
        subprocess.run([bash, "-n"], input=script, text=True, check=True)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_home_that_cannot_be_written_is_a_sentence(home, monkeypatch, capsys) -> None:
    (home / "data").mkdir(mode=0o500)
    status, _out, err = run(monkeypatch, capsys, "install-desktop")
    assert status == 1
    assert "data" in err


def test_a_file_in_the_way_is_a_sentence(home, monkeypatch, capsys) -> None:
    (home / "data").write_text("")
    status, _out, err = run(monkeypatch, capsys, "install-desktop")
    assert status == 1
    assert str(home / "data") in err


def test_where_desktops_are_others_it_says_so(home, monkeypatch, capsys) -> None:
    monkeypatch.setattr(cli_desktop.sys, "platform", "darwin")
    status, _out, err = run(monkeypatch, capsys, "install-desktop")
    assert status == 1
    assert "is for desktops of Linux and BSD" in err
    assert files_in(home) == []
