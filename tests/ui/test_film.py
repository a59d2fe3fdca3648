"""Blinking and films as a person drives them: marks, keys, the bar, what is read ahead."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import Qt

from skyframe_gui.app.model.film import film_words, pictures_of
from skyframe_gui.app.model.limits import limits_of
from skyframe_gui.app.model.queries import open_exposure, visit_of
from skyframe_gui.app.model.view import Frame
from skyframe_gui.app.project.document import document_of
from skyframe_gui.app.project.restore import restore
from skyframe_gui.files.session_file import read_session, write_session
from skyframe_gui.ui.data.tree_menu import Offers, menu_of
from skyframe_gui.ui.images.content import content_of
from skyframe_gui.ui.panels.data import DataPanel
from skyframe_gui.ui.panels.images import ImagesPanel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nights import Night
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.images.film_bar import FilmBar
    from skyframe_gui.ui.window import MainWindow

KEYS = Qt.Key
SHIFT = Qt.KeyboardModifier.ShiftModifier
ONE_DETECTOR = 6
"""Exposures of a detector in the night: five for sky frames and a science one."""


@pytest.fixture
def shown(
    window: MainWindow, commands: Commands, night: Night, idle: Callable[[], None]
) -> MainWindow:
    """A night that is open, with nothing built; the panes show its first exposure."""
    commands.open(night.paths + night.science)
    idle()
    commands.film.set_seconds(0.05)
    window.activateWindow()
    return window


def now(window: MainWindow) -> State:
    return window.store.state


def bar(window: MainWindow) -> FilmBar:
    return window.panels.get(ImagesPanel).film


def visits_seen(window: MainWindow) -> list[str]:
    """Return what is shown from now on, as the panes come to show it."""
    seen = [visit_of(now(window), now(window).results.shown.key)]  # type: ignore[union-attr]

    def look(old: State, new: State) -> None:
        if new.results.shown is not None and new.results.shown is not old.results.shown:
            seen.append(visit_of(new, new.results.shown.key))

    window.store.changed.connect(look)
    return seen


def choose(data: DataPanel, keys: list[str]) -> None:
    """Press what the menu of these exposures' rows has for blinking."""
    rows = [row for row in data.tree._model.rows() if row.id in keys]
    offers = Offers(lambda: None, lambda: None, None)
    menu = menu_of(data, data.commands, rows, offers)
    action = next(one for one in menu.actions() if one.text().startswith("Blink"))
    action.trigger()


def of_detector(window: MainWindow) -> list[str]:
    return [one.key for one in pictures_of(now(window), "night")]


def test_v_runs_the_detector_through_the_night_and_v_stops_it(
    shown: MainWindow, qtbot: QtBot
) -> None:
    seen, detector = visits_seen(shown), None
    assert not bar(shown).isVisible()
    qtbot.keyClick(shown, KEYS.Key_V)
    assert bar(shown).isVisible()
    qtbot.waitUntil(lambda: len(seen) > ONE_DETECTOR)
    qtbot.keyClick(shown, KEYS.Key_V)
    assert now(shown).view.film == "paused"
    keys = of_detector(shown)
    detector = {open_exposure(now(shown), key).source.detector for key in keys}  # type: ignore[union-attr]
    assert len(keys) == ONE_DETECTOR
    assert len(detector) == 1
    # Each came in its turn, none twice, and after the last the first.
    assert len(set(seen[:ONE_DETECTOR])) == ONE_DETECTOR
    assert seen[ONE_DETECTOR] == seen[0]


def test_limits_and_view_stay_put_from_picture_to_picture_until_esc(
    shown: MainWindow, qtbot: QtBot, idle: Callable[[], None]
) -> None:
    commands = shown.commands
    commands.panes.move(0, Frame(100.0, 80.0, 3.0))
    own = limits_of(now(shown), "exposure")
    qtbot.keyClick(shown, KEYS.Key_V)
    qtbot.keyClick(shown, KEYS.Key_V)
    first = now(shown).selection.exposure
    for _ in range(2):
        qtbot.keyClick(shown, KEYS.Key_B)
        idle()
    there = now(shown)
    assert there.selection.exposure not in ("", first)
    assert limits_of(there, "exposure") == own
    assert there.view.frames[0] == Frame(100.0, 80.0, 3.0)
    # What a person sets meanwhile holds for the pictures that follow.
    commands.looks.set_limits("exposure", 10.0, 20.0)
    qtbot.keyClick(shown, KEYS.Key_B)
    idle()
    assert limits_of(now(shown), "exposure") == (10.0, 20.0)
    commands.looks.reset_limits("exposure")
    measured = limits_of(now(shown), "exposure")
    assert measured not in (own, (10.0, 20.0))
    commands.film.step(1)
    idle()
    assert limits_of(now(shown), "exposure") == measured
    qtbot.keyClick(shown, KEYS.Key_Escape)
    assert now(shown).view.film == ""
    assert not bar(shown).isVisible()
    assert limits_of(now(shown), "exposure") != measured
    assert now(shown).view.frames[0] == Frame(100.0, 80.0, 3.0)


