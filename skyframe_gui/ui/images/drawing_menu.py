"""Masks, cuts and boxes in the menu of an image, and the mask that is under the mouse."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QMenu

from skyframe_gui.app.model.cuts import CUT_TOOLS, MASK_TOOLS
from skyframe_gui.app.model.mask_rows import words_of
from skyframe_gui.ui.widgets import menu_switch

if TYPE_CHECKING:
    from collections.abc import Callable

    from PyQt6.QtGui import QAction

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.cuts import Tool
    from skyframe_gui.app.model.hand_masks import MaskItem
    from skyframe_gui.ui.images.canvas import Canvas

VISIT, SKY = "Whole visit", "On the sky"
NEW_VISIT, NEW_SKY = "New masks for the whole visit", "New masks on the sky"


def offer_drawing(menu: QMenu, canvas: Canvas) -> None:
    """Add what can be drawn over an image, and what can be done to the mask under the mouse.

    Parameters
    ----------
    menu : QMenu
    canvas : Canvas
        Over which it opens; what is meant is where the mouse is now.
    """
    commands = canvas.commands
    cursor = commands.store.pointer.now.cursor
    if cursor is not None:
        _offer_mask(menu, canvas, cursor)
    masks = _submenu(menu, "Mask by hand")
    _tools(masks, commands, MASK_TOOLS)
    masks.addSeparator()
    offer_width(masks, commands)
    lines = _submenu(menu, "Cut")
    _tools(lines, commands, CUT_TOOLS[:1])
    if cursor is not None:
        _offer(lines, "Row here", partial(commands.cuts.through, "row", *cursor))
        _offer(lines, "Column here", partial(commands.cuts.through, "column", *cursor))
    view = commands.store.state.view
    if view.cut is not None:
        _offer(lines, "Remove the cut", partial(commands.cuts.set_cut, None))
    boxes = _submenu(menu, "Box")
    _tools(boxes, commands, CUT_TOOLS[1:])
    if view.region is not None:
        _offer(boxes, "Remove the box", partial(commands.cuts.set_region, None))


def offer_width(menu: QMenu, commands: Commands) -> None:
    """Add the switches for the masks that are drawn next."""
    view = commands.store.state.view
    wide = menu_switch(menu, NEW_VISIT, view.mask_visits)
    wide.triggered.connect(lambda _=False: commands.switch("mask_visits"))
    sky = menu_switch(menu, NEW_SKY, view.mask_sky)
    sky.triggered.connect(lambda _=False: commands.switch("mask_sky"))


def offer_changes(menu: QMenu, commands: Commands, item: MaskItem) -> None:
    """Add what can be done to a mask: of what it is, what it holds to, and that it goes."""
    masks = commands.masks
    wide = menu_switch(menu, VISIT, not item.exposure)
    wide.triggered.connect(partial(masks.spread, item))
    sky = menu_switch(menu, SKY, item.mask.on_sky)
    sky.triggered.connect(partial(masks.put_on_sky, item))
    _offer(menu, "Remove the mask\tDel", partial(masks.remove, [item]))


def _offer_mask(menu: QMenu, canvas: Canvas, at: tuple[float, float]) -> None:
    hold = canvas.hold
    found = hold.at(*at)
    if found is None:
        return
    words = words_of(found.shape.item)
    _offer(menu, words[:1].upper() + words[1:], lambda: None).setEnabled(False)
    less = hold.corner_at(*at)
    if less is not None:
        _offer(menu, "Remove this corner", partial(hold.put, *less))
    offer_changes(menu, canvas.commands, found.shape.item)
    menu.addSeparator()


def _tools(menu: QMenu, commands: Commands, tools: tuple[tuple[Tool, str, str], ...]) -> None:
    now = commands.store.state.view.tool
    for tool, text, keys in tools:
        action = menu_switch(menu, f"{text}\t{keys}" if keys else text, tool == now)
        action.triggered.connect(lambda on, tool=tool: commands.cuts.use(tool if on else ""))


def _submenu(menu: QMenu, title: str) -> QMenu:
    found = QMenu(title, menu)
    menu.addMenu(found)
    return found


def _offer(menu: QMenu, text: str, act: Callable[[], object]) -> QAction:
    action = menu.addAction(text)
    assert action is not None, "Qt has just made it"
    action.triggered.connect(lambda _=False: act())
    return action
