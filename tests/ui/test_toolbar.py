"""The second bar speaks of the active pane, takes typed limits, and never overflows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from mouse import click, leave, move
from PyQt6.QtCore import QEvent, QPoint, Qt
from PyQt6.QtGui import QColor, QKeyEvent, QKeySequence
from PyQt6.QtWidgets import QApplication, QToolButton, QToolTip, QWidget
from seen import state_of

from skyframe_gui.app.commands import Commands
from skyframe_gui.app.model.limits import limits_of, preset_name
from skyframe_gui.app.model.store import Store
from skyframe_gui.app.model.view import Frame, View
from skyframe_gui.app.program import Program
from skyframe_gui.app.project.view import plain_view, taken_view
from skyframe_gui.engine import SkyMeasurementConfig
from skyframe_gui.numbers import limit
from skyframe_gui.ui.images.position_field import PositionField
from skyframe_gui.ui.panels.compare import ComparePanel
from skyframe_gui.ui.theme import DARK
from skyframe_gui.ui.toolbar_fields import number_in
from skyframe_gui.ui.window import MainWindow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nights import Night
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.model.looks import Layer
    from skyframe_gui.ui.images.content import Content
    from skyframe_gui.ui.look_controls import LookControls
    from skyframe_gui.ui.toolbar import ToolBar

MINUS = "\N{MINUS SIGN}"


@pytest.fixture
def loaded(qtbot: QtBot, night: Night) -> Iterator[MainWindow]:
    store = Store(state_of(night))
    made = MainWindow(store, Commands(Program(store)))
    made.resize(1440, 900)
    made.show()
    qtbot.waitExposed(made)
    yield made
    # Cancelled, a thread could outlive the test.
    qtbot.waitUntil(lambda: not made.commands.program.busy, timeout=30_000)
    made.close()
    made.deleteLater()


@pytest.fixture
def looks(loaded: MainWindow) -> LookControls:
    return loaded.toolbar.looks


def activate(window: MainWindow, layer: Layer) -> None:
    window.commands.view(active=window.store.state.view.panes.index(layer))


def test_the_controls_speak_of_the_active_pane(loaded: MainWindow, looks: LookControls) -> None:
    assert looks.name.text() == "Exposure"
    assert looks.bins.isHidden()
    activate(loaded, "subtracted")
    assert looks.name.text() == "Subtracted"
    looks.stretch.setCurrentText("asinh")
    looks.stretch.textActivated.emit("asinh")
    assert loaded.store.state.looks["subtracted"].stretch == "asinh"
    assert loaded.store.state.looks["exposure"].stretch == "linear"
    activate(loaded, "exposure")
    assert looks.stretch.currentText() == "linear"
    activate(loaded, "residual")
    assert not looks.bins.isHidden()


def test_limits_are_typed_from_low_to_high_and_applied_by_return(
    loaded: MainWindow, looks: LookControls, qtbot: QtBot
) -> None:
    activate(loaded, "subtracted")
    loaded.activateWindow()
    looks.low.setFocus()
    looks.low.selectAll()
    key = QKeyEvent(QEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, MINUS)
    QApplication.sendEvent(looks.low, key)
    qtbot.keyClicks(looks.low, "12.5")
    qtbot.keyClick(looks.low, Qt.Key.Key_Tab)
    assert looks.high.hasFocus()
    qtbot.keyClicks(looks.high, "12")
    assert preset_name(loaded.store.state, "subtracted") != "by hand"
    qtbot.keyClick(looks.high, Qt.Key.Key_Return)
    assert limits_of(loaded.store.state, "subtracted") == (-12.5, 12.0)
    assert looks.preset.currentText() == "by hand"
    assert looks.low.text() == f"{MINUS}12.5"
    loaded.actions_.by_id["undo"].trigger()
    assert limits_of(loaded.store.state, "subtracted") != (-12.5, 12.0)
    assert looks.preset.currentText() != "by hand"


def test_a_double_click_takes_the_whole_limit(
    loaded: MainWindow, looks: LookControls, qtbot: QtBot
) -> None:
    activate(loaded, "residual")
    assert looks.low.text().startswith(MINUS)
    at = QPoint(looks.low.width() - 12, looks.low.height() // 2)
    qtbot.mouseDClick(looks.low, Qt.MouseButton.LeftButton, pos=at)
    assert looks.low.selectedText() == looks.low.text()


def test_bad_limits_are_marked_and_change_nothing(
    loaded: MainWindow, looks: LookControls, qtbot: QtBot
) -> None:
    before = loaded.store.state
    low, high = limits_of(before, "exposure")
    for text in ("abc", "", "1e999", "nan", "1_0", "1e9"):
        looks.low.setFocus()
        looks.low.selectAll()
        qtbot.keyClick(looks.low, Qt.Key.Key_Delete)
        qtbot.keyClicks(looks.low, text)
        qtbot.keyClick(looks.low, Qt.Key.Key_Return)
        assert loaded.store.state is before, text
        assert looks.low.property("bad") is True, text
        assert "needed" in looks.low.toolTip() or "less" in looks.low.toolTip(), text
        qtbot.keyClick(looks.low, Qt.Key.Key_Escape)
        assert looks.low.property("bad") is False, text
        assert looks.low.text() == limit(low, high - low), text


def test_limits_in_the_wrong_order_say_so_at_once_and_undo_takes_them_back(
    loaded: MainWindow, looks: LookControls, qtbot: QtBot
) -> None:
    loaded.activateWindow()
    loaded.commands.looks.set_limits("exposure", 900.0, 1300.0)
    before = loaded.store.state
    looks.low.setFocus()
    looks.low.selectAll()
    qtbot.keyClicks(looks.low, "2000")
    qtbot.keyClick(looks.low, Qt.Key.Key_Return)
    assert "less than the high one" in QToolTip.text()
    assert looks.high.property("bad") is True
    for field in (looks.low, looks.high):  # also the one that has the keys
        assert field.grab().toImage().pixelColor(0, 13).name() == DARK.error.lower()
    qtbot.keyClick(looks.low, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert (looks.low.text(), looks.high.text()) == ("900", "1300")
    assert not looks.low.property("bad")
    assert not looks.high.property("bad")
    assert loaded.store.state is before, "what was never set was not undone"
    qtbot.keyClick(looks.low, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert limits_of(loaded.store.state, "exposure") != (900.0, 1300.0), "that was the program's"


def test_a_mark_goes_while_something_else_is_typed(
    looks: LookControls, loaded: MainWindow, qtbot: QtBot
) -> None:
    looks.low.selectAll()
    qtbot.keyClicks(looks.low, "1e9")
    qtbot.keyClick(looks.low, Qt.Key.Key_Return)
    assert looks.high.property("bad") is True
    qtbot.keyClick(looks.low, Qt.Key.Key_Backspace)
    assert not looks.low.property("bad")
    assert not looks.high.property("bad")


def test_what_is_not_typed_keeps_its_digits(
    loaded: MainWindow, looks: LookControls, qtbot: QtBot
) -> None:
    _, high = limits_of(loaded.store.state, "exposure")
    looks.low.selectAll()
    qtbot.keyClicks(looks.low, "1000")
    qtbot.keyClick(looks.low, Qt.Key.Key_Return)
    assert limits_of(loaded.store.state, "exposure") == (1000.0, high)


def test_the_models_limits_are_those_of_its_bar(loaded: MainWindow, looks: LookControls) -> None:
    activate(loaded, "model")
    fit = loaded.store.state.results.fit
    assert fit is not None
    low, high = (one * fit.solution.scale for one in limits_of(loaded.store.state, "model"))
    assert looks.low.text() == limit(low, high - low)


def test_the_bins_of_the_residual_map_are_chosen_or_typed(
    loaded: MainWindow, looks: LookControls, qtbot: QtBot
) -> None:
    activate(loaded, "residual")
    edit = looks.bins.lineEdit()
    assert edit is not None
    assert looks.bins.currentText() == "as config"
    for text, size in (("50", 50), ("64 px", 64), ("as config", None)):
        edit.selectAll()
        qtbot.keyClicks(edit, text)
        qtbot.keyClick(edit, Qt.Key.Key_Return)
        assert loaded.store.state.looks["residual"].bins == size
    edit.selectAll()
    qtbot.keyClicks(edit, "2")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert loaded.store.state.looks["residual"].bins is None
    assert looks.bins.property("bad") is True


def test_the_zoom_is_read_out_and_set(loaded: MainWindow, qtbot: QtBot) -> None:
    bar = loaded.toolbar
    shown = loaded.store.state.results.shown
    assert shown is not None
    whole, one = bar._buttons["fit-view"], bar._buttons["one-to-one"]
    assert whole.isChecked()
    qtbot.mouseClick(one, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bar.zoom.text() == "100 %")
    assert not whole.isChecked()
    frame = loaded.store.state.view.frames[0]
    assert frame == Frame((shown.width - 1) / 2, (shown.height - 1) / 2, 1.0)
    qtbot.mouseClick(whole, Qt.MouseButton.LeftButton)
    assert loaded.store.state.view.frames[0] is None
    qtbot.mouseClick(whole, Qt.MouseButton.LeftButton)
    assert whole.isChecked(), "pressed again it stays"
    pane = loaded.panel("images").panes[0]  # type: ignore[attr-defined]
    fitted = pane.canvas.viewport.frame.zoom
    qtbot.waitUntil(lambda: bar.zoom.text() == f"{100 * fitted:.0f} %")


def test_the_zoom_follows_the_size_that_an_image_gets(loaded: MainWindow, qtbot: QtBot) -> None:
    bar, canvas = loaded.toolbar, loaded.panel("images").panes[0].canvas  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: bar.zoom.text() == f"{100 * canvas.viewport.frame.zoom:.0f} %")
    before = bar.zoom.text()
    canvas.resize(canvas.width() // 2, canvas.height() // 2)
    qtbot.waitUntil(lambda: bar.zoom.text() != before)
    assert bar.zoom.text() == f"{100 * canvas.viewport.frame.zoom:.0f} %"


def type_zoom(window: MainWindow, qtbot: QtBot, text: str) -> None:
    field = window.toolbar.zoom
    if field.hasFocus():  # else one click takes all of it
        qtbot.mouseDClick(field, Qt.MouseButton.LeftButton)
    else:
        qtbot.mouseClick(field, Qt.MouseButton.LeftButton)
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)


def test_a_typed_zoom_is_taken_by_return_about_the_middle(loaded: MainWindow, qtbot: QtBot) -> None:
    bar, view = loaded.toolbar, lambda: loaded.store.state.view
    loaded.activateWindow()
    loaded.commands.panes.move(0, Frame(70.0, 60.0, 2.0))
    for text, zoom in (("150", 1.5), ("75 %", 0.75), ("3:2", 1.5), ("1:1", 1.0), ("62,4%", 0.624)):
        type_zoom(loaded, qtbot, text)
        assert view().frames == (Frame(70.0, 60.0, zoom),) * 6, text
    qtbot.waitUntil(lambda: bar.zoom.text() == "62 %")
    assert loaded.panel("images").panes[0].canvas.hasFocus(), "where keys mean the image"


def test_a_zoom_that_cannot_be_says_why_and_moves_nothing(loaded: MainWindow, qtbot: QtBot) -> None:
    loaded.activateWindow()
    field = loaded.toolbar.zoom
    for text, why in (
        ("much", "A percentage is needed"),
        ("-50", "A percentage is needed"),
        ("1:0", "A percentage is needed"),
        ("0.01", "can be shown from"),
        ("1e9", "to 6400 %"),
    ):
        type_zoom(loaded, qtbot, text)
        assert loaded.store.state.view.frames[0] is None
        assert field.property("bad") is True, text
        assert why in field.toolTip(), text
        qtbot.keyClick(field, Qt.Key.Key_Escape)
        assert field.text().endswith(" %")
        assert not field.property("bad")


def test_keys_zoom_about_the_mouse_and_buttons_about_the_middle(
    loaded: MainWindow, qtbot: QtBot
) -> None:
    canvas = loaded.panel("images").panes[0].canvas
    loaded.commands.panes.move(0, Frame(100.0, 80.0, 4.0))
    x, y = round(0.4 * canvas.width()), round(0.45 * canvas.height())
    move(canvas.view, QPoint(x, y))
    pixel = canvas.viewport.to_pixel(x, y)
    for key, zoom in ((Qt.Key.Key_8, 2.0), (Qt.Key.Key_9, 1.0), (Qt.Key.Key_Plus, 1.25)):
        qtbot.keyClick(canvas, key)
        assert canvas.viewport.frame.zoom == pytest.approx(zoom)
        assert canvas.viewport.to_pixel(x, y) == pytest.approx(pixel, abs=1e-6)
    leave(canvas.view)
    middle = loaded.store.state.view.frames[0]
    qtbot.mouseClick(loaded.toolbar._buttons["one-to-one"], Qt.MouseButton.LeftButton)
    frame = loaded.store.state.view.frames[0]
    assert frame == Frame(middle.x, middle.y, 1.0)


def test_the_zoom_counts_pixels_of_the_screen(
    loaded: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded.activateWindow()
    for ratio in (1.5, 2.0):
        monkeypatch.setattr(QWidget, "devicePixelRatioF", lambda self, ratio=ratio: ratio)
        qtbot.keyClick(loaded, Qt.Key.Key_8)
        qtbot.waitUntil(lambda: loaded.toolbar.zoom.text() == "200 %")
        assert loaded.store.state.view.frames[0].zoom == pytest.approx(2 / ratio)
        type_zoom(loaded, qtbot, "300")
        assert loaded.store.state.view.frames[0].zoom == pytest.approx(3 / ratio)


def cut_off(bar: ToolBar, width: int) -> list[str]:
    """Return what is beyond the bar's end, or has no room for its words."""
    bad = []
    for widget in bar.findChildren(QWidget):
        if widget.isVisible() and widget.mapTo(bar, widget.rect().topRight()).x() > width:
            bad.append(widget.accessibleName() or type(widget).__name__)
    for button in bar.findChildren(QToolButton):
        with_words = button.toolButtonStyle() != Qt.ToolButtonStyle.ToolButtonIconOnly
        needed = button.fontMetrics().horizontalAdvance(button.text())
        if button.isVisible() and with_words and button.width() < needed:
            bad.append(button.text())
    return bad


