"""The data panel: what it lists, what its keys do, and that it stays as it was left."""

from __future__ import annotations

import shutil
from dataclasses import replace
from html import escape
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest
from made_items import an_exposure
from PyQt6.QtCore import QItemSelectionModel, QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PyQt6.QtTest import QAbstractItemModelTester

from skyframe_gui.app.model.items import BadFile, ExposureItem, Facts
from skyframe_gui.app.model.pins import pinned_request
from skyframe_gui.app.model.queries import (
    open_exposures,
    open_sky_frames,
    sky_frames_in_use,
)
from skyframe_gui.app.model.requests import request_of
from skyframe_gui.app.model.sky_sets import sky_sets
from skyframe_gui.app.model.state import State
from skyframe_gui.files import read_sky_frame, write_sky_frame
from skyframe_gui.ui.data.kept_rows import tree_rows
from skyframe_gui.ui.data.tree_model import LEVEL, MASKED, NAME, SCIENCE, SKY, DataModel
from skyframe_gui.ui.data.tree_rows import Row, Titles, titles
from skyframe_gui.ui.panels.data import DataPanel

if TYPE_CHECKING:
    from collections.abc import Callable

    from nights import Night
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.store import Store


DAMAGED_SKY = Path(__file__).parents[1] / "data" / "fits" / "damaged-sky.fits.gz"
"""A bit of its values was changed, so that their checksum is wrong."""


@pytest.fixture
def panel(qtbot: QtBot, store: Store, commands: Commands) -> DataPanel:
    made = DataPanel(commands)
    qtbot.addWidget(made)
    made.resize(256, 700)
    made.show()
    made.show_state(store.state)
    store.changed.connect(lambda old, new: made.show_state(new))
    return made


@pytest.fixture
def opened(
    panel: DataPanel, night: Night, commands: Commands, idle: Callable[[], None]
) -> DataPanel:
    """The panel with two visits of two detectors and a file that is none."""
    commands.open([*night.paths[:4], str(Path(__file__))])
    idle()
    return panel


def lines(panel: DataPanel) -> list[str]:
    return [row.name for row in panel.model.rows()]


def exposures(panel: DataPanel) -> list[Row]:
    return [row for row in panel.model.rows() if row.kind == "exposure"]


def choose(panel: DataPanel, *ids: str) -> None:
    chosen = panel.tree.selectionModel()
    assert chosen is not None
    chosen.clear()
    for one in ids:
        index = panel.model.index_of(one)
        chosen.setCurrentIndex(
            index,
            QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows,
        )


def cell(panel: DataPanel, row: Row, column: int) -> str:
    return str(panel.model.index_of(row.id).siblingAtColumn(column).data())


def test_exposures_stand_below_their_visits_with_level_and_masked_part(opened: DataPanel) -> None:
    assert lines(opened) == [
        "1001",
        "det 1",
        "det 2",
        "1002",
        "det 1",
        "det 2",
        "Not opened",
        "test_data.py",
    ]
    first = exposures(opened)[0]
    assert 500 < float(cell(opened, first, LEVEL)) < 3000
    assert 0 < float(cell(opened, first, MASKED)) < 100
    visit = next(row for row in opened.model.rows() if row.kind == "visit")
    levels = [float(row.level) for row in visit.children]
    assert float(visit.level) == pytest.approx(sum(levels) / 2, abs=0.1)
    assert titles(opened.commands.store.state) == Titles(
        "level [e\N{SUPERSCRIPT MINUS}]", "electron"
    )


def test_an_empty_panel_says_what_to_do(panel: DataPanel, qtbot: QtBot) -> None:
    assert not panel.tree.isVisible()
    assert panel._empty.isVisible()


def test_a_file_that_is_none_is_a_row_with_its_reason(opened: DataPanel, qtbot: QtBot) -> None:
    bad = next(row for row in opened.model.rows() if row.kind == "bad file")
    tip = opened.model.index_of(bad.id).data(Qt.ItemDataRole.ToolTipRole)
    assert "not a FITS file" in tip
    assert opened._foot.isVisible()
    assert "1 file could not be read" in opened.footer.accessibleName()
    qtbot.mouseClick(opened.footer, Qt.MouseButton.LeftButton)
    assert opened.tree.current_row() == bad
    assert "not a FITS file" in opened.why.text()


