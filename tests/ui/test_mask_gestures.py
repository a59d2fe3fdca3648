"""Masks by hand are drawn and taken away by mouse and keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from mouse import click, drag, move
from PyQt6.QtCore import QPointF, Qt
from seen import state_of

from skyframe_gui.engine.hand_masks import HandMask, masked_pixels
from skyframe_gui.ui.panels.images import ImagesPanel

if TYPE_CHECKING:
    from collections.abc import Callable

    from nights import Night
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.model.store import Store
    from skyframe_gui.ui.images.canvas import Canvas
    from skyframe_gui.ui.window import MainWindow


@pytest.fixture
def canvas(
    window: MainWindow, qtbot: QtBot, store: Store, night: Night, idle: Callable[[], None]
) -> Canvas:
    seen = state_of(night)
    window.resize(1440, 900)
    store.set(exposures=seen.exposures, selection=seen.selection)
    idle()
    return window.panels.get(ImagesPanel).panes[0].canvas


def at(canvas: Canvas, x: float, y: float) -> QPointF:
    place = canvas.viewport.to_pane(x, y)
    return QPointF(round(place.x()), round(place.y()))


def pixel(canvas: Canvas, x: float, y: float) -> tuple[float, float]:
    place = at(canvas, x, y)
    return canvas.viewport.to_pixel(place.x(), place.y())


def masks(store: Store) -> list[HandMask]:
    return [one.mask for one in store.state.hand_masks]


def test_every_shape_is_drawn_and_undone(
    canvas: Canvas,
    window: MainWindow,
    store: Store,
    idle: Callable[[], None],
    qtbot: QtBot,
) -> None:
    actions = window.actions_.by_id
    assert actions["mask-circle"].shortcut().toString() == "K"
    x0, y0 = store.state.results.shown.xy0
    start, end = (60.0, 50.0), (110.0, 90.0)
    (ax, ay), (bx, by) = pixel(canvas, *start), pixel(canvas, *end)
    expected = {
        "mask-circle": ("circle", (ax, ay, np.hypot(bx - ax, by - ay))),
        "mask-ellipse": (
            "ellipse",
            ((ax + bx) / 2, (ay + by) / 2, (bx - ax) / 2, (by - ay) / 2, 0.0),
        ),
    }
    for tool, (shape, numbers) in expected.items():
        actions[tool].trigger()
        assert store.state.view.tool == tool
        middle = at(canvas, 85, 70)
        drag(canvas.view, [at(canvas, *start), middle, at(canvas, *end)])
        idle()
        (mask,) = masks(store)
        assert mask.shape == shape
        shifted = (numbers[0] + x0, numbers[1] + y0, *numbers[2:])
        np.testing.assert_allclose(mask.numbers, shifted, atol=1e-6)
        shown = store.state.results.shown.exposure
        marked = (shown.mask >> shown.planes["USER"]) & 1 != 0
        np.testing.assert_array_equal(marked, masked_pixels([mask], shown.bbox))
        assert canvas.layers.draft is None
        window.commands.undo()
        idle()
        assert masks(store) == []
    actions["mask-box"].trigger()
    drag(canvas.view, [at(canvas, *start), at(canvas, 85, 70), at(canvas, *end)])
    idle()
    (mask,) = masks(store)
    assert mask.shape == "box"
    assert mask.numbers[2:] == (round(bx) - round(ax) + 1, round(by) - round(ay) + 1, 0)
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert store.state.view.tool == ""


def test_a_polygon_is_closed_by_return_and_dropped_by_escape(
    canvas: Canvas,
    window: MainWindow,
    store: Store,
    idle: Callable[[], None],
    qtbot: QtBot,
) -> None:
    window.actions_.by_id["mask-polygon"].trigger()
    corners = [(40.0, 40.0), (120.0, 45.0), (80.0, 110.0)]
    for x, y in corners:
        canvas.view.clicked.emit(x, y, False)
    assert canvas.layers.draft is not None
    assert masks(store) == []
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.layers.draft is None
    assert store.state.view.tool == "mask-polygon"
    for x, y in corners:
        canvas.view.clicked.emit(x, y, False)
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    idle()
    (mask,) = masks(store)
    np.testing.assert_allclose(mask.corners - store.state.results.shown.xy0, corners)
    # Two corners make none; a double click closes as Return does.
    for x, y in corners[:2]:
        canvas.view.clicked.emit(x, y, False)
    canvas.view.all_wanted.emit()
    assert len(masks(store)) == 1
    assert canvas.layers.draft is None


def test_delete_takes_the_mask_under_the_mouse_away(
    canvas: Canvas,
    window: MainWindow,
    store: Store,
    idle: Callable[[], None],
    qtbot: QtBot,
) -> None:
    window.actions_.by_id["mask-circle"].trigger()
    for x in (50, 150):
        drag(canvas.view, [at(canvas, x, 60), at(canvas, x + 5, 60), at(canvas, x + 20, 60)])
        idle()
    first, second = masks(store)
    assert store.state.selection.mask == store.state.hand_masks[-1].number
    click(canvas.view, at(canvas, 100, 150))
    assert store.state.selection.mask is None
    qtbot.keyClick(canvas, Qt.Key.Key_Delete)
    assert masks(store) == [first, second]
    move(canvas.view, at(canvas, 50, 60))
    qtbot.keyClick(canvas, Qt.Key.Key_Delete)
    idle()
    assert masks(store) == [second]
