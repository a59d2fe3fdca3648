"""The header and log panels, and the running job in the status bar."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from astropy.io import fits
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QGuiApplication

from skyframe_gui.app.model.config_hints import scale_unit
from skyframe_gui.app.model.problems import MOST_LINES, write_log
from skyframe_gui.app.model.queries import WARM_UP
from skyframe_gui.app.model.results import Job
from skyframe_gui.ui.data.cards import read_card
from skyframe_gui.ui.panels.header import HeaderPanel
from skyframe_gui.ui.panels.job import PATIENCE_MS, SHORTCUTS, JobPanel, label_of, time_left
from skyframe_gui.ui.panels.log import LogPanel

if TYPE_CHECKING:
    from collections.abc import Callable

    from nights import Night
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.ui.panel import Panel

DATA = Path(__file__).parents[1] / "data" / "fits"


@pytest.fixture
def show(qtbot: QtBot, store: Store) -> Callable[[Panel], None]:
    def run(panel: Panel) -> None:
        qtbot.addWidget(panel)
        panel.resize(600, 260)
        panel.show()
        panel.show_state(store.state)
        store.changed.connect(lambda old, new: panel.show_state(new))

    return run


@pytest.fixture
def header(commands: Commands, show: Callable[[Panel], None]) -> HeaderPanel:
    made = HeaderPanel(commands)
    show(made)
    return made


@pytest.fixture
def log(commands: Commands, show: Callable[[Panel], None]) -> LogPanel:
    made = LogPanel(commands)
    show(made)
    return made


@pytest.fixture
def job(commands: Commands, show: Callable[[Panel], None]) -> JobPanel:
    made = JobPanel(commands)
    show(made)
    return made


def cards(panel: HeaderPanel) -> dict[str, tuple[str, str]]:
    model = panel.model
    rows = [
        [str(model.index(row, column).data()) for column in range(3)]
        for row in range(model.rowCount())
    ]
    return {row[0]: (row[1], row[2]) for row in rows}


def test_the_header_is_that_of_the_shown_exposure(
    header: HeaderPanel,
    commands: Commands,
    store: Store,
    idle: Callable[[], None],
    night: Night,
) -> None:
    assert header._empty.isVisible()
    commands.open([night.paths[0], night.paths[2]])
    idle()
    first = cards(header)
    assert first["SIMPLE"][0] == "T"
    assert first["OBJECT"][0] == "FIELD-1001"
    commands.select_exposure(store.state.exposures[1].key)
    idle()
    assert cards(header)["OBJECT"][0] == "FIELD-1002"
    commands.close_items([item.key for item in store.state.exposures])
    idle()
    assert header._empty.isVisible()


def test_the_image_has_its_own_header_and_notes_stand_on_top(
    header: HeaderPanel, commands: Commands, idle: Callable[[], None], qtbot: QtBot
) -> None:
    commands.open([DATA / "DECam_00149774_40.fits.fz"])
    idle()
    assert "NAXIS1" not in cards(header)
    button = header.parts.button(1)
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert "NAXIS1" in cards(header)
    assert "Dark Energy Survey" in header.notes.text()


def test_the_header_can_be_searched_and_copied(
    header: HeaderPanel, commands: Commands, idle: Callable[[], None], night: Night
) -> None:
    commands.open([night.paths[0]])
    idle()
    everything = header.model.rowCount()
    header.search.setText("name of the FIELD")
    assert list(cards(header)) == ["OBJECT"]
    assert header.count.text() == f"1 of {everything}"
    header.copy_text()
    board = QGuiApplication.clipboard()
    assert board is not None
    assert board.text().startswith("OBJECT  = 'FIELD-1001'")
    header.search.clear()
    assert header.model.rowCount() == everything


def test_only_the_cards_in_sight_are_read(header: HeaderPanel, qtbot: QtBot) -> None:
    big = fits.Header([(f"KEY{n}", n, "a number") for n in range(1000)])
    header._pages.setCurrentIndex(1)
    header.model.take(big)
    assert header.model.rowCount() == 1000
    header.table.grab()
    assert 0 < len(header.model._read) < 100


def test_a_broken_card_is_shown_as_it_stands() -> None:
    image = "BROKEN  = 'no end of this text"
    card = fits.Card.fromstring(image)
    keyword, value, comment = read_card(card, image)
    assert keyword == "BROKEN"
    assert "no end of this text" in value
    assert comment == "this card is not valid FITS"


def test_the_log_grows_at_its_end_and_stays_where_it_was_read(
    log: LogPanel, store: Store, qtbot: QtBot
) -> None:
    assert log._empty.isVisible()
    write_log(store, *(f"line {n}" for n in range(100)))
    bar = log.text.verticalScrollBar()
    assert bar is not None
    assert bar.value() == bar.maximum()
    write_log(store, "at the end")
    assert bar.value() == bar.maximum()
    bar.setValue(3)
    write_log(store, "not looked for")
    assert bar.value() == 3
    assert log.text.toPlainText().splitlines()[-2:] == ["at the end", "not looked for"]


def test_a_full_log_drops_its_oldest_lines(log: LogPanel, store: Store) -> None:
    write_log(store, *(f"line {n}" for n in range(MOST_LINES)))
    write_log(store, "one", "two")
    assert log.text.toPlainText().splitlines() == list(store.state.log)


def test_the_log_can_be_saved_and_a_bad_place_is_told(
    log: LogPanel, store: Store, tmp_path: Path
) -> None:
    write_log(store, "one", "two")
    log.save(str(tmp_path / "log.txt"))
    assert (tmp_path / "log.txt").read_text() == "one\ntwo\n"
    log.save(str(tmp_path / "no" / "log.txt"))
    (problem,) = store.state.problems
    assert "no/log.txt: the log cannot be saved there" in problem.text
    log.save(str(tmp_path / "log.txt"))
    assert not store.state.problems


def test_a_job_shows_what_it_does_how_far_it_is_and_cancel_stops_it(
    job: JobPanel,
    commands: Commands,
    store: Store,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stopped: list[str] = []
    monkeypatch.setattr(commands, "cancel", stopped.append)
    assert job.idle.text() == SHORTCUTS
    store.set(jobs=(Job(lane="full", label="Fit 908122", done=38, total=60, seconds_left=41.2),))
    assert not job.cancel.isVisible(), "short work flickers"
    qtbot.waitUntil(job.cancel.isVisible, timeout=10 * PATIENCE_MS)
    assert job.label.text() == "Fit 908122: 38 of 60"
    assert (job.bar.value(), job.bar.maximum()) == (38, 60)
    assert job.left.text() == "0:42 left"
    assert job.bar.updatesEnabled(), "the next paint of the window paints it"
    assert not job.idle.isVisible()
    qtbot.mouseClick(job.cancel, Qt.MouseButton.LeftButton)
    assert stopped == ["full"]
    store.set(jobs=())
    assert job.idle.isVisible()
    assert not job.cancel.isVisible()


def test_what_a_person_waits_for_comes_before_what_runs_by_itself(
    job: JobPanel, store: Store, qtbot: QtBot
) -> None:
    survey, task = (
        Job(lane="survey", label="Look at exposures", done=1, total=9),
        Job(lane="task", label="Build sky frame", done=2, total=9),
    )
    store.set(jobs=(survey,))
    qtbot.waitUntil(job.cancel.isVisible, timeout=10 * PATIENCE_MS)
    store.set(jobs=(survey, task))
    assert job.label.text().startswith("Look")
    qtbot.waitUntil(lambda: job.label.text().startswith("Build"), timeout=10 * PATIENCE_MS)
    store.set(jobs=(survey, replace(task, done=3)))
    assert job.label.text() == "Build sky frame: 3 of 9"


def test_work_of_unknown_length_has_no_false_numbers() -> None:
    assert label_of(Job(lane="open", label="Search night")) == "Search night"
    assert time_left(0.2) == "0:01 left"
    assert time_left(3700) == "1:01:40 left"


def test_samples_excluded_by_hand_are_kept_in_mind(
    job: JobPanel,
    commands: Commands,
    store: Store,
    night: Night,
    idle: Callable[[], None],
) -> None:
    commands.open(night.paths)
    idle()
    commands.build()
    idle()
    fit = store.state.results.fit
    assert fit is not None
    box = tuple(int(x) for x in fit.samples[0].boxes[0])
    commands.exclude_samples([(fit.keys[0], box)])  # type: ignore[list-item]  # a box of four
    idle()
    alone = store.state.results.fit
    assert alone is not None
    assert job.idle.text().startswith("1 excluded by hand; config alone: ")
    assert f"{alone.alone.scale:.3f}"[:4] in job.idle.text()
    unit = scale_unit(store.state, alone)
    assert job.idle.text().partition(" ± ")[2].split()[1:] == ([unit] if unit else [])
    commands.exclude_samples([(fit.keys[0], box)], exclude=False)  # type: ignore[list-item]
    assert job.idle.text() == SHORTCUTS


def test_preparing_the_engine_is_shown_in_motion_and_cannot_be_cancelled(
    job: JobPanel, store: Store, qtbot: QtBot
) -> None:
    lanes = (
        Job(lane="task", label="Wait"),
        Job(lane=WARM_UP, label="Preparing the engine"),
        Job(lane="full", label="Wait"),
    )
    store.set(jobs=lanes)
    qtbot.waitUntil(job.label.isVisible, timeout=10 * PATIENCE_MS)
    assert job.label.text() == "Preparing the engine"
    assert (job.bar.minimum(), job.bar.maximum()) == (0, 0)
    assert not job.cancel.isVisible()
    store.set(jobs=(Job(lane="task", label="Build", done=2, total=9),))
    assert job.bar.maximum() == 9
    assert job.cancel.isVisible()
