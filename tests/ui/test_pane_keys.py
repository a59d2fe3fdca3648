"""What keys, clicks and lists of a pane do, one by one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import QEvent, QPoint, Qt
from PyQt6.QtGui import QColor, QCursor, QFocusEvent, QImage
from PyQt6.QtWidgets import QColorDialog, QPushButton
from test_images import at, mouse, now, panel, state  # noqa: F401  (fixtures)

from skyframe_gui.app.model.limits import limits_of
from skyframe_gui.app.model.view import Frame
from skyframe_gui.ui.images.content import content_of
from skyframe_gui.ui.images.sample_boxes import boxes_of

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from skyframe_gui.ui.images.canvas import Canvas
    from skyframe_gui.ui.panels.images import ImagesPanel

START = Frame(100.0, 90.0, 4.0)
KEYS = Qt.Key


@pytest.fixture
def canvas(panel: ImagesPanel) -> Canvas:  # noqa: F811
    panel.commands.panes.move(0, START)
    return panel.panes[0].canvas


def frame(canvas: Canvas) -> Frame | None:
    return canvas.commands.store.state.view.frames[0]


@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        (KEYS.Key_Left, Frame(90, 90, 4)),
        (KEYS.Key_Right, Frame(110, 90, 4)),
        (KEYS.Key_Up, Frame(100, 100, 4)),
        (KEYS.Key_Down, Frame(100, 80, 4)),
        (KEYS.Key_Plus, Frame(100, 90, 5)),
        (KEYS.Key_Equal, Frame(100, 90, 5)),
        (KEYS.Key_Minus, Frame(100, 90, 3.2)),
        (KEYS.Key_Home, None),
        (KEYS.Key_0, None),
        (KEYS.Key_Return, START),
        (KEYS.Key_Q, START),
    ],
)
def test_a_key_moves_the_image_by_its_own(
    canvas: Canvas, qtbot: QtBot, key: Qt.Key, wanted: Frame | None
) -> None:
    qtbot.keyClick(canvas, key)
    found = frame(canvas)
    if wanted is None:
        assert found is None
    else:
        assert found is not None
        assert (found.x, found.y, found.zoom) == pytest.approx((wanted.x, wanted.y, wanted.zoom))


def test_enter_brings_the_selected_samples_or_the_one_under_the_mouse_into_the_middle(
    canvas: Canvas,
    panel: ImagesPanel,  # noqa: F811
    qtbot: QtBot,
) -> None:
    boxes = boxes_of(now(panel))
    assert boxes is not None
    middles = (boxes.corners[:, :2] + boxes.corners[:, 2:] - 1) / 2
    panel.commands.hover(boxes.sample_id(3))
    qtbot.keyClick(canvas, KEYS.Key_Return)
    found = frame(canvas)
    assert found is not None
    assert (found.x, found.y, found.zoom) == pytest.approx((*middles[3], 4.0))
    panel.commands.select_samples([boxes.sample_id(k) for k in (1, 6)])
    qtbot.keyClick(canvas, KEYS.Key_Enter)
    found = frame(canvas)
    assert found is not None
    assert (found.x, found.y) == pytest.approx(tuple(middles[[1, 6]].mean(axis=0)))
    panel.commands.select_samples([("another exposure", (0, 0, 9, 9))])
    panel.commands.hover(("another exposure", (0, 0, 9, 9)))
    panel.commands.panes.move(0, START)
    qtbot.keyClick(canvas, KEYS.Key_Enter)
    assert frame(canvas) == START


def test_what_is_seen_of_the_image_cannot_be_pushed_beside_it(
    canvas: Canvas,
    panel: ImagesPanel,  # noqa: F811
) -> None:
    canvas.pan(9999.0, 9999.0)
    shown = now(panel).results.shown
    assert shown is not None
    assert frame(canvas) == Frame(-0.5, shown.height - 0.5, 4.0)
    seen = canvas.viewport.frame
    assert (seen.x, seen.y) == pytest.approx((-0.5, shown.height - 0.5))
    canvas.pan(9999.0, 9999.0)
    seen = canvas.viewport.frame
    assert (seen.x, seen.y) == pytest.approx((-0.5, shown.height - 0.5)), "it stays there"


def test_samples_are_pointed_at_only_where_their_boxes_are_drawn(
    canvas: Canvas,
    panel: ImagesPanel,  # noqa: F811
    qtbot: QtBot,
) -> None:
    pointer = panel.commands.store.pointer
    qtbot.mouseMove(mouse(canvas), at(canvas, 100, 90))
    assert pointer.now.sample is not None
    panel.commands.view(boxes=False)
    qtbot.mouseMove(mouse(canvas), at(canvas, 101, 91))
    assert pointer.now.cursor is not None
    assert pointer.now.sample is None
    qtbot.mouseClick(mouse(canvas), Qt.MouseButton.LeftButton, pos=at(canvas, 100, 90))
    assert not now(panel).selection.samples
    canvas.leaveEvent(QEvent(QEvent.Type.Leave))
    assert pointer.now.cursor is None


def test_the_ring_of_the_focus_is_for_keys_only(
    canvas: Canvas,
    panel: ImagesPanel,  # noqa: F811
) -> None:
    panel.commands.view(edges=False, boxes=False, crosshair=False)
    without = canvas.grab().toImage()
    reasons = Qt.FocusReason
    for reason, ringed in (
        (reasons.TabFocusReason, True),
        (reasons.BacktabFocusReason, True),
        (reasons.ShortcutFocusReason, True),
        (reasons.MouseFocusReason, False),
        (reasons.OtherFocusReason, False),
    ):
        canvas.focusInEvent(QFocusEvent(QEvent.Type.FocusIn, reason))
        assert (canvas.grab().toImage() != without) == ringed, reason
        canvas.focusOutEvent(QFocusEvent(QEvent.Type.FocusOut, reason))
        assert canvas.grab().toImage() == without


def test_a_pane_with_the_focus_is_the_active_one(panel: ImagesPanel) -> None:  # noqa: F811
    event = QFocusEvent(QEvent.Type.FocusIn, Qt.FocusReason.TabFocusReason)
    panel.panes[3].canvas.focusInEvent(event)
    assert now(panel).view.active == 3
    panel.panes[2].open_menu(QPoint(0, 0))
    assert now(panel).view.active == 2
    menu = panel.panes[2].menu
    assert menu is not None
    assert menu.isVisible()
    menu.close()


def test_the_crosshair_is_on_all_panes_that_are_linked(
    panel: ImagesPanel,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for pane in panel.panes:
        monkeypatch.setattr(pane.canvas, "underMouse", lambda: False)
    panel.commands.view(edges=False, boxes=False, crosshair=True)

    def pictures() -> list[QImage]:
        return [pane.canvas.grab().toImage() for pane in panel.panes]

    without = pictures()
    panel.commands.point((60.0, 50.0))
    assert all(one != other for one, other in zip(pictures(), without, strict=True))
    panel.commands.panes.link(False)
    panel.follow(panel.commands.store.pointer.now)
    assert pictures() == without, "the mouse is over none of them"


def test_what_was_dragged_on_the_bar_is_kept_in_the_unit_of_the_layer(
    panel: ImagesPanel,  # noqa: F811
) -> None:
    state = now(panel)  # noqa: F811
    pane = panel.panes[2]
    assert state.view.panes[2] == "model"
    content = content_of(state, "model")
    assert content is not None
    pane.bar.dragged.emit(1000.0, 1200.0)
    low, high = limits_of(now(panel), "model")
    assert (low, high) == pytest.approx((1000 / content.factor, 1200 / content.factor))
    pane.bar.reset.emit()
    assert limits_of(now(panel), "model") == limits_of(state, "model")
    fit = state.results.fit
    assert fit is not None
    solution = replace(fit.solution, scale=-2.0)
    panel.commands.store.set(results=replace(state.results, fit=replace(fit, solution=solution)))
    pane.bar.dragged.emit(-30.0, 10.0)
    assert limits_of(now(panel), "model") == pytest.approx((-5.0, 15.0))


def test_measuring_limits_again_is_of_the_panes_layer(panel: ImagesPanel) -> None:  # noqa: F811
    before = limits_of(now(panel), "exposure"), limits_of(now(panel), "subtracted")
    panel.commands.looks.set_limits("exposure", 1.0, 2.0)
    panel.commands.looks.set_limits("subtracted", -1.0, 1.0)
    pane = panel.panes[3]
    content = content_of(now(panel), "subtracted")
    assert content is not None
    menu = pane.make_menu(now(panel), content)
    next(one for one in menu.actions() if one.text() == "Measure limits again").trigger()
    assert limits_of(now(panel), "exposure") == (1.0, 2.0)
    assert limits_of(now(panel), "subtracted") == before[1]


def test_the_chip_gives_way_to_the_mouse_that_comes_near(
    panel: ImagesPanel,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pane = panel.panes[0]
    panel.commands.view(compass=False)  # which stands there; see test_compass
    home, below = QPoint(4, 4), QPoint(4, pane.height() - 4 - pane.chip.height())
    monkeypatch.setattr(pane.canvas, "underMouse", lambda: True)
    width = pane.chip.width()
    for place, wanted in (
        (QPoint(200, 150), home),
        (QPoint(10, 40), below),
        (QPoint(4 + width + 31, 10), below),
        (QPoint(4 + width + 33, 10), home),
        (QPoint(10, 10), home),
        (QPoint(10, 22 + 33), home),
    ):
        spot = pane.mapToGlobal(place)
        monkeypatch.setattr(QCursor, "pos", staticmethod(lambda spot=spot: spot))
        pane.canvas.view.pointed.emit((1.0, 1.0))
        assert pane.chip.pos() == wanted, place
    monkeypatch.setattr(pane.canvas, "underMouse", lambda: False)
    spot = pane.mapToGlobal(QPoint(10, 40))
    pane._place_chip()
    assert pane.chip.pos() == home


@pytest.mark.qt_log_ignore("This plugin does not support")  # popups, offscreen
def test_the_list_of_planes_answers_to_each_of_its_buttons(
    panel: ImagesPanel,  # noqa: F811
    qtbot: QtBot,
) -> None:
    popup = panel.panes[0].open_planes()
    assert popup.isVisible()
    chip = panel.panes[0].chip
    below = popup.pos() - chip.mapToGlobal(QPoint(0, chip.height()))
    assert 0 <= below.x() <= 4, "at its chip's left, but for a frame"
    assert 1 <= below.y() <= 6
    planes = set(popup.checks)
    buttons = {one.text(): one for one in popup.findChildren(QPushButton)}

    def drawn() -> set[str]:
        view = now(panel).view
        return planes - view.hidden_planes if view.masks else set()

    def checked() -> set[str]:
        return {name for name, check in popup.checks.items() if check.isChecked()}

    for text, wanted in (
        ("all", planes),
        ("none", set()),
        ("those of stats.mask", planes & set(now(panel).config.stats.mask)),
    ):
        buttons[text].click()
        assert drawn() == checked() == wanted, text
    popup.checks["BAD"].click()
    assert drawn() == checked() == (planes & set(now(panel).config.stats.mask)) - {"BAD"}
    buttons["none"].click()
    popup.checks["CR"].click()
    assert drawn() == checked() == {"CR"}
    popup.swatches["SAT"].click()
    (dialog,) = panel.findChildren(QColorDialog)
    assert dialog.windowTitle() == "Colour of SAT"
    assert dialog.isVisible()
    assert dialog.currentColor() == QColor("#cc79a7")
    before = popup.swatches["SAT"].icon().pixmap(14, 14).toImage()
    dialog.colorSelected.emit(QColor("#010203"))
    assert now(panel).view.plane_colours == {"SAT": "#010203"}
    after = popup.swatches["SAT"].icon().pixmap(14, 14).toImage()
    assert before.pixelColor(7, 7) == QColor("#cc79a7")
    assert after.pixelColor(7, 7) == QColor("#010203")
    assert after.pixelColor(0, 0).alpha() < 128, "its corners are round"
    dialog.reject()
    popup.opacity.setValue(2)
    assert now(panel).view.plane_opacity == 0.05
    popup.close()


def test_six_panes_stand_in_columns_with_a_gap(panel: ImagesPanel) -> None:  # noqa: F811
    for n, shape in ((6, (3, 2)), (4, (2, 2)), (4, (4, 1)), (2, (1, 2)), (1, (1, 1))):
        panel.commands.panes.lay_out(n, shape if n != 1 else None)
        columns, rows = panel.shape
        assert (columns, rows) == shape
        panes = [pane for pane in panel.panes if not pane.isHidden()]
        assert len(panes) == n
        width = (900 - 4 * (columns - 1)) // columns
        height = (640 - 4 * (rows - 1)) // rows
        found = [pane.geometry().getRect() for pane in panes]
        assert found == [
            (k % columns * (width + 4), k // columns * (height + 4), width, height)
            for k in range(n)
        ]
    panel.commands.panes.lay_out(2)
    panel.commands.view(active=1)
    zoom = panel.panes[1].canvas.viewport.frame.zoom
    assert panel.canvas.viewport.frame.zoom == zoom
