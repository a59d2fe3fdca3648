"""The list of masks by hand, and the button in the bar that draws them."""

from __future__ import annotations

import os
import shutil
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits
from mouse import click, drag
from nights import CAMERA
from PyQt6.QtCore import QPointF, Qt, QTimer
from PyQt6.QtWidgets import QApplication, QToolButton
from seen import show_night, state_of

from skyframe_gui.app.model.hand_masks import MaskItem
from skyframe_gui.app.model.mask_rows import size_of
from skyframe_gui.app.model.queries import open_exposures, shown_visit, visit_of
from skyframe_gui.engine.hand_masks import HandMask, masked_pixels
from skyframe_gui.numbers import TIMES
from skyframe_gui.ui.panels.compare import ComparePanel
from skyframe_gui.ui.panels.images import ImagesPanel
from skyframe_gui.ui.panels.masks import REMOVE, SKY, VISIT, MasksPanel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nights import Night
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.engine import Exposure
    from skyframe_gui.ui.window import MainWindow

BOX = HandMask("box", (60.0, 50.0, 21.0, 11.0, 0.0))
CHECKED, UNCHECKED = Qt.CheckState.Checked, Qt.CheckState.Unchecked


@pytest.fixture
def shown(window: MainWindow, store: Store, night: Night, idle: Callable[[], None]) -> MainWindow:
    window.resize(1440, 900)
    show_night(store, night)
    idle()
    return window


def texts(panel: MasksPanel, row: int) -> list[str]:
    found = [panel.table.item(row, column) for column in range(3)]
    return [one.text() for one in found if one is not None]


def click_cell(panel: MasksPanel, qtbot: QtBot, row: int, column: int) -> None:
    place = panel.table.visualItemRect(panel.table.item(row, column)).center()
    qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_masks_are_listed_selected_spread_and_removed(
    shown: MainWindow, store: Store, qtbot: QtBot, idle: Callable[[], None]
) -> None:
    key = store.state.selection.exposure
    _, members = shown_visit(store.state)
    other = next(item.key for item in members if item.key != key)
    commands = shown.commands
    commands.masks.add(
        [
            MaskItem(BOX, exposure=key),
            MaskItem(HandMask("ellipse", (150.0, 120.0, 40.0, 15.0, 30.0)), exposure=key),
            MaskItem(BOX, exposure=other),
        ]
    )
    shown.actions_.by_id["list-masks"].trigger()
    idle()
    panel = shown.panels.get(MasksPanel)
    assert panel.isVisible()
    assert panel.table.rowCount() == 2
    assert texts(panel, 0) == ["box", f"21 {TIMES} 11 px", str(21 * 11)]
    assert texts(panel, 1)[:2] == ["ellipse", f"40 {TIMES} 15 px, 30°"]
    assert int(texts(panel, 1)[2]) == pytest.approx(np.pi * 40 * 15, rel=0.01)
    assert panel.subject(store.state) == "2 here, 1 on other detectors"
    assert (
        panel.copied_text()
        .splitlines()[1]
        .startswith(f"box\t21 {TIMES} 11 px\t231\texposure\tpixels")
    )
    # A row that is chosen is selected over the panes, and the other way round.
    click_cell(panel, qtbot, 1, 0)
    first, second, _ = store.state.hand_masks
    assert store.state.selection.mask == second.number
    commands.masks.select(first)
    idle()
    assert {index.row() for index in panel.table.selectedIndexes()} == {0}
    # Of the whole visit, and back.
    panel.table.item(0, VISIT).setCheckState(CHECKED)
    idle()
    visit = visit_of(store.state, key)
    assert store.state.hand_masks[0] == MaskItem(BOX, visit=visit)
    assert [
        item.source.hand_masks for item in open_exposures(store.state) if item.key == other
    ] == [(BOX, BOX)]
    panel.table.item(0, VISIT).setCheckState(UNCHECKED)
    assert store.state.hand_masks[0] == MaskItem(BOX, exposure=key)
    # On the sky, and back: the same pixels.
    exposure = store.state.results.shown.exposure
    panel.table.item(0, SKY).setCheckState(CHECKED)
    idle()
    mask = store.state.hand_masks[0].mask
    assert mask.on_sky
    assert texts(panel, 0) == ["box", size_of(mask), "231"]
    assert "″" in size_of(mask)
    panel.table.item(0, SKY).setCheckState(UNCHECKED)
    back = store.state.hand_masks[0].mask
    assert not back.on_sky
    np.testing.assert_allclose(back.numbers, BOX.numbers, atol=1e-4)
    pixels = masked_pixels([back], exposure.bbox)
    np.testing.assert_array_equal(pixels, masked_pixels([BOX], exposure.bbox))
    # Away by its cross, by Del, and back by undo.
    click_cell(panel, qtbot, 0, REMOVE)
    idle()
    assert panel.table.rowCount() == 1
    click_cell(panel, qtbot, 0, 0)
    qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
    assert [one.exposure for one in store.state.hand_masks] == [other]
    for _ in range(2):
        commands.undo()
    idle()
    assert panel.table.rowCount() == 2


