"""The config form as a person uses it: what is typed arrives, what is wrong does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import pytest
from pydantic import Field
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtWidgets import QApplication, QDialog, QFileDialog

from skyframe_gui.app.model.queries import open_exposures
from skyframe_gui.app.model.sky_sets import sky_sets
from skyframe_gui.engine import SkyMeasurementConfig
from skyframe_gui.engine.config import BackgroundConfig
from skyframe_gui.files import read_config, write_exposure
from skyframe_gui.simulate import Camera, simulate_night
from skyframe_gui.ui.form import Form
from skyframe_gui.ui.form.config_fields import fields_of, value_of, with_values
from skyframe_gui.ui.form.exchange import ExportDialog, PasteDialog
from skyframe_gui.ui.panels import config as config_panel
from skyframe_gui.ui.panels.config import ConfigPanel
from skyframe_gui.ui.theme import DARK, style_sheet
from skyframe_gui.workflow.options import MaskObjects, Normalise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from nights import Night
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.ui.form.form_row import Row
    from skyframe_gui.ui.form.line_editor import Entry
    from skyframe_gui.ui.window import MainWindow


LABELS = ("mask objects", "normalise")
"""Of the fields that are not LSST's."""


@pytest.fixture
def panel(qtbot: QtBot, store: Store, commands: Commands) -> Iterator[ConfigPanel]:
    """Return the panel without the rest of the window, painted as the window does."""
    made = ConfigPanel(commands)
    qtbot.addWidget(made)
    made.setStyleSheet(style_sheet(DARK))
    made.resize(372, 480)
    made.show_state(store.state)
    made.show()
    for _ in made.prepare():  # as in the moments after the first paint
        pass

    def paint(old: State, new: State) -> None:
        if made.watches(old) != made.watches(new):
            made.show_state(new)

    store.changed.connect(paint)
    yield made
    store.changed.disconnect(paint)


def entry(panel: ConfigPanel, path: str) -> Entry:
    return panel.form.editors[path].entry


def row(panel: ConfigPanel, path: str) -> object:
    return panel.form.rows[path]


def type_in(qtbot: QtBot, line: Entry, text: str, *keys: Qt.Key) -> None:
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, text)
    for key in keys:
        qtbot.keyClick(line, key)


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Tab])
def test_a_typed_value_arrives(qtbot: QtBot, panel: ConfigPanel, store: Store, key: Qt.Key) -> None:
    type_in(qtbot, entry(panel, "background.xBinSize"), "128", key)
    assert store.state.config.background.xBinSize == 128
    type_in(qtbot, entry(panel, "skyRej"), "2.5", key)
    assert store.state.config.skyRej == 2.5
    assert store.undo_label == "change skyRej"


def test_a_double_click_takes_the_whole_number(qtbot: QtBot, panel: ConfigPanel) -> None:
    line = entry(panel, "skyRej")
    assert line.text() == "3.0"
    qtbot.mouseDClick(line, Qt.MouseButton.LeftButton, pos=QPoint(12, line.height() // 2))
    assert line.selectedText() == "3.0", "typed after it, 1.5 became 3.1.5"


def test_every_field_can_be_changed(panel: ConfigPanel, store: Store) -> None:
    assert set(panel.form.editors) == {field.path for field in fields_of(SkyMeasurementConfig)}
    for path, editor in panel.form.editors.items():
        wanted = {
            "whole": 7,
            "real": 1.5,
            "choice": editor.field.choices[-1:] and editor.field.choices[-1],
            "planes": ("SAT",),
        }[editor.field.kind]
        editor.committed.emit(wanted)
        assert value_of(store.state.config, path) == wanted


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("background.xBinSize", "0"),
        ("background.xBinSize", "-3"),
        ("background.yBinSize", "12.5"),
        ("background.yBinSize", "many"),
        ("background.yBinSize", ""),
        ("skyRej", "0"),
        ("skyRej", "nan"),
        ("skyRej", "inf"),
        ("skyIter", "1000001"),
        ("stats.clip", "-1"),
        ("stats.nIter", "0"),
        ("stats.nIter", "9" * 5000),
    ],
)
def test_a_value_out_of_bounds_cannot_leave_its_editor(
    qtbot: QtBot, panel: ConfigPanel, store: Store, path: str, text: str
) -> None:
    before = store.state.config
    line = entry(panel, path)
    line.setFocus()
    line.clear()
    line.insert(text)
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert store.state.config == before
    hint = panel.form.editors[path].parent().hint
    assert hint.wrong
    assert hint.text().startswith(panel.form.editors[path].field.name)
    assert "stays" in hint.text()
    assert "border" in line.styleSheet()
    qtbot.keyClick(line, Qt.Key.Key_Escape)
    assert line.text() == str(value_of(before, path))
    assert not hint.wrong
    assert line.styleSheet() == ""


