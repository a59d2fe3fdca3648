"""The table of visits tells by what it is sorted, and which visits lack detectors."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest
from test_night_panels import a_row

from skyframe_gui.app.model.config_hints import LEVEL_UNIT, level_ratio
from skyframe_gui.app.model.night_view import VisitRow
from skyframe_gui.cli_night import _cells
from skyframe_gui.ui.night.night_model import NightModel
from skyframe_gui.ui.night.night_table import NightTable
from skyframe_gui.ui.night.night_words import Column
from skyframe_gui.ui.theme import DARK

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def heads(table: NightTable) -> list[str]:
    ask = table.rows.headerData
    return [ask(column, Qt.Orientation.Horizontal) for column in Column]


def click(table: NightTable, column: Column) -> None:
    header = table.horizontalHeader()
    x = header.sectionViewportPosition(column) + header.sectionSize(column) // 2
    button, nothing = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QTest.mouseClick(header.viewport(), button, nothing, QPoint(x, header.height() // 2))


def test_an_arrow_shows_the_column_and_the_direction(qtbot: QtBot) -> None:
    table = NightTable()
    qtbot.addWidget(table)
    table.resize(1400, 300)
    table.show()
    table.show_rows([a_row(str(k), 1000.0 - k) for k in range(5)], "", DARK)
    plain = heads(table)
    assert not any("\N{UPWARDS ARROW}" in head for head in plain)
    click(table, Column.LEVEL)
    up = heads(table)
    assert up[Column.LEVEL] == f"\N{UPWARDS ARROW} {plain[Column.LEVEL]}"
    assert [row.visit for row in table.rows.rows] == list("43210")
    # There is room for it: the title is not cut.
    width = table.columnWidth(Column.LEVEL)
    assert table.horizontalHeader().fontMetrics().horizontalAdvance(up[Column.LEVEL]) < width - 8
    click(table, Column.LEVEL)
    assert heads(table)[Column.LEVEL].startswith("\N{DOWNWARDS ARROW} ")
    click(table, Column.STATE)
    after = heads(table)
    assert after[Column.LEVEL] == plain[Column.LEVEL]
    assert after[Column.STATE] == f"{plain[Column.STATE]} \N{UPWARDS ARROW}"
    assert table.text_of_all().splitlines()[0].split("\t") == [
        head for column, head in zip(Column, plain, strict=True)
        if not table.isColumnHidden(column)
    ][1:]  # fmt: skip


def test_a_visit_with_fewer_detectors_than_others_says_so(qtbot: QtBot) -> None:
    table = NightTable()
    qtbot.addWidget(table)
    rows = [a_row("1", 1000.0, n_exposures=9), a_row("2", 1000.0, n_exposures=7)]
    table.show_rows(rows, "", DARK)
    states = [table.rows.text(row, Column.STATE) for row in rows]
    assert "of 9" not in states[0]
    assert states[1] == f"{rows[1].state}; 7 of 9 detectors"
    one = a_row("3", 1000.0, n_exposures=8, n_failed=1)
    table.show_rows([rows[0], one], "", DARK)
    assert table.rows.text(one, Column.STATE).endswith("; 1 exposure left out")


def test_what_is_chosen_goes_with_its_row_when_the_order_changes(qtbot: QtBot) -> None:
    table = NightTable()
    qtbot.addWidget(table)
    table.resize(1400, 300)
    table.show()
    rows = [a_row(str(k), 1000.0 - k) for k in range(5)]
    table.show_rows(rows, "1", DARK)
    told: list[str] = []
    table.chosen.connect(told.append)

    def chosen() -> list[str]:
        model = table.selectionModel()
        assert model is not None
        assert table.currentIndex().row() == model.selectedRows()[0].row()
        return [table.rows.rows[index.row()].visit for index in model.selectedRows()]

    assert chosen() == ["1"]
    click(table, Column.LEVEL)
    assert [row.visit for row in table.rows.rows] == list("43210")
    assert chosen() == ["1"]
    # Another number puts it elsewhere, and it stays the chosen one.
    resets: list[object] = []
    table.rows.modelReset.connect(lambda: resets.append(1))
    table.show_rows([*rows[:1], a_row("1", 5.0), *rows[2:]], "1", DARK)
    assert [row.visit for row in table.rows.rows] == list("14320")
    assert chosen() == ["1"]
    assert resets == told == []


def texts(rows: list[VisitRow], which: Column) -> list[str]:
    model = NightModel()
    model.show_rows(rows, DARK)
    return [model.text(row, which) for row in model.rows]


def test_a_small_sky_keeps_its_digits() -> None:
    rows = [a_row("1", 1009.63), a_row("2", 0.026528)]
    assert texts(rows, Column.LEVEL) == ["1009.6", "0.0265"]


def test_a_fit_that_lost_every_sample_counts_them() -> None:
    nan = float("nan")
    lost = a_row("1", 1000.0, scale=nan, error=nan, n_used=0, n_rejected=324, why="All are gone.")
    never = a_row("2", 1000.0, scale=nan, error=nan, n_used=0, n_rejected=0, why="No sky frame.")
    rows = [lost, never]
    assert texts(rows, Column.USED) == ["0", "\N{EM DASH}"]
    assert texts(rows, Column.REJECTED) == ["324", "\N{EM DASH}"]
    assert texts(rows, Column.SHARE)[0] == "100.0"
    said = [str(cell) for cell in _cells(lost.numbers)]
    assert {"0", "324"} <= set(said)


def test_times_of_several_nights_have_their_day() -> None:
    first, second = a_row("1", 1000.0), a_row("2", 1000.0)
    alone = texts([first, second], Column.START)
    later = replace(
        second.numbers, night="2014-03-30", start=second.numbers.start.replace("03-28", "03-30")
    )
    both = texts([first, VisitRow(keys=second.keys, numbers=later)], Column.START)
    assert alone == ["05:11:41", "05:12:41"]
    assert both == ["03-28 05:11:41", "03-30 05:12:41"]


def test_a_dead_detector_does_not_move_the_level_of_its_visit() -> None:
    facts = {str(k): SimpleNamespace(level=1000.0 if k else 0.0) for k in range(9)}
    solution = SimpleNamespace(scale=1010.0)
    fit = SimpleNamespace(frame_units={LEVEL_UNIT}, keys=tuple(facts), solution=solution)
    state = SimpleNamespace(facts=facts)
    assert level_ratio(state, fit) == pytest.approx(1.01)  # type: ignore[arg-type]
