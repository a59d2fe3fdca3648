"""Masks by hand are selected, moved, resized, turned and taken away by mouse and keys."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from mouse import SHIFT, click, drag, move
from PyQt6.QtCore import QPointF, Qt
from seen import show_night

from skyframe_gui.app.model.hand_masks import MaskItem
from skyframe_gui.engine.hand_masks import HandMask, masked_pixels
from skyframe_gui.ui.images.mask_grips import grips_of
from skyframe_gui.ui.panels.images import ImagesPanel

if TYPE_CHECKING:
    from collections.abc import Callable

    from nights import Night
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.model.store import Store
    from skyframe_gui.ui.images.canvas import Canvas
    from skyframe_gui.ui.window import MainWindow

BLANK = (12.0, 12.0)
"""A place without a mask."""


class Hand:
    """A mouse over the first pane of a visit; places are pixels of the exposure's array."""

    def __init__(
        self, window: MainWindow, qtbot: QtBot, store: Store, idle: Callable[[], None]
    ) -> None:
        self.window, self.qtbot, self.store, self.idle = window, qtbot, store, idle

    @property
    def canvas(self) -> Canvas:
        return self.window.panels.get(ImagesPanel).panes[0].canvas

    def at(self, x: float, y: float) -> QPointF:
        place = self.canvas.viewport.to_pane(x, y)
        return QPointF(round(place.x()), round(place.y()))

    def pixel(self, x: float, y: float) -> tuple[float, float]:
        place = self.at(x, y)
        return self.canvas.viewport.to_pixel(place.x(), place.y())

    def mask(self, mask: HandMask) -> HandMask:
        """Mask a region of the array and return it as the session has it."""
        shown = self.store.state.results.shown
        mask = mask.moved(*shown.xy0)
        self.window.commands.masks.add([MaskItem(mask, exposure=shown.key)])
        self.idle()
        return mask

    @property
    def masks(self) -> list[HandMask]:
        """What is masked, in pixels of the array."""
        x0, y0 = self.store.state.results.shown.xy0
        return [one.mask.moved(-x0, -y0) for one in self.store.state.hand_masks]

    @property
    def selected(self) -> list[HandMask]:
        x0, y0 = self.store.state.results.shown.xy0
        number = self.store.state.selection.mask
        return [
            one.mask.moved(-x0, -y0) for one in self.store.state.hand_masks if one.number == number
        ]

    def click(self, x: float, y: float) -> None:
        click(self.canvas.view, self.at(x, y))

    def drag(
        self, start: tuple[float, float], end: tuple[float, float], shift: bool = False
    ) -> tuple[tuple[float, float], tuple[float, float]]:
        """Drag from one pixel to another one; return where the mouse really was."""
        between = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
        places = [self.at(*one) for one in (start, between, end)]
        ends = self.pixel(*start), self.pixel(*end)
        drag(self.canvas.view, places, *([SHIFT] if shift else []))
        return ends

    def grip(self, what: str) -> tuple[float, float]:
        (mask,) = self.selected
        found = {one.what: one for one in grips_of(mask, self.canvas.viewport.frame.zoom)}
        return found[what].x, found[what].y

    def key(self, key: Qt.Key, *keys: Qt.KeyboardModifier) -> None:
        self.qtbot.keyClick(self.canvas, key, *keys)


@pytest.fixture
def hand(
    window: MainWindow, qtbot: QtBot, store: Store, night: Night, idle: Callable[[], None]
) -> Hand:
    window.resize(1440, 900)
    show_night(store, night)
    idle()
    return Hand(window, qtbot, store, idle)