def test_selected_rows_blink_with_b_both_ways_and_the_chip_says_which_is_shown(
    shown: MainWindow, qtbot: QtBot, idle: Callable[[], None]
) -> None:
    keys = of_detector(shown)
    data = shown.panels.get(DataPanel)
    choose(data, [keys[1], keys[4]])
    qtbot.keyClick(shown, KEYS.Key_B)
    idle()
    order = [now(shown).selection.exposure]
    for modifier in (Qt.KeyboardModifier.NoModifier, SHIFT, SHIFT):
        qtbot.keyClick(shown, KEYS.Key_B, modifier)
        idle()
        order.append(now(shown).selection.exposure)
    assert order == [keys[1], keys[4], keys[1], keys[4]]
    content = content_of(now(shown), "exposure")
    assert content is not None
    assert content.subject.startswith(f"2 of 2 · visit {visit_of(now(shown), keys[4])}, det ")
    assert bar(shown).words.text() in content.subject
    assert bar(shown).reel.currentText() == "2 marked"


def test_layers_that_are_marked_blink_in_one_pane_which_then_has_its_own_again(
    shown: MainWindow, qtbot: QtBot
) -> None:
    commands, images = shown.commands, shown.panels.get(ImagesPanel)
    commands.panes.lay_out(2)
    panes = now(shown).view.panes
    for pane in (0, 1):
        commands.view(active=pane)
        qtbot.keyClick(shown, KEYS.Key_A)
    menu = images.panes[1].make_menu(now(shown), images.panes[1]._content)  # type: ignore[arg-type]
    assert next(one for one in menu.actions() if "Mark" in one.text()).isChecked()
    seen = []
    for _ in range(4):
        qtbot.keyClick(shown, KEYS.Key_B)
        seen.append(now(shown).view.panes)
    one, other = (panes[0], panes[0]), (panes[0], panes[1])
    assert seen == [one, other, one, other] or seen == [other, one, other, one]
    qtbot.keyClick(shown, KEYS.Key_B)
    qtbot.keyClick(shown, KEYS.Key_Escape)
    assert now(shown).view.panes == panes
    # Before and after blink again when nothing is marked.
    qtbot.keyClick(shown, KEYS.Key_A, SHIFT)
    qtbot.keyClick(shown, KEYS.Key_B)
    assert now(shown).view.before


def test_a_film_stops_where_a_person_does_something_else(
    shown: MainWindow, qtbot: QtBot, idle: Callable[[], None]
) -> None:
    def config() -> None:
        new = now(shown).config.model_copy(update={"skyRej": 2.5})
        shown.commands.set_config(new)

    def row() -> None:
        here = now(shown).selection.exposure
        shown.commands.select_exposure(next(k for k in of_detector(shown) if k != here))

    for work in (config, row, lambda: qtbot.keyClick(shown, KEYS.Key_BracketRight)):
        shown.commands.film.play("night")
        idle()
        assert now(shown).view.film == "playing"
        work()
        assert now(shown).view.film == "paused"
    shown.commands.film.play("night")
    shown.commands.show_workspace("night")
    assert now(shown).view.film == ""


def test_the_bar_steers_pictures_speed_and_direction(
    shown: MainWindow, qtbot: QtBot, idle: Callable[[], None]
) -> None:
    qtbot.keyClick(shown, KEYS.Key_V)
    steer = bar(shown)
    steer.play.click()
    idle()
    keys, first = of_detector(shown), now(shown).selection.exposure
    steer.on.click()
    steer.back.click()
    steer.back.click()
    idle()
    assert now(shown).selection.exposure == keys[keys.index(first) - 1]
    steer.direction.click()
    assert now(shown).view.film_back
    steer.reel.activated.emit(2)
    idle()
    assert now(shown).view.reel == "visit"
    assert film_words(now(shown)).startswith(("1 of 2", "2 of 2"))
    steer.seconds.activated.emit(steer.seconds.findText("1 s"))
    assert now(shown).view.film_seconds == 1.0
    steer.close_.click()
    assert now(shown).view.film == ""


