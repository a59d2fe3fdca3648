"""The dock of the sky correction: its form, its stages, and configs that come and go."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from corrections import write_case
from looks import entries
from PyQt6.QtCore import QCoreApplication, QPoint
from PyQt6.QtWidgets import QFileDialog, QMenu
from seen import show_night
from visits import host

from skyframe_gui.app.model.correction import LANE, CorrectionRun
from skyframe_gui.app.model.correction_request import correction_inputs
from skyframe_gui.app.model.results import Job, Results
from skyframe_gui.app.work.correct_visit import changes_of
from skyframe_gui.files.config.correction import read_correction
from skyframe_gui.numbers import TIMES
from skyframe_gui.simulate import Camera as SimulatedCamera
from skyframe_gui.simulate import table_of
from skyframe_gui.ui.dialogs.export import ExportDialog
from skyframe_gui.ui.form.config_fields import fields_of
from skyframe_gui.ui.images.content import content_of
from skyframe_gui.ui.panels.correction import ROW, CorrectionPanel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nights import Night
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
    whole = [
        field.path for field in fields_of(type(panel.exchange.config(panel.commands.store.state)))
    ]
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
    run = store.state.results.correction
    assert run is not None
    other = replace(store.state.results, correction=replace(run, visit="8"))
    store.set(results=other)
    assert opened.note.text().startswith("This is of visit 8; visit 1001 is not corrected yet.")
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
    menu = panel.exchange.make_menu()
    texts = [action.text() for action in menu.actions() if action.text()]
    assert texts[:7] == [
        "Preset of the exposures' camera", "Preset of DECam", "Preset of HSC", "Preset of LSSTCam",
        "Preset of LSSTComCam", "No preset of LATISS", "No preset of MegaPrime",
    ]  # fmt: skip
    lsstcam = menu.actions()[3]
    assert "drp_pipe" in lsstcam.toolTip()
    lsstcam.trigger()
    config = store.state.correction.config
    assert config is not None
    assert (config.bgModel1.xSize, store.state.correction.preset) == (81.92, "LSSTCam")
    panel.exchange.make_menu().actions()[0].trigger()
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
    panel.exchange.export_file(str(tmp_path / name), False)
    commands.set_correction(config=None)
    commands.set_config(store.state.config.model_copy(update={"skyRej": 3.0}))
    panel.exchange.import_file(str(tmp_path / name))
    config = store.state.correction.config
    assert config is not None
    assert config.maskObjects.nIter == 5
    assert store.state.config.skyRej == 4.5
    assert store.state.problems == ()


def test_a_file_that_cannot_be_taken_changes_nothing(
    panel: CorrectionPanel, store: Store, tmp_path: Path
) -> None:
    (tmp_path / "bad.py").write_text("config.doApplyFlatBackgroundRatio = True\n")
    panel.exchange.import_file(str(tmp_path / "bad.py"))
    assert store.state.correction.config is None
    assert "is not in this program" in store.state.problems[0].text


def a_table(folder: Path, **configs: Any) -> str:
    """Write the table of a simulated camera, with what is set for it."""
    told = json.loads(table_of(SimulatedCamera(name="Tiny"), 200.0))
    told["configs"] = {part: {"values": values} for part, values in configs.items()}
    (folder / "mine.json").write_text(json.dumps(told))
    return str(folder / "mine.json")


def test_a_table_is_asked_for(panel: CorrectionPanel, store: Store, tmp_path: Path) -> None:
    dialog = panel.exchange.ask_table()
    assert isinstance(dialog, QFileDialog)
    dialog.fileSelected.emit(a_table(tmp_path))
    assert store.state.correction.camera == str(tmp_path / "mine.json")
    dialog.reject()


def test_a_table_that_is_none_is_refused_at_once(
    panel: CorrectionPanel, store: Store, tmp_path: Path
) -> None:
    (tmp_path / "none.json").write_text("{}")
    panel.exchange._lay_out(str(tmp_path / "none.json"))
    assert store.state.correction.camera == ""
    (problem,) = store.state.problems
    assert problem.text.startswith(str(tmp_path / "none.json"))
    panel.exchange._lay_out(a_table(tmp_path))
    assert store.state.problems == (), "what was wrong is wrong no more"


def test_a_table_with_sizes_is_the_preset(
    panel: CorrectionPanel, store: Store, tmp_path: Path
) -> None:
    sizes = {part: {"xSize": 3.5, "ySize": 2.5} for part in ("bgModel1", "bgModel2")}
    panel.exchange._lay_out(a_table(tmp_path, **sizes))
    form = panel.form
    assert form is not None
    assert form._titles["bgModel1"].text() == "bgModel1 · mine.json's preset"
    config = panel.exchange.config(store.state)
    assert (config.bgModel1.xSize, config.bgModel1.ySize) == (3.5, 2.5)
    form.editors["doSky"].committed.emit(False)
    changes = changes_of(store.state.correction, store.state.config).values
    assert {name for name in changes if not name.startswith("sky.")} == {"doSky"}


def test_a_file_for_a_table_without_sizes_gives_what_the_command_makes_of_it(
    panel: CorrectionPanel, store: Store, tmp_path: Path
) -> None:
    panel.exchange._lay_out(a_table(tmp_path))
    form = panel.form
    assert form is not None
    assert form._titles["bgModel1"].text() == "bgModel1 · HSC's preset, as mine.json has none"
    assert panel.exchange.why_no_preset(store.state).startswith("mine.json sets no sizes")
    lines = [f"config.bgModel{n}.{side}Size = {n}.5\n" for n in (1, 2) for side in "xy"]
    (tmp_path / "sizes.py").write_text("".join(lines))
    panel.exchange.import_file(str(tmp_path / "sizes.py"))
    config = panel.exchange.config(store.state)
    assert config == read_correction(tmp_path / "sizes.py").over({})
    assert config.bgModel2 is not None
    assert (config.bgModel2.minFrac, config.bgModel1.pixelSize) == (0.3, 1.0)  # not HSC's


def test_what_is_changed_on_one_camera_goes_to_another_without_the_rest(
    shown: list[Any], panel: CorrectionPanel, store: Store
) -> None:
    form = panel.form
    assert form is not None

    def show(instrument: str) -> None:
        sources = [replace(one.source, instrument=instrument) for one in store.state.exposures]
        pairs = zip(store.state.exposures, sources, strict=True)
        store.set(exposures=tuple(replace(one, source=source) for one, source in pairs))
        frames = [one.sky_frame for one in store.state.sky_frames]
        nameless = [replace(one, identity=replace(one.identity, instrument="")) for one in frames]
        both = zip(store.state.sky_frames, nameless, strict=True)
        store.set(sky_frames=tuple(replace(one, sky_frame=frame) for one, frame in both))

    show("HSC")
    form.editors["doMaskObjects"].committed.emit(False)
    show("LSSTCam")
    config = panel.exchange.config(store.state)
    assert (config.doMaskObjects, config.bgModel1.xSize) == (False, 81.92)
    assert {path for path, row in form.rows.items() if row.reset.isVisible()} == {"doMaskObjects"}
    changes = changes_of(store.state.correction, store.state.config)
    assert "bgModel1.xSize" not in changes.values
    form.editors["bgModel1.xSize"].committed.emit(55.0)
    show("HSC")
    config = panel.exchange.config(store.state)
    assert (config.doMaskObjects, config.bgModel1.xSize, config.bgModel1.ySize) == (
        False, 55.0, 122.88
    )  # fmt: skip


def test_a_camera_that_nobody_knows_has_what_a_run_takes(
    shown: list[Any], panel: CorrectionPanel, store: Store
) -> None:
    form = panel.form
    assert form is not None
    assert form._titles["bgModel1"].text().startswith("bgModel1 · LSST's sizes in pixels, as ")
    config = panel.exchange.config(store.state)
    assert (config.bgModel1.xSize, config.bgModel1.pixelSize) == (8192, 1.0)
    assert config.bgModel2 is not None
    assert (config.bgModel2.ySize, config.bgModel2.minFrac) == (256, 0.3)
    form.editors["bgModel2.minFrac"].committed.emit(0.25)
    values = changes_of(store.state.correction, store.state.config).values
    assert {name for name in values if not name.startswith("sky.")} == {"bgModel2.minFrac"}


def test_what_there_is_to_show_is_said(
    commands: Commands, store: Store, opened: CorrectionPanel
) -> None:
    content = content_of(store.state, "correction")
    assert content is not None
    assert "The visit is not corrected yet" in content.why


def test_of_no_visit_it_says_what_to_show(panel: CorrectionPanel, store: Store) -> None:
    assert not panel.run.isEnabled()
    assert panel.subject(store.state) == ""
    assert panel.note.text() == ("Show an exposure of a visit whose detectors have sky frames.")
    assert panel.note.isVisible()
    assert not panel.stages.isVisible()
    store.set(jobs=(Job(lane="full", label="Fit"),))
    assert (panel.run.text(), panel.run.isEnabled()) == ("Correct the visit", False)
    store.set(jobs=(Job(lane="full", label="Fit"), Job(lane=LANE, label="Sky correction")))
    assert (panel.run.text(), panel.run.isEnabled()) == ("Stop", True)


@pytest.fixture
def shown(panel: CorrectionPanel, commands: Commands, store: Store, night: Night) -> list[Any]:
    """Show a visit of which nothing is worked out; return what the panel has asked for."""
    store.changed.disconnect(commands.program.live._on_changed)
    show_night(store, night)
    asked: list[Any] = []
    commands.program.corrections.correct = lambda: asked.append("correct")  # type: ignore[method-assign]
    return asked


def a_run(store: Store, *notes: str, **more: Any) -> CorrectionRun:
    """Put a run with all kinds of stages into the state."""
    plane = SimpleNamespace(counts=np.zeros((4, 7)), level=123.456789)
    solution = SimpleNamespace(scale=-758.123, error=1.5, n_used=31)
    stages: Any = [
        SimpleNamespace(name=name, focal_plane=focal_plane, solution=fitted)
        for name, focal_plane, fitted in (
            ("restored", None, None),
            ("background 1", plane, None),
            ("sky", None, solution),
        )
    ]
    known = {"made_from": correction_inputs(store.state), "stages": tuple(stages)}
    run = CorrectionRun(visit="2001", detectors={"a": "1"}, notes=notes, **(known | more))
    store.set(results=Results(correction=run))
    return run


def test_what_a_run_measured_is_listed_line_by_line(
    shown: list[Any], panel: CorrectionPanel, store: Store
) -> None:
    assert panel.run.isEnabled()
    assert panel.subject(store.state) == "visit 2001"
    assert panel.note.text().startswith("Nothing corrected yet. Stages and sizes are below;")
    panel.run.click()
    assert shown == ["correct"]
    run = a_run(store)
    assert rows(panel) == [
        "restored",
        f"background 1 · level 123.46 · 7 {TIMES} 4 superpixels",
        "sky · scale \N{MINUS SIGN}758.1 ± 1.5 · 31 samples",
    ]
    assert panel.subject(store.state) == "visit 2001, 1 detector"
    assert panel.stages.isVisible()
    assert panel.stages.height() == 3 * ROW + 4
    assert panel.stages.currentRow() == 2  # the last, where none is chosen
    assert not panel.note.isVisible()
    a_run(store, "One was left out.", "Another note.")
    assert panel.note.text() == "One was left out.\nAnother note."
    assert panel.note.isVisible()
    assert not panel.more.isVisible()
    a_run(store, "One was left out.", "Another note.", "A third.")
    assert (panel.note.text(), panel.more.text()) == ("One was left out.", "2 more notes")
    panel.more.click()
    assert panel.note.text() == "One was left out.\nAnother note.\nA third."
    assert panel.more.text() == "Fewer notes"
    panel.more.click()
    assert panel.note.text() == "One was left out."
    a_run(store, "One was left out.", made_from=())
    assert panel.note.text() == (
        "Something has changed since: correct the visit again.\nOne was left out."
    )
    store.set(results=Results(correction=replace(run, stages=run.stages[:1])))
    assert len(rows(panel)) == 1
    assert panel.stages.height() == ROW + 4


def test_a_row_is_chosen_with_its_part_and_painting_chooses_nothing(
    shown: list[Any], panel: CorrectionPanel, store: Store, commands: Commands
) -> None:
    before = store.state.view
    a_run(store)
    assert store.state.view == before
    panel.stages.setCurrentRow(0)
    view = store.state.view
    assert (view.correction_stage, view.correction_part) == (0, "sum")
    assert view.panes[-1] == "correction"
    assert panel.stages.currentRow() == 0
    panel.part.setCurrentIndex(2)
    panel.part.activated.emit(2)
    view = store.state.view
    assert (view.correction_stage, view.correction_part) == (0, "corrected")
    # Where the panes show something else, a click on the chosen row brings it back.
    commands.view(panes=("exposure", "model"))
    panel.stages.itemClicked.emit(panel.stages.currentItem())
    assert store.state.view.panes == ("exposure", "correction")
    panel.stages.setCurrentRow(2)  # always the last, also of a run that has more of them
    view = store.state.view
    assert (view.correction_stage, view.correction_part) == (None, "corrected")
    commands.show_correction(1, "added")
    assert (panel.stages.currentRow(), panel.part.currentIndex()) == (1, 0)
    store.set(results=Results())
    assert store.state.view.correction_stage == 1


def test_the_form_tells_whose_preset_it_compares_with(
    shown: list[Any], panel: CorrectionPanel, store: Store, commands: Commands
) -> None:
    form = panel.form
    assert form is not None

    def heading() -> str:
        return form._titles["bgModel1"].text()

    def changed() -> set[str]:
        return {path for path, row in form.rows.items() if row.reset.isVisible()}

    assert heading() == "bgModel1 · LSST's sizes in pixels, as SkySim has no preset"
    for of, name in (("LSSTCam", "LSSTCam"), ("Hyper Suprime-Cam", "HSC"), ("DECam", "DECam")):
        exposures = tuple(
            replace(one, source=replace(one.source, instrument=of)) for one in store.state.exposures
        )
        store.set(exposures=exposures)
        store.set(
            sky_frames=tuple(
                replace(
                    one,
                    sky_frame=replace(
                        one.sky_frame, identity=replace(one.sky_frame.identity, instrument="")
                    ),
                )
                for one in store.state.sky_frames
            )
        )
        assert heading() == f"bgModel1 · {name}'s preset"
        assert not changed()
    panel.exchange._take_preset("LSSTCam")
    assert heading() == "bgModel1 · LSSTCam's preset"
    assert store.undo_label == "use the sky correction of LSSTCam"
    assert not changed()
    form.editors["bgModel1.xSize"].committed.emit(55.0)
    assert changed() == {"bgModel1.xSize"}
    panel.exchange._take_preset("")
    assert store.undo_label == "use the sky correction of the camera"


def test_before_the_presets_are_read_no_camera_is_named(
    qtbot: QtBot, commands: Commands, store: Store
) -> None:
    made = CorrectionPanel(commands)
    host(qtbot, made, store, 560, 700)
    assert made.form is not None
    assert made.form._titles["bgModel1"].text() == "bgModel1"
    for _ in made.prepare():
        pass
    assert made.form._titles["bgModel1"].text() == "bgModel1 · HSC's preset"


def test_the_form_has_two_columns_where_there_is_room(panel: CorrectionPanel) -> None:
    form = panel.form
    assert form is not None
    least = form.two_columns_width(short=True) + 12
    for width, two in ((least - 1, False), (least, True), (least - 1, False)):
        panel.resize(width, 700)
        QCoreApplication.sendPostedEvents()
        assert form._form == (two, True, False, True)
    assert panel.minimumWidth() == 300
    assert panel.focusProxy() is panel.run


@pytest.mark.parametrize("width", [460, 500, 505, 560, 700])
def test_boxes_stand_where_fields_begin(panel: CorrectionPanel, width: int) -> None:
    panel.resize(width, 700)
    QCoreApplication.sendPostedEvents()
    form = panel.form
    assert form is not None
    assert form._form[0] is (width > 460), "two columns where there is room"
    for field, *switches in (
        ("bgModel1.binning", "doMaskObjects", "doSky", "undoBgModel1", "bgModel1.doSmooth"),
        ("maskObjects.nIter", "bgModel2.doSmooth", "maskObjects.doInterpolate"),
    ):
        begin = form.editors[field].mapTo(form, QPoint()).x()
        assert [form.editors[one].mapTo(form, QPoint()).x() for one in switches] == [begin] * len(
            switches
        )


def test_the_menu_has_a_mark_at_what_is_taken(
    panel: CorrectionPanel, store: Store, tmp_path: Path
) -> None:
    def now() -> str:
        menu = panel.exchange.make_menu()
        menu.deleteLater()
        return entries(menu.actions())

    usual = now()
    assert usual.splitlines() == [
        '"Preset of the exposures\' camera" [x]',
        "'Preset of DECam' [ ]",
        "'Preset of HSC' [ ]",
        "'Preset of LSSTCam' [ ]",
        "'Preset of LSSTComCam' [ ]",
        "'No preset of LATISS' (off) [ ]",
        "'No preset of MegaPrime' (off) [ ]",
        "----",
        "'Detectors as the files tell' [x]",
        "'Detectors by a camera table…' [ ]",
        "----",
        "'Import override file…'",
        "'Export as override file…'",
    ]
    menu = panel.exchange.make_menu()
    assert menu.toolTipsVisible()
    told, table = menu.actions()[8:10]
    assert table.toolTip() == "A table like those of the program, FILE.json or FILE.csv"
    panel.exchange._take_preset("HSC")
    mine = a_table(tmp_path)
    panel.exchange._lay_out(mine)
    assert store.undo_label == "change the camera"
    now_set = now().splitlines()
    assert now_set[0] == '"Preset of the exposures\' camera" [ ]'
    assert now_set[2] == "'Preset of HSC' [x]"
    assert now_set[8:10] == [
        "'Detectors as the files tell' [ ]",
        "'Detectors by a camera table…' [x]",
    ]
    assert panel.exchange.make_menu().actions()[9].toolTip() == mine
    told.trigger()
    assert store.state.correction.camera == ""
    menu.deleteLater()


def test_the_menu_opens_below_its_button_and_goes_for_good(
    panel: CorrectionPanel, qtbot: QtBot
) -> None:
    panel.menu_button.click()
    (menu,) = panel.findChildren(QMenu)
    assert menu.isVisible()
    button = panel.menu_button
    corner = button.mapToGlobal(button.rect().bottomRight())
    assert menu.pos() == corner - QPoint(menu.sizeHint().width(), -2)
    gone: list[object] = []
    menu.destroyed.connect(gone.append)
    menu.hide()
    QCoreApplication.sendPostedEvents(None, 52)  # what is to be deleted
    assert gone


@pytest.mark.parametrize(
    ("place", "title", "kinds", "saves"),
    [
        (9, "Camera table", ["Tables (*.json *.csv)"], False),
        (11, "Import a sky correction", ["Configs (*.py *.yaml *.yml)", "All files (*)"], False),
        (12, "Export the sky correction", ["Configs (*.py *.yaml *.yml)", "All files (*)"], True),
    ],
)
def test_entries_of_the_menu_ask_for_files(
    place: int,
    title: str,
    kinds: list[str],
    saves: bool,
    panel: CorrectionPanel,
    store: Store,
    tmp_path: Path,
) -> None:
    menu = panel.exchange.make_menu()
    menu.actions()[place].trigger()
    (dialog,) = panel.findChildren(QFileDialog)
    assert dialog.isVisible()
    assert (dialog.windowTitle(), dialog.nameFilters()) == (title, kinds)
    modes = QFileDialog.FileMode, QFileDialog.AcceptMode
    if saves:
        assert (dialog.acceptMode(), dialog.defaultSuffix()) == (modes[1].AcceptSave, "py")
        dialog.fileSelected.emit(str(tmp_path / "made.py"))
        assert "config.bgModel1.xSize" in (tmp_path / "made.py").read_text()
    else:
        assert (dialog.acceptMode(), dialog.fileMode()) == (
            modes[1].AcceptOpen,
            modes[0].ExistingFile,
        )
        (tmp_path / "two.py").write_text("config.doBgModel2 = False\n")
        table = a_table(tmp_path)
        dialog.fileSelected.emit(str(tmp_path / "two.py") if place == 11 else table)
        if place == 11:
            config = store.state.correction.config
            assert config is not None
            assert config.doBgModel2 is False
            assert store.undo_label == "import a sky correction"
        else:
            assert store.state.correction.camera == table
    gone: list[object] = []
    dialog.destroyed.connect(gone.append)
    dialog.reject()
    QCoreApplication.sendPostedEvents(None, 52)
    assert gone
    menu.deleteLater()


def test_a_file_without_the_scale_leaves_the_panel_config_alone(
    panel: CorrectionPanel, store: Store, commands: Commands, tmp_path: Path
) -> None:
    commands.set_config(store.state.config.model_copy(update={"skyRej": 4.5}))
    panel.form.editors["bgModel2.minFrac"].committed.emit(0.25)  # type: ignore[union-attr]
    (tmp_path / "part.py").write_text("config.doMaskObjects = False\n")
    before = store.state.config
    panel.exchange.import_file(str(tmp_path / "part.py"))
    config = store.state.correction.config
    assert config is not None
    assert config.bgModel2 is not None
    # What the file does not name stays as it was, and the scale's fields are the window's.
    assert (config.doMaskObjects, config.bgModel2.minFrac) == (False, 0.25)
    assert store.state.config is before
    assert config.sky.skyRej == 4.5
    (tmp_path / "sky.py").write_text("config.sky.skyIter = 7\n")
    panel.exchange.import_file(str(tmp_path / "sky.py"))
    assert (store.state.config.skyIter, store.state.config.skyRej) == (7, 4.5)
    assert store.undo_label == "import a sky correction"
    commands.undo()  # both in one
    assert store.state.config is before
    assert store.state.problems == ()


def test_a_folder_is_no_place_for_an_export(
    panel: CorrectionPanel, store: Store, tmp_path: Path
) -> None:
    panel.exchange.export_file(str(tmp_path / "x.YML"), False)
    assert (tmp_path / "x.YML").read_text().lstrip().startswith(("bgModel1:", "#"))
    before = (tmp_path / "x.YML").stat().st_size
    panel.exchange.export_file(str(tmp_path / "x.YML"), True)  # the dialog has asked
    assert (tmp_path / "x.YML").stat().st_size == before
    assert store.state.problems == ()
    panel.exchange.export_file(str(tmp_path), False)
    (problem,) = store.state.problems
    assert problem.origin == "correction config"
    assert str(tmp_path) in problem.text


def test_notes_of_a_file_are_told(panel: CorrectionPanel, store: Store, tmp_path: Path) -> None:
    path = tmp_path / "whole.py"
    path.write_text(
        "import lsst.pipe.tasks.skyCorrection\n"
        "config.connections.rawLinker = 'a'\nconfig.doSky = False\nconfig.calexpType = 'b'\n"
    )
    panel.exchange.import_file(str(path))
    config = store.state.correction.config
    assert config is not None
    assert not config.doSky
    (problem,) = store.state.problems
    assert problem.origin == "correction config"
    assert len(problem.text) > 20


def test_it_is_painted_anew_when_what_it_shows_has_changed(
    shown: list[Any], panel: CorrectionPanel, store: Store, commands: Commands
) -> None:
    seen = [panel.watches(store.state)]

    def has_changed() -> bool:
        seen.append(panel.watches(store.state))
        return seen[-1] != seen[-2]

    assert not has_changed()
    a_run(store)
    assert has_changed()
    for change in (
        lambda: commands.show_correction(1, "sum"),
        lambda: commands.show_correction(1, "added"),
        lambda: panel.exchange._lay_out("DECam"),
        lambda: commands.set_config(store.state.config.model_copy(update={"skyRej": 4.5})),
        lambda: store.set(jobs=(Job(lane=LANE, label="Sky correction"),)),
        lambda: store.set(excluded_exposures=frozenset({store.state.exposures[-1].key})),
    ):
        change()
        assert has_changed(), change
    commands.view(linked=False)
    assert not has_changed()


def test_the_corrected_visit_goes_out_by_the_dialog(
    opened: CorrectionPanel,
    commands: Commands,
    store: Store,
    idle: Callable[[], None],
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    commands.folders["export"] = str(tmp_path / "out")
    dialog = ExportDialog(opened, commands)
    dialog.show()
    with qtbot.waitSignal(opened.export_wanted, timeout=1000):
        opened.export.click()
    dialog.offer_corrected()
    dialog.refresh()
    model = dialog.files
    names = [model.data(model.index(row, 0)) for row in range(model.rowCount())]
    detectors = range(4)
    assert names == [
        *(f"v1001-det{n}-{what}.fits" for n in detectors for what in ("corr", "background")),
        "1001-samples.ecsv",
        "1001-correction-config.py",
    ]
    assert dialog.export_button.text() == "Export 10 files"
    dialog.export_button.click()
    idle()
    dialog.refresh()
    assert dialog.message.text() == f"Wrote 10 files to {tmp_path / 'out'}."
    assert sorted(names) == sorted(path.name for path in (tmp_path / "out").iterdir())
    marks = {model.data(model.index(row, 2)) for row in range(model.rowCount())}
    assert marks == {"just written"}
    # They stay as they are until somebody allows more.
    dialog.choices.residual_maps.setChecked(True)
    dialog.refresh()
    assert "allow replacing existing files" in dialog.message.text()
    dialog.close()


def test_without_a_visit_nothing_is_offered(panel: CorrectionPanel) -> None:
    assert not panel.export.isEnabled()


def test_what_is_subtracted_and_what_is_corrected_are_ticked_in_turn(
    opened: CorrectionPanel, commands: Commands
) -> None:
    choices = ExportDialog(opened, commands).choices
    assert choices.subtracted.isChecked()
    assert choices.samples.isChecked()
    choices.corrected.click()
    ticked = [choices.subtracted, choices.samples, choices.residual_maps, choices.corrected]
    assert [box.isChecked() for box in ticked] == [False, False, False, True]
    choices.subtracted.click()  # both at once are somebody's own wish
    assert choices.corrected.isChecked()