def test_what_has_no_wcs_keeps_its_masks_in_pixels_and_says_why(
    commands: Commands, store: Store, night: Night
) -> None:
    seen = state_of(night)
    store.set(exposures=seen.exposures, selection=seen.selection)
    key = seen.selection.exposure
    bare = SimpleNamespace(key=key, xy0=(0, 0), exposure=SimpleNamespace(wcs=None))
    commands.switch("mask_sky")
    commands.masks.draw(BOX, bare)  # type: ignore[arg-type]  # what is asked of it
    (item,) = store.state.hand_masks
    assert item.mask == BOX
    assert any("WCS" in one.text for one in store.state.problems)


def test_a_detector_without_wcs_stays_in_the_visit_that_is_masked_on_the_sky(
    window: MainWindow, store: Store, night: Night, tmp_path: Path, idle: Callable[[], None]
) -> None:
    paths = [shutil.copy(one, tmp_path) for one in (*night.science, *night.paths[:2])]
    with fits.open(paths[1], mode="update") as file:
        for name in ("CTYPE1", "CTYPE2"):
            del file[1].header[name]
    commands = window.commands
    commands.open(paths)
    idle()
    commands.build()
    idle()
    first, bare = (item.key for item in open_exposures(store.state) if "science" in item.key)
    commands.select_exposure(first)
    commands.switch("mask_sky")
    commands.switch("mask_visits")
    idle()
    shown = store.state.results.shown
    assert shown is not None
    commands.masks.draw(BOX, shown)
    window.actions_.by_id["list-masks"].trigger()
    idle()
    fit, panel = store.state.results.fit, window.panels.get(MasksPanel)
    assert fit is not None
    assert set(fit.keys) == {first, bare}
    assert fit.complete
    assert not store.state.problems
    assert texts(panel, 0)[2] == str(21 * 11)
    name = os.path.basename(paths[1])
    (told,) = [line for line in store.state.log if "no WCS" in line]
    assert told.startswith(f"{name}: 1 mask by hand is on the sky")
    commands.select_exposure(bare)
    idle()
    shown = store.state.results.shown
    assert shown is not None
    assert shown.key == bare
    assert texts(panel, 0)[2] == "no WCS"


def test_the_button_draws_what_was_last_chosen_of_the_visit_or_on_the_sky(
    shown: MainWindow, store: Store, idle: Callable[[], None]
) -> None:
    bar, actions = shown.toolbar, shown.actions_.by_id
    button = bar.findChild(QToolButton, "mask-circle")
    assert button is not None
    assert button.defaultAction() is actions["mask-circle"]
    menu = button.menu()
    offered = [one for one in menu.actions() if not one.isSeparator()]
    assert actions["mask-polygon"] in offered
    # In a narrow window there is no arrow beside it.
    QTimer.singleShot(0, menu.close)
    button.customContextMenuRequested.emit(button.rect().center())
    next(one for one in offered if one is actions["mask-ellipse"]).trigger()
    assert store.state.view.tool == "mask-ellipse"
    assert button.defaultAction() is actions["mask-ellipse"]
    button.click()
    assert store.state.view.tool == ""
    assert button.defaultAction() is actions["mask-ellipse"]
    button.click()
    for name in ("mask-visits", "mask-sky"):
        assert actions[name] in offered
        actions[name].trigger()
    canvas = shown.panels.get(ImagesPanel).panes[0].canvas
    corners = [(90.0, 60.0), (110.0, 80.0), (130.0, 100.0)]
    view = canvas.viewport
    places = [QPointF(view.to_pane(*one).toPoint()) for one in corners]
    drag(canvas.view, places)
    idle()
    (item,) = store.state.hand_masks
    assert item.mask.on_sky
    assert item.visit == visit_of(store.state, store.state.selection.exposure)
    # It is where it was drawn.
    marked = user_pixels(store.state.results.shown.exposure)
    (ax, ay), (bx, by) = (view.to_pixel(one.x(), one.y()) for one in (places[0], places[-1]))
    y, x = np.nonzero(marked)
    assert (x.mean(), y.mean()) == pytest.approx(((ax + bx) / 2, (ay + by) / 2), abs=0.5)
    assert marked.sum() == pytest.approx(np.pi * (bx - ax) / 2 * (by - ay) / 2, rel=0.03)
    # One between two detectors, 40 pixels apart, is on both.
    key, members = store.state.selection.exposure, shown_visit(store.state)[1]
    shown.commands.masks.remove([item])
    beside = HandMask("circle", (260.0, 100.0, 60.0))
    shown.commands.masks.draw(beside, store.state.results.shown)
    found = {
        item.key == key: user_pixels(item.source.read())
        for item in open_exposures(store.state)
        if item.key in {one.key for one in members}
    }
    bbox = (0, 0, CAMERA.width - 1, CAMERA.height - 1)
    # To the rounding of places that are on its edge.
    for is_shown, there in ((True, beside), (False, beside.moved(-CAMERA.width - 40, 0))):
        pixels = masked_pixels([there], bbox)
        assert pixels.sum() > 3000
        assert (found[is_shown] ^ pixels).sum() < 0.01 * pixels.sum()
    idle()