def test_what_is_wrong_stays_marked_when_another_field_is_gone_to(
    qtbot: QtBot, panel: ConfigPanel, store: Store
) -> None:
    type_in(qtbot, entry(panel, "skyIter"), "-1", Qt.Key.Key_Tab)
    type_in(qtbot, entry(panel, "skyRej"), "4", Qt.Key.Key_Return)
    assert store.state.config.skyIter == 3
    assert store.state.config.skyRej == 4.0
    assert "skyIter" in row(panel, "skyIter").hint.text()


def test_arrows_step_and_are_undone_together(
    qtbot: QtBot, panel: ConfigPanel, store: Store
) -> None:
    line = entry(panel, "background.xBinSize")
    line.setFocus()
    for _ in range(5):
        qtbot.keyClick(line, Qt.Key.Key_Up)
    qtbot.keyClick(line, Qt.Key.Key_Down)
    assert store.state.config.background.xBinSize == 36
    store.undo()
    assert store.state.config.background.xBinSize == 32
    assert line.text() == "32"


def test_steps_stop_at_the_bound(qtbot: QtBot, panel: ConfigPanel, store: Store) -> None:
    line = entry(panel, "skyIter")
    line.setFocus()
    for _ in range(6):
        qtbot.keyClick(line, Qt.Key.Key_Down)
    qtbot.keyClick(line, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert store.state.config.skyIter == 0
    rej = entry(panel, "skyRej")
    for _ in range(40):
        qtbot.keyClick(rej, Qt.Key.Key_Down)
    assert store.state.config.skyRej == 0.1


def turn(line: Entry) -> None:
    middle = QPointF(5, 5)
    event = QWheelEvent(
        middle,
        line.mapToGlobal(middle),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    line.wheelEvent(event)


def test_the_wheel_changes_only_the_field_with_the_focus(panel: ConfigPanel, store: Store) -> None:
    line, other = entry(panel, "skyIter"), entry(panel, "skyRej")
    other.setFocus()
    turn(line)
    assert store.state.config.skyIter == 3
    line.setFocus()
    turn(line)
    assert store.state.config.skyIter == 4


def test_an_edit_from_elsewhere_leaves_the_cursor_and_what_is_typed(
    qtbot: QtBot, panel: ConfigPanel, store: Store, commands: Commands
) -> None:
    line = entry(panel, "background.xBinSize")
    type_in(qtbot, line, "128")
    line.setCursorPosition(1)
    commands.set_config(with_values(store.state.config, {"skyRej": 5.0}))
    assert line.text() == "128"
    assert line.cursorPosition() == 1
    assert entry(panel, "skyRej").text() == "5.0"
    store.undo()
    assert line.text() == "128"
    assert entry(panel, "skyRej").text() == "3.0"
    qtbot.keyClick(line, Qt.Key.Key_Return)
    line.setCursorPosition(1)
    store.undo()
    assert line.text() == "32"
    assert line.cursorPosition() == 1


def test_undo_keys_in_a_field_undo_the_config(
    qtbot: QtBot, window: MainWindow, store: Store
) -> None:
    panel = window.panel("config")
    line = entry(panel, "background.xBinSize")
    type_in(qtbot, line, "128", Qt.Key.Key_Return)
    qtbot.keyClick(line, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert store.state.config.background.xBinSize == 32
    qtbot.keyClick(
        line,
        Qt.Key.Key_Z,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )
    assert store.state.config.background.xBinSize == 128


def test_changed_rows_are_marked_and_reset_alone(
    qtbot: QtBot, panel: ConfigPanel, store: Store
) -> None:
    assert panel.subject(store.state) == "none changed"
    type_in(qtbot, entry(panel, "background.yBinSize"), "64", Qt.Key.Key_Return)
    type_in(qtbot, entry(panel, "stats.nIter"), "5", Qt.Key.Key_Return)
    assert panel.subject(store.state) == "2 changed"
    marked = [path for path, one in panel.form.rows.items() if one.changed]
    assert marked == ["background.xBinSize", "stats.clip"]
    bins = row(panel, "background.xBinSize")
    assert bins.reset.isVisible()
    qtbot.mouseClick(bins.reset, Qt.MouseButton.LeftButton)
    assert store.undo_label == "reset background.xBinSize and background.yBinSize"
    assert store.state.config.background.yBinSize == 32
    assert store.state.config.stats.nIter == 5
    assert not bins.changed
    assert not bins.reset.isVisible()
    panel.reset_all()
    assert store.state.config == store.state.preset
    store.undo()
    assert store.state.config.stats.nIter == 5


def test_a_preset_is_used_and_then_compared_with(
    qtbot: QtBot, panel: ConfigPanel, store: Store
) -> None:
    combo = panel.presets
    assert combo.currentText() == "LSST defaults"
    combo.setFocus()
    qtbot.keyClick(combo, Qt.Key.Key_End)
    assert store.state.preset_name == combo.currentText()
    assert store.state.preset_name != "LSST defaults"
    assert store.state.config == store.state.preset
    assert panel.subject(store.state) == "none changed"
    store.undo()
    assert combo.currentText() == "LSST defaults"


def test_a_new_field_of_the_model_appears_by_itself(qtbot: QtBot) -> None:
    class Background(BackgroundConfig):
        weighting: bool = False
        """Whether bins are weighted."""

    class Newer(SkyMeasurementConfig):
        background: Background = Background()
        maxShift: Annotated[float, Field(ge=0, le=2.5)] = 0.5
        """How far the sky may shift."""

    form = Form(Newer)
    qtbot.addWidget(form)
    edited = []
    form.edited.connect(lambda config, label: edited.append((config, label)))
    config = Newer()
    form.show_config(config, config, {}, None)
    line = form.editors["maxShift"].entry
    assert line.text() == "0.5"
    assert "How far the sky may shift." in line.toolTip()
    assert "from 0 to 2.5" in line.toolTip()
    assert "config.maxShift" in line.toolTip()
    line.selectAll()
    qtbot.keyClicks(line, "3")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert edited == []
    line.selectAll()
    qtbot.keyClicks(line, "2")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert edited == [(config.model_copy(update={"maxShift": 2.0}), "change maxShift")]
    form.editors["background.weighting"].box.click()
    assert edited[-1][0].background.weighting is True


def test_choices_come_from_the_model(qtbot: QtBot, panel: ConfigPanel, store: Store) -> None:
    combo = panel.form.editors["background.algorithm"].combo
    combo.setFocus()
    qtbot.keyClick(combo, Qt.Key.Key_Up)
    assert store.state.config.background.algorithm == combo.currentText() == "LINEAR"


def test_a_config_whose_algorithm_is_null_is_shown_as_it_is(
    panel: ConfigPanel, store: Store, commands: Commands
) -> None:
    commands.set_config(with_values(store.state.config, {"background.algorithm": None}))
    combo = panel.form.editors["background.algorithm"].combo
    assert combo.currentText() == "None"
    store.undo()
    assert combo.currentText() == "NATURAL_SPLINE"
    assert combo.findText("None") < 0


def test_mask_planes_are_chosen_in_the_popup(
    qtbot: QtBot, panel: ConfigPanel, store: Store
) -> None:
    combo = panel.form.editors["background.mask"].combo
    assert combo.currentText() == "SAT, BAD, + 4"
    combo.showPopup()
    popup = combo.popup
    before = store.state.config.background.mask
    assert {plane for plane, box in popup.boxes.items() if box.isChecked()} == set(before)
    popup.boxes["BAD"].click()
    assert store.state.config.background.mask == tuple(p for p in before if p != "BAD")
    popup.boxes["CR"].click()
    assert store.state.config.background.mask[-1] == "CR"
    popup.boxes["CR"].click()
    popup.boxes["BAD"].click()
    assert store.state.config.background.mask == before
    assert not row(panel, "background.mask").changed
    qtbot.keyClicks(popup.line, "2 bad")
    qtbot.keyClick(popup.line, Qt.Key.Key_Return)
    assert store.state.config.background.mask == before
    popup.line.clear()
    qtbot.keyClicks(popup.line, "STREAK")
    qtbot.keyClick(popup.line, Qt.Key.Key_Return)
    assert store.state.config.background.mask == (*before, "STREAK")
    assert popup.boxes["STREAK"].isChecked()
    combo.hidePopup()


def test_planes_that_the_file_lacks_are_marked_and_hints_follow_the_exposure(
    panel: ConfigPanel, store: Store, commands: Commands, night: Night, idle: Callable[[], None]
) -> None:
    assert row(panel, "background.xBinSize").hint.text() == "effective: no exposure"
    commands.set_config(
        with_values(
            store.state.config,
            {"background.xBinSize": 50, "background.mask": ("SAT", "STREAK"), "xNumSamples": 7},
        )
    )
    commands.open([night.science[0]])
    idle()
    assert row(panel, "background.xBinSize").hint.text() == "effective 48 × 33.3 px, 5 × 6"  # noqa: RUF001
    assert row(panel, "xNumSamples").hint.text() == "boxes of 34 × 50 px"  # noqa: RUF001
    combo = panel.form.editors["background.mask"].combo
    combo.showPopup()
    boxes = combo.popup.boxes
    assert boxes["STREAK"].accessibleDescription() == "not in this file"
    assert boxes["SAT"].accessibleDescription() == ""
    combo.hidePopup()


def test_the_algorithm_of_a_sky_frame_file_is_told(
    panel: ConfigPanel,
    store: Store,
    commands: Commands,
    night: Night,
    idle: Callable[[], None],
    tmp_path: Path,
) -> None:
    from skyframe_gui.files import write_sky_frame
    from skyframe_gui.workflow.build import build_sky_frames

    config = with_values(store.state.config, {"background.algorithm": "LINEAR"})
    built = build_sky_frames(night.paths[:2], config)
    path = tmp_path / "sky.fits"
    write_sky_frame(path, built.sky_frames[0].sky_frame)
    commands.open([night.science[0], str(path)])
    idle()
    assert row(panel, "background.algorithm").hint.text() == "sky frame from file: LINEAR is used"
    hint = row(panel, "background.xBinSize").hint.text()
    assert hint.startswith("sky frame from file: bins of 30 ")
    for name in ("statistic", "mask"):
        one = row(panel, f"background.{name}")
        assert one.hint.text() == "not in the fit: sky frame from file"
        assert one.label.toolTip().endswith("not in the fit: sky frame from file")
    assert row(panel, "stats.mask").hint.text() == ""
    commands.open(night.paths[:1])
    idle()
    commands.build()
    idle()
    commands.sets.use(sky_sets(store.state)[0].key)
    commands.select_exposure(open_exposures(store.state)[-1].key)
    idle()
    for name in ("statistic", "algorithm", "mask"):
        one = row(panel, f"background.{name}")
        assert one.hint.text() == "", "it is how the next frame and this one are made"
        assert "from file" not in one.label.toolTip()


def test_objects_and_normalise_are_chosen_and_reset(
    qtbot: QtBot, panel: ConfigPanel, store: Store
) -> None:
    combo = panel.options["mask_objects"]
    combo.setFocus()
    qtbot.keyClick(combo, Qt.Key.Key_End)
    assert store.state.options.mask_objects is MaskObjects.ALWAYS
    other = panel.options["normalise"]
    other.setFocus()
    qtbot.keyClick(other, Qt.Key.Key_Down)
    assert store.state.options.normalise is Normalise.LEVEL
    store.undo()
    assert other.currentText() == "none"
    qtbot.keyClick(other, Qt.Key.Key_End)
    assert store.state.options.normalise is Normalise.AUTO


def test_the_camera_of_builds_is_chosen_by_name_or_by_its_table(
    panel: ConfigPanel, store: Store, commands: Commands, tmp_path: Path
) -> None:
    combo, row = panel.camera, panel._option_rows["camera"]
    assert not row.isVisible(), "without a focal plane it lays out nothing"
    commands.set_options(normalise=Normalise.FOCAL_PLANE)
    assert row.isVisible()
    names = [combo.itemText(at) for at in range(combo.count())]
    assert names[0] == "as the files tell"
    assert {"HSC", "LSSTCam", "MegaPrime"} < set(names)
    combo.activated.emit(names.index("HSC"))
    assert store.state.options.camera == "HSC"
    assert combo.currentText() == "HSC"
    assert row.changed
    combo.activated.emit(combo.count() - 1)
    (dialog,) = combo.findChildren(QFileDialog)
    assert combo.currentText() == "HSC", "until a file is chosen nothing has changed"
    mine = tmp_path / "mine.csv"
    dialog.fileSelected.emit(str(mine))
    (problem,) = store.state.problems
    assert problem.text.startswith(f"{mine}: the table of the camera cannot be read")
    assert store.state.options.camera == "HSC"
    mine.write_text(
        "name,detector,width_px,height_px,pixel_mm,x_mm,y_mm,yaw_offset_deg\nA,1,9,9,0.01,0,0,0\n"
    )
    dialog.fileSelected.emit(str(mine))
    dialog.reject()
    assert store.state.problems == ()
    assert store.state.options.camera == str(mine)
    assert combo.currentText() == "mine.csv"
    assert combo.itemData(combo.currentIndex(), Qt.ItemDataRole.ToolTipRole) == str(mine)
    row.reset.click()
    assert store.state.options.camera == ""
    assert (combo.currentText(), row.changed) == ("as the files tell", False)
    assert combo.findText("mine.csv") == -1


def test_what_a_build_will_do_is_told_also_where_other_hints_have_no_room(
    panel: ConfigPanel, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config_panel, "normalise_hint", lambda _: "as it will be")
    panel.resize(560, 200)
    commands.set_options(normalise=Normalise.FOCAL_PLANE)
    assert panel.form._form[:3] == (True, True, False), "two low columns without hints"
    hint = panel._option_rows["normalise"].hint
    assert (hint.isVisible(), hint.text()) == (True, "as it will be")
    assert not row(panel, "xNumSamples").hint.isVisible()
    low = panel.form.height_with(True, False)
    monkeypatch.setattr(config_panel, "normalise_hint", lambda _: "")
    commands.set_options(normalise=Normalise.NONE)
    assert not hint.isVisible()
    assert panel.form.height_with(True, False) < low


OVERRIDES = """\
import lsst.pipe.tasks.skyCorrection
assert type(config) is lsst.pipe.tasks.skyCorrection.SkyCorrectionConfig
config.sky.background.xBinSize = 2 * 64
config.sky.skyRej = 2.5
config.sky.stats.mask.append('STREAK')
"""


def test_an_override_file_is_imported_and_undone_at_once(
    panel: ConfigPanel, store: Store, idle: Callable[[], None], tmp_path: Path
) -> None:
    path = tmp_path / "overrides.py"
    path.write_text(OVERRIDES)
    panel.exchange.import_file(str(path))
    idle()
    config = store.state.config
    assert (config.background.xBinSize, config.skyRej) == (128, 2.5)
    assert config.stats.mask[-1] == "STREAK"
    assert entry(panel, "background.xBinSize").text() == "128"
    store.undo()
    assert store.state.config == store.state.preset


def test_lines_that_are_refused_are_listed_and_the_others_taken(
    panel: ConfigPanel, store: Store, idle: Callable[[], None], tmp_path: Path
) -> None:
    path = tmp_path / "overrides.py"
    path.write_text(OVERRIDES + "import os; os.remove('x')\nconfig.sky.skyIter = -1\n")
    panel.exchange.import_file(str(path))
    idle()
    assert store.state.config.background.xBinSize == 128
    assert store.state.config.skyIter == 3
    (problem,) = store.state.problems
    _, *rest = problem.text.splitlines()
    assert [line.split(":")[0] for line in rest] == ["Line 6", "Line 7"], "one a line"
    assert store.state.log[-2:] == tuple(rest)
    assert problem.detail == ""
    store.undo()
    assert store.state.config == store.state.preset
    path.write_text(OVERRIDES)
    panel.exchange.import_file(str(path))
    idle()
    assert store.state.problems == ()


def test_fields_that_a_file_sets_back_and_lines_of_other_parts_are_told(
    panel: ConfigPanel, store: Store, idle: Callable[[], None], tmp_path: Path
) -> None:
    path = tmp_path / "overrides.py"
    path.write_text("config.bgModel1.xSize = 8192 * 0.015\nconfig.sky.skyRej = 2.5\n")
    other = with_values(store.state.config, {"skyIter": 7, "skyRej": 9.0})
    panel.commands.set_config(other)
    panel.exchange.import_file(str(path))
    idle()
    assert (store.state.config.skyIter, store.state.config.skyRej) == (3, 2.5)
    (problem,) = store.state.problems
    assert "config.bgModel1.xSize = 8192 * 0.015" in problem.text, "which line it is"
    assert problem.text.splitlines()[-1] == (
        "Fields that the file does not name are back at LSST defaults: skyIter."
    )


def test_a_file_of_which_nothing_can_be_taken_changes_nothing(
    panel: ConfigPanel, store: Store, idle: Callable[[], None], tmp_path: Path
) -> None:
    path = tmp_path / "overrides.py"
    path.write_text("config.isr.doBias = False\nconfig.sky.skyIter = -1\n")
    before = store.state.config
    panel.exchange.import_file(str(path))
    idle()
    assert store.state.config == before
    (problem,) = store.state.problems
    assert "2 lines are refused" in problem.text


@pytest.mark.parametrize("changed_only", [True, False])
@pytest.mark.parametrize("form", ["Override file", "YAML"])
def test_what_is_exported_reads_back_as_the_same_config(
    panel: ConfigPanel,
    store: Store,
    commands: Commands,
    idle: Callable[[], None],
    tmp_path: Path,
    changed_only: bool,
    form: str,
) -> None:
    config = with_values(
        store.state.config,
        {"background.xBinSize": 99, "stats.mask": ("SAT",), "stats.clip": 2.25},
    )
    commands.set_config(config)
    panel.exchange.ask_export()
    (dialog,) = panel.findChildren(ExportDialog)
    dialog.format.setCurrentText(form)
    dialog.changed_only.setChecked(changed_only)
    path = tmp_path / ("sky.py" if form == "Override file" else "sky.yaml")
    dialog._on_path(str(path))
    idle()
    assert read_config(path) == config
    n_lines = len(path.read_text().splitlines())
    assert n_lines < 8 if changed_only else n_lines > 10


def test_a_bad_prefix_cannot_be_exported(panel: ConfigPanel) -> None:
    panel.exchange.ask_export()
    (dialog,) = panel.findChildren(ExportDialog)
    dialog.prefix.setText("a b")
    assert not dialog._keep.isEnabled()
    dialog.prefix.setText("calibrate.sky")
    assert dialog._keep.isEnabled()
    assert "config.calibrate.sky.skyRej = 3.0" in dialog.text.toPlainText()
    dialog.reject()


def test_an_export_into_a_missing_folder_is_a_sentence(
    panel: ConfigPanel, store: Store, idle: Callable[[], None], tmp_path: Path
) -> None:
    panel.exchange.export(str(tmp_path / "gone" / "sky.py"), "config.skyRej = 3.0\n")
    idle()
    (problem,) = store.state.problems
    assert "gone" in problem.text
    assert problem.detail == ""
    panel.exchange.export(str(tmp_path / "sky.py"), "config.skyRej = 3.0\n")
    idle()
    assert store.state.problems == ()
    assert store.state.log[-1] == f"The config was saved as {tmp_path / 'sky.py'}."
    assert (tmp_path / "sky.py").read_text() == "config.skyRej = 3.0\n"


def test_an_export_removes_what_a_killed_run_has_left_beside_it(
    panel: ConfigPanel, store: Store, idle: Callable[[], None], tmp_path: Path
) -> None:
    left = tmp_path / ".skyframe-0123456789abcdef.part"
    left.write_text("config.skyR")
    panel.exchange.export(str(tmp_path / "sky.py"), "config.skyRej = 3.0\n")
    idle()
    assert [path.name for path in tmp_path.iterdir()] == ["sky.py"]
    assert any("not complete was removed" in line for line in store.state.log)


def test_pasted_lines_change_only_their_fields(
    qtbot: QtBot,
    panel: ConfigPanel,
    store: Store,
    commands: Commands,
    idle: Callable[[], None],
) -> None:
    commands.set_config(with_values(store.state.config, {"skyIter": 7}))
    panel.exchange.ask_paste()
    (dialog,) = panel.findChildren(PasteDialog)
    dialog.text.setPlainText("config.skyRej = -1")
    dialog.submitted.emit(dialog.text.toPlainText())
    idle()
    assert dialog.isVisible()
    assert "Line 1" in dialog.why.text()
    assert store.state.config.skyRej == 3.0
    dialog.submitted.emit("skyRej: 4.5")
    idle()
    assert (store.state.config.skyRej, store.state.config.skyIter) == (4.5, 7)
    assert not panel.findChildren(QDialog)


def test_copies_go_to_the_clipboard(panel: ConfigPanel, commands: Commands) -> None:
    config = with_values(commands.store.state.config, {"skyRej": 4.5})
    commands.set_config(config)
    clipboard = QApplication.clipboard()
    panel.exchange.copy_arguments()
    assert clipboard.text() == "-c skyCorr:sky.skyRej=4.5"
    panel.exchange.copy_yaml()
    assert "skyRej: 4.5" in clipboard.text()


def test_enter_gives_the_keys_back_to_the_window_unless_something_is_wrong(
    qtbot: QtBot, panel: ConfigPanel, store: Store
) -> None:
    line = entry(panel, "skyRej")
    type_in(qtbot, line, "2.5", Qt.Key.Key_Return)
    assert not line.hasFocus()
    assert store.state.config.skyRej == 2.5
    type_in(qtbot, line, "many", Qt.Key.Key_Return)
    assert line.hasFocus()


def test_what_is_wrong_with_a_field_at_the_lower_edge_is_scrolled_to(
    qtbot: QtBot, panel: ConfigPanel
) -> None:
    line = entry(panel, "skyRej")
    area = panel._scroll
    view = area.viewport()
    assert view is not None
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() > 0)
    line.setFocus()
    below = line.mapTo(view, QPoint(0, line.height())).y()
    bar = area.verticalScrollBar()
    bar.setValue(bar.value() + below - view.height())  # the field is the last that is seen
    type_in(qtbot, line, "many", Qt.Key.Key_Return)
    hint = panel.form.rows["skyIter"].hint

    def seen() -> bool:
        return hint.mapTo(view, QPoint(0, hint.height())).y() <= view.height()

    assert hint.isVisible()
    qtbot.waitUntil(seen)


def name_width(one: Row) -> int:
    """Return the pixels that a row's name needs."""
    return one.label.fontMetrics().horizontalAdvance(one.label.text())


def settle(qtbot: QtBot, panel: ConfigPanel, width: int, height: int) -> None:
    """Give the panel a size and wait until everything in it has its place."""
    panel.resize(width, height)
    view = panel._scroll.viewport()
    assert view is not None
    qtbot.waitUntil(lambda: panel.form.width() == view.width())
    qtbot.wait(20)


@pytest.mark.parametrize("size", [(510, 262), (510, 290), (548, 240), (900, 500)])
def test_the_whole_form_is_seen_in_two_columns(
    qtbot: QtBot, panel: ConfigPanel, commands: Commands, size: tuple[int, int]
) -> None:
    commands.set_config(
        with_values(
            commands.store.state.config,
            {"background.xBinSize": 1024, "background.yBinSize": 2048, "xNumSamples": 128},
        )
    )
    settle(qtbot, panel, *size)
    bar = panel._scroll.verticalScrollBar()
    assert bar is not None
    assert bar.maximum() == 0, "nothing is scrolled to"
    rows = [*panel.form.rows.values(), *panel._option_rows.values()]
    rows = [one for one in rows if one.isVisible()]
    for one in rows:
        right = one.mapTo(panel, QPoint(one.width(), 0)).x()
        assert right <= size[0]
        assert one.label.width() >= name_width(one), "LSST's names stand in full"
        assert one.editors[0].x() >= one.label.geometry().right(), "and are not covered"
    for path, editor in panel.form.editors.items():
        if editor.field.kind in ("whole", "real"):
            line = entry(panel, path)
            written = line.fontMetrics().horizontalAdvance(line.text())
            edges = 2 * (1 + 3 + 2)  # border and padding of the style sheet, and the line's own
            assert line.width() - edges >= written, f"{path}: no figure is cut"
    sides = {path: one.mapTo(panel, QPoint(0, 0)).x() for path, one in panel.form.rows.items()}
    assert sides["background.statistic"] < sides["stats.statistic"] == sides["skyIter"]


def test_a_scroll_bar_covers_nothing_of_two_columns(qtbot: QtBot, panel: ConfigPanel) -> None:
    settle(qtbot, panel, 510, 262)
    type_in(qtbot, entry(panel, "xNumSamples"), "0", Qt.Key.Key_Return)
    type_in(qtbot, entry(panel, "skyRej"), "4", Qt.Key.Key_Return)
    area = panel._scroll
    view, bar = area.viewport(), area.verticalScrollBar()
    assert view is not None
    assert bar is not None
    qtbot.waitUntil(bar.isVisible)
    reset = panel.form.rows["skyIter"].reset
    qtbot.waitUntil(reset.isVisible)
    qtbot.waitUntil(lambda: reset.mapTo(view, QPoint(reset.width(), 0)).x() <= view.width())
    hint = panel.form.rows["xNumSamples"].hint
    qtbot.waitUntil(lambda: hint.height() >= hint.heightForWidth(hint.width()))


def test_hints_give_way_last_and_come_back(
    qtbot: QtBot, panel: ConfigPanel, commands: Commands
) -> None:
    hint = row(panel, "background.xBinSize").hint
    line = row(panel, "background.xBinSize").label
    for height, of_row, hinted in ((400, 29, True), (262, 27, True), (230, 27, False)):
        settle(qtbot, panel, 510, height)
        qtbot.waitUntil(lambda at=of_row: line.height() == at)
        assert hint.isVisible() == hinted, f"{height}: lower rows first, then no hints"
    type_in(qtbot, entry(panel, "background.xBinSize"), "many", Qt.Key.Key_Return)
    assert hint.isVisible(), "what is wrong is always said"
    qtbot.keyClick(entry(panel, "background.xBinSize"), Qt.Key.Key_Escape)
    assert not hint.isVisible()
    settle(qtbot, panel, 510, 400)
    assert hint.isVisible()


def test_names_are_short_before_there_is_one_column_only(qtbot: QtBot, panel: ConfigPanel) -> None:
    label = row(panel, "xNumSamples").label
    for width, name in (
        (510, "xNumSamples, yNumSamples"),
        (440, "x, yNumSamples"),
        (400, "xNumSamples, yNumSamples"),
    ):
        settle(qtbot, panel, width, 290)
        assert label.text() == name
        bar = panel._scroll.verticalScrollBar()
        assert bar is not None
        assert (bar.maximum() > 0) == (width == 400)
    assert "config.xNumSamples" in label.toolTip()


def test_a_narrow_panel_has_one_column_and_scrolls(qtbot: QtBot, panel: ConfigPanel) -> None:
    settle(qtbot, panel, 364, 296)
    bar = panel._scroll.verticalScrollBar()
    assert bar is not None
    assert bar.maximum() > 0
    assert len({one.x() for one in panel.form.rows.values()}) == 1
    ends = set()
    for one in panel.form.rows.values():
        assert one.label.width() >= name_width(one)
        ends.add(one.x() + one.editors[-1].geometry().right())
    assert len(ends) == 1, "editors of one field and of two end alike"


@pytest.mark.parametrize("size", [(510, 290), (364, 296)])
def test_tab_goes_down_the_first_column_and_then_down_the_second(
    qtbot: QtBot, panel: ConfigPanel, size: tuple[int, int]
) -> None:
    settle(qtbot, panel, *size)
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow)
    panel.presets.setFocus()
    names = []
    for _ in range(40):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        name = QApplication.focusWidget().accessibleName()
        if name == "Preset":
            break
        names.append(name)
    fields = [name for name in names if name in panel.form.editors or name in LABELS]
    assert fields == [
        "background.statistic",
        "background.xBinSize",
        "background.yBinSize",
        "background.algorithm",
        "background.mask",
        *LABELS,
        "xNumSamples",
        "yNumSamples",
        "stats.statistic",
        "stats.clip",
        "stats.nIter",
        "stats.mask",
        "skyIter",
        "skyRej",
    ]


@pytest.mark.parametrize("size", [(1440, 900), (1280, 720)])
def test_the_window_shows_the_whole_form_with_the_presets_in_its_title(
    qtbot: QtBot,
    window: MainWindow,
    commands: Commands,
    idle: Callable[[], None],
    tmp_path: Path,
    size: tuple[int, int],
) -> None:
    camera = Camera(n_detectors=1, width=128, height=128, seed=5)
    night = [str(tmp_path / f"v{one.visit}.fits") for one in simulate_night(camera, 1, 3)]
    for path, one in zip(night, simulate_night(camera, 1, 3), strict=True):
        write_exposure(path, one)
    window.resize(*size)
    commands.open(night)
    idle()
    made = window.panel("config")
    assert isinstance(made, ConfigPanel)
    bar = made._scroll.verticalScrollBar()
    assert bar is not None
    qtbot.waitUntil(lambda: made.isVisible() and made.form.height() > 100)
    qtbot.waitUntil(lambda: bar.maximum() == 0)
    title_at = made.presets.mapTo(window, QPoint(0, made.presets.height())).y()
    assert title_at <= made.mapTo(window, QPoint(0, 0)).y(), "above the form, in the title"
    assert made.presets.isVisible()
    assert made.menu_button.isVisible()
    assert made.presets.width() > made.presets.fontMetrics().horizontalAdvance("LSST defaults")
