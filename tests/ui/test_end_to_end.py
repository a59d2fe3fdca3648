"""From files on disk to files on disk, through the window's own buttons and fields."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PyQt6.QtCore import Qt

from skyframe_gui.engine import measure_scale, solve_scales, subtract_sky_frame
from skyframe_gui.files import Provenance, read_exposures, read_sky_frame
from skyframe_gui.ui.dialogs.export import ExportDialog
from skyframe_gui.ui.panels.config import ConfigPanel
from skyframe_gui.ui.panels.fit import FitPanel

if TYPE_CHECKING:
    from collections.abc import Callable

    from nights import Night
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.ui.window import MainWindow

REAL = Path(__file__).parent.parent / "data" / "fits"


def type_into(qtbot: QtBot, window: MainWindow, field: str, text: str) -> None:
    panel = window.panel("config")
    assert isinstance(panel, ConfigPanel)
    entry = panel.form.editors[field].entry
    entry.setFocus()
    entry.selectAll()
    qtbot.keyClicks(entry, text)
    qtbot.keyClick(entry, Qt.Key.Key_Return)


def export_all(
    qtbot: QtBot, window: MainWindow, commands: Commands, folder: Path, idle: Callable[[], None]
) -> None:
    commands.folders["export"] = str(folder)
    window.actions_.by_id["export"].trigger()
    dialog = window.findChild(ExportDialog)
    assert dialog is not None
    dialog.choices.sky_frames.setChecked(True)
    dialog.choices.subtracted.setChecked(True)
    dialog.refresh()
    dialog.export_button.click()
    idle()
    dialog.close()


@pytest.mark.parametrize(
    "name", ["hsc_calexp_2014.fits.gz", "c4d_150110_053718_ooi_z_ls9.S4.fits.gz"]
)
def test_real_exposures_are_opened_tuned_built_fitted_exported_and_read_back(
    name: str,
    window: MainWindow,
    store: Store,
    commands: Commands,
    qtbot: QtBot,
    idle: Callable[[], None],
    tmp_path: Path,
) -> None:
    commands.open([str(REAL / name)])
    idle()
    assert store.state.problems == ()
    type_into(qtbot, window, "background.xBinSize", "8")
    type_into(qtbot, window, "background.yBinSize", "8")
    type_into(qtbot, window, "skyRej", "2.5")
    idle()
    assert store.state.config.background.xBinSize == 8
    assert store.state.config.skyRej == 2.5

    window.actions_.by_id["build"].trigger()
    idle()
    fit = store.state.results.fit
    assert fit is not None
    assert fit.complete
    # A sky frame of nothing but this exposure: whatever the sky is, its scale is 1.
    assert fit.solution.scale == pytest.approx(1.0, abs=0.05)

    export_all(qtbot, window, commands, tmp_path, idle)
    assert store.state.problems == ()
    (sky_path,) = tmp_path.glob("sky*.fits")
    (sub_path,) = tmp_path.glob("*-sub.fits")
    (exposure,) = read_exposures(REAL / name)
    (subtracted,) = read_exposures(sub_path)
    frame = read_sky_frame(sky_path)
    config = store.state.config
    shown = store.state.results.shown
    assert shown is not None
    assert shown.exposure is not None
    samples = measure_scale(shown.exposure, frame.model(), config)
    scale = solve_scales([samples], config).scale
    assert scale == fit.solution.scale
    np.testing.assert_array_equal(
        subtracted.image, subtract_sky_frame(exposure, frame.model(), scale).image
    )
    np.testing.assert_array_equal(subtracted.variance, exposure.variance)
    provenance = Provenance.from_header(subtracted.header)
    assert provenance is not None
    assert provenance.scale == scale
    assert provenance.config == config


def test_a_night_becomes_a_subtracted_visit_with_the_scale_that_was_put_in(
    night: Night,
    window: MainWindow,
    store: Store,
    commands: Commands,
    qtbot: QtBot,
    idle: Callable[[], None],
    tmp_path: Path,
) -> None:
    commands.open(night.paths)
    idle()
    window.actions_.by_id["build"].trigger()
    idle()
    commands.open(night.science)
    idle()
    science = [i for i in store.state.exposures if "science" in i.source.name]
    commands.select_exposure(science[0].key)
    idle()
    type_into(qtbot, window, "xNumSamples", "6")
    type_into(qtbot, window, "yNumSamples", "6")
    idle()
    fit = store.state.results.fit
    assert fit is not None
    assert len(fit.keys) == 2
    pull = (fit.solution.scale - night.truth) / fit.solution.error
    assert abs(pull) < 5
    panel = window.panel("fit")
    assert isinstance(panel, FitPanel)
    assert float(panel.result.scale.text()) == pytest.approx(
        fit.solution.scale, abs=fit.solution.error
    )

    export_all(qtbot, window, commands, tmp_path, idle)
    written = sorted(tmp_path.glob("science*-sub.fits"))
    assert len(written) == 2
    for path, truth in zip(written, night.visit, strict=True):
        (subtracted,) = read_exposures(path)
        left = subtracted.image[truth.exposure.mask == 0]
        before = truth.exposure.image[truth.exposure.mask == 0]
        assert abs(np.median(left)) < 0.02 * np.median(before)
    commands.store.undo()
    idle()
    assert store.state.config.yNumSamples == 4
