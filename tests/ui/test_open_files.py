"""The list of what is open: rows of many states in a row, and what a view holds on to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import QCoreApplication, QEvent, QItemSelectionModel
from PyQt6.QtTest import QAbstractItemModelTester

from skyframe_gui.app.model.items import Assigned, BadFile, ExposureItem, Facts
from skyframe_gui.app.model.queries import (
    exposures_for,
    open_exposures,
    shown_visit,
    sky_frame_of,
    visit_of,
)
from skyframe_gui.app.model.requests import request_of
from skyframe_gui.app.model.state import State
from skyframe_gui.engine import MaskPlanes
from skyframe_gui.files.fits.exposure_planes import PlaneRef
from skyframe_gui.files.fits.source import ExposureSource
from skyframe_gui.ui.data import tree_model as data_model
from skyframe_gui.ui.data.kept_rows import TreeRows, tree_rows
from skyframe_gui.ui.data.tree import DataTree
from skyframe_gui.ui.data.tree_model import DataModel
from skyframe_gui.ui.data.tree_rows import titles

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.store import Store

WANTED = ("", "d", "det", "det 1", "left out", "7 det", "b3", "ok", "waiting", "nowhere", "wait")
KEYS = [f"/night/b{number}.fits[0]" for number in range(16)]


def item(number: int, visit: str, detector: str, band: str = "r") -> ExposureItem:
    path = Path(f"/night/b{number}.fits")
    source = ExposureSource(
        path=path,
        layout="plain",
        name=path.name,
        visit=visit,
        detector=detector,
        filter=band,
        date="",
        exposure_time=30.0,
        instrument="",
        width=10,
        height=10,
        xy0=(0, 0),
        has_mask=False,
        has_variance=False,
        planes=MaskPlanes({}),
        notes=(),
        image=PlaneRef(path, 0),
    )
    return ExposureItem(f"{path}[0]", source)


def edited(state: State, edit: tuple[str, int, int]) -> State:
    """Return a state after one of the things that people and lanes do to it."""
    what, a, b = edit
    key = KEYS[a]
    items = {one.key: one for one in state.exposures}
    if what == "open":
        items[key] = item(a, ("", "7", "8", "19")[b % 4], str(b), "r" if b < 11 else "g")
        return replace(state, exposures=tuple(items.values()), removed=state.removed - {key})
    if what == "gone":
        items.pop(key, None)
        return replace(state, exposures=tuple(items.values()))
    if what == "close":
        return replace(state, removed=state.removed | {key})
    if what == "leave out":
        return replace(state, excluded_members=state.excluded_members ^ {key})
    if what == "no science":
        return replace(state, excluded_exposures=state.excluded_exposures ^ {key})
    if what == "level":
        facts = Facts(10.0 ** (b - 4), b / 20, (), "It is gone." if b == 3 else "")
        return replace(state, facts=MappingProxyType({**state.facts, key: facts}))
    if what == "forget":
        rest = {one: facts for one, facts in state.facts.items() if one != key}
        return replace(state, facts=MappingProxyType(rest))
    if what == "assign":
        assigned = {**state.assigned, key: Assigned(visit=str(b % 3 + 7), detector=str(b))}
        return replace(state, assigned=MappingProxyType(assigned))
    if what == "bad":
        return replace(state, bad_files=(*state.bad_files[-3:], BadFile(f"/bad{a}", "Why.")))
    return replace(state, selection=replace(state.selection, exposure=key))


def some_open(n: int) -> State:
    state = State()
    for number in range(n):
        state = edited(state, ("open", number, number))
    return state


EDITS = st.tuples(
    st.sampled_from(
        (
            *("open",) * 3,
            "gone",
            "close",
            "leave out",
            "no science",
            *("level",) * 2,
            "forget",
            "assign",
            "bad",
            "show",
        )
    ),
    st.integers(0, len(KEYS) - 1),
    st.integers(0, 14),
)


@given(st.lists(st.tuples(EDITS, st.sampled_from(WANTED)), max_size=40))
def test_rows_after_any_edits_are_those_of_the_last_state(
    edits: list[tuple[tuple[str, int, int], str]],
) -> None:
    rows, state = TreeRows(), some_open(12)
    for edit, wanted in edits:
        state = edited(state, edit)
        assert rows.of(state, wanted) == tree_rows(state, wanted)
        assert rows.trouble(state) == TreeRows().trouble(state)


@given(st.lists(st.tuples(EDITS, st.sampled_from(WANTED)), max_size=25), st.sampled_from((0, 12)))
def test_a_view_keeps_what_is_selected_and_open_as_long_as_it_is_there(
    qapp: object, edits: list[tuple[tuple[str, int, int], str]], few: int
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(data_model, "FEW", few)  # all arranged anew, or each run by itself
        model = DataModel(lambda row: row.name)
        tester = QAbstractItemModelTester(
            model, QAbstractItemModelTester.FailureReportingMode.Fatal, model
        )
        tree, rows, state = DataTree(model), TreeRows(), some_open(15)
        model.setParent(tree)
        chosen = tree.selectionModel()
        assert chosen is not None
        tree.take(rows.of(state), titles(state), False)
        selected = {KEYS[5], KEYS[11]}
        for key in selected:
            how = QItemSelectionModel.SelectionFlag
            chosen.select(model.index_of(key), how.Select | how.Rows)
        tree.collapse(model.index_of("visit 8"))
        for edit, wanted in edits:
            state = edited(state, edit)
            found = rows.of(state, wanted)
            tree.take(found, titles(state), bool(wanted))
            assert [row.id for row in model.rows()] == [
                one.id for row in found for one in (row, *row.children)
            ]
            there = {row.id for row in model.rows()}
            assert {row.id for row in tree.selected_rows()} <= there
            if edit[0] in ("level", "leave out", "forget", "show", "bad"):
                selected &= there  # what was searched away is not selected when it comes back
                assert {row.id for row in tree.selected_rows()} == selected
            else:  # an exposure that changes its visit may be another row
                selected = {row.id for row in tree.selected_rows()}
            if not wanted and "visit 8" in there:
                assert not tree.isExpanded(model.index_of("visit 8"))
        assert tester.model() is model
        tree.deleteLater()
        QCoreApplication.sendPostedEvents(tree, QEvent.Type.DeferredDelete.value)


@given(st.lists(EDITS, max_size=30))
def test_answers_that_are_remembered_are_those_of_a_new_question(
    edits: list[tuple[str, int, int]],
) -> None:
    state = some_open(6)
    for edit in edits:
        state = edited(state, edit)
        items = open_exposures(state)
        assert [one.key for one in items] == [
            one.key for one in state.exposures if one.key not in state.removed
        ]
        visit, members = shown_visit(state)
        assert all(visit_of(state, one.key) == visit for one in members)
        assert (state.selection.exposure in {one.key for one in items}) == bool(visit)
        used = set(exposures_for(state, "science"))
        request = request_of(state)
        assert request.members == tuple(
            one for one in members if one in used and sky_frame_of(state, one.source) is not None
        )


def test_a_panel_that_fails_does_not_stop_the_others(
    qtbot: QtBot,
    store: Store,
    commands: Commands,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from skyframe_gui.ui.panels.data import DataPanel
    from skyframe_gui.ui.window import MainWindow

    window = MainWindow(store, commands)
    qtbot.addWidget(window)
    window.show()
    panel = window.panel("data")
    assert isinstance(panel, DataPanel)
    others = [
        one for one in window.panels if one is not panel and type(one).__name__ == "ReadoutPanel"
    ]

    def fails(state: State) -> None:
        raise ZeroDivisionError("on purpose")

    monkeypatch.setattr(panel, "show_state", fails)
    told: list[str] = []
    for one in others:
        monkeypatch.setattr(one, "watches", lambda state: told.append("asked") or len(told))
    store.set(exposures=(item(1, "7", "1"),), log=("a line",))
    assert told, "the panels behind the one that failed were not asked"
    assert any("ZeroDivisionError" in problem.text for problem in store.state.problems)
    assert "on purpose" in capsys.readouterr().err
