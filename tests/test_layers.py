"""The command line works on a machine without Qt, and starts without the heavy libraries."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import skyframe_gui
from skyframe_gui.engine import Exposure
from skyframe_gui.files import write_exposure

PACKAGE = Path(skyframe_gui.__file__).parent

HSC = Path(__file__).parent / "data/fits/hsc_calexp_2024.fits.gz"
BLOCK = """
import sys
from importlib.abc import MetaPathFinder

class NoWindow(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in BLOCKED:
            raise ImportError(f"{name} is not on this machine")

BLOCKED = {BLOCKED}
sys.meta_path.insert(0, NoWindow())
"""


def run_without(blocked: set[str], code: str) -> subprocess.CompletedProcess[str]:
    script = BLOCK.replace("{BLOCKED}", repr(blocked)) + code
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, timeout=120
    )


def test_engine_files_workflow_and_command_line_need_no_qt() -> None:
    code = """
import pkgutil, importlib
import skyframe_gui.engine, skyframe_gui.files, skyframe_gui.workflow, skyframe_gui.cli
import skyframe_gui.simulate
for package in (skyframe_gui.engine, skyframe_gui.files, skyframe_gui.workflow):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
"""
    done = run_without({"PyQt6", "qtawesome"}, code)
    assert done.returncode == 0, done.stderr


def test_help_is_said_without_loading_what_only_work_needs() -> None:
    code = """
import skyframe_gui.cli
sys.argv = ["skyframe-gui", "--help"]
try:
    skyframe_gui.cli.main()
except SystemExit as done:
    assert not done.code, done.code
"""
    compilers = {"numba", "sep", "astro_metadata_translator", "jinja2", "lsst", "PyQt6"}
    done = run_without({*compilers, "numpy", "pydantic", "astropy", "scipy", "yaml"}, code)
    assert done.returncode == 0, done.stderr
    assert "subtract" in done.stdout


def test_what_a_file_is_is_told_without_the_compiler() -> None:
    code = f"""
import skyframe_gui.cli
sys.argv = ["skyframe-gui", "info", {str(HSC)!r}]
try:
    skyframe_gui.cli.main()
except SystemExit as done:
    assert not done.code, done.code
"""
    blocked = {"numba", "sep", "jinja2", "PyQt6", "PIL"}
    done = run_without(blocked, code)
    assert done.returncode == 0, done.stderr
    assert "904010" in done.stdout


def test_what_a_file_without_a_camera_is_is_told_without_astropy(tmp_path: Path) -> None:
    path = tmp_path / "plain.fits"
    exposure = Exposure(np.ones((40, 50), np.float32), np.zeros((40, 50), np.int32))
    write_exposure(path, exposure)
    code = f"""
import skyframe_gui.cli
sys.argv = ["skyframe-gui", "info", {str(path)!r}]
try:
    skyframe_gui.cli.main()
except SystemExit as done:
    assert not done.code, done.code
"""
    done = run_without({"astropy", "numba", "scipy", "sep", "PyQt6"}, code)
    assert done.returncode == 0, done.stderr
    assert "50 x 40" in done.stdout
    assert "DETECTED_NEGATIVE" in done.stdout


def test_the_engine_has_all_names_that_it_offers() -> None:
    import skyframe_gui.engine as engine

    for name in engine.__all__:
        assert getattr(engine, name).__module__.startswith("skyframe_gui.engine."), name
    assert sorted(engine._MODULES) == sorted(engine.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        engine.Nothing  # noqa: B018


def test_the_headless_commands_run_where_qt_is_not_installed() -> None:
    code = """
import skyframe_gui.cli
sys.argv = ["skyframe-gui", "info", "nothing.fits"]
try:
    skyframe_gui.cli.main()
except SystemExit as done:
    assert done.code == 1, done.code
"""
    done = run_without({"PyQt6", "qtawesome", "qtpy"}, code)
    assert done.returncode == 0, done.stderr
    assert "nothing.fits" in done.stderr


def test_files_where_qt_is_not_installed_are_one_sentence() -> None:
    code = """
import os
os.environ["QT_QPA_PLATFORM"] = "offscreen"
import skyframe_gui.cli
sys.argv = ["skyframe-gui", "."]
skyframe_gui.cli.main()
"""
    done = run_without({"PyQt6", "qtawesome"}, code)
    assert done.returncode == 1
    (line,) = done.stderr.strip().splitlines()
    assert "cannot be loaded" in line


def test_the_window_is_shown_before_the_heavy_libraries_are_loaded() -> None:
    code = """
import os
os.environ["QT_QPA_PLATFORM"] = "offscreen"
import skyframe_gui.ui.main
from PyQt6.QtWidgets import QApplication
app = QApplication([])
from skyframe_gui.app.model.store import Store
from skyframe_gui.ui.window import MainWindow
window = MainWindow(Store())
window.show()
window.close()
heavy = {"numba", "astropy.io.fits", "scipy", "sep", "astro_metadata_translator", "jinja2", "lsst"}
heavy &= set(sys.modules)
print(*heavy, flush=True)
os._exit(len(heavy))  # with a window the interpreter cannot be taken down in any order
"""
    done = run_without(set(), code)
    assert done.returncode == 0, done.stdout + done.stderr


def imports_of(room: Path) -> dict[str, set[str]]:
    """Return which files of a room each of them names, in functions and for types, too."""
    paths = {}
    for path in room.rglob("*.py"):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        paths[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    found: dict[str, set[str]] = {}
    for name, path in paths.items():
        named: set[str] = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                named.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                whole = {f"{node.module}.{alias.name}" for alias in node.names}
                named |= (whole & paths.keys()) or {node.module}
        found[name] = (named & paths.keys()) - {name}
    return found


def in_circles(graph: dict[str, set[str]]) -> set[str]:
    """Return the files that name themselves by way of others."""

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        waiting = list(graph[start])
        while waiting:
            one = waiting.pop()
            if one not in seen:
                seen.add(one)
                waiting.extend(graph[one])
        return seen

    return {name for name in graph if name in reached(name)}


@pytest.mark.parametrize("room", ["app", "ui"])
def test_no_files_name_each_other_in_a_circle(room: str) -> None:
    graph = imports_of(PACKAGE / room)
    assert len(graph) > 50, "nothing was looked at"
    assert not in_circles(graph)


def test_a_circle_is_found() -> None:
    chain = {"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}
    assert in_circles(chain) == {"b", "c"}