def test_the_bar_never_overflows(loaded: MainWindow, qtbot: QtBot) -> None:
    bar = loaded.toolbar
    activate(loaded, "residual")  # the layer with the most controls
    for width in (900, 1024, 1280, 1366, 1440, 1920):
        loaded.resize(width, 720)
        qtbot.waitUntil(lambda width=width: bar.width() == width)
        assert loaded.width() == width
        qtbot.waitUntil(lambda width=width: not cut_off(bar, width))
        assert bar.looks.low.isVisible(), width
        words = bar._buttons["open"].toolButtonStyle() != Qt.ToolButtonStyle.ToolButtonIconOnly
        assert words is (width >= 1440), width
        assert bar.zoom.isVisible() is (width >= 1280), width


def test_a_workspace_has_only_the_controls_that_it_needs(loaded: MainWindow) -> None:
    bar = loaded.toolbar
    assert bar._panes.isVisible()
    loaded.commands.show_workspace("compare")
    assert not bar._panes.isVisible()
    assert bar.looks.isVisible()
    loaded.commands.show_workspace("stack")
    assert not bar.looks.isVisible()
    assert "fit" not in bar._buttons


@pytest.mark.parametrize(
    ("value", "span", "text"),
    [
        (-12.0, 24.0, f"{MINUS}12.0"),
        (1045.31, 400.0, "1045"),
        (-0.001234, 0.01, f"{MINUS}0.0012"),
        (1.5e7, 1e6, "1.5e+07"),
        (-0.0001, 10.0, "0.0"),
    ],
)
def test_limits_have_the_digits_that_their_span_needs(value: float, span: float, text: str) -> None:
    assert limit(value, span) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [("12", 12.0), (f"{MINUS}3.5", -3.5), ("-3,5", -3.5), ("1 000", 1000.0), ("1e3", 1000.0)],
)
def test_numbers_are_read_as_people_type_them(text: str, value: float) -> None:
    assert number_in(text) == value