def test_what_a_narrow_panel_leaves_away_is_had_from_its_title_and_its_heads(
    opened: DataPanel, qtbot: QtBot
) -> None:
    (tools,) = opened.header_widgets()
    qtbot.addWidget(tools)
    assert opened.more.isHidden(), "everything is there"
    opened.resize(220, 700)
    assert not opened.more.isHidden()
    assert opened.tree.isColumnHidden(MASKED)
    menu = opened.more.menu()
    assert menu is not None
    offers = {action.text().split("\t")[0]: action for action in menu.actions()}
    heads = opened.tree.header()
    assert heads is not None
    assert heads.actions() == [*offers.values()]
    offers["mask % in the place of the level"].trigger()
    assert not opened.tree.isColumnHidden(MASKED)
    assert opened.tree.isColumnHidden(LEVEL), "names would be cut to nothing"
    opened.resize(300, 700)
    assert not opened.tree.isColumnHidden(LEVEL)
    opened.resize(220, 700)
    assert not opened.tree.isColumnHidden(MASKED), "a person wants it"
    offers["mask % in the place of the level"].trigger()
    assert opened.tree.isColumnHidden(MASKED)
    assert not opened.filter.isVisible()
    offers["Filter"].trigger()
    assert opened.filter.isVisible()
    row = exposures(opened)[0]
    tip = opened.model.index_of(row.id).data(Qt.ItemDataRole.ToolTipRole)
    assert f"masked&nbsp;&nbsp;</td><td>{float(row.masked):.0f}"[:-1] in tip


def test_what_this_program_wrote_is_named_in_its_row(panel: DataPanel, store: Store) -> None:
    taken = {"subtracted": "A sky frame was taken off."}
    lists = BadFile("/night/v-background.fits", "There is nothing in it.", "background list")
    store.set(
        exposures=(
            an_exposure("a.fits"),
            an_exposure("a-sub.fits", **taken),
            an_exposure("b-sub.fits", detector="2", **taken),
            an_exposure("c-sub.fits", visit="", **taken),
        ),
        bad_files=(lists,),
    )
    assert [row.name for row in panel.model.rows()] == [
        "7",
        "det 1",
        "7-subtracted",
        "det 1, subtracted",
        "det 2, subtracted",
        "c-sub, subtracted",
        "Not opened",
        "v-background.fits, a background list",
    ]
    assert [*panel.model.rows()][-1].mark == ""
    assert not panel._foot.isVisible(), "nothing failed"
    store.set(bad_files=(lists, BadFile("/night/x.fits", "It is cut short.")))
    assert panel.footer.accessibleName().startswith("1 file could not be read: x.fits")
    panel.footer.click()
    assert panel.tree.current_row().id == "/night/x.fits"


def test_a_file_that_has_changed_since_the_session_was_saved_counts_as_read(
    panel: DataPanel, store: Store
) -> None:
    item = an_exposure("a.fits", visit="7", detector="1")
    path = str(item.source.path)
    store.set(exposures=(item,), bad_files=(BadFile(path, "It is longer.", opened=True),))
    assert [row.name for row in panel.model.rows()][-2:] == ["Changed", "a.fits"]
    words = panel.footer.accessibleName()
    assert words.startswith("1 file has changed: a.fits")
    panel.footer.click()
    assert panel.tree.current_row().kind == "bad file"
    assert panel.why.text() == "It is longer."


def test_a_click_shows_an_exposure_and_ctrl_click_only_gathers(
    opened: DataPanel, store: Store, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = opened.tree.viewport()
    rows = exposures(opened)
    place = opened.tree.visualRect(opened.model.index_of(rows[2].id)).center()
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=place)
    assert store.state.selection.exposure == rows[2].id
    place = opened.tree.visualRect(opened.model.index_of(rows[1].id)).center()
    held = Qt.KeyboardModifier.ControlModifier
    monkeypatch.setattr(
        "skyframe_gui.ui.data.tree.QApplication.keyboardModifiers", staticmethod(lambda: held)
    )
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, held, place)
    assert store.state.selection.exposure == rows[2].id
    assert len(opened.selected_exposures()) == 2


def test_a_click_on_a_visit_shows_its_exposure_of_the_same_detector(
    opened: DataPanel, store: Store, qtbot: QtBot
) -> None:
    first, second = [row for row in opened.model.rows() if row.kind == "visit"]
    view = opened.tree.viewport()
    opened.commands.select_exposure(first.children[1].id)
    opened.tree.collapse(opened.model.index_of(second.id))
    place = opened.tree.visualRect(opened.model.index_of(second.id)).center()
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=place)
    assert store.state.selection.exposure == second.children[1].id
    assert set(opened.selected_exposures()) == set(second.keys), "Space is for the whole visit"
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=place)
    assert store.state.selection.exposure == second.children[1].id


