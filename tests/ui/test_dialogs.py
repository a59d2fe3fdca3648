"""Dialogs that ask and tell: what they write, and that they never stand in the way."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import MagicMock

import pytest
from made_items import a_frame, an_exposure
from PyQt6.QtCore import QPoint, QRect, QSize, Qt
from PyQt6.QtGui import QGuiApplication, QImage
from PyQt6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QLabel,
    QMainWindow,
    QMessageBox,
    QPushButton,
    QScrollArea,
    QWidget,
)
from PyQt6.QtXml import QDomDocument
from recorded import agree, parts
from seen import show_night, state_of

from skyframe_gui.app.export import write
from skyframe_gui.app.export.values import Wishes
from skyframe_gui.engine import SkyFrameError
from skyframe_gui.files import read_exposures, read_samples, read_sky_frame, sha256_of
from skyframe_gui.ui.actions.action_table import TABLE
from skyframe_gui.ui.dialogs import about, export, questions
from skyframe_gui.ui.dialogs.about import About
from skyframe_gui.ui.dialogs.export import SIZE, ExportDialog
from skyframe_gui.ui.dialogs.files import ask_folder, ask_open, ask_open_folder, ask_save_sky_frame
from skyframe_gui.ui.dialogs.shortcuts import PANELS, Shortcuts, columns, grouped, key_texts
from skyframe_gui.ui.panel import Panel
from skyframe_gui.ui.panel_pictures import png_of, svg_of
from skyframe_gui.ui.theme import DARK, LIGHT, style_sheet

if TYPE_CHECKING:
    from collections.abc import Callable

    from nights import Night
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.store import Store


class Plot(Panel):
    id = "plot"
    title = "Samples / all"
    area = "bottom"


@pytest.fixture
def parent(qtbot: QtBot) -> QMainWindow:
    window = QMainWindow()
    qtbot.addWidget(window)
    window.resize(1200, 800)
    window.show()
    return window


@pytest.fixture
def dialog(qtbot: QtBot, parent: QMainWindow, commands: Commands, tmp_path: Path) -> ExportDialog:
    commands.folders["export"] = str(tmp_path / "out")
    plot = Plot(commands)
    plot.resize(80, 60)
    QLabel("marks", plot)
    parent.setCentralWidget(plot)
    made = ExportDialog(parent, commands, [plot])
    made.show()
    return made


def names_in(dialog: ExportDialog) -> list[str]:
    dialog.refresh()
    rows = range(dialog.files.rowCount())
    return [dialog.files.data(dialog.files.index(row, 0)) for row in rows]


def marks_in(dialog: ExportDialog) -> list[str]:
    dialog.refresh()
    rows = range(dialog.files.rowCount())
    return [dialog.files.data(dialog.files.index(row, 2)) for row in rows]


def test_an_empty_session_says_what_to_do_and_exports_nothing(dialog: ExportDialog) -> None:
    assert "open one first" in dialog.message.text()
    assert not dialog.export_button.isEnabled()
    assert names_in(dialog) == []


@pytest.mark.usefixtures("opened")
def test_the_first_folder_is_beside_the_night_and_not_in_it(
    dialog: ExportDialog, commands: Commands, night: Night
) -> None:
    dialog.close()
    dialog.folder.clear()
    commands.folders.clear()
    dialog.show()
    proposed = Path(dialog.folder.text())
    assert proposed.parent == night.folder.parent
    assert proposed.name == f"{night.folder.name}-skyframe-export"


@pytest.mark.usefixtures("opened")
def test_a_visit_is_exported_and_can_be_read_back(
    qtbot: QtBot, dialog: ExportDialog, store: Store, idle: Callable[[], None], tmp_path: Path
) -> None:
    dialog.choices.background_list.setChecked(True)
    dialog.choices.sky_frames.setChecked(True)
    dialog.choices.configs["yaml"].setChecked(True)
    names = names_in(dialog)
    assert len(names) == 2 + 2 + 1 + 2 + 1
    assert set(marks_in(dialog)) == {"new"}
    assert dialog.export_button.text() == "Export 8 files"
    qtbot.mouseClick(dialog.export_button, Qt.MouseButton.LeftButton)
    idle()
    out = tmp_path / "out"
    assert sorted(path.name for path in out.iterdir()) == sorted(names)
    (exposure,) = read_exposures(out / "science-d1-sub.fits")
    assert exposure.has_mask
    table = read_samples(out / "2001-samples.ecsv")
    assert store.state.results.fit is not None
    assert table.solution.scale == store.state.results.fit.solution.scale
    assert "Wrote 8 files" in dialog.message.text()
    assert dialog.open_folder.isVisible()
    assert set(marks_in(dialog)) == {"just written"}
    inks = {
        dialog.files.data(dialog.files.index(row, 2), Qt.ItemDataRole.ForegroundRole).name()
        for row in range(8)
    }
    assert inks == {DARK.text3}
    assert dialog.summary.text() == "8 files"
    assert "Wrote 8 files" in dialog.message.text(), "nothing else was chosen"
    dialog.choices.configs["yaml"].setChecked(False)
    assert set(marks_in(dialog)) == {"exists"}, "what would be written now is in their way"
    assert dialog.summary.text() == "7 files, 7 exist"
    assert any("Wrote 8 files" in line for line in store.state.log)
    item = store.state.sky_frames[0]
    assert item.path == str(out / "sky-1.fits")
    assert item.sha256 == sha256_of(out / "sky-1.fits")
    assert store.state.results.fit.made_from  # and the fit is still the same


@pytest.mark.usefixtures("opened")
def test_return_exports_from_a_choice(dialog: ExportDialog, qtbot: QtBot) -> None:
    pressed: list[str] = []
    dialog.export_button.clicked.disconnect()
    dialog.export_button.clicked.connect(lambda: pressed.append("export"))
    dialog.show()
    dialog.export_button.setEnabled(True)
    box = next(one for one in dialog.findChildren(QCheckBox) if one.isVisible())
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert pressed == ["export"]


@pytest.mark.usefixtures("opened")
def test_files_that_turn_up_are_marked_at_once_and_stay_until_replacing_is_allowed(
    qtbot: QtBot, dialog: ExportDialog, idle: Callable[[], None], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    dialog.refresh()
    assert dialog.export_button.isEnabled()
    (out / "2001-samples.ecsv").write_text("mine")
    qtbot.waitUntil(lambda: not dialog.export_button.isEnabled())
    assert marks_in(dialog) == ["new", "new", "exists"]
    assert "2001-samples.ecsv exists" in dialog.message.text()
    dialog.replace_existing.setChecked(True)
    assert marks_in(dialog) == ["new", "new", "is replaced"]
    dialog.export()
    idle()
    assert (out / "2001-samples.ecsv").read_text().startswith("# %ECSV")


@pytest.mark.usefixtures("opened")
def test_a_failure_is_told_in_the_dialog_and_as_a_problem(
    dialog: ExportDialog, store: Store, idle: Callable[[], None], tmp_path: Path
) -> None:
    (tmp_path / "out").write_text("a file in the way")
    dialog.refresh()
    dialog.export()
    idle()
    (problem,) = [one for one in store.state.problems if one.origin == "export"]
    assert "in the way" in problem.text
    assert dialog.message.toolTip() == problem.text
    assert not dialog.open_folder.isVisible()
    (tmp_path / "out").unlink()
    dialog.export()
    idle()
    assert not [one for one in store.state.problems if one.origin == "export"]


@pytest.mark.usefixtures("opened")
def test_the_list_follows_the_session(
    qtbot: QtBot, dialog: ExportDialog, commands: Commands, store: Store
) -> None:
    assert "science-d2-sub.fits" in names_in(dialog)
    commands.set_role("science", [store.state.exposures[1].key], False)
    qtbot.waitUntil(lambda: dialog.export_button.text() == "Export 2 files")
    dialog.choices.scope.setCurrentIndex(1)
    dialog.choices.samples.setChecked(False)
    assert names_in(dialog) == ["science-d1-sub.fits"]


def test_plots_are_written_as_png_and_svg(
    dialog: ExportDialog, idle: Callable[[], None], tmp_path: Path
) -> None:
    dialog.choices.subtracted.setChecked(False)
    dialog.choices.samples.setChecked(False)
    dialog.choices.png.setChecked(True)
    dialog.choices.svg.setChecked(True)
    assert names_in(dialog) == ["samples-all.png", "samples-all.svg"]
    dialog.export()
    idle()
    panel = dialog._panels[0]
    picture = QImage(str(tmp_path / "out" / "samples-all.png"))
    assert picture.width() == 2 * panel.width()
    text = (tmp_path / "out" / "samples-all.svg").read_text()
    assert QDomDocument().setContent(text)
    assert "marks" in text


def test_a_wish_that_cannot_be_had_looks_so(dialog: ExportDialog) -> None:
    dialog.setStyleSheet(style_sheet(DARK))
    box = dialog.choices.sky_frames
    assert not box.isEnabled()
    words = QRect(box.mapTo(dialog, QPoint(22, 0)), QSize(120, box.height()))

    def brightest() -> int:
        part = dialog.grab(words).toImage()
        places = [(x, y) for x in range(part.width()) for y in range(part.height())]
        return max(part.pixelColor(*place).lightness() for place in places)

    before = brightest()
    box.setEnabled(True)
    assert before < brightest() - 50


def test_the_arguments_are_copied(dialog: ExportDialog, commands: Commands) -> None:
    config = commands.store.state.config.model_copy(update={"skyRej": 2.5})
    commands.set_config(config)
    dialog.choices.copy.emit()
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    assert clipboard.text() == "-c skyCorr:sky.skyRej=2.5"


def test_escape_closes_and_the_dialog_opens_again_up_to_date(
    qtbot: QtBot, dialog: ExportDialog, commands: Commands, night: Night, idle: Callable[[], None]
) -> None:
    assert not dialog.isModal()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    commands.open(night.science)
    idle()
    dialog.show()
    assert "no sky frame" in dialog.message.text()


def child(parent: QMainWindow, kind: type[QMessageBox]) -> QMessageBox:
    (found,) = parent.findChildren(kind)
    return found


@pytest.mark.usefixtures("opened")
def test_one_sky_frame_is_saved_and_replaced_only_when_that_is_said(
    qtbot: QtBot,
    parent: QMainWindow,
    commands: Commands,
    store: Store,
    idle: Callable[[], None],
    tmp_path: Path,
) -> None:
    target = tmp_path / "mine.fits"
    target.write_text("old")
    key = store.state.sky_frames[0].key
    for word, content in (("Cancel", "old"), ("Replace", None)):
        dialog = ask_save_sky_frame(parent, commands, key)
        dialog.fileSelected.emit(str(target))
        dialog.close()
        box = child(parent, QMessageBox)
        assert target.read_bytes() == b"old"
        button = next(b for b in box.buttons() if word in b.text())
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        idle()
        if content is not None:
            assert target.read_text() == content
        qtbot.waitUntil(lambda: not parent.findChildren(QMessageBox))
    assert read_sky_frame(target).grid.values.size
    assert store.state.sky_frames[0].path == str(target)
    assert commands.folders["export"] == str(tmp_path)


@pytest.mark.usefixtures("opened")
def test_a_sky_frame_is_never_saved_over_an_open_exposure(
    parent: QMainWindow,
    commands: Commands,
    store: Store,
    night: Night,
    qtbot: QtBot,
    idle: Callable[[], None],
) -> None:
    before = Path(night.science[0]).read_bytes()
    dialog = ask_save_sky_frame(parent, commands, store.state.sky_frames[0].key)
    dialog.fileSelected.emit(night.science[0])
    dialog.close()
    box = child(parent, QMessageBox)
    button = next(b for b in box.buttons() if "Replace" in b.text())
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    idle()
    assert Path(night.science[0]).read_bytes() == before
    assert any("one of the files that are open" in one.text for one in store.state.problems)


def test_the_folder_is_remembered_and_files_are_opened(
    parent: QMainWindow,
    commands: Commands,
    store: Store,
    night: Night,
    idle: Callable[[], None],
) -> None:
    dialog = ask_open(parent, commands)
    assert not dialog.testAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.filesSelected.emit(night.science[:1])
    dialog.close()
    idle()
    assert len(store.state.exposures) == 1
    assert commands.folders["open"] == str(night.folder)
    dialog = ask_open_folder(parent, commands)
    assert Path(dialog.directory().absolutePath()) == night.folder
    assert dialog.fileMode() == QFileDialog.FileMode.Directory
    dialog.filesSelected.emit([str(night.folder)])
    dialog.close()
    idle()
    assert len(store.state.exposures) == 12


def test_the_sheet_has_every_key_of_the_menus_and_closes_with_escape(
    qtbot: QtBot, parent: QMainWindow
) -> None:
    said = {text for keys in grouped(TABLE).values() for text, _ in keys}
    for entry in TABLE:
        if entry.keys:
            assert entry.text.rstrip("…") in said
    assert {keys for _, _, keys in PANELS} <= {
        k for keys in grouped(TABLE).values() for _, k in keys
    }
    sheet = Shortcuts(parent, DARK, TABLE)
    sheet.show()
    texts = [label.text() for label in sheet.findChildren(QLabel)]
    assert "Ctrl+O" in texts
    qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()


def test_columns_are_of_much_the_same_height() -> None:
    heights = [("a", 5), ("b", 4), ("c", 9), ("d", 3), ("e", 5)]
    assert columns(heights) == [["a", "b"], ["c"], ["d", "e"]]
    assert columns([("a", 1)]) in ([["a"], [], []], [[], ["a"], []], [[], [], ["a"]])


def test_about_tells_versions_to_copy(qtbot: QtBot, parent: QMainWindow) -> None:
    about = About(parent)
    about.show()
    button = next(b for b in about.findChildren(QPushButton) if "Copy" in b.text())
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    assert "numba " in clipboard.text()
    assert "missing" not in clipboard.text()
    qtbot.keyClick(about, Qt.Key.Key_Escape)
    assert not about.isVisible()


def test_where_no_frame_in_use_was_built_here_its_box_says_why(
    dialog: ExportDialog, commands: Commands, store: Store
) -> None:
    choices = dialog.choices
    choices.sky_frames.setChecked(True)
    dialog.refresh()
    assert not choices.sky_frames.isEnabled()
    assert "none is built yet" in choices.about_sky_frames.text()
    built = a_frame("one", (an_exposure().source,), set="set 1")
    store.set(sky_frames=(built,), built_sets=frozenset({"set 1"}))
    dialog.refresh()
    assert choices.sky_frames.isEnabled()
    assert "those in use, one" in choices.about_sky_frames.text()
    store.set(sky_frames=(built, a_frame()))
    dialog.refresh()
    assert not choices.sky_frames.isEnabled()
    assert "use a built set first" in choices.about_sky_frames.text()


def test_a_stack_of_two_built_frames_is_exported_once_a_detector(
    dialog: ExportDialog, commands: Commands, night: Night, idle: Callable[[], None]
) -> None:
    commands.open(night.paths)
    idle()
    commands.build()
    idle()
    commands.build()
    idle()
    assert len(commands.store.state.sky_frames) == 4
    dialog.choices.subtracted.setChecked(False)
    dialog.choices.samples.setChecked(False)
    dialog.choices.sky_frames.setChecked(True)
    assert names_in(dialog) == ["sky-1.fits", "sky-2.fits"]
    state = commands.store.state
    commands.store.set(selection=replace(state.selection, exposure=""))
    assert names_in(dialog) == ["sky-1.fits", "sky-2.fits"]


class Bar(Panel):
    id = "bar"
    title = "Bar"
    area = "top"


class Broken(Plot):
    id = "broken"
    title = "Broken"


def only_png(dialog: ExportDialog) -> None:
    dialog.choices.subtracted.setChecked(False)
    dialog.choices.samples.setChecked(False)
    dialog.choices.png.setChecked(True)


def test_pictures_are_offered_of_panels_that_show_something(
    parent: QMainWindow, commands: Commands
) -> None:
    plot, flat, bar = Plot(commands), Broken(commands), Bar(commands)
    body = QWidget()
    for panel, size in ((plot, (80, 60)), (flat, (80, 0)), (bar, (80, 20))):
        panel.setParent(body)
        panel.resize(*size)
    parent.setCentralWidget(body)
    body.show()
    dialog = ExportDialog(parent, commands, [plot, flat, bar])
    dialog.show()
    assert flat.isVisible()
    only_png(dialog)
    assert names_in(dialog) == ["samples-all.png"]
    assert dialog.choices.which.count() == 2


def test_a_picture_that_fails_does_not_stop_the_others(
    parent: QMainWindow,
    commands: Commands,
    store: Store,
    idle: Callable[[], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    commands.folders["export"] = str(tmp_path / "out")
    plot, broken = Plot(commands), Broken(commands)
    body = QWidget()
    for panel in (broken, plot):
        panel.setParent(body)
        panel.resize(80, 60)
    parent.setCentralWidget(body)
    body.show()

    def make(panel: Panel) -> bytes:
        if panel is broken:
            raise SkyFrameError("The panel is too large.")
        return png_of(panel)

    monkeypatch.setattr(export, "png_of", make)
    dialog = ExportDialog(parent, commands, [broken, plot])
    dialog.show()
    only_png(dialog)
    dialog.export()
    idle()
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["samples-all.png"]
    told = "broken.png was not made: The panel is too large."
    assert dialog.message.toolTip().startswith(told)
    assert "Wrote" in dialog.message.toolTip()
    assert [one.text for one in store.state.problems if one.origin == "export"] == [told]


def test_a_panel_without_room_is_a_sentence_and_no_complaint_of_qt(commands: Commands) -> None:
    panel = Plot(commands)
    panel.resize(80, 0)
    for make in (png_of, lambda one: svg_of(one, "title")):
        with pytest.raises(SkyFrameError, match="no room"):
            make(panel)


@pytest.mark.usefixtures("opened")
def test_what_stops_a_whole_export_is_told_in_the_dialog(
    dialog: ExportDialog,
    store: Store,
    idle: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise SkyFrameError("The disk is gone.")

    monkeypatch.setattr(write, "export", fail)
    dialog.refresh()
    dialog.export()
    idle()
    assert dialog.message.text() == "The disk is gone."
    assert [one.text for one in store.state.problems if one.origin == "export"] == [
        "The disk is gone."
    ]


def test_a_long_folder_name_does_not_widen_the_dialog(
    dialog: ExportDialog, idle: Callable[[], None], tmp_path: Path
) -> None:
    only_png(dialog)
    dialog.folder.setText(str(tmp_path / ("long-" * 45)))
    dialog.export()
    idle()
    assert "long-" in dialog.message.text()
    assert "…" in dialog.message.text()
    assert "…" not in dialog.message.toolTip()
    layout = dialog.layout()
    assert layout is not None
    layout.activate()
    assert dialog.width() == SIZE[0]
    assert dialog.minimumSizeHint().width() <= SIZE[0]


def test_about_is_laid_out_and_names_what_is_missing(
    parent: QMainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [name for name, _ in about.versions()]
    assert names == ["skyframe_gui", "Python", "system", *about.LIBRARIES]
    assert dict(about.versions())["PyQt6"] == version("PyQt6")
    monkeypatch.setattr(about, "LIBRARIES", ("no-such-library",))
    assert about.versions()[-1] == ("no-such-library", "missing")
    monkeypatch.setattr(about, "__version__", "1.2.3")
    rows = [(f"library {n}", f"{n}.0") for n in range(5)]
    monkeypatch.setattr(about, "versions", lambda: rows)
    made = About(parent)
    made.show()
    agree("about", parts(made))


def test_the_sheet_of_keys_is_laid_out(parent: QMainWindow) -> None:
    sheet = Shortcuts(parent, LIGHT, TABLE)
    sheet.show()
    labels = sheet.findChildren(QLabel)
    places = [label.mapTo(sheet, label.rect().topLeft()) for label in labels]
    agree(
        "shortcuts",
        [
            f"'{one.text()}' {at.x()},{at.y()} {one.width()} x {one.height()}"
            for one, at in zip(labels, places, strict=True)
        ],
    )
    box = labels[0].parentWidget()
    assert box is not None
    agree("shortcuts group", parts(box)[:8])
    assert sheet.windowTitle() == "Shortcuts"
    assert sheet.testAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)


def test_the_list_of_what_can_be_exported_and_of_files(
    dialog: ExportDialog,
    store: Store,
    night: Night,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(export, "LONGEST_WORD", 10_000)  # whatever folder the tests are given

    def told(name: str) -> None:
        dialog.refresh()
        agree(f"export {name}", [line.replace(str(tmp_path), "<folder>") for line in parts(dialog)])

    told("empty")
    show_night(store, night)
    dialog.choices.sky_frames.setChecked(True)
    dialog.choices.svg.setChecked(True)
    out = tmp_path / "out"
    out.mkdir()
    (out / "sky-1.fits").write_text("mine")
    told("files")
    (out / "sky-2.fits").write_text("mine")
    dialog.replace_existing.setChecked(True)
    told("replaced")
    dialog.folder.setText("")
    told("no folder")
    dialog.choices.scope.setCurrentIndex(2)
    wishes = dialog.choices.wishes(out, ("a.png",), True)
    assert wishes == Wishes(
        folder=out,
        scope="all",
        subtracted=True,
        background_list=False,
        samples=True,
        sky_frames=True,
        configs=(),
        plots=("a.png",),
        replace=True,
        residual_maps=False,
    )
    for box in (*dialog.choices.configs.values(), dialog.choices.residual_maps):
        box.setChecked(True)
    dialog.choices.background_list.setChecked(True)
    wishes = dialog.choices.wishes(out, (), False)
    assert wishes.configs == ("changed", "complete", "yaml", "arguments")
    assert (wishes.residual_maps, wishes.background_list, wishes.replace) == (True, True, False)
    dialog.choices.subtracted.setChecked(False)
    assert not dialog.choices.background_list.isEnabled()
    assert not dialog.choices.wishes(out, (), False).background_list


def test_pictures_are_offered_by_their_names_and_the_choice_is_kept(dialog: ExportDialog) -> None:
    choices = dialog.choices
    choices.offer(("One", "Two"))
    items = [choices.which.itemText(at) for at in range(choices.which.count())]
    assert items == ["all visible", "One", "Two"]
    assert [choices.wants_picture(one) for one in ("One", "Two")] == [True, True]
    choices.which.setCurrentText("Two")
    assert [choices.wants_picture(one) for one in ("One", "Two")] == [False, True]
    choices.offer(("Two", "Three"))
    assert choices.which.currentText() == "Two"
    choices.offer(("Three",))
    assert choices.which.currentText() == "all visible"
    assert choices.endings() == []
    choices.png.setChecked(True)
    assert choices.endings() == ["png"]


def ask(parent: QMainWindow, which: str, told: list[str]) -> QMessageBox:
    """Open one of the questions; its answers are noted."""

    def note(text: str) -> Callable[[], None]:
        return lambda: told.append(text)

    if which == "lose":
        losses = ["Two sky frames.", "A config."]
        return questions.ask_before_losing(
            parent, losses, "Close without saving", note("save"), note("go on")
        )
    if which == "replace":
        return questions.ask_replace(parent, "/tmp/some/sky.fits", note("yes"))
    if which == "changed":
        return questions.ask_changed(parent, "It has changed.", note("yes"), note("save as"))
    left = MagicMock(n_unsaved=int(which))
    return questions.ask_discard(parent, left, note("yes"))


@pytest.mark.parametrize("which", ["lose", "replace", "changed", "1", "2"])
def test_questions_and_what_their_answers_do(qtbot: QtBot, parent: QMainWindow, which: str) -> None:
    lines, n = [], 1
    at = 0
    while at < n:
        told: list[str] = []
        box = ask(parent, which, told)
        buttons = box.buttons()
        n = len(buttons)
        default = box.defaultButton()
        if not at:
            lines += [box.objectName(), box.windowTitle(), box.text(), box.informativeText()]
            assert default is not None
            lines += [f"default {default.text()}", str(box.textFormat().name)]
        role = box.buttonRole(buttons[at]).name
        text = buttons[at].text()
        buttons[at].click()
        lines.append(f"{text} ({role}): {', '.join(told) or 'nothing'}")
        assert not box.isVisible()
        at += 1
    agree(f"question {which}", " / ".join(lines).replace("\n", " / ").split(" / "))


def test_dialogs_for_files_ask_for_the_right_ones(
    parent: QMainWindow, commands: Commands, store: Store, night: Night, tmp_path: Path
) -> None:
    show_night(store, night)
    commands.folders.update({"open": str(tmp_path), "export": str(tmp_path)})
    chosen: list[str] = []
    key = store.state.sky_frames[0].key
    lines = []
    for dialog in (
        ask_open(parent, commands),
        ask_open_folder(parent, commands),
        ask_folder(parent, str(tmp_path / "not" / "there"), chosen.append),
        ask_save_sky_frame(parent, commands, key),
        questions.ask_file(parent, str(tmp_path), chosen.append),
        questions.ask_file(parent, str(tmp_path), chosen.append, "night.sky"),
    ):
        assert dialog.isVisible()
        options = [one for one in QFileDialog.Option if dialog.testOption(one)]
        lines += [
            f"{dialog.windowTitle()}: {dialog.acceptMode().name}, {dialog.fileMode().name}, "
            f"{dialog.nameFilters()}, .{dialog.defaultSuffix()}",
            f"  {dialog.directory().path()} {dialog.selectedFiles()} {[o.name for o in options]}",
        ]
        dialog.close()
    agree("file dialogs", [line.replace(str(tmp_path), "<folder>") for line in lines])
    assert chosen == []


def test_a_folder_to_write_to_begins_at_what_is_there(parent: QMainWindow, tmp_path: Path) -> None:
    chosen: list[str] = []
    dialog = ask_folder(parent, str(tmp_path), chosen.append)
    assert dialog.directory().path() == str(tmp_path)
    dialog.fileSelected.emit("there")
    assert chosen == ["there"]
    dialog.close()


def test_keys_are_written_as_the_system_writes_them_and_gestures_as_they_are() -> None:
    assert key_texts("Home End") == ["Home", "End"]
    assert key_texts("Shift+F6 Ctrl+Click Shift+Drag Wheel") == [
        *("Shift+F6", "Ctrl+Click", "Shift+Drag", "Wheel"),
    ]
    assert columns([("a", 2), ("b", 2), ("c", 2), ("d", 4)]) == [["a"], ["b", "c"], ["d"]]


def test_every_action_by_its_words_and_keys_and_when_it_can_be_done(
    night: Night, store: Store
) -> None:
    states = {"empty": store.state, "night": state_of(night)}
    plain = replace(states["night"], results=store.state.results)
    states["without a fit"] = plain
    states["without frames"] = replace(plain, sky_frames=(), built_sets=())
    states["frames only"] = replace(
        plain, exposures=(), selection=store.state.selection, excluded_members=frozenset()
    )
    chosen = replace(
        states["night"].selection, samples=(("key", 1),), bin=(1, 1), stack_exposure="key"
    )
    states["chosen"] = replace(states["night"], selection=chosen)
    lines = []
    for one in TABLE:
        marks = [one.icon, "line" * one.separator, "pointed" * one.of_pointed]
        words = " ".join(filter(None, marks))
        lines.append(f"{one.menu}: {one.text} [{one.keys}] {one.id} {words}")
        enabled = [name for name, state in states.items() if one.enabled(state)]
        checked = one.checked
        if checked is not None:
            enabled.append(f"checked {[checked(state) for state in states.values()]}")
        lines.append(f"    {', '.join(enabled)}")
    agree("actions", lines)


def test_what_every_action_calls(night: Night) -> None:
    lines = []
    for one in TABLE:
        dialogs = (
            "demo", "export", "open", "open-folder", "open-repository", "save-report",
            "save-sky-frame",
        )  # fmt: skip
        regions = ("read-regions", "read-visit-regions", "save-masks", "save-boxes", "save-bins")
        if one.id in (*dialogs, *regions):
            continue  # these open dialogs, which are looked at above
        if one.menu == "Help":
            continue
        context = MagicMock()
        context.window.devicePixelRatioF.return_value = 2.0
        context.store.state = context.commands.store.state = state_of(night)
        one.run(context)
        calls = [re.sub(r"<class '.*\.(\w+)'>", r"\1", str(call)) for call in context.mock_calls]
        calls = [re.sub(r"<function (\S+) at 0x\w+>", r"\1", call) for call in calls]
        told = "; ".join(calls).replace(str(night.folder), "<night>")
        lines.append(f"{one.id}: {told}")
    agree("actions called", lines)


@pytest.mark.parametrize("width", [1440, 960])
def test_the_sheet_of_keys_is_wide_enough_and_no_wider_than_its_window(
    parent: QMainWindow, width: int
) -> None:
    parent.setStyleSheet(style_sheet(LIGHT))
    parent.resize(width, 620)
    sheet = Shortcuts(parent, LIGHT, TABLE)
    sheet.show()
    (scroll,) = sheet.findChildren(QScrollArea)
    body, port = scroll.widget(), scroll.viewport()
    assert body.sizeHint().width() <= body.width() <= port.width()
    assert sheet.width() <= width