def test_tips_of_the_buttons_name_the_key(loaded: MainWindow) -> None:
    buttons = [*loaded.toolbar.findChildren(QToolButton), *loaded.top_bar.findChildren(QToolButton)]
    actions = [found for one in buttons if (found := one.defaultAction()) is not None]
    assert len(actions) > 10
    loaded.commands.set_config(SkyMeasurementConfig(skyRej=2.0), "change skyRej")
    for action in actions:
        key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        assert action.toolTip().endswith(f" ({key})") or not key, action.text()
    assert "skyRej" in loaded.actions_.by_id["undo"].toolTip()
    assert loaded.actions_.by_id["four-panes"].toolTip() == "Four panes (4)"


def test_large_numbers_are_not_cut(loaded: MainWindow, looks: LookControls) -> None:
    loaded.commands.looks.set_limits("exposure", -987654.0, 987654.0)
    for field in (looks.low, looks.high):
        metrics = field.fontMetrics()
        assert metrics.horizontalAdvance(field.text()) <= field.width() - 14


@pytest.fixture
def compared(loaded: MainWindow, qtbot: QtBot) -> MainWindow:
    commands = loaded.commands
    commands.pins.pin("A")
    commands.set_config(commands.store.state.config.model_copy(update={"skyRej": 1.8}))
    commands.view(panes=("exposure",), active=0)
    commands.show_workspace("compare")
    qtbot.waitUntil(
        lambda: commands.store.state.results.compare is not None and not commands.program.busy,
        timeout=30_000,
    )
    return loaded