def test_up_and_down_show_what_they_point_at(opened: DataPanel, store: Store, qtbot: QtBot) -> None:
    rows = exposures(opened)
    assert store.state.selection.exposure == rows[0].id
    qtbot.keyClick(opened.tree, Qt.Key.Key_Down)
    assert store.state.selection.exposure == rows[1].id
    qtbot.keyClick(opened.tree, Qt.Key.Key_Down)
    assert store.state.selection.exposure == rows[3].id, "on a visit: the same detector of it"
    current = opened.tree.current_row()
    assert current is not None
    assert current.id == "visit 1002", "the keys go on from where they are"
    qtbot.keyClick(opened.tree, Qt.Key.Key_Up)
    assert store.state.selection.exposure == rows[1].id
    qtbot.keyClick(opened.tree, Qt.Key.Key_Return)
    assert store.state.selection.exposure == rows[1].id


def test_the_next_visit_is_shown_with_the_same_detector(
    opened: DataPanel, store: Store, commands: Commands
) -> None:
    rows = exposures(opened)
    commands.select_exposure(rows[1].id)
    commands.step_visit(1)
    assert store.state.selection.exposure == rows[3].id
    commands.step_visit(1)
    assert store.state.selection.exposure == rows[3].id, "there is no other one"
    commands.step_visit(-1)
    assert store.state.selection.exposure == rows[1].id
    commands.assign(rows[2].id, "1003", "2")
    commands.assign(rows[3].id, "1003", "7")
    commands.select_exposure(rows[3].id)
    commands.step_visit(-1)
    assert store.state.selection.exposure == rows[3].id, "no visit before has det 7"


def test_space_leaves_the_selected_rows_out_and_takes_them_back_and_undo_does_too(
    opened: DataPanel, store: Store, qtbot: QtBot
) -> None:
    rows = exposures(opened)
    keys = {rows[0].id, rows[3].id}
    choose(opened, *keys)
    qtbot.keyClick(opened.tree, Qt.Key.Key_Space)
    assert store.state.excluded_members == keys
    assert {row.id for row in exposures(opened) if row.sky == "off"} == keys
    assert all(row.science == "on" for row in exposures(opened)), "they are fitted as before"
    assert set(opened.selected_exposures()) == keys, "the selection was lost"
    store.undo()
    assert not store.state.excluded_members
    store.redo()
    qtbot.keyClick(opened.tree, Qt.Key.Key_Space)
    assert not store.state.excluded_members


def test_space_on_a_visit_is_for_all_its_detectors(
    opened: DataPanel, store: Store, qtbot: QtBot
) -> None:
    choose(opened, "visit 1002")
    qtbot.keyClick(opened.tree, Qt.Key.Key_Space)
    assert len(store.state.excluded_members) == 2
    visit = opened.model.row_at(opened.model.index_of("visit 1002"))
    assert visit is not None
    assert (visit.sky, visit.science, visit.mark) == ("off", "on", "")


def test_shift_space_is_for_science_and_leaves_sky_frames_alone(
    opened: DataPanel, store: Store, qtbot: QtBot
) -> None:
    row = exposures(opened)[2]
    choose(opened, row.id)
    qtbot.keyClick(opened.tree, Qt.Key.Key_Space, Qt.KeyboardModifier.ShiftModifier)
    assert (store.state.excluded_exposures, store.state.excluded_members) == ({row.id}, frozenset())
    now = exposures(opened)[2]
    assert (now.sky, now.science, now.mark) == ("on", "off", "ok")
    visit = opened.model.row_at(opened.model.index_of("visit 1002"))
    assert visit is not None
    assert visit.science == "some"
    qtbot.keyClick(opened.tree, Qt.Key.Key_Space)
    assert exposures(opened)[2].mark == "left out", "it has neither role"


def test_a_click_on_a_box_switches_it_and_neither_shows_nor_selects(
    opened: DataPanel, store: Store, qtbot: QtBot
) -> None:
    rows = exposures(opened)
    choose(opened, rows[0].id)
    view = opened.tree.viewport()

    def click(row_id: str, column: int) -> None:
        index = opened.model.index_of(row_id).siblingAtColumn(column)
        place = opened.tree.visualRect(index).center()
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=place)

    click(rows[3].id, SCIENCE)
    assert store.state.excluded_exposures == {rows[3].id}
    assert store.state.selection.exposure == rows[0].id
    assert opened.selected_exposures() == [rows[0].id]
    click("visit 1001", SKY)
    assert store.state.excluded_members == {rows[0].id, rows[1].id}
    click("visit 1002", SCIENCE)
    assert not store.state.excluded_exposures, "of a visit that has it in part it is for all"
    choose(opened, rows[2].id, rows[3].id)
    click(rows[3].id, SKY)
    assert store.state.excluded_members == {row.id for row in rows}, "a box of several selected"


