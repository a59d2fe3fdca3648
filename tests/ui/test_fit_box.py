"""The fit box tells what the engine has found."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt

from skyframe_gui.app.derived import fit_inputs, request_of
from skyframe_gui.app.state import Results, State, VisitFit
from skyframe_gui.engine import Samples, ScaleError, SkyMeasurementConfig, solve_scales
from skyframe_gui.engine.diagnostics import Finding
from skyframe_gui.ui.form.fields import with_values
from skyframe_gui.ui.panels.fit import FitPanel
from skyframe_gui.wording import with_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nights import Night
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.session import Session

CONFIG = SkyMeasurementConfig()


@pytest.fixture
def panel(qtbot: QtBot, session: Session, commands: Commands) -> Iterator[FitPanel]:
    """Return the panel without the rest of the window, painted as the window does."""
    made = FitPanel(commands)
    qtbot.addWidget(made)
    made.resize(372, 480)
    made.show_state(session.state)
    made.show()

    def paint(old: State, new: State) -> None:
        if made.watches(old) != made.watches(new):
            made.show_state(new)

    session.changed.connect(paint)
    commands.point((0.0, 0.0))  # the program has looked at the empty state and will not again
    yield made
    session.changed.disconnect(paint)


def visit(n: int = 3, config: SkyMeasurementConfig = CONFIG) -> list[Samples]:
    random = np.random.default_rng(4)
    made = []
    for detector in range(n):
        sky = random.uniform(0.8, 1.2, 36)
        image = 1000 * sky + random.normal(0, 2, 36)
        image[:3] += 80
        image[35] = np.nan
        corners = np.arange(36)
        boxes = np.stack([corners, corners, corners + 1, corners + 1], axis=1)
        made.append(Samples(image, sky, boxes=boxes, detector=str(detector)))
    return made


def fit_of(
    samples: list[Samples],
    config: SkyMeasurementConfig = CONFIG,
    n_members: int | None = None,
    excluded: np.ndarray | None = None,
) -> VisitFit:
    why = ""
    try:
        solution = alone = solve_scales(samples, config)
        if excluded is not None:
            solution = solve_scales(samples, config, excluded)
    except ScaleError as error:
        solution = alone = error.solution
        why = str(error)
    keys = tuple(f"det {one.detector}" for one in samples)
    made = VisitFit(
        "1", keys, tuple(samples), solution, alone, why, n_members or len(samples), None
    )
    # What an empty state asks for, so that the fit counts as new.
    return replace(made, made_from=fit_inputs(request_of(State())))


def cells(panel: FitPanel, column: int) -> list[str]:
    model = panel.table.steps
    return [model.data(model.index(row, column)) for row in range(model.rowCount())]


def test_without_a_fit_the_panel_says_what_it_needs(panel: FitPanel, session: Session) -> None:
    assert panel._pages.currentIndex() == 0
    assert panel.subject(session.state) == ""


def test_numbers_are_those_of_the_engine(panel: FitPanel, session: Session) -> None:
    samples = visit()
    truth = solve_scales(samples, CONFIG)
    session.set(results=Results(fit=fit_of(samples)))
    assert f"{panel.result.scale.text()} {panel.result.error.text()}" == with_error(
        truth.scale, truth.error
    )
    assert panel.result.counts["used"].count == truth.n_used
    assert panel.result.counts["rejected"].count == (truth.rejected_at >= 0).sum()
    assert panel.result.counts["no data"].count == 3
    assert panel.result.counts["by hand"].count == 0
    assert cells(panel, 0) == ["0", "1", "2", "3"]
    new = [one.n_rejected for one in truth.iterations]
    assert cells(panel, 4) == ["—", *map(str, new)]
    assert cells(panel, 5) == [str(total) for total in np.cumsum([0, *new])]
    scales = [float(text) for text in cells(panel, 1)]
    wanted = [one.scale for one in truth.iterations] + [truth.scale]
    assert scales == pytest.approx(wanted, abs=10 * truth.error)
    assert scales[-1] == float(panel.result.scale.text())
    sigmas = [float(text) for text in cells(panel, 3)][:-1]
    assert sigmas == pytest.approx([one.sigma for one in truth.iterations], rel=0.01)
    assert panel.subject(session.state) == "one scale for 3 detectors"
    assert panel.cards == []


def test_a_row_shows_its_step_and_the_last_is_always_the_last(
    qtbot: QtBot, panel: FitPanel, session: Session, commands: Commands
) -> None:
    session.set(results=Results(fit=fit_of(visit())))
    table = panel.table
    assert table.currentIndex().row() == 3
    view = table.viewport()
    spot = table.visualRect(table.steps.index(1, 1)).center()
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(spot))
    assert session.state.selection.step == 1
    qtbot.keyClick(table, Qt.Key.Key_Up)
    assert session.state.selection.step == 0
    qtbot.keyClick(table, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    assert session.state.selection.step is None
    commands.show_step(2)
    assert {index.row() for index in table.selectedIndexes()} == {2}
    assert session.state.selection.step == 2


def test_a_failed_fit_says_why_and_keeps_its_history(panel: FitPanel, session: Session) -> None:
    config = with_values(CONFIG, {"skyRej": 1e-9})
    fit = fit_of(visit(), config)
    assert fit.why
    session.set(results=Results(fit=fit))
    (card,) = panel.cards
    assert card.words.text() == fit.why
    assert card.is_open, "why there is no scale is read without a click"
    assert panel.result.scale.text() == "—"
    assert panel.table.steps.rowCount() > 0
    session.set(results=Results(fit=fit_of(visit())))
    assert panel.cards == []


def test_an_incomplete_fit_says_so(panel: FitPanel, session: Session) -> None:
    session.set(results=Results(fit=fit_of(visit(), n_members=60)))
    assert panel.subject(session.state) == "3 of 60 detectors"
    assert "3 of 60 detectors" in panel.result.notes.text()


def test_a_result_with_hand_exclusions_stands_beside_that_of_the_config_alone(
    panel: FitPanel, session: Session
) -> None:
    samples = visit()
    excluded = np.zeros(108, bool)
    excluded[10:25] = True
    fit = fit_of(samples, excluded=excluded)
    session.set(results=Results(fit=fit))
    alone = with_error(fit.alone.scale, fit.alone.error)
    assert f"config alone: {alone}" in panel.result.notes.text()
    assert "by hand" in panel.result.notes.text()
    assert panel.result.counts["by hand"].count == 15


def test_an_older_result_is_kept_and_marked(
    panel: FitPanel, session: Session, commands: Commands
) -> None:
    fit = fit_of(visit())
    session.set(results=Results(fit=fit))
    assert panel.result.clock.isHidden()
    shown = panel.result.scale.text()
    commands.set_config(with_values(CONFIG, {"skyRej": 2.0}))
    session.set(results=Results(fit=fit))  # without an exposure it was taken away
    assert not panel.result.clock.isHidden()
    assert panel.result.scale.text() == shown
    session.undo()
    session.set(results=Results(fit=fit))
    assert panel.result.clock.isHidden()


def test_a_warning_is_a_card_whose_link_selects_its_samples(
    qtbot: QtBot, panel: FitPanel, session: Session
) -> None:
    finding = Finding("offset", "warning", "The samples want an offset.", "1 < 2 & 3.", (0, 37))
    session.set(results=Results(fit=replace(fit_of(visit()), findings=(finding,))))
    (card,) = panel.cards
    assert "want an offset" in card.head.text()
    assert card.words.text() == "1 < 2 & 3."
    assert not card.words.isVisible()
    qtbot.waitUntil(lambda: card.y() > 0 and card.head.width() < panel.width())
    qtbot.mouseClick(card.head, Qt.MouseButton.LeftButton)
    assert card.words.isVisible()
    qtbot.waitUntil(lambda: card.link.y() > card.words.y() > 0)
    assert card.link.text() == "Select the 2 samples"
    qtbot.mouseClick(card.link, Qt.MouseButton.LeftButton)
    assert session.state.selection.samples == {("det 0", (0, 0, 1, 1)), ("det 1", (1, 1, 2, 2))}


def test_a_real_visit_is_fitted_and_shown_with_its_unit(
    panel: FitPanel,
    session: Session,
    commands: Commands,
    night: Night,
    idle: Callable[[], None],
) -> None:
    from skyframe_gui.workflow.options import Normalise

    commands.set_options(normalise=Normalise.LEVEL)
    commands.open(night.paths)
    idle()
    commands.build()
    idle()
    commands.open(night.science)
    idle()
    commands.select_exposure(session.state.exposures[-1].key)
    idle()
    fit = session.state.results.fit
    assert fit is not None
    assert panel.subject(session.state) == "one scale for 2 detectors"
    unit = session.state.exposures[-1].source.unit
    assert panel.result.error.text().endswith(unit)
    title = panel.table.steps.headerData(3, Qt.Orientation.Horizontal)
    assert title == "\N{GREEK SMALL LETTER SIGMA} [e\N{SUPERSCRIPT MINUS}]"
    level = np.mean([session.state.facts[key].level for key in fit.keys])
    assert panel.result.notes.text().endswith(f"{fit.solution.scale / level:.4f}")
    assert panel.result.clock.isHidden()
