"""A planted fault is found where a test sees it, and lives where none does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from plant_faults import Fault, counted, draw, faults_of, lives, read_table, write_table

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = '''"""Ages."""


def is_adult(years: int) -> bool:
    """Return whether."""
    return years >= 18
'''
EDGE = "from skyframe_gui.ages import is_adult\n\n\ndef test_it():\n    assert is_adult({})\n"
FAULTS = faults_of("skyframe_gui/ages.py", SOURCE)


@pytest.mark.parametrize(("years", "alive"), [(18, False), (40, True)])
def test_a_fault_lives_where_no_test_sees_it(tmp_path: Path, years: int, alive: bool) -> None:
    (tmp_path / "skyframe_gui").mkdir()
    (tmp_path / "skyframe_gui" / "__init__.py").touch()
    (tmp_path / "skyframe_gui" / "ages.py").write_text(SOURCE)
    (tmp_path / "test_ages.py").write_text(EDGE.format(years))
    (fault,) = (one for one in FAULTS if one.kind == "comparison")
    assert (fault.before, fault.after) == ("years >= 18", "(years > 18)")
    assert lives(fault, ["test_ages.py"], tmp_path, 1.0) is alive
    assert (tmp_path / "skyframe_gui" / "ages.py").read_text() == SOURCE


def test_faults_are_planted_into_what_is_run_only() -> None:
    assert {(one.line, one.before, one.after) for one in FAULTS} == {
        (6, "years >= 18", "(years > 18)"),
        (6, "years >= 18", "None"),
        (6, "18", "(18 + 1)"),
    }


@pytest.mark.parametrize(
    ("source", "after"),
    [
        ("a and b", "(a or b)"),
        ("x = not a", "x = bool(a)"),
        ("if a: b", "if not a: b"),
        ("f(a)", "None"),
        ("x = f(a, b)", "x = f(b, a)"),
        ("x = 'two words'", 'x = ""'),
        ("x = f'{a} words'", 'x = ""'),
        ("x = True", "x = False"),
        ("x = a is b", "x = (a is not b)"),
        ("x = 'ä' + a", "x = ('ä' - a)"),
    ],
)
def test_each_kind_of_fault(source: str, after: str) -> None:
    assert after in {fault.planted(source) for fault in faults_of("skyframe_gui/cli.py", source)}


def test_a_fault_finds_its_line_when_the_file_has_grown() -> None:
    (fault,) = (one for one in FAULTS if one.kind == "constant")
    grown = f"YOUNG = 18\n{'#' * 200}\n{SOURCE}"
    assert fault.planted(grown) == grown.replace(">= 18", ">= (18 + 1)")


def test_the_seed_decides_and_every_layer_has_its_share() -> None:
    paths = ["engine/bins.py", "engine/kernels/boxes.py", "ui/window.py", "console.py"]
    many = [one for path in paths for one in faults_of(f"skyframe_gui/{path}", SOURCE)]
    drawn = draw(many, 8, 3)
    assert drawn == draw(many, 8, 3)
    assert drawn != draw(many, 8, 4)
    layers = [fault.layer for fault in drawn]
    assert layers == ["kernels", "engine", "ui", "command line"] * 2


def test_a_table_is_read_as_it_was_written_and_counted(tmp_path: Path) -> None:
    odd = Fault(path="skyframe_gui/a.py", line=1, column=2, kind="text", before='"\t\n"', after="")
    results = [("found", odd), ("nothing", odd), ("lived", odd), ("found", FAULTS[0])]
    write_table(tmp_path / "table", results)
    assert read_table(tmp_path / "table") == results
    assert counted(results).splitlines()[-1].split() == ["all", "2", "1", "0", "0", "1", "67", "%"]