def test_science_alone_is_one_step_of_undo(opened: DataPanel, store: Store) -> None:
    choose(opened, "visit 1002")
    keys = set(opened.selected_exposures())
    texts = {action.text(): action for action in opened.menu().actions()}
    texts["Science only"].trigger()
    assert (store.state.excluded_members, store.state.excluded_exposures) == (keys, frozenset())
    texts = {action.text(): action for action in opened.menu().actions()}
    texts["Sky frames only"].trigger()
    assert (store.state.excluded_members, store.state.excluded_exposures) == (frozenset(), keys)
    store.undo()
    assert (store.state.excluded_members, store.state.excluded_exposures) == (keys, frozenset())


def test_visits_stand_below_their_nights_and_filters_where_there_are_several(
    opened: DataPanel, commands: Commands, store: Store, qtbot: QtBot
) -> None:
    rows = exposures(opened)
    commands.assign(rows[2].id, "1002", "1", night="2026-11-26", filter="i")
    commands.assign(rows[3].id, "1002", "2", night="2026-11-26", filter="i")
    commands.assign(rows[0].id, "1001", "1", night="2026-11-26")
    commands.assign(rows[1].id, "1001", "2", night="2026-11-25")
    found = [row.name for row in opened.model.rows() if row.kind in ("night", "filter", "visit")]
    assert found == [
        "25 Nov 2026", "1 visit", "1001-2026-11-25",
        "26 Nov 2026", "1 visit", "1001-2026-11-26", "1 visit", "1002",
    ]  # fmt: skip
    bands = [row.filter for row in opened.model.rows() if row.kind == "filter"]
    assert bands == ["r", "r", "i"]
    opened.tree.select_row("night 2026-11-26")
    qtbot.keyClick(opened.tree, Qt.Key.Key_Left)
    assert [row.name for row in exposures(opened)] == ["det 2"], "the night is folded"
    opened.filter.setText("1002")
    assert len(exposures(opened)) == 2, "what is searched for is seen all the same"
    opened.filter.clear()
    opened.tree.select_row("night 2026-11-26")
    qtbot.keyClick(opened.tree, Qt.Key.Key_Return)
    assert len(exposures(opened)) == 4
    commands.select_exposure(rows[1].id)
    commands.step_visit(1)
    assert store.state.selection.exposure == rows[3].id, "in the order of the list"


def test_delete_takes_rows_off_the_list_and_undo_brings_them_back(
    opened: DataPanel, store: Store, qtbot: QtBot
) -> None:
    before = lines(opened)
    bad = next(row for row in opened.model.rows() if row.kind == "bad file")
    choose(opened, "visit 1001", bad.id)
    qtbot.keyClick(opened.tree, Qt.Key.Key_Delete)
    assert lines(opened) == ["1002", "det 1", "det 2"]
    assert not opened._foot.isVisible()
    store.undo()
    assert lines(opened) == before


def test_the_filter_finds_by_name_filter_and_state(
    opened: DataPanel, commands: Commands, store: Store, qtbot: QtBot
) -> None:
    rows = exposures(opened)
    commands.set_role("sky", [rows[1].id], False)
    for text, found in (
        ("det 2", 2),
        ("1002", 2),
        ("1002 det 2", 1),
        ("left out", 1),
        ("r band", 4),
        ("nowhere", 0),
    ):
        opened.filter.setText(text)
        assert len(exposures(opened)) == found, text
    assert opened._no_match.isVisible()
    opened.filter.setFocus()
    qtbot.keyClick(opened.filter, Qt.Key.Key_Escape)
    assert len(exposures(opened)) == 4


