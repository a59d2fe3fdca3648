"""Trying another scale changes what is painted and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import Qt

from skyframe_gui.ui.panels.fit import FitPanel
from skyframe_gui.ui.panels.images import ImagesPanel

if TYPE_CHECKING:
    from collections.abc import Callable

    from nights import Night
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.ui.window import MainWindow


@pytest.fixture
def fitted(
    night: Night,
    window: MainWindow,
    store: Store,
    commands: Commands,
    idle: Callable[[], None],
) -> FitPanel:
    commands.open([*night.science, *night.paths])
    idle()
    commands.build()
    idle()
    panel = window.panel("fit")
    assert isinstance(panel, FitPanel)
    assert store.state.results.fit is not None
    return panel


def test_the_slider_paints_with_another_scale_and_the_fit_stays(
    fitted: FitPanel, window: MainWindow, store: Store, qtbot: QtBot
) -> None:
    fit = store.state.results.fit
    assert fit is not None
    images = window.panel("images")
    assert isinstance(images, ImagesPanel)
    before, done = images.panes[2].grab().toImage(), store.undo_label
    fitted.result.trial.slider.setFocus()
    for _ in range(50):
        qtbot.keyClick(fitted.result.trial.slider, Qt.Key.Key_Right)
    trial = store.state.view.trial
    assert trial == pytest.approx(1.05 * fit.solution.scale, rel=1e-3)
    assert images.panes[2].grab().toImage() != before
    assert store.state.results.fit is fit
    assert store.undo_label == done, "looking is nothing to undo"
    assert not store.state.jobs
    fitted.result.trial.reset.click()
    assert store.state.view.trial is None
    assert fitted.result.trial.slider.value() == 0
    assert images.panes[2].grab().toImage() == before


def test_another_visit_is_shown_with_its_own_scale(
    fitted: FitPanel, store: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    commands.view(trial=2.0)
    other = next(i for i in store.state.exposures if "science" not in i.source.name)
    commands.select_exposure(other.key)
    idle()
    assert store.state.view.trial is None