def contents(window: MainWindow) -> list[Content]:
    panel = window.panel("compare")
    assert isinstance(panel, ComparePanel)
    assert panel.columns is not None
    return [one.layers.content for one in panel.columns.canvases if one.layers.content is not None]


def test_in_compare_the_controls_speak_of_its_layer_and_act_on_a_and_b(
    compared: MainWindow, looks: LookControls, qtbot: QtBot
) -> None:
    store, panel = compared.store, compared.panel("compare")
    assert isinstance(panel, ComparePanel)
    assert looks.name.text() == "Residual map"
    assert not looks.bins.isHidden()
    assert store.state.view.measured["residual"], "though no pane shows one"
    apart = contents(compared)[2].limits
    looks.low.selectAll()
    qtbot.keyClick(looks.low, Qt.Key.Key_Delete)
    qtbot.keyClicks(looks.low, "-7")
    qtbot.keyClick(looks.low, Qt.Key.Key_Return)
    a, b, difference = contents(compared)
    assert a.limits == b.limits == limits_of(store.state, "residual")
    assert a.limits[0] == -7.0
    assert difference.limits == apart
    assert looks.preset.currentText() == "by hand"
    panel.bar.layers.buttons["model"].click()
    assert store.state.view.compared == "model"
    assert looks.name.text() == "Sky model"
    looks.colours.textActivated.emit("inferno")
    a, b, difference = contents(compared)
    assert store.state.looks["model"].colours == "inferno"
    assert (a.lut == b.lut).all()
    assert not (a.lut == difference.lut).all()
    low, high = a.limits
    assert (looks.low.text(), looks.high.text()) == (
        limit(low, high - low),
        limit(high, high - low),
    )
    compared.commands.show_workspace("visit")
    assert looks.name.text() == "Exposure"