def test_visits_stay_closed_and_rows_selected_while_levels_and_files_arrive(
    opened: DataPanel,
    night: Night,
    commands: Commands,
    store: Store,
    idle: Callable[[], None],
) -> None:
    where = opened.model.index_of("visit 1002")
    opened.tree.collapse(where)
    rows = exposures(opened)
    choose(opened, rows[0].id, rows[1].id)
    commands.open(night.paths[4:6])
    idle()
    facts = {**store.state.facts, rows[0].id: Facts(1.0, 0.5)}
    store.set(facts=MappingProxyType(facts))
    assert not opened.tree.isExpanded(opened.model.index_of("visit 1002"))
    assert opened.tree.isExpanded(opened.model.index_of("visit 1001"))
    assert set(opened.selected_exposures()) == {rows[0].id, rows[1].id}
    opened.filter.setText("1002")
    assert opened.tree.isExpanded(opened.model.index_of("visit 1002"))
    opened.filter.clear()
    assert not opened.tree.isExpanded(opened.model.index_of("visit 1002"))


def test_the_selection_follows_what_is_shown(opened: DataPanel, commands: Commands) -> None:
    opened.tree.collapseAll()
    commands.step_exposure(1)
    row = opened.tree.current_row()
    assert row is not None
    assert row.id == commands.store.state.selection.exposure
    assert row.shown


def test_visit_and_detector_set_by_hand_regroup(
    opened: DataPanel, store: Store, qtbot: QtBot
) -> None:
    choose(opened, exposures(opened)[0].id)
    dialog = opened.assign_selected()
    assert dialog is not None
    assert not dialog.isModal()
    assert (dialog.visit.text(), dialog.detector.text()) == ("1001", "1")
    dialog.visit.setText("77")
    dialog.detector.setText("9")
    dialog.accept()
    assert "77" in lines(opened)
    assert "det 9" in lines(opened)
    store.undo()
    assert "77" not in lines(opened)


def test_several_exposures_get_one_visit_and_keep_their_detectors(
    opened: DataPanel, store: Store, qtbot: QtBot
) -> None:
    choose(opened, "visit 1001", "visit 1002")
    qtbot.keyClick(opened.tree, Qt.Key.Key_F2)
    choose(opened, "visit 1002")
    dialog = opened.assign_selected()
    assert dialog is not None
    dialog.visit.setText("5")
    dialog.accept()
    five = opened.model.row_at(opened.model.index_of("visit 5"))
    assert five is not None
    assert [row.name for row in five.children] == ["det 1", "det 2"]
    store.undo()
    assert "1002" in lines(opened)
    assert "5" not in lines(opened)


def test_a_file_that_has_vanished_keeps_its_row_with_the_reason(
    panel: DataPanel,
    night: Night,
    tmp_path: Path,
    commands: Commands,
    store: Store,
    idle: Callable[[], None],
) -> None:
    from skyframe_gui.app.work.loader import facts_of

    path = tmp_path / "one.fits"
    shutil.copy(night.paths[0], path)
    commands.open([path, night.paths[1]])
    idle()
    path.unlink()
    item = store.state.exposures[0]
    store.set(facts={**store.state.facts, item.key: facts_of(item, ())})
    row = exposures(panel)[0]
    assert row.mark == "error"
    assert row.level == "—"
    choose(panel, row.id)
    assert "is gone" in panel.why.text()
    assert "1 exposure cannot be used: det 1" in panel.footer.accessibleName()
    store.set(bad_files=(BadFile("/n/x.fits", "Why."), BadFile("/n/y.fits", "Why.")))
    (section,) = [one for one in panel.model.rows() if one.kind == "section"]
    assert section.level == "2"
    assert "2 files not read, 1 exposure not usable" in panel.footer.accessibleName()


def sets(panel: DataPanel) -> list[tuple[str, ...]]:
    """Return name, filter, visits and whether it is in use, of each set on the list."""
    found = []
    for place in range(panel.sets.list.topLevelItemCount()):
        item = panel.sets.list.topLevelItem(place)
        assert item is not None
        words = str(item.data(0, Qt.ItemDataRole.AccessibleTextRole))
        used = "in use" if words.endswith("in use") else ""
        found.append((item.text(0), item.text(1), item.text(2), used))
    return found


def test_a_build_is_one_set_with_a_frame_of_each_detector(
    opened: DataPanel, commands: Commands, store: Store, idle: Callable[[], None]
) -> None:
    assert not opened.sets.isVisible()
    commands.build()
    idle()
    assert sets(opened) == [("set 1", "r", "2", "in use")]
    item = opened.sets.list.topLevelItem(0)
    assert item is not None
    assert "detectors" in item.toolTip(0)
    assert "2: 1 to 2" in item.toolTip(0)
    assert item.data(4, Qt.ItemDataRole.AccessibleTextRole) == "not saved"
    store.undo()
    assert not open_sky_frames(store.state)
    assert not opened.sets.isVisible()
    store.redo()
    assert len(open_sky_frames(store.state)) == 2