def test_a_circle_is_selected_moved_resized_and_removed_each_in_one_step(hand: Hand) -> None:
    first = hand.mask(HandMask("circle", (100.0, 80.0, 30.0)))
    commands, view = hand.window.commands, hand.canvas.view
    frame = hand.canvas.viewport.frame
    # Inside of one that is not selected a click and a drag are for what lies under it.
    hand.click(100, 80)
    assert hand.selected == []
    (sample,) = hand.store.state.selection.samples
    assert sample[1][0] <= 100 < sample[1][2]
    hand.drag((100, 80), (104, 80))
    assert hand.masks == [HandMask("circle", (100.0, 80.0, 30.0))]
    commands.panes.move(0, None)
    assert hand.canvas.viewport.frame == frame
    # At its outline the mouse tells of it, and a click selects it.
    assert view.cursor().shape() != Qt.CursorShape.PointingHandCursor
    move(view, hand.at(130, 80))
    assert hand.canvas.layers.pointed_mask == hand.store.state.hand_masks[0].number
    assert view.cursor().shape() == Qt.CursorShape.PointingHandCursor
    hand.click(100, 110)
    assert hand.selected == hand.masks
    assert hand.store.state.selection.samples == {sample}
    # Now all of it can be moved, by whole pixels, and what lies under it clicked at.
    move(view, hand.at(100, 80))
    assert view.cursor().shape() == Qt.CursorShape.SizeAllCursor
    start, end = hand.drag((105, 85), (125, 75))
    shift = np.round(np.subtract(end, start))
    moved = HandMask("circle", (100.0 + shift[0], 80.0 + shift[1], 30.0))
    assert hand.masks == [moved] == hand.selected
    hand.idle()
    shown = hand.store.state.results.shown.exposure
    marked = (shown.mask >> shown.planes["USER"]) & 1 != 0
    expected = masked_pixels([hand.store.state.hand_masks[0].mask], shown.bbox)
    np.testing.assert_array_equal(marked, expected)
    hand.click(*moved.numbers[:2])
    assert hand.selected == [moved]
    # Its grips.
    _, end = hand.drag(hand.grip("radius 1"), (moved.numbers[0] + 3, moved.numbers[1] + 42))
    (wide,) = hand.masks
    radius = math.dist(end, moved.numbers[:2])
    assert wide.numbers == pytest.approx((*moved.numbers[:2], radius))
    hand.key(Qt.Key.Key_Left)
    assert hand.masks == [wide.moved(-1, 0)]
    hand.key(Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert hand.masks == [wide.moved(-1, 10)]
    hand.key(Qt.Key.Key_Delete)
    assert hand.masks == []
    assert hand.canvas.viewport.frame == frame
    # Every gesture was one step, and a mask that comes back is selected still.
    steps = ([wide.moved(-1, 10)], [wide.moved(-1, 0)], [wide], [moved])
    for masks in steps:
        commands.undo()
        assert hand.masks == hand.selected == masks
    commands.undo()
    assert [one.mask for one in hand.store.state.hand_masks] == [first]
    commands.undo()
    assert hand.masks == []
    hand.idle()


def test_a_key_that_is_held_is_one_step_and_escape_lets_go(hand: Hand) -> None:
    hand.mask(HandMask("circle", (100.0, 80.0, 30.0)))
    (before,) = hand.masks
    hand.click(100, 110)
    for _ in range(3):
        hand.qtbot.keyPress(hand.canvas, Qt.Key.Key_Right)
    assert hand.masks == [before]
    assert hand.canvas.layers.held == (hand.store.state.selection.mask, before.moved(3, 0))
    hand.qtbot.keyRelease(hand.canvas, Qt.Key.Key_Right)
    assert hand.masks == [before.moved(3, 0)]
    hand.window.commands.undo()
    assert hand.masks == [before]
    places = [hand.at(*one) for one in ((100, 80), (110, 90), (120, 100))]
    drag(hand.canvas.view, places, let_go=False)
    assert hand.canvas.layers.held is not None
    hand.key(Qt.Key.Key_Escape)
    assert hand.canvas.layers.held is None
    drag(hand.canvas.view, [hand.at(*BLANK)])
    assert hand.masks == [before]
    hand.click(100, 110)
    hand.key(Qt.Key.Key_Escape)
    assert hand.selected == []
    frame = hand.canvas.viewport.frame
    hand.key(Qt.Key.Key_Right)
    assert hand.canvas.viewport.frame != frame
    assert hand.masks == [before]


def test_angles_sizes_and_corners_are_pulled_by_grips(hand: Hand) -> None:
    for shape in ("ellipse", "box"):
        pull_angle_and_sizes(hand, shape)
        hand.key(Qt.Key.Key_Delete)
        assert hand.masks == []
    pull_corners(hand)
    hand.idle()


def pull_angle_and_sizes(hand: Hand, shape: str) -> None:
    size = (40.0, 18.0) if shape == "ellipse" else (61.0, 31.0)
    hand.mask(HandMask(shape, (100.0, 80.0, *size, 0.0)))
    hand.click(*((140, 80) if shape == "ellipse" else (130.5, 88)))
    assert hand.selected
    if shape == "box":  # without an angle along the edges of pixels, the other corner stays
        hand.drag(hand.grip("corner 1 1"), (140.2, 109.7))
        (mask,) = hand.masks
        x, y, width, height, angle = mask.numbers
        assert (x - width / 2, y - height / 2, angle) == (69.5, 64.5, 0.0)
        assert width == round(width)
        assert x + width / 2 == pytest.approx(140.2, abs=1.5)
        assert y + height / 2 == pytest.approx(109.7, abs=1.5)
    _, end = hand.drag(hand.grip("turn"), (130, 130))
    (mask,) = hand.masks
    middle = mask.numbers[:2]
    turned = math.degrees(math.atan2(end[1] - middle[1], end[0] - middle[0]))
    assert mask.numbers[4] == pytest.approx(turned)
    hand.drag(hand.grip("turn"), (160, 130), shift=True)
    (mask,) = hand.masks
    assert mask.numbers[4] % 15 == 0 != mask.numbers[4]
    angle = math.radians(mask.numbers[4])
    along = np.array([math.cos(angle), math.sin(angle)])
    if shape == "ellipse":
        _, end = hand.drag(hand.grip("axis 0 -1"), tuple(np.array(middle) - 50 * along))
        (wide,) = hand.masks
        assert wide.numbers[2] == pytest.approx(abs((np.array(end) - middle) @ along))
        assert wide.numbers[3:] == mask.numbers[3:]
        assert wide.numbers[:2] == middle
    else:
        fixed = np.array(hand.grip("corner -1 -1"))
        _, end = hand.drag(hand.grip("corner 1 1"), (118, 128))
        np.testing.assert_allclose(hand.grip("corner -1 -1"), fixed)
        np.testing.assert_allclose(hand.grip("corner 1 1"), end)


def pull_corners(hand: Hand) -> None:
    hand.mask(HandMask("polygon", (60.0, 50.0, 160.0, 55.0, 110.0, 130.0)))
    hand.click(60, 50)
    assert hand.selected
    _, end = hand.drag(hand.grip("corner 1"), (170, 60))
    (mask,) = hand.masks
    assert math.dist(mask.corners[1], end) < 3
    np.testing.assert_array_equal(mask.corners[[0, 2]], [(60, 50), (110, 130)])
    _, end = hand.drag(hand.grip("side 0"), (115, 30))
    (mask,) = hand.masks
    assert len(mask.corners) == 4
    np.testing.assert_allclose(mask.corners[1], end)
    pane = hand.window.panels.get(ImagesPanel).panes[0]
    move(hand.canvas.view, hand.at(115, 30))
    menu = pane.make_menu(hand.store.state, pane._content)
    less = next(one for one in menu.actions() if one.text() == "Remove this corner")
    less.trigger()
    (mask,) = hand.masks
    assert len(mask.corners) == 3
    move(hand.canvas.view, hand.at(60, 50))
    menu = pane.make_menu(hand.store.state, pane._content)
    assert "Remove this corner" not in [one.text() for one in menu.actions()]