def test_in_compare_the_difference_has_a_look_of_its_own(
    compared: MainWindow, looks: LookControls, qtbot: QtBot
) -> None:
    store, panel = compared.store, compared.panel("compare")
    assert isinstance(panel, ComparePanel)
    assert panel.columns is not None
    a, _, apart = contents(compared)
    click(panel.columns.canvases[2].view, QPoint(20, 60))
    assert looks.name.text() == f"A {MINUS} B"
    assert (looks.low.text(), looks.high.text()) == tuple(
        limit(one, apart.limits[1] - apart.limits[0]) for one in apart.limits
    )
    for field, text in ((looks.low, "-0.25"), (looks.high, "0.5")):
        field.selectAll()
        qtbot.keyClicks(field, text)
    qtbot.keyClick(looks.high, Qt.Key.Key_Return)
    looks.stretch.textActivated.emit("sqrt")
    looks.colours.textActivated.emit("viridis")
    now_a, _, now = contents(compared)
    assert now.limits == (-0.25, 0.5)
    assert not np.array_equal(now.lut, apart.lut)
    assert (now_a.limits, now_a.lut.tolist()) == (a.limits, a.lut.tolist())
    looks.preset.textActivated.emit("95 %")
    narrow = contents(compared)[2].limits
    looks.preset.textActivated.emit("min-max")
    assert contents(compared)[2].limits[1] > narrow[1] > 0
    for _ in range(4):
        compared.actions_.by_id["undo"].trigger()
    assert contents(compared)[2].limits == apart.limits
    click(panel.columns.canvases[0].view, QPoint(20, 60))
    assert looks.name.text() == "Residual map"
    view, notes = taken_view(plain_view(replace(store.state.view, panes=("difference",))), View())
    assert view.panes != ("difference",), "it stands in Compare alone"
    assert len(notes) == 1


