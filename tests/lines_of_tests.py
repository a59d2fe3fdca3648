"""Which test enters which lines, for ``plant_faults``; also the plugin that tells coverage."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "skyframe_gui"
PATIENCE = 30.0
"""Seconds of tests for one fault, as long as they took under coverage."""
SLOW = 4.0
"""Seconds of the processor that a test may take uncompiled; others do not count."""
UNCOMPILED = "tests/engine/test_[!c]*.py"
"""What is run uncompiled; the tests of cancel and config have large arrays or none."""


def call_of_pytest(*arguments: str, under: tuple[str, ...] = ()) -> list[str]:
    """Return the command that runs tests, under another program if one is given."""
    outer = ("-m", *under) if under else ()
    return [sys.executable, *outer, "-m", "pytest", "-p", "no:cacheprovider", *arguments]


def variables(tree: Path, **more: str) -> dict[str, str]:
    """Return the environment in which a copy of the project is the one that is imported."""
    return {**os.environ, "PYTHONPATH": f"{tree}{os.pathsep}{tree / 'tests'}", **more}


class Record:
    """Which test enters which lines and how long it takes; beside the copy of the project.

    Tests are run where their file has changed. Where a source has, the lines move with it: a test
    that comes to enter other lines without a change of its own is not noticed; for that, remove the
    record and let all tests run.
    """

    def __init__(self, tree: Path, *, uncompiled: bool = False) -> None:
        # Compiled, whole numbers run over and divisions go on without the word that numpy has.
        quiet = {"NUMBA_DISABLE_JIT": "1", "PYTEST_ADDOPTS": "-W ignore::RuntimeWarning"}
        self.environment = quiet if uncompiled else {}
        path = tree.parent / ("uncompiled.json" if uncompiled else "compiled.json")
        where = UNCOMPILED if uncompiled else "tests/**/test_*.py"
        known: dict[str, Any] = {"files": {}, "tests": {}}
        if path.exists():
            known = json.loads(path.read_text())
        self.tests: dict[str, dict[str, Any]] = known["tests"]
        found = [*tree.glob(where), *tree.glob(f"{PACKAGE}/**/*.py")]
        now = {one.relative_to(tree).as_posix(): one.read_text("utf-8") for one in sorted(found)}
        changed = [name for name in now if now[name] != known["files"].get(name)]
        to_run = [name for name in changed if name.startswith("tests/")]
        for name in set(changed) & set(known["files"]) - set(to_run):
            moved = _moved(known["files"][name], now[name])
            for test in self.tests.values():
                lines = test["lines"].get(name, ())
                test["lines"][name] = sorted({new for old in lines for new in moved.get(old, ())})
        for test_name in list(self.tests):
            file = test_name.partition("::")[0]
            if file in to_run or file not in now:
                del self.tests[test_name]
        if to_run:
            self.tests |= _measured(tree, to_run, **self.environment)
        path.write_text(json.dumps({"files": now, "tests": self.tests}))

    def enter(self, path: str, line: int) -> list[str]:
        """Return the tests that enter a line."""
        return [name for name in self.tests if line in self.tests[name]["lines"].get(path, ())]

    def chosen(self, path: str, line: int, limit: int) -> tuple[list[str], float]:
        """Return the tests for a line, the fastest first, and how many seconds they take.

        Those come first that are most about its file: the largest part of the lines that they enter
        is in it. For a line that is run at import any test that enters the file will do.
        """
        about = {
            name: len(test["lines"][path]) / sum(map(len, test["lines"].values()))
            for name, test in self.tests.items()
            if test["lines"].get(path)
        }
        taken: dict[str, float] = {}
        for name in sorted(self.enter(path, line) or about, key=lambda name: (-about[name], name)):
            seconds = self.tests[name]["seconds"]
            if len(taken) < limit and (not taken or sum(taken.values()) + seconds < PATIENCE):
                taken[name] = seconds
        return sorted(taken, key=lambda name: taken[name]), sum(taken.values())


def _moved(old: str, new: str) -> dict[int, range]:
    """Return where each line of a source stands in its newer version."""
    moved = {}
    same = SequenceMatcher(None, old.splitlines(), new.splitlines(), autojunk=False)
    for kind, start, stop, new_start, new_stop in same.get_opcodes():
        for line in range(start, stop):
            at = line - start + new_start + 1
            equal = kind == "equal"
            moved[line + 1] = range(at, at + 1) if equal else range(new_start + 1, new_stop + 1)
    return moved


def _measured(tree: Path, files: list[str], **environment: str) -> dict[str, dict[str, Any]]:
    """Run files of tests under coverage; return the lines and the seconds of each that passes."""
    from coverage import CoverageData

    print(f"{len(files)} files of tests are run under coverage", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        config, times = Path(folder, "config"), Path(folder, "times")
        config.write_text(
            f"[run]\nsource = {PACKAGE}\nparallel = true\npatch = subprocess\n"
            f"data_file = {folder}/data\ncontext = ${{FAULTS_TEST-}}\ndisable_warnings = \n"
            " no-data-collected\n module-not-imported\n module-not-measured\n"
        )
        run = call_of_pytest(
            *("-q", "-p", "lines_of_tests", *files), under=("coverage", "run", f"--rcfile={config}")
        )
        told = variables(tree, **environment, FAULTS_TIMES=str(times))
        subprocess.run(run, cwd=tree, env=told, check=False)
        combine = [sys.executable, "-m", "coverage", "combine", "-q", f"--rcfile={config}"]
        subprocess.run(combine, cwd=tree, check=True)
        data = CoverageData(f"{folder}/data")
        data.read()
        tests: dict[str, dict[str, Any]] = {
            name: {"seconds": seconds, "lines": {}}
            for name, seconds in json.loads(times.read_text()).items()
        }
        for file in data.measured_files():
            if not Path(file).is_relative_to(tree):
                continue  # a copy that a test has made
            path = Path(file).relative_to(tree).as_posix()
            for line, names in data.contexts_by_lineno(file).items():
                for name in tests.keys() & set(names):
                    tests[name]["lines"].setdefault(path, []).append(line)
    return tests


_seconds: dict[str, float] = {}
_not_passed: set[str] = set()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Tell coverage which test begins, here and in the processes that it starts."""
    from coverage import Coverage

    measured = Coverage.current()
    assert measured is not None
    os.environ["FAULTS_TEST"] = item.nodeid
    os.environ["COVERAGE_PROCESS_START"] = str(measured.config.config_file)
    os.environ.pop("COVERAGE_PROCESS_CONFIG", None)  # where the name of the test is not in it
    measured.switch_context(item.nodeid)
    before = sum(os.times()[:4])
    uncompiled = "NUMBA_DISABLE_JIT" in os.environ
    if uncompiled:
        signal.signal(signal.SIGPROF, _too_slow)
        signal.setitimer(signal.ITIMER_PROF, SLOW)
    try:
        return (yield)
    finally:
        if uncompiled:
            signal.setitimer(signal.ITIMER_PROF, 0)
        measured.switch_context("")
        # Of the processor, with the processes that it started: others may be at work beside it.
        _seconds[item.nodeid] = sum(os.times()[:4]) - before


def _too_slow(*_: object) -> None:
    raise TimeoutError("too slow uncompiled")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note what did not pass."""
    if not report.passed:
        _not_passed.add(report.nodeid)


def pytest_sessionfinish() -> None:
    """Write the seconds of all tests that passed."""
    passed = {name: _seconds[name] for name in _seconds if name not in _not_passed}
    Path(os.environ["FAULTS_TIMES"]).write_text(json.dumps(passed))
