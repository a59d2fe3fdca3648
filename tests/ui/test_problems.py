"""The bar of problems."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QPushButton

from skyframe_gui.app.model.problems import clear_problem, report
from skyframe_gui.app.model.results import Problem
from skyframe_gui.ui.panels.problems import ProblemsPanel

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.store import Store


@pytest.fixture
def panel(qtbot: QtBot, store: Store, commands: Commands) -> ProblemsPanel:
    made = ProblemsPanel(commands)
    qtbot.addWidget(made)
    made.resize(600, 200)
    made.show()
    made.show_state(store.state)
    store.changed.connect(lambda old, new: made.show_state(new))
    return made


def texts(panel: ProblemsPanel) -> list[str]:
    return [card.text.text() for card in panel.cards]


def test_there_is_no_bar_without_a_problem(panel: ProblemsPanel, store: Store) -> None:
    assert not panel._body.isVisible()
    report(store, Problem("open", "A sentence."))
    assert panel._body.isVisible()
    clear_problem(store, "open")
    assert not panel._body.isVisible()


def test_the_newest_three_are_shown_and_the_others_on_demand(
    panel: ProblemsPanel, store: Store, qtbot: QtBot
) -> None:
    for n in range(5):
        report(store, Problem(f"part {n}", f"Problem {n}."))
    assert texts(panel) == ["Problem 4.", "Problem 3.", "Problem 2."]
    assert panel.more.text() == "2 more"
    qtbot.mouseClick(panel.more, Qt.MouseButton.LeftButton)
    assert len(texts(panel)) == 5
    assert not panel.more.isVisible()


def test_what_another_problem_says_besides_more_is_said_once(
    panel: ProblemsPanel, store: Store, qtbot: QtBot
) -> None:
    why = "a.fits is 60 x 64 pixels but the sky frame of its detector 64 x 64."
    report(store, Problem("preview", why))
    report(store, Problem("full", f"Visit 7 is fitted without 1 of its 2 exposures. {why}"))
    report(store, Problem("open", "Something else."))
    assert texts(panel) == [
        "Something else.",
        f"Visit 7 is fitted without 1 of its 2 exposures. {why}",
    ]
    qtbot.mouseClick(panel.cards[1].close_button, Qt.MouseButton.LeftButton)
    assert texts(panel) == ["Something else."]
    report(store, Problem("preview", why))
    assert why in texts(panel)
    report(store, Problem("map", f"{why} More.", "Traceback"))
    assert why not in texts(panel)


def test_closing_a_card_dismisses_its_problem_only(
    panel: ProblemsPanel, store: Store, qtbot: QtBot
) -> None:
    report(store, Problem("a", "First."))
    report(store, Problem("b", "Second."))
    kept = panel.cards[0]
    qtbot.mouseClick(panel.cards[1].close_button, Qt.MouseButton.LeftButton)
    assert [one.origin for one in store.state.problems] == ["b"]
    assert panel.cards == [kept]


def test_a_fault_of_the_program_offers_its_details(
    panel: ProblemsPanel, store: Store, qtbot: QtBot
) -> None:
    report(store, Problem("a", "To be expected."))
    assert not panel.cards[0].findChildren(QPushButton)
    report(store, Problem("b", "A fault.", "Traceback"))
    (button,) = panel.cards[0].findChildren(QPushButton)
    with qtbot.waitSignal(panel.details):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_the_words_of_a_problem_are_text_and_can_be_selected(
    panel: ProblemsPanel, store: Store
) -> None:
    report(store, Problem("a", "<b>name</b>.fits is gone."))
    label = panel.cards[0].text
    assert label.textFormat() == Qt.TextFormat.PlainText
    assert label.wordWrap()
    assert label.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse


def test_what_two_parts_say_in_the_same_words_is_said_once_and_dismissed_at_once(
    panel: ProblemsPanel, store: Store, qtbot: QtBot
) -> None:
    report(store, Problem("preview", "No sample is left."))
    kept = panel.cards[0]
    report(store, Problem("other", "Another."))
    report(store, Problem("full", "No sample is left."))
    assert sorted(texts(panel)) == ["Another.", "No sample is left."]
    assert kept in panel.cards
    assert not panel.more.isVisible()
    qtbot.mouseClick(kept.close_button, Qt.MouseButton.LeftButton)
    assert [one.origin for one in store.state.problems] == ["other"]