def test_in_compare_the_zoom_is_that_of_its_images_and_what_means_nothing_is_off(
    compared: MainWindow, qtbot: QtBot
) -> None:
    panel, actions = compared.panel("compare"), compared.actions_.by_id
    assert isinstance(panel, ComparePanel)
    assert panel.columns is not None
    compared.commands.view(linked=False, panes=("exposure", "model"), active=1)
    actions["one-to-one"].trigger()
    assert panel.columns.canvases[0].viewport.frame.zoom == 1.0
    qtbot.waitUntil(lambda: compared.toolbar.zoom.text() == "100 %")
    actions["fit-view"].trigger()
    assert compared.store.state.view.frames[0] is None
    qtbot.waitUntil(lambda: compared.toolbar.zoom.text() != "100 %")
    on = {name: actions[name].isEnabled() for name in ("edges", "boxes", "crosshair", "link")}
    assert on == {"edges": False, "boxes": True, "crosshair": True, "link": False}
    assert not actions["masks"].isEnabled()
    panel.bar.layers.buttons["subtracted"].click()
    assert actions["masks"].isEnabled()
    actions["blink"].trigger()
    assert panel.bar.blink.isChecked()
    assert panel.columns.blinking
    compared.commands.show_workspace("visit")
    assert not compared.store.state.view.blinking
    assert actions["edges"].isEnabled()


def test_in_compare_a_place_is_gone_to_in_all_columns(compared: MainWindow, qtbot: QtBot) -> None:
    panel = compared.panel("compare")
    assert isinstance(panel, ComparePanel)
    canvases = panel.columns.canvases
    compared.commands.view(overview=True)
    assert [one.overview is not None for one in panel.columns.insets] == [True, False, False]
    assert [one.layers.compass.width > 0 for one in canvases] == [True, False, False]
    compared.actions_.by_id["go-to"].trigger()
    popup = canvases[0].findChild(PositionField)
    qtbot.keyClicks(popup.field, "60 50")
    qtbot.keyClick(popup.field, Qt.Key.Key_Return)
    for canvas in canvases:
        frame = canvas.viewport.frame
        assert (frame.x, frame.y) == pytest.approx((60, 50))
    middle = QPoint(round(canvases[2].width() / 2) + 11, round(canvases[2].height() / 2))
    assert canvases[2].grab().toImage().pixelColor(middle) == QColor("#ffffff")


def test_the_layer_that_compare_shows_is_kept_in_a_session() -> None:
    view = View(workspace="compare", compared="model")
    taken, notes = taken_view(plain_view(view), View())
    assert (taken.compared, notes) == ("model", ())
    old = {name: one for name, one in plain_view(view).items() if name != "compared"}
    assert taken_view(old, View()) == (View(workspace="compare"), ())
    taken, notes = taken_view({**old, "compared": "exposure"}, View())
    assert taken.compared == "residual"
    assert len(notes) == 1
