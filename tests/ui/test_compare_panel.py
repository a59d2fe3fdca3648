"""The panel of A and B: pinning, what it says of the two, and what its buttons and maps do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QApplication
from seen import state_of
from visits import make_fit

from skyframe_gui.app.compare import Comparison, is_stale, sample_ids
from skyframe_gui.app.state import BadFile
from skyframe_gui.app.steps import steps_of
from skyframe_gui.engine import SkyMeasurementConfig
from skyframe_gui.ui.compare import words
from skyframe_gui.ui.compare.residual_maps import maps_of
from skyframe_gui.ui.panels.compare import ComparePanel

if TYPE_CHECKING:
    from collections.abc import Callable

    from nights import Night
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.session import Session
    from skyframe_gui.app.state import VisitFit
    from skyframe_gui.ui.window import MainWindow


@pytest.fixture
def panel(
    night: Night,
    session: Session,
    commands: Commands,
    idle: Callable[[], None],
    qtbot: QtBot,
) -> ComparePanel:
    seen = state_of(night)
    session.set(
        exposures=seen.exposures,
        sky_frames=seen.sky_frames,
        facts=seen.facts,
        left_out=seen.left_out,
        selection=seen.selection,
    )
    idle()
    made = ComparePanel(commands)
    qtbot.addWidget(made)
    made.resize(345, 500)
    made.show_state(session.state)
    session.changed.connect(lambda _, new: made.show_state(new))
    made.show()
    return made


def use(commands: Commands, **fields: object) -> None:
    commands.set_config(commands.session.state.config.model_copy(update=fields))


@pytest.fixture
def pinned(panel: ComparePanel, commands: Commands, idle: Callable[[], None]) -> ComparePanel:
    use(commands, skyRej=1.2)
    panel.bar.pins["A"].click()
    use(commands, skyRej=1.8)
    panel.bar.pins["B"].click()
    idle()
    return panel


def texts(panel: ComparePanel) -> dict[str, tuple[str, ...]]:
    return {
        row[0].text().replace(words.BREAK, ""): tuple(cell.text() for cell in row[1:])
        for row in panel.table.cells
    }


def two(a: VisitFit, b: VisitFit) -> Comparison:
    return Comparison(a, b, (), sample_ids(a) == sample_ids(b))


def test_an_empty_panel_says_what_to_pin_first_and_next(
    panel: ComparePanel, commands: Commands
) -> None:
    assert not panel.note.isHidden()
    assert "Nothing is pinned" in panel.note._title.text()
    assert not panel.bar.swap.isEnabled()
    assert not panel.bar.clear.isEnabled()
    panel.bar.pins["B"].click()
    assert panel.note._title.text() == "B is pinned"
    assert "pin A" in panel.note._text.text()
    assert panel.bar.clear.isEnabled()


def test_the_table_has_the_differing_field_and_the_numbers_of_the_last_step(
    pinned: ComparePanel, session: Session
) -> None:
    found = session.state.results.compare
    assert found is not None
    shown = texts(pinned)
    assert shown["skyRej"][:2] == ("1.2", "1.8")
    assert "skyIter" not in shown
    for side, fit in enumerate((found.a, found.b)):
        assert shown["used"][side] == str(fit.solution.n_used)
        assert shown["rejected"][side] == str(int((fit.solution.rejected_at >= 0).sum()))
        name = next(one for one in shown if one.startswith(words.SIGMA))
        assert float(shown[name][side]) == pytest.approx(steps_of(fit)[-1].sigma, rel=0.02)
    assert "error" in pinned.headline.text() or "same" in pinned.headline.text()


def test_the_buttons_select_who_is_rejected_in_one_only(
    pinned: ComparePanel, session: Session
) -> None:
    found = session.state.results.compare
    assert found is not None
    assert found.only_a
    assert pinned.sets["only_a"].text() == f"only A {len(found.only_a)}"
    pinned.sets["only_a"].click()
    assert session.state.selection.samples == frozenset(found.only_a)
    assert pinned.sets["only_b"].isEnabled() == bool(found.only_b)


def test_take_and_swap_go_between_the_two_configs(pinned: ComparePanel, session: Session) -> None:
    assert pinned.bar.takes["A"].isEnabled()
    assert not pinned.bar.takes["B"].isEnabled(), "B is what is set already"
    pinned.bar.takes["A"].click()
    assert session.state.config.skyRej == 1.2
    pinned.bar.swap.click()
    assert session.state.config.skyRej == 1.8
    pinned.bar.clear.click()
    assert not session.state.pins
    assert pinned.note.isVisibleTo(pinned)


def test_other_boxes_leave_no_difference_and_no_sets(
    pinned: ComparePanel, session: Session, commands: Commands, idle: Callable[[], None]
) -> None:
    use(commands, xNumSamples=5)
    commands.pin("B")
    assert is_stale(session.state, session.state.results.compare or pytest.fail("nothing"))
    idle()
    found = session.state.results.compare
    assert found is not None
    maps = maps_of(found, session.state.selection.exposure)
    assert maps is not None
    assert len(maps.maps) == 2
    assert not pinned.sets["both"].isVisibleTo(pinned)
    assert pinned.set_hint.isVisibleTo(pinned)
    assert not pinned.maps.grab().isNull()


def test_numbers_of_an_older_pin_are_marked_until_the_new_ones_come(
    pinned: ComparePanel, commands: Commands, idle: Callable[[], None]
) -> None:
    assert not pinned.clock.isVisibleTo(pinned)
    use(commands, skyRej=2.2)
    commands.pin("B")
    assert pinned.clock.isVisibleTo(pinned)
    assert "older" in pinned.headline.text()
    idle()
    assert not pinned.clock.isVisibleTo(pinned)
    assert texts(pinned)["skyRej"][1] == "2.2"


def test_a_field_that_no_fit_depends_on_is_told_all_the_same(
    pinned: ComparePanel, commands: Commands, idle: Callable[[], None]
) -> None:
    background = commands.session.state.config.background
    use(commands, background=background.model_copy(update={"xBinSize": 48}))
    commands.pin("B")
    idle()
    assert texts(pinned)["background.xBinSize"][:2] == ("32", "48")


def test_unpinning_while_the_two_are_fitted_does_not_bring_them_back(
    panel: ComparePanel, session: Session, commands: Commands, idle: Callable[[], None]
) -> None:
    commands.pin("A")
    use(commands, xNumSamples=7)
    commands.pin("B")
    commands.unpin()
    idle()
    assert session.state.results.compare is None


def test_a_box_of_a_map_is_hovered_and_selected_like_its_sample(
    pinned: ComparePanel, session: Session, qtbot: QtBot
) -> None:
    found = session.state.results.compare
    assert found is not None
    maps = maps_of(found, session.state.selection.exposure)
    assert maps is not None
    qtbot.waitUntil(pinned.maps.isVisible)
    canvas = pinned.maps.triple.maps[1].canvas
    port, at = canvas.viewport(), QPoint(2, canvas.height() - 3)
    qtbot.mouseMove(port, at)
    assert session.state.selection.hovered == maps.maps[1].samples[0, 0]
    told = " ".join(word.text for word in pinned.maps.words())
    assert "box (0, 0)" in told
    assert "A \N{MINUS SIGN} B" in told
    qtbot.mouseClick(port, Qt.MouseButton.LeftButton, pos=at)
    assert session.state.selection.samples == {maps.maps[1].samples[0, 0]}
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    assert session.state.selection.samples == {maps.maps[0].samples[1, 0]}


def test_the_maps_show_the_residuals_in_their_places_in_one_stretch() -> None:
    a = make_fit(config=SkyMeasurementConfig(skyRej=1.5))
    b = make_fit(config=SkyMeasurementConfig(skyRej=4.0))
    maps = maps_of(two(a, b), a.keys[2])
    assert maps is not None
    assert maps.detector == "002"
    first, second, difference = maps.maps
    one = a.samples[2]
    x0, y0, x1, y1 = one.boxes[8].tolist()  # column 1, row 2 of 6
    assert first.samples[1, 2] == (a.keys[2], (x0, y0, x1, y1))
    assert first.values[2, 1] == one.image[8] - a.solution.scale * one.sky[8]
    assert np.isnan(first.values[5, 5]), "a box without data has no residual"
    np.testing.assert_allclose(difference.values, first.values - second.values)
    assert maps.half > 0


def test_the_headline_tells_what_the_difference_means() -> None:
    a = make_fit()
    error = a.solution.error
    b = replace(a, solution=replace(a.solution, scale=a.solution.scale + 2 * error))
    told = words.headline(two(a, b), "adu")
    assert told.startswith("A \N{MINUS SIGN} B \N{MINUS SIGN}")
    assert told.endswith("adu, 2.0 of the larger error")
    assert "same" in words.headline(two(a, a), "adu")
    nothing = replace(a, solution=replace(a.solution, scale=np.nan), why="No sample is left.")
    assert words.headline(two(a, nothing), "adu") == "B has no scale. No sample is left."


def test_of_mask_lists_only_the_difference_is_said() -> None:
    a = make_fit()
    found = replace(two(a, a), differing=(("stats.mask", "SAT, BAD", "SAT, NO_DATA"),))
    (line,) = words.field_lines(found)
    assert (line.a, line.b.replace(words.BREAK, "")) == ("BAD", "NO_DATA")
    assert "SAT" in line.tip


def test_the_table_is_copied_as_text(pinned: ComparePanel, qtbot: QtBot) -> None:
    qtbot.keyClick(
        pinned.maps.triple.maps[0].canvas, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier
    )
    clipboard = QApplication.clipboard()
    assert clipboard is not None
    rows = [row.split("\t") for row in clipboard.text().splitlines()]
    assert rows[0] == ["", "A", "B", "A \N{MINUS SIGN} B"]
    assert ["skyRej", "1.2", "1.8", ""] in rows


@pytest.mark.parametrize("size", [(345, 262), (1000, 400)])
def test_the_maps_and_all_buttons_fit_into_narrow_and_wide_docks(
    pinned: ComparePanel, size: tuple[int, int], qtbot: QtBot
) -> None:
    pinned.resize(*size)
    assert pinned.bar.minimumSizeHint().width() <= size[0]
    qtbot.waitUntil(pinned.maps.isVisible)
    assert pinned.maps.triple.maps[0].canvas.width() >= 40
    last = pinned.table.cells[-1][-1]
    right = last.mapTo(pinned, last.rect().topRight()).x()
    assert right <= size[0], "the difference is cut off"
    for row in pinned.table.cells:
        for cell in row:
            flags = Qt.TextFlag.TextWordWrap
            needed = cell.fontMetrics().boundingRect(cell.contentsRect(), flags, cell.text())
            assert needed.width() <= cell.contentsRect().width(), f"{cell.text()} is cut off"


def test_the_window_has_the_panel_and_pins_show_in_it(
    window: MainWindow, commands: Commands, session: Session
) -> None:
    session.set(bad_files=(BadFile("x.fits", "is no FITS file"),))  # with nothing: the start page
    window.reveal("compare")
    panel = window.panel("compare")
    assert isinstance(panel, ComparePanel)
    commands.pin("A")
    assert panel.note._title.text() == "A is pinned"