def user_pixels(exposure: Exposure) -> object:
    return (exposure.mask >> exposure.planes["USER"]) & 1 != 0


def test_in_compare_the_tools_act_in_the_column_in_focus_and_masks_are_seen_in_all(
    shown: MainWindow, store: Store, qtbot: QtBot, idle: Callable[[], None]
) -> None:
    commands, actions = shown.commands, shown.actions_.by_id
    commands.pins.pin("A")
    config = store.state.config.model_copy(update={"skyRej": 2.0})
    commands.set_config(config, "skyRej")
    commands.pins.pin("B")
    commands.show_workspace("compare")
    idle()
    columns = shown.panels.get(ComparePanel).columns
    assert columns is not None
    first, second, third = columns.canvases
    shown.activateWindow()
    qtbot.waitUntil(shown.isActiveWindow)
    first.setFocus()
    view = third.viewport
    click(third.view, view.to_pane(20, 20))
    assert QApplication.focusWidget() is third
    actions["cut"].trigger()
    idle()
    assert QApplication.focusWidget() is third
    assert store.state.view.tool == "cut"
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert store.state.view.tool == ""
    actions["mask-circle"].trigger()
    drag(second.view, [QPointF(view.to_pane(*one).toPoint()) for one in ((80, 60), (90, 70))])
    idle()
    (item,) = store.state.hand_masks
    assert all(one.layers.state.hand_masks == (item,) for one in columns.canvases)
    moved = HandMask("circle", (120.0, 90.0, 14.0))
    commands.masks.change(item, moved)
    qtbot.waitUntil(
        lambda: all(one.layers.state.hand_masks[0].mask == moved for one in columns.canvases),
        timeout=100,
    )
    assert store.state.results.shown.exposure is not None
    idle()
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Delete)
    idle()
    assert store.state.hand_masks == ()
    assert [one.layers._masks_key() for one in columns.canvases] == [None] * 3


def test_a_mask_of_many_is_selected_without_measuring_the_table_for_each_of_them(
    shown: MainWindow, store: Store, idle: Callable[[], None]
) -> None:
    key, masks = store.state.selection.exposure, shown.commands.masks
    boxes = [HandMask("circle", (10.0 + n, 50.0, 3.0)) for n in range(60)]
    masks.add(MaskItem(one, exposure=key) for one in boxes)
    shown.actions_.by_id["list-masks"].trigger()
    idle()
    table = shown.panels.get(MasksPanel).table
    model = table.model()
    assert model is not None
    assert table.rowCount() == 60
    told: list[int] = []
    model.dataChanged.connect(lambda first, last, roles: told.append(last.row()))
    masks.select(store.state.hand_masks[40])
    idle()
    assert table.currentRow() == 40
    assert len(told) < 5
    masks.change(store.state.hand_masks[40], BOX)
    idle()
    assert texts(shown.panels.get(MasksPanel), 40)[0] == "box"
    assert len(told) < 10
