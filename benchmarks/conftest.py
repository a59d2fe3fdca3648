"""The exposures that benchmarks work on, and the table that they fill."""

from __future__ import annotations

import os
import platform
import statistics
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pytest
from rows import ROWS

from skyframe_gui.engine import Exposure

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_benchmark.fixture import BenchmarkFixture

SIZE = 4096
FIGURES = pytest.StashKey[dict[str, float]]()
PAGE = Path(__file__).parent / "README.md"
NEWEST = "## The newest table"


def make_exposure(whole_numbers: bool = False, size: int = SIZE) -> Exposure:
    """Return noise with stars, a slope, 1 % masked and some NaN."""
    rng = np.random.default_rng(1)
    image = (1000 + rng.normal(0, 10, (size, size))).astype(np.float32)
    image += np.linspace(0, 50, size, dtype=np.float32)
    y, x = np.mgrid[-8:9, -8:9]
    star = np.exp(-(x**2 + y**2) / 8).astype(np.float32)
    for _ in range(8000 * size * size // SIZE**2):
        row, column = rng.integers(8, size - 9, 2)
        image[row - 8 : row + 9, column - 8 : column + 9] += star * rng.exponential(500)
    if whole_numbers:
        image = np.round(image)
    mask = (rng.random((size, size)) < 0.01).astype(np.int32)
    image[rng.random((size, size)) < 1e-4] = np.nan
    return Exposure(image, mask)


@pytest.fixture(scope="session")
def exposure() -> Exposure:
    return make_exposure()


@pytest.fixture(scope="session")
def whole_numbers() -> Exposure:
    return make_exposure(whole_numbers=True)


class Table:
    """Takes figures for rows of the table."""

    def __init__(self, figures: dict[str, float]) -> None:
        self.figures = figures

    def note(self, row: str, value: float) -> None:
        """Take the figure of a row."""
        assert row in ROWS, row
        self.figures[row] = float(value)

    def compare(
        self,
        benchmark: BenchmarkFixture,
        row: str,
        ours: Callable[[], object],
        peer: Callable[[], object],
        *,
        rounds: int = 15,
        share: float = 1.0,
    ) -> float:
        """Time ours and a peer in turn, so that both meet the machine in the same mood.

        The median of the ratios of neighbours, multiplied by ``share``, is the row's figure: the
        peer's over ours where more is better, else ours over the peer's.
        """
        others: list[float] = []

        def before() -> None:
            begun = time.perf_counter()
            peer()
            others.append(time.perf_counter() - begun)

        ours()
        peer()
        benchmark.group = row
        benchmark.pedantic(ours, setup=before, rounds=rounds)
        stats = benchmark.stats
        assert stats is not None
        pairs = zip(stats.stats.data, others, strict=True)
        faster = ROWS[row].kind == "times faster"
        ratio = statistics.median(other / own if faster else own / other for own, other in pairs)
        benchmark.extra_info.update(row=row, peer=statistics.median(others), ratio=ratio * share)
        self.note(row, ratio * share)
        return ratio * share

    def time(
        self,
        benchmark: BenchmarkFixture,
        row: str,
        call: Callable[[], object],
        *,
        rounds: int = 15,
        setup: Callable[[], object] | None = None,
    ) -> None:
        """Take the median of some rounds, after one that is not counted."""
        if setup is not None:
            setup()
        call()
        benchmark.group = row
        benchmark.pedantic(call, setup=setup, rounds=rounds)
        stats = benchmark.stats
        assert stats is not None
        unit = {"ms": 1e3, "s": 1.0}[ROWS[row].kind]
        self.note(row, unit * stats.stats.median)


@pytest.fixture(scope="session")
def table(pytestconfig: pytest.Config) -> Table:
    return Table(pytestconfig.stash[FIGURES])


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what keeps the table."""
    words = "put the table into benchmarks/README.md"
    parser.addoption("--keep-table", action="store_true", help=words)


def pytest_configure(config: pytest.Config) -> None:
    """Begin an empty table."""
    config.stash[FIGURES] = {}


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"


def lines_of(figures: dict[str, float]) -> list[str]:
    """Return the table in Markdown."""
    lines = ["| work | | 0.1.0 | must | goal | now | |", "|---|---|---|---|---|---|---|"]
    for name, row in ROWS.items():
        if name in figures:
            now = figures[name]
            cells = [name, row.kind, *map(_number, (row.was, row.must, row.goal, now))]
            lines.append("| " + " | ".join([*cells, row.verdict(now)]) + " |")
    return lines


def _machine() -> str:
    packages = ("numpy", "numba", "astropy", "PyQt6", "pyqtgraph", "sep", "photutils")
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    return (
        f"{time.strftime('%Y-%m-%d')}, {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {versions}."
    )


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the table; keep it where that was asked for."""
    figures = config.stash[FIGURES]
    if not figures:
        return
    lines = lines_of(figures)
    terminalreporter.section("rows of the table")
    for line in lines:
        terminalreporter.write_line(line)
    if config.getoption("keep_table"):
        text = PAGE.read_text(encoding="utf-8").partition(NEWEST)[0]
        page = "\n\n".join([NEWEST, _machine(), "\n".join(lines)])
        PAGE.write_text(f"{text}{page}\n", encoding="utf-8")
