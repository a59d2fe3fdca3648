"""The first page: its buttons, and what was opened before."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import QPoint, QRect, Qt
from PyQt6.QtWidgets import QLabel, QPushButton

from skyframe_gui.app.model.items import Recent
from skyframe_gui.ui.actions.action_table import TABLE
from skyframe_gui.ui.panels.start import StartPanel

if TYPE_CHECKING:
    from collections.abc import Callable

    from nights import Night
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.store import Store


@pytest.fixture
def panel(qtbot: QtBot, store: Store, commands: Commands) -> StartPanel:
    made = StartPanel(commands)
    qtbot.addWidget(made)
    made.resize(804, 780)
    made.show()
    made.show_state(store.state)
    store.changed.connect(lambda old, new: made.show_state(new))
    return made


def test_the_buttons_are_on_the_page_each_with_its_key_below(panel: StartPanel) -> None:
    seen = [one for one in panel.findChildren(QPushButton) if one.visibleRegion().boundingRect()]
    assert [one.text() for one in seen] == ["Open files", "Open folder", "Try the demo"]
    assert [one.property("primary") for one in seen] == [True, False, False]
    places = [QRect(one.mapTo(panel, QPoint(0, 0)), one.size()) for one in seen]
    assert all(one.right() < other.left() for one, other in pairwise(places))
    for button, place, chip in zip(seen, places, panel._chips, strict=True):
        assert button.visibleRegion().boundingRect() == button.rect(), "cut off"
        key = QRect(chip.mapTo(panel, QPoint(0, 0)), chip.size())
        assert chip.isVisible()
        assert place.bottom() < key.top() < place.bottom() + 20
        assert abs(key.center().x() - place.center().x()) <= 1


def test_the_page_says_what_the_program_does_and_what_that_needs(panel: StartPanel) -> None:
    seen = [one.text() for one in panel.findChildren(QLabel) if one.isVisible()]
    for title, needs in (
        ("Build a sky frame", "Needs 4 or more exposures."),
        ("Fit a visit", "Needs one visit and its sky frames."),
        ("Inspect a sky frame", "Needs one sky frame."),
    ):
        assert seen.index(title) + 2 == seen.index(needs)
    assert "Drop exposures or sky frames here" in seen


def test_each_button_asks_for_its_own(panel: StartPanel, qtbot: QtBot) -> None:
    for button, signal in zip(
        panel.buttons, (panel.open_files, panel.open_folder, panel.try_demo), strict=True
    ):
        with qtbot.waitSignal(signal):
            qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_buttons_can_be_pressed_with_the_keyboard(panel: StartPanel, qtbot: QtBot) -> None:
    panel.buttons[1].setFocus()
    with qtbot.waitSignal(panel.open_folder):
        qtbot.keyClick(panel.buttons[1], Qt.Key.Key_Space)


def test_the_keys_on_the_page_are_those_of_the_menu(panel: StartPanel) -> None:
    keys = {entry.id: entry.keys for entry in TABLE}
    shown = [chip.text() for chip in panel._chips]
    assert shown == [keys["open"], keys["open-folder"], keys["demo"]]


def test_without_recent_files_there_is_no_empty_table(panel: StartPanel) -> None:
    assert not panel.recent.isVisible()


def test_recent_files_are_listed_and_enter_opens_one(
    panel: StartPanel, store: Store, night: Night, idle: Callable[[], None], qtbot: QtBot
) -> None:
    store.set(
        recent=(
            Recent("/old/twilight.fits", "1 exposure", "2026-10-30T10:15", missing=True),
            Recent(night.paths[0], "1 visit, 1 exposure", "2026-11-21T18:04"),
        )
    )
    table = panel.recent
    assert table.isVisible()
    texts = [[table.item(row, column).text() for column in range(4)] for row in range(2)]
    assert texts[0] == ["twilight.fits", "not found", "/old", "2026-10-30 10:15"]
    assert texts[1][0] == "v1001-d1.fits"
    assert texts[1][1] == "1 visit, 1 exposure"
    sides = [table.item(0, column).textAlignment() for column in range(4)]
    right = Qt.AlignmentFlag.AlignRight
    assert [bool(Qt.AlignmentFlag(side) & right) for side in sides] == [False, False, False, True]
    table.setFocus()
    table.setCurrentCell(1, 0)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    idle()
    assert [str(item.source.path) for item in store.state.exposures] == [night.paths[0]]
    assert store.state.recent[0].path == night.paths[0]


def test_a_recent_file_that_is_gone_becomes_a_row_with_the_reason(
    panel: StartPanel, store: Store, idle: Callable[[], None]
) -> None:
    store.set(recent=(Recent("/old/twilight.fits", "1 exposure", "", missing=True),))
    place = panel.recent.visualItemRect(panel.recent.item(0, 0)).center()
    assert place.y() > 0
    panel.recent.cellDoubleClicked.emit(0, 0)
    idle()
    assert "/old/twilight.fits" in store.state.bad_files[0].why