def test_sets_are_switched_as_a_whole_named_and_thrown_away_each_undone(
    opened: DataPanel, commands: Commands, store: Store, idle: Callable[[], None], qtbot: QtBot
) -> None:
    commands.build()
    idle()
    first = [item.key for item in store.state.sky_frames]
    commands.set_role("sky", opened.selected_exposures(), False)
    commands.build()
    idle()

    def used() -> list[str]:
        return [item.key for item in sky_frames_in_use(store.state)]

    assert [one[3] for one in sets(opened)] == ["in use", ""]
    assert not set(used()) & set(first)
    opened.sets.list.setFocus()
    qtbot.keyClick(opened.sets.list, Qt.Key.Key_Down)
    assert used() == first, "both detectors, and up and down show what they point at"
    assert [one[3] for one in sets(opened)] == ["", "in use"]
    store.undo()
    assert [one[3] for one in sets(opened)] == ["in use", ""]
    store.redo()
    item = opened.sets.list.currentItem()
    assert item is not None
    item.setText(0, "all of them")
    assert [one[0] for one in sets(opened)] == ["set 2", "all of them"]
    store.undo()
    assert [one[0] for one in sets(opened)] == ["set 2", "set 1"]
    qtbot.keyClick(opened.sets.list, Qt.Key.Key_Delete)
    assert [one[0] for one in sets(opened)] == ["set 2"]
    assert not set(used()) & set(first)
    store.undo()
    assert used() == first, "it is there again, and in use as it was"


def test_boxes_show_the_set_in_use_and_a_line_says_so_where_it_is_not_the_newest(
    opened: DataPanel, commands: Commands, store: Store, idle: Callable[[], None]
) -> None:
    first, second = [row for row in opened.model.rows() if row.kind == "visit"]
    commands.build()
    idle()
    commands.set_role("sky", second.keys, False)
    commands.build()
    idle()

    def boxes() -> list[str]:
        return [row.sky for row in exposures(opened)]

    assert boxes() == ["on", "on", "off", "off"]
    assert not opened.ticks.isVisible()
    newer, older = sky_sets(store.state)
    commands.sets.use(older.key)
    assert boxes() == ["on"] * 4
    assert opened.ticks.isVisible()
    assert "“set 1” of r" in opened.ticks.text()
    opened.tree.select_row(first.keys[0])
    opened.switch_role("sky")
    idle()
    assert boxes() == ["off", "on", "on", "on"]
    counts = [(one.name, one.n_exposures) for one in sky_sets(store.state)]
    assert counts == [("set 2", 1), ("set 1", 2)]
    assert len(older.frames) == len(newer.frames) == 2
    outs = [item.excluded_members for item in open_sky_frames(store.state)]
    assert outs == [{first.keys[0]}, set(), set(), set()]
    commands.sets.use(newer.key)
    assert boxes() == ["on", "on", "off", "off"]


def test_the_menu_saves_the_sky_frame_of_the_detector_that_is_shown(
    opened: DataPanel, commands: Commands, idle: Callable[[], None]
) -> None:
    commands.build()
    idle()
    wanted: list[str] = []
    opened.sets.save_wanted.connect(wanted.append)
    commands.select_exposure(exposures(opened)[1].id)
    menu = opened.sets.menu()
    assert menu is not None
    (save,) = [one for one in menu.actions() if one.text().startswith("Save")]
    assert "det 2" in save.text()
    save.trigger()
    assert wanted == ["built 2"]


def test_a_set_is_pinned_and_its_frames_are_looked_at(
    opened: DataPanel, commands: Commands, store: Store, idle: Callable[[], None], qtbot: QtBot
) -> None:
    commands.build()
    commands.build()
    idle()
    newer, older = (one.frames for one in sky_sets(store.state))
    opened.sets.list.setCurrentItem(opened.sets.list.topLevelItem(1))
    menu = opened.sets.menu()
    assert menu is not None
    acts = {action.text(): action for action in menu.actions()}
    acts["Pin with this set as A"].trigger()
    request = pinned_request(store.state, store.state.pins["A"])
    assert request.frames == older
    assert request_of(store.state).frames == newer
    commands.pins.take_pin("A")
    assert request_of(store.state).frames == older
    acts["Look at its sky frame"].trigger()
    selection = store.state.selection
    assert (selection.exposure, selection.sky_frame) == ("", older[0].key)
    commands.step_exposure(1)
    assert store.state.selection.sky_frame == older[1].key


