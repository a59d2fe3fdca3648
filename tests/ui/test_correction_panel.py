"""The dock of the sky correction: its form, its stages, and configs that come and go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from corrections import write_case
from PyQt6.QtWidgets import QFileDialog
from visits import host

from skyframe_gui.app.model.correction import LANE
from skyframe_gui.app.model.results import Job
from skyframe_gui.files.config.correction import read_correction
from skyframe_gui.numbers import TIMES
from skyframe_gui.ui.form.config_fields import fields_of
from skyframe_gui.ui.images.content import content_of
from skyframe_gui.ui.panels.correction import CorrectionPanel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.store import Store


@pytest.fixture
def panel(qtbot: QtBot, commands: Commands, store: Store) -> CorrectionPanel:
    made = CorrectionPanel(commands)
    for _ in made.prepare():
        pass
    host(qtbot, made, store, 560, 700)
    return made


@pytest.fixture
def opened(
    tmp_path: Path, panel: CorrectionPanel, commands: Commands, idle: Callable[[], None]
) -> CorrectionPanel:
    """Open a recorded visit, ready to be corrected."""
    visit = write_case(0, tmp_path)
    for path in visit.lists:
        path.rename(visit.exposures[0].parent / path.name)
    commands.open([*visit.exposures, *visit.sky])
    idle()
    items = commands.store.state.exposures
    commands.set_only_role("science", [item.key for item in items])
    commands.select_exposure(items[0].key)
    config = read_correction(None, visit.settings).over({})
    commands.set_correction(config=config, camera=str(visit.camera))
    idle()
    return panel


def rows(panel: CorrectionPanel) -> list[str]:
    items = (panel.stages.item(row) for row in range(panel.stages.count()))
    return [item.text() for item in items if item is not None]


def test_the_form_has_every_field_but_those_of_the_scale(panel: CorrectionPanel) -> None:
    form = panel.form
    assert form is not None
    assert {"doSky", "bgModel2.minFrac", "maskObjects.detection.thresholdValue"} < set(form.editors)
    assert not [path for path in form.editors if path.startswith("sky.")]
    whole = [field.path for field in fields_of(type(panel._config_now(panel.commands.store.state)))]
    assert len(whole) == len(form.editors) + 13


def test_a_stage_is_switched_off_by_its_box(panel: CorrectionPanel, store: Store) -> None:
    form = panel.form
    assert form is not None
    assert store.state.correction.config is None
    form.editors["doBgModel2"].committed.emit(False)
    config = store.state.correction.config
    assert config is not None
    assert config.doBgModel2 is False
    # What nobody has changed stays as the camera's own pipeline sets it.
    assert config.bgModel1.xSize == 122.88
    assert store.undo_label == "change doBgModel2"


def test_the_button_corrects_and_the_list_tells_what_was_measured(
    opened: CorrectionPanel, commands: Commands, store: Store, idle: Callable[[], None]
) -> None:
    assert rows(opened) == []
    opened.run.click()
    idle()
    told = rows(opened)
    assert [line.partition(" · ")[0] for line in told] == [
        "restored", "background 1", "sky", "background 2"
    ]  # fmt: skip
    assert f"4 {TIMES} 5 superpixels" in told[1]
    assert "scale 758 ± 50" in told[2]
    assert opened.subject(store.state) == "visit 1001, 4 detectors"
    opened.stages.setCurrentRow(1)
    idle()
    assert store.state.view.correction_stage == 1
    content = content_of(store.state, "correction")
    assert content is not None
    assert content.title == "Background 1: all subtracted so far"
    assert content.image is not None
    assert not content.stale
    commands.set_config(store.state.config.model_copy(update={"skyRej": 2.5}))
    idle()
    assert opened.note.text().startswith("Something has changed since")
    content = content_of(store.state, "correction")
    assert content is not None
    assert content.stale


def test_while_it_runs_the_button_stops_it(
    opened: CorrectionPanel, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped: list[str] = []
    monkeypatch.setattr(opened.commands, "cancel", stopped.append)
    store.set(jobs=(Job(lane=LANE, label="Sky correction"),))
    assert opened.run.text() == "Stop"
    opened.run.click()
    assert stopped == [LANE]
    store.set(jobs=())


def test_the_menu_has_presets_with_their_sources(panel: CorrectionPanel, store: Store) -> None:
    menu = panel.make_menu()
    texts = [action.text() for action in menu.actions() if action.text()]
    assert texts[:4] == [
        "Preset of the exposures' camera", "Preset of DECam", "Preset of HSC", "Preset of LSSTCam"
    ]  # fmt: skip
    lsstcam = menu.actions()[3]
    assert "drp_pipe" in lsstcam.toolTip()
    lsstcam.trigger()
    config = store.state.correction.config
    assert config is not None
    assert (config.bgModel1.xSize, store.state.correction.preset) == (81.92, "LSSTCam")
    panel.make_menu().actions()[0].trigger()
    assert store.state.correction.config is None
    menu.deleteLater()


@pytest.mark.parametrize("name", ["whole.py", "whole.yaml"])
def test_a_whole_config_goes_out_and_comes_in(
    name: str, panel: CorrectionPanel, commands: Commands, store: Store, tmp_path: Path
) -> None:
    form = panel.form
    assert form is not None
    form.editors["maskObjects.nIter"].committed.emit(5)
    commands.set_config(store.state.config.model_copy(update={"skyRej": 4.5}))
    panel.export_file(str(tmp_path / name))
    commands.set_correction(config=None)
    commands.set_config(store.state.config.model_copy(update={"skyRej": 3.0}))
    panel.import_file(str(tmp_path / name))
    config = store.state.correction.config
    assert config is not None
    assert config.maskObjects.nIter == 5
    assert store.state.config.skyRej == 4.5
    assert store.state.problems == ()


def test_a_file_that_cannot_be_taken_changes_nothing(
    panel: CorrectionPanel, store: Store, tmp_path: Path
) -> None:
    (tmp_path / "bad.py").write_text("config.doApplyFlatBackgroundRatio = True\n")
    panel.import_file(str(tmp_path / "bad.py"))
    assert store.state.correction.config is None
    assert "is not in this program" in store.state.problems[0].text


def test_a_table_is_asked_for(panel: CorrectionPanel, store: Store) -> None:
    dialog = panel.ask_table()
    assert isinstance(dialog, QFileDialog)
    dialog.fileSelected.emit("/tables/mine.json")
    assert store.state.correction.camera == "/tables/mine.json"
    dialog.reject()


def test_what_there_is_to_show_is_said(
    commands: Commands, store: Store, opened: CorrectionPanel
) -> None:
    content = content_of(store.state, "correction")
    assert content is not None
    assert "The visit is not corrected yet" in content.why
