"""The workspace Night: which visits are odd?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QApplication

from skyframe_gui.app.model.night_view import NightView, VisitRow
from skyframe_gui.app.model.queries import visit_of
from skyframe_gui.engine.diagnostics import Finding
from skyframe_gui.files.fits.conditions import Conditions
from skyframe_gui.numbers import NONE, SIGMA
from skyframe_gui.ui.badge import night_count
from skyframe_gui.ui.night.night_model import NightModel
from skyframe_gui.ui.night.night_table import NightTable
from skyframe_gui.ui.night.night_words import Column, mark_of, subject_of, tip_of
from skyframe_gui.ui.panels.night import NightTablePanel
from skyframe_gui.ui.panels.night_trends import NAMES, NightTrendsPanel
from skyframe_gui.ui.theme import DARK, LIGHT
from skyframe_gui.workflow.night_row import NightRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from nights import Night
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.ui.window import MainWindow

OFFSET = Finding(kind="offset", severity="warning", title="They want it.", text="By 3 adu.")
FEW = Finding(kind="few", severity="note", title="Few.", text="Of them.")


def a_row(visit: str, level: float, progress: str = "done", **more: object) -> VisitRow:
    numbers = NightRow(
        visit=visit,
        night="2014-03-28",
        filter="r",
        start=f"2014-03-28T05:1{visit[-1]}:41.5",
        exposure_time=30.0,
        level=level,
        unit="adu",
        **{
            "scale": level + 3.3,
            "error": 2.8,
            "ratio": 1.0038,
            "sigma": 1.123,
            "n_used": 1942,
            "n_rejected": 162,
            "intercept": 0.543,
            "intercept_error": 0.09,
            **more,
        },  # type: ignore[arg-type]  # as the class has it
    )
    return VisitRow(keys=(f"/n/{visit}.fits[0]",), numbers=numbers, progress=progress)  # type: ignore[arg-type]


NAN = float("nan")
MOONLIT = Conditions(airmass=1.083, moon_altitude=-12.0, moon_phase=0.34, moon_separation=85.2)
ROWS = (
    a_row("908120", 1009.6, findings=(OFFSET, FEW), conditions=MOONLIT),
    a_row("908122", 1014.2, findings=(FEW,), n_failed=2),
    a_row(
        "908124",
        1011.8,
        scale=NAN,
        error=NAN,
        ratio=NAN,
        sigma=NAN,
        n_used=0,
        n_rejected=0,
        why="Nothing is left.",
    ),
    a_row("908129", 1023.0, progress="waiting"),
)


def column(model: NightModel, which: Column) -> list[str]:
    return [model.text(row, which) for row in model.rows]


@pytest.fixture
def model() -> NightModel:
    made = NightModel()
    made.show_rows(ROWS, DARK)
    return made


def test_a_row_says_what_is_known(model: NightModel) -> None:
    first = [model.text(model.rows[0], one) for one in Column]
    assert first == [
        "", "908120", "05:10:41", "30 s", "r", "1.08", "34 %, down, 85° away", "1009.6", "1012.9",
        "2.8", "1.0038", "1.12", "1942", "162", "7.7", "+0.54", "They want it",
    ]  # fmt: skip
    titles = [model.title(one) for one in Column]
    assert titles[13:15] == ["rejected", "rejected %"]
    assert titles[7:12] == ["sky [adu]", "scale", "±", "scale / sky", f"{SIGMA} [adu]"]
    assert column(model, Column.SCALE)[2:] == [NONE, "1026.3"]
    assert column(model, Column.USED)[2] == NONE
    assert column(model, Column.STATE)[1:] == [
        "1 note; 2 exposures left out",
        "Nothing is left.",
        "waiting",
    ]
    assert column(model, Column.AIRMASS)[1] == NONE


def test_a_start_has_its_day_and_its_year_where_others_are_of_another(model: NightModel) -> None:
    first, *_ = ROWS
    for night, words in (("2014-03-29", "03-28 05:10:41"), ("2015-01-02", "2014-03-28 05:10:41")):
        other = replace(first, numbers=replace(first.numbers, visit="908131", night=night))
        model.show_rows((first, other), DARK)
        assert column(model, Column.START)[0] == words


def test_marks_are_icons_and_words(model: NightModel) -> None:
    assert [mark_of(row) for row in ROWS] == ["warning", "ok", "failed", "pending"]
    for place, row in enumerate(ROWS):
        index = model.index(place, Column.MARK)
        assert model.data(index, Qt.ItemDataRole.AccessibleTextRole) == mark_of(row)
        assert not model.data(index, Qt.ItemDataRole.DecorationRole).isNull()
    assert tip_of(ROWS[0]) == "They want it. By 3 adu.\n\nFew. Of them."
    assert tip_of(ROWS[2]) == "Nothing is left."
    assert tip_of(ROWS[3]) == "waiting"

    def colour(place: int, palette: object) -> str:
        model.show_rows(ROWS, palette)  # type: ignore[arg-type]  # one of two
        index = model.index(place, Column.STATE)
        return model.data(index, Qt.ItemDataRole.ForegroundRole).name()

    assert colour(0, DARK) == DARK.warning.lower()
    assert colour(0, LIGHT) == LIGHT.warning.lower()
    assert colour(1, DARK) == DARK.text2.lower()
    assert colour(3, DARK) == DARK.text3.lower()


def test_each_column_sorts_and_what_has_no_number_comes_last(model: NightModel) -> None:
    up, down = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder
    for which in Column:
        for order in (up, down):
            model.sort(which, order)
            assert {row.visit for row in model.rows} == {row.visit for row in ROWS}
    model.sort(Column.LEVEL, down)
    assert column(model, Column.LEVEL) == ["1023.0", "1014.2", "1011.8", "1009.6"]
    for order in (up, down):
        model.sort(Column.SCALE, order)
        assert model.rows[-1].visit == "908124"
    model.sort(Column.MARK, up)
    assert [mark_of(row) for row in model.rows] == ["warning", "failed", "pending", "ok"]
    model.sort(-1)
    assert [row.visit for row in model.rows] == [row.visit for row in ROWS]


def test_the_subject_names_night_filters_and_number() -> None:
    assert subject_of(ROWS) == "28 March 2014, r, 4 visits"
    other = a_row("7", 1.0)
    other = VisitRow(
        keys=(), numbers=NightRow(visit="7", night="2014-03-29", filter="i"), progress="done"
    )
    assert subject_of((*ROWS, other)) == "2 nights, r, i, 5 visits"
    assert subject_of((VisitRow(keys=(), numbers=NightRow(visit="x")),)) == "1 visit"


@pytest.fixture
def seen(
    window: MainWindow, commands: Commands, night: Night, idle: Callable[[], None]
) -> MainWindow:
    """A night whose visits are all fitted."""
    window.resize(1440, 900)
    commands.open([*night.science, *night.paths])
    idle()
    commands.build()
    idle()
    window.actions_.by_id["workspace-night"].trigger()
    idle()
    return window


def the_view(store: Store) -> NightView:
    assert store.state.results.night is not None
    return store.state.results.night


def test_the_workspace_has_a_key_and_shows_its_panels(seen: MainWindow, store: Store) -> None:
    assert seen.actions_.by_id["workspace-night"].shortcut().toString() == "Ctrl+5"
    assert store.state.view.workspace == "night"
    table = seen.panels.get(NightTablePanel).table
    assert table.isVisible()
    assert seen.panels.get(NightTrendsPanel).isVisible()
    assert [row.visit for row in table.rows.rows] == [row.visit for row in the_view(store).rows]
    assert seen.top_bar.switch.segments["night"].count == night_count(store.state)


def test_a_chosen_visit_is_chosen_everywhere(
    seen: MainWindow, store: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    panel, trends = seen.panels.get(NightTablePanel), seen.panels.get(NightTrendsPanel)
    second = next(i.key for i in store.state.exposures if "v1002-d2" in i.key)
    commands.select_exposure(second)  # which has the second detector shown
    idle()
    table = panel.table
    assert table.rows.rows[table.currentIndex().row()].visit == "1002"
    place = table.rows.place_of("1004")
    table.setCurrentIndex(table.rows.index(place, Column.VISIT))
    idle()
    assert "v1004-d2" in store.state.selection.exposure
    assert store.state.results.fit is not None
    assert store.state.results.fit.visit == "1004"
    assert all(plot._selected == "1004" for plot in trends.plots.values())
    trends.plots["scale"].chosen.emit("1005")
    idle()
    assert visit_of(store.state, store.state.selection.exposure) == "1005"
    assert table.rows.rows[table.currentIndex().row()].visit == "1005"
    enter = QKeyEvent(QKeyEvent.Type.KeyPress, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier)
    table.keyPressEvent(enter)
    assert store.state.view.workspace == "visit"
    assert "v1005-d2" in store.state.selection.exposure
    idle()


def test_trends_have_the_numbers_of_the_rows_against_time(seen: MainWindow, store: Store) -> None:
    trends = seen.panels.get(NightTrendsPanel)
    rows = {row.visit: row.numbers for row in the_view(store).rows}
    assert tuple(trends.plots) == NAMES
    for name, of in (("sky", "level"), ("scale", "scale"), ("scale / sky", "ratio")):
        marks = trends.plots[name].marks
        assert len(marks) == len(rows)
        for mark in marks:
            assert mark.y == pytest.approx(getattr(rows[mark.key], of))
    times = {mark.key: mark.x for mark in trends.plots["sky"].marks}
    start = np.datetime64(rows["1003"].start, "ms").astype(np.int64) / 1000
    assert times["1003"] == start
    assert trends.plots["sky"].y_label == "sky [electron]"
    assert trends.plots["rejected"].y_range.low == 0, "no part of the samples is less than nothing"
    assert trends.plots["sky"].y_range.low > 0
    assert trends.plots["scale"].y_label == "scale"
    shapes = {mark.key: mark.shape for mark in trends.plots["sky"].marks}
    warned = {row.visit for row in the_view(store).rows if row.warns}
    assert {key for key, shape in shapes.items() if shape == "triangle"} == warned


def test_the_table_is_copied_and_hides_what_nobody_knows(seen: MainWindow) -> None:
    panel = seen.panels.get(NightTablePanel)
    head, *lines = panel.copied_text().splitlines()
    assert head.split("\t")[:3] == ["visit", "start UT", "exposure"]
    assert "airmass" not in head
    assert "filter" not in head  # all are of one, which the title tells
    assert len(lines) == 6
    assert lines[0].split("\t")[0] == "1001"


def test_home_end_and_the_figures_of_a_name_choose_a_visit(qtbot: QtBot) -> None:
    table = NightTable()
    qtbot.addWidget(table)
    table.show_rows(ROWS, "908122", DARK)
    table.show()
    reached: list[str] = []
    table.chosen.connect(reached.append)
    for key in (Qt.Key.Key_End, Qt.Key.Key_Home):
        qtbot.keyClick(table, key)
    assert reached == ["908129", "908120"]
    qtbot.keyClicks(table, "908124")
    assert reached[-1] == "908124"

    def is_kept(key: Qt.Key, text: str, modifier: Qt.KeyboardModifier) -> bool:
        event = QKeyEvent(QEvent.Type.ShortcutOverride, key, modifier, text)
        event.ignore()
        QApplication.sendEvent(table, event)
        return event.isAccepted()

    plain, alt = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.AltModifier
    assert is_kept(Qt.Key.Key_4, "4", plain), "it means no panes here"
    assert not is_kept(Qt.Key.Key_4, "4", alt)
    assert not is_kept(Qt.Key.Key_B, "b", plain), "no visit begins with it"


def test_without_exposures_there_is_a_note(window: MainWindow, commands: Commands) -> None:
    panel = NightTablePanel(commands)
    panel.show_state(commands.store.state)
    assert panel._pages.currentIndex() == 1
    assert panel.copied_text() == ""
    panel.deleteLater()


def test_another_choice_and_a_few_new_rows_paint_only_what_is_another(qtbot: QtBot) -> None:
    rows = [a_row(str(number), 1000.0) for number in range(1000, 1040)]
    table = NightTable()
    qtbot.addWidget(table)
    table.show_rows(rows, "1003", DARK)
    changed: list[tuple[int, int]] = []
    heads: list[object] = []
    table.rows.dataChanged.connect(lambda a, b: changed.append((a.row(), b.row())))
    table.rows.headerDataChanged.connect(lambda *more: heads.append(more))
    table.show_rows(rows, "1007", DARK)
    assert table.currentIndex().row() == 7
    assert changed == []
    other = [*rows[:11], replace(rows[11], progress="fitting", words="now"), *rows[12:]]
    table.show_rows(other, "1007", DARK)
    assert changed == [(11, 11)]
    assert table.rows.text(table.rows.rows[11], Column.STATE) == "now"
    table.show_rows(other, "1007", LIGHT)
    assert changed[1:] == [(0, 39)]
    assert heads == []