def test_files_of_one_folder_and_name_are_a_set(
    opened: DataPanel, commands: Commands, store: Store, idle: Callable[[], None], tmp_path: Path
) -> None:
    frame = read_sky_frame(DAMAGED_SKY)
    for name, detector in (("a-1", "1"), ("a-2", "2"), ("b-1", "1")):
        write_sky_frame(tmp_path / f"{name}.fits", frame, detector=detector)
    commands.open([str(tmp_path)])
    idle()
    names = [sorted(one.name for one in found.frames) for found in sky_sets(store.state)]
    assert sorted(names) == [["a-1.fits", "a-2.fits"], ["b-1.fits"]]


def test_the_menu_offers_what_fits_the_rows(opened: DataPanel, store: Store) -> None:
    def texts(*ids: str) -> list[str]:
        choose(opened, *ids)
        return [action.text() for action in opened.menu().actions() if action.text()]

    rows = exposures(opened)
    assert texts(rows[0].id) == [
        "Use for sky frames",
        "Science: fit and export",
        "Sky frames only",
        "Science only",
        "Set visit and detector…",
        "Reload from disk",
        "Reveal in folder",
        "Copy path",
        "Close",
    ]
    opened.header_wanted.connect(lambda: None)
    assert "Show header" in texts(rows[0].id)
    assert texts(rows[0].id, rows[1].id)[-2:] == ["Copy paths", "Close 2"]
    assert "Blink these 2" in texts(rows[0].id, rows[1].id)
    bad = next(row for row in opened.model.rows() if row.kind == "bad file")
    assert texts(bad.id) == ["Reveal in folder", "Copy path", "Close"]
    choose(opened, rows[1].id)
    by_text = {action.text(): action for action in opened.menu().actions()}
    assert by_text["Use for sky frames"].isChecked()
    by_text["Use for sky frames"].trigger()
    assert store.state.excluded_members == {rows[1].id}
    by_text["Copy path"].trigger()
    board = QGuiApplication.clipboard()
    assert board is not None
    assert board.text() == str(open_exposures(store.state)[1].source.path)


def test_files_that_are_dropped_are_opened(
    panel: DataPanel, night: Night, idle: Callable[[], None], store: Store
) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(night.paths[0])])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, data, left, none)
    panel.dragEnterEvent(enter)
    assert enter.isAccepted()
    panel.dropEvent(QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, data, left, none))
    idle()
    assert len(store.state.exposures) == 1
    text = QMimeData()
    text.setText("words")
    refused = QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, text, left, none)
    refused.ignore()
    panel.dragEnterEvent(refused)
    assert not refused.isAccepted()


def test_tooltips_tell_what_the_headers_tell(opened: DataPanel, night: Night) -> None:
    row = exposures(opened)[0]
    tip = opened.model.index_of(row.id).data(Qt.ItemDataRole.ToolTipRole)
    for part in (
        night.paths[0],
        "240 \N{MULTIPLICATION SIGN} 200 pixels",
        "image, mask",
        "filter",
        "electron",
    ):
        assert part in tip


def test_notes_that_every_exposure_of_a_camera_has_are_no_warning(night: Night) -> None:
    from skyframe_gui.app.work.scan import open_one

    (item,) = open_one(night.paths[0])
    assert isinstance(item, ExposureItem)

    def mark(*notes: str) -> str:
        state = State(exposures=(item,), facts={item.key: Facts(10.0, 0.1, notes)})
        return tree_rows(state)[0].children[0].mark

    assert mark() == "ok"
    assert mark("Mask: bits as given.") == "ok"
    assert mark("Mask: bits as given.", "The checksum of HDU 1 is wrong.") == "notes"
    assert tree_rows(State(exposures=(item,)))[0].children[0].mark == "waiting"


def test_a_file_of_no_known_visit_is_one_row_and_not_a_group_of_one(
    panel: DataPanel, store: Store, commands: Commands, night: Night
) -> None:
    from skyframe_gui.app.work.scan import open_one

    (item,) = open_one(night.paths[0])
    assert isinstance(item, ExposureItem)
    store.set(exposures=(replace(item, source=replace(item.source, visit="")),))
    assert lines(panel) == ["v1001-d1"]
    choose(panel, item.key)
    assert panel.selected_exposures() == [item.key]
    commands.assign(item.key, "7", "1")
    assert lines(panel) == ["7", "det 1"]


def test_levels_below_zero_have_a_true_minus_sign(night: Night) -> None:
    from skyframe_gui.app.work.scan import open_one

    (item,) = open_one(night.paths[0])
    assert isinstance(item, ExposureItem)
    state = State(exposures=(item,), facts={item.key: Facts(-12.5, 0.1)})
    assert tree_rows(state)[0].children[0].level == "\N{MINUS SIGN}12.50"