def test_what_comes_next_is_read_before_it_is_shown(
    shown: MainWindow, qtbot: QtBot, idle: Callable[[], None]
) -> None:
    made = shown.commands.program.stages.memory.made
    qtbot.keyClick(shown, KEYS.Key_V)
    qtbot.keyClick(shown, KEYS.Key_V)
    idle()
    qtbot.waitUntil(lambda: len(shown.commands.program.film.ahead) > 1)
    idle()
    before = made["exposure"], made["pyramid"], made["model"]
    shown.commands.program.film.lane.close()  # nothing is read from here on but what is shown
    qtbot.keyClick(shown, KEYS.Key_B)
    idle()
    assert (made["exposure"], made["pyramid"], made["model"]) == before


def test_a_file_that_vanishes_is_passed_over(
    qtbot: QtBot,
    window: MainWindow,
    commands: Commands,
    night: Night,
    tmp_path: Path,
    idle: Callable[[], None],
) -> None:
    commands.open([shutil.copy(one, tmp_path) for one in night.paths if "d1" in one])
    idle()
    commands.film.set_seconds(0.05)
    keys = of_detector(window)
    gone = open_exposure(now(window), keys[3])
    assert gone is not None
    seen = visits_seen(window)
    heights = set()
    window.store.changed.connect(
        lambda old, new: heights.add(window.panels.get(ImagesPanel).height())
    )
    os.unlink(gone.source.path)
    commands.film.play("night")
    qtbot.waitUntil(lambda: len(seen) > len(keys))
    lost = visit_of(now(window), gone.key)
    assert now(window).view.film == "playing"
    assert lost not in seen
    assert "gone" in now(window).facts[gone.key].on_disk
    assert any(os.path.basename(gone.source.path) in line for line in now(window).log)
    assert len(heights) == 1, "no bar comes and goes over the panes"
    assert len(set(seen)) == len(keys) - 1
    commands.film.end()
    idle()


def test_the_sky_frames_of_a_set_blink_by_its_menu_and_run_as_a_film(
    shown: MainWindow, commands: Commands, qtbot: QtBot, idle: Callable[[], None]
) -> None:
    commands.build()
    idle()
    menu = shown.panels.get(DataPanel).sets.menu()
    assert menu is not None
    next(one for one in menu.actions() if one.text() == "Blink its sky frames").trigger()
    seen = []
    for _ in range(3):
        qtbot.keyClick(shown, KEYS.Key_B)
        idle()
        there = now(shown)
        assert there.results.shown is not None
        assert there.results.shown.exposure is None
        content = content_of(there, there.view.panes[there.view.active])
        assert content is not None
        seen.append(content.subject)
    assert seen[0] == seen[2] != seen[1]
    qtbot.keyClick(shown, KEYS.Key_Escape)
    assert len(pictures_of(now(shown), "set")) == 2
    first = now(shown).selection.sky_frame
    commands.film.play("set")
    qtbot.waitUntil(lambda: now(shown).selection.sky_frame != first)
    qtbot.waitUntil(lambda: now(shown).selection.sky_frame == first)
    commands.film.end()
    idle()


def test_marks_and_how_a_film_runs_come_back_with_the_session(
    shown: MainWindow, commands: Commands, tmp_path: Path, idle: Callable[[], None]
) -> None:
    keys = of_detector(shown)
    commands.film.mark_rows([keys[2], keys[0]])
    commands.film.mark_pane(0)
    marks = now(shown).selection.marked
    commands.film.set_back(True)
    path = tmp_path / "night.sky"
    write_session(path, document_of(now(shown), tmp_path))
    commands.film.forget_marks()
    commands.film.set_back(False)
    document, notes = read_session(path)
    assert not notes
    restore(document, tmp_path, commands.program)
    idle()
    there = now(shown)
    assert there.selection.marked == marks
    assert len(marks) == 3
    assert (there.view.reel, there.view.film_back) == ("marked", True)
    assert there.view.film == ""


def test_a_film_of_which_one_picture_is_left_ends(
    shown: MainWindow, qtbot: QtBot, idle: Callable[[], None]
) -> None:
    first, other = keys_of = [one.key for one in now(shown).exposures][:2]
    choose(shown.panels.get(DataPanel), keys_of)
    idle()
    assert now(shown).view.film
    shown.commands.close_items([other])
    idle()
    assert now(shown).view.film == ""
    assert now(shown).results.shown.key == first  # type: ignore[union-attr]