def test_levels_too_large_for_the_column_are_powers_of_ten(night: Night) -> None:
    from skyframe_gui.app.work.scan import open_one

    (item,) = open_one(night.paths[0])
    assert isinstance(item, ExposureItem)
    state = State(exposures=(item,), facts={item.key: Facts(-1.04e30, 0.1)})
    (visit,) = tree_rows(state)
    assert visit.level == visit.children[0].level == "\N{MINUS SIGN}1.0e+30"


def rows_of(*visits: tuple[str, int]) -> tuple[Row, ...]:
    return tuple(
        Row(
            id=name,
            kind="visit",
            name=name,
            keys=(),
            children=tuple(
                Row(id=f"{name}-{n}", kind="exposure", name=f"det {n}", keys=())
                for n in range(count)
            ),
        )
        for name, count in visits
    )


def test_the_model_says_truly_what_comes_goes_and_moves(qapp: object) -> None:
    model = DataModel(lambda row: row.name)
    tester = QAbstractItemModelTester(
        model, QAbstractItemModelTester.FailureReportingMode.Fatal, model
    )
    heads = Titles("level")
    steps = (
        rows_of(("a", 3), ("b", 2), ("c", 1)),
        rows_of(("b", 4), ("a", 1)),
        rows_of(("x", 1), ("a", 2), ("y", 3), ("b", 4), ("z", 0)),
        rows_of(("z", 2), ("y", 1), ("x", 1)),
        (),
        rows_of(("a", 200)),
        rows_of(("a", 100), ("b", 100)),
    )
    for rows in steps:
        model.update(rows, heads)
        expected = [one.id for row in rows for one in (row, *row.children)]
        assert [row.id for row in model.rows()] == expected
        for row_id in expected:
            assert model.index_of(row_id).data(int(Qt.ItemDataRole.UserRole)).id == row_id
    assert tester.model() is model


def test_one_changed_level_touches_one_row(qapp: object) -> None:
    model = DataModel(lambda row: "")
    rows = rows_of(("a", 100), ("b", 100))
    model.update(rows, Titles("level"))
    touched: list[str] = []
    model.dataChanged.connect(lambda first, last, roles: touched.append(first.data()))
    model.rowsInserted.connect(lambda *_: touched.append("inserted"))
    model.rowsRemoved.connect(lambda *_: touched.append("removed"))
    children = list(rows[0].children)
    children[50] = replace(children[50], level="12.0")
    model.update((replace(rows[0], children=tuple(children)), rows[1]), Titles("level"))
    assert touched == ["det 50", "a"]


def test_a_file_that_was_opened_in_vain_is_listed_though_nothing_else_is(
    panel: DataPanel, store: Store
) -> None:
    store.set(bad_files=(BadFile("/x/one.fits", "/x/one.fits: this is not a FITS file."),))
    assert lines(panel) == ["Not opened", "one.fits"]
    assert panel.tree.isVisible()
    assert panel.model.index(0, NAME).data() == "Not opened"


def test_a_sky_frame_that_was_changed_says_so_at_its_row_and_in_the_bar_of_problems(
    panel: DataPanel,
    store: Store,
    commands: Commands,
    night: Night,
    idle: Callable[[], None],
) -> None:
    commands.open([str(DAMAGED_SKY), night.paths[0]])
    idle()
    (frame,) = open_sky_frames(store.state)
    (note,) = frame.sky_frame.notes
    item = panel.sets.list.topLevelItem(0)
    assert item is not None
    assert item.data(4, Qt.ItemDataRole.AccessibleTextRole) == "worth a look"
    assert escape(note) in item.toolTip(0)
    (problem,) = store.state.problems
    assert problem.text == f"damaged-sky.fits.gz: {note}"
    assert problem.text in store.state.log


def test_a_sound_sky_frame_has_nothing_to_say(
    panel: DataPanel,
    store: Store,
    commands: Commands,
    tmp_path: Path,
    idle: Callable[[], None],
) -> None:
    path = tmp_path / "sky.fits"
    write_sky_frame(path, read_sky_frame(DAMAGED_SKY), detector="1")
    commands.open([str(path)])
    idle()
    item = panel.sets.list.topLevelItem(0)
    assert item is not None
    assert item.data(4, Qt.ItemDataRole.AccessibleTextRole) is None
    assert store.state.problems == ()
